//! `cargo xtask bench --on MACHINE --peers`: the same programs and counter under Wasmote's peers, an image for each that builds for the
//! machine's target, beside Wasmote's and native figures of the same run.
//!
//! What does not build and what does not run is told with its reason. `tests/workloads/chips-peers.toml` keeps the figures.

use super::images::{self, Built, PEERS, Peer};
use super::{Programs, ROUNDS, mean, ratio, told};
use crate::programs::Program;
use crate::setup::process;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;
use wasmote_tests::emulated::{Chip, Machine};

/// How long a program may take: most take a second.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Instructions of a program under a peer.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Figures {
    run: u64,
    /// Running with metering, if the peer can do that.
    #[serde(skip_serializing_if = "Option::is_none")]
    metered: Option<u64>,
    /// Decoding, validating, preparing.
    load: u64,
}

/// What is known of a peer on a machine.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
#[serde(deny_unknown_fields)]
struct Outcome {
    target: String,
    /// Why there is no image, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_built: Option<String>,
    /// Bytes of the image beyond one without an engine.
    #[serde(default)]
    flash: u64,
    /// The most native stack under the engine, in bytes; no more than 1 MiB is looked at.
    #[serde(default)]
    stack: u64,
    #[serde(default)]
    programs: BTreeMap<String, Figures>,
    /// Programs that do not run, and why.
    #[serde(default)]
    not_run: BTreeMap<String, String>,
}

/// By peer.
type Outcomes = BTreeMap<String, Outcome>;

/// The figures of all machines that were measured, and those that are kept.
pub(super) struct Peers {
    kept: BTreeMap<String, Outcomes>,
}

impl Peers {
    /// What is kept, before anything is measured.
    pub(super) fn begin() -> Result<Peers> {
        let kept = fs::read_to_string(path()).unwrap_or_default();
        let kept = toml::from_str(&kept).with_context(|| path().display().to_string())?;
        Ok(Peers { kept })
    }

    /// Measures all peers on a machine, where Wasmote took so many instructions. What the names of the programs contain is told
    /// if their figures are to be kept.
    pub(super) fn measure(
        &mut self,
        machine: &Machine,
        wasmote: &Programs,
        programs: &[Program],
        only: Option<&str>,
    ) -> Result<()> {
        let empty = images::build(machine, None)?.flash;
        let mut summary = vec![ours(wasmote)];
        for peer in &PEERS {
            let outcome = match images::build(machine, Some(peer)) {
                Ok(built) => outcome(machine, peer, &built, empty, programs),
                Err(error) => Outcome {
                    target: images::triple(machine, peer).to_owned(),
                    not_built: Some(images::why(&format!("{error:#}"))),
                    ..Outcome::default()
                },
            };
            print(machine, peer.name, &outcome, wasmote);
            summary.push(line(peer.name, &outcome, wasmote));
            if let Some(only) = only {
                let kept = self.kept.entry(machine.name.to_owned()).or_default();
                keep(kept.entry(peer.name.to_owned()).or_default(), outcome, peer.name, only);
            }
        }
        println!("{}: peers, geometric means over the programs that each runs", machine.name);
        println!(
            "{:12}{:>9}{:>9}{:>10}{:>10}{:>8}{:>10}{:>9}",
            "engine", "programs", "/native", "/wasmote", "metered", "load", "flash", "stack"
        );
        summary.iter().for_each(|line| println!("{line}"));
        Ok(())
    }

    /// Writes what is kept now.
    pub(super) fn write(&self) -> Result<()> {
        Ok(fs::write(path(), write(&self.kept))?)
    }
}

fn path() -> PathBuf {
    process::root().join("tests/workloads/chips-peers.toml")
}

/// What an image said, without line ends, shortened.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    if text.is_empty() { "it ends without a word".to_owned() } else { text.chars().take(160).collect() }
}

/// Runs the programs on an image.
fn outcome(machine: &Machine, peer: &Peer, built: &Built, empty: u64, programs: &[Program]) -> Outcome {
    let mut outcome =
        Outcome { target: built.triple.to_owned(), flash: built.flash.saturating_sub(empty), ..Outcome::default() };
    let chip = Chip::new(Machine { features: images::board(machine), ..*machine }, &built.file).within(TIME_LIMIT);
    let mut late = None;
    for program in programs {
        let name = program.name.as_str();
        if let Some(late) = late {
            outcome.not_run.insert(name.to_owned(), format!("not tried, for {late} does not end"));
            continue;
        }
        let report = fs::read(program.module(peer.first_version))
            .and_then(|wasm| chip.measure(program.asked_for(), ROUNDS, &wasm));
        let number = |key: &str| report.as_ref().ok().and_then(|report| report.get(key)).copied().unwrap_or(0);
        let why = match (&report, program.checksum) {
            (Err(error), _) => Some(one_line(&error.to_string())),
            (Ok(_), Some(checksum)) if number("sum") != u64::from(checksum) => {
                Some(format!("its checksum is {:#x}, not {checksum:#x}", number("sum")))
            }
            (Ok(_), _) => None,
        };
        if matches!(&report, Err(error) if error.kind() == ErrorKind::TimedOut) {
            late = Some(name);
        }
        if let Some(why) = why {
            outcome.not_run.insert(name.to_owned(), why);
            continue;
        }
        let metered = peer.meters.then(|| number("metered"));
        outcome.programs.insert(name.to_owned(), Figures { run: number("run"), metered, load: number("load") });
        outcome.stack = outcome.stack.max(number("stack"));
    }
    outcome
}

/// Prints a peer's programs beside Wasmote's and native code.
fn print(machine: &Machine, name: &str, outcome: &Outcome, wasmote: &Programs) {
    if let Some(why) = &outcome.not_built {
        println!("{name} is not built for {}: {why}", outcome.target);
        return;
    }
    println!("{name} on {}, {}: instructions for {ROUNDS} rounds", machine.name, outcome.target);
    println!(
        "{:16}{:>12}{:>12}{:>12}{:>9}{:>10}{:>12}{:>12}{:>10}",
        "program", "native", "wasmote", "peer", "/native", "/wasmote", "metered", "load", "/wasmote"
    );
    for (program, peer) in &outcome.programs {
        let Some(ours) = wasmote.get(program) else { continue };
        println!(
            "{program:16}{:>12}{:12}{:12}{:>9}{:10.2}{:>12}{:12}{:10.2}",
            told(ours.native.map(|native| native.to_string())),
            ours.wasmote,
            peer.run,
            told(ours.native.map(|native| format!("{:.2}", peer.run as f64 / native as f64))),
            peer.run as f64 / ours.wasmote as f64,
            told(peer.metered.map(|metered| metered.to_string())),
            peer.load,
            peer.load as f64 / ours.load as f64
        );
    }
    outcome.not_run.iter().for_each(|(program, why)| println!("{program:16}does not run: {why}"));
}

/// Wasmote's line in the table of means; its flash and native stack are told by `size` and `testsuite`.
fn ours(wasmote: &Programs) -> String {
    let native = told_mean(wasmote.values().map(ratio));
    format!("{:12}{:9}{native:>9}{:10.2}{:10.2}{:8.2}", "wasmote", wasmote.len(), 1.0, 1.0, 1.0)
}

/// The geometric mean, if all of it is known.
fn told_mean(ratios: impl Iterator<Item = Option<f64>>) -> String {
    let ratios: Option<Vec<f64>> = ratios.collect();
    told(ratios.map(|ratios| format!("{:.2}", mean(ratios.into_iter()))))
}

/// A peer's line in the table of means.
fn line(name: &str, outcome: &Outcome, wasmote: &Programs) -> String {
    if let Some(why) = &outcome.not_built {
        return format!("{name:12}not built: {why}");
    }
    let both = || outcome.programs.iter().filter_map(|(name, peer)| Some((peer, wasmote.get(name)?)));
    if both().next().is_none() {
        let why = outcome.not_run.values().next().map_or("no program was asked for", String::as_str);
        return format!("{name:12}runs nothing: {why}");
    }
    let native = told_mean(both().map(|(peer, ours)| Some(peer.run as f64 / ours.native? as f64)));
    let run = mean(both().map(|(peer, ours)| peer.run as f64 / ours.wasmote as f64));
    let load = mean(both().map(|(peer, ours)| peer.load as f64 / ours.load as f64));
    let metered = both()
        .all(|(peer, _)| peer.metered.is_some())
        .then(|| mean(both().map(|(peer, ours)| peer.metered.unwrap_or(peer.run) as f64 / ours.wasmote as f64)));
    format!(
        "{name:12}{:9}{native:>9}{run:10.2}{:>10}{load:8.2}{:10}{:9}",
        both().count(),
        told(metered.map(|metered| format!("{metered:.2}"))),
        outcome.flash,
        outcome.stack
    )
}

/// Puts what was measured in place of what is kept, and prints what moved. Programs that were not asked for stay.
fn keep(kept: &mut Outcome, now: Outcome, name: &str, only: &str) {
    let Outcome { mut programs, mut not_run, stack, .. } = std::mem::take(kept);
    for (program, now) in &now.programs {
        if let Some(before) = programs.get(program).filter(|before| *before != now) {
            println!("  moved: {program} under {name}, {before:?} to {now:?}");
        }
    }
    programs.retain(|program, _| !program.contains(only));
    not_run.retain(|program, _| !program.contains(only));
    let stack = if programs.is_empty() { now.stack } else { now.stack.max(stack) };
    *kept = Outcome { stack, ..now };
    kept.programs.extend(programs);
    kept.not_run.extend(not_run);
}

/// One line for each program.
fn write(kept: &BTreeMap<String, Outcomes>) -> String {
    let mut text = String::from(
        "# Peers on emulated chips: `cargo xtask bench --on all --peers --update`. Bytes and instructions.\n",
    );
    let quoted = |text: &str| toml::Value::from(text).to_string();
    for (machine, outcomes) in kept {
        for (peer, Outcome { target, not_built, flash, stack, programs, not_run }) in outcomes {
            text += &format!("\n[{machine}.{peer}]\ntarget = {}\n", quoted(target));
            if let Some(why) = not_built {
                text += &format!("not_built = {}\n", quoted(why));
                continue;
            }
            text += &format!("flash = {flash}\nstack = {stack}\n");
            for (name, Figures { run, metered, load }) in programs {
                let metered = metered.map_or(String::new(), |metered| format!(", metered = {metered}"));
                text += &format!("programs.{name} = {{ run = {run}{metered}, load = {load} }}\n");
            }
            for (name, why) in not_run {
                text += &format!("not_run.{name} = {}\n", quoted(why));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Figures as Ours;
    use super::{Figures, Outcome, Outcomes, keep, line, one_line, write};
    use std::collections::BTreeMap;

    fn outcome() -> Outcome {
        let figures = Figures { run: 200, metered: Some(300), load: 50 };
        Outcome {
            target: "thumbv7m-none-eabi".into(),
            flash: 1000,
            stack: 400,
            programs: BTreeMap::from([("crc".into(), figures), ("lz".into(), Figures { metered: None, ..figures })]),
            not_run: BTreeMap::from([("fft".into(), "it says \"no\"".into())]),
            not_built: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let unbuilt =
            Outcome { target: "thumbv6m-none-eabi".into(), not_built: Some("no `Arc`".into()), ..Outcome::default() };
        let kept = BTreeMap::from([(
            "chip".to_owned(),
            Outcomes::from([("one".to_owned(), outcome()), ("two".to_owned(), unbuilt)]),
        )]);
        let again: BTreeMap<String, Outcomes> = toml::from_str(&write(&kept)).expect("it is TOML");
        assert_eq!(again, kept);
    }

    #[test]
    fn a_line_has_the_means_of_what_both_run() {
        let ours = Ours { native: Some(10), wasmote: 100, load: 25 };
        let words = |line: String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let crc = BTreeMap::from([("crc".to_owned(), ours)]);
        let of_crc = words(line("one", &outcome(), &crc));
        assert_eq!(of_crc, ["one", "1", "20.00", "2.00", "3.00", "2.00", "1000", "400"]);
        let both = BTreeMap::from([("crc".to_owned(), ours), ("lz".to_owned(), Ours { wasmote: 400, ..ours })]);
        assert_eq!(words(line("one", &outcome(), &both))[3..5], ["1.00", "-"], "lz is not metered");
        assert_eq!(line("one", &outcome(), &BTreeMap::new()), "one         runs nothing: it says \"no\"");
    }

    #[test]
    fn a_program_that_was_not_asked_for_stays() {
        let mut kept = outcome();
        let now =
            Outcome { programs: BTreeMap::new(), not_run: BTreeMap::from([("crc".into(), "no".into())]), ..outcome() };
        keep(&mut kept, now, "one", "crc");
        assert_eq!(kept.programs.keys().collect::<Vec<_>>(), ["lz"]);
        assert_eq!(kept.not_run.keys().collect::<Vec<_>>(), ["crc", "fft"]);
    }

    #[test]
    fn a_reason_is_one_line() {
        assert_eq!(one_line("panicked at\n  x.rs:\nno"), "panicked at x.rs: no");
        assert_eq!(one_line("\n"), "it ends without a word");
    }
}

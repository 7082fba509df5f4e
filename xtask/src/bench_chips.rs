//! `cargo xtask bench --on MACHINE`: programs on an emulated chip in counted instructions (in rp2040js in cycles too), Wasmote
//! against native code of the same source, held against figures that are checked in.
//!
//! With `--peers` other interpreters run the same programs (`peers`). Modules of others (`--modules`) are not in the firmware, so
//! that there is nothing native beside them, and nothing is kept of them.
//!
//! Every count is the same on each run, so that a difference is a change: what moved is printed. Machines that get slower as a
//! whole fail, and so do those that no longer have the memory for a program.

mod images;
mod peers;

use crate::firmware;
use crate::programs::{self, KNOWN as ROUNDS, Program, Sources};
use crate::setup::process;
use anyhow::{Context, Result, bail, ensure};
use peers::Peers;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use wasmote_tests::emulated::{Chip, MEASURED, Machine, RP2040JS};

/// How much slower a machine may get, over all programs, before that is a failure.
const TOLERANCE: f64 = 1.02;

/// What a machine's name is followed by where its cycles are kept and not its instructions.
const CYCLES: &str = "-cycles";

/// Instructions of a program, or cycles.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq)]
#[serde(deny_unknown_fields)]
struct Figures {
    /// Of the same source, if it is in the firmware.
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<u64>,
    wasmote: u64,
    /// Decoding, validating, preparing.
    load: u64,
}

/// By program.
type Programs = BTreeMap<String, Figures>;
/// By machine, with its cycles, if it counts them, as a machine of their own.
type Kept = BTreeMap<String, Programs>;

/// What is measured.
pub(crate) struct Asked<'a> {
    /// A machine's name, or `all`: those whose emulators are there.
    pub(crate) on: &'a str,
    /// What the programs' names contain.
    pub(crate) program: &'a str,
    /// A folder of modules instead of the programs of the tree.
    pub(crate) modules: Option<&'a Path>,
    /// What fuel costs, and nothing else.
    pub(crate) fuel: bool,
    /// Wasmote's peers too.
    pub(crate) peers: bool,
    /// What was measured is to be kept.
    pub(crate) update: bool,
}

/// Measures.
pub(crate) fn run(asked: &Asked<'_>) -> Result<()> {
    let Asked { on, program, fuel, update, .. } = *asked;
    let machines: Vec<&Machine> = MEASURED.iter().filter(|m| on == "all" || m.name == on).collect();
    let names: Vec<&str> = MEASURED.iter().map(|machine| machine.name).collect();
    ensure!(!machines.is_empty(), "no machine {on}: all, {}", names.join(", "));
    let path = process::root().join("tests/workloads/chips.toml");
    let mut kept: Kept = toml::from_str(&fs::read_to_string(&path).unwrap_or_default())?;
    let mut programs = match asked.modules {
        Some(folder) => programs::of_folder(folder, program)?,
        None => programs::of_tree(Sources::Rust, program, asked.peers)?,
    };
    let mut peers = asked.peers.then(Peers::begin).transpose()?;
    let mut worse = Vec::new();
    for machine in machines {
        if let Some(why) = firmware::not_run(machine).filter(|_| on == "all" && machine.emulator == RP2040JS) {
            println!("{why}");
            continue;
        }
        let image = firmware::build(*machine)?;
        let measured = measure(&firmware::chip(*machine, &image), &mut programs)?;
        if fuel {
            print_fuel(machine, &measured, &mut programs)?;
            continue;
        }
        match &mut peers {
            Some(_) if machine.emulator == RP2040JS => {
                println!("peers are not measured on {}: its memory is small", machine.name)
            }
            Some(peers) => {
                let kept = asked.modules.is_none().then_some(program);
                peers.measure(machine, &measured[machine.name], &programs, kept)?
            }
            None => {}
        }
        if asked.modules.is_some() {
            continue;
        }
        for (table, now) in measured {
            let before = kept.entry(table.clone()).or_default();
            if moved(&table, before, &now) > TOLERANCE || misses(&table, before, &now, program) {
                worse.push(table);
            }
            if update {
                before.retain(|name, _| !name.contains(program));
                before.extend(now);
            }
        }
    }
    if update {
        fs::write(&path, write(&kept))?;
        peers.map_or(Ok(()), |peers| peers.write())?;
    } else if !worse.is_empty() {
        bail!("worse than what tests/workloads/chips.toml keeps: {}; --update keeps it", worse.join(", "));
    }
    Ok(())
}

/// What fuel costs a machine, by a build that charges nothing.
fn print_fuel(machine: &Machine, metered: &Kept, programs: &mut [Program]) -> Result<()> {
    let image = firmware::unmetered(*machine)?;
    let unmetered = measure(&firmware::chip(*machine, &image), programs)?;
    for (table, metered) in metered {
        let mut costs = Vec::new();
        for (name, with) in metered {
            let Some(without) = unmetered.get(table).and_then(|programs| programs.get(name)) else { continue };
            let cost = with.wasmote as f64 / without.wasmote as f64;
            println!("  fuel: {name} {:+.2} %", (cost - 1.0) * 100.0);
            costs.push(cost);
        }
        let cost = (mean(costs.into_iter()) - 1.0) * 100.0;
        println!("  fuel costs {}, all programs: {cost:+.2} % of the {}", machine.name, unit(table));
    }
    Ok(())
}

/// Measures the programs on a chip. One for which it has not the memory is named, and so is a module that nobody has tried if it
/// does not run; its checksum is then known.
fn measure(chip: &Chip<'_>, programs: &mut [Program]) -> Result<Kept> {
    let name = chip.machine.name;
    let (instructions, cycles) = (name.to_owned(), format!("{name}{CYCLES}"));
    let mut all = Kept::from([(instructions.clone(), Programs::new())]);
    let mut fuel = BTreeMap::new();
    print_head(chip, &instructions);
    for program in programs {
        let name = program.name.as_str();
        let report = match chip.measure(program.asked_for(), ROUNDS, &fs::read(program.module(false))?) {
            Err(error) if error.kind() == ErrorKind::OutOfMemory => {
                println!("{name:16}  skipped: {error}");
                continue;
            }
            Err(error) if !program.is_ours => {
                println!("{name:16}  does not run: {error}");
                continue;
            }
            report => report.with_context(|| name.to_owned())?,
        };
        let number = |key: &str| report.get(key).copied().unwrap_or(0);
        let checksum = u64::from(*program.checksum.get_or_insert(number("sum") as u32));
        let native_sum = if program.is_ours { number("native_sum") } else { checksum };
        for sum in [native_sum, number("sum")] {
            ensure!(sum == checksum, "{name} on {} gives {sum:#x}, not {checksum:#x}", chip.machine.name);
        }
        let native = report.get("native").copied();
        let figures = Figures { native, wasmote: number("run"), load: number("load") };
        print_row(name, &figures, number("fuel"));
        fuel.insert(name, number("fuel"));
        all.entry(instructions.clone()).or_default().insert(name.to_owned(), figures);
        if let Some(&wasmote) = report.get("run_cycles") {
            let native = report.get("native_cycles").copied().filter(|_| native.is_some());
            let figures = Figures { native, wasmote, load: number("load_cycles") };
            all.entry(cycles.clone()).or_default().insert(name.to_owned(), figures);
        }
    }
    print_mean(&all[&instructions]);
    if let Some(programs) = all.get(&cycles) {
        print_head(chip, &cycles);
        programs.iter().for_each(|(name, figures)| print_row(name, figures, fuel[name.as_str()]));
        print_mean(programs);
    }
    Ok(all)
}

fn unit(table: &str) -> &'static str {
    if table.ends_with(CYCLES) { "cycles" } else { "instructions" }
}

fn print_head(chip: &Chip<'_>, table: &str) {
    println!("{}, {}: {} for {ROUNDS} rounds", chip.machine.name, chip.machine.triple, unit(table));
    println!("{:16}{:>12}{:>12}{:>8}{:>12}{:>12}", "program", "native", "wasmote", "ratio", "fuel", "load");
}

fn print_row(name: &str, figures: &Figures, fuel: u64) {
    let Figures { native, wasmote, load } = figures;
    let native = told(native.map(|native| native.to_string()));
    let ratio = told(ratio(figures).map(|ratio| format!("{ratio:.2}")));
    println!("{name:16}{native:>12}{wasmote:12}{ratio:>8}{fuel:12}{load:12}");
}

fn print_mean(programs: &Programs) {
    if programs.values().any(|figures| figures.native.is_some()) {
        println!("{:16}{:32.2}", "geometric mean", mean(programs.values().filter_map(ratio)));
    }
}

/// What is known of something.
fn told(known: Option<String>) -> String {
    known.unwrap_or_else(|| "-".to_owned())
}

/// Against native code.
fn ratio(figures: &Figures) -> Option<f64> {
    figures.native.map(|native| figures.wasmote as f64 / native as f64)
}

/// The geometric mean.
fn mean(ratios: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = ratios.fold((0.0, 0.0), |(sum, count), ratio| (sum + ratio.ln(), count + 1.0));
    f64::exp(sum / f64::max(count, 1.0))
}

/// Prints what is not as it was; how the whole changed.
fn moved(table: &str, before: &Programs, now: &Programs) -> f64 {
    let mut changes = Vec::new();
    for (name, now) in now {
        let Some(before) = before.get(name).filter(|before| *before != now) else { continue };
        for (what, before, now) in [
            ("native", before.native.unwrap_or(0), now.native.unwrap_or(0)),
            ("wasmote", before.wasmote, now.wasmote),
            ("load", before.load, now.load),
        ] {
            if before != now {
                let percent = (now as f64 / before as f64 - 1.0) * 100.0;
                println!("  moved: {name} {what} {before} to {now} {} ({percent:+.2} %)", unit(table));
            }
        }
        changes.push(now.wasmote as f64 / before.wasmote as f64);
    }
    mean(changes.into_iter())
}

/// Prints which of the chosen programs were measured before and no longer are; whether there are any.
fn misses(table: &str, before: &Programs, now: &Programs, chosen: &str) -> bool {
    let mut any = false;
    for name in before.keys().filter(|name| name.contains(chosen) && !now.contains_key(*name)) {
        println!("  missing: {name}, whose {} are kept", unit(table));
        any = true;
    }
    any
}

/// One line for each program.
fn write(kept: &Kept) -> String {
    let mut text =
        String::from("# Instructions and cycles on emulated chips: `cargo xtask bench --on all --update`.\n");
    for (machine, programs) in kept {
        text += &format!("\n[{machine}]\n");
        for (name, Figures { native, wasmote, load }) in programs {
            let native = native.map_or(String::new(), |native| format!("native = {native}, "));
            text += &format!("{name} = {{ {native}wasmote = {wasmote}, load = {load} }}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Figures, Kept, mean, misses, moved, write};
    use std::collections::BTreeMap;

    #[test]
    fn what_is_written_is_read_again() {
        let figures = Figures { native: Some(10), wasmote: 70, load: 1 };
        let kept = Kept::from([("chip".to_owned(), BTreeMap::from([("crc".to_owned(), figures)]))]);
        let again: Kept = toml::from_str(&write(&kept)).expect("it is TOML");
        assert!(again == kept);
        let slower = BTreeMap::from([("crc".to_owned(), Figures { wasmote: 140, ..figures })]);
        assert_eq!(moved("chip", &kept["chip"], &slower), 2.0);
    }

    #[test]
    fn a_program_that_no_longer_fits_is_missed() {
        let figures = Figures { native: Some(10), wasmote: 70, load: 1 };
        let before = BTreeMap::from([("crc".to_owned(), figures)]);
        assert!(misses("chip", &before, &BTreeMap::new(), ""));
        assert!(!misses("chip", &before, &BTreeMap::new(), "json"), "it was not asked for");
        assert!(!misses("chip", &before, &before, ""));
    }

    #[test]
    fn the_mean_is_geometric() {
        assert!((mean([2.0, 8.0].into_iter()) - 4.0).abs() < 1e-9);
    }
}

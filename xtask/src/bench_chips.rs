//! `cargo xtask bench --on MACHINE`: programs on an emulated chip in counted instructions, Wasmote against native code of the
//! same source, held against figures that are checked in.
//!
//! Every count is the same on each run, so that a difference is a change: what moved is printed. Machines that get slower as a
//! whole fail.

use crate::firmware;
use crate::setup::process;
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use wasmote_tests::emulated::{Chip, MEASURED, Machine};
use wasmote_workloads::WORKLOADS;

/// Rounds of each program.
const ROUNDS: u32 = 2;
/// How much slower a machine may get, over all programs, before that is a failure.
const TOLERANCE: f64 = 1.02;

/// Instructions of a program.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq)]
#[serde(deny_unknown_fields)]
struct Figures {
    native: u64,
    wasmote: u64,
    /// Decoding, validating, preparing.
    load: u64,
}

/// By machine and program.
type Kept = BTreeMap<String, BTreeMap<String, Figures>>;

/// Measures on the machine of this name, or on all.
pub(crate) fn run(on: &str, program: &str, fuel: bool, update: bool) -> Result<()> {
    let machines: Vec<&Machine> = MEASURED.iter().filter(|m| on == "all" || m.name == on).collect();
    let names: Vec<&str> = MEASURED.iter().map(|machine| machine.name).collect();
    ensure!(!machines.is_empty(), "no machine {on}: all, {}", names.join(", "));
    let path = process::root().join("tests/workloads/chips.toml");
    let mut kept: Kept = toml::from_str(&fs::read_to_string(&path).unwrap_or_default())?;
    let mut slower = Vec::new();
    for machine in machines {
        let firmware = firmware::build(*machine)?;
        let chip = Chip::new(*machine, &firmware);
        if fuel {
            print_fuel(machine, &measure(&chip, program)?, program)?;
            continue;
        }
        let before = kept.entry(machine.name.to_owned()).or_default();
        let now = measure(&chip, program)?;
        if moved(before, &now) > TOLERANCE {
            slower.push(machine.name);
        }
        if update {
            before.extend(now);
        }
    }
    if update {
        fs::write(&path, write(&kept))?;
    } else if !slower.is_empty() {
        bail!("slower than what tests/workloads/chips.toml keeps: {}; --update keeps it", slower.join(", "));
    }
    Ok(())
}

/// What fuel costs a machine, by a build that charges nothing.
fn print_fuel(machine: &Machine, metered: &BTreeMap<String, Figures>, program: &str) -> Result<()> {
    let firmware = firmware::unmetered(*machine)?;
    let unmetered = measure(&Chip::new(*machine, &firmware), program)?;
    let mut costs = Vec::new();
    for (name, with) in metered {
        let Some(without) = unmetered.get(name) else { continue };
        let cost = with.wasmote as f64 / without.wasmote as f64;
        println!("  fuel: {name} {:+.2} %", (cost - 1.0) * 100.0);
        costs.push(cost);
    }
    println!(
        "  fuel costs {}, all programs: {:+.2} % of the instructions",
        machine.name,
        (mean(costs.into_iter()) - 1.0) * 100.0
    );
    Ok(())
}

/// Measures the programs on a chip.
fn measure(chip: &Chip<'_>, only: &str) -> Result<BTreeMap<String, Figures>> {
    println!("{}, {}: instructions for {ROUNDS} rounds", chip.machine.name, chip.machine.triple);
    println!("{:16}{:>12}{:>12}{:>8}{:>12}{:>12}", "program", "native", "wasmote", "ratio", "fuel", "load");
    let mut all = BTreeMap::new();
    for workload in WORKLOADS.iter().filter(|workload| workload.name.contains(only)) {
        let name = workload.name;
        let module = process::root().join("tests/workloads/prebuilt").join(name).with_extension("wasm");
        let report = chip.measure(name, ROUNDS, &fs::read(module)?).context(name)?;
        let number = |key: &str| report.get(key).copied().unwrap_or(0);
        for sum in [number("native_sum"), number("sum")] {
            ensure!(sum == u64::from(workload.checksum), "{name} on {} gives {sum:#x}", chip.machine.name);
        }
        let figures = Figures { native: number("native"), wasmote: number("run"), load: number("load") };
        let Figures { native, wasmote, load } = figures;
        println!("{name:16}{native:12}{wasmote:12}{:8.2}{:12}{load:12}", ratio(&figures), number("fuel"));
        all.insert(name.to_owned(), figures);
    }
    println!("{:16}{:32.2}", "geometric mean", mean(all.values().map(ratio)));
    Ok(all)
}

fn ratio(figures: &Figures) -> f64 {
    figures.wasmote as f64 / figures.native as f64
}

/// The geometric mean.
fn mean(ratios: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = ratios.fold((0.0, 0.0), |(sum, count), ratio| (sum + ratio.ln(), count + 1.0));
    f64::exp(sum / f64::max(count, 1.0))
}

/// Prints what is not as it was; how the whole changed.
fn moved(before: &BTreeMap<String, Figures>, now: &BTreeMap<String, Figures>) -> f64 {
    let mut changes = Vec::new();
    for (name, now) in now {
        let Some(before) = before.get(name).filter(|before| *before != now) else { continue };
        for (what, before, now) in [
            ("native", before.native, now.native),
            ("wasmote", before.wasmote, now.wasmote),
            ("load", before.load, now.load),
        ] {
            if before != now {
                let percent = (now as f64 / before as f64 - 1.0) * 100.0;
                println!("  moved: {name} {what} {before} to {now} ({percent:+.2} %)");
            }
        }
        changes.push(now.wasmote as f64 / before.wasmote as f64);
    }
    mean(changes.into_iter())
}

/// One line for each program.
fn write(kept: &Kept) -> String {
    let mut text = String::from("# Instructions on emulated chips: `cargo xtask bench --on all --update`.\n");
    for (machine, programs) in kept {
        text += &format!("\n[{machine}]\n");
        for (name, Figures { native, wasmote, load }) in programs {
            text += &format!("{name} = {{ native = {native}, wasmote = {wasmote}, load = {load} }}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Figures, Kept, mean, moved, write};
    use std::collections::BTreeMap;

    #[test]
    fn what_is_written_is_read_again() {
        let figures = Figures { native: 10, wasmote: 70, load: 1 };
        let kept = Kept::from([("chip".to_owned(), BTreeMap::from([("crc".to_owned(), figures)]))]);
        let again: Kept = toml::from_str(&write(&kept)).expect("it is TOML");
        assert!(again == kept);
        let slower = BTreeMap::from([("crc".to_owned(), Figures { wasmote: 140, ..figures })]);
        assert_eq!(moved(&kept["chip"], &slower), 2.0);
    }

    #[test]
    fn the_mean_is_geometric() {
        assert!((mean([2.0, 8.0].into_iter()) - 4.0).abs() < 1e-9);
    }
}

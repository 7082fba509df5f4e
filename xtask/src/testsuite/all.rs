//! `--on all`: every suite at every place, each in a process of its own, counted together.
//!
//! A place that lacks something is named with the command that would provide it, and counts as skipped; it fails nothing.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// Suites and places.
const RUNS: [(&str, &str); 20] = [
    ("spec", "host"),
    ("wasi-p1", "host"),
    ("wasi-p1", "host-ram"),
    ("wasi-p1", "host-flash"),
    ("embedded", "host"),
    ("spec", "qemu-arm"),
    ("wasi-p1", "qemu-arm"),
    ("embedded", "qemu-arm"),
    ("spec", "qemu-arm-m33"),
    ("wasi-p1", "qemu-arm-m33"),
    ("embedded", "qemu-arm-m33"),
    ("spec", "qemu-riscv"),
    ("wasi-p1", "qemu-riscv"),
    ("embedded", "qemu-riscv"),
    ("spec", "qemu-arm-m0"),
    ("embedded", "qemu-arm-m0"),
    ("spec", "qemu-arm-64k"),
    ("spec", "qemu-riscv-16k"),
    ("spec", "rp2040"),
    ("spec", "linux-sbc"),
];

/// What an error says that only wants something installed.
const NOT_RUN: [&str; 3] = ["is not run", "is not built", "is not here"];

/// Runs them all.
pub(super) fn run() -> Result<(usize, usize, usize)> {
    let (mut totals, mut missing, mut broken) = ([0; 3], Vec::new(), Vec::new());
    let (mut modules, mut differing) = (BTreeMap::new(), Vec::new());
    for (suite, place) in RUNS {
        let name =
            if matches!(place, "rp2040" | "linux-sbc") { place.to_owned() } else { format!("{suite} on {place}") };
        println!("==> {name}");
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["testsuite", "--suite", suite, "--on", place]).stderr(Stdio::piped()).env("RUST_BACKTRACE", "0");
        let output = command.output().context("xtask runs itself")?;
        let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        print!("{said}");
        differing.extend(said.lines().filter_map(module).filter_map(|(module, sum)| {
            let first = modules.entry(module.to_owned()).or_insert((sum, name.clone()));
            (first.0 != sum).then(|| format!("{module}: cksum {sum} for {name}, {} for {}", first.0, first.1))
        }));
        match said.lines().rev().find_map(counts) {
            Some(counts) => totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count),
            None if NOT_RUN.iter().any(|words| error.contains(words)) => missing.push(error.trim().to_owned()),
            None => broken.push(format!("{name}: {}", error.trim())),
        }
    }
    missing.iter().for_each(|why| println!("not run: {}", why.trim_start_matches("Error: ")));
    println!("not run: RP2350, ESP32-C3 and ESP32-C6 have no emulator; their firmware is built by: cargo xtask size");
    if !broken.is_empty() {
        bail!("some suites broke off:\n{}", broken.join("\n"));
    }
    if !differing.is_empty() {
        bail!("modules that are not the same everywhere:\n{}", differing.join("\n"));
    }
    println!("{} example modules, the same files wherever they ran", modules.len());
    let [passed, failed, skipped] = totals;
    Ok((passed, failed, skipped + missing.len()))
}

/// The module and its checksum that a line names: `blinky.wasm cksum 1234567890`.
fn module(line: &str) -> Option<(&str, u32)> {
    let (before, after) = line.split_once(".wasm cksum ")?;
    let number = after.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((before.rsplit(' ').next()?, number.parse().ok()?))
}

/// The three numbers of a suite's last line.
fn counts(line: &str) -> Option<[usize; 3]> {
    let mut words = line.split(", ").zip(["passed", "failed", "skipped"]).map(|(part, word)| {
        let (number, said) = part.split_once(' ')?;
        (said == word).then(|| number.parse().ok()).flatten()
    });
    match (words.next()??, words.next()??, words.next()??, words.next()) {
        (passed, failed, skipped, None) => Some([passed, failed, skipped]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{counts, module};

    #[test]
    fn a_module_is_named_with_its_checksum() {
        assert_eq!(module("  example blinky: blinky.wasm cksum 12, as on the board"), Some(("blinky", 12)));
        assert_eq!(module("  blinky.wasm: 376 bytes"), None);
    }

    #[test]
    fn only_a_total_is_one() {
        assert_eq!(counts("12 passed, 0 failed, 3 skipped"), Some([12, 0, 3]));
        assert_eq!(counts("v2: 12 passed, 0 failed, 3 skipped"), None);
        assert_eq!(counts("12 passed"), None);
    }
}

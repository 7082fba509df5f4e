//! `cargo xtask ci`: what continuous integration runs on each change, step by step, with the tests of all steps counted in
//! the last line. `--full` is what an issue is closed by.

use crate::counts::Counts;
use anyhow::{Context, bail, ensure};
use clap::Args;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

#[derive(Args)]
pub(crate) struct CiArgs {
    /// All configurations and longer comparisons
    #[arg(long)]
    full: bool,
    /// Only the steps whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Only from the first step on whose name contains this
    #[arg(long)]
    from: Option<String>,
}

/// A step: its name, the program and its arguments.
struct Step {
    name: &'static str,
    program: &'static str,
    arguments: Vec<&'static str>,
}

fn cargo(name: &'static str, arguments: &str, more: &[&'static str]) -> Step {
    let arguments: &'static str = Box::leak(arguments.to_string().into_boxed_str());
    Step { name, program: "cargo", arguments: arguments.split_whitespace().chain(more.iter().copied()).collect() }
}

fn steps(full: bool) -> Vec<Step> {
    let more = if full { "xtask setup --guests --nightly" } else { "xtask setup" };
    let mut steps = vec![
        cargo("what the tests need", more, &[]),
        cargo("format", "fmt --all --check", &[]),
        cargo("lints", "clippy --workspace --all-targets --profile suite -- -D warnings", &[]),
        cargo("documentation of the core", "rustdoc -p wasmote --lib -- -D warnings", &[]),
        cargo("the command", "build --release -p wasmote-linux", &[]),
    ];
    if full {
        // The tests run it if it is there, and count it as skipped otherwise.
        steps.push(cargo("Go's hello, which is too large to be kept", "xtask guests hello-go", &[]));
    }
    steps.extend([
        cargo("unit tests, optimised", "test --profile suite --workspace", &[]),
        cargo("unit tests of the core, with debug assertions", "test -p wasmote -p wasmote-wasi-p1", &[]),
        cargo(
            "the core at its edges, with debug assertions",
            "test -p wasmote-tests --test core_edges --test fuel --test fusions --test leb128 --test memory_budget \
             --test memory_budget_programs --test native_stack --test other_stores --test pauses --test peers --test peers_run \
             --test reclaimed --test wide_branches",
            &[],
        ),
        cargo("core suite, every dispatcher and folding", "xtask testsuite --suite spec", &[]),
    ]);
    if full {
        steps.push(cargo("core suite in slices of fuel", "xtask testsuite --suite spec --fuel all", &[]));
        steps.push(cargo("comparison on generated modules", "xtask fuzz --minutes 20", &[]));
        steps.push(cargo("structure, panics, targets, dispatch", "xtask tidy", &[]));
        steps.push(cargo("example guests are what their sources give", "xtask examples", &[]));
        steps.push(cargo("guest programs print what they print under wasmtime", "xtask guests --no-build", &[]));
        steps.push(cargo("measured programs are what their sources give", "xtask workloads", &[]));
        steps.extend(with_nightly());
        for (name, place) in [
            ("core suite, on a Cortex-M33", "qemu-arm-m33"),
            ("core suite, on RV32", "qemu-riscv"),
            ("core suite, as far as it fits, on a Cortex-M0", "qemu-arm-m0"),
            ("core suite, as far as it fits, on a Cortex-M3 with 64 KiB", "qemu-arm-64k"),
            ("core suite, as far as it fits, on RV32 with 16 KiB", "qemu-riscv-16k"),
        ] {
            steps.push(cargo(name, "xtask testsuite --suite spec --on", &[place]));
        }
        for (name, place) in
            [("pins and buses, on a Cortex-M33", "qemu-arm-m33"), ("pins and buses, on RV32", "qemu-riscv")]
        {
            steps.push(cargo(name, "xtask testsuite --suite embedded --on", &[place]));
        }
        steps.push(cargo("instructions on emulated chips, against what is kept", "xtask bench --on all", &[]));
        steps.push(cargo("flash and RAM of every board, against the budget", "xtask size", &[]));
    } else {
        steps.push(cargo(
            "core suite in slices of 1",
            "xtask testsuite --suite spec --fuel 1 --folding on --dispatch loop",
            &[],
        ));
        steps.push(cargo(
            "core suite in slices of 7",
            "xtask testsuite --suite spec --fuel 7 --folding off --dispatch tail",
            &[],
        ));
        steps.push(cargo("comparison on generated modules", "xtask fuzz --seed 20261125 --modules 5000", &[]));
        steps.push(cargo("structure", "xtask tidy layers sources", &[]));
        steps.push(cargo("instructions on a Cortex-M3, against what is kept", "xtask bench --on qemu-arm", &[]));
    }
    steps.push(cargo("WASI suite, in a directory", "xtask testsuite --suite wasi-p1 --on host", &[]));
    steps.push(cargo("WASI suite, in memory", "xtask testsuite --suite wasi-p1 --on host-ram", &[]));
    steps.push(cargo("WASI suite, in simulated flash", "xtask testsuite --suite wasi-p1 --on host-flash", &[]));
    steps.push(cargo("core suite, on a Cortex-M3", "xtask testsuite --suite spec --on qemu-arm", &[]));
    steps.push(cargo("the Pico's firmware, on an emulated RP2040", "xtask testsuite --on rp2040", &[]));
    steps.push(cargo("WASI suite, on a Cortex-M3", "xtask testsuite --suite wasi-p1 --on qemu-arm", &[]));
    steps.push(cargo("pins and buses, on a Cortex-M3", "xtask testsuite --suite embedded --on qemu-arm", &[]));
    steps.push(cargo("what host calls cost, on a Cortex-M0", "xtask testsuite --suite embedded --on qemu-arm-m0", &[]));
    if full {
        steps.push(cargo("WASI suite, on a Cortex-M33", "xtask testsuite --suite wasi-p1 --on qemu-arm-m33", &[]));
        steps.push(cargo("WASI suite, on RV32", "xtask testsuite --suite wasi-p1 --on qemu-riscv", &[]));
        steps.push(cargo("the Linux board, under a real kernel", "xtask testsuite --on linux-sbc", &[]));
    }
    steps
}

/// Steps that the nightly compiler does: `cargo xtask setup --nightly` installs it. Miri has no instructions for square roots.
fn with_nightly() -> Vec<Step> {
    let fuzz = "+nightly fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz";
    vec![
        cargo("Miri: units of the core", "+nightly miri test -p wasmote --lib --features libm/force-soft-floats", &[]),
        cargo(
            "Miri: small scripts of the core suite",
            "+nightly miri test -p wasmote-tests --test small_scripts --features soft-floats",
            &[],
        ),
        cargo("fuzzer: decode", fuzz, &["decode", "--", "-max_total_time=120"]),
        cargo("fuzzer: validate", fuzz, &["validate", "--", "-max_total_time=120"]),
        cargo("fuzzer: run", fuzz, &["run", "--", "-max_total_time=120", "-len_control=0", "-max_len=16384"]),
    ]
}

/// The command `wasmote`, built if it is not.
pub(crate) fn built_command() -> anyhow::Result<PathBuf> {
    let built = Command::new("cargo").args(["build", "--release", "--quiet", "-p", "wasmote-linux"]).status()?;
    if !built.success() {
        bail!("the command wasmote does not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    std::path::absolute(target.join("release/wasmote")).context("no current directory")
}

pub(crate) fn run(args: CiArgs) -> anyhow::Result<()> {
    let (mut total, mut broken) = (Counts::default(), Vec::new());
    let mut chosen = steps(args.full);
    if let Some(from) = &args.from {
        let first = chosen.iter().position(|step| step.name.contains(from.as_str()));
        chosen.drain(..first.with_context(|| format!("no step's name contains `{from}`"))?);
    }
    if let Some(only) = &args.only {
        chosen.retain(|step| step.name.contains(only.as_str()));
    }
    ensure!(!chosen.is_empty(), "no step's name contains `{}`", args.only.unwrap_or_default());
    for step in chosen {
        let started = Instant::now();
        println!("==> {}", step.name);
        // Nothing here is built twice with a line changed: what Cargo keeps for that is a third of a debug build.
        let mut command = Command::new(step.program);
        let output = command.args(&step.arguments).env("CARGO_INCREMENTAL", "0").stderr(Stdio::inherit()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        print!("{text}");
        let counts = count(&text);
        println!("<== {}: {counts}, {:.0} s", step.name, started.elapsed().as_secs_f64());
        total.add(&counts);
        if !output.status.success() {
            broken.push(step.name);
        }
    }
    if !broken.is_empty() {
        println!("steps that failed: {}", broken.join(", "));
    }
    total.failed = total.failed.max(broken.len());
    println!("{total}");
    if total.failed == 0 { Ok(()) } else { bail!("continuous integration failed") }
}

/// Tests in a step's output: the closing lines of `cargo test`, or a suite's own total.
fn count(text: &str) -> Counts {
    let mut total = Counts::default();
    for line in text.lines() {
        let line = line.trim();
        let counts = match line.strip_prefix("test result: ") {
            Some(rest) => rest.split_once(". ").map(|(_, rest)| rest),
            // A total stands alone on its line; a folder's line has its name before.
            None => {
                Some(line).filter(|line| line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" passed, "))
            }
        };
        let Some(counts) = counts else { continue };
        for part in counts.split([',', ';']) {
            match part.trim().split_once(' ') {
                Some((number, "passed")) => total.passed += number.parse::<usize>().unwrap_or(0),
                Some((number, "failed")) => total.failed += number.parse::<usize>().unwrap_or(0),
                Some((number, "skipped" | "ignored")) => total.skipped += number.parse::<usize>().unwrap_or(0),
                _ => {}
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::{Counts, count};

    #[test]
    fn totals_of_test_harnesses_and_suites_are_counted_once() {
        let text = "v2: 90 scripts: 5 passed, 1 failed, 0 skipped\n5 passed, 1 failed, 4 skipped\n\
                    test result: ok. 13 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(count(text), Counts { passed: 18, failed: 3, skipped: 4 });
    }
}

//! `cargo xtask testsuite` and `cargo xtask fuzz`: the official suites, and the comparison with other implementations.

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use wasmote::Dispatch;
use wasmote_tests::{conformance, differential, wasi_suite};

/// Which suite to run.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The core specification's own tests
    Spec,
    /// The WASI preview 1 tests
    WasiP1,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum DispatchChoice {
    Loop,
    Tail,
    Trampoline,
    Compact,
    All,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum Switch {
    On,
    Off,
    All,
}

/// Where the WASI suite's files live.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum Place {
    /// A directory of this machine, by the command `wasmote`
    Host,
    /// A file system in memory
    HostRam,
    /// A file system in simulated flash
    HostFlash,
}

#[derive(Args)]
pub(crate) struct TestsuiteArgs {
    /// Which suite
    #[arg(long, value_enum, default_value = "spec")]
    suite: Suite,
    /// Scripts of the core tests to run instead of the official ones: a directory of `.wast` files
    #[arg(long)]
    path: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "all")]
    dispatch: DispatchChoice,
    #[arg(long, value_enum, default_value = "all")]
    folding: Switch,
    /// Fuel for each resume: `none`, a number, or `all` for none, 1, 7 and 1000
    #[arg(long, default_value = "none")]
    fuel: String,
    /// For the WASI suite
    #[arg(long, value_enum, default_value = "host")]
    on: Place,
}

pub(crate) fn run(args: TestsuiteArgs) -> anyhow::Result<()> {
    match args.suite {
        Suite::Spec => spec(&args),
        Suite::WasiP1 => wasi(args.on),
    }
}

fn spec(args: &TestsuiteArgs) -> anyhow::Result<()> {
    let folders = match &args.path {
        Some(path) => conformance::tree(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => conformance::official(),
    };
    let wanted = match args.dispatch {
        DispatchChoice::Loop => vec![Dispatch::Loop],
        DispatchChoice::Tail => vec![Dispatch::TailCall],
        DispatchChoice::Trampoline => vec![Dispatch::Trampoline],
        DispatchChoice::Compact => vec![Dispatch::Compact],
        DispatchChoice::All => Dispatch::ALL.to_vec(),
    };
    let foldings: &[bool] = match args.folding {
        Switch::On => &[true],
        Switch::Off => &[false],
        Switch::All => &[true, false],
    };
    let slices = match args.fuel.as_str() {
        "none" => vec![None],
        "all" => vec![None, Some(1), Some(7), Some(1000)],
        number => vec![Some(number.parse().context("--fuel takes none, all or a number")?)],
    };
    let setups = conformance::setups(&wanted, foldings, &slices);
    println!(
        "{} set-ups: {} dispatchers, {} foldings, {} kinds of fuel",
        setups.len(),
        wanted.len(),
        foldings.len(),
        slices.len()
    );
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for folder in &folders {
        let counts = conformance::run_folder(folder, &setups);
        counts.failures.iter().take(MOST_FAILURES).for_each(|failure| println!("  {failure}"));
        println!(
            "{}: {} scripts, {} assertions a set-up: {} passed, {} failed, {} skipped",
            folder.name,
            folder.scripts.len(),
            counts.assertions,
            counts.passed,
            counts.failed,
            counts.skipped
        );
        passed += counts.passed;
        failed += counts.failed;
        skipped += counts.skipped;
    }
    finish(passed, failed, skipped)
}

/// Failures of a folder that are printed.
const MOST_FAILURES: usize = 40;

fn finish(passed: usize, failed: usize, skipped: usize) -> anyhow::Result<()> {
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed != 0 {
        bail!("{failed} failed");
    }
    if passed == 0 {
        bail!("nothing was run");
    }
    Ok(())
}

fn wasi(on: Place) -> anyhow::Result<()> {
    let Some(suite) = wasi_suite::find_suite() else {
        bail!(
            "the official WASI suite is not here: clone the branch prod/testsuite-base of WebAssembly/wasi-testsuite and set \
             WASI_TESTSUITE to its directory tests (README.md says more)"
        );
    };
    let budget = wasi_suite::Budget::SMALL;
    let counts = match on {
        Place::Host => wasi_suite::run_suite(&suite, wasi_suite::On::Command(&crate::ci::built_command()?)),
        Place::HostRam => wasi_suite::run_suite(&suite, wasi_suite::On::Ram(budget)),
        Place::HostFlash => wasi_suite::run_suite(&suite, wasi_suite::On::Flash(budget)),
    };
    for (name, why) in &counts.failed {
        println!("  {name}: {why}");
    }
    finish(counts.passed, counts.failed.len(), counts.skipped.len())
}

#[derive(Args)]
pub(crate) struct FuzzArgs {
    /// How long to go on
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Where the sequence of modules begins; taken from the clock if absent
    #[arg(long)]
    seed: Option<u64>,
    /// Where modules that show a difference are written
    #[arg(long, default_value = "target/differences")]
    keep: PathBuf,
}

pub(crate) fn fuzz(args: FuzzArgs) -> anyhow::Result<()> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    let seed = args.seed.unwrap_or(now);
    println!("seed {seed}");
    let time = std::time::Duration::from_secs_f64(args.minutes.max(0.0) * 60.0);
    let options = differential::Options { seed, time, modules: None, keep: Some(args.keep) };
    let counts = differential::run(options);
    counts.differences.iter().take(MOST_FAILURES).for_each(|difference| println!("  {difference}"));
    println!("{counts}");
    finish((counts.modules + counts.mutated) as usize, counts.differences.len(), 0)
}

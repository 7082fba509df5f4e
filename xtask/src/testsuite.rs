//! `cargo xtask testsuite` and `cargo xtask fuzz`: the official suites, and the comparison with other implementations.

mod all;
mod linux_sbc;
mod rp2040;

use crate::counts::Counts;
use crate::firmware;
use crate::setup::{self, Emulated};
use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use wasmote::Dispatch;
use wasmote_tests::emulated::{self, Chip, MACHINES, Machine};
use wasmote_tests::{conformance, differential, wasi_suite};

/// Which suite to run.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The core specification's own tests
    Spec,
    /// The WASI preview 1 tests
    WasiP1,
    /// The example guests with their pins and buses; on qemu-arm-m0 what their host calls cost
    Embedded,
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
    /// QEMU's mps2-an385: a Cortex-M3 with 16 MiB
    QemuArm,
    /// QEMU's mps2-an505: a Cortex-M33 with 16 MiB
    #[value(name = "qemu-arm-m33")]
    QemuArmM33,
    /// QEMU's virt: RV32IMC with 16 MiB
    QemuRiscv,
    /// QEMU's microbit: a Cortex-M0 with 16 KiB
    #[value(name = "qemu-arm-m0")]
    QemuArmM0,
    /// QEMU's lm3s6965evb: a Cortex-M3 with 64 KiB
    #[value(name = "qemu-arm-64k")]
    QemuArm64k,
    /// QEMU's sifive_e: RV32IMC with 16 KiB, running from flash
    #[value(name = "qemu-riscv-16k")]
    QemuRiscv16k,
    /// rp2040js: the Pico's firmware as it ships, on an emulated RP2040
    Rp2040,
    /// The Linux board on emulated boards with a real kernel, whatever the suite
    LinuxSbc,
    /// Every suite at every place; what is not run is named with the command that would enable it
    All,
}

impl Place {
    /// The emulated machine; none for this one.
    fn machine(self) -> Option<Machine> {
        let name = self.to_possible_value()?.get_name().to_owned();
        MACHINES.iter().copied().find(|machine| machine.name == name)
    }

    /// What emulates it; nothing for this machine. Of `All` each place has its own.
    fn emulated(self) -> Option<Emulated> {
        match self {
            Place::Rp2040 => Some(Emulated::Rp2040),
            Place::LinuxSbc => Some(Emulated::Linux),
            _ => self.machine().map(|_| Emulated::Chip),
        }
    }
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
    /// Where to run; the dispatchers, foldings and slices are for this machine only
    #[arg(long, value_enum, default_value = "host")]
    on: Place,
}

pub(crate) fn run(args: TestsuiteArgs) -> anyhow::Result<()> {
    if let Some(place) = args.on.emulated() {
        setup::provide_for(place)?;
    }
    match args.on {
        Place::Rp2040 => {
            let counts = rp2040::run()?;
            return finish(counts.passed, counts.failed, 0);
        }
        Place::All => {
            let (passed, failed, skipped) = all::run()?;
            return finish(passed, failed, skipped);
        }
        _ => {}
    }
    if args.on == Place::LinuxSbc {
        return linux_sbc::run();
    }
    match args.suite {
        Suite::Spec => match args.on.machine() {
            Some(machine) => spec_on(machine, &folders(&args)?),
            None => spec(&args),
        },
        Suite::WasiP1 => wasi(args.on),
        Suite::Embedded => {
            let (passed, failed) = crate::embedded::run(args.on.machine())?;
            finish(passed, failed, 0)
        }
    }
}

fn folders(args: &TestsuiteArgs) -> anyhow::Result<Vec<conformance::Folder>> {
    match &args.path {
        Some(path) => conformance::tree(path),
        None => Ok(conformance::official()),
    }
}

/// The core tests on an emulated chip, under the dispatcher that its firmware ships.
fn spec_on(machine: Machine, folders: &[conformance::Folder]) -> anyhow::Result<()> {
    let firmware = firmware::build(machine)?;
    let chip = Chip::new(machine, &firmware);
    let mut all = emulated::Counts::default();
    for folder in folders {
        let counts = chip.run_folder(folder);
        counts.failures.iter().take(MOST_FAILURES).for_each(|failure| println!("  {failure}"));
        counts.skipped_scripts.iter().for_each(|skipped| println!("  skipped {skipped}"));
        println!(
            "{}: {} scripts: {} passed, {} failed, {} skipped; {} about text alone hold here",
            folder.name,
            folder.scripts.len(),
            counts.passed,
            counts.failed,
            counts.skipped,
            counts.of_text
        );
        all.add(counts);
    }
    print_stack(&chip, ENGINE_STACK_BYTES)?;
    println!("{} assertions about text alone are the computer's, and hold", all.of_text);
    finish(all.passed, all.failed, all.skipped)
}

/// The native stack that may be used while a guest runs: by the engine, and with all host functions, which is what a firmware must
/// have for it.
const ENGINE_STACK_BYTES: u64 = 1 << 10;
const FIRMWARE_STACK_BYTES: u64 = 4 << 10;

/// An error if a guest used more native stack than it may.
fn print_stack(chip: &Chip<'_>, most: u64) -> anyhow::Result<()> {
    let stack = chip.stack();
    let shown: Vec<String> = stack.iter().map(|(what, bytes)| format!("{what} {bytes}")).collect();
    println!("{}: most native stack in bytes: {}", chip.machine.name, shown.join(", "));
    let run = stack.get("run").copied().unwrap_or(0);
    ensure!(run > 0, "no native stack was measured while a guest ran");
    ensure!(run < most, "{run} bytes of native stack while a guest runs: less than {most} are allowed");
    Ok(())
}

fn spec(args: &TestsuiteArgs) -> anyhow::Result<()> {
    let folders = folders(args)?;
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
        counts.skipped_scripts.iter().for_each(|skipped| println!("  skipped {skipped}"));
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
    println!("{}", Counts { passed, failed, skipped });
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
    let counts = match (on, on.machine()) {
        (_, Some(machine)) => {
            let firmware = firmware::build(machine)?;
            let chip = Chip::new(machine, &firmware);
            let counts = wasi_suite::run_suite(&suite, wasi_suite::On::Chip(&chip));
            print_stack(&chip, FIRMWARE_STACK_BYTES)?;
            counts
        }
        (Place::Host, None) => wasi_suite::run_suite(&suite, wasi_suite::On::Command(&crate::ci::built_command()?)),
        (Place::HostFlash, None) => wasi_suite::run_suite(&suite, wasi_suite::On::Flash(wasi_suite::Budget::SMALL)),
        (_, None) => wasi_suite::run_suite(&suite, wasi_suite::On::Ram(wasi_suite::Budget::SMALL)),
    };
    for (name, why) in &counts.failed {
        println!("  {name}: {why}");
    }
    if let Some((journal, pages)) = counts.wear.split_first() {
        let (least, most) = (pages.iter().min().unwrap_or(&0), pages.iter().max().unwrap_or(&0));
        println!("flash: all tests together erased each page {least} to {most} times, the journal's {journal} times");
    }
    finish(counts.passed, counts.failed.len(), counts.skipped.len())
}

#[derive(Args)]
pub(crate) struct FuzzArgs {
    /// How long to go on
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Stop after so many generated modules, if the time allows; each also comes damaged in eight ways
    #[arg(long)]
    modules: Option<u64>,
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
    let options = differential::Options { seed, time, modules: args.modules, keep: Some(args.keep) };
    let counts = differential::run(options, &mut |counts| println!("so far: {counts}"));
    counts.differences.iter().take(MOST_FAILURES).for_each(|difference| println!("  {difference}"));
    println!("{counts}");
    finish((counts.modules + counts.mutated) as usize, counts.differences.len(), 0)
}

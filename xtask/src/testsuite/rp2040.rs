//! `--on rp2040`: the Pico's firmware, as it ships, on an emulated RP2040 whose wires lead to the simulated board's parts.
//!
//! The examples are the files that the simulated board runs, and what happens on the wires is held against what happens there:
//! everything that each part of the board says, in order and about when. The firmware of `boards/examples`, in which somebody embeds
//! the runtime, has files of its own that say what is expected.

mod checks;
mod compare;

use crate::board::Board;
use crate::bundle::{self, ModuleArgs};
use crate::firmware;
use crate::setup::process;
use crate::setup::rp2040::emulator;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use wasmote_board_sim::script;
use wasmote_tests::checksum;
use wasmote_tests::rp2040::{Emulator, Job, Said};

/// What is counted.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

/// The chip with its firmware.
pub(super) struct Pico {
    emulator: Emulator,
    firmware: PathBuf,
    /// The firmware for modules that have files.
    with_files: PathBuf,
}

/// The example guests; those of `wasmote run` have their scripts and outputs beside them.
const EXAMPLES: [&str; 8] = ["blinky", "button", "alarm", "thermostat", "logger", "display", "flash", "timer"];
/// What is called again and again of an example that is a reactor.
const TIMER: (&str, &str) = ("timer", "tick=250ms");
/// Firmware that embeds the runtime.
const EMBEDDED: [&str; 2] = ["embassy-pico", "bare-loop-pico"];
/// The longest that an example takes on the board, in seconds.
const SECONDS: u32 = 20;

/// Runs everything and counts.
pub(super) fn run() -> Result<Counts> {
    let emulator = emulator().context("rp2040 is not run: rp2040js or its boot ROM is missing: cargo xtask setup")?;
    let pico = Pico { emulator, firmware: Board::Pico.build()?, with_files: Board::Pico.build_for(true)? };
    let mut counts = Counts::default();
    for name in EXAMPLES {
        counts.add(&format!("example {name}"), pico.example(name));
    }
    checks::run(&pico, &mut counts);
    for name in EMBEDDED {
        counts.add(&format!("firmware {name}"), pico.embedded(name));
    }
    Ok(counts)
}

impl Counts {
    /// Counts a check and tells what is wrong.
    pub(super) fn add(&mut self, name: &str, outcome: Result<String>) {
        match outcome {
            Ok(note) => {
                self.passed += 1;
                println!("  {name}: {note}");
            }
            Err(error) => {
                self.failed += 1;
                println!("  {name}: FAILED: {error:#}");
            }
        }
    }
}

impl Pico {
    /// An example, held against the simulated board.
    fn example(&self, name: &str) -> Result<String> {
        let folder = process::root().join("wasi-embedded/guest/examples");
        let file = |extension: &str| folder.join(format!("{name}.{extension}"));
        let script = std::fs::read_to_string(file("script"))?;
        let expected = std::fs::read_to_string(file("out"))?;
        let module = checksum::line(name, &std::fs::read(file("wasm"))?);
        let call = (name == TIMER.0).then_some(TIMER.1);
        let said = self.run_args(&with_call(&[file("wasm")], call)?, &script, &[])?;
        compare::with(&expected, &said)?;
        checks::stack(&said)?;
        Ok(format!("{module}, as on the simulated board: {} lines; {}", said.lines.len(), figures(&said)))
    }

    /// Somebody's own firmware, held against what it should say and do.
    fn embedded(&self, name: &str) -> Result<String> {
        let folder = process::root().join("boards/examples");
        let firmware = &firmware::embedding(name)?;
        let script = std::fs::read_to_string(folder.join("guests/presses.script"))?;
        let script = script::parse(&script).map_err(|error| anyhow::anyhow!("{error}"))?;
        let expected = std::fs::read_to_string(folder.join(name).join("expected.out"))?;
        let said = self.job(Job { script, ..Job::new(firmware, &[], SECONDS) })?;
        compare::with(&expected, &said)?;
        let of = |name: &str| said.counts.get(name).copied().unwrap_or(0);
        Ok(format!("{} lines as expected; slept {} times", said.lines.len(), of("sleeps")))
    }

    /// Runs modules with what happens from outside.
    pub(super) fn run(&self, modules: &[PathBuf], script: &str, typing: &[(&str, &str)]) -> Result<Said> {
        self.run_args(&with_call(modules, None)?, script, typing)
    }

    /// The same, with all that can be said of modules.
    pub(super) fn run_args(&self, args: &ModuleArgs, script: &str, typing: &[(&str, &str)]) -> Result<Said> {
        let firmware = if bundle::have_files(args)? { &self.with_files } else { &self.firmware };
        let records = &bundle::records(args)?;
        let script = script::parse(script).map_err(|error| anyhow::anyhow!("{error}"))?;
        self.job(Job { script, typing, until_end: true, ..Job::new(firmware, records, SECONDS) })
    }

    /// Runs records to their end, and types on USB.
    pub(super) fn run_on_usb(&self, records: &[u8], typing: &[(&str, &str)]) -> Result<Said> {
        self.job(Job { typing, on_usb: true, until_end: true, ..Job::new(&self.firmware, records, 2) })
    }

    /// Runs records for so many seconds, whatever ends meanwhile.
    pub(super) fn run_until(&self, records: &[u8], seconds: u32) -> Result<Said> {
        self.job(Job::new(&self.firmware, records, seconds))
    }

    /// The same on the firmware that has files.
    pub(super) fn run_files(&self, records: &[u8], seconds: u32) -> Result<Said> {
        self.job(Job::new(&self.with_files, records, seconds))
    }

    /// Runs records on a chip whose core stands still from some second on.
    pub(super) fn run_still(&self, records: &[u8], after: u32) -> Result<Said> {
        let job = Job { still_after: Some(after), ..Job::new(&self.firmware, records, 2 * after + SECONDS) };
        Ok(self.emulator.run(&job)?)
    }

    fn job(&self, job: Job<'_>) -> Result<Said> {
        let said = self.emulator.run(&job)?;
        if said.bitten {
            bail!("the watchdog bit; the firmware said {:?}", said.notes);
        }
        Ok(said)
    }
}

/// Modules, and what is called again of them.
pub(super) fn with_call(modules: &[PathBuf], call: Option<&str>) -> Result<ModuleArgs> {
    let calls = call.map(|text| bundle::calls::parse(text).map_err(anyhow::Error::msg)).transpose()?;
    Ok(ModuleArgs { modules: modules.to_vec(), calls: calls.into_iter().collect(), ..ModuleArgs::default() })
}

/// What a run took, in words.
pub(super) fn figures(said: &Said) -> String {
    let of = |name: &str| said.counts.get(name).copied().unwrap_or(0);
    format!(
        "slept {} times and {}.{} % of the time, {} bytes of native stack",
        of("sleeps"),
        of("slept_us") * 100 / of("total_us").max(1),
        of("slept_us") * 1000 / of("total_us").max(1) % 10,
        of("stack")
    )
}

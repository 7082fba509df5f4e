//! The official suite of WASI preview 1, run where a library can run it.
//!
//! It reads the suite in place (`$WASI_TESTSUITE`, or `shared/data/wasi-testsuite` beside this repository), honours
//! each test's `.json`, and gives each a fresh root: with the command `wasmote` a copy of the fixture in a temporary
//! directory, and in this process a file system in RAM or simulated flash, with the memory that a microcontroller could spare.
//!
//! Promises: every test ends (in time, or killed); a test that does not exist is not counted; nothing of the suite is
//! changed.

mod case;
mod command;
mod image;
mod ram;

use crate::emulated::Chip;
use std::{
    env,
    path::{Path, PathBuf},
};

pub use case::Case;
pub use command::copy;
pub use image::image;
pub use ram::Budget;

/// Where the tests run.
#[derive(Clone, Copy)]
pub enum On<'p> {
    /// In the command `wasmote` at this path, each with a directory of this machine.
    Command(&'p Path),
    /// In this process, each with a file system in RAM and this much memory.
    Ram(Budget),
    /// In this process, each with a file system in simulated flash and this much memory.
    Flash(Budget),
    /// On an emulated chip, with its firmware.
    Chip(&'p Chip<'p>),
}

/// What became of the tests.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// How many did what they should.
    pub passed: usize,
    /// The others: their names, and what they did instead.
    pub failed: Vec<(String, String)>,
    /// Those that could not be read, and why.
    pub skipped: Vec<(String, String)>,
    /// How often each page of the simulated flash was erased, all tests together; empty elsewhere.
    pub wear: Vec<u32>,
}

impl Counts {
    /// `71 passed, 1 failed, 0 skipped`, and a line for each that did not pass.
    #[must_use]
    pub fn report(&self) -> String {
        let mut text = String::new();
        for (kind, list) in [("FAILED", &self.failed), ("SKIPPED", &self.skipped)] {
            for (name, why) in list {
                text.push_str(&format!("{kind} {name}: {why}\n"));
            }
        }
        let (passed, failed, skipped) = (self.passed, self.failed.len(), self.skipped.len());
        text + &format!("{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// What a test did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Its exit code; `Err` says how it ended without one.
    pub exit: Result<i32, String>,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

/// The suite's directory, if there is one.
#[must_use]
pub fn find_suite() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/wasi-testsuite");
    let candidates = [env::var_os("WASI_TESTSUITE").map(PathBuf::from), Some(beside)];
    candidates.into_iter().flatten().find(|path| path.is_dir())
}

/// Runs one test.
#[must_use]
pub fn run_case(case: &Case, on: On<'_>) -> Outcome {
    match on {
        On::Command(wasmote) => command::run(wasmote, case),
        On::Ram(budget) => ram::run(case, budget),
        On::Flash(budget) => ram::run_in_flash(case, budget, &mut Vec::new()),
        On::Chip(chip) => chip.run_case(case),
    }
}

/// Runs a test with this command line of `wasmote` or of something that starts it. The fixture is where it says.
#[must_use]
pub fn run_line(line: &[String]) -> Outcome {
    command::run_line(line)
}

/// The modules of all tests below `suite`.
#[must_use]
pub fn modules(suite: &Path) -> Vec<PathBuf> {
    case::find(suite)
}

/// Runs every test below `suite`.
#[must_use]
pub fn run_suite(suite: &Path, on: On<'_>) -> Counts {
    let mut counts = Counts::default();
    for path in case::find(suite) {
        let name = path.strip_prefix(suite).unwrap_or(&path).with_extension("").display().to_string();
        let case = match Case::read(&path) {
            Ok(case) => case,
            Err(why) => {
                counts.skipped.push((name, why));
                continue;
            }
        };
        let outcome = match on {
            On::Flash(budget) => ram::run_in_flash(&case, budget, &mut counts.wear),
            _ => run_case(&case, on),
        };
        match case.complaint(&outcome) {
            None => counts.passed += 1,
            Some(why) => counts.failed.push((name, why)),
        }
    }
    counts
}

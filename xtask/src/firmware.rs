//! Firmware for emulated chips, built on demand, and the emulators that run it.

use crate::setup::{process, rp2040};
use crate::shipped::Firmware;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use wasmote_tests::emulated::{Chip, Machine, RP2040JS};

/// Builds a machine's firmware as it ships; an error names what is missing and the command that would help.
pub(crate) fn build(machine: Machine) -> Result<PathBuf> {
    if let Some(why) = not_run(&machine) {
        bail!("{why}");
    }
    image(machine)
}

/// Why a machine is not run, if its emulator is missing: with the command that would help.
pub(crate) fn not_run(machine: &Machine) -> Option<String> {
    let there = match machine.emulator {
        RP2040JS => rp2040::emulator().is_some(),
        program => process::find(program).is_some(),
    };
    (!there).then(|| format!("{} is not run: {} is missing: cargo xtask setup", machine.name, machine.emulator))
}

/// A machine that its emulator runs with a firmware.
pub(crate) fn chip(machine: Machine, firmware: &Path) -> Chip<'_> {
    let chip = Chip::new(machine, firmware);
    match rp2040::emulator().filter(|_| machine.emulator == RP2040JS) {
        Some(emulator) => chip.emulated_by(emulator),
        None => chip,
    }
}

/// Builds a machine's firmware, whether or not there is an emulator.
pub(crate) fn image(machine: Machine) -> Result<PathBuf> {
    image_with(machine, if machine.features.contains("bench") { "bench" } else { "boards" }, &[])
}

/// Builds a machine's firmware that charges no fuel, to be measured only.
pub(crate) fn unmetered(machine: Machine) -> Result<PathBuf> {
    image_with(machine, "bench-unmetered", &[("WASMOTE_UNMETERED", "measure")])
}

fn image_with(machine: Machine, kind: &str, environment: &[(&str, &str)]) -> Result<PathBuf> {
    let firmware = Firmware {
        folder: &Path::new("boards").join(machine.board),
        name: &format!("wasmote-{}", machine.board),
        triple: machine.triple,
        arguments: &["--features", machine.features],
        kind: &format!("{kind}/{}", machine.name),
        environment,
    };
    firmware.build().with_context(|| format!("{} is not built", machine.name))
}

/// Builds the image of `tests/engine-alone` for a target.
pub(crate) fn engine_alone(triple: &str) -> Result<PathBuf> {
    let folder = Path::new("tests/engine-alone");
    Firmware { folder, name: "engine-alone", triple, arguments: &[], environment: &[], kind: "engine-alone" }.build()
}

/// Builds one of `boards/examples`: firmware for the Pico in which somebody embeds the runtime.
pub(crate) fn embedding(name: &str) -> Result<PathBuf> {
    let (folder, kind) = (Path::new("boards/examples").join(name), format!("boards/{name}"));
    Firmware { folder: &folder, name, triple: "thumbv6m-none-eabi", arguments: &[], environment: &[], kind: &kind }
        .build()
}

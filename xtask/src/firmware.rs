//! Firmware for emulated chips, built on demand, and the emulators that run it.

use crate::setup::process;
use crate::shipped::Firmware;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use wasmote_tests::emulated::Machine;

/// Builds a machine's firmware as it ships; an error names what is missing and the command that would help.
pub(crate) fn build(machine: Machine) -> Result<PathBuf> {
    if process::find(machine.emulator).is_none() {
        bail!("{} is not run: {} is missing: cargo xtask setup", machine.name, machine.emulator);
    }
    image(machine)
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

//! Firmware for emulated chips, built on demand, and the emulators that run it.

use crate::setup::process;
use crate::setup::targets::toolchain_for;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
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
    let toolchain = toolchain_for(machine.triple).with_context(|| {
        format!("{} is not built: no toolchain for {}: cargo xtask setup", machine.name, machine.triple)
    })?;
    let target_dir = process::target_dir().join("boards").join(machine.name);
    let mut cargo = toolchain.cargo();
    cargo.current_dir(process::root().join("boards").join(machine.board));
    cargo.args(["build", "--quiet", "--release", "--target", machine.triple, "--features", machine.features]);
    cargo.arg("--target-dir").arg(&target_dir).env_remove("RUSTFLAGS");
    // What ships is optimised as a whole, whatever the settings for the host's own builds are.
    cargo.env_remove("CARGO_PROFILE_RELEASE_LTO").env_remove("CARGO_PROFILE_RELEASE_CODEGEN_UNITS");
    process::quiet(&mut cargo)?;
    Ok(target_dir.join(machine.triple).join("release").join(format!("wasmote-{}", machine.board)))
}

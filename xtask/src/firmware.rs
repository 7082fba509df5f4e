//! Firmware for emulated chips, built on demand, and the emulators that run it.

use crate::setup::process;
use crate::setup::targets::toolchain_for;
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
    let kind = if machine.features.contains("bench") { "bench" } else { "boards" };
    let source = PathBuf::from("boards").join(machine.board);
    let built = shipped(&source, machine.triple, machine.features, &format!("{kind}/{}", machine.name))
        .with_context(|| format!("{} is not built", machine.name))?;
    Ok(built.join(format!("wasmote-{}", machine.board)))
}

/// Builds the image of `tests/engine-alone` for a target.
pub(crate) fn engine_alone(triple: &str) -> Result<PathBuf> {
    Ok(shipped("tests/engine-alone".as_ref(), triple, "", "engine-alone")?.join("engine-alone"))
}

/// Builds one of `boards/examples`: firmware for the Pico in which somebody embeds the runtime.
pub(crate) fn embedding(name: &str) -> Result<PathBuf> {
    let source = Path::new("boards/examples").join(name);
    Ok(shipped(&source, "thumbv6m-none-eabi", "", &format!("boards/{name}"))?.join(name))
}

/// Builds a crate for a target as it ships; gives the directory of what was built.
fn shipped(source: &Path, triple: &str, features: &str, kind: &str) -> Result<PathBuf> {
    let toolchain =
        toolchain_for(triple).with_context(|| format!("there is no toolchain for {triple}: cargo xtask setup"))?;
    let target_dir = process::target_dir().join(kind);
    let mut cargo = toolchain.cargo();
    cargo.current_dir(process::root().join(source));
    cargo.args(["build", "--quiet", "--release", "--target", triple, "--features", features]);
    cargo.arg("--target-dir").arg(&target_dir).env_remove("RUSTFLAGS");
    // What ships is optimised as a whole, whatever the settings for the host's own builds are.
    cargo.env_remove("CARGO_PROFILE_RELEASE_LTO").env_remove("CARGO_PROFILE_RELEASE_CODEGEN_UNITS");
    process::quiet(&mut cargo)?;
    Ok(target_dir.join(triple).join("release"))
}

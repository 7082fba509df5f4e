//! Running other programs: one way to run them, to read what they print, and to find them.
//!
//! A program that fails becomes an error which names the whole command line, so that a person can repeat it.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The command line as a person would type it, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs a command whose output the user sees.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("+ {}", shown(command));
    let status = command.status().with_context(|| shown(command))?;
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command quietly; its whole output appears in the error if it fails.
pub(crate) fn quiet(command: &mut Command) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output().with_context(|| shown(command))?;
    if !output.status.success() {
        let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        bail!("`{}` failed: {}\n{}", shown(command), output.status, String::from_utf8_lossy(&said));
    }
    Ok(output)
}

/// What a command prints to standard output, trimmed.
pub(crate) fn text(command: &mut Command) -> Result<String> {
    let output = quiet(command)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where a program is, by PATH.
pub(crate) fn find(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let program = program.as_ref();
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().map_or_else(|| xtask.to_owned(), Path::to_owned)
}

/// Where build products go: `CARGO_TARGET_DIR`, or `target` at the root.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where `setup` puts what no package manager owns: `WASMOTE_TOOLS`, or `wasmote` among the user's data.
pub(crate) fn tools_dir() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("WASMOTE_TOOLS") {
        return Ok(dir.into());
    }
    if let Some(data) = std::env::var_os("XDG_DATA_HOME") {
        return Ok(PathBuf::from(data).join("wasmote"));
    }
    let home = std::env::var_os("HOME").context("neither WASMOTE_TOOLS nor HOME is set")?;
    Ok(PathBuf::from(home).join(".local/share/wasmote"))
}

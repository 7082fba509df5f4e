//! Asks the arbiter: a program that contains `wasmtime`, built when the first difference from `wasmi` is met. A comparison in which
//! there is none, the usual one, never waits for its compiler to be built.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What decides how cargo builds, set by the cargo that runs the comparison: a fuzzer's sanitizer is not for the arbiter.
const NOT_INHERITED: [&str; 5] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTUP_TOOLCHAIN", "RUSTC"];

/// Whether `wasmtime` gives the core's results for a module in which `wasmi` differs.
///
/// # Errors
/// What it gives instead, or why it cannot be asked.
pub(super) fn settle(wasm: &[u8], seed: u64) -> Result<(), String> {
    let program = program()?;
    let module = tempfile::NamedTempFile::new().map_err(|error| format!("no place for the module: {error}"))?;
    std::fs::write(&module, wasm).map_err(|error| format!("the module cannot be kept: {error}"))?;
    let mut command = Command::new(program);
    command.arg(module.path()).arg(seed.to_string());
    let output = command.output().map_err(|error| format!("{} does not start: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stdout);
    Err(format!("the arbiter ({}): {}", output.status, told.trim()))
}

/// How long the program was built, which is not time of the comparison.
pub(super) fn building() -> Duration {
    BUILDING.get().copied().unwrap_or_default()
}
static BUILDING: OnceLock<Duration> = OnceLock::new();

/// The program, built once.
fn program() -> Result<&'static Path, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let timed = || {
        let start = Instant::now();
        let built = build();
        let _ = BUILDING.set(start.elapsed());
        built
    };
    PROGRAM.get_or_init(timed).as_deref().map_err(Clone::clone)
}

fn build() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the tests have no parent")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |named| root.join(named));
    let mut cargo = Command::new("cargo");
    for name in NOT_INHERITED {
        cargo.env_remove(name);
    }
    cargo.current_dir(root).arg("build").arg("--target-dir").arg(&target);
    cargo.args(["--quiet", "--profile", "suite", "-p", "wasmote-tests", "--features", "arbiter", "--bin", "arbiter"]);
    let status = cargo.status().map_err(|error| format!("cargo does not start: {error}"))?;
    if !status.success() {
        return Err(format!("the arbiter does not build: {cargo:?}"));
    }
    Ok(target.join("suite/arbiter"))
}

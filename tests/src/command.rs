//! The command `wasmote` for tests: `$WASMOTE_BIN`, or a release build of this tree.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the build products that a test belongs to.
///
/// # Panics
/// If it is asked for outside of a test.
#[must_use]
pub fn target_dir() -> PathBuf {
    let own = std::env::current_exe().expect("a test has a path");
    own.ancestors().nth(3).expect("a test is in target/debug/deps").to_owned()
}

/// The command, built once.
///
/// # Panics
/// If it does not build.
pub fn wasmote() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(program) = std::env::var_os("WASMOTE_BIN") {
            return program.into();
        }
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let mut cargo = Command::new(cargo);
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(["build", "--quiet", "--release", "--package", "wasmote-linux"]);
        let status = cargo.arg("--target-dir").arg(target_dir()).status().expect("cargo runs");
        assert!(status.success(), "the command does not build");
        target_dir().join("release/wasmote")
    })
}

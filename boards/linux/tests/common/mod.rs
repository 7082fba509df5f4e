//! A directory of its own for each test, in which the command runs.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A directory that goes away with the test.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        Sandbox(tempfile::tempdir().unwrap())
    }

    /// A directory with one file.
    pub(crate) fn with(name: &str, content: &str) -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.write(name, content.as_bytes());
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Runs `wasmote` in the directory.
    pub(crate) fn run(&self, line: &[&str]) -> Output {
        self.run_with_input(line, b"")
    }

    /// Runs `wasmote` in the directory, with this on its standard input.
    pub(crate) fn run_with_input(&self, line: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wasmote"));
        command.current_dir(self.0.path()).args(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that ends without reading closes the pipe; that is no matter.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }
}

/// What was printed.
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

//! The list of guest programs, `programs.toml`, as data: read by the verb that builds them and by the test that runs
//! them.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// All programs and all runs.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// How each program is built.
    #[serde(rename = "program")]
    pub(crate) programs: Vec<Program>,
    /// How each is run.
    #[serde(rename = "run")]
    pub(crate) runs: Vec<Run>,
}

/// How a program is built.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    /// The name of the module, without `.wasm`.
    pub(crate) name: String,
    /// Its source, beneath the folder of this file.
    pub(crate) source: PathBuf,
    /// The compiler.
    pub(crate) tool: String,
    /// What the compiler is told beside what it always is.
    #[serde(default)]
    pub(crate) flags: Vec<String>,
    /// Whether the same source is also built and run natively.
    #[serde(default)]
    pub(crate) native: bool,
    /// Whether Lua's sources belong to it.
    #[serde(default)]
    pub(crate) lua: bool,
    /// Whether it is QuickJS's own program: `source` is beneath the sources of that.
    #[serde(default)]
    pub(crate) quickjs: bool,
    /// Whether the sources of SQLite belong to it.
    #[serde(default)]
    pub(crate) sqlite: bool,
}

/// How a program is run.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    /// The name of the run, and of the file with the expected output.
    pub(crate) name: String,
    /// The program.
    pub(crate) program: String,
    /// Its arguments.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// The file that is its standard input, which is empty otherwise.
    pub(crate) stdin: Option<PathBuf>,
    /// Whether it may use a copy of `files/` as its root.
    #[serde(default)]
    pub(crate) files: bool,
    /// The exit code expected.
    #[serde(default)]
    pub(crate) exit: i32,
    /// The arena that must suffice under wasmote, as the command takes it.
    pub(crate) memory: Option<String>,
}

impl Manifest {
    /// Reads `programs.toml` in the folder of the programs.
    pub(crate) fn load(folder: &Path) -> Result<Manifest> {
        let path = folder.join("programs.toml");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }
}

impl Program {
    /// Where the built module is: in the tree, or, if it is too large to be kept, among the build products.
    pub(crate) fn module(&self, folder: &Path, target_dir: &Path) -> PathBuf {
        let file = format!("{}.wasm", self.name);
        let kept = folder.join("prebuilt").join(&file);
        if kept.exists() { kept } else { target_dir.join("guests").join(file) }
    }
}

impl Run {
    /// Where the expected output is.
    pub(crate) fn expected(&self, folder: &Path) -> PathBuf {
        folder.join("expected").join(format!("{}.out", self.name))
    }

    /// Makes a fresh copy of `files/` in `scratch` for a run that wants one.
    pub(crate) fn copy_files(folder: &Path, scratch: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder.join("files"))? {
            let entry = entry?;
            std::fs::copy(entry.path(), scratch.join(entry.file_name()))?;
        }
        Ok(())
    }
}

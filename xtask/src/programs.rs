//! Programs that are measured: those of tests/workloads, or a folder of other people's modules.

use crate::workloads;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use wasmote_workloads::{C_PROGRAMS, WORKLOADS};

/// Rounds of a program whose checksum is known.
pub(crate) const KNOWN: u32 = 2;

/// A program as modules, which export `run: [i32] -> [i32]`: so many rounds, a checksum.
pub(crate) struct Program {
    pub(crate) name: String,
    /// Whether it is one of the tree's: then it must run.
    pub(crate) is_ours: bool,
    /// The checksum of `KNOWN` rounds, if it is known; else the first engine's is taken.
    pub(crate) checksum: Option<u32>,
    module: PathBuf,
    /// The same for engines that know WebAssembly 1.0 only.
    first_version: PathBuf,
}

impl Program {
    /// By which name firmware is asked for it: modules of others are nothing that it has natively, whatever they are called.
    pub(crate) fn asked_for(&self) -> &str {
        if self.is_ours { &self.name } else { "module" }
    }

    /// The module for an engine.
    pub(crate) fn module(&self, first_version: bool) -> &Path {
        if first_version { &self.first_version } else { &self.module }
    }
}

/// Which of the tree's programs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sources {
    /// Those in Rust: they are in the firmware of chips too, natively.
    Rust,
    /// Those in Rust and those in C.
    All,
}

/// The tree's programs whose names contain something, with modules for engines of the first version if any are asked for.
pub(crate) fn of_tree(sources: Sources, only: &str, first_version: bool) -> Result<Vec<Program>> {
    let of_first_version = first_version.then(workloads::build_first_version).transpose()?;
    let program = |name: &str, checksum| Program {
        name: name.to_owned(),
        is_ours: true,
        checksum: Some(checksum),
        module: workloads::module(name),
        first_version: of_first_version
            .as_ref()
            .map_or_else(|| workloads::module(name), |folder| folder.join(name).with_extension("wasm")),
    };
    let in_rust = WORKLOADS.iter().map(|workload| program(workload.name, workload.checksum));
    let in_c = C_PROGRAMS.iter().map(|in_c| program(in_c.name, in_c.checksum));
    let in_c = in_c.filter(|_| sources == Sources::All);
    let programs: Vec<Program> = in_rust.chain(in_c).filter(|program| program.name.contains(only)).collect();
    ensure!(!programs.is_empty(), "no program's name contains `{only}`: cargo xtask bench --list");
    Ok(programs)
}

/// The modules of a folder whose names contain something, by name.
pub(crate) fn of_folder(folder: &Path, only: &str) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = fs::canonicalize(entry?.path())?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "wasm") && name.contains(only) {
            programs.push(Program { name, is_ours: false, checksum: None, first_version: path.clone(), module: path });
        }
    }
    ensure!(!programs.is_empty(), "{}: no file *.wasm whose name contains `{only}`", folder.display());
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

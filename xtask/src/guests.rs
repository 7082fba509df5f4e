//! `cargo xtask guests`: builds the guest programs of tests/programs from their sources, and checks under wasmtime, and
//! natively where the source allows, that they print what tests/programs/expected says.
//!
//! Programs whose compiler is missing are named with the command that installs it; their kept module stays.

mod build;
#[path = "../../tests/programs/manifest.rs"]
#[allow(dead_code, reason = "how much memory a run may have concerns only the test that runs it")]
mod manifest;
mod reference;

use crate::setup::compilers::Tool;
use crate::setup::process;
use anyhow::{Context, Result, ensure};
use manifest::{Manifest, Program};
use std::fs;
use std::path::{Path, PathBuf};

/// A program that is larger than this is built on demand and not kept in the tree.
const KEPT_LEN_BYTES: u64 = 1 << 20;

/// Rebuilds the guest programs and compares them with wasmtime
#[derive(clap::Args, Debug)]
pub(crate) struct GuestsArgs {
    /// Only these programs [default: all]
    names: Vec<String>,

    /// Only compares the modules that are there
    #[arg(long)]
    no_build: bool,

    /// Takes what wasmtime prints as what is expected
    #[arg(long)]
    update: bool,
}

/// Where things are.
pub(crate) struct Places {
    /// tests/programs.
    pub(crate) folder: PathBuf,
    /// The root of all build products.
    pub(crate) target_dir: PathBuf,
    /// The build products of the guests.
    pub(crate) built: PathBuf,
}

impl Places {
    fn find() -> Result<Places> {
        let target_dir = process::target_dir();
        let built = target_dir.join("guests");
        fs::create_dir_all(&built)?;
        let folder = process::root().join("tests/programs");
        fs::create_dir_all(folder.join("prebuilt"))?;
        fs::create_dir_all(folder.join("expected"))?;
        Ok(Places { folder, target_dir, built })
    }
}

/// Runs the verb.
pub(crate) fn run(args: GuestsArgs) -> Result<()> {
    let places = Places::find()?;
    let manifest = Manifest::load(&places.folder)?;
    for name in &args.names {
        ensure!(manifest.programs.iter().any(|program| program.name == *name), "there is no program {name}");
    }
    let chosen: Vec<&Program> = manifest
        .programs
        .iter()
        .filter(|program| args.names.is_empty() || args.names.contains(&program.name))
        .collect();
    let mut missing = 0;
    if !args.no_build {
        for program in &chosen {
            missing += usize::from(!rebuild(&places, program)?);
        }
    }
    let counts = reference::compare(&places, &manifest, &chosen, args.update)?;
    println!("{counts}");
    ensure!(counts.failed == 0, "{} runs differ", counts.failed);
    ensure!(missing == 0, "{missing} programs were not rebuilt: their compilers are missing");
    Ok(())
}

/// Builds a program and keeps the module if it is small; false if its compiler is missing.
fn rebuild(places: &Places, program: &Program) -> Result<bool> {
    let tool = Tool::by_name(&program.tool).with_context(|| format!("{}: no tool {}", program.name, program.tool))?;
    if !tool.is_there() {
        println!("missing    {:22} needs {}: {}", program.name, program.tool, tool.remedy());
        return Ok(false);
    }
    let module = places.built.join(format!("{}.wasm", program.name));
    build::module(places, program, tool, &module).with_context(|| format!("building {}", program.name))?;
    let len_bytes = fs::metadata(&module)?.len();
    let kept = places.folder.join("prebuilt").join(format!("{}.wasm", program.name));
    let outcome = match (len_bytes <= KEPT_LEN_BYTES, same(&module, &kept)) {
        (false, _) => "built, too large to keep",
        (true, true) => "built, as kept",
        (true, false) => {
            fs::copy(&module, &kept)?;
            "built and kept"
        }
    };
    println!("{outcome:26} {:22} {len_bytes:8} bytes", program.name);
    Ok(true)
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

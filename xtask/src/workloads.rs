//! `cargo xtask workloads`: builds each program of tests/workloads as a WebAssembly module, and checks that the modules kept in
//! `prebuilt/` are what the sources give; `--update` replaces them.
//!
//! A module exports `run: [i32] -> [i32]` and its memory, of which it touches less than 32 KiB. It uses what compilers use
//! without being asked: WebAssembly 1.0, sign extension, conversions that saturate, bulk memory.

use crate::setup::process;
use crate::setup::targets::toolchain_for;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmote_workloads::WORKLOADS;

const TARGET: &str = "wasm32v1-none";
/// The compiler of the kept modules.
const RUSTC: &str = "1.95";
/// What both the programs and their modules are compiled with. The stack is the first thing in memory.
const FLAGS: [&str; 4] = [
    "-Copt-level=3",
    "-Ccodegen-units=1",
    "-Cpanic=abort",
    "-Ctarget-feature=+sign-ext,+bulk-memory,+nontrapping-fptoint",
];
const LINK: [&str; 4] = ["-Clto=fat", "-Cstrip=symbols", "-Clink-arg=-zstack-size=12288", "-Clink-arg=--stack-first"];

/// Builds the programs that interpreters are measured with, and compares them with the kept modules
#[derive(clap::Args, Debug)]
pub(crate) struct WorkloadsArgs {
    /// Keeps what was built
    #[arg(long)]
    update: bool,
}

/// Runs the verb.
pub(crate) fn run(args: WorkloadsArgs) -> Result<()> {
    let toolchain = toolchain_for(TARGET).context("the target is missing: cargo xtask setup")?;
    let out = process::target_dir().join("workloads");
    fs::create_dir_all(&out)?;
    let library = out.join("libwasmote_workloads.rlib");
    let mut rustc = toolchain.rustc();
    rustc.current_dir(folder()).args([
        "--edition",
        "2024",
        "--crate-type",
        "rlib",
        "--crate-name",
        "wasmote_workloads",
    ]);
    rustc.args(["--target", TARGET]).args(FLAGS).args(["src/lib.rs", "-o"]).arg(&library);
    process::quiet(&mut rustc)?;
    let mut differing = Vec::new();
    for workload in WORKLOADS {
        let built = out.join(workload.name).with_extension("wasm");
        link(toolchain.rustc(), workload.name, &library, &built)?;
        let (bytes, kept) = (fs::read(&built)?, module(workload.name));
        let agrees = fs::read(&kept).is_ok_and(|kept| kept == bytes);
        if !agrees && args.update {
            fs::write(&kept, &bytes)?;
        } else if !agrees {
            differing.push(workload.name);
        }
        let outcome = match (agrees, args.update) {
            (true, _) => "as kept",
            (false, true) => "kept",
            (false, false) => "DIFFERS",
        };
        println!("{outcome:10} {:24} {:6} bytes", workload.name, bytes.len());
    }
    if differing.is_empty() {
        return Ok(());
    }
    let version = process::text(toolchain.rustc().arg("--version"))?;
    let hint = if version.contains(RUSTC) { "" } else { " (the kept ones are of another compiler)" };
    bail!("{} differ from what is kept{hint}; --update keeps what was built by {version}", differing.join(", "))
}

/// Where the sources are.
pub(crate) fn folder() -> PathBuf {
    process::root().join("tests/workloads")
}

/// Where the module of a program is kept.
pub(crate) fn module(name: &str) -> PathBuf {
    folder().join("prebuilt").join(name).with_extension("wasm")
}

/// The module has one function more than the program: the export.
fn link(mut rustc: Command, name: &str, library: &Path, built: &Path) -> Result<()> {
    let source = built.with_extension("rs");
    fs::write(
        &source,
        format!(
            "#![no_std]\n\
             #[unsafe(no_mangle)]\n\
             pub extern \"C\" fn run(rounds: u32) -> u32 {{ wasmote_workloads::{name}::run(rounds) }}\n\
             #[panic_handler]\n\
             fn panic(_: &core::panic::PanicInfo) -> ! {{ core::arch::wasm32::unreachable() }}\n"
        ),
    )?;
    rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--target", TARGET]).args(FLAGS).args(LINK);
    rustc.arg("--extern").arg(format!("wasmote_workloads={}", library.display()));
    process::quiet(rustc.arg(&source).arg("-o").arg(built))?;
    Ok(())
}

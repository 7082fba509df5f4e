//! `cargo xtask workloads`: builds each program of tests/workloads as a WebAssembly module, and checks that the modules kept in
//! `prebuilt/` are what the sources give; `--update` replaces them.
//!
//! A module exports `run: [i32] -> [i32]` and its memory, of which it touches less than 32 KiB. It uses what compilers use
//! without being asked: WebAssembly 1.0, sign extension, conversions that saturate, bulk memory.

use crate::setup::compilers::Tool;
use crate::setup::process;
use crate::setup::targets::{Toolchain, toolchain_for};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmote_workloads::{C_PROGRAMS, WORKLOADS};

const TARGET: &str = "wasm32v1-none";
/// The compiler of the kept modules.
const RUSTC: &str = "1.95";
/// What both the programs and their modules are compiled with. The stack is the first thing in memory.
const FLAGS: [&str; 3] = ["-Copt-level=3", "-Ccodegen-units=1", "-Cpanic=abort"];
const LINK: [&str; 4] = ["-Clto=fat", "-Cstrip=symbols", "-Clink-arg=-zstack-size=12288", "-Clink-arg=--stack-first"];
/// What came after WebAssembly 1.0.
const FEATURES: &str = "-Ctarget-feature=+sign-ext,+bulk-memory,+nontrapping-fptoint";

/// What the programs in C are compiled with.
const C_FLAGS: [&str; 8] = [
    "--target=wasm32",
    "-nostdlib",
    "-O2",
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wl,--no-entry,--export=run,-s,--stack-first,-z,stack-size=4096",
];
const C_FEATURES: [&str; 3] = ["-msign-ext", "-mbulk-memory", "-mnontrapping-fptoint"];
/// Without bulk memory no loop may become a call of `memset`.
const C_FIRST_VERSION: [&str; 2] = ["-mcpu=mvp", "-fno-builtin"];

/// Builds the programs that interpreters are measured with, and compares them with the kept modules
#[derive(clap::Args, Debug)]
pub(crate) struct WorkloadsArgs {
    /// Keeps what was built
    #[arg(long)]
    update: bool,
}

/// Runs the verb.
pub(crate) fn run(args: WorkloadsArgs) -> Result<()> {
    let out = process::target_dir().join("workloads");
    let built = build(&out, &[FEATURES], &C_FEATURES)?;
    let mut differing = Vec::new();
    for name in built {
        let (bytes, kept) = (fs::read(out.join(name).with_extension("wasm"))?, module(name));
        let agrees = fs::read(&kept).is_ok_and(|kept| kept == bytes);
        if !agrees && args.update {
            fs::write(&kept, &bytes)?;
        } else if !agrees {
            differing.push(name);
        }
        let outcome = match (agrees, args.update) {
            (true, _) => "as kept",
            (false, true) => "kept",
            (false, false) => "DIFFERS",
        };
        println!("{outcome:10} {name:24} {:6} bytes", bytes.len());
    }
    if differing.is_empty() {
        return Ok(());
    }
    let version = process::text(toolchain()?.rustc().arg("--version"))?;
    let hint = if version.contains(RUSTC) { "" } else { " (the kept ones are of another compiler)" };
    bail!("{} differ from what is kept{hint}; --update keeps what was built by {version}", differing.join(", "))
}

/// Where the module of a program is kept.
pub(crate) fn module(name: &str) -> PathBuf {
    folder().join("prebuilt").join(name).with_extension("wasm")
}

/// Builds the modules for engines that know WebAssembly 1.0 only; where they are.
pub(crate) fn build_first_version() -> Result<PathBuf> {
    let out = process::target_dir().join("workloads/first-version");
    build(&out, &[], &C_FIRST_VERSION)?;
    Ok(out)
}

/// Where the sources are.
fn folder() -> PathBuf {
    process::root().join("tests/workloads")
}

fn toolchain() -> Result<Toolchain> {
    toolchain_for(TARGET).context("the target is missing: cargo xtask setup")
}

/// Builds all modules into a folder, those from C if their compiler is here; which were built.
fn build(out: &Path, features: &[&str], c_features: &[&str]) -> Result<Vec<&'static str>> {
    fs::create_dir_all(out)?;
    let library = out.join("libwasmote_workloads.rlib");
    let mut rustc = toolchain()?.rustc();
    rustc.current_dir(folder()).args(["--edition", "2024", "--crate-type", "rlib"]);
    rustc.args(["--crate-name", "wasmote_workloads", "--target", TARGET]).args(FLAGS).args(features);
    process::quiet(rustc.args(["src/lib.rs", "-o"]).arg(&library))?;
    let mut built = Vec::new();
    for workload in WORKLOADS {
        let mut rustc = toolchain()?.rustc();
        rustc.args(features);
        link(rustc, workload.name, &library, &out.join(workload.name).with_extension("wasm"))?;
        built.push(workload.name);
    }
    if !Tool::Clang.is_there() {
        println!("missing    clang for the programs in C: {}", Tool::Clang.remedy());
        return Ok(built);
    }
    for program in C_PROGRAMS {
        let mut clang = Tool::Clang.command()?;
        clang.current_dir(folder().join("c")).args(C_FLAGS).args(c_features).arg(format!("{}.c", program.name));
        process::quiet(clang.arg("-o").arg(out.join(program.name).with_extension("wasm")))?;
        built.push(program.name);
    }
    Ok(built)
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

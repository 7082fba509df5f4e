//! `cargo xtask examples`: builds the example guests of wasi-embedded/guest/examples from their sources, and checks that the
//! modules kept beside them are what the sources give; `--update` replaces them. The templates for new guests are built too.
//!
//! The same compiler gives the same bytes: no path of this machine is in them. Another compiler gives others, so the
//! version that the kept ones were built with is fixed here and a difference with another version is told as what it is.

use crate::setup::compilers::Tool;
use crate::setup::process;
use crate::setup::targets::toolchain_for;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler of the kept modules.
const RUSTC: &str = "1.95";
/// The target of the Rust examples.
const TARGET: &str = "wasm32v1-none";

/// Builds the example guests and compares them with what is kept
#[derive(clap::Args, Debug)]
pub(crate) struct ExamplesArgs {
    /// Keeps what was built
    #[arg(long)]
    update: bool,
}

/// Runs the verb.
pub(crate) fn run(args: ExamplesArgs) -> Result<()> {
    let folder = process::root().join("wasi-embedded/guest");
    lints(&folder)?;
    templates(&folder)?;
    let mut differing = Vec::new();
    for built in rust(&folder)?.into_iter().chain(c(&folder)?) {
        let name = built.file_name().context("a module has a name")?;
        let kept = folder.join("examples").join(name);
        let bytes = fs::read(&built)?;
        let agrees = fs::read(&kept).is_ok_and(|kept| kept == bytes);
        if !agrees && args.update {
            fs::write(&kept, &bytes)?;
        } else if !agrees {
            differing.push(name.to_string_lossy().into_owned());
        }
        let outcome = match (agrees, args.update) {
            (true, _) => "as kept",
            (false, true) => "kept",
            (false, false) => "DIFFERS",
        };
        println!("{outcome:10} {:24} {:6} bytes", name.to_string_lossy(), bytes.len());
    }
    if differing.is_empty() {
        return Ok(());
    }
    let version = process::text(Command::new("rustc").arg("--version"))?;
    let hint = if version.contains(RUSTC) { "" } else { " (the kept ones are of another compiler)" };
    bail!("{} differ from what is kept{hint}; --update keeps what was built by {version}", differing.join(", "))
}

/// Formatting and lints of the guests' workspace, which those of this one do not reach.
fn lints(folder: &Path) -> Result<()> {
    process::quiet(Command::new("cargo").current_dir(folder).args(["fmt", "--check"]))?;
    let mut clippy = toolchain_for(TARGET).context("the target is missing: cargo xtask setup")?.cargo();
    clippy.current_dir(folder).args(["clippy", "--release", "--examples", "--quiet", "--locked", "--target-dir"]);
    process::quiet(clippy.arg(process::target_dir().join("guest")).args(["--", "-D", "warnings"]))?;
    Ok(())
}

/// Builds the Rust examples; where each is.
fn rust(folder: &Path) -> Result<Vec<PathBuf>> {
    let toolchain = toolchain_for(TARGET).context("the target is missing: cargo xtask setup")?;
    let target_dir = process::target_dir().join("guest");
    let mut cargo = toolchain.cargo();
    cargo.current_dir(folder).args(["build", "--release", "--examples", "--quiet", "--locked"]);
    cargo.arg("--target-dir").arg(&target_dir).arg("--config").arg(remaps()?);
    process::quiet(&mut cargo)?;
    let mut modules = Vec::new();
    for entry in fs::read_dir(folder.join("examples"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().context("a source has a name")?;
            modules.push(target_dir.join(TARGET).join("release/examples").join(name).with_extension("wasm"));
        }
    }
    modules.sort();
    Ok(modules)
}

/// Flags that take the place of the registry's crates out of the modules.
fn remaps() -> Result<String> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => PathBuf::from(std::env::var_os("HOME").context("neither CARGO_HOME nor HOME is set")?).join(".cargo"),
    };
    let mut flags = Vec::new();
    for entry in fs::read_dir(home.join("registry/src")).into_iter().flatten() {
        flags.push(format!("'--remap-path-prefix={}=crates'", entry?.path().display()));
    }
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

/// What C guests are told: small, with the stack below the data.
const C_FLAGS: [&str; 6] =
    ["--target=wasm32-wasi", "-Oz", "-std=gnu11", "-Wall", "-Wextra", "-Wl,-s,-z,stack-size=2048,--stack-first"];

/// Builds the C example, if its compiler is here; where it is.
fn c(folder: &Path) -> Result<Option<PathBuf>> {
    if !Tool::Clang.is_there() {
        println!("missing    clang for the C example: {}", Tool::Clang.remedy());
        return Ok(None);
    }
    let built = process::target_dir().join("guest/alarm.wasm");
    let generated = Path::new("../../templates/c/generated");
    let mut clang = Tool::Clang.command()?;
    clang.current_dir(folder.join("examples/c")).args(C_FLAGS).args(["-Werror", "alarm.c", "-I"]).arg(generated);
    clang.arg(generated.join("guest.c")).arg(generated.join("core.c")).arg("-o").arg(&built);
    process::quiet(&mut clang)?;
    Ok(Some(built))
}

/// Makes a guest of each template, as cargo-generate does, and builds it.
fn templates(folder: &Path) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let rust = fill(&folder.join("templates/rust"), &scratch.path().join("rust"), folder)?;
    let mut cargo = toolchain_for(TARGET).context("the target is missing: cargo xtask setup")?.cargo();
    cargo.current_dir(&rust).args(["build", "--release", "--quiet", "--target-dir"]);
    process::quiet(cargo.arg(process::target_dir().join("guest")))?;
    println!("built      the template in Rust");
    if Tool::Clang.is_there() {
        let c = fill(&folder.join("templates/c"), &scratch.path().join("c"), folder)?;
        process::quiet(Command::new("make").current_dir(&c).arg("CC=clang-19 -Werror"))?;
        println!("built      the template in C");
    }
    Ok(())
}

/// Copies a template with its placeholders filled in, and this tree's crate instead of the published one; where it is.
fn fill(template: &Path, into: &Path, guest: &Path) -> Result<PathBuf> {
    fs::create_dir_all(into)?;
    for entry in fs::read_dir(template)? {
        let entry = entry?;
        let copy = into.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fill(&entry.path(), &copy, guest)?;
            continue;
        }
        let text = fs::read_to_string(entry.path())?;
        let crate_here = format!("path = {:?}", guest.display().to_string());
        let text = text.replace("{{project-name}}", "first-guest").replace("{{crate_name}}", "first_guest");
        fs::write(copy, text.replace("git = \"https://github.com/wasmote/wasmote\"", &crate_here))?;
    }
    Ok(into.to_owned())
}

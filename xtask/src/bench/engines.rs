//! The engines that are compared: which runner each is, how it is started, and what it knows.

use super::runner::Runner;
use crate::setup::{measuring, process};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// An engine in one build and one setting.
#[derive(Debug)]
pub(super) struct Engine {
    /// What it is called on the command line and in files.
    pub(super) name: &'static str,
    /// What it is called in tables.
    pub(super) title: &'static str,
    /// The member of tests/peers that runs it.
    peer: &'static str,
    /// What the runner is told.
    pub(super) arguments: &'static [&'static str],
    /// Whether it counts what a guest does and can stop it.
    pub(super) fuel: bool,
    /// Whether it is Wasmote in a build that charges nothing, which shows what fuel costs and is of no other use.
    pub(super) unmetered: bool,
    /// Whether it knows not all that compilers use beyond WebAssembly 1.0, so that its modules are built without.
    pub(super) first_version: bool,
}

impl Engine {
    /// Whether it is ours.
    pub(super) fn is_wasmote(&self) -> bool {
        self.peer == "wasmote"
    }
}

const fn engine(
    name: &'static str,
    title: &'static str,
    peer: &'static str,
    arguments: &'static [&'static str],
    fuel: bool,
) -> Engine {
    Engine { name, title, peer, arguments, fuel, unmetered: false, first_version: false }
}

/// All of them. Wasmote meters in every build but the one that is there to show what that costs.
pub(super) static ENGINES: [Engine; 17] = [
    engine("wasmote", "Wasmote, tail calls", "wasmote", &["tail"], true),
    engine("wasmote-loop", "Wasmote, loop", "wasmote", &["loop"], true),
    engine("wasmote-trampoline", "Wasmote, trampoline", "wasmote", &["trampoline"], true),
    engine("wasmote-compact", "Wasmote, compact loop", "wasmote", &["compact"], true),
    Engine {
        unmetered: true,
        ..engine("unmetered", "Wasmote, tail calls, fuel not charged", "wasmote", &["tail"], false)
    },
    Engine {
        unmetered: true,
        ..engine("unmetered-loop", "Wasmote, loop, fuel not charged", "wasmote", &["loop"], false)
    },
    engine("wasmi-fuel", "wasmi 2.0, fuel", "wasmi", &["--fuel"], true),
    engine("wasmi", "wasmi 2.0", "wasmi", &[], false),
    engine("wasmi-loop-fuel", "wasmi 2.0, loop, fuel", "wasmi-loop", &["--fuel"], true),
    engine("wasmi-loop", "wasmi 2.0, loop", "wasmi-loop", &[], false),
    Engine { first_version: true, ..engine("wasm3", "wasm3 0.4.7", "wasm3", &[], false) },
    engine("tinywasm-fuel", "tinywasm 0.10, fuel", "tinywasm", &["--fuel"], true),
    engine("tinywasm", "tinywasm 0.10", "tinywasm", &[], false),
    Engine { first_version: true, ..engine("spacewasm", "spacewasm 0.7", "spacewasm", &[], true) },
    engine("pulley-fuel", "Pulley (wasmtime 48), fuel", "pulley", &["--fuel"], true),
    engine("pulley", "Pulley (wasmtime 48)", "pulley", &[], false),
    engine("native", "native", "native", &[], false),
];

/// An engine that waits for commands.
pub(super) struct Started {
    pub(super) engine: &'static Engine,
    pub(super) program: PathBuf,
    pub(super) runner: Runner,
}

/// Builds and starts the engines with these names, or all. One that does not build is told and left out.
pub(super) fn start(names: &[String]) -> Result<Vec<Started>> {
    if let Some(unknown) = names.iter().find(|name| !ENGINES.iter().any(|engine| engine.name == name.as_str())) {
        bail!("no engine `{unknown}`: cargo xtask bench --list");
    }
    let mut started = Vec::new();
    for engine in &ENGINES {
        if !names.is_empty() && !names.iter().any(|name| name == engine.name) {
            continue;
        }
        match build(engine).and_then(|program| Ok((Runner::start(&program, engine.arguments)?, program))) {
            Ok((runner, program)) => started.push(Started { engine, program, runner }),
            Err(error) if names.is_empty() => eprintln!("{} is left out: {error:#}", engine.title),
            Err(error) => return Err(error),
        }
    }
    Ok(started)
}

/// Builds a runner as it would ship; where it is.
fn build(engine: &Engine) -> Result<PathBuf> {
    let peer = engine.peer;
    let folder = process::root().join("tests/peers");
    // Those that take long, or that are another build of the same crate, are by themselves.
    let target_dir = process::target_dir().join(match peer {
        _ if engine.unmetered => "peers/unmetered",
        "pulley" => "peers/pulley",
        _ => "peers",
    });
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&folder).args(["build", "--quiet", "--release", "--locked", "--package"]);
    cargo.arg(format!("wasmote-peer-{peer}")).arg("--target-dir").arg(&target_dir);
    // What the settings of this workspace's own builds are does not count here.
    cargo.env_remove("CARGO_PROFILE_RELEASE_LTO").env_remove("CARGO_PROFILE_RELEASE_CODEGEN_UNITS");
    cargo.env_remove("WASMOTE_UNMETERED");
    if engine.unmetered {
        cargo.env("WASMOTE_UNMETERED", "measure");
    }
    if peer == "wasm3" {
        for (variable, value) in for_wasm3()? {
            cargo.env(variable, value);
        }
    }
    process::quiet(&mut cargo).with_context(|| format!("building tests/peers/{peer}"))?;
    Ok(target_dir.join("release").join(format!("wasmote-peer-{peer}")))
}

/// The crate makes its bindings with a libclang that it understands; clang compiles it best.
fn for_wasm3() -> Result<Vec<(&'static str, PathBuf)>> {
    let libclang = measuring::libclang();
    let libclang =
        libclang.context("it wants a libclang not newer than 15: cargo xtask setup --bench, or set LIBCLANG_PATH")?;
    let mut variables = vec![("LIBCLANG_PATH", libclang)];
    if let Some(clang) = measuring::clang().filter(|_| std::env::var_os("CC").is_none()) {
        variables.push(("CC", PathBuf::from(clang)));
    }
    Ok(variables)
}

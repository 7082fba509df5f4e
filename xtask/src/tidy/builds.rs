//! The core builds for every target of the project.

use super::Findings;
use crate::setup::process;
use crate::setup::targets::{TARGETS, toolchain_for};
use anyhow::Result;
use std::process::Command;

/// Builds the core for all targets and for this machine.
pub(super) fn check() -> Result<Findings> {
    let mut findings = Findings::new();
    build(Command::new("cargo"), None, &mut findings);
    for target in TARGETS {
        match toolchain_for(target.triple) {
            Some(toolchain) => build(toolchain.cargo(), Some(target.triple), &mut findings),
            None => findings.push(format!("no toolchain for {}: cargo xtask setup", target.triple)),
        }
    }
    println!(
        "  the core builds for this machine and {} of {} targets",
        TARGETS.len() - findings.len().min(TARGETS.len()),
        TARGETS.len()
    );
    Ok(findings)
}

fn build(mut cargo: Command, triple: Option<&str>, findings: &mut Findings) {
    cargo.current_dir(process::root()).args(["build", "--quiet", "--release", "--package", "wasmote"]);
    cargo.args(triple.iter().flat_map(|triple| ["--target", triple]));
    cargo.arg("--target-dir").arg(process::target_dir().join("tidy"));
    if let Err(error) = process::quiet(&mut cargo) {
        findings.push(format!("{error}"));
    }
}

//! Instructions instead of time, as valgrind counts them: the same on every machine and each time, though not what time follows
//! from alone.

use super::engines::Started;
use super::statistics::Table;
use crate::programs::Program;
use crate::setup::process;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Rounds of a program, few and more: the difference is without what is done once.
const FEW: u32 = 1;
const MORE: u32 = 5;

/// Instructions for each round of each program under each engine.
pub(super) fn count(engines: &[Started], programs: &[Program]) -> Result<Table> {
    if process::find("valgrind").is_none() {
        bail!("valgrind is missing, which counts instructions: cargo xtask setup --bench");
    }
    let mut table = Table::new(engines.iter().map(|started| started.engine), programs.iter().map(|p| p.name.as_str()));
    for (row, program) in programs.iter().enumerate() {
        for (column, started) in engines.iter().enumerate() {
            let module = program.module(started.engine.first_version);
            let counted = |rounds| counted(&started.program, started.engine.arguments, module, rounds);
            match counted(FEW).and_then(|few| Ok(counted(MORE)?.saturating_sub(few))) {
                Ok(difference) => table.add(row, column, difference as f64 / f64::from(MORE - FEW)),
                Err(error) => eprintln!("{} does not run {}: {error:#}", started.engine.title, program.name),
            }
        }
        eprintln!("{:2} of {}  {}", row + 1, programs.len(), program.name);
    }
    Ok(table)
}

/// All instructions of a runner that loads a program and runs it once.
fn counted(runner: &Path, arguments: &[&str], module: &Path, rounds: u32) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(runner).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut commands = child.stdin.take().context("a runner has an input")?;
    writeln!(commands, "load\t{}\nrun\t{rounds}", module.display())?;
    drop(commands);
    let output = child.wait_with_output()?;
    let answers = String::from_utf8_lossy(&output.stdout);
    if let Some(error) = answers.lines().find(|line| line.starts_with("error")) {
        bail!("{error}");
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected :")).context("valgrind told no count")?;
    collected.1.trim().parse().context("a count is a number")
}

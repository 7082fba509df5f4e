//! What the programs print elsewhere: under wasmtime, which decides what is expected, and natively, which must agree.

use super::manifest::{Manifest, Program, Run};
use super::{Places, build};
use crate::counts::Counts;
use crate::setup::compilers::Tool;
use crate::setup::process;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run gave: standard output and exit code.
#[derive(PartialEq, Eq)]
struct Given {
    stdout: Vec<u8>,
    exit: i32,
}

/// Counts a run that gave what is expected, or something else, or was not to be had.
fn count(counts: &mut Counts, agrees: Option<bool>) {
    *match agrees {
        Some(true) => &mut counts.passed,
        Some(false) => &mut counts.failed,
        None => &mut counts.skipped,
    } += 1;
}

/// Runs the chosen programs under wasmtime and natively.
pub(super) fn compare(places: &Places, manifest: &Manifest, chosen: &[&Program], update: bool) -> Result<Counts> {
    let mut counts = Counts::default();
    let wasmtime = Tool::Wasmtime;
    if !wasmtime.is_there() {
        println!("missing    wasmtime, so that nothing is compared with it: {}", wasmtime.remedy());
    }
    for program in chosen {
        let native = places.built.join(format!("{}.native", program.name));
        if program.native {
            build::native(places, program, &native).with_context(|| format!("building {} natively", program.name))?;
        }
        for run in manifest.runs.iter().filter(|run| run.program == program.name) {
            count(&mut counts, if wasmtime.is_there() { under_wasmtime(places, program, run, update)? } else { None });
            if program.native {
                count(&mut counts, Some(natively(places, &native, run)?));
            }
        }
    }
    Ok(counts)
}

/// Whether a run under wasmtime gives what is expected; `None` if there is no module.
fn under_wasmtime(places: &Places, program: &Program, run: &Run, update: bool) -> Result<Option<bool>> {
    let module = program.module(&places.folder, &places.target_dir);
    if !module.exists() {
        println!("not built  {0}: cargo xtask guests {0}", program.name);
        return Ok(None);
    }
    let scratch = tempfile::tempdir()?;
    let mut command = Tool::Wasmtime.command()?;
    command.arg("run");
    if run.files {
        Run::copy_files(&places.folder, scratch.path())?;
        command.arg(format!("--dir={}::/", scratch.path().display()));
    }
    command.arg(module).args(&run.args);
    let given = give(places, command, run)?;
    if update && given.exit == run.exit {
        fs::write(run.expected(&places.folder), &given.stdout)?;
    }
    judge(places, run, &given, "wasmtime").map(Some)
}

fn natively(places: &Places, program: &Path, run: &Run) -> Result<bool> {
    let scratch = tempfile::tempdir()?;
    let mut command = Command::new(program);
    if run.files {
        Run::copy_files(&places.folder, scratch.path())?;
        command.current_dir(scratch.path());
    }
    command.args(&run.args);
    let given = give(places, command, run)?;
    judge(places, run, &given, "native")
}

fn give(places: &Places, mut command: Command, run: &Run) -> Result<Given> {
    let stdin = match &run.stdin {
        Some(file) => Stdio::from(fs::File::open(places.folder.join(file))?),
        None => Stdio::null(),
    };
    let output = command.stdin(stdin).output().with_context(|| process::shown(&command))?;
    Ok(Given { stdout: output.stdout, exit: output.status.code().unwrap_or(-1) })
}

fn judge(places: &Places, run: &Run, given: &Given, whose: &str) -> Result<bool> {
    // Without a file nothing is expected, and any output differs from that.
    let stdout = fs::read(run.expected(&places.folder)).unwrap_or_default();
    let expected = Given { stdout, exit: run.exit };
    let agrees = *given == expected;
    println!("{:10} {:22} {whose}", if agrees { "agrees" } else { "DIFFERS" }, run.name);
    if !agrees {
        println!("exit code {}, expected {}; it printed:", given.exit, run.exit);
        println!("{}", String::from_utf8_lossy(&given.stdout));
    }
    Ok(agrees)
}

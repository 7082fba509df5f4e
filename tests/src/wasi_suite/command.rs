//! Running a test with the command `wasmote`, in a copy of its fixture.

use std::{
    fs, io,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Case, Outcome};

/// How long a test may take before it is killed; none takes a second.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Runs one test; a failure of the machinery is told as its exit.
pub(super) fn run(wasmote: &Path, case: &Case) -> Outcome {
    try_run(wasmote, case).unwrap_or_else(failure)
}

/// Runs a test by its whole command line.
pub(super) fn run_line(line: &[String]) -> Outcome {
    let Some((program, arguments)) = line.split_first() else { return failure(io::ErrorKind::InvalidInput.into()) };
    finish(Command::new(program).args(arguments)).unwrap_or_else(failure)
}

fn failure(error: io::Error) -> Outcome {
    Outcome { exit: Err(error.to_string()), stdout: Vec::new(), stderr: Vec::new() }
}

fn try_run(wasmote: &Path, case: &Case) -> io::Result<Outcome> {
    let mut command = Command::new(wasmote);
    command.arg("run");
    let root = tempfile::tempdir()?;
    if let Some(fixture) = &case.root {
        copy(fixture, root.path())?;
        command.arg("--dir").arg(format!("{}::/", root.path().display()));
    }
    for (name, value) in &case.variables {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    finish(command.arg(&case.module).args(&case.arguments))
}

/// Starts the command, collects what it says, and waits for its end.
fn finish(command: &mut Command) -> io::Result<Outcome> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    // Held open to the end: the suite says that standard input is a pipe in which nothing comes.
    let input = child.stdin.take();
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let exit = wait(&mut child)?;
    drop(input);
    let collect = |reader: thread::JoinHandle<Vec<u8>>| reader.join().unwrap_or_default();
    Ok(Outcome { exit, stdout: collect(stdout), stderr: collect(stderr) })
}

/// Reads a stream to its end, aside.
fn reader(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read before an error is what there is to compare.
            let _ = stream.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Waits for the end, which comes by force after [`TIME_MAX`].
fn wait(child: &mut Child) -> io::Result<Result<i32, String>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code().ok_or_else(|| status.to_string()));
        }
        if started.elapsed() > TIME_MAX {
            child.kill()?;
            child.wait()?;
            return Ok(Err(format!("no end after {} s", TIME_MAX.as_secs())));
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Copies a directory with all that is in it.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

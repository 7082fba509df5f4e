//! A runner of tests/peers: a process that answers each command with one line.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The process, and both ends of it.
pub(super) struct Runner {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Runner {
    /// Starts a runner.
    pub(super) fn start(program: &Path, arguments: &[&str]) -> Result<Runner> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| program.display().to_string())?;
        let commands = child.stdin.take().context("a runner has an input")?;
        let answers = BufReader::new(child.stdout.take().context("a runner has an output")?);
        Ok(Runner { child, commands, answers })
    }

    /// Gives a command; the figures of the answer, which are numbers.
    pub(super) fn ask(&mut self, words: &[&str]) -> Result<Vec<u64>> {
        writeln!(self.commands, "{}", words.join("\t"))?;
        self.commands.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        match answer.trim().split_once(' ').unwrap_or((answer.trim(), "")) {
            ("ok", figures) => {
                figures.split_whitespace().map(|figure| figure.parse().context("a figure is a number")).collect()
            }
            ("error", reason) => bail!("{reason}"),
            _ => bail!("the runner ended"),
        }
    }

    /// Makes a program ready.
    pub(super) fn load(&mut self, module: &Path) -> Result<()> {
        self.ask(&["load", &module.display().to_string()]).map(|_| ())
    }

    /// Runs the program that is ready: its checksum, and nanoseconds.
    pub(super) fn run(&mut self, rounds: u32) -> Result<(u32, u64)> {
        match self.ask(&["run", &rounds.to_string()])?[..] {
            [sum, nanoseconds] => Ok((sum as u32, nanoseconds)),
            _ => bail!("a run gives a checksum and a time"),
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

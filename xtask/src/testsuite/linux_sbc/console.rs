//! An emulated board: its serial line with a shell behind it, and QEMU's control socket.

use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest silence of a board: booting takes 8 seconds on a computer with nothing else to do.
const PATIENCE: Duration = Duration::from_secs(240);
/// The character that interrupts what runs on a terminal.
const INTERRUPT: &[u8] = &[3];

/// A board that has booted. Dropping it switches it off.
pub(super) struct Console {
    qemu: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    control: BufReader<UnixStream>,
    /// The control socket's directory.
    _dir: tempfile::TempDir,
}

/// What a command printed, and its exit code.
pub(super) struct Done {
    pub(super) lines: Vec<String>,
    pub(super) code: i32,
}

impl Console {
    /// Starts the emulator and waits until the shell is there.
    pub(super) fn boot(mut qemu: Command) -> Result<Console> {
        let dir = tempfile::tempdir()?;
        let socket = dir.path().join("control");
        qemu.arg("-qmp").arg(format!("unix:{},server=on,wait=off", socket.display()));
        qemu.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut qemu = qemu.spawn().context("the emulator does not start")?;
        let (input, output) = (qemu.stdin.take(), qemu.stdout.take());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output.into_iter().next()?).split(b'\n') {
                let line = String::from_utf8_lossy(&line.ok()?).trim_end_matches('\r').to_string();
                sender.send(line).ok()?;
            }
            Some(())
        });
        let control = connect(&socket);
        let control = control.inspect_err(|_| {
            let _ = qemu.kill();
        })?;
        let mut console =
            Console { qemu, input: input.context("no input")?, lines, control: BufReader::new(control), _dir: dir };
        console.answer()?;
        console.control(r#"{"execute":"qmp_capabilities"}"#)?;
        while console.line()? != "#READY" {}
        Ok(console)
    }

    /// The next line of the serial output.
    pub(super) fn line(&mut self) -> Result<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => bail!("silence for {} seconds", PATIENCE.as_secs()),
            Err(RecvTimeoutError::Disconnected) => bail!("the emulator has ended"),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.input.write_all(bytes).and_then(|()| self.input.flush()).context("the emulator has ended")
    }

    /// Runs a command to its end.
    pub(super) fn shell(&mut self, command: &str) -> Result<Done> {
        self.follow(command, &mut |_, _, _| Ok(()))
    }

    /// Runs a command; `each` sees every line as it comes, with its number from 1, and may act on the board meanwhile.
    pub(super) fn follow(
        &mut self,
        command: &str,
        each: &mut dyn FnMut(&mut Console, usize, &str) -> Result<()>,
    ) -> Result<Done> {
        self.send(command.as_bytes())?;
        self.send(b"\n")?;
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            if let Some(code) = line.strip_prefix("#END ") {
                // An empty line stands before the mark, unless the output ends in the middle of a line.
                lines.pop_if(|line: &mut String| line.is_empty());
                return Ok(Done { lines, code: code.parse().context("an exit code")? });
            }
            // What the terminal says of an interrupt is nobody's output.
            let line = line.trim_start_matches("^C").to_string();
            each(self, lines.len() + 1, &line)?;
            lines.push(line);
        }
    }

    /// Ends what the shell runs.
    pub(super) fn interrupt(&mut self) {
        let _ = self.send(INTERRUPT);
    }

    /// After a case that failed in the middle: ends whatever still runs, and waits until the shell answers again.
    pub(super) fn recover(&mut self) {
        self.interrupt();
        let answers = self.send(b"kill $(pidof wasmote); wait; echo '#HERE'\n");
        while answers.is_ok() && self.line().is_ok_and(|line| line != "#HERE") {}
        let _ = self.line();
        let _ = self.line();
    }

    /// Gives a command to the emulator; its answer.
    pub(super) fn control(&mut self, command: &str) -> Result<String> {
        self.control.get_mut().write_all(format!("{command}\n").as_bytes())?;
        loop {
            let answer = self.answer()?;
            ensure!(!answer.contains("\"error\""), "{command}: {answer}");
            if answer.contains("\"return\"") {
                return Ok(answer);
            }
        }
    }

    fn answer(&mut self) -> Result<String> {
        let mut line = String::new();
        self.control.read_line(&mut line).context("the emulator does not answer")?;
        ensure!(!line.is_empty(), "the emulator has ended");
        Ok(line)
    }

    /// Sets a property of an emulated part.
    pub(super) fn set(&mut self, path: &str, property: &str, value: &str) -> Result<()> {
        let arguments = format!(r#"{{"path":"{path}","property":"{property}","value":{value}}}"#);
        self.control(&format!(r#"{{"execute":"qom-set","arguments":{arguments}}}"#)).map(drop)
    }

    /// Waits until a property of an emulated part has this value.
    pub(super) fn expect(&mut self, path: &str, property: &str, value: &str) -> Result<()> {
        let arguments = format!(r#"{{"path":"{path}","property":"{property}"}}"#);
        let command = format!(r#"{{"execute":"qom-get","arguments":{arguments}}}"#);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.control(&command)?;
            if answer.contains(&format!("\"return\": {value}")) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{property} does not become {value}: {answer}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// The control socket, once it is there.
fn connect(socket: &std::path::Path) -> Result<UnixStream> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) if Instant::now() >= deadline => return Err(error).context("no control socket"),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

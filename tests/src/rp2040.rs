//! The Pico's firmware on an emulated RP2040 whose wires lead to the simulated board's parts: both clocks are one, and what
//! happens is told in the words of the simulation, so that a run can be compared with one of the simulated board.
//!
//! The emulator is rp2040js under Node, in a process of its own (`tests/rp2040/emulator.mjs` says how they talk). Promises: one that
//! does not end is killed; a watchdog that bites is a failure.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use wasmote_board_sim::script::Event;
use wasmote_board_sim::{Inputs, Setup, Simulation, Wires};

/// What the emulator needs, where it is.
#[derive(Clone, Debug)]
pub struct Emulator {
    /// The package rp2040js.
    pub library: PathBuf,
    /// The chip's boot ROM.
    pub bootrom: PathBuf,
    /// The folder of the scripts that couple it.
    pub scripts: PathBuf,
}

/// A run.
#[derive(Clone, Debug)]
pub struct Job<'j> {
    /// The firmware, linked.
    pub firmware: &'j Path,
    /// The modules that are built in, as `cargo xtask bundle` writes them; none if empty.
    pub modules: &'j [u8],
    /// What happens from outside.
    pub script: Vec<Event>,
    /// Bytes for the serial port, each time the firmware or a guest has said a line that ends so.
    pub typing: &'j [(&'j str, &'j str)],
    /// Whether that is typed on USB, and not at the UART.
    pub on_usb: bool,
    /// The longest time on the chip, in seconds.
    pub seconds: u32,
    /// Whether the run is over when the firmware says how a module ended.
    pub until_end: bool,
    /// From when on the core stands still, in seconds.
    pub still_after: Option<u32>,
}

impl<'j> Job<'j> {
    /// A run of so many seconds, in which nothing happens from outside.
    pub fn new(firmware: &'j Path, modules: &'j [u8], seconds: u32) -> Job<'j> {
        Job {
            firmware,
            modules,
            script: Vec::new(),
            typing: &[],
            on_usb: false,
            seconds,
            until_end: false,
            still_after: None,
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What happened on the board: time in nanoseconds and the line that the simulation tells.
    pub lines: Vec<(u64, String)>,
    /// What the firmware itself said: the time, and the line without `wasmote: `.
    pub notes: Vec<(u64, String)>,
    /// Everything that USB said.
    pub usb: Vec<u8>,
    /// The emulator's counts: instructions, sleeps, slept_us, total_us, boot_stack, stack.
    pub counts: BTreeMap<String, u64>,
    /// The watchdog bit.
    pub bitten: bool,
}

/// A sink that whoever made it can read.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Emulator {
    /// Runs a firmware until the script stops it, its modules have ended, or the time is up.
    ///
    /// # Errors
    /// If the emulator cannot be run, or says what nobody understands.
    pub fn run(&self, job: &Job<'_>) -> io::Result<Said> {
        let directory = tempfile::tempdir()?;
        let modules = directory.path().join("modules");
        std::fs::write(&modules, job.modules)?;
        let modules = if job.modules.is_empty() { PathBuf::from("-") } else { modules };
        let mut command = self.command("emulator.mjs", job.firmware, &modules);
        command
            .arg(job.seconds.to_string())
            .arg(if job.on_usb { "usb" } else { "uart" })
            .arg(job.still_after.unwrap_or(job.seconds).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let outcome = converse(&mut child, job);
        // A process that has ended is not killed, and one that did not understand must not stay.
        let _ = child.kill();
        child.wait()?;
        outcome
    }

    /// The emulator under a script, with a firmware and what stands behind it in flash.
    pub(crate) fn command(&self, script: &str, firmware: &Path, modules: &Path) -> Command {
        let mut command = Command::new("node");
        command.arg(self.scripts.join(script)).arg(&self.library).arg(&self.bootrom).arg(firmware).arg(modules);
        command
    }
}

fn broken(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the emulator said {line:?}"))
}

fn converse(child: &mut Child, job: &Job<'_>) -> io::Result<Said> {
    let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("the emulator has no streams"));
    };
    let simulation = Simulation::new(Setup { script: job.script.clone(), ..Setup::default() });
    let told = Shared::default();
    simulation.tell(Box::new(told.clone()));
    let mut bench = Bench {
        wires: simulation.wires(),
        said: Said::default(),
        line: Vec::new(),
        typed: Vec::new(),
        over: false,
        job,
    };
    for line in BufReader::new(from).lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        if let [_, "e", counts @ ..] = words.as_slice() {
            let pair =
                |word: &&str| word.split_once('=').and_then(|(name, n)| Some((name.to_owned(), n.parse().ok()?)));
            bench.said.counts = counts.iter().filter_map(pair).collect();
            break;
        }
        let value = bench.happens(&words).ok_or_else(|| broken(&line))?;
        bench.answer(&mut to, value)?;
    }
    if bench.said.counts.is_empty() {
        return Err(io::Error::other("the emulator ended early"));
    }
    simulation.finish()?;
    bench.said.lines = String::from_utf8_lossy(&told.bytes()).lines().filter_map(timed).collect();
    Ok(bench.said)
}

/// A line of the simulation: its time in nanoseconds, and the rest.
pub fn timed(line: &str) -> Option<(u64, String)> {
    let (time, text) = line.trim_start().split_once("  ")?;
    let (seconds, micros) = time.split_once('.')?;
    let ns = seconds.parse::<u64>().ok()? * 1_000_000_000 + micros.parse::<u64>().ok()? * 1_000;
    Some((ns, text.to_owned()))
}

/// The board at the other end of the wires.
struct Bench<'j> {
    wires: Wires,
    said: Said,
    /// A line of serial output whose end is still to come.
    line: Vec<u8>,
    /// What is to be typed next.
    typed: Vec<u8>,
    over: bool,
    job: &'j Job<'j>,
}

impl Bench<'_> {
    /// Something happens; what the wires answer. `None` if it is not understood.
    fn happens(&mut self, words: &[&str]) -> Option<u32> {
        let (now_ns, what, arguments) = match words {
            [now, what, arguments @ ..] => (now.parse().ok()?, *what, arguments),
            _ => return None,
        };
        self.wires.advance(now_ns);
        let number = |at: usize| arguments.get(at).and_then(|word| word.parse::<u32>().ok());
        let mut value = 0;
        match what {
            "t" => {}
            "s" => value = u32::from(self.wires.i2c_start(number(0)? as u8, number(1)? == 1)),
            "w" => value = u32::from(self.wires.i2c_write(number(0)? as u8)),
            "r" => value = u32::from(self.wires.i2c_read()),
            "p" => self.wires.i2c_stop(),
            "c" => self.wires.spi_select(number(0)? == 1),
            "b" => value = u32::from(self.wires.spi_byte(number(0)? as u8)),
            "g" => self.wires.led(number(0)? as usize, number(1)? == 1),
            "u" => self.serial(now_ns, &bytes(arguments.first()?)?),
            "v" => self.said.usb.extend(bytes(arguments.first()?)?),
            "d" => self.said.bitten = true,
            _ => return None,
        }
        Some(value)
    }

    /// Serial output: lines of the firmware's own, and the guest's.
    fn serial(&mut self, now_ns: u64, bytes: &[u8]) {
        for byte in bytes {
            self.line.push(*byte);
            if *byte != b'\n' {
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if let Some((_, keys)) = self.job.typing.iter().find(|(end, _)| text.ends_with(end)) {
                self.typed.extend_from_slice(keys.as_bytes());
            }
            match text.strip_prefix("wasmote: ") {
                Some(note) => {
                    self.over |= self.job.until_end && note.contains(" bytes of memory at most");
                    self.said.notes.push((now_ns, note.to_owned()));
                }
                None => self.wires.serial(&line),
            }
        }
    }

    fn answer(&mut self, to: &mut ChildStdin, value: u32) -> io::Result<()> {
        let Inputs { button, alert, pot, next_ns, stopped } = self.wires.inputs();
        let next = next_ns.map_or("Infinity".into(), |ns| ns.to_string());
        let typed: String = std::mem::take(&mut self.typed).iter().map(|byte| format!("{byte:02x}")).collect();
        let (button, alert, stop) = (u8::from(button), u8::from(alert), u8::from(stopped || self.over));
        writeln!(to, "{value} {next} {button} {alert} {pot} {stop} {typed}")
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

//! Emulated chips: a machine of QEMU or rp2040js, a firmware of ours, and an image that reaches it by semihosting or in flash.
//!
//! Every image has a fresh chip. Promises: an emulator that does not end is killed and counts as a failure; a report that
//! is missing is a failure, never a pass.

use crate::conformance::{self, Folder};
use crate::rp2040::Emulator;
use crate::wasi_suite::{self, Case, Outcome};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use wasmote_chip::Head;

/// Longest time that a chip may take for an image, if nothing else is said.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// What begins the report of a firmware, after everything else that it printed.
const REPORT: char = '\x1e';

/// The emulator of the RP2040, which is not one program: [`Chip::emulated_by`] says where it is.
pub const RP2040JS: &str = "rp2040js";
/// How a firmware says that the chip's memory does not suffice for a program.
const NO_ROOM: &str = "there is no room";

/// A machine that is emulated, and how its firmware is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Machine {
    /// What `--on` calls it.
    pub name: &'static str,
    /// The emulator.
    pub emulator: &'static str,
    /// Its arguments that choose the machine.
    pub arguments: &'static [&'static str],
    /// The crate of the firmware, below `boards`.
    pub board: &'static str,
    /// The features of that crate.
    pub features: &'static str,
    /// The target.
    pub triple: &'static str,
    /// Where an image goes in flash, and how long it may be; `None` if it comes by semihosting.
    pub flash: Option<(u32, usize)>,
}

/// The machines.
pub const MACHINES: &[Machine] = &[
    Machine {
        name: "qemu-arm",
        emulator: "qemu-system-arm",
        arguments: &["-M", "mps2-an385"],
        board: "qemu-arm",
        features: "mps2-an385,wasi",
        triple: "thumbv7m-none-eabi",
        flash: None,
    },
    Machine {
        name: "qemu-arm-m33",
        emulator: "qemu-system-arm",
        arguments: &["-M", "mps2-an505"],
        board: "qemu-arm",
        features: "mps2-an505,wasi",
        triple: "thumbv8m.main-none-eabihf",
        flash: None,
    },
    Machine {
        name: "qemu-riscv",
        emulator: "qemu-system-riscv32",
        arguments: &["-M", "virt", "-bios", "none", "-m", "16M"],
        board: "qemu-riscv",
        features: "virt,wasi",
        triple: "riscv32imc-unknown-none-elf",
        flash: None,
    },
    Machine {
        name: "qemu-arm-m0",
        emulator: "qemu-system-arm",
        arguments: &["-M", "microbit"],
        board: "qemu-arm",
        features: "microbit",
        triple: "thumbv6m-none-eabi",
        flash: Some((0x2_8000, 96 << 10)),
    },
    Machine {
        name: "qemu-arm-64k",
        emulator: "qemu-system-arm",
        arguments: &["-M", "lm3s6965evb"],
        board: "qemu-arm",
        features: "lm3s6965evb",
        triple: "thumbv7m-none-eabi",
        flash: Some((0x2_8000, 96 << 10)),
    },
    Machine {
        name: "qemu-riscv-16k",
        emulator: "qemu-system-riscv32",
        arguments: &["-M", "sifive_e"],
        board: "qemu-riscv",
        features: "sifive_e",
        triple: "riscv32imc-unknown-none-elf",
        flash: Some((0x2050_0000, 4 << 20)),
    },
];

/// The machines that programs are measured on, with a clock that instructions drive. The instructions of the Cortex-M0+ run on a
/// Cortex-M3 with its memory.
pub const MEASURED: &[Machine] = &[
    Machine {
        name: "qemu-arm-m0",
        emulator: "qemu-system-arm",
        arguments: &["-M", "mps2-an385", "-icount", "shift=7,sleep=off"],
        board: "qemu-arm",
        features: "mps2-an385,bench",
        triple: "thumbv6m-none-eabi",
        flash: None,
    },
    Machine {
        name: "qemu-arm",
        emulator: "qemu-system-arm",
        arguments: &["-M", "mps2-an385", "-icount", "shift=7,sleep=off"],
        board: "qemu-arm",
        features: "mps2-an385,bench",
        triple: "thumbv7m-none-eabi",
        flash: None,
    },
    Machine {
        name: "qemu-arm-m33",
        emulator: "qemu-system-arm",
        arguments: &["-M", "mps2-an505", "-icount", "shift=7,sleep=off"],
        board: "qemu-arm",
        features: "mps2-an505,bench",
        triple: "thumbv8m.main-none-eabihf",
        flash: None,
    },
    Machine {
        name: "qemu-riscv",
        emulator: "qemu-system-riscv32",
        arguments: &["-M", "virt", "-bios", "none", "-m", "16M", "-icount", "shift=0,sleep=off"],
        board: "qemu-riscv",
        features: "virt,bench",
        triple: "riscv32imc-unknown-none-elf",
        flash: None,
    },
    Machine {
        name: "rp2040",
        emulator: RP2040JS,
        arguments: &[],
        board: "qemu-arm",
        features: "rp2040,bench",
        triple: "thumbv6m-none-eabi",
        flash: Some((0x1008_0000, 512 << 10)),
    },
];

/// What QEMU's loader takes of an image in flash at once: no more than the smallest machine's RAM.
const PIECE_BYTES: usize = 16 << 10;

/// Nanoseconds of an instruction under `-icount shift=7`.
const INSTRUCTION_NS: u64 = 1 << 7;

impl Machine {
    /// Instructions in units of the clock that the firmware reads: timers of 25 and 20 MHz on QEMU's Arm machines, instructions
    /// on RISC-V and in rp2040js. More than three ticks are one instruction, so that no count is off by one.
    fn instructions(&self, count: u64) -> u64 {
        let tick_ns = match self.features.split(',').next() {
            Some("mps2-an385") => 40,
            Some("mps2-an505") => 50,
            _ => return count,
        };
        (count * tick_ns + INSTRUCTION_NS / 2) / INSTRUCTION_NS
    }
}

/// A machine with its firmware.
pub struct Chip<'p> {
    /// The machine.
    pub machine: Machine,
    /// The firmware, linked for it.
    pub firmware: &'p Path,
    /// What emulates it, if that is [`RP2040JS`].
    rp2040js: Option<Emulator>,
    /// How long it may take for an image.
    time_limit: Duration,
    /// The most native stack that was used, by what used it, in bytes.
    stack: Mutex<BTreeMap<String, u64>>,
}

/// What a chip said.
struct Said {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// The pairs of its report; `None` if it ended without one.
    report: Option<BTreeMap<String, u64>>,
}

/// What came of a folder of scripts.
#[derive(Default, Debug)]
pub struct Counts {
    /// Assertions that hold on the chip.
    pub passed: usize,
    /// Assertions and commands that fail.
    pub failed: usize,
    /// Assertions that were not tried: their modules do not fit.
    pub skipped: usize,
    /// Assertions about text that is not WebAssembly, decided on the computer.
    pub of_text: usize,
    /// Scripts that do not fit into the chip's flash, or are on the list of skips.
    pub skipped_scripts: Vec<String>,
    /// Each failure in words.
    pub failures: Vec<String>,
}

impl<'p> Chip<'p> {
    /// A machine with this firmware.
    pub fn new(machine: Machine, firmware: &'p Path) -> Chip<'p> {
        Chip { machine, firmware, rp2040js: None, time_limit: TIME_LIMIT, stack: Mutex::default() }
    }

    /// The chip in rp2040js.
    #[must_use]
    pub fn emulated_by(mut self, rp2040js: Emulator) -> Chip<'p> {
        self.rp2040js = Some(rp2040js);
        self
    }

    /// The chip with another time limit than five minutes for an image.
    #[must_use]
    pub fn within(mut self, time_limit: Duration) -> Chip<'p> {
        self.time_limit = time_limit;
        self
    }

    /// The most native stack that was used so far, by what used it, in bytes.
    pub fn stack(&self) -> BTreeMap<String, u64> {
        self.stack.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Runs all scripts of a folder, one for each processor at a time.
    pub fn run_folder(&self, folder: &Folder) -> Counts {
        let (next, counts) = (AtomicUsize::new(0), Mutex::new(Counts::default()));
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(|| {
                    while let Some((name, text)) = folder.scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let one = self.run_script(&folder.name, name, text);
                        counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).add(one);
                    }
                });
            }
        });
        let mut counts = counts.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        counts.failures.sort();
        counts.skipped_scripts.sort();
        counts
    }

    fn run_script(&self, folder: &str, name: &str, text: &str) -> Counts {
        let mut counts = Counts::default();
        let fail = |counts: &mut Counts, why: String| {
            counts.failed += 1;
            counts.failures.push(format!("{folder}/{name}:{why}"));
        };
        if conformance::is_skipped(folder, name) {
            counts.skipped_scripts.push(format!("{folder}/{name}: listed as not claimed"));
            return counts;
        }
        let script = match conformance::compile(folder, text) {
            Ok(script) => script,
            Err(why) => {
                fail(&mut counts, why);
                return counts;
            }
        };
        counts.of_text = script.of_text;
        if let Some(why) = self.too_long(&script.image) {
            counts.skipped = script.assertions;
            counts.skipped_scripts.push(format!("{folder}/{name}: {why}"));
            return counts;
        }
        match self.run(&script.image) {
            Ok(Said { report: Some(report), stdout, .. }) => {
                let number = |name| report.get(name).map_or(0, |&number| number as usize);
                let (passed, failed, skipped) = (number("passed"), number("failed"), number("skipped"));
                let lines = String::from_utf8_lossy(&stdout);
                lines.lines().for_each(|line| counts.failures.push(format!("{folder}/{name}:{line}")));
                (counts.passed, counts.failed, counts.skipped) = (passed, failed, skipped);
                if passed + failed + skipped < script.assertions {
                    fail(&mut counts, format!("0: {} assertions, fewer are reported", script.assertions));
                }
            }
            Ok(said) => fail(&mut counts, format!("0: no report; {}", String::from_utf8_lossy(&said.stderr))),
            Err(error) => fail(&mut counts, format!("0: {error}")),
        }
        counts
    }

    /// Why an image cannot be brought to the chip, if it cannot.
    fn too_long(&self, image: &[u8]) -> Option<String> {
        let (_, room) = self.machine.flash?;
        (image.len() > room).then(|| format!("an image of {} bytes, and flash for {room}", image.len()))
    }

    /// Runs a test of the WASI suite.
    pub fn run_case(&self, case: &Case) -> Outcome {
        let said = wasi_suite::image(case).and_then(|image| match self.too_long(&image) {
            Some(why) => Err(io::Error::other(why)),
            None => self.run(&image),
        });
        match said {
            Ok(Said { stdout, stderr, report }) => {
                let exit = match report {
                    Some(report) => report.get("exit").map(|&code| code as i32).ok_or("it ended otherwise".into()),
                    None => Err("no report".into()),
                };
                Outcome { exit, stdout, stderr }
            }
            Err(error) => Outcome { exit: Err(error.to_string()), stdout: Vec::new(), stderr: Vec::new() },
        }
    }

    /// Measures a program for so many rounds: what the chip reports, with counts of instructions. The firmware must have the
    /// programs in it.
    ///
    /// # Errors
    /// Of the kind `OutOfMemory` if the chip has not the memory for the program.
    pub fn measure(&self, name: &str, rounds: u32, wasm: &[u8]) -> io::Result<BTreeMap<String, u64>> {
        let head = postcard::to_stdvec(&Head::Bench(name, rounds)).map_err(io::Error::other)?;
        let mut image = ((head.len() + wasm.len()) as u32).to_le_bytes().to_vec();
        image.extend(head);
        image.extend(wasm);
        if let Some(why) = self.too_long(&image) {
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, why));
        }
        let said = self.run(&image)?;
        let mut report = said.report.unwrap_or_default();
        if !report.contains_key("run") {
            let why = String::from_utf8_lossy(&said.stderr);
            let why = why.trim_start_matches(name).trim_start_matches(": ").trim_end();
            let kind = if why.contains(NO_ROOM) { io::ErrorKind::OutOfMemory } else { io::ErrorKind::Other };
            return Err(io::Error::new(kind, why));
        }
        for count in ["native", "load", "run", "metered"] {
            if let Some(count) = report.get_mut(count) {
                *count = self.machine.instructions(*count);
            }
        }
        Ok(report)
    }

    /// Runs an image on a fresh chip.
    fn run(&self, image: &[u8]) -> io::Result<Said> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("image");
        std::fs::write(&file, image)?;
        let mut said = ended(self.command(&file)?.spawn()?, self.time_limit)?;
        said.report = report(&mut said.stdout);
        let mut stack = self.stack.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for (name, &bytes) in said.report.iter().flatten() {
            if ["prepare", "instantiate", "run", "firmware"].contains(&name.as_str()) {
                let most = stack.entry(name.clone()).or_default();
                *most = bytes.max(*most);
            }
        }
        Ok(said)
    }

    /// The emulator with an image, its streams piped, without standard input.
    pub fn command(&self, file: &Path) -> io::Result<Command> {
        let mut command = match &self.rp2040js {
            Some(emulator) => emulator.command("bench.mjs", self.firmware, file),
            None => self.qemu(file)?,
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    fn qemu(&self, file: &Path) -> io::Result<Command> {
        let mut command = Command::new(self.machine.emulator);
        command.args(self.machine.arguments);
        command.args(["-nographic", "-monitor", "none", "-serial", "null"]);
        let path = match self.machine.flash {
            Some((address, _)) => {
                for (n, piece) in std::fs::read(file)?.chunks(PIECE_BYTES).enumerate() {
                    let (part, address) = (file.with_extension(n.to_string()), address as usize + n * PIECE_BYTES);
                    std::fs::write(&part, piece)?;
                    let device = format!("loader,file={},addr={address:#x},force-raw=on", part.display());
                    command.args(["-device", &device]);
                }
                PathBuf::from("flash")
            }
            None => file.to_owned(),
        };
        let semihosting = format!("enable=on,target=native,arg=firmware,arg={}", path.display());
        command.args(["-semihosting-config", &semihosting]).arg("-kernel").arg(self.firmware);
        Ok(command)
    }
}

impl Counts {
    /// Adds the counts of a script or of a folder.
    pub fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.of_text += other.of_text;
        self.skipped_scripts.extend(other.skipped_scripts);
        self.failures.extend(other.failures);
    }
}

/// Takes the report from the end of what was printed.
fn report(stdout: &mut Vec<u8>) -> Option<BTreeMap<String, u64>> {
    let at = stdout.iter().rposition(|&byte| byte == REPORT as u8)?;
    let text = String::from_utf8_lossy(&stdout[at + 1..]).into_owned();
    stdout.truncate(at);
    let pair = |word: &str| word.split_once('=').and_then(|(name, number)| Some((name.into(), number.parse().ok()?)));
    text.split_whitespace().map(pair).collect()
}

/// Waits for an emulator's end, or kills it.
fn ended(mut child: Child, time_limit: Duration) -> io::Result<Said> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let reader = |stream: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.map_or(Ok(0), |mut stream| stream.read_to_end(&mut bytes)).map(|_| bytes)
        })
    };
    let stdout = reader(stdout.map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    let stderr = reader(stderr.map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    let started = Instant::now();
    let late = loop {
        if child.try_wait()?.is_some() {
            break false;
        }
        if started.elapsed() > time_limit {
            child.kill()?;
            child.wait()?;
            break true;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let bytes = |thread: std::thread::JoinHandle<io::Result<Vec<u8>>>| {
        thread.join().map_err(|_| io::Error::other("a reader panicked"))?
    };
    let (stdout, stderr) = (bytes(stdout)?, bytes(stderr)?);
    if late {
        return Err(io::Error::new(io::ErrorKind::TimedOut, format!("no end after {} s", time_limit.as_secs())));
    }
    Ok(Said { stdout, stderr, report: None })
}

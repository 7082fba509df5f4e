//! The example guests on an emulated chip: the same modules, byte for byte, with the simulated board at the other end of a
//! pipe ([`wasmote_chip::wire`]). What happens on the board is told with its times, and compared with what is told when
//! `wasmote run` has the guest: the same bus traffic, to the microsecond.

use crate::emulated::Chip;
use embedded_hal::i2c::Operation as I2cOperation;
use embedded_hal::spi::Operation as SpiOperation;
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wasmote_board::policy::text;
use wasmote_board_sim::{Setup, SimBoard, Simulation, Waited, script};
use wasmote_chip::Head;
use wasmote_chip::wire::{
    Answer, Ask, FRAME_BYTES, Given, Guest, I2C_ERRORS, Operation, Operations, SPI_ERRORS, class, pin_error,
};
use wasmote_wasi_embedded::{ActiveLevel, Address, Board, Line, PinError, Pull, Settings};

/// Longest time that a chip may take for a guest.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// An example: its files beside each other, and how it is called.
#[derive(Clone, Debug)]
pub struct Example {
    /// The files' common name.
    pub name: &'static str,
    /// The function that is called again and again, and how often in nanoseconds, if it is not a program.
    pub tick: Option<(&'static str, u64)>,
}

/// The examples.
pub const EXAMPLES: [Example; 8] = {
    const fn program(name: &'static str) -> Example {
        Example { name, tick: None }
    }
    [
        program("blinky"),
        program("button"),
        program("thermostat"),
        program("logger"),
        program("display"),
        program("flash"),
        program("alarm"),
        Example { name: "timer", tick: Some(("tick", 250_000_000)) },
    ]
};

/// The image of the guest whose host calls are counted.
///
/// # Errors
/// If its text is broken.
pub fn calls_image() -> io::Result<Vec<u8>> {
    let wasm = wat::parse_str(include_str!("../chip/calls.wat")).map_err(io::Error::other)?;
    image(Head::Calls, &wasm)
}

/// Has a guest read the temperature, in thousandths of a degree, that the emulator's own TMP105 is given; in 256ths of one.
///
/// # Errors
/// If the emulator does not run, or the guest fails.
pub fn read_sensor(chip: &Chip<'_>, millidegrees: i32) -> io::Result<i32> {
    let wasm = wat::parse_str(include_str!("../chip/sensor.wat")).map_err(io::Error::other)?;
    let directory = tempfile::tempdir()?;
    let (file, socket) = (directory.path().join("image"), directory.path().join("qmp"));
    std::fs::write(&file, image(Head::Sensor, &wasm)?)?;
    let mut command = chip.command(&file)?;
    command.args(["-device", "tmp105,id=sensor,address=0x48,bus=i2c", "-S"]);
    command.arg("-qmp").arg(format!("unix:{},server=on,wait=off", socket.display()));
    let mut child = command.spawn()?;
    let told = control(&socket, millidegrees).inspect_err(|_| drop(child.kill()));
    let output = child.wait_with_output()?;
    told?;
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    let given = report.split_whitespace().find_map(|word| word.split_once("given=")?.1.parse().ok());
    given.ok_or_else(|| io::Error::other(format!("{report}{}", String::from_utf8_lossy(&output.stderr))))
}

/// Sets the sensor's temperature, and lets the emulator go.
fn control(socket: &Path, millidegrees: i32) -> io::Result<()> {
    let set = format!(
        "{{\"execute\":\"qom-set\",\"arguments\":{{\"path\":\"/machine/peripheral/sensor\",\"property\":\"temperature\",\"value\":{millidegrees}}}}}"
    );
    let mut tries = 500;
    let mut stream = loop {
        match std::os::unix::net::UnixStream::connect(socket) {
            Ok(stream) => break stream,
            Err(error) if tries == 0 => return Err(error),
            Err(_) => tries -= 1,
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut answers = io::BufRead::lines(io::BufReader::new(stream.try_clone()?));
    // The emulator greets, and answers each command.
    answers.next().transpose()?;
    for command in ["{\"execute\":\"qmp_capabilities\"}", &set, "{\"execute\":\"cont\"}"] {
        writeln!(stream, "{command}")?;
        let answer = answers.find(|line| !matches!(line, Ok(line) if line.contains("\"event\"")));
        match answer {
            Some(Ok(answer)) if answer.contains("\"return\"") => {}
            Some(Ok(answer)) => return Err(io::Error::other(format!("{command}: {answer}"))),
            Some(Err(error)) => return Err(error),
            None => return Err(io::Error::other("the emulator has ended")),
        }
    }
    Ok(())
}

fn image(head: Head, rest: &[u8]) -> io::Result<Vec<u8>> {
    let head = postcard::to_stdvec(&head).map_err(io::Error::other)?;
    let mut image = ((head.len() + rest.len()) as u32).to_le_bytes().to_vec();
    image.extend_from_slice(&head);
    image.extend_from_slice(rest);
    Ok(image)
}

/// What came of an example.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; none if it did not end as it should.
    pub code: Option<u32>,
    /// What was told of the board.
    pub told: String,
    /// What the firmware complained about.
    pub complaints: String,
    /// The native stack that the firmware used, in bytes.
    pub stack_bytes: u32,
}

/// Where the examples are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasi-embedded/guest/examples")
}

/// What an example tells when `wasmote run` has it.
///
/// # Errors
/// If its file cannot be read.
pub fn expected(example: &Example) -> io::Result<String> {
    std::fs::read_to_string(folder().join(example.name).with_extension("out"))
}

/// Runs an example on a chip whose firmware has pins and buses.
///
/// # Errors
/// If a file of the example is broken, or the emulator does not run.
pub fn run(chip: &Chip<'_>, example: &Example) -> io::Result<Ran> {
    let file = |extension| folder().join(example.name).with_extension(extension);
    let manifest = std::fs::read_to_string(file("toml"))?;
    let request = text::request(&manifest).map_err(io::Error::other)?;
    let script = script::parse(&std::fs::read_to_string(file("script"))?).map_err(io::Error::other)?;
    let mut encoded = [0; wasmote_board::policy::MAX_ENCODED_BYTES];
    let request = request.encode(&mut encoded).map_err(|error| io::Error::other(format!("{error:?}")))?;
    let wasm = std::fs::read(file("wasm"))?;
    let guest = Guest { name: example.name, request, tick: example.tick, wasm: &wasm };
    let image = image(Head::Guest, &postcard::to_stdvec(&guest).map_err(io::Error::other)?)?;

    let directory = tempfile::tempdir()?;
    let path = directory.path().join("image");
    std::fs::write(&path, &image)?;
    let mut command = chip.command(&path)?;
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let child = Arc::new(Mutex::new(child));
    let watch = watchdog(&child);
    let mut desk = Desk::new(script);
    let served = match (input, output) {
        (Some(input), Some(output)) => desk.serve(input, output),
        _ => Err(io::Error::other("the emulator has no streams")),
    };
    let ended = served.ok().flatten();
    // The firmware ends by itself behind its last answer; one that does not is ended by the watchdog.
    while lock(&child).try_wait()?.is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(watch);
    let mut complaints = String::new();
    errors.map_or(Ok(0), |mut errors| errors.read_to_string(&mut complaints))?;
    desk.simulation.finish()?;
    let told = String::from_utf8_lossy(&desk.told.borrow()).into_owned();
    let (code, stack_bytes) = ended.unwrap_or((None, 0));
    Ok(Ran { code, told, complaints, stack_bytes })
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Ends an emulator that takes too long, unless what this gives is dropped before.
fn watchdog(child: &Arc<Mutex<Child>>) -> std::sync::mpsc::Sender<()> {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let child = child.clone();
    std::thread::spawn(move || {
        if receiver.recv_timeout(TIME_LIMIT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = lock(&child).kill();
        }
    });
    sender
}

/// The computer's end: the board, and what is told of it.
struct Desk {
    simulation: Simulation,
    board: SimBoard,
    told: Rc<RefCell<Vec<u8>>>,
}

/// Where lines go.
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Desk {
    fn new(script: Vec<script::Event>) -> Desk {
        let simulation = Simulation::new(Setup { script, ..Setup::default() });
        let told = Rc::new(RefCell::new(Vec::new()));
        simulation.tell(Box::new(Sink(told.clone())));
        let board = SimBoard::new(&simulation);
        Desk { simulation, board, told }
    }

    /// Answers until the guest is over; its exit code, and the native stack that was used.
    fn serve(&mut self, mut input: impl Write, mut output: impl Read) -> io::Result<Option<(Option<u32>, u32)>> {
        let mut frame = vec![0; FRAME_BYTES];
        loop {
            let mut prefix = [0; 4];
            output.read_exact(&mut prefix)?;
            let len = u32::from_le_bytes(prefix) as usize;
            let question = frame.get_mut(..len).ok_or_else(|| io::Error::other("a frame is too long"))?;
            output.read_exact(question)?;
            let ask: Ask<'_> = postcard::from_bytes(question).map_err(io::Error::other)?;
            let ended = if let Ask::Ended(code, stack) = ask { Some((code, stack)) } else { None };
            let mut bytes = Vec::new();
            let given = self.answer(ask, &mut bytes);
            let answer = Answer { stopped: self.simulation.is_stopped(), given };
            let answer = postcard::to_stdvec(&answer).map_err(io::Error::other)?;
            input.write_all(&(answer.len() as u32).to_le_bytes())?;
            input.write_all(&answer)?;
            input.flush()?;
            if ended.is_some() {
                return Ok(ended);
            }
        }
    }

    /// Answers a question; bytes that are given are kept in `bytes`.
    fn answer<'b>(&mut self, ask: Ask<'_>, bytes: &'b mut Vec<u8>) -> Given<'b> {
        let yes = |yes: bool| if yes { Given::Number(1) } else { Given::Nothing };
        let board = &mut self.board;
        match ask {
            Ask::Find(code, label) => number(board.find(class(code), label).map(|line| line.0.into())),
            Ask::Open(code, line, low, up, clock, mode) => {
                let settings = Settings {
                    active: if low { ActiveLevel::Low } else { ActiveLevel::High },
                    pull: up.map(|up| if up { Pull::Up } else { Pull::Down }),
                    max_clock_hz: clock,
                    spi_mode: mode.and_then(|mode| MODES.get(usize::from(mode)).copied()),
                };
                done(board.open(class(code), Line(line), &settings))
            }
            Ask::Close(code, line) => {
                board.close(class(code), Line(line));
                Given::Nothing
            }
            Ask::Delay(ns) => {
                board.delay().delay_ns(ns);
                Given::Nothing
            }
            Ask::Now => number(board.now_ns()),
            Ask::I2c(line, address, operations) => i2c(board, Line(line), address, &operations, bytes),
            Ask::Spi(line, operations) => spi(board, Line(line), &operations, bytes),
            Ask::Set(line, high) => {
                let set = board.digital_out(Line(line)).map(|pin| pin.set_high(high));
                if let Some(Ok(())) = set { Given::Nothing } else { Given::Failed(0) }
            }
            Ask::IsSet(line) => yes(board.digital_out(Line(line)).is_some_and(|pin| pin.is_set_high() == Ok(true))),
            Ask::IsHigh(line) => yes(board.digital_in(Line(line)).is_some_and(|pin| pin.is_high() == Ok(true))),
            Ask::Scale(line, out) => number(match out {
                true => board.analog_out(Line(line)).map(|pin| pin.full_scale().into()),
                false => board.analog_in(Line(line)).map(|pin| pin.full_scale().into()),
            }),
            Ask::Value(line, Some(value)) => match board.analog_out(Line(line)) {
                Some(pin) => done(pin.write(value)),
                None => Given::Failed(PinError::NotSupported as u8),
            },
            Ask::Value(line, None) => {
                number(board.analog_in(Line(line)).and_then(|pin| pin.read().ok()).map(u64::from))
            }
            Ask::Ready(code, line) => yes(board.is_ready(class(code), Line(line))),
            Ask::Watch(line, true) => done(board.watch(Line(line))),
            Ask::Watch(line, false) => {
                board.unwatch(Line(line));
                Given::Nothing
            }
            Ask::Edges(line) => {
                let edges = board.edges(Line(line));
                Given::Edges(edges.rising, edges.falling)
            }
            Ask::Wait(deadline_ns) => yes(self.simulation.wait(deadline_ns) == Waited::Look),
            Ask::Serial(text) => {
                self.simulation.serial(text);
                Given::Nothing
            }
            Ask::Ended(..) => Given::Nothing,
        }
    }
}

const MODES: [embedded_hal::spi::Mode; 4] =
    [embedded_hal::spi::MODE_0, embedded_hal::spi::MODE_1, embedded_hal::spi::MODE_2, embedded_hal::spi::MODE_3];

fn number<'b>(number: Option<u64>) -> Given<'b> {
    number.map_or(Given::Nothing, Given::Number)
}

fn done<'b>(outcome: Result<(), PinError>) -> Given<'b> {
    debug_assert!(outcome.is_ok() || outcome.err().is_some_and(|error| pin_error(error as u8) == error));
    outcome.map_or_else(|error| Given::Failed(error as u8), |()| Given::Nothing)
}

/// Space for everything that a transaction reads, each operation's behind the one before.
fn space(operations: &Operations<'_>, bytes: &mut Vec<u8>) {
    for operation in operations {
        match operation {
            Operation::Read(len) => bytes.resize(bytes.len() + (*len as usize).min(FRAME_BYTES), 0),
            Operation::Transfer(from) => bytes.extend_from_slice(from),
            Operation::Write(_) | Operation::Delay(_) => {}
        }
    }
}

fn i2c<'b>(
    board: &mut SimBoard,
    line: Line,
    address: u8,
    operations: &Operations<'_>,
    bytes: &'b mut Vec<u8>,
) -> Given<'b> {
    space(operations, bytes);
    let mut rest = bytes.as_mut_slice();
    let mut done = Vec::new();
    for operation in operations {
        done.push(match operation {
            Operation::Read(len) => {
                let (now, left) = std::mem::take(&mut rest).split_at_mut(*len as usize);
                rest = left;
                I2cOperation::Read(now)
            }
            Operation::Write(from) | Operation::Transfer(from) => I2cOperation::Write(from),
            Operation::Delay(_) => continue,
        });
    }
    let outcome = board.i2c(line).map(|bus| bus.transaction(Address::Seven(address), &mut done));
    match outcome {
        Some(Ok(())) => Given::Bytes(bytes),
        Some(Err(kind)) => Given::Failed(I2C_ERRORS.iter().position(|known| *known == kind).unwrap_or(6) as u8),
        None => Given::Failed(6),
    }
}

fn spi<'b>(board: &mut SimBoard, line: Line, operations: &Operations<'_>, bytes: &'b mut Vec<u8>) -> Given<'b> {
    space(operations, bytes);
    let mut rest = bytes.as_mut_slice();
    let mut done = Vec::new();
    for operation in operations {
        let mut cut = |len: usize| {
            let (now, left) = std::mem::take(&mut rest).split_at_mut(len);
            rest = left;
            now
        };
        done.push(match operation {
            Operation::Read(len) => SpiOperation::Read(cut(*len as usize)),
            Operation::Transfer(from) => SpiOperation::TransferInPlace(cut(from.len())),
            Operation::Write(from) => SpiOperation::Write(from),
            Operation::Delay(ns) => SpiOperation::DelayNs(*ns),
        });
    }
    match board.spi(line).map(|device| device.transaction(&mut done)) {
        Some(Ok(())) => Given::Bytes(bytes),
        Some(Err(kind)) => Given::Failed(SPI_ERRORS.iter().position(|known| *known == kind).unwrap_or(4) as u8),
        None => Given::Failed(4),
    }
}

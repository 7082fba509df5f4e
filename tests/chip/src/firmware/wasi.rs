//! A command module on the chip: its files in a RAM file system, its streams those of the emulator's process, its time the
//! computer's.

use super::stack::Stack;
use crate::case::{Record, Records};
use core::marker::PhantomData;
use semihosting::{
    eprintln,
    experimental::random,
    io::{self, Write},
    print,
    sys::arm_compat::{sys_elapsed, sys_time},
};
use wasmote::{Engine, Linker, Module, Store};
use wasmote_board::firmware::{End, Idle, run_to_end};
use wasmote_wasi_p1::{
    Blocked, Capabilities, ClockId, Errno, Filetype, P1, Rights, Slot, Wasi,
    capability::{
        Clock, FileSystem, Files, Host, New, Open, Position, Program, Random, Ready, Stdio, Stream, absent::NoSockets,
    },
    ramfs::{RamFs, RamHandle},
};

/// Fuel of a slice.
const SLICE_FUEL: u64 = 1_000_000;
/// The file system: all that the suite's tests need.
const DISK_BYTES: usize = 32 << 10;
/// Where the guest's paths are copied to.
const SCRATCH_BYTES: usize = 512;
/// Files and streams that a guest has open at a time, standing on the native stack: the suite's tests need as many.
const TABLE: usize = 10;
/// On a chip with little memory: no more than this part of it.
const DISK_PART: usize = 8;

struct ChipHost<'d>(PhantomData<&'d ()>);

impl<'d> Host for ChipHost<'d> {
    type Program = Words;
    type Clock = Time;
    type Random = Entropy;
    type Stdio = Streams;
    type Files = RamFs<'d>;
    type Sockets = NoSockets;
    type Table = [Slot<ChipHost<'d>>; TABLE];
    type Scratch = &'static mut [u8];
    type Name = &'static str;
}

/// Arguments and variables where they stand in the image.
struct Words(Records<'static>);

impl Program for Words {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        let arguments =
            self.0.clone().filter_map(|record| if let Record::Argument(text) = record { Some(text) } else { None });
        arguments.map(str::as_bytes).nth(index)
    }
    fn variable(&self, index: usize) -> Option<&[u8]> {
        let variables =
            self.0.clone().filter_map(|record| if let Record::Variable(text) = record { Some(text) } else { None });
        variables.map(str::as_bytes).nth(index)
    }
}

/// The computer's clocks: nanoseconds since the emulator began, and a time of day in whole seconds.
struct Time;

fn elapsed_ns() -> u64 {
    sys_elapsed().unwrap_or(0)
}

fn today_ns() -> u64 {
    sys_time().unwrap_or(0) as u64 * 1_000_000_000
}

impl Clock for Time {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Realtime => Ok(today_ns()),
            ClockId::Monotonic => sys_elapsed().map_err(|_| Errno::NotSup),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(Errno::NotSup),
        }
    }
    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        Ok(if clock == ClockId::Realtime { 1_000_000_000 } else { 1 })
    }
}

/// The computer's entropy.
struct Entropy;

impl Random for Entropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        random::fill_bytes(bytes).map_err(|_| Errno::Io)
    }
}

/// The emulator's own streams; nothing ever comes in.
struct Streams {
    output: io::Stdout,
    error: io::Stderr,
}

impl Stdio for Streams {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::Again)
    }
    fn write(&mut self, stream: Stream, from: &[u8]) -> Result<usize, Errno> {
        let written = if stream == Stream::Output { self.output.write_all(from) } else { self.error.write_all(from) };
        written.map(|()| from.len()).map_err(|_| Errno::Io)
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::Unknown
    }
    fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno> {
        Ok((stream != Stream::Input).then(Ready::default))
    }
}

/// The emulated machines' timers differ, so a sleep asks the computer's clock until its deadline has come.
struct Spin;

impl Idle for Spin {
    fn between(&mut self) -> bool {
        true
    }
    fn sleep(&mut self, blocked: Blocked) -> bool {
        let Some(deadline_ns) = blocked.deadline_ns else { return false };
        while elapsed_ns() < deadline_ns {}
        true
    }
}

/// Runs the case and prints how it ended.
pub(super) fn run(records: &'static [u8], memory: &'static mut [u8], stack: &Stack) {
    let from = stack.begin();
    match case(records, memory) {
        Ok(End::Finished) => print!("\x1eexit=0 "),
        Ok(End::Exited(code)) => print!("\x1eexit={code} "),
        Ok(other) => {
            eprintln!("{other:?}");
            print!("\x1e");
        }
        Err(why) => {
            eprintln!("{why}");
            print!("\x1e");
        }
    }
    print!("run={} ", stack.end(from));
}

/// Makes the guest's files and its state, and runs it.
#[inline(never)]
fn case(records: &'static [u8], memory: &'static mut [u8]) -> Result<End, &'static str> {
    let disk_bytes = DISK_BYTES.min(memory.len() / DISK_PART);
    let (disk, memory) = memory.split_at_mut(disk_bytes);
    let (scratch, memory) = memory.split_at_mut_checked(SCRATCH_BYTES).ok_or("no memory")?;
    let mut files = RamFs::new(disk, 1, today_ns).map_err(no_room)?;
    let root = files.root().map_err(no_room)?;
    let (wasm, preopened) = fixture(records, &mut files, &root).map_err(no_room)?;
    let host = Capabilities {
        program: Words(Records(records)),
        clock: Time,
        random: Entropy,
        stdio: Streams {
            output: io::stdout().map_err(|_| "no standard output")?,
            error: io::stderr().map_err(|_| "no standard error")?,
        },
        files,
        sockets: NoSockets,
    };
    let mut wasi = Wasi::new(host, [const { Slot::FREE }; TABLE], scratch);
    if preopened {
        wasi.preopen("/", root, Rights::ALL, Rights::ALL).map_err(no_room)?;
    }
    run_module(&mut wasi, wasm.ok_or("the image has no module")?, memory)
}

fn no_room(_: Errno) -> &'static str {
    "the disk has no room for the fixture"
}

/// Copies the fixture to the disk; gives the module, and whether the guest may see the disk.
#[inline(never)]
fn fixture(
    records: &'static [u8],
    files: &mut RamFs<'static>,
    root: &RamHandle,
) -> Result<(Option<&'static [u8]>, bool), Errno> {
    let (mut wasm, mut preopened) = (None, false);
    for record in Records(records) {
        match record {
            Record::Argument(_) | Record::Variable(_) => {}
            Record::Root => preopened = true,
            Record::Directory(path) => files.create(root, path, New::Directory).map(drop)?,
            Record::File(path, content) => {
                let how = Open { write: true, create: true, ..Open::default() };
                let (file, _) = files.open(root, path, how)?;
                let mut left = content;
                while !left.is_empty() {
                    let written = files.write(&file, Position::End, left)?;
                    left = left.get(written.max(1)..).unwrap_or(&[]);
                }
                files.close(file)?;
            }
            Record::Module(bytes) => wasm = Some(bytes),
        }
    }
    Ok((wasm, preopened))
}

/// Runs `_start` to its end.
#[inline(never)]
fn run_module(
    wasi: &mut Wasi<ChipHost<'static>>,
    wasm: &'static [u8],
    memory: &'static mut [u8],
) -> Result<End, &'static str> {
    let engine = Engine::default();
    let half = memory.len() / 2;
    let (code, arena) = memory.split_at_mut(half);
    let module = Module::new(&engine, wasm, code).map_err(|error| {
        eprintln!("{error:?}");
        "the module is refused"
    })?;
    let mut store = Store::new(&engine, arena).map_err(|_| "the arena is too small")?;
    let tables = [P1::<Wasi<ChipHost<'static>>>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let instance = linker.instantiate(&mut store, &module, wasi).map_err(|error| {
        eprintln!("{error:?}");
        "the module cannot be instantiated"
    })?;
    let start = store.export(instance, "_start").and_then(|export| export.func()).ok_or("no _start")?;
    let thread = store.spawn(start, &[]).map_err(|_| "the arena is too small for a stack")?;
    Ok(run_to_end(&linker, &mut store, thread, wasi, SLICE_FUEL, &mut Spin))
}

//! Running a test in this process, with a file system in RAM or in simulated flash: nothing of this machine but its
//! clock.

use std::{
    collections::hash_map::RandomState,
    fs,
    hash::{BuildHasher, Hasher},
    marker::PhantomData,
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use wasmote::{Engine, HostFunc, Linker, Module, Run, Store, Thread};
use wasmote_wasi_p1::{
    Capabilities, ClockId, Errno, Filetype, P1, Rights, Slot, Wasi,
    capability::{
        Clock, FileSystem, Host, New, Open, Position, Program, Random, Ready, Stdio, Stream, absent::NoSockets,
    },
    flashfs::{FlashFs, Lent, NameSlot, NodeSlot, PAGES_MIN, cache::Cache},
    ramfs::RamFs,
};

use super::{Case, Outcome};
use crate::nor::SimulatedNor;

/// How much memory a test has, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// For the prepared code of its module.
    pub code_bytes: usize,
    /// For its memory, tables, globals and frame stacks.
    pub arena_bytes: usize,
    /// For its file system.
    pub disk_bytes: usize,
}

impl Budget {
    /// What all 72 tests of the suite fit in.
    pub const SMALL: Budget = Budget { code_bytes: 512 * 1024, arena_bytes: 128 * 1024, disk_bytes: 32 * 1024 };
}

/// How long a test may take.
const TIME_MAX: Duration = Duration::from_secs(60);
/// How much fuel it gets before the time is looked at.
const SLICE_FUEL: u64 = 10_000_000;

/// The host's family of types over a file system.
struct DiskHost<F>(PhantomData<F>);

impl<F: FileSystem> Host for DiskHost<F> {
    type Program = Words;
    type Clock = Time;
    type Random = Entropy;
    type Stdio = Captured;
    type Files = F;
    type Sockets = NoSockets;
    type Table = [Slot<DiskHost<F>>; 16];
    type Scratch = [u8; 512];
    type Name = &'static str;
}

/// Arguments, and variables as `NAME=value`.
struct Words {
    arguments: Vec<String>,
    variables: Vec<String>,
}

impl Program for Words {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        self.arguments.get(index).map(|text| text.as_bytes())
    }
    fn variable(&self, index: usize) -> Option<&[u8]> {
        self.variables.get(index).map(|text| text.as_bytes())
    }
}

/// This machine's clocks, the monotonic one from the test's start.
struct Time(Instant);

/// The time of day in nanoseconds since 1970.
fn today_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64)
}

impl Clock for Time {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Realtime => Ok(today_ns()),
            ClockId::Monotonic => Ok(self.0.elapsed().as_nanos() as u64),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(Errno::NotSup),
        }
    }
    fn resolution(&mut self, _: ClockId) -> Result<u64, Errno> {
        Ok(1)
    }
}

/// The standard library's random keys, which are enough for tests.
struct Entropy;

impl Random for Entropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        for piece in bytes.chunks_mut(8) {
            let random = RandomState::new().build_hasher().finish().to_le_bytes();
            piece.copy_from_slice(&random[..piece.len()]);
        }
        Ok(())
    }
}

/// An input in which nothing ever comes, and outputs that are kept.
#[derive(Default)]
struct Captured {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Stdio for Captured {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::Again)
    }
    fn write(&mut self, stream: Stream, from: &[u8]) -> Result<usize, Errno> {
        let kept = if stream == Stream::Output { &mut self.stdout } else { &mut self.stderr };
        kept.extend_from_slice(from);
        Ok(from.len())
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::Unknown
    }
    fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno> {
        Ok((stream != Stream::Input).then(Ready::default))
    }
}

/// Runs one test with a file system in RAM.
pub(super) fn run(case: &Case, budget: Budget) -> Outcome {
    let mut disk = vec![0; budget.disk_bytes];
    RamFs::new(&mut disk, 1, today_ns)
        .and_then(|mut files| files.root().map(|root| (files, root)))
        .map_or_else(no_room, |(files, root)| run_on(case, budget, files, root))
}

/// Runs one test with a file system in simulated flash, and the disk's bytes in pages; adds to `wear` how often each of
/// them was erased.
pub(super) fn run_in_flash(case: &Case, budget: Budget, wear: &mut Vec<u32>) -> Outcome {
    let pages = (budget.disk_bytes / SimulatedNor::PAGE_BYTES).max(PAGES_MIN as usize);
    let mut flash = SimulatedNor::new(pages);
    let range = 0..(pages * SimulatedNor::PAGE_BYTES) as u32;
    let (mut names, mut nodes) = ([NameSlot::FREE; FLASH_SLOTS], [NodeSlot::FREE; FLASH_SLOTS]);
    let lent = Lent { names: &mut names, nodes: &mut nodes, device: 1, now_ns: today_ns };
    let outcome = FlashFs::mount(&mut flash, range, Cache::new_uncached(), lent)
        .and_then(|mut files| files.root().map(|root| (files, root)))
        .map_or_else(no_room, |(files, root)| run_on(case, budget, files, root));
    wear.resize(wear.len().max(pages), 0);
    wear.iter_mut().zip(flash.wear()).for_each(|(sum, erased)| *sum += erased);
    outcome
}

/// How many names and files the flash has, at most.
const FLASH_SLOTS: usize = 128;

fn no_room(errno: Errno) -> Outcome {
    let exit = Err(format!("no room for the fixture: errno {}", errno.code()));
    Outcome { exit, stdout: Vec::new(), stderr: Vec::new() }
}

/// Runs one test with this file system, whose root is open.
fn run_on<F: FileSystem>(case: &Case, budget: Budget, files: F, root: F::Handle) -> Outcome {
    let mut wasi = match new_wasi(case, files, root) {
        Ok(wasi) => wasi,
        Err(errno) => return no_room(errno),
    };
    let exit = run_module(case, budget, &mut wasi);
    let Captured { stdout, stderr } = std::mem::take(&mut wasi.host.stdio);
    Outcome { exit, stdout, stderr }
}

/// The guest's state, its fixture copied to the disk.
fn new_wasi<F: FileSystem>(case: &Case, mut files: F, root: F::Handle) -> Result<Wasi<DiskHost<F>>, Errno> {
    if let Some(fixture) = &case.root {
        load(&mut files, &root, fixture, "")?;
    }
    let arguments = std::iter::once(case.program_name()).chain(case.arguments.iter().cloned()).collect();
    let variables = case.variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = Capabilities {
        program: Words { arguments, variables },
        clock: Time(Instant::now()),
        random: Entropy,
        stdio: Captured::default(),
        files,
        sockets: NoSockets,
    };
    let mut wasi = Wasi::new(host, [const { Slot::FREE }; 16], [0; 512]);
    if case.root.is_some() {
        wasi.preopen("/", root, Rights::ALL, Rights::ALL)?;
    }
    Ok(wasi)
}

/// Copies a directory of this machine to `at` (empty, or ending with a slash) on the disk.
fn load<F: FileSystem>(files: &mut F, root: &F::Handle, from: &Path, at: &str) -> Result<(), Errno> {
    for entry in fs::read_dir(from).map_err(|_| Errno::Io)? {
        let entry = entry.map_err(|_| Errno::Io)?;
        let path = format!("{at}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files.create(root, &path, New::Directory)?;
            load(files, root, &entry.path(), &format!("{path}/"))?;
        } else {
            let content = fs::read(entry.path()).map_err(|_| Errno::Io)?;
            let (file, _) = files.open(root, &path, Open { write: true, create: true, ..Open::default() })?;
            let mut done = 0;
            while done < content.len() {
                done += files.write(&file, Position::End, &content[done..])?;
            }
            files.close(file)?;
        }
    }
    Ok(())
}

/// Runs the module to its end and gives its exit code.
fn run_module<F: FileSystem>(case: &Case, budget: Budget, wasi: &mut Wasi<DiskHost<F>>) -> Result<i32, String> {
    let wasm = fs::read(&case.module).map_err(|error| error.to_string())?;
    let (mut code, mut arena) = (vec![0; budget.code_bytes], vec![0; budget.arena_bytes]);
    let engine = Engine::default();
    let module = Module::new(&engine, &wasm, &mut code).map_err(|error| format!("{error:?}"))?;
    let mut store = Store::new(&engine, &mut arena).map_err(|error| format!("{error:?}"))?;
    let tables: [&[HostFunc<Wasi<DiskHost<F>>>]; 1] = [P1::<Wasi<DiskHost<F>>>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let instance = linker.instantiate(&mut store, &module, wasi).map_err(|error| format!("{error:?}"))?;
    let start = store.export(instance, "_start").and_then(|export| export.func()).ok_or("no _start")?;
    let thread = store.spawn(start, &[]).map_err(|error| format!("{error:?}"))?;
    run_thread(&linker, &mut store, thread, wasi)
}

/// Runs the thread to its end, sleeping when it sleeps.
fn run_thread<F: FileSystem>(
    linker: &Linker<'_, Wasi<DiskHost<F>>>,
    store: &mut Store<'_>,
    thread: Thread,
    wasi: &mut Wasi<DiskHost<F>>,
) -> Result<i32, String> {
    let started = Instant::now();
    while started.elapsed() < TIME_MAX {
        match linker.run(store, thread, wasi, SLICE_FUEL) {
            Run::Finished => return Ok(0),
            Run::Exited(code) => return Ok(code as i32),
            Run::Trapped(trap) => return Err(trap.message().to_owned()),
            Run::OutOfFuel => {}
            Run::Pending => {
                let now_ns = wasi.host.clock.0.elapsed().as_nanos() as u64;
                let deadline_ns = wasi.blocked().and_then(|blocked| blocked.deadline_ns);
                let deadline_ns = deadline_ns.ok_or("it waits for what cannot come")?;
                thread::sleep(Duration::from_nanos(deadline_ns.saturating_sub(now_ns)).min(TIME_MAX));
            }
            Run::HostCall(call) => return Err(format!("it calls the unknown host function {}", call.id)),
        }
    }
    Err(format!("no end after {} s", TIME_MAX.as_secs()))
}

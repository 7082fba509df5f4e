//! A host in which any call of a capability can fail with any errno, for real guests: its files are in RAM, its input is
//! given, its output is kept, and its time goes on only when the guest waits.
//!
//! It counts the calls, notes which methods they were, and counts what is open, so that a test can let each of them fail in
//! its turn and see that nothing leaks.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;
use wasmote::{Engine, HostFunc, Linker, Module, Run, Store};
use wasmote_wasi_p1::{
    Capabilities, ClockId, Errno, Filetype, P1, Rights, Slot, Wasi,
    capability::{
        Change, Clock, Entry, FileSystem, Files, Host, Kind, New, Open, Position, Program, Random, Ready, Stat, Stdio,
        Stream, Times, absent::NoSockets,
    },
    ramfs::{RamFs, RamHandle},
};

/// What a guest is started with.
pub struct Guest<'g> {
    /// Its module.
    pub wasm: &'g [u8],
    /// Its arguments, the program's name first.
    pub arguments: &'g [String],
    /// Its standard input.
    pub input: &'g [u8],
    /// The files in its root.
    pub files: &'g [(String, Vec<u8>)],
}

/// What became of a run.
pub struct Ran {
    /// Its exit code; `Err` says how it ended without one: by a trap, out of fuel, waiting for ever.
    pub exit: Result<u32, String>,
    /// What it wrote to its standard output.
    pub output: Vec<u8>,
    /// How many calls of capabilities there were.
    pub calls: u32,
    /// Which methods they were.
    pub methods: BTreeSet<&'static str>,
    /// Did a call fail that was to fail?
    pub failed: bool,
    /// How many files and directories were open after everything was closed: 0, or some have leaked.
    pub leaked: i32,
}

/// What the capabilities share.
#[derive(Default)]
struct World {
    fail: Cell<Option<(u32, Errno)>>,
    calls: Cell<u32>,
    methods: RefCell<BTreeSet<&'static str>>,
    open: Cell<i32>,
    now_ns: Cell<u64>,
    input: RefCell<VecDeque<u8>>,
    output: RefCell<Vec<u8>>,
}

impl World {
    /// Counts a call, and lets it fail if it is its turn.
    fn turn(&self, method: &'static str) -> Result<(), Errno> {
        let number = self.calls.replace(self.calls.get() + 1);
        self.methods.borrow_mut().insert(method);
        match self.fail.get() {
            Some((at, errno)) if at == number => {
                self.fail.set(None);
                Err(errno)
            }
            _ => Ok(()),
        }
    }
}

struct FaultyHost<'d>(PhantomData<&'d ()>);

impl<'d> Host for FaultyHost<'d> {
    type Program = Words;
    type Clock = Shared;
    type Random = Shared;
    type Stdio = Shared;
    type Files = Disk<'d>;
    type Sockets = NoSockets;
    type Table = [Slot<FaultyHost<'d>>; 16];
    type Scratch = [u8; 512];
    type Name = &'static str;
}

struct Words(Vec<String>);

impl Program for Words {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        self.0.get(index).map(|text| text.as_bytes())
    }
    fn variable(&self, _: usize) -> Option<&[u8]> {
        None
    }
}

/// Every capability but the files.
struct Shared(Rc<World>);

impl Clock for Shared {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        self.0.turn("now")?;
        match clock {
            ClockId::Monotonic | ClockId::Realtime => Ok(self.0.now_ns.get()),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(Errno::NotSup),
        }
    }
    fn resolution(&mut self, _: ClockId) -> Result<u64, Errno> {
        self.0.turn("resolution")?;
        Ok(1)
    }
}

impl Random for Shared {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        self.0.turn("fill")?;
        bytes.fill(7);
        Ok(())
    }
}

impl Stdio for Shared {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Errno> {
        self.0.turn("read a stream")?;
        let mut input = self.0.input.borrow_mut();
        let len = input.len().min(into.len());
        into.iter_mut().zip(input.drain(..len)).for_each(|(place, byte)| *place = byte);
        Ok(len)
    }
    fn write(&mut self, stream: Stream, from: &[u8]) -> Result<usize, Errno> {
        self.0.turn("write a stream")?;
        if stream == Stream::Output {
            self.0.output.borrow_mut().extend_from_slice(from);
        }
        Ok(from.len())
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::Unknown
    }
    fn ready(&mut self, _: Stream) -> Result<Option<Ready>, Errno> {
        self.0.turn("ready")?;
        Ok(Some(Ready::default()))
    }
}

/// A file system in RAM that counts, and fails when told to.
struct Disk<'d> {
    files: RamFs<'d>,
    world: Rc<World>,
}

impl Files for Disk<'_> {
    type Handle = RamHandle;

    fn read(&mut self, file: &RamHandle, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        self.world.turn("read")?;
        self.files.read(file, at, into)
    }
    fn write(&mut self, file: &RamHandle, to: Position, from: &[u8]) -> Result<usize, Errno> {
        self.world.turn("write")?;
        self.files.write(file, to, from)
    }
    fn stat(&mut self, open: &RamHandle) -> Result<Stat, Errno> {
        self.world.turn("stat")?;
        self.files.stat(open)
    }
    fn change(&mut self, open: &RamHandle, change: Change) -> Result<(), Errno> {
        self.world.turn("change")?;
        self.files.change(open, change)
    }
    fn sync(&mut self, open: &RamHandle, data_only: bool) -> Result<(), Errno> {
        self.world.turn("sync")?;
        self.files.sync(open, data_only)
    }
    fn list(&mut self, at: &RamHandle, cookie: u64, sink: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<(), Errno> {
        self.world.turn("list")?;
        self.files.list(at, cookie, sink)
    }
    fn close(&mut self, open: RamHandle) -> Result<(), Errno> {
        // Like a disk that cannot write what was kept back: the handle is gone all the same.
        self.world.open.set(self.world.open.get() - 1);
        self.files.close(open)?;
        self.world.turn("close")
    }
}

impl FileSystem for Disk<'_> {
    fn open(&mut self, base: &RamHandle, path: &str, how: Open) -> Result<(RamHandle, Filetype), Errno> {
        self.world.turn("open")?;
        let opened = self.files.open(base, path, how)?;
        self.world.open.set(self.world.open.get() + 1);
        Ok(opened)
    }
    fn stat_at(&mut self, base: &RamHandle, path: &str, follow: bool) -> Result<Stat, Errno> {
        self.world.turn("stat_at")?;
        self.files.stat_at(base, path, follow)
    }
    fn set_times_at(&mut self, base: &RamHandle, path: &str, follow: bool, times: Times) -> Result<(), Errno> {
        self.world.turn("set_times_at")?;
        self.files.set_times_at(base, path, follow, times)
    }
    fn create(&mut self, base: &RamHandle, path: &str, new: New<'_>) -> Result<(), Errno> {
        self.world.turn("create")?;
        self.files.create(base, path, new)
    }
    fn remove(&mut self, base: &RamHandle, path: &str, kind: Kind) -> Result<(), Errno> {
        self.world.turn("remove")?;
        self.files.remove(base, path, kind)
    }
    fn rename(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        self.world.turn("rename")?;
        self.files.rename(base, from, to_base, to)
    }
    fn link(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        self.world.turn("link")?;
        self.files.link(base, from, to_base, to)
    }
    fn read_link(&mut self, base: &RamHandle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        self.world.turn("read_link")?;
        self.files.read_link(base, path, into)
    }
}

/// How often a guest may wait before it is said to wait for ever.
const WAITS_MAX: u32 = 1000;

/// Memory that runs use one after the other.
pub struct Room {
    code: Vec<u8>,
    arena: Vec<u8>,
    disk: Vec<u8>,
}

impl Room {
    /// So many bytes for prepared code, for the arena and for the disk.
    #[must_use]
    pub fn new(code_bytes: usize, arena_bytes: usize, disk_bytes: usize) -> Room {
        Room { code: vec![0; code_bytes], arena: vec![0; arena_bytes], disk: vec![0; disk_bytes] }
    }
}

/// Runs a guest for each of `fails` (the number of a call, and the errno that it fails with; `None` lets all succeed), with
/// this much fuel each, and hands what became of it to `judge`.
///
/// # Errors
/// If the module or its files do not fit, in words.
pub fn run_each(
    guest: &Guest<'_>,
    room: &mut Room,
    fuel: u64,
    fails: impl IntoIterator<Item = Option<(u32, Errno)>>,
    mut judge: impl FnMut(Option<(u32, Errno)>, Ran),
) -> Result<(), String> {
    let engine = Engine::default();
    let module = Module::new(&engine, guest.wasm, &mut room.code).map_err(|error| format!("{error:?}"))?;
    for fail in fails {
        let ran = run(guest, &engine, &module, &mut room.arena, &mut room.disk, fuel, fail)?;
        judge(fail, ran);
    }
    Ok(())
}

fn run(
    guest: &Guest<'_>,
    engine: &Engine,
    module: &Module<'_>,
    arena: &mut [u8],
    disk: &mut [u8],
    fuel: u64,
    fail: Option<(u32, Errno)>,
) -> Result<Ran, String> {
    let no_room = |errno: Errno| format!("no room for the files: {errno:?}");
    let world = Rc::new(World::default());
    let mut files = RamFs::new(disk, 1, || 0).map_err(no_room)?;
    let root = files.root().map_err(no_room)?;
    for (name, content) in guest.files {
        let how = Open { write: true, create: true, ..Open::default() };
        let (file, _) = files.open(&root, name, how).map_err(no_room)?;
        let written = files.write(&file, Position::End, content).map_err(no_room)?;
        files.close(file).map_err(no_room)?;
        if written < content.len() {
            return Err(format!("no room for {name}"));
        }
    }
    let host = Capabilities {
        program: Words(guest.arguments.to_vec()),
        clock: Shared(world.clone()),
        random: Shared(world.clone()),
        stdio: Shared(world.clone()),
        files: Disk { files, world: world.clone() },
        sockets: NoSockets,
    };
    let mut wasi = Wasi::<FaultyHost<'_>>::new(host, [const { Slot::FREE }; 16], [0; 512]);
    world.open.set(1);
    wasi.preopen("/", root, Rights::ALL, Rights::ALL).map_err(no_room)?;
    world.input.borrow_mut().extend(guest.input);
    world.fail.set(fail);
    let exit = run_module(engine, module, arena, &mut wasi, &world, fuel)?;
    let failed = world.fail.take().is_none() && fail.is_some();
    let calls = world.calls.get();
    wasi.close_all();
    let (output, methods) = (world.output.take(), world.methods.take());
    Ok(Ran { exit, output, calls, methods, failed, leaked: world.open.get() })
}

fn run_module<'d>(
    engine: &Engine,
    module: &Module<'_>,
    arena: &mut [u8],
    wasi: &mut Wasi<FaultyHost<'d>>,
    world: &World,
    fuel: u64,
) -> Result<Result<u32, String>, String> {
    let mut store = Store::new(engine, arena).map_err(|error| format!("{error:?}"))?;
    let tables: [&[HostFunc<Wasi<FaultyHost<'d>>>]; 1] = [P1::<Wasi<FaultyHost<'d>>>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let instance = linker.instantiate(&mut store, module, wasi).map_err(|error| format!("{error:?}"))?;
    let start = store.export(instance, "_start").and_then(|export| export.func()).ok_or("no _start")?;
    let thread = store.spawn(start, &[]).map_err(|error| format!("{error:?}"))?;
    let mut waits = 0;
    Ok(loop {
        match linker.run(&mut store, thread, wasi, fuel) {
            Run::Finished => break Ok(0),
            Run::Exited(code) => break Ok(code),
            Run::Trapped(trap) => break Err(trap.message().to_owned()),
            Run::OutOfFuel => break Err("out of fuel".to_owned()),
            Run::Pending if waits == WAITS_MAX => break Err("it waits for ever".to_owned()),
            Run::Pending => {
                waits += 1;
                if let Some(deadline_ns) = wasi.blocked().and_then(|blocked| blocked.deadline_ns) {
                    world.now_ns.set(deadline_ns);
                }
            }
            Run::HostCall(call) => return Err(format!("it calls the unknown host function {}", call.id)),
        }
    })
}

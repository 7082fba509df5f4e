//! A host in which nothing happens by itself: its clock is set, its input is given, its calls fail when told to.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

use wasmote_wasi_p1::{
    Capabilities, ClockId, Errno, Filetype, Interest, Riflags, Rights, Sdflags, Slot, Wasi,
    capability::{
        Change, Clock, Entry, FileSystem, Files, Host, Kind, New, Open, Position, Program, Random, Ready, Sockets,
        Stat, Stdio, Stream, Times,
    },
    ramfs::{RamFs, RamHandle},
};

use super::Guest;

/// How many descriptors a guest may have.
pub const DESCRIPTORS: usize = 12;
/// The descriptor of the preopened directory `/`, and of the listening socket.
pub const ROOT: u64 = 3;
pub const LISTENER: u64 = 4;

/// What the tests see and steer.
#[derive(Default)]
pub struct World {
    pub now_ns: Cell<u64>,
    pub input: RefCell<VecDeque<u8>>,
    pub input_ended: Cell<bool>,
    pub output: RefCell<Vec<u8>>,
    pub output_full: Cell<bool>,
    /// Connections that have arrived and were not accepted.
    pub arriving: RefCell<VecDeque<Rc<Connection>>>,
    /// The call of a capability with this number fails with this errno; numbers are counted down to 0.
    pub fail: Cell<Option<(u32, Errno)>>,
    /// How many calls of capabilities there were.
    pub calls: Cell<u32>,
    /// How many handles of files and sockets are open.
    pub open: Cell<i32>,
}

/// Both directions of a connection.
#[derive(Default)]
pub struct Connection {
    pub to_guest: RefCell<VecDeque<u8>>,
    pub from_guest: RefCell<Vec<u8>>,
    pub ended: Cell<bool>,
    pub shut: Cell<u8>,
}

impl World {
    /// Counts a call, and lets it fail if it is its turn.
    fn turn(&self) -> Result<(), Errno> {
        self.calls.set(self.calls.get() + 1);
        match self.fail.get() {
            Some((0, errno)) => {
                self.fail.set(None);
                Err(errno)
            }
            Some((left, errno)) => {
                self.fail.set(Some((left - 1, errno)));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// The host's family of types.
pub struct TestHost;

impl Host for TestHost {
    type Program = Words;
    type Clock = Shared;
    type Random = Shared;
    type Stdio = Shared;
    type Files = Disk;
    type Sockets = Shared;
    type Table = [Slot<TestHost>; DESCRIPTORS];
    type Scratch = [u8; 128];
    type Name = &'static str;

    // Small and odd, so that transfers are cut in the middle.
    const PIECE_BYTES: u32 = 13;
}

/// Arguments and variables.
pub struct Words;

impl Program for Words {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        [&b"prog"[..], b"", b"two words"].get(index).copied()
    }
    fn variable(&self, index: usize) -> Option<&[u8]> {
        [&b"A=1"[..]].get(index).copied()
    }
}

/// Every capability but the files.
pub struct Shared(pub Rc<World>);

impl Clock for Shared {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        self.0.turn()?;
        match clock {
            ClockId::Monotonic => Ok(self.0.now_ns.get()),
            ClockId::Realtime => Ok(self.0.now_ns.get() + 1_000_000),
            _ => Err(Errno::NotSup),
        }
    }
    fn resolution(&mut self, _: ClockId) -> Result<u64, Errno> {
        self.0.turn()?;
        Ok(1)
    }
}

impl Random for Shared {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        self.0.turn()?;
        bytes.fill(0x5a);
        Ok(())
    }
}

impl Stdio for Shared {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Errno> {
        self.0.turn()?;
        let mut input = self.0.input.borrow_mut();
        if input.is_empty() && !self.0.input_ended.get() {
            return Err(Errno::Again);
        }
        let len = input.len().min(into.len());
        into.iter_mut().zip(input.drain(..len)).for_each(|(place, byte)| *place = byte);
        Ok(len)
    }
    fn write(&mut self, _: Stream, from: &[u8]) -> Result<usize, Errno> {
        self.0.turn()?;
        if self.0.output_full.get() {
            return Err(Errno::Again);
        }
        self.0.output.borrow_mut().extend_from_slice(from);
        Ok(from.len())
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::CharacterDevice
    }
    fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno> {
        self.0.turn()?;
        Ok(match stream {
            Stream::Input if self.0.input.borrow().is_empty() => {
                self.0.input_ended.get().then_some(Ready { bytes: 0, hangup: true })
            }
            Stream::Input => Some(Ready { bytes: self.0.input.borrow().len() as u64, hangup: false }),
            _ => (!self.0.output_full.get()).then(Ready::default),
        })
    }
}

/// A listening socket or a connection.
pub enum Socket {
    Listener,
    Connection(Rc<Connection>),
}

impl Socket {
    fn connection(&self) -> Result<&Connection, Errno> {
        match self {
            Socket::Connection(connection) => Ok(connection),
            Socket::Listener => Err(Errno::NotConn),
        }
    }
}

impl Sockets for Shared {
    type Handle = Socket;

    fn accept(&mut self, listener: &Socket) -> Result<Socket, Errno> {
        self.0.turn()?;
        if !matches!(listener, Socket::Listener) {
            return Err(Errno::Inval);
        }
        let connection = self.0.arriving.borrow_mut().pop_front().ok_or(Errno::Again)?;
        self.0.open.set(self.0.open.get() + 1);
        Ok(Socket::Connection(connection))
    }
    fn receive(&mut self, socket: &Socket, into: &mut [u8], flags: Riflags) -> Result<usize, Errno> {
        self.0.turn()?;
        let connection = socket.connection()?;
        let mut there = connection.to_guest.borrow_mut();
        if there.is_empty() && !connection.ended.get() {
            return Err(Errno::Again);
        }
        let len = there.len().min(into.len());
        into.iter_mut().zip(there.iter()).for_each(|(place, byte)| *place = *byte);
        if !flags.contains(Riflags::PEEK) {
            there.drain(..len);
        }
        Ok(len)
    }
    fn send(&mut self, socket: &Socket, from: &[u8]) -> Result<usize, Errno> {
        self.0.turn()?;
        socket.connection()?.from_guest.borrow_mut().extend_from_slice(from);
        Ok(from.len())
    }
    fn shutdown(&mut self, socket: &Socket, how: Sdflags) -> Result<(), Errno> {
        self.0.turn()?;
        socket.connection()?.shut.set(how.bits());
        Ok(())
    }
    fn ready(&mut self, socket: &Socket, interest: Interest) -> Result<Option<Ready>, Errno> {
        self.0.turn()?;
        Ok(match socket {
            Socket::Listener => (!self.0.arriving.borrow().is_empty()).then(Ready::default),
            Socket::Connection(_) if interest.writes() => Some(Ready::default()),
            Socket::Connection(connection) => {
                let bytes = connection.to_guest.borrow().len() as u64;
                (bytes > 0 || connection.ended.get()).then_some(Ready { bytes, hangup: connection.ended.get() })
            }
        })
    }
    fn close(&mut self, _: Socket) {
        self.0.open.set(self.0.open.get() - 1);
    }
}

/// A file system in RAM that counts, and fails when told to.
pub struct Disk {
    pub files: RamFs<'static>,
    pub world: Rc<World>,
}

impl Files for Disk {
    type Handle = RamHandle;

    fn read(&mut self, file: &RamHandle, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        self.world.turn()?;
        self.files.read(file, at, into)
    }
    fn write(&mut self, file: &RamHandle, to: Position, from: &[u8]) -> Result<usize, Errno> {
        self.world.turn()?;
        self.files.write(file, to, from)
    }
    fn stat(&mut self, open: &RamHandle) -> Result<Stat, Errno> {
        self.world.turn()?;
        self.files.stat(open)
    }
    fn change(&mut self, open: &RamHandle, change: Change) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.change(open, change)
    }
    fn sync(&mut self, open: &RamHandle, data_only: bool) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.sync(open, data_only)
    }
    fn list(&mut self, at: &RamHandle, cookie: u64, sink: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.list(at, cookie, sink)
    }
    fn close(&mut self, open: RamHandle) -> Result<(), Errno> {
        // Like a disk that cannot write what was kept back: the handle is gone all the same.
        self.world.open.set(self.world.open.get() - 1);
        self.files.close(open)?;
        self.world.turn()
    }
}

impl FileSystem for Disk {
    fn open(&mut self, base: &RamHandle, path: &str, how: Open) -> Result<(RamHandle, Filetype), Errno> {
        self.world.turn()?;
        let opened = self.files.open(base, path, how)?;
        self.world.open.set(self.world.open.get() + 1);
        Ok(opened)
    }
    fn stat_at(&mut self, base: &RamHandle, path: &str, follow: bool) -> Result<Stat, Errno> {
        self.world.turn()?;
        self.files.stat_at(base, path, follow)
    }
    fn set_times_at(&mut self, base: &RamHandle, path: &str, follow: bool, times: Times) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.set_times_at(base, path, follow, times)
    }
    fn create(&mut self, base: &RamHandle, path: &str, new: New<'_>) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.create(base, path, new)
    }
    fn remove(&mut self, base: &RamHandle, path: &str, kind: Kind) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.remove(base, path, kind)
    }
    fn rename(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.rename(base, from, to_base, to)
    }
    fn link(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        self.world.turn()?;
        self.files.link(base, from, to_base, to)
    }
    fn read_link(&mut self, base: &RamHandle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        self.world.turn()?;
        self.files.read_link(base, path, into)
    }
}

/// The state of a guest with the directory `/` as descriptor 3, in a file system of so many bytes, and a listening
/// socket as 4; and the world that it lives in.
pub fn new_wasi(disk_bytes: usize) -> (Wasi<TestHost>, Rc<World>) {
    let world = Rc::new(World::default());
    let mut files = RamFs::new(vec![0; disk_bytes].leak(), 1, || 0).expect("room for a root");
    let root = files.root().expect("a root");
    let host = Capabilities {
        program: Words,
        clock: Shared(world.clone()),
        random: Shared(world.clone()),
        stdio: Shared(world.clone()),
        files: Disk { files, world: world.clone() },
        sockets: Shared(world.clone()),
    };
    let mut wasi = Wasi::new(host, [const { Slot::FREE }; DESCRIPTORS], [0; 128]);
    assert_eq!(wasi.preopen("/", root, Rights::ALL, Rights::ALL).map(u64::from), Ok(ROOT));
    assert_eq!(wasi.preopen_socket(Socket::Listener, Rights::LISTENER).map(u64::from), Ok(LISTENER));
    world.open.set(2);
    (wasi, world)
}

/// A guest with such a state.
pub fn new_guest() -> (Guest<Wasi<TestHost>>, Rc<World>) {
    let (wasi, world) = new_wasi(64 * 1024);
    (Guest::new(wasi), world)
}

/// How many descriptors of files, directories and sockets are open.
pub fn open_descriptors(guest: &mut Guest<Wasi<TestHost>>) -> i32 {
    let failing = guest.data.host.clock.0.fail.take();
    let mut count = 0;
    for fd in 0..DESCRIPTORS as u64 {
        let open = guest.call("fd_fdstat_get", &[fd, 32]) == super::Answer::Errno(0);
        // A stream is the only thing here that is called a character device.
        count += i32::from(open && guest.get(32, 1) != [Filetype::CharacterDevice as u8]);
    }
    guest.data.host.clock.0.fail.set(failing);
    count
}

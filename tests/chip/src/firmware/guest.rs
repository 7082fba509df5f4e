//! A guest on the chip that uses the board on the computer: the same module, and what `wasmote run` would do with it.

use super::remote::{Port, Remote};
use super::stack::Stack;
use crate::wire::{Ask, FRAME_BYTES, Given, Guest};
use core::cell::RefCell;
use core::marker::PhantomData;
use semihosting::eprintln;
use wasmote::{Engine, Extern, Func, HostFunc, Linker, Module, Outcome, Run, Store};
use wasmote_board::policy::{Grant, Request};
use wasmote_wasi_embedded::{Embedded, Hardware, HardwareView, Slot};
use wasmote_wasi_p1::capability::absent::{NoFiles, NoSockets};
use wasmote_wasi_p1::capability::{Clock, Host, Program, Random, Ready, Stdio, Stream};
use wasmote_wasi_p1::{self as p1, Capabilities, ClockId, Errno, Filetype, P1, Wasi, WasiView};

/// Fuel between two looks at the board's power.
const SLICE_FUEL: u64 = 1_000_000;
/// The arena of a guest that asks for none.
const ARENA_BYTES: u32 = 64 << 10;
/// The time of day when the board gets power, as on the simulated one: 2026-01-01 00:00 UTC.
const EPOCH_NS: u64 = 1_767_225_600_000_000_000;
/// Where the guest's paths would be copied to.
const SCRATCH_BYTES: usize = 64;

struct ChipHost<'p>(PhantomData<&'p ()>);

impl<'p> Host for ChipHost<'p> {
    type Program = Name;
    type Clock = Time<'p>;
    type Random = Repeatable;
    type Stdio = Serial<'p>;
    type Files = NoFiles;
    type Sockets = NoSockets;
    type Table = [p1::Slot<ChipHost<'p>>; 4];
    type Scratch = [u8; SCRATCH_BYTES];
    type Name = &'static str;
}

/// The program's name.
struct Name(&'static str);

impl Program for Name {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        (index == 0).then_some(self.0.as_bytes())
    }
    fn variable(&self, _: usize) -> Option<&[u8]> {
        None
    }
}

/// The board's clock.
struct Time<'p>(&'p RefCell<Port>);

impl Clock for Time<'_> {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        let now = |given: Given<'_>| if let Given::Number(ns) = given { Ok(ns) } else { Err(Errno::Io) };
        match clock {
            ClockId::Monotonic => self.0.borrow_mut().ask(&Ask::Now, now),
            ClockId::Realtime => self.0.borrow_mut().ask(&Ask::Now, now).map(|ns| EPOCH_NS.saturating_add(ns)),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(Errno::NotSup),
        }
    }
    fn resolution(&mut self, _: ClockId) -> Result<u64, Errno> {
        Ok(1_000)
    }
}

/// No example asks for entropy.
struct Repeatable;

impl Random for Repeatable {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        bytes.fill(4);
        Ok(())
    }
}

/// The board's serial output; nothing ever comes in.
struct Serial<'p>(&'p RefCell<Port>);

impl Stdio for Serial<'_> {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::Again)
    }
    fn write(&mut self, _: Stream, from: &[u8]) -> Result<usize, Errno> {
        let from = from.get(..from.len().min(FRAME_BYTES / 2)).unwrap_or(&[]);
        self.0.borrow_mut().ask(&Ask::Serial(from), |_| ());
        Ok(from.len())
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::CharacterDevice
    }
    fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno> {
        Ok((stream != Stream::Input).then(Ready::default))
    }
}

/// What the host functions work on.
struct App<'p> {
    wasi: Wasi<ChipHost<'p>>,
    hardware: Hardware<Grant, [Slot; 16]>,
    board: Remote<'p>,
    port: &'p RefCell<Port>,
}

impl<'p> WasiView for App<'p> {
    type Host = ChipHost<'p>;
    fn wasi(&mut self) -> &mut Wasi<ChipHost<'p>> {
        &mut self.wasi
    }
}

impl<'p> HardwareView for App<'p> {
    type Board = Remote<'p>;
    type Grants = Grant;
    type Slots = [Slot; 16];
    fn hardware(&mut self) -> (&mut Hardware<Grant, [Slot; 16]>, &mut Remote<'p>) {
        (&mut self.hardware, &mut self.board)
    }
}

/// Runs the guest, and tells the computer how it ended.
pub(super) fn run(guest: &'static [u8], memory: &'static mut [u8], stack: &Stack) {
    let (frame, memory) = memory.split_at_mut(FRAME_BYTES.min(memory.len()));
    let port = match Port::new(frame) {
        Ok(port) => RefCell::new(port),
        Err(why) => return eprintln!("{why}"),
    };
    let (code, used_bytes) = match self::guest(guest, memory, &port, stack) {
        Ok((code, used_bytes)) => (Some(code), used_bytes),
        Err(why) => {
            eprintln!("{why}");
            (None, 0)
        }
    };
    port.borrow_mut().ask(&Ask::Ended(code, used_bytes), |_| ());
}

/// Makes what the guest needs, and runs it; its exit code, and the native stack that was used while it ran.
#[inline(never)]
fn guest(
    guest: &'static [u8],
    memory: &'static mut [u8],
    port: &RefCell<Port>,
    stack: &Stack,
) -> Result<(u32, u32), &'static str> {
    let guest: Guest<'static> = postcard::from_bytes(guest).map_err(|_| "the guest is broken")?;
    let request = Request::decode(guest.request).map_err(|_| "the request is broken")?;
    let arena_bytes = request.memory_bytes.unwrap_or(ARENA_BYTES) as usize;
    let (arena, code) = memory.split_at_mut_checked(arena_bytes).ok_or("no memory for the arena")?;
    let host = Capabilities {
        program: Name(guest.name),
        clock: Time(port),
        random: Repeatable,
        stdio: Serial(port),
        files: NoFiles,
        sockets: NoSockets,
    };
    let mut app = App {
        wasi: Wasi::new(host, [const { p1::Slot::FREE }; 4], [0; SCRATCH_BYTES]),
        hardware: Hardware::new("guest", Grant::whole(request), [Slot::FREE; 16]),
        board: Remote::new(port),
        port,
    };
    let engine = Engine::default();
    let module = Module::new(&engine, guest.wasm, code).map_err(|_| "the module is refused")?;
    let mut store = Store::new(&engine, arena).map_err(|_| "the arena is too small")?;
    let tables: [&[HostFunc<App<'_>>]; 2] = [P1::<App<'_>>::FUNCTIONS, Embedded::<App<'_>>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let instance = linker.instantiate(&mut store, &module, &mut app).map_err(|_| "it cannot be instantiated")?;
    let export = |store: &Store<'_>, name| store.export(instance, name).and_then(Extern::func);
    let from = stack.begin();
    let code = match guest.tick {
        None => {
            let start = export(&store, "_start").ok_or("no _start")?;
            call(&linker, &mut store, start, &mut app)?
        }
        Some((name, every_ns)) => {
            if let Some(initialize) = export(&store, "_initialize") {
                call(&linker, &mut store, initialize, &mut app)?;
            }
            let tick = export(&store, name).ok_or("the export is missing")?;
            again_and_again(&linker, &mut store, tick, every_ns, &mut app)?
        }
    };
    let used_bytes = stack.end(from) as u32;
    app.hardware.close_all(&mut app.board);
    Ok((code.unwrap_or(0), used_bytes))
}

/// Calls a function at once and then at each multiple of `every_ns`, until the power is off or it ends otherwise.
fn again_and_again<'p>(
    linker: &Linker<'_, App<'p>>,
    store: &mut Store<'_>,
    tick: Func,
    every_ns: u64,
    app: &mut App<'p>,
) -> Result<Option<u32>, &'static str> {
    let mut at_ns = every_ns;
    loop {
        if let Some(code) = call(linker, store, tick, app)? {
            return Ok(Some(code));
        }
        while now_ns(app.port).ok_or("no time")? < at_ns {
            if !wait(app.port, Some(at_ns)) {
                return Ok(Some(0));
            }
        }
        at_ns = at_ns.saturating_add(every_ns);
    }
}

fn now_ns(port: &RefCell<Port>) -> Option<u64> {
    port.borrow_mut().ask(&Ask::Now, |given| if let Given::Number(ns) = given { Some(ns) } else { None })
}

/// Lets time pass; false when the power is off, or nothing will ever happen.
fn wait(port: &RefCell<Port>, deadline_ns: Option<u64>) -> bool {
    let mut port = port.borrow_mut();
    let looks = port.ask(&Ask::Wait(deadline_ns), |given| matches!(given, Given::Number(_)));
    looks && !port.stopped
}

/// Calls a function to its end; the code if it ended the program. Without power it is over wherever it is.
#[inline(never)]
fn call<'p>(
    linker: &Linker<'_, App<'p>>,
    store: &mut Store<'_>,
    func: Func,
    app: &mut App<'p>,
) -> Result<Option<u32>, &'static str> {
    let thread = store.spawn(func, &[]).map_err(|_| "the arena is too small for a stack")?;
    let mut code = None;
    loop {
        let call = match store.resume(thread, SLICE_FUEL) {
            Outcome::Finished => break,
            Outcome::Trapped(trap) => {
                eprintln!("{trap:?}");
                return Err("the guest trapped");
            }
            Outcome::OutOfFuel => continue,
            Outcome::HostCall(call) => call,
        };
        match linker.answer(store, thread, app, call) {
            None => {}
            Some(Run::Pending) => {
                let deadline_ns = match (app.hardware.blocked(), app.wasi.blocked()) {
                    (Some(blocked), _) => blocked.deadline_ns,
                    (None, Some(blocked)) => blocked.deadline_ns,
                    (None, None) => return Err("it waits for nothing"),
                };
                wait(app.port, deadline_ns);
            }
            Some(Run::Exited(exit)) => {
                code = Some(exit);
                break;
            }
            Some(Run::Trapped(trap)) => {
                eprintln!("{trap:?}");
                return Err("the guest trapped");
            }
            Some(_) => return Err("a host call has no answer"),
        }
        if app.port.borrow().stopped {
            code = Some(0);
            break;
        }
    }
    store.end(thread);
    Ok(code)
}

//! A guest: a module, checked and prepared on the chip, in a store of its own, with two functions of this firmware to import.
//!
//! | import | |
//! |---|---|
//! | `board.press() -> i32` | waits for the next press of the button: which one it is |
//! | `board.say(text, len, number)` | a line of output |
//!
//! A host function never waits: it says `Pending`, the loop does other things, and at the guest's next turn it is asked again.

use crate::interrupts::next_press;
use core::fmt::Write;
use heapless::String;
use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Thread, Trap};

/// Fuel of a turn: about a millisecond.
const SLICE_FUEL: u64 = 2_000;
/// The longest text that a guest can say.
const TEXT_BYTES: usize = 32;

/// A line of output.
pub(crate) type Line = String<64>;

static BOARD: [HostFunc<Guest>; 2] = [HostFunc::wrap("board", "press", press), HostFunc::wrap("board", "say", say)];
static TABLES: [&[HostFunc<Guest>]; 1] = [&BOARD];
static LINKER: Linker<'static, Guest> = Linker::new(&TABLES);

/// What is lent to a guest: for its prepared code, and for its memory and stacks.
pub(crate) struct Room {
    code: [u8; 1024],
    arena: [u8; 4096],
}

impl Room {
    pub(crate) const EMPTY: Room = Room { code: [0; 1024], arena: [0; 4096] };
}

/// What the host functions work on.
struct Guest {
    name: &'static str,
    /// A line that was said and not sent.
    line: Option<Line>,
}

fn press(_: &mut Caller<'_, '_, Guest>) -> Result<u32, HostError> {
    next_press().ok_or(HostError::Pending)
}

fn say(caller: &mut Caller<'_, '_, Guest>, text: u32, len: u32, number: i32) -> Result<(), HostError> {
    let mut bytes = [0; TEXT_BYTES];
    let bytes = bytes.get_mut(..len as usize).ok_or(Trap::MemoryOutOfBounds)?;
    caller.read(text, bytes)?;
    let text = core::str::from_utf8(bytes).unwrap_or("?");
    caller.data().say(format_args!("{text}: {number}"))
}

impl Guest {
    /// One line waits at a time; what does not fit into it is cut off.
    fn say(&mut self, text: core::fmt::Arguments<'_>) -> Result<(), HostError> {
        if self.line.is_some() {
            return Err(HostError::Pending);
        }
        let line = self.line.insert(Line::new());
        let _ = write!(line, "{}: {text}\n", self.name);
        Ok(())
    }
}

/// A guest with what it runs in.
pub(crate) struct Task {
    guest: Guest,
    running: Option<(Store<'static>, Thread)>,
}

impl Task {
    /// Loads a module; one that cannot be run says so.
    pub(crate) fn new(name: &'static str, wasm: &'static [u8], room: &'static mut Room) -> Task {
        let mut guest = Guest { name, line: None };
        let running = match load(&mut guest, wasm, room) {
            Ok(running) => Some(running),
            Err(why) => {
                let _ = guest.say(format_args!("cannot be run: {why}"));
                None
            }
        };
        Task { guest, running }
    }

    /// Gives the guest its turn, and says whether it could use another one at once.
    pub(crate) fn turn(&mut self) -> bool {
        let Some((store, thread)) = &mut self.running else { return false };
        match LINKER.run(store, *thread, &mut self.guest, SLICE_FUEL) {
            Run::OutOfFuel => true,
            // It waits for a press, or for its line to be sent, after which it is looked at again.
            Run::Pending => self.guest.line.is_some(),
            ended => {
                // Its last words are sent before these.
                if self.guest.say(format_args!("ended: {ended:?}")).is_ok() {
                    self.running = None;
                }
                true
            }
        }
    }

    /// What it has to say.
    pub(crate) fn take_line(&mut self) -> Option<Line> {
        self.guest.line.take()
    }
}

fn load(
    guest: &mut Guest,
    wasm: &'static [u8],
    room: &'static mut Room,
) -> Result<(Store<'static>, Thread), &'static str> {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm, &mut room.code).map_err(|_| "it is not valid, or its code has no room")?;
    let mut store = Store::new(&engine, &mut room.arena).map_err(|_| "no room for a store")?;
    let instance = LINKER.instantiate(&mut store, &module, guest).map_err(|_| "it cannot be linked")?;
    let run = instance.get_func(&store, "run").ok_or("it exports no run")?;
    let thread = store.spawn(run, &[]).map_err(|_| "no room for its stack")?;
    Ok((store, thread))
}

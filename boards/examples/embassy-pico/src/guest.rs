//! A guest: a module, checked and prepared on the chip, in a store of its own, with two functions of this firmware to import.
//!
//! | import | |
//! |---|---|
//! | `board.press() -> i32` | waits for the next press of the button: which one it is |
//! | `board.say(text, len, number)` | a line of output |
//!
//! A host function never waits: it says `Pending`, the future awaits what is missing, and then the function is asked again.

use crate::{LINES, Line, PRESSES};
use core::fmt::Write;
use core::future::poll_fn;
use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Trap};

/// Fuel of a slice, after which the other tasks have their turn: about a millisecond.
const SLICE_FUEL: u64 = 2_000;
/// The longest text that a guest can say.
const TEXT_BYTES: usize = 32;

static BOARD: [HostFunc<Guest>; 2] = [HostFunc::wrap("board", "press", press), HostFunc::wrap("board", "say", say)];
static TABLES: [&[HostFunc<Guest>]; 1] = [&BOARD];
static LINKER: Linker<'static, Guest> = Linker::new(&TABLES);

/// What the host functions work on.
pub(crate) struct Guest {
    name: &'static str,
    wasm: &'static [u8],
    waits_for: WaitsFor,
}

/// Why the last host call was not answered.
enum WaitsFor {
    Press,
    RoomForALine,
}

fn press(caller: &mut Caller<'_, '_, Guest>) -> Result<u32, HostError> {
    caller.data().waits_for = WaitsFor::Press;
    PRESSES.try_receive().map_err(|_| HostError::Pending)
}

fn say(caller: &mut Caller<'_, '_, Guest>, text: u32, len: u32, number: i32) -> Result<(), HostError> {
    let mut bytes = [0; TEXT_BYTES];
    let bytes = bytes.get_mut(..len as usize).ok_or(Trap::MemoryOutOfBounds)?;
    caller.read(text, bytes)?;
    let guest = caller.data();
    guest.waits_for = WaitsFor::RoomForALine;
    let mut line = Line::new();
    let text = core::str::from_utf8(bytes).unwrap_or("?");
    // What does not fit into a line is cut off.
    let _ = write!(line, "{}: {text}: {number}\n", guest.name);
    LINES.try_send(line).map_err(|_| HostError::Pending)
}

impl Guest {
    pub(crate) fn new(name: &'static str, wasm: &'static [u8]) -> Guest {
        Guest { name, wasm, waits_for: WaitsFor::Press }
    }

    /// Runs the module to its end, and says what that was.
    pub(crate) async fn run(mut self, room: &mut ([u8; 1024], [u8; 4096])) {
        let mut line = Line::new();
        let _ = match self.export_run(room).await {
            Ok(Run::Finished) => write!(line, "{} finished\n", self.name),
            Ok(ended) => write!(line, "{} ended: {ended:?}\n", self.name),
            Err(why) => write!(line, "{} cannot be run: {why}\n", self.name),
        };
        LINES.send(line).await;
    }

    async fn export_run(&mut self, (code, arena): &mut ([u8; 1024], [u8; 4096])) -> Result<Run, &'static str> {
        let engine = Engine::default();
        let module = Module::new(&engine, self.wasm, code).map_err(|_| "it is not valid, or its code has no room")?;
        let mut store = Store::new(&engine, arena).map_err(|_| "no room for a store")?;
        let instance = LINKER.instantiate(&mut store, &module, self).map_err(|_| "it cannot be linked")?;
        let run = instance.get_func(&store, "run").ok_or("it exports no run")?;
        let thread = store.spawn(run, &[]).map_err(|_| "no room for its stack")?;
        Ok(LINKER.run_async(&mut store, thread, self, SLICE_FUEL, Guest::wait).await)
    }

    /// Awaits what the guest waits for.
    async fn wait(&mut self) {
        match self.waits_for {
            WaitsFor::Press => PRESSES.ready_to_receive().await,
            WaitsFor::RoomForALine => poll_fn(|context| LINES.poll_ready_to_send(context)).await,
        }
    }
}

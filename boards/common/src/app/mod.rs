//! A whole firmware: the modules that are built into it, run one after the other on a chip's pins, buses and serial ports.
//!
//! A board's own crate gives a [`Chip`], its memory, and calls [`Firmware::run`]. What a guest waits for is a sleep of the
//! chip; between slices of fuel the watchdog is fed. What the firmware itself has to say goes to the serial ports in lines that
//! begin with `wasmote: `.

mod chip;
#[cfg_attr(not(feature = "files"), path = "no_files.rs")]
mod files;
mod host;
mod line;
#[cfg_attr(not(feature = "defmt"), path = "no_log.rs")]
mod log;
mod reactor;
mod run;
mod why;

pub use chip::Chip;
pub use files::BoardFiles;
pub use host::{ChipHost, Serial, Source, Words};
pub use reactor::MAX_CALLS;

use crate::permit::Permit;
use chip::MEAL_NS;
use line::say;
use static_cell::StaticCell;
use wasmote::{BuiltIns, Linker};
use wasmote_wasi_embedded::{Embedded, Hardware, HardwareView, Slot};
use wasmote_wasi_p1::{P1, Wasi, WasiView};

/// What helps against modules that cannot be read.
const AGAIN: &str = " (flash the board again)";
/// Handles of pins, buses and pollables of a guest.
const HANDLES: usize = 24;

/// What host functions work on.
pub struct App<C: Chip> {
    wasi: Wasi<ChipHost<C>>,
    hardware: Hardware<Permit, [Slot; HANDLES]>,
    board: C::Board,
}

impl<C: Chip> WasiView for App<C> {
    type Host = ChipHost<C>;

    fn wasi(&mut self) -> &mut Wasi<ChipHost<C>> {
        &mut self.wasi
    }
}

impl<C: Chip> HardwareView for App<C> {
    type Board = C::Board;
    type Grants = Permit;
    type Slots = [Slot; HANDLES];

    fn hardware(&mut self) -> (&mut Hardware<Permit, [Slot; HANDLES]>, &mut C::Board) {
        (&mut self.hardware, &mut self.board)
    }
}

impl<C: Chip> App<C> {
    /// The functions that a module can import.
    pub const LINKER: Linker<'static, App<C>> = Linker::new(&[P1::FUNCTIONS, Embedded::FUNCTIONS]);
}

/// The firmware; a `static`, so that its state is not on the native stack.
pub struct Firmware<C: Chip> {
    app: StaticCell<App<C>>,
}

impl<C: Chip> Default for Firmware<C> {
    fn default() -> Self {
        Firmware::new()
    }
}

impl<C: Chip> Firmware<C> {
    /// A firmware that was not started.
    #[must_use]
    pub const fn new() -> Firmware<C> {
        Firmware { app: StaticCell::new() }
    }

    /// Runs the modules with this memory, and then waits for ever. To be called once.
    pub fn run(&'static self, board: C::Board, memory: &'static mut [u8], modules: BuiltIns<'static>) -> ! {
        match files::take(memory, C::now_ns) {
            Ok((files, memory)) => run_all(self.start(board, files), memory, modules),
            Err(_) => say!(C, "there is no memory for files"),
        }
        loop {
            C::feed();
            C::sleep(C::now_ns().saturating_add(MEAL_NS));
        }
    }

    /// Makes the state. Out of line: on its way there it lies on the native stack.
    #[inline(never)]
    fn start(&'static self, board: C::Board, files: BoardFiles) -> &'static mut App<C> {
        self.app.init_with(|| App {
            wasi: host::guests(files),
            hardware: Hardware::new("", Permit::Everything, [Slot::FREE; HANDLES]),
            board,
        })
    }
}

#[inline(never)]
fn run_all<C: Chip>(app: &mut App<C>, memory: &mut [u8], modules: BuiltIns<'static>) {
    say!(C, C::NAME, concat!(" ", env!("CARGO_PKG_VERSION"), ", "), (memory.len() >> 10) as u32, " KiB for modules");
    let mut count = 0;
    for module in modules {
        match module {
            Ok(module) => run::module(app, module, memory),
            Err(error) => {
                say!(C, "the module cannot be used: ", why::not_usable(error), AGAIN);
            }
        }
        count += 1;
    }
    if count == 0 {
        say!(C, "no module is built in: cargo xtask flash ", C::NAME, " --module FILE");
    }
}

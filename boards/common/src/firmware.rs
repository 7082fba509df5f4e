//! A firmware's loop around one guest: fuel in slices, a watchdog fed between them, and sleep when the guest waits.

use wasmote::{Linker, Run, Store, Thread, Trap};
use wasmote_wasi_p1::{Blocked, WasiView};

/// What the board does between slices of fuel and while a guest waits.
pub trait Idle {
    /// A slice is used up: feed the watchdog. False ends the guest.
    fn between(&mut self) -> bool;
    /// Waits for the deadline of `blocked`, in nanoseconds of the monotonic clock, or for an interrupt. Without a deadline
    /// the guest waits for input. May return early. False says that what the guest waits for cannot come.
    fn sleep(&mut self, blocked: Blocked) -> bool;
}

/// How a guest ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Its function returned.
    Finished,
    /// It ended itself with this code.
    Exited(u32),
    /// It is at fault.
    Trapped(Trap),
    /// The board ended it.
    Stopped,
    /// It waits for what cannot come.
    Stuck,
    /// It called a host function with this number that is in no table.
    Unknown(u32),
}

/// Runs a thread to its end, `slice` units of fuel at a time.
pub fn run_to_end<T: WasiView>(
    linker: &Linker<'_, T>,
    store: &mut Store<'_>,
    thread: Thread,
    data: &mut T,
    slice: u64,
    idle: &mut impl Idle,
) -> End {
    loop {
        match linker.run(store, thread, data, slice) {
            Run::Finished => return End::Finished,
            Run::Exited(code) => return End::Exited(code),
            Run::Trapped(trap) => return End::Trapped(trap),
            Run::HostCall(call) => return End::Unknown(call.id),
            Run::OutOfFuel => {
                if !idle.between() {
                    return End::Stopped;
                }
            }
            Run::Pending => match data.wasi().blocked() {
                Some(blocked) if idle.sleep(blocked) => {}
                _ => return End::Stuck,
            },
        }
    }
}

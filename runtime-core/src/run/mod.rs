//! The machine: operators of every kind, three ways to go from one to the next, and the threads that it runs. It never calls
//! out: it runs until it finishes, traps, runs out of fuel or wants a host function, and then returns.

#[cfg(not(wasmote_small))]
mod access;
mod call;
mod compact;
mod control;
mod data;
#[cfg(not(wasmote_small))]
mod dispatch;
mod machine;
mod memory;
#[cfg(not(wasmote_small))]
mod numeric;
mod table;
mod thread;

#[cfg(not(wasmote_small))]
pub(crate) use dispatch::runner;
pub(crate) use machine::{Machine, Open, record};
pub(crate) use thread::{SpawnErrorKind, State, ThreadSegment};

/// The function that runs a machine.
#[cfg(wasmote_small)]
pub(crate) fn runner<'a>(_: crate::engine::Dispatch) -> fn(&mut Machine<'a>) {
    |machine| compact::run(machine)
}

/// What an operator leaves to its dispatcher.
pub(crate) enum Flow {
    /// The next operation is at the instruction pointer.
    Next,
    /// The machine stops; the reason is noted.
    Stop,
    /// The rest is rare: this function does it with the machine, and says whether to go on.
    Cold(Cold),
}

/// Operators that are cold as a whole: what does them, and how many units they have.
macro_rules! rare {
    ($($name:ident = $slow:ident, $units:literal;)*) => { $(
        #[inline(always)]
        pub(super) fn $name(_: &mut Regs<'_, '_>) -> Flow {
            Flow::Cold(|m| {
                let done = $slow(m);
                m.finish($units, done)
            })
        }
    )* };
}
use rare;

/// A cold path. False stops the machine; the reason is noted.
pub(crate) type Cold = fn(&mut Machine<'_>) -> bool;

/// The registers while the machine runs.
pub(crate) type Regs<'r, 'a> = crate::raw::Regs<'r, Machine<'a>>;

#[cfg(all(wasmote_optimised, not(wasmote_small)))]
impl Regs<'_, '_> {
    /// Notes the cold path to take.
    #[inline(always)]
    pub(crate) fn hint(&mut self, cold: Cold) {
        self.set_cold(|machine| machine.cold = cold);
    }
}

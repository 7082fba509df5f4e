//! Driving one guest: the loop between the machine, which only runs, and the outside world, which answers host calls.
//!
//! Where the answers come from is [`Outside`]: from the host's functions, from them with a log, or from a log alone. The
//! machine cannot tell the difference, which is why a replayed run is the same run.

use crate::{log::End, message::Failure};
use wasmote::{Func, HostCall, Outcome, Store, Thread, Trap, Val};

/// What answers host calls.
pub(crate) trait Outside {
    /// Answers one call of `thread`'s; or says how the run ends instead. A failure is wasmote's own.
    fn serve(&mut self, store: &mut Store<'_>, thread: Thread, call: HostCall) -> Result<Option<Ending>, Failure>;

    /// Sleeps until `at_ns` on the board's clock; false if there is nothing to wake up for.
    fn sleep_until(&mut self, at_ns: u64) -> bool {
        let _ = at_ns;
        false
    }

    /// Learns how the run ended; a failure says that it should have ended otherwise.
    fn end(&mut self, end: End) -> Result<(), Failure> {
        let _ = end;
        Ok(())
    }
}

/// How a guest's function ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// It returned.
    Finished,
    /// It asked to end the program with this code.
    Exited(u32),
    /// It trapped.
    Trapped(Trap),
    /// The fuel of the whole run is used up.
    OutOfFuel,
}

/// The fuel of a whole run, over all functions that it calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tank {
    /// The limit, if there is one.
    pub(crate) limit: Option<u64>,
    /// Used by functions that have ended.
    pub(crate) used: u64,
}

impl Tank {
    /// What is left for a function that has used `used` so far.
    fn left(&self, used: u64) -> u64 {
        self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.used).saturating_sub(used))
    }
}

/// Starts `func`; the caller ends the thread.
pub(crate) fn spawn(store: &mut Store<'_>, func: Func, args: &[Val]) -> Result<Thread, Failure> {
    store.spawn(func, args).map_err(|error| {
        Failure::new(format!("the arena cannot hold the first frame ({error:?}): ask for more with --memory"))
    })
}

/// Runs `thread` until it ends, with what is left in `tank`, to which it adds what it used.
pub(crate) fn drive(
    store: &mut Store<'_>,
    thread: Thread,
    outside: &mut dyn Outside,
    tank: &mut Tank,
) -> Result<Ending, Failure> {
    let ending = loop {
        let slice = tank.left(store.fuel_consumed(thread));
        match store.resume(thread, slice) {
            Outcome::Finished => break Ending::Finished,
            Outcome::Trapped(trap) => break Ending::Trapped(trap),
            Outcome::OutOfFuel => break Ending::OutOfFuel,
            Outcome::HostCall(call) => {
                if let Some(ending) = outside.serve(store, thread, call)? {
                    break ending;
                }
            }
        }
    };
    tank.used = tank.used.saturating_add(store.fuel_consumed(thread));
    Ok(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tank_never_holds_less_than_nothing() {
        let tank = Tank { limit: Some(10), used: 4 };
        assert_eq!([tank.left(0), tank.left(6), tank.left(9)], [6, 0, 0]);
        assert_eq!(Tank { limit: None, used: 4 }.left(9), u64::MAX);
    }
}

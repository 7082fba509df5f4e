//! Time on a board: a counter that runs from the start, and a time of day that somebody may have set.
//!
//! A microcontroller does not know what day it is. Until [`BoardClock::set`] was called, asking for the time of day is
//! `NOTSUP` rather than 1970, so that a guest can tell; the monotonic clock always runs. Processor time is not counted:
//! one machine, which a guest shares with others, has none of its own.

use crate::{ClockId, Errno, capability::Clock};

/// The clocks of a board, over a counter of nanoseconds that never goes back.
pub struct BoardClock<F> {
    /// The time since some start in nanoseconds.
    counter_ns: F,
    /// The counter's step in nanoseconds.
    step_ns: u64,
    /// What the counter lacks to the time since 1970, once that is known.
    since_1970_ns: Option<u64>,
}

impl<F: FnMut() -> u64> BoardClock<F> {
    /// Clocks over a counter that makes steps of `step_ns` nanoseconds (at least 1). The time of day is not known.
    pub const fn new(counter_ns: F, step_ns: u64) -> BoardClock<F> {
        let step_ns = if step_ns == 0 { 1 } else { step_ns };
        BoardClock { counter_ns, step_ns, since_1970_ns: None }
    }

    /// Says what time it is, in nanoseconds since 1970. A time before the counter's start is refused with `INVAL`.
    pub fn set(&mut self, now_ns: u64) -> Result<(), Errno> {
        self.since_1970_ns = Some(now_ns.checked_sub((self.counter_ns)()).ok_or(Errno::Inval)?);
        Ok(())
    }

    /// Was the time of day ever set?
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.since_1970_ns.is_some()
    }
}

impl<F: FnMut() -> u64> Clock for BoardClock<F> {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Monotonic => Ok((self.counter_ns)()),
            ClockId::Realtime => {
                let since_ns = self.since_1970_ns.ok_or(Errno::NotSup)?;
                since_ns.checked_add((self.counter_ns)()).ok_or(Errno::Overflow)
            }
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(Errno::NotSup),
        }
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match clock {
            ClockId::Monotonic | ClockId::Realtime => Ok(self.step_ns),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Err(Errno::NotSup),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_says_so() {
        let mut counter_ns = 1000;
        let mut clock = BoardClock::new(
            || {
                counter_ns += 10;
                counter_ns
            },
            10,
        );
        assert_eq!((clock.now(ClockId::Realtime), clock.is_set()), (Err(Errno::NotSup), false));
        assert_eq!(clock.now(ClockId::Monotonic), Ok(1010));
        assert_eq!(clock.set(5_000_000_000), Ok(()));
        assert_eq!((clock.now(ClockId::Realtime), clock.is_set()), (Ok(5_000_000_010), true));
        assert_eq!(clock.now(ClockId::Monotonic), Ok(1040));
        assert_eq!(clock.resolution(ClockId::Realtime), Ok(10));
        assert_eq!(clock.now(ClockId::ThreadCpu), Err(Errno::NotSup));
    }

    #[test]
    fn times_that_cannot_be_are_refused() {
        let mut clock = BoardClock::new(|| 1000, 0);
        assert_eq!(clock.resolution(ClockId::Monotonic), Ok(1));
        assert_eq!((clock.set(999), clock.is_set()), (Err(Errno::Inval), false));
        assert_eq!(clock.set(u64::MAX), Ok(()));
        assert_eq!(clock.now(ClockId::Realtime), Ok(u64::MAX));
    }
}

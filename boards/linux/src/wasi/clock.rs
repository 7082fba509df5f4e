//! Time and entropy: from the kernel, or from the simulated board.

use crate::message::tell;
use rustix::{
    rand::GetRandomFlags,
    time::{Timespec, clock_getres, clock_gettime},
};
use wasmote_board_sim::Simulation;
use wasmote_wasi_p1::{ClockId, Errno, capability};

/// The clocks.
pub(crate) enum Clock {
    /// Of this process.
    Kernel,
    /// Of the board: its time of day begins at [`BOARD_EPOCH_NS`].
    Board(Simulation),
}

/// The time of day when a board gets power: 2026-01-01 00:00 UTC.
const BOARD_EPOCH_NS: u64 = 1_767_225_600_000_000_000;
/// The step of the board's clock.
const BOARD_STEP_NS: u64 = 1_000;

/// The kernel's name of a clock.
fn kernel_clock(clock: ClockId) -> rustix::time::ClockId {
    match clock {
        ClockId::Realtime => rustix::time::ClockId::Realtime,
        ClockId::Monotonic => rustix::time::ClockId::Monotonic,
        ClockId::ProcessCpu => rustix::time::ClockId::ProcessCPUTime,
        ClockId::ThreadCpu => rustix::time::ClockId::ThreadCPUTime,
    }
}

/// Nanoseconds; a time before 1970 is 0.
fn nanoseconds(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
}

impl capability::Clock for Clock {
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match (self, clock) {
            (Clock::Kernel, clock) => Ok(nanoseconds(clock_gettime(kernel_clock(clock)))),
            (Clock::Board(board), ClockId::Monotonic) => Ok(board.now_ns()),
            (Clock::Board(board), ClockId::Realtime) => Ok(BOARD_EPOCH_NS.saturating_add(board.now_ns())),
            (Clock::Board(_), _) => Err(Errno::NotSup),
        }
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        match (self, clock) {
            (Clock::Kernel, clock) => Ok(nanoseconds(clock_getres(kernel_clock(clock))).max(1)),
            (Clock::Board(_), ClockId::Monotonic | ClockId::Realtime) => Ok(BOARD_STEP_NS),
            (Clock::Board(_), _) => Err(Errno::NotSup),
        }
    }
}

/// A source of entropy.
pub(crate) enum Random {
    /// The kernel's generator.
    Kernel,
    /// The same numbers in every run (SplitMix64 from this state), for virtual time. It is said when they are first used.
    Repeatable {
        /// The generator's state.
        state: u64,
        /// Was it said?
        said: bool,
    },
}

impl Random {
    /// Numbers that are the same in every run.
    pub(crate) fn repeatable() -> Random {
        Random::Repeatable { state: 0, said: false }
    }

    fn repeat(state: &mut u64, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let drawn = (mixed ^ (mixed >> 31)).to_le_bytes();
            piece.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
        }
    }
}

impl capability::Random for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        if let Random::Repeatable { state, said } = self {
            if !std::mem::replace(said, true) {
                tell(
                    "wasmote: random numbers are fixed while time is virtual: nothing here is secret (--pace real has real ones)",
                );
            }
            Random::repeat(state, bytes);
            return Ok(());
        }
        let mut filled = 0;
        while filled < bytes.len() {
            match rustix::rand::getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
                Ok(len) => filled += len,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return Err(Errno::Io),
            }
        }
        Ok(())
    }
}

//! Time and entropy, from the kernel.

use rustix::{
    rand::GetRandomFlags,
    time::{Timespec, clock_getres, clock_gettime},
};
use wasmote_wasi_p1::{ClockId, Errno, capability};

/// The clocks of this process.
pub(crate) struct Clock;

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
        Ok(nanoseconds(clock_gettime(kernel_clock(clock))))
    }

    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno> {
        Ok(nanoseconds(clock_getres(kernel_clock(clock))).max(1))
    }
}

/// The kernel's generator.
pub(crate) struct Random;

impl capability::Random for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
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

//! Sleeping in the kernel.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};
use std::io;
use std::os::fd::BorrowedFd;

const SECOND_NS: u64 = 1_000_000_000;

/// The kernel's monotonic clock in nanoseconds.
pub(crate) fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds.saturating_mul(SECOND_NS).saturating_add(u64::try_from(now.tv_nsec).unwrap_or(0))
}

/// Sleeps until one of these can be read or fails, at the longest until `until_ns` on the monotonic clock; for each, whether
/// it fails. A signal ends it too.
pub(crate) fn sleep(descriptors: &[BorrowedFd<'_>], until_ns: Option<u64>) -> io::Result<Vec<bool>> {
    let timeout = until_ns.map(|until_ns| {
        let left_ns = until_ns.saturating_sub(monotonic_ns());
        // 2^64 nanoseconds are 584 years: the seconds always fit.
        Timespec { tv_sec: (left_ns / SECOND_NS) as i64, tv_nsec: (left_ns % SECOND_NS) as _ }
    });
    let mut polled: Vec<PollFd<'_>> =
        descriptors.iter().map(|descriptor| PollFd::from_borrowed_fd(*descriptor, PollFlags::IN)).collect();
    match poll(&mut polled, timeout.as_ref()) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(polled.iter().map(|one| one.revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)).collect())
}

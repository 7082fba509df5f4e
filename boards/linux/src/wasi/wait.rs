//! Waiting in the kernel for what a paused guest waits for.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno as Kernel,
};
use wasmote_wasi_p1::{
    ClockId, Errno, Interest, Source, Wasi,
    capability::{Clock as _, Ready},
};

use super::{LinuxHost, errno::from_kernel, stdio};

/// Sleeps until what the guest waits for may have happened; at once if it does not wait.
///
/// It makes one system call and does not loop: the guest finds out itself whether it has to wait again.
pub(crate) fn wait(wasi: &mut Wasi<LinuxHost>) -> io::Result<()> {
    wait_until(wasi, None)
}

/// The same, at the longest until `limit_ns` on the guest's monotonic clock.
pub(crate) fn wait_until(wasi: &mut Wasi<LinuxHost>, limit_ns: Option<u64>) -> io::Result<()> {
    let Some(blocked) = wasi.blocked() else { return Ok(()) };
    let now_ns = wasi.host.clock.now(ClockId::Monotonic).unwrap_or(0);
    let deadline_ns = blocked.deadline_ns.into_iter().chain(limit_ns).min();
    let timeout = deadline_ns.map(|deadline_ns| timespec(deadline_ns.saturating_sub(now_ns)));
    poll_sources(wasi, timeout).map(|_| ())
}

/// Is something there already of what the guest waits for, its deadline aside?
pub(crate) fn is_ready(wasi: &Wasi<LinuxHost>) -> io::Result<bool> {
    Ok(wasi.sources().next().is_some() && poll_sources(wasi, Some(timespec(0)))?)
}

/// Sleeps until one of the sources is ready, at the longest for `timeout`; is one?
fn poll_sources(wasi: &Wasi<LinuxHost>, timeout: Option<Timespec>) -> io::Result<bool> {
    let mut fds: Vec<PollFd<'_>> = wasi
        .sources()
        .map(|(source, interest)| {
            let fd = match source {
                Source::Stream(stream) => stdio::descriptor(stream),
                Source::File(handle) => handle.as_fd(),
                Source::Socket(socket) => socket.descriptor(),
            };
            PollFd::from_borrowed_fd(fd, poll_flags(interest))
        })
        .collect();
    match poll(&mut fds, timeout.as_ref()) {
        Ok(count) => Ok(count > 0),
        Err(Kernel::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A duration for the kernel.
fn timespec(duration_ns: u64) -> Timespec {
    // 2^64 nanoseconds are 584 years: the seconds always fit.
    Timespec { tv_sec: (duration_ns / 1_000_000_000) as i64, tv_nsec: (duration_ns % 1_000_000_000) as _ }
}

/// What the kernel is asked to look for.
pub(crate) fn poll_flags(interest: Interest) -> PollFlags {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, interest.reads());
    flags.set(PollFlags::OUT, interest.writes());
    flags
}

/// What is there now of what is wanted, errors and hangups included; `None` if nothing is.
pub(crate) fn look(fd: BorrowedFd<'_>, wanted: PollFlags) -> Result<Option<PollFlags>, Errno> {
    let mut fds = [PollFd::from_borrowed_fd(fd, wanted)];
    loop {
        match poll(&mut fds, Some(&timespec(0))) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(fds[0].revents())),
            Err(Kernel::INTR) => {}
            Err(error) => return Err(from_kernel(error)),
        }
    }
}

/// What a guest is told of what was found at a stream.
pub(crate) fn events(fd: BorrowedFd<'_>, found: PollFlags) -> Ready {
    let readable = found.contains(PollFlags::IN);
    // Not everything that can be read can count what is there.
    let bytes = if readable { rustix::io::ioctl_fionread(fd).unwrap_or(0) } else { 0 };
    Ready { bytes, hangup: found.contains(PollFlags::HUP) }
}

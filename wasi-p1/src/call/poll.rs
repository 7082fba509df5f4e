//! `poll_oneoff`: waiting for clocks and descriptors together.
//!
//! The subscriptions are gone through once, and each that has something to say gets an event. If none has, the
//! deadline and the sources are noted and the machine pauses; called again, the function goes through them again.
//! Nothing is kept between the calls but when the first one was, from which relative times count.

use wasmote::{Caller, HostError};

use super::{Fail, Outcome, fd::is_stream};
use crate::{
    Blocked, ClockId, Errno, Interest, Rights, WasiView,
    abi::{RawEvent, RawSubscription},
    capability::{Clock, Files, Host, Ready, Sockets, Stdio, Stream},
    descriptor::{self, Object},
    guest::{Out, Region},
    wasi::Wasi,
};

/// How many subscriptions one call may have: it bounds the work that a call does.
const SUBSCRIPTIONS_MAX: u32 = 1024;

/// The flag of a clock subscription whose timeout is a time and not a duration.
const ABSTIME: u16 = 1;
/// The flag of an event: the other end is gone.
const HANGUP: u16 = 1;

/// What is found about one subscription.
enum Finding {
    /// It has happened.
    Event(Ready),
    /// It will happen at this time of the monotonic clock, in nanoseconds.
    At(u64),
    /// It will happen some time at this descriptor, which has been noted.
    Waiting,
}

/// `poll_oneoff`.
pub(crate) fn poll_oneoff<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    subscriptions: u32,
    events: u32,
    count: u32,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    if count == 0 || count > SUBSCRIPTIONS_MAX {
        return Err(Errno::Inval.into());
    }
    let subscriptions = Region::check_array(caller, subscriptions, count, RawSubscription::SIZE)?;
    let events = Region::check_array(caller, events, count, RawEvent::SIZE)?;
    let started_ns = caller.data().wasi().first_called();

    let mut event_count = 0;
    let mut deadline_ns = None;
    for index in 0..count {
        let bytes = subscriptions.read(caller, index * RawSubscription::SIZE)?;
        let subscription = RawSubscription::from_bytes(&bytes);
        let result = match caller.data().wasi().look_at(&subscription, started_ns)? {
            Ok(Finding::At(at_ns)) => {
                deadline_ns = Some(deadline_ns.map_or(at_ns, |earlier: u64| earlier.min(at_ns)));
                continue;
            }
            Ok(Finding::Waiting) => continue,
            Ok(Finding::Event(ready)) => Ok(ready),
            Err(errno) => Err(errno),
        };
        // An event is shorter than a subscription, so even in the same memory none is overwritten before it is read.
        events.write(caller, event_count * RawEvent::SIZE, &event(&subscription, result).to_bytes())?;
        event_count += 1;
    }
    if event_count == 0 {
        caller.data().wasi().blocked = Some(Blocked { started_ns: started_ns.unwrap_or(0), deadline_ns });
        return Err(Fail::Host(HostError::Pending));
    }
    Ok(out.put(caller, event_count.to_le_bytes())?)
}

/// The event of a subscription.
fn event(subscription: &RawSubscription, result: Result<Ready, Errno>) -> RawEvent {
    let (errno, ready) = match result {
        Ok(ready) => (Errno::Success, ready),
        Err(errno) => (errno, Ready::default()),
    };
    RawEvent {
        userdata: subscription.userdata,
        errno: errno.code(),
        tag: subscription.tag,
        bytes: ready.bytes,
        flags: if ready.hangup { HANGUP } else { 0 },
    }
}

impl<H: Host> Wasi<H> {
    /// When this call was made first, on the monotonic clock; and where it waited is forgotten, to be noted anew.
    fn first_called(&mut self) -> Result<u64, Errno> {
        match self.blocked {
            Some(blocked) => {
                self.forget_interests();
                Ok(blocked.started_ns)
            }
            None => self.host.clock.now(ClockId::Monotonic),
        }
    }

    /// Looks whether a subscription has something to say. The outer error (`INVAL`: there is no such kind) is the
    /// call's, the inner one the event's.
    fn look_at(
        &mut self,
        subscription: &RawSubscription,
        started_ns: Result<u64, Errno>,
    ) -> Result<Result<Finding, Errno>, Errno> {
        match subscription.tag {
            0 if subscription.flags & !ABSTIME != 0 => Err(Errno::Inval),
            0 => Ok(started_ns.and_then(|started_ns| self.look_at_clock(subscription, started_ns))),
            1 => Ok(self.look_at_descriptor(subscription.id, Interest::Read)),
            2 => Ok(self.look_at_descriptor(subscription.id, Interest::Write)),
            _ => Err(Errno::Inval),
        }
    }

    /// Is it time? Durations are measured on the monotonic clock, whatever clock is named.
    fn look_at_clock(&mut self, subscription: &RawSubscription, started_ns: u64) -> Result<Finding, Errno> {
        let clock = match ClockId::from_number(subscription.id)? {
            clock @ (ClockId::Realtime | ClockId::Monotonic) => clock,
            ClockId::ProcessCpu | ClockId::ThreadCpu => return Err(Errno::NotSup),
        };
        let now_ns = self.host.clock.now(ClockId::Monotonic)?;
        let at_ns = if subscription.flags & ABSTIME == 0 {
            started_ns.saturating_add(subscription.timeout)
        } else {
            let clock_ns = self.host.clock.now(clock)?;
            now_ns.saturating_add(subscription.timeout.saturating_sub(clock_ns))
        };
        Ok(if at_ns <= now_ns { Finding::Event(Ready::default()) } else { Finding::At(at_ns) })
    }

    /// Would reading or writing do something now? If not, notes that it is waited for.
    fn look_at_descriptor(&mut self, fd: u32, interest: Interest) -> Result<Finding, Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        descriptor.require(Rights::POLL_FD_READWRITE)?;
        let found = match &descriptor.object {
            Object::Stream(Stream::Input) if interest == Interest::Write => return Err(Errno::Badf),
            Object::Stream(Stream::Output | Stream::Error) if interest == Interest::Read => return Err(Errno::Badf),
            Object::Stream(stream) => self.host.stdio.ready(*stream)?,
            Object::Socket(socket) => self.host.sockets.ready(socket, interest)?,
            Object::Directory(_) => return Err(Errno::Badf),
            // A pipe in a directory cannot be asked, and is said to be ready: the read then waits for it.
            Object::File(handle, filetype) => {
                let left = !is_stream(*filetype) && interest == Interest::Read;
                let size = if left { self.host.files.stat(handle)?.size_bytes } else { 0 };
                Some(Ready { bytes: size.saturating_sub(descriptor.position), hangup: false })
            }
        };
        Ok(match found {
            Some(ready) => Finding::Event(ready),
            None => {
                self.wait_at(fd, interest);
                Finding::Waiting
            }
        })
    }
}

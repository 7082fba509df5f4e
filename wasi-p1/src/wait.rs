//! Waiting: how a call that would block gives the machine back.
//!
//! The contract with an embedder:
//! 1. A function that would have to wait (`poll_oneoff`; a read, write or accept on a stream, file or socket that is
//!    not `NONBLOCK` and is not ready) does nothing but note here what it waits for, and ends with
//!    [`HostError::Pending`](wasmote::HostError::Pending). The run ends with `Run::Pending`.
//! 2. The embedder looks at [`Wasi::blocked`](crate::Wasi::blocked) for the deadline, and at
//!    [`Wasi::sources`](crate::Wasi::sources) for the streams, files and sockets; it sleeps, polls, or runs other
//!    guests until the deadline is past or one of the sources is ready. Coming back too early is allowed and costs one
//!    call.
//! 3. It runs the thread again. The same function is called with the same arguments and finds out itself what
//!    happened; relative times count from its first call.
//! 4. An embedder that ends the thread instead calls [`Wasi::abandon`](crate::Wasi::abandon).
//!
//! So one [`Wasi`](crate::Wasi) serves one thread at a time. With neither a deadline nor a source the guest waits for
//! ever, which is what it asked for.

use crate::capability::{Files, Host, Sockets, Stream};

/// What is waited for at a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Interest {
    /// That a read does not have to wait (or fails, or ends).
    Read,
    /// That a write does not have to wait (or fails).
    Write,
    /// Either.
    Both,
}

impl Interest {
    /// Is reading waited for?
    #[must_use]
    pub const fn reads(self) -> bool {
        matches!(self, Interest::Read | Interest::Both)
    }

    /// Is writing waited for?
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Interest::Write | Interest::Both)
    }

    /// This and `other`.
    pub(crate) fn and(self, other: Option<Interest>) -> Interest {
        match other {
            Some(other) if other != self => Interest::Both,
            _ => self,
        }
    }
}

/// Where something is waited for.
pub enum Source<'w, H: Host> {
    /// At a standard stream.
    Stream(Stream),
    /// At a file that is not a regular one, such as a pipe.
    File(&'w <H::Files as Files>::Handle),
    /// At a socket.
    Socket(&'w <H::Sockets as Sockets>::Handle),
}

/// A call that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Blocked {
    /// When the call was made first, on the monotonic clock, in nanoseconds; 0 if it has no deadline.
    pub started_ns: u64,
    /// When it wants to be called again at the latest, on the monotonic clock, in nanoseconds.
    pub deadline_ns: Option<u64>,
}

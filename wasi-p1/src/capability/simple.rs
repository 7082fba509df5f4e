//! The capabilities that every board can have: time, entropy, and the three standard streams.

use crate::{ClockId, Errno, Filetype};

/// Time.
pub trait Clock {
    /// The time on this clock in nanoseconds.
    ///
    /// [`ClockId::Monotonic`] must succeed, since sleeping depends on it. A time of day that was never set answers
    /// `NOTSUP` rather than 1970, and so does processor time where it is not counted.
    fn now(&mut self, clock: ClockId) -> Result<u64, Errno>;
    /// The step of this clock in nanoseconds, more than 0.
    fn resolution(&mut self, clock: ClockId) -> Result<u64, Errno>;
}

/// Entropy.
pub trait Random {
    /// Fills `bytes` with unpredictable ones; `IO` if the source has failed, `AGAIN` never.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno>;
}

/// One of the standard streams.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Stream {
    /// Descriptor 0 at the start.
    Input,
    /// Descriptor 1 at the start.
    Output,
    /// Descriptor 2 at the start.
    Error,
}

/// What a stream or connection is ready for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ready {
    /// How many bytes there are, or there is room for; 0 if that is not known.
    pub bytes: u64,
    /// The other end is gone.
    pub hangup: bool,
}

/// The standard streams.
pub trait Stdio {
    /// Reads from the standard input what is there, up to the length of `into`: 0 at its end, `AGAIN` if nothing is
    /// there.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Errno>;
    /// Writes to `stream` what it takes: `AGAIN` if that is nothing.
    fn write(&mut self, stream: Stream, from: &[u8]) -> Result<usize, Errno>;
    /// What `stream` is connected to: a terminal or serial port is a [`Filetype::CharacterDevice`].
    fn filetype(&mut self, stream: Stream) -> Filetype;
    /// Would a read (of [`Stream::Input`]) or a write (of the others) do something now? `None` if it would be `AGAIN`.
    fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno>;
}

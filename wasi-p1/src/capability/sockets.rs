//! The capability of talking to other machines, over connections that the host has prepared.

use crate::{Errno, Interest, Riflags, Sdflags, capability::Ready};

/// Stream sockets: listening ones that the host has opened, and the connections that arrive there.
pub trait Sockets {
    /// A listening socket or a connection.
    type Handle;

    /// Takes a connection that has arrived at `listener`; `AGAIN` if there is none, `INVAL` if it does not listen.
    fn accept(&mut self, listener: &Self::Handle) -> Result<Self::Handle, Errno>;
    /// Receives what is there, up to the length of `into`: 0 after the other side's end, `AGAIN` if nothing is there.
    /// Of the flags only [`Riflags::PEEK`] matters here.
    fn receive(&mut self, socket: &Self::Handle, into: &mut [u8], flags: Riflags) -> Result<usize, Errno>;
    /// Sends what the connection takes: `AGAIN` if that is nothing.
    fn send(&mut self, socket: &Self::Handle, from: &[u8]) -> Result<usize, Errno>;
    /// Shuts one or both halves of the connection.
    fn shutdown(&mut self, socket: &Self::Handle, how: Sdflags) -> Result<(), Errno>;
    /// Would that do something now? `None` if it would be `AGAIN`. A listener is readable when a connection waits.
    fn ready(&mut self, socket: &Self::Handle, interest: Interest) -> Result<Option<Ready>, Errno>;
    /// Gives the socket back.
    fn close(&mut self, socket: Self::Handle);
}

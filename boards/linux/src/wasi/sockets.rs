//! TCP connections that arrive at sockets which the command line opened.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::fd::{AsFd, BorrowedFd},
};

use rustix::event::PollFlags;
use wasmote_wasi_p1::{
    Errno, Interest, Riflags, Sdflags,
    capability::{self, Ready},
};

use super::{
    errno::from_io,
    wait::{events, look, poll_flags},
};

/// The sockets; they have no state in common.
pub(crate) struct Sockets;

/// A socket that never blocks.
pub(crate) enum Socket {
    Listener(TcpListener),
    Connection(TcpStream),
}

impl Socket {
    /// A listening socket.
    pub(crate) fn listener(listener: TcpListener) -> io::Result<Socket> {
        listener.set_nonblocking(true)?;
        Ok(Socket::Listener(listener))
    }

    /// The connection; `NOTCONN` if it listens.
    fn connection(&self) -> Result<&TcpStream, Errno> {
        match self {
            Socket::Connection(stream) => Ok(stream),
            Socket::Listener(_) => Err(Errno::NotConn),
        }
    }

    /// Its descriptor.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Socket::Listener(listener) => listener.as_fd(),
            Socket::Connection(stream) => stream.as_fd(),
        }
    }
}

impl capability::Sockets for Sockets {
    type Handle = Socket;

    fn accept(&mut self, listener: &Socket) -> Result<Socket, Errno> {
        let Socket::Listener(listener) = listener else { return Err(Errno::Inval) };
        let (stream, _) = listener.accept().map_err(|error| from_io(&error))?;
        stream.set_nonblocking(true).map_err(|error| from_io(&error))?;
        Ok(Socket::Connection(stream))
    }

    fn receive(&mut self, socket: &Socket, into: &mut [u8], flags: Riflags) -> Result<usize, Errno> {
        let mut stream = socket.connection()?;
        let result = if flags.contains(Riflags::PEEK) { stream.peek(into) } else { stream.read(into) };
        result.map_err(|error| from_io(&error))
    }

    fn send(&mut self, socket: &Socket, from: &[u8]) -> Result<usize, Errno> {
        socket.connection()?.write(from).map_err(|error| from_io(&error))
    }

    fn shutdown(&mut self, socket: &Socket, how: Sdflags) -> Result<(), Errno> {
        let how = match (how.contains(Sdflags::RD), how.contains(Sdflags::WR)) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            _ => Shutdown::Write,
        };
        socket.connection()?.shutdown(how).map_err(|error| from_io(&error))
    }

    fn ready(&mut self, socket: &Socket, interest: Interest) -> Result<Option<Ready>, Errno> {
        let fd = socket.descriptor();
        Ok(look(fd, poll_flags(interest))?.map(|found| match socket {
            Socket::Connection(_) => events(fd, found),
            Socket::Listener(_) => Ready { bytes: 0, hangup: found.contains(PollFlags::HUP) },
        }))
    }

    fn close(&mut self, socket: Socket) {
        drop(socket);
    }
}

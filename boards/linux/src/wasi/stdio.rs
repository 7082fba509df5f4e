//! The standard streams of this process.

use std::os::fd::BorrowedFd;

use rustix::event::PollFlags;
use wasmote_wasi_p1::{
    Errno, Filetype,
    capability::{self, Ready, Stream},
};

use super::{
    errno::from_kernel,
    wait::{events, look},
};

/// The streams; they have no state of their own.
pub(crate) struct Stdio;

/// The descriptor of a stream.
pub(crate) fn descriptor(stream: Stream) -> BorrowedFd<'static> {
    match stream {
        Stream::Input => rustix::stdio::stdin(),
        Stream::Output => rustix::stdio::stdout(),
        Stream::Error => rustix::stdio::stderr(),
    }
}

impl capability::Stdio for Stdio {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Errno> {
        // The stream may be shared with other processes, so it is not made non-blocking but asked first.
        self.ready(Stream::Input)?.ok_or(Errno::Again)?;
        rustix::io::read(descriptor(Stream::Input), into).map_err(from_kernel)
    }

    fn write(&mut self, stream: Stream, from: &[u8]) -> Result<usize, Errno> {
        rustix::io::write(descriptor(stream), from).map_err(from_kernel)
    }

    fn filetype(&mut self, stream: Stream) -> Filetype {
        use std::io::IsTerminal;
        let terminal = match stream {
            Stream::Input => std::io::stdin().is_terminal(),
            Stream::Output => std::io::stdout().is_terminal(),
            Stream::Error => std::io::stderr().is_terminal(),
        };
        // Libraries take every character device for a terminal, so /dev/null must not be one.
        if terminal { Filetype::CharacterDevice } else { Filetype::Unknown }
    }

    fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno> {
        let fd = descriptor(stream);
        let wanted = if stream == Stream::Input { PollFlags::IN } else { PollFlags::OUT };
        look(fd, wanted).map(|found| found.map(|found| events(fd, found)))
    }
}

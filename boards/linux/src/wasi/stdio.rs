//! The standard streams: of this process, or the serial output of the simulated board.

use std::os::fd::BorrowedFd;

use rustix::event::PollFlags;
use wasmote_board_sim::Simulation;
use wasmote_wasi_p1::{
    Errno, Filetype,
    capability::{self, Ready, Stream},
};

use super::{
    errno::from_kernel,
    wait::{events, look},
};

/// The streams. Input comes from this process always.
pub(crate) enum Stdio {
    /// Output goes to this process' streams.
    Process,
    /// Output goes to the board, which tells it among all that happens.
    Board(Simulation),
    /// Output goes to both: the board, which tells nothing, traces it.
    Both(Simulation),
}

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
        if let Stdio::Board(board) = self {
            board.serial(from);
            return Ok(from.len());
        }
        let written = rustix::io::write(descriptor(stream), from).map_err(from_kernel)?;
        if let Stdio::Both(board) = self {
            board.serial(from.get(..written).unwrap_or_default());
        }
        Ok(written)
    }

    fn filetype(&mut self, stream: Stream) -> Filetype {
        use std::io::IsTerminal;
        if matches!(self, Stdio::Board(_)) && stream != Stream::Input {
            // A serial line: libraries send each line when it ends.
            return Filetype::CharacterDevice;
        }
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

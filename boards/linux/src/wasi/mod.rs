//! The capabilities of a Linux process, for guests that use WASI preview 1.
//!
//! Everything that could wait is asked without waiting; a guest that must wait pauses its machine, and [`wait`] then
//! sleeps in the kernel until there is something to do.

mod clock;
mod errno;
mod files;
mod program;
mod sockets;
mod stdio;
mod wait;

use std::{io, net::TcpListener, path::PathBuf};

use wasmote_wasi_p1::{Capabilities, Rights, Slot, Wasi, capability::Host};

pub(crate) use clock::{Clock, Random};
pub(crate) use stdio::Stdio;
pub(crate) use wait::{is_ready, wait, wait_until};

/// How many descriptors a guest may have open: the usual limit of a Linux process.
const DESCRIPTORS: usize = 1024;
/// The longest path in bytes, as the kernel sees it.
const PATH_BYTES: usize = 4096;

/// A Linux process.
pub(crate) struct LinuxHost;

impl Host for LinuxHost {
    type Program = program::Program;
    type Clock = clock::Clock;
    type Random = clock::Random;
    type Stdio = stdio::Stdio;
    type Files = files::Files;
    type Sockets = sockets::Sockets;
    type Table = Vec<Slot<LinuxHost>>;
    type Scratch = Vec<u8>;
    type Name = String;

    const PIECE_BYTES: u32 = 64 * 1024;
}

/// A guest with these arguments (the program's name first), these variables, and these directories of the host under
/// the names that the guest gives them, with what it may do there. An error names the directory that it is about by its index.
pub(crate) fn new(
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    preopens: &[(PathBuf, String, Rights)],
) -> Result<Wasi<LinuxHost>, (usize, io::Error)> {
    let host = Capabilities {
        program: program::Program::new(arguments, variables),
        clock: clock::Clock::Kernel,
        random: clock::Random::Kernel,
        stdio: stdio::Stdio::Process,
        files: files::Files,
        sockets: sockets::Sockets,
    };
    let table = (0..DESCRIPTORS).map(|_| Slot::FREE).collect();
    let mut wasi = Wasi::new(host, table, vec![0; 2 * PATH_BYTES]);
    for (index, (directory, name, rights)) in preopens.iter().enumerate() {
        let handle = files::open_root(directory).map_err(|error| (index, error))?;
        wasi.preopen(name.clone(), handle, *rights, *rights)
            .map_err(|errno| (index, io::Error::other(format!("errno {}", errno.code()))))?;
    }
    Ok(wasi)
}

/// Gives the guest a listening socket, after its directories; answers with the descriptor's number.
pub(crate) fn listen(wasi: &mut Wasi<LinuxHost>, listener: TcpListener) -> io::Result<u32> {
    let handle = sockets::Socket::listener(listener)?;
    wasi.preopen_socket(handle, Rights::LISTENER).map_err(|errno| io::Error::other(format!("errno {}", errno.code())))
}

#[cfg(test)]
mod tests;

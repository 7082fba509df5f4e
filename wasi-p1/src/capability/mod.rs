//! What a host gives to its guests: small traits, one for each capability, and one family that names them together.
//!
//! Nothing here knows of guest memory, descriptors or rights; a capability gets plain Rust values and answers with an
//! [`Errno`](crate::Errno). None of them may wait: what would have to wait answers `AGAIN`, and the function that asked
//! pauses the machine (see [`Blocked`](crate::Blocked)). What a host lacks is one of the types in [`absent`].

pub mod absent;
mod files;
mod program;
mod simple;
mod sockets;

pub use files::{Change, Entry, FileSystem, Files, Kind, New, Open, Position, Stamp, Stat, Times};
pub use program::{Lent, Program};
pub use simple::{Clock, Random, Ready, Stdio, Stream};
pub use sockets::Sockets;

use crate::descriptor::Slot;

/// The capabilities of a host, and the memory that it gives to the descriptors and paths of a guest.
///
/// It is a family of types and has no values: a host is `struct Board;` with one `impl`.
pub trait Host: Sized {
    /// Arguments and environment.
    type Program: Program;
    /// Time.
    type Clock: Clock;
    /// Entropy.
    type Random: Random;
    /// Standard input, output and error.
    type Stdio: Stdio;
    /// Files and directories.
    type Files: FileSystem;
    /// Connections.
    type Sockets: Sockets;
    /// Where descriptors live: an array, a lent slice, a vector. Its length is the limit of open descriptors.
    type Table: AsRef<[Slot<Self>]> + AsMut<[Slot<Self>]>;
    /// Where paths are copied to: each of the two halves must hold the longest path.
    type Scratch: AsRef<[u8]> + AsMut<[u8]>;
    /// The guest's name of a preopened directory: `&'static str`, `String`.
    type Name: AsRef<str>;

    /// How many bytes go between guest and host at a time. The guest's memory is committed when touched, and a read
    /// touches all that might arrive; so a board keeps this small, and a computer with cheap memory large.
    const PIECE_BYTES: u32 = 512;
}

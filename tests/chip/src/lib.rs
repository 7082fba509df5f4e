//! The official suites on a chip. A computer turns a script of the core tests, or a test of the WASI suite, into one image of
//! binary records ([`script`], [`case`](mod@case)); a firmware gets it by semihosting or finds it in flash, and
//! [`runner`] does what it says with memory that is lent. Nothing here allocates, and a broken image is an error.
//!
//! The two halves meet in one crate so that the computer can run the chip's half too.
#![no_std]

pub mod case;
#[cfg(feature = "firmware")]
pub mod firmware;
mod names;
pub mod runner;
pub mod script;
mod spectest;
#[cfg(feature = "board")]
pub mod wire;

use serde::{Deserialize, Serialize};

/// What an image holds.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Head<'a> {
    /// A script of the core tests.
    Script(script::Settings),
    /// A command module with what it is given.
    Case,
    /// A module whose host calls are counted: its bytes alone.
    Calls,
    /// A module that uses a board on the computer.
    Guest,
    /// A module that reads a sensor on the emulated machine's own bus: its bytes alone.
    Sensor,
    /// A program to measure for so many rounds, by its name; its module follows.
    Bench(&'a str, u32),
}

/// Bytes before an image: its length, little-endian, so that it can also stand in flash.
pub const PREFIX_BYTES: usize = 4;

/// The head and the records of an image that begins here; `None` if it is broken.
pub fn open(image: &[u8]) -> Option<(Head<'_>, &[u8])> {
    let (len, rest) = image.split_first_chunk::<PREFIX_BYTES>()?;
    let body = rest.get(..u32::from_le_bytes(*len) as usize)?;
    postcard::take_from_bytes(body).ok()
}

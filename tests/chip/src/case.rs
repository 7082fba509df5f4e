//! A test of the WASI suite, or any command module, as an image: what it is given, then the module.

use serde::{Deserialize, Serialize};

/// A record of a case, in this order of kinds.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Record<'a> {
    /// An argument; the first is the program's name.
    Argument(&'a str),
    /// A variable, as `NAME=value`.
    Variable(&'a str),
    /// The guest has the disk's root as `/`.
    Root,
    /// A directory of the disk, parents first.
    Directory(&'a str),
    /// A file of the disk.
    File(&'a str, &'a [u8]),
    /// The module; the last record.
    Module(&'a [u8]),
}

/// The records of an image.
#[derive(Clone)]
pub struct Records<'a>(pub &'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (record, rest) = postcard::take_from_bytes(self.0).ok()?;
        self.0 = rest;
        Some(record)
    }
}

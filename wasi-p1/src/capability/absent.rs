//! Capabilities that a host does not have. Each answers with the errno that fits, so that all 46 functions are there on
//! every board. Descriptors of them cannot exist: their handles have no values.

use super::{
    Change, Clock, Entry, FileSystem, Files, Kind, New, Open, Position, Random, Ready, Sockets, Stat, Stdio, Stream,
    Times,
};
use crate::{ClockId, Errno, Filetype, Riflags, Sdflags, wait::Interest};

/// A handle that nobody can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Never {}

/// No files: nothing can be preopened.
#[derive(Clone, Copy, Default, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    type Handle = Never;

    fn read(&mut self, file: &Never, _: u64, _: &mut [u8]) -> Result<usize, Errno> {
        match *file {}
    }
    fn write(&mut self, file: &Never, _: Position, _: &[u8]) -> Result<usize, Errno> {
        match *file {}
    }
    fn stat(&mut self, open: &Never) -> Result<Stat, Errno> {
        match *open {}
    }
    fn change(&mut self, open: &Never, _: Change) -> Result<(), Errno> {
        match *open {}
    }
    fn sync(&mut self, open: &Never, _: bool) -> Result<(), Errno> {
        match *open {}
    }
    fn list(&mut self, directory: &Never, _: u64, _: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<(), Errno> {
        match *directory {}
    }
    fn close(&mut self, open: Never) -> Result<(), Errno> {
        match open {}
    }
}

impl FileSystem for NoFiles {
    fn open(&mut self, base: &Never, _: &str, _: Open) -> Result<(Never, Filetype), Errno> {
        match *base {}
    }
    fn stat_at(&mut self, base: &Never, _: &str, _: bool) -> Result<Stat, Errno> {
        match *base {}
    }
    fn set_times_at(&mut self, base: &Never, _: &str, _: bool, _: Times) -> Result<(), Errno> {
        match *base {}
    }
    fn create(&mut self, base: &Never, _: &str, _: New<'_>) -> Result<(), Errno> {
        match *base {}
    }
    fn remove(&mut self, base: &Never, _: &str, _: Kind) -> Result<(), Errno> {
        match *base {}
    }
    fn rename(&mut self, base: &Never, _: &str, _: &Never, _: &str) -> Result<(), Errno> {
        match *base {}
    }
    fn link(&mut self, base: &Never, _: &str, _: &Never, _: &str) -> Result<(), Errno> {
        match *base {}
    }
    fn read_link(&mut self, base: &Never, _: &str, _: &mut [u8]) -> Result<usize, Errno> {
        match *base {}
    }
}

/// No sockets.
#[derive(Clone, Copy, Default, Debug)]
pub struct NoSockets;

impl Sockets for NoSockets {
    type Handle = Never;

    fn accept(&mut self, listener: &Never) -> Result<Never, Errno> {
        match *listener {}
    }
    fn receive(&mut self, socket: &Never, _: &mut [u8], _: Riflags) -> Result<usize, Errno> {
        match *socket {}
    }
    fn send(&mut self, socket: &Never, _: &[u8]) -> Result<usize, Errno> {
        match *socket {}
    }
    fn shutdown(&mut self, socket: &Never, _: Sdflags) -> Result<(), Errno> {
        match *socket {}
    }
    fn ready(&mut self, socket: &Never, _: Interest) -> Result<Option<Ready>, Errno> {
        match *socket {}
    }
    fn close(&mut self, socket: Never) {
        match socket {}
    }
}

/// No standard streams: the input is at its end, and what is written is lost.
#[derive(Clone, Copy, Default, Debug)]
pub struct NoStdio;

impl Stdio for NoStdio {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
        Ok(0)
    }
    fn write(&mut self, _: Stream, from: &[u8]) -> Result<usize, Errno> {
        Ok(from.len())
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::Unknown
    }
    fn ready(&mut self, _: Stream) -> Result<Option<Ready>, Errno> {
        Ok(Some(Ready::default()))
    }
}

/// No entropy: `random_get` answers `NOSYS`, and a guest that needs it says so rather than being predictable.
#[derive(Clone, Copy, Default, Debug)]
pub struct NoRandom;

impl Random for NoRandom {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::NoSys)
    }
}

/// No clock: a guest that sleeps is told `NOTSUP`.
#[derive(Clone, Copy, Default, Debug)]
pub struct NoClock;

impl Clock for NoClock {
    fn now(&mut self, _: ClockId) -> Result<u64, Errno> {
        Err(Errno::NotSup)
    }
    fn resolution(&mut self, _: ClockId) -> Result<u64, Errno> {
        Err(Errno::NotSup)
    }
}

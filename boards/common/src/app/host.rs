//! WASI preview 1 on a chip: time from its timer, random bytes from its entropy, the standard streams on its serial ports.

use super::chip::Chip;
use super::files::BoardFiles;
use crate::note::Note;
use core::marker::PhantomData;
use wasmote_wasi_p1::capability::absent::NoSockets;
use wasmote_wasi_p1::capability::{Host, Program, Ready, Stdio, Stream};
use wasmote_wasi_p1::entropy::{Drbg, Entropy, SEED_BYTES};
use wasmote_wasi_p1::time::BoardClock;
use wasmote_wasi_p1::{Capabilities, Errno, Filetype, Slot, Wasi};

/// Open descriptors: the three streams and a few files.
const DESCRIPTORS: usize = 10;
/// Where paths are copied to.
const SCRATCH_BYTES: usize = 256;
/// A step of the clock: the chips' timers count microseconds.
const STEP_NS: u64 = 1_000;

/// The family of types of a chip.
pub struct ChipHost<C>(PhantomData<C>);

impl<C: Chip> Host for ChipHost<C> {
    type Program = Words;
    type Clock = BoardClock<fn() -> u64>;
    type Random = Drbg<Source<C>>;
    type Stdio = Serial<C>;
    type Files = BoardFiles;
    type Sockets = NoSockets;
    type Table = [Slot<ChipHost<C>>; DESCRIPTORS];
    type Scratch = [u8; SCRATCH_BYTES];
    type Name = &'static str;
}

/// The state of guests, one after the other.
pub(super) fn guests<C: Chip>(files: BoardFiles) -> Wasi<ChipHost<C>> {
    let host = Capabilities {
        program: Words(Note::default()),
        clock: BoardClock::new(C::now_ns as fn() -> u64, STEP_NS),
        random: Drbg::new(Source(PhantomData)),
        stdio: Serial(PhantomData),
        files,
        sockets: NoSockets,
    };
    Wasi::new(host, [const { Slot::FREE }; DESCRIPTORS], [0; SCRATCH_BYTES])
}

/// Makes it that of a guest with this note, who finds nothing of the one before but what that has left in files.
pub(super) fn restart<C: Chip>(wasi: &mut Wasi<ChipHost<C>>, note: Note<'static>) {
    wasi.restart();
    wasi.host.program = Words(note);
    wasi.host.clock = BoardClock::new(C::now_ns as fn() -> u64, STEP_NS);
    wasi.host.random = Drbg::new(Source(PhantomData));
}

/// The module's name and its variables, where they lie in the firmware.
pub struct Words(Note<'static>);

impl Program for Words {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        (index == 0).then_some(self.0.name.as_bytes())
    }
    fn variable(&self, index: usize) -> Option<&[u8]> {
        self.0.variables().nth(index).map(str::as_bytes)
    }
}

/// The chip's entropy.
pub struct Source<C>(PhantomData<C>);

impl<C: Chip> Entropy for Source<C> {
    fn seed(&mut self, seed: &mut [u8; SEED_BYTES]) -> Result<(), Errno> {
        C::seed(seed)
    }
}

/// The serial ports.
pub struct Serial<C>(PhantomData<C>);

impl<C: Chip> Stdio for Serial<C> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Errno> {
        match C::read(into) {
            0 if !into.is_empty() => Err(Errno::Again),
            count => Ok(count),
        }
    }
    fn write(&mut self, _: Stream, from: &[u8]) -> Result<usize, Errno> {
        match C::write(from) {
            0 if !from.is_empty() => Err(Errno::Again),
            count => Ok(count),
        }
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::CharacterDevice
    }
    fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno> {
        let ready = if stream == Stream::Input { C::has_input() } else { C::room() > 0 };
        Ok(ready.then(Ready::default))
    }
}

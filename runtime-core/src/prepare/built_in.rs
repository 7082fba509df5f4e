//! Modules that a computer validated and prepared and that are part of a firmware: they run where they lie, in flash.
//!
//! ```text
//! record = head, image, module, note; each begins at a multiple of 8 bytes
//! head   = magic, format, lengths of image, module and note, checksum, two words of zeros; 32-bit little-endian words
//! ```
//! The note is the firmware's: which name, which grants. The format number stands for the meaning of every bit of prepared
//! code, so that a record that another version of the engine wrote is refused. [`BuiltIns`] is the evidence that the records
//! were written by [`Module::build_in`].

use super::Module;
use crate::isa::ops::{MEANINGS, OP_COUNT};
use crate::raw::{BuiltIns, Image};
use crate::validate::Header;

/// What a record begins with.
const MAGIC: u32 = u32::from_le_bytes(*b"Wmot");
/// What erased flash holds in the place of another record.
const ERASED: u32 = u32::MAX;
/// To be changed when prepared code changes its meaning without a change in the table of operations or the header.
const REVISION: u32 = 1;
/// Words of a record's head.
const HEAD_WORDS: usize = 8;
/// What parts of a record are aligned to.
const ALIGNMENT: usize = 8;

/// The number of this engine's prepared code.
const FORMAT: u32 = {
    let mut hash = Hash::NEW;
    hash.add(MEANINGS.as_bytes());
    // Another number of forms moves the numbers of operations.
    hash.add(&(OP_COUNT as u32).to_le_bytes());
    hash.add(&(size_of::<Header>() as u32).to_le_bytes());
    hash.add(&REVISION.to_le_bytes());
    hash.0
};

/// FNV-1a, which finds accidents and no intent.
struct Hash(u32);

impl Hash {
    const NEW: Hash = Hash(0x811C_9DC5);

    const fn add(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let [first, others @ ..] = rest {
            self.0 = (self.0 ^ *first as u32).wrapping_mul(0x0100_0193);
            rest = others;
        }
    }
}

/// A module that is part of the firmware.
#[derive(Clone, Copy)]
pub struct BuiltIn<'m> {
    /// The module, ready to be instantiated.
    pub module: Module<'m>,
    /// What the firmware's maker wrote beside it.
    pub note: &'m [u8],
}

/// Why there is no module where one should be. Nothing after it is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BuiltInError {
    /// No record begins there.
    NoRecord,
    /// It was prepared by another version of the engine.
    OtherVersion,
    /// It ends before its parts do.
    Incomplete,
    /// Its bytes are not what they were.
    Damaged,
    /// It is not aligned to 8 bytes.
    Unaligned,
}

#[cfg(feature = "prose")]
impl core::fmt::Display for BuiltInError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            BuiltInError::NoRecord => "no module begins where one is expected: build it in",
            BuiltInError::OtherVersion => "the module was prepared by another version of the engine: prepare it again",
            BuiltInError::Incomplete => "the module is cut off: write all of it",
            BuiltInError::Damaged => "the module's bytes are damaged: write it again",
            BuiltInError::Unaligned => "the module is not aligned to 8 bytes: move it",
        })
    }
}

#[cfg(feature = "prose")]
impl core::error::Error for BuiltInError {}

impl<'m> Module<'m> {
    /// The prepared module as bytes, the same on every target.
    pub fn prepared(&self) -> &'m [u8] {
        self.image().bytes()
    }

    /// Writes the module as a record that a firmware can hold, with a note of the firmware's own; the bytes go to `sink`.
    pub fn build_in(&self, note: &[u8], sink: &mut dyn FnMut(&[u8])) {
        let parts = [self.prepared(), self.wasm(), note];
        let mut checksum = Hash::NEW;
        parts.iter().for_each(|part| checksum.add(part));
        let [image, wasm, note] = parts.map(|part| part.len() as u32);
        for word in [MAGIC, FORMAT, image, wasm, note, checksum.0, 0, 0] {
            sink(&word.to_le_bytes());
        }
        for part in parts {
            sink(part);
            let padding = part.len().next_multiple_of(ALIGNMENT) - part.len();
            sink([0; ALIGNMENT].get(..padding).unwrap_or(&[]));
        }
    }
}

impl<'m> Iterator for BuiltIns<'m> {
    type Item = Result<BuiltIn<'m>, BuiltInError>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = first(self.bytes())?;
        let len = found.as_ref().map_or(usize::MAX, |(_, len)| *len);
        *self = self.after(len);
        Some(found.map(|(built_in, _)| built_in))
    }
}

/// The record at the beginning and its length in bytes; `None` if there is none any more.
fn first(bytes: &[u8]) -> Option<Result<(BuiltIn<'_>, usize), BuiltInError>> {
    let (head, rest) = bytes.split_at_checked(HEAD_WORDS * 4)?;
    let mut words = [0; HEAD_WORDS];
    for (word, bytes) in words.iter_mut().zip(head.chunks_exact(4)) {
        *word = bytes.try_into().map_or(0, u32::from_le_bytes);
    }
    let [magic, format, image, wasm, note, checksum, ..] = words;
    match magic {
        ERASED => None,
        MAGIC if format != FORMAT => Some(Err(BuiltInError::OtherVersion)),
        MAGIC => Some(parts(rest, [image, wasm, note], checksum)),
        _ => Some(Err(BuiltInError::NoRecord)),
    }
}

fn parts(bytes: &[u8], lengths: [u32; 3], checksum: u32) -> Result<(BuiltIn<'_>, usize), BuiltInError> {
    let (mut parts, mut rest, mut hash) = ([&[] as &[u8]; 3], bytes, Hash::NEW);
    for (part, len) in parts.iter_mut().zip(lengths) {
        let len = len as usize;
        *part = rest.get(..len).ok_or(BuiltInError::Incomplete)?;
        let padded = len.checked_next_multiple_of(ALIGNMENT).ok_or(BuiltInError::Incomplete)?;
        rest = rest.get(padded..).ok_or(BuiltInError::Incomplete)?;
        hash.add(part);
    }
    if hash.0 != checksum {
        return Err(BuiltInError::Damaged);
    }
    let [image, wasm, note] = parts;
    let image = Image::built_in(image).ok_or(BuiltInError::Unaligned)?;
    let module = Module::existing(wasm, image).ok_or(BuiltInError::Damaged)?;
    Ok((BuiltIn { module, note }, HEAD_WORDS * 4 + bytes.len() - rest.len()))
}

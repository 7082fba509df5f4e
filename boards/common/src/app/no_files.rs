//! Guests without files: what firmware that is built without the feature `files` gives them.

use super::chip::Chip;
use super::host::ChipHost;
use crate::note::Note;
use crate::permit::Permit;
use wasmote_wasi_p1::capability::absent::NoFiles;
use wasmote_wasi_p1::{Errno, Wasi};

/// No files.
pub type BoardFiles = NoFiles;

/// Why a directory is missing.
pub(super) const MISSING: &str = "is asked for, and this firmware has no files (cargo xtask flash builds one that has)";

/// Takes nothing, and cannot fail.
pub(super) fn take(memory: &'static mut [u8], _: fn() -> u64) -> Result<(BoardFiles, &'static mut [u8]), Errno> {
    Ok((NoFiles, memory))
}

/// Gives nothing; an error says what is asked for in vain.
pub(super) fn give<C: Chip>(
    _: &mut Wasi<ChipHost<C>>,
    note: &Note<'static>,
    permit: &Permit,
) -> Result<(), &'static str> {
    match permit.granted().and_then(|granted| granted.directories().next()) {
        Some((path, _)) => Err(path),
        None if !note.files.0.is_empty() => Err("/"),
        None => Ok(()),
    }
}

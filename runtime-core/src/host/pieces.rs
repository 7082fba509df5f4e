//! Several ranges of guest memory at once, for host functions that hand more than one buffer to a bus in one go.

use super::caller::Caller;
use super::store::Store;
use crate::instance::Memory;
use crate::isa::Trap;

/// A range of guest memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Piece {
    /// On the way in its address, on the way out its place in the bytes that are lent; 0 for an empty one.
    pub at: u32,
    /// Its length in bytes.
    pub len: u32,
    /// Whether the host will write it; for logs.
    pub written: bool,
}

impl Store<'_> {
    /// Commits the pieces, lends the memory's committed bytes, and says where in these each piece lies. Pieces that overlap in
    /// guest memory overlap there; what lies between two of them need not be what lies between them in guest memory.
    ///
    /// # Errors
    /// `MemoryOutOfBounds` or `OutOfMemory`; some pieces may have been committed.
    pub fn pieces(&mut self, memory: Memory, pieces: &mut [Piece]) -> Result<&mut [u8], Trap> {
        self.settle();
        let segment = self.known(memory).ok_or(Trap::MemoryOutOfBounds)?;
        for piece in pieces.iter() {
            segment.check(&self.machine.arena, piece.at, piece.len)?;
            if piece.len != 0 {
                // Committing moves what was committed before, so the places are taken afterwards.
                segment.commit(&mut self.machine.arena, piece.at, piece.len).ok_or(Trap::OutOfMemory)?;
            }
            if piece.written {
                self.note_write(u64::from(piece.at), u64::from(piece.len));
            }
        }
        let arena = &mut self.machine.arena;
        let (start, end) = segment.committed(arena);
        for piece in pieces {
            let place = if piece.len != 0 { segment.whole(arena, piece.at, piece.len) } else { None };
            piece.at = place.map_or(0, |at| at - start);
        }
        Ok(arena.bytes.slice_mut(start, end - start))
    }
}

impl<T> Caller<'_, '_, T> {
    /// The embedder's data and several ranges of guest memory at once; see [`Store::pieces`].
    ///
    /// # Errors
    /// As for `Store::pieces`.
    pub fn pieces(&mut self, pieces: &mut [Piece]) -> Result<(&mut T, &mut [u8]), Trap> {
        let memory = self.memory().ok_or(Trap::MemoryOutOfBounds)?;
        Ok((self.data, self.store.pieces(memory, pieces)?))
    }
}

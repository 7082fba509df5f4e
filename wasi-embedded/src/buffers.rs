//! Several buffers in guest memory as the operands of one transaction.

use crate::Abuse;
use heapless::Vec;
use wasmote::Piece;

/// Operations of one transaction. Drivers use two to five; more are refused before the bus is touched.
pub(crate) const MAX_OPERATIONS: usize = 16;

/// One of several buffers.
pub(crate) enum Buffer<'b> {
    Read(&'b mut [u8]),
    Write(&'b [u8]),
}

impl<'b> Buffer<'b> {
    /// The buffer, of which nothing is left here. (The list's own iterator by value can panic, as far as the compiler sees.)
    pub(crate) fn take(&mut self) -> Buffer<'b> {
        core::mem::replace(self, Buffer::Write(&[]))
    }
}

/// Several buffers.
pub(crate) type Buffers<'b> = Vec<Buffer<'b>, MAX_OPERATIONS>;

/// The pieces of `memory`, borrowed at once: those that the host writes each alone, the others shared. They go to `buffers`, which is
/// empty; given back by value they would lie on the native stack twice.
///
/// # Errors
/// `BadRealloc` if a piece that is written overlaps another: the guest's allocator gave space that is in use.
pub(crate) fn split<'b>(memory: &'b mut [u8], pieces: &[Piece], buffers: &mut Buffers<'b>) -> Result<(), Abuse> {
    for _ in pieces {
        buffers.push(Buffer::Write(&[])).map_err(|_| Abuse::BadRealloc)?;
    }
    // From the front: the memory is cut at the next piece that is written, and what lies between two such is shared.
    let mut gaps: Vec<(usize, &'b [u8]), { MAX_OPERATIONS + 1 }> = Vec::new();
    let (mut rest, mut at) = (memory, 0);
    while let Some((index, piece)) = next_written(pieces, buffers) {
        let ahead = (piece.at as usize).checked_sub(at).ok_or(Abuse::BadRealloc)?;
        let (gap, tail) = rest.split_at_mut_checked(ahead).ok_or(Abuse::BadRealloc)?;
        let (own, tail) = tail.split_at_mut_checked(piece.len as usize).ok_or(Abuse::BadRealloc)?;
        gaps.push((at, gap)).map_err(|_| Abuse::BadRealloc)?;
        *buffers.get_mut(index).ok_or(Abuse::BadRealloc)? = Buffer::Read(own);
        rest = tail;
        at = (piece.at as usize).saturating_add(piece.len as usize);
    }
    gaps.push((at, rest)).map_err(|_| Abuse::BadRealloc)?;
    for (piece, buffer) in pieces.iter().zip(buffers) {
        if piece.written && piece.len == 0 {
            *buffer = Buffer::Read(&mut []);
        } else if !piece.written && piece.len != 0 {
            *buffer = Buffer::Write(shared(&gaps, *piece).ok_or(Abuse::BadRealloc)?);
        }
    }
    Ok(())
}

/// The first piece in memory that is written and not cut out yet.
fn next_written(pieces: &[Piece], buffers: &[Buffer<'_>]) -> Option<(usize, Piece)> {
    let left = pieces
        .iter()
        .zip(buffers)
        .enumerate()
        .filter(|(_, (piece, buffer))| piece.written && piece.len != 0 && matches!(buffer, Buffer::Write(_)));
    left.map(|(index, (piece, _))| (index, *piece)).min_by_key(|(_, piece)| piece.at)
}

/// The piece, if it lies in a gap.
fn shared<'b>(gaps: &[(usize, &'b [u8])], piece: Piece) -> Option<&'b [u8]> {
    gaps.iter().find_map(|(start, gap)| {
        let from = (piece.at as usize).checked_sub(*start)?;
        gap.get(from..)?.get(..piece.len as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(at: u32, len: u32, written: bool) -> Piece {
        Piece { at, len, written }
    }

    #[test]
    fn pieces_that_are_written_are_alone_and_the_others_may_overlap() {
        let mut memory = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        let pieces = [piece(6, 2, true), piece(2, 3, false), piece(3, 2, false), piece(0, 1, true), piece(8, 2, false)];
        let mut buffers = Buffers::new();
        split(&mut memory, &pieces, &mut buffers).unwrap();
        let seen: Vec<(bool, &[u8]), 16> = buffers
            .iter()
            .map(|buffer| match buffer {
                Buffer::Read(bytes) => (true, &**bytes),
                Buffer::Write(bytes) => (false, *bytes),
            })
            .collect();
        let expected: [(bool, &[u8]); 5] =
            [(true, &[6, 7]), (false, &[2, 3, 4]), (false, &[3, 4]), (true, &[0]), (false, &[8, 9])];
        assert_eq!(seen.as_slice(), expected);
    }

    fn split_at(memory: &mut [u8], pieces: &[Piece]) -> Result<(), Abuse> {
        split(memory, pieces, &mut Buffers::new())
    }

    #[test]
    fn a_piece_that_is_written_overlaps_nothing() {
        let mut memory = [0; 8];
        for other in [piece(2, 3, true), piece(3, 1, true), piece(1, 2, false), piece(4, 4, false), piece(0, 8, false)]
        {
            assert_eq!(split_at(&mut memory, &[piece(2, 3, true), other]).err(), Some(Abuse::BadRealloc));
            assert_eq!(split_at(&mut memory, &[other, piece(2, 3, true)]).err(), Some(Abuse::BadRealloc));
        }
        assert!(split_at(&mut memory, &[piece(2, 3, true), piece(3, 0, true), piece(3, 0, false)]).is_ok());
        assert!(split_at(&mut memory, &[piece(5, 3, true), piece(0, 5, false)]).is_ok());
        assert!(split_at(&mut memory, &[piece(6, 3, true)]).is_err());
    }
}

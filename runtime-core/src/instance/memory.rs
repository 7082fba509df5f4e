//! Linear memories, committed when touched. A memory's segment holds a header, a sorted list of *extents* (ranges of guest
//! addresses, multiples of a granule, that have bytes), and the extents' bytes. The machine has a window on one extent; an
//! access elsewhere takes the cold path here, which reads zeros, opens the window on another extent, or commits. Extents that
//! lie close together grow into one, the closer the less memory is free: with plenty of memory there is one extent and
//! the window is the whole memory.

use super::arena::{Arena, Kind, SegmentId};
use crate::isa::OutOfMemory;
use crate::isa::{MemoryType, Trap};
use crate::raw::words;
use crate::validate::NONE;

/// Log2 of the bytes that are committed together. Extents are counted in granules: what ends at 2^32 has no end in 32 bits
/// otherwise.
const GRANULE_LOG2: u32 = 7;

/// Bytes that are committed together.
const GRANULE: u32 = 1 << GRANULE_LOG2;

/// The share of the free arena that may be spent on a gap between two extents, and on growing ahead: 1/16.
const SLACK_LOG2: u32 = 4;

/// The share of a `memory.grow` that must be free for it to succeed: 1/16. Guests touch part of what they ask for, but a guest
/// that asks when the arena is exhausted must hear it from `memory.grow`, not from a trap.
const BACKING_LOG2: u32 = 4;

words! {
    /// What a memory's segment begins with.
    Head {
        size_low,
        size_high,
        maximum_low,
        maximum_high,
        has_maximum,
        page_size_log2,
        extents,
        /// The extent that the machine's window is on.
        current,
    }
}

words! {
    /// A range of guest addresses that has bytes.
    Extent {
        /// Its first granule.
        first,
        /// How many it has.
        count,
        /// Offset of the bytes behind the list.
        data,
        reserved,
    }
}

const HEADER: u32 = size_of::<Head>() as u32;
const EXTENT: u32 = size_of::<Extent>() as u32;

/// A memory without any address. It stands for one, too, where there is none.
const NOTHING: &Head = &Head {
    size_low: 0,
    size_high: 0,
    maximum_low: 0,
    maximum_high: 0,
    has_maximum: 0,
    page_size_log2: 0,
    extents: 0,
    current: NONE,
};

/// What stands for an extent where there is none.
const NOWHERE: &Extent = &Extent { first: 0, count: 0, data: 0, reserved: 0 };

impl Head {
    fn size(&self) -> u64 {
        u64::from(self.size_low) | u64::from(self.size_high) << 32
    }

    fn maximum(&self) -> Option<u64> {
        (self.has_maximum != 0).then_some(u64::from(self.maximum_low) | u64::from(self.maximum_high) << 32)
    }

    fn set_size(&mut self, size: u64) {
        (self.size_low, self.size_high) = (size as u32, (size >> 32) as u32);
    }
}

impl Extent {
    /// The granule behind the last one.
    fn end(&self) -> u32 {
        self.first + self.count
    }

    /// Guest address of the first byte.
    fn address(&self) -> u32 {
        self.first << GRANULE_LOG2
    }

    /// Its bytes lie in the arena, so that there are less than 2^32.
    fn len(&self) -> u32 {
        self.count << GRANULE_LOG2
    }
}

/// The beginning of a range of guest memory as far as it lies in one extent, or in none.
pub(crate) struct Piece {
    /// The extent, or the next one.
    index: u32,
    pub(crate) len: u32,
    /// Offset in the arena of its bytes.
    pub(crate) data: Option<u32>,
}

/// A memory in an arena. Ranges of its addresses are a first address and a length; what is to be done with their bytes has been
/// checked against the memory's size, so that none ends behind 2^32.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemorySegment(pub(crate) SegmentId);

impl MemorySegment {
    pub(crate) fn allocate(arena: &mut Arena<'_>, ty: MemoryType) -> Result<MemorySegment, OutOfMemory> {
        let memory = MemorySegment(arena.allocate(Kind::Memory, HEADER)?);
        if let Some(head) = memory.head_mut(arena) {
            let maximum = ty.maximum.unwrap_or(0);
            (head.maximum_low, head.maximum_high) = (maximum as u32, (maximum >> 32) as u32);
            head.has_maximum = u32::from(ty.maximum.is_some());
            head.page_size_log2 = u32::from(ty.page_size_log2);
            head.set_size(ty.minimum << ty.page_size_log2);
        }
        Ok(memory)
    }

    fn head<'s>(self, arena: &'s Arena<'_>) -> &'s Head {
        arena.bytes.words(arena.start(self.0)).unwrap_or(NOTHING)
    }

    fn head_mut<'s>(self, arena: &'s mut Arena<'_>) -> Option<&'s mut Head> {
        let start = arena.start(self.0);
        arena.bytes.words_mut(start)
    }

    fn extents<'s>(self, arena: &'s Arena<'_>) -> &'s [Extent] {
        arena.bytes.list(arena.start(self.0) + HEADER, self.head(arena).extents)
    }

    fn extent<'s>(self, arena: &'s Arena<'_>, index: u32) -> &'s Extent {
        self.extents(arena).get(index as usize).unwrap_or(NOWHERE)
    }

    /// Bytes that the guest may address.
    pub(crate) fn size(self, arena: &Arena<'_>) -> u64 {
        self.head(arena).size()
    }

    pub(crate) fn pages(self, arena: &Arena<'_>) -> u64 {
        let head = self.head(arena);
        head.size() >> head.page_size_log2
    }

    /// The type that an importer sees: the current size is the minimum.
    pub(crate) fn ty(self, arena: &Arena<'_>) -> MemoryType {
        let head = self.head(arena);
        MemoryType {
            minimum: head.size() >> head.page_size_log2,
            maximum: head.maximum(),
            page_size_log2: head.page_size_log2 as u8,
        }
    }

    /// Grows by `delta` pages; the old size in pages, or `None` if the maximum or the budget forbids it.
    pub(crate) fn grow(self, arena: &mut Arena<'_>, delta: u64) -> Option<u64> {
        let head = *self.head(arena);
        let old = head.size() >> head.page_size_log2;
        let most = head.maximum().unwrap_or(u64::MAX).min((1 << 32) >> head.page_size_log2);
        let pages = old.checked_add(delta).filter(|&pages| pages <= most)?;
        if (delta << head.page_size_log2) >> BACKING_LOG2 > u64::from(arena.free_bytes()) {
            arena.note_refusal();
            return None;
        }
        self.head_mut(arena)?.set_size(pages << head.page_size_log2);
        arena.note_change();
        Some(old)
    }

    /// Checks a range against the memory's size.
    pub(crate) fn check(self, arena: &Arena<'_>, address: u32, len: u32) -> Result<(), Trap> {
        let fits = u64::from(address) + u64::from(len) <= self.size(arena);
        if fits { Ok(()) } else { Err(Trap::MemoryOutOfBounds) }
    }

    /// The same for a range of the embedder's, which may end anywhere.
    pub(crate) fn check_wide(self, arena: &Arena<'_>, address: u64, len: u64) -> Result<(), Trap> {
        let fits = address.checked_add(len).is_some_and(|end| end <= self.size(arena));
        if fits { Ok(()) } else { Err(Trap::MemoryOutOfBounds) }
    }

    /// Where in the arena the bytes of all extents lie: from the first to behind the last.
    pub(crate) fn committed(self, arena: &Arena<'_>) -> (u32, u32) {
        let len: u32 = self.extents(arena).iter().map(Extent::len).sum();
        let start = self.bytes_at(arena);
        (start, start + len)
    }

    /// The extent that the window is on, cut to the memory's size: guest address, length, offset in the arena.
    pub(crate) fn window(self, arena: &Arena<'_>) -> Option<(u32, u32, u32)> {
        let head = self.head(arena);
        let extent = self.extents(arena).get(head.current as usize)?;
        let len = head.size().saturating_sub(u64::from(extent.address())).min(u64::from(extent.len()));
        Some((extent.address(), len as u32, self.bytes_at(arena) + extent.data))
    }

    /// Moves the window to the extent that has all of a range, if there is one. The machine that asks for it knows.
    pub(crate) fn look_at(self, arena: &mut Arena<'_>, address: u32, len: u32) -> bool {
        let piece = self.piece(arena, address, len);
        let is_there = piece.len == len && piece.data.is_some();
        if is_there && let Some(head) = self.head_mut(arena) {
            head.current = piece.index;
        }
        is_there
    }

    /// Offset in the arena of what is behind the list.
    fn bytes_at(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + HEADER + self.head(arena).extents * EXTENT
    }

    /// The first extent that ends behind a granule.
    fn find(self, arena: &Arena<'_>, granule: u32) -> u32 {
        self.extents(arena).partition_point(|extent| extent.end() <= granule) as u32
    }

    /// The first piece of a range.
    pub(crate) fn piece(self, arena: &Arena<'_>, address: u32, len: u32) -> Piece {
        let index = self.find(arena, address >> GRANULE_LOG2);
        let (mut len, mut data) = (len, None);
        if let Some(extent) = self.extents(arena).get(index as usize) {
            let left = match address.checked_sub(extent.address()) {
                Some(inside) => {
                    data = Some(self.bytes_at(arena) + extent.data + inside);
                    extent.len() - inside
                }
                None => extent.address() - address,
            };
            len = len.min(left);
        }
        Piece { index, len, data }
    }

    /// Where in the arena all of a range lies, if it lies in one extent.
    pub(crate) fn whole(self, arena: &Arena<'_>, address: u32, len: u32) -> Option<u32> {
        let piece = self.piece(arena, address, len);
        piece.data.filter(|_| piece.len == len)
    }

    /// Makes a range of the memory, which is not empty, lie in one extent, and gives where it lies in the arena; `None` for want of
    /// room.
    pub(crate) fn commit(self, arena: &mut Arena<'_>, address: u32, len: u32) -> Option<u32> {
        let (from, to) = (address >> GRANULE_LOG2, ((address + (len - 1)) >> GRANULE_LOG2) + 1);
        for slack in [arena.free_bytes() >> (SLACK_LOG2 + GRANULE_LOG2), 0] {
            let there = self.whole(arena, address, len);
            if there.is_some() {
                return there;
            }
            self.cover(arena, from, to, slack);
        }
        self.whole(arena, address, len)
    }

    /// Makes one extent of the granules and of all extents that are at most `slack` granules away, if there is room.
    fn cover(self, arena: &mut Arena<'_>, mut from: u32, mut to: u32, slack: u32) {
        let index = self.find(arena, from.saturating_sub(slack + 1));
        let (mut behind, mut have) = (index, 0);
        while behind < self.head(arena).extents {
            let extent = self.extent(arena, behind);
            if extent.first > to + slack {
                break;
            }
            from = from.min(extent.first);
            to = to.max(extent.end());
            have += extent.count;
            behind += 1;
        }
        if slack != 0 && have != 0 {
            // Growing ahead by an eighth makes the cost of sliding neighbours linear in the end.
            let size = ((self.size(arena) + u64::from(GRANULE - 1)) >> GRANULE_LOG2) as u32;
            to = (to + (to - from).div_ceil(8).min(slack)).min(size.max(to));
        }
        let (new, entry) = (to - from - have, if behind == index { EXTENT } else { 0 });
        if new > arena.free_bytes().saturating_sub(entry) >> GRANULE_LOG2 {
            return;
        }
        let before = if index == 0 { NOWHERE } else { self.extent(arena, index - 1) };
        let data = before.data + before.len();
        let mut end = from;
        for next in index..behind {
            let extent = *self.extent(arena, next);
            self.widen(arena, data, end - from, extent.first - end);
            end = extent.end();
        }
        self.widen(arena, data, end - from, to - end);
        let whole = Extent { first: from, count: to - from, data, reserved: 0 };
        self.replace(arena, index, behind - index, &[whole], new << GRANULE_LOG2);
    }

    /// Puts zeros behind the first granules of the bytes that begin at offset `data`. There is room.
    fn widen(self, arena: &mut Arena<'_>, data: u32, at: u32, granules: u32) {
        let at = HEADER + self.head(arena).extents * EXTENT + data + (at << GRANULE_LOG2);
        let _ = arena.insert(self.0, at, granules << GRANULE_LOG2);
    }

    /// Puts extents in place of `old` others; the bytes of those behind lie `moved` bytes further on. There is room.
    fn replace(self, arena: &mut Arena<'_>, index: u32, old: u32, new: &[Extent], moved: u32) {
        let (at, count) = (HEADER + index * EXTENT, new.len() as u32);
        match count.checked_sub(old) {
            Some(more) => {
                let _ = arena.insert(self.0, at, more * EXTENT);
            }
            None => arena.remove(self.0, at, (old - count) * EXTENT),
        }
        let start = arena.start(self.0) + HEADER;
        let Some(head) = self.head_mut(arena) else { return };
        head.extents = head.extents + count - old;
        head.current = index;
        let extents = head.extents;
        for (number, extent) in (0..).zip(arena.bytes.list_mut::<Extent>(start, extents)).skip(index as usize) {
            match new.get((number - index) as usize) {
                Some(new) => *extent = *new,
                None => extent.data = extent.data.wrapping_add(moved),
            }
        }
    }

    /// Gives back granules that hold nothing but zeros, which is how they read without bytes too. It looks at every byte, so it is
    /// for want of memory only.
    pub(crate) fn trim(self, arena: &mut Arena<'_>) {
        // Down from the end: what is taken out moves nothing that is still to be looked at.
        for index in (0..self.head(arena).extents).rev() {
            let mut end = self.extent(arena, index).count;
            while end != 0 {
                let mut from = end - 1;
                let zeros = self.is_zero(arena, index, from);
                while from != 0 && self.is_zero(arena, index, from - 1) == zeros {
                    from -= 1;
                }
                if zeros {
                    self.take_out(arena, index, from, end);
                }
                end = from;
            }
        }
    }

    /// Whether a granule of an extent, counted from its start, has nothing but zeros.
    fn is_zero(self, arena: &Arena<'_>, index: u32, granule: u32) -> bool {
        let at = self.bytes_at(arena) + self.extent(arena, index).data + (granule << GRANULE_LOG2);
        arena.bytes.list::<u32>(at, GRANULE / 4).iter().all(|&word| word == 0)
    }

    /// Takes granules out of an extent, which may leave two, or none.
    fn take_out(self, arena: &mut Arena<'_>, index: u32, from: u32, to: u32) {
        let extent = *self.extent(arena, index);
        let (at, len) = (extent.data + (from << GRANULE_LOG2), (to - from) << GRANULE_LOG2);
        arena.remove(self.0, self.bytes_at(arena) - arena.start(self.0) + at, len);
        let parts = [
            Extent { count: from, ..extent },
            Extent { first: extent.first + to, count: extent.count - to, data: at, reserved: 0 },
        ];
        let (begin, end) = (usize::from(from == 0), 1 + usize::from(to != extent.count));
        self.replace(arena, index, 1, parts.get(begin..end).unwrap_or(&[]), len.wrapping_neg());
    }

    /// Reads a range; what was never touched is zero and stays untouched.
    pub(crate) fn read(self, arena: &Arena<'_>, mut address: u32, mut out: &mut [u8]) {
        while !out.is_empty() {
            let piece = self.piece(arena, address, out.len().min(u32::MAX as usize) as u32);
            let (now, rest) = core::mem::take(&mut out).split_at_mut_checked(piece.len as usize).unwrap_or_default();
            match piece.data {
                Some(data) => arena.bytes.read(data, now),
                None => now.fill(0),
            }
            out = rest;
            address = address.wrapping_add(piece.len);
        }
    }

    /// Writes a range.
    pub(crate) fn write(self, arena: &mut Arena<'_>, address: u32, bytes: &[u8]) -> Result<(), Trap> {
        let len = u32::try_from(bytes.len()).map_err(|_| Trap::MemoryOutOfBounds)?;
        self.check(arena, address, len)?;
        if len != 0 {
            let at = self.commit(arena, address, len).ok_or(Trap::OutOfMemory)?;
            arena.bytes.write(at, bytes);
        }
        Ok(())
    }

    /// Fills a range. Zeros commit nothing.
    pub(crate) fn fill(self, arena: &mut Arena<'_>, mut address: u32, byte: u8, mut len: u32) -> Result<(), Trap> {
        self.check(arena, address, len)?;
        if byte != 0 && len != 0 {
            self.commit(arena, address, len).ok_or(Trap::OutOfMemory)?;
        }
        while len != 0 {
            let piece = self.piece(arena, address, len);
            if let Some(data) = piece.data {
                arena.bytes.fill(data, byte, piece.len);
            }
            address = address.wrapping_add(piece.len);
            len -= piece.len;
        }
        Ok(())
    }
}

/// Copies between memories, or within one; the ranges may overlap. Source bytes that were never touched are copied as zeros. `done`
/// counts what is copied already: for want of room it stops there, and can go on.
pub(crate) fn copy(
    arena: &mut Arena<'_>,
    (target, to): (MemorySegment, u32),
    (source, from): (MemorySegment, u32),
    len: u32,
    done: &mut u32,
) -> Result<(), Trap> {
    target.check(arena, to, len)?;
    source.check(arena, from, len)?;
    // Pieces are copied from the first to the last, which would overwrite what is still to be copied.
    let overlaps = target == source && from < to && to - from < len;
    if overlaps && source.piece(arena, from, len).len < len {
        source.commit(arena, from, len).ok_or(Trap::OutOfMemory)?;
    }
    while *done < len {
        let (to, from) = (to + *done, from + *done);
        let piece = source.piece(arena, from, len - *done);
        if piece.data.is_none() {
            target.fill(arena, to, 0, piece.len)?;
        } else {
            let at = target.commit(arena, to, piece.len).ok_or(Trap::OutOfMemory)?;
            // Committing may have joined the source's extent with others or moved it, never split it.
            if let Some(data) = source.whole(arena, from, piece.len) {
                arena.bytes.slide(data, at, piece.len);
            }
        }
        *done += piece.len;
    }
    Ok(())
}

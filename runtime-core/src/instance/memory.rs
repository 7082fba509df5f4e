//! Linear memories, committed when touched. A memory's segment holds a header, a sorted list of *extents* (ranges of guest
//! addresses, multiples of a granule, that have bytes), and the extents' bytes. The machine has a window on one extent; an
//! access elsewhere takes the cold path here, which reads zeros, opens the window on another extent, or commits. Extents that
//! lie close together grow into one, the closer the less memory is free: with plenty of memory there is one extent and
//! the window is the whole memory.

use super::arena::{Arena, Kind, SegmentId};
use crate::isa::OutOfMemory;
use crate::isa::{MemoryType, Trap};
use crate::validate::NONE;

/// Bytes that are committed together.
const GRANULE: u64 = 128;

/// The share of the free arena that may be spent on a gap between two extents, and on growing ahead: 1/16.
const SLACK_LOG2: u32 = 4;

/// The share of a `memory.grow` that must be free for it to succeed: 1/16. Guests touch part of what they ask for, but a guest
/// that asks when the arena is exhausted must hear it from `memory.grow`, not from a trap.
const BACKING_LOG2: u32 = 4;

// The segment's header.
const SIZE_LOW: u32 = 0;
const SIZE_HIGH: u32 = 4;
const MAXIMUM_LOW: u32 = 8;
const MAXIMUM_HIGH: u32 = 12;
const PAGE_SIZE_LOG2: u32 = 16;
const EXTENTS: u32 = 20;
/// The extent that the machine's window is on.
const CURRENT: u32 = 24;
const HAS_MAXIMUM: u32 = 28;
const HEADER: u32 = 32;

/// Bytes of an extent's entry: guest address, length, offset of its bytes behind the list, reserved.
const EXTENT: u32 = 16;

/// A range of guest addresses that has bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub(crate) address: u32,
    pub(crate) len: u32,
    /// Offset of the bytes behind the list.
    data: u32,
}

impl Extent {
    fn end(&self) -> u64 {
        u64::from(self.address) + u64::from(self.len)
    }

    fn holds(&self, from: u64, to: u64) -> bool {
        u64::from(self.address) <= from && to <= self.end()
    }
}

/// A memory in an arena.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemorySegment(pub(crate) SegmentId);

impl MemorySegment {
    pub(crate) fn allocate(arena: &mut Arena<'_>, ty: MemoryType) -> Result<MemorySegment, OutOfMemory> {
        let id = arena.allocate(Kind::Memory, u64::from(HEADER))?;
        let memory = MemorySegment(id);
        memory.set_size(arena, ty.minimum << ty.page_size_log2);
        let maximum = ty.maximum.unwrap_or(0);
        arena.set_word(id, MAXIMUM_LOW, maximum as u32);
        arena.set_word(id, MAXIMUM_HIGH, (maximum >> 32) as u32);
        arena.set_word(id, HAS_MAXIMUM, u32::from(ty.maximum.is_some()));
        arena.set_word(id, PAGE_SIZE_LOG2, u32::from(ty.page_size_log2));
        arena.set_word(id, CURRENT, NONE);
        Ok(memory)
    }

    /// Bytes that the guest may address.
    pub(crate) fn size(self, arena: &Arena<'_>) -> u64 {
        u64::from(arena.word(self.0, SIZE_LOW)) | u64::from(arena.word(self.0, SIZE_HIGH)) << 32
    }

    fn set_size(self, arena: &mut Arena<'_>, size: u64) {
        arena.set_word(self.0, SIZE_LOW, size as u32);
        arena.set_word(self.0, SIZE_HIGH, (size >> 32) as u32);
        arena.note_change();
    }

    fn page_size_log2(self, arena: &Arena<'_>) -> u32 {
        arena.word(self.0, PAGE_SIZE_LOG2)
    }

    pub(crate) fn pages(self, arena: &Arena<'_>) -> u64 {
        self.size(arena) >> self.page_size_log2(arena)
    }

    /// The type that an importer sees: the current size is the minimum.
    pub(crate) fn ty(self, arena: &Arena<'_>) -> MemoryType {
        let maximum = u64::from(arena.word(self.0, MAXIMUM_LOW)) | u64::from(arena.word(self.0, MAXIMUM_HIGH)) << 32;
        MemoryType {
            minimum: self.pages(arena),
            maximum: (arena.word(self.0, HAS_MAXIMUM) != 0).then_some(maximum),
            page_size_log2: self.page_size_log2(arena) as u8,
        }
    }

    /// Grows by `delta` pages; the old size in pages, or `None` if the maximum or the budget forbids it.
    pub(crate) fn grow(self, arena: &mut Arena<'_>, delta: u64) -> Option<u64> {
        let ty = self.ty(arena);
        let most = ty.maximum.unwrap_or(u64::MAX).min((1 << 32) >> ty.page_size_log2);
        let pages = ty.minimum.checked_add(delta).filter(|&pages| pages <= most)?;
        if (delta << ty.page_size_log2) >> BACKING_LOG2 > u64::from(arena.free_bytes()) {
            return None;
        }
        self.set_size(arena, pages << ty.page_size_log2);
        Some(ty.minimum)
    }

    pub(crate) fn extents(self, arena: &Arena<'_>) -> u32 {
        arena.word(self.0, EXTENTS)
    }

    pub(crate) fn extent(self, arena: &Arena<'_>, index: u32) -> Extent {
        let at = HEADER + index * EXTENT;
        Extent { address: arena.word(self.0, at), len: arena.word(self.0, at + 4), data: arena.word(self.0, at + 8) }
    }

    fn set_extent(self, arena: &mut Arena<'_>, index: u32, extent: Extent) {
        let at = HEADER + index * EXTENT;
        arena.set_word(self.0, at, extent.address);
        arena.set_word(self.0, at + 4, extent.len);
        arena.set_word(self.0, at + 8, extent.data);
    }

    /// Offset in the segment of an extent's bytes.
    fn data_offset(self, arena: &Arena<'_>, extent: &Extent) -> u32 {
        HEADER + self.extents(arena) * EXTENT + extent.data
    }

    /// Offset in the arena of an extent's bytes.
    pub(crate) fn data(self, arena: &Arena<'_>, extent: &Extent) -> u32 {
        arena.start(self.0) + self.data_offset(arena, extent)
    }

    /// The extent that the window is on, cut to the memory's size.
    pub(crate) fn window(self, arena: &Arena<'_>) -> Option<(u32, u32, u32)> {
        let index = arena.word(self.0, CURRENT);
        if index >= self.extents(arena) {
            return None;
        }
        let extent = self.extent(arena, index);
        let len = self.size(arena).saturating_sub(u64::from(extent.address)).min(u64::from(extent.len));
        Some((extent.address, len as u32, self.data(arena, &extent)))
    }

    pub(crate) fn open_window(self, arena: &mut Arena<'_>, index: u32) {
        arena.set_word(self.0, CURRENT, index);
        arena.note_change();
    }

    /// The first extent that ends behind `address`.
    pub(crate) fn find(self, arena: &Arena<'_>, address: u64) -> u32 {
        let (mut low, mut high) = (0, self.extents(arena));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.extent(arena, middle).end() <= address { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The extent that holds all of a range, if there is one.
    pub(crate) fn extent_with(self, arena: &Arena<'_>, from: u64, to: u64) -> Option<u32> {
        let index = self.find(arena, from);
        (index < self.extents(arena) && self.extent(arena, index).holds(from, to)).then_some(index)
    }

    /// Checks a range against the memory's size.
    pub(crate) fn check(self, arena: &Arena<'_>, address: u64, len: u64) -> Result<(), Trap> {
        match address.checked_add(len) {
            Some(end) if end <= self.size(arena) => Ok(()),
            _ => Err(Trap::MemoryOutOfBounds),
        }
    }

    /// Makes a range of the memory, which is not empty, lie in one extent, and gives the extent.
    pub(crate) fn commit(self, arena: &mut Arena<'_>, address: u64, len: u64) -> Result<u32, Trap> {
        self.check(arena, address, len)?;
        if let Some(index) = self.extent_with(arena, address, address + len) {
            return Ok(index);
        }
        let from = address & !(GRANULE - 1);
        let to = (address + len).next_multiple_of(GRANULE);
        let slack = u64::from(arena.free_bytes() >> SLACK_LOG2) & !(GRANULE - 1);
        self.cover(arena, from, to, slack).or_else(|_| self.cover(arena, from, to, 0)).map_err(|_| Trap::OutOfMemory)
    }

    /// Makes one extent of the range and of all extents that are at most `slack` bytes away.
    fn cover(self, arena: &mut Arena<'_>, mut from: u64, mut to: u64, slack: u64) -> Result<u32, OutOfMemory> {
        let first = self.find(arena, from.saturating_sub(slack + 1));
        let mut behind = first;
        let mut have = 0u64;
        while behind < self.extents(arena) {
            let extent = self.extent(arena, behind);
            if u64::from(extent.address) > to + slack {
                break;
            }
            from = from.min(u64::from(extent.address));
            to = to.max(extent.end());
            have += u64::from(extent.len);
            behind += 1;
        }
        if slack != 0 && have != 0 {
            // Growing ahead by an eighth makes the cost of sliding neighbours linear in the end.
            let size = self.size(arena).next_multiple_of(GRANULE);
            to = (to + ((to - from) / 8).min(slack)).next_multiple_of(GRANULE).min(size.max(to));
        }
        let need = to - from - have + if behind == first { u64::from(EXTENT) } else { 0 };
        if need > u64::from(arena.free_bytes()) || to - from > u64::from(!7u32) {
            return Err(OutOfMemory { missing_bytes: need.min(u64::from(u32::MAX)) as u32 });
        }
        if behind == first {
            self.insert_extent(arena, first, from, to - from)?;
        } else {
            self.join(arena, first, behind, from, to)?;
        }
        Ok(first)
    }

    fn insert_extent(self, arena: &mut Arena<'_>, index: u32, address: u64, len: u64) -> Result<(), OutOfMemory> {
        let count = self.extents(arena);
        let data = match index.checked_sub(1) {
            Some(before) => {
                let before = self.extent(arena, before);
                before.data + before.len
            }
            None => 0,
        };
        arena.insert(self.0, HEADER + index * EXTENT, u64::from(EXTENT))?;
        arena.set_word(self.0, EXTENTS, count + 1);
        self.set_extent(arena, index, Extent { address: address as u32, len: 0, data });
        self.fix_current(arena, |current| if current >= index { current + 1 } else { current });
        self.widen(arena, index, 0, len)
    }

    /// Joins the extents `first..behind` and the space around them into one that reaches from `from` to `to`.
    fn join(self, arena: &mut Arena<'_>, first: u32, behind: u32, from: u64, to: u64) -> Result<(), OutOfMemory> {
        let mut extent = self.extent(arena, first);
        let down = u64::from(extent.address) - from;
        self.widen(arena, first, 0, down)?;
        extent = self.extent(arena, first);
        extent.address = from as u32;
        self.set_extent(arena, first, extent);
        for _ in first + 1..behind {
            let next = self.extent(arena, first + 1);
            let extent = self.extent(arena, first);
            self.widen(arena, first, extent.len, u64::from(next.address) - extent.end())?;
            let mut extent = self.extent(arena, first);
            extent.len += next.len;
            self.set_extent(arena, first, extent);
            arena.remove(self.0, HEADER + (first + 1) * EXTENT, EXTENT);
            let count = self.extents(arena);
            arena.set_word(self.0, EXTENTS, count - 1);
            self.fix_current(arena, |current| if current > first { current - 1 } else { current });
        }
        let extent = self.extent(arena, first);
        self.widen(arena, first, extent.len, to - extent.end())
    }

    fn fix_current(self, arena: &mut Arena<'_>, f: impl Fn(u32) -> u32) {
        let current = arena.word(self.0, CURRENT);
        if current != NONE {
            arena.set_word(self.0, CURRENT, f(current));
        }
    }

    /// Puts zero bytes into an extent at offset `at`.
    fn widen(self, arena: &mut Arena<'_>, index: u32, at: u32, len: u64) -> Result<(), OutOfMemory> {
        if len == 0 {
            return Ok(());
        }
        let mut extent = self.extent(arena, index);
        let offset = self.data_offset(arena, &extent) + at;
        arena.insert(self.0, offset, len)?;
        extent.len += len as u32;
        self.set_extent(arena, index, extent);
        for other in index + 1..self.extents(arena) {
            let mut extent = self.extent(arena, other);
            extent.data += len as u32;
            self.set_extent(arena, other, extent);
        }
        Ok(())
    }

    /// Gives back granules that hold nothing but zeros, which is how they read without bytes too. It looks at every byte, so it is
    /// for want of memory only.
    pub(crate) fn trim(self, arena: &mut Arena<'_>) {
        for index in (0..self.extents(arena)).rev() {
            let mut run = 0;
            // Down from the end: what is taken out moves nothing that is still to be looked at.
            for granule in (0..self.extent(arena, index).len / GRANULE as u32).rev() {
                let (at, len) = (granule * GRANULE as u32, GRANULE as u32);
                let data = self.data(arena, &self.extent(arena, index));
                let is_zero = arena.bytes.slice(data + at, len).iter().all(|&byte| byte == 0);
                run = if is_zero { run + len } else { 0 };
                let ends = granule == 0 || {
                    let before = arena.bytes.slice(data + at - len, len);
                    before.iter().any(|&byte| byte != 0)
                };
                if run != 0 && ends {
                    self.take_out(arena, index, at, run);
                    run = 0;
                }
            }
        }
    }

    /// Takes zeros out of an extent, which may leave two, or none.
    fn take_out(self, arena: &mut Arena<'_>, index: u32, at: u32, len: u32) {
        let mut extent = self.extent(arena, index);
        let inside = at != 0 && at + len != extent.len;
        if inside && len <= EXTENT {
            return;
        }
        let offset = self.data_offset(arena, &extent) + at;
        arena.remove(self.0, offset, len);
        for other in index + 1..self.extents(arena) {
            let mut extent = self.extent(arena, other);
            extent.data -= len;
            self.set_extent(arena, other, extent);
        }
        if at == 0 {
            extent.address += len;
        }
        let behind = Extent { address: extent.address + at + len, len: extent.len - at - len, data: extent.data + at };
        extent.len = if inside { at } else { extent.len - len };
        self.set_extent(arena, index, extent);
        let count = self.extents(arena);
        if extent.len == 0 {
            arena.remove(self.0, HEADER + index * EXTENT, EXTENT);
            arena.set_word(self.0, EXTENTS, count - 1);
            self.fix_current(arena, |current| match current {
                _ if current == index => NONE,
                _ if current > index => current - 1,
                _ => current,
            });
        } else if inside && arena.insert(self.0, HEADER + (index + 1) * EXTENT, u64::from(EXTENT)).is_ok() {
            arena.set_word(self.0, EXTENTS, count + 1);
            self.set_extent(arena, index + 1, behind);
            self.fix_current(arena, |current| if current > index { current + 1 } else { current });
        }
    }

    /// The next piece of a range, which has been checked: how long it is, and where its bytes are if it has any.
    fn piece(self, arena: &Arena<'_>, address: u64, len: u64) -> (u64, Option<u32>) {
        let index = self.find(arena, address);
        if index == self.extents(arena) {
            return (len, None);
        }
        let extent = self.extent(arena, index);
        match address.checked_sub(u64::from(extent.address)) {
            Some(inside) => (len.min(extent.end() - address), Some(self.data(arena, &extent) + inside as u32)),
            None => (len.min(u64::from(extent.address) - address), None),
        }
    }

    /// Reads a range; what was never touched is zero and stays untouched.
    pub(crate) fn read(self, arena: &Arena<'_>, mut address: u64, mut out: &mut [u8]) -> Result<(), Trap> {
        self.check(arena, address, out.len() as u64)?;
        while !out.is_empty() {
            let (len, data) = self.piece(arena, address, out.len() as u64);
            let (now, rest) = core::mem::take(&mut out).split_at_mut_checked(len as usize).unwrap_or_default();
            match data {
                Some(data) => {
                    now.iter_mut().zip(arena.bytes.slice(data, len as u32)).for_each(|(to, from)| *to = *from)
                }
                None => now.fill(0),
            }
            out = rest;
            address += len;
        }
        Ok(())
    }

    /// Writes a range.
    pub(crate) fn write(self, arena: &mut Arena<'_>, address: u64, bytes: &[u8]) -> Result<(), Trap> {
        self.check(arena, address, bytes.len() as u64)?;
        if let Some(to) = self.slice_mut(arena, address, bytes.len() as u64)? {
            to.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }

    /// The bytes of a range, committed; `None` if it is empty.
    pub(crate) fn slice_mut<'s>(
        self,
        arena: &'s mut Arena<'_>,
        address: u64,
        len: u64,
    ) -> Result<Option<&'s mut [u8]>, Trap> {
        self.check(arena, address, len)?;
        if len == 0 {
            return Ok(None);
        }
        let index = self.commit(arena, address, len)?;
        let extent = self.extent(arena, index);
        let at = self.data(arena, &extent) + (address - u64::from(extent.address)) as u32;
        Ok(Some(arena.bytes.slice_mut(at, len as u32)))
    }

    /// Fills a range. Zeros commit nothing.
    pub(crate) fn fill(self, arena: &mut Arena<'_>, mut address: u64, byte: u8, mut len: u64) -> Result<(), Trap> {
        self.check(arena, address, len)?;
        while len != 0 {
            let (now, data) = self.piece(arena, address, len);
            match data {
                Some(data) => arena.bytes.fill(data, byte, now as u32),
                None if byte == 0 => {}
                None => {
                    if let Some(slice) = self.slice_mut(arena, address, now)? {
                        slice.fill(byte);
                    }
                }
            }
            address += now;
            len -= now;
        }
        Ok(())
    }
}

/// Copies between memories, or within one; the ranges may overlap. Source bytes that were never touched are copied as zeros.
pub(crate) fn copy(
    arena: &mut Arena<'_>,
    target: MemorySegment,
    to: u64,
    source: MemorySegment,
    from: u64,
    len: u64,
) -> Result<(), Trap> {
    target.check(arena, to, len)?;
    source.check(arena, from, len)?;
    let backwards = target == source && to > from;
    let mut done = 0;
    while done < len {
        let left = len - done;
        // A piece ends where the source's extent ends, seen from the side that copying begins at.
        let (start, now) = if backwards {
            let (start, now) = source.piece_before(arena, from + left, left);
            (start - from, now)
        } else {
            (done, source.piece(arena, from + done, left).0)
        };
        copy_piece(arena, target, to + start, source, from + start, now)?;
        done += now;
    }
    Ok(())
}

/// Copies a range that lies in one extent of the source, or between two.
fn copy_piece(
    arena: &mut Arena<'_>,
    target: MemorySegment,
    to: u64,
    source: MemorySegment,
    from: u64,
    len: u64,
) -> Result<(), Trap> {
    if source.piece(arena, from, len).1.is_none() {
        return target.fill(arena, to, 0, len);
    }
    let index = target.commit(arena, to, len)?;
    // Committing may have joined the source's extent with others or moved it, never split it.
    let extent = target.extent(arena, index);
    let at = target.data(arena, &extent) + (to - u64::from(extent.address)) as u32;
    if let (_, Some(data)) = source.piece(arena, from, len) {
        arena.bytes.slide(data, at, len as u32);
    }
    Ok(())
}

impl MemorySegment {
    /// The last piece of the range of `len` bytes that ends at `end`: its start and length.
    fn piece_before(self, arena: &Arena<'_>, end: u64, len: u64) -> (u64, u64) {
        let from = end - len;
        let index = self.find(arena, end - 1);
        let holds = index < self.extents(arena) && u64::from(self.extent(arena, index).address) < end;
        let start = if holds {
            u64::from(self.extent(arena, index).address)
        } else {
            index.checked_sub(1).map_or(0, |before| self.extent(arena, before).end())
        };
        let start = start.max(from);
        (start, end - start)
    }
}

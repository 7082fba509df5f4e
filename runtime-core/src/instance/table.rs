//! Tables: a header and a word for each element, which is a reference's handle; 0 is null.

use super::arena::{Arena, Kind, SegmentId};
use crate::isa::OutOfMemory;
use crate::isa::{TableType, Trap, ValType};
use crate::raw::words;

words! {
    /// What a table's segment begins with.
    Head {
        element,
        size,
        maximum,
        has_maximum,
    }
}

/// Where the size is.
const SIZE: u32 = 4;

const HEADER: u32 = size_of::<Head>() as u32;

/// What stands for a table where there is none.
const NOTHING: &Head = &Head { element: 0, size: 0, maximum: 0, has_maximum: 1 };

/// A table in an arena.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableSegment(pub(crate) SegmentId);

impl TableSegment {
    pub(crate) fn allocate(arena: &mut Arena<'_>, ty: TableType) -> Result<TableSegment, OutOfMemory> {
        let id = arena.allocate(Kind::Table, ty.minimum.saturating_mul(4).saturating_add(HEADER))?;
        let start = arena.start(id);
        let (maximum, has_maximum) = (ty.maximum.unwrap_or(0), u32::from(ty.maximum.is_some()));
        arena.bytes.set_words(start, [ty.element as u32, ty.minimum, maximum, has_maximum]);
        Ok(TableSegment(id))
    }

    fn head<'s>(self, arena: &'s Arena<'_>) -> &'s Head {
        arena.bytes.words(arena.start(self.0)).unwrap_or(NOTHING)
    }

    pub(crate) fn size(self, arena: &Arena<'_>) -> u32 {
        self.head(arena).size
    }

    pub(crate) fn ty(self, arena: &Arena<'_>) -> TableType {
        let head = self.head(arena);
        let element = if head.element == ValType::ExternRef as u32 { ValType::ExternRef } else { ValType::FuncRef };
        TableType { element, minimum: head.size, maximum: (head.has_maximum != 0).then_some(head.maximum) }
    }

    /// Offset of the elements in the arena.
    pub(crate) fn elements(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + HEADER
    }

    pub(crate) fn get(self, arena: &Arena<'_>, index: u32) -> Option<u32> {
        (index < self.size(arena)).then(|| arena.word(self.0, HEADER + index * 4))
    }

    /// Sets an element; false beyond the size.
    pub(crate) fn set(self, arena: &mut Arena<'_>, index: u32, handle: u32) -> bool {
        let is_there = index < self.size(arena);
        if is_there {
            arena.set_word(self.0, HEADER + index * 4, handle);
        }
        is_there
    }

    pub(crate) fn check(self, arena: &Arena<'_>, index: u32, len: u32) -> Result<(), Trap> {
        match index.checked_add(len) {
            Some(end) if end <= self.size(arena) => Ok(()),
            _ => Err(Trap::TableOutOfBounds),
        }
    }

    /// Grows by `delta` elements; the old size, or `None` if the maximum or the arena forbids it.
    pub(crate) fn grow(self, arena: &mut Arena<'_>, delta: u32, handle: u32) -> Option<u32> {
        let Head { size: old, maximum, has_maximum, .. } = *self.head(arena);
        let new = old.checked_add(delta)?;
        // What has more elements than this has no place in 32 bits.
        let most = u32::MAX / 4 - HEADER;
        if new > if has_maximum != 0 { maximum.min(most) } else { most } {
            return None;
        }
        let (len, need) = (arena.len(self.0), HEADER + new * 4);
        if need > len {
            let inserted = arena.insert(self.0, len, (need - len).next_multiple_of(8));
            if inserted.is_err() {
                arena.note_refusal();
                return None;
            }
        }
        arena.set_word(self.0, SIZE, new);
        self.fill(arena, old, handle, delta);
        Some(old)
    }

    /// Fills a range, which is within the size.
    pub(crate) fn fill(self, arena: &mut Arena<'_>, index: u32, handle: u32, len: u32) {
        let at = self.elements(arena) + index * 4;
        arena.bytes.list_mut::<u32>(at, len).fill(handle);
    }

    /// Copies elements between tables, or within one; the ranges, which are within the sizes, may overlap.
    pub(crate) fn copy(self, arena: &mut Arena<'_>, to: u32, source: TableSegment, from: u32, len: u32) {
        let (to, from) = (self.elements(arena) + to * 4, source.elements(arena) + from * 4);
        arena.bytes.slide(from, to, len * 4);
    }
}

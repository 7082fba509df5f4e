//! Tables: a header and a word for each element, which is a reference's handle; 0 is null.

use super::arena::{Arena, Kind, SegmentId};
use crate::isa::OutOfMemory;
use crate::isa::{TableType, Trap, ValType};
use crate::validate::NONE;

const ELEMENT: u32 = 0;
const SIZE: u32 = 4;
const MAXIMUM: u32 = 8;
const HAS_MAXIMUM: u32 = 12;
const HEADER: u32 = 16;

/// A table in an arena.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableSegment(pub(crate) SegmentId);

impl TableSegment {
    pub(crate) fn allocate(arena: &mut Arena<'_>, ty: TableType) -> Result<TableSegment, OutOfMemory> {
        let id = arena.allocate(Kind::Table, ty.minimum.saturating_mul(4).saturating_add(HEADER))?;
        arena.set_word(id, ELEMENT, ty.element as u32);
        arena.set_word(id, SIZE, ty.minimum);
        arena.set_word(id, MAXIMUM, ty.maximum.unwrap_or(NONE));
        arena.set_word(id, HAS_MAXIMUM, u32::from(ty.maximum.is_some()));
        Ok(TableSegment(id))
    }

    pub(crate) fn size(self, arena: &Arena<'_>) -> u32 {
        arena.word(self.0, SIZE)
    }

    pub(crate) fn ty(self, arena: &Arena<'_>) -> TableType {
        TableType {
            element: ValType::from_byte(arena.word(self.0, ELEMENT) as u8).unwrap_or(ValType::FuncRef),
            minimum: self.size(arena),
            maximum: (arena.word(self.0, HAS_MAXIMUM) != 0).then_some(arena.word(self.0, MAXIMUM)),
        }
    }

    /// Offset of the elements in the arena.
    pub(crate) fn elements(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + HEADER
    }

    pub(crate) fn get(self, arena: &Arena<'_>, index: u32) -> Option<u32> {
        (index < self.size(arena)).then(|| arena.word(self.0, HEADER + index * 4))
    }

    pub(crate) fn set(self, arena: &mut Arena<'_>, index: u32, handle: u32) -> Result<(), Trap> {
        if index >= self.size(arena) {
            return Err(Trap::TableOutOfBounds);
        }
        arena.set_word(self.0, HEADER + index * 4, handle);
        Ok(())
    }

    pub(crate) fn check(self, arena: &Arena<'_>, index: u32, len: u32) -> Result<(), Trap> {
        match index.checked_add(len) {
            Some(end) if end <= self.size(arena) => Ok(()),
            _ => Err(Trap::TableOutOfBounds),
        }
    }

    /// Grows by `delta` elements; the old size, or `None` if the maximum or the arena forbids it.
    pub(crate) fn grow(self, arena: &mut Arena<'_>, delta: u32, handle: u32) -> Option<u32> {
        let old = self.size(arena);
        let new = old.checked_add(delta).filter(|&new| new <= self.ty(arena).maximum.unwrap_or(NONE))?;
        let (len, need) = (arena.len(self.0), new.checked_mul(4)?.checked_add(HEADER)?);
        if need > len {
            arena.insert(self.0, len, (need - len).checked_next_multiple_of(8)?).ok()?;
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

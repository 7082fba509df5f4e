//! An instance's record:
//!
//! ```text
//! func_base, func_count, module, own globals (8 bytes each), imported globals (segment, offset in it), imported functions
//! (handle), tables (segment), memories (segment), dropped bits of element and data segments
//! ```

use super::arena::{Arena, Kind, SegmentId};
use super::memory::MemorySegment;
use super::table::TableSegment;
use crate::isa::FuncType;
use crate::isa::OutOfMemory;
use crate::prepare::Module;
use crate::raw;
use crate::validate::{Header, NONE};

pub(crate) const FUNC_BASE: u32 = 0;
pub(crate) const FUNC_COUNT: u32 = 4;
const MODULE: u32 = 8;
const PARTS: u32 = MODULE + (size_of::<Module<'static>>() as u32).next_multiple_of(8);

/// An instance in an arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct InstanceSegment(pub(crate) SegmentId);

/// The parts of an instance's record behind its head, in order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Globals,
    ImportedGlobals,
    Funcs,
    Tables,
    Memories,
    DroppedElements,
    DroppedDatas,
    End,
}

impl Part {
    /// Where it begins in the record.
    fn offset(self, header: &Header) -> u32 {
        let sizes = [
            (header.globals - header.imported_globals) * 8,
            header.imported_globals * 8,
            header.imported_funcs * 4,
            header.tables * 4,
            header.memories * 4,
            header.elements.div_ceil(32) * 4,
            header.datas.div_ceil(32) * 4,
        ];
        sizes.iter().take(self as usize).fold(PARTS, |offset, size| offset + size)
    }
}

/// The bit of handles of host functions; numbers of instances' functions stay below.
pub(crate) const HOST_HANDLE: u32 = 1 << 31;

/// A global: the segment that holds it, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct GlobalCell {
    pub(crate) segment: SegmentId,
    pub(crate) offset: u32,
}

impl GlobalCell {
    /// Whether there is such a global in this arena.
    pub(crate) fn is_known(self, arena: &Arena<'_>) -> bool {
        if arena.has(self.segment, Kind::Global) {
            return self.offset == 0;
        }
        let instance = InstanceSegment(self.segment);
        let [from, to] = [Part::Globals, Part::ImportedGlobals].map(|part| instance.part(arena, part));
        (from..to).contains(&self.offset) && self.offset.is_multiple_of(8)
    }

    pub(crate) fn get(self, arena: &Arena<'_>) -> u64 {
        arena.bytes.get64(arena.start(self.segment) + self.offset)
    }

    pub(crate) fn set(self, arena: &mut Arena<'_>, bits: u64) {
        let at = arena.start(self.segment) + self.offset;
        arena.bytes.set64(at, bits);
    }
}

impl InstanceSegment {
    /// No instance.
    pub(crate) const NOBODY: InstanceSegment = InstanceSegment(NONE);

    /// The instance, if it is one.
    pub(crate) fn some(self) -> Option<InstanceSegment> {
        (self != InstanceSegment::NOBODY).then_some(self)
    }

    /// Makes a record with all its parts zero.
    pub(crate) fn allocate<'a>(
        arena: &mut Arena<'a>,
        module: &Module<'a>,
        func_base: u32,
    ) -> Result<InstanceSegment, OutOfMemory> {
        let header = module.header();
        let id = arena.allocate(Kind::Instance, Part::End.offset(header))?;
        arena.set_word(id, FUNC_BASE, func_base);
        arena.set_word(id, FUNC_COUNT, header.own_funcs());
        let at = arena.start(id) + MODULE;
        arena.bytes.put(at, *module);
        Ok(InstanceSegment(id))
    }

    /// The instance's module, which outlives the arena's loan; `None` if there is no such instance.
    pub(crate) fn module<'s, 'a>(self, arena: &'s Arena<'a>) -> Option<&'s Module<'a>> {
        if !arena.has(self.0, Kind::Instance) {
            return None;
        }
        arena.bytes.peek(arena.start(self.0) + MODULE)
    }

    pub(crate) fn func_base(self, arena: &Arena<'_>) -> u32 {
        arena.word(self.0, FUNC_BASE)
    }

    /// Where a part begins in the record; 0 if there is no such instance.
    pub(crate) fn part(self, arena: &Arena<'_>, part: Part) -> u32 {
        self.module(arena).map_or(0, |module| part.offset(module.header()))
    }

    /// A word of a part.
    fn word(self, arena: &Arena<'_>, part: Part, index: u32) -> u32 {
        arena.word(self.0, self.part(arena, part) + index * 4)
    }

    pub(super) fn set_word(self, arena: &mut Arena<'_>, part: Part, index: u32, word: u32) {
        arena.set_word(self.0, self.part(arena, part) + index * 4, word);
    }

    /// Handle of a function of the instance's index space.
    pub(crate) fn func(self, arena: &Arena<'_>, index: u32) -> u32 {
        let imported = self.module(arena).map_or(0, |module| module.header().imported_funcs);
        match index.checked_sub(imported) {
            Some(own) => self.func_base(arena) + own + 1,
            None => self.word(arena, Part::Funcs, index),
        }
    }

    pub(crate) fn table(self, arena: &Arena<'_>, index: u32) -> Option<TableSegment> {
        let there = index < self.module(arena)?.header().tables;
        there.then(|| TableSegment(self.word(arena, Part::Tables, index)))
    }

    pub(crate) fn memory(self, arena: &Arena<'_>, index: u32) -> Option<MemorySegment> {
        let there = index < self.module(arena)?.header().memories;
        there.then(|| MemorySegment(self.word(arena, Part::Memories, index)))
    }

    /// A global, by its index, which is one.
    pub(crate) fn global(self, arena: &Arena<'_>, index: u32) -> GlobalCell {
        let imported = self.module(arena).map_or(0, |module| module.header().imported_globals);
        match index.checked_sub(imported) {
            Some(own) => GlobalCell { segment: self.0, offset: self.part(arena, Part::Globals) + own * 8 },
            None => GlobalCell {
                segment: self.word(arena, Part::ImportedGlobals, index * 2),
                offset: self.word(arena, Part::ImportedGlobals, index * 2 + 1),
            },
        }
    }

    /// Whether a segment has been dropped, `part` being that of its kind's bits.
    pub(crate) fn is_dropped(self, arena: &Arena<'_>, part: Part, index: u32) -> bool {
        self.word(arena, part, index / 32) >> (index % 32) & 1 != 0
    }

    pub(crate) fn drop_segment(self, arena: &mut Arena<'_>, part: Part, index: u32) {
        let bits = self.word(arena, part, index / 32) | 1 << (index % 32);
        self.set_word(arena, part, index / 32, bits);
    }
}

// A host function's record: id, the slots that its parameters or results need, counts of both, then their types.
const HOST_ID: u32 = 0;
const HOST_SLOTS: u32 = 4;
const HOST_PARAMS: u32 = 8;
const HOST_RESULTS: u32 = 12;
const HOST_TYPES: u32 = 16;

/// A host function in an arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct HostSegment(pub(crate) SegmentId);

impl HostSegment {
    pub(crate) fn allocate(arena: &mut Arena<'_>, id: u32, ty: FuncType<'_>) -> Result<HostSegment, OutOfMemory> {
        let (params, results) = (ty.params.len() as u32, ty.results.len() as u32);
        let segment = arena.allocate(Kind::Host, HOST_TYPES + params + results)?;
        let at = arena.start(segment);
        arena.bytes.set_words(at, [id, ty.param_slots().max(ty.result_slots()), params, results]);
        arena.bytes.write(at + HOST_TYPES, raw::bytes_of(ty.params));
        arena.bytes.write(at + HOST_TYPES + params, raw::bytes_of(ty.results));
        Ok(HostSegment(segment))
    }

    /// A word of the record, for host calls, which are to be quick.
    #[inline(always)]
    fn word(self, arena: &Arena<'_>, at: u32) -> u32 {
        arena.bytes.get32(arena.start(self.0) + at)
    }

    /// Whether the function has no results.
    pub(crate) fn gives_nothing(self, arena: &Arena<'_>) -> bool {
        self.word(arena, HOST_RESULTS) == 0
    }

    pub(crate) fn id(self, arena: &Arena<'_>) -> u32 {
        self.word(arena, HOST_ID)
    }

    /// Slots that its arguments or its results need.
    pub(crate) fn slots(self, arena: &Arena<'_>) -> u32 {
        self.word(arena, HOST_SLOTS)
    }

    /// The host function behind a handle that something in the store holds, if it is one.
    pub(crate) fn of(handle: u32) -> Option<HostSegment> {
        (handle & HOST_HANDLE != 0).then_some(HostSegment(handle & !HOST_HANDLE))
    }

    pub(crate) fn handle(self) -> u32 {
        self.0 | HOST_HANDLE
    }

    pub(crate) fn ty<'s>(self, arena: &'s Arena<'_>) -> FuncType<'s> {
        let (params, results) = (self.word(arena, HOST_PARAMS), self.word(arena, HOST_RESULTS));
        let types = arena.bytes.slice(arena.start(self.0) + HOST_TYPES, params + results);
        let (params, results) = raw::val_types(types).split_at_checked(params as usize).unwrap_or_default();
        FuncType { params, results }
    }
}

/// The instance that a function's handle is of, unless it is the host's.
pub(crate) fn owner(arena: &Arena<'_>, handle: u32) -> Option<InstanceSegment> {
    let number = handle.wrapping_sub(1);
    let has = |&id: &SegmentId| number.wrapping_sub(arena.word(id, FUNC_BASE)) < arena.word(id, FUNC_COUNT);
    arena.all(Kind::Instance).find(has).map(InstanceSegment)
}

/// The type of the function behind a handle.
pub(crate) fn type_of<'s>(arena: &'s Arena<'_>, handle: u32) -> Option<FuncType<'s>> {
    if let Some(host) = HostSegment::of(handle) {
        return arena.has(host.0, Kind::Host).then(|| host.ty(arena));
    }
    let instance = owner(arena, handle)?;
    let module = instance.module(arena)?;
    let own = handle - 1 - instance.func_base(arena);
    Some(module.type_of_func(module.header().imported_funcs + own))
}

/// Makes a global of the host's.
pub(crate) fn allocate_global(arena: &mut Arena<'_>, bits: u64) -> Result<GlobalCell, OutOfMemory> {
    let segment = arena.allocate(Kind::Global, 8)?;
    let cell = GlobalCell { segment, offset: 0 };
    cell.set(arena, bits);
    Ok(cell)
}

//! The records of instances and host functions in the arena: where each part lies, and what handles mean.
//!
//! A handle of an instance's function is its number in the store plus one, each instance taking a run of numbers; a handle
//! of a host function has the top bit and names its segment, so that a call of the host looks nothing up.
//! An instance's record:
//!
//! ```text
//! func_base, func_count, module, imported functions (handle), tables (segment), memories (segment),
//! imported globals (segment, offset in it), own globals (8 bytes each), dropped bits of element and data segments
//! ```

use super::arena::{Arena, Kind, SegmentId};
use super::memory::MemorySegment;
use super::table::TableSegment;
use crate::isa::OutOfMemory;
use crate::isa::{FuncType, GlobalType, ValType};
use crate::prepare::Module;
use crate::raw;
use crate::validate::Header;

pub(crate) const FUNC_BASE: u32 = 0;
pub(crate) const FUNC_COUNT: u32 = 4;
const MODULE: u32 = 8;
const PARTS: u32 = MODULE + (size_of::<Module<'static>>() as u32).next_multiple_of(8);

/// An instance in an arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct InstanceSegment(pub(crate) SegmentId);

/// Where the parts of an instance's record begin.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) funcs: u32,
    pub(crate) tables: u32,
    pub(crate) memories: u32,
    pub(crate) imported_globals: u32,
    pub(crate) globals: u32,
    pub(crate) dropped_elements: u32,
    pub(crate) dropped_datas: u32,
    pub(crate) end: u32,
}

/// The bit of handles of host functions; numbers of instances' functions stay below.
pub(crate) const HOST_HANDLE: u32 = 1 << 31;

impl Parts {
    /// Where the memories' segments begin, which every call of the host asks for.
    fn memories_of(header: &Header) -> u32 {
        PARTS + (header.imported_funcs + header.tables) * 4
    }

    pub(crate) fn of(header: &Header) -> Parts {
        let funcs = PARTS;
        let tables = funcs + header.imported_funcs * 4;
        let memories = Parts::memories_of(header);
        let imported_globals = memories + header.memories * 4;
        let globals = (imported_globals + header.imported_globals * 8).next_multiple_of(8);
        let dropped_elements = globals + (header.globals - header.imported_globals) * 8;
        let dropped_datas = dropped_elements + header.elements.div_ceil(32) * 4;
        let end = dropped_datas + header.datas.div_ceil(32) * 4;
        Parts { funcs, tables, memories, imported_globals, globals, dropped_elements, dropped_datas, end }
    }
}

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
        let own = arena.has(self.segment, Kind::Instance).then(|| InstanceSegment(self.segment).parts(arena)).flatten();
        own.is_some_and(|(_, parts)| {
            (parts.globals..parts.dropped_elements).contains(&self.offset) && self.offset.is_multiple_of(8)
        })
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
    /// Makes a record with all its parts zero.
    pub(crate) fn allocate<'a>(
        arena: &mut Arena<'a>,
        module: &Module<'a>,
        func_base: u32,
    ) -> Result<InstanceSegment, OutOfMemory> {
        let header = module.header();
        let id = arena.allocate(Kind::Instance, u64::from(Parts::of(header).end))?;
        arena.set_word(id, FUNC_BASE, func_base);
        arena.set_word(id, FUNC_COUNT, header.own_funcs());
        let at = arena.start(id) + MODULE;
        arena.bytes.put(at, Some(*module));
        Ok(InstanceSegment(id))
    }

    /// The instance's module, which outlives the arena's loan. `None` would be a segment of another kind.
    pub(crate) fn module<'a>(self, arena: &Arena<'a>) -> Option<Module<'a>> {
        debug_assert_eq!(arena.kind(self.0), Kind::Instance);
        arena.bytes.take::<Option<Module<'a>>>(arena.start(self.0) + MODULE)
    }

    pub(crate) fn func_base(self, arena: &Arena<'_>) -> u32 {
        arena.word(self.0, FUNC_BASE)
    }

    fn parts<'a>(self, arena: &Arena<'a>) -> Option<(&'a Header, Parts)> {
        let header = self.module(arena)?.header();
        Some((header, Parts::of(header)))
    }

    /// Handle of a function of the instance's index space.
    pub(crate) fn func(self, arena: &Arena<'_>, index: u32) -> u32 {
        let Some(module) = self.module(arena) else { return 0 };
        match index.checked_sub(module.header().imported_funcs) {
            Some(own) => self.func_base(arena) + own + 1,
            None => self.imported_func(arena, index),
        }
    }

    /// Handle of an imported function, whose index is one.
    pub(crate) fn imported_func(self, arena: &Arena<'_>, index: u32) -> u32 {
        arena.word(self.0, PARTS + index * 4)
    }

    /// Where the handles of the imported functions begin in the arena.
    pub(crate) fn imported_funcs(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + PARTS
    }

    pub(crate) fn table(self, arena: &Arena<'_>, index: u32) -> Option<TableSegment> {
        let (header, parts) = self.parts(arena)?;
        (index < header.tables).then(|| TableSegment(arena.word(self.0, parts.tables + index * 4)))
    }

    pub(crate) fn memory(self, arena: &Arena<'_>, index: u32) -> Option<MemorySegment> {
        let header = self.module(arena)?.header();
        (index < header.memories).then(|| MemorySegment(arena.word(self.0, Parts::memories_of(header) + index * 4)))
    }

    pub(crate) fn global(self, arena: &Arena<'_>, index: u32) -> Option<(GlobalCell, GlobalType)> {
        let module = self.module(arena)?;
        let (header, parts) = self.parts(arena)?;
        if index >= header.globals {
            return None;
        }
        let cell = match index.checked_sub(header.imported_globals) {
            Some(own) => GlobalCell { segment: self.0, offset: parts.globals + own * 8 },
            None => {
                let at = parts.imported_globals + index * 8;
                GlobalCell { segment: arena.word(self.0, at), offset: arena.word(self.0, at + 4) }
            }
        };
        Some((cell, module.global(index)))
    }

    pub(crate) fn is_dropped(self, arena: &Arena<'_>, part: fn(&Parts) -> u32, index: u32) -> bool {
        self.parts(arena)
            .is_none_or(|(_, parts)| arena.word(self.0, part(&parts) + index / 32 * 4) >> (index % 32) & 1 == 1)
    }

    pub(crate) fn drop_segment(self, arena: &mut Arena<'_>, part: fn(&Parts) -> u32, index: u32) {
        if let Some((_, parts)) = self.parts(arena) {
            let at = part(&parts) + index / 32 * 4;
            let bits = arena.word(self.0, at) | 1 << (index % 32);
            arena.set_word(self.0, at, bits);
        }
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
        let types = ty.params.iter().chain(ty.results);
        let len = u64::from(HOST_TYPES) + types.clone().count() as u64;
        let segment = arena.allocate(Kind::Host, len)?;
        let slots = ty.param_slots().max(ty.result_slots());
        let counts =
            [(HOST_SLOTS, slots), (HOST_PARAMS, ty.params.len() as u32), (HOST_RESULTS, ty.results.len() as u32)];
        for (at, word) in [(HOST_ID, id)].into_iter().chain(counts) {
            arena.set_word(segment, at, word);
        }
        for (at, ty) in (arena.start(segment) + HOST_TYPES..).zip(types) {
            arena.bytes.put(at, *ty as u8);
        }
        Ok(HostSegment(segment))
    }

    /// Whether this is what the function gives: at most one value.
    pub(crate) fn gives(self, arena: &Arena<'_>, result: Option<ValType>) -> bool {
        let Some(ty) = result else { return self.gives_nothing(arena) };
        let at = arena.start(self.0) + HOST_TYPES + arena.word(self.0, HOST_PARAMS);
        arena.word(self.0, HOST_RESULTS) == 1 && arena.bytes.slice(at, 1) == [ty as u8]
    }

    /// Whether the function has no results.
    pub(crate) fn gives_nothing(self, arena: &Arena<'_>) -> bool {
        arena.word(self.0, HOST_RESULTS) == 0
    }

    pub(crate) fn id(self, arena: &Arena<'_>) -> u32 {
        arena.word(self.0, HOST_ID)
    }

    /// Slots that its arguments or its results need.
    pub(crate) fn slots(self, arena: &Arena<'_>) -> u32 {
        arena.word(self.0, HOST_SLOTS)
    }

    /// The host function behind a handle that something in the store holds, if it is one.
    pub(crate) fn of(handle: u32) -> Option<HostSegment> {
        (handle & HOST_HANDLE != 0).then_some(HostSegment(handle & !HOST_HANDLE))
    }

    pub(crate) fn handle(self) -> u32 {
        self.0 | HOST_HANDLE
    }

    pub(crate) fn ty<'s>(self, arena: &'s Arena<'_>) -> FuncType<'s> {
        let params = arena.word(self.0, HOST_PARAMS);
        let at = arena.start(self.0) + HOST_TYPES;
        FuncType {
            params: raw::val_types(arena.bytes.slice(at, params)),
            results: raw::val_types(arena.bytes.slice(at + params, arena.word(self.0, HOST_RESULTS))),
        }
    }
}

/// What a function's handle stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Callee {
    /// An instance and the index among its own functions
    Own(InstanceSegment, u32),
    Host(HostSegment),
}

/// Looks up a handle.
pub(crate) fn callee(arena: &Arena<'_>, handle: u32) -> Option<Callee> {
    if handle & HOST_HANDLE != 0 {
        let host = HostSegment(handle & !HOST_HANDLE);
        return (host.0 < arena.count() && arena.kind(host.0) == Kind::Host).then_some(Callee::Host(host));
    }
    let number = handle.checked_sub(1)?;
    (0..arena.count()).find_map(|id| {
        if arena.kind(id) != Kind::Instance {
            return None;
        }
        let index = number.checked_sub(arena.word(id, FUNC_BASE))?;
        (index < arena.word(id, FUNC_COUNT)).then_some(Callee::Own(InstanceSegment(id), index))
    })
}

/// The type of the function behind a handle.
pub(crate) fn type_of<'s>(arena: &'s Arena<'_>, handle: u32) -> Option<FuncType<'s>> {
    match callee(arena, handle)? {
        Callee::Host(host) => Some(host.ty(arena)),
        Callee::Own(instance, index) => {
            let module = instance.module(arena)?;
            Some(module.type_of_func(module.header().imported_funcs + index))
        }
    }
}

/// Makes a global of the host's.
pub(crate) fn allocate_global(arena: &mut Arena<'_>, bits: u64) -> Result<GlobalCell, OutOfMemory> {
    let segment = arena.allocate(Kind::Global, 8)?;
    let cell = GlobalCell { segment, offset: 0 };
    cell.set(arena, bits);
    Ok(cell)
}

//! Instantiation: imports are matched, memories and tables made, globals, element and data segments initialised. The start
//! function is left to the caller, for it may pause.

use super::arena::Arena;
use super::memory::MemorySegment;
use super::record::{InstanceSegment, Part, type_of};
use super::table::TableSegment;
use super::values::{Extern, Global};
use crate::decode::{Reader, Section, limits};
use crate::isa::OutOfMemory;
use crate::isa::{ExternType, Trap, ValType};
use crate::prepare::Module;
use crate::validate::{
    ConstOp, ElementMode, Elements, MAX_CONST_DEPTH, read_const_op, read_data_head, read_element_head,
};

/// Why a module could not be instantiated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LinkErrorKind {
    /// Nobody provides the import.
    UnknownImport,
    /// What is provided has another type.
    IncompatibleImport,
    /// The arena is too small.
    OutOfMemory(OutOfMemory),
    /// An element or data segment does not fit.
    Trap(Trap),
}

/// A module could not be instantiated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LinkError {
    /// What went wrong.
    pub kind: LinkErrorKind,
    /// Index of the import that is at fault, if one is.
    pub import: u32,
}

impl From<OutOfMemory> for LinkError {
    fn from(lack: OutOfMemory) -> LinkError {
        LinkError { kind: LinkErrorKind::OutOfMemory(lack), import: 0 }
    }
}

impl From<Trap> for LinkError {
    fn from(trap: Trap) -> LinkError {
        LinkError { kind: LinkErrorKind::Trap(trap), import: 0 }
    }
}

#[cfg(feature = "prose")]
impl core::fmt::Display for LinkError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.kind {
            LinkErrorKind::UnknownImport => write!(f, "unknown import (number {}): nobody provides it", self.import),
            LinkErrorKind::IncompatibleImport => {
                write!(f, "incompatible import type (number {}): what is provided has another", self.import)
            }
            LinkErrorKind::OutOfMemory(lack) => write!(f, "the arena is too small: {lack}"),
            LinkErrorKind::Trap(trap) => write!(f, "{trap} (in a segment of the module)"),
        }
    }
}

#[cfg(feature = "prose")]
impl core::error::Error for LinkError {}

/// An instance in the making.
pub(crate) struct Linking<'a> {
    module: Module<'a>,
    pub(crate) instance: InstanceSegment,
    /// How many functions, tables, memories and globals have been imported.
    places: [u32; 4],
}

impl<'a> Linking<'a> {
    pub(crate) fn new(arena: &mut Arena<'a>, module: Module<'a>, func_base: u32) -> Result<Linking<'a>, OutOfMemory> {
        let instance = InstanceSegment::allocate(arena, &module, func_base)?;
        Ok(Linking { module, instance, places: [0; 4] })
    }

    /// Fills the next place of an index space with what was found for an import of this type.
    pub(crate) fn import(&mut self, arena: &mut Arena<'a>, wanted: &ExternType<'_>, found: Extern) -> bool {
        if !found.is_known(arena) || !matches(arena, wanted, found) {
            return false;
        }
        let (space, part, word) = match found {
            Extern::Func(func) => (0, Part::Funcs, func.0),
            Extern::Table(table) => (1, Part::Tables, table.0.0),
            Extern::Memory(memory) => (2, Part::Memories, memory.0.0),
            Extern::Global(Global(cell, _)) => (3, Part::ImportedGlobals, cell.segment),
        };
        let Some(next) = self.places.get_mut(space) else { return false };
        let mut place = *next;
        *next += 1;
        if let Extern::Global(Global(cell, _)) = found {
            place *= 2;
            self.instance.set_word(arena, part, place + 1, cell.offset);
        }
        self.instance.set_word(arena, part, place, word);
        true
    }

    /// Makes what the module defines itself, and initialises it.
    pub(crate) fn finish(&self, arena: &mut Arena<'a>) -> Result<(), LinkError> {
        let header = self.module.header();
        for place in header.imported_tables..header.tables {
            if let Some(ty) = self.module.table_type(place) {
                let table = TableSegment::allocate(arena, ty)?;
                self.instance.set_word(arena, Part::Tables, place, table.0);
            }
        }
        for place in header.imported_memories..header.memories {
            if let Some(ty) = self.module.memory_type(place) {
                let memory = MemorySegment::allocate(arena, ty)?;
                self.instance.set_word(arena, Part::Memories, place, memory.0);
            }
        }
        self.globals(arena);
        self.elements(arena)?;
        self.datas(arena)?;
        Ok(())
    }

    fn globals(&self, arena: &mut Arena<'a>) {
        let header = self.module.header();
        let mut reader = section(arena, self.instance, Section::Global);
        for index in header.imported_globals..header.globals {
            limits::global(&mut reader);
            let bits = evaluate(arena, self.instance, &mut reader);
            self.instance.global(arena, index).set(arena, bits);
        }
    }

    fn elements(&self, arena: &mut Arena<'a>) -> Result<(), Trap> {
        let mut reader = section(arena, self.instance, Section::Element);
        for index in 0..self.module.header().elements {
            let segment = ElementSegment::read(arena, self.instance, &mut reader);
            if let ElementMode::Active(table) = segment.mode
                && let Some(table) = self.instance.table(arena, table)
            {
                segment.check(arena, table, segment.offset, 0, segment.count)?;
                segment.init(arena, self.instance, table, segment.offset, 0, segment.count);
            }
            if segment.mode != ElementMode::Passive {
                self.instance.drop_segment(arena, Part::DroppedElements, index);
            }
            segment.skip(arena, self.instance, &mut reader);
        }
        Ok(())
    }

    fn datas(&self, arena: &mut Arena<'a>) -> Result<(), Trap> {
        let mut reader = section(arena, self.instance, Section::Data);
        for index in 0..self.module.header().datas {
            let segment = DataSegment::read(arena, self.instance, &mut reader);
            if let Some((memory, offset)) = segment.active {
                if let Some(memory) = self.instance.memory(arena, memory) {
                    memory.write(arena, offset, segment.bytes)?;
                }
                self.instance.drop_segment(arena, Part::DroppedDatas, index);
            }
        }
        Ok(())
    }
}

/// Whether what was found may stand for what is wanted.
fn matches(arena: &Arena<'_>, wanted: &ExternType<'_>, found: Extern) -> bool {
    match (wanted, found) {
        (ExternType::Func(ty), Extern::Func(func)) => type_of(arena, func.0) == Some(*ty),
        (ExternType::Table(ty), Extern::Table(table)) => {
            let has = table.0.ty(arena);
            let within = |most| has.maximum.is_some_and(|has| has <= most);
            has.element == ty.element && has.minimum >= ty.minimum && ty.maximum.is_none_or(within)
        }
        (ExternType::Memory(ty), Extern::Memory(memory)) => {
            let has = memory.0.ty(arena);
            let within = |most| has.maximum.is_some_and(|has| has <= most);
            has.page_size_log2 == ty.page_size_log2 && has.minimum >= ty.minimum && ty.maximum.is_none_or(within)
        }
        (ExternType::Global(ty), Extern::Global(global)) => *ty == global.1,
        _ => false,
    }
}

/// Reads a number of a valid module.
fn number(reader: &mut Reader<'_>) -> u32 {
    reader.u32()
}

/// Evaluates a constant expression of a valid module.
fn evaluate(arena: &Arena<'_>, instance: InstanceSegment, reader: &mut Reader<'_>) -> u64 {
    let mut values = [0u64; MAX_CONST_DEPTH];
    let mut depth = 0usize;
    loop {
        let value = match read_const_op(reader) {
            ConstOp::End => return values.first().copied().unwrap_or(0),
            ConstOp::Value(_, bits) => bits,
            ConstOp::Global(index) => instance.global(arena, index).get(arena),
            ConstOp::Func(index) => u64::from(instance.func(arena, index)),
            ConstOp::Arithmetic(ty, operator) => {
                depth = depth.saturating_sub(2);
                let at = |n: usize| values.get(depth + n).copied().unwrap_or(0);
                arithmetic(ty, operator, at(0), at(1))
            }
        };
        if let Some(slot) = values.get_mut(depth) {
            *slot = value;
        }
        depth += 1;
    }
}

fn arithmetic(ty: ValType, operator: u16, a: u64, b: u64) -> u64 {
    let wide = match operator {
        0 => a.wrapping_add(b),
        1 => a.wrapping_sub(b),
        _ => a.wrapping_mul(b),
    };
    if ty == ValType::I32 { u64::from(wide as u32) } else { wide }
}

/// An element segment of an instance.
pub(crate) struct ElementSegment<'m> {
    mode: ElementMode,
    elements: Elements,
    offset: u32,
    count: u32,
    reader: Reader<'m>,
}

impl<'m> ElementSegment<'m> {
    pub(crate) fn find(arena: &Arena<'m>, instance: InstanceSegment, index: u32) -> ElementSegment<'m> {
        let mut reader = section(arena, instance, Section::Element);
        for _ in 0..index {
            ElementSegment::read(arena, instance, &mut reader).skip(arena, instance, &mut reader);
        }
        ElementSegment::read(arena, instance, &mut reader)
    }

    /// Passes over the elements.
    fn skip(&self, arena: &Arena<'_>, instance: InstanceSegment, reader: &mut Reader<'m>) {
        for _ in 0..self.count {
            self.element(arena, instance, reader);
        }
    }

    /// Reads a segment's head; its reader is at the first element.
    fn read(arena: &Arena<'m>, instance: InstanceSegment, reader: &mut Reader<'m>) -> ElementSegment<'m> {
        let (mode, elements) = read_element_head(reader);
        let is_active = matches!(mode, ElementMode::Active(_));
        let offset = if is_active { evaluate(arena, instance, reader) as u32 } else { 0 };
        let elements = elements.finish(reader);
        let count = number(reader);
        ElementSegment { mode, elements, offset, count, reader: *reader }
    }

    fn element(&self, arena: &Arena<'_>, instance: InstanceSegment, reader: &mut Reader<'m>) -> u32 {
        match self.elements {
            Elements::Expressions(_) => evaluate(arena, instance, reader) as u32,
            _ => instance.func(arena, number(reader)),
        }
    }

    /// `table.init`: writes `len` elements from `from` on to the table, in whose range they are. A dropped segment has none.
    pub(crate) fn init(
        &self,
        arena: &mut Arena<'_>,
        instance: InstanceSegment,
        table: TableSegment,
        to: u32,
        from: u32,
        len: u32,
    ) {
        let mut reader = self.reader;
        for index in 0..from + len {
            let handle = self.element(arena, instance, &mut reader);
            if let Some(place) = index.checked_sub(from) {
                table.set(arena, to + place, handle);
            }
        }
    }

    /// Whether the segment and a table have the elements that `table.init` is to copy.
    pub(crate) fn check(
        &self,
        arena: &Arena<'_>,
        table: TableSegment,
        to: u32,
        from: u32,
        len: u32,
    ) -> Result<(), Trap> {
        let is_there = from.checked_add(len).is_some_and(|end| end <= self.count);
        if is_there { table.check(arena, to, len) } else { Err(Trap::TableOutOfBounds) }
    }

    /// What `elem.drop` leaves.
    pub(crate) fn without_elements(mut self) -> ElementSegment<'m> {
        self.count = 0;
        self
    }
}

/// A data segment of an instance.
pub(crate) struct DataSegment<'m> {
    /// Memory and offset of an active segment.
    active: Option<(u32, u32)>,
    pub(crate) bytes: &'m [u8],
}

impl<'m> DataSegment<'m> {
    pub(crate) fn find(arena: &Arena<'m>, instance: InstanceSegment, index: u32) -> DataSegment<'m> {
        let mut reader = section(arena, instance, Section::Data);
        for _ in 0..index {
            DataSegment::read(arena, instance, &mut reader);
        }
        DataSegment::read(arena, instance, &mut reader)
    }

    fn read(arena: &Arena<'_>, instance: InstanceSegment, reader: &mut Reader<'m>) -> DataSegment<'m> {
        let memory = read_data_head(reader);
        let active = memory.map(|memory| (memory, evaluate(arena, instance, reader) as u32));
        let len = number(reader);
        DataSegment { active, bytes: reader.bytes(len) }
    }
}

/// A section of an instance's module, behind the count that it begins with.
fn section<'m>(arena: &Arena<'m>, instance: InstanceSegment, section: Section) -> Reader<'m> {
    let mut reader = instance.module(arena).map_or(Reader::new(&[]), |module| module.section(section));
    number(&mut reader);
    reader
}

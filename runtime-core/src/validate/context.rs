//! What is known of the module while its parts are checked: the header that is kept for good, and index spaces in lent stacks.

use crate::decode::{ErrorKind, NO_ROOM, Reader, Section};
use crate::isa::{FuncType, ValType};
use crate::raw::Stacks;

/// An absent index or offset.
pub(crate) const NONE: u32 = u32::MAX;

/// The lent stacks, by use. `IMAGE` becomes the prepared module; the others are scratch.
pub(crate) mod stack {
    pub(crate) const IMAGE: usize = 0;
    pub(crate) const FUNCS: usize = 1;
    /// Offsets of their types in the module's bytes.
    pub(crate) const TABLES: usize = 2;
    pub(crate) const GLOBALS: usize = 3;
    /// Indices of types, to find equal ones; offsets of export names, to find duplicates; then which types the labels of a
    /// `br_table` were checked against.
    pub(crate) const SORT: usize = 4;
    /// Bits: functions that `ref.func` may name.
    pub(crate) const DECLARED: usize = 5;
    pub(crate) const LOCALS: usize = 6;
    pub(crate) const OPERANDS: usize = 7;
    pub(crate) const BLOCKS: usize = 8;
    /// Fuel deltas that wait for the end of the current path.
    pub(crate) const PENDING: usize = 9;
    /// Types of element segments.
    pub(crate) const ELEMENTS: usize = 10;
    /// Offsets of their types in the module's bytes.
    pub(crate) const MEMORIES: usize = 11;
    pub(crate) const COUNT: usize = 12;
}

/// Start and end of something in the module's bytes.
#[derive(Clone, Copy, Default, Debug)]
#[repr(C)]
pub(crate) struct Span {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Span {
    /// The content that a reader has before it.
    pub(crate) fn of(content: &Reader<'_>) -> Span {
        Span { from: content.offset(), to: content.end_offset() }
    }
}

/// The head of a prepared module, at offset 0 of its image. Like all entries of the image it has the same bytes on every
/// target: fields in order, of 32 bits, and no padding.
#[derive(Clone, Copy, Default, Debug)]
#[repr(C)]
pub(crate) struct Header {
    /// Where each section's content begins in the module's bytes; 0 if it is absent.
    pub(crate) sections: [u32; Section::COUNT],
    /// Where that of the code section ends.
    pub(crate) bodies_end: u32,
    /// Totals of the index spaces, imports included.
    pub(crate) types: u32,
    pub(crate) funcs: u32,
    pub(crate) tables: u32,
    pub(crate) memories: u32,
    pub(crate) globals: u32,
    pub(crate) imported_funcs: u32,
    pub(crate) imported_tables: u32,
    pub(crate) imported_memories: u32,
    pub(crate) imported_globals: u32,
    pub(crate) imports: u32,
    pub(crate) exports: u32,
    pub(crate) elements: u32,
    /// Data segments, as the data count section or else the data section says.
    pub(crate) datas: u32,
    /// Index of the start function, or `NONE`.
    pub(crate) start: u32,
    /// The name section's content.
    pub(crate) names: Span,
    /// Offsets in the image.
    pub(crate) type_table: u32,
    pub(crate) code: u32,
    pub(crate) code_end: u32,
    pub(crate) func_table: u32,
    /// Tables of offsets in the module's bytes.
    pub(crate) table_types: u32,
    pub(crate) memory_types: u32,
    pub(crate) global_types: u32,
    /// 1 if the code was prepared without folding, else 0.
    pub(crate) unfolded: u32,
}

impl Header {
    /// Where a section's content begins; 0 if it is absent.
    pub(crate) fn section(&self, section: Section) -> u32 {
        self.sections.get(section as usize).copied().unwrap_or(0)
    }

    pub(crate) fn own_funcs(&self) -> u32 {
        self.funcs - self.imported_funcs
    }
}

/// An entry of the type index space.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct TypeEntry {
    /// Offset of the function type in the module's bytes.
    pub(crate) offset: u32,
    /// The least index of an equal type, so that two types are equal if their `canonical` is.
    pub(crate) canonical: u32,
}

/// An entry of the function index space.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct FuncEntry {
    /// Offset of the prepared code from the image's code, in bytes; 0 for imports.
    pub(crate) code: u32,
    /// Index of the canonical type.
    pub(crate) ty: u32,
}

/// An entry of the global index space.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct GlobalEntry {
    content: u16,
    pub(crate) mutable: u16,
}

impl GlobalEntry {
    pub(crate) fn new(content: ValType, mutable: bool) -> GlobalEntry {
        GlobalEntry { content: content as u16, mutable: mutable as u16 }
    }

    pub(crate) fn content(self) -> ValType {
        ValType::from_byte(self.content as u8).unwrap_or(ValType::I32)
    }
}

/// The module so far.
pub(crate) struct Context<'m> {
    pub(crate) wasm: &'m [u8],
    pub(crate) stacks: Stacks<'m, { stack::COUNT }>,
    pub(crate) header: Header,
    /// Whether the multi-memory proposal is accepted.
    pub(crate) multi_memory: bool,
    /// Whether a data count section was there.
    pub(crate) has_data_count: bool,
}

impl<'m> Context<'m> {
    fn entry<T: Copy + Default>(&self, which: usize, index: u32, count: u32) -> Option<T> {
        (index < count).then(|| self.stacks.get(which, index * size_of::<T>() as u32))
    }

    pub(crate) fn type_entry(&self, index: u32) -> Option<TypeEntry> {
        (index < self.header.types).then(|| {
            let at = self.header.type_table + index * size_of::<TypeEntry>() as u32;
            self.stacks.get(stack::IMAGE, at)
        })
    }

    pub(crate) fn func_type(&self, type_index: u32) -> Option<FuncType<'m>> {
        let entry = self.type_entry(type_index)?;
        Some(Reader::at(self.wasm, entry.offset, NONE).func_type())
    }

    pub(crate) fn func(&self, index: u32) -> Option<FuncEntry> {
        self.entry(stack::FUNCS, index, self.header.funcs)
    }

    pub(crate) fn type_of_func(&self, index: u32) -> Option<FuncType<'m>> {
        self.func_type(self.func(index)?.ty)
    }

    pub(crate) fn table(&self, index: u32) -> Option<ValType> {
        let offset = self.entry::<u32>(stack::TABLES, index, self.header.tables)?;
        Some(Reader::at(self.wasm, offset, NONE).ref_type())
    }

    pub(crate) fn element_type(&self, index: u32) -> Option<ValType> {
        self.entry::<u8>(stack::ELEMENTS, index, self.header.elements).and_then(ValType::from_byte)
    }

    pub(crate) fn global(&self, index: u32) -> Option<GlobalEntry> {
        self.entry(stack::GLOBALS, index, self.header.globals)
    }

    /// Marks a function as one that `ref.func` may name in code.
    pub(crate) fn declare(&mut self, func: u32, reader: &mut Reader<'_>, at: u32) {
        if func >= self.header.funcs {
            return reader.fail_at(at, ErrorKind::UnknownFunction);
        }
        let words = self.header.funcs.div_ceil(32);
        while self.stacks.len(stack::DECLARED) < words * 4 {
            if self.stacks.push(stack::DECLARED, 0u32).is_err() {
                return reader.fail(NO_ROOM);
            }
        }
        let at = func / 32 * 4;
        let word: u32 = self.stacks.get(stack::DECLARED, at);
        self.stacks.set(stack::DECLARED, at, word | 1 << (func % 32));
    }

    pub(crate) fn is_declared(&self, func: u32) -> bool {
        let at = func / 32 * 4;
        at < self.stacks.len(stack::DECLARED) && self.stacks.get::<u32>(stack::DECLARED, at) >> (func % 32) & 1 == 1
    }
}

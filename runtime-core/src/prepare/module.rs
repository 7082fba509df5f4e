//! A prepared module: the proof that its bytes are valid, the code made of them, and what can be asked of both.

use super::function::{Observer, prepare_function};
use crate::decode::{ErrorKind, ModuleError, NO_ROOM, Reader, Section, limits, read_import};
use crate::engine::Engine;
use crate::isa::OutOfMemory;
use crate::isa::{ExternType, FuncType, GlobalType, MemoryType, TableType};
use crate::raw::{self, Image, Lent};
use crate::validate::{FuncEntry, GlobalEntry, Header, NONE, Sections, TypeEntry, stack};

/// A valid module and its prepared code, both borrowed. It is a few pointers; copy it freely.
#[derive(Clone, Copy)]
pub struct Module<'m> {
    wasm: &'m [u8],
    image: Image<'m>,
    header: &'m Header,
}

impl<'m> Module<'m> {
    /// Validates `wasm` and prepares its code in one pass.
    ///
    /// `memory` is the code memory: it keeps the prepared module (about as many bytes as the code has, plus eight for each
    /// function and type) and serves as scratch meanwhile.
    ///
    /// # Errors
    /// Whatever the specification calls malformed or invalid, a proposal that is not supported, or a limit: with the byte
    /// offset of the construct.
    pub fn new(engine: &Engine, wasm: &'m [u8], memory: &'m mut [u8]) -> Result<Module<'m>, ModuleError> {
        let mut sections = Sections::new(wasm, Lent::new(memory));
        sections.context.header.unfolded = u32::from(!engine.config().folding);
        sections.context.multi_memory = engine.config().multi_memory;
        let module = prepare(&mut sections);
        // There is room for a header if nothing has failed.
        let no_room = ModuleError { offset: 0, kind: NO_ROOM };
        sections.error().map_or(module.ok_or(no_room), Err)
    }

    /// A module whose image exists already; `None` if the image is too short for one.
    pub(super) fn existing(wasm: &'m [u8], image: Image<'m>) -> Option<Module<'m>> {
        image.view(0).map(|header| Module { wasm, image, header })
    }

    /// The module's own bytes.
    pub fn wasm(&self) -> &'m [u8] {
        self.wasm
    }

    pub(crate) fn header(&self) -> &'m Header {
        self.header
    }

    pub(crate) fn image(&self) -> Image<'m> {
        self.image
    }

    /// A reader of a section's content; an empty one if it is absent.
    pub(crate) fn section(&self, section: Section) -> Reader<'m> {
        match self.header().section(section) {
            0 => Reader::new(&[]),
            from => Reader::at(self.wasm, from, NONE),
        }
    }

    /// Bytes of the prepared module in the code memory: code, function and type tables.
    pub fn prepared_len_bytes(&self) -> usize {
        self.image.len() as usize
    }

    /// Bytes of the prepared operations alone.
    pub fn operations_len_bytes(&self) -> usize {
        let header = self.header();
        (header.code_end - header.code) as usize
    }

    /// Bytes of the module's code section.
    pub fn code_len_bytes(&self) -> usize {
        (self.header().bodies_end - self.header().section(Section::Code)) as usize
    }

    /// Functions that the module defines itself.
    pub fn functions(&self) -> u32 {
        self.header().own_funcs()
    }

    /// Index of the start function.
    pub fn start(&self) -> Option<u32> {
        Some(self.header().start).filter(|&start| start != NONE)
    }

    /// What the module imports, in order.
    pub fn imports(&self) -> Imports<'m> {
        let mut reader = self.section(Section::Import);
        let left = reader.count();
        Imports { module: *self, reader, left }
    }

    /// What the module exports, in order.
    pub fn exports(&self) -> Exports<'m> {
        let mut reader = self.section(Section::Export);
        let left = reader.count();
        Exports { module: *self, reader, left }
    }

    /// The memories: imported ones first, then the module's own.
    pub fn memories(&self) -> impl Iterator<Item = MemoryType> + use<'m> {
        let module = *self;
        (0..module.header().memories).filter_map(move |index| module.memory_type(index))
    }

    /// The tables: imported ones first, then the module's own.
    pub fn tables(&self) -> impl Iterator<Item = TableType> + use<'m> {
        let module = *self;
        (0..module.header().tables).filter_map(move |index| module.table_type(index))
    }

    /// The type of a memory, imports first.
    pub(crate) fn memory_type(&self, index: u32) -> Option<MemoryType> {
        Some(limits::memory(&mut self.place(self.header().memory_types, index, self.header().memories)?))
    }

    /// The type of a table, imports first.
    pub(crate) fn table_type(&self, index: u32) -> Option<TableType> {
        Some(limits::table(&mut self.place(self.header().table_types, index, self.header().tables)?))
    }

    /// A reader at the offset that a table of `count` offsets has for `index`.
    fn place(&self, table: u32, index: u32, count: u32) -> Option<Reader<'m>> {
        (index < count).then(|| Reader::at(self.wasm, self.image.get32(table + index * 4), u32::MAX))
    }

    pub(crate) fn type_entry(&self, index: u32) -> TypeEntry {
        self.image.take(self.header().type_table + index * size_of::<TypeEntry>() as u32)
    }

    pub(crate) fn func_type(&self, type_index: u32) -> FuncType<'m> {
        let offset = self.type_entry(type_index).offset;
        Reader::at(self.wasm, offset, NONE).func_type()
    }

    /// The entry of a function, imports first.
    pub(crate) fn func(&self, index: u32) -> FuncEntry {
        self.image.take(self.header().func_table + index * size_of::<FuncEntry>() as u32)
    }

    /// The type of a function, imports first.
    pub(crate) fn type_of_func(&self, index: u32) -> FuncType<'m> {
        self.func_type(self.func(index).ty)
    }

    pub(crate) fn global(&self, index: u32) -> GlobalType {
        let entry: GlobalEntry = self.image.take(self.header().global_types + index * size_of::<GlobalEntry>() as u32);
        GlobalType { content: entry.content(), mutable: entry.mutable != 0 }
    }

    /// A function's name as the name section has it.
    pub fn name_of(&self, func_index: u32) -> Option<&'m str> {
        let names = self.header().names;
        let mut reader = Reader::at(self.wasm, names.from, names.to);
        while !reader.is_at_end() {
            let id = reader.byte();
            let len = reader.u32();
            let mut part = reader.part(len);
            if id == 1 {
                for _ in 0..part.count() {
                    let index = part.u32();
                    let name = part.name();
                    if part.has_failed() {
                        return None;
                    }
                    if index == func_index {
                        return Some(name);
                    }
                }
            }
        }
        None
    }

    /// The own function whose code holds this byte offset from the image's code; functions lie in order.
    pub(crate) fn func_at(&self, code_offset: u32) -> u32 {
        let header = self.header();
        let (mut low, mut high) = (header.imported_funcs, header.funcs);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if self.func(middle).code <= code_offset { low = middle } else { high = middle }
        }
        low
    }

    /// Offset in the module of the instruction whose operation lies `code_offset` bytes into the image's code: the function is
    /// prepared once more and watched. `scratch` needs what preparing needs beside the code.
    pub fn locate(&self, code_offset: u32, scratch: &mut [u8]) -> Result<u32, OutOfMemory> {
        let index = self.func_at(code_offset);
        let unit = (code_offset - self.func(index).code) / 2;
        let mut found = 0;
        self.prepare_again(index, scratch, &mut |at, offset| {
            if at <= unit {
                found = offset;
            }
        })?;
        Ok(found)
    }

    /// Prepares one function again in `scratch`, telling `observer` the unit and the Wasm offset of each operation.
    pub(crate) fn prepare_again(
        &self,
        index: u32,
        scratch: &mut [u8],
        observer: Observer<'_>,
    ) -> Result<(), OutOfMemory> {
        // The scratch is borrowed for less than `'m`; a copy of the reference to the bytes lives as long as is needed.
        let wasm: &[u8] = self.wasm;
        let mut sections = Sections::new(wasm, Lent::new(scratch));
        sections.context.header.unfolded = self.header().unfolded;
        again(&mut sections, index, observer);
        match sections.error().map(|error| error.kind) {
            Some(ErrorKind::OutOfMemory(lack)) => Err(lack),
            _ => Ok(()),
        }
    }

    pub(crate) fn unit(&self, code_offset: u32) -> u16 {
        self.image.get16(self.header().code + code_offset)
    }
}

/// Validates and prepares a module, which is one if nothing has failed.
fn prepare<'m>(sections: &mut Sections<'m>) -> Option<Module<'m>> {
    sections.begin();
    while sections.next() {
        sections.context.header.code = sections.context.stacks.len(stack::IMAGE);
        for index in sections.context.header.imported_funcs..sections.context.header.funcs {
            if sections.reader.has_failed() {
                break;
            }
            prepare_body(sections, index, &mut |_, _| {});
        }
        sections.end_section();
        sections.context.header.code_end = sections.context.stacks.len(stack::IMAGE);
    }
    // A function that broke off leaves the image anywhere, and what is appended begins at multiples of 8.
    if sections.reader.has_failed() { None } else { finish(sections) }
}

/// Prepares one function of a module that is known to be valid.
fn again(sections: &mut Sections<'_>, index: u32, observer: Observer<'_>) {
    sections.begin();
    if sections.next() {
        for _ in sections.context.header.imported_funcs..index {
            let len = sections.reader.u32();
            sections.reader.bytes(len);
        }
        prepare_body(sections, index, observer);
    }
}

/// Prepares the next body of the code section and notes where its code is.
fn prepare_body(sections: &mut Sections<'_>, index: u32, observer: Observer<'_>) {
    let Sections { context, reader, .. } = sections;
    let len = reader.u32();
    let outer = reader.enter(len);
    let (Some(mut entry), Some(ty)) = (context.func(index), context.type_of_func(index)) else {
        return reader.fail(ErrorKind::UnknownFunction);
    };
    let start = prepare_function(context, reader, ty, entry.ty, observer);
    reader.leave(outer);
    if start > i32::MAX as u32 {
        return reader.fail(ErrorKind::CodeTooLarge);
    }
    entry.code = start - context.header.code;
    context.stacks.set(stack::FUNCS, index * size_of::<FuncEntry>() as u32, entry);
}

/// Appends the index spaces to the image and writes its header.
fn finish<'m>(sections: &mut Sections<'m>) -> Option<Module<'m>> {
    while !sections.context.stacks.len(stack::IMAGE).is_multiple_of(8) && !sections.reader.has_failed() {
        sections.push(stack::IMAGE, 0u8);
    }
    sections.context.header.func_table = append(sections, stack::FUNCS);
    sections.context.header.table_types = append(sections, stack::TABLES);
    sections.context.header.memory_types = append(sections, stack::MEMORIES);
    sections.context.header.global_types = append(sections, stack::GLOBALS);
    let context = &mut sections.context;
    context.stacks.set(stack::IMAGE, 0, context.header);
    let len = context.stacks.len(stack::IMAGE);
    let image = context.stacks.memory().shortened(len);
    Module::existing(context.wasm, Image::made(image))
}

fn append(sections: &mut Sections<'_>, from: usize) -> u32 {
    let start = sections.context.stacks.len(stack::IMAGE);
    for at in (0..sections.context.stacks.len(from)).step_by(4) {
        let word: u32 = sections.context.stacks.get(from, at);
        sections.push(stack::IMAGE, word);
    }
    start
}

/// An entry of the import section.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Import<'m> {
    /// First name: the module that it is asked of.
    pub module: &'m str,
    /// Second name: the field.
    pub name: &'m str,
    /// What is wanted.
    pub ty: ExternType<'m>,
}

/// An entry of the export section.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Export<'m> {
    /// Its name.
    pub name: &'m str,
    /// What is offered.
    pub ty: ExternType<'m>,
    /// Its index in the index space of its kind.
    pub index: u32,
}

/// Iterator over the imports of a module.
#[derive(Clone)]
pub struct Imports<'m> {
    module: Module<'m>,
    reader: Reader<'m>,
    left: u32,
}

impl<'m> Iterator for Imports<'m> {
    type Item = Import<'m>;

    fn next(&mut self) -> Option<Import<'m>> {
        self.left = self.left.checked_sub(1)?;
        let raw = read_import(&mut self.reader);
        let ty = match raw.kind {
            0 => ExternType::Func(self.module.func_type(self.reader.u32())),
            1 => ExternType::Table(limits::table(&mut self.reader)),
            2 => ExternType::Memory(limits::memory(&mut self.reader)),
            _ => ExternType::Global(limits::global(&mut self.reader)),
        };
        Some(Import { module: raw.module, name: raw.name, ty })
    }
}

/// Iterator over the exports of a module.
#[derive(Clone)]
pub struct Exports<'m> {
    module: Module<'m>,
    reader: Reader<'m>,
    left: u32,
}

impl<'m> Exports<'m> {
    /// Reads a name, a kind and an index.
    fn entry(&mut self) -> (&'m [u8], u8, u32) {
        let len = self.reader.u32();
        (self.reader.bytes(len), self.reader.byte(), self.reader.u32())
    }

    /// Names and indices without the types, which take time to look up.
    pub(crate) fn find(mut self, wanted: &str) -> Option<(u8, u32)> {
        for _ in 0..self.left {
            let (name, kind, index) = self.entry();
            if name == wanted.as_bytes() {
                return Some((kind, index));
            }
        }
        None
    }
}

impl<'m> Iterator for Exports<'m> {
    type Item = Export<'m>;

    fn next(&mut self) -> Option<Export<'m>> {
        self.left = self.left.checked_sub(1)?;
        let (name, kind, index) = self.entry();
        let name = raw::checked_str(name);
        let ty = match kind {
            0 => ExternType::Func(self.module.type_of_func(index)),
            1 => ExternType::Table(self.module.table_type(index)?),
            2 => ExternType::Memory(self.module.memory_type(index)?),
            _ => ExternType::Global(self.module.global(index)),
        };
        Some(Export { name, ty, index })
    }
}

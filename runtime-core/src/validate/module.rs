//! The sections of a module, each checked against what came before it. Bodies of functions are left to the caller.

use super::constant::read_const;
use super::context::{Context, FuncEntry, GlobalEntry, Header, NONE, Span, TypeEntry, stack};
use super::sort::{sort, sorted};
use crate::decode::{ErrorKind, ModuleError, NO_ROOM, Reader, Section, limits, read_import};
use crate::isa::{GlobalType, ValType};
use crate::raw::{Lent, Stacks};
use core::cmp::Ordering;

const MAX_FUNCTIONS: u32 = 1_000_000;
const MAX_TYPES: u32 = 0xFFFF;
/// Parameters of a function or block, and results: what the JavaScript interface allows too. Each use of a type takes time in
/// proportion to them.
const MAX_VALUES: usize = 1000;
/// Tables of a module, and memories: as above, since each takes a segment of the arena, and growing one slides the others.
const MAX_TABLES: u32 = 100;
/// Globals are addressed by byte offset in a 16-bit operand, eight bytes each.
const MAX_GLOBALS: u32 = 0x1FFF;

/// The walk over a module's sections.
pub(crate) struct Sections<'m> {
    pub(crate) context: Context<'m>,
    /// What is read, and where a failure is.
    pub(crate) reader: Reader<'m>,
    last: Option<Section>,
    /// Functions that the function section announced and the code section must have.
    announced: u32,
    code_seen: bool,
}

impl<'m> Sections<'m> {
    pub(crate) fn new(wasm: &'m [u8], memory: Lent<'m>) -> Sections<'m> {
        let header = Header { start: NONE, ..Header::default() };
        let context = Context { wasm, stacks: Stacks::new(memory), header, multi_memory: true, has_data_count: false };
        Sections { context, reader: Reader::new(wasm), last: None, announced: 0, code_seen: false }
    }

    /// Why the module is refused, if it is.
    pub(crate) fn error(&self) -> Option<ModuleError> {
        let (failure, offset) = self.reader.failure()?;
        Some(ModuleError { offset, kind: failure.kind(self.context.stacks.lack()) })
    }

    /// Pushes an entry of an index space or of the image.
    pub(crate) fn push<T: Copy>(&mut self, which: usize, value: T) {
        if self.context.stacks.push(which, value).is_err() {
            self.reader.fail(NO_ROOM);
        }
    }

    /// Checks the magic number and the version, and makes room for the header.
    pub(crate) fn begin(&mut self) {
        const VERSION: u32 = 4;
        match self.context.wasm {
            [b'\0', b'a', b's', b'm', rest @ ..] => match rest {
                [1, 0, 0, 0, ..] => {}
                [_, _, 1, 0, ..] => self.reader.fail_at(VERSION, ErrorKind::Component),
                _ => self.reader.fail_at(VERSION, ErrorKind::BadVersion),
            },
            _ => self.reader.fail(ErrorKind::BadMagic),
        }
        if self.context.wasm.len() > (u32::MAX / 2) as usize {
            self.reader.fail_at(VERSION, ErrorKind::CodeTooLarge);
        }
        self.reader.go_to(VERSION * 2);
        self.push(stack::IMAGE, self.context.header);
        self.context.header.type_table = self.context.stacks.len(stack::IMAGE);
    }

    /// Checks sections until the code section, whose first body is then next to be read, or the module's end, which gives false.
    pub(crate) fn next(&mut self) -> bool {
        while !self.reader.is_at_end() {
            let at = self.reader.offset();
            let id = self.reader.byte();
            let section = Section::from_id(id, &mut self.reader, at);
            let len = self.reader.u32();
            let outer = self.reader.enter(len);
            let Some(section) = section else {
                self.custom();
                self.reader.leave(outer);
                continue;
            };
            if self.last.is_some_and(|last| section <= last) {
                self.reader.fail_at(at, ErrorKind::SectionOrder);
                return false;
            }
            self.last = Some(section);
            if let Some(place) = self.context.header.sections.get_mut(section as usize) {
                *place = self.reader.offset();
            }
            if section == Section::Code {
                self.context.header.bodies_end = self.reader.end_offset();
                self.code_seen = true;
                if self.reader.u32() != self.announced {
                    self.reader.fail_at(at, ErrorKind::FunctionCodeMismatch);
                }
                return !self.reader.has_failed();
            }
            self.section(section);
            self.end_section();
        }
        self.finish();
        false
    }

    /// Checks that a section was read to its end, and goes on behind it.
    pub(crate) fn end_section(&mut self) {
        if !self.reader.is_at_end() {
            self.reader.fail(ErrorKind::SectionSize);
        }
        self.reader.leave(self.context.wasm.len() as u32);
    }

    fn finish(&mut self) {
        if !self.code_seen && self.announced != 0 {
            self.reader.fail(ErrorKind::FunctionCodeMismatch);
        }
        if self.context.has_data_count
            && self.context.header.datas != 0
            && self.context.header.section(Section::Data) == 0
        {
            self.reader.fail(ErrorKind::DataCountMismatch);
        }
    }

    fn custom(&mut self) {
        if self.reader.name() == "name" {
            self.context.header.names = Span::of(&self.reader);
        }
        self.reader.go_to(self.reader.end_offset());
    }

    fn section(&mut self, section: Section) {
        if section == Section::Start {
            return self.start();
        }
        if section == Section::DataCount {
            self.context.has_data_count = true;
            self.context.header.datas = self.reader.u32();
            return;
        }
        let count = self.reader.count();
        let entry = match section {
            Section::Type => return self.types(count),
            Section::Import => return self.imports(count),
            Section::Export => return self.exports(count),
            Section::Function => {
                self.announced = count;
                Sections::function
            }
            Section::Table => Sections::table,
            Section::Memory => Sections::memory,
            Section::Global => Sections::global,
            Section::Element => {
                self.context.header.elements = count;
                Sections::element
            }
            _ => {
                if self.context.has_data_count && self.context.header.datas != count {
                    self.reader.fail(ErrorKind::DataCountMismatch);
                }
                self.context.header.datas = count;
                Sections::data
            }
        };
        self.each(count, entry);
    }

    /// Reads the entries of a vector, unless one fails.
    fn each(&mut self, count: u32, entry: fn(&mut Sections<'m>)) {
        for _ in 0..count {
            if self.reader.has_failed() {
                return;
            }
            entry(self);
        }
    }

    fn types(&mut self, count: u32) {
        if count > MAX_TYPES {
            return self.reader.fail(ErrorKind::TooManyTypes);
        }
        self.each(count, Sections::ty);
        self.find_equal_types(self.context.header.types);
        self.context.stacks.truncate(stack::SORT, 0);
    }

    fn ty(&mut self) {
        let offset = self.reader.offset();
        let ty = self.reader.func_type();
        if ty.params.len().max(ty.results.len()) > MAX_VALUES {
            self.reader.fail_at(offset, ErrorKind::LongType);
        }
        let index = self.context.header.types;
        self.push(stack::IMAGE, TypeEntry { offset, canonical: index });
        self.push(stack::SORT, index);
        // Types of a module that is refused are not compared.
        self.context.header.types = if self.reader.has_failed() { 0 } else { index + 1 };
    }

    /// Lets equal types know the first of them.
    fn find_equal_types(&mut self, count: u32) {
        let context = &mut self.context;
        sort(context, count, compare_types);
        for place in 1..count {
            let (before, index) = (sorted(context, place - 1), sorted(context, place));
            if let (Some(first), Some(entry)) = (context.type_entry(before), context.type_entry(index))
                && context.func_type(before) == context.func_type(index)
            {
                let at = context.header.type_table + index * size_of::<TypeEntry>() as u32;
                context.stacks.set(stack::IMAGE, at, TypeEntry { canonical: first.canonical, ..entry });
            }
        }
    }

    fn imports(&mut self, count: u32) {
        self.context.header.imports = count;
        self.each(count, Sections::import);
        let header = &mut self.context.header;
        header.imported_funcs = header.funcs;
        header.imported_tables = header.tables;
        header.imported_memories = header.memories;
        header.imported_globals = header.globals;
    }

    fn import(&mut self) {
        match read_import(&mut self.reader).kind {
            0 => self.function(),
            1 => self.table_type(),
            2 => self.memory(),
            _ => {
                let at = self.reader.offset();
                let ty = limits::global(&mut self.reader);
                self.add_global(ty, at);
            }
        }
    }

    fn function(&mut self) {
        let at = self.reader.offset();
        let type_index = self.reader.u32();
        let Some(entry) = self.context.type_entry(type_index) else {
            return self.reader.fail_at(at, ErrorKind::UnknownType);
        };
        if self.context.header.funcs >= MAX_FUNCTIONS {
            return self.reader.fail_at(at, ErrorKind::TooManyFunctions);
        }
        self.context.header.funcs += 1;
        self.push(stack::FUNCS, FuncEntry { code: 0, ty: entry.canonical });
    }

    fn table(&mut self) {
        if self.reader.peek() == Some(0x40) {
            return self.reader.fail(ErrorKind::Gc);
        }
        self.table_type();
    }

    /// The table of a type; its place is noted.
    fn table_type(&mut self) {
        let at = self.reader.offset();
        limits::table(&mut self.reader);
        if self.context.header.tables >= MAX_TABLES {
            return self.reader.fail_at(at, ErrorKind::TooManyTables);
        }
        self.context.header.tables += 1;
        self.push(stack::TABLES, at);
    }

    fn memory(&mut self) {
        let at = self.reader.offset();
        limits::memory(&mut self.reader);
        if self.context.header.memories != 0 && !self.context.multi_memory {
            return self.reader.fail_at(at, ErrorKind::MultipleMemories);
        }
        if self.context.header.memories >= MAX_TABLES {
            return self.reader.fail_at(at, ErrorKind::TooManyTables);
        }
        self.context.header.memories += 1;
        self.push(stack::MEMORIES, at);
    }

    fn global(&mut self) {
        let at = self.reader.offset();
        let ty = limits::global(&mut self.reader);
        read_const(&mut self.context, &mut self.reader, ty.content);
        self.add_global(ty, at);
    }

    fn add_global(&mut self, ty: GlobalType, at: u32) {
        if self.context.header.globals >= MAX_GLOBALS {
            return self.reader.fail_at(at, ErrorKind::TooManyGlobals);
        }
        self.context.header.globals += 1;
        self.push(stack::GLOBALS, GlobalEntry::new(ty.content, ty.mutable));
    }

    fn exports(&mut self, count: u32) {
        self.context.header.exports = count;
        self.each(count, Sections::export);
        if !self.reader.has_failed() {
            self.duplicates(count);
        }
    }

    fn export(&mut self) {
        self.push(stack::SORT, self.reader.offset());
        self.reader.name();
        let at = self.reader.offset();
        let kind = self.reader.byte();
        let index = self.reader.u32();
        let header = &self.context.header;
        let (count, error) = match kind {
            0 => return self.context.declare(index, &mut self.reader, at),
            1 => (header.tables, ErrorKind::UnknownTable),
            2 => (header.memories, ErrorKind::UnknownMemory),
            3 => (header.globals, ErrorKind::UnknownGlobal),
            4 => (0, ErrorKind::Exceptions),
            _ => (0, ErrorKind::MalformedExportKind),
        };
        if index >= count {
            self.reader.fail_at(at, error);
        }
    }

    /// Sorts the names' offsets by name and compares neighbours.
    fn duplicates(&mut self, count: u32) {
        let context = &mut self.context;
        sort(context, count, |context, a, b| export_name(context, a).cmp(export_name(context, b)));
        for index in 1..count {
            let (one, other) = (sorted(context, index - 1), sorted(context, index));
            if export_name(context, one) == export_name(context, other) {
                return self.reader.fail_at(one.max(other), ErrorKind::DuplicateExport);
            }
        }
        self.context.stacks.truncate(stack::SORT, 0);
    }

    fn start(&mut self) {
        let at = self.reader.offset();
        let index = self.reader.u32();
        self.context.header.start = index;
        match self.context.type_of_func(index) {
            None => self.reader.fail_at(at, ErrorKind::UnknownFunction),
            Some(ty) if ty.params.is_empty() && ty.results.is_empty() => {}
            Some(_) => self.reader.fail_at(at, ErrorKind::StartType),
        }
    }

    fn element(&mut self) {
        let at = self.reader.offset();
        let (mode, elements) = read_element_head(&mut self.reader);
        if let ElementMode::Active(table) = mode {
            if self.context.table(table).is_none() {
                return self.reader.fail_at(at, ErrorKind::UnknownTable);
            }
            read_const(&mut self.context, &mut self.reader, ValType::I32);
        }
        // The kind or type stands between the offset expression and the elements of an active segment.
        let elements = elements.finish(&mut self.reader);
        if let ElementMode::Active(table) = mode
            && self.context.table(table) != Some(elements.ty())
        {
            return self.reader.fail_at(at, ErrorKind::TypeMismatch);
        }
        self.push(stack::ELEMENTS, elements.ty() as u8);
        let count = self.reader.count();
        self.each(
            count,
            match elements {
                Elements::Expressions(ValType::ExternRef) => {
                    |sections| read_const(&mut sections.context, &mut sections.reader, ValType::ExternRef)
                }
                Elements::Expressions(_) => {
                    |sections| read_const(&mut sections.context, &mut sections.reader, ValType::FuncRef)
                }
                _ => |sections| {
                    let at = sections.reader.offset();
                    let func = sections.reader.u32();
                    sections.context.declare(func, &mut sections.reader, at);
                },
            },
        );
    }

    fn data(&mut self) {
        let at = self.reader.offset();
        if let Some(memory) = read_data_head(&mut self.reader) {
            if memory >= self.context.header.memories {
                return self.reader.fail_at(at, ErrorKind::UnknownMemory);
            }
            read_const(&mut self.context, &mut self.reader, ValType::I32);
        }
        let len = self.reader.u32();
        self.reader.bytes(len);
    }
}

/// The name of an export, by its offset.
fn export_name<'m>(context: &Context<'m>, offset: u32) -> &'m [u8] {
    let mut reader = Reader::at(context.wasm, offset, u32::MAX);
    let len = reader.u32();
    reader.bytes(len)
}

/// The order of types, and of indices where the types are equal.
fn compare_types(context: &Context<'_>, a: u32, b: u32) -> Ordering {
    let (Some(one), Some(other)) = (context.func_type(a), context.func_type(b)) else { return a.cmp(&b) };
    let bytes = |types: &'_ [ValType], others: &'_ [ValType]| {
        types.iter().map(|ty| *ty as u8).cmp(others.iter().map(|ty| *ty as u8))
    };
    bytes(one.params, other.params).then_with(|| bytes(one.results, other.results)).then(a.cmp(&b))
}

/// Where an element segment's content goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ElementMode {
    /// Into the table with this index, at the offset expression that follows
    Active(u32),
    Passive,
    Declared,
}

/// How an element segment writes its elements.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Elements {
    /// Function indices, with no kind written
    Implied,
    /// Function indices; the kind byte is still to come
    Kind,
    /// Expressions of type funcref, with no type written
    ImpliedExpressions,
    /// Expressions; the type is still to come
    Type,
    /// Function indices
    Functions,
    /// Expressions of this type
    Expressions(ValType),
}

impl Elements {
    fn ty(self) -> ValType {
        match self {
            Elements::Expressions(ty) => ty,
            _ => ValType::FuncRef,
        }
    }

    /// Reads the kind or type that stands before the elements.
    pub(crate) fn finish(self, reader: &mut Reader<'_>) -> Elements {
        match self {
            Elements::Kind => {
                let at = reader.offset();
                if reader.byte() != 0 {
                    reader.fail_at(at, ErrorKind::MalformedElementKind);
                }
                Elements::Functions
            }
            Elements::Implied => Elements::Functions,
            Elements::ImpliedExpressions => Elements::Expressions(ValType::FuncRef),
            Elements::Type => Elements::Expressions(reader.ref_type()),
            done => done,
        }
    }
}

/// Reads an element segment's flags and table index; an offset expression follows if it is active, then what
/// `Elements::finish` reads.
pub(crate) fn read_element_head(reader: &mut Reader<'_>) -> (ElementMode, Elements) {
    let at = reader.offset();
    let flags = reader.u32();
    let mode = match flags & 3 {
        0 => ElementMode::Active(0),
        1 => ElementMode::Passive,
        2 => ElementMode::Active(reader.u32()),
        _ => ElementMode::Declared,
    };
    let elements = match flags {
        0 => Elements::Implied,
        1..=3 => Elements::Kind,
        4 => Elements::ImpliedExpressions,
        _ => Elements::Type,
    };
    if flags > 7 {
        reader.fail_at(at, ErrorKind::MalformedElementKind);
    }
    (mode, elements)
}

/// Reads a data segment's flags and memory index; `None` if it is passive. An offset expression follows if it is active.
pub(crate) fn read_data_head(reader: &mut Reader<'_>) -> Option<u32> {
    let at = reader.offset();
    match reader.u32() {
        0 => Some(0),
        1 => None,
        2 => Some(reader.u32()),
        _ => {
            reader.fail_at(at, ErrorKind::MalformedDataKind);
            None
        }
    }
}

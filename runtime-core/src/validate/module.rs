//! The sections of a module, each checked against what came before it. Bodies of functions are left to the caller.

use super::constant::read_const;
use super::context::{Context, FuncEntry, GlobalEntry, Header, NONE, Span, TypeEntry, stack};
use super::sort::{sort, sorted};
use crate::decode::{ErrorKind, ImportKind, Reader, Result, Section, limits, read_import};
use crate::isa::ValType;
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
    reader: Reader<'m>,
    last: Option<Section>,
    /// Functions that the function section announced and the code section must have.
    announced: u32,
    code_seen: bool,
}

impl<'m> Sections<'m> {
    /// Checks the magic number and the version.
    pub(crate) fn new(wasm: &'m [u8], memory: Lent<'m>) -> Result<Sections<'m>> {
        let mut reader = Reader::new(wasm);
        let start = reader;
        if reader.bytes(4).ok() != Some(b"\0asm") {
            return start.error(ErrorKind::BadMagic);
        }
        let version = reader;
        match reader.bytes(4).ok() {
            Some([1, 0, 0, 0]) => {}
            Some([_, _, 1, 0]) => return version.error(ErrorKind::Component),
            _ => return version.error(ErrorKind::BadVersion),
        }
        if wasm.len() > (u32::MAX / 2) as usize {
            return version.error(ErrorKind::CodeTooLarge);
        }
        let header = Header { start: NONE, ..Header::default() };
        let mut context =
            Context { wasm, stacks: Stacks::new(memory), header, multi_memory: true, has_data_count: false };
        context.push(stack::IMAGE, header, 0)?;
        context.header.type_table = context.stacks.len(stack::IMAGE);
        Ok(Sections { context, reader, last: None, announced: 0, code_seen: false })
    }

    /// Checks sections until the code section, whose content is given to the caller, or the module's end.
    pub(crate) fn next(&mut self) -> Result<Option<Reader<'m>>> {
        while !self.reader.is_at_end() {
            let at = self.reader;
            let id = self.reader.byte()?;
            let section = Section::from_id(id, &at)?;
            let len = self.reader.u32()?;
            let mut content = match self.reader.part(len) {
                Ok(content) => content,
                Err(_) => return self.reader.error(ErrorKind::UnexpectedEnd),
            };
            let Some(section) = section else {
                self.custom(&mut content)?;
                continue;
            };
            if self.last.is_some_and(|last| section <= last) {
                return at.error(ErrorKind::SectionOrder);
            }
            self.last = Some(section);
            if let Some(place) = self.context.header.sections.get_mut(section as usize) {
                *place = Span::of(&content);
            }
            if section == Section::Code {
                self.code_seen = true;
                let count = content.u32()?;
                if count != self.announced {
                    return at.error(ErrorKind::FunctionCodeMismatch);
                }
                return Ok(Some(content));
            }
            self.section(section, &mut content)?;
            if !content.is_at_end() {
                return content.error(ErrorKind::SectionSize);
            }
        }
        self.finish()
    }

    fn finish(&mut self) -> Result<Option<Reader<'m>>> {
        if !self.code_seen && self.announced != 0 {
            return self.reader.error(ErrorKind::FunctionCodeMismatch);
        }
        if self.context.has_data_count
            && self.context.header.datas != 0
            && self.context.header.section(Section::Data).is_none()
        {
            return self.reader.error(ErrorKind::DataCountMismatch);
        }
        Ok(None)
    }

    fn custom(&mut self, content: &mut Reader<'m>) -> Result<()> {
        if content.name()? == "name" {
            self.context.header.names = Span::of(content);
        }
        Ok(())
    }

    fn section(&mut self, section: Section, r: &mut Reader<'m>) -> Result<()> {
        if section == Section::Start {
            return self.start(r);
        }
        if section == Section::DataCount {
            self.context.has_data_count = true;
            self.context.header.datas = r.u32()?;
            return Ok(());
        }
        let count = r.count()?;
        match section {
            Section::Type => self.types(r, count),
            Section::Import => self.imports(r, count),
            Section::Function => self.functions(r, count),
            Section::Table => (0..count).try_for_each(|_| self.table(r)),
            Section::Memory => (0..count).try_for_each(|_| {
                let at = *r;
                limits::memory(r)?;
                self.add_memory(&at)
            }),
            Section::Global => (0..count).try_for_each(|_| {
                let at = *r;
                let ty = limits::global(r)?;
                read_const(&mut self.context, r, ty.content)?;
                self.add_global(GlobalEntry::new(ty.content, ty.mutable), &at)
            }),
            Section::Export => self.exports(r, count),
            Section::Element => {
                self.context.header.elements = count;
                (0..count).try_for_each(|_| self.element(r))
            }
            _ => self.datas(r, count),
        }
    }

    fn types(&mut self, r: &mut Reader<'m>, count: u32) -> Result<()> {
        if count > MAX_TYPES {
            return r.error(ErrorKind::TooManyTypes);
        }
        for index in 0..count {
            let at = *r;
            let ty = r.func_type()?;
            if ty.params.len().max(ty.results.len()) > MAX_VALUES {
                return at.error(ErrorKind::LongType);
            }
            self.context.push(stack::IMAGE, TypeEntry { offset: at.offset(), canonical: index }, at.offset())?;
            self.context.push(stack::SORT, index, at.offset())?;
            self.context.header.types = index + 1;
        }
        self.find_equal_types(count);
        self.context.stacks.truncate(stack::SORT, 0);
        Ok(())
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

    fn imports(&mut self, r: &mut Reader<'m>, count: u32) -> Result<()> {
        self.context.header.imports = count;
        for _ in 0..count {
            let at = *r;
            let import = read_import(r)?;
            match import.kind {
                ImportKind::Func(ty) => self.add_func(ty, &at)?,
                ImportKind::Table(_) => self.add_table(&import.ty)?,
                ImportKind::Memory(_) => self.add_memory(&import.ty)?,
                ImportKind::Global(ty) => self.add_global(GlobalEntry::new(ty.content, ty.mutable), &at)?,
            }
        }
        let header = &mut self.context.header;
        header.imported_funcs = header.funcs;
        header.imported_tables = header.tables;
        header.imported_memories = header.memories;
        header.imported_globals = header.globals;
        Ok(())
    }

    fn functions(&mut self, r: &mut Reader<'m>, count: u32) -> Result<()> {
        self.announced = count;
        (0..count).try_for_each(|_| {
            let at = *r;
            let ty = r.u32()?;
            self.add_func(ty, &at)
        })
    }

    fn add_func(&mut self, type_index: u32, at: &Reader<'_>) -> Result<()> {
        let Some(entry) = self.context.type_entry(type_index) else { return at.error(ErrorKind::UnknownType) };
        if self.context.header.funcs >= MAX_FUNCTIONS {
            return at.error(ErrorKind::TooManyFunctions);
        }
        self.context.header.funcs += 1;
        self.context.push(stack::FUNCS, FuncEntry { code: 0, ty: entry.canonical }, at.offset())
    }

    fn table(&mut self, r: &mut Reader<'m>) -> Result<()> {
        let at = *r;
        if r.peek() == Some(0x40) {
            return at.error(ErrorKind::Gc);
        }
        limits::table(r)?;
        self.add_table(&at)
    }

    /// Notes the table whose type is at this place.
    fn add_table(&mut self, at: &Reader<'_>) -> Result<()> {
        if self.context.header.tables >= MAX_TABLES {
            return at.error(ErrorKind::TooManyTables);
        }
        self.context.header.tables += 1;
        self.context.push(stack::TABLES, at.offset(), at.offset())
    }

    /// Notes the memory whose type is at this place.
    fn add_memory(&mut self, at: &Reader<'_>) -> Result<()> {
        if self.context.header.memories != 0 && !self.context.multi_memory {
            return at.error(ErrorKind::MultipleMemories);
        }
        if self.context.header.memories >= MAX_TABLES {
            return at.error(ErrorKind::TooManyTables);
        }
        self.context.header.memories += 1;
        self.context.push(stack::MEMORIES, at.offset(), at.offset())
    }

    fn add_global(&mut self, entry: GlobalEntry, at: &Reader<'_>) -> Result<()> {
        if self.context.header.globals >= MAX_GLOBALS {
            return at.error(ErrorKind::TooManyGlobals);
        }
        self.context.header.globals += 1;
        self.context.push(stack::GLOBALS, entry, at.offset())
    }

    fn exports(&mut self, r: &mut Reader<'m>, count: u32) -> Result<()> {
        self.context.header.exports = count;
        for _ in 0..count {
            self.context.push(stack::SORT, r.offset(), r.offset())?;
            r.name()?;
            let at = *r;
            let kind = r.byte()?;
            let index = r.u32()?;
            let header = &self.context.header;
            let (known, error) = match kind {
                0 => (index < header.funcs, ErrorKind::UnknownFunction),
                1 => (index < header.tables, ErrorKind::UnknownTable),
                2 => (index < header.memories, ErrorKind::UnknownMemory),
                3 => (index < header.globals, ErrorKind::UnknownGlobal),
                4 => (false, ErrorKind::Exceptions),
                _ => (false, ErrorKind::MalformedExportKind),
            };
            if !known {
                return at.error(error);
            }
            if kind == 0 {
                self.context.declare(index, &at)?;
            }
        }
        self.duplicates(count)
    }

    /// Sorts the names' offsets by name and compares neighbours.
    fn duplicates(&mut self, count: u32) -> Result<()> {
        let context = &mut self.context;
        sort(context, count, |context, a, b| export_name(context, a).cmp(export_name(context, b)));
        for index in 1..count {
            let (one, other) = (sorted(context, index - 1), sorted(context, index));
            if export_name(context, one) == export_name(context, other) {
                return Reader::at(context.wasm, one.max(other), u32::MAX).error(ErrorKind::DuplicateExport);
            }
        }
        self.context.stacks.truncate(stack::SORT, 0);
        Ok(())
    }

    fn start(&mut self, r: &mut Reader<'m>) -> Result<()> {
        let at = *r;
        let index = r.u32()?;
        self.context.header.start = index;
        match self.context.type_of_func(index) {
            None => at.error(ErrorKind::UnknownFunction),
            Some(ty) if ty.params.is_empty() && ty.results.is_empty() => Ok(()),
            Some(_) => at.error(ErrorKind::StartType),
        }
    }

    fn element(&mut self, r: &mut Reader<'m>) -> Result<()> {
        let at = *r;
        let (mode, elements) = read_element_head(r)?;
        if let ElementMode::Active(table) = mode {
            if self.context.table(table).is_none() {
                return at.error(ErrorKind::UnknownTable);
            }
            read_const(&mut self.context, r, ValType::I32)?;
        }
        // The kind or type stands between the offset expression and the elements of an active segment.
        let elements = elements.finish(r)?;
        if let ElementMode::Active(table) = mode
            && self.context.table(table) != Some(elements.ty())
        {
            return at.error(ErrorKind::TypeMismatch);
        }
        self.context.push(stack::ELEMENTS, elements.ty() as u8, at.offset())?;
        let count = r.count()?;
        for _ in 0..count {
            match elements {
                Elements::Expressions(ty) => read_const(&mut self.context, r, ty)?,
                _ => {
                    let at = *r;
                    let func = r.u32()?;
                    self.context.declare(func, &at)?;
                }
            }
        }
        Ok(())
    }

    fn datas(&mut self, r: &mut Reader<'m>, count: u32) -> Result<()> {
        if self.context.has_data_count && self.context.header.datas != count {
            return r.error(ErrorKind::DataCountMismatch);
        }
        self.context.header.datas = count;
        for _ in 0..count {
            let at = *r;
            if let Some(memory) = read_data_head(r)? {
                if memory >= self.context.header.memories {
                    return at.error(ErrorKind::UnknownMemory);
                }
                read_const(&mut self.context, r, ValType::I32)?;
            }
            let len = r.u32()?;
            r.bytes(len)?;
        }
        Ok(())
    }
}

/// The name of an export, by its offset.
fn export_name<'m>(context: &Context<'m>, offset: u32) -> &'m [u8] {
    let mut reader = Reader::at(context.wasm, offset, u32::MAX);
    reader.u32().and_then(|len| reader.bytes(len)).unwrap_or(&[])
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
    pub(crate) fn finish(self, reader: &mut Reader<'_>) -> Result<Elements> {
        let at = *reader;
        Ok(match self {
            Elements::Kind => match reader.byte()? {
                0 => Elements::Functions,
                _ => return at.error(ErrorKind::MalformedElementKind),
            },
            Elements::Implied => Elements::Functions,
            Elements::ImpliedExpressions => Elements::Expressions(ValType::FuncRef),
            Elements::Type => Elements::Expressions(reader.ref_type()?),
            done => done,
        })
    }
}

/// Reads an element segment's flags and table index; an offset expression follows if it is active, then what
/// `Elements::finish` reads.
pub(crate) fn read_element_head(reader: &mut Reader<'_>) -> Result<(ElementMode, Elements)> {
    let at = *reader;
    let flags = reader.u32()?;
    let mode = match flags & 3 {
        0 => ElementMode::Active(0),
        1 => ElementMode::Passive,
        2 => ElementMode::Active(reader.u32()?),
        _ => ElementMode::Declared,
    };
    let elements = match flags {
        0 => Elements::Implied,
        1..=3 => Elements::Kind,
        4 => Elements::ImpliedExpressions,
        5..=7 => Elements::Type,
        _ => return at.error(ErrorKind::MalformedElementKind),
    };
    Ok((mode, elements))
}

/// Reads a data segment's flags and memory index; `None` if it is passive. An offset expression follows if it is active.
pub(crate) fn read_data_head(reader: &mut Reader<'_>) -> Result<Option<u32>> {
    let at = *reader;
    match reader.u32()? {
        0 => Ok(Some(0)),
        1 => Ok(None),
        2 => reader.u32().map(Some),
        _ => at.error(ErrorKind::MalformedDataKind),
    }
}

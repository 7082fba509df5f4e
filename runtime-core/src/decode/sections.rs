//! Sections in their order, and the entries that several phases read: imports and limits.

use super::{ErrorKind, Reader};
use crate::isa::{GlobalType, MemoryType, PAGE_SIZE_LOG2, TableType};

/// The known sections in the order in which a module has them, which is not that of their ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
#[repr(u8)]
pub(crate) enum Section {
    Type,
    Import,
    Function,
    Table,
    Memory,
    Global,
    Export,
    Start,
    Element,
    DataCount,
    Code,
    Data,
}

impl Section {
    pub(crate) const COUNT: usize = 12;

    /// The section with this id, which is at `at`; `None` for custom sections, which may stand anywhere.
    pub(crate) fn from_id(id: u8, reader: &mut Reader<'_>, at: u32) -> Option<Section> {
        Some(match id {
            1 => Section::Type,
            2 => Section::Import,
            3 => Section::Function,
            4 => Section::Table,
            5 => Section::Memory,
            6 => Section::Global,
            7 => Section::Export,
            8 => Section::Start,
            9 => Section::Element,
            10 => Section::Code,
            11 => Section::Data,
            12 => Section::DataCount,
            _ => {
                match id {
                    0 => {}
                    13 => reader.fail_at(at, ErrorKind::Exceptions),
                    _ => reader.fail_at(at, ErrorKind::MalformedSectionId),
                }
                return None;
            }
        })
    }
}

/// The head of an entry of the import section; what is wanted follows.
#[derive(Clone, Copy)]
pub(crate) struct RawImport<'m> {
    pub(crate) module: &'m str,
    pub(crate) name: &'m str,
    /// As in an export: 0 a function, 1 a table, 2 a memory, 3 a global.
    pub(crate) kind: u8,
}

/// Reads the head of an import.
pub(crate) fn read_import<'m>(reader: &mut Reader<'m>) -> RawImport<'m> {
    let (module, name) = (reader.name(), reader.name());
    let at = reader.offset();
    let kind = reader.byte();
    match kind {
        ..4 => {}
        4 => reader.fail_at(at, ErrorKind::Exceptions),
        _ => reader.fail_at(at, ErrorKind::MalformedImportKind),
    }
    RawImport { module, name, kind }
}

/// Types with limits, and globals.
pub(crate) mod limits {
    use super::{ErrorKind, GlobalType, MemoryType, PAGE_SIZE_LOG2, Reader, TableType};

    pub(crate) fn table(reader: &mut Reader<'_>) -> TableType {
        let element = reader.ref_type();
        let at = reader.offset();
        let flags = reader.byte();
        match flags {
            0 | 1 => {}
            2 | 3 => reader.fail_at(at, ErrorKind::Threads),
            4..=7 => reader.fail_at(at, ErrorKind::Memory64),
            _ => reader.fail_at(at, ErrorKind::MalformedLimits),
        }
        let (minimum, maximum) = bounds(reader, flags);
        if maximum.is_some_and(|m| m < minimum) {
            reader.fail_at(at, ErrorKind::LimitsOrder);
        }
        TableType { element, minimum, maximum }
    }

    /// The least and the greatest size.
    fn bounds(reader: &mut Reader<'_>, flags: u8) -> (u32, Option<u32>) {
        let minimum = reader.u32();
        (minimum, if flags & 1 != 0 { Some(reader.u32()) } else { None })
    }

    pub(crate) fn memory(reader: &mut Reader<'_>) -> MemoryType {
        let at = reader.offset();
        let flags = reader.byte();
        match flags {
            0x10.. => reader.fail_at(at, ErrorKind::MalformedLimits),
            _ if flags & 2 != 0 => reader.fail_at(at, ErrorKind::Threads),
            _ if flags & 4 != 0 => reader.fail_at(at, ErrorKind::Memory64),
            _ => {}
        }
        let (minimum, maximum) = bounds(reader, flags);
        let log2 = if flags & 8 != 0 { reader.u32() } else { PAGE_SIZE_LOG2.into() };
        // 2^32 bytes, whatever a page is; with pages of one byte the largest count that can be written falls one short.
        let most = if log2 == 0 { u32::MAX } else { 1 << (32 - PAGE_SIZE_LOG2) };
        match log2 {
            64.. => reader.fail_at(at, ErrorKind::MalformedLimits),
            _ if log2 != 0 && log2 != 16 => reader.fail_at(at, ErrorKind::PageSize),
            _ if minimum.max(maximum.unwrap_or(0)) > most => reader.fail_at(at, ErrorKind::MemorySize),
            _ if maximum.is_some_and(|m| m < minimum) => reader.fail_at(at, ErrorKind::LimitsOrder),
            _ => {}
        }
        let page_size_log2 = log2 as u8;
        MemoryType { minimum: minimum.into(), maximum: maximum.map(u64::from), page_size_log2 }
    }

    pub(crate) fn global(reader: &mut Reader<'_>) -> GlobalType {
        let content = reader.val_type();
        let at = reader.offset();
        let mutable = reader.byte();
        if mutable > 1 {
            reader.fail_at(at, ErrorKind::MalformedMutability);
        }
        GlobalType { content, mutable: mutable != 0 }
    }
}

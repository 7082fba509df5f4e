//! Sections in their order, and the entries that several phases read: imports and limits.

use super::{ErrorKind, Reader, Result};
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
    pub(crate) fn from_id(id: u8, reader: &mut Reader<'_>, at: u32) -> Result<Option<Section>> {
        Ok(Some(match id {
            0 => return Ok(None),
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
            13 => return reader.error_at(at, ErrorKind::Exceptions),
            _ => return reader.error_at(at, ErrorKind::MalformedSectionId),
        }))
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
pub(crate) fn read_import<'m>(reader: &mut Reader<'m>) -> Result<RawImport<'m>> {
    let (module, name) = (reader.name()?, reader.name()?);
    let at = reader.offset();
    match reader.byte()? {
        4 => reader.error_at(at, ErrorKind::Exceptions),
        kind @ ..4 => Ok(RawImport { module, name, kind }),
        _ => reader.error_at(at, ErrorKind::MalformedImportKind),
    }
}

/// Types with limits, and globals.
pub(crate) mod limits {
    use super::{ErrorKind, GlobalType, MemoryType, PAGE_SIZE_LOG2, Reader, Result, TableType};

    pub(crate) fn table(reader: &mut Reader<'_>) -> Result<TableType> {
        let element = reader.ref_type()?;
        let at = reader.offset();
        let flags = reader.byte()?;
        match flags {
            0 | 1 => {}
            2 | 3 => return reader.error_at(at, ErrorKind::Threads),
            4..=7 => return reader.error_at(at, ErrorKind::Memory64),
            _ => return reader.error_at(at, ErrorKind::MalformedLimits),
        }
        let minimum = reader.u32()?;
        let maximum = if flags & 1 == 1 { Some(reader.u32()?) } else { None };
        if maximum.is_some_and(|m| m < minimum) {
            return reader.error_at(at, ErrorKind::LimitsOrder);
        }
        Ok(TableType { element, minimum, maximum })
    }

    pub(crate) fn memory(reader: &mut Reader<'_>) -> Result<MemoryType> {
        let at = reader.offset();
        let flags = reader.byte()?;
        if flags > 0xF {
            return reader.error_at(at, ErrorKind::MalformedLimits);
        }
        if flags & 2 != 0 {
            return reader.error_at(at, ErrorKind::Threads);
        }
        if flags & 4 != 0 {
            return reader.error_at(at, ErrorKind::Memory64);
        }
        let minimum = u64::from(reader.u32()?);
        let maximum = if flags & 1 == 1 { Some(u64::from(reader.u32()?)) } else { None };
        let mut page_size_log2 = PAGE_SIZE_LOG2;
        if flags & 8 != 0 {
            page_size_log2 = match reader.u32()? {
                0 => 0,
                16 => 16,
                64.. => return reader.error_at(at, ErrorKind::MalformedLimits),
                _ => return reader.error_at(at, ErrorKind::PageSize),
            };
        }
        // 2^32 bytes, whatever a page is; with pages of one byte the largest count that can be written falls one short.
        let most = (1u64 << 32) >> page_size_log2;
        if minimum > most || maximum.is_some_and(|m| m > most) {
            return reader.error_at(at, ErrorKind::MemorySize);
        }
        if maximum.is_some_and(|m| m < minimum) {
            return reader.error_at(at, ErrorKind::LimitsOrder);
        }
        Ok(MemoryType { minimum, maximum, page_size_log2 })
    }

    pub(crate) fn global(reader: &mut Reader<'_>) -> Result<GlobalType> {
        let content = reader.val_type()?;
        let at = reader.offset();
        match reader.byte()? {
            0 => Ok(GlobalType { content, mutable: false }),
            1 => Ok(GlobalType { content, mutable: true }),
            _ => reader.error_at(at, ErrorKind::MalformedMutability),
        }
    }
}

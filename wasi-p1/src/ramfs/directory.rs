//! Directories: their content is a row of records, `node u32 | room u8 | length u8 | name`, the name in `room` bytes.
//!
//! A removed record keeps its place with node 0, to be used again by a name that fits; so the position of a record
//! never changes and can serve as a cookie.

use super::{
    RamFs,
    blocks::NONE,
    node::{Field, NodeKind},
};
use crate::{
    Errno, Filetype,
    walk::{NAME_BYTES_MAX, Tree},
};

/// The bytes of a record before its name.
const RECORD_HEAD: u32 = 6;

/// A record of a directory.
#[derive(Clone, Copy)]
pub(super) struct Record {
    /// Where it begins.
    pub(super) at: u32,
    /// What it names; [`NONE`] if it is free.
    pub(super) node: u32,
    room: u8,
    pub(super) len: u8,
}

impl Record {
    /// Where the next record begins.
    pub(super) fn end(self) -> u32 {
        self.at + RECORD_HEAD + u32::from(self.room)
    }
}

impl RamFs<'_> {
    /// The record at byte `at`, if the directory does not end before it.
    pub(super) fn record(&mut self, directory: u32, at: u32) -> Result<Option<Record>, Errno> {
        let mut head = [0; RECORD_HEAD as usize];
        if self.read_content(directory, at, &mut head)? < head.len() {
            return Ok(None);
        }
        let [a, b, c, d, room, len] = head;
        Ok(Some(Record { at, node: u32::from_le_bytes([a, b, c, d]), room, len }))
    }

    /// Copies the record's name.
    pub(super) fn record_name<'n>(
        &mut self,
        directory: u32,
        record: Record,
        into: &'n mut [u8; NAME_BYTES_MAX],
    ) -> Result<&'n [u8], Errno> {
        let name = into.get_mut(..usize::from(record.len)).ok_or(Errno::Io)?;
        self.read_content(directory, record.at + RECORD_HEAD, name)?;
        Ok(name)
    }

    /// The record with this name.
    pub(super) fn find_record(&mut self, directory: u32, name: &[u8]) -> Result<Option<Record>, Errno> {
        let mut at = 0;
        let mut buffer = [0; NAME_BYTES_MAX];
        while let Some(record) = self.record(directory, at)? {
            let candidate = record.node != NONE && usize::from(record.len) == name.len();
            if candidate && self.record_name(directory, record, &mut buffer)? == name {
                return Ok(Some(record));
            }
            at = record.end();
        }
        Ok(None)
    }

    /// Has it no names?
    pub(super) fn is_empty(&mut self, directory: u32) -> Result<bool, Errno> {
        let mut at = 0;
        while let Some(record) = self.record(directory, at)? {
            if record.node != NONE {
                return Ok(false);
            }
            at = record.end();
        }
        Ok(true)
    }

    /// Adds a name, which must not be there, for `node`: `NOENT` if the directory itself was removed.
    pub(super) fn add_name(&mut self, directory: u32, name: &[u8], node: u32) -> Result<(), Errno> {
        let len = u8::try_from(name.len()).map_err(|_| Errno::NameTooLong)?;
        if self.get(directory, Field::Links)? == 0 {
            return Err(Errno::NoEnt);
        }
        let (at, room) = self.place_for(directory, len)?;
        let mut record = [0; RECORD_HEAD as usize + NAME_BYTES_MAX];
        let (head, place) = record.split_at_mut(RECORD_HEAD as usize);
        head[..4].copy_from_slice(&node.to_le_bytes());
        head[4] = room;
        head[5] = len;
        place.get_mut(..name.len()).ok_or(Errno::NameTooLong)?.copy_from_slice(name);
        let whole = RECORD_HEAD as usize + usize::from(room);
        let end = u64::from(at) + whole as u64;
        if end > self.size_possible(directory)? {
            return Err(Errno::NoSpc);
        }
        self.write_content(directory, u64::from(at), record.get(..whole).ok_or(Errno::Io)?)?;
        self.touch(directory)?;
        let links = self.get(node, Field::Links)?;
        self.set(node, Field::Links, links + 1)
    }

    /// A free record with room for `len` bytes, or the end of the directory: where, and how much room.
    fn place_for(&mut self, directory: u32, len: u8) -> Result<(u32, u8), Errno> {
        let mut at = 0;
        while let Some(record) = self.record(directory, at)? {
            if record.node == NONE && record.room >= len {
                return Ok((at, record.room));
            }
            at = record.end();
        }
        Ok((at, len))
    }

    /// Lets an existing record name another node, and takes the name from the old one.
    pub(super) fn replace_name(&mut self, directory: u32, record: Record, node: u32) -> Result<(), Errno> {
        self.write_content(directory, u64::from(record.at), &node.to_le_bytes())?;
        self.touch(directory)?;
        let links = self.get(node, Field::Links)?;
        self.set(node, Field::Links, links + 1)?;
        self.drop_link(record.node)
    }

    /// Removes a name.
    pub(super) fn remove_name(&mut self, directory: u32, record: Record) -> Result<(), Errno> {
        if record.end() == self.get(directory, Field::Size)? {
            self.resize(directory, u64::from(record.at))?;
        } else {
            self.write_content(directory, u64::from(record.at), &NONE.to_le_bytes())?;
        }
        self.touch(directory)?;
        self.drop_link(record.node)
    }

    /// Takes a name from a node.
    fn drop_link(&mut self, node: u32) -> Result<(), Errno> {
        let links = self.get(node, Field::Links)?;
        self.set(node, Field::Links, links.saturating_sub(1))?;
        self.free_if_unused(node)
    }

    /// Makes a node with content under a name that must not be there; nothing is left behind if there is no room.
    pub(super) fn create_node(
        &mut self,
        directory: u32,
        name: &[u8],
        kind: NodeKind,
        content: &[u8],
    ) -> Result<u32, Errno> {
        let node = self.new_node(kind, directory)?;
        let filled = match self.resize(node, content.len() as u64) {
            Ok(()) => self.write_content(node, 0, content).map(|_| ()),
            Err(errno) => Err(errno),
        };
        match filled.and_then(|()| self.add_name(directory, name, node)) {
            Ok(()) => Ok(node),
            Err(errno) => {
                self.free_if_unused(node)?;
                Err(errno)
            }
        }
    }
}

impl Tree for RamFs<'_> {
    type Node = u32;

    fn kind(&mut self, node: u32) -> Result<Filetype, Errno> {
        self.filetype(node)
    }

    fn find(&mut self, directory: u32, name: &[u8]) -> Result<Option<u32>, Errno> {
        Ok(self.find_record(directory, name)?.map(|record| record.node))
    }

    fn parent(&mut self, directory: u32) -> Result<u32, Errno> {
        self.get(directory, Field::Parent)
    }

    fn text(&mut self, symlink: u32, at: u32, into: &mut [u8]) -> Result<usize, Errno> {
        self.read_content(symlink, at, into)
    }
}

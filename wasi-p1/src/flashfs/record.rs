//! What records look like: their keys, which are 64-bit numbers, and their bytes, which are little-endian.
//!
//! ```text
//! key     kind u8 | serial of a name, id of a node or of content u32 | index of a chunk u24    (from the highest bit on)
//! name    parent u32 | node u32 | replaced serial u32 | text
//! node    kind u8 | content u32 | size u32 | accessed u64 | modified u64 | changed u64        (times in ns since 1970)
//! ```

use sequential_storage::map::{Key as MapKey, SerializationError};

use crate::{Filetype, walk::NAME_BYTES_MAX};

/// The content of a record: a whole number of words of any flash.
pub(super) const CHUNK_BYTES: usize = 512;
/// A key and the longest record, in whole words of any flash.
pub(super) const BUFFER_BYTES: usize = 8 + CHUNK_BYTES + 32;
/// How long the records of nodes and names are, the latter without their text.
pub(super) const NODE_BYTES: usize = 33;
pub(super) const NAME_HEAD_BYTES: usize = 12;
pub(super) const NAME_RECORD_BYTES_MAX: usize = NAME_HEAD_BYTES + NAME_BYTES_MAX;

/// The key of a record, or a range of keys, with which records are removed in one go.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    first: u64,
    last: u64,
}

/// A key equals a range that it lies in; keys of records equal only themselves. Ranges are never compared with each other.
impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl Eq for Key {}

impl MapKey for Key {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        self.first.serialize_into(buffer)
    }

    fn deserialize_from(buffer: &[u8]) -> Result<(Key, usize), SerializationError> {
        let (bits, len) = u64::deserialize_from(buffer)?;
        Ok((Key { first: bits, last: bits }, len))
    }
}

/// What a record is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Id {
    /// The name of this serial.
    Name(u32),
    /// The node of this id.
    Node(u32),
    /// A piece of the content of this id.
    Chunk(u32, u32),
}

/// The largest index of a chunk.
const INDEX_MAX: u32 = 0xff_ffff;

impl Id {
    pub(super) fn key(self) -> Key {
        let (kind, number, index) = match self {
            Id::Name(serial) => (1, serial, 0),
            Id::Node(node) => (2, node, 0),
            Id::Chunk(content, index) => (3, content, index),
        };
        let bits = kind << 56 | u64::from(number) << 24 | u64::from(index);
        Key { first: bits, last: bits }
    }

    /// All chunks of a content.
    pub(super) fn chunks(content: u32) -> Key {
        Key { first: Id::Chunk(content, 0).key().first, last: Id::Chunk(content, INDEX_MAX).key().last }
    }

    /// `None` if this file system never writes such a key.
    pub(super) fn of(key: Key) -> Option<Id> {
        let (number, index) = ((key.first >> 24) as u32, key.first as u32 & INDEX_MAX);
        match (key.first >> 56, index) {
            (1, 0) => Some(Id::Name(number)),
            (2, 0) => Some(Id::Node(number)),
            (3, index) => Some(Id::Chunk(number, index)),
            _ => None,
        }
    }
}

/// The record of a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NameRecord<'n> {
    pub(super) parent: u32,
    pub(super) node: u32,
    /// The serial of the name whose place it took; 0 if there was none.
    pub(super) replaces: u32,
    pub(super) text: &'n [u8],
}

impl<'n> NameRecord<'n> {
    pub(super) fn read(bytes: &'n [u8]) -> Option<NameRecord<'n>> {
        let mut rest = bytes;
        let (parent, node, replaces) = (take_u32(&mut rest)?, take_u32(&mut rest)?, take_u32(&mut rest)?);
        Some(NameRecord { parent, node, replaces, text: rest })
    }

    /// The record's bytes in `into`; `None` if the text is too long.
    pub(super) fn write<'i>(&self, into: &'i mut [u8; NAME_RECORD_BYTES_MAX]) -> Option<&'i [u8]> {
        let (head, text) = into.split_at_mut(NAME_HEAD_BYTES);
        for (place, value) in head.chunks_mut(4).zip([self.parent, self.node, self.replaces]) {
            place.copy_from_slice(&value.to_le_bytes());
        }
        text.get_mut(..self.text.len())?.copy_from_slice(self.text);
        into.get(..NAME_HEAD_BYTES + self.text.len())
    }
}

/// The record of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NodeRecord {
    pub(super) kind: Filetype,
    /// Under which id its chunks are. A file that is cut to nothing gets a new one.
    pub(super) content: u32,
    pub(super) size: u32,
    pub(super) accessed_ns: u64,
    pub(super) modified_ns: u64,
    pub(super) changed_ns: u64,
}

impl NodeRecord {
    pub(super) fn read(bytes: &[u8]) -> Option<NodeRecord> {
        let (kind, mut rest) = bytes.split_first()?;
        let kind = match kind {
            1 => Filetype::RegularFile,
            2 => Filetype::Directory,
            3 => Filetype::SymbolicLink,
            _ => return None,
        };
        let (content, size) = (take_u32(&mut rest)?, take_u32(&mut rest)?);
        let mut time = || take_u64(&mut rest);
        Some(NodeRecord { kind, content, size, accessed_ns: time()?, modified_ns: time()?, changed_ns: time()? })
    }

    pub(super) fn bytes(&self) -> [u8; NODE_BYTES] {
        let mut bytes = [0; NODE_BYTES];
        bytes[0] = match self.kind {
            Filetype::Directory => 2,
            Filetype::SymbolicLink => 3,
            _ => 1,
        };
        bytes[1..5].copy_from_slice(&self.content.to_le_bytes());
        bytes[5..9].copy_from_slice(&self.size.to_le_bytes());
        for (place, time) in bytes[9..].chunks_mut(8).zip([self.accessed_ns, self.modified_ns, self.changed_ns]) {
            place.copy_from_slice(&time.to_le_bytes());
        }
        bytes
    }
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (value, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*value))
}

fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    let (value, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*value))
}

//! What is kept in memory of each name and each node, so that a path is found and a file is read without a search of
//! the flash for what is not there.

use crate::Filetype;

/// A place for what is known of a name.
#[derive(Clone, Copy, Debug)]
pub struct NameSlot {
    /// Its serial; 0 if the place is free.
    pub(super) serial: u32,
    pub(super) parent: u32,
    pub(super) node: u32,
    /// Of its text: to compare before the flash is asked, and to know how much room the record takes.
    pub(super) hash: u16,
    pub(super) len: u8,
}

impl NameSlot {
    /// A free place.
    pub const FREE: NameSlot = NameSlot { serial: 0, parent: 0, node: 0, hash: 0, len: 0 };

    pub(super) fn is_used(&self) -> bool {
        self.serial != 0
    }
}

/// A place for what is known of a file, directory or symbolic link.
#[derive(Clone, Copy, Debug)]
pub struct NodeSlot {
    /// Its id; 0 if the place is free.
    pub(super) id: u32,
    /// Under which id its chunks are.
    pub(super) content: u32,
    pub(super) size: u32,
    /// When the content was changed, if that is not in its record yet.
    pub(super) modified_ns: u64,
    pub(super) kind: Kind,
    /// Size or time are newer than its record.
    pub(super) dirty: bool,
    /// How many handles it has.
    pub(super) open: u16,
}

/// What a node is, in a byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    File,
    Directory,
    Symlink,
}

impl Kind {
    pub(super) fn of(filetype: Filetype) -> Kind {
        match filetype {
            Filetype::Directory => Kind::Directory,
            Filetype::SymbolicLink => Kind::Symlink,
            _ => Kind::File,
        }
    }

    pub(super) fn filetype(self) -> Filetype {
        match self {
            Kind::File => Filetype::RegularFile,
            Kind::Directory => Filetype::Directory,
            Kind::Symlink => Filetype::SymbolicLink,
        }
    }
}

impl NodeSlot {
    /// A free place.
    pub const FREE: NodeSlot =
        NodeSlot { id: 0, content: 0, size: 0, modified_ns: 0, kind: Kind::File, dirty: false, open: 0 };

    pub(super) fn is_used(&self) -> bool {
        self.id != 0
    }
}

// What the documentation promises.
const _: () = assert!(size_of::<NameSlot>() == 16 && size_of::<NodeSlot>() == 24);

/// A small number that different texts seldom share.
pub(super) fn hash(text: &[u8]) -> u16 {
    let mixed = text.iter().fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    (mixed ^ mixed >> 16) as u16
}

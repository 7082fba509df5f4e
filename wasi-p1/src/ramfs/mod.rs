//! A file system in a lent buffer: files, directories, symbolic and hard links, until the power goes.
//!
//! The buffer is cut into blocks of 256 bytes. A node is one block, which also holds the first bytes of its
//! content, so small files, short links and small directories need no other; the rest of the content is a chain of
//! blocks. Nothing is reserved for files that do not exist, and a full file system answers `NOSPC` and stays as it
//! was.
//!
//! Promises: the buffer is never left; making the file system does not depend on the buffer's size; reading or
//! writing from front to back takes time in proportion to the bytes. Times of access are set only when they are asked
//! for.

mod blocks;
mod directory;
mod files;
mod node;

use blocks::{BLOCK_BYTES, Blocks};
use node::{Field, NodeKind};

use crate::Errno;

/// A file system in a lent buffer.
pub struct RamFs<'a> {
    blocks: Blocks<'a>,
    /// What it calls itself in `filestat`.
    device: u64,
    /// The time of day in nanoseconds since 1970.
    now_ns: fn() -> u64,
}

/// An open file or directory of a [`RamFs`].
#[derive(PartialEq, Eq, Debug)]
pub struct RamHandle {
    node: u32,
}

/// The root directory's node: the first block that is given out.
const ROOT: u32 = 1;

impl<'a> RamFs<'a> {
    /// The least useful buffer: a root directory and a small file.
    pub const BYTES_MIN: usize = 3 * (BLOCK_BYTES + 4);

    /// An empty file system in `memory`; `NOSPC` if that is less than [`RamFs::BYTES_MIN`].
    ///
    /// `device` distinguishes it from other file systems, and `now_ns` tells the time of day in nanoseconds since 1970
    /// (or always 0).
    pub fn new(memory: &'a mut [u8], device: u64, now_ns: fn() -> u64) -> Result<RamFs<'a>, Errno> {
        let mut files = RamFs { blocks: Blocks::new(memory), device, now_ns };
        let root = files.new_node(NodeKind::Directory, ROOT)?;
        debug_assert_eq!(root, ROOT);
        files.set(ROOT, Field::Links, 1)?;
        if files.blocks.free_blocks() == 0 { Err(Errno::NoSpc) } else { Ok(files) }
    }

    /// Opens the root directory, to be preopened.
    pub fn root(&mut self) -> Result<RamHandle, Errno> {
        self.open_node(ROOT)
    }

    /// How many bytes are free, in whole blocks.
    #[must_use]
    pub fn free_bytes(&self) -> usize {
        self.blocks.free_blocks() as usize * BLOCK_BYTES
    }

    /// Counts one more opening of `node`.
    fn open_node(&mut self, node: u32) -> Result<RamHandle, Errno> {
        let open = self.get(node, Field::Open)?;
        self.set(node, Field::Open, open + 1)?;
        Ok(RamHandle { node })
    }
}

#[cfg(test)]
mod tests;

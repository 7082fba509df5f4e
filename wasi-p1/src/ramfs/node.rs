//! Nodes: what files, directories and symbolic links have in common, and their content as a row of bytes.
//!
//! ```text
//! block of a node:  0 kind | 4 links | 8 open | 12 parent | 16 size | 20 first block | 24 .. 48 three times
//!                   48 cursor: index of a block of the chain | 52 that block | 56 content, the first 200 bytes
//! ```
//! Bytes of the content after its size are always zero, so that lengthening is only a change of the size.

use super::{
    RamFs,
    blocks::{BLOCK_BYTES, NONE},
};
use crate::{Errno, Filetype};

/// Where the content begins in the block of a node.
const HEAD_BYTES: usize = 56;
/// How much content is in the block of a node.
const INLINE_BYTES: u32 = (BLOCK_BYTES - HEAD_BYTES) as u32;
/// The longest content in bytes: a size is 32 bits.
const SIZE_MAX: u64 = u32::MAX as u64;

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NodeKind {
    File = 1,
    Directory = 2,
    Symlink = 3,
}

/// A 32-bit field of a node; its number is where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    Kind = 0,
    /// How many names it has.
    Links = 4,
    /// How many handles it has.
    Open = 8,
    /// The directory that a directory is in.
    Parent = 12,
    /// The length of the content in bytes.
    Size = 16,
    /// The chain of blocks that the content goes on in.
    First = 20,
    /// A place in the chain that was used last, so that going on from there is quick: the index, and the block.
    CursorIndex = 48,
    CursorBlock = 52,
}

/// A 64-bit time of a node, in nanoseconds since 1970; its number is where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Time {
    Accessed = 24,
    Modified = 32,
    Changed = 40,
}

impl RamFs<'_> {
    pub(super) fn get(&self, node: u32, field: Field) -> Result<u32, Errno> {
        let bytes = self.blocks.bytes(node)?;
        let value = bytes.get(field as usize..).and_then(|bytes| bytes.first_chunk()).ok_or(Errno::Io)?;
        Ok(u32::from_le_bytes(*value))
    }

    pub(super) fn set(&mut self, node: u32, field: Field, value: u32) -> Result<(), Errno> {
        let bytes = self.blocks.bytes_mut(node)?;
        let place = bytes.get_mut(field as usize..).and_then(|bytes| bytes.first_chunk_mut()).ok_or(Errno::Io)?;
        *place = value.to_le_bytes();
        Ok(())
    }

    pub(super) fn time_ns(&self, node: u32, time: Time) -> Result<u64, Errno> {
        let bytes = self.blocks.bytes(node)?;
        let value = bytes.get(time as usize..).and_then(|bytes| bytes.first_chunk()).ok_or(Errno::Io)?;
        Ok(u64::from_le_bytes(*value))
    }

    pub(super) fn set_time_ns(&mut self, node: u32, time: Time, at_ns: u64) -> Result<(), Errno> {
        let bytes = self.blocks.bytes_mut(node)?;
        let place = bytes.get_mut(time as usize..).and_then(|bytes| bytes.first_chunk_mut()).ok_or(Errno::Io)?;
        *place = at_ns.to_le_bytes();
        Ok(())
    }

    pub(super) fn filetype(&self, node: u32) -> Result<Filetype, Errno> {
        match self.get(node, Field::Kind)? {
            1 => Ok(Filetype::RegularFile),
            2 => Ok(Filetype::Directory),
            3 => Ok(Filetype::SymbolicLink),
            _ => Err(Errno::Io),
        }
    }

    /// Makes a node without names, in `parent` if it is a directory.
    pub(super) fn new_node(&mut self, kind: NodeKind, parent: u32) -> Result<u32, Errno> {
        let node = self.blocks.take()?;
        self.set(node, Field::Kind, kind as u32)?;
        self.set(node, Field::Parent, parent)?;
        let now_ns = (self.now_ns)();
        for time in [Time::Accessed, Time::Modified, Time::Changed] {
            self.set_time_ns(node, time, now_ns)?;
        }
        Ok(node)
    }

    /// Gives the node's memory back if it has neither names nor handles.
    pub(super) fn free_if_unused(&mut self, node: u32) -> Result<(), Errno> {
        if self.get(node, Field::Links)? == 0 && self.get(node, Field::Open)? == 0 {
            let first = self.get(node, Field::First)?;
            self.blocks.give_back(first)?;
            self.blocks.give_back(node)?;
        }
        Ok(())
    }

    /// Notes that the content was changed just now.
    pub(super) fn touch(&mut self, node: u32) -> Result<(), Errno> {
        let now_ns = (self.now_ns)();
        self.set_time_ns(node, Time::Modified, now_ns)?;
        self.set_time_ns(node, Time::Changed, now_ns)
    }

    /// The block of the content at byte `at` (after the inline bytes), and the byte in it.
    fn locate(&mut self, node: u32, at: u32) -> Result<(u32, usize), Errno> {
        let (index, block) = self.find_block(node, (at - INLINE_BYTES) / BLOCK_BYTES as u32)?;
        self.set(node, Field::CursorIndex, index)?;
        self.set(node, Field::CursorBlock, block)?;
        Ok((block, (at - INLINE_BYTES) as usize % BLOCK_BYTES))
    }

    /// Follows the chain to block `index`, from the cursor if that is not beyond.
    fn find_block(&self, node: u32, index: u32) -> Result<(u32, u32), Errno> {
        let cursor = (self.get(node, Field::CursorIndex)?, self.get(node, Field::CursorBlock)?);
        let (mut at, mut block) =
            if cursor.1 != NONE && cursor.0 <= index { cursor } else { (0, self.get(node, Field::First)?) };
        while at < index {
            block = self.blocks.next(block)?;
            at += 1;
        }
        if block == NONE { Err(Errno::Io) } else { Ok((index, block)) }
    }

    /// The piece of content that begins at `at`: the block, where it is in it, and how long it is at most.
    fn piece(&mut self, node: u32, at: u32) -> Result<(u32, usize, usize), Errno> {
        if at < INLINE_BYTES {
            Ok((node, HEAD_BYTES + at as usize, (INLINE_BYTES - at) as usize))
        } else {
            let (block, within) = self.locate(node, at)?;
            Ok((block, within, BLOCK_BYTES - within))
        }
    }

    /// Copies content from byte `at` on, as far as it goes and fits, and says how much that was.
    pub(super) fn read_content(&mut self, node: u32, at: u32, into: &mut [u8]) -> Result<usize, Errno> {
        let size = self.get(node, Field::Size)?;
        let len = (size.saturating_sub(at) as usize).min(into.len());
        let mut done = 0;
        while done < len {
            let (block, within, piece_len) = self.piece(node, at + done as u32)?;
            let piece_len = piece_len.min(len - done);
            let from = self.blocks.bytes(block)?.get(within..within + piece_len).ok_or(Errno::Io)?;
            into.get_mut(done..done + piece_len).ok_or(Errno::Io)?.copy_from_slice(from);
            done += piece_len;
        }
        Ok(len)
    }

    /// How many blocks a content of this size needs besides the node's.
    fn blocks_for(size: u32) -> u32 {
        size.saturating_sub(INLINE_BYTES).div_ceil(BLOCK_BYTES as u32)
    }

    /// The largest size that the content can have now.
    pub(super) fn size_possible(&self, node: u32) -> Result<u64, Errno> {
        let blocks = u64::from(Self::blocks_for(self.get(node, Field::Size)?)) + u64::from(self.blocks.free_blocks());
        Ok((u64::from(INLINE_BYTES) + blocks * BLOCK_BYTES as u64).min(SIZE_MAX))
    }

    /// Cuts or lengthens the content: `FBIG` or `NOSPC` if it cannot be so long, and then nothing is changed.
    pub(super) fn resize(&mut self, node: u32, size: u64) -> Result<(), Errno> {
        if size > SIZE_MAX {
            return Err(Errno::Fbig);
        }
        if size > self.size_possible(node)? {
            return Err(Errno::NoSpc);
        }
        let (old, size) = (self.get(node, Field::Size)?, size as u32);
        let (had, needs) = (Self::blocks_for(old), Self::blocks_for(size));
        if size < old {
            self.clear(node, size, old)?;
        }
        if needs < had {
            self.cut_chain(node, needs)?;
        } else if needs > had {
            self.lengthen_chain(node, had, needs)?;
        }
        self.set(node, Field::Size, size)
    }

    /// Makes the bytes from `from` to the end of their block zero, for whoever lengthens the content again.
    fn clear(&mut self, node: u32, from: u32, end: u32) -> Result<(), Errno> {
        let (block, within, len) = self.piece(node, from)?;
        let len = len.min((end - from) as usize);
        self.blocks.bytes_mut(block)?.get_mut(within..within + len).ok_or(Errno::Io)?.fill(0);
        Ok(())
    }

    /// Keeps the first `keep` blocks of the chain.
    fn cut_chain(&mut self, node: u32, keep: u32) -> Result<(), Errno> {
        let rest = if keep == 0 {
            let first = self.get(node, Field::First)?;
            self.set(node, Field::First, NONE)?;
            first
        } else {
            let (_, last) = self.find_block_from_start(node, keep - 1)?;
            let rest = self.blocks.next(last)?;
            self.blocks.link(last, NONE)?;
            rest
        };
        self.set(node, Field::CursorBlock, NONE)?;
        self.blocks.give_back(rest)
    }

    fn find_block_from_start(&mut self, node: u32, index: u32) -> Result<(u32, u32), Errno> {
        self.set(node, Field::CursorBlock, NONE)?;
        self.find_block(node, index)
    }

    /// Adds blocks of zeros to a chain of `had` blocks, of which there are enough.
    fn lengthen_chain(&mut self, node: u32, had: u32, needs: u32) -> Result<(), Errno> {
        let mut last = if had == 0 { NONE } else { self.find_block(node, had - 1)?.1 };
        for _ in had..needs {
            let block = self.blocks.take()?;
            if last == NONE {
                self.set(node, Field::First, block)?;
            } else {
                self.blocks.link(last, block)?;
            }
            last = block;
        }
        Ok(())
    }

    /// Writes content at byte `at`, lengthening it as far as there is room, and says how much was written.
    pub(super) fn write_content(&mut self, node: u32, at: u64, from: &[u8]) -> Result<usize, Errno> {
        if from.is_empty() {
            return Ok(0);
        }
        if at >= SIZE_MAX {
            return Err(Errno::Fbig);
        }
        let room = self.size_possible(node)?.saturating_sub(at);
        let len = (from.len() as u64).min(room) as usize;
        if len == 0 {
            return Err(Errno::NoSpc);
        }
        if at + len as u64 > u64::from(self.get(node, Field::Size)?) {
            self.resize(node, at + len as u64)?;
        }
        let mut done = 0;
        while done < len {
            let (block, within, piece_len) = self.piece(node, at as u32 + done as u32)?;
            let piece_len = piece_len.min(len - done);
            let place = self.blocks.bytes_mut(block)?.get_mut(within..within + piece_len).ok_or(Errno::Io)?;
            place.copy_from_slice(from.get(done..done + piece_len).ok_or(Errno::Io)?);
            done += piece_len;
        }
        Ok(len)
    }
}

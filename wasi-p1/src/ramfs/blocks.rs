//! Blocks of fixed size in the lent buffer, and their chains.

use crate::Errno;

/// The size of a block: a node of 64 bytes with as much content as many small files have.
pub(super) const BLOCK_BYTES: usize = 256;

/// The end of a chain. Block 0 is never given out.
pub(super) const NONE: u32 = 0;

/// The blocks of the buffer.
pub(super) struct Blocks<'a> {
    /// For each block the next one of its chain, little-endian.
    links: &'a mut [[u8; 4]],
    blocks: &'a mut [[u8; BLOCK_BYTES]],
    /// The first block that was never given out; all after it were not either.
    fresh: u32,
    /// The chain of blocks that were given back.
    free: u32,
    /// How long that chain is.
    free_len: u32,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(memory: &'a mut [u8]) -> Blocks<'a> {
        let count = (memory.len() / (BLOCK_BYTES + 4)).min(u32::MAX as usize);
        let (links, rest) = memory.split_at_mut(count * 4);
        let (links, _) = links.as_chunks_mut();
        let (blocks, _) = rest.as_chunks_mut();
        let blocks = blocks.get_mut(..count).unwrap_or_default();
        Blocks { links, blocks, fresh: 1, free: NONE, free_len: 0 }
    }

    /// How many blocks can still be given out.
    pub(super) fn free_blocks(&self) -> u32 {
        (self.blocks.len() as u32).saturating_sub(self.fresh) + self.free_len
    }

    /// Gives out a block of zeros, linked to nothing.
    pub(super) fn take(&mut self) -> Result<u32, Errno> {
        let block = if self.free != NONE {
            let block = self.free;
            self.free = self.next(block)?;
            self.free_len -= 1;
            block
        } else if (self.fresh as usize) < self.blocks.len() {
            self.fresh += 1;
            self.fresh - 1
        } else {
            return Err(Errno::NoSpc);
        };
        self.bytes_mut(block)?.fill(0);
        self.link(block, NONE)?;
        Ok(block)
    }

    /// Takes back `block` and all after it in its chain.
    pub(super) fn give_back(&mut self, block: u32) -> Result<(), Errno> {
        let mut block = block;
        while block != NONE {
            let next = self.next(block)?;
            self.link(block, self.free)?;
            self.free = block;
            self.free_len += 1;
            block = next;
        }
        Ok(())
    }

    /// The block after `block` in its chain.
    pub(super) fn next(&self, block: u32) -> Result<u32, Errno> {
        self.links.get(block as usize).map(|link| u32::from_le_bytes(*link)).ok_or(Errno::Io)
    }

    /// Lets `next` come after `block`.
    pub(super) fn link(&mut self, block: u32, next: u32) -> Result<(), Errno> {
        *self.links.get_mut(block as usize).ok_or(Errno::Io)? = next.to_le_bytes();
        Ok(())
    }

    pub(super) fn bytes(&self, block: u32) -> Result<&[u8; BLOCK_BYTES], Errno> {
        self.blocks.get(block as usize).ok_or(Errno::Io)
    }

    pub(super) fn bytes_mut(&mut self, block: u32) -> Result<&mut [u8; BLOCK_BYTES], Errno> {
        self.blocks.get_mut(block as usize).ok_or(Errno::Io)
    }
}

//! The content of files and symbolic links: chunks of 512 bytes, each a record of its own.
//!
//! What a chunk holds after the file's end does not count, and is overwritten when the file grows over it: such bytes
//! are left where a size was not synced before the power went.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sequential_storage::cache::CacheImpl;

use super::{
    FlashFs, Key,
    record::{CHUNK_BYTES, Id, NODE_BYTES, NodeRecord},
    table::NodeSlot,
};
use crate::{Errno, Filetype};

/// The length of a chunk, as sizes are counted.
const CHUNK: u32 = CHUNK_BYTES as u32;
/// The longest content in bytes: a size is 32 bits, and an index of a chunk 24.
const SIZE_MAX: u32 = u32::MAX - CHUNK;

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> FlashFs<'_, F, C> {
    /// What is known of a node.
    pub(super) fn node(&self, id: u32) -> Result<&NodeSlot, Errno> {
        self.nodes.iter().find(|slot| slot.id == id && slot.is_used()).ok_or(Errno::Io)
    }

    pub(super) fn node_mut(&mut self, id: u32) -> Result<&mut NodeSlot, Errno> {
        self.nodes.iter_mut().find(|slot| slot.id == id && slot.is_used()).ok_or(Errno::Io)
    }

    /// The record of a node, with what is newer in memory.
    pub(super) fn node_record(&mut self, id: u32) -> Result<NodeRecord, Errno> {
        let stored = self.fetch(Id::Node(id))?.and_then(NodeRecord::read);
        let slot = *self.node(id)?;
        let kind = slot.kind.filetype();
        // Only the root can be without a record: nobody has made it.
        let blank = NodeRecord { kind, content: slot.content, size: 0, accessed_ns: 0, modified_ns: 0, changed_ns: 0 };
        let mut record = stored.unwrap_or(blank);
        record.size = slot.size;
        if slot.dirty {
            record.modified_ns = slot.modified_ns;
            record.changed_ns = slot.modified_ns;
        }
        Ok(record)
    }

    /// Writes a node's record.
    pub(super) fn store_node(&mut self, id: u32, record: &NodeRecord) -> Result<(), Errno> {
        self.store(Id::Node(id), &record.bytes())?;
        self.node_mut(id)?.dirty = false;
        Ok(())
    }

    /// Writes a node's record if there is something newer.
    pub(super) fn flush(&mut self, id: u32) -> Result<(), Errno> {
        if self.node(id)?.dirty {
            let record = self.node_record(id)?;
            self.store_node(id, &record)?;
        }
        Ok(())
    }

    /// [`FlashFs::flush`] for the node in a slot, if there is one.
    pub(super) fn flush_slot(&mut self, index: usize) -> Result<(), Errno> {
        match self.nodes.get(index) {
            Some(slot) if slot.is_used() => self.flush(slot.id),
            _ => Ok(()),
        }
    }

    /// Notes that the content was changed just now.
    pub(super) fn touch(&mut self, id: u32) -> Result<(), Errno> {
        let now_ns = (self.now_ns)();
        let slot = self.node_mut(id)?;
        slot.modified_ns = now_ns;
        slot.dirty = true;
        Ok(())
    }

    /// `ISDIR` or `INVAL` unless it is a regular file.
    pub(super) fn require_file(&self, id: u32) -> Result<(), Errno> {
        match self.node(id)?.kind.filetype() {
            Filetype::RegularFile => Ok(()),
            Filetype::Directory => Err(Errno::IsDir),
            _ => Err(Errno::Inval),
        }
    }

    /// Copies content from byte `at` on, as far as it goes and fits, and says how much that was.
    pub(super) fn read_content(&mut self, id: u32, at: u32, into: &mut [u8]) -> Result<usize, Errno> {
        let NodeSlot { content, size, .. } = *self.node(id)?;
        let len = (size.saturating_sub(at) as usize).min(into.len());
        let mut done = 0;
        while done < len {
            let place = at + done as u32;
            let (index, within) = (place / CHUNK, (place % CHUNK) as usize);
            let piece_len = (CHUNK_BYTES - within).min(len - done);
            let piece = into.get_mut(done..done + piece_len).ok_or(Errno::Io)?;
            let stored = self.fetch(Id::Chunk(content, index))?.unwrap_or_default();
            let there = stored.get(within..).unwrap_or_default();
            let there_len = there.len().min(piece_len);
            let (copied, sparse) = piece.split_at_mut(there_len);
            copied.copy_from_slice(&there[..there_len]);
            sparse.fill(0);
            done += piece_len;
        }
        Ok(len)
    }

    /// Writes content at byte `at`, lengthening it as far as there is room, and says how much was written.
    pub(super) fn write_content(&mut self, id: u32, at: u64, from: &[u8]) -> Result<usize, Errno> {
        if from.is_empty() {
            return Ok(0);
        }
        let at = u32::try_from(at).ok().filter(|at| *at < SIZE_MAX).ok_or(Errno::Fbig)?;
        let len = from.len().min((SIZE_MAX - at) as usize);
        if at > self.node(id)?.size {
            self.require_growth(id, at + 1)?;
            self.trim_last(id)?;
        }
        let mut done = 0;
        while done < len {
            let place = at + done as u32;
            let piece_len = (CHUNK_BYTES - (place % CHUNK) as usize).min(len - done);
            let piece = from.get(done..done + piece_len).ok_or(Errno::Io)?;
            match self.require_growth(id, place + piece_len as u32).and_then(|()| self.write_piece(id, place, piece)) {
                Ok(()) => done += piece_len,
                Err(errno) if done == 0 => return Err(errno),
                Err(_) => break,
            }
        }
        self.touch(id)?;
        Ok(done)
    }

    /// `NOSPC` unless there is room for content of so many bytes.
    fn require_growth(&self, id: u32, size: u32) -> Result<(), Errno> {
        let old = self.content_cost(self.node(id)?.size);
        let new = self.content_cost(size);
        if new > old { self.require_room(new - old) } else { Ok(()) }
    }

    /// Writes within one chunk.
    fn write_piece(&mut self, id: u32, at: u32, piece: &[u8]) -> Result<(), Errno> {
        let (index, within) = (at / CHUNK, (at % CHUNK) as usize);
        let NodeSlot { content, size, .. } = *self.node(id)?;
        let valid = (size.saturating_sub(index * CHUNK) as usize).min(CHUNK_BYTES);
        let covers = within == 0 && piece.len() >= valid;
        if !covers {
            self.load_chunk(content, index, valid)?;
        }
        self.chunk.get_mut(within..within + piece.len()).ok_or(Errno::Io)?.copy_from_slice(piece);
        self.store_chunk(content, index, valid.max(within + piece.len()))?;
        let end = at + piece.len() as u32;
        if end > size {
            let slot = self.node_mut(id)?;
            slot.size = end;
            slot.dirty = true;
        }
        Ok(())
    }

    /// Reads the first `valid` bytes of a chunk, with zeros for what is sparse and behind them.
    fn load_chunk(&mut self, content: u32, index: u32, valid: usize) -> Result<(), Errno> {
        self.chunk.fill(0);
        if valid == 0 {
            return Ok(());
        }
        let mut chunk = self.chunk;
        let stored = self.fetch(Id::Chunk(content, index))?.unwrap_or_default();
        let len = stored.len().min(valid);
        chunk.get_mut(..len).ok_or(Errno::Io)?.copy_from_slice(&stored[..len]);
        self.chunk = chunk;
        Ok(())
    }

    /// Makes what the last chunk holds after the file's end not count any more, before the file grows over it.
    fn trim_last(&mut self, id: u32) -> Result<(), Errno> {
        let NodeSlot { content, size, .. } = *self.node(id)?;
        let (index, valid) = (size / CHUNK, (size % CHUNK) as usize);
        if valid == 0 {
            return Ok(());
        }
        let stored_len = self.fetch(Id::Chunk(content, index))?.unwrap_or_default().len();
        if stored_len > valid {
            self.load_chunk(content, index, valid)?;
            self.store_chunk(content, index, valid)?;
        }
        Ok(())
    }

    /// Cuts or lengthens the content: `FBIG` or `NOSPC` if it cannot be so long, and then nothing is changed.
    ///
    /// The size is in flash before the first chunk goes, so that a cut in between leaves nothing that counts.
    pub(super) fn resize(&mut self, id: u32, size: u64) -> Result<(), Errno> {
        let size = u32::try_from(size).ok().filter(|size| *size <= SIZE_MAX).ok_or(Errno::Fbig)?;
        let NodeSlot { content: old_content, size: old, .. } = *self.node(id)?;
        if size > old {
            self.require_growth(id, size)?;
            self.trim_last(id)?;
        }
        // A new id for what will be written makes one removal of all that was: no chunk of the old one counts any more.
        let anew = size == 0 && old > 0;
        let content = if anew { self.new_id()? } else { old_content };
        self.touch(id)?;
        let record = NodeRecord { content, size, ..self.node_record(id)? };
        self.store_node(id, &record)?;
        let slot = self.node_mut(id)?;
        (slot.content, slot.size) = (content, size);
        if anew {
            return self.discard_chunks(old_content);
        }
        let gone = size.div_ceil(CHUNK)..old.div_ceil(CHUNK);
        gone.into_iter().try_for_each(|index| self.discard(Id::Chunk(content, index)))
    }

    /// An id that no node and no content has or had.
    fn new_id(&mut self) -> Result<u32, Errno> {
        let id = self.next_node;
        self.next_node = id.checked_add(1).ok_or(Errno::NoSpc)?;
        Ok(id)
    }

    /// Makes a node with this content; a record of it is written, no name.
    pub(super) fn new_node(&mut self, kind: Filetype, text: &[u8]) -> Result<u32, Errno> {
        let index = self.nodes.iter().position(|slot| !slot.is_used()).ok_or(Errno::NoSpc)?;
        let size = u32::try_from(text.len()).map_err(|_| Errno::Fbig)?;
        self.require_room(self.cost(NODE_BYTES) + self.content_cost(size))?;
        let id = self.new_id()?;
        let kind = super::table::Kind::of(kind);
        *self.nodes.get_mut(index).ok_or(Errno::Io)? = NodeSlot { id, content: id, size, kind, ..NodeSlot::FREE };
        let now_ns = (self.now_ns)();
        let kind = kind.filetype();
        let (accessed_ns, modified_ns, changed_ns) = (now_ns, now_ns, now_ns);
        let record = NodeRecord { kind, content: id, size, accessed_ns, modified_ns, changed_ns };
        let mut made = self.store_node(id, &record);
        for (piece, index) in text.chunks(CHUNK_BYTES).zip(0..) {
            made = made.and_then(|()| self.store(Id::Chunk(id, index), piece));
        }
        match made {
            Ok(()) => Ok(id),
            Err(errno) => {
                self.free_if_unused(id)?;
                Err(errno)
            }
        }
    }

    /// Gives back the room of a node that has neither names nor handles.
    pub(super) fn free_if_unused(&mut self, id: u32) -> Result<(), Errno> {
        let slot = self.node(id)?;
        let (open, size, content) = (slot.open, slot.size, slot.content);
        if open > 0 || id == super::ROOT || self.names.iter().any(|name| name.is_used() && name.node == id) {
            return Ok(());
        }
        if size > 0 {
            self.discard_chunks(content)?;
        }
        self.discard(Id::Node(id))?;
        *self.node_mut(id)? = NodeSlot::FREE;
        Ok(())
    }
}

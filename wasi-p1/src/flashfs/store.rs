//! Records in and out of the map, and how much room they take.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sequential_storage::{Error, cache::CacheImpl};

use super::{
    FlashFs, Key,
    journal::finish,
    record::{CHUNK_BYTES, Id, NAME_HEAD_BYTES, NODE_BYTES},
};
use crate::Errno;

/// A failure of the map: `NOSPC` if it is full, else `IO`.
fn errno<E>(error: &Error<E>) -> Errno {
    match error {
        Error::FullStorage => Errno::NoSpc,
        _ => Errno::Io,
    }
}

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> FlashFs<'_, F, C> {
    /// The newest record of this key.
    pub(super) fn fetch(&mut self, id: Id) -> Result<Option<&[u8]>, Errno> {
        let found = finish(self.map.fetch_item::<&[u8]>(&mut self.buffer, &id.key())).ok_or(Errno::Io)?;
        found.map_err(|error| errno(&error))
    }

    /// Writes a record: afterwards this one is found, and if the power goes meanwhile the one before.
    pub(super) fn store(&mut self, id: Id, record: &[u8]) -> Result<(), Errno> {
        let done = finish(self.map.store_item::<&[u8]>(&mut self.buffer, &id.key(), &record)).ok_or(Errno::Io)?;
        done.map_err(|error| errno(&error))
    }

    /// Writes the first `len` bytes of [`FlashFs::chunk`] as a chunk.
    pub(super) fn store_chunk(&mut self, content: u32, index: u32, len: usize) -> Result<(), Errno> {
        let record = self.chunk.get(..len).ok_or(Errno::Io)?;
        let key = Id::Chunk(content, index).key();
        let done = finish(self.map.store_item::<&[u8]>(&mut self.buffer, &key, &record)).ok_or(Errno::Io)?;
        done.map_err(|error| errno(&error))
    }

    /// Removes all records of this key, the newest last.
    pub(super) fn discard(&mut self, id: Id) -> Result<(), Errno> {
        let done = finish(self.map.remove_item(&mut self.buffer, &id.key())).ok_or(Errno::Io)?;
        done.map_err(|error| errno(&error))
    }

    /// Removes all chunks of a content, whose id must not be used again: the map's cache may still point to them.
    pub(super) fn discard_chunks(&mut self, content: u32) -> Result<(), Errno> {
        let done = finish(self.map.remove_item(&mut self.buffer, &Id::chunks(content))).ok_or(Errno::Io)?;
        done.map_err(|error| errno(&error))
    }

    /// Shows every record, older ones of a key before newer ones.
    pub(super) fn each(&mut self, mut look: impl FnMut(Key, &[u8]) -> Result<(), Errno>) -> Result<(), Errno> {
        let (map, buffer) = (&mut self.map, &mut self.buffer);
        let outcome = finish(async {
            let mut all = map.fetch_all_items(buffer).await.map_err(|error| errno(&error))?;
            while let Some((key, record)) = all.next::<&[u8]>(buffer).await.map_err(|error| errno(&error))? {
                look(key, record)?;
            }
            Ok(())
        });
        outcome.ok_or(Errno::Io)?
    }

    /// The unit in which the flash is written and read, as the map takes it.
    fn word_bytes() -> usize {
        F::WRITE_SIZE.max(F::READ_SIZE)
    }

    /// What a record of `len` bytes takes in flash.
    pub(super) fn cost(&self, len: usize) -> u64 {
        const HEADER_BYTES: usize = 8;
        const KEY_BYTES: usize = size_of::<u64>();
        let word = Self::word_bytes();
        (HEADER_BYTES.next_multiple_of(word) + (KEY_BYTES + len).next_multiple_of(word)) as u64
    }

    /// What content of `size` bytes takes, as if no part of it were sparse.
    pub(super) fn content_cost(&self, size: u32) -> u64 {
        let (whole, rest) = (size as usize / CHUNK_BYTES, size as usize % CHUNK_BYTES);
        let last = if rest == 0 { 0 } else { self.cost(rest) };
        whole as u64 * self.cost(CHUNK_BYTES) + last
    }

    /// What all live records take.
    pub(super) fn used_bytes(&self) -> u64 {
        let names = self.names.iter().filter(|slot| slot.is_used());
        let nodes = self.nodes.iter().filter(|slot| slot.is_used());
        names.map(|slot| self.cost(NAME_HEAD_BYTES + usize::from(slot.len))).sum::<u64>()
            + nodes.map(|slot| self.cost(NODE_BYTES) + self.content_cost(slot.size)).sum::<u64>()
    }

    /// How much live records may take.
    ///
    /// When the map opens a page it moves the live records of the oldest one there; the new record must fit behind them,
    /// on some page within a round. So of each page the longest record stays free, and as much again is lost where a
    /// record did not fit at its end; one page is always blank.
    pub(super) fn capacity_bytes(&self) -> u64 {
        let pages = self.pages.saturating_sub(1);
        let markers = 2 * Self::word_bytes() as u64;
        let page = (F::ERASE_SIZE as u64).saturating_sub(markers + 2 * self.cost(CHUNK_BYTES));
        u64::from(pages) * page
    }

    /// `NOSPC` unless there is room for so much more.
    pub(super) fn require_room(&self, more: u64) -> Result<(), Errno> {
        if self.used_bytes() + more <= self.capacity_bytes() { Ok(()) } else { Err(Errno::NoSpc) }
    }
}

//! A file system in NOR flash: files, directories, symbolic and hard links that survive a loss of power at any moment.
//!
//! It lies on `sequential-storage`, a map of small records in flash that never rewrites in place: a record is written
//! whole or not at all, pages are used in turn, so wear spreads by itself, and it builds for thumbv6m without an
//! allocator. (`ekv` has transactions, but each costs a page, so a log line a second would erase a page a second;
//! `littlefs2` needs a C compiler for the target and does not build for thumbv6m.)
//!
//! Every change of the tree is one record, so there is nothing to roll back:
//!
//! ```text
//! name   serial         -> parent, node, serial that it replaces, text     a rename rewrites one record
//! node   id             -> kind, content, size, three times                written when synced, closed or cut
//! chunk  content, index -> up to 512 bytes                                 absent where a file is sparse
//! ```
//! [`FlashFs::mount`] reads all records once and drops what no name leads to: the remains of what was under way when the
//! power went. In memory stay 16 bytes for each name and 24 for each file, in slices that the board lends, and 1.1 KiB
//! for two records. What costs time is removing: the map is read from end to end three times for a file, and once when
//! a file is cut to nothing.
//!
//! Erasing is the one step that a map of records cannot make safe alone: a page whose erasing was cut can look like
//! anything. So the first page of the range is a journal of erasures (`journal`), and an erasure that was begun is
//! repeated before anything is read.
//!
//! Promises: after a cut each name is as before or as after the operation, and a file has all that it had when it was
//! synced or closed last, but for chunks that were written since; a full file system answers `NOSPC` before it hurts the
//! map. Absent: times of access are set only when asked for; a directory's times are kept in memory until it is closed.

mod content;
mod files;
mod journal;
mod mount;
mod record;
mod store;
mod table;
mod tree;

use core::ops::Range;

pub use embedded_storage::nor_flash::MultiwriteNorFlash;
pub use sequential_storage::cache;
use sequential_storage::{
    cache::CacheImpl,
    map::{MapConfig, MapStorage},
};

use crate::Errno;
use journal::Journal;
pub use record::Key;
use record::{BUFFER_BYTES, CHUNK_BYTES};
pub use table::{NameSlot, NodeSlot};

/// A file system in flash.
///
/// `F` must allow a word to be programmed twice (only clearing bits), as most NOR flash does. `C` is how much memory is
/// spent on finding records quickly: `Cache::new_uncached()` for none, better
/// `Cache::new(ArrayPageStates::<PAGES>::new(), ArrayPagePointers::<PAGES>::new(), ArrayKeyPointers::<Key, N>::new())`.
pub struct FlashFs<'m, F: MultiwriteNorFlash, C: CacheImpl<Key>> {
    map: MapStorage<Key, Journal<F>, C>,
    /// Where the map puts a record that it reads or writes.
    buffer: [u8; BUFFER_BYTES],
    /// A chunk that is being changed.
    chunk: [u8; CHUNK_BYTES],
    names: &'m mut [NameSlot],
    nodes: &'m mut [NodeSlot],
    /// How many pages the map has.
    pages: u32,
    /// The next serial of a name and the next id of a node.
    next_serial: u32,
    next_node: u32,
    /// What it calls itself in `filestat`.
    device: u64,
    /// The time of day in nanoseconds since 1970.
    now_ns: fn() -> u64,
}

/// An open file or directory of a [`FlashFs`].
#[derive(PartialEq, Eq, Debug)]
pub struct FlashHandle {
    node: u32,
}

/// What a board lends and says.
pub struct Lent<'m> {
    /// One for each name that can exist, links and directories included.
    pub names: &'m mut [NameSlot],
    /// One for each file, directory and link that can exist or be open, and one for the root.
    pub nodes: &'m mut [NodeSlot],
    /// Distinguishes this file system from others.
    pub device: u64,
    /// Tells the time of day in nanoseconds since 1970, or always 0.
    pub now_ns: fn() -> u64,
}

/// The node of the root directory, which has no name.
const ROOT: u32 = 1;

/// The fewest pages that a range must have: the journal's, and three that are used in turn.
pub const PAGES_MIN: u32 = 4;

impl<'m, F: MultiwriteNorFlash, C: CacheImpl<Key>> FlashFs<'m, F, C> {
    /// Finds the file system in the bytes `range` of `flash`; blank flash is an empty one.
    ///
    /// `INVAL` if the range is not of at least [`PAGES_MIN`] whole pages, or a page is too small for two records; `NOMEM`
    /// if there is more than the slots can hold; `IO` if the flash fails or holds something else (see
    /// [`FlashFs::format`]). `cache` must be new.
    pub fn mount(flash: F, range: Range<u32>, cache: C, lent: Lent<'m>) -> Result<FlashFs<'m, F, C>, Errno> {
        let mut files = Self::over(flash, range, cache, lent)?;
        files.map.flash().recover().map_err(|_| Errno::Io)?;
        files.rebuild()?;
        Ok(files)
    }

    /// Erases the range, and mounts the empty file system in it.
    pub fn format(flash: F, range: Range<u32>, cache: C, lent: Lent<'m>) -> Result<FlashFs<'m, F, C>, Errno> {
        let mut files = Self::over(flash, range, cache, lent)?;
        files.map.flash().erase_everything().map_err(|_| Errno::Io)?;
        files.rebuild()?;
        Ok(files)
    }

    fn over(flash: F, range: Range<u32>, cache: C, lent: Lent<'m>) -> Result<FlashFs<'m, F, C>, Errno> {
        let journal = Journal::new(flash, range.clone()).ok_or(Errno::Inval)?;
        let (page, pages) = (F::ERASE_SIZE as u32, journal.map_pages());
        let config = MapConfig::try_new(range.start.saturating_add(page)..range.end).map_err(|_| Errno::Inval)?;
        let map = MapStorage::new(journal, config, cache);
        let Lent { names, nodes, device, now_ns } = lent;
        names.fill(NameSlot::FREE);
        nodes.fill(NodeSlot::FREE);
        let (buffer, chunk) = ([0; BUFFER_BYTES], [0; CHUNK_BYTES]);
        let (next_serial, next_node) = (1, ROOT + 1);
        Ok(FlashFs { map, buffer, chunk, names, nodes, pages, next_serial, next_node, device, now_ns })
    }

    /// Opens the root directory, to be preopened.
    pub fn root(&mut self) -> Result<FlashHandle, Errno> {
        self.open_node(ROOT)
    }

    /// How many bytes of content still fit, if they come in whole chunks.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        let chunk = self.cost(CHUNK_BYTES);
        (self.capacity_bytes().saturating_sub(self.used_bytes()) / chunk) * CHUNK_BYTES as u64
    }

    /// How many pages were erased since it was mounted, the journal's own included.
    pub fn erasures(&mut self) -> u64 {
        self.map.flash().erasures()
    }

    /// Writes what is only in memory: sizes of open files, times of directories.
    pub fn sync_all(&mut self) -> Result<(), Errno> {
        (0..self.nodes.len()).try_for_each(|index| self.flush_slot(index))
    }

    /// Gives the flash back, as a cut of the power would.
    #[must_use]
    pub fn into_flash(self) -> F {
        self.map.destroy().0.into_flash()
    }
}

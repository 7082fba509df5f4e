//! What P1 asks of a file system, for the one in flash.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sequential_storage::cache::CacheImpl;

use super::{
    FlashFs, FlashHandle, Key, ROOT,
    record::{Id, NameRecord},
};
use crate::{
    Errno, Filetype,
    capability::{Change, Entry, FileSystem, Files, Kind, New, Open, Position, Stamp, Stat, Times},
    names,
};

/// The cookies of a directory's first entries: of `..`, and of what comes after it. The cookie after a name is this much
/// more than its serial.
const COOKIE_PARENT: u64 = 1;
const COOKIE_NAMES: u64 = 2;

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> FlashFs<'_, F, C> {
    /// Counts one more opening of a node.
    pub(super) fn open_node(&mut self, id: u32) -> Result<FlashHandle, Errno> {
        let slot = self.node_mut(id)?;
        slot.open = slot.open.checked_add(1).ok_or(Errno::Nfile)?;
        Ok(FlashHandle { node: id })
    }

    fn stat_node(&mut self, id: u32) -> Result<Stat, Errno> {
        let record = self.node_record(id)?;
        let names = self.names.iter().filter(|slot| slot.is_used() && slot.node == id).count() as u64;
        Ok(Stat {
            device: self.device,
            inode: u64::from(id),
            filetype: record.kind,
            links: if id == ROOT { 1 } else { names },
            size_bytes: u64::from(record.size),
            accessed_ns: record.accessed_ns,
            modified_ns: record.modified_ns,
            changed_ns: record.changed_ns,
        })
    }

    fn set_times(&mut self, id: u32, times: Times) -> Result<(), Errno> {
        let now_ns = (self.now_ns)();
        let stamped = |stamp: Option<Stamp>, old_ns: u64| match stamp {
            Some(Stamp::Now) => now_ns,
            Some(Stamp::At(at_ns)) => at_ns,
            None => old_ns,
        };
        let mut record = self.node_record(id)?;
        record.accessed_ns = stamped(times.accessed, record.accessed_ns);
        record.modified_ns = stamped(times.modified, record.modified_ns);
        record.changed_ns = now_ns;
        self.store_node(id, &record)
    }

    /// The used name of this directory with the smallest serial that is at least `from`.
    fn next_name(&self, directory: u32, from: u64) -> Option<(u32, u32)> {
        let names = self.names.iter().filter(|slot| slot.is_used() && slot.parent == directory);
        let later = names.filter(|slot| u64::from(slot.serial) >= from);
        later.min_by_key(|slot| slot.serial).map(|slot| (slot.serial, slot.node))
    }
}

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> Files for FlashFs<'_, F, C> {
    type Handle = FlashHandle;

    fn read(&mut self, file: &FlashHandle, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        self.require_file(file.node)?;
        match u32::try_from(at) {
            Ok(at) => self.read_content(file.node, at, into),
            Err(_) => Ok(0),
        }
    }

    fn write(&mut self, file: &FlashHandle, to: Position, from: &[u8]) -> Result<usize, Errno> {
        self.require_file(file.node)?;
        let at = match to {
            Position::At(at) => at,
            Position::End => u64::from(self.node(file.node)?.size),
        };
        self.write_content(file.node, at, from)
    }

    fn stat(&mut self, open: &FlashHandle) -> Result<Stat, Errno> {
        self.stat_node(open.node)
    }

    fn change(&mut self, open: &FlashHandle, change: Change) -> Result<(), Errno> {
        let size = match change {
            Change::Times(times) => return self.set_times(open.node, times),
            Change::Advice { .. } => return self.require_file(open.node),
            Change::Size(size) => size,
            Change::Allocate { at, len } => at.saturating_add(len).max(u64::from(self.node(open.node)?.size)),
        };
        self.require_file(open.node)?;
        self.resize(open.node, size)
    }

    fn sync(&mut self, open: &FlashHandle, _: bool) -> Result<(), Errno> {
        // What was written is in flash already; it is the size that says that it counts.
        self.flush(open.node)
    }

    fn list(
        &mut self,
        directory: &FlashHandle,
        cookie: u64,
        sink: &mut dyn FnMut(Entry<'_>) -> bool,
    ) -> Result<(), Errno> {
        let node = directory.node;
        if self.node(node)?.kind.filetype() != Filetype::Directory {
            return Err(Errno::NotDir);
        }
        let dot = |next, inode, name| Entry { next, inode, filetype: Filetype::Directory, name };
        if cookie == 0 && !sink(dot(COOKIE_PARENT, u64::from(node), b".")) {
            return Ok(());
        }
        // The parent may be outside of what the guest was given, so it is not told.
        if cookie <= COOKIE_PARENT && !sink(dot(COOKIE_NAMES, 0, b"..")) {
            return Ok(());
        }
        let mut from = cookie.saturating_sub(COOKIE_NAMES);
        while let Some((serial, named)) = self.next_name(node, from) {
            from = u64::from(serial) + 1;
            let filetype = self.node(named)?.kind.filetype();
            let record = self.fetch(Id::Name(serial))?.and_then(NameRecord::read).ok_or(Errno::Io)?;
            let entry = Entry { next: from + COOKIE_NAMES, inode: u64::from(named), filetype, name: record.text };
            if !sink(entry) {
                break;
            }
        }
        Ok(())
    }

    fn close(&mut self, open: FlashHandle) -> Result<(), Errno> {
        let slot = self.node_mut(open.node)?;
        slot.open = slot.open.saturating_sub(1);
        if names::Names::has_name(self, open.node)? { self.flush(open.node) } else { self.free_if_unused(open.node) }
    }
}

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> FileSystem for FlashFs<'_, F, C> {
    fn open(&mut self, base: &FlashHandle, path: &str, how: Open) -> Result<(FlashHandle, Filetype), Errno> {
        let (node, filetype) = names::open(self, base.node, path, how)?;
        Ok((self.open_node(node)?, filetype))
    }

    fn stat_at(&mut self, base: &FlashHandle, path: &str, follow: bool) -> Result<Stat, Errno> {
        let node = names::lookup(self, base.node, path, follow)?;
        self.stat_node(node)
    }

    fn set_times_at(&mut self, base: &FlashHandle, path: &str, follow: bool, times: Times) -> Result<(), Errno> {
        let node = names::lookup(self, base.node, path, follow)?;
        self.set_times(node, times)
    }

    fn create(&mut self, base: &FlashHandle, path: &str, new: New<'_>) -> Result<(), Errno> {
        names::create(self, base.node, path, new)
    }

    fn remove(&mut self, base: &FlashHandle, path: &str, kind: Kind) -> Result<(), Errno> {
        names::remove(self, base.node, path, kind)
    }

    fn rename(&mut self, base: &FlashHandle, from: &str, to_base: &FlashHandle, to: &str) -> Result<(), Errno> {
        names::rename(self, (base.node, from), (to_base.node, to))
    }

    fn link(&mut self, base: &FlashHandle, from: &str, to_base: &FlashHandle, to: &str) -> Result<(), Errno> {
        names::link(self, (base.node, from), (to_base.node, to))
    }

    fn read_link(&mut self, base: &FlashHandle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        names::read_link(self, base.node, path, into)
    }
}

//! What P1 asks of a file system, for the one in RAM.

use super::{
    ROOT, RamFs, RamHandle,
    blocks::NONE,
    node::{Field, NodeKind, Time},
};
use crate::{
    Errno, Filetype,
    capability::{Change, Entry, FileSystem, Files, Kind, New, Open, Position, Stamp, Stat, Times},
    names::{self, Names},
    walk::NAME_BYTES_MAX,
};

/// The cookies of a directory's first entries: of `..`, and of what comes after it. A record's cookie is this much more
/// than its position.
const COOKIE_PARENT: u64 = 1;
const COOKIE_RECORDS: u64 = 2;

impl RamFs<'_> {
    fn require_file(&self, node: u32) -> Result<(), Errno> {
        match self.filetype(node)? {
            Filetype::RegularFile => Ok(()),
            Filetype::Directory => Err(Errno::IsDir),
            _ => Err(Errno::Inval),
        }
    }

    fn stat_node(&self, node: u32) -> Result<Stat, Errno> {
        Ok(Stat {
            device: self.device,
            inode: u64::from(node),
            filetype: self.filetype(node)?,
            links: u64::from(self.get(node, Field::Links)?),
            size_bytes: u64::from(self.get(node, Field::Size)?),
            accessed_ns: self.time_ns(node, Time::Accessed)?,
            modified_ns: self.time_ns(node, Time::Modified)?,
            changed_ns: self.time_ns(node, Time::Changed)?,
        })
    }

    fn set_times(&mut self, node: u32, times: Times) -> Result<(), Errno> {
        let now_ns = (self.now_ns)();
        for (time, stamp) in [(Time::Accessed, times.accessed), (Time::Modified, times.modified)] {
            match stamp {
                Some(Stamp::Now) => self.set_time_ns(node, time, now_ns)?,
                Some(Stamp::At(at_ns)) => self.set_time_ns(node, time, at_ns)?,
                None => {}
            }
        }
        self.set_time_ns(node, Time::Changed, now_ns)
    }
}

impl Names for RamFs<'_> {
    fn root(&self) -> u32 {
        ROOT
    }

    fn has_name(&mut self, node: u32) -> Result<bool, Errno> {
        Ok(self.get(node, Field::Links)? > 0)
    }

    fn is_empty(&mut self, directory: u32) -> Result<bool, Errno> {
        RamFs::is_empty(self, directory)
    }

    fn make(&mut self, parent: u32, name: &[u8], kind: Filetype, text: &[u8]) -> Result<u32, Errno> {
        let kind = match kind {
            Filetype::Directory => NodeKind::Directory,
            Filetype::SymbolicLink => NodeKind::Symlink,
            _ => NodeKind::File,
        };
        self.create_node(parent, name, kind, text)
    }

    fn add(&mut self, parent: u32, name: &[u8], node: u32) -> Result<(), Errno> {
        self.add_name(parent, name, node)
    }

    fn take(&mut self, parent: u32, name: &[u8]) -> Result<(), Errno> {
        let record = self.find_record(parent, name)?.ok_or(Errno::NoEnt)?;
        self.remove_name(parent, record)
    }

    fn shift(&mut self, from: (u32, &[u8]), to: (u32, &[u8]), node: u32) -> Result<(), Errno> {
        match self.find_record(to.0, to.1)? {
            Some(record) => self.replace_name(to.0, record, node)?,
            None => self.add_name(to.0, to.1, node)?,
        }
        self.take(from.0, from.1)?;
        if self.filetype(node)? == Filetype::Directory {
            self.set(node, Field::Parent, to.0)?;
        }
        Ok(())
    }

    fn empty(&mut self, file: u32) -> Result<(), Errno> {
        self.resize(file, 0)?;
        self.touch(file)
    }
}

impl Files for RamFs<'_> {
    type Handle = RamHandle;

    fn read(&mut self, file: &RamHandle, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        self.require_file(file.node)?;
        match u32::try_from(at) {
            Ok(at) => self.read_content(file.node, at, into),
            Err(_) => Ok(0),
        }
    }

    fn write(&mut self, file: &RamHandle, to: Position, from: &[u8]) -> Result<usize, Errno> {
        self.require_file(file.node)?;
        let at = match to {
            Position::At(at) => at,
            Position::End => u64::from(self.get(file.node, Field::Size)?),
        };
        let len = self.write_content(file.node, at, from)?;
        self.touch(file.node)?;
        Ok(len)
    }

    fn stat(&mut self, open: &RamHandle) -> Result<Stat, Errno> {
        self.stat_node(open.node)
    }

    fn change(&mut self, open: &RamHandle, change: Change) -> Result<(), Errno> {
        let size = match change {
            Change::Times(times) => return self.set_times(open.node, times),
            Change::Advice { .. } => return self.require_file(open.node),
            Change::Size(size) => size,
            Change::Allocate { at, len } => at.saturating_add(len).max(u64::from(self.get(open.node, Field::Size)?)),
        };
        self.require_file(open.node)?;
        self.resize(open.node, size)?;
        self.touch(open.node)
    }

    fn sync(&mut self, _: &RamHandle, _: bool) -> Result<(), Errno> {
        // There is no storage that would keep it longer.
        Ok(())
    }

    fn list(
        &mut self,
        directory: &RamHandle,
        cookie: u64,
        sink: &mut dyn FnMut(Entry<'_>) -> bool,
    ) -> Result<(), Errno> {
        let node = directory.node;
        if self.filetype(node)? != Filetype::Directory {
            return Err(Errno::NotDir);
        }
        let dot = |next, inode, name| Entry { next, inode, filetype: Filetype::Directory, name };
        if cookie == 0 && !sink(dot(COOKIE_PARENT, u64::from(node), b".")) {
            return Ok(());
        }
        // The parent may be outside of what the guest was given, so it is not told.
        if cookie <= COOKIE_PARENT && !sink(dot(COOKIE_RECORDS, 0, b"..")) {
            return Ok(());
        }
        let mut at = u32::try_from(cookie.saturating_sub(COOKIE_RECORDS)).unwrap_or(u32::MAX);
        let mut name = [0; NAME_BYTES_MAX];
        while let Some(record) = self.record(node, at)? {
            at = record.end();
            if record.node == NONE {
                continue;
            }
            let entry = Entry {
                next: u64::from(at) + COOKIE_RECORDS,
                inode: u64::from(record.node),
                filetype: self.filetype(record.node)?,
                name: self.record_name(node, record, &mut name)?,
            };
            if !sink(entry) {
                break;
            }
        }
        Ok(())
    }

    fn close(&mut self, open: RamHandle) -> Result<(), Errno> {
        let count = self.get(open.node, Field::Open)?;
        self.set(open.node, Field::Open, count.saturating_sub(1))?;
        self.free_if_unused(open.node)
    }
}

impl FileSystem for RamFs<'_> {
    fn open(&mut self, base: &RamHandle, path: &str, how: Open) -> Result<(RamHandle, Filetype), Errno> {
        let (node, filetype) = names::open(self, base.node, path, how)?;
        Ok((self.open_node(node)?, filetype))
    }

    fn stat_at(&mut self, base: &RamHandle, path: &str, follow: bool) -> Result<Stat, Errno> {
        let node = names::lookup(self, base.node, path, follow)?;
        self.stat_node(node)
    }

    fn set_times_at(&mut self, base: &RamHandle, path: &str, follow: bool, times: Times) -> Result<(), Errno> {
        let node = names::lookup(self, base.node, path, follow)?;
        self.set_times(node, times)
    }

    fn create(&mut self, base: &RamHandle, path: &str, new: New<'_>) -> Result<(), Errno> {
        names::create(self, base.node, path, new)
    }

    fn remove(&mut self, base: &RamHandle, path: &str, kind: Kind) -> Result<(), Errno> {
        names::remove(self, base.node, path, kind)
    }

    fn rename(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        names::rename(self, (base.node, from), (to_base.node, to))
    }

    fn link(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        names::link(self, (base.node, from), (to_base.node, to))
    }

    fn read_link(&mut self, base: &RamHandle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        names::read_link(self, base.node, path, into)
    }
}

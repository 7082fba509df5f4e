//! What P1 asks of a file system, for the one in RAM.

use super::{
    ROOT, RamFs, RamHandle,
    blocks::NONE,
    node::{Field, NodeKind, Time},
};
use crate::{
    Errno, Filetype,
    capability::{Change, Entry, FileSystem, Files, Kind, New, Open, Position, Stamp, Stat, Times},
    walk::{Last, NAME_BYTES_MAX, Name, Place, walk},
};

/// The longest text of a symbolic link in bytes, as on Linux.
const LINK_BYTES_MAX: usize = 4095;
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

    /// The existing node at a path.
    fn lookup(&mut self, base: &RamHandle, path: &str, follow: bool) -> Result<u32, Errno> {
        let last = if follow { Last::Follow } else { Last::FollowBeforeSlash };
        walk(self, base.node, path, last)?.existing(self)
    }

    /// The path's last name, for an operation on the name itself: `dots` if there is none.
    fn last_name(
        &mut self,
        base: &RamHandle,
        path: &str,
        dots: Errno,
    ) -> Result<(u32, Name, Option<u32>, bool), Errno> {
        match walk(self, base.node, path, Last::Keep)? {
            Place::Directory(_) => Err(dots),
            Place::Entry { parent, name, node, slash } => Ok((parent, name, node, slash)),
        }
    }

    /// Is `node` the directory `above`, or somewhere in it? `NOENT` if it was removed: only what has a name is
    /// anywhere.
    fn is_within(&self, node: u32, above: u32) -> Result<bool, Errno> {
        if self.get(node, Field::Links)? == 0 {
            return Err(Errno::NoEnt);
        }
        let mut at = node;
        while at != above {
            if at == ROOT {
                return Ok(false);
            }
            at = self.get(at, Field::Parent)?;
        }
        Ok(true)
    }

    /// Opens what is there.
    fn open_existing(&mut self, node: u32, slash: bool, how: Open) -> Result<(RamHandle, Filetype), Errno> {
        if how.create && how.exclusive {
            return Err(Errno::Exist);
        }
        let filetype = self.filetype(node)?;
        match filetype {
            Filetype::Directory if how.write || how.create || how.truncate => return Err(Errno::IsDir),
            Filetype::Directory => {}
            _ if slash || how.directory => return Err(Errno::NotDir),
            Filetype::SymbolicLink => return Err(Errno::Loop),
            _ if how.truncate => {
                self.resize(node, 0)?;
                self.touch(node)?;
            }
            _ => {}
        }
        Ok((self.open_node(node)?, filetype))
    }

    /// May `from` take the place of `to`?
    fn may_replace(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        let (moved, replaced) = (self.filetype(from)?, self.filetype(to)?);
        match (moved == Filetype::Directory, replaced == Filetype::Directory) {
            (false, true) => Err(Errno::IsDir),
            (true, false) => Err(Errno::NotDir),
            (true, true) if !self.is_empty(to)? => Err(Errno::NotEmpty),
            _ => Ok(()),
        }
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
        let last = match (how.create && how.exclusive, how.follow) {
            (true, _) => Last::Keep,
            (false, true) => Last::Follow,
            (false, false) => Last::FollowBeforeSlash,
        };
        match walk(self, base.node, path, last)? {
            Place::Directory(node) => self.open_existing(node, false, how),
            Place::Entry { node: Some(node), slash, .. } => self.open_existing(node, slash, how),
            Place::Entry { node: None, .. } if !how.create => Err(Errno::NoEnt),
            Place::Entry { slash: true, .. } => Err(Errno::IsDir),
            Place::Entry { parent, name, .. } => {
                let node = self.create_node(parent, name.as_bytes(), NodeKind::File, &[])?;
                Ok((self.open_node(node)?, Filetype::RegularFile))
            }
        }
    }

    fn stat_at(&mut self, base: &RamHandle, path: &str, follow: bool) -> Result<Stat, Errno> {
        let node = self.lookup(base, path, follow)?;
        self.stat_node(node)
    }

    fn set_times_at(&mut self, base: &RamHandle, path: &str, follow: bool, times: Times) -> Result<(), Errno> {
        let node = self.lookup(base, path, follow)?;
        self.set_times(node, times)
    }

    fn create(&mut self, base: &RamHandle, path: &str, new: New<'_>) -> Result<(), Errno> {
        let (parent, name, node, slash) = self.last_name(base, path, Errno::Exist)?;
        if node.is_some() {
            return Err(Errno::Exist);
        }
        match new {
            New::Directory => self.create_node(parent, name.as_bytes(), NodeKind::Directory, &[])?,
            New::Symlink(_) if slash => return Err(Errno::NoEnt),
            New::Symlink(target) if target.len() > LINK_BYTES_MAX => return Err(Errno::NameTooLong),
            New::Symlink(target) => self.create_node(parent, name.as_bytes(), NodeKind::Symlink, target.as_bytes())?,
        };
        Ok(())
    }

    fn remove(&mut self, base: &RamHandle, path: &str, kind: Kind) -> Result<(), Errno> {
        let dots = if kind == Kind::File { Errno::IsDir } else { Errno::Inval };
        let (parent, name, node, slash) = self.last_name(base, path, dots)?;
        let is_directory = self.filetype(node.ok_or(Errno::NoEnt)?)? == Filetype::Directory;
        let record = self.find_record(parent, name.as_bytes())?.ok_or(Errno::NoEnt)?;
        match kind {
            Kind::File if is_directory => return Err(Errno::IsDir),
            Kind::File if slash => return Err(Errno::NotDir),
            Kind::Directory if !is_directory => return Err(Errno::NotDir),
            Kind::Directory if !self.is_empty(record.node)? => return Err(Errno::NotEmpty),
            Kind::File | Kind::Directory => {}
        }
        self.remove_name(parent, record)
    }

    fn rename(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        let (parent, name, node, slash) = self.last_name(base, from, Errno::Busy)?;
        let node = node.ok_or(Errno::NoEnt)?;
        let (to_parent, to_name, to_node, to_slash) = self.last_name(to_base, to, Errno::Busy)?;
        let is_directory = self.filetype(node)? == Filetype::Directory;
        if (slash || to_slash) && !is_directory {
            return Err(Errno::NotDir);
        }
        if is_directory && self.is_within(to_parent, node)? {
            return Err(Errno::Inval);
        }
        match to_node {
            Some(to_node) if to_node == node => return Ok(()),
            Some(to_node) => {
                self.may_replace(node, to_node)?;
                let record = self.find_record(to_parent, to_name.as_bytes())?.ok_or(Errno::NoEnt)?;
                self.replace_name(to_parent, record, node)?;
            }
            None => self.add_name(to_parent, to_name.as_bytes(), node)?,
        }
        let record = self.find_record(parent, name.as_bytes())?.ok_or(Errno::Io)?;
        self.remove_name(parent, record)?;
        if is_directory {
            self.set(node, Field::Parent, to_parent)?;
        }
        Ok(())
    }

    fn link(&mut self, base: &RamHandle, from: &str, to_base: &RamHandle, to: &str) -> Result<(), Errno> {
        let node = walk(self, base.node, from, Last::Keep)?.existing(self)?;
        if self.filetype(node)? == Filetype::Directory {
            return Err(Errno::Perm);
        }
        let (parent, name, existing, slash) = self.last_name(to_base, to, Errno::Exist)?;
        if existing.is_some() {
            return Err(Errno::Exist);
        }
        if slash {
            return Err(Errno::NoEnt);
        }
        self.add_name(parent, name.as_bytes(), node)
    }

    fn read_link(&mut self, base: &RamHandle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        let node = self.lookup(base, path, false)?;
        if self.filetype(node)? != Filetype::SymbolicLink {
            return Err(Errno::Inval);
        }
        self.read_content(node, 0, into)
    }
}

//! A file tree that is part of the firmware: read in place, never written.
//!
//! It is a table, so that a build script can write it with `include_bytes!` and nothing is unpacked; or whatever else lies in
//! flash and can be walked as one ([`Items`]). Every attempt to change something is `ROFS`, as on a disk that is mounted so.

use core::marker::PhantomData;

use crate::{
    Errno, Filetype,
    capability::{Change, Entry, FileSystem, Files, Kind, New, Open, Position, Stat, Times},
    walk::{Last, Place, Tree, walk},
};

/// A file, directory or symbolic link of a [`Bundle`].
#[derive(Clone, Copy, Debug)]
pub struct Item<'b> {
    /// The index of the directory that it is in.
    pub parent: u32,
    /// Its name in there.
    pub name: &'b str,
    /// What it is.
    pub content: Content<'b>,
}

/// What an [`Item`] is.
#[derive(Clone, Copy, Debug)]
pub enum Content<'b> {
    /// A file with these bytes.
    File(&'b [u8]),
    /// A directory: the items whose parent it is.
    Directory,
    /// A symbolic link to this relative path.
    Symlink(&'b str),
}

/// Where the items of a [`Bundle`] come from: the root, and each other one after the directory that it is in.
pub trait Items<'b>: Copy {
    /// All of them, in order.
    fn all(self) -> impl Iterator<Item = Item<'b>>;
}

impl<'b> Items<'b> for &'b [Item<'b>] {
    fn all(self) -> impl Iterator<Item = Item<'b>> {
        self.iter().copied()
    }
}

/// A file tree in read-only memory.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'b, I = &'b [Item<'b>]> {
    items: I,
    device: u64,
    kept: PhantomData<&'b ()>,
}

/// Something open in a [`Bundle`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BundleHandle(u32);

/// The item that is the root; it is its own parent, and its name means nothing.
const ROOT: u32 = 0;
/// The cookies of a directory's first entries; an item's is this much more than its index.
const COOKIE_PARENT: u64 = 1;
const COOKIE_ITEMS: u64 = 2;

impl<'b> Bundle<'b> {
    /// The tree of a table; see [`Bundle::of`].
    pub fn new(items: &'b [Item<'b>], device: u64) -> Result<Bundle<'b>, Errno> {
        Bundle::of(items, device)
    }
}

impl<'b, I: Items<'b>> Bundle<'b, I> {
    /// The tree of these items; `device` distinguishes it from other file systems.
    ///
    /// `INVAL` unless the first item is a directory that is its own parent, and each other one is in a directory that
    /// comes before it.
    pub fn of(items: I, device: u64) -> Result<Bundle<'b, I>, Errno> {
        let is_directory =
            |index: u32| items.all().nth(index as usize).is_some_and(|item| matches!(item.content, Content::Directory));
        let in_order = |(index, item): (usize, Item<'_>)| {
            (index == 0 || (item.parent as usize) < index) && is_directory(item.parent)
        };
        let whole = items.all().next().is_some_and(|root| root.parent == ROOT) && items.all().enumerate().all(in_order);
        if whole { Ok(Bundle { items, device, kept: PhantomData }) } else { Err(Errno::Inval) }
    }

    /// The root directory, to be preopened.
    #[must_use]
    pub fn root(&self) -> BundleHandle {
        BundleHandle(ROOT)
    }

    fn item(&self, node: u32) -> Result<Item<'b>, Errno> {
        self.items.all().nth(node as usize).ok_or(Errno::Io)
    }

    fn filetype(&self, node: u32) -> Result<Filetype, Errno> {
        Ok(match self.item(node)?.content {
            Content::File(_) => Filetype::RegularFile,
            Content::Directory => Filetype::Directory,
            Content::Symlink(_) => Filetype::SymbolicLink,
        })
    }

    fn stat_item(&self, node: u32) -> Result<Stat, Errno> {
        let size_bytes = match self.item(node)?.content {
            Content::File(bytes) => bytes.len(),
            Content::Directory => 0,
            Content::Symlink(target) => target.len(),
        };
        let stat = Stat::of_type(self.filetype(node)?);
        Ok(Stat { device: self.device, inode: u64::from(node) + 1, size_bytes: size_bytes as u64, ..stat })
    }

    /// The existing item at a path.
    fn lookup(&mut self, base: &BundleHandle, path: &str, follow: bool) -> Result<u32, Errno> {
        let last = if follow { Last::Follow } else { Last::FollowBeforeSlash };
        walk(self, base.0, path, last)?.existing(self)
    }

    /// What changing something at a path answers: its own error if the path is wrong, else `ROFS`.
    fn refuse(&mut self, base: &BundleHandle, path: &str) -> Errno {
        walk(self, base.0, path, Last::Keep).err().unwrap_or(Errno::RoFs)
    }
}

impl<'b, I: Items<'b>> Tree for Bundle<'b, I> {
    type Node = u32;

    fn kind(&mut self, node: u32) -> Result<Filetype, Errno> {
        self.filetype(node)
    }

    fn find(&mut self, directory: u32, name: &[u8]) -> Result<Option<u32>, Errno> {
        let is_it = |item: Item<'_>| item.parent == directory && item.name.as_bytes() == name;
        Ok(self.items.all().skip(1).position(is_it).map(|index| index as u32 + 1))
    }

    fn parent(&mut self, directory: u32) -> Result<u32, Errno> {
        Ok(self.item(directory)?.parent)
    }

    fn text(&mut self, symlink: u32, at: u32, into: &mut [u8]) -> Result<usize, Errno> {
        let Content::Symlink(target) = self.item(symlink)?.content else { return Err(Errno::Inval) };
        Ok(copy_from(target.as_bytes(), u64::from(at), into))
    }
}

/// Copies what is there from `at` on, as far as it fits, and says how much that was.
fn copy_from(bytes: &[u8], at: u64, into: &mut [u8]) -> usize {
    let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    into.iter_mut().zip(rest).map(|(place, byte)| *place = *byte).count()
}

impl<'b, I: Items<'b>> Files for Bundle<'b, I> {
    type Handle = BundleHandle;

    fn read(&mut self, file: &BundleHandle, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        match self.item(file.0)?.content {
            Content::File(bytes) => Ok(copy_from(bytes, at, into)),
            Content::Directory => Err(Errno::IsDir),
            Content::Symlink(_) => Err(Errno::Inval),
        }
    }

    fn write(&mut self, _: &BundleHandle, _: Position, _: &[u8]) -> Result<usize, Errno> {
        Err(Errno::RoFs)
    }

    fn stat(&mut self, open: &BundleHandle) -> Result<Stat, Errno> {
        self.stat_item(open.0)
    }

    fn change(&mut self, _: &BundleHandle, change: Change) -> Result<(), Errno> {
        match change {
            Change::Advice { .. } => Ok(()),
            Change::Size(_) | Change::Allocate { .. } | Change::Times(_) => Err(Errno::RoFs),
        }
    }

    fn sync(&mut self, _: &BundleHandle, _: bool) -> Result<(), Errno> {
        Ok(())
    }

    fn list(
        &mut self,
        directory: &BundleHandle,
        cookie: u64,
        sink: &mut dyn FnMut(Entry<'_>) -> bool,
    ) -> Result<(), Errno> {
        if self.filetype(directory.0)? != Filetype::Directory {
            return Err(Errno::NotDir);
        }
        let dot = |next, inode, name| Entry { next, inode, filetype: Filetype::Directory, name };
        if cookie == 0 && !sink(dot(COOKIE_PARENT, u64::from(directory.0) + 1, b".")) {
            return Ok(());
        }
        // The parent may be outside of what the guest was given, so it is not told.
        if cookie <= COOKIE_PARENT && !sink(dot(COOKIE_ITEMS, 0, b"..")) {
            return Ok(());
        }
        let first = usize::try_from(cookie.saturating_sub(COOKIE_ITEMS)).unwrap_or(usize::MAX);
        let items = self.items.all().enumerate().skip(first.max(1));
        for (index, item) in items.filter(|(_, item)| item.parent == directory.0) {
            let inode = index as u64 + 1;
            let filetype = self.filetype(index as u32)?;
            if !sink(Entry { next: inode + COOKIE_ITEMS, inode, filetype, name: item.name.as_bytes() }) {
                break;
            }
        }
        Ok(())
    }

    fn close(&mut self, _: BundleHandle) -> Result<(), Errno> {
        Ok(())
    }
}

impl<'b, I: Items<'b>> FileSystem for Bundle<'b, I> {
    fn open(&mut self, base: &BundleHandle, path: &str, how: Open) -> Result<(BundleHandle, Filetype), Errno> {
        let last = match (how.create && how.exclusive, how.follow) {
            (true, _) => Last::Keep,
            (false, true) => Last::Follow,
            (false, false) => Last::FollowBeforeSlash,
        };
        let place = walk(self, base.0, path, last)?;
        if how.create && matches!(place, Place::Entry { node: None, .. }) {
            return Err(Errno::RoFs);
        }
        let node = place.existing(self)?;
        let filetype = self.filetype(node)?;
        match filetype {
            _ if how.create && how.exclusive => Err(Errno::Exist),
            Filetype::Directory if how.write || how.create || how.truncate => Err(Errno::IsDir),
            Filetype::Directory => Ok((BundleHandle(node), filetype)),
            _ if how.directory => Err(Errno::NotDir),
            Filetype::SymbolicLink => Err(Errno::Loop),
            _ if how.write || how.truncate => Err(Errno::RoFs),
            _ => Ok((BundleHandle(node), filetype)),
        }
    }

    fn stat_at(&mut self, base: &BundleHandle, path: &str, follow: bool) -> Result<Stat, Errno> {
        let node = self.lookup(base, path, follow)?;
        self.stat_item(node)
    }

    fn set_times_at(&mut self, base: &BundleHandle, path: &str, follow: bool, _: Times) -> Result<(), Errno> {
        self.lookup(base, path, follow)?;
        Err(Errno::RoFs)
    }

    fn create(&mut self, base: &BundleHandle, path: &str, _: New<'_>) -> Result<(), Errno> {
        match walk(self, base.0, path, Last::Keep)? {
            Place::Entry { node: None, .. } => Err(Errno::RoFs),
            Place::Entry { .. } | Place::Directory(_) => Err(Errno::Exist),
        }
    }

    fn remove(&mut self, base: &BundleHandle, path: &str, _: Kind) -> Result<(), Errno> {
        walk(self, base.0, path, Last::Keep)?.existing(self)?;
        Err(Errno::RoFs)
    }

    fn rename(&mut self, base: &BundleHandle, from: &str, to_base: &BundleHandle, to: &str) -> Result<(), Errno> {
        walk(self, base.0, from, Last::Keep)?.existing(self)?;
        Err(self.refuse(to_base, to))
    }

    fn link(&mut self, base: &BundleHandle, from: &str, to_base: &BundleHandle, to: &str) -> Result<(), Errno> {
        walk(self, base.0, from, Last::Keep)?.existing(self)?;
        Err(self.refuse(to_base, to))
    }

    fn read_link(&mut self, base: &BundleHandle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        let node = self.lookup(base, path, false)?;
        self.text(node, 0, into)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{string::String, vec::Vec};

    use super::*;

    const fn item(parent: u32, name: &'static str, content: Content<'static>) -> Item<'static> {
        Item { parent, name, content }
    }

    const ITEMS: &[Item<'static>] = &[
        item(0, "", Content::Directory),
        item(0, "etc", Content::Directory),
        item(1, "motd", Content::File(b"welcome")),
        item(0, "link", Content::Symlink("etc/motd")),
        item(1, "up", Content::Symlink("../../etc")),
    ];
    const READ: Open = Open {
        follow: true,
        read: true,
        write: false,
        create: false,
        exclusive: false,
        truncate: false,
        directory: false,
    };

    #[test]
    fn what_is_there_is_found_read_and_listed() {
        let mut bundle = Bundle::new(ITEMS, 9).expect("a tree");
        let root = bundle.root();
        for path in ["etc/motd", "link", "etc/../link"] {
            let (file, _) = bundle.open(&root, path, READ).expect("there");
            let mut content = [0; 4];
            assert_eq!((bundle.read(&file, 3, &mut content), content), (Ok(4), *b"come"));
            assert_eq!(bundle.read(&file, 7, &mut content), Ok(0));
            assert_eq!(bundle.read(&file, u64::MAX, &mut content), Ok(0));
        }
        let mut names = Vec::new();
        let mut cookie = 0;
        // One at a time, so that every cookie is used.
        for _ in 0..4 {
            bundle
                .list(&root, cookie, &mut |entry| {
                    names.push(String::from_utf8(entry.name.to_vec()).expect("UTF-8"));
                    cookie = entry.next;
                    false
                })
                .expect("a directory");
        }
        assert_eq!(names, [".", "..", "etc", "link"]);
        assert_eq!(bundle.list(&root, cookie, &mut |_| panic!("that was all")), Ok(()));
        assert_eq!(bundle.stat_at(&root, "etc/up", true).err(), Some(Errno::Perm));
    }

    #[test]
    fn nothing_is_changed() {
        let mut bundle = Bundle::new(ITEMS, 9).expect("a tree");
        let root = bundle.root();
        let write = Open { write: true, ..READ };
        let rows = [
            bundle.open(&root, "etc/motd", write).map(|_| ()),
            bundle.open(&root, "new", Open { create: true, ..write }).map(|_| ()),
            bundle.open(&root, "link", Open { truncate: true, ..READ }).map(|_| ()),
            bundle.create(&root, "new", New::Directory),
            bundle.remove(&root, "etc/motd", Kind::File),
            bundle.rename(&root, "etc", &root, "new"),
            bundle.link(&root, "link", &root, "new"),
            bundle.set_times_at(&root, "etc", true, Times::default()),
        ];
        assert!(rows.iter().all(|row| *row == Err(Errno::RoFs)), "{rows:?}");
        assert_eq!(bundle.create(&root, "etc", New::Directory), Err(Errno::Exist));
        assert_eq!(bundle.remove(&root, "new", Kind::File), Err(Errno::NoEnt));
        assert_eq!(bundle.rename(&root, "etc", &root, "../x"), Err(Errno::Perm));
        let open = bundle.open(&root, "etc/motd", Open { create: true, exclusive: true, ..write });
        assert_eq!(open.err(), Some(Errno::Exist));
    }

    #[test]
    fn a_table_that_is_no_tree_is_refused() {
        assert_eq!(Bundle::new(&[], 1).err(), Some(Errno::Inval));
        assert_eq!(Bundle::new(&ITEMS[2..], 1).err(), Some(Errno::Inval));
        let in_file = [ITEMS[0], item(0, "f", Content::File(b"")), item(1, "g", Content::File(b""))];
        assert_eq!(Bundle::new(&in_file, 1).err(), Some(Errno::Inval));
        let forward = [ITEMS[0], item(2, "f", Content::Directory), item(0, "g", Content::Directory)];
        assert_eq!(Bundle::new(&forward, 1).err(), Some(Errno::Inval));
    }
}

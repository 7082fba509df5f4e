//! The capability of keeping things: files that are open, and the tree in which they are found.
//!
//! A file system does what a path says, within its directory: every component is walked, and neither `..` nor a
//! symbolic link leaves the directory that the path starts from (`PERM`). It knows nothing of
//! descriptors, positions or rights; those are kept above it, the same for all file systems.

use crate::{Advice, Errno, Filetype};

/// What is known of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// The file system.
    pub device: u64,
    /// The file within its file system; two names of one file have the same.
    pub inode: u64,
    /// What it is.
    pub filetype: Filetype,
    /// How many names it has.
    pub links: u64,
    /// Its length in bytes; of a symbolic link, of its target's text.
    pub size_bytes: u64,
    /// Last access, in nanoseconds since 1970.
    pub accessed_ns: u64,
    /// Last change of the content, in nanoseconds since 1970.
    pub modified_ns: u64,
    /// Last change of anything, in nanoseconds since 1970.
    pub changed_ns: u64,
}

impl Stat {
    /// What there is to say of something that is not in a file system.
    #[must_use]
    pub const fn of_type(filetype: Filetype) -> Stat {
        Stat { device: 0, inode: 0, filetype, links: 1, size_bytes: 0, accessed_ns: 0, modified_ns: 0, changed_ns: 0 }
    }
}

/// A time to set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stamp {
    /// The present, as the file system knows it.
    Now,
    /// Nanoseconds since 1970.
    At(u64),
}

/// The times to set; what is `None` stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Times {
    /// Last access.
    pub accessed: Option<Stamp>,
    /// Last change of the content.
    pub modified: Option<Stamp>,
}

/// A change of an open file other than writing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Cut it, or lengthen it with zeros, to this many bytes.
    Size(u64),
    /// Make room for these bytes, and lengthen it with zeros if it ends before them.
    Allocate {
        /// The first byte.
        at: u64,
        /// How many.
        len: u64,
    },
    /// Set its times.
    Times(Times),
    /// Be told how these bytes will be used; doing nothing is right.
    Advice {
        /// The first byte.
        at: u64,
        /// How many; 0 means to the end.
        len: u64,
        /// How.
        advice: Advice,
    },
}

/// Where a write goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Position {
    /// So many bytes after the start; what lies between the end and there becomes zeros.
    At(u64),
    /// To the end, wherever that is at that moment.
    End,
}

/// An entry of a directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    /// The cookie with which the listing goes on after this entry; never 0.
    pub next: u64,
    /// The inode of what it names.
    pub inode: u64,
    /// What it names.
    pub filetype: Filetype,
    /// Its name.
    pub name: &'a [u8],
}

/// How to open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Open {
    /// Follow a symbolic link in the last component; else one there is `LOOP` (or `NOTDIR`).
    pub follow: bool,
    /// To read it.
    pub read: bool,
    /// To write it; a directory is then `ISDIR`.
    pub write: bool,
    /// Create it if it does not exist.
    pub create: bool,
    /// Fail with `EXIST` if it exists, also as a symbolic link that leads nowhere.
    pub exclusive: bool,
    /// Cut it to no bytes.
    pub truncate: bool,
    /// Fail with `NOTDIR` unless it is a directory.
    pub directory: bool,
}

/// Something to be made that is not opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum New<'a> {
    /// An empty directory.
    Directory,
    /// A symbolic link to this relative path, which need not exist.
    Symlink(&'a str),
}

/// What is expected at a path that is to be removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Anything that is not a directory; else `ISDIR`.
    File,
    /// An empty directory; else `NOTDIR` or `NOTEMPTY`.
    Directory,
}

/// What is done with files and directories that are open.
pub trait Files {
    /// An open file or directory. It goes on working when its name is removed.
    type Handle;

    /// Reads what is there `at` bytes after the start, up to the length of `into`: 0 at the end and after it.
    fn read(&mut self, file: &Self::Handle, at: u64, into: &mut [u8]) -> Result<usize, Errno>;
    /// Writes as much as there is room for: `NOSPC` if that is nothing.
    fn write(&mut self, file: &Self::Handle, to: Position, from: &[u8]) -> Result<usize, Errno>;
    /// What is known of it.
    fn stat(&mut self, open: &Self::Handle) -> Result<Stat, Errno>;
    /// Changes it.
    fn change(&mut self, open: &Self::Handle, change: Change) -> Result<(), Errno>;
    /// Waits until it is safe from a loss of power; `data_only` spares what is not needed to read it again.
    fn sync(&mut self, open: &Self::Handle, data_only: bool) -> Result<(), Errno>;
    /// Lists the directory from `cookie` on (0 is its start), `.` and `..` included, until `sink` answers `false`.
    fn list(
        &mut self,
        directory: &Self::Handle,
        cookie: u64,
        sink: &mut dyn FnMut(Entry<'_>) -> bool,
    ) -> Result<(), Errno>;
    /// Gives it back.
    fn close(&mut self, open: Self::Handle) -> Result<(), Errno>;
}

/// What is done by name. A path is relative to a directory that is open; it is UTF-8, not empty, without NUL, and does
/// not begin with a slash; one that ends with a slash is a directory's.
pub trait FileSystem: Files {
    /// Opens, and says what it is that was opened.
    fn open(&mut self, base: &Self::Handle, path: &str, how: Open) -> Result<(Self::Handle, Filetype), Errno>;
    /// What is known of what is at `path`.
    fn stat_at(&mut self, base: &Self::Handle, path: &str, follow: bool) -> Result<Stat, Errno>;
    /// Sets the times of what is at `path`.
    fn set_times_at(&mut self, base: &Self::Handle, path: &str, follow: bool, times: Times) -> Result<(), Errno>;
    /// Makes something new; `EXIST` if there is something, also a symbolic link that leads nowhere.
    fn create(&mut self, base: &Self::Handle, path: &str, new: New<'_>) -> Result<(), Errno>;
    /// Removes the name; a symbolic link is itself removed.
    fn remove(&mut self, base: &Self::Handle, path: &str, kind: Kind) -> Result<(), Errno>;
    /// Gives another name, replacing a file, or an empty directory, that has it; symbolic links are not followed.
    fn rename(&mut self, base: &Self::Handle, from: &str, to_base: &Self::Handle, to: &str) -> Result<(), Errno>;
    /// Gives one more name, `EXIST` if it is taken; a directory is `PERM`; symbolic links are not followed.
    fn link(&mut self, base: &Self::Handle, from: &str, to_base: &Self::Handle, to: &str) -> Result<(), Errno>;
    /// Copies the target's text as far as it fits, and says how many bytes that were; `INVAL` if it is no symbolic
    /// link.
    fn read_link(&mut self, base: &Self::Handle, path: &str, into: &mut [u8]) -> Result<usize, Errno>;
}

//! Directories of this machine, each a tree that a guest cannot leave.
//!
//! Paths go to cap-std as they are: it resolves them beneath the directory, by `openat2` where the kernel has it, and
//! component by component otherwise. Nothing here looks into a path.

use std::{
    fs,
    io::{self, IoSlice},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd},
    os::unix::ffi::OsStrExt,
    path::Path,
    time::{Duration, SystemTime},
};

use cap_fs_ext::{
    DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt, SystemTimeSpec,
};
use cap_std::fs::{Dir, FileTypeExt, Metadata, MetadataExt, OpenOptions, OpenOptionsExt};
use rustix::{
    fs::{Advice as KernelAdvice, FallocateFlags, RawDir, SeekFrom, Timestamps},
    io::{Errno as Kernel, ReadWriteFlags},
    time::Timespec,
};
use wasmote_wasi_p1::{
    Advice, Errno, Filetype,
    capability::{self, Change, Entry, FileSystem, Kind, New, Open, Position, Stamp, Stat, Times},
};

use super::errno::{from_io, from_kernel};

/// How many bytes of directory entries are asked of the kernel at a time.
const ENTRIES_BYTES: usize = 8192;

/// The files of this machine; they have no state in common.
pub(crate) struct Files;

/// Something open.
pub(crate) enum Handle {
    /// A regular file.
    File(fs::File),
    /// Something without positions: a pipe, a device.
    Stream(fs::File),
    /// A directory.
    Directory(Dir),
}

impl AsFd for Handle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Handle::File(file) | Handle::Stream(file) => file.as_fd(),
            Handle::Directory(directory) => directory.as_fd(),
        }
    }
}

impl Handle {
    fn directory(&self) -> Result<&Dir, Errno> {
        match self {
            Handle::Directory(directory) => Ok(directory),
            Handle::File(_) | Handle::Stream(_) => Err(Errno::NotDir),
        }
    }

    fn metadata(&self) -> io::Result<Metadata> {
        match self {
            Handle::File(file) | Handle::Stream(file) => Metadata::from_file(file),
            Handle::Directory(directory) => directory.dir_metadata(),
        }
    }
}

/// Opens a directory that a guest is to be confined to.
pub(crate) fn open_root(path: &Path) -> io::Result<Handle> {
    let directory = fs::File::open(path)?;
    if !directory.metadata()?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::NotADirectory));
    }
    Ok(Handle::Directory(Dir::from_std_file(directory)))
}

/// Turns an error of cap-std into an errno.
fn told<R>(result: io::Result<R>) -> Result<R, Errno> {
    result.map_err(|error| from_io(&error))
}

fn filetype(metadata: &Metadata) -> Filetype {
    let kind = metadata.file_type();
    if kind.is_file() {
        Filetype::RegularFile
    } else if kind.is_dir() {
        Filetype::Directory
    } else if kind.is_symlink() {
        Filetype::SymbolicLink
    } else if kind.is_char_device() {
        Filetype::CharacterDevice
    } else if kind.is_block_device() {
        Filetype::BlockDevice
    } else if kind.is_socket() {
        Filetype::SocketStream
    } else {
        Filetype::Unknown
    }
}

fn stat(metadata: &Metadata) -> Stat {
    let nanoseconds =
        |seconds: i64, rest: i64| u64::try_from(i128::from(seconds) * 1_000_000_000 + i128::from(rest)).unwrap_or(0);
    Stat {
        device: metadata.dev(),
        inode: metadata.ino(),
        filetype: filetype(metadata),
        links: metadata.nlink(),
        size_bytes: metadata.size(),
        accessed_ns: nanoseconds(metadata.atime(), metadata.atime_nsec()),
        modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// Lengthens the file by hand, for file systems that cannot reserve room.
fn lengthen(file: &fs::File, end: u64) -> io::Result<()> {
    if file.metadata()?.len() < end { file.set_len(end) } else { Ok(()) }
}

/// Times as the kernel takes them for something open.
fn timestamps(times: Times) -> Timestamps {
    let timespec = |stamp| match stamp {
        None => Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT },
        Some(Stamp::Now) => Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW },
        Some(Stamp::At(ns)) => Timespec { tv_sec: (ns / 1_000_000_000) as i64, tv_nsec: (ns % 1_000_000_000) as _ },
    };
    Timestamps { last_access: timespec(times.accessed), last_modification: timespec(times.modified) }
}

/// A time as cap-std takes it for a path.
fn time_spec(stamp: Stamp) -> SystemTimeSpec {
    match stamp {
        Stamp::Now => SystemTimeSpec::SymbolicNow,
        Stamp::At(ns) => {
            let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(ns);
            SystemTimeSpec::Absolute(cap_std::time::SystemTime::from_std(time))
        }
    }
}

impl capability::Files for Files {
    type Handle = Handle;

    fn read(&mut self, file: &Handle, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        match file {
            Handle::File(file) => rustix::io::pread(file, into, at),
            Handle::Stream(file) => rustix::io::read(file, into),
            Handle::Directory(_) => return Err(Errno::IsDir),
        }
        .map_err(from_kernel)
    }

    fn write(&mut self, file: &Handle, to: Position, from: &[u8]) -> Result<usize, Errno> {
        match (file, to) {
            (Handle::File(file), Position::At(at)) => rustix::io::pwrite(file, from, at),
            (Handle::File(file), Position::End) => {
                rustix::io::pwritev2(file, &[IoSlice::new(from)], 0, ReadWriteFlags::APPEND)
            }
            (Handle::Stream(file), _) => rustix::io::write(file, from),
            (Handle::Directory(_), _) => return Err(Errno::IsDir),
        }
        .map_err(from_kernel)
    }

    fn stat(&mut self, open: &Handle) -> Result<Stat, Errno> {
        told(open.metadata()).map(|metadata| stat(&metadata))
    }

    fn change(&mut self, open: &Handle, change: Change) -> Result<(), Errno> {
        match (open, change) {
            (_, Change::Times(times)) => rustix::fs::futimens(open, &timestamps(times)).map_err(from_kernel),
            (Handle::File(file), Change::Size(size)) => rustix::fs::ftruncate(file, size).map_err(from_kernel),
            (Handle::File(file), Change::Allocate { at, len }) => {
                match rustix::fs::fallocate(file, FallocateFlags::empty(), at, len) {
                    Err(Kernel::NOTSUP) => told(lengthen(file, at.saturating_add(len))),
                    result => result.map_err(from_kernel),
                }
            }
            (Handle::File(file), Change::Advice { at, len, advice }) => {
                let advice = match advice {
                    Advice::Normal => KernelAdvice::Normal,
                    Advice::Sequential => KernelAdvice::Sequential,
                    Advice::Random => KernelAdvice::Random,
                    Advice::WillNeed => KernelAdvice::WillNeed,
                    Advice::DontNeed => KernelAdvice::DontNeed,
                    Advice::NoReuse => KernelAdvice::NoReuse,
                };
                rustix::fs::fadvise(file, at, std::num::NonZeroU64::new(len), advice).map_err(from_kernel)
            }
            (Handle::Stream(_), _) => Err(Errno::Inval),
            (Handle::Directory(_), _) => Err(Errno::IsDir),
        }
    }

    fn sync(&mut self, open: &Handle, data_only: bool) -> Result<(), Errno> {
        if data_only { rustix::fs::fdatasync(open) } else { rustix::fs::fsync(open) }.map_err(from_kernel)
    }

    fn list(&mut self, directory: &Handle, cookie: u64, sink: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<(), Errno> {
        let directory = directory.directory()?;
        rustix::fs::seek(directory, SeekFrom::Start(cookie)).map_err(from_kernel)?;
        let mut buffer = [MaybeUninit::uninit(); ENTRIES_BYTES];
        let mut entries = RawDir::new(directory, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Err(Kernel::NOENT) => return list_removed(cookie, sink),
                entry => entry.map_err(from_kernel)?,
            };
            let name = entry.file_name().to_bytes();
            let more = sink(Entry {
                next: entry.next_entry_cookie(),
                // What is above the guest's root is not its business, and 0 is what a host says that does not tell.
                inode: if name == b".." { 0 } else { entry.ino() },
                filetype: entry_type(entry.file_type()),
                name,
            });
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn close(&mut self, open: Handle) -> Result<(), Errno> {
        drop(open);
        Ok(())
    }
}

/// Lists a directory that is open and was removed, of which the kernel says nothing more.
fn list_removed(cookie: u64, sink: &mut dyn FnMut(Entry<'_>) -> bool) -> Result<(), Errno> {
    for (next, name) in [(1, &b"."[..]), (2, b"..")] {
        let entry = Entry { next, inode: 0, filetype: Filetype::Directory, name };
        if cookie < next && !sink(entry) {
            break;
        }
    }
    Ok(())
}

fn entry_type(kind: rustix::fs::FileType) -> Filetype {
    match kind {
        rustix::fs::FileType::RegularFile => Filetype::RegularFile,
        rustix::fs::FileType::Directory => Filetype::Directory,
        rustix::fs::FileType::Symlink => Filetype::SymbolicLink,
        rustix::fs::FileType::CharacterDevice => Filetype::CharacterDevice,
        rustix::fs::FileType::BlockDevice => Filetype::BlockDevice,
        rustix::fs::FileType::Socket => Filetype::SocketStream,
        rustix::fs::FileType::Fifo | rustix::fs::FileType::Unknown => Filetype::Unknown,
    }
}

impl FileSystem for Files {
    fn open(&mut self, base: &Handle, path: &str, how: Open) -> Result<(Handle, Filetype), Errno> {
        let mut options = OpenOptions::new();
        // The kernel's truncating and creating need writing; what the guest may do with it, its rights say.
        let write = how.write || how.create || how.truncate;
        options.read(how.read || !write).write(write);
        options.create(how.create && !how.exclusive).create_new(how.create && how.exclusive).truncate(how.truncate);
        options.follow(if how.follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
        options.maybe_dir(true).nonblock(true);
        if how.directory {
            options.custom_flags(rustix::fs::OFlags::DIRECTORY.bits() as i32);
        }
        let file = told(base.directory()?.open_with(path, &options))?.into_std();
        let filetype = filetype(&told(Metadata::from_file(&file))?);
        let handle = match filetype {
            Filetype::Directory => Handle::Directory(Dir::from_std_file(file)),
            Filetype::RegularFile => Handle::File(file),
            _ => Handle::Stream(file),
        };
        Ok((handle, filetype))
    }

    fn stat_at(&mut self, base: &Handle, path: &str, follow: bool) -> Result<Stat, Errno> {
        let base = base.directory()?;
        let metadata = if follow { base.metadata(path) } else { base.symlink_metadata(path) };
        told(metadata).map(|metadata| stat(&metadata))
    }

    fn set_times_at(&mut self, base: &Handle, path: &str, follow: bool, times: Times) -> Result<(), Errno> {
        let base = base.directory()?;
        let (accessed, modified) = (times.accessed.map(time_spec), times.modified.map(time_spec));
        told(if follow {
            base.set_times(path, accessed, modified)
        } else {
            base.set_symlink_times(path, accessed, modified)
        })
    }

    fn create(&mut self, base: &Handle, path: &str, new: New<'_>) -> Result<(), Errno> {
        let base = base.directory()?;
        told(match new {
            New::Directory => base.create_dir(path),
            New::Symlink(target) => DirExt::symlink(base, target, path),
        })
    }

    fn remove(&mut self, base: &Handle, path: &str, kind: Kind) -> Result<(), Errno> {
        let base = base.directory()?;
        told(match kind {
            Kind::File => base.remove_file(path),
            Kind::Directory => base.remove_dir(path),
        })
    }

    fn rename(&mut self, base: &Handle, from: &str, to_base: &Handle, to: &str) -> Result<(), Errno> {
        let (base, to_base) = (base.directory()?, to_base.directory()?);
        // A slash at the end of the new name demands a directory; cap-std drops it.
        if to.ends_with('/') && !told(base.symlink_metadata(from))?.is_dir() {
            return Err(Errno::NotDir);
        }
        told(base.rename(from, to_base, to))
    }

    fn link(&mut self, base: &Handle, from: &str, to_base: &Handle, to: &str) -> Result<(), Errno> {
        told(base.directory()?.hard_link(from, to_base.directory()?, to))
    }

    fn read_link(&mut self, base: &Handle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        let target = told(base.directory()?.read_link(path))?;
        let text = target.as_os_str().as_bytes();
        let len = text.len().min(into.len());
        into[..len].copy_from_slice(&text[..len]);
        Ok(len)
    }
}

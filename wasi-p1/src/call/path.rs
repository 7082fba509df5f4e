//! What is done by name: opening, making, removing, moving, asking.

use wasmote::Caller;

use super::{
    Outcome,
    fd::{raw_filestat, times},
};
use crate::{
    Errno, Fdflags, Filetype, Lookupflags, Oflags, Rights, WasiView,
    capability::{FileSystem, Kind, New, Open},
    descriptor::{self, Descriptor, Object},
    guest::{Out, Region},
    path::{Half, PathText, take},
};

/// The path that a guest names by pointer and length.
fn path<T: WasiView>(caller: &mut Caller<'_, '_, T>, path: u32, len: u32, half: Half) -> Result<PathText, Errno> {
    let region = Region::check(caller, path, len)?;
    take(caller, region, half)
}

/// Does the last component's symbolic link get followed?
fn follows(lookup: u32) -> Result<bool, Errno> {
    Ok(Lookupflags::from_bits(lookup)?.contains(Lookupflags::SYMLINK_FOLLOW))
}

/// The rights that make a file worth writing to.
const WRITING: Rights = Rights::FD_WRITE.or(Rights::FD_ALLOCATE).or(Rights::FD_FILESTAT_SET_SIZE);
/// The rights without which an opened file or directory would not be what was asked for. Of the others the guest gets
/// what there is: libraries ask for all that they can name.
const ESSENTIAL: Rights = Rights::FD_READ.or(Rights::FD_WRITE);

/// `path_open`.
#[allow(clippy::too_many_arguments, reason = "the specification's")]
pub(crate) fn path_open<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    lookup: u32,
    path_at: u32,
    path_len: u32,
    oflags: u32,
    base: u64,
    inheriting: u64,
    fdflags: u32,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let path = path(caller, path_at, path_len, Half::First)?;
    let oflags = Oflags::from_bits(u16::try_from(oflags).map_err(|_| Errno::Inval)?)?;
    let fdflags = Fdflags::from_bits(u16::try_from(fdflags).map_err(|_| Errno::Inval)?)?;
    let (base, inheriting) = (Rights::from_bits_truncate(base), Rights::from_bits_truncate(inheriting));
    let how = Open {
        follow: follows(lookup)?,
        read: base.intersects(Rights::FD_READ.or(Rights::FD_READDIR)),
        write: base.intersects(if oflags.contains(Oflags::DIRECTORY) { Rights::FD_WRITE } else { WRITING }),
        create: oflags.contains(Oflags::CREAT),
        exclusive: oflags.contains(Oflags::EXCL),
        truncate: oflags.contains(Oflags::TRUNC),
        directory: oflags.contains(Oflags::DIRECTORY),
    };
    if how.directory && (how.create || how.truncate) {
        return Err(Errno::Inval.into());
    }
    let wasi = caller.data().wasi();
    let granted = wasi.descriptor(fd, Rights::NONE)?.inheriting;
    let needed = rights_to_open(how);
    if !granted.contains(base.and(ESSENTIAL)) {
        // After the directory's own errors, which say more.
        wasi.at(fd, needed, path)?;
        return Err(Errno::NotCapable.into());
    }
    descriptor::free::<T::Host>(&wasi.table)?;
    let (files, at) = wasi.at(fd, needed, path)?;
    let (handle, filetype) = files.open(at.base, at.path, how)?;
    let (object, possible) = match filetype {
        Filetype::Directory => (Object::Directory(handle), Rights::DIRECTORY),
        _ => (Object::File(handle, filetype), Rights::FILE),
    };
    let mut opened = Descriptor::new(object, base.and(granted).and(possible), inheriting.and(granted));
    opened.flags = fdflags;
    let number = wasi.insert(opened)?;
    Ok(out.put(caller, number.to_le_bytes())?)
}

/// The rights to the directory that opening in this way needs.
fn rights_to_open(how: Open) -> Rights {
    let mut needed = Rights::PATH_OPEN;
    if how.create {
        needed = needed.or(Rights::PATH_CREATE_FILE);
    }
    if how.truncate {
        needed = needed.or(Rights::PATH_FILESTAT_SET_SIZE);
    }
    needed
}

/// `path_create_directory`.
pub(crate) fn path_create_directory<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    path_at: u32,
    path_len: u32,
) -> Outcome {
    let path = path(caller, path_at, path_len, Half::First)?;
    let (files, at) = caller.data().wasi().at(fd, Rights::PATH_CREATE_DIRECTORY, path)?;
    Ok(files.create(at.base, at.path, New::Directory)?)
}

/// `path_remove_directory`.
pub(crate) fn path_remove_directory<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    path_at: u32,
    path_len: u32,
) -> Outcome {
    let path = path(caller, path_at, path_len, Half::First)?;
    let (files, at) = caller.data().wasi().at(fd, Rights::PATH_REMOVE_DIRECTORY, path)?;
    Ok(files.remove(at.base, at.path, Kind::Directory)?)
}

/// `path_unlink_file`.
pub(crate) fn path_unlink_file<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    path_at: u32,
    path_len: u32,
) -> Outcome {
    let path = path(caller, path_at, path_len, Half::First)?;
    let (files, at) = caller.data().wasi().at(fd, Rights::PATH_UNLINK_FILE, path)?;
    Ok(files.remove(at.base, at.path, Kind::File)?)
}

/// `path_filestat_get`.
pub(crate) fn path_filestat_get<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    lookup: u32,
    path_at: u32,
    path_len: u32,
    out: u32,
) -> Outcome {
    let out = Out::check(caller, out)?;
    let path = path(caller, path_at, path_len, Half::First)?;
    let follow = follows(lookup)?;
    let (files, at) = caller.data().wasi().at(fd, Rights::PATH_FILESTAT_GET, path)?;
    let stat = files.stat_at(at.base, at.path, follow)?;
    Ok(out.put(caller, raw_filestat(stat).to_bytes())?)
}

/// `path_filestat_set_times`.
#[allow(clippy::too_many_arguments, reason = "the specification's")]
pub(crate) fn path_filestat_set_times<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    lookup: u32,
    path_at: u32,
    path_len: u32,
    accessed_ns: u64,
    modified_ns: u64,
    flags: u32,
) -> Outcome {
    let path = path(caller, path_at, path_len, Half::First)?;
    let follow = follows(lookup)?;
    let times = times(accessed_ns, modified_ns, flags)?;
    let (files, at) = caller.data().wasi().at(fd, Rights::PATH_FILESTAT_SET_TIMES, path)?;
    Ok(files.set_times_at(at.base, at.path, follow, times)?)
}

/// `path_link`. To follow a symbolic link at the old path is `INVAL`: what it leads to may not be in the directory.
#[allow(clippy::too_many_arguments, reason = "the specification's")]
pub(crate) fn path_link<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    lookup: u32,
    path_at: u32,
    path_len: u32,
    to_fd: u32,
    to_at: u32,
    to_len: u32,
) -> Outcome {
    let from = path(caller, path_at, path_len, Half::First)?;
    let to = path(caller, to_at, to_len, Half::Second)?;
    if follows(lookup)? {
        return Err(Errno::Inval.into());
    }
    let source = (fd, Rights::PATH_LINK_SOURCE, from);
    let (files, from, to) = caller.data().wasi().at_two(source, (to_fd, Rights::PATH_LINK_TARGET, to))?;
    Ok(files.link(from.base, from.path, to.base, to.path)?)
}

/// `path_rename`.
pub(crate) fn path_rename<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    path_at: u32,
    path_len: u32,
    to_fd: u32,
    to_at: u32,
    to_len: u32,
) -> Outcome {
    let from = path(caller, path_at, path_len, Half::First)?;
    let to = path(caller, to_at, to_len, Half::Second)?;
    let source = (fd, Rights::PATH_RENAME_SOURCE, from);
    let (files, from, to) = caller.data().wasi().at_two(source, (to_fd, Rights::PATH_RENAME_TARGET, to))?;
    Ok(files.rename(from.base, from.path, to.base, to.path)?)
}

/// `path_symlink`. An absolute target would leave every directory, and is `PERM`.
pub(crate) fn path_symlink<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    target_at: u32,
    target_len: u32,
    fd: u32,
    path_at: u32,
    path_len: u32,
) -> Outcome {
    let target = path(caller, target_at, target_len, Half::First)?;
    let path = path(caller, path_at, path_len, Half::Second)?;
    let (files, at, target) = caller.data().wasi().at_with_text(fd, Rights::PATH_SYMLINK, path, target)?;
    Ok(files.create(at.base, at.path, New::Symlink(target))?)
}

/// `path_readlink`: what does not fit is cut off silently.
pub(crate) fn path_readlink<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    path_at: u32,
    path_len: u32,
    buffer: u32,
    len: u32,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let region = Region::check(caller, buffer, len)?;
    let path = path(caller, path_at, path_len, Half::First)?;
    let (data, bytes) = region.parts(caller)?;
    let (files, at) = data.wasi().at(fd, Rights::PATH_READLINK, path)?;
    let used = files.read_link(at.base, at.path, bytes)?;
    Ok(out.put(caller, (used as u32).to_le_bytes())?)
}

//! What is asked of a descriptor itself: what it is, what may be done with it, and that it be closed or moved.

use wasmote::Caller;

use super::Outcome;
use crate::{
    Errno, Fdflags, Filetype, Fstflags, Rights, WasiView,
    abi::{RawFdstat, RawFilestat, RawPrestat},
    capability::{Change, Files, Stamp, Stat, Times},
    descriptor::{self, Object},
    guest::{Out, Region},
};

/// `fd_close`.
pub(crate) fn fd_close<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32) -> Outcome {
    let wasi = caller.data().wasi();
    let descriptor = descriptor::replace::<T::Host>(&mut wasi.table, fd, None)?.ok_or(Errno::Badf)?;
    Ok(wasi.close(descriptor)?)
}

/// `fd_renumber`: moves `fd` to the number `to`, which must be open too and is closed.
pub(crate) fn fd_renumber<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, to: u32) -> Outcome {
    let wasi = caller.data().wasi();
    descriptor::get::<T::Host>(&wasi.table, fd)?;
    descriptor::get::<T::Host>(&wasi.table, to)?;
    if fd == to {
        return Ok(());
    }
    let moved = descriptor::replace::<T::Host>(&mut wasi.table, fd, None)?;
    match descriptor::replace::<T::Host>(&mut wasi.table, to, moved)? {
        // As with dup2, what closing says is not told: the number has moved all the same.
        Some(old) => {
            let _ = wasi.close(old);
            Ok(())
        }
        None => Ok(()),
    }
}

/// `fd_fdstat_get`.
pub(crate) fn fd_fdstat_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, out: u32) -> Outcome {
    let out = Out::check(caller, out)?;
    let wasi = caller.data().wasi();
    let filetype = wasi.filetype(fd)?;
    let descriptor = descriptor::get::<T::Host>(&wasi.table, fd)?;
    let raw = RawFdstat {
        filetype: filetype as u8,
        flags: descriptor.flags.bits(),
        base: descriptor.base.bits(),
        inheriting: descriptor.inheriting.bits(),
    };
    Ok(out.put(caller, raw.to_bytes())?)
}

/// `fd_fdstat_set_flags`. All flags work on any descriptor: they are minded where it is used, not by the host.
pub(crate) fn fd_fdstat_set_flags<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, flags: u32) -> Outcome {
    let flags = Fdflags::from_bits(u16::try_from(flags).map_err(|_| Errno::Inval)?)?;
    caller.data().wasi().descriptor_mut(fd, Rights::FD_FDSTAT_SET_FLAGS)?.flags = flags;
    Ok(())
}

/// `fd_fdstat_set_rights`: rights can be given up and not be gained (`NOTCAPABLE`).
pub(crate) fn fd_fdstat_set_rights<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    base: u64,
    inheriting: u64,
) -> Outcome {
    let descriptor = caller.data().wasi().descriptor_mut(fd, Rights::NONE)?;
    if base & !descriptor.base.bits() != 0 || inheriting & !descriptor.inheriting.bits() != 0 {
        return Err(Errno::NotCapable.into());
    }
    descriptor.base = Rights::from_bits_truncate(base);
    descriptor.inheriting = Rights::from_bits_truncate(inheriting);
    Ok(())
}

/// What a guest is told of a file.
pub(crate) fn raw_filestat(stat: Stat) -> RawFilestat {
    RawFilestat {
        device: stat.device,
        inode: stat.inode,
        filetype: stat.filetype as u8,
        links: stat.links,
        size: stat.size_bytes,
        accessed: stat.accessed_ns,
        modified: stat.modified_ns,
        changed: stat.changed_ns,
    }
}

/// `fd_filestat_get`.
pub(crate) fn fd_filestat_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, out: u32) -> Outcome {
    let out = Out::check(caller, out)?;
    let wasi = caller.data().wasi();
    let stat = match &wasi.descriptor(fd, Rights::FD_FILESTAT_GET)?.object {
        Object::File(..) | Object::Directory(_) => {
            let (files, handle) = wasi.node(fd, Rights::FD_FILESTAT_GET)?;
            files.stat(handle)?
        }
        Object::Stream(_) | Object::Socket(_) => Stat::of_type(wasi.filetype(fd)?),
    };
    Ok(out.put(caller, raw_filestat(stat).to_bytes())?)
}

/// The times that these arguments ask for; `INVAL` if one time is to be set and to be now.
pub(crate) fn times(accessed_ns: u64, modified_ns: u64, flags: u32) -> Result<Times, Errno> {
    let flags = Fstflags::from_bits(u16::try_from(flags).map_err(|_| Errno::Inval)?)?;
    let stamp = |given: Fstflags, now: Fstflags, at_ns: u64| match (flags.contains(given), flags.contains(now)) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(Some(Stamp::At(at_ns))),
        (false, true) => Ok(Some(Stamp::Now)),
        (false, false) => Ok(None),
    };
    Ok(Times {
        accessed: stamp(Fstflags::ATIM, Fstflags::ATIM_NOW, accessed_ns)?,
        modified: stamp(Fstflags::MTIM, Fstflags::MTIM_NOW, modified_ns)?,
    })
}

/// `fd_filestat_set_times`.
pub(crate) fn fd_filestat_set_times<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    accessed_ns: u64,
    modified_ns: u64,
    flags: u32,
) -> Outcome {
    let times = times(accessed_ns, modified_ns, flags)?;
    let (files, handle) = caller.data().wasi().node(fd, Rights::FD_FILESTAT_SET_TIMES)?;
    Ok(files.change(handle, Change::Times(times))?)
}

/// `fd_sync`. A stream or socket has nothing to be kept: `INVAL`, as in POSIX.
pub(crate) fn fd_sync<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32) -> Outcome {
    sync(caller, fd, Rights::FD_SYNC, false)
}

/// `fd_datasync`.
pub(crate) fn fd_datasync<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32) -> Outcome {
    sync(caller, fd, Rights::FD_DATASYNC, true)
}

fn sync<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, right: Rights, data_only: bool) -> Outcome {
    let wasi = caller.data().wasi();
    descriptor::get::<T::Host>(&wasi.table, fd)?.node()?;
    let (files, handle) = wasi.node(fd, right)?;
    Ok(files.sync(handle, data_only)?)
}

/// `fd_prestat_get`: `BADF` for what was not open from the start, at which a guest ends its search.
pub(crate) fn fd_prestat_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, out: u32) -> Outcome {
    let out = Out::check(caller, out)?;
    let name = caller.data().wasi().descriptor(fd, Rights::NONE)?.preopen.as_ref().ok_or(Errno::Badf)?;
    let raw = RawPrestat { tag: 0, name_len: name.as_ref().len() as u32 };
    Ok(out.put(caller, raw.to_bytes())?)
}

/// `fd_prestat_dir_name`: the name without a NUL; `NAMETOOLONG` if it does not fit.
pub(crate) fn fd_prestat_dir_name<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    out: u32,
    out_len: u32,
) -> Outcome {
    let region = Region::check(caller, out, out_len)?;
    let name = caller.data().wasi().descriptor(fd, Rights::NONE)?.preopen.as_ref().ok_or(Errno::Badf)?;
    let len = u32::try_from(name.as_ref().len()).map_err(|_| Errno::NameTooLong)?;
    if len > out_len {
        return Err(Errno::NameTooLong.into());
    }
    let (data, bytes) = region.part(0, len).parts(caller)?;
    let name = data.wasi().descriptor(fd, Rights::NONE)?.preopen.as_ref().ok_or(Errno::Badf)?;
    let name = name.as_ref().as_bytes();
    bytes.get_mut(..name.len()).ok_or(Errno::NameTooLong)?.copy_from_slice(name);
    Ok(())
}

/// Is this something whose reads and writes may have to wait?
pub(crate) fn is_stream(filetype: Filetype) -> bool {
    !matches!(filetype, Filetype::RegularFile | Filetype::Directory)
}

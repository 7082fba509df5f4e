//! What is done with an open file or directory besides moving bytes: seeking, sizes, room, listing.

use wasmote::Caller;

use super::{Outcome, transfer::POSITION_MAX};
use crate::{
    Errno, Rights, WasiView,
    abi::{Advice, RawDirent, Whence},
    capability::{Change, Entry, Files},
    descriptor,
    guest::{Out, Region},
};

/// `fd_seek`. Not to move needs only the right to tell.
pub(crate) fn fd_seek<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    offset: u64,
    whence: u32,
    out: u32,
) -> Outcome {
    let out = Out::<8>::check(caller, out)?;
    let offset = offset as i64;
    let whence = Whence::from_number(whence)?;
    let wasi = caller.data().wasi();
    let stays = whence == Whence::Current && offset == 0;
    let has_seek = wasi.descriptor(fd, Rights::NONE)?.base.contains(Rights::FD_SEEK);
    let (files, handle) = wasi.file(fd, if stays && !has_seek { Rights::FD_TELL } else { Rights::FD_SEEK })?;
    let end = if whence == Whence::End { files.stat(handle)?.size_bytes } else { 0 };
    let descriptor = descriptor::get_mut::<T::Host>(&mut wasi.table, fd)?;
    let origin = match whence {
        Whence::Set => 0,
        Whence::Current => descriptor.position,
        Whence::End => end,
    };
    let position = origin.checked_add_signed(offset).filter(|at| *at <= POSITION_MAX).ok_or(Errno::Inval)?;
    descriptor.position = position;
    Ok(out.put(caller, position.to_le_bytes())?)
}

/// `fd_tell`.
pub(crate) fn fd_tell<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, out: u32) -> Outcome {
    let out = Out::<8>::check(caller, out)?;
    let wasi = caller.data().wasi();
    let has_seek = wasi.descriptor(fd, Rights::NONE)?.base.contains(Rights::FD_SEEK);
    wasi.file(fd, if has_seek { Rights::NONE } else { Rights::FD_TELL })?;
    let position = wasi.descriptor(fd, Rights::NONE)?.position;
    Ok(out.put(caller, position.to_le_bytes())?)
}

/// `fd_advise`.
pub(crate) fn fd_advise<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    at: u64,
    len: u64,
    advice: u32,
) -> Outcome {
    let advice = Advice::from_number(advice)?;
    let (files, handle) = caller.data().wasi().file(fd, Rights::FD_ADVISE)?;
    if at > POSITION_MAX || len > POSITION_MAX {
        return Err(Errno::Inval.into());
    }
    Ok(files.change(handle, Change::Advice { at, len, advice })?)
}

/// `fd_allocate`.
pub(crate) fn fd_allocate<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, at: u64, len: u64) -> Outcome {
    let (files, handle) = caller.data().wasi().file(fd, Rights::FD_ALLOCATE)?;
    if len == 0 {
        return Err(Errno::Inval.into());
    }
    if at.saturating_add(len) > POSITION_MAX {
        return Err(Errno::Fbig.into());
    }
    Ok(files.change(handle, Change::Allocate { at, len })?)
}

/// `fd_filestat_set_size`.
pub(crate) fn fd_filestat_set_size<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, size: u64) -> Outcome {
    let (files, handle) = caller.data().wasi().file(fd, Rights::FD_FILESTAT_SET_SIZE)?;
    if size > POSITION_MAX {
        return Err(Errno::Inval.into());
    }
    Ok(files.change(handle, Change::Size(size))?)
}

/// `fd_readdir`: fills the buffer with entries and cuts the last one, so that `used == len` means that there are more.
pub(crate) fn fd_readdir<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    buffer: u32,
    len: u32,
    cookie: u64,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let region = Region::check(caller, buffer, len)?;
    caller.data().wasi().descriptor(fd, Rights::FD_READDIR)?.directory()?;
    let (data, mut bytes) = region.parts(caller)?;
    let (files, handle) = data.wasi().node(fd, Rights::FD_READDIR)?;
    let mut used = 0;
    files.list(handle, cookie, &mut |entry| {
        used += put_entry(&mut bytes, entry);
        !bytes.is_empty()
    })?;
    Ok(out.put(caller, (used as u32).to_le_bytes())?)
}

/// Puts as much of `entry` into `bytes` as fits, moves `bytes` behind it, and says how much that was.
fn put_entry(bytes: &mut &mut [u8], entry: Entry<'_>) -> usize {
    let head = RawDirent {
        next: entry.next,
        inode: entry.inode,
        name_len: entry.name.len() as u32,
        filetype: entry.filetype as u8,
    };
    let mut used = 0;
    for part in [&head.to_bytes()[..], entry.name] {
        let len = part.len().min(bytes.len());
        let (place, rest) = core::mem::take(bytes).split_at_mut(len);
        place.copy_from_slice(&part[..len]);
        *bytes = rest;
        used += len;
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Filetype;

    #[test]
    fn an_entry_is_cut_where_the_buffer_ends() {
        let entry = Entry { next: 1, inode: 2, filetype: Filetype::RegularFile, name: b"name" };
        let mut whole = [0xff; 28];
        let mut rest = &mut whole[..];
        assert_eq!(put_entry(&mut rest, entry), 28);
        assert!(rest.is_empty());
        for len in 0..28 {
            let mut cut = [0xff; 28];
            let mut rest = &mut cut[..len];
            assert_eq!(put_entry(&mut rest, entry), len);
            assert_eq!(cut[..len], whole[..len]);
            assert!(cut[len..].iter().all(|byte| *byte == 0xff));
        }
    }
}

//! Bytes from and to descriptors: `fd_read`, `fd_write`, and their siblings with a position.

use wasmote::{Caller, HostError};

use super::{Fail, Outcome};
use crate::{
    Errno, Fdflags, Filetype, Interest, Riflags, Rights, WasiView,
    capability::{Files, Host, Position, Sockets, Stdio, Stream},
    descriptor::{self, Object},
    guest::{Iovecs, Out},
    wasi::Wasi,
};

/// The largest position, as for the file offsets of POSIX.
pub(crate) const POSITION_MAX: u64 = i64::MAX as u64;

/// `AGAIN` pauses the guest, unless it asked not to wait at `fd`.
pub(crate) fn or_wait<T: WasiView, R>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    interest: Interest,
    result: Result<R, Errno>,
) -> Result<R, Fail> {
    match result {
        Err(Errno::Again) if !caller.data().wasi().is_nonblocking(fd) => {
            caller.data().wasi().wait_at(fd, interest);
            Err(Fail::Host(HostError::Pending))
        }
        result => Ok(result?),
    }
}

/// `fd_read`.
pub(crate) fn fd_read<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    iovecs: u32,
    count: u32,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let iovecs = Iovecs::check(caller, iovecs, count)?;
    let start = caller.data().wasi().start_read(fd)?;
    let result = iovecs.transfer(caller, <T::Host as Host>::PIECE_BYTES, |data, bytes, moved| {
        data.wasi().read_some(fd, start.saturating_add(u64::from(moved)), bytes)
    });
    let moved = or_wait(caller, fd, Interest::Read, result)?;
    let descriptor = caller.data().wasi().descriptor_mut(fd, Rights::NONE)?;
    descriptor.position = start.saturating_add(u64::from(moved));
    Ok(out.put(caller, moved.to_le_bytes())?)
}

/// `fd_pread`.
pub(crate) fn fd_pread<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    iovecs: u32,
    count: u32,
    at: u64,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let iovecs = Iovecs::check(caller, iovecs, count)?;
    let rights = Rights::FD_READ.or(Rights::FD_SEEK);
    caller.data().wasi().file(fd, rights)?;
    check_position(at)?;
    let result = iovecs.transfer(caller, <T::Host as Host>::PIECE_BYTES, |data, bytes, moved| {
        let (files, handle) = data.wasi().file(fd, rights)?;
        files.read(handle, at.saturating_add(u64::from(moved)), bytes)
    });
    let moved = or_wait(caller, fd, Interest::Read, result)?;
    Ok(out.put(caller, moved.to_le_bytes())?)
}

/// `fd_write`.
pub(crate) fn fd_write<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    iovecs: u32,
    count: u32,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let iovecs = Iovecs::check(caller, iovecs, count)?;
    let start = caller.data().wasi().start_write(fd)?;
    let result = iovecs.transfer(caller, <T::Host as Host>::PIECE_BYTES, |data, bytes, moved| {
        data.wasi().write_some(fd, start.saturating_add(u64::from(moved)), bytes)
    });
    let moved = or_wait(caller, fd, Interest::Write, result)?;
    caller.data().wasi().end_write(fd, Some(start.saturating_add(u64::from(moved))))?;
    Ok(out.put(caller, moved.to_le_bytes())?)
}

/// `fd_pwrite`. With `APPEND` the position is not minded, as on Linux.
pub(crate) fn fd_pwrite<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    iovecs: u32,
    count: u32,
    at: u64,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let iovecs = Iovecs::check(caller, iovecs, count)?;
    caller.data().wasi().file(fd, Rights::FD_WRITE.or(Rights::FD_SEEK))?;
    check_position(at)?;
    let result = iovecs.transfer(caller, <T::Host as Host>::PIECE_BYTES, |data, bytes, moved| {
        data.wasi().write_some(fd, at.saturating_add(u64::from(moved)), bytes)
    });
    let moved = or_wait(caller, fd, Interest::Write, result)?;
    caller.data().wasi().end_write(fd, None)?;
    Ok(out.put(caller, moved.to_le_bytes())?)
}

fn check_position(at: u64) -> Result<(), Errno> {
    if at > POSITION_MAX { Err(Errno::Inval) } else { Ok(()) }
}

impl<H: Host> Wasi<H> {
    /// Checks that `fd` can be read, and says where: in a file; elsewhere the position means nothing.
    fn start_read(&self, fd: u32) -> Result<u64, Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        match &descriptor.object {
            Object::Directory(_) => return Err(Errno::IsDir),
            Object::Stream(Stream::Output | Stream::Error) => return Err(Errno::Badf),
            Object::Stream(Stream::Input) | Object::File(..) | Object::Socket(_) => {}
        }
        descriptor.require(Rights::FD_READ)?;
        Ok(descriptor.position)
    }

    /// Checks that `fd` can be written, and says where.
    fn start_write(&self, fd: u32) -> Result<u64, Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        match &descriptor.object {
            Object::Directory(_) => return Err(Errno::IsDir),
            Object::Stream(Stream::Input) => return Err(Errno::Badf),
            Object::Stream(Stream::Output | Stream::Error) | Object::File(..) | Object::Socket(_) => {}
        }
        descriptor.require(Rights::FD_WRITE)?;
        Ok(descriptor.position)
    }

    /// Reads what is there.
    fn read_some(&mut self, fd: u32, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        match &descriptor::get::<H>(&self.table, fd)?.object {
            Object::Stream(_) => self.host.stdio.read(into),
            Object::File(handle, _) => self.host.files.read(handle, at, into),
            Object::Directory(_) => Err(Errno::IsDir),
            Object::Socket(handle) => self.host.sockets.receive(handle, into, Riflags::NONE),
        }
    }

    /// Writes what there is room for.
    fn write_some(&mut self, fd: u32, at: u64, from: &[u8]) -> Result<usize, Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        match &descriptor.object {
            Object::Stream(stream) => self.host.stdio.write(*stream, from),
            Object::File(handle, _) => {
                let append = descriptor.flags.contains(Fdflags::APPEND);
                let to = if append { Position::End } else { Position::At(at) };
                if !append && at.saturating_add(from.len() as u64) > POSITION_MAX {
                    return Err(Errno::Fbig);
                }
                self.host.files.write(handle, to, from)
            }
            Object::Directory(_) => Err(Errno::IsDir),
            Object::Socket(handle) => self.host.sockets.send(handle, from),
        }
    }

    /// After a write: makes it safe if the flags say so, and moves the position (after an append, to the end).
    fn end_write(&mut self, fd: u32, position: Option<u64>) -> Result<(), Errno> {
        let descriptor = descriptor::get_mut::<H>(&mut self.table, fd)?;
        let Object::File(handle, filetype) = &descriptor.object else { return Ok(()) };
        if *filetype != Filetype::RegularFile {
            return Ok(());
        }
        if descriptor.flags.intersects(Fdflags::SYNC.or(Fdflags::DSYNC)) {
            self.host.files.sync(handle, !descriptor.flags.contains(Fdflags::SYNC))?;
        }
        if let Some(position) = position {
            let append = descriptor.flags.contains(Fdflags::APPEND);
            descriptor.position = if append { self.host.files.stat(handle)?.size_bytes } else { position };
        }
        Ok(())
    }
}

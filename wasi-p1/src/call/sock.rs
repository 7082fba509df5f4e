//! Connections: `sock_accept`, `sock_recv`, `sock_send`, `sock_shutdown`.

use wasmote::Caller;

use super::{Outcome, transfer::or_wait};
use crate::{
    Errno, Fdflags, Interest, Riflags, Rights, Sdflags, WasiView,
    capability::{Host, Sockets},
    descriptor::{self, Descriptor, Object},
    guest::{Iovecs, Out},
    wasi::Wasi,
};

/// `sock_accept`.
pub(crate) fn sock_accept<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, flags: u32, out: u32) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let flags = Fdflags::from_bits(u16::try_from(flags).map_err(|_| Errno::Inval)?)?;
    let result = caller.data().wasi().accept(fd, flags);
    let number = or_wait(caller, fd, Interest::Read, result)?;
    Ok(out.put(caller, number.to_le_bytes())?)
}

/// `sock_recv`. No message is ever cut, because these are streams: the output flags are 0.
#[allow(clippy::too_many_arguments, reason = "the specification's")]
pub(crate) fn sock_recv<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    iovecs: u32,
    count: u32,
    flags: u32,
    out: u32,
    flags_out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let flags_out = Out::<2>::check(caller, flags_out)?;
    let iovecs = Iovecs::check(caller, iovecs, count)?;
    let flags = Riflags::from_bits(u16::try_from(flags).map_err(|_| Errno::Inval)?)?;
    if flags.contains(Riflags::WAITALL) {
        // Waiting for the rest would need what has arrived to be kept while the machine is paused.
        return Err(Errno::NotSup.into());
    }
    caller.data().wasi().connection(fd, Rights::FD_READ)?;
    let result = iovecs.transfer(caller, <T::Host as Host>::PIECE_BYTES, |data, bytes, moved| {
        if moved > 0 && flags.contains(Riflags::PEEK) {
            // A second look would see the same bytes again.
            return Ok(0);
        }
        let (sockets, socket) = data.wasi().connection(fd, Rights::FD_READ)?;
        sockets.receive(socket, bytes, flags)
    });
    let moved = or_wait(caller, fd, Interest::Read, result)?;
    out.put(caller, moved.to_le_bytes())?;
    Ok(flags_out.put(caller, [0, 0])?)
}

/// `sock_send`; no flags exist.
pub(crate) fn sock_send<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    fd: u32,
    iovecs: u32,
    count: u32,
    flags: u32,
    out: u32,
) -> Outcome {
    let out = Out::<4>::check(caller, out)?;
    let iovecs = Iovecs::check(caller, iovecs, count)?;
    if flags != 0 {
        return Err(Errno::Inval.into());
    }
    caller.data().wasi().connection(fd, Rights::FD_WRITE)?;
    let result = iovecs.transfer(caller, <T::Host as Host>::PIECE_BYTES, |data, bytes, _| {
        let (sockets, socket) = data.wasi().connection(fd, Rights::FD_WRITE)?;
        sockets.send(socket, bytes)
    });
    let moved = or_wait(caller, fd, Interest::Write, result)?;
    Ok(out.put(caller, moved.to_le_bytes())?)
}

/// `sock_shutdown`; to shut nothing is `INVAL`.
pub(crate) fn sock_shutdown<T: WasiView>(caller: &mut Caller<'_, '_, T>, fd: u32, how: u32) -> Outcome {
    let (sockets, socket) = caller.data().wasi().connection(fd, Rights::SOCK_SHUTDOWN)?;
    let how = Sdflags::from_bits(u8::try_from(how).map_err(|_| Errno::Inval)?)?;
    if how == Sdflags::NONE {
        return Err(Errno::Inval.into());
    }
    Ok(sockets.shutdown(socket, how)?)
}

impl<H: Host> Wasi<H> {
    /// The socket `fd`, if it has these rights; `NOTSOCK` if it is none.
    fn connection(
        &mut self,
        fd: u32,
        rights: Rights,
    ) -> Result<(&mut H::Sockets, &<H::Sockets as Sockets>::Handle), Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        let socket = descriptor.socket()?;
        descriptor.require(rights)?;
        Ok((&mut self.host.sockets, socket))
    }

    /// Takes a connection and gives it a number.
    fn accept(&mut self, fd: u32, flags: Fdflags) -> Result<u32, Errno> {
        descriptor::free::<H>(&self.table)?;
        let granted = self.descriptor(fd, Rights::NONE)?.inheriting;
        let (sockets, listener) = self.connection(fd, Rights::SOCK_ACCEPT)?;
        let connection = sockets.accept(listener)?;
        let mut descriptor = Descriptor::new(Object::Socket(connection), Rights::CONNECTION.and(granted), Rights::NONE);
        descriptor.flags = flags;
        self.insert(descriptor)
    }
}

//! The kernel's error numbers as those of WASI.

use std::io;

use rustix::io::Errno as Kernel;
use wasmote_wasi_p1::Errno;

/// The errno for an error of the standard library, cap-std or the kernel.
pub(crate) fn from_io(error: &io::Error) -> Errno {
    if let Some(kernel) = Kernel::from_io_error(error) {
        return from_kernel(kernel);
    }
    match error.kind() {
        // cap-std: the path leads out of its directory.
        io::ErrorKind::PermissionDenied => Errno::Perm,
        io::ErrorKind::NotFound => Errno::NoEnt,
        io::ErrorKind::AlreadyExists => Errno::Exist,
        io::ErrorKind::InvalidInput => Errno::Inval,
        io::ErrorKind::WouldBlock => Errno::Again,
        io::ErrorKind::Unsupported => Errno::NotSup,
        _ => Errno::Io,
    }
}

/// The errno of the same meaning; `IO` for what a guest could not have caused.
pub(crate) fn from_kernel(kernel: Kernel) -> Errno {
    PAIRS.iter().find(|(number, _)| *number == kernel).map_or(Errno::Io, |(_, errno)| *errno)
}

/// What files, streams and sockets can answer.
const PAIRS: [(Kernel, Errno); 44] = [
    (Kernel::ACCESS, Errno::Acces),
    (Kernel::AGAIN, Errno::Again),
    (Kernel::BADF, Errno::Badf),
    (Kernel::BUSY, Errno::Busy),
    (Kernel::CONNABORTED, Errno::ConnAborted),
    (Kernel::CONNREFUSED, Errno::ConnRefused),
    (Kernel::CONNRESET, Errno::ConnReset),
    (Kernel::DQUOT, Errno::Dquot),
    (Kernel::EXIST, Errno::Exist),
    (Kernel::FAULT, Errno::Fault),
    (Kernel::FBIG, Errno::Fbig),
    (Kernel::ILSEQ, Errno::Ilseq),
    (Kernel::INTR, Errno::Intr),
    (Kernel::INVAL, Errno::Inval),
    (Kernel::IO, Errno::Io),
    (Kernel::ISDIR, Errno::IsDir),
    (Kernel::LOOP, Errno::Loop),
    (Kernel::MFILE, Errno::Mfile),
    (Kernel::MLINK, Errno::Mlink),
    (Kernel::NAMETOOLONG, Errno::NameTooLong),
    (Kernel::NFILE, Errno::Nfile),
    (Kernel::NOBUFS, Errno::NoBufs),
    (Kernel::NODEV, Errno::NoDev),
    (Kernel::NOENT, Errno::NoEnt),
    (Kernel::NOMEM, Errno::NoMem),
    (Kernel::NOSPC, Errno::NoSpc),
    (Kernel::NOSYS, Errno::NoSys),
    (Kernel::NOTCONN, Errno::NotConn),
    (Kernel::NOTDIR, Errno::NotDir),
    (Kernel::NOTEMPTY, Errno::NotEmpty),
    (Kernel::NOTSOCK, Errno::NotSock),
    (Kernel::NOTSUP, Errno::NotSup),
    (Kernel::NOTTY, Errno::NotTy),
    (Kernel::NXIO, Errno::NxIo),
    (Kernel::OVERFLOW, Errno::Overflow),
    (Kernel::PERM, Errno::Perm),
    (Kernel::PIPE, Errno::Pipe),
    (Kernel::RANGE, Errno::Range),
    (Kernel::ROFS, Errno::RoFs),
    (Kernel::SPIPE, Errno::Spipe),
    (Kernel::STALE, Errno::Stale),
    (Kernel::TIMEDOUT, Errno::TimedOut),
    (Kernel::TXTBSY, Errno::TxtBsy),
    (Kernel::XDEV, Errno::Xdev),
];

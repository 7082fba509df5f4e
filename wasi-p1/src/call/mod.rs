//! The 46 functions, by what they are about. Each checks its pointers, then its rights, then acts, then writes results.

pub(crate) mod clock;
pub(crate) mod fd;
pub(crate) mod file;
pub(crate) mod path;
pub(crate) mod poll;
pub(crate) mod program;
pub(crate) mod random;
pub(crate) mod sock;
pub(crate) mod transfer;

use wasmote::{Caller, HostError};

use crate::{Errno, WasiView};

/// Why a function does not give `SUCCESS`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Fail {
    /// The guest is told.
    Errno(Errno),
    /// The guest ends or waits.
    Host(HostError),
}

impl From<Errno> for Fail {
    fn from(errno: Errno) -> Fail {
        Fail::Errno(errno)
    }
}

/// What a function gives.
pub(crate) type Outcome = Result<(), Fail>;

/// Ends a function: errors become numbers, and what was noted for waiting is forgotten unless the guest waits.
pub(crate) fn finish<T: WasiView>(caller: &mut Caller<'_, '_, T>, outcome: Outcome) -> Result<u32, HostError> {
    if outcome != Err(Fail::Host(HostError::Pending)) {
        caller.data().wasi().abandon();
    }
    match outcome {
        Ok(()) => Ok(u32::from(Errno::Success.code())),
        Err(Fail::Errno(errno)) => Ok(u32::from(errno.code())),
        Err(Fail::Host(error)) => Err(error),
    }
}

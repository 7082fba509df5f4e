//! Errors in words. Names of variants, as `Debug` has them, would bring their machinery into every firmware.

use crate::policy::DecodeError;
use wasmote::{BuiltInError, LinkErrorKind, Run};
use wasmote_wasi_embedded::{PinError, Reason};

/// Why a module that is built in cannot be used.
pub(super) fn not_usable(error: BuiltInError) -> &'static str {
    match error {
        BuiltInError::NoRecord => "no module begins here",
        BuiltInError::OtherVersion => "it is of another version",
        BuiltInError::Incomplete => "it is cut off",
        BuiltInError::Damaged => "it is damaged",
        BuiltInError::Unaligned => "it is not aligned",
    }
}

/// Why what a module is granted cannot be read.
pub(super) fn not_readable(error: DecodeError) -> &'static str {
    match error {
        DecodeError::Version(_) => "it is of another version",
        DecodeError::TooLong => "it is too long",
        DecodeError::Damaged | DecodeError::NoRoom => "it is damaged",
    }
}

/// Why a module cannot be instantiated.
pub(super) fn not_linked(kind: LinkErrorKind) -> &'static str {
    match kind {
        LinkErrorKind::UnknownImport => "unknown import",
        LinkErrorKind::IncompatibleImport => "import of another type",
        LinkErrorKind::OutOfMemory(_) => "out of memory",
        LinkErrorKind::Trap(trap) => trap.message(),
    }
}

/// What a start function did instead of returning.
pub(super) fn not_started(run: Run) -> &'static str {
    match run {
        Run::Trapped(trap) => trap.message(),
        Run::Exited(_) => "it ended the program",
        Run::Finished | Run::OutOfFuel | Run::Pending | Run::HostCall(_) => "it waits, or runs for too long",
    }
}

/// What a pin is that cannot be opened or watched.
pub(super) fn not_opened(error: PinError) -> &'static str {
    Reason::Open(error).message()
}

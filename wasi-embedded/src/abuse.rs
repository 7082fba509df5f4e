//! What the canonical ABI answers with a trap: the guest broke the rules of the interface, it did not merely fail.
//!
//! Pointers beyond the memory trap as [`Trap::MemoryOutOfBounds`]; everything else has a code of ours in [`Trap::Host`].
//!
//! Source: the component model's `CanonicalABI.md`, wherever its definitions say `trap` or `trap_if`.

use wasmote::{HostError, Trap};

/// The codes begin here, so that they are not mistaken for those of other host functions.
const FIRST_CODE: u32 = 0xca00;

/// A rule that a guest broke.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u32)]
pub enum Abuse {
    /// A handle that the guest does not have: never given, or dropped.
    UnknownHandle = FIRST_CODE,
    /// A handle of another resource.
    WrongResource,
    /// A handle is dropped whose pollables live.
    HasChildren,
    /// More handles than the table has slots.
    TableFull,
    /// A pointer that is not aligned for what it points to.
    Misaligned,
    /// A list or string whose length is beyond the limit of 2^28 - 1 bytes, or of ours.
    ListTooLong,
    /// A tag without a case.
    UnknownCase,
    /// A string that is not UTF-8.
    NotUtf8,
    /// `poll` of an empty list.
    EmptyPoll,
    /// A result must be put into the guest's memory, and the guest exports no `cabi_realloc` of the right type.
    NoRealloc,
    /// `cabi_realloc` gave space that overlaps an argument or another result, or the guest changed an argument in it.
    BadRealloc,
}

/// All, in the order of their codes.
const ALL: [Abuse; 11] = [
    Abuse::UnknownHandle,
    Abuse::WrongResource,
    Abuse::HasChildren,
    Abuse::TableFull,
    Abuse::Misaligned,
    Abuse::ListTooLong,
    Abuse::UnknownCase,
    Abuse::NotUtf8,
    Abuse::EmptyPoll,
    Abuse::NoRealloc,
    Abuse::BadRealloc,
];

impl Abuse {
    /// The rule behind a trap, if it is one of these.
    #[must_use]
    pub fn of(trap: Trap) -> Option<Abuse> {
        let Trap::Host(code) = trap else { return None };
        ALL.get(code.checked_sub(FIRST_CODE)? as usize).copied()
    }

    /// The trap.
    #[must_use]
    pub const fn trap(self) -> Trap {
        Trap::Host(self as u32)
    }

    /// The rule in words.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Abuse::UnknownHandle => "unknown handle",
            Abuse::WrongResource => "handle of another resource",
            Abuse::HasChildren => "resource dropped before its pollables",
            Abuse::TableFull => "too many handles",
            Abuse::Misaligned => "misaligned pointer",
            Abuse::ListTooLong => "list or string too long",
            Abuse::UnknownCase => "tag without a case",
            Abuse::NotUtf8 => "string is not UTF-8",
            Abuse::EmptyPoll => "poll of an empty list",
            Abuse::NoRealloc => "no cabi_realloc is exported",
            Abuse::BadRealloc => "cabi_realloc gave space that is in use, or changed an argument",
        }
    }
}

impl From<Abuse> for HostError {
    fn from(abuse: Abuse) -> HostError {
        HostError::Trap(abuse.trap())
    }
}

impl From<Abuse> for Trap {
    fn from(abuse: Abuse) -> Trap {
        abuse.trap()
    }
}

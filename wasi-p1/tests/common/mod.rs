//! What the tests of the functions share: a host whose every capability can be steered, and a guest that calls any
//! function with any arguments.

#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test uses a part of it")]

pub mod guest;
pub mod host;

pub use guest::{Answer, Guest};
pub use host::{TestHost, new_guest, new_wasi, open_descriptors};

/// Errnos by their numbers, as a guest sees them.
pub mod errno {
    pub const SUCCESS: u32 = 0;
    pub const AGAIN: u32 = 6;
    pub const BADF: u32 = 8;
    pub const FAULT: u32 = 21;
    pub const ILSEQ: u32 = 25;
    pub const INVAL: u32 = 28;
    pub const IO: u32 = 29;
    pub const ISDIR: u32 = 31;
    pub const MFILE: u32 = 33;
    pub const NAMETOOLONG: u32 = 37;
    pub const NOENT: u32 = 44;
    pub const NOSYS: u32 = 52;
    pub const NOTDIR: u32 = 54;
    pub const NOTSOCK: u32 = 57;
    pub const NOTSUP: u32 = 58;
    pub const PERM: u32 = 63;
    pub const SPIPE: u32 = 70;
    pub const NOTCAPABLE: u32 = 76;
}

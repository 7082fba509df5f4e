//! The types that cross between guest and host: flags, enumerations and records, with their layouts.
//!
//! Records are written field by field at the offsets that the witx states, in little-endian order, so they are the same
//! on every host; the offsets are asserted when this crate is compiled. Unknown bits in flags are refused (`INVAL`).

use crate::Errno;

/// Is `(offset, size)` a list of fields in order, each aligned to its own size, that fills a record of `size` bytes?
const fn is_layout(fields: &[(usize, usize)], size: usize) -> bool {
    let mut index = 0;
    let mut end = 0;
    let mut align = 1;
    while index < fields.len() {
        let (at, len) = fields[index];
        if at < end || at % len != 0 {
            return false;
        }
        if len > align {
            align = len;
        }
        end = at + len;
        index += 1;
    }
    end.next_multiple_of(align) == size
}

/// Declares a record with the offset of each field, and how it becomes bytes and comes from bytes.
macro_rules! layout {
    ($(
        $(#[$doc:meta])*
        struct $name:ident : $size:literal { $( $(#[$field_doc:meta])* $field:ident : $ty:ty = $at:literal, )* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub(crate) struct $name { $( $(#[$field_doc])* pub(crate) $field: $ty, )* }

        const _: () = assert!(is_layout(&[$(($at, size_of::<$ty>())),*], $size), stringify!($name));

        #[allow(dead_code, reason = "some records only go out, some only come in")]
        impl $name {
            /// Its size in bytes in guest memory.
            pub(crate) const SIZE: u32 = $size;

            pub(crate) fn to_bytes(self) -> [u8; $size] {
                let mut bytes = [0; $size];
                $( bytes[$at..$at + size_of::<$ty>()].copy_from_slice(&self.$field.to_le_bytes()); )*
                bytes
            }

            pub(crate) fn from_bytes(bytes: &[u8; $size]) -> Self {
                $(
                    let mut $field = [0; size_of::<$ty>()];
                    $field.copy_from_slice(&bytes[$at..$at + size_of::<$ty>()]);
                )*
                Self { $( $field: <$ty>::from_le_bytes($field), )* }
            }
        }
    )*};
}

layout! {
    /// `fdstat`: what `fd_fdstat_get` tells of a descriptor.
    struct RawFdstat: 24 { filetype: u8 = 0, flags: u16 = 2, base: u64 = 8, inheriting: u64 = 16, }
    /// `filestat`: what is known of a file; times in nanoseconds since 1970.
    struct RawFilestat: 64 {
        device: u64 = 0, inode: u64 = 8, filetype: u8 = 16, links: u64 = 24,
        size: u64 = 32, accessed: u64 = 40, modified: u64 = 48, changed: u64 = 56,
    }
    /// `prestat`: tag 0 (a directory) and the length of its name in bytes.
    struct RawPrestat: 8 { tag: u8 = 0, name_len: u32 = 4, }
    /// `dirent`: the head of a directory entry; the name follows it.
    struct RawDirent: 24 { next: u64 = 0, inode: u64 = 8, name_len: u32 = 16, filetype: u8 = 20, }
    /// `iovec` and `ciovec`.
    struct RawIovec: 8 { address: u32 = 0, len: u32 = 4, }
    /// `subscription`: `id` is the clock's for tag 0 and the descriptor for tags 1 and 2, which use nothing after it.
    struct RawSubscription: 48 {
        userdata: u64 = 0, tag: u8 = 8, id: u32 = 16, timeout: u64 = 24, precision: u64 = 32, flags: u16 = 40,
    }
    /// `event`: `bytes` and `flags` only for descriptors.
    struct RawEvent: 32 { userdata: u64 = 0, errno: u16 = 8, tag: u8 = 10, bytes: u64 = 16, flags: u16 = 24, }
}

/// `filetype`: what a descriptor or a directory entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Filetype {
    /// Unknown, or something that has no name here (a pipe).
    Unknown = 0,
    /// A block device.
    BlockDevice = 1,
    /// A character device: a terminal, a serial port.
    CharacterDevice = 2,
    /// A directory.
    Directory = 3,
    /// A regular file.
    RegularFile = 4,
    /// A datagram socket.
    SocketDgram = 5,
    /// A stream socket.
    SocketStream = 6,
    /// A symbolic link.
    SymbolicLink = 7,
}

/// Declares a set of bits with the operations that sets need.
macro_rules! flags {
    ($(
        $(#[$doc:meta])*
        $name:ident : $bits:ty { $( $(#[$flag_doc:meta])* $flag:ident = $bit:expr, )* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
        pub struct $name($bits);

        impl $name {
            /// The empty set.
            pub const NONE: $name = $name(0);
            /// Every flag that exists.
            pub const ALL: $name = $name(0 $(| (1 << $bit))*);
            $( $(#[$flag_doc])* pub const $flag: $name = $name(1 << $bit); )*

            /// The set with these bits; `INVAL` if one of them has no meaning.
            pub const fn from_bits(bits: $bits) -> Result<$name, Errno> {
                if bits & !$name::ALL.0 == 0 { Ok($name(bits)) } else { Err(Errno::Inval) }
            }
            /// The set with those of these bits that have a meaning.
            #[must_use]
            pub const fn from_bits_truncate(bits: $bits) -> $name { $name(bits & $name::ALL.0) }
            /// The bits as a guest sees them.
            #[must_use]
            pub const fn bits(self) -> $bits { self.0 }
            /// Is all of `other` in here?
            #[must_use]
            pub const fn contains(self, other: $name) -> bool { self.0 & other.0 == other.0 }
            /// Is some of `other` in here?
            #[must_use]
            pub const fn intersects(self, other: $name) -> bool { self.0 & other.0 != 0 }
            /// What is in both.
            #[must_use]
            pub const fn and(self, other: $name) -> $name { $name(self.0 & other.0) }
            /// What is in either.
            #[must_use]
            pub const fn or(self, other: $name) -> $name { $name(self.0 | other.0) }
            /// What is in here and not in `other`.
            #[must_use]
            pub const fn without(self, other: $name) -> $name { $name(self.0 & !other.0) }
        }
    )*};
}

flags! {
    /// `rights`: what may be done with a descriptor. They can be given up and never be gained.
    Rights: u64 {
        /// `fd_datasync`.
        FD_DATASYNC = 0,
        /// `fd_read`, `sock_recv`, and with `FD_SEEK` also `fd_pread`.
        FD_READ = 1,
        /// `fd_seek`; implies `FD_TELL`.
        FD_SEEK = 2,
        /// `fd_fdstat_set_flags`.
        FD_FDSTAT_SET_FLAGS = 3,
        /// `fd_sync`.
        FD_SYNC = 4,
        /// `fd_tell`, and `fd_seek` that does not move.
        FD_TELL = 5,
        /// `fd_write`, `sock_send`, and with `FD_SEEK` also `fd_pwrite`.
        FD_WRITE = 6,
        /// `fd_advise`.
        FD_ADVISE = 7,
        /// `fd_allocate`.
        FD_ALLOCATE = 8,
        /// `path_create_directory`.
        PATH_CREATE_DIRECTORY = 9,
        /// `path_open` with `CREAT`.
        PATH_CREATE_FILE = 10,
        /// `path_link` from here.
        PATH_LINK_SOURCE = 11,
        /// `path_link` to here.
        PATH_LINK_TARGET = 12,
        /// `path_open`.
        PATH_OPEN = 13,
        /// `fd_readdir`.
        FD_READDIR = 14,
        /// `path_readlink`.
        PATH_READLINK = 15,
        /// `path_rename` from here.
        PATH_RENAME_SOURCE = 16,
        /// `path_rename` to here.
        PATH_RENAME_TARGET = 17,
        /// `path_filestat_get`.
        PATH_FILESTAT_GET = 18,
        /// `path_open` with `TRUNC`.
        PATH_FILESTAT_SET_SIZE = 19,
        /// `path_filestat_set_times`.
        PATH_FILESTAT_SET_TIMES = 20,
        /// `fd_filestat_get`.
        FD_FILESTAT_GET = 21,
        /// `fd_filestat_set_size`.
        FD_FILESTAT_SET_SIZE = 22,
        /// `fd_filestat_set_times`.
        FD_FILESTAT_SET_TIMES = 23,
        /// `path_symlink`.
        PATH_SYMLINK = 24,
        /// `path_remove_directory`.
        PATH_REMOVE_DIRECTORY = 25,
        /// `path_unlink_file`.
        PATH_UNLINK_FILE = 26,
        /// To be waited for in `poll_oneoff`.
        POLL_FD_READWRITE = 27,
        /// `sock_shutdown`.
        SOCK_SHUTDOWN = 28,
        /// `sock_accept`.
        SOCK_ACCEPT = 29,
    }

    /// `fdflags`: how a descriptor behaves.
    Fdflags: u16 {
        /// Every write goes to the end.
        APPEND = 0,
        /// Data reach the storage before a write returns.
        DSYNC = 1,
        /// `AGAIN` instead of waiting.
        NONBLOCK = 2,
        /// Reads wait for writes under way.
        RSYNC = 3,
        /// Data and metadata reach the storage before a write returns.
        SYNC = 4,
    }

    /// `oflags`: how `path_open` opens.
    Oflags: u16 {
        /// Create the file if it does not exist.
        CREAT = 0,
        /// Fail unless it is a directory.
        DIRECTORY = 1,
        /// Fail if it exists.
        EXCL = 2,
        /// Cut it to no bytes.
        TRUNC = 3,
    }

    /// `lookupflags`: how a path is resolved.
    Lookupflags: u32 {
        /// Follow a symbolic link in the last component.
        SYMLINK_FOLLOW = 0,
    }

    /// `fstflags`: which times are set, and to what.
    Fstflags: u16 {
        /// The access time, as given.
        ATIM = 0,
        /// The access time, to now.
        ATIM_NOW = 1,
        /// The modification time, as given.
        MTIM = 2,
        /// The modification time, to now.
        MTIM_NOW = 3,
    }

    /// `riflags`: how `sock_recv` receives.
    Riflags: u16 {
        /// Leave the data where they are.
        PEEK = 0,
        /// Wait until the buffers are full.
        WAITALL = 1,
    }

    /// `sdflags`: which halves of a connection `sock_shutdown` shuts.
    Sdflags: u8 {
        /// Nothing more is received.
        RD = 0,
        /// Nothing more is sent.
        WR = 1,
    }
}

impl Rights {
    /// What can be done with a regular file.
    pub const FILE: Rights = Rights::FD_DATASYNC
        .or(Rights::FD_READ)
        .or(Rights::FD_SEEK)
        .or(Rights::FD_FDSTAT_SET_FLAGS)
        .or(Rights::FD_SYNC)
        .or(Rights::FD_TELL)
        .or(Rights::FD_WRITE)
        .or(Rights::FD_ADVISE)
        .or(Rights::FD_ALLOCATE)
        .or(Rights::FD_FILESTAT_GET)
        .or(Rights::FD_FILESTAT_SET_SIZE)
        .or(Rights::FD_FILESTAT_SET_TIMES)
        .or(Rights::POLL_FD_READWRITE);
    /// What can be done with a directory.
    pub const DIRECTORY: Rights = Rights::ALL
        .without(Rights::FILE)
        .without(Rights::SOCK_ACCEPT)
        .without(Rights::SOCK_SHUTDOWN)
        .or(Rights::FD_DATASYNC)
        .or(Rights::FD_FDSTAT_SET_FLAGS)
        .or(Rights::FD_SYNC)
        .or(Rights::FD_FILESTAT_GET)
        .or(Rights::FD_FILESTAT_SET_TIMES);
    /// What changes nothing: the rights of a read-only preopen, for itself and for what is opened in it.
    pub const READ_ONLY: Rights = Rights::FD_READ
        .or(Rights::FD_SEEK)
        .or(Rights::FD_FDSTAT_SET_FLAGS)
        .or(Rights::FD_TELL)
        .or(Rights::FD_ADVISE)
        .or(Rights::PATH_OPEN)
        .or(Rights::FD_READDIR)
        .or(Rights::PATH_READLINK)
        .or(Rights::PATH_FILESTAT_GET)
        .or(Rights::FD_FILESTAT_GET)
        .or(Rights::POLL_FD_READWRITE);
    /// What can be done with a stream: a terminal, a serial port, a pipe. No seeking, by which libraries know a
    /// terminal.
    pub const STREAM: Rights = Rights::FD_READ
        .or(Rights::FD_WRITE)
        .or(Rights::FD_FDSTAT_SET_FLAGS)
        .or(Rights::FD_FILESTAT_GET)
        .or(Rights::POLL_FD_READWRITE);
    /// What can be done with a connection.
    pub const CONNECTION: Rights = Rights::STREAM.or(Rights::SOCK_SHUTDOWN);
    /// What can be done with a listening socket.
    pub const LISTENER: Rights =
        Rights::SOCK_ACCEPT.or(Rights::POLL_FD_READWRITE).or(Rights::FD_FILESTAT_GET).or(Rights::FD_FDSTAT_SET_FLAGS);
}

/// `clockid`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ClockId {
    /// The time of day, in nanoseconds since 1970.
    Realtime,
    /// A clock that never goes back; its zero means nothing.
    Monotonic,
    /// The processor time of this process.
    ProcessCpu,
    /// The processor time of this thread.
    ThreadCpu,
}

impl ClockId {
    /// The clock of this number; `INVAL` if there is none.
    pub(crate) fn from_number(number: u32) -> Result<ClockId, Errno> {
        match number {
            0 => Ok(ClockId::Realtime),
            1 => Ok(ClockId::Monotonic),
            2 => Ok(ClockId::ProcessCpu),
            3 => Ok(ClockId::ThreadCpu),
            _ => Err(Errno::Inval),
        }
    }
}

/// `whence`: what `fd_seek` counts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whence {
    Set,
    Current,
    End,
}

impl Whence {
    /// The origin of this number; `INVAL` if there is none.
    pub(crate) fn from_number(number: u32) -> Result<Whence, Errno> {
        match number {
            0 => Ok(Whence::Set),
            1 => Ok(Whence::Current),
            2 => Ok(Whence::End),
            _ => Err(Errno::Inval),
        }
    }
}

/// `advice`: how a guest means to use a part of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advice {
    /// Nothing in particular.
    Normal,
    /// From front to back.
    Sequential,
    /// In any order.
    Random,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
    /// Once.
    NoReuse,
}

impl Advice {
    /// The advice of this number; `INVAL` if there is none.
    pub(crate) fn from_number(number: u32) -> Result<Advice, Errno> {
        use Advice::{DontNeed, NoReuse, Normal, Random, Sequential, WillNeed};
        [Normal, Sequential, Random, WillNeed, DontNeed, NoReuse].get(number as usize).copied().ok_or(Errno::Inval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_the_way_to_the_guest_and_back() {
        let event = RawEvent { userdata: 1 << 60, errno: 8, tag: 2, bytes: 77, flags: 1 };
        assert_eq!(RawEvent::from_bytes(&event.to_bytes()), event);
        let mut expected = [0; 32];
        expected[7] = 0x10;
        expected[8] = 8;
        expected[10] = 2;
        expected[16] = 77;
        expected[24] = 1;
        assert_eq!(event.to_bytes(), expected);
    }

    #[test]
    fn a_layout_that_overlaps_or_is_misaligned_is_refused() {
        assert!(is_layout(&[(0, 8), (8, 1), (16, 4)], 24));
        assert!(!is_layout(&[(0, 8), (4, 4)], 8));
        assert!(!is_layout(&[(0, 1), (2, 4)], 8));
        assert!(!is_layout(&[(0, 8), (8, 1)], 12));
    }

    #[test]
    fn flags_without_a_meaning_are_invalid() {
        assert_eq!(Fdflags::from_bits(0x20), Err(Errno::Inval));
        assert_eq!(Oflags::from_bits(0xf), Ok(Oflags::ALL));
        assert_eq!(Rights::ALL.bits(), (1 << 30) - 1);
        assert_eq!(Rights::from_bits_truncate(u64::MAX), Rights::ALL);
    }

    #[test]
    fn files_and_directories_share_only_what_both_can_do() {
        let both = Rights::FILE.and(Rights::DIRECTORY);
        assert!(!both.intersects(Rights::FD_READ.or(Rights::FD_WRITE).or(Rights::FD_SEEK).or(Rights::FD_TELL)));
        assert!(both.contains(Rights::FD_SYNC.or(Rights::FD_FILESTAT_GET)));
    }
}

//! WASI preview 1 for Wasmote: the 46 functions of `wasi_snapshot_preview1` over small capability traits.
//!
//! A host names its capabilities in one [`Host`](capability::Host), makes a [`Wasi`] for each guest, and gives
//! [`P1::FUNCTIONS`] to a `Linker`. The functions check pointers and rights, keep descriptors, and turn every failure
//! into an errno; the capabilities do the rest. What a host lacks is an [`absent`](capability::absent) capability.
//!
//! Promises: nothing is allocated; nothing blocks (see [`Blocked`] for how a guest waits); no guest traps where an
//! errno would tell it (a pointer that leads nowhere is `FAULT`); all 46 functions are there on every host.
//!
//! ```
//! use wasmote::{Engine, Linker, Module, Run, Store};
//! use wasmote_wasi_p1::{
//!     Capabilities, Errno, Filetype, P1, Slot, Wasi,
//!     capability::{Host, Lent, Ready, Stdio, Stream, absent},
//! };
//!
//! /// A board with a serial port and nothing else.
//! struct Board;
//!
//! impl Host for Board {
//!     type Program = Lent<'static>;
//!     type Clock = absent::NoClock;
//!     type Random = absent::NoRandom;
//!     type Stdio = Serial;
//!     type Files = absent::NoFiles;
//!     type Sockets = absent::NoSockets;
//!     type Table = [Slot<Board>; 8];
//!     type Scratch = [u8; 256];
//!     type Name = &'static str;
//! }
//!
//! #[derive(Default)]
//! struct Serial(Vec<u8>);
//!
//! impl Stdio for Serial {
//!     fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
//!         Err(Errno::Again)
//!     }
//!     fn write(&mut self, _: Stream, from: &[u8]) -> Result<usize, Errno> {
//!         self.0.extend_from_slice(from);
//!         Ok(from.len())
//!     }
//!     fn filetype(&mut self, _: Stream) -> Filetype {
//!         Filetype::CharacterDevice
//!     }
//!     fn ready(&mut self, stream: Stream) -> Result<Option<Ready>, Errno> {
//!         Ok((stream != Stream::Input).then(Ready::default))
//!     }
//! }
//!
//! # let wasm = wat::parse_str(r#"(module
//! #     (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
//! #     (memory (export "memory") 1)
//! #     (data (i32.const 0) "\10\00\00\00\05\00\00\00") (data (i32.const 16) "hello")
//! #     (func (export "_start")
//! #         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#).unwrap();
//! let host = Capabilities {
//!     program: Lent { arguments: &["hello"], variables: &[] },
//!     clock: absent::NoClock,
//!     random: absent::NoRandom,
//!     stdio: Serial::default(),
//!     files: absent::NoFiles,
//!     sockets: absent::NoSockets,
//! };
//! let mut wasi = Wasi::<Board>::new(host, [const { Slot::FREE }; 8], [0; 256]);
//!
//! let (mut code, mut arena) = ([0; 4096], [0; 8192]);
//! let engine = Engine::default();
//! let module = Module::new(&engine, &wasm, &mut code).unwrap();
//! let mut store = Store::new(&engine, &mut arena).unwrap();
//! let linker = Linker::new(&[P1::<Wasi<Board>>::FUNCTIONS]);
//! let instance = linker.instantiate(&mut store, &module, &mut wasi).unwrap();
//! let start = store.export(instance, "_start").and_then(|export| export.func()).unwrap();
//! let thread = store.spawn(start, &[]).unwrap();
//! assert!(matches!(linker.run(&mut store, thread, &mut wasi, u64::MAX), Run::Finished));
//! assert_eq!(wasi.host.stdio.0, b"hello");
//! ```
//!
//! Source: the witx files of `wasi_snapshot_preview1`; where they are silent, POSIX and the official test suite.

#![no_std]
#![forbid(unsafe_code)]

mod abi;
pub mod bundle;
mod call;
pub mod capability;
mod descriptor;
pub mod entropy;
mod errno;
pub mod flashfs;
mod guest;
pub mod mixed;
mod names;
mod path;
pub mod ramfs;
pub mod time;
mod wait;
pub mod walk;
mod wasi;

use core::marker::PhantomData;

pub use abi::{Advice, ClockId, Fdflags, Filetype, Fstflags, Lookupflags, Oflags, Riflags, Rights, Sdflags};
pub use descriptor::{Descriptor, Slot};
pub use errno::Errno;
pub use wait::{Blocked, Interest, Source};
pub use wasi::{Capabilities, Wasi, WasiView};

use wasmote::{Caller, HostError, HostFunc};

/// The module under which guests import the functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The functions for an embedder's data `T`.
pub struct P1<'t, T>(PhantomData<&'t T>);

/// Makes the table: for each row a function that turns the outcome into what the guest receives.
macro_rules! functions {
    ($( $group:ident :: $name:ident ( $( $arg:ident : $ty:ty ),* ); )*) => {
        &[
            $({
                #[allow(clippy::too_many_arguments, reason = "the specification's")]
                fn $name<T: WasiView>(caller: &mut Caller<'_, '_, T>, $($arg: $ty),*) -> Result<u32, HostError> {
                    let outcome = call::$group::$name(caller, $($arg),*);
                    call::finish(caller, outcome)
                }
                HostFunc::wrap(MODULE, stringify!($name), $name::<T>)
            },)*
            HostFunc::wrap(MODULE, "proc_exit", call::program::proc_exit::<T>),
        ]
    };
}

impl<'t, T: WasiView> P1<'t, T> {
    /// All 46, for a `Linker`.
    pub const FUNCTIONS: &'t [HostFunc<T>] = functions! {
        program::args_get(argv: u32, argv_buf: u32);
        program::args_sizes_get(count: u32, len: u32);
        program::environ_get(environ: u32, environ_buf: u32);
        program::environ_sizes_get(count: u32, len: u32);
        clock::clock_res_get(clock: u32, out: u32);
        clock::clock_time_get(clock: u32, precision: u64, out: u32);
        file::fd_advise(fd: u32, at: u64, len: u64, advice: u32);
        file::fd_allocate(fd: u32, at: u64, len: u64);
        fd::fd_close(fd: u32);
        fd::fd_datasync(fd: u32);
        fd::fd_fdstat_get(fd: u32, out: u32);
        fd::fd_fdstat_set_flags(fd: u32, flags: u32);
        fd::fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64);
        fd::fd_filestat_get(fd: u32, out: u32);
        file::fd_filestat_set_size(fd: u32, size: u64);
        fd::fd_filestat_set_times(fd: u32, accessed_ns: u64, modified_ns: u64, flags: u32);
        transfer::fd_pread(fd: u32, iovecs: u32, count: u32, at: u64, out: u32);
        fd::fd_prestat_get(fd: u32, out: u32);
        fd::fd_prestat_dir_name(fd: u32, out: u32, out_len: u32);
        transfer::fd_pwrite(fd: u32, iovecs: u32, count: u32, at: u64, out: u32);
        transfer::fd_read(fd: u32, iovecs: u32, count: u32, out: u32);
        file::fd_readdir(fd: u32, buffer: u32, len: u32, cookie: u64, out: u32);
        fd::fd_renumber(fd: u32, to: u32);
        file::fd_seek(fd: u32, offset: u64, whence: u32, out: u32);
        fd::fd_sync(fd: u32);
        file::fd_tell(fd: u32, out: u32);
        transfer::fd_write(fd: u32, iovecs: u32, count: u32, out: u32);
        path::path_create_directory(fd: u32, path: u32, path_len: u32);
        path::path_filestat_get(fd: u32, lookup: u32, path: u32, path_len: u32, out: u32);
        path::path_filestat_set_times(
            fd: u32, lookup: u32, path: u32, path_len: u32, accessed_ns: u64, modified_ns: u64, flags: u32
        );
        path::path_link(fd: u32, lookup: u32, path: u32, path_len: u32, to_fd: u32, to: u32, to_len: u32);
        path::path_open(
            fd: u32, lookup: u32, path: u32, path_len: u32, oflags: u32, base: u64, inheriting: u64, fdflags: u32,
            out: u32
        );
        path::path_readlink(fd: u32, path: u32, path_len: u32, buffer: u32, len: u32, out: u32);
        path::path_remove_directory(fd: u32, path: u32, path_len: u32);
        path::path_rename(fd: u32, path: u32, path_len: u32, to_fd: u32, to: u32, to_len: u32);
        path::path_symlink(target: u32, target_len: u32, fd: u32, path: u32, path_len: u32);
        path::path_unlink_file(fd: u32, path: u32, path_len: u32);
        poll::poll_oneoff(subscriptions: u32, events: u32, count: u32, out: u32);
        program::proc_raise(signal: u32);
        program::sched_yield();
        random::random_get(buffer: u32, len: u32);
        sock::sock_accept(fd: u32, flags: u32, out: u32);
        sock::sock_recv(fd: u32, iovecs: u32, count: u32, flags: u32, out: u32, flags_out: u32);
        sock::sock_send(fd: u32, iovecs: u32, count: u32, flags: u32, out: u32);
        sock::sock_shutdown(fd: u32, how: u32);
    };
}

//! Failures everywhere: every errno from every call of a capability, and arguments without sense. Whatever happens,
//! the guest is told, nothing panics, and no descriptor leaks.

mod common;

use common::{Answer, errno::*, host::DESCRIPTORS, new_guest, new_wasi, open_descriptors};
use wasmote_wasi_p1::{Errno, P1, Wasi};

type Guest = common::Guest<Wasi<common::TestHost>>;

const IOVECS: u64 = 64;
const OUT: u64 = 16;
const BUFFER: u64 = 1024;
const ALL: u64 = (1 << 30) - 1;

/// Texts in the guest's memory, by where they are.
const TEXTS: [(u64, &str); 5] = [(512, "dir"), (528, "dir/file"), (544, "link"), (560, "other"), (576, "../dir")];

/// The calls of a small program: name and arguments, `0xfd0` and above being what the opening calls gave.
const PROGRAM: &[(&str, &[u64])] = &[
    ("args_sizes_get", &[0, 4]),
    ("args_get", &[128, 256]),
    ("environ_get", &[128, 256]),
    ("clock_res_get", &[1, OUT]),
    ("clock_time_get", &[0, 0, OUT]),
    ("random_get", &[BUFFER, 40]),
    ("path_create_directory", &[3, 512, 3]),
    ("path_open", &[3, 1, 528, 8, 1, ALL, ALL, 16, OUT]),
    ("fd_write", &[5, IOVECS, 2, OUT]),
    ("fd_pwrite", &[5, IOVECS, 2, 7, OUT]),
    ("fd_seek", &[5, 3, 2, OUT]),
    ("fd_tell", &[5, OUT]),
    ("fd_pread", &[5, IOVECS, 2, 0, OUT]),
    ("fd_read", &[5, IOVECS, 2, OUT]),
    ("fd_allocate", &[5, 0, 300]),
    ("fd_filestat_set_size", &[5, 20]),
    ("fd_filestat_set_times", &[5, 1, 1, 5]),
    ("fd_filestat_get", &[5, BUFFER]),
    ("fd_advise", &[5, 0, 0, 3]),
    ("fd_sync", &[5]),
    ("fd_datasync", &[5]),
    ("path_symlink", &[528, 8, 3, 544, 4]),
    ("path_readlink", &[3, 544, 4, BUFFER, 4, OUT]),
    ("path_link", &[3, 0, 528, 8, 3, 560, 5]),
    ("path_filestat_get", &[3, 1, 544, 4, BUFFER]),
    ("path_filestat_set_times", &[3, 1, 544, 4, 0, 0, 10]),
    ("path_open", &[3, 0, 512, 3, 2, ALL & !64, ALL, 0, OUT]),
    ("fd_readdir", &[6, BUFFER, 50, 0, OUT]),
    ("path_rename", &[3, 560, 5, 3, 544, 4]),
    ("path_open", &[6, 1, 576, 6, 0, 2, 0, 0, OUT]),
    ("fd_renumber", &[6, 5]),
    ("path_unlink_file", &[3, 528, 8]),
    ("path_remove_directory", &[3, 512, 3]),
    ("fd_read", &[0, IOVECS, 2, OUT]),
    ("fd_write", &[1, IOVECS, 2, OUT]),
    ("poll_oneoff", &[2048, 4096, 2, OUT]),
    ("sock_accept", &[4, 0, OUT]),
    ("sock_send", &[6, IOVECS, 2, 0, OUT]),
    ("sock_recv", &[6, IOVECS, 2, 0, OUT, OUT]),
    ("sock_shutdown", &[6, 3]),
    ("fd_close", &[6]),
    ("fd_close", &[5]),
    ("fd_close", &[3]),
];

/// Prepares the guest's memory and the world, runs the program, and gives the answers.
fn run(guest: &mut Guest, fail: Option<(u32, Errno)>) -> (Vec<Answer>, u32, bool) {
    let (wasi, world) = new_wasi(8 * 1024);
    guest.data = wasi;
    for (at, text) in TEXTS {
        guest.put(at as u32, text.as_bytes());
    }
    guest.put(IOVECS as u32, &[BUFFER as u32, 20, BUFFER as u32 + 100, 9].map(u32::to_le_bytes).concat());
    guest.put(2048, &[0; 96]);
    guest.put(2048 + 16, &[1]);
    guest.put(2048 + 48 + 8, &[2]);
    guest.put(2048 + 48 + 16, &[2]);
    world.input.borrow_mut().extend(b"some input");
    world.arriving.borrow_mut().push_back(Default::default());
    if let Some(connection) = world.arriving.borrow().front() {
        connection.to_guest.borrow_mut().extend(b"some bytes");
    }
    world.fail.set(fail);
    let mut answers = Vec::new();
    for (name, args) in PROGRAM {
        let mut answer = guest.call(name, args);
        if answer == Answer::Pending {
            // Only what was told to fail with AGAIN has to wait, and only once; or it waits for ever, and is ended.
            answer = guest.again();
        }
        if answer == Answer::Pending {
            guest.give_up();
        }
        answers.push(answer);
    }
    let failed = world.fail.take().is_none();
    let calls = world.calls.get();
    assert_eq!(open_descriptors(guest), world.open.get(), "{fail:?}");
    guest.data.close_all();
    assert_eq!(world.open.get(), 0, "{fail:?}");
    (answers, calls, failed)
}

#[test]
fn the_program_succeeds_when_nothing_fails() {
    let (mut guest, _) = new_guest();
    let (answers, calls, _) = run(&mut guest, None);
    for ((name, args), answer) in PROGRAM.iter().zip(&answers) {
        // It is not allowed to leave `dir`; all else is.
        let expected = if args.contains(&576) { PERM } else { SUCCESS };
        assert_eq!(*answer, Answer::Errno(expected), "{name} {args:?}");
    }
    assert!(calls > 50, "{calls}");
}

/// All errnos but `SUCCESS`.
fn errnos() -> Vec<Errno> {
    use Errno::*;
    vec![
        TooBig,
        Acces,
        AddrInUse,
        AddrNotAvail,
        AfNoSupport,
        Again,
        Already,
        Badf,
        BadMsg,
        Busy,
        Canceled,
        Child,
        ConnAborted,
        ConnRefused,
        ConnReset,
        Deadlk,
        DestAddrReq,
        Dom,
        Dquot,
        Exist,
        Fault,
        Fbig,
        HostUnreach,
        Idrm,
        Ilseq,
        InProgress,
        Intr,
        Inval,
        Io,
        IsConn,
        IsDir,
        Loop,
        Mfile,
        Mlink,
        MsgSize,
        Multihop,
        NameTooLong,
        NetDown,
        NetReset,
        NetUnreach,
        Nfile,
        NoBufs,
        NoDev,
        NoEnt,
        NoExec,
        NoLck,
        NoLink,
        NoMem,
        NoMsg,
        NoProtoOpt,
        NoSpc,
        NoSys,
        NotConn,
        NotDir,
        NotEmpty,
        NotRecoverable,
        NotSock,
        NotSup,
        NotTy,
        NxIo,
        Overflow,
        OwnerDead,
        Perm,
        Pipe,
        Proto,
        ProtoNoSupport,
        Prototype,
        Range,
        RoFs,
        Spipe,
        Srch,
        Stale,
        TimedOut,
        TxtBsy,
        Xdev,
        NotCapable,
    ]
}

#[test]
fn every_errno_from_every_call_of_a_capability_is_survived() {
    let (mut guest, _) = new_guest();
    let (_, calls, _) = run(&mut guest, None);
    assert_eq!(errnos().len(), 76);
    for errno in errnos() {
        for turn in 0..calls {
            let (answers, _, failed) = run(&mut guest, Some((turn, errno)));
            assert!(failed, "{turn}");
            assert!(answers.iter().all(|answer| matches!(answer, Answer::Errno(0..=76) | Answer::Pending)));
        }
    }
}

#[test]
fn a_failure_is_told_with_its_own_errno() {
    let (mut guest, _) = new_guest();
    // The first call of a capability in the program is that of clock_res_get.
    let (answers, ..) = run(&mut guest, Some((0, Errno::Stale)));
    assert_eq!(answers[3], Answer::Errno(u32::from(Errno::Stale.code())));
}

/// Arguments that are interesting somewhere: descriptors, small sizes, places, edges.
const ARGUMENTS: [u64; 24] = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    16,
    64,
    512,
    528,
    544,
    1024,
    4096,
    65000,
    65535,
    65536,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX as u64,
    u64::MAX,
];

#[test]
fn arguments_without_sense_are_answered_with_an_errno() {
    let (mut guest, world) = new_guest();
    for (at, text) in TEXTS {
        guest.put(at as u32, text.as_bytes());
    }
    let functions = P1::<Wasi<common::TestHost>>::FUNCTIONS;
    let mut state = 12345u64;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    for _ in 0..60_000 {
        let function = &functions[next(functions.len())];
        let args: Vec<u64> = function.params.iter().map(|_| ARGUMENTS[next(ARGUMENTS.len())]).collect();
        match guest.call(function.name, &args) {
            Answer::Errno(code) => assert!(code <= 76, "{} {args:?}: {code}", function.name),
            Answer::Exit(_) => assert!(function.name.starts_with("proc_"), "{}", function.name),
            Answer::Pending => guest.give_up(),
        }
        world.output.borrow_mut().clear();
    }
    assert!(open_descriptors(&mut guest) <= DESCRIPTORS as i32);
    assert_eq!(open_descriptors(&mut guest), world.open.get());
}

/// A function, arguments that are good, and which of them point, with an address at which the last byte is one too far.
type Row = (&'static str, &'static [u64], &'static [(usize, u64)]);

#[test]
fn a_pointer_out_of_memory_is_found_before_anything_happens() {
    let (mut guest, world) = new_guest();
    let functions = P1::<Wasi<common::TestHost>>::FUNCTIONS;
    let rows: &[Row] = &[
        ("args_sizes_get", &[0, 0], &[(0, 65533), (1, 65533)]),
        ("args_get", &[0, 0], &[(0, 65525), (1, 65521)]),
        ("environ_sizes_get", &[0, 0], &[(0, 65533), (1, 65533)]),
        ("environ_get", &[0, 0], &[(0, 65533), (1, 65533)]),
        ("clock_res_get", &[0, 0], &[(1, 65529)]),
        ("clock_time_get", &[0, 0, 0], &[(2, 65529)]),
        ("fd_fdstat_get", &[3, 0], &[(1, 65513)]),
        ("fd_filestat_get", &[3, 0], &[(1, 65473)]),
        ("fd_pread", &[3, 64, 1, 0, 0], &[(1, 65529), (4, 65533)]),
        ("fd_prestat_get", &[3, 0], &[(1, 65529)]),
        ("fd_prestat_dir_name", &[3, 0, 1], &[(1, 65536)]),
        ("fd_pwrite", &[3, 64, 1, 0, 0], &[(1, 65529), (4, 65533)]),
        ("fd_read", &[0, 64, 1, 0], &[(1, 65529), (3, 65533)]),
        ("fd_readdir", &[3, 0, 10, 0, 0], &[(1, 65527), (4, 65533)]),
        ("fd_seek", &[3, 0, 0, 0], &[(3, 65529)]),
        ("fd_tell", &[3, 0], &[(1, 65529)]),
        ("fd_write", &[1, 64, 1, 0], &[(1, 65529), (3, 65533)]),
        ("path_create_directory", &[3, 512, 3], &[(1, 65534)]),
        ("path_filestat_get", &[3, 0, 512, 3, 0], &[(2, 65534), (4, 65473)]),
        ("path_filestat_set_times", &[3, 0, 512, 3, 0, 0, 0], &[(2, 65534)]),
        ("path_link", &[3, 0, 512, 3, 3, 528, 8], &[(2, 65534), (5, 65529)]),
        ("path_open", &[3, 0, 512, 3, 1, 2, 0, 0, 0], &[(2, 65534), (8, 65533)]),
        ("path_readlink", &[3, 512, 3, 0, 8, 0], &[(1, 65534), (3, 65529), (5, 65533)]),
        ("path_remove_directory", &[3, 512, 3], &[(1, 65534)]),
        ("path_rename", &[3, 512, 3, 3, 528, 8], &[(1, 65534), (4, 65529)]),
        ("path_symlink", &[512, 3, 3, 528, 8], &[(0, 65534), (3, 65529)]),
        ("path_unlink_file", &[3, 512, 3], &[(1, 65534)]),
        ("poll_oneoff", &[2048, 0, 1, 0], &[(0, 65489), (1, 65505), (3, 65533)]),
        ("random_get", &[0, 10], &[(0, 65527)]),
        ("sock_accept", &[4, 0, 0], &[(2, 65533)]),
        ("sock_recv", &[4, 64, 1, 0, 0, 0], &[(1, 65529), (4, 65533), (5, 65535)]),
        ("sock_send", &[4, 64, 1, 0, 0], &[(1, 65529), (4, 65533)]),
    ];
    assert!(rows.iter().all(|row| functions.iter().any(|function| function.name == row.0)));
    guest.put(64, &[1024u32, 8].map(u32::to_le_bytes).concat());
    guest.put(512, b"dir");
    guest.put(528, b"dir/file");
    for (name, args, pointers) in rows {
        for (index, address) in *pointers {
            let before = world.calls.get();
            let mut args = args.to_vec();
            args[*index] = *address;
            assert_eq!(guest.call(name, &args), Answer::Errno(FAULT), "{name} {args:?}");
            assert_eq!(world.calls.get(), before, "{name} {args:?}");
        }
    }
}

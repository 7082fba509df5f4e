//! Failures under real programs: at every call that a guest makes of a capability, that call fails, with every errno.
//!
//! Whatever it does then, it ends, by itself, by a trap of its own or by its fuel; nothing here panics, and no file or
//! directory stays open. (`wasi-p1/tests/faults.rs` has the same for the functions one by one, sockets among them.)

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use wasmote_tests::faulty::{Guest, Ran, Room, run_each};
use wasmote_wasi_p1::Errno;

/// Every errno but success.
#[rustfmt::skip]
const ERRNOS: [Errno; 76] = {
    use Errno::*;
    [
        TooBig, Acces, AddrInUse, AddrNotAvail, AfNoSupport, Again, Already, Badf, BadMsg, Busy, Canceled, Child,
        ConnAborted, ConnRefused, ConnReset, Deadlk, DestAddrReq, Dom, Dquot, Exist, Fault, Fbig, HostUnreach, Idrm, Ilseq,
        InProgress, Intr, Inval, Io, IsConn, IsDir, Loop, Mfile, Mlink, MsgSize, Multihop, NameTooLong, NetDown, NetReset,
        NetUnreach, Nfile, NoBufs, NoDev, NoEnt, NoExec, NoLck, NoLink, NoMem, NoMsg, NoProtoOpt, NoSpc, NoSys, NotConn,
        NotDir, NotEmpty, NotRecoverable, NotSock, NotSup, NotTy, NxIo, Overflow, OwnerDead, Perm, Pipe, Proto,
        ProtoNoSupport, Prototype, Range, RoFs, Spipe, Srch, Stale, TimedOut, TxtBsy, Xdev, NotCapable,
    ]
};

/// A guest that does not end by itself after a failure is ended by this much fuel.
const FUEL: u64 = 200_000_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
}

/// Lets every call of a guest fail: with every errno, or with every `step`-th, others at each call. The methods that it uses.
fn fail_everywhere(program: &str, arguments: &[&str], input: &str, step: usize) -> BTreeSet<&'static str> {
    let wasm = fs::read(folder().join(format!("prebuilt/{program}.wasm"))).expect("kept");
    let read = |name: &str| fs::read(folder().join("files").join(name)).expect("there");
    let files = ["poem.txt", "program.lua", "sensors.json"].map(|name| (name.to_owned(), read(name)));
    let input = if input.is_empty() { Vec::new() } else { read(input) };
    let arguments: Vec<String> = [program].iter().chain(arguments).map(|&text| text.to_owned()).collect();
    let guest = Guest { wasm: &wasm, arguments: &arguments, input: &input, files: &files };
    let mut room = Room::new(4 << 20, 2 << 20, 320 << 10);
    let mut whole = None;
    run_each(&guest, &mut room, u64::MAX, [None], |_, ran| whole = Some(ran)).expect("it fits");
    let whole: Ran = whole.expect("it ran");
    assert_eq!((&whole.exit, whole.leaked), (&Ok(0), 0), "{program}: {}", String::from_utf8_lossy(&whole.output));
    let turns = (0..whole.calls).flat_map(|call| (0..ERRNOS.len() / step).map(move |turn| (call, turn)));
    let fails = turns.map(|(call, turn)| Some((call, ERRNOS[(turn * step + call as usize) % ERRNOS.len()])));
    let (mut runs, mut told) = (0, 0);
    run_each(&guest, &mut room, FUEL, fails, |fail, ran| {
        assert!(ran.failed, "{program}: {fail:?} was not reached");
        assert_eq!(ran.leaked, 0, "{program}: {fail:?}");
        runs += 1;
        told += u32::from(ran.exit != Ok(0) || ran.output != whole.output);
    })
    .expect("it fits");
    println!("{program}: {} calls, {runs} failures, {told} of them seen in what it prints or how it ends", whole.calls);
    assert!(told > 0, "{program}");
    whole.methods
}

#[test]
fn no_failure_of_any_call_harms_the_host() {
    let mut methods = BTreeSet::new();
    for (program, arguments, input, step) in [
        ("hello-rust", &["one"][..], "", 1),
        ("hello-assemblyscript", &[], "", 1),
        ("copy-clang", &["poem.txt", "copy.txt"], "", 1),
        ("copy-zig", &["poem.txt", "copy.txt"], "", 1),
        ("copy-rust", &["poem.txt", "copy.txt"], "", 1),
        ("lines-clang", &[], "poem.txt", 1),
        ("json-rust", &[], "sensors.json", 1),
        ("walk-rust", &[], "", 38),
        ("calls-clang", &["5", "120"], "", 4),
        ("lua-clang", &["program.lua"], "", 19),
    ] {
        methods.extend(fail_everywhere(program, arguments, input, step));
    }
    // (`fill` and `sync` are for faults.rs: none of these asks for random numbers, or for a write to reach the disk.)
    for method in [
        "now",
        "read a stream",
        "write a stream",
        "read",
        "write",
        "stat",
        "change",
        "list",
        "close",
        "open",
        "stat_at",
        "set_times_at",
        "create",
        "remove",
        "rename",
        "link",
        "read_link",
    ] {
        assert!(methods.contains(method), "no guest uses {method}: {methods:?}");
    }
}

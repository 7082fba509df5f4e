//! Small guests that wait: they sleep in the kernel, are woken once, and talk to a client.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use wasmote::{Engine, HostFunc, Linker, Module, Run, Store};
use wasmote_wasi_p1::{P1, Wasi};

use super::super::{LinuxHost, listen, new, wait};

/// How a guest ended, and how often it waited.
#[derive(Debug)]
struct Ended {
    code: u32,
    waits: u32,
}

/// Runs the text of a module.
fn run(text: &str, mut wasi: Wasi<LinuxHost>) -> Ended {
    let wasm = wat::parse_str(text).expect("a module");
    let (mut code, mut arena) = (vec![0; 1 << 16], vec![0; 1 << 18]);
    let engine = Engine::default();
    let module = Module::new(&engine, &wasm, &mut code).expect("a valid module");
    let mut store = Store::new(&engine, &mut arena).expect("room");
    let tables: [&[HostFunc<Wasi<LinuxHost>>]; 1] = [P1::<Wasi<LinuxHost>>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let instance = linker.instantiate(&mut store, &module, &mut wasi).expect("it links");
    let start = store.export(instance, "_start").and_then(|export| export.func()).expect("a start");
    let thread = store.spawn(start, &[]).expect("it starts");
    let mut waits = 0;
    loop {
        match linker.run(&mut store, thread, &mut wasi, u64::MAX) {
            Run::Exited(code) => return Ended { code, waits },
            Run::Pending => {
                waits += 1;
                wait(&mut wasi).expect("waited");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A guest without anything.
fn alone() -> Wasi<LinuxHost> {
    new(vec!["guest".into()], Vec::new(), &[]).unwrap_or_else(|(_, error)| panic!("{error}"))
}

#[test]
fn a_sleep_is_one_wait_in_the_kernel() {
    let started = Instant::now();
    let ended = run(
        r#"(module
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func (export "_start")
                (i32.store (i32.const 16) (i32.const 1))          ;; the monotonic clock
                (i64.store (i32.const 24) (i64.const 150000000))  ;; 150 ms
                (call $exit (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"#,
        alone(),
    );
    assert_eq!(ended.code, 0);
    assert!(started.elapsed() >= Duration::from_millis(150));
    // The kernel may come back a moment early; it never does so often.
    assert!((1..=3).contains(&ended.waits), "{ended:?}");
}

/// Accepts a connection at descriptor 3, reads 5 bytes in two goes, answers with them, and exits with how many there
/// were.
const ECHO: &str = r#"(module
    (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_recv" (func $recv (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_shutdown" (func $shutdown (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (global $total (mut i32) (i32.const 0))
    (func $check (param i32) (if (local.get 0) (then (call $exit (i32.add (i32.const 100) (local.get 0))))))
    (func (export "_start")
        (call $check (call $accept (i32.const 3) (i32.const 0) (i32.const 0)))
        (block $end (loop $more
            ;; one buffer, after what is there
            (i32.store (i32.const 8) (i32.add (i32.const 1024) (global.get $total)))
            (i32.store (i32.const 12) (i32.const 100))
            (call $check (call $recv
                (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 16) (i32.const 20)))
            (br_if $end (i32.eqz (i32.load (i32.const 16))))
            (global.set $total (i32.add (global.get $total) (i32.load (i32.const 16))))
            (br $more)))
        (i32.store (i32.const 8) (i32.const 1024))
        (i32.store (i32.const 12) (global.get $total))
        (call $check (call $send (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 16)))
        (call $check (call $shutdown (i32.load (i32.const 0)) (i32.const 2)))
        (call $exit (global.get $total))))"#;

#[test]
fn a_guest_serves_a_client_at_a_preopened_listener() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut wasi = alone();
    assert_eq!(listen(&mut wasi, listener).expect("it listens"), 3);
    let client = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).expect("connected");
        for part in ["he", "llo"] {
            thread::sleep(Duration::from_millis(50));
            stream.write_all(part.as_bytes()).expect("sent");
        }
        stream.shutdown(Shutdown::Write).expect("shut");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("received");
        answer
    });
    let ended = run(ECHO, wasi);
    assert_eq!(client.join().expect("the client ends"), "hello");
    assert_eq!(ended.code, 5);
    // To accept, and for each part and the end: woken when there is something, and not in between.
    assert!(ended.waits <= 4, "{ended:?}");
}

//! Guests that wait: in the kernel, without waking up in between, and at sockets that `--listen` opened.

mod common;

use common::{Sandbox, text};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Waits by `poll_oneoff` for a clock (half a minute) and, if it is told so, for standard input; then reads a byte and
/// exits with it.
fn poller(with_input: bool) -> String {
    format!(
        r#"(module
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 512) "\00\03\00\00\01\00\00\00")
          (func (export "_start")
            (i32.store (i32.const 16) (i32.const 1))
            (i64.store (i32.const 24) (i64.const 30000000000))
            (i32.store8 (i32.const 56) (i32.const 1))
            (drop (call $poll (i32.const 0) (i32.const 256) (i32.const {}) (i32.const 504)))
            (drop (call $read (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 504)))
            (call $exit (i32.load8_u (i32.const 768)))))"#,
        1 + u32::from(with_input)
    )
}

/// Reads a byte of standard input and exits with it.
const READER: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\01\00\00\00")
  (func (export "_start")
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
    (call $exit (i32.load8_u (i32.const 64)))))"#;

/// At descriptor 3: accepts a connection, waiting for it; peeks; receives until the end; sends all back and shuts it.
/// Exits with how much it was, or 100 and the errno.
const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv" (func $recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_shutdown" (func $shutdown (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $total (mut i32) (i32.const 0))
  (func $check (param i32) (if (local.get 0) (then (call $exit (i32.add (i32.const 100) (local.get 0))))))
  (func $receive (param $flags i32)
    (i32.store (i32.const 8) (i32.add (i32.const 1024) (global.get $total)))
    (i32.store (i32.const 12) (i32.const 100))
    (call $check (call $recv
      (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (local.get $flags) (i32.const 16) (i32.const 20))))
  (func (export "_start")
    (call $check (call $accept (i32.const 3) (i32.const 0) (i32.const 0)))
    (call $receive (i32.const 1))
    (block $end (loop $more
      (call $receive (i32.const 0))
      (br_if $end (i32.eqz (i32.load (i32.const 16))))
      (global.set $total (i32.add (global.get $total) (i32.load (i32.const 16))))
      (br $more)))
    (i32.store (i32.const 8) (i32.const 1024))
    (i32.store (i32.const 12) (global.get $total))
    (call $check (call $send (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 16)))
    (call $check (call $shutdown (i32.load (i32.const 0)) (i32.const 2)))
    (call $exit (global.get $total))))"#;

/// Starts `wasmote` in the directory.
fn start(sandbox: &Sandbox, line: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmote"));
    command.current_dir(sandbox.path(".")).args(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// How often the process has gone to sleep and was interrupted, by the kernel's count, and whether it sleeps now.
fn switches(child: &Child) -> (u64, bool) {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let count = |name: &str| field(name).parse::<u64>().unwrap();
    (count("voluntary_ctxt_switches:") + count("nonvoluntary_ctxt_switches:"), field("State:").starts_with('S'))
}

/// Waits until the process has slept for a while, and answers how often it woke up in the half second after that.
fn wake_ups(child: &Child) -> u64 {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut before = switches(child);
    loop {
        thread::sleep(Duration::from_millis(200));
        let now = switches(child);
        if now == before && now.1 {
            break;
        }
        assert!(Instant::now() < deadline, "it never sleeps: {now:?}");
        before = now;
    }
    thread::sleep(Duration::from_millis(500));
    switches(child).0 - before.0
}

#[test]
fn a_guest_that_waits_does_not_wake_up() {
    let guests = [("reader.wat", READER.to_owned()), ("poll.wat", poller(true))];
    for (name, guest) in guests {
        let sandbox = Sandbox::with(name, &guest);
        let mut child = start(&sandbox, &["run", name]);
        assert_eq!(wake_ups(&child), 0, "{name}");
        let before = switches(&child).0;
        child.stdin.take().unwrap().write_all(&[77]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(77), ""), "{name}, {before}");
    }
}

#[test]
fn a_guest_that_sleeps_does_not_wake_up() {
    let sandbox = Sandbox::with("sleep.wat", &poller(false));
    let mut child = start(&sandbox, &["run", "sleep.wat"]);
    assert_eq!(wake_ups(&child), 0);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_guest_serves_a_client_at_the_address_of_listen() {
    let sandbox = Sandbox::with("echo.wat", ECHO);
    let mut child = start(&sandbox, &["run", "--listen", "127.0.0.1:0", "echo.wat"]);
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    let address = said.trim().strip_prefix("wasmote: descriptor 3 listens at ").unwrap().to_owned();
    assert_eq!(wake_ups(&child), 0, "it waits for a connection in the kernel");
    let mut client = TcpStream::connect(address).unwrap();
    assert_eq!(wake_ups(&child), 0, "it waits for bytes in the kernel");
    for part in ["hello ", "sockets"] {
        client.write_all(part.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "hello sockets");
    assert_eq!(child.wait().unwrap().code(), Some(13));
}

#[test]
fn an_address_that_cannot_be_had_is_named() {
    let sandbox = Sandbox::with("echo.wat", ECHO);
    for address in ["192.0.2.1:1", "nonsense", "127.0.0.1:99999"] {
        let run = sandbox.run(&["run", "--listen", address, "echo.wat"]);
        assert_eq!(run.status.code(), Some(1), "{run:?}");
        let expected = format!("wasmote: cannot listen at {address} (--listen): ");
        assert!(text(&run.stderr).starts_with(&expected), "{run:?}");
    }
}

#[test]
fn descriptors_of_listeners_come_after_those_of_directories() {
    let sandbox = Sandbox::with("echo.wat", ECHO);
    let run = sandbox.run(&["run", "--listen", "127.0.0.1:0", "--dir", ".", "echo.wat"]);
    assert!(text(&run.stderr).starts_with("wasmote: descriptor 4 listens at "), "{run:?}");
    // Descriptor 3 is the directory, which is no socket.
    assert_eq!(run.status.code(), Some(100 + 57));
}

#[test]
fn a_module_with_a_manifest_does_not_listen() {
    let sandbox = Sandbox::with("echo.wat", ECHO);
    sandbox.write("m.toml", b"module = \"echo\"\n");
    let run = sandbox.run(&["run", "--manifest", "m.toml", "--listen", "127.0.0.1:0", "echo.wat"]);
    assert_eq!(text(&run.stderr), "wasmote: module echo: listening at 127.0.0.1:0: not granted\n");
    // There is no descriptor 3.
    assert_eq!(run.status.code(), Some(100 + 8));
}

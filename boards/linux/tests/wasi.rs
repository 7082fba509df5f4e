//! Guests of WASI preview 1 under the command: what the command line lends reaches them, and what they say comes out.

mod common;

use common::{Sandbox, text};

/// Writes its arguments and variables, each with a NUL behind it, to standard output.
const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $vars_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $vars (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $put (param $len i32)
    (i32.store (i32.const 8) (i32.const 4096))
    (i32.store (i32.const 12) (local.get $len))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))
  (func (export "_start")
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 4096)))
    (call $put (i32.load (i32.const 4)))
    (drop (call $vars_sizes (i32.const 0) (i32.const 4)))
    (drop (call $vars (i32.const 1024) (i32.const 4096)))
    (call $put (i32.load (i32.const 4)))))"#;

/// Ends with the code that its first byte of standard input has.
const EXIT: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\01\00\00\00")
  (func (export "_start")
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
    (call $exit (i32.load8_u (i32.const 64)))))"#;

/// Sleeps a tenth of a second by `poll_oneoff`.
const SLEEP: &str = r#"(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "sleep") (result i32)
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 100000000))
    (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))"#;

/// Opens `note` in the first directory that it is lent and writes two bytes; gives the sum of the errnos.
const FILE: &str = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "notehi\00\00\04\00\00\00\02\00\00\00")
  (func (export "write") (result i32)
    (i32.add
      (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 1)
        (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 64))
      (call $write (i32.load (i32.const 64)) (i32.const 8) (i32.const 1) (i32.const 68)))))"#;

#[test]
fn arguments_and_variables_reach_the_guest() {
    let sandbox = Sandbox::with("echo.wat", ECHO);
    let run = sandbox.run(&["run", "--env", "A=b=c", "--env", "D=", "./echo.wat", "--fuel", "x y"]);
    assert_eq!((run.status.code(), text(&run.stderr)), (Some(0), ""));
    assert_eq!(text(&run.stdout), "echo.wat\0--fuel\0x y\0A=b=c\0D=\0");
}

#[test]
fn the_exit_code_is_the_guests() {
    let sandbox = Sandbox::with("exit.wat", EXIT);
    for code in [0, 1, 42, 255] {
        let run = sandbox.run_with_input(&["run", "exit.wat"], &[code]);
        assert_eq!((run.status.code(), text(&run.stderr)), (Some(i32::from(code)), ""));
    }
}

#[test]
fn random_numbers_that_are_fixed_are_announced() {
    let roll = r#"(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "roll") (result i32) (drop (call $random (i32.const 0) (i32.const 4))) (i32.load (i32.const 0))))"#;
    let sandbox = Sandbox::with("roll.wat", roll);
    let virtually = ["run", "--invoke", "roll", "--every", "1s", "--for", "5s", "roll.wat"];
    let (first, second) = (sandbox.run(&virtually), sandbox.run(&virtually));
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert_eq!(first, second);
    assert_eq!(text(&first.stderr).matches("wasmote: random numbers are fixed while time is virtual").count(), 1);
    let really = ["run", "--invoke", "roll", "roll.wat"];
    let (first, second) = (sandbox.run(&really), sandbox.run(&really));
    assert!(text(&first.stderr).is_empty() && first.stdout != second.stdout, "{first:?} {second:?}");
}

#[test]
fn a_sleeping_guest_wakes_up() {
    let sandbox = Sandbox::with("sleep.wat", SLEEP);
    let before = std::time::Instant::now();
    let run = sandbox.run(&["run", "--invoke", "sleep", "sleep.wat"]);
    assert_eq!((run.status.code(), text(&run.stdout)), (Some(0), "0\n"));
    assert!(before.elapsed().as_millis() >= 100);
}

#[test]
fn a_directory_is_lent_and_no_other() {
    let sandbox = Sandbox::with("file.wat", FILE);
    std::fs::create_dir(sandbox.path("lent")).unwrap();
    let run = sandbox.run(&["run", "--dir", "lent::/", "--invoke", "write", "file.wat"]);
    assert_eq!(text(&run.stdout), "0\n", "{run:?}");
    assert_eq!(std::fs::read(sandbox.path("lent/note")).unwrap(), b"hi");
    let run = sandbox.run(&["run", "--invoke", "write", "file.wat"]);
    assert_ne!(text(&run.stdout), "0\n", "{run:?}");
    let run = sandbox.run(&["run", "--dir", "missing", "--invoke", "write", "file.wat"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).starts_with("wasmote: cannot open the directory missing (--dir): "), "{run:?}");
}

#[test]
fn a_recorded_run_is_replayed_without_its_world() {
    let sandbox = Sandbox::with("exit.wat", EXIT);
    let run = sandbox.run_with_input(&["run", "--record", "log", "--stats", "exit.wat"], &[42]);
    assert_eq!(run.status.code(), Some(42), "{run:?}");
    let replay = sandbox.run(&["run", "--replay", "log", "--stats", "exit.wat"]);
    assert_eq!(replay.status.code(), Some(42), "{replay:?}");
    let fuel = |stderr: &[u8]| text(stderr).lines().find(|line| line.starts_with("fuel consumed")).unwrap().to_string();
    assert_eq!(fuel(&run.stderr), fuel(&replay.stderr));
}

#[test]
fn a_replay_repeats_output_arguments_and_variables() {
    let sandbox = Sandbox::with("echo.wat", ECHO);
    let run = sandbox.run(&["run", "--record", "log", "--env", "K=V", "echo.wat", "one", "two"]);
    let replay = sandbox.run(&["run", "--replay", "log", "--unfolded", "--dispatch", "loop", "echo.wat"]);
    assert_eq!(text(&run.stdout), "echo.wat\0one\0two\0K=V\0");
    assert_eq!((text(&replay.stdout), text(&replay.stderr)), (text(&run.stdout), ""));
}

#[test]
fn a_replay_touches_no_files() {
    let sandbox = Sandbox::with("file.wat", FILE);
    let run = sandbox.run(&["run", "--record", "log", "--dir", ".", "--invoke", "write", "file.wat"]);
    assert_eq!(text(&run.stdout), "0\n", "{run:?}");
    std::fs::remove_file(sandbox.path("note")).unwrap();
    let replay = sandbox.run(&["run", "--replay", "log", "--dir", ".", "file.wat"]);
    assert_eq!((replay.status.code(), text(&replay.stdout)), (Some(0), "0\n"), "{replay:?}");
    assert!(!sandbox.path("note").exists());
}

#[test]
fn traps_and_lack_of_fuel_are_replayed() {
    let trap = EXIT.replace("(call $exit (i32.load8_u (i32.const 64)))", "unreachable");
    let sandbox = Sandbox::with("trap.wat", &trap);
    for (options, code) in [(&[][..], 134), (&["--fuel", "5"], 124)] {
        let run = sandbox.run_with_input(&[&["run", "--record", "log"], options, &["trap.wat"]].concat(), b"x");
        let replay = sandbox.run(&["run", "--replay", "log", "trap.wat"]);
        assert_eq!((run.status.code(), replay.status.code()), (Some(code), Some(code)), "{run:?} {replay:?}");
        assert_eq!(run.stderr, replay.stderr);
    }
}

#[test]
fn a_log_of_another_module_does_not_fit() {
    let sandbox = Sandbox::with("exit.wat", EXIT);
    sandbox.write("echo.wat", ECHO.as_bytes());
    sandbox.run_with_input(&["run", "--record", "log", "exit.wat"], &[1]);
    let replay = sandbox.run(&["run", "--replay", "log", "echo.wat"]);
    assert_eq!(replay.status.code(), Some(1));
    assert!(text(&replay.stderr).starts_with("wasmote: the log log belongs to another module"), "{replay:?}");
    sandbox.write("log", b"no log");
    let replay = sandbox.run(&["run", "--replay", "log", "exit.wat"]);
    assert!(text(&replay.stderr).contains("is not a log of wasmote"), "{replay:?}");
}

#[test]
fn a_log_that_was_cut_or_changed_is_noticed() {
    let sandbox = Sandbox::with("exit.wat", EXIT);
    sandbox.run_with_input(&["run", "--record", "log", "exit.wat"], &[1]);
    let log = std::fs::read(sandbox.path("log")).unwrap();
    for len in 0..log.len() {
        sandbox.write("cut", &log[..len]);
        let replay = sandbox.run(&["run", "--replay", "cut", "exit.wat"]);
        assert_eq!((replay.status.code(), text(&replay.stderr).lines().count()), (Some(1), 1), "{len} {replay:?}");
    }
    let mut diverged = 0;
    for place in 0..log.len() {
        let mut changed = log.clone();
        changed[place] ^= 0x55;
        sandbox.write("changed", &changed);
        let replay = sandbox.run(&["run", "--replay", "changed", "exit.wat"]);
        // Bytes that the guest reads may say something else without contradiction; what follows is still a whole run.
        assert!(replay.status.code().is_some_and(|code| code != 101 && code != 134), "{place} {replay:?}");
        diverged += usize::from(text(&replay.stderr).contains("the log changed diverges: "));
    }
    assert!(diverged > 0);
}

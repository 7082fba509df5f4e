//! `check` and `disasm`: what they say about modules that run and modules that do not.

mod common;

use common::{Sandbox, text};

const WASI: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2 5)
  (global (export "g") (mut i64) (i64.const 1))
  (table 3 funcref)
  (func $main (export "_start") (drop (i32.extend8_s (i32.const 1))) (call $twice (i32.const 4)) drop)
  (func $twice (param i32) (result i32) local.get 0 local.get 0 i32.add))"#;

#[test]
fn check_lists_what_a_module_needs() {
    let sandbox = Sandbox::with("wasi.wat", WASI);
    let check = sandbox.run(&["check", "--memory", "24K", "wasi.wat"]);
    assert_eq!((check.status.code(), text(&check.stderr)), (Some(0), ""), "{check:?}");
    let lines: Vec<&str> = text(&check.stdout).lines().collect();
    for line in [
        "features: mutable-global, sign-extension",
        "functions: 2",
        "memory: 2 pages of 64 KiB (128 KiB), at most 5",
        "imports: 1",
        "  func wasi_snapshot_preview1.fd_write (i32, i32, i32, i32) -> (i32)",
        "exports: 3",
        "  memory memory: 2 pages of 64 KiB (128 KiB), at most 5",
        "  global g: mut i64",
        "  func _start () -> ()",
        "entry: _start: a command",
        "would run: yes",
    ] {
        assert!(lines.contains(&line), "{line} is not in {lines:#?}");
    }
    for start in ["prepared code: ", "RAM before it runs: ", "  memories: ", "  tables: ", "  instances: "] {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{start} is not in {lines:#?}");
    }
}

#[test]
fn check_names_every_reason_at_once() {
    let strange = r#"(module
      (import "wasi_snapshot_preview1" "fd_write" (func (param i64)))
      (import "env" "a" (func))
      (import "env" "b" (memory 1))
      (import "wasi_unstable" "fd_close" (func (param i32) (result i32))))"#;
    let sandbox = Sandbox::with("strange.wat", strange);
    let check = sandbox.run(&["check", "strange.wat"]);
    assert_eq!((check.status.code(), text(&check.stderr)), (Some(1), ""), "{check:?}");
    for reason in [
        "incompatible import: func wasi_snapshot_preview1.fd_write (i64) -> ()",
        "unknown import: func env.a () -> ()",
        "unknown import: memory env.b: 1 page of 64 KiB (64 KiB)",
        "unknown import: func wasi_unstable.fd_close (i32) -> (i32)",
    ] {
        assert!(text(&check.stdout).contains(reason), "{reason} is not in {}", text(&check.stdout));
    }
}

#[test]
fn check_says_when_the_arena_is_too_small() {
    let sandbox = Sandbox::with("wasi.wat", WASI);
    let check = sandbox.run(&["check", "--memory", "100", "wasi.wat"]);
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    assert!(text(&check.stdout).contains("bytes lacks at least"), "{check:?}");
}

#[test]
fn disasm_shows_both_sides_of_every_function() {
    let sandbox = Sandbox::with("wasi.wat", WASI);
    let disasm = sandbox.run(&["disasm", "wasi.wat"]);
    assert_eq!((disasm.status.code(), text(&disasm.stderr)), (Some(0), ""), "{disasm:?}");
    let shown = text(&disasm.stdout);
    assert!(shown.contains("function 1 <main>: ") && shown.contains("function 2 <twice>: "), "{shown}");
    let add: Vec<&str> = shown.lines().filter(|line| line.contains("  i32.add ")).collect();
    assert_eq!(add.len(), 1, "{shown}");
    assert!(add[0].split('|').nth(1).is_some_and(|right| right.contains("i32.add")), "{shown}");
}

#[test]
fn unfolded_code_has_more_operations() {
    let sandbox = Sandbox::with("wasi.wat", WASI);
    let operations = |mode: &[&str]| {
        let disasm = sandbox.run(&[&["disasm", "--func", "twice"], mode, &["wasi.wat"]].concat());
        let shown = text(&disasm.stdout).to_string();
        assert!(shown.starts_with("function 2 <twice>: ") && !shown.contains("<main>"), "{shown}");
        shown.lines().filter(|line| line.contains(" | ")).count()
    };
    assert!(operations(&["--unfolded"]) > operations(&[]));
}

#[test]
fn a_function_that_is_not_there_is_a_usage_error() {
    let sandbox = Sandbox::with("wasi.wat", WASI);
    for name in ["0", "3", "thrice"] {
        let disasm = sandbox.run(&["disasm", "--func", name, "wasi.wat"]);
        assert_eq!(disasm.status.code(), Some(2), "{disasm:?}");
    }
}

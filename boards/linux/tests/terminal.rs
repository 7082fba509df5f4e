//! A module whose every name is an attack on the terminal: none of what `wasmote` itself says about it, on whatever
//! occasion, has a control character, a change of direction or an invisible character in it.

mod common;

use common::{Sandbox, text};
use std::process::Output;

/// Clears the screen, sets the title, writes over the line, rings, turns the text around, hides some.
const EVIL: &str = r"x\1b[2J\1b]0;title\07\r\08\c2\9b31m\e2\80\aey\e2\80\8bz\0a$ rm\7f";

/// The module with [`EVIL`] for every name, and this as its first function, which `_start` calls.
fn module(imports: &str, body: &str) -> String {
    format!(
        r#"(module (@name "{EVIL}")
          {imports}
          (memory (export "{EVIL}m") 1) (table (export "{EVIL}t") 1 funcref) (global (export "{EVIL}g") i32 (i32.const 1))
          (func $inner (@name "{EVIL}inner") (param (@name "{EVIL}p") i32) {body})
          (func $main (@name "{EVIL}main") (export "{EVIL}") i32.const 0 call $inner)
          (export "_start" (func $main)))"#
    )
}

/// What must not reach a terminal; lines may end.
fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Nothing dangerous was said, and the module's lines did not become lines of their own.
fn assert_harmless(what: &str, output: &Output) {
    for said in [text(&output.stdout), text(&output.stderr)] {
        assert!(!said.contains(is_dangerous), "{what}: {said:?}");
        assert!(!said.lines().any(|line| line.starts_with("$ rm")), "{what}: {said:?}");
    }
}

#[test]
fn no_message_carries_what_a_module_is_called() {
    let import = format!(r#"(import "{EVIL}" "{EVIL}" (func (param i32)))"#);
    let global = format!(r#"(import "{EVIL}" "{EVIL}" (global i32))"#);
    let cases = [
        ("trap.wat", module("", "unreachable"), 134),
        ("overflow.wat", module("", "local.get 0 call $inner"), 134),
        ("loop.wat", module("", "(loop br 0)"), 124),
        ("import.wat", module(&import, ""), 1),
        ("global.wat", module(&global, ""), 1),
        ("invalid.wat", module("", "i64.const 1 i32.eqz drop"), 1),
        ("fine.wat", module("", ""), 0),
    ];
    for (name, guest, code) in cases {
        let sandbox = Sandbox::with(name, &guest);
        let run = sandbox.run(&["run", "--memory", "64K", "--fuel", "1000000", name]);
        assert_eq!(run.status.code(), Some(code), "{name}: {run:?}");
        assert_harmless(name, &run);
        for line in [
            &["check", name][..],
            &["disasm", name],
            &["run", "--stats", "--fuel", "9", name],
            &["run", "--invoke", "absent", name],
            &["run", "--unfolded", "--dispatch", "loop", "--fuel", "1000000", name],
        ] {
            assert_harmless(&format!("{line:?}"), &sandbox.run(line));
        }
    }
}

#[test]
fn a_module_without_an_entry_lists_its_exports_harmlessly() {
    let guest = module("", "").replace("_start", "stop");
    let sandbox = Sandbox::with("library.wat", &guest);
    let run = sandbox.run(&["run", "library.wat"]);
    assert!(text(&run.stderr).contains("\\u{1b}[2J"), "{run:?}");
    assert_harmless("library", &run);
}

#[test]
fn a_text_that_is_no_module_is_quoted_harmlessly() {
    let sandbox = Sandbox::with("broken.wat", "(module \u{1b}[2J \u{202e} (func $\u{7} )");
    let run = sandbox.run(&["run", "broken.wat"]);
    assert_eq!(run.status.code(), Some(1));
    assert_harmless("broken", &run);
}

#[test]
fn a_log_of_hostile_calls_is_replayed_and_doubted_harmlessly() {
    let echo = format!(
        r#"(module (@name "{EVIL}")
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (@name "{EVIL}") (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (@name "{EVIL}start") (export "_start") (drop (call $sizes (i32.const 0) (i32.const 4))) unreachable))"#
    );
    let sandbox = Sandbox::with("log.wat", &echo);
    let run = sandbox.run(&["run", "--record", "log", "log.wat", "\u{1b}[2J", "\u{202e}"]);
    assert_eq!(run.status.code(), Some(134), "{run:?}");
    assert_harmless("record", &run);
    assert_harmless("replay", &sandbox.run(&["run", "--replay", "log", "log.wat"]));
    let log = std::fs::read(sandbox.path("log")).unwrap();
    for place in 0..log.len() {
        let mut changed = log.clone();
        changed[place] ^= 0x1b;
        sandbox.write("changed", &changed);
        assert_harmless("a changed log", &sandbox.run(&["run", "--replay", "changed", "log.wat"]));
    }
}

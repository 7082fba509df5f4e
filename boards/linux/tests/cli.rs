//! The command as its users meet it: exit codes, what is printed where, and logs that repeat a run.

mod common;

use common::{Sandbox, text};

const ADD: &str = r#"(module
  (func $add (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "pair") (param f64) (result f64 i64) local.get 0 i64.const -7)
  (func $inner (param i32) (result i32) i32.const 1 local.get 0 i32.div_s)
  (func $outer (export "divide") (param i32) (result i32) local.get 0 call $inner)
  (func $deep (export "recurse") call $deep nop)
  (func (export "spin") (loop br 0)))"#;

#[test]
fn invoke_prints_results_one_on_a_line() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let run = sandbox.run(&["run", "--invoke", "add", "add.wat", "-5", "0xff"]);
    assert_eq!((run.status.code(), text(&run.stdout), text(&run.stderr)), (Some(0), "250\n", ""));
    let run = sandbox.run(&["run", "--invoke", "pair", "add.wat", "-inf"]);
    assert_eq!((run.status.code(), text(&run.stdout)), (Some(0), "-inf\n-7\n"));
}

#[test]
fn every_way_to_run_gives_the_same_result() {
    let sandbox = Sandbox::with("add.wat", ADD);
    for way in ["loop", "tail", "trampoline"] {
        for mode in [&[][..], &["--unfolded"]] {
            let line = [&["run", "--dispatch", way], mode, &["--invoke", "add", "add.wat", "1", "2"]].concat();
            let run = sandbox.run(&line);
            // A build without optimisation does not contain tail calls; it says so.
            let is_absent = run.status.code() == Some(2) && text(&run.stderr).contains("this build does not dispatch");
            assert!(text(&run.stdout) == "3\n" || (way == "tail" && is_absent), "{way} {run:?}");
        }
    }
}

#[test]
fn mistakes_of_an_invocation_say_what_was_expected() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let cases: [(&[&str], &str); 4] = [
        (&["--invoke", "nope", "add.wat"], "no function `nope` is exported; --invoke can call `add`, `pair`, `divide`"),
        (&["--invoke", "add", "add.wat", "1"], "`add` is (i32, i32) -> (i32): 1 argument was given"),
        (&["--invoke", "add", "add.wat", "1", "x"], "argument 2: `x` is not an i32"),
        (&["--dir", "::", "add.wat"], "neither HOST nor GUEST may be empty"),
    ];
    for (line, message) in cases {
        let run = sandbox.run(&[&["run"], line].concat());
        assert_eq!(run.status.code(), Some(2), "{run:?}");
        assert!(text(&run.stderr).contains(message), "{run:?}");
    }
}

#[test]
fn mistakes_of_the_command_line_end_with_2_and_say_what_is_expected() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let size = "a size is a number and K, M or G, such as 24K";
    let cases: [(&[&str], &str); 13] = [
        (&["run", "--frobnicate", "add.wat"], "unexpected argument '--frobnicate'"),
        (&["run"], "<FILE [ARGS]>"),
        (&["fly"], "unrecognized subcommand 'fly'"),
        (&["run", "--memory", "12X", "add.wat"], size),
        (&["run", "--memory", "-5", "add.wat"], size),
        (&["check", "--memory", "", "add.wat"], size),
        (&["run", "--memory", "5G", "add.wat"], "at most 4G - 1 (4294967295) bytes"),
        (&["run", "--memory", "99999999999999999999", "add.wat"], "at most 4G - 1 (4294967295) bytes"),
        (&["run", "--fuel", "much", "add.wat"], "fuel is a number of units"),
        (&["run", "--fuel", "-1", "add.wat"], "fuel is a number of units"),
        (&["run", "--record", "a", "--replay", "b", "add.wat"], "cannot be used with"),
        (&["run", "--env", "=x", "add.wat"], "a name is expected before `=`"),
        (&["disasm", "--func", "99", "add.wat"], "the index or name 99; those that it has are 0 to 5"),
    ];
    for (line, message) in cases {
        let run = sandbox.run(line);
        assert_eq!((run.status.code(), text(&run.stdout)), (Some(2), ""), "{run:?}");
        assert!(text(&run.stderr).contains(message), "{message}: {run:?}");
    }
}

#[test]
fn files_that_cannot_be_used_are_told_in_one_line() {
    let sandbox = Sandbox::with("add.wat", ADD);
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    std::fs::File::create(sandbox.path("huge.wasm")).unwrap().set_len(4 << 30).unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["run", "folder"], "cannot read the file `folder`: "),
        (&["run", "huge.wasm"], "huge.wasm has 4 GiB or more"),
        (
            &["run", "--record", "nowhere/log", "--invoke", "add", "add.wat", "1", "2"],
            "cannot write the log nowhere/log: ",
        ),
        (&["run", "--record", "folder", "--invoke", "add", "add.wat", "1", "2"], "cannot write the log folder: "),
        (&["run", "--replay", "nowhere", "add.wat"], "cannot read the log nowhere: "),
        (
            &["run", "--replay", "add.wat", "add.wat"],
            "is not a log of wasmote: --replay wants a file that --record wrote",
        ),
        (
            &["run", "--dir", "nowhere", "--invoke", "add", "add.wat", "1", "2"],
            "cannot open the directory nowhere (--dir): ",
        ),
    ];
    for (line, message) in cases {
        let run = sandbox.run(line);
        assert_eq!((run.status.code(), text(&run.stdout)), (Some(1), ""), "{run:?}");
        assert!(text(&run.stderr).contains(message) && text(&run.stderr).lines().count() == 1, "{message}: {run:?}");
    }
}

#[test]
fn a_trap_shows_its_frames_and_ends_with_134() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let run = sandbox.run(&["run", "--invoke", "divide", "add.wat", "0"]);
    assert_eq!((run.status.code(), text(&run.stdout)), (Some(134), ""));
    let wasm = wat::parse_str(ADD).unwrap();
    let divide = wasm.windows(4).position(|bytes| bytes == [0x41, 1, 0x20, 0]).unwrap() + 4;
    let call = wasm.windows(4).position(|bytes| bytes == [0x20, 0, 0x10, 2]).unwrap() + 2;
    let expected = format!(
        "wasmote: trap: integer divide by zero\n  0: function 2 <inner> at byte {divide:#x}\n  1: function 3 <outer> at byte {call:#x}\n"
    );
    assert_eq!(text(&run.stderr), expected);
}

#[test]
fn an_endless_loop_ends_with_its_fuel() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let run = sandbox.run(&["run", "--fuel", "100000", "--invoke", "spin", "add.wat"]);
    assert_eq!(run.status.code(), Some(124));
    assert_eq!(text(&run.stderr).lines().count(), 1, "{run:?}");
    let place = "wasmote: out of fuel in function 5 at byte 0x";
    assert!(text(&run.stderr).starts_with(place), "{run:?}");
    assert!(text(&run.stderr).contains("the 100000 units of --fuel are used up"), "{run:?}");
}

#[test]
fn a_recursion_without_end_traps_with_a_short_backtrace() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let run = sandbox.run(&["run", "--memory", "256K", "--invoke", "recurse", "add.wat"]);
    assert_eq!(run.status.code(), Some(134), "{run:?}");
    let stderr = text(&run.stderr);
    assert!(stderr.starts_with("wasmote: trap: call stack exhausted\n  0: function 4 <deep> at byte"), "{stderr}");
    assert!(stderr.lines().count() < 50 && stderr.contains(" frames more"), "{stderr}");
}

#[test]
fn files_that_are_no_modules_end_with_one_clear_message() {
    let sandbox = Sandbox::new();
    let add = wat::parse_str(ADD).unwrap();
    let simd = wat::parse_str("(module (func (result v128) v128.const i64x2 0 0))").unwrap();
    let component = wat::parse_str("(component)").unwrap();
    let cases: [(&[u8], &str); 8] = [
        (&add[..add.len() / 3], "it may have been cut short"),
        (&add[..add.len() / 2], "it may have been cut short"),
        (&add[..add.len() - 1], "malformed module: unexpected end"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "this is no WebAssembly file: it looks like a JPEG image"),
        (&component, "unsupported module: a component"),
        (&simd, "SIMD"),
        (b"", "it is empty"),
        (b"(module (func i32.add))x", "not valid in the text format"),
    ];
    for (bytes, message) in cases {
        sandbox.write("case.wasm", bytes);
        for verb in ["run", "check", "disasm"] {
            let run = sandbox.run(&[verb, "case.wasm"]);
            assert_eq!(run.status.code(), Some(1), "{verb} {run:?}");
            let told = text(&run.stdout).to_string() + text(&run.stderr);
            assert!(told.contains("case.wasm") && told.contains(message), "{verb} {message} {run:?}");
        }
    }
    let run = sandbox.run(&["run", "missing.wasm"]);
    assert_eq!((run.status.code(), text(&run.stderr).lines().count()), (Some(1), 1), "{run:?}");
}

#[test]
fn an_invalid_module_is_refused_with_its_offset() {
    let sandbox = Sandbox::new();
    let wasm = wat::parse_str("(module (func (result i32) i64.const 1))").unwrap();
    sandbox.write("bad.wasm", &wasm);
    let run = sandbox.run(&["run", "bad.wasm"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stderr).starts_with("wasmote: bad.wasm: invalid module: type mismatch"), "{run:?}");
    assert!(text(&run.stderr).contains("(at byte 0x"), "{run:?}");
}

#[test]
fn names_of_a_module_reach_the_terminal_without_their_power() {
    let evil = "(module (import \"env\" \"\\1b[2J\\r\" (func)) (func (export \"_start\")))";
    let sandbox = Sandbox::with("evil.wat", evil);
    for verb in ["run", "check"] {
        let run = sandbox.run(&[verb, "evil.wat"]);
        assert_eq!(run.status.code(), Some(1));
        let told = text(&run.stdout).to_string() + text(&run.stderr);
        assert!(told.contains("unknown import: func env.\\u{1b}[2J\\u{d} () -> ()"), "{told}");
        assert!(!told.contains(['\u{1b}', '\r']), "{told:?}");
    }
}

#[test]
fn a_module_without_an_entry_says_what_could_be_called() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let run = sandbox.run(&["run", "add.wat"]);
    assert_eq!(run.status.code(), Some(0));
    assert!(text(&run.stderr).contains("nothing was run") && text(&run.stderr).contains("`divide`"), "{run:?}");
}

#[test]
fn a_reactor_is_initialised_before_its_functions_are_called() {
    let reactor = r#"(module (global $g (mut i32) (i32.const 1))
      (func $start (global.set $g (i32.mul (global.get $g) (i32.const 3))))
      (func (export "_initialize") (global.set $g (i32.add (global.get $g) (i32.const 4))))
      (func (export "get") (result i32) (global.get $g))
      (start $start))"#;
    let sandbox = Sandbox::with("reactor.wat", reactor);
    assert_eq!(text(&sandbox.run(&["run", "--invoke", "get", "reactor.wat"]).stdout), "7\n");
    let run = sandbox.run(&["run", "reactor.wat"]);
    assert_eq!((run.status.code(), text(&run.stderr)), (Some(0), ""));
}

#[test]
fn an_arena_that_is_too_small_says_which_option_gives_more() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let run = sandbox.run(&["run", "--memory", "16", "--invoke", "add", "add.wat", "1", "2"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(text(&run.stderr).contains("--memory"), "{run:?}");
    let data = "x".repeat(2000);
    sandbox.write("data.wat", format!("(module (memory 1) (data (i32.const 0) \"{data}\"))").as_bytes());
    let run = sandbox.run(&["run", "--memory", "600", "data.wat"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(text(&run.stderr).contains("--memory"), "{run:?}");
    let run = sandbox.run(&["run", "--code-memory", "16", "--invoke", "add", "add.wat", "1", "2"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(text(&run.stderr).contains("--code-memory"), "{run:?}");
}

#[test]
fn a_segment_that_does_not_fit_its_memory_is_a_trap() {
    let sandbox = Sandbox::with("data.wat", r#"(module (memory 1) (data (i32.const 65536) "x"))"#);
    let run = sandbox.run(&["run", "data.wat"]);
    assert_eq!(run.status.code(), Some(134), "{run:?}");
    assert!(text(&run.stderr).contains("trap: out of bounds memory access (in a segment of the module)"), "{run:?}");
}

#[test]
fn stats_are_printed_on_standard_error() {
    let sandbox = Sandbox::with("add.wat", ADD);
    let run = sandbox.run(&["run", "--stats", "--invoke", "add", "add.wat", "1", "2"]);
    assert_eq!(text(&run.stdout), "3\n");
    for title in ["fuel consumed: ", "prepared code: ", "arena: ", "time: "] {
        assert!(text(&run.stderr).contains(title), "{run:?}");
    }
}

//! The example guests on the simulated board, and what the command line can do with it.

mod common;

use common::{Sandbox, text};
use std::path::{Path, PathBuf};

/// Where the examples are, each with its manifest, its script, and what is told (`cargo xtask examples` builds them).
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wasi-embedded/guest/examples")
}

fn file(name: &str) -> String {
    examples().join(name).to_string_lossy().into_owned()
}

/// Runs an example with its manifest and script, and more options; exit code, standard output and error.
fn example(name: &str, options: &[&str]) -> (Option<i32>, String, String) {
    let files = ["toml", "script", "wasm"].map(|extension| file(&format!("{name}.{extension}")));
    let mut line = vec!["run", "--manifest", &files[0], "--script", &files[1]];
    line.extend_from_slice(options);
    line.push(&files[2]);
    let output = Sandbox::new().run(&line);
    (output.status.code(), text(&output.stdout).into(), text(&output.stderr).into())
}

/// An example tells what its file says. `WASMOTE_UPDATE=1` takes what it tells.
fn tells(name: &str, options: &[&str]) {
    let (code, told, complaints) = example(name, options);
    assert_eq!((code, complaints.as_str()), (Some(0), ""), "{name}");
    let expected = examples().join(format!("{name}.out"));
    if std::env::var_os("WASMOTE_UPDATE").is_some() {
        std::fs::write(&expected, &told).unwrap();
    }
    assert_eq!(told, std::fs::read_to_string(expected).unwrap(), "{name}");
}

#[test]
fn blinky() {
    tells("blinky", &[]);
}

#[test]
fn button_with_events() {
    tells("button", &[]);
}

#[test]
fn thermostat_with_the_driver_of_a_tmp102() {
    tells("thermostat", &[]);
}

#[test]
fn logger_with_the_driver_of_an_eeprom() {
    tells("logger", &[]);
}

#[test]
fn picture_with_the_driver_of_an_ssd1306() {
    tells("display", &[]);
}

#[test]
fn text_in_a_flash_with_the_driver_of_a_w25q32jv() {
    tells("flash", &[]);
}

#[test]
fn reactor_that_a_timer_calls() {
    tells("timer", &["--every", "250ms", "--invoke", "tick"]);
}

#[test]
fn alarm_in_c_with_the_bindings_of_wit_bindgen() {
    tells("alarm", &[]);
}

#[test]
fn every_example_runs_in_the_memory_that_its_manifest_asks_for() {
    for name in ["blinky", "button", "thermostat", "logger", "display", "flash", "alarm"] {
        let (code, _, stats) = example(name, &["--stats", "--quiet"]);
        assert_eq!(code, Some(0), "{stats}");
        assert!(stats.contains("arena: "), "{stats}");
    }
}

#[test]
fn a_quiet_board_leaves_only_what_the_guest_prints() {
    let (code, printed, _) = example("logger", &["--quiet"]);
    assert_eq!(
        (code, printed.as_str()),
        (Some(0), "0: 0\n1: 0\n2: 1024\n3: 1024\n4: 2048\n5: 2048\n6: 4095\n7: 4095\n")
    );
}

#[test]
fn a_trace_has_every_wire_and_is_the_same_every_time() {
    let sandbox = Sandbox::new();
    let trace = |name: &str| {
        let path = sandbox.path(name).to_string_lossy().into_owned();
        assert_eq!(example("thermostat", &["--trace", &path]).0, Some(0));
        std::fs::read_to_string(sandbox.path(name)).unwrap()
    };
    let first = trace("a.vcd");
    assert_eq!(first, trace("b.vcd"));
    for wire in ["led0", "led1", "button", "alert", "scl", "sda", "cs", "clk", "mosi", "miso", "tx"] {
        assert!(first.contains(&format!(" {wire} $end")), "{wire}");
    }
    assert!(first.starts_with("$timescale 100 ns") && first.ends_with("#100000000\n"), "{}", &first[..40]);
}

#[test]
fn a_run_on_the_board_can_be_recorded_and_replayed() {
    let sandbox = Sandbox::new();
    let log = sandbox.path("log").to_string_lossy().into_owned();
    let (code, recorded, _) = example("thermostat", &["--record", &log]);
    assert_eq!(code, Some(0));
    let output = sandbox.run(&["run", "--replay", &log, &file("thermostat.wasm")]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let serial: String = recorded
        .lines()
        .filter_map(|line| line.split_once("  serial       ").map(|(_, text)| format!("{text}\n")))
        .collect();
    assert_eq!(text(&output.stdout), serial);
}

/// Runs the thermostat with this manifest and policy.
fn governed(manifest: &str, policy: &str) -> (Option<i32>, String, String) {
    let sandbox = Sandbox::with("m.toml", manifest);
    sandbox.write("p.toml", policy.as_bytes());
    let module = file("thermostat.wasm");
    let output = sandbox.run(&["run", "--manifest", "m.toml", "--policy", "p.toml", "--for", "1s", &module]);
    (output.status.code(), text(&output.stdout).into(), text(&output.stderr).into())
}

const MANIFEST: &str =
    "module = \"heating\"\n[digital]\nled0 = { direction = \"out\" }\n[i2c]\ni2c0 = { addresses = [0x48] }\n";

#[test]
fn what_a_policy_refuses_is_named_with_label_and_module() {
    let (code, _, complaints) = governed(MANIFEST, "[i2c]\ni2c0 = { addresses = [0x48] }");
    assert_eq!(code, Some(134));
    let mut lines = complaints.lines();
    assert_eq!(lines.next(), Some("wasmote: module heating: led0: not allowed"));
    assert_eq!(lines.next(), Some("wasmote: led0: not granted (module heating)"));
    assert!(complaints.contains("trap: "), "{complaints}");
}

#[test]
fn an_address_that_is_not_granted_is_not_there() {
    let policy = "[digital]\nled0 = { direction = \"out\" }\n[i2c]\ni2c0 = { addresses = [0x50] }";
    let (code, told, complaints) = governed(MANIFEST, policy);
    assert_eq!(code, Some(0));
    assert!(complaints.starts_with("wasmote: module heating: i2c0: address 0x48 is not allowed\n"), "{complaints}");
    assert!(complaints.contains("wasmote: i2c0: not granted at this address (module heating)"), "{complaints}");
    assert!(told.contains("no temperature (I2C(I2cError(NoAcknowledge(Address))))"), "{told}");
    assert!(!told.contains("0x48"), "the bus was not touched: {told}");
}

#[test]
fn memory_and_fuel_of_a_manifest_are_limits() {
    let everything = "memory = \"64K\"\nfuel = 1000\n[digital]\nled0 = { direction = \"out\" }\n[i2c]\ni2c0 = { addresses = \"all\" }";
    let (code, _, complaints) = governed(&format!("fuel = 2000\n{MANIFEST}"), everything);
    assert_eq!(code, Some(124), "{complaints}");
    assert!(complaints.starts_with("wasmote: module heating: fuel: limited to 1000\n"), "{complaints}");
    let (code, _, complaints) = governed(&format!("memory = 1024\n{MANIFEST}"), everything);
    assert_eq!(code, Some(1), "{complaints}");
    assert!(complaints.contains("ask for more with --memory"), "{complaints}");
}

#[test]
fn a_guest_that_waits_for_what_never_comes_is_told_so() {
    let sandbox = Sandbox::with("s", "at 1s button press");
    let output = sandbox.run(&["run", "--script", "s", &file("button.wasm")]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "wasmote: the guest waits for what never comes: no input is left\n");
    assert!(text(&output.stdout).contains("button pressed"));
}

#[test]
fn mistakes_in_files_are_told_with_their_place() {
    let sandbox = Sandbox::with("s", "at 1s buton press");
    sandbox.write("m.toml", b"module = \"x\"\n[digital]\nled0 = { direction = \"sideways\" }\n");
    let module = file("blinky.wasm");
    let failed = |line: &[&str]| {
        let output = sandbox.run(line);
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr).to_string()
    };
    let complaint = failed(&["run", "--script", "s", &module]);
    assert!(complaint.starts_with("wasmote: s: line 1, column 7: `buton` is no event"), "{complaint}");
    let complaint = failed(&["run", "--manifest", "m.toml", &module]);
    assert!(complaint.contains("m.toml: TOML parse error at line 3, column 22"), "{complaint}");
    let output = sandbox.run(&["run", "--for", "0s", &module]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn directories_and_variables_come_by_the_manifest() {
    let wat = r#"(module
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        ;; variables * 16 + 8 if descriptor 3 is no directory + 4 if 4 is none
        (call $exit (i32.add (i32.mul (i32.load (i32.const 0)) (i32.const 16))
          (i32.add (select (i32.const 8) (i32.const 0) (call $prestat (i32.const 3) (i32.const 8)))
                   (select (i32.const 4) (i32.const 0) (call $prestat (i32.const 4) (i32.const 8))))))))"#;
    let sandbox = Sandbox::with("m.wat", wat);
    let manifest = "module = \"m\"\n[directories]\n\"/data\" = \"read\"\n\"/log\" = \"write\"\n[environment]\nA = \"1\"\nB = \"2\"";
    sandbox.write("m.toml", manifest.as_bytes());
    sandbox.write("p.toml", b"variables = [\"A\"]\n[directories]\n\"/data\" = \"read\"\n\"/log\" = \"read\"\n");
    let line =
        ["run", "--manifest", "m.toml", "--policy", "p.toml", "--dir", ".::/data", "--dir", ".::/other", "m.wat"];
    let output = sandbox.run(&line);
    // One variable, one directory.
    assert_eq!(output.status.code(), Some(16 + 4));
    let expected = "wasmote: module m: directory /log: not allowed\nwasmote: module m: variable B: not allowed\n\
                    wasmote: module m: directory /other: not granted\n";
    assert_eq!(text(&output.stderr), expected);
}

#[test]
fn a_program_without_hardware_has_no_board() {
    let sandbox = Sandbox::with("m.wat", r#"(module (func (export "_start")))"#);
    let output = sandbox.run(&["run", "m.wat"]);
    assert_eq!((output.status.code(), text(&output.stdout), text(&output.stderr)), (Some(0), "", ""));
}

//! The board of this machine, as far as a machine without hardware goes: what is absent is told by the kernel that runs the
//! tests. What is there is tested on emulated boards, by `cargo xtask testsuite --on linux-sbc`.

mod common;

use common::{Sandbox, text};
use std::path::Path;

fn example(name: &str) -> String {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wasi-embedded/guest/examples");
    examples.join(name).to_string_lossy().into_owned()
}

/// A policy with devices that no machine has.
const POLICY: &str = r#"
[digital]
led0 = { direction = "out", at = "gpiochip4093/17" }
button = { direction = "in", at = "no such line" }
[i2c]
i2c0 = { addresses = "all", at = "i2c-4093" }
[spi]
flash = { modes = [0], at = "spidev4093.7" }
[analog]
pot = { direction = "in", at = "iio:device4093/voltage0" }
"#;

/// Runs an example on this machine with this policy; exit code and complaints.
fn run(module: &str, policy: &str) -> (Option<i32>, String) {
    let sandbox = Sandbox::with("p.toml", policy);
    let output = sandbox.run(&["run", "--board", "linux", "--policy", "p.toml", "--for", "10s", &example(module)]);
    (output.status.code(), text(&output.stderr).to_string())
}

#[test]
fn what_is_not_there_is_told_with_its_place() {
    for (module, refusal, place) in [
        ("blinky.wasm", "wasmote: led0: not available (module blinky)", "gpiochip4093"),
        ("thermostat.wasm", "wasmote: i2c0: not available (module thermostat)", "/dev/i2c-4093"),
        ("flash.wasm", "wasmote: flash: not available (module flash)", "/dev/spidev4093.7"),
        ("logger.wasm", "wasmote: pot: not available (module logger)", "iio:device4093"),
    ] {
        let (code, complaints) = run(module, POLICY);
        assert_eq!(code, Some(134), "{module}: {complaints}");
        let mut lines = complaints.lines();
        assert_eq!(lines.next(), Some(refusal), "{module}");
        let told = lines.next().unwrap();
        assert!(
            told.contains(place) && told.contains("there is no") || told.contains("no GPIO chips"),
            "{module}: {told}"
        );
    }
}

#[test]
fn a_label_that_the_policy_lacks_is_told_with_the_policys_name() {
    let (code, complaints) = run("blinky.wasm", "[digital]\nled = { direction = \"out\", at = \"GPIO17\" }");
    assert_eq!(code, Some(134));
    assert!(
        complaints.starts_with(
            "wasmote: led0: unknown (module blinky)\nwasmote: led0: p.toml has no such label in [digital]\n"
        ),
        "{complaints}"
    );
    let (_, complaints) = run("blinky.wasm", "[digital]\nled0 = { direction = \"out\" }");
    assert!(complaints.contains("wasmote: led0: p.toml does not say where it is; add `at`"), "{complaints}");
}

#[test]
fn the_policy_of_a_raspberry_pi_has_what_the_examples_open() {
    let pi = include_str!("../policies/raspberry-pi.toml");
    for module in ["blinky.wasm", "thermostat.wasm", "flash.wasm", "logger.wasm", "button.wasm"] {
        let (_, complaints) = run(module, pi);
        assert!(!complaints.contains("no such label") && !complaints.contains("TOML"), "{module}: {complaints}");
    }
}

#[test]
fn options_that_do_not_fit_are_mistakes_of_the_command_line() {
    let sandbox = Sandbox::with("p.toml", POLICY);
    let module = example("blinky.wasm");
    for (options, complaint) in [
        (&["--board", "linux"][..], "--board linux needs --policy FILE"),
        (&["--board", "linux", "--policy", "p.toml", "--script", "s"], "--script is for the simulated board"),
        (&["--board", "linux", "--policy", "p.toml", "--trace", "t"], "--trace is for the simulated board"),
        (&["--board", "linux", "--policy", "p.toml", "--pace", "virtual"], "--pace is for the simulated board"),
        (&["--board", "moon"], "possible values: sim, linux"),
    ] {
        let output = sandbox.run(&[&["run"], options, &[&module]].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(text(&output.stderr).contains(complaint), "{options:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_policy_alone_grants_what_it_allows_on_the_simulated_board_too() {
    let sandbox = Sandbox::with("p.toml", "[digital]\nled0 = { direction = \"out\" }\n");
    let output = sandbox.run(&["run", "--policy", "p.toml", "--for", "1s", &example("blinky.wasm")]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let output = sandbox.run(&["run", "--policy", "p.toml", "--for", "1s", &example("thermostat.wasm")]);
    assert!(text(&output.stderr).starts_with("wasmote: i2c0: not granted (module thermostat)\n"));
}

#[test]
fn devices_and_their_draft_can_be_had_on_any_machine() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["devices"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    assert!(text(&output.stdout).ends_with("`wasmote devices --draft` writes a policy with all that can be used\n"));
    let draft = sandbox.run(&["devices", "--draft"]);
    sandbox.write("p.toml", &draft.stdout);
    sandbox.write("m.wat", b"(module (func (export \"_start\")))");
    let output = sandbox.run(&["run", "--board", "linux", "--policy", "p.toml", "m.wat"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{}", text(&draft.stdout));
}

#[test]
fn a_module_without_hardware_can_be_recorded_and_replayed_with_a_board() {
    // What a failing pin answered is in the log like any other answer.
    let sandbox = Sandbox::with("p.toml", POLICY);
    let module = example("blinky.wasm");
    let board = ["--board", "linux", "--policy", "p.toml"];
    let recorded = sandbox.run(&[&["run", "--record", "log"], &board[..], &[&module]].concat());
    let replayed = sandbox.run(&["run", "--replay", "log", &module]);
    assert_eq!((recorded.status.code(), replayed.status.code()), (Some(134), Some(134)));
    let trap = |stderr: &[u8]| {
        text(stderr).lines().skip_while(|line| !line.contains("trap:")).map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(trap(&recorded.stderr), trap(&replayed.stderr));
}

//! The program `calls` makes random calls and prints every answer. What wasmtime prints on Linux (`tests/programs/expected`) is
//! what it must print on the file systems of ours too: in RAM and in flash. (On a directory it runs among the other
//! programs.)

use std::fs;
use std::path::Path;
use wasmote_tests::wasi_suite::{Budget, Case, On, run_case};

const BUDGET: Budget = Budget { code_bytes: 512 << 10, arena_bytes: 512 << 10, disk_bytes: 160 << 10 };

/// Runs the program with every seed of which the answers are kept.
fn agrees(on: On<'_>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    for (seed, count) in (1..=4).map(|seed| (seed, 600)) {
        let expected = fs::read_to_string(folder.join(format!("expected/calls-clang-{seed}.out"))).expect("kept");
        let case = Case {
            module: folder.join("prebuilt/calls-clang.wasm"),
            arguments: vec![seed.to_string(), count.to_string()],
            variables: Vec::new(),
            root: Some(folder.join("files")),
            exit_code: 0,
            stdout: None,
            stderr: None,
        };
        let outcome = run_case(&case, on);
        let printed = String::from_utf8_lossy(&outcome.stdout);
        let differing = expected.lines().zip(printed.lines()).find(|(expected, printed)| expected != printed);
        assert_eq!(differing, None, "seed {seed}: wasmtime's answer, ours");
        assert_eq!((outcome.exit, printed.lines().count()), (Ok(0), count), "seed {seed}");
    }
}

#[test]
fn random_calls_are_answered_in_ram_as_on_linux() {
    agrees(On::Ram(BUDGET));
}

#[test]
fn random_calls_are_answered_in_flash_as_on_linux() {
    agrees(On::Flash(BUDGET));
}

//! Small scripts of the official suite in one thread, under the dispatchers, folded and unfolded: what Miri can run. It follows
//! every pointer of `runtime-core/src/raw` while memories, tables, frames and instances move in the arena.
//!
//! `cargo +nightly miri test -p wasmote-tests --test small_scripts --features soft-floats` (see `cargo xtask ci --full`).

use wasmote::{Config, Dispatch};
use wasmote_tests::conformance::{Setup, official, run_all, setups};

/// Scripts of the folder `v2` and of the proposals that touch each part of `raw`, few assertions each: calls and frames,
/// globals, loads and stores, granules of memory, tables, traps in the midst of frames, host functions.
const SCRIPTS: &[&str] = &[
    "custom-page-sizes.wast",
    "data_drop0.wast",
    "forward.wast",
    "func_ptrs.wast",
    "imports2.wast",
    "load0.wast",
    "load1.wast",
    "memory_copy1.wast",
    "memory_redundancy.wast",
    "memory_size2.wast",
    "memory_size_import.wast",
    "memory_trap0.wast",
    "ref_func.wast",
    "ref_null.wast",
    "start.wast",
    "start0.wast",
    "store0.wast",
    "store1.wast",
    "store2.wast",
    "switch.wast",
    "table_fill.wast",
    "table_get.wast",
    "table_set.wast",
    "table_size.wast",
    "traps0.wast",
    "unreached-valid.wast",
];

#[test]
fn small_scripts_pass() {
    let mut ran = Vec::new();
    // The first dispatcher needs optimisation where the build has it; Miri has none, and begins with the trampoline.
    let ways = setups(Dispatch::ALL, &[true, false], &[None]);
    for folder in official() {
        for (name, text) in folder.scripts.iter().filter(|(name, _)| SCRIPTS.contains(&name.as_str())) {
            let config = |way: &Setup| Config { multi_memory: folder.name != "v2", ..way.config };
            let ways: Vec<Setup> = ways.iter().map(|way| Setup { config: config(way), ..*way }).collect();
            for (way, report) in ways.iter().zip(run_all(text, &ways)) {
                assert!(report.failures.is_empty(), "{name}, {:?}: {:?}", way.config, report.failures);
                assert!(report.passed > 0, "{name} asserts nothing");
            }
            ran.push(name.clone());
        }
    }
    for script in SCRIPTS {
        assert!(ran.iter().any(|name| name == script), "there is no script {script}");
    }
}

//! Small scripts of the official suite in one thread, under each dispatcher, folded and unfolded: what Miri can run. It follows
//! every pointer of `runtime-core/src/raw` while memories, tables, frames and instances move in the arena.
//!
//! `cargo +nightly miri test -p wasmote-tests --test small_scripts --features soft-floats` (see `cargo xtask ci --full`).

use wasmote::Dispatch;
use wasmote_tests::conformance::{Setup, official, run, setups};

/// Scripts of the folder `v2` and of the proposals that touch each part of `raw`, few assertions each.
const SCRIPTS: &[&str] = &[
    "custom-page-sizes.wast",
    "fac.wast",
    "forward.wast",
    "global.wast",
    "load.wast",
    "memory_grow.wast",
    "memory_size.wast",
    "ref_func.wast",
    "stack.wast",
    "start.wast",
    "store.wast",
    "switch.wast",
    "table_get.wast",
    "table_grow.wast",
    "table_size.wast",
    "unwind.wast",
];

#[test]
fn small_scripts_pass() {
    let mut ran = Vec::new();
    // The first dispatcher needs optimisation where the build has it; Miri has none, and begins with the trampoline.
    let ways = setups(Dispatch::ALL, &[true, false], &[None]);
    for folder in official() {
        for (name, text) in folder.scripts.iter().filter(|(name, _)| SCRIPTS.contains(&name.as_str())) {
            let begun = std::time::Instant::now();
            for setup in &ways {
                let config = wasmote::Config { multi_memory: folder.name != "v2", ..setup.config };
                let report = run(text, Setup { config, ..*setup });
                assert!(report.failures.is_empty(), "{name}: {:?}", report.failures);
                assert!(report.passed > 0, "{name} asserts nothing");
            }
            eprintln!("{name} {:?}", begun.elapsed());
            ran.push(name.clone());
        }
    }
    for script in SCRIPTS {
        assert!(ran.iter().any(|name| name == script), "there is no script {script}");
    }
}

//! Modules that `wasm-smith` makes of the bytes, run in several settings of the core and by `wasmi`.
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz run -- -len_control=0 -max_len=16384`: few bytes make dull modules.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wasmote_tests::differential::Comparison;

fuzz_target!(|data: &[u8]| {
    if let Some(difference) = Comparison::shared().of_seed(data) {
        panic!("{difference}");
    }
});

//! Bytes against `wasmparser`: both accept them, or both refuse them. What both accept is run, and compared with `wasmi`.
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz validate`. It shares its corpus with `decode`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wasmote_tests::differential::Comparison;

fuzz_target!(|wasm: &[u8]| {
    if let Some(difference) = Comparison::shared().of_bytes(wasm) {
        panic!("{difference}");
    }
});

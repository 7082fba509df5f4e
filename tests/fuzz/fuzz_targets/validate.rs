//! Bytes against `wasmparser`: both accept them, or both refuse them. What both accept is run, and compared with `wasmi`.
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz validate`. It shares its corpus with `decode`.
#![no_main]

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use libfuzzer_sys::fuzz_target;
use wasmote_tests::differential::Comparison;

fuzz_target!(|wasm: &[u8]| {
    if let Some(difference) = comparison().of_bytes(wasm) {
        panic!("{difference}");
    }
});

/// One for all inputs: its buffers are large.
fn comparison() -> MutexGuard<'static, Comparison> {
    static ONE: LazyLock<Mutex<Comparison>> = LazyLock::new(Mutex::default);
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

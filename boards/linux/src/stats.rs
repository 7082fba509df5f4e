//! `--stats`: what a run cost, on standard error.

use crate::message::Bytes;
use std::time::{Duration, Instant};
use wasmote::{Module, Store};

/// The times and sizes of one run so far.
pub(crate) struct Stats {
    last: Instant,
    prepare: Duration,
    instantiate: Duration,
    wasm_code_bytes: u64,
    prepared_bytes: u64,
}

impl Stats {
    /// Starts the clock.
    pub(crate) fn begin() -> Stats {
        let zero = Duration::ZERO;
        Stats { last: Instant::now(), prepare: zero, instantiate: zero, wasm_code_bytes: 0, prepared_bytes: 0 }
    }

    /// The module has been prepared.
    pub(crate) fn prepared(&mut self, module: &Module<'_>) {
        self.prepare = self.lap();
        self.wasm_code_bytes = module.code_len_bytes() as u64;
        self.prepared_bytes = module.prepared_len_bytes() as u64;
    }

    /// The module has been instantiated.
    pub(crate) fn instantiated(&mut self) {
        self.instantiate = self.lap();
    }

    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.last, now)
    }

    /// Prints all, at the end of the run.
    pub(crate) fn print(&mut self, store: &Store<'_>, fuel_consumed: u64) {
        let run = self.lap();
        eprintln!("fuel consumed: {fuel_consumed}");
        eprintln!("prepared code: {}", ratio(self.prepared_bytes, self.wasm_code_bytes));
        for line in arena(store) {
            eprintln!("{line}");
        }
        eprintln!("time: prepare {:.1?}, instantiate {:.1?}, run {run:.1?}", self.prepare, self.instantiate);
    }
}

/// Prepared code beside the code that it was prepared from.
pub(crate) fn ratio(prepared_bytes: u64, wasm_code_bytes: u64) -> String {
    match wasm_code_bytes {
        0 => format!("{}", Bytes(prepared_bytes)),
        _ => {
            let ratio = prepared_bytes as f64 / wasm_code_bytes as f64;
            format!("{} for {} of WebAssembly code ({ratio:.2})", Bytes(prepared_bytes), Bytes(wasm_code_bytes))
        }
    }
}

/// The arena by its parts, a line for each.
pub(crate) fn arena(store: &Store<'_>) -> Vec<String> {
    let stats = store.stats();
    let bytes = |n: u32| Bytes(u64::from(n));
    vec![format!("arena: {} of {} used, {} at most", bytes(stats.used), bytes(stats.total), bytes(stats.peak))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_said_where_there_is_one() {
        assert_eq!(ratio(126, 100), "126 bytes for 100 bytes of WebAssembly code (1.26)");
        assert_eq!(ratio(16, 0), "16 bytes");
    }
}

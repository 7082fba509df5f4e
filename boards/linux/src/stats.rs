//! `--stats`: what a run cost, on standard error.

use crate::message::{Bytes, tell};
use std::{
    fmt::{self, Display, Formatter},
    time::{Duration, Instant},
};
use wasmote::{Module, Store};

/// The times and sizes of one run so far.
pub(crate) struct Stats {
    last: Instant,
    prepare: Duration,
    instantiate: Duration,
    code: CodeSize,
}

impl Stats {
    /// Starts the clock.
    pub(crate) fn begin() -> Stats {
        let zero = Duration::ZERO;
        Stats { last: Instant::now(), prepare: zero, instantiate: zero, code: CodeSize::default() }
    }

    /// The module has been prepared.
    pub(crate) fn prepared(&mut self, module: &Module<'_>) {
        self.prepare = self.lap();
        self.code = CodeSize::of(module);
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
        tell(format_args!("fuel consumed: {fuel_consumed}"));
        tell(format_args!("prepared code: {}", self.code));
        tell(format_args!("arena: {}", arena(&store.stats()).join("\n")));
        let (prepare, instantiate) = (self.prepare, self.instantiate);
        tell(format_args!("time: prepare {prepare:.1?}, instantiate {instantiate:.1?}, run {run:.1?}"));
    }
}

/// Sizes of a module's code, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CodeSize {
    /// The code section of the module.
    wasm: u64,
    /// What lies in the code memory: operations and the tables of functions and types.
    prepared: u64,
    /// The operations alone.
    operations: u64,
}

impl CodeSize {
    /// The sizes of `module`.
    pub(crate) fn of(module: &Module<'_>) -> CodeSize {
        CodeSize {
            wasm: module.code_len_bytes() as u64,
            prepared: module.prepared_len_bytes() as u64,
            operations: module.operations_len_bytes() as u64,
        }
    }
}

impl Display for CodeSize {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}, of which {} are operations", Bytes(self.prepared), Bytes(self.operations))?;
        match self.wasm {
            0 => Ok(()),
            wasm => {
                let ratio = self.operations as f64 / wasm as f64;
                write!(f, ", for {} of WebAssembly code (ratio {ratio:.2})", Bytes(wasm))
            }
        }
    }
}

/// The arena and its parts, a line for each.
pub(crate) fn arena(stats: &wasmote::Stats) -> Vec<String> {
    let bytes = |n: u32| Bytes(u64::from(n));
    let parts = [
        ("memories", stats.memories),
        ("tables", stats.tables),
        ("instances", stats.instances),
        ("frame stacks", stats.stacks),
    ];
    let rest = parts.iter().fold(stats.used, |rest, part| rest.saturating_sub(part.1));
    let total = format!("{} of {} used, {} at most", bytes(stats.used), bytes(stats.total), bytes(stats.peak));
    let listed =
        parts.into_iter().chain([("bookkeeping", rest)]).map(|(name, part)| format!("  {name}: {}", bytes(part)));
    std::iter::once(total).chain(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_arena_add_up() {
        let parts = wasmote::Stats { memories: 1, tables: 2, instances: 3, stacks: 4, ..wasmote::Stats::default() };
        let lines = arena(&wasmote::Stats { total: 100, used: 15, peak: 20, ..parts });
        let expected = [
            "15 bytes of 100 bytes used, 20 bytes at most",
            "  memories: 1 bytes",
            "  tables: 2 bytes",
            "  instances: 3 bytes",
            "  frame stacks: 4 bytes",
            "  bookkeeping: 5 bytes",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn the_ratio_is_that_of_operations_to_instructions() {
        let size = CodeSize { wasm: 100, prepared: 200, operations: 126 };
        let text = "200 bytes, of which 126 bytes are operations, for 100 bytes of WebAssembly code (ratio 1.26)";
        assert_eq!(size.to_string(), text);
        let size = CodeSize { wasm: 0, prepared: 16, operations: 0 };
        assert_eq!(size.to_string(), "16 bytes, of which 0 bytes are operations");
    }
}

//! From bytes to a module: the memory that wasmote lends to the core, and what a refusal means to a person.

use crate::{
    cli::{Budget, Mode, Way},
    message::{Bytes, Failure},
    source::{guess, is_cut_short, shown},
};
use memmap2::MmapMut;
use std::path::Path;
use wasmote::{Config, Dispatch, Engine, ErrorKind, Module, ModuleError, Phase};

/// The arena without `--memory`.
const DEFAULT_ARENA_BYTES: u32 = 64 << 20;

/// Code memory without `--code-memory`, for each byte of the module. Prepared code takes less than two; the rest is for
/// the scratch of functions with many blocks, and costs nothing until it is touched.
const CODE_BYTES_PER_BYTE: usize = 16;

/// Code memory without `--code-memory` that even the smallest module gets.
const CODE_BYTES_AT_LEAST: usize = 4 << 20;

/// How many bytes the arena gets.
pub(crate) fn arena_len_bytes(budget: Budget) -> u32 {
    budget.memory.unwrap_or(DEFAULT_ARENA_BYTES)
}

/// How many bytes the prepared code of a module of `wasm_len` bytes may take.
pub(crate) fn code_len_bytes(budget: Budget, wasm_len: usize) -> usize {
    budget.code_memory.map_or_else(|| scratch_len_bytes(wasm_len), |bytes| bytes as usize)
}

/// How many bytes preparing a module of `wasm_len` bytes once more may take.
pub(crate) fn scratch_len_bytes(wasm_len: usize) -> usize {
    let generous = wasm_len.saturating_mul(CODE_BYTES_PER_BYTE).saturating_add(CODE_BYTES_AT_LEAST);
    generous.min(u32::MAX as usize)
}

/// Memory to lend: zeros that the kernel provides when they are touched.
pub(crate) struct Lent(Option<MmapMut>);

impl Lent {
    /// `len_bytes` of memory; `purpose` names the option that asked for it.
    pub(crate) fn new(len_bytes: usize, purpose: &str) -> Result<Lent, Failure> {
        if len_bytes == 0 {
            return Ok(Lent(None));
        }
        let refused = |error| Failure::new(format!("cannot get {} for {purpose}: {error}", Bytes(len_bytes as u64)));
        MmapMut::map_anon(len_bytes).map(|map| Lent(Some(map))).map_err(refused)
    }

    /// The memory.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}

/// The engine that the options ask for.
pub(crate) fn engine(mode: Mode) -> Result<Engine, Failure> {
    let mut config = Config { folding: !mode.unfolded, ..Config::default() };
    if let Some(way) = mode.dispatch {
        config.dispatch = dispatch(way);
    }
    if Dispatch::ALL.contains(&config.dispatch) {
        return Ok(Engine::new(config));
    }
    Err(Failure::usage(format!("this build does not dispatch this way; it contains {:?}", Dispatch::ALL)))
}

fn dispatch(way: Way) -> Dispatch {
    match way {
        Way::Loop => Dispatch::Loop,
        Way::Tail => Dispatch::TailCall,
        Way::Trampoline => Dispatch::Trampoline,
        Way::Compact => Dispatch::Compact,
    }
}

/// Validates and prepares `wasm` in `code`, or says why not.
pub(crate) fn prepare<'m>(
    engine: &Engine,
    path: &Path,
    wasm: &'m [u8],
    code: &'m mut [u8],
) -> Result<Module<'m>, Failure> {
    let code_len = code.len();
    Module::new(engine, wasm, code)
        .map_err(|error| Failure::new(format!("{}: {}", shown(path), refusal(error, wasm, code_len))))
}

/// Why a module is refused, where, and what can be done about it.
pub(crate) fn refusal(error: ModuleError, wasm: &[u8], code_len: usize) -> String {
    let what = match error.kind.phase() {
        Phase::Malformed => "malformed",
        Phase::Invalid => "invalid",
        Phase::Unsupported => "unsupported",
        Phase::Limit => "too large",
    };
    let reason = format!("{what} module: {} (at byte {:#x} of {:#x})", error.kind.message(), error.offset, wasm.len());
    match advice(error, wasm, code_len) {
        Some(advice) => format!("{reason}\n  {advice}"),
        None => reason,
    }
}

/// What can be done.
fn advice(error: ModuleError, wasm: &[u8], code_len: usize) -> Option<String> {
    Some(match error.kind {
        ErrorKind::BadMagic | ErrorKind::UnexpectedEnd if !wasm.starts_with(b"\0asm") => {
            format!("this is no WebAssembly file: {}", guess(wasm))
        }
        kind if kind.phase() == Phase::Malformed && (error.offset as usize >= wasm.len() || is_cut_short(wasm)) => {
            format!("the file ends after {} bytes: it may have been cut short", wasm.len())
        }
        ErrorKind::Component => "build a core module instead, such as for wasm32-wasip1".into(),
        ErrorKind::Simd => "build it without SIMD: clang -mno-simd128, rustc -Ctarget-feature=-simd128".into(),
        ErrorKind::Threads => "build it for one thread: without -pthread, for wasm32-wasip1".into(),
        ErrorKind::Memory64 => "build it for wasm32".into(),
        ErrorKind::Exceptions => "build it without exceptions: clang -fno-exceptions, rustc -Cpanic=abort".into(),
        ErrorKind::OutOfMemory(lack) => format!(
            "{} of code memory lack {}: ask for more with --code-memory",
            Bytes(code_len as u64),
            Bytes(u64::from(lack.missing_bytes))
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: ErrorKind, offset: u32, wasm: &[u8]) -> String {
        refusal(ModuleError { offset, kind }, wasm, 100)
    }

    #[test]
    fn code_memory_grows_with_the_file_but_not_past_32_bits() {
        let none = Budget { memory: None, code_memory: None };
        assert_eq!(code_len_bytes(none, 0), 4 << 20);
        assert_eq!(code_len_bytes(none, 1 << 20), 20 << 20);
        assert_eq!(code_len_bytes(none, u32::MAX as usize), u32::MAX as usize);
        assert_eq!(code_len_bytes(Budget { memory: None, code_memory: Some(7) }, 1 << 20), 7);
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        let text = refused(ErrorKind::BadMagic, 0, b"\xff\xd8\xff\xe0");
        assert_eq!(text.lines().last(), Some("  this is no WebAssembly file: it looks like a JPEG image"));
    }

    #[test]
    fn a_truncated_file_is_suspected_only_at_its_end() {
        assert!(refused(ErrorKind::UnexpectedEnd, 8, b"\0asm\x01\0\0\0").contains("cut short"));
        assert!(!refused(ErrorKind::UnexpectedEnd, 8, b"\0asm\x01\0\0\0\x01\x01\0").contains("cut short"));
    }

    #[test]
    fn every_refusal_has_its_offset() {
        let text = refused(ErrorKind::TypeMismatch, 0x1f, &[0; 0x20]);
        assert_eq!(text, "invalid module: type mismatch (at byte 0x1f of 0x20)");
    }

    #[test]
    fn lent_memory_is_zero_and_may_be_empty() {
        assert!(Lent::new(0, "--memory").unwrap().bytes().is_empty());
        let mut lent = Lent::new(5000, "--memory").unwrap();
        assert_eq!(lent.bytes().len(), 5000);
        assert!(lent.bytes().iter().all(|byte| *byte == 0));
    }
}

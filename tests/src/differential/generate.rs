//! Modules from a seed: generated valid, and then damaged.

use arbitrary::Unstructured;
use fastrand::Rng;
use wasm_smith::{Config, Module};

/// Pages of 64 KiB that all memories of a module may have together.
const MEMORY_PAGES: u64 = 6;
/// Elements that a table may have.
const TABLE_ELEMENTS: u64 = 200;
/// What modules that count down themselves begin with.
const LOOPS: u32 = 400;

/// The proposals that the core runs, and small sizes.
fn config(rng: &mut Rng) -> Config {
    let min_funcs = rng.usize(1..=10);
    Config {
        simd_enabled: false,
        relaxed_simd_enabled: false,
        threads_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        tail_call_enabled: true,
        extended_const_enabled: true,
        custom_page_sizes_enabled: true,
        max_memories: rng.usize(1..=3),
        max_tables: rng.usize(1..=3),
        max_memory32_bytes: MEMORY_PAGES * 65536,
        max_table_elements: TABLE_ELEMENTS,
        memory_max_size_required: true,
        table_max_size_required: true,
        max_imports: 0,
        min_types: 3,
        min_funcs,
        max_funcs: min_funcs + 12,
        min_memories: rng.u32(..2),
        min_tables: rng.u32(..2),
        min_globals: 2,
        max_instructions: *rng.choice(&[20, 100, 400, 1500]).unwrap_or(&100),
        max_globals: 12,
        max_data_segments: 8,
        max_element_segments: 8,
        max_type_size: 200,
        export_everything: true,
        // The core's own doing, which would otherwise not be seen.
        canonicalize_nans: false,
        allow_floats: rng.bool(),
        disallow_traps: rng.u8(..4) == 0,
        generate_custom_sections: rng.u8(..4) == 0,
        ..Config::default()
    }
}

/// A valid module, if this seed gives one.
pub(super) fn module(rng: &mut Rng) -> Option<Vec<u8>> {
    let mut bytes = vec![0; rng.usize(1000..24000)];
    rng.fill(&mut bytes);
    module_of(rng, &bytes)
}

/// A valid module, if these bytes give one.
pub(super) fn module_of(rng: &mut Rng, bytes: &[u8]) -> Option<Vec<u8>> {
    let config = config(rng);
    let mut module = Module::new(config, &mut Unstructured::new(bytes)).ok()?;
    if rng.u8(..4) != 0 {
        module.ensure_termination(LOOPS).ok()?;
    }
    Some(module.to_bytes())
}

/// A damaged copy: bytes changed, taken away, doubled or moved.
pub(super) fn damage(wasm: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = wasm.to_vec();
    for _ in 0..rng.usize(1..=3) {
        if bytes.len() < 16 {
            break;
        }
        let at = rng.usize(8..bytes.len());
        let len = rng.usize(1..=16).min(bytes.len() - at);
        match rng.u8(..12) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + len)),
            2 => {
                let copy = bytes[at..at + len].to_vec();
                let to = rng.usize(8..bytes.len());
                drop(bytes.splice(to..to, copy));
            }
            3 => {
                let to = rng.usize(8..=bytes.len() - len);
                bytes.copy_within(at..at + len, to);
            }
            4..=6 => bytes[at] ^= 1 << rng.u8(..8),
            7 => bytes[at] = *rng.choice(&[0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xff]).unwrap_or(&0),
            8 => bytes[at] = bytes[at].wrapping_add(1),
            // Near the front are the small sections, where a changed byte is rarely a mere constant.
            9 => {
                let near = rng.usize(0..bytes.len().min(120));
                bytes[near] = rng.u8(..);
            }
            _ => bytes[at] = rng.u8(..),
        }
    }
    bytes
}

//! Modules that are built into a firmware: they run where they lie, and what happened to their bytes is noticed.

use wasmote::{BuiltInError, BuiltIns, Config, Engine, Linker, Module, Store};

/// `(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))`
const WASM: &[u8] = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";

/// Words, so that the bytes are aligned to 8.
fn flash(records: &[u8]) -> Vec<u64> {
    let mut padded = records.to_vec();
    padded.resize(records.len().next_multiple_of(8) + 64, 0xff);
    padded.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn bytes(flash: &[u64]) -> &[u8] {
    // SAFETY: words are bytes.
    unsafe { core::slice::from_raw_parts(flash.as_ptr().cast(), flash.len() * 8) }
}

fn record(folding: bool, note: &[u8]) -> Vec<u8> {
    let mut code = vec![0; 4096];
    let engine = Engine::new(Config { folding, ..Config::default() });
    let mut record = Vec::new();
    Module::new(&engine, WASM, &mut code).unwrap().build_in(note, &mut |bytes| record.extend_from_slice(bytes));
    record
}

#[test]
fn modules_that_are_built_in_run_in_place_one_after_the_other() {
    let flash = flash(&[record(true, b"first"), record(false, b"second!!!")].concat());
    // SAFETY: two records, and the rest as erased.
    let mut modules = unsafe { BuiltIns::new(bytes(&flash)) };
    for note in [&b"first"[..], b"second!!!"] {
        let built_in = modules.next().unwrap().unwrap();
        assert_eq!((built_in.note, built_in.module.wasm()), (note, WASM));
        let mut arena = vec![0; 4096];
        let mut store = Store::new(&Engine::default(), &mut arena).unwrap();
        let linker = Linker::<()>::new(&[]);
        let instance = linker.instantiate(&mut store, &built_in.module, &mut ()).unwrap();
        let add = store.typed_func::<(i32, i32), i32>(instance, "add").unwrap();
        assert_eq!(add.call(&mut store, &linker, &mut (), (2, 3)).unwrap(), 5);
    }
    assert!(modules.next().is_none());
}

#[test]
fn a_record_with_a_wrong_bit_anywhere_is_not_run() {
    let whole = record(true, b"a note");
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        let flash = flash(&damaged);
        // SAFETY: the record is damaged by accident, which is what its checksum is for.
        let first = unsafe { BuiltIns::new(bytes(&flash)) }.next();
        let parts = [(0, "head"), (24, "zeros"), (32, "content")].into_iter().rev();
        let part = parts.into_iter().find(|(from, _)| at >= *from).unwrap().1;
        let is_padding = first.as_ref().is_some_and(Result::is_ok);
        assert!(part == "zeros" || is_padding == (whole[at] == 0 && is_unread(&whole, at)), "byte {at}: {part}");
    }
}

/// Is the byte one that completes a part?
fn is_unread(whole: &[u8], at: usize) -> bool {
    let len = |n: usize| u32::from_le_bytes(whole[4 * n..4 * n + 4].try_into().unwrap()) as usize;
    let mut from = 32;
    for n in 2..5 {
        let end = from + len(n);
        from = end.next_multiple_of(8);
        if (end..from).contains(&at) {
            return true;
        }
    }
    false
}

#[test]
fn a_record_that_is_cut_off_or_of_another_version_is_told() {
    let whole = record(true, b"");
    let kept = flash(&whole);
    for len in 32..whole.len() {
        // SAFETY: a part of a record.
        let first = unsafe { BuiltIns::new(&bytes(&kept)[..len]) }.next().unwrap();
        assert_eq!(first.err(), Some(BuiltInError::Incomplete), "{len} bytes");
    }
    let mut other = whole.clone();
    other[4] ^= 1;
    let flash = flash(&other);
    // SAFETY: as above.
    let first = unsafe { BuiltIns::new(bytes(&flash)) }.next().unwrap();
    assert_eq!(first.err(), Some(BuiltInError::OtherVersion));
    assert_eq!({ BuiltIns::NONE }.count(), 0);
}

//! For want of memory what holds nothing but zeros is given back, whatever asks for memory: a store, and each bulk operation.

use wasmote::{Extern, Module, Store, Trap, Val};
use wasmote_tests::embed::{End, assemble, call, code_memory, engines, link};

/// Half of the arena is committed and holds zeros again; then `OPERATION` needs as much elsewhere.
const GUEST: &str = r#"(module (memory 2) (memory $other 1)
    (data $bytes "@BYTES")
    (func (export "f") (result i32)
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 9000))
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 9000))
      (i32.store (i32.const 60000) (i32.const 0x01010101))
      @OPERATION
      (i32.add (i32.load8_u (i32.const 100001)) (i32.load8_u $other (i32.const 20001)))))"#;

/// What needs memory, and a size of it.
const OPERATIONS: [(&str, &str); 5] = [
    (
        "store",
        "(local $at i32) (local.set $at (i32.const 100000)) (loop $again (i32.store8 (local.get $at) (i32.const 7)) \
      (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 100))) (i32.const 108000)))) \
      (i32.store8 (i32.const 100001) (i32.const 7))",
    ),
    (
        "store to another memory",
        "(local $at i32) (local.set $at (i32.const 20000)) (loop $again \
      (i32.store8 $other (local.get $at) (i32.const 7)) \
      (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 100))) (i32.const 28000)))) \
      (i32.store8 $other (i32.const 20001) (i32.const 7))",
    ),
    ("fill", "(memory.fill (i32.const 100000) (i32.const 7) (i32.const 8000))"),
    ("init", "(memory.init $bytes (i32.const 100000) (i32.const 0) (i32.const 8000))"),
    (
        "copy",
        "(memory.init $bytes (i32.const 40000) (i32.const 0) (i32.const 200)) \
      (memory.copy (i32.const 100000) (i32.const 40000) (i32.const 200)) \
      (memory.fill (i32.const 100100) (i32.const 7) (i32.const 3900)) \
      (memory.copy $other 0 (i32.const 20000) (i32.const 100000) (i32.const 4000)) \
      (memory.fill (i32.const 100000) (i32.const 0) (i32.const 2))",
    ),
];
const ARENA_BYTES: usize = 16 << 10;

#[test]
fn memory_of_zeros_is_given_back_to_every_operation_that_needs_it() {
    for (name, operation) in OPERATIONS {
        // Locals are declared before the first instruction.
        let (locals, operation) = match operation.strip_prefix("(local $at i32)") {
            Some(rest) => ("(local $at i32)", rest),
            None => ("", operation),
        };
        let text = GUEST.replace("(result i32)\n", &format!("(result i32) {locals}\n"));
        let text = text.replace("@OPERATION", operation).replace("@BYTES", &"\\07".repeat(8000));
        let wasm = assemble(&text);
        for engine in engines() {
            let mut code = code_memory(&wasm);
            let module = Module::new(&engine, &wasm, &mut code).expect("valid");
            let mut arena = vec![0xa5; ARENA_BYTES];
            let mut store = Store::new(&engine, &mut arena).expect("room");
            let instance = link(&mut store, &module, &[]).expect("room for an instance");
            let end = call(&mut store, instance, "f", &[], u64::MAX).end;
            assert_ne!(end, End::Trapped(Trap::OutOfMemory), "{name}");
            assert_eq!(end, End::Finished(vec![Val::I32(7)]), "{name}");
        }
    }
}

/// A copy onto bytes below its own, over a gap: the first piece is overwritten when the second one lacks memory. What is filled with
/// zeros at the end of the set-up is more than it lacks.
const OVERLAPPING: &str = r#"(module (memory (export "memory") 2) (data $bytes "@BYTES")
    (func (export "set_up")
      (memory.init $bytes (i32.const 40000) (i32.const 0) (i32.const 1000))
      (memory.init $bytes (i32.const 60000) (i32.const 1000) (i32.const 4000))
      (memory.fill (i32.const 100000) (i32.const 1) (i32.const 9000))
      (memory.fill (i32.const 100000) (i32.const 0) (i32.const 9000)))
    (func (export "copy") (memory.copy (i32.const 38000) (i32.const 40000) (i32.const 24000))))"#;

#[test]
fn a_copy_that_overlaps_goes_on_where_it_lacked_memory() {
    let bytes: Vec<u8> = (0..5000u32).map(|at| (at % 251) as u8 + 1).collect();
    let mut expected = vec![0; 2 << 16];
    expected[40000..41000].copy_from_slice(&bytes[..1000]);
    expected[60000..64000].copy_from_slice(&bytes[1000..]);
    expected.copy_within(40000..64000, 38000);
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let wasm = assemble(&OVERLAPPING.replace("@BYTES", &escaped));
    for engine in engines() {
        let mut code = code_memory(&wasm);
        let module = Module::new(&engine, &wasm, &mut code).expect("valid");
        let mut copied = 0;
        for size in (14 << 10..18 << 10).step_by(32) {
            let mut arena = vec![0xa5; size];
            let mut store = Store::new(&engine, &mut arena).expect("room");
            let instance = link(&mut store, &module, &[]).expect("room for an instance");
            if call(&mut store, instance, "set_up", &[], u64::MAX).end != End::Finished(Vec::new()) {
                assert_eq!(copied, 0, "{size} bytes do not suffice, and less did");
                continue;
            }
            let end = call(&mut store, instance, "copy", &[], u64::MAX).end;
            assert_eq!(end, End::Finished(Vec::new()), "{size} bytes");
            let memory = store.export(instance, "memory").and_then(Extern::memory).expect("exported");
            let mut found = vec![0; expected.len()];
            store.read(memory, 0, &mut found).expect("it has two pages");
            assert!(found == expected, "{size} bytes");
            copied += 1;
        }
        assert!(copied > 40, "{copied} copies of memory that is scarce");
    }
}

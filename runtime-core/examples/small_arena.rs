//! A module borrowed from a `static`, its code in one static buffer and its instance in another of 16 KiB: what firmware does. The
//! module declares a page of 64 KiB; what it touches is committed, and nothing else.

use wasmote::{Engine, Linker, Module, Store, Val};

/// (module (memory (export "m") 1) (func (export "f") (param i32) (result i32)
///   local.get 0 i32.const 42 i32.store   local.get 0 i32.load))
static WASM: &[u8] = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\x03\x02\x01\0\x05\x03\x01\0\x01\x07\x09\x02\x01m\x02\0\x01f\0\0\x0a\x10\x01\x0e\0\x20\0\x41\x2a\x36\x02\0\x20\0\x28\x02\0\x0b";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::default();
    let (mut code, mut arena) = ([0; 2048], [0; 16 << 10]);
    let module = Module::new(&engine, WASM, &mut code)?;
    let mut store = Store::new(&engine, &mut arena)?;
    let linker = Linker::<()>::new(&[]);
    let instance = linker.instantiate(&mut store, &module, &mut ())?;
    let f = instance.get_typed_func::<u32, i32>(&store, "f")?;
    // Both ends of the page, which are 64 KiB apart.
    for address in [0, 65_532] {
        assert_eq!(f.call(&mut store, &linker, &mut (), address)?, 42);
    }
    let memory = instance.get_memory(&store, "m").ok_or("no memory")?;
    let mut bytes = [0; 4];
    memory.read(&store, 65_532, &mut bytes)?;
    assert_eq!(Val::I32(i32::from_le_bytes(bytes)), Val::I32(42));
    let stats = store.stats();
    println!(
        "{} of {} bytes in use, {} for a memory of {}",
        stats.peak,
        stats.total,
        stats.memories,
        memory.data_size(&store)
    );
    assert!(stats.peak < 2048);
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("the example runs");
}

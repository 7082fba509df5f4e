//! Any bytes: they are refused at an offset within them, or they are a module that can be asked about and run, in a code memory
//! of any size. `cargo +nightly fuzz run --fuzz-dir tests/fuzz decode`. It begins with the modules of tests/changed_bytes.rs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wasmote::{Config, Engine, Module, ModuleError, Store};

fuzz_target!(|wasm: &[u8]| {
    // The bytes choose the room, so that its end is met anywhere, and are a module all the same.
    let room = wasm.iter().fold(0, |sum: u8, byte| sum.rotate_left(1) ^ byte);
    let mut memory = vec![0xA5; 512 << (room % 12)];
    for folding in [true, false] {
        let engine = Engine::new(Config { folding, multi_memory: room & 0x80 == 0, ..Config::default() });
        match Module::new(&engine, wasm, &mut memory) {
            Ok(module) => ask(&engine, &module),
            Err(ModuleError { offset, .. }) => assert!(offset as usize <= wasm.len(), "{offset} is not in the module"),
        }
    }
});

/// Everything that a module tells, and its instance.
fn ask(engine: &Engine, module: &Module<'_>) {
    let mut scratch = vec![0; 64 << 10];
    for func in 0..module.functions().min(64) {
        let _ = module.name_of(func);
        let _ = module.disassemble(func, &mut scratch, &mut |line| {
            let _ = line.to_string();
        });
    }
    let told =
        module.imports().count() + module.exports().count() + module.memories().count() + module.tables().count();
    assert!(told <= module.code_len_bytes() + (1 << 24), "more than the bytes can say");
    let mut arena = vec![0xA5; 64 << 10];
    let Ok(mut store) = Store::new(engine, &mut arena) else { return };
    let Ok(instance) = store.instantiate(module, &mut |_, _| None) else { return };
    if let Some(start) = store.start_func(instance)
        && let Ok(thread) = store.spawn(start, &[])
    {
        store.resume(thread, 10_000);
    }
}

//! The engine alone, from decoding a module to running it with a host function: what a firmware spends on it in flash. It never
//! runs; its sections are measured.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;
use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Val};

fn double(calls: &mut Caller<'_, '_, u32>, value: i32) -> Result<i32, HostError> {
    *calls.data() += 1;
    Ok(value.wrapping_mul(2))
}
static TABLE: [HostFunc<u32>; 1] = [HostFunc::wrap("env", "double", double)];
static TABLES: [&[HostFunc<u32>]; 1] = [&TABLE];

/// The entry of the image.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let (mut code, mut arena) = ([0; 2048], [0; 2048]);
    black_box(run(black_box(&[0; 64]), black_box(&mut code), black_box(&mut arena)));
    loop {
        core::hint::spin_loop();
    }
}

/// Decodes, validates, prepares, instantiates and runs.
fn run(wasm: &[u8], code: &mut [u8], arena: &mut [u8]) -> Option<i32> {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm, code).ok()?;
    let mut store = Store::new(&engine, arena).ok()?;
    let linker = Linker::new(&TABLES);
    let mut calls = 0;
    let instance = linker.instantiate(&mut store, &module, &mut calls).ok()?;
    let main = store.export(instance, "main")?.func()?;
    let thread = store.spawn(main, &[Val::I32(black_box(1))]).ok()?;
    let mut result = [Val::I32(0)];
    while let Run::OutOfFuel = linker.run(&mut store, thread, &mut calls, black_box(1000)) {}
    store.results(thread, &mut result);
    let [Val::I32(result)] = result else { return None };
    Some(result)
}

#[panic_handler]
fn on_panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

//! A host function in ten lines: a plain Rust function, in a static table, that a module imports.

use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Store};

/// (module (import "env" "double" (func (param i32) (result i32)))
///   (func (export "f") (param i32) (result i32) local.get 0 call 0))
static WASM: &[u8] = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\x02\x0e\x01\x03env\x06double\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\x01\x0a\x08\x01\x06\0\x20\0\x10\0\x0b";

fn double(calls: &mut Caller<'_, '_, u32>, value: i32) -> Result<i32, HostError> {
    *calls.data() += 1;
    Ok(value.wrapping_mul(2))
}
static TABLE: [HostFunc<u32>; 1] = [HostFunc::wrap("env", "double", double)];
static TABLES: [&[HostFunc<u32>]; 1] = [&TABLE];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (engine, mut code, mut arena, mut calls) = (Engine::default(), [0; 4096], [0; 4096], 0);
    let module = Module::new(&engine, WASM, &mut code)?;
    let mut store = Store::new(&engine, &mut arena)?;
    let linker = Linker::new(&TABLES);
    let instance = linker.instantiate(&mut store, &module, &mut calls)?;
    let doubled = store.typed_func::<i32, i32>(instance, "f")?.call(&mut store, &linker, &mut calls, 21)?;
    println!("{doubled} after {calls} call");
    assert_eq!((doubled, calls), (42, 1));
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("the example runs");
}

//! A host call that is answered a thousand resumes later, while another instance runs: the machine never calls out, it returns
//! with the call, and goes on when the answer is there.

use wasmote::{Engine, Extern, ExternType, Module, Outcome, Store, Val};

/// (module (import "sensor" "read" (func $read (result i32)))
///   (func (export "run") (result i32) call $read  i32.const 1  i32.add))
static WAITS: &[u8] = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x02\x0f\x01\x06sensor\x04read\0\0\x03\x02\x01\0\x07\x07\x01\x03run\0\x01\x0a\x09\x01\x07\0\x10\0\x41\x01\x6a\x0b";
/// (module (global $n (mut i32) (i32.const 0)) (func (export "run") (result i32)
///   (loop $l (global.set $n (i32.add (global.get $n) (i32.const 1))) (br $l)) unreachable) (export "n" (global $n)))
static COUNTS: &[u8] = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x06\x06\x01\x7f\x01\x41\0\x0b\x07\x0b\x02\x03run\0\0\x01n\x03\0\x0a\x11\x01\x0f\0\x03\x40\x23\0\x41\x01\x6a\x24\0\x0c\0\x0b\0\x0b";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::default();
    let (mut first, mut second, mut arena) = ([0; 2048], [0; 2048], [0; 4096]);
    let waits = Module::new(&engine, WAITS, &mut first)?;
    let counts = Module::new(&engine, COUNTS, &mut second)?;
    let mut store = Store::new(&engine, &mut arena)?;
    let waits = store.instantiate(&waits, &mut |import, store| match import.ty {
        ExternType::Func(ty) => store.host_func(7, ty).ok().map(Extern::Func),
        _ => None,
    })?;
    let counts = store.instantiate(&counts, &mut |_, _| None)?;
    let run = |store: &Store<'_>, instance: wasmote::Instance| instance.get_func(store, "run").ok_or("no function");
    let (one, other) = (run(&store, waits)?, run(&store, counts)?);
    let waiting = store.spawn(one, &[])?;
    let counting = store.spawn(other, &[])?;

    let Outcome::HostCall(call) = store.resume(waiting, 1000) else { return Err("no host call".into()) };
    assert_eq!(call.id, 7);
    for _ in 0..1000 {
        assert_eq!(store.resume(counting, 100), Outcome::OutOfFuel);
    }
    store.answer(waiting, &[Val::I32(41)])?;
    assert_eq!(store.resume(waiting, 1000), Outcome::Finished);
    let mut result = [Val::I32(0)];
    store.results(waiting, &mut result);
    let count = counts.get_global(&store, "n").map(|n| n.get(&store));
    println!("answered: {result:?}, while the other counted to {count:?}");
    assert_eq!(result, [Val::I32(42)]);
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("the example runs");
}

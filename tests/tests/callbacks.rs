//! Callbacks that typed host functions ask for: several in one host call, at every slice of fuel, and those that fail.

use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Trap, Val};

type Data = Vec<u32>;

/// Asks for two buffers, then gives their sum and writes to the second.
fn two(caller: &mut Caller<'_, '_, Data>, len: u32) -> Result<u32, HostError> {
    match caller.callback_result::<u32>()? {
        None => caller.data().clear(),
        Some(pointer) => caller.data().push(pointer),
    }
    if caller.data().len() < 2 {
        return Err(caller.call_back::<_, u32>("realloc", len));
    }
    let (first, second) = (caller.data()[0], caller.data()[1]);
    caller.write(second, &[9])?;
    Ok(first + second)
}

static TABLE: [HostFunc<Data>; 1] = [HostFunc::wrap("host", "two", two)];

fn run(realloc: &str, slice: u64) -> (Run, Vec<Val>, u64) {
    let text = format!(
        "(module (import \"host\" \"two\" (func $two (param i32) (result i32))) (memory 1) (global $at (mut i32) (i32.const 64))
        {realloc} (func (export \"f\") (result i32) (i32.mul (call $two (i32.const 16)) (i32.load8_u (i32.const 96)))))"
    );
    let wasm = wat::parse_str(text).expect("the text is a module");
    let (engine, mut code, mut arena) = (Engine::default(), vec![0; 65536], vec![0; 16384]);
    let module = Module::new(&engine, &wasm, &mut code).expect("valid");
    let mut store = Store::new(&engine, &mut arena).expect("room");
    let tables = [&TABLE[..]];
    let (linker, mut data) = (Linker::new(&tables), Data::new());
    let instance = linker.instantiate(&mut store, &module, &mut data).expect("linked");
    let func = store.export(instance, "f").and_then(|item| item.func()).expect("exported");
    let thread = store.spawn(func, &[]).expect("no arguments");
    let ended = (0..1000).map(|_| linker.run(&mut store, thread, &mut data, slice)).find(|run| *run != Run::OutOfFuel);
    let mut results = [Val::I32(0)];
    let count = store.results(thread, &mut results);
    (ended.expect("it ends"), results[..count].to_vec(), store.fuel_consumed(thread))
}

const BUMP: &str = "(func (export \"realloc\") (param i32) (result i32)
    (global.set $at (i32.add (global.get $at) (local.get 0))) (global.get $at))";

#[test]
fn several_callbacks_in_one_host_call_give_the_same_at_every_slice_of_fuel() {
    let whole = run(BUMP, u64::MAX);
    assert_eq!((whole.0, &whole.1[..]), (Run::Finished, &[Val::I32((80 + 96) * 9)][..]));
    for slice in 1..20 {
        assert_eq!(run(BUMP, slice), whole, "slices of {slice}");
    }
}

#[test]
fn a_callback_that_fails_is_a_trap_of_the_guest() {
    let cases = [
        ("", Trap::UndefinedElement),
        ("(func (export \"realloc\"))", Trap::IndirectCallTypeMismatch),
        ("(func (export \"realloc\") (param i32) (result i32) unreachable)", Trap::Unreachable),
        ("(func (export \"realloc\") (param i32) (result i32) (call $two (i32.const 1)))", Trap::ReentrantImport),
        ("(func (export \"realloc\") (param i32) (result i32) (i32.const -1))", Trap::MemoryOutOfBounds),
    ];
    for (realloc, trap) in cases {
        for slice in [1, u64::MAX] {
            assert_eq!(run(realloc, slice).0, Run::Trapped(trap), "{realloc}");
        }
    }
}

/// Looks at the store in mid-call, grows the memory, sets a global, and then goes on as if it had not: arguments, callbacks and
/// the result are where they were.
fn with_store(caller: &mut Caller<'_, '_, Data>, len: u32) -> Result<u32, HostError> {
    let (instance, thread) = (caller.instance().expect("a guest calls"), caller.thread());
    let store = caller.store();
    let (memory, global) = (instance.get_memory(store, "memory"), instance.get_global(store, "at"));
    let (memory, global) = memory.zip(global).expect("both are exported");
    let Val::I32(at) = global.get(store) else { panic!("a global of another type") };
    assert!(store.fuel_consumed(thread) > 0, "what was consumed is booked");
    match caller.callback_result::<u32>()? {
        None => {
            let store = caller.store();
            assert_eq!(memory.grow(store, 1), Some(1));
            memory.write(store, 70_000, &[5]).map_err(HostError::Trap)?;
            assert!(global.set(store, Val::I32(at + 100)));
            Err(caller.call_back::<_, u32>("realloc", len))
        }
        Some(pointer) => {
            caller.write(pointer, &[3])?;
            let mut byte = [0];
            memory.read(caller.store(), 70_000, &mut byte).map_err(HostError::Trap)?;
            Ok(pointer + u32::from(byte[0]) + caller.slot(0))
        }
    }
}

static WITH_STORE: [HostFunc<Data>; 1] = [HostFunc::wrap("host", "with", with_store)];

#[test]
fn a_host_function_that_uses_the_store_in_mid_call_finds_its_call_as_it_was() {
    let wasm = wat::parse_str(format!(
        "(module (import \"host\" \"with\" (func $with (param i32) (result i32))) (memory (export \"memory\") 1 2)
        (global $at (export \"at\") (mut i32) (i32.const 64)) {BUMP}
        (func (export \"f\") (param i32) (result i32) (i32.add (local.get 0)
          (i32.add (call $with (i32.const 16)) (i32.mul (i32.load8_u (i32.const 180)) (memory.size))))))"
    ))
    .expect("the text is a module");
    let (engine, mut code) = (Engine::default(), vec![0; 65536]);
    let module = Module::new(&engine, &wasm, &mut code).expect("valid");
    let tables = [&WITH_STORE[..]];
    let mut fuels = Vec::new();
    for slice in (1..20).chain([u64::MAX]) {
        let mut arena = vec![0; 16384];
        let mut store = Store::new(&engine, &mut arena).expect("room");
        let (linker, mut data) = (Linker::new(&tables), Data::new());
        let instance = linker.instantiate(&mut store, &module, &mut data).expect("linked");
        let func = instance.get_func(&store, "f").expect("exported");
        let thread = store.spawn(func, &[Val::I32(1000)]).expect("one argument");
        let ended =
            (0..1000).map(|_| linker.run(&mut store, thread, &mut data, slice)).find(|run| *run != Run::OutOfFuel);
        let mut results = [Val::I32(0)];
        store.results(thread, &mut results);
        // The pointer is 64 + 100 + 16; the byte there 3, times 2 pages.
        assert_eq!((ended, results), (Some(Run::Finished), [Val::I32(1000 + 180 + 5 + 16 + 6)]), "slices of {slice}");
        fuels.push(store.fuel_consumed(thread));
    }
    assert!(fuels.windows(2).all(|two| two[0] == two[1]), "the same fuel at every slice: {fuels:?}");
}

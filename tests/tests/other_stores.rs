//! Handles of one store that are given to another: each is looked up by kind there, finds nothing or something of the same kind,
//! and harms neither the store nor what runs in it.

use wasmote::{Engine, Extern, Func, Global, Instance, Memory, Module, Store, Table, Thread, Trap, Val};
use wasmote_tests::embed::{End, assemble, call, code_memory, link};

/// Has one of everything, and state that a stray handle could harm.
const FULL: &str = r#"(module
    (memory (export "memory") 1) (table (export "table") 4 funcref) (global (export "global") (mut i64) (i64.const 7))
    (elem (i32.const 1) func $f) (data (i32.const 8) "state")
    (func $f (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.load8_u (i32.const 8))))
    (func (export "long") (loop $again (br $again))))"#;
/// Has functions alone.
const BARE: &str = r#"(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 115)))
    (func (export "long") (loop $again (br $again))))"#;
const ARENA_BYTES: usize = 32 << 10;

/// One of each handle.
struct Handles {
    instance: Instance,
    func: Func,
    thread: Thread,
    items: Option<(Memory, Table, Global)>,
}

/// A store with `count` instances, of which the last one's handles are given, and a paused thread.
fn populate<'a>(store: &mut Store<'a>, module: &Module<'a>, count: usize) -> Handles {
    let made: Vec<Instance> = (0..count).map(|_| link(store, module, &[]).expect("room")).collect();
    let instance = *made.last().expect("at least one");
    let func = instance.get_func(store, "f").expect("exported");
    let thread = store.spawn(instance.get_func(store, "long").expect("exported"), &[]).expect("room");
    store.resume(thread, 100);
    let memory = instance.get_memory(store, "memory");
    let items = memory.zip(instance.get_table(store, "table")).zip(instance.get_global(store, "global"));
    Handles { instance, func, thread, items: items.map(|((memory, table), global)| (memory, table, global)) }
}

/// Gives a store what is not its own, by every function that takes a handle.
fn misuse(store: &mut Store<'_>, strange: &Handles) {
    let Handles { instance, func, thread, .. } = *strange;
    for name in ["f", "memory", "table", "global", "absent"] {
        if let Some(item) = store.export(instance, name) {
            let _ = store.extern_type(item);
        }
    }
    let _ = (store.module(instance), store.start_func(instance));
    for index in [0, 1, u32::MAX] {
        let _ = store.memory_of(instance, index);
    }
    let _ = store.func_type(func);
    if let Ok(made) = store.spawn(func, &[Val::I32(1)]) {
        store.resume(made, 1000);
        store.end(made);
    }
    let mut values = [Val::I32(0); 4];
    let _ = (store.results(thread, &mut values), store.host_args(thread, &mut values));
    let _ = (store.callback_results(thread, &mut values), store.callback_args(thread, &mut values));
    let _ = (store.answer(thread, &[Val::I32(1)]), store.call_back(thread, func, &[Val::I32(1)]));
    let _ = store.fuel_consumed(thread);
    store.backtrace(thread, &mut [0; 4096], &mut |_| ());
    store.resume(thread, 10);
}

/// The same for what a bare store does not have at all.
fn misuse_items(store: &mut Store<'_>, (memory, table, global): (Memory, Table, Global)) {
    assert_eq!(store.memory_size(memory), 0);
    assert_eq!(store.memory_grow(memory, 1), None);
    assert_eq!(store.read(memory, 0, &mut [0; 4]), Err(Trap::MemoryOutOfBounds));
    assert_eq!(store.write(memory, 0, &[1; 4]), Err(Trap::MemoryOutOfBounds));
    assert!(store.slice_mut(memory, 0, 4).is_err());
    assert_eq!(store.table_size(table), 0);
    assert_eq!(store.table_get(table, 0), None);
    assert!(!store.table_set(table, 0, Val::FuncRef(None)));
    assert_eq!(store.table_grow(table, 1, Val::FuncRef(None)), None);
    assert_eq!(store.global_get(global), Val::I64(0));
    assert!(!store.global_set(global, Val::I64(1)));
    for item in [Extern::Memory(memory), Extern::Table(table), Extern::Global(global)] {
        let _ = store.extern_type(item);
    }
}

#[test]
fn a_handle_of_another_store_finds_nothing_and_harms_nothing() {
    let engine = Engine::default();
    let wasms = [assemble(FULL), assemble(BARE)];
    let mut codes: Vec<Vec<u8>> = wasms.iter().map(|wasm| code_memory(wasm)).collect();
    let modules: Vec<Module<'_>> =
        wasms.iter().zip(&mut codes).map(|(wasm, code)| Module::new(&engine, wasm, code).expect("valid")).collect();
    let (full, bare) = (&modules[0], &modules[1]);
    // Equal stores, stores of which one is larger, and stores that have other kinds of things at the same places.
    let pairs = [
        (full, 1, full, 1),
        (full, 3, full, 1),
        (full, 1, full, 3),
        (full, 2, bare, 1),
        (bare, 3, full, 1),
        (bare, 1, bare, 4),
    ];
    for (ours, count, strange, strangers) in pairs {
        let (mut arena, mut other_arena) = (vec![0xa5; ARENA_BYTES], vec![0xa5; ARENA_BYTES]);
        let mut store = Store::new(&engine, &mut arena).expect("room");
        let mut other = Store::new(&engine, &mut other_arena).expect("room");
        let own = populate(&mut store, ours, count);
        let theirs = populate(&mut other, strange, strangers);
        misuse(&mut store, &theirs);
        if let (None, Some(items)) = (own.items, theirs.items) {
            misuse_items(&mut store, items);
        }
        let ran = call(&mut store, own.instance, "f", &[Val::I32(1)], u64::MAX);
        assert_eq!(ran.end, End::Finished(vec![Val::I32(116)]), "{count} and {strangers}");
        if let Some((memory, table, global)) = own.items {
            let mut state = [0; 5];
            store.read(memory, 8, &mut state).expect("it has that much");
            assert_eq!((&state, store.table_size(table)), (b"state", 4));
            assert_eq!(store.global_get(global), Val::I64(7));
        }
        store.end(theirs.thread);
        store.end(own.thread);
        let stats = store.stats();
        assert!(stats.used <= stats.total, "{stats:?}");
    }
}

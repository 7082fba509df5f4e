//! Every function of stores, with handles that come from one and values that nobody can foresee.

use crate::host;
use core::hint::black_box;
use wasmote::{
    Engine, Extern, Func, FuncType, Global, GlobalType, Instance, Memory, MemoryType, Module, Outcome, Store, Table,
    TableType, Thread, Val, ValType,
};

/// Calls them all.
#[inline(never)]
pub(crate) fn every_function<'a>(engine: &Engine, module: &Module<'a>, arena: &'a mut [u8]) {
    let Ok(mut store) = Store::new(engine, arena) else { return };
    let made = instantiate(&mut store, module);
    instances(&mut store, made);
    host::every_function(&mut store, module);
    #[cfg(feature = "hardware")]
    crate::hardware::every_function(&mut store, module);
    black_box(store.stats());
}

#[inline(never)]
fn instantiate<'a>(store: &mut Store<'a>, module: &Module<'a>) -> Option<Instance> {
    let made = store.instantiate(module, &mut |import, store| {
        black_box(import);
        let ty = FuncType { params: black_box(&[ValType::I64]), results: black_box(&[]) };
        store.host_func(black_box(7), ty).ok().map(Extern::Func)
    });
    black_box(made).ok()
}

#[inline(never)]
fn instances(store: &mut Store<'_>, made: Option<Instance>) {
    let Some(instance) = made else { return };
    black_box(store.module(instance).map(|module| module.functions()));
    if let Some(func) = store.start_func(instance) {
        functions(store, func);
    }
    if let Some(item) = black_box(store.export(instance, black_box("name"))) {
        black_box(store.extern_type(item));
        item.func().map(|func| functions(store, func));
        item.memory().map(|memory| memories(store, memory));
        item.table().map(|table| tables(store, table));
        item.global().map(|global| globals(store, global));
    }
    let name = black_box("name");
    black_box(instance.get_export(store, name));
    black_box((
        instance.get_func(store, name).map(|func| func.ty(store).params.len()),
        instance.get_table(store, name),
    ));
    if let Some(global) = instance.get_global(store, name) {
        black_box((global.get(store), global.set(store, black_box(Val::I64(1)))));
    }
    if let Some(memory) = instance.get_memory(store, name) {
        let mut bytes = [0; 4];
        black_box((memory.data_size(store), memory.grow(store, black_box(1))));
        black_box((memory.read(store, black_box(4), &mut bytes), memory.write(store, black_box(4), &bytes)));
    }
    if let Some(table) = instance.get_table(store, name) {
        let value = black_box(Val::FuncRef(None));
        black_box((table.size(store), table.get(store, black_box(1)), table.set(store, black_box(1), value)));
        black_box(table.grow(store, black_box(1), value));
    }
    black_box(instance.get_typed_func::<i32, i32>(store, name).is_ok());
    if let Some(memory) = store.memory_of(instance, black_box(0)) {
        memories(store, memory);
    }
    let ty = MemoryType { minimum: black_box(1), maximum: black_box(None), page_size_log2: black_box(16) };
    store.new_memory(ty).map(|memory| memories(store, memory)).unwrap_or_default();
    let ty = TableType { element: black_box(ValType::FuncRef), minimum: black_box(1), maximum: black_box(None) };
    store.new_table(ty, black_box(Val::FuncRef(None))).map(|table| tables(store, table)).unwrap_or_default();
    let ty = GlobalType { content: black_box(ValType::I64), mutable: black_box(true) };
    store.new_global(ty, black_box(Val::I64(1))).map(|global| globals(store, global)).unwrap_or_default();
}

#[inline(never)]
fn functions(store: &mut Store<'_>, func: Func) {
    black_box(store.func_type(func).params);
    let Ok(thread) = store.spawn(func, black_box(&[Val::I32(1)])) else { return };
    loop {
        match store.resume(thread, black_box(1000)) {
            Outcome::HostCall(call) => {
                black_box(call);
                host_calls(store, thread, func);
            }
            Outcome::Trapped(trap) => {
                black_box(trap.message());
                break;
            }
            Outcome::OutOfFuel => {}
            Outcome::Finished => break,
        }
    }
    let mut values = [Val::I32(0); 4];
    black_box(store.results(thread, black_box(&mut values)));
    black_box(values.map(|value| value.ty()));
    let mut scratch = [0; 512];
    store.backtrace(thread, black_box(&mut scratch), &mut |frame| {
        black_box(frame);
    });
    black_box(store.fuel_consumed(thread));
    store.end(thread);
}

#[inline(never)]
fn host_calls(store: &mut Store<'_>, thread: Thread, func: Func) {
    let mut values = [Val::I32(0); 4];
    black_box(store.host_args(thread, black_box(&mut values)));
    black_box(store.callback_results(thread, black_box(&mut values)));
    black_box(store.call_back(thread, func, black_box(&values)).is_ok());
    black_box(store.callback_args(thread, black_box(&mut values)));
    black_box(store.answer(thread, black_box(&values)).is_ok());
    black_box(store.last_answer());
    if black_box(false) {
        store.fail(thread, black_box(wasmote::Trap::Host(1)));
    }
}

#[inline(never)]
fn memories(store: &mut Store<'_>, memory: Memory) {
    let mut bytes = [0; 16];
    let address = black_box(100);
    store.watch_writes();
    black_box(store.memory_size(memory));
    black_box(store.memory_grow(memory, black_box(1)));
    black_box(store.read(memory, address, black_box(&mut bytes)).is_ok());
    black_box(store.write(memory, address, black_box(&bytes)).is_ok());
    black_box(store.slice_mut(memory, address, black_box(8)).is_ok());
    black_box(store.host_writes());
    store.forget_writes();
}

#[inline(never)]
fn tables(store: &mut Store<'_>, table: Table) {
    let (index, value) = (black_box(1), black_box(Val::ExternRef(Some(1))));
    black_box((store.table_size(table), store.table_get(table, index)));
    black_box((store.table_set(table, index, value), store.table_grow(table, index, value)));
}

#[inline(never)]
fn globals(store: &mut Store<'_>, global: Global) {
    let value = black_box(store.global_get(global));
    black_box(store.global_set(global, value));
}

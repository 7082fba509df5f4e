//! Every function of the typed layer: host functions, linkers, calls with Rust types.

use core::hint::black_box;
use wasmote::{
    Caller, FuncType, GuestValue, HostCall, HostError, HostFunc, Linker, Module, Piece, Run, Slots, Store, Trap,
    ValType, Values,
};

/// What the host functions work on.
struct Board {
    sum: u64,
}

fn all_of_a_caller(caller: &mut Caller<'_, '_, Board>, address: u32, len: u32) -> Result<u64, HostError> {
    let mut bytes = [0; 8];
    caller.read(address, &mut bytes)?;
    caller.write(address, &bytes)?;
    black_box(caller.slice_mut(address, len)?);
    let (board, bytes) = caller.parts(address, len)?;
    board.sum = board.sum.wrapping_add(bytes.iter().map(|&byte| u64::from(byte)).sum());
    let mut pieces = [Piece { at: address, len, written: black_box(true) }; 2];
    black_box(caller.pieces(&mut pieces)?);
    if caller.callback_result::<u32>()?.is_none() {
        return Err(caller.call_back::<_, u32>(black_box("cabi_realloc"), (0u32, 0u32, 1u32, len)));
    }
    black_box((caller.memory().is_some(), caller.instance().is_some(), caller.thread()));
    let fuel = {
        let thread = caller.thread();
        caller.store().fuel_consumed(thread)
    };
    Ok(caller.data().sum.wrapping_add(fuel))
}

fn ten(
    _: &mut Caller<'_, '_, Board>,
    a: i32,
    b: u64,
    c: f32,
    d: f64,
    e: u32,
    f: i64,
    g: i32,
    h: i32,
    i: i32,
    j: i32,
) -> Result<f64, HostError> {
    let all = [a, e as i32, g, h, i, j].into_iter().fold(0, i32::wrapping_add);
    Ok(f64::from(all) + f64::from(c) + d + (b as f64) + (f as f64))
}

fn fails(_: &mut Caller<'_, '_, Board>, how: i32) -> Result<(), HostError> {
    match how {
        0 => Err(HostError::Pending),
        1 => Err(HostError::Exit(3)),
        _ => Err(Trap::Host(2).into()),
    }
}

/// Answers for any row.
fn rows(caller: &mut Caller<'_, '_, Board>, slots: &mut Slots) -> Result<(), HostError> {
    let [low, high] = caller.slots(black_box(1));
    caller.data().sum = u64::from(low) | u64::from(high) << 32 | u64::from(caller.slot(slots.row()));
    caller.check(low, high)?;
    if !caller.has_called_back() {
        caller.data().sum = caller.reallocate_now(black_box(1), high)?.into();
        return Err(caller.reallocate(black_box(2), high));
    }
    slots.answer(black_box(1u32));
    Ok(())
}

const ROW: FuncType<'static> = FuncType { params: &[], results: &[ValType::I32] };

static TABLE: [HostFunc<Board>; 4] = [
    HostFunc::row("env", "row", ROW, 1, rows),
    HostFunc::wrap("env", "all_of_a_caller", all_of_a_caller),
    HostFunc::wrap("env", "ten", ten),
    HostFunc::wrap("env", "fails", fails),
];

/// Calls them all.
#[inline(never)]
pub(crate) fn every_function<'a>(store: &mut Store<'a>, module: &Module<'a>) {
    let tables = [TABLE.as_slice()];
    let linker = Linker::new(black_box(&tables));
    let mut board = Board { sum: black_box(0) };
    black_box(linker.function(black_box(1)).map(|function| function.name));
    for import in module.imports() {
        black_box(linker.resolve(&import, store));
    }
    let Ok(instance) = linker.instantiate(store, module, &mut board) else { return };
    black_box(linker.start(store, instance, &mut board).is_ok());
    call::<(), ()>(store, &linker, &mut board, instance, ());
    call::<(i32, u64, f32), f64>(store, &linker, &mut board, instance, black_box((1, 2, 3.0)));
    call::<u32, i64>(store, &linker, &mut board, instance, black_box(1));
    let _ = black_box(<i32 as GuestValue>::from_bits(GuestValue::to_bits(black_box(5u32))));
}

#[inline(never)]
fn call<P: Values, R: Values>(
    store: &mut Store<'_>,
    linker: &Linker<'_, Board>,
    board: &mut Board,
    instance: wasmote::Instance,
    params: P,
) {
    let Ok(function) = store.typed_func::<P, R>(instance, black_box("name")) else { return };
    black_box(function.call(store, linker, board, params).is_ok());
    let Ok(thread) = store.spawn(function.func(), &[]) else { return };
    if let Run::HostCall(call) = linker.run(store, thread, board, black_box(100)) {
        let call: HostCall = black_box(call);
        black_box(linker.answer(store, thread, board, call));
    }
    store.end(thread);
}

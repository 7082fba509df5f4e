//! The other implementations: `wasmparser` says what is valid, `wasmi` says what happens.

use std::thread;

use fastrand::Rng;
use wasmi::errors::ErrorKind;
use wasmi::{
    Config, Engine, Error, Extern, ExternRef, ExternType, Func, Instance, Linker, Module, Nullable, Ref, Store,
    TrapCode,
};
use wasmote::{Trap, Val};
use wasmparser::{Validator, WasmFeatures};

use super::trace::{End, Plan, Seen, Step, Trace, digest, digest_of};

/// Fuel for the instantiation and for each call.
const FUEL: u64 = 300_000;
/// Bytes of native stack for `wasmi`: not all of its operations end in a jump, so what a guest consumes of it grows with the
/// fuel. Pages that are not touched cost nothing.
pub(super) const STACK: usize = 1 << 30;
/// Exported functions that are called.
const CALLS: usize = 24;

/// What `wasmparser` says, with the features of the core.
pub(super) fn validate(wasm: &[u8]) -> Result<(), String> {
    let features = WasmFeatures::WASM2
        .difference(WasmFeatures::SIMD)
        .union(WasmFeatures::TAIL_CALL)
        .union(WasmFeatures::EXTENDED_CONST)
        .union(WasmFeatures::MULTI_MEMORY)
        .union(WasmFeatures::CUSTOM_PAGE_SIZES);
    Validator::new_with_features(features).validate_all(wasm).map(|_| ()).map_err(|error| error.to_string())
}

/// Whether a refusal is for a limit of `wasmparser`'s own, not for a rule of the specification.
pub(super) fn is_limit(text: &str) -> bool {
    [
        "implementation limit",
        "exceeds limit",
        "count exceeds",
        "locals exceed maximum",
        "out of bounds of implementation",
    ]
    .iter()
    .any(|part| text.contains(part))
}

/// Runs a valid module on a thread of its own; `None` if `wasmi` cannot, or panics, which says nothing about the core.
pub(super) fn run_apart(wasm: &[u8], seed: u64) -> Option<(Plan, Trace)> {
    thread::scope(|scope| {
        thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || run(wasm, seed)).ok()?.join().ok()?
    })
}

/// Runs a valid module; `None` if `wasmi` cannot.
fn run(wasm: &[u8], seed: u64) -> Option<(Plan, Trace)> {
    let mut config = Config::default();
    config.consume_fuel(true).wasm_tail_call(true).wasm_extended_const(true).wasm_multi_memory(true);
    config.wasm_custom_page_sizes(true).wasm_memory64(false);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, wasm).ok()?;
    if module.imports().len() != 0 {
        return None;
    }
    let plan = plan(&module, seed)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(FUEL).ok()?;
    let mut trace = Trace::default();
    let instance = match Linker::new(&engine).instantiate_and_start(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) => {
            trace.steps.push(Step { end: end(&error), fuel: 0, state: Vec::new() });
            return Some((plan, trace));
        }
    };
    let state = state(&store, &instance, &plan)?;
    trace.steps.push(Step { end: End::Finished(Vec::new()), fuel: 0, state });
    for call in &plan.calls {
        let step = step(&mut store, &instance, &plan, call)?;
        let cut = matches!(step.end, End::OutOfFuel | End::Limit);
        trace.steps.push(step);
        if cut {
            break;
        }
    }
    Some((plan, trace))
}

fn step(store: &mut Store<()>, instance: &Instance, plan: &Plan, call: &(String, Vec<Val>, usize)) -> Option<Step> {
    let (name, arguments, results) = call;
    let func = instance.get_func(&*store, name)?;
    let inputs: Vec<wasmi::Val> = arguments.iter().map(|value| theirs(store, *value)).collect();
    let mut outputs = vec![wasmi::Val::I32(0); *results];
    store.set_fuel(FUEL).ok()?;
    let end = match func.call(&mut *store, &inputs, &mut outputs) {
        Ok(()) => End::Finished(outputs.iter().map(|value| seen(store, value)).collect()),
        Err(error) => end(&error),
    };
    let state = state(store, instance, plan)?;
    Some(Step { end, fuel: 0, state })
}

/// Which functions to call with what.
fn plan(module: &Module, seed: u64) -> Option<Plan> {
    let mut rng = Rng::with_seed(seed);
    let mut plan = Plan::default();
    for export in module.exports() {
        match export.ty() {
            ExternType::Func(ty) if plan.calls.len() < CALLS => {
                let arguments = ty.params().iter().map(|ty| argument(*ty, &mut rng)).collect::<Option<_>>()?;
                plan.calls.push((export.name().to_owned(), arguments, ty.results().len()));
            }
            ExternType::Func(_) => {}
            _ => plan.state.push(export.name().to_owned()),
        }
    }
    Some(plan)
}

fn argument(ty: wasmi::ValType, rng: &mut Rng) -> Option<Val> {
    let interesting =
        [0, 1, 2, 7, 31, 63, 0x7f, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX];
    let bits = match rng.u8(..3) {
        0 => rng.u64(..),
        1 => rng.u64(..300),
        _ => *rng.choice(&interesting)?,
    };
    let floats = [0.0, -0.0, 1.0, -1.5, 4e9, -3e18, 1e-310, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let float = *rng.choice(&floats)?;
    Some(match ty {
        wasmi::ValType::I32 => Val::I32(bits as i32),
        wasmi::ValType::I64 => Val::I64(bits as i64),
        wasmi::ValType::F32 => Val::F32((float as f32).to_bits()),
        wasmi::ValType::F64 => Val::F64(float.to_bits()),
        wasmi::ValType::FuncRef => Val::FuncRef(None),
        wasmi::ValType::ExternRef => Val::ExternRef((bits % 3 != 0).then_some(bits as u32 >> 1)),
        wasmi::ValType::V128 => return None,
    })
}

fn theirs(store: &mut Store<()>, value: Val) -> wasmi::Val {
    match value {
        Val::I32(value) => wasmi::Val::I32(value),
        Val::I64(value) => wasmi::Val::I64(value),
        Val::F32(bits) => wasmi::Val::F32(wasmi::F32::from_bits(bits)),
        Val::F64(bits) => wasmi::Val::F64(wasmi::F64::from_bits(bits)),
        Val::FuncRef(_) => wasmi::Val::FuncRef(Nullable::Null),
        Val::ExternRef(None) => wasmi::Val::ExternRef(Nullable::Null),
        Val::ExternRef(Some(number)) => wasmi::Val::ExternRef(Nullable::Val(ExternRef::new(store, number))),
    }
}

fn seen(store: &Store<()>, value: &wasmi::Val) -> Seen {
    match value {
        wasmi::Val::I32(value) => Seen::I32(*value as u32),
        wasmi::Val::I64(value) => Seen::I64(*value as u64),
        wasmi::Val::F32(value) => Seen::F32(value.to_bits()),
        wasmi::Val::F64(value) => Seen::F64(value.to_bits()),
        wasmi::Val::FuncRef(func) => seen_func(func),
        wasmi::Val::ExternRef(reference) => seen_extern(store, reference),
        wasmi::Val::V128(_) => Seen::Func(false),
    }
}

fn seen_func(func: &Nullable<Func>) -> Seen {
    Seen::Func(!func.is_null())
}

fn seen_extern(store: &Store<()>, reference: &Nullable<ExternRef>) -> Seen {
    Seen::Extern(reference.val().and_then(|reference| reference.data(store).downcast_ref::<u32>().copied()))
}

fn state(store: &Store<()>, instance: &Instance, plan: &Plan) -> Option<Vec<u64>> {
    let look = |name: &String| {
        Some(match instance.get_export(store, name)? {
            Extern::Global(global) => digest_of([seen(store, &global.get(store))].into_iter()),
            Extern::Memory(memory) => digest(memory.data(store)),
            Extern::Table(table) => {
                digest_of((0..table.size(store)).filter_map(|index| table.get(store, index)).map(|element| {
                    match &element {
                        Ref::Func(func) => seen_func(func),
                        Ref::Extern(reference) => seen_extern(store, reference),
                    }
                }))
            }
            Extern::Func(_) => 0,
        })
    };
    plan.state.iter().map(look).collect()
}

fn end(error: &Error) -> End {
    match error.as_trap_code() {
        Some(TrapCode::OutOfFuel) => End::OutOfFuel,
        Some(TrapCode::UnreachableCodeReached) => End::Trapped(Trap::Unreachable),
        Some(TrapCode::MemoryOutOfBounds) => End::Trapped(Trap::MemoryOutOfBounds),
        Some(TrapCode::TableOutOfBounds) => End::Trapped(Trap::TableOutOfBounds),
        Some(TrapCode::IndirectCallToNull) => End::Trapped(Trap::UninitializedElement),
        Some(TrapCode::IntegerDivisionByZero) => End::Trapped(Trap::IntegerDivideByZero),
        Some(TrapCode::IntegerOverflow) => End::Trapped(Trap::IntegerOverflow),
        Some(TrapCode::BadConversionToInteger) => End::Trapped(Trap::InvalidConversionToInteger),
        Some(TrapCode::BadSignature) => End::Trapped(Trap::IndirectCallTypeMismatch),
        Some(TrapCode::StackOverflow | TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory) => End::Limit,
        None => match error.kind() {
            ErrorKind::Memory(_) => End::Trapped(Trap::MemoryOutOfBounds),
            ErrorKind::Table(_) | ErrorKind::Instantiation(_) => End::Trapped(Trap::TableOutOfBounds),
            _ => End::Limit,
        },
    }
}

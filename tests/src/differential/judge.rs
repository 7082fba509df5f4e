//! `wasmtime` as the judge between the core and `wasmi`: the same plan of calls, compiled code.

use std::thread;
use std::time::Duration;

use wasmote::{Trap, Val};
use wasmtime::error::Context;
use wasmtime::{Config, Engine, Error, Extern, ExternRef, Instance, Linker, Module, Ref, Result, Rooted, Store, bail};

use super::nans::made_canonical;
use super::ours::{self, Buffers};
use super::reference::{self, STACK};
use super::trace::{End, Plan, Seen, Step, Trace, agreement, digest, digest_of};

/// How long a module may run. Fuel is no measure here: `wasmtime` charges an operation in bulk for what it is asked for, be it refused.
const TIME: Duration = Duration::from_secs(10);

/// Whether `wasmtime` gives the core's results as far as the step in which `wasmi` gives others.
///
/// # Errors
/// What it gives instead, or why it cannot tell.
pub fn judge(wasm: &[u8], seed: u64) -> Result<(), String> {
    let canonical = made_canonical(wasm)?;
    let (plan, theirs) = reference::run_apart(&canonical, seed).ok_or("wasmi does not run the module")?;
    let first = ours::settings().next().ok_or("there is no setting")?;
    let runs = ours::runs(wasm, &plan, &[first], &mut Buffers::new());
    let (_, ours) = runs.first().ok_or("the core does not run the module")?;
    // `wasmi` is not the same in each build: asked again, it may agree.
    let disputed = match agreement(ours, &theirs, &plan, false) {
        Ok(steps) => steps.saturating_sub(1),
        Err(difference) => difference.step,
    };
    let judged =
        run_apart(&canonical, &plan).map_err(|error| format!("wasmtime does not run the module: {error:?}"))?;
    match agreement(ours, &judged, &plan, false) {
        Ok(steps) if steps > disputed => Ok(()),
        Ok(steps) => Err(format!("wasmtime can be compared for {steps} steps only, and wasmi differs after them")),
        Err(difference) => Err(format!("differs from wasmtime too: {}", difference.text)),
    }
}

fn run_apart(wasm: &[u8], plan: &Plan) -> Result<Trace> {
    // Half of the stack is the guest's, the rest for what it calls.
    thread::scope(|scope| {
        let run = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || run(wasm, plan))?;
        run.join().unwrap_or_else(|_| bail!("it panics"))
    })
}

fn run(wasm: &[u8], plan: &Plan) -> Result<Trace> {
    let mut config = Config::new();
    config.epoch_interruption(true).max_wasm_stack(STACK / 2).async_stack_size(STACK);
    config.wasm_tail_call(true).wasm_extended_const(true).wasm_multi_memory(true).wasm_custom_page_sizes(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, wasm)?;
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    thread::spawn(move || {
        thread::sleep(TIME);
        engine.increment_epoch();
    });
    let instance = match Linker::new(store.engine()).instantiate(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) => return Ok(Trace { steps: vec![Step { end: end(&error), fuel: 0, state: Vec::new() }] }),
    };
    let state = state(&mut store, &instance, plan)?;
    let mut trace = Trace { steps: vec![Step { end: End::Finished(Vec::new()), fuel: 0, state }] };
    for call in &plan.calls {
        let step = step(&mut store, &instance, plan, call)?;
        let cut = matches!(step.end, End::OutOfFuel | End::Limit);
        trace.steps.push(step);
        if cut {
            break;
        }
    }
    Ok(trace)
}

fn step(store: &mut Store<()>, instance: &Instance, plan: &Plan, call: &(String, Vec<Val>, usize)) -> Result<Step> {
    let (name, arguments, results) = call;
    let func = instance.get_func(&mut *store, name).with_context(|| format!("no function {name:?}"))?;
    let inputs = arguments.iter().map(|value| theirs(store, *value)).collect::<Result<Vec<_>>>()?;
    let mut outputs = vec![wasmtime::Val::I32(0); *results];
    let end = match func.call(&mut *store, &inputs, &mut outputs) {
        Ok(()) => End::Finished(outputs.iter().map(|value| seen(store, value)).collect::<Result<_>>()?),
        Err(error) => end(&error),
    };
    let state = state(store, instance, plan)?;
    Ok(Step { end, fuel: 0, state })
}

fn theirs(store: &mut Store<()>, value: Val) -> Result<wasmtime::Val> {
    Ok(match value {
        Val::I32(value) => wasmtime::Val::I32(value),
        Val::I64(value) => wasmtime::Val::I64(value),
        Val::F32(bits) => wasmtime::Val::F32(bits),
        Val::F64(bits) => wasmtime::Val::F64(bits),
        Val::FuncRef(_) => wasmtime::Val::FuncRef(None),
        Val::ExternRef(None) => wasmtime::Val::ExternRef(None),
        Val::ExternRef(Some(number)) => wasmtime::Val::ExternRef(Some(ExternRef::new(store, number)?)),
    })
}

fn seen(store: &Store<()>, value: &wasmtime::Val) -> Result<Seen> {
    Ok(match value {
        wasmtime::Val::I32(value) => Seen::I32(*value as u32),
        wasmtime::Val::I64(value) => Seen::I64(*value as u64),
        wasmtime::Val::F32(bits) => Seen::F32(*bits),
        wasmtime::Val::F64(bits) => Seen::F64(*bits),
        wasmtime::Val::FuncRef(func) => Seen::Func(func.is_some()),
        wasmtime::Val::ExternRef(reference) => seen_extern(store, reference.as_ref())?,
        _ => bail!("a value of a proposal"),
    })
}

fn seen_extern(store: &Store<()>, reference: Option<&Rooted<ExternRef>>) -> Result<Seen> {
    let Some(reference) = reference else { return Ok(Seen::Extern(None)) };
    let data = reference.data(store)?.context("no data")?;
    Ok(Seen::Extern(Some(*data.downcast_ref::<u32>().context("not a number of ours")?)))
}

fn state(store: &mut Store<()>, instance: &Instance, plan: &Plan) -> Result<Vec<u64>> {
    plan.state.iter().map(|name| look(store, instance, name)).collect()
}

fn look(store: &mut Store<()>, instance: &Instance, name: &str) -> Result<u64> {
    Ok(match instance.get_export(&mut *store, name).context("no export")? {
        Extern::Global(global) => {
            let value = global.get(&mut *store);
            digest_of([seen(store, &value)?].into_iter())
        }
        Extern::Memory(memory) => digest(memory.data(&*store)),
        Extern::Table(table) => {
            let elements = (0..table.size(&*store)).map(|index| {
                match table.get(&mut *store, index).context("a table is shorter than its size")? {
                    Ref::Func(func) => Ok(Seen::Func(func.is_some())),
                    Ref::Extern(reference) => seen_extern(store, reference.as_ref()),
                    _ => bail!("an element of a proposal"),
                }
            });
            digest_of(elements.collect::<Result<Vec<_>>>()?.into_iter())
        }
        _ => bail!("an export of a proposal"),
    })
}

fn end(error: &Error) -> End {
    use wasmtime::Trap as Theirs;
    match error.downcast_ref::<Theirs>() {
        Some(Theirs::Interrupt) => End::OutOfFuel,
        Some(Theirs::UnreachableCodeReached) => End::Trapped(Trap::Unreachable),
        Some(Theirs::MemoryOutOfBounds) => End::Trapped(Trap::MemoryOutOfBounds),
        Some(Theirs::TableOutOfBounds) => End::Trapped(Trap::TableOutOfBounds),
        Some(Theirs::IndirectCallToNull) => End::Trapped(Trap::UninitializedElement),
        Some(Theirs::IntegerDivisionByZero) => End::Trapped(Trap::IntegerDivideByZero),
        Some(Theirs::IntegerOverflow) => End::Trapped(Trap::IntegerOverflow),
        Some(Theirs::BadConversionToInteger) => End::Trapped(Trap::InvalidConversionToInteger),
        Some(Theirs::BadSignature) => End::Trapped(Trap::IndirectCallTypeMismatch),
        _ => End::Limit,
    }
}

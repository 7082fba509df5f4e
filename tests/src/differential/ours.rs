//! The core under comparison: every dispatcher, with and without folding, at once and in slices of fuel.

use wasmote::{
    Config, Dispatch, Engine, ErrorKind, Extern, Func, Instance, LinkErrorKind, Module, Outcome, Phase, SpawnError,
    Store, Trap, Val,
};

use super::trace::{End, Plan, Seen, Step, Trace, digest, digest_of};

/// Fuel for the instantiation and for each call; a multiple of every slice.
const FUEL: u64 = 70_000;
/// Slices of fuel, the whole first.
const SLICES: [u64; 4] = [FUEL, 1, 7, 1000];
/// Bytes of all memories and elements of all tables beyond which a module is not run.
const MOST_BYTES: u64 = 4 << 20;
const MOST_ELEMENTS: u32 = 10_000;

/// The lent memory, reused from module to module with what is left in it.
pub(super) struct Buffers {
    code: Vec<u8>,
    arena: Vec<u8>,
}

impl Buffers {
    pub(super) fn new() -> Buffers {
        Buffers { code: vec![0xa5; 2 << 20], arena: vec![0xa5; 12 << 20] }
    }
}

/// How the core is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) folding: bool,
    dispatch: Dispatch,
    slice: u64,
}

/// Every way to run the core. Slices of all sizes go with each dispatcher and both kinds of code. What a fuzzer's sanitizer adds
/// to a function may leave it without tail calls, and the dispatcher that lives on them without a native stack.
pub(super) fn settings() -> impl Iterator<Item = Setting> {
    let dispatched = |folding, slice| {
        let ways = Dispatch::ALL.iter().filter(|&&dispatch| !(cfg!(fuzzing) && dispatch == Dispatch::TailCall));
        ways.map(move |dispatch| Setting { folding, dispatch: *dispatch, slice })
    };
    SLICES
        .into_iter()
        .flat_map(move |slice| [true, false].into_iter().flat_map(move |folding| dispatched(folding, slice)))
}

/// What the core says of a module.
pub(super) enum Verdict {
    /// Whether it is small enough to run in the buffers.
    Valid {
        is_small: bool,
    },
    Refused(String),
    /// A type in an encoding that came after WebAssembly 2.0.
    NewerType,
    Limit,
}

/// Validates and prepares a module.
pub(super) fn validate(wasm: &[u8], folding: bool, buffers: &mut Buffers) -> Verdict {
    let engine = Engine::new(Config { folding, ..Config::default() });
    match Module::new(&engine, wasm, &mut buffers.code) {
        Ok(module) => Verdict::Valid { is_small: is_small(&module) },
        Err(error) if error.kind.phase() == Phase::Limit => Verdict::Limit,
        Err(error) if error.kind == ErrorKind::Gc => Verdict::NewerType,
        Err(error) => Verdict::Refused(error.to_string()),
    }
}

fn is_small(module: &Module<'_>) -> bool {
    let pages = |memory: wasmote::MemoryType| memory.maximum.unwrap_or(u64::MAX);
    let bytes = module.memories().map(|memory| pages(memory).saturating_mul(1 << memory.page_size_log2));
    let elements = module.tables().map(|table| table.maximum.unwrap_or(u32::MAX));
    bytes.fold(0, u64::saturating_add) <= MOST_BYTES && elements.fold(0, u32::saturating_add) <= MOST_ELEMENTS
}

/// Runs a valid module in these settings, in which those with the same folding stand together: it is prepared once for them.
pub(super) fn runs(wasm: &[u8], plan: &Plan, settings: &[Setting], buffers: &mut Buffers) -> Vec<(Setting, Trace)> {
    let mut traces = Vec::new();
    for alike in settings.chunk_by(|one, next| one.folding == next.folding) {
        let folding = alike.first().is_none_or(|setting| setting.folding);
        let prepared = Module::new(&Engine::new(Config { folding, ..Config::default() }), wasm, &mut buffers.code);
        let module = match prepared {
            Ok(module) => module,
            Err(error) => panic!("refused when prepared again: {error}"),
        };
        traces.extend(alike.iter().map(|&setting| (setting, run(&module, plan, setting, &mut buffers.arena))));
    }
    traces
}

fn run(module: &Module<'_>, plan: &Plan, setting: Setting, arena: &mut [u8]) -> Trace {
    let engine = Engine::new(Config { folding: setting.folding, dispatch: setting.dispatch, ..Config::default() });
    let mut trace = Trace::default();
    let Ok(mut store) = Store::new(&engine, arena) else { return trace };
    let limit = |end| Step { end, fuel: 0, state: Vec::new() };
    let instance = match store.instantiate(module, &mut |_, _| None).map_err(|error| error.kind) {
        Ok(instance) => instance,
        Err(LinkErrorKind::Trap(trap)) => return Trace { steps: vec![limit(trapped(trap))] },
        Err(LinkErrorKind::OutOfMemory(_)) => return Trace { steps: vec![limit(End::Limit)] },
        Err(kind) => panic!("not instantiated: {kind:?}"),
    };
    let (end, fuel) = match store.start_func(instance) {
        Some(start) => call(&mut store, start, &[], setting.slice),
        None => (End::Finished(Vec::new()), 0),
    };
    let started = matches!(end, End::Finished(_));
    let state = state(&store, instance, plan);
    trace.steps.push(Step { end, fuel, state });
    for (name, arguments, _) in plan.calls.iter().take_while(|_| started) {
        let Some(func) = store.export(instance, name).and_then(Extern::func) else { panic!("no export {name:?}") };
        let (end, fuel) = call(&mut store, func, arguments, setting.slice);
        let cut = matches!(end, End::OutOfFuel | End::Limit);
        let state = self::state(&store, instance, plan);
        trace.steps.push(Step { end, fuel, state });
        if cut {
            break;
        }
    }
    trace
}

/// Calls a function in slices until it ends or the fuel does.
fn call(store: &mut Store<'_>, func: Func, arguments: &[Val], slice: u64) -> (End, u64) {
    let thread = match store.spawn(func, arguments) {
        Ok(thread) => thread,
        Err(SpawnError::OutOfMemory(_)) => return (End::Limit, 0),
        Err(error) => panic!("the call cannot begin: {error:?}"),
    };
    let mut end = End::OutOfFuel;
    for _ in 0..FUEL / slice {
        end = match store.resume(thread, slice) {
            Outcome::OutOfFuel => continue,
            Outcome::Trapped(trap) => trapped(trap),
            Outcome::Finished => {
                let mut results = vec![Val::I32(0); store.func_type(func).results.len()];
                store.results(thread, &mut results);
                End::Finished(results.into_iter().map(seen).collect())
            }
            Outcome::HostCall(call) => panic!("a host call without imports: {call:?}"),
        };
        break;
    }
    let fuel = store.fuel_consumed(thread);
    store.end(thread);
    (end, fuel)
}

fn trapped(trap: Trap) -> End {
    match trap {
        Trap::StackOverflow | Trap::OutOfMemory => End::Limit,
        // The other implementations have one trap for both.
        Trap::UndefinedElement => End::Trapped(Trap::TableOutOfBounds),
        trap => End::Trapped(trap),
    }
}

fn seen(value: Val) -> Seen {
    match value {
        Val::I32(value) => Seen::I32(value as u32),
        Val::I64(value) => Seen::I64(value as u64),
        Val::F32(bits) => Seen::F32(bits),
        Val::F64(bits) => Seen::F64(bits),
        Val::FuncRef(func) => Seen::Func(func.is_some()),
        Val::ExternRef(number) => Seen::Extern(number),
    }
}

fn state(store: &Store<'_>, instance: Instance, plan: &Plan) -> Vec<u64> {
    let look = |name: &String| match store.export(instance, name) {
        Some(Extern::Global(global)) => digest_of([seen(store.global_get(global))].into_iter()),
        Some(Extern::Table(table)) => {
            digest_of((0..store.table_size(table)).filter_map(|index| store.table_get(table, index)).map(seen))
        }
        Some(Extern::Memory(memory)) => {
            let mut bytes = vec![0; store.memory_size(memory) as usize];
            match store.read(memory, 0, &mut bytes) {
                Ok(()) => digest(&bytes),
                Err(trap) => panic!("a memory is shorter than its size: {trap}"),
            }
        }
        Some(Extern::Func(_)) | None => panic!("no export {name:?}"),
    };
    plan.state.iter().map(look).collect()
}

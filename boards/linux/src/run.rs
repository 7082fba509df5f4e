//! `wasmote run`: a module from its file to its exit code.

use crate::{
    cli::RunArgs,
    drive::{self, Ending, Outside, Tank},
    imports::{self, Imports},
    lend, link,
    live::Live,
    log::{Cause, End, How, Reader, Writer},
    message::{EXIT_OUT_OF_FUEL, EXIT_TRAP, Failure, Plain, tell},
    permit::Permit,
    prepare::{self, Lent},
    record::Recorder,
    replay::{self, Replayer},
    settings::Settings,
    source,
    stats::Stats,
    trace, values,
    world::{self, World},
};
use std::io::{self, Write};
use wasmote::{Extern, ExternType, Func, Instance, Module, Store, Val};

/// Runs the module that `args` name; the exit code.
pub(crate) fn run(args: &RunArgs) -> Result<u8, Failure> {
    let engine = prepare::engine(args.mode)?;
    let wasm = source::load(args.file())?;
    let permit = Permit::of(&args.board, args.file())?;
    let (settings, log) = match &args.replay {
        None => (Settings::of(args, permit.granted()), None),
        Some(path) => {
            let (log, header) = replay::open(path, args.file(), &wasm)?;
            (Settings::recorded(args, &header)?, Some(log))
        }
    };
    let code_len = prepare::code_len_bytes(args.budget, wasm.len());
    let mut code = Lent::new(code_len, "--code-memory")?;
    let mut scratch = Lent::new(prepare::scratch_len_bytes(wasm.len()), "backtraces")?;
    let mut arena = Lent::new(settings.memory_bytes as usize, "--memory")?;

    let mut stats = Stats::begin();
    let module = prepare::prepare(&engine, args.file(), &wasm, code.bytes())?;
    stats.prepared(&module);
    let mut store = link::store(&engine, arena.bytes())?;
    let instance = link::instantiate(&mut store, &module, args.file())?;
    let plan = plan(&store, &module, instance, &settings)?;
    stats.instantiated();
    let outside = outside(args, &settings, &wasm, &module, &mut store, permit, log)?;
    let mut guest = Guest { store, outside, tank: Tank { limit: settings.fuel, used: 0 }, scratch: scratch.bytes() };
    let code = guest.run(&plan, args.board.every_ns);
    if args.stats {
        stats.print(&guest.store, guest.tank.used);
    }
    code
}

/// What answers the host calls of this run.
fn outside(
    args: &RunArgs,
    settings: &Settings,
    wasm: &[u8],
    module: &Module<'_>,
    store: &mut Store<'_>,
    permit: Permit,
    log: Option<Reader>,
) -> Result<Box<dyn Outside>, Failure> {
    let imports = Imports::of(module);
    if let Some(log) = log {
        return Ok(Box::new(Replayer::new(log, imports)));
    }
    let needs_board = world::uses_hardware(module) || args.board.every_ns.is_some();
    let listeners = lend::permitted(&args.listeners, permit.granted());
    let mut world = World::new(args, &settings.args, permit, needs_board)?;
    world.listen(listeners)?;
    let live = Live::new(world);
    match &args.record {
        None => Ok(Box::new(live)),
        Some(path) => {
            let log = Writer::create(path, &settings.header(wasm))?;
            Ok(Box::new(Recorder::new(live, imports, log, store)))
        }
    }
}

/// The functions that a run calls, in order; the results of the last one are printed if it was asked for by name.
#[derive(Debug, Default)]
struct Plan {
    calls: Vec<(Func, Vec<Val>)>,
    prints: bool,
}

/// The start function; then `_start`; or, for a reactor, `_initialize` and what `--invoke` names.
fn plan(store: &Store<'_>, module: &Module<'_>, instance: Instance, settings: &Settings) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    plan.calls.extend(store.start_func(instance).map(|func| (func, Vec::new())));
    let entry = |name| match store.export(instance, name) {
        Some(Extern::Func(func)) => {
            let ty = store.func_type(func);
            (ty.params.is_empty() && ty.results.is_empty()).then_some((func, Vec::new()))
        }
        _ => None,
    };
    match (&settings.invoke, entry("_start")) {
        (None, Some(start)) => plan.calls.push(start),
        (None, None) => {
            plan.calls.extend(entry("_initialize"));
            if plan.calls.is_empty() {
                let names = invocable(module);
                tell(format_args!(
                    "wasmote: nothing was run: no `_start` is exported; {names} (options go before FILE)"
                ));
            }
        }
        (Some(name), _) => {
            plan.calls.extend(entry("_initialize"));
            plan.calls.push(invocation(store, module, instance, name, &settings.args)?);
            plan.prints = true;
        }
    }
    Ok(plan)
}

/// The function `name` and its arguments, read by its type.
fn invocation(
    store: &Store<'_>,
    module: &Module<'_>,
    instance: Instance,
    name: &str,
    args: &[String],
) -> Result<(Func, Vec<Val>), Failure> {
    let Some(Extern::Func(func)) = store.export(instance, name) else {
        return Err(Failure::usage(format!("no function `{}` is exported; {}", Plain(name), invocable(module))));
    };
    let ty = store.func_type(func);
    let signature = format!("`{}` is {}", Plain(name), crate::text::func(ty));
    if ty.params.len() != args.len() {
        let given = if args.len() == 1 { "argument was" } else { "arguments were" };
        return Err(Failure::usage(format!("{signature}: {} {given} given", args.len())));
    }
    let typed = ty.params.iter().zip(args).zip(1..);
    let values: Result<Vec<Val>, String> = typed
        .map(|((ty, text), number)| values::parse(*ty, text).map_err(|error| format!("argument {number}: {error}")))
        .collect();
    values.map(|values| (func, values)).map_err(|error| Failure::usage(format!("{signature}; {error}")))
}

/// What `--invoke` could name.
fn invocable(module: &Module<'_>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<String> = module
        .exports()
        .filter(|export| matches!(export.ty, ExternType::Func(_)))
        .map(|export| format!("`{}`", Plain(export.name)))
        .collect();
    match names.len() {
        0 => "it exports no function".into(),
        count if count > SHOWN => format!("--invoke can call {} and {} more", names[..SHOWN].join(", "), count - SHOWN),
        _ => format!("--invoke can call {}", names.join(", ")),
    }
}

/// An instance with all that its run needs.
struct Guest<'a, 's> {
    store: Store<'a>,
    outside: Box<dyn Outside>,
    tank: Tank,
    /// For backtraces.
    scratch: &'s mut [u8],
}

impl Guest<'_, '_> {
    /// Makes the calls of a plan until one does not return, and the last one again and again if `every_ns` says so; prints
    /// results or what happened. The exit code.
    fn run(&mut self, plan: &Plan, every_ns: Option<u64>) -> Result<u8, Failure> {
        let (mut ending, mut results) = (Ending::Finished, Vec::new());
        for (func, args) in &plan.calls {
            (ending, results) = self.call(*func, args)?;
            if ending != Ending::Finished {
                break;
            }
        }
        if let (Some(every_ns), Some((func, args))) = (every_ns, plan.calls.last()) {
            let mut at_ns = every_ns;
            while ending == Ending::Finished && self.outside.sleep_until(at_ns) {
                (ending, results) = self.call(*func, args)?;
                at_ns = at_ns.saturating_add(every_ns);
            }
        }
        let how = match ending {
            Ending::Finished => How::Finished,
            Ending::Exited(code) => How::Exited(code),
            Ending::Trapped(trap) => How::Trapped(Cause::of(trap)),
            Ending::OutOfFuel => How::OutOfFuel,
        };
        let bits = results.iter().map(|value| imports::bits(*value)).collect();
        self.outside.end(End { how, fuel_consumed: self.tank.used, results: bits })?;
        if plan.prints {
            print(&results)?;
        }
        Ok(match ending {
            Ending::Finished => 0,
            Ending::Exited(code) => u8::try_from(code).unwrap_or(u8::MAX),
            Ending::Trapped(_) => EXIT_TRAP,
            Ending::OutOfFuel => EXIT_OUT_OF_FUEL,
        })
    }

    /// Calls one function; a trap's backtrace and the place where fuel ran out are told at once, while the frames stand.
    fn call(&mut self, func: Func, args: &[Val]) -> Result<(Ending, Vec<Val>), Failure> {
        let thread = drive::spawn(&mut self.store, func, args)?;
        let ending = drive::drive(&mut self.store, thread, &mut *self.outside, &mut self.tank)?;
        let mut results = Vec::new();
        match ending {
            Ending::Finished => {
                results = vec![values::BLANK; self.store.func_type(func).results.len()];
                let count = self.store.results(thread, &mut results);
                results.truncate(count);
            }
            Ending::Trapped(trap) => {
                let frames = trace::frames(&self.store, thread, self.scratch);
                tell(format_args!("wasmote: {}", trace::describe(trap, &frames)));
            }
            Ending::OutOfFuel => {
                let frames = trace::frames(&self.store, thread, self.scratch);
                tell(format_args!("wasmote: {}", trace::describe_out_of_fuel(self.tank.limit, &frames)));
            }
            Ending::Exited(_) => {}
        }
        self.store.end(thread);
        Ok((ending, results))
    }
}

/// Results, one on a line.
fn print(results: &[Val]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let text: String = results.iter().map(|value| values::show(*value) + "\n").collect();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Failure::new(format!("cannot print the results: {error}")))
}

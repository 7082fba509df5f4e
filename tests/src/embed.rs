//! Guests of a few lines for the tests of the core: assembled from text, linked with one another and with four host functions, and
//! run in slices of fuel to their end, under every dispatcher, folded and unfolded.
//!
//! Promises: nothing of the guest's is lost between slices but what the core loses; a host function that fails for want of
//! memory fails the thread with the trap that the core gave, as an embedder would do it.

use wasmote::{
    Config, Dispatch, Engine, Extern, ExternType, Func, HostCall, Instance, LinkError, Module, Outcome, SpawnError,
    Store, Thread, Trap, Val,
};

/// The functions of the module `host`; a function's number is its place.
/// `twice`: `[i32] -> [i32]`, the double.
/// `alloc`: `[i32] -> [i32]`, what the caller's export `realloc` gives for the same argument.
/// `poke`: `[i32 i32] -> []`, stores the second argument at the address that the first is.
/// `nothing`: `[] -> []`.
const HOST: [&str; 4] = ["twice", "alloc", "poke", "nothing"];

/// Arguments that the host functions have at most.
const MAX_ARGUMENTS: usize = 2;

/// How a thread ended.
#[derive(Clone, PartialEq, Debug)]
pub enum End {
    /// With these results.
    Finished(Vec<Val>),
    /// With this trap.
    Trapped(Trap),
}

/// What a thread did.
#[derive(Clone, PartialEq, Debug)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// Fuel consumed.
    pub fuel: u64,
}

/// An engine for each dispatcher of this build, folded and unfolded.
pub fn engines() -> Vec<Engine> {
    let ways = Dispatch::ALL.iter().flat_map(|&dispatch| [(dispatch, true), (dispatch, false)]);
    ways.map(|(dispatch, folding)| Engine::new(Config { folding, dispatch, ..Config::default() })).collect()
}

/// A module from its text.
///
/// # Panics
/// If the text is no module.
pub fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Room for the prepared code and the scratch of a module.
pub fn code_memory(wasm: &[u8]) -> Vec<u8> {
    vec![0; wasm.len() * 16 + (64 << 10)]
}

/// Instantiates a module over the host functions and whatever `earlier` instances export under an import's second name. Its
/// start function is not run.
///
/// # Errors
/// Those of `Store::instantiate`; an import for which the arena has no room is `OutOfMemory`.
pub fn link<'a>(store: &mut Store<'a>, module: &Module<'a>, earlier: &[Instance]) -> Result<Instance, LinkError> {
    let mut lack = None;
    let made = store.instantiate(module, &mut |import, store| {
        if import.module != "host" {
            return earlier.iter().rev().find_map(|instance| store.export(*instance, import.name));
        }
        let ExternType::Func(ty) = import.ty else { return None };
        let id = HOST.iter().position(|name| *name == import.name)? as u32;
        store.host_func(id, ty).map(Extern::Func).map_err(|error| lack = Some(error)).ok()
    });
    match (made, lack) {
        (Err(_), Some(lack)) => Err(lack.into()),
        (made, _) => made,
    }
}

/// A store with these modules, each linked to the ones before, for a test that needs nothing special.
///
/// # Panics
/// If a module is refused or the arena of `arena_bytes` is too small.
pub fn with_store<R>(
    engine: &Engine,
    modules: &[&[u8]],
    arena_bytes: usize,
    test: impl FnOnce(&mut Store<'_>, &[Instance]) -> R,
) -> R {
    let mut codes: Vec<Vec<u8>> = modules.iter().map(|wasm| code_memory(wasm)).collect();
    let mut arena = vec![0; arena_bytes];
    let mut store = Store::new(engine, &mut arena).expect("the arena holds a store");
    let mut instances = Vec::new();
    for (wasm, code) in modules.iter().zip(&mut codes) {
        let module = Module::new(engine, wasm, code).unwrap_or_else(|error| panic!("{error}"));
        instances.push(link(&mut store, &module, &instances).unwrap_or_else(|error| panic!("{error}")));
    }
    test(&mut store, &instances)
}

/// The function that an instance exports under this name.
///
/// # Panics
/// If there is none.
pub fn exported(store: &Store<'_>, instance: Instance, name: &str) -> Func {
    store.export(instance, name).and_then(Extern::func).unwrap_or_else(|| panic!("no export {name}"))
}

/// Calls an export and runs it to its end in slices of this much fuel.
///
/// # Panics
/// If there is no such export or the thread cannot be made.
pub fn call(store: &mut Store<'_>, instance: Instance, name: &str, arguments: &[Val], slice: u64) -> Ran {
    let func = exported(store, instance, name);
    let thread = store.spawn(func, arguments).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let end = run(store, thread, &mut |_| slice);
    let fuel = store.fuel_consumed(thread);
    store.end(thread);
    Ran { end, fuel }
}

/// Runs a thread to its end, answering host calls; `next` gives each slice's fuel, and may do something to the store before.
pub fn run<'a>(store: &mut Store<'a>, thread: Thread, next: &mut dyn FnMut(&mut Store<'a>) -> u64) -> End {
    loop {
        let fuel = next(store);
        match store.resume(thread, fuel) {
            Outcome::Finished => return End::Finished(results(store, thread)),
            Outcome::Trapped(trap) => return End::Trapped(trap),
            Outcome::OutOfFuel => {}
            Outcome::HostCall(call) => answer(store, thread, call),
        }
    }
}

/// The results of a finished thread.
pub fn results(store: &Store<'_>, thread: Thread) -> Vec<Val> {
    let mut values = vec![Val::I32(0); store.results(thread, &mut [])];
    store.results(thread, &mut values);
    values
}

/// Answers a host call, or takes the next step to it.
///
/// # Panics
/// If a call back lacks memory without saying how much.
pub fn answer(store: &mut Store<'_>, thread: Thread, call: HostCall) {
    let mut arguments = [Val::I32(0); MAX_ARGUMENTS];
    store.host_args(thread, &mut arguments);
    let [Val::I32(first), Val::I32(second)] = arguments else { panic!("arguments of another type: {arguments:?}") };
    let caller = || call.instance.expect("a guest calls");
    match HOST.get(call.id as usize) {
        Some(&"twice") => store.answer(thread, &[Val::I32(first.wrapping_mul(2))]).expect("it waits"),
        Some(&"alloc") if call.called_back => {
            let mut result = [Val::I32(0)];
            assert_eq!(store.callback_results(thread, &mut result), 1);
            store.answer(thread, &result).expect("it waits");
        }
        Some(&"alloc") => {
            let realloc = exported(store, caller(), "realloc");
            match store.call_back(thread, realloc, &[Val::I32(first)]) {
                Ok(()) => {}
                Err(SpawnError::OutOfMemory(lack)) => {
                    assert_ne!(lack.missing_bytes, 0, "a call back lacks memory, but none is missing");
                    store.fail(thread, Trap::OutOfMemory);
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        Some(&"poke") => {
            let memory = store.memory_of(caller(), 0).expect("the caller has a memory");
            match store.write(memory, u64::from(first as u32), &second.to_le_bytes()) {
                Ok(()) => store.answer(thread, &[]).expect("it waits"),
                Err(trap) => store.fail(thread, trap),
            }
        }
        _ => store.answer(thread, &[]).expect("it waits"),
    }
}

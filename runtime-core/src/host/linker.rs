//! A linker: tables of host functions, and the loop that answers host calls from them.

use super::caller::Caller;
use super::func::{HostError, HostFunc, MAX_PARAMS, Slots};
use super::names::is_same;
use super::store::{HostCall, Outcome, SpawnError, Store};
use super::values::{Extern, Instance, Thread};
use crate::instance::LinkError;
use crate::isa::{FuncType, OutOfMemory, Trap};
use crate::prepare::{Import, Module};
use core::cell::Cell;

/// Tables of host functions over an embedder's data `T`. A function's number is its position in the tables taken together.
pub struct Linker<'l, T> {
    tables: &'l [&'l [HostFunc<T>]],
}

impl<T> Clone for Linker<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Linker<'_, T> {}

/// Why `Linker::run` returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Run {
    /// The function returned; its results can be read.
    Finished,
    /// The guest is at fault.
    Trapped(Trap),
    /// The fuel is used up.
    OutOfFuel,
    /// A host function has no answer yet; run the thread again later.
    Pending,
    /// The guest ended itself with this code.
    Exited(u32),
    /// A host function that is not in the tables is called: answer it.
    HostCall(HostCall),
}

/// Why a module could not be instantiated and started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstantiateError {
    /// Linking failed.
    Link(LinkError),
    /// The start function could not be called.
    Spawn(SpawnError),
    /// The start function did not finish.
    Start(Run),
}

#[cfg(feature = "prose")]
impl core::fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            InstantiateError::Link(error) => write!(f, "{error}"),
            InstantiateError::Spawn(error) => write!(f, "the start function cannot be called: {error:?}"),
            InstantiateError::Start(Run::Trapped(trap)) => write!(f, "the start function trapped: {trap}"),
            InstantiateError::Start(run) => write!(f, "the start function did not finish: {run:?}"),
        }
    }
}

impl<'l, T> Linker<'l, T> {
    /// A linker over these tables.
    pub const fn new(tables: &'l [&'l [HostFunc<T>]]) -> Linker<'l, T> {
        Linker { tables }
    }

    fn functions(&self) -> impl Iterator<Item = &'l HostFunc<T>> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    /// The function with this number.
    pub fn function(&self, id: u32) -> Option<&'l HostFunc<T>> {
        let mut left = id as usize;
        for table in self.tables {
            match left.checked_sub(table.len()) {
                Some(rest) => left = rest,
                None => return table.get(left),
            }
        }
        None
    }

    /// Looks up an import in the tables.
    pub fn resolve(&self, import: &Import<'_>, store: &mut Store<'_>) -> Option<Extern> {
        self.find(import, store)?.ok()
    }

    fn find(&self, import: &Import<'_>, store: &mut Store<'_>) -> Option<Result<Extern, OutOfMemory>> {
        // The very name first, so that a host can have several versions of an interface.
        let exact = (0..).zip(self.functions()).find(|(_, f)| f.module == import.module && f.name == import.name);
        let same = |f: &HostFunc<T>| is_same(import.module, import.name, f.module, f.name);
        let (id, found) = exact.or_else(|| (0..).zip(self.functions()).find(|(_, f)| same(f)))?;
        let ty = FuncType { params: found.params, results: found.results };
        Some(store.host_func(id, ty).map(Extern::Func))
    }

    /// Instantiates a module over the tables and runs its start function without a limit.
    ///
    /// # Errors
    /// If linking fails or the start function does not finish.
    pub fn instantiate<'a>(
        &self,
        store: &mut Store<'a>,
        module: &Module<'a>,
        data: &mut T,
    ) -> Result<Instance, InstantiateError> {
        // An import that is known but has no room in the arena is not an unknown import.
        let mut lack = None;
        let linked = store.instantiate(module, &mut |import, store| match self.find(import, store)? {
            Ok(found) => Some(found),
            Err(error) => {
                lack = Some(error);
                None
            }
        });
        let instance = match (linked, lack) {
            (Ok(instance), _) => instance,
            (Err(_), Some(lack)) => return Err(InstantiateError::Link(lack.into())),
            (Err(error), None) => return Err(InstantiateError::Link(error)),
        };
        self.start(store, instance, data)?;
        Ok(instance)
    }

    /// Runs the start function of an instance, if there is one.
    ///
    /// # Errors
    /// If it does not finish.
    pub fn start(&self, store: &mut Store<'_>, instance: Instance, data: &mut T) -> Result<(), InstantiateError> {
        let Some(start) = store.start_func(instance) else { return Ok(()) };
        let thread = store.spawn(start, &[]).map_err(InstantiateError::Spawn)?;
        let run = self.run(store, thread, data, u64::MAX);
        store.end(thread);
        if run == Run::Finished { Ok(()) } else { Err(InstantiateError::Start(run)) }
    }

    /// Runs a thread, answering host calls from the tables, until something else happens.
    pub fn run(&self, store: &mut Store<'_>, thread: Thread, data: &mut T, fuel: u64) -> Run {
        let limit = store.fuel_consumed(thread).saturating_add(fuel);
        loop {
            let left = if fuel == u64::MAX { u64::MAX } else { limit.saturating_sub(store.fuel_consumed(thread)) };
            match store.resume(thread, left) {
                Outcome::Finished => return Run::Finished,
                Outcome::Trapped(trap) => return Run::Trapped(trap),
                Outcome::OutOfFuel => return Run::OutOfFuel,
                Outcome::HostCall(call) => {
                    if let Some(run) = self.answer(store, thread, data, call) {
                        return run;
                    }
                }
            }
        }
    }

    /// Calls the host function that a thread waits for; `None` if the thread can go on.
    pub fn answer(&self, store: &mut Store<'_>, thread: Thread, data: &mut T, call: HostCall) -> Option<Run> {
        let Some(function) = self.function(call.id) else { return Some(Run::HostCall(call)) };
        let mut slots = Slots::new(function.row);
        store.host_bits(thread, function.params, &mut slots.arguments);
        debug_assert!(function.params.len() <= MAX_PARAMS);
        let mut caller = Caller {
            store,
            data,
            instance: call.instance,
            thread,
            called_back: call.called_back,
            memory: Cell::new(None),
        };
        match (function.call)(&mut caller, &mut slots) {
            Ok(()) => {
                // Rows choose their results at run time, and another linker may have resolved the import: a result that
                // does not fit leaves the call as unanswered as before.
                if store.answer_one(thread, slots.result) { None } else { Some(Run::HostCall(call)) }
            }
            Err(HostError::Trap(trap)) => {
                store.fail(thread, trap);
                Some(Run::Trapped(trap))
            }
            Err(HostError::Exit(code)) => Some(Run::Exited(code)),
            // Evidence of an earlier request starts nothing: the call is as unanswered as before.
            Err(HostError::CallBack(_)) => store.waits(thread).then_some(Run::Pending),
            Err(HostError::Pending) => Some(Run::Pending),
        }
    }
}

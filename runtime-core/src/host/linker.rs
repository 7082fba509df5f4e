//! A linker: tables of host functions, and the loop that answers host calls from them.

use super::caller::Caller;
use super::func::{HostError, HostFunc, Slots};
use super::names::is_same;
use super::store::{HostCall, SpawnError, Store};
use super::values::Thread;
use crate::instance::{Extern, Instance, LinkError};
use crate::isa::{FuncType, OutOfMemory, Trap};
use crate::prepare::{Import, Module};
use crate::raw::Exit;
use crate::run::Open;

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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InstantiateError {
    /// Linking failed.
    Link(LinkError),
    /// The start function could not be called.
    Spawn(SpawnError),
    /// The start function did not finish.
    Start(#[cfg_attr(feature = "defmt", defmt(Debug2Format))] Run),
}

impl<'l, T> Linker<'l, T> {
    /// A linker over these tables.
    pub const fn new(tables: &'l [&'l [HostFunc<T>]]) -> Linker<'l, T> {
        Linker { tables }
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
        let (mut found, mut id) = (None, 0);
        'all: for table in self.tables {
            for function in *table {
                if function.module == import.module && function.name == import.name {
                    found = Some((id, function));
                    break 'all;
                }
                if found.is_none() && is_same(import.module, import.name, function.module, function.name) {
                    found = Some((id, function));
                }
                id += 1;
            }
        }
        let (id, found) = found?;
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
        let store = Settling(store);
        loop {
            let left = limit.saturating_sub(store.0.fuel_consumed(thread));
            let mut exit = store.0.begin(thread, left);
            while exit == Exit::HostCall {
                let (id, called_back, arguments) = match store.0.open() {
                    Open::No => store.0.saved_call(thread),
                    _ => store.0.open_call(),
                };
                if let Some(run) = self.serve(store.0, thread, data, id, called_back, arguments) {
                    return run;
                }
                if store.0.open() == Open::No {
                    break;
                }
                exit = store.0.go_on();
            }
            match exit {
                Exit::Finished => return Run::Finished,
                Exit::Trapped(trap) => return Run::Trapped(trap),
                Exit::OutOfFuel => return Run::OutOfFuel,
                Exit::HostCall => {}
            }
        }
    }

    /// Calls the host function that a thread waits for; `None` if the thread can go on.
    pub fn answer(&self, store: &mut Store<'_>, thread: Thread, data: &mut T, call: HostCall) -> Option<Run> {
        let arguments = store.arguments_at(thread);
        self.serve(store, thread, data, call.id, call.called_back, arguments)
    }

    /// The same for a host call that may be open.
    #[inline(always)]
    fn serve(
        &self,
        store: &mut Store<'_>,
        thread: Thread,
        data: &mut T,
        id: u32,
        called_back: bool,
        arguments: u32,
    ) -> Option<Run> {
        let Some(function) = self.function(id) else { return Some(Run::HostCall(store.host_call(thread))) };
        let mut slots = Slots::new(function.row);
        let mut caller = Caller { store, data, thread, called_back, arguments: Some(arguments) };
        match (function.call)(&mut caller, &mut slots) {
            Ok(()) => {
                // Rows choose their results at run time, and another linker may have resolved the import: a result that
                // does not fit leaves the call as unanswered as before.
                if store.answer_one(thread, slots.result) {
                    return None;
                }
                Some(Run::HostCall(store.host_call(thread)))
            }
            Err(HostError::Trap(trap)) => {
                store.settle();
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

/// A store in which a host call may be open, and no longer is when this is dropped, also by a host function that panics.
struct Settling<'s, 'a>(&'s mut Store<'a>);

impl Drop for Settling<'_, '_> {
    fn drop(&mut self) {
        self.0.settle();
    }
}

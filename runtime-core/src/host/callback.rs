//! Callbacks from host functions: how one that needs guest memory has the guest's own `cabi_realloc` run first.
//!
//! The machine never calls out and a host function never calls in: it *asks*, returns, and is entered again, with the same
//! arguments, when the guest's function has returned. So it must ask before it touches the outside world.
//!
//! ```
//! use wasmote::{Caller, HostError, HostFunc};
//!
//! fn read(caller: &mut Caller<'_, '_, ()>, len: u32) -> Result<u32, HostError> {
//!     let Some(pointer) = caller.callback_result::<u32>()? else {
//!         return Err(caller.call_back::<_, u32>("cabi_realloc", (0u32, 0u32, 1u32, len)));
//!     };
//!     caller.slice_mut(pointer, len)?.fill(7);
//!     Ok(pointer)
//! }
//! static TABLE: [HostFunc<()>; 1] = [HostFunc::wrap("bus", "read", read)];
//! # assert_eq!(TABLE[0].results.len(), 1);
//! ```
//!
//! A function that needs several asks again each time it is entered; only the last callback's results can be read, so it keeps
//! the earlier ones, and how many there were, in the embedder's data.

use super::caller::Caller;
use super::func::HostError;
use super::store::SpawnError;
use super::typed::{MAX_VALUES, Values};
use super::values::{Extern, Val};
use crate::isa::Trap;

/// Evidence that a callback was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Requested(());

impl<T> Caller<'_, '_, T> {
    /// Asks for a call of a function that the calling instance exports, on the calling thread and its fuel; return what this
    /// gives as the host function's error. It is `HostError::CallBack` if the callback will run.
    ///
    /// Otherwise it is a trap: `UndefinedElement` without such an export, `IndirectCallTypeMismatch` if its type is not that of
    /// `P` and `R`, `OutOfMemory` if the frame has no room, `ReentrantImport` if the thread cannot call back. A trap inside
    /// of the callback ends the thread; calls of imports there are the trap `ReentrantImport`.
    pub fn call_back<P: Values, R: Values>(&mut self, export: &str, params: P) -> HostError {
        match self.request::<P, R>(export, params) {
            Ok(()) => HostError::CallBack(Requested(())),
            Err(trap) => HostError::Trap(trap),
        }
    }

    fn request<P: Values, R: Values>(&mut self, export: &str, params: P) -> Result<(), Trap> {
        let found = self.instance.and_then(|instance| self.store.export(instance, export));
        let func = found.and_then(Extern::func).ok_or(Trap::UndefinedElement)?;
        let ty = self.store.func_type(func);
        if ty.params != P::TYPES || ty.results != R::TYPES {
            return Err(Trap::IndirectCallTypeMismatch);
        }
        let mut values = [Val::I32(0); MAX_VALUES];
        params.write(&mut values);
        let arguments = values.get(..P::TYPES.len()).unwrap_or(&[]);
        self.store.call_back(self.thread, func, arguments).map_err(|error| match error {
            SpawnError::OutOfMemory(_) => Trap::OutOfMemory,
            SpawnError::NotWaiting => Trap::ReentrantImport,
            SpawnError::TypeMismatch | SpawnError::UnknownFunction => Trap::IndirectCallTypeMismatch,
        })
    }

    /// The results of the callback that has just returned; `None` when the host function is entered for the first time.
    /// They are the guest's claim: a pointer among them is checked only when it is used.
    ///
    /// # Errors
    /// `IndirectCallTypeMismatch` if there are not as many results as `R` has.
    pub fn callback_result<R: Values>(&self) -> Result<Option<R>, Trap> {
        if !self.called_back {
            return Ok(None);
        }
        let mut values = [Val::I32(0); MAX_VALUES];
        if self.store.callback_results(self.thread, &mut values) != R::TYPES.len() {
            return Err(Trap::IndirectCallTypeMismatch);
        }
        Ok(Some(R::read(&values)))
    }
}

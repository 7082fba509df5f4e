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
use super::store::{CallBackError, SpawnError, Wanted};
use super::typed::Values;
use crate::isa::{Trap, ValType};

/// Names under which guests export the canonical ABI's allocator, `(old pointer, old length, alignment, length) -> pointer`:
/// the usual one, and that of the draft naming.
const REALLOC: [&str; 2] = ["cabi_realloc", "cm32p2_realloc"];

/// Evidence that a callback was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Requested(());

/// What came of asking.
fn asked(outcome: Result<(), CallBackError>) -> HostError {
    HostError::Trap(match outcome {
        Ok(()) => return HostError::CallBack(Requested(())),
        Err(CallBackError::NoExport) => Trap::UndefinedElement,
        Err(CallBackError::Spawn(SpawnError::OutOfMemory(_))) => Trap::OutOfMemory,
        Err(CallBackError::Spawn(SpawnError::NotWaiting)) => Trap::ReentrantImport,
        Err(CallBackError::OtherType | CallBackError::Spawn(_)) => Trap::IndirectCallTypeMismatch,
    })
}

impl<T> Caller<'_, '_, T> {
    /// Asks for a call of a function that the calling instance exports, on the calling thread and its fuel; return what this
    /// gives as the host function's error. It is `HostError::CallBack` if the callback will run.
    ///
    /// Otherwise it is a trap: `UndefinedElement` without such an export, `IndirectCallTypeMismatch` if its type is not that of
    /// `P` and `R`, `OutOfMemory` if the frame has no room, `ReentrantImport` if the thread cannot call back. A trap inside
    /// of the callback ends the thread; calls of imports there are the trap `ReentrantImport`.
    pub fn call_back<P: Values, R: Values>(&mut self, export: &'static str, params: P) -> HostError {
        let wanted = Wanted { name: export, params: P::TYPES, results: R::TYPES };
        asked(params.with_slots(|slots| self.store.call_back_export(self.thread, wanted, slots)))
    }

    /// Asks the calling instance's allocator, as the canonical ABI names it, for so many bytes; [`callback_result`] gives where they
    /// are. The same as `call_back`, and quicker, since a store remembers where it found an allocator.
    ///
    /// [`callback_result`]: Caller::callback_result
    pub fn reallocate(&mut self, align: u32, len: u32) -> HostError {
        let words = [0, 0, align, len];
        if let Some(outcome) = self.store.call_allocator(&words) {
            return asked(outcome.map_err(CallBackError::Spawn));
        }
        let mut outcome = Err(CallBackError::NoExport);
        for name in REALLOC {
            let wanted = Wanted { name, params: &[ValType::I32; 4], results: &[ValType::I32] };
            outcome = self.store.call_back_export(self.thread, wanted, &words);
            if !matches!(outcome, Err(CallBackError::NoExport | CallBackError::OtherType)) {
                break;
            }
        }
        if outcome.is_ok() {
            self.store.note_allocator();
        }
        asked(outcome)
    }

    /// The same, and if the allocator returns at once, with the fuel that is left, what it gave: then the host function goes on and
    /// is not entered again. So it must not depend on what it read of guest memory before, or it would give something else
    /// when the fuel is cut in other slices.
    ///
    /// # Errors
    /// What the host function is to return.
    pub fn reallocate_now(&mut self, align: u32, len: u32) -> Result<u32, HostError> {
        let ran = match self.store.call_allocator(&[0, 0, align, len]) {
            Some(Ok(())) => HostError::CallBack(Requested(())),
            Some(outcome) => asked(outcome.map_err(CallBackError::Spawn)),
            None => self.reallocate(align, len),
        };
        let HostError::CallBack(_) = ran else { return Err(ran) };
        match self.store.finish_callback() {
            Some(at) => {
                // The stack may have grown.
                self.arguments = Some(self.store.arguments_at(self.thread));
                Ok(at)
            }
            None => Err(ran),
        }
    }

    /// The results of the callback that has just returned; `None` when the host function is entered for the first time.
    /// They are the guest's claim: a pointer among them is checked only when it is used.
    ///
    /// # Errors
    /// `IndirectCallTypeMismatch` if the results are not of the types of `R`.
    pub fn callback_result<R: Values>(&self) -> Result<Option<R>, Trap> {
        if !self.called_back {
            return Ok(None);
        }
        if !self.store.has_returned(self.thread, R::TYPES) {
            return Err(Trap::IndirectCallTypeMismatch);
        }
        Ok(Some(R::from_slots(|n| self.store.returned_slot(self.thread, n))))
    }
}

//! Host functions: plain Rust functions in static tables.
//!
//! ```
//! use wasmote::{Caller, HostError, HostFunc};
//!
//! fn double(_: &mut Caller<'_, '_, ()>, value: i32) -> Result<i32, HostError> {
//!     Ok(value.wrapping_mul(2))
//! }
//!
//! static TABLE: [HostFunc<()>; 1] = [HostFunc::wrap("env", "double", double)];
//! assert_eq!(TABLE[0].params.len(), 1);
//! ```

use super::callback::Requested;
use super::caller::Caller;
use super::values::GuestValue;
use crate::instance::Val;
use crate::isa::{FuncType, Trap, ValType};
use crate::raw;

/// Why a host function does not give results.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostError {
    /// The guest is at fault, or the host refuses.
    Trap(Trap),
    /// The guest wants to end, with this code.
    Exit(u32),
    /// Not yet: the machine pauses, and the function is called again with the same arguments when the thread is run next.
    Pending,
    /// `Caller::call_back` was asked for a callback, and gave this: the function is called again when that has returned.
    CallBack(Requested),
}

impl From<Trap> for HostError {
    fn from(trap: Trap) -> HostError {
        HostError::Trap(trap)
    }
}

/// What is called, and the result on the way out; the arguments are the [`Caller`]'s.
pub struct Slots {
    pub(super) result: Option<Val>,
    pub(super) row: u32,
}

impl Slots {
    pub(super) fn new(row: u32) -> Slots {
        Slots { result: None, row }
    }

    /// The row of the function that is called; see [`HostFunc::row`].
    pub fn row(&self) -> u32 {
        self.row
    }

    /// Puts the result of a function that has one.
    pub fn answer<V: GuestValue>(&mut self, value: V) {
        self.result = value.into_val();
    }
}

/// The slot in which parameter `n` begins.
pub(super) const fn slot_of(params: &[ValType], n: usize) -> u32 {
    let (mut slot, mut before) = (0, 0);
    while before < n {
        slot += params[before].slots();
        before += 1;
    }
    slot
}

/// A host function in a table: its two names, its type and its code.
pub struct HostFunc<T> {
    /// First name.
    pub module: &'static str,
    /// Second name.
    pub name: &'static str,
    /// Types of its parameters.
    pub params: &'static [ValType],
    /// Types of its results, none or one.
    pub results: &'static [ValType],
    pub(super) call: fn(&mut Caller<'_, '_, T>, &mut Slots) -> Result<(), HostError>,
    pub(super) row: u32,
}

impl<T> Clone for HostFunc<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for HostFunc<T> {}

impl<T> HostFunc<T> {
    /// Wraps a function `fn(&mut Caller<T>, ...) -> Result<R, HostError>`; the type follows from its signature.
    pub const fn wrap<P, R, F: IntoHost<T, P, R>>(
        module: &'static str,
        name: &'static str,
        function: F,
    ) -> HostFunc<T> {
        let _ = function;
        HostFunc { module, name, params: F::PARAMS, results: F::RESULTS, call: F::call, row: 0 }
    }

    /// One of many functions that share their code: it finds the arguments by [`Caller::slot`], and by `row` which one it is. What
    /// it answers must be of the type of the result in `ty`, or the call is not answered.
    pub const fn row(
        module: &'static str,
        name: &'static str,
        ty: FuncType<'static>,
        row: u32,
        call: fn(&mut Caller<'_, '_, T>, &mut Slots) -> Result<(), HostError>,
    ) -> HostFunc<T> {
        HostFunc { module, name, params: ty.params, results: ty.results, call, row }
    }
}

/// Functions that can be wrapped.
pub trait IntoHost<T, P, R>: Copy {
    /// Types of the parameters.
    const PARAMS: &'static [ValType];
    /// Types of the results.
    const RESULTS: &'static [ValType];
    /// Calls the function with the arguments in `slots`, and puts the result there.
    ///
    /// # Errors
    /// Those of the function.
    fn call(caller: &mut Caller<'_, '_, T>, slots: &mut Slots) -> Result<(), HostError>;
}

/// What a host function may give.
pub trait HostResult {
    /// Types of the results.
    const TYPES: &'static [ValType];
    /// The result as a value.
    fn into_val(self) -> Option<Val>;
}

impl HostResult for () {
    const TYPES: &'static [ValType] = &[];
    fn into_val(self) -> Option<Val> {
        None
    }
}

impl<V: GuestValue> HostResult for V {
    const TYPES: &'static [ValType] = &[V::TYPE];
    fn into_val(self) -> Option<Val> {
        Some(Val::from_bits(V::TYPE, self.to_bits()))
    }
}

macro_rules! into_host {
    ($($p:ident $n:tt),*) => {
        impl<T, R, F, $($p,)*> IntoHost<T, ($($p,)*), R> for F
        where
            F: Fn(&mut Caller<'_, '_, T>, $($p),*) -> Result<R, HostError> + Copy,
            R: HostResult,
            $($p: GuestValue,)*
        {
            const PARAMS: &'static [ValType] = &[$($p::TYPE),*];
            const RESULTS: &'static [ValType] = R::TYPES;

            // Without parameters the tuple is empty.
            #[allow(unused_variables)]
            fn call(caller: &mut Caller<'_, '_, T>, slots: &mut Slots) -> Result<(), HostError> {
                let function: F = raw::conjure();
                let arguments = ($(caller.argument::<$p>(const { slot_of(Self::PARAMS, $n) }),)*);
                slots.result = function(caller, $(arguments.$n),*)?.into_val();
                Ok(())
            }
        }
    };
}
into_host!();
into_host!(A 0);
into_host!(A 0, B 1);
into_host!(A 0, B 1, C 2);
into_host!(A 0, B 1, C 2, D 3);
into_host!(A 0, B 1, C 2, D 3, E 4);
into_host!(A 0, B 1, C 2, D 3, E 4, G 5);
into_host!(A 0, B 1, C 2, D 3, E 4, G 5, H 6);
into_host!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7);
into_host!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8);
into_host!(A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7, J 8, K 9);

//! Calls with Rust types.

use super::linker::{Linker, Run};
use super::store::{SpawnError, Store};
use super::values::{Extern, Func, GuestValue, Instance, Val};
use crate::isa::ValType;
use core::marker::PhantomData;

/// Values that one tuple carries.
pub(super) const MAX_VALUES: usize = 8;

/// A tuple of values, as parameters or results.
pub trait Values: Sized {
    /// Their types.
    const TYPES: &'static [ValType];
    /// Writes them as values.
    fn write(self, out: &mut [Val]);
    /// Reads them back.
    fn read(values: &[Val]) -> Self;
}

macro_rules! values {
    ($($v:ident $n:tt),*) => {
        impl<$($v: GuestValue),*> Values for ($($v,)*) {
            const TYPES: &'static [ValType] = &[$($v::TYPE),*];
            #[allow(unused_variables)]
            fn write(self, out: &mut [Val]) {
                $(if let Some(slot) = out.get_mut($n) { *slot = Val::from_bits($v::TYPE, self.$n.to_bits()); })*
            }
            // No values make the unit, which clippy would rather not see spelled by a macro.
            #[allow(unused_variables, clippy::unused_unit)]
            fn read(values: &[Val]) -> Self {
                ($($v::from_bits(values.get($n).map_or(0, Val::bits)),)*)
            }
        }
    };
}
values!();
values!(A 0);
values!(A 0, B 1);
values!(A 0, B 1, C 2);
values!(A 0, B 1, C 2, D 3);
values!(A 0, B 1, C 2, D 3, E 4);
values!(A 0, B 1, C 2, D 3, E 4, F 5);

impl<V: GuestValue> Values for V {
    const TYPES: &'static [ValType] = &[V::TYPE];
    fn write(self, out: &mut [Val]) {
        (self,).write(out);
    }
    fn read(values: &[Val]) -> V {
        <(V,)>::read(values).0
    }
}

/// A function whose type has been compared with `P` and `R`.
pub struct TypedFunc<P, R> {
    func: Func,
    types: PhantomData<fn(P) -> R>,
}

impl<P, R> Clone for TypedFunc<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P, R> Copy for TypedFunc<P, R> {}

/// Why a call gave no results.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallError {
    /// There is no such function, or it has another type.
    NoSuchFunction,
    /// The thread could not be made.
    Spawn(SpawnError),
    /// The function did not finish.
    Run(Run),
}

#[cfg(feature = "prose")]
impl core::fmt::Display for CallError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            CallError::NoSuchFunction => f.write_str("no function of this name and type"),
            CallError::Spawn(error) => write!(f, "the call cannot begin: {error:?}"),
            CallError::Run(Run::Trapped(trap)) => write!(f, "trap: {trap}"),
            CallError::Run(run) => write!(f, "the call did not finish: {run:?}"),
        }
    }
}

#[cfg(feature = "prose")]
impl core::error::Error for CallError {}

impl Store<'_> {
    /// An exported function, if it has the type of `P` and `R`.
    ///
    /// # Errors
    /// `NoSuchFunction`.
    pub fn typed_func<P: Values, R: Values>(
        &self,
        instance: Instance,
        name: &str,
    ) -> Result<TypedFunc<P, R>, CallError> {
        match self.export(instance, name) {
            Some(Extern::Func(func)) => {
                let ty = self.func_type(func);
                let fits = ty.params == P::TYPES && ty.results == R::TYPES;
                fits.then_some(TypedFunc { func, types: PhantomData }).ok_or(CallError::NoSuchFunction)
            }
            _ => Err(CallError::NoSuchFunction),
        }
    }
}

impl<P: Values, R: Values> TypedFunc<P, R> {
    /// The function.
    pub fn func(&self) -> Func {
        self.func
    }

    /// Calls the function and runs it to its end without a limit of fuel.
    ///
    /// # Errors
    /// Whatever keeps it from finishing.
    pub fn call<T>(
        &self,
        store: &mut Store<'_>,
        linker: &Linker<'_, T>,
        data: &mut T,
        params: P,
    ) -> Result<R, CallError> {
        let mut values = [Val::I32(0); MAX_VALUES];
        params.write(&mut values);
        let arguments = values.get(..P::TYPES.len()).unwrap_or(&[]);
        let thread = store.spawn(self.func, arguments).map_err(CallError::Spawn)?;
        let run = linker.run(store, thread, data, u64::MAX);
        let mut results = [Val::I32(0); MAX_VALUES];
        store.results(thread, &mut results);
        store.end(thread);
        if run == Run::Finished { Ok(R::read(&results)) } else { Err(CallError::Run(run)) }
    }
}

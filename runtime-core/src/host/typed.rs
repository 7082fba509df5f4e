//! Calls with Rust types.

use super::func::slot_of;
use super::linker::{Linker, Run};
use super::store::{SpawnError, Store};
use super::values::GuestValue;
use crate::instance::{Extern, Func, Instance, Val};
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
    /// Lends them as slots of 32 bits.
    fn with_slots<T>(self, then: impl FnOnce(&[u32]) -> T) -> T;
    /// Takes them from slots.
    fn from_slots(slot: impl Fn(u32) -> u32) -> Self;
}

fn take_slots<V: GuestValue>(at: u32, slot: &impl Fn(u32) -> u32) -> V {
    let high = if V::TYPE.slots() == 2 { slot(at + 1) } else { 0 };
    V::from_bits(u64::from(slot(at)) | u64::from(high) << 32)
}

/// How many.
macro_rules! count {
    () => { 0 };
    ($n:tt $($rest:tt)*) => { 1 + count!($($rest)*) };
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
            #[allow(unused_mut)]
            fn with_slots<T>(self, then: impl FnOnce(&[u32]) -> T) -> T {
                let mut slots = [0; 2 * count!($($n)*)];
                $(
                    let bits = self.$n.to_bits();
                    slots[const { slot_of(Self::TYPES, $n) as usize }] = bits as u32;
                    if $v::TYPE.slots() == 2 {
                        slots[const { slot_of(Self::TYPES, $n) as usize + 1 }] = (bits >> 32) as u32;
                    }
                )*
                then(slots.get(..const { slot_of(Self::TYPES, Self::TYPES.len()) as usize }).unwrap_or(&[]))
            }
            #[allow(unused_variables, clippy::unused_unit)]
            fn from_slots(slot: impl Fn(u32) -> u32) -> Self {
                ($(take_slots::<$v>(const { slot_of(Self::TYPES, $n) }, &slot),)*)
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
    fn with_slots<T>(self, then: impl FnOnce(&[u32]) -> T) -> T {
        (self,).with_slots(then)
    }
    fn from_slots(slot: impl Fn(u32) -> u32) -> V {
        take_slots(0, &slot)
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

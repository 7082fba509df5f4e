//! Loads and stores in the window, each in the forms that the table gives it.

use super::memory::{Place, load_slowly, store_slowly};
use super::{Flow, Regs};
use crate::isa::ops::form;
use crate::raw::{Cell, Slot};

/// The Rust types of values in the frame, by the names of the table.
pub(super) mod frame {
    pub(crate) type I32 = u32;
    pub(crate) type I64 = u64;
    pub(crate) type F32 = f32;
    pub(crate) type F64 = f64;
}

/// A value and its bits.
pub(super) trait Bits: Slot {
    type Bits: Slot + From<bool>;
    fn of(bits: Self::Bits) -> Self;
    fn bits(self) -> Self::Bits;
}

macro_rules! bits {
    ($($ty:ty as $bits:ty: $of:expr, $to:expr;)*) => { $(
        impl Bits for $ty {
            type Bits = $bits;
            #[inline(always)]
            fn of(bits: $bits) -> $ty {
                $of(bits)
            }
            #[inline(always)]
            fn bits(self) -> $bits {
                $to(self)
            }
        }
    )* };
}
bits! {
    u32 as u32: u32::from, u32::from;
    u64 as u64: u64::from, u64::from;
    f32 as u32: f32::from_bits, f32::to_bits;
    f64 as u64: f64::from_bits, f64::to_bits;
}

#[inline(always)]
pub(super) fn load<C: Cell, T: Bits, const FORM: u16>(r: &mut Regs<'_, '_>, widen: impl Fn(C) -> T::Bits) -> Flow {
    let place = Place::of_load(FORM);
    let address = place.base(r);
    match r.load_cell::<C>(address, place.offset(r)) {
        Some(cell) => {
            let bits = widen(cell);
            T::of(bits).put(r);
            if place.result != 0 {
                r.set(usize::from(place.result), bits);
            }
            r.advance(usize::from(place.units));
            Flow::Next
        }
        None => Flow::Cold(load_slowly),
    }
}

#[inline(always)]
pub(super) fn store<C: Cell, T: Bits, const FORM: u16>(r: &mut Regs<'_, '_>, narrow: impl Fn(T::Bits) -> C) -> Flow {
    let place = Place::of_store(FORM);
    let address = place.base(r);
    let bits = match FORM {
        form::ZERO => T::Bits::from(false),
        form::VALUE | form::SUM_ACC => T::take(r).bits(),
        _ => r.get(usize::from(place.value)),
    };
    if r.store_cell(address, place.offset(r), narrow(bits)) {
        r.advance(usize::from(place.units));
        Flow::Next
    } else {
        Flow::Cold(store_slowly)
    }
}

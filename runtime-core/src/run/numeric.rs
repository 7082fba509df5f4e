//! Operators that take values and give a value, and branches on comparisons: shells around the meanings in `isa::num`.

use super::{Flow, Regs};
use crate::isa::Trap;
use crate::raw::{Exit, Slot};

/// What a meaning gives, on its way to the destination.
pub(super) trait Finish {
    fn finish(self, r: &mut Regs<'_, '_>, units: usize) -> Flow;
}

macro_rules! finish {
    ($($ty:ty),*) => { $(
        impl Finish for $ty {
            #[inline(always)]
            fn finish(self, r: &mut Regs<'_, '_>, units: usize) -> Flow {
                r.set(1, self);
                r.advance(units);
                Flow::Next
            }
        }
        impl Finish for Result<$ty, Trap> {
            #[inline(always)]
            fn finish(self, r: &mut Regs<'_, '_>, units: usize) -> Flow {
                match self {
                    Ok(value) => value.finish(r, units),
                    Err(trap) => stop(r, trap),
                }
            }
        }
    )* };
}
finish!(u32, u64, f32, f64, bool);

/// A type with an immediate form: 16 bits, sign-extended.
pub(super) trait Immediate: Slot {
    fn extend(value: i32) -> Self;
}
impl Immediate for u32 {
    #[inline(always)]
    fn extend(value: i32) -> u32 {
        value as u32
    }
}
impl Immediate for u64 {
    #[inline(always)]
    fn extend(value: i32) -> u64 {
        i64::from(value) as u64
    }
}

#[inline(always)]
pub(super) fn stop(r: &mut Regs<'_, '_>, trap: Trap) -> Flow {
    r.set_exit(Exit::Trapped(trap));
    Flow::Stop
}

#[inline(always)]
pub(super) fn unary<A: Slot, R: Finish>(r: &mut Regs<'_, '_>, f: impl Fn(A) -> R) -> Flow {
    f(r.get(2)).finish(r, 3)
}

#[inline(always)]
pub(super) fn binary<A: Slot, R: Finish>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> R) -> Flow {
    f(r.get(2), r.get(3)).finish(r, 4)
}

#[inline(always)]
pub(super) fn binary_imm<A: Immediate, R: Finish>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> R) -> Flow {
    f(r.get(2), A::extend(r.imm(3))).finish(r, 4)
}

#[inline(always)]
pub(super) fn branch<A: Slot>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> bool) -> Flow {
    let holds = f(r.get(1), r.get(2));
    super::control::branch_if(r, holds, 3)
}

#[inline(always)]
pub(super) fn branch_not<A: Slot>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> bool) -> Flow {
    let holds = f(r.get(1), r.get(2));
    super::control::branch_if(r, !holds, 3)
}

#[inline(always)]
pub(super) fn branch_imm<A: Immediate>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> bool) -> Flow {
    let holds = f(r.get(1), A::extend(r.imm(2)));
    super::control::branch_if(r, holds, 3)
}

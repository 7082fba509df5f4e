//! Operators that take values and give a value, and branches on comparisons: shells around the meanings in `isa::num`.

use super::control::{branch_if, stop};
use super::{Flow, Regs};
use crate::isa::Trap;
use crate::isa::ops::form;
use crate::raw::Slot;

/// What a meaning gives, on its way to the destination.
pub(super) trait Finish {
    /// Leaves the value in the accumulator, in the slot that unit 1 names as well unless it is `bare`, and goes on behind
    /// the operation's `units`.
    fn finish(self, r: &mut Regs<'_, '_>, bare: bool, units: usize) -> Flow;
}

macro_rules! finish {
    ($($ty:ty),*) => { $(
        impl Finish for $ty {
            #[inline(always)]
            fn finish(self, r: &mut Regs<'_, '_>, bare: bool, units: usize) -> Flow {
                self.put(r);
                if !bare {
                    r.set(1, self);
                }
                r.advance(units);
                Flow::Next
            }
        }
        impl Finish for Result<$ty, Trap> {
            #[inline(always)]
            fn finish(self, r: &mut Regs<'_, '_>, bare: bool, units: usize) -> Flow {
                match self {
                    Ok(value) => value.finish(r, bare, units),
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

/// Reads the operand at unit `n`, or in the accumulator, and steps over its unit.
#[inline(always)]
fn operand<T: Slot>(r: &Regs<'_, '_>, n: &mut usize, in_acc: bool) -> T {
    if in_acc {
        return T::take(r);
    }
    *n += 1;
    r.get(*n - 1)
}

/// Reads the right operand at unit `n`, a slot or an immediate, and steps over it.
#[inline(always)]
fn right<A: Immediate, const FORM: u16>(r: &Regs<'_, '_>, n: &mut usize) -> A {
    *n += 1;
    if FORM & form::IMM != 0 { A::extend(r.imm(*n - 1)) } else { r.get(*n - 1) }
}

#[inline(always)]
pub(super) fn unary<A: Slot, R: Finish, const FORM: u16>(r: &mut Regs<'_, '_>, f: impl Fn(A) -> R) -> Flow {
    let mut n = 2;
    let value = operand(r, &mut n, FORM & form::FIRST != 0);
    f(value).finish(r, false, n)
}

#[inline(always)]
pub(super) fn binary_int<A: Immediate, R: Finish, const FORM: u16>(
    r: &mut Regs<'_, '_>,
    f: impl Fn(A, A) -> R,
) -> Flow {
    let bare = FORM & form::BARE != 0;
    let mut n = if bare { 1 } else { 2 };
    let left = operand(r, &mut n, FORM & form::ACC != 0);
    let right = right::<A, FORM>(r, &mut n);
    f(left, right).finish(r, bare, n)
}

#[inline(always)]
pub(super) fn binary_float<A: Slot, R: Finish, const FORM: u16>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> R) -> Flow {
    let bare = FORM & form::ONLY != 0;
    let mut n = if bare { 1 } else { 2 };
    let left = operand(r, &mut n, FORM & form::FIRST != 0);
    let right = operand(r, &mut n, false);
    f(left, right).finish(r, bare, n)
}

#[inline(always)]
pub(super) fn compare_int<A: Immediate, const FORM: u16>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> bool) -> Flow {
    let branch = FORM & form::BRANCH != 0;
    let mut n = if branch { 1 } else { 2 };
    let left = operand(r, &mut n, FORM & form::ACC != 0);
    let right = right::<A, FORM>(r, &mut n);
    let holds = f(left, right);
    if branch { branch_if(r, holds, n) } else { holds.finish(r, false, n) }
}

#[inline(always)]
pub(super) fn compare_float<A: Slot, const FORM: u16>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> bool) -> Flow {
    match FORM {
        form::IF => {
            let holds = f(r.get(1), r.get(2));
            branch_if(r, holds, 3)
        }
        form::UNLESS => {
            let holds = f(r.get(1), r.get(2));
            branch_if(r, !holds, 3)
        }
        _ => f(r.get(2), r.get(3)).finish(r, false, 4),
    }
}

/// Reads the first operand of two operators in one, by the form; gives the unit behind it.
#[inline(always)]
fn first<A: Slot, const FORM: u16>(r: &Regs<'_, '_>) -> (A, usize) {
    let mut n = if FORM & form::ONLY != 0 { 1 } else { 2 };
    let value = operand(r, &mut n, FORM & form::FIRST != 0);
    (value, n)
}

/// Two operators, the first one's right operand and the second one's in slots.
#[inline(always)]
pub(super) fn slots<A: Slot, R: Finish, const FORM: u16>(
    r: &mut Regs<'_, '_>,
    one: impl Fn(A, A) -> A,
    two: impl Fn(A, A) -> R,
) -> Flow {
    let (a, n) = first::<A, FORM>(r);
    two(one(a, r.get(n)), r.get(n + 1)).finish(r, FORM & form::ONLY != 0, n + 2)
}

/// Two operators, the first one's right operand an immediate and the second one's in a slot.
#[inline(always)]
pub(super) fn shift<A: Immediate, R: Finish, const FORM: u16>(
    r: &mut Regs<'_, '_>,
    one: impl Fn(A, A) -> A,
    two: impl Fn(A, A) -> R,
) -> Flow {
    let (a, n) = first::<A, FORM>(r);
    two(one(a, A::extend(r.imm(n))), r.get(n + 1)).finish(r, FORM & form::ONLY != 0, n + 2)
}

/// Two operators, the right operand of each an immediate.
#[inline(always)]
pub(super) fn fields<A: Immediate, R: Finish, const FORM: u16>(
    r: &mut Regs<'_, '_>,
    one: impl Fn(A, A) -> A,
    two: impl Fn(A, A) -> R,
) -> Flow {
    let (a, n) = first::<A, FORM>(r);
    let value = two(one(a, A::extend(r.imm(n))), A::extend(r.imm(n + 1)));
    value.finish(r, FORM & form::ONLY != 0, n + 2)
}

/// A type with a form in which the right operand is a word in the code.
pub(super) trait Worded: Slot {
    fn of_word(word: u32) -> Self;
}
impl Worded for u32 {
    #[inline(always)]
    fn of_word(word: u32) -> u32 {
        word
    }
}
impl Worded for f32 {
    #[inline(always)]
    fn of_word(word: u32) -> f32 {
        f32::from_bits(word)
    }
}
impl Worded for f64 {
    #[inline(always)]
    fn of_word(word: u32) -> f64 {
        f64::from(f32::from_bits(word))
    }
}

/// An operator whose right operand is a word in the code.
#[inline(always)]
pub(super) fn word<A: Worded, R: Finish, const FORM: u16>(r: &mut Regs<'_, '_>, f: impl Fn(A, A) -> R) -> Flow {
    let (a, n) = first::<A, FORM>(r);
    f(a, A::of_word(r.word(n))).finish(r, FORM & form::ONLY != 0, n + 2)
}

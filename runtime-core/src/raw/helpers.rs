//! What handlers in assembly call: operators that are long, or that a chip without floats has in software. Floats are passed as
//! their bits, in the registers of integers, whatever the target's convention for floats is.

use super::assembly::code;
use crate::isa::num;
use crate::isa::num::soft::{self, F32, F64, Toward};

/// Expands rows into functions on bits that do what the operator of the same name does.
macro_rules! helpers {
    ($($name:ident($($operand:ident: $ty:ident),*) -> $result:ident;)*) => { $(
        pub(super) extern "C" fn $name($($operand: bits!($ty)),*) -> bits!($result) {
            to_bits!($result, num::$name($(of_bits!($ty, $operand)),*))
        }
    )* };
}
/// The integer that a type's bits are passed in.
macro_rules! bits {
    (f64) => {
        u64
    };
    (u64) => {
        u64
    };
    ($narrow:ident) => {
        u32
    };
}
macro_rules! of_bits {
    (f32, $bits:expr) => {
        f32::from_bits($bits)
    };
    (f64, $bits:expr) => {
        f64::from_bits($bits)
    };
    ($integer:ident, $bits:expr) => {
        $bits
    };
}
macro_rules! to_bits {
    (f32, $value:expr) => {
        $value.to_bits()
    };
    (f64, $value:expr) => {
        $value.to_bits()
    };
    ($integer:ident, $value:expr) => {
        $value
    };
}

helpers! {
    i32_clz(a: u32) -> u32;
    i32_ctz(a: u32) -> u32;
    i32_popcnt(a: u32) -> u32;
    i64_clz(a: u64) -> u64;
    i64_ctz(a: u64) -> u64;
    f32_add(a: f32, b: f32) -> f32;
    f32_sub(a: f32, b: f32) -> f32;
    f32_mul(a: f32, b: f32) -> f32;
    f32_div(a: f32, b: f32) -> f32;
    f32_sqrt(a: f32) -> f32;
    f64_add(a: f64, b: f64) -> f64;
    f64_sub(a: f64, b: f64) -> f64;
    f64_mul(a: f64, b: f64) -> f64;
    f64_div(a: f64, b: f64) -> f64;
    f64_sqrt(a: f64) -> f64;
    f32_demote_f64(a: f64) -> f32;
    f64_promote_f32(a: f32) -> f64;
}

/// Operators whose right operand is an `f32` in the code.
macro_rules! words {
    ($($name:ident = $operator:ident;)*) => { $(
        pub(super) extern "C" fn $name(a: u64, word: u32) -> u64 {
            num::$operator(f64::from_bits(a), num::f64_promote_f32(f32::from_bits(word))).to_bits()
        }
    )* };
}
words! {
    f64_add_word = f64_add;
    f64_mul_word = f64_mul;
}

pub(super) extern "C" fn f32_compare(a: u32, b: u32) -> u32 {
    num::soft::compare32(a, b)
}
pub(super) extern "C" fn f64_compare(a: u64, b: u64) -> u32 {
    num::soft::compare64(a, b)
}

pub(super) extern "C" fn i64_popcnt(a: u64) -> u64 {
    u64::from(i32_popcnt(a as u32) + i32_popcnt((a >> 32) as u32))
}

/// What the functions below are asked for, as bits: a result of 64 bits, which handlers look at too; integers with a sign.
pub(super) const WIDE: u32 = 1;
pub(super) const SIGNED: u32 = 2;
/// No trap.
pub(super) const SATURATING: u32 = 4;
/// Of a division the remainder.
pub(super) const REMAINDER: u32 = 4;

/// A quotient or remainder of 64 bits. `how` says which one, and becomes 0 or the code of a trap.
pub(super) extern "C" fn divide(a: u64, b: u64, how: &mut u32) -> u64 {
    let (signed, remainder) = (*how & SIGNED != 0, *how & REMAINDER != 0);
    let given = match (signed, remainder) {
        (false, false) => num::i64_div_u(a, b),
        (true, false) => num::i64_div_s(a, b),
        (false, true) => num::i64_rem_u(a, b),
        (true, true) => num::i64_rem_s(a, b),
    };
    *how = 0;
    given.unwrap_or_else(|why| {
        *how = code(why);
        0
    })
}

/// An integer of 64 bits as a float.
pub(super) extern "C" fn convert(a: u64, kind: u32) -> u64 {
    let format = if kind & WIDE != 0 { F64 } else { F32 };
    if kind & SIGNED != 0 { soft::of_signed(format, a as i64) } else { soft::pack(format, false, 0, a) }
}

/// The integer that an `f64` truncates to; `trap` becomes 0 or the code of a trap.
pub(super) extern "C" fn truncate(a: u64, kind: u32, trap: &mut u32) -> u64 {
    let largest = if kind & WIDE != 0 { u64::MAX } else { u64::from(u32::MAX) };
    let (low, high) = if kind & SIGNED != 0 { (largest / 2 + 1, largest / 2) } else { (0, largest) };
    *trap = 0;
    if kind & SATURATING != 0 {
        return soft::saturate(a, low, high);
    }
    soft::truncate(a, low, high).unwrap_or_else(|why| {
        *trap = code(why);
        0
    })
}

/// The lesser of two floats, or the greater one if `greatest` is not 0.
pub(super) extern "C" fn f32_extreme(a: u32, b: u32, greatest: u32) -> u32 {
    soft::extreme32(a, b, greatest != 0)
}
pub(super) extern "C" fn f64_extreme(a: u64, b: u64, greatest: u32) -> u64 {
    soft::extreme64(a, b, greatest != 0)
}

/// The integer next to a float, as a float.
pub(super) extern "C" fn f32_round(a: u32, toward: Toward) -> u32 {
    soft::narrow(soft::round(soft::widen(a), toward))
}
pub(super) extern "C" fn f64_round(a: u64, toward: Toward) -> u64 {
    soft::round(a, toward)
}

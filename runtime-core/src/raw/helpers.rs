//! What handlers in assembly call: operators that are long, or that a chip without floats has in software. Floats are passed as
//! their bits, in the registers of integers, whatever the target's convention for floats is.

use crate::isa::num;

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
    f32_convert_i32_s(a: u32) -> f32;
    f32_convert_i32_u(a: u32) -> f32;
    f64_convert_i32_s(a: u32) -> f64;
    f64_convert_i32_u(a: u32) -> f64;
    f32_demote_f64(a: f64) -> f32;
    f64_promote_f32(a: f32) -> f64;
    i32_trunc_sat_f32_s(a: f32) -> u32;
    i32_trunc_sat_f32_u(a: f32) -> u32;
    i32_trunc_sat_f64_s(a: f64) -> u32;
    i32_trunc_sat_f64_u(a: f64) -> u32;
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
    f64_sub_word = f64_sub;
    f64_mul_word = f64_mul;
}

pub(super) extern "C" fn f32_compare(a: u32, b: u32) -> u32 {
    num::soft::compare32(a, b)
}
pub(super) extern "C" fn f64_compare(a: u64, b: u64) -> u32 {
    num::soft::compare64(a, b)
}

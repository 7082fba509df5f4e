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

/// How two floats compare, as one bit; no bit if one of them is a NaN.
const LESS: u32 = 1;
const EQUAL: u32 = 2;
const GREATER: u32 = 4;

macro_rules! compare {
    ($name:ident, $bits:ty, $infinity:expr) => {
        pub(super) extern "C" fn $name(a: $bits, b: $bits) -> u32 {
            let sign = 1 << (<$bits>::BITS - 1);
            if (a & !sign) > $infinity || (b & !sign) > $infinity {
                0
            } else if a == b || (a | b) & !sign == 0 {
                EQUAL
            } else if match (a < b, a & b & sign != 0) {
                // As numbers with a sign they are in order, but for two negative ones.
                (_, true) => a > b,
                (below, false) => below != ((a ^ b) & sign != 0),
            } {
                LESS
            } else {
                GREATER
            }
        }
    };
}
compare!(f32_compare, u32, f32::INFINITY.to_bits());
compare!(f64_compare, u64, f64::INFINITY.to_bits());

#[cfg(test)]
mod tests {
    use super::{EQUAL, GREATER, LESS, f32_compare, f64_compare};
    use core::cmp::Ordering;

    #[test]
    fn floats_compare_by_their_bits_as_by_their_values() {
        let values =
            [0.0, -0.0, 1.0, -1.0, f32::MIN_POSITIVE, -1e-40, f32::MAX, f32::MIN, f32::INFINITY, -f32::INFINITY];
        let with_nans = values.iter().copied().chain([f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001)]);
        for a in with_nans.clone() {
            for b in with_nans.clone() {
                let expected = match a.partial_cmp(&b) {
                    None => 0,
                    Some(Ordering::Less) => LESS,
                    Some(Ordering::Equal) => EQUAL,
                    Some(Ordering::Greater) => GREATER,
                };
                assert_eq!(f32_compare(a.to_bits(), b.to_bits()), expected, "{a} {b}");
                assert_eq!(f64_compare(f64::from(a).to_bits(), f64::from(b).to_bits()), expected, "{a} {b}");
            }
        }
    }
}

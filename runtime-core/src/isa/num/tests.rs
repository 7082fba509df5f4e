//! Each numeric operator alone, at its edges; the expectations are written as bits and taken from the specification.

use super::*;
use crate::Trap::{IntegerDivideByZero, IntegerOverflow, InvalidConversionToInteger};

const MIN32: u32 = 0x8000_0000;
const MAX32: u32 = 0x7fff_ffff;
const ONES32: u32 = u32::MAX;
const MIN64: u64 = 0x8000_0000_0000_0000;
const MAX64: u64 = 0x7fff_ffff_ffff_ffff;
const ONES64: u64 = u64::MAX;

/// Checks rows of `operator { operands => result; ... }`.
macro_rules! rows {
    ($( $op:ident { $( $($operand:expr),+ => $result:expr );+ } )*) => {
        $( $( assert_eq!($op($($operand),+), $result, "{}", stringify!($op($($operand),+))); )+ )*
    };
}

#[test]
fn integer_comparisons_know_their_sign() {
    rows! {
        i32_eqz { 0 => true; 1 => false; MIN32 => false }
        i32_eq { 7, 7 => true; MIN32, MAX32 => false }
        i32_ne { 7, 7 => false; MIN32, MAX32 => true }
        i32_lt_s { MIN32, MAX32 => true; MAX32, MIN32 => false; ONES32, 0 => true; 5, 5 => false }
        i32_lt_u { MIN32, MAX32 => false; MAX32, MIN32 => true; ONES32, 0 => false; 5, 5 => false }
        i32_gt_s { MIN32, MAX32 => false; MAX32, MIN32 => true; 0, ONES32 => true; 5, 5 => false }
        i32_gt_u { MIN32, MAX32 => true; MAX32, MIN32 => false; 0, ONES32 => false; 5, 5 => false }
        i32_le_s { MIN32, MAX32 => true; MAX32, MIN32 => false; ONES32, 0 => true; 5, 5 => true }
        i32_le_u { MIN32, MAX32 => false; MAX32, MIN32 => true; ONES32, 0 => false; 5, 5 => true }
        i32_ge_s { MIN32, MAX32 => false; MAX32, MIN32 => true; 0, ONES32 => true; 5, 5 => true }
        i32_ge_u { MIN32, MAX32 => true; MAX32, MIN32 => false; 0, ONES32 => false; 5, 5 => true }
        i64_eqz { 0 => true; 1 << 32 => false; MIN64 => false }
        i64_eq { 7, 7 => true; 1 << 32, 0 => false; MIN64, MAX64 => false }
        i64_ne { 7, 7 => false; 1 << 32, 0 => true; MIN64, MAX64 => true }
        i64_lt_s { MIN64, MAX64 => true; MAX64, MIN64 => false; ONES64, 0 => true; 5, 5 => false }
        i64_lt_u { MIN64, MAX64 => false; MAX64, MIN64 => true; ONES64, 0 => false; 5, 5 => false }
        i64_gt_s { MIN64, MAX64 => false; MAX64, MIN64 => true; 0, ONES64 => true; 5, 5 => false }
        i64_gt_u { MIN64, MAX64 => true; MAX64, MIN64 => false; 0, ONES64 => false; 5, 5 => false }
        i64_le_s { MIN64, MAX64 => true; MAX64, MIN64 => false; ONES64, 0 => true; 5, 5 => true }
        i64_le_u { MIN64, MAX64 => false; MAX64, MIN64 => true; ONES64, 0 => false; 5, 5 => true }
        i64_ge_s { MIN64, MAX64 => false; MAX64, MIN64 => true; 0, ONES64 => true; 5, 5 => true }
        i64_ge_u { MIN64, MAX64 => true; MAX64, MIN64 => false; 0, ONES64 => false; 5, 5 => true }
    }
}

#[test]
fn i32_arithmetic_wraps_and_counts() {
    rows! {
        i32_clz { 0 => 32; 1 => 31; MIN32 => 0 }
        i32_ctz { 0 => 32; 1 => 0; MIN32 => 31 }
        i32_popcnt { 0 => 0; ONES32 => 32; 0xaaaa_aaaa => 16 }
        i32_add { ONES32, 1 => 0; MAX32, 1 => MIN32 }
        i32_sub { 0, 1 => ONES32; MIN32, 1 => MAX32 }
        i32_mul { 0x1_0000, 0x1_0000 => 0; ONES32, ONES32 => 1; MIN32, ONES32 => MIN32 }
        i32_and { 0xff00_ff00, 0x0ff0_0ff0 => 0x0f00_0f00 }
        i32_or { 0xff00_ff00, 0x0ff0_0ff0 => 0xfff0_fff0 }
        i32_xor { 0xff00_ff00, 0x0ff0_0ff0 => 0xf0f0_f0f0 }
        i32_shl { 1, 31 => MIN32; 1, 32 => 1; 1, 33 => 2; ONES32, ONES32 => MIN32 }
        i32_shr_s { MIN32, 31 => ONES32; MIN32, 32 => MIN32; MAX32, 30 => 1; MIN32, 33 => 0xc000_0000 }
        i32_shr_u { MIN32, 31 => 1; MIN32, 32 => MIN32; MIN32, 33 => 0x4000_0000 }
        i32_rotl { 0x8000_0001, 1 => 3; 0x1234_5678, 32 => 0x1234_5678; 0x1234_5678, 36 => 0x2345_6781 }
        i32_rotr { 3, 1 => 0x8000_0001; 0x1234_5678, 32 => 0x1234_5678; 0x1234_5678, 36 => 0x8123_4567 }
        i32_extend8_s { 0x7f => 0x7f; 0x80 => 0xffff_ff80; 0x0123_4500 => 0 }
        i32_extend16_s { 0x7fff => 0x7fff; 0x8000 => 0xffff_8000; 0xfedc_8000 => 0xffff_8000 }
    }
}

#[test]
fn i64_arithmetic_wraps_and_counts() {
    rows! {
        i64_clz { 0 => 64; 1 => 63; MIN64 => 0 }
        i64_ctz { 0 => 64; 1 => 0; MIN64 => 63 }
        i64_popcnt { 0 => 0; ONES64 => 64 }
        i64_add { ONES64, 1 => 0; MAX64, 1 => MIN64 }
        i64_sub { 0, 1 => ONES64; MIN64, 1 => MAX64 }
        i64_mul { 1 << 32, 1 << 32 => 0; ONES64, ONES64 => 1; MIN64, ONES64 => MIN64 }
        i64_and { 0xff00, 0x0ff0 => 0x0f00 }
        i64_or { 0xff00, 0x0ff0 => 0xfff0 }
        i64_xor { 0xff00, 0x0ff0 => 0xf0f0 }
        i64_shl { 1, 63 => MIN64; 1, 64 => 1; 1, 65 => 2; 1, (1 << 32) + 1 => 2 }
        i64_shr_s { MIN64, 63 => ONES64; MIN64, 64 => MIN64; MAX64, 62 => 1 }
        i64_shr_u { MIN64, 63 => 1; MIN64, 64 => MIN64 }
        i64_rotl { MIN64 | 1, 1 => 3; 0x0123_4567_89ab_cdef, 68 => 0x1234_5678_9abc_def0; 9, 1 << 33 => 9 }
        i64_rotr { 3, 1 => MIN64 | 1; 0x0123_4567_89ab_cdef, 68 => 0xf012_3456_789a_bcde; 9, 1 << 33 => 9 }
        i64_extend8_s { 0x7f => 0x7f; 0x80 => 0xffff_ffff_ffff_ff80 }
        i64_extend16_s { 0x7fff => 0x7fff; 0x8000 => 0xffff_ffff_ffff_8000 }
        i64_extend32_s { 0x7fff_ffff => 0x7fff_ffff; 0x8000_0000 => 0xffff_ffff_8000_0000; 1 << 40 => 0 }
    }
}

#[test]
fn division_truncates_and_traps() {
    let minus_7 = 7u32.wrapping_neg();
    let minus_7_long = 7u64.wrapping_neg();
    rows! {
        i32_div_s { 1, 0 => Err(IntegerDivideByZero); MIN32, 0 => Err(IntegerDivideByZero);
            MIN32, ONES32 => Err(IntegerOverflow); MIN32, 1 => Ok(MIN32); minus_7, 2 => Ok(3u32.wrapping_neg()) }
        i32_div_u { 1, 0 => Err(IntegerDivideByZero); MIN32, ONES32 => Ok(0); ONES32, 2 => Ok(MAX32) }
        i32_rem_s { 1, 0 => Err(IntegerDivideByZero); MIN32, ONES32 => Ok(0);
            minus_7, 2 => Ok(ONES32); 7, 2u32.wrapping_neg() => Ok(1) }
        i32_rem_u { 1, 0 => Err(IntegerDivideByZero); MIN32, ONES32 => Ok(MIN32); ONES32, 10 => Ok(5) }
        i64_div_s { 1, 0 => Err(IntegerDivideByZero); MIN64, ONES64 => Err(IntegerOverflow);
            MIN64, 1 => Ok(MIN64); minus_7_long, 2 => Ok(3u64.wrapping_neg()) }
        i64_div_u { 1, 0 => Err(IntegerDivideByZero); MIN64, ONES64 => Ok(0); ONES64, 2 => Ok(MAX64) }
        i64_rem_s { 1, 0 => Err(IntegerDivideByZero); MIN64, ONES64 => Ok(0); minus_7_long, 2 => Ok(ONES64) }
        i64_rem_u { 1, 0 => Err(IntegerDivideByZero); MIN64, ONES64 => Ok(MIN64); ONES64, 10 => Ok(5) }
    }
}

/// A signalling and a negative quiet NaN with a payload, next to the values that matter.
const SNAN32: f32 = f32::from_bits(0x7fa0_0001);
const QNAN32: f32 = f32::from_bits(0xffc0_1234);
const SNAN64: f64 = f64::from_bits(0x7ff4_0000_0000_0001);
const QNAN64: f64 = f64::from_bits(0xfff8_0000_0000_1234);
const CANON32: u32 = 0x7fc0_0000;
const CANON64: u64 = 0x7ff8_0000_0000_0000;

#[test]
fn float_comparisons_are_false_for_nan_and_equal_for_zeros() {
    for nan in [SNAN32, QNAN32] {
        for other in [0.0, nan, f32::INFINITY] {
            rows! {
                f32_eq { nan, other => false } f32_ne { nan, other => true } f32_lt { nan, other => false }
                f32_gt { nan, other => false } f32_le { nan, other => false } f32_ge { nan, other => false }
            }
        }
    }
    for nan in [SNAN64, QNAN64] {
        for other in [0.0, nan, f64::INFINITY] {
            rows! {
                f64_eq { nan, other => false } f64_ne { nan, other => true } f64_lt { nan, other => false }
                f64_gt { nan, other => false } f64_le { nan, other => false } f64_ge { nan, other => false }
            }
        }
    }
    rows! {
        f32_eq { 0.0, -0.0 => true } f32_ne { 0.0, -0.0 => false } f32_lt { -0.0, 0.0 => false; 1.0, 2.0 => true }
        f32_gt { 0.0, -0.0 => false; 2.0, 1.0 => true } f32_le { 0.0, -0.0 => true; 2.0, 1.0 => false }
        f32_ge { -0.0, 0.0 => true; 1.0, 2.0 => false }
        f64_eq { 0.0, -0.0 => true } f64_ne { 0.0, -0.0 => false } f64_lt { -0.0, 0.0 => false; 1.0, 2.0 => true }
        f64_gt { 0.0, -0.0 => false; 2.0, 1.0 => true } f64_le { 0.0, -0.0 => true; 2.0, 1.0 => false }
        f64_ge { -0.0, 0.0 => true; 1.0, 2.0 => false }
    }
}

#[test]
fn arithmetic_nans_are_canonical() {
    for nan in [SNAN32, QNAN32] {
        for unary in [f32_ceil, f32_floor, f32_trunc, f32_nearest, f32_sqrt] {
            assert_eq!(unary(nan).to_bits(), CANON32);
        }
        for binary in [f32_add, f32_sub, f32_mul, f32_div, f32_min, f32_max] {
            assert_eq!(binary(nan, 1.0).to_bits(), CANON32);
            assert_eq!(binary(1.0, nan).to_bits(), CANON32);
            assert_eq!(binary(nan, nan).to_bits(), CANON32);
        }
        assert_eq!(f64_promote_f32(nan).to_bits(), CANON64);
    }
    for nan in [SNAN64, QNAN64] {
        for unary in [f64_ceil, f64_floor, f64_trunc, f64_nearest, f64_sqrt] {
            assert_eq!(unary(nan).to_bits(), CANON64);
        }
        for binary in [f64_add, f64_sub, f64_mul, f64_div, f64_min, f64_max] {
            assert_eq!(binary(nan, 1.0).to_bits(), CANON64);
            assert_eq!(binary(1.0, nan).to_bits(), CANON64);
            assert_eq!(binary(nan, nan).to_bits(), CANON64);
        }
        assert_eq!(f32_demote_f64(nan).to_bits(), CANON32);
    }
    let (inf, inf64) = (f32::INFINITY, f64::INFINITY);
    assert_eq!([f32_sqrt(-1.0), f32_sub(inf, inf), f32_add(inf, -inf)].map(f32::to_bits), [CANON32; 3]);
    assert_eq!([f32_mul(inf, 0.0), f32_div(0.0, -0.0), f32_div(inf, inf)].map(f32::to_bits), [CANON32; 3]);
    assert_eq!([f64_sqrt(-1.0), f64_sub(inf64, inf64), f64_add(inf64, -inf64)].map(f64::to_bits), [CANON64; 3]);
    assert_eq!([f64_mul(inf64, 0.0), f64_div(0.0, -0.0), f64_div(inf64, inf64)].map(f64::to_bits), [CANON64; 3]);
}

#[test]
fn sign_operators_and_reinterpretations_keep_payloads() {
    assert_eq!(f32_abs(QNAN32).to_bits(), 0x7fc0_1234);
    assert_eq!(f32_neg(SNAN32).to_bits(), 0xffa0_0001);
    assert_eq!(f32_copysign(SNAN32, -0.0).to_bits(), 0xffa0_0001);
    assert_eq!(f32_copysign(-1.0, QNAN32.abs()).to_bits(), 1.0f32.to_bits());
    assert_eq!(f32_neg(0.0).to_bits(), MIN32);
    assert_eq!(f64_abs(QNAN64).to_bits(), 0x7ff8_0000_0000_1234);
    assert_eq!(f64_neg(SNAN64).to_bits(), 0xfff4_0000_0000_0001);
    assert_eq!(f64_copysign(SNAN64, -0.0).to_bits(), 0xfff4_0000_0000_0001);
    assert_eq!(f64_neg(0.0).to_bits(), MIN64);
    rows! {
        i32_reinterpret_f32 { SNAN32 => 0x7fa0_0001; -0.0 => MIN32 }
        i64_reinterpret_f64 { SNAN64 => 0x7ff4_0000_0000_0001; -0.0 => MIN64 }
    }
    assert_eq!(f32_reinterpret_i32(0x7fa0_0001).to_bits(), 0x7fa0_0001);
    assert_eq!(f64_reinterpret_i64(0x7ff4_0000_0000_0001).to_bits(), 0x7ff4_0000_0000_0001);
}

#[test]
fn min_and_max_order_the_zeros() {
    let bits = |list: [f32; 6]| list.map(f32::to_bits);
    assert_eq!(
        bits([
            f32_min(0.0, -0.0),
            f32_min(-0.0, 0.0),
            f32_min(0.0, 0.0),
            f32_max(0.0, -0.0),
            f32_max(-0.0, 0.0),
            f32_max(-0.0, -0.0)
        ]),
        [MIN32, MIN32, 0, 0, 0, MIN32]
    );
    let bits = |list: [f64; 6]| list.map(f64::to_bits);
    assert_eq!(
        bits([
            f64_min(0.0, -0.0),
            f64_min(-0.0, 0.0),
            f64_min(0.0, 0.0),
            f64_max(0.0, -0.0),
            f64_max(-0.0, 0.0),
            f64_max(-0.0, -0.0)
        ]),
        [MIN64, MIN64, 0, 0, 0, MIN64]
    );
    rows! {
        f32_min { -1.0, 1.0 => -1.0; 1.0, f32::NEG_INFINITY => f32::NEG_INFINITY; 3.0, 3.0 => 3.0 }
        f32_max { -1.0, 1.0 => 1.0; f32::INFINITY, 1.0 => f32::INFINITY; 3.0, 3.0 => 3.0 }
        f64_min { -1.0, 1.0 => -1.0; 1.0, f64::NEG_INFINITY => f64::NEG_INFINITY; 3.0, 3.0 => 3.0 }
        f64_max { -1.0, 1.0 => 1.0; f64::INFINITY, 1.0 => f64::INFINITY; 3.0, 3.0 => 3.0 }
    }
}

/// (input, ceil, floor, trunc, nearest), compared by their bits so that the sign of zero counts.
const ROUNDINGS: [(f64, f64, f64, f64, f64); 14] = [
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (-0.0, -0.0, -0.0, -0.0, -0.0),
    (0.5, 1.0, 0.0, 0.0, 0.0),
    (-0.5, -0.0, -1.0, -0.0, -0.0),
    (1.5, 2.0, 1.0, 1.0, 2.0),
    (2.5, 3.0, 2.0, 2.0, 2.0),
    (-1.5, -1.0, -2.0, -1.0, -2.0),
    (-2.5, -2.0, -3.0, -2.0, -2.0),
    (0.25, 1.0, 0.0, 0.0, 0.0),
    (-0.75, -0.0, -1.0, -0.0, -1.0),
    (8388609.0, 8388609.0, 8388609.0, 8388609.0, 8388609.0),
    (-4194303.5, -4194303.0, -4194304.0, -4194303.0, -4194304.0),
    (f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY),
    (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY),
];

#[test]
fn rounding_breaks_ties_to_even_and_keeps_the_sign_of_zero() {
    for (a, ceil, floor, trunc, nearest) in ROUNDINGS {
        let long = [f64_ceil(a), f64_floor(a), f64_trunc(a), f64_nearest(a)];
        assert_eq!(long.map(f64::to_bits), [ceil, floor, trunc, nearest].map(f64::to_bits), "{a}");
        let a = a as f32;
        let short = [f32_ceil(a), f32_floor(a), f32_trunc(a), f32_nearest(a)];
        assert_eq!(short.map(f32::to_bits), [ceil, floor, trunc, nearest].map(|r| (r as f32).to_bits()), "{a}");
    }
    // The smallest numbers, the neighbours of one half, and where the fraction ends.
    rows! {
        f32_nearest { 0.499_999_97 => 0.0; 0.500_000_06 => 1.0; f32::from_bits(1) => 0.0; 8388607.5 => 8388608.0 }
        f32_ceil { f32::from_bits(1) => 1.0; 8388607.5 => 8388608.0 }
        f32_floor { -f32::from_bits(1) => -1.0; 8388607.5 => 8388607.0 }
        f64_nearest { 0.499_999_999_999_999_94 => 0.0; 4503599627370495.5 => 4503599627370496.0 }
        f64_ceil { f64::from_bits(1) => 1.0; 4503599627370495.5 => 4503599627370496.0 }
        f64_floor { -f64::from_bits(1) => -1.0; 4503599627370495.5 => 4503599627370495.0 }
    }
}

#[test]
fn float_arithmetic_rounds_to_nearest_even() {
    rows! {
        f32_add { 16777216.0, 1.0 => 16777216.0; 16777218.0, 1.0 => 16777220.0; f32::MAX, f32::MAX => f32::INFINITY }
        f32_sub { 1.0, f32::EPSILON / 4.0 => 1.0; 5.5, 0.25 => 5.25 }
        f32_mul { f32::MIN_POSITIVE, 0.5 => f32::from_bits(0x0040_0000); f32::from_bits(1), 0.5 => 0.0 }
        f32_div { 1.0, 0.0 => f32::INFINITY; -1.0, 0.0 => f32::NEG_INFINITY; 1.0, 3.0 => f32::from_bits(0x3eaa_aaab) }
        f32_sqrt { 2.0 => f32::from_bits(0x3fb5_04f3); f32::INFINITY => f32::INFINITY;
            1e-45 => f32::from_bits(0x1a35_04f3) }
        f64_add { 9007199254740992.0, 1.0 => 9007199254740992.0; f64::MAX, f64::MAX => f64::INFINITY }
        f64_sub { 1.0, f64::EPSILON / 4.0 => 1.0; 5.5, 0.25 => 5.25 }
        f64_mul { f64::MIN_POSITIVE, 0.5 => f64::from_bits(0x0008_0000_0000_0000); f64::from_bits(1), 0.5 => 0.0 }
        f64_div { 1.0, 0.0 => f64::INFINITY; -1.0, 0.0 => f64::NEG_INFINITY;
            1.0, 3.0 => f64::from_bits(0x3fd5_5555_5555_5555) }
        f64_sqrt { 2.0 => f64::from_bits(0x3ff6_a09e_667f_3bcd); 5e-324 => f64::from_bits(0x1e60_0000_0000_0000) }
    }
    assert_eq!(f32_sqrt(-0.0).to_bits(), MIN32);
    assert_eq!(f64_sqrt(-0.0).to_bits(), MIN64);
}

#[test]
fn truncation_traps_exactly_at_its_bounds() {
    let below = |bound: f64| Ok(bound as i64);
    rows! {
        i32_trunc_f32_s { 2147483520.0 => Ok(2147483520); 2147483648.0 => Err(IntegerOverflow);
            -2147483648.0 => Ok(MIN32);
            -2147483904.0 => Err(IntegerOverflow); -0.9 => Ok(0); QNAN32 => Err(InvalidConversionToInteger) }
        i32_trunc_f32_u { 4294967040.0 => Ok(4294967040); 4294967296.0 => Err(IntegerOverflow); -0.999_999_94 => Ok(0);
            -1.0 => Err(IntegerOverflow); SNAN32 => Err(InvalidConversionToInteger) }
        i32_trunc_f64_s { 2147483647.999 => Ok(MAX32); 2147483648.0 => Err(IntegerOverflow);
            -2147483648.999 => Ok(MIN32);
            -2147483649.0 => Err(IntegerOverflow); QNAN64 => Err(InvalidConversionToInteger) }
        i32_trunc_f64_u { 4294967295.999 => Ok(ONES32); 4294967296.0 => Err(IntegerOverflow); -0.999 => Ok(0);
            -1.0 => Err(IntegerOverflow); SNAN64 => Err(InvalidConversionToInteger) }
        i64_trunc_f32_s { 9223371487098961920.0 => Ok(0x7fff_ff80_0000_0000);
            9223372036854775808.0 => Err(IntegerOverflow);
            -9223372036854775808.0 => Ok(MIN64); -9223373136366403584.0 => Err(IntegerOverflow);
                f32::NAN => Err(InvalidConversionToInteger) }
        i64_trunc_f32_u { 18446742974197923840.0 => Ok(0xffff_ff00_0000_0000);
            18446744073709551616.0 => Err(IntegerOverflow);
            -0.5 => Ok(0); -1.0 => Err(IntegerOverflow); f32::INFINITY => Err(IntegerOverflow);
                f32::NAN => Err(InvalidConversionToInteger) }
        i64_trunc_f64_s { 9223372036854774784.0 => Ok(0x7fff_ffff_ffff_fc00);
            9223372036854775808.0 => Err(IntegerOverflow);
            -9223372036854775808.0 => Ok(MIN64); -9223372036854777856.0 => Err(IntegerOverflow);
                f64::NAN => Err(InvalidConversionToInteger) }
        i64_trunc_f64_u { 18446744073709549568.0 => Ok(0xffff_ffff_ffff_f800);
            18446744073709551616.0 => Err(IntegerOverflow);
            -0.5 => Ok(0); -1.0 => Err(IntegerOverflow); f64::NEG_INFINITY => Err(IntegerOverflow);
                f64::NAN => Err(InvalidConversionToInteger) }
    }
    assert_eq!(i64_trunc_f64_s(-1.999).map(|bits| bits as i64), below(-1.0));
}

#[test]
fn saturating_truncation_clamps_and_takes_nan_to_zero() {
    rows! {
        i32_trunc_sat_f32_s { QNAN32 => 0; f32::INFINITY => MAX32; f32::NEG_INFINITY => MIN32; -1.5 => ONES32 }
        i32_trunc_sat_f32_u { QNAN32 => 0; f32::INFINITY => ONES32; -5.0 => 0; 3.9 => 3 }
        i32_trunc_sat_f64_s { QNAN64 => 0; 1e10 => MAX32; -1e10 => MIN32; -1.5 => ONES32 }
        i32_trunc_sat_f64_u { QNAN64 => 0; 1e10 => ONES32; -5.0 => 0; 4294967295.5 => ONES32 }
        i64_trunc_sat_f32_s { QNAN32 => 0; f32::INFINITY => MAX64; f32::NEG_INFINITY => MIN64; -1.5 => ONES64 }
        i64_trunc_sat_f32_u { QNAN32 => 0; f32::INFINITY => ONES64; -5.0 => 0; 3.9 => 3 }
        i64_trunc_sat_f64_s { QNAN64 => 0; 1e19 => MAX64; -1e19 => MIN64; -1.5 => ONES64 }
        i64_trunc_sat_f64_u { QNAN64 => 0; 1e20 => ONES64; -5.0 => 0; 1e19 => 10_000_000_000_000_000_000 }
    }
}

#[test]
fn conversions_round_to_nearest_even() {
    rows! {
        i32_wrap_i64 { 0x1234_5678_9abc_def0 => 0x9abc_def0 }
        i64_extend_i32_s { MIN32 => 0xffff_ffff_8000_0000; MAX32 => 0x7fff_ffff }
        i64_extend_i32_u { MIN32 => 0x8000_0000; ONES32 => 0xffff_ffff }
        f32_convert_i32_s { MIN32 => -2147483648.0; MAX32 => 2147483648.0; ONES32 => -1.0; 16777217 => 16777216.0;
            16777219 => 16777220.0 }
        f32_convert_i32_u { ONES32 => 4294967296.0; MIN32 => 2147483648.0; 16777217 => 16777216.0 }
        f32_convert_i64_s { MIN64 => -9223372036854775808.0; ONES64 => -1.0; 16777217 => 16777216.0;
            0x7fff_ffc0_0000_0000 => 9223372036854775808.0; 0x7fff_ffbf_ffff_ffff => 9223371487098961920.0 }
        f32_convert_i64_u { ONES64 => 18446744073709551616.0; 0x8000_0080_0000_0001 => 9223373136366403584.0;
            0x8000_0080_0000_0000 => 9223372036854775808.0 }
        f64_convert_i32_s { MIN32 => -2147483648.0; MAX32 => 2147483647.0; ONES32 => -1.0 }
        f64_convert_i32_u { ONES32 => 4294967295.0; MIN32 => 2147483648.0 }
        f64_convert_i64_s { MIN64 => -9223372036854775808.0; ONES64 => -1.0; 9007199254740993 => 9007199254740992.0;
            9007199254740995 => 9007199254740996.0 }
        f64_convert_i64_u { ONES64 => 18446744073709551616.0; 0x8000_0000_0000_0400 => 9223372036854775808.0;
            0x8000_0000_0000_0401 => 9223372036854777856.0 }
        f32_demote_f64 { 1e300 => f32::INFINITY; 1.000_000_059_604_644_8 => 1.0; 1e-50 => 0.0;
            f64::NEG_INFINITY => f32::NEG_INFINITY;
            1.401298464324817e-45 => f32::from_bits(1) }
        f64_promote_f32 { f32::MAX => 340282346638528860000000000000000000000.0;
            f32::from_bits(1) => 1.401298464324817e-45 }
    }
    assert_eq!(f32_demote_f64(-1e-50).to_bits(), MIN32);
    assert_eq!(f64_promote_f32(-0.0).to_bits(), MIN64);
}

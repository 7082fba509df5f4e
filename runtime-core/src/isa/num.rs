//! The meanings of the numeric operators, each a plain function of its operands.
//!
//! They stand apart from the machine so that one row of the opcode table names one of them, so that constant
//! folding and execution cannot disagree, and so that each can be tested alone at its edges.
//!
//! What they promise:
//! - `i32` and `i64` are raw bit patterns (`u32`, `u64`); comparisons give `bool`.
//! - They never panic, in any build: what can fail has the trap in its type.
//! - They give the same bits on every target. A NaN that arithmetic makes is the canonical NaN (the specification
//!   allows any; replay and migration do not), while `abs`, `neg`, `copysign` and the reinterpretations work on bits
//!   and keep payloads.
//!
//! Source: WebAssembly 2.0, section 4.3, "Numerics".

use crate::Trap;
use core::hint::cold_path;

mod arithmetic;
pub(crate) mod soft;
#[cfg(test)]
mod tests;

use soft::{EQUAL, F32, F64, GREATER, LESS, Toward};

/// Expands rows of `name(operands) -> result { meaning }` into functions; it carries no meaning of its own.
macro_rules! operators {
    ($( $name:ident ( $($operand:ident : $ty:ty),* ) -> $result:ty $meaning:block )*) => {
        $(
            #[inline(always)]
            pub(crate) fn $name($($operand: $ty),*) -> $result $meaning
        )*
    };
}

// ---- integers: comparisons ----

operators! {
    i32_eqz(a: u32) -> bool { a == 0 }
    i32_eq(a: u32, b: u32) -> bool { a == b }
    i32_ne(a: u32, b: u32) -> bool { a != b }
    i32_lt_s(a: u32, b: u32) -> bool { (a as i32) < b as i32 }
    i32_lt_u(a: u32, b: u32) -> bool { a < b }
    i32_gt_s(a: u32, b: u32) -> bool { a as i32 > b as i32 }
    i32_gt_u(a: u32, b: u32) -> bool { a > b }
    i32_le_s(a: u32, b: u32) -> bool { a as i32 <= b as i32 }
    i32_le_u(a: u32, b: u32) -> bool { a <= b }
    i32_ge_s(a: u32, b: u32) -> bool { a as i32 >= b as i32 }
    i32_ge_u(a: u32, b: u32) -> bool { a >= b }

    i64_eqz(a: u64) -> bool { a == 0 }
    i64_eq(a: u64, b: u64) -> bool { a == b }
    i64_ne(a: u64, b: u64) -> bool { a != b }
    i64_lt_s(a: u64, b: u64) -> bool { (a as i64) < b as i64 }
    i64_lt_u(a: u64, b: u64) -> bool { a < b }
    i64_gt_s(a: u64, b: u64) -> bool { a as i64 > b as i64 }
    i64_gt_u(a: u64, b: u64) -> bool { a > b }
    i64_le_s(a: u64, b: u64) -> bool { a as i64 <= b as i64 }
    i64_le_u(a: u64, b: u64) -> bool { a <= b }
    i64_ge_s(a: u64, b: u64) -> bool { a as i64 >= b as i64 }
    i64_ge_u(a: u64, b: u64) -> bool { a >= b }
}

// ---- integers: arithmetic ----
// Shift and rotation counts are taken modulo the width.

operators! {
    i32_clz(a: u32) -> u32 { a.leading_zeros() }
    i32_ctz(a: u32) -> u32 { a.trailing_zeros() }
    i32_popcnt(a: u32) -> u32 { a.count_ones() }
    i32_add(a: u32, b: u32) -> u32 { a.wrapping_add(b) }
    i32_sub(a: u32, b: u32) -> u32 { a.wrapping_sub(b) }
    i32_mul(a: u32, b: u32) -> u32 { a.wrapping_mul(b) }
    i32_div_s(a: u32, b: u32) -> Result<u32, Trap> {
        if b == 0 { return Err(Trap::IntegerDivideByZero); }
        // The one remaining failure is MIN / -1.
        (a as i32).checked_div(b as i32).map(|q| q as u32).ok_or(Trap::IntegerOverflow)
    }
    i32_div_u(a: u32, b: u32) -> Result<u32, Trap> { a.checked_div(b).ok_or(Trap::IntegerDivideByZero) }
    i32_rem_s(a: u32, b: u32) -> Result<u32, Trap> {
        if b == 0 { return Err(Trap::IntegerDivideByZero); }
        // MIN % -1 is 0, and not a trap.
        Ok((a as i32).checked_rem(b as i32).unwrap_or(0) as u32)
    }
    i32_rem_u(a: u32, b: u32) -> Result<u32, Trap> { a.checked_rem(b).ok_or(Trap::IntegerDivideByZero) }
    i32_and(a: u32, b: u32) -> u32 { a & b }
    i32_or(a: u32, b: u32) -> u32 { a | b }
    i32_xor(a: u32, b: u32) -> u32 { a ^ b }
    i32_shl(a: u32, b: u32) -> u32 { a.wrapping_shl(b) }
    i32_shr_s(a: u32, b: u32) -> u32 { (a as i32).wrapping_shr(b) as u32 }
    i32_shr_u(a: u32, b: u32) -> u32 { a.wrapping_shr(b) }
    i32_rotl(a: u32, b: u32) -> u32 { a.rotate_left(b & 31) }
    i32_rotr(a: u32, b: u32) -> u32 { a.rotate_right(b & 31) }
    i32_extend8_s(a: u32) -> u32 { a as i8 as u32 }
    i32_extend16_s(a: u32) -> u32 { a as i16 as u32 }

    i64_clz(a: u64) -> u64 { u64::from(a.leading_zeros()) }
    i64_ctz(a: u64) -> u64 { u64::from(a.trailing_zeros()) }
    i64_popcnt(a: u64) -> u64 { u64::from(a.count_ones()) }
    i64_add(a: u64, b: u64) -> u64 { a.wrapping_add(b) }
    i64_sub(a: u64, b: u64) -> u64 { a.wrapping_sub(b) }
    i64_mul(a: u64, b: u64) -> u64 { a.wrapping_mul(b) }
    i64_div_s(a: u64, b: u64) -> Result<u64, Trap> {
        if b == 0 { return Err(Trap::IntegerDivideByZero); }
        (a as i64).checked_div(b as i64).map(|q| q as u64).ok_or(Trap::IntegerOverflow)
    }
    i64_div_u(a: u64, b: u64) -> Result<u64, Trap> { a.checked_div(b).ok_or(Trap::IntegerDivideByZero) }
    i64_rem_s(a: u64, b: u64) -> Result<u64, Trap> {
        if b == 0 { return Err(Trap::IntegerDivideByZero); }
        Ok((a as i64).checked_rem(b as i64).unwrap_or(0) as u64)
    }
    i64_rem_u(a: u64, b: u64) -> Result<u64, Trap> { a.checked_rem(b).ok_or(Trap::IntegerDivideByZero) }
    i64_and(a: u64, b: u64) -> u64 { a & b }
    i64_or(a: u64, b: u64) -> u64 { a | b }
    i64_xor(a: u64, b: u64) -> u64 { a ^ b }
    i64_shl(a: u64, b: u64) -> u64 { a.wrapping_shl(b as u32) }
    i64_shr_s(a: u64, b: u64) -> u64 { (a as i64).wrapping_shr(b as u32) as u64 }
    i64_shr_u(a: u64, b: u64) -> u64 { a.wrapping_shr(b as u32) }
    i64_rotl(a: u64, b: u64) -> u64 { a.rotate_left(b as u32 & 63) }
    i64_rotr(a: u64, b: u64) -> u64 { a.rotate_right(b as u32 & 63) }
    i64_extend8_s(a: u64) -> u64 { a as i8 as u64 }
    i64_extend16_s(a: u64) -> u64 { a as i16 as u64 }
    i64_extend32_s(a: u64) -> u64 { a as i32 as u64 }
}

// ---- floats ----

/// The canonical NaN of `f32`.
const NAN32: f32 = f32::from_bits(0x7fc0_0000);
/// The canonical NaN of `f64`.
const NAN64: f64 = f64::from_bits(0x7ff8_0000_0000_0000);
/// The sign bit of `f32`.
const SIGN32: u32 = 1 << 31;
/// The sign bit of `f64`.
const SIGN64: u64 = 1 << 63;

/// Whether floats of 64 bits are in software, as on most chips without an operating system: `soft` converts and rounds in less
/// code than the compiler's routines, and bits are compared faster than values.
const SOFT: bool = cfg!(target_os = "none");
/// Whether roots, and what floats of 32 bits are computed by, are small too: Arm's chips have the least flash. (Those with Thumb-2
/// do all of it in `raw/assembly/arithmetic.s`.)
const SMALL: bool = SOFT && cfg!(target_arch = "arm");
/// `SOFT` of floats of 32 bits, which some of these chips have.
const SOFT32: bool = SOFT && cfg!(not(any(target_abi = "eabihf", target_feature = "f")));

/// `SMALL` of floats of 32 bits.
const SMALL32: bool = SMALL && SOFT32;

/// `a`, or the canonical NaN if it is a NaN. Hosts differ: x86 makes negative ones, Arm and RISC-V positive ones. A branch that is
/// not taken costs nothing where a selection would lengthen every chain of floats by half.
#[inline(always)]
fn canon32(a: f32) -> f32 {
    let is_nan = if SOFT32 { a.to_bits() & !SIGN32 > f32::INFINITY.to_bits() } else { a.is_nan() };
    if is_nan {
        cold_path();
        return NAN32;
    }
    a
}

/// [`canon32`] for `f64`.
#[inline(always)]
fn canon64(a: f64) -> f64 {
    let is_nan = if SOFT { a.to_bits() & !SIGN64 > f64::INFINITY.to_bits() } else { a.is_nan() };
    if is_nan {
        cold_path();
        return NAN64;
    }
    a
}

/// What `soft` does on bits, on values.
#[inline(always)]
fn widen(a: f32) -> f64 {
    f64::from_bits(soft::widen(a.to_bits()))
}
#[inline(always)]
fn narrow(a: f64) -> f32 {
    f32::from_bits(soft::narrow(a.to_bits()))
}
#[inline(always)]
fn compared32(a: f32, b: f32) -> u32 {
    soft::compare32(a.to_bits(), b.to_bits())
}
#[inline(always)]
fn compared64(a: f64, b: f64) -> u32 {
    soft::compare64(a.to_bits(), b.to_bits())
}
#[inline(always)]
fn rounded32(a: f32, toward: Toward) -> f32 {
    narrow(rounded64(widen(a), toward))
}
#[inline(always)]
fn rounded64(a: f64, toward: Toward) -> f64 {
    f64::from_bits(soft::round(a.to_bits(), toward))
}

operators! {
    f32_eq(a: f32, b: f32) -> bool { if SOFT32 { compared32(a, b) & EQUAL != 0 } else { a == b } }
    f32_ne(a: f32, b: f32) -> bool { !f32_eq(a, b) }
    f32_lt(a: f32, b: f32) -> bool { if SOFT32 { compared32(a, b) & LESS != 0 } else { a < b } }
    f32_gt(a: f32, b: f32) -> bool { if SOFT32 { compared32(a, b) & GREATER != 0 } else { a > b } }
    f32_le(a: f32, b: f32) -> bool { if SOFT32 { compared32(a, b) & (LESS | EQUAL) != 0 } else { a <= b } }
    f32_ge(a: f32, b: f32) -> bool { if SOFT32 { compared32(a, b) & (GREATER | EQUAL) != 0 } else { a >= b } }

    f32_abs(a: f32) -> f32 { f32::from_bits(a.to_bits() & !SIGN32) }
    f32_neg(a: f32) -> f32 { f32::from_bits(a.to_bits() ^ SIGN32) }
    f32_copysign(a: f32, b: f32) -> f32 { f32::from_bits(a.to_bits() & !SIGN32 | b.to_bits() & SIGN32) }
    f32_ceil(a: f32) -> f32 { if SOFT { rounded32(a, Toward::Above) } else { canon32(libm::ceilf(a)) } }
    f32_floor(a: f32) -> f32 { if SOFT { rounded32(a, Toward::Below) } else { canon32(libm::floorf(a)) } }
    f32_trunc(a: f32) -> f32 { if SOFT { rounded32(a, Toward::Zero) } else { canon32(libm::truncf(a)) } }
    f32_nearest(a: f32) -> f32 { if SOFT { rounded32(a, Toward::Nearest) } else { canon32(libm::rintf(a)) } }
    f32_sqrt(a: f32) -> f32 { if SMALL32 { narrow(f64_sqrt(widen(a))) } else { canon32(libm::sqrtf(a)) } }
    f32_add(a: f32, b: f32) -> f32 {
        if SMALL32 { f32::from_bits(arithmetic::add(a.to_bits(), b.to_bits())) } else { canon32(a + b) }
    }
    f32_sub(a: f32, b: f32) -> f32 { if SMALL32 { f32_add(a, f32_neg(b)) } else { canon32(a - b) } }
    f32_mul(a: f32, b: f32) -> f32 {
        if SMALL32 { f32::from_bits(arithmetic::mul(a.to_bits(), b.to_bits())) } else { canon32(a * b) }
    }
    f32_div(a: f32, b: f32) -> f32 {
        if SMALL32 { f32::from_bits(arithmetic::div(a.to_bits(), b.to_bits())) } else { canon32(a / b) }
    }
    f32_min(a: f32, b: f32) -> f32 {
        if f32_lt(a, b) { a }
        else if f32_lt(b, a) { b }
        // Equal values differ at most in the sign of zero, and -0 is the smaller one.
        else if f32_eq(a, b) { f32::from_bits(a.to_bits() | b.to_bits()) }
        else { NAN32 }
    }
    f32_max(a: f32, b: f32) -> f32 {
        if f32_gt(a, b) { a }
        else if f32_gt(b, a) { b }
        else if f32_eq(a, b) { f32::from_bits(a.to_bits() & b.to_bits()) }
        else { NAN32 }
    }

    f64_eq(a: f64, b: f64) -> bool { if SOFT { compared64(a, b) & EQUAL != 0 } else { a == b } }
    f64_ne(a: f64, b: f64) -> bool { !f64_eq(a, b) }
    f64_lt(a: f64, b: f64) -> bool { if SOFT { compared64(a, b) & LESS != 0 } else { a < b } }
    f64_gt(a: f64, b: f64) -> bool { if SOFT { compared64(a, b) & GREATER != 0 } else { a > b } }
    f64_le(a: f64, b: f64) -> bool { if SOFT { compared64(a, b) & (LESS | EQUAL) != 0 } else { a <= b } }
    f64_ge(a: f64, b: f64) -> bool { if SOFT { compared64(a, b) & (GREATER | EQUAL) != 0 } else { a >= b } }

    f64_abs(a: f64) -> f64 { f64::from_bits(a.to_bits() & !SIGN64) }
    f64_neg(a: f64) -> f64 { f64::from_bits(a.to_bits() ^ SIGN64) }
    f64_copysign(a: f64, b: f64) -> f64 { f64::from_bits(a.to_bits() & !SIGN64 | b.to_bits() & SIGN64) }
    f64_ceil(a: f64) -> f64 { if SOFT { rounded64(a, Toward::Above) } else { canon64(libm::ceil(a)) } }
    f64_floor(a: f64) -> f64 { if SOFT { rounded64(a, Toward::Below) } else { canon64(libm::floor(a)) } }
    f64_trunc(a: f64) -> f64 { if SOFT { rounded64(a, Toward::Zero) } else { canon64(libm::trunc(a)) } }
    f64_nearest(a: f64) -> f64 { if SOFT { rounded64(a, Toward::Nearest) } else { canon64(libm::rint(a)) } }
    f64_sqrt(a: f64) -> f64 {
        if SMALL { f64::from_bits(soft::sqrt(a.to_bits())) } else { canon64(libm::sqrt(a)) }
    }
    f64_add(a: f64, b: f64) -> f64 { canon64(a + b) }
    f64_sub(a: f64, b: f64) -> f64 { canon64(a - b) }
    f64_mul(a: f64, b: f64) -> f64 { canon64(a * b) }
    f64_div(a: f64, b: f64) -> f64 { canon64(a / b) }
    f64_min(a: f64, b: f64) -> f64 {
        if f64_lt(a, b) { a }
        else if f64_lt(b, a) { b }
        else if f64_eq(a, b) { f64::from_bits(a.to_bits() | b.to_bits()) }
        else { NAN64 }
    }
    f64_max(a: f64, b: f64) -> f64 {
        if f64_gt(a, b) { a }
        else if f64_gt(b, a) { b }
        else if f64_eq(a, b) { f64::from_bits(a.to_bits() & b.to_bits()) }
        else { NAN64 }
    }
}

// ---- conversions ----

/// `Ok` when a float truncates into the target type: `inside` says so, and NaN is named apart.
#[inline(always)]
fn truncatable(nan: bool, inside: bool) -> Result<(), Trap> {
    if inside {
        Ok(())
    } else if nan {
        Err(Trap::InvalidConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

/// The powers of two that bound the integer types; each is exact in `f32` and in `f64`.
const TWO_31: f32 = 2147483648.0;
const TWO_32: f32 = 4294967296.0;
const TWO_63: f32 = 9223372036854775808.0;
const TWO_64: f32 = 18446744073709551616.0;
const TWO_31_F64: f64 = TWO_31 as f64;
const TWO_32_F64: f64 = TWO_32 as f64;
const TWO_63_F64: f64 = TWO_63 as f64;
const TWO_64_F64: f64 = TWO_64 as f64;

// A value truncates into the range when it lies strictly between the bounds' outer neighbours. `-2^31 - 1` has no
// exact f32 (nor `-2^63 - 1` an f64), so there the lowest value itself is the inclusive bound. `as` then has nothing
// left to saturate.
operators! {
    i32_trunc_f32_s(a: f32) -> Result<u32, Trap> {
        if SOFT32 {
            soft::truncate(soft::widen(a.to_bits()), 1 << 31, (1 << 31) - 1).map(|whole| whole as u32)
        } else {
            truncatable(a.is_nan(), (-TWO_31..TWO_31).contains(&a)).map(|()| a as i32 as u32)
        }
    }
    i32_trunc_f32_u(a: f32) -> Result<u32, Trap> {
        if SOFT32 {
            soft::truncate(soft::widen(a.to_bits()), 0, u64::from(u32::MAX)).map(|whole| whole as u32)
        } else {
            truncatable(a.is_nan(), a > -1.0 && a < TWO_32).map(|()| a as u32)
        }
    }
    i32_trunc_f64_s(a: f64) -> Result<u32, Trap> {
        if SOFT {
            soft::truncate(a.to_bits(), 1 << 31, (1 << 31) - 1).map(|whole| whole as u32)
        } else {
            truncatable(a.is_nan(), a > -TWO_31_F64 - 1.0 && a < TWO_31_F64).map(|()| a as i32 as u32)
        }
    }
    i32_trunc_f64_u(a: f64) -> Result<u32, Trap> {
        if SOFT {
            soft::truncate(a.to_bits(), 0, u64::from(u32::MAX)).map(|whole| whole as u32)
        } else {
            truncatable(a.is_nan(), a > -1.0 && a < TWO_32_F64).map(|()| a as u32)
        }
    }
    i64_trunc_f32_s(a: f32) -> Result<u64, Trap> {
        if SOFT {
            soft::truncate(soft::widen(a.to_bits()), 1 << 63, (1 << 63) - 1)
        } else {
            truncatable(a.is_nan(), (-TWO_63..TWO_63).contains(&a)).map(|()| a as i64 as u64)
        }
    }
    i64_trunc_f32_u(a: f32) -> Result<u64, Trap> {
        if SOFT {
            soft::truncate(soft::widen(a.to_bits()), 0, u64::MAX)
        } else {
            truncatable(a.is_nan(), a > -1.0 && a < TWO_64).map(|()| a as u64)
        }
    }
    i64_trunc_f64_s(a: f64) -> Result<u64, Trap> {
        if SOFT {
            soft::truncate(a.to_bits(), 1 << 63, (1 << 63) - 1)
        } else {
            truncatable(a.is_nan(), (-TWO_63_F64..TWO_63_F64).contains(&a)).map(|()| a as i64 as u64)
        }
    }
    i64_trunc_f64_u(a: f64) -> Result<u64, Trap> {
        if SOFT {
            soft::truncate(a.to_bits(), 0, u64::MAX)
        } else {
            truncatable(a.is_nan(), a > -1.0 && a < TWO_64_F64).map(|()| a as u64)
        }
    }

    // Rust's `as` saturates and takes NaN to 0, which is this operator's definition.
    i32_trunc_sat_f32_s(a: f32) -> u32 {
        if SOFT32 { soft::saturate(soft::widen(a.to_bits()), 1 << 31, (1 << 31) - 1) as u32 } else { a as i32 as u32 }
    }
    i32_trunc_sat_f32_u(a: f32) -> u32 {
        if SOFT32 { soft::saturate(soft::widen(a.to_bits()), 0, u64::from(u32::MAX)) as u32 } else { a as u32 }
    }
    i32_trunc_sat_f64_s(a: f64) -> u32 {
        if SOFT { soft::saturate(a.to_bits(), 1 << 31, (1 << 31) - 1) as u32 } else { a as i32 as u32 }
    }
    i32_trunc_sat_f64_u(a: f64) -> u32 {
        if SOFT { soft::saturate(a.to_bits(), 0, u64::from(u32::MAX)) as u32 } else { a as u32 }
    }
    i64_trunc_sat_f32_s(a: f32) -> u64 {
        if SOFT { soft::saturate(soft::widen(a.to_bits()), 1 << 63, (1 << 63) - 1) } else { a as i64 as u64 }
    }
    i64_trunc_sat_f32_u(a: f32) -> u64 {
        if SOFT { soft::saturate(soft::widen(a.to_bits()), 0, u64::MAX) } else { a as u64 }
    }
    i64_trunc_sat_f64_s(a: f64) -> u64 {
        if SOFT { soft::saturate(a.to_bits(), 1 << 63, (1 << 63) - 1) } else { a as i64 as u64 }
    }
    i64_trunc_sat_f64_u(a: f64) -> u64 {
        if SOFT { soft::saturate(a.to_bits(), 0, u64::MAX) } else { a as u64 }
    }

    i32_wrap_i64(a: u64) -> u32 { a as u32 }
    i64_extend_i32_s(a: u32) -> u64 { a as i32 as u64 }
    i64_extend_i32_u(a: u32) -> u64 { u64::from(a) }

    f32_convert_i32_s(a: u32) -> f32 {
        if SOFT32 { f32::from_bits(soft::of_signed(F32, i64::from(a as i32)) as u32) } else { a as i32 as f32 }
    }
    f32_convert_i32_u(a: u32) -> f32 {
        if SOFT32 { f32::from_bits(soft::pack(F32, false, 0, u64::from(a)) as u32) } else { a as f32 }
    }
    f32_convert_i64_s(a: u64) -> f32 {
        if SOFT { f32::from_bits(soft::of_signed(F32, a as i64) as u32) } else { a as i64 as f32 }
    }
    f32_convert_i64_u(a: u64) -> f32 {
        if SOFT { f32::from_bits(soft::pack(F32, false, 0, a) as u32) } else { a as f32 }
    }
    f64_convert_i32_s(a: u32) -> f64 {
        if SOFT { f64::from_bits(soft::of_signed(F64, i64::from(a as i32))) } else { f64::from(a as i32) }
    }
    f64_convert_i32_u(a: u32) -> f64 {
        if SOFT { f64::from_bits(soft::pack(F64, false, 0, u64::from(a))) } else { f64::from(a) }
    }
    f64_convert_i64_s(a: u64) -> f64 {
        if SOFT { f64::from_bits(soft::of_signed(F64, a as i64)) } else { a as i64 as f64 }
    }
    f64_convert_i64_u(a: u64) -> f64 {
        if SOFT { f64::from_bits(soft::pack(F64, false, 0, a)) } else { a as f64 }
    }
    f32_demote_f64(a: f64) -> f32 { if SOFT { narrow(a) } else { canon32(a as f32) } }
    f64_promote_f32(a: f32) -> f64 { if SOFT { widen(a) } else { canon64(f64::from(a)) } }

    i32_reinterpret_f32(a: f32) -> u32 { a.to_bits() }
    i64_reinterpret_f64(a: f64) -> u64 { a.to_bits() }
    f32_reinterpret_i32(a: u32) -> f32 { f32::from_bits(a) }
    f64_reinterpret_i64(a: u64) -> f64 { f64::from_bits(a) }
}

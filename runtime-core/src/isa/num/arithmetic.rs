//! Sums, products and quotients of floats of 32 bits in integers, as their bits: a third of the compiler's routines, which unpack
//! and round in each, and faster. For chips with little flash.
//!
//! Every NaN that comes out is the canonical one.

use super::soft::INFINITY32 as INFINITY;
use super::{NAN32, SIGN32 as SIGN};

/// Bits above a mantissa.
const SPARE: i32 = 8;

/// A sum.
pub(super) fn add(a: u32, b: u32) -> u32 {
    let (a, b) = if a & !SIGN < b & !SIGN { (b, a) } else { (a, b) };
    let (large, small, differ) = (a & !SIGN, b & !SIGN, (a ^ b) & SIGN != 0);
    if large >= INFINITY {
        return if large > INFINITY || (small == large && differ) { NAN32.to_bits() } else { a };
    }
    if small == 0 {
        return if large == 0 { a & b } else { a };
    }
    let ((exponent, large), (other, small)) = (unpack(large), unpack(small));
    // A bit is free for the carry, and the lowest one stands for all that is shifted out.
    let (large, small, shift) = (large << (SPARE - 1), small << (SPARE - 1), (exponent - other) as u32);
    let small = match shift {
        0 => small,
        1..32 => small >> shift | u32::from(small << (32 - shift) != 0),
        _ => 1,
    };
    let sum = if differ { large - small } else { large + small };
    pack(a & SIGN != 0 && sum != 0, exponent - (SPARE - 1), sum)
}

/// A product.
pub(super) fn mul(a: u32, b: u32) -> u32 {
    let (sign, a, b) = ((a ^ b) & SIGN, a & !SIGN, b & !SIGN);
    if a >= INFINITY || b >= INFINITY {
        let nan = a > INFINITY || b > INFINITY || a == 0 || b == 0;
        return if nan { NAN32.to_bits() } else { sign | INFINITY };
    }
    if a == 0 || b == 0 {
        return sign;
    }
    let ((exponent, left), (other, right)) = (unpack(a), unpack(b));
    let product = u64::from(left << SPARE) * u64::from(right << (SPARE - 1));
    let exponent = exponent + other + 32 - (2 * SPARE - 1);
    pack(sign != 0, exponent, (product >> 32) as u32 | u32::from(product as u32 != 0))
}

/// A quotient.
pub(super) fn div(a: u32, b: u32) -> u32 {
    let (sign, a, b) = ((a ^ b) & SIGN, a & !SIGN, b & !SIGN);
    if a > INFINITY || b > INFINITY || (a == b && (a == 0 || a == INFINITY)) {
        return NAN32.to_bits();
    }
    if a == 0 || b == INFINITY {
        return sign;
    }
    if b == 0 || a == INFINITY {
        return sign | INFINITY;
    }
    let ((exponent, dividend), (other, divisor)) = (unpack(a), unpack(b));
    // A bit to round by, and one for the rest.
    let (quotient, rest) = divide(dividend, divisor);
    pack(sign != 0, exponent - other - (32 - SPARE + 2), quotient | u32::from(rest != 0))
}

/// Bits of the fraction of an `f32`, its bias, and the exponent from which on there is no bit below 1.
const FRACTION32: u32 = 23;
const BIAS32: i32 = 127;
const WHOLE32: i32 = BIAS32 + FRACTION32 as i32;

/// A finite magnitude as a mantissa times two to an exponent, the hidden bit being set. The magnitude is not 0.
#[inline(never)]
fn unpack(magnitude: u32) -> (i32, u32) {
    let (exponent, hidden) = ((magnitude >> FRACTION32) as i32, 1 << FRACTION32);
    if exponent != 0 {
        return (exponent - WHOLE32, magnitude & (hidden - 1) | hidden);
    }
    let shift = magnitude.leading_zeros() - (31 - FRACTION32);
    (1 - WHOLE32 - shift as i32, magnitude << shift)
}

/// `soft::pack` for an `f32` of a mantissa of 32 bits.
#[inline(never)]
fn pack(negative: bool, exponent: i32, mut mantissa: u32) -> u32 {
    const LARGEST: i32 = 2 * BIAS32 + 1;
    let sign = u32::from(negative) << 31;
    if mantissa == 0 {
        return sign;
    }
    let mut biased = exponent + 31 + BIAS32;
    // Most have one or two zeros, which is less than a chip without an instruction for that takes to count them.
    while mantissa >> 31 == 0 {
        mantissa <<= 1;
        biased -= 1;
    }
    if biased >= LARGEST {
        return sign | INFINITY;
    }
    let mut dropped = 31 - FRACTION32;
    if biased <= 0 {
        dropped += 1 + biased.unsigned_abs();
        biased = 1;
    }
    if dropped > 31 {
        // All that is left is half of the least float, or less, or a little more.
        return sign | u32::from(dropped == 32 && mantissa > 1 << 31);
    }
    let kept = mantissa >> dropped;
    let rest = mantissa << (32 - dropped);
    // The hidden bit adds one to the exponent, and so does a carry out of the fraction.
    let up = u32::from(rest > (1 << 31) - (kept & 1));
    sign | ((((biased - 1) as u32) << FRACTION32) + kept + up)
}

/// `dividend * 2^26 / divisor`, and what is left, of two mantissas.
fn divide(mut dividend: u32, divisor: u32) -> (u32, u32) {
    let mut quotient = 0u32;
    for _ in 0..27 {
        quotient <<= 1;
        if dividend >= divisor {
            dividend -= divisor;
            quotient |= 1;
        }
        dividend <<= 1;
    }
    (quotient, dividend)
}

#[cfg(test)]
mod tests {
    use super::super::soft::tests::{ROUNDS, Random, c32};
    use super::*;

    #[test]
    fn arithmetic_is_that_of_the_host() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..ROUNDS {
            let (x, y) = (random.f32(), random.f32());
            let (a, b) = (f32::from_bits(x), f32::from_bits(y));
            assert_eq!(add(x, y), c32(a + b), "{a:e} + {b:e}");
            assert_eq!(mul(x, y), c32(a * b), "{a:e} * {b:e}");
            assert_eq!(div(x, y), c32(a / b), "{a:e} / {b:e}");
            let near = x ^ (y & 0x8000_0007);
            let b = f32::from_bits(near);
            assert_eq!(add(x, near), c32(a + b), "{a:e} + {b:e}");
        }
    }
}

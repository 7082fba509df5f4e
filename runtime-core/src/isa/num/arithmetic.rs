//! Sums, products and quotients of floats in integers, one text for both widths: a third of the compiler's routines, which
//! unpack and round in each. For chips with little flash; `soft` has what they share.
//!
//! Floats are bits here. Every NaN that comes out is the canonical one.

use super::soft::{F64, INFINITY32, INFINITY64, divide, pack, unpack, unpack_normal};
use super::{NAN32, NAN64};

/// Expands to the arithmetic of a width. A mantissa has `$spare` bits above it; `$unpack` takes a magnitude that is neither
/// zero nor infinite, and sets the hidden bit if it is `$normal`.
macro_rules! arithmetic {
    (
        $bits:ty, $spare:literal, $infinity:ident, $nan:ident, $unpack:ident, $normal:ident, $pack:ident,
        $add:ident, $mul:ident by $multiply:ident, $div:ident by $divide:ident
    ) => {
        /// A sum.
        pub(super) fn $add(a: $bits, b: $bits) -> $bits {
            const SIGN: $bits = 1 << (<$bits>::BITS - 1);
            let (a, b) = if a & !SIGN < b & !SIGN { (b, a) } else { (a, b) };
            let (large, small, differ) = (a & !SIGN, b & !SIGN, (a ^ b) & SIGN != 0);
            if large >= $infinity {
                return if large > $infinity || (small == large && differ) { $nan.to_bits() } else { a };
            }
            if small == 0 {
                return if large == 0 { a & b } else { a };
            }
            let ((exponent, large), (other, small)) = ($unpack(large), $unpack(small));
            // A bit is free for the carry, and the lowest one stands for all that is shifted out.
            let (large, small, shift) = (large << ($spare - 1), small << ($spare - 1), (exponent - other) as u32);
            let small = match shift {
                0 => small,
                1..<$bits>::BITS => small >> shift | <$bits>::from(small << (<$bits>::BITS - shift) != 0),
                _ => 1,
            };
            let sum = if differ { large - small } else { large + small };
            $pack(a & SIGN != 0 && sum != 0, exponent - ($spare - 1), sum)
        }

        /// A product.
        pub(super) fn $mul(a: $bits, b: $bits) -> $bits {
            const SIGN: $bits = 1 << (<$bits>::BITS - 1);
            let (sign, a, b) = ((a ^ b) & SIGN, a & !SIGN, b & !SIGN);
            if a >= $infinity || b >= $infinity {
                let nan = a > $infinity || b > $infinity || a == 0 || b == 0;
                return if nan { $nan.to_bits() } else { sign | $infinity };
            }
            if a == 0 || b == 0 {
                return sign;
            }
            let ((exponent, left), (other, right)) = ($normal(a), $normal(b));
            let (high, low) = $multiply(left << $spare, right << ($spare - 1));
            let exponent = exponent + other + <$bits>::BITS as i32 - (2 * $spare - 1);
            $pack(sign != 0, exponent, high | <$bits>::from(low != 0))
        }

        /// A quotient.
        pub(super) fn $div(a: $bits, b: $bits) -> $bits {
            const SIGN: $bits = 1 << (<$bits>::BITS - 1);
            let (sign, a, b) = ((a ^ b) & SIGN, a & !SIGN, b & !SIGN);
            if a > $infinity || b > $infinity || (a == b && (a == 0 || a == $infinity)) {
                return $nan.to_bits();
            }
            if a == 0 || b == $infinity {
                return sign;
            }
            if b == 0 || a == $infinity {
                return sign | $infinity;
            }
            let ((exponent, dividend), (other, divisor)) = ($normal(a), $normal(b));
            // A bit to round by, and one for the rest.
            let (quotient, rest) = $divide(dividend, divisor);
            $pack(
                sign != 0,
                exponent - other - (<$bits>::BITS as i32 - $spare + 2),
                quotient | <$bits>::from(rest != 0),
            )
        }
    };
}

arithmetic! {
    u32, 8, INFINITY32, NAN32, unpack32, unpack32, pack32,
    add32, mul32 by multiply32, div32 by divide32
}
arithmetic! {
    u64, 11, INFINITY64, NAN64, unpack, unpack_normal, pack64,
    add64, mul64 by multiply64, div64 by divide64
}

fn pack64(negative: bool, exponent: i32, mantissa: u64) -> u64 {
    pack(F64, negative, exponent, mantissa)
}

/// Bits of the fraction of an `f32`, its bias, and the exponent from which on there is no bit below 1.
const FRACTION32: u32 = 23;
const BIAS32: i32 = 127;
const WHOLE32: i32 = BIAS32 + FRACTION32 as i32;

/// A finite magnitude as a mantissa times two to an exponent, the hidden bit being set. The magnitude is not 0.
#[inline(never)]
fn unpack32(magnitude: u32) -> (i32, u32) {
    let (exponent, hidden) = ((magnitude >> FRACTION32) as i32, 1 << FRACTION32);
    if exponent != 0 {
        return (exponent - WHOLE32, magnitude & (hidden - 1) | hidden);
    }
    let shift = magnitude.leading_zeros() - (31 - FRACTION32);
    (1 - WHOLE32 - shift as i32, magnitude << shift)
}

/// `soft::pack` for an `f32` of a mantissa of 32 bits.
#[inline(never)]
fn pack32(negative: bool, exponent: i32, mut mantissa: u32) -> u32 {
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
        return sign | INFINITY32;
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

fn multiply32(a: u32, b: u32) -> (u32, u32) {
    let product = u64::from(a) * u64::from(b);
    ((product >> 32) as u32, product as u32)
}

fn multiply64(a: u64, b: u64) -> (u64, u64) {
    let halves = |value: u64| (value >> 32, value & 0xffff_ffff);
    let ((a1, a0), (b1, b0)) = (halves(a), halves(b));
    let (carry, low) = halves(a0 * b0);
    let (carry, middle) = {
        let (high, middle) = halves(a1 * b0 + carry);
        let (other, middle) = halves(a0 * b1 + middle);
        (high + other, middle)
    };
    (a1 * b1 + carry, middle << 32 | low)
}

/// `dividend * 2^26 / divisor`, and what is left, of two mantissas.
fn divide32(mut dividend: u32, divisor: u32) -> (u32, u32) {
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

/// `dividend * 2^55 / divisor`, and what is left, of two mantissas.
fn divide64(dividend: u64, divisor: u64) -> (u64, u64) {
    divide(dividend >> 9, dividend << 55, divisor)
}

#[cfg(test)]
mod tests {
    use super::super::soft::tests::{ROUNDS, Random, c32, c64};
    use super::*;

    #[test]
    fn arithmetic_is_that_of_the_host() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..ROUNDS {
            let (x, y) = (random.f64(), random.f64());
            let (a, b) = (f64::from_bits(x), f64::from_bits(y));
            assert_eq!(add64(x, y), c64(a + b), "{a:e} + {b:e}");
            assert_eq!(mul64(x, y), c64(a * b), "{a:e} * {b:e}");
            assert_eq!(div64(x, y), c64(a / b), "{a:e} / {b:e}");
            let near = x ^ (y & 0x8000_0000_0000_0007);
            let b = f64::from_bits(near);
            assert_eq!(add64(x, near), c64(a + b), "{a:e} + {b:e}");
            let (x, y) = (random.f32(), random.f32());
            let (a, b) = (f32::from_bits(x), f32::from_bits(y));
            assert_eq!(add32(x, y), c32(a + b), "{a:e} + {b:e}");
            assert_eq!(mul32(x, y), c32(a * b), "{a:e} * {b:e}");
            assert_eq!(div32(x, y), c32(a / b), "{a:e} / {b:e}");
            let near = x ^ (y & 0x8000_0007);
            let b = f32::from_bits(near);
            assert_eq!(add32(x, near), c32(a + b), "{a:e} + {b:e}");
        }
    }
}

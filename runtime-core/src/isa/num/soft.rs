//! Floats in integers, for chips without them: a few short routines that share their parts where the compiler's own are many and
//! long. `arithmetic` has sums, products and quotients of 32 bits; those of 64 bits are the compiler's, which are twice as fast.
//!
//! Arithmetic on `f32` is arithmetic on `f64` rounded once more: 53 bits are more than twice 24 and two, so that the second
//! rounding gives what one alone would have (Figueroa, "When is double rounding innocuous?").
//!
//! Floats are bits here. Every NaN that comes out is the canonical one.

use super::{NAN32, NAN64, SIGN32, SIGN64};
use crate::Trap;

pub(super) const INFINITY32: u32 = f32::INFINITY.to_bits();
const INFINITY64: u64 = f64::INFINITY.to_bits();
/// Bits of a fraction, and the hidden bit above them.
const FRACTION64: u32 = 52;
const HIDDEN64: u64 = 1 << FRACTION64;
/// The exponent of 1.0 as an `f64` stores it, and the one from which on there is no bit below 1.
const ONE64: i32 = 1023;
const WHOLE64: i32 = ONE64 + FRACTION64 as i32;

/// A format of floats.
#[derive(Clone, Copy)]
pub(crate) struct Format {
    fraction: u32,
    /// The exponent of 1.0.
    bias: i32,
}
pub(crate) const F32: Format = Format { fraction: 23, bias: 127 };
pub(crate) const F64: Format = Format { fraction: FRACTION64, bias: ONE64 };

/// An `f32` as an `f64`.
#[inline(never)]
pub(crate) fn widen(a: u32) -> u64 {
    let sign = u64::from(a & SIGN32) << 32;
    let magnitude = a & !SIGN32;
    if magnitude > INFINITY32 {
        return NAN64.to_bits();
    }
    if magnitude == INFINITY32 {
        return sign | INFINITY64;
    }
    let (mut mantissa, mut bias) = (magnitude, F64.bias - F32.bias);
    if magnitude >> F32.fraction == 0 {
        if magnitude == 0 {
            return sign;
        }
        // The hidden bit, once it is where it belongs, adds one to the exponent as it does in a normal number.
        let shift = magnitude.leading_zeros() - (31 - F32.fraction);
        mantissa <<= shift;
        bias -= shift as i32;
    }
    let offset = u64::from(bias as u32) << FRACTION64;
    sign | ((u64::from(mantissa) << (FRACTION64 - F32.fraction)) + offset)
}

/// The `f32` nearest to an `f64`.
#[inline(never)]
pub(crate) fn narrow(a: u64) -> u32 {
    let magnitude = a & !SIGN64;
    if magnitude > INFINITY64 {
        return NAN32.to_bits();
    }
    if magnitude == INFINITY64 {
        return (a >> 32) as u32 & SIGN32 | INFINITY32;
    }
    let (exponent, mantissa) = unpack(magnitude);
    pack(F32, is_negative(a), exponent, mantissa) as u32
}

fn is_negative(a: u64) -> bool {
    (a as i64) < 0
}

/// A finite magnitude as a mantissa times two to an exponent.
fn unpack(magnitude: u64) -> (i32, u64) {
    let exponent = (magnitude >> FRACTION64) as i32;
    let fraction = magnitude & (HIDDEN64 - 1);
    if exponent == 0 { (1 - WHOLE64, fraction) } else { (exponent - WHOLE64, fraction | HIDDEN64) }
}

/// The same, the hidden bit being set. The magnitude is not 0.
fn unpack_normal(magnitude: u64) -> (i32, u64) {
    let (exponent, mantissa) = unpack(magnitude);
    let shift = mantissa.leading_zeros().saturating_sub(63 - FRACTION64);
    (exponent - shift as i32, mantissa << shift)
}

/// The float nearest to a mantissa times two to an exponent, of two equally near the even one. The mantissa's lowest bit may stand
/// for all that is below it, if it has two bits more than the format.
#[inline(never)]
pub(crate) fn pack(format: Format, negative: bool, exponent: i32, mantissa: u64) -> u64 {
    let largest = 2 * format.bias + 1;
    let sign = u64::from(negative) << (if format.fraction == FRACTION64 { 63 } else { 31 });
    if mantissa == 0 {
        return sign;
    }
    let zeros = mantissa.leading_zeros();
    let mantissa = mantissa << zeros;
    let mantissa = mantissa >> 1 | mantissa & 1;
    let mut biased = exponent - zeros as i32 + 63 + format.bias;
    if biased >= largest {
        return sign | (largest as u64) << format.fraction;
    }
    let mut dropped = 62 - format.fraction;
    if biased <= 0 {
        dropped += 1 + biased.unsigned_abs();
        biased = 1;
    }
    if dropped > 63 {
        return sign;
    }
    let kept = mantissa >> dropped;
    let rest = mantissa << (64 - dropped);
    // The hidden bit adds one to the exponent, and so does a carry out of the fraction.
    let up = u64::from(rest > SIGN64 - (kept & 1));
    sign | ((((biased - 1) as u64) << format.fraction) + kept + up)
}

/// An integer as a float.
pub(crate) fn of_signed(format: Format, a: i64) -> u64 {
    pack(format, a < 0, 0, a.unsigned_abs())
}

/// A square root, bit by bit.
pub(super) fn sqrt(a: u64) -> u64 {
    if a & !SIGN64 == 0 {
        return a;
    }
    if a > INFINITY64 {
        return NAN64.to_bits();
    }
    if a == INFINITY64 {
        return a;
    }
    let (exponent, mantissa) = unpack_normal(a);
    // The value is 1.x or, for the exponent to be even, twice that, times two to it; what is left of it is kept doubled.
    let exponent = exponent + FRACTION64 as i32;
    let mut left = mantissa << (1 + (exponent & 1));
    let (mut twice, mut root, mut bit) = (0, 0, 1 << (FRACTION64 + 1));
    while bit != 0 {
        let trial = twice + bit;
        if trial <= left {
            twice = trial + bit;
            left -= trial;
            root += bit;
        }
        left <<= 1;
        bit >>= 1;
    }
    pack(F64, false, (exponent >> 1) - FRACTION64 as i32 - 2, root << 1 | u64::from(left != 0))
}

/// Where a float goes that is no integer.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Toward {
    Zero,
    Above,
    Below,
    Nearest,
}

/// The integer next to a float, as a float.
#[inline(never)]
pub(crate) fn round(a: u64, toward: Toward) -> u64 {
    let (sign, magnitude) = (a & SIGN64, a & !SIGN64);
    if magnitude > INFINITY64 {
        return NAN64.to_bits();
    }
    let away = match toward {
        Toward::Above => sign == 0,
        Toward::Below => sign != 0,
        _ => false,
    };
    let exponent = (magnitude >> FRACTION64) as i32;
    if exponent >= WHOLE64 {
        return a;
    }
    if exponent < ONE64 {
        let half = (ONE64 as u64 - 1) << FRACTION64;
        let one = if toward == Toward::Nearest { magnitude > half } else { away && magnitude != 0 };
        return sign | if one { (ONE64 as u64) << FRACTION64 } else { 0 };
    }
    let unit = 1 << (WHOLE64 - exponent);
    let odd = u64::from(magnitude & unit != 0);
    let added = match toward {
        // 1.x is odd by its hidden bit; so is its exponent, where that would be.
        Toward::Nearest => unit / 2 - 1 + odd,
        _ if away => unit - 1,
        _ => 0,
    };
    sign | (magnitude + added) & !(unit - 1)
}

/// The integer that a float truncates to, in two's complement: `low` below zero to `high`.
#[inline(never)]
pub(crate) fn truncate(a: u64, low: u64, high: u64) -> Result<u64, Trap> {
    let magnitude = a & !SIGN64;
    if magnitude > INFINITY64 {
        return Err(Trap::InvalidConversionToInteger);
    }
    let (exponent, mantissa) = unpack(magnitude);
    let whole = match exponent {
        12.. => return Err(Trap::IntegerOverflow),
        0.. => mantissa << exponent,
        -63.. => mantissa >> exponent.unsigned_abs(),
        _ => 0,
    };
    match is_negative(a) {
        true if whole <= low => Ok(whole.wrapping_neg()),
        false if whole <= high => Ok(whole),
        _ => Err(Trap::IntegerOverflow),
    }
}

/// The same, the nearest of these integers in place of one that is not among them, and 0 for a NaN.
pub(crate) fn saturate(a: u64, low: u64, high: u64) -> u64 {
    match truncate(a, low, high) {
        Ok(value) => value,
        Err(Trap::InvalidConversionToInteger) => 0,
        Err(_) if is_negative(a) => low.wrapping_neg(),
        Err(_) => high,
    }
}

/// How two floats compare, as one bit.
pub(crate) const LESS: u32 = 1;
pub(crate) const EQUAL: u32 = 2;
pub(crate) const GREATER: u32 = 4;
/// One of them is a NaN.
pub(crate) const UNORDERED: u32 = 8;

macro_rules! compare {
    ($name:ident, $bits:ty, $infinity:expr) => {
        #[inline(never)]
        pub(crate) fn $name(a: $bits, b: $bits) -> u32 {
            let sign = 1 << (<$bits>::BITS - 1);
            if (a & !sign) > $infinity || (b & !sign) > $infinity {
                UNORDERED
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
compare!(compare32, u32, INFINITY32);
compare!(compare64, u64, INFINITY64);

/// The lesser of two floats that compare so, or the greater one; of zeros the negative one is less. `None` is a NaN.
#[cfg(any(test, wasmote_assembly))]
pub(crate) fn extreme(order: u32, a: u64, b: u64, greatest: bool) -> Option<u64> {
    match order {
        UNORDERED => None,
        EQUAL if greatest => Some(a & b),
        EQUAL => Some(a | b),
        order if (order == GREATER) == greatest => Some(a),
        _ => Some(b),
    }
}

/// The same of their bits.
#[cfg(any(test, wasmote_assembly))]
pub(crate) fn extreme64(a: u64, b: u64, greatest: bool) -> u64 {
    extreme(compare64(a, b), a, b, greatest).unwrap_or(NAN64.to_bits())
}
#[cfg(any(test, wasmote_assembly))]
pub(crate) fn extreme32(a: u32, b: u32, greatest: bool) -> u32 {
    let order = compare64(widen(a), widen(b));
    extreme(order, a.into(), b.into(), greatest).map_or(NAN32.to_bits(), |bits| bits as u32)
}

#[cfg(test)]
pub(super) mod tests {
    //! Against the floats of the host, at the edges and at random.

    use super::super::{canon32, canon64};
    use super::*;
    use crate::isa::num;
    use core::cmp::Ordering;

    /// Bits that are at an edge of a format more often than not.
    pub(in super::super) struct Random(pub(in super::super) u64);
    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }
        pub(in super::super) fn f64(&mut self) -> u64 {
            let (bits, how) = (self.next(), self.next());
            let exponent = match how % 8 {
                0 => how >> 32 & 3,
                1 => 2047 - (how >> 32 & 3),
                2 | 3 => 1023 - 70 + (how >> 32) % 140,
                4 => 1023 - 150 + (how >> 32) % 24,
                5 => 1023 + 120 + (how >> 32) % 16,
                _ => return bits,
            };
            let fraction = match how >> 8 & 7 {
                0 => 0,
                1 => HIDDEN64 - 1,
                2 => 1 << (how >> 16 & 63).min(51),
                3 => bits & !((1 << 29) - 1),
                4 => bits & !((1 << 28) - 1),
                5 => (HIDDEN64 - 1) << (how >> 16 & 63).min(51),
                _ => bits,
            };
            bits & SIGN64 | exponent << FRACTION64 | fraction & (HIDDEN64 - 1)
        }
        pub(in super::super) fn f32(&mut self) -> u32 {
            if self.next() & 1 == 0 { self.next() as u32 } else { (f64::from_bits(self.f64()) as f32).to_bits() }
        }
        fn integer(&mut self) -> u64 {
            let (bits, how) = (self.next(), self.next());
            let bits = bits >> (how & 63);
            if how & 64 == 0 { bits } else { bits.wrapping_neg().wrapping_add(how >> 8 & 3) }
        }
    }
    pub(in super::super) const ROUNDS: usize = if cfg!(miri) { 200 } else { 300_000 };

    pub(in super::super) fn c32(a: f32) -> u32 {
        canon32(a).to_bits()
    }
    pub(in super::super) fn c64(a: f64) -> u64 {
        canon64(a).to_bits()
    }

    #[test]
    fn floats_of_64_bits_are_those_of_the_host() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..ROUNDS {
            let (x, y) = (random.f64(), random.f64());
            let (a, b) = (f64::from_bits(x), f64::from_bits(y));
            assert_eq!(sqrt(x), c64(a.sqrt()), "sqrt {a:e}");
            assert_eq!(narrow(x), c32(a as f32), "{a:e}");
            assert_eq!(round(x, Toward::Zero), c64(libm::trunc(a)), "trunc {a:e}");
            assert_eq!(round(x, Toward::Above), c64(libm::ceil(a)), "ceil {a:e}");
            assert_eq!(round(x, Toward::Below), c64(libm::floor(a)), "floor {a:e}");
            assert_eq!(round(x, Toward::Nearest), c64(libm::rint(a)), "nearest {a:e}");
            assert_eq!(saturate(x, 1 << 31, (1 << 31) - 1) as u32, a as i32 as u32, "{a:e}");
            assert_eq!(saturate(x, 0, u64::from(u32::MAX)) as u32, a as u32, "{a:e}");
            assert_eq!(saturate(x, 1 << 63, (1 << 63) - 1), a as i64 as u64, "{a:e}");
            assert_eq!(saturate(x, 0, u64::MAX), a as u64, "{a:e}");
            assert_eq!(compare64(x, y), order(a.partial_cmp(&b)), "{a:e} {b:e}");
            assert_eq!(extreme64(x, y, false), num::f64_min(a, b).to_bits(), "{a:e} {b:e}");
            assert_eq!(extreme64(x, y, true), num::f64_max(a, b).to_bits(), "{a:e} {b:e}");
        }
    }

    #[test]
    fn floats_of_32_bits_are_those_of_the_host() {
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        for _ in 0..ROUNDS {
            let (x, y) = (random.f32(), random.f32());
            let (a, b) = (f32::from_bits(x), f32::from_bits(y));
            let [p, q] = [x, y].map(|bits| f64::from_bits(widen(bits)));
            assert_eq!(widen(x), c64(f64::from(a)), "{a:e}");
            assert_eq!(narrow((p + q).to_bits()), c32(a + b), "{a:e} + {b:e}");
            assert_eq!(narrow((p - q).to_bits()), c32(a - b), "{a:e} - {b:e}");
            assert_eq!(narrow((p * q).to_bits()), c32(a * b), "{a:e} * {b:e}");
            assert_eq!(narrow((p / q).to_bits()), c32(a / b), "{a:e} / {b:e}");
            assert_eq!(narrow(sqrt(p.to_bits())), c32(a.sqrt()), "sqrt {a:e}");
            assert_eq!(narrow(round(p.to_bits(), Toward::Nearest)), c32(libm::rintf(a)), "nearest {a:e}");
            assert_eq!(narrow(round(p.to_bits(), Toward::Above)), c32(libm::ceilf(a)), "ceil {a:e}");
            assert_eq!(narrow(round(p.to_bits(), Toward::Below)), c32(libm::floorf(a)), "floor {a:e}");
            assert_eq!(narrow(round(p.to_bits(), Toward::Zero)), c32(libm::truncf(a)), "trunc {a:e}");
            assert_eq!(saturate(widen(x), 1 << 63, (1 << 63) - 1), a as i64 as u64, "{a:e}");
            assert_eq!(saturate(widen(x), 0, u64::MAX), a as u64, "{a:e}");
            assert_eq!(compare32(x, y), order(a.partial_cmp(&b)), "{a:e} {b:e}");
        }
    }

    #[test]
    fn integers_become_floats_as_on_the_host() {
        let mut random = Random(0x1234_5678_9abc_def1);
        for _ in 0..ROUNDS {
            let a = random.integer();
            let x = a as i64;
            assert_eq!(pack(F64, false, 0, a), (a as f64).to_bits(), "{a}");
            assert_eq!(pack(F32, false, 0, a) as u32, (a as f32).to_bits(), "{a}");
            assert_eq!(of_signed(F64, x), (x as f64).to_bits(), "{x}");
            assert_eq!(of_signed(F32, x) as u32, (x as f32).to_bits(), "{x}");
        }
    }

    fn order(order: Option<Ordering>) -> u32 {
        match order {
            None => UNORDERED,
            Some(Ordering::Less) => LESS,
            Some(Ordering::Equal) => EQUAL,
            Some(Ordering::Greater) => GREATER,
        }
    }

    #[test]
    fn floats_compare_by_their_bits_as_by_their_values() {
        let values =
            [0.0, -0.0, 1.0, -1.0, f32::MIN_POSITIVE, -1e-40, f32::MAX, f32::MIN, f32::INFINITY, -f32::INFINITY];
        let with_nans = values.iter().copied().chain([f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001)]);
        for a in with_nans.clone() {
            for b in with_nans.clone() {
                let expected = order(a.partial_cmp(&b));
                let [x, y] = [a, b].map(f32::to_bits);
                assert_eq!(extreme32(x, y, false), num::f32_min(a, b).to_bits(), "{a} {b}");
                assert_eq!(extreme32(x, y, true), num::f32_max(a, b).to_bits(), "{a} {b}");
                assert_eq!(compare32(a.to_bits(), b.to_bits()), expected, "{a} {b}");
                assert_eq!(compare64(f64::from(a).to_bits(), f64::from(b).to_bits()), expected, "{a} {b}");
            }
        }
    }
}

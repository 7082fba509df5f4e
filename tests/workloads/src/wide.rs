//! Arithmetic of 64 bits: products modulo a prime, a keyed hash, division, fixed point, and numbers of 256 bits.

use crate::input::mix;

/// The largest prime below 2^61, of which products of 122 bits are needed.
const PRIME: u64 = (1 << 61) - 1;

fn multiply_modulo(a: u64, b: u64) -> u64 {
    let mask = u64::from(u32::MAX);
    let (a_low, a_high, b_low, b_high) = (a & mask, a >> 32, b & mask, b >> 32);
    let low = a_low * b_low;
    let middle = a_high * b_low + (low >> 32);
    let second = a_low * b_high + (middle & mask);
    let high = a_high * b_high + (middle >> 32) + (second >> 32);
    let low = (second << 32) | (low & mask);
    let folded = (low & PRIME) + ((high << 3) | (low >> 61));
    if folded >= PRIME { folded - PRIME } else { folded }
}

fn power_modulo(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent != 0 {
        if exponent & 1 != 0 {
            result = multiply_modulo(result, base);
        }
        base = multiply_modulo(base, base);
        exponent >>= 1;
    }
    result
}

fn sip_round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

/// SipHash-2-4 of whole words.
fn sip(key: [u64; 2], words: &[u64]) -> u64 {
    let mut v = [
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ];
    let last = (words.len() as u64 * 8) << 56;
    for word in words.iter().copied().chain([last]) {
        v[3] ^= word;
        sip_round(&mut v);
        sip_round(&mut v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for _ in 0..4 {
        sip_round(&mut v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

/// The square root in fixed point of 32 fractional bits, by Newton's steps.
fn root(value: u64) -> u64 {
    let mut guess = (value >> 1).max(1);
    for _ in 0..40 {
        let next = (guess + (value / guess)) >> 1;
        if next >= guess {
            break;
        }
        guess = next;
    }
    guess
}

/// Numbers of 256 bits in words of 64.
fn add_wide(a: &mut [u64; 4], b: &[u64; 4]) -> bool {
    let mut carry = false;
    for (word, other) in a.iter_mut().zip(b) {
        let (sum, first) = word.overflowing_add(*other);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        *word = sum;
        carry = first | second;
    }
    carry
}

/// All kinds once in each round.
pub fn run(rounds: u32) -> u32 {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut long = [1, 2, 3, 4];
    let mut sum = 0;
    for round in 0..rounds {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let power = power_modulo(seed & PRIME, seed >> 32);
        let hash = sip([seed, !seed], &[power, u64::from(round), seed, long[0], long[3]]);
        let root = root(hash >> 4);
        let days = (hash / 86_400_000) % 100_000;
        let rest = (seed as i64 % 1_000_003) * if days & 1 == 0 { 1 } else { -1 };
        for _ in 0..16 {
            let other = [hash, power, root, seed];
            let carry = add_wide(&mut long, &other);
            long.rotate_left(usize::from(carry));
        }
        for value in [power, hash, root, days, rest as u64, long[1]] {
            sum = mix(mix(sum, value as u32), (value >> 32) as u32);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_agree_with_those_of_128_bits() {
        for (a, b) in [(PRIME - 1, PRIME - 1), (12345, 1 << 60), (PRIME / 3, PRIME / 7)] {
            assert_eq!(u128::from(multiply_modulo(a, b)), u128::from(a) * u128::from(b) % u128::from(PRIME));
        }
        // Fermat's little theorem.
        assert_eq!(power_modulo(987_654_321, PRIME - 1), 1);
    }

    #[test]
    fn the_hash_is_that_of_its_paper() {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        // Of the 8 bytes 0 to 7, in the vectors of its authors.
        assert_eq!(sip(key, &[0x0706_0504_0302_0100]), 0x93f5_f579_9a93_2462);
    }
}

//! Division of long numbers, a bit at a time: times are divided once a sleep, and the compiler's routine takes 900 bytes.

/// `number / by`, rounded down; everything, if `by` is zero.
#[must_use]
pub fn divided(number: u64, by: u64) -> u64 {
    // The quotient moves in where the number moves out.
    let (mut quotient, mut rest) = (number, 0_u64);
    for _ in 0..u64::BITS {
        let top = rest >> 63;
        rest = rest << 1 | quotient >> 63;
        quotient <<= 1;
        if top != 0 || rest >= by {
            rest = rest.wrapping_sub(by);
            quotient |= 1;
        }
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::divided;

    #[test]
    fn it_is_the_quotient() {
        let ends = [0, 1, 2, 999, 1_000, 1_001, u64::from(u32::MAX), 1 << 63, u64::MAX - 1, u64::MAX];
        for number in ends {
            for by in ends.into_iter().filter(|by| *by != 0) {
                assert_eq!(divided(number, by), number / by, "{number} / {by}");
            }
        }
        assert_eq!(divided(7, 0), u64::MAX);
    }
}

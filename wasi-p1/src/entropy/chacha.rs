//! ChaCha with 20 rounds (RFC 8439) as a generator that forgets: each request begins with the key of the next one.
//!
//! Its rounds are loops: a library's, unrolled for speed, took 2.7 KB of a Cortex-M0+'s flash and kept 256 bytes that were
//! not given out yet.

use super::SEED_BYTES;

/// Bytes of a block.
const BLOCK_BYTES: usize = 64;
/// Words of a block: constants, key, counter.
const WORDS: usize = BLOCK_BYTES / 4;
/// The first four words: "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
/// The places of a quarter round: columns, then diagonals.
const QUARTERS: [[u8; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

/// A key, which no request has seen the output of.
#[derive(Clone)]
pub(super) struct Generator {
    key: [u8; SEED_BYTES],
}

impl Generator {
    /// A generator with this key.
    pub(super) fn new(key: [u8; SEED_BYTES]) -> Generator {
        Generator { key }
    }

    /// Fills `bytes`, and replaces the key before it does.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        let key = core::mem::replace(&mut self.key, [0; SEED_BYTES]);
        let first = block(&key, 0);
        let (next, rest) = first.split_at(SEED_BYTES);
        self.key.copy_from_slice(next);
        let (head, tail) = bytes.split_at_mut(rest.len().min(bytes.len()));
        head.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        for (number, piece) in (1..).zip(tail.chunks_mut(BLOCK_BYTES)) {
            piece.iter_mut().zip(block(&key, number)).for_each(|(to, from)| *to = from);
        }
    }
}

/// The block of a key with this number, the nonce being zero: no key is used for a second request.
fn block(key: &[u8; SEED_BYTES], number: u32) -> [u8; BLOCK_BYTES] {
    let mut begun = [0; WORDS];
    let words = key.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
    begun.iter_mut().zip(CONSTANTS.into_iter().chain(words).chain([number])).for_each(|(to, from)| *to = from);
    let mut state = begun;
    for _ in 0..10 {
        QUARTERS.iter().for_each(|places| quarter(&mut state, places.map(usize::from)));
    }
    let mut bytes = [0; BLOCK_BYTES];
    let sums = state.iter().zip(begun).map(|(word, begun)| word.wrapping_add(begun));
    bytes.as_chunks_mut::<4>().0.iter_mut().zip(sums).for_each(|(to, word)| *to = word.to_le_bytes());
    bytes
}

fn quarter(state: &mut [u32; WORDS], [a, b, c, d]: [usize; 4]) {
    for (to, from, turned, left) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        let sum = word(state, to).wrapping_add(word(state, from));
        put(state, to, sum);
        let mixed = (word(state, turned) ^ sum).rotate_left(left);
        put(state, turned, mixed);
    }
}

fn word(state: &[u32; WORDS], place: usize) -> u32 {
    state.get(place).copied().unwrap_or(0)
}

fn put(state: &mut [u32; WORDS], place: usize, word: u32) {
    if let Some(to) = state.get_mut(place) {
        *to = word;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    #[test]
    fn blocks_are_those_of_the_specification() {
        // RFC 8439, appendix A.1, test vectors 1 and 2.
        let expected =
            [[0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90], [0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a]];
        for (number, begin) in (0..).zip(expected) {
            assert_eq!(block(&[0; SEED_BYTES], number)[..8], begin);
        }
    }

    #[test]
    fn every_block_is_that_of_another_implementation() {
        for seed in 0..=255u8 {
            let key = core::array::from_fn(|n| seed.wrapping_mul(31).wrapping_add(n as u8 * 7));
            let mut other = ChaCha20Rng::from_seed(key);
            for number in 0..9 {
                let mut expected = [0; BLOCK_BYTES];
                other.fill_bytes(&mut expected);
                assert_eq!(block(&key, number), expected, "seed {seed}, block {number}");
            }
        }
    }

    #[test]
    fn what_is_given_out_is_neither_the_next_key_nor_given_out_again() {
        let mut generator = Generator::new([9; SEED_BYTES]);
        let mut first = [0; 200];
        generator.fill(&mut first);
        let key = generator.key;
        assert!(first.windows(8).all(|window| !key.windows(8).any(|part| part == window)));
        let mut second = [0; 200];
        generator.fill(&mut second);
        assert!(first.iter().zip(second).filter(|(first, second)| *first == second).count() < 20);
        assert_ne!(generator.key, key);
    }

    #[test]
    fn pieces_of_every_length_are_filled() {
        for len in 0..150 {
            let mut bytes = [0; 150];
            Generator::new([3; SEED_BYTES]).fill(&mut bytes[..len]);
            assert!(bytes[len..].iter().all(|byte| *byte == 0));
            let mut all = [0; 150];
            Generator::new([3; SEED_BYTES]).fill(&mut all);
            assert_eq!(bytes[..len], all[..len]);
        }
    }
}

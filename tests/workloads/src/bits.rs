//! Work on bits: a Huffman code made and used both ways, base 64, CRC-32 by table, Hamming's correction, bits counted.

use crate::input::{Numbers, mix};

const LETTERS: usize = 16;
const LEN: usize = 256;

/// The length of each letter's code.
fn code_lengths(counts: &[u16; LETTERS]) -> [u8; LETTERS] {
    let mut weight = [0u16; 2 * LETTERS];
    let mut parent = [0u8; 2 * LETTERS];
    weight[..LETTERS].copy_from_slice(&counts.map(|count| count + 1));
    let mut used = [false; 2 * LETTERS];
    for new in LETTERS..2 * LETTERS - 1 {
        let mut least = [usize::MAX; 2];
        for slot in &mut least {
            let mut best = u16::MAX;
            for at in 0..new {
                if !used[at] && weight[at] < best {
                    (best, *slot) = (weight[at], at);
                }
            }
            used[*slot] = true;
            parent[*slot] = new as u8;
        }
        weight[new] = weight[least[0]] + weight[least[1]];
    }
    core::array::from_fn(|letter| {
        let (mut at, mut len) = (letter, 0);
        while at != 2 * LETTERS - 2 {
            at = parent[at] as usize;
            len += 1;
        }
        len
    })
}

/// Codes in the order of their lengths.
fn codes(lengths: &[u8; LETTERS]) -> [u16; LETTERS] {
    let (mut codes, mut next) = ([0; LETTERS], 0u16);
    for len in 1..=LETTERS as u8 {
        for letter in 0..LETTERS {
            if lengths[letter] == len {
                codes[letter] = next;
                next += 1;
            }
        }
        next <<= 1;
    }
    codes
}

struct Bits<'b> {
    bytes: &'b mut [u8],
    at: usize,
}

impl Bits<'_> {
    fn put(&mut self, code: u16, len: u8) {
        for bit in (0..len).rev() {
            let byte = &mut self.bytes[self.at >> 3];
            let mask = 0x80 >> (self.at & 7);
            *byte = if code >> bit & 1 != 0 { *byte | mask } else { *byte & !mask };
            self.at += 1;
        }
    }

    fn get(&mut self) -> u16 {
        let bit = self.bytes[self.at >> 3] >> (7 - (self.at & 7)) & 1;
        self.at += 1;
        u16::from(bit)
    }

    fn letter(&mut self, lengths: &[u8; LETTERS], codes: &[u16; LETTERS]) -> Option<usize> {
        let (mut code, mut len) = (0, 0);
        while len < LETTERS as u8 {
            code = code << 1 | self.get();
            len += 1;
            if let Some(letter) = (0..LETTERS).find(|letter| lengths[*letter] == len && codes[*letter] == code) {
                return Some(letter);
            }
        }
        None
    }
}

fn base64(bytes: &[u8], out: &mut [u8]) -> usize {
    static DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut len = 0;
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            out[len] = if digit <= chunk.len() { DIGITS[(word >> (18 - 6 * digit)) as usize & 63] } else { b'=' };
            len += 1;
        }
    }
    len
}

fn crc_table() -> [u32; 256] {
    core::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |crc, _| if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn crc32(table: &[u32; 256], bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| crc >> 8 ^ table[((crc ^ u32::from(*byte)) & 255) as usize])
}

/// Four bits as seven, and back with one of them wrong.
fn hamming(data: u32, wrong: u32) -> u32 {
    let bit = |at: u32| data >> at & 1;
    let parity = [bit(0) ^ bit(1) ^ bit(3), bit(0) ^ bit(2) ^ bit(3), bit(1) ^ bit(2) ^ bit(3)];
    let word = parity[0] | parity[1] << 1 | bit(0) << 2 | parity[2] << 3 | bit(1) << 4 | bit(2) << 5 | bit(3) << 6;
    let mut received = word ^ 1 << (wrong % 7);
    let check = |mask: u32| (received & mask).count_ones() & 1;
    let place = check(0b101_0101) | check(0b110_0110) << 1 | check(0b111_1000) << 2;
    if place != 0 {
        received ^= 1 << (place - 1);
    }
    received >> 2 & 1 | received >> 3 & 0b1110
}

/// 256 letters in each round.
pub fn run(rounds: u32) -> u32 {
    let table = crc_table();
    let (mut packed, mut printed) = ([0; LEN], [0; LEN * 2]);
    let mut letters = [0u8; LEN];
    let mut sum = 0;
    for round in 0..rounds {
        let mut numbers = Numbers::new(round);
        let mut counts = [0; LETTERS];
        for letter in &mut letters {
            *letter = (numbers.next() & numbers.next()) as u8 & 15;
            counts[*letter as usize] += 1;
        }
        let lengths = code_lengths(&counts);
        let codes = codes(&lengths);
        let mut bits = Bits { bytes: &mut packed, at: 0 };
        for letter in letters {
            bits.put(codes[letter as usize], lengths[letter as usize]);
        }
        let len = bits.at.div_ceil(8);
        bits.at = 0;
        let agree = letters.iter().all(|letter| bits.letter(&lengths, &codes) == Some(*letter as usize));
        let printed_len = base64(&packed[..len], &mut printed);
        sum = mix(mix(sum, u32::from(agree)), crc32(&table, &printed[..printed_len]));
        for letter in &letters[..64] {
            sum = mix(sum, hamming(u32::from(*letter), numbers.next() >> 5));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_crc() {
        assert_eq!(crc32(&crc_table(), b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn base_64_is_padded() {
        let mut out = [0; 8];
        assert_eq!(base64(b"light", &mut out), 8);
        assert_eq!(&out, b"bGlnaHQ=");
    }

    #[test]
    fn one_wrong_bit_is_corrected() {
        for data in 0..16 {
            assert!((0..7).all(|wrong| hamming(data, wrong) == data));
        }
    }
}

//! Compression as in LZ4: sequences of literals and matches found through a hash table, and back.

use crate::input::{Numbers, mix};

const PLAIN: usize = 2048;
const PACKED: usize = PLAIN + PLAIN / 8;
const HASH_BITS: u32 = 9;
const LEAST_MATCH: usize = 4;

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn hash(word: u32) -> usize {
    (word.wrapping_mul(2_654_435_761) >> (32 - HASH_BITS)) as usize
}

struct Sink<'b> {
    bytes: &'b mut [u8],
    len: usize,
}

impl Sink<'_> {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    /// What does not fit into four bits.
    fn rest(&mut self, len: usize) {
        if len >= 15 {
            let mut rest = len - 15;
            while rest >= 255 {
                self.push(255);
                rest -= 255;
            }
            self.push(rest as u8);
        }
    }

    fn sequence(&mut self, literals: &[u8], matched: Option<(usize, usize)>) {
        let len = matched.map_or(0, |(_, len)| len - LEAST_MATCH);
        self.push((literals.len().min(15) << 4 | len.min(15)) as u8);
        self.rest(literals.len());
        for byte in literals {
            self.push(*byte);
        }
        if let Some((distance, _)) = matched {
            self.push(distance as u8);
            self.push((distance >> 8) as u8);
            self.rest(len);
        }
    }
}

/// The length of what was made of the text.
fn compress(plain: &[u8; PLAIN], packed: &mut [u8; PACKED]) -> usize {
    let mut last = [0u16; 1 << HASH_BITS];
    let mut sink = Sink { bytes: packed, len: 0 };
    let (mut at, mut literals) = (1, 0);
    while at + LEAST_MATCH < PLAIN {
        let here = word(plain, at);
        let before = core::mem::replace(&mut last[hash(here)], at as u16) as usize;
        if before < at && word(plain, before) == here {
            let mut len = LEAST_MATCH;
            while at + len < PLAIN && plain[before + len] == plain[at + len] {
                len += 1;
            }
            sink.sequence(&plain[literals..at], Some((at - before, len)));
            at += len;
            literals = at;
        } else {
            at += 1;
        }
    }
    sink.sequence(&plain[literals..], None);
    sink.len
}

/// The length of the text.
fn decompress(packed: &[u8], plain: &mut [u8; PLAIN]) -> Option<usize> {
    let (mut at, mut len) = (0, 0);
    let more = |at: &mut usize, first: usize| {
        let mut len = first;
        if first == 15 {
            loop {
                let byte = *packed.get(*at)?;
                *at += 1;
                len += byte as usize;
                if byte != 255 {
                    break;
                }
            }
        }
        Some(len)
    };
    loop {
        let token = *packed.get(at)? as usize;
        at += 1;
        let literals = more(&mut at, token >> 4)?;
        plain.get_mut(len..len + literals)?.copy_from_slice(packed.get(at..at + literals)?);
        at += literals;
        len += literals;
        if at == packed.len() {
            return Some(len);
        }
        let distance = *packed.get(at)? as usize | (*packed.get(at + 1)? as usize) << 8;
        at += 2;
        let matched = more(&mut at, token & 15)? + LEAST_MATCH;
        if distance == 0 || distance > len || len + matched > PLAIN {
            return None;
        }
        for _ in 0..matched {
            plain[len] = plain[len - distance];
            len += 1;
        }
    }
}

/// A log as a device writes it: words that come again, and numbers that do not.
fn log(numbers: &mut Numbers, plain: &mut [u8; PLAIN]) {
    static WORDS: [&[u8]; 8] =
        [b"temperature=", b"humidity=", b"INFO ", b"WARN ", b"sensor ready\n", b"retry ", b"i2c0 ", b"ok\n"];
    let mut sink = Sink { bytes: plain, len: 0 };
    while sink.len < PLAIN {
        let choice = numbers.below(11) as usize;
        match WORDS.get(choice) {
            Some(word) => word.iter().for_each(|byte| sink.push(*byte)),
            None => (0..3).for_each(|_| sink.push(b'0' + numbers.below(10) as u8)),
        }
    }
}

/// Two kilobytes there and back in each round.
pub fn run(rounds: u32) -> u32 {
    let (mut plain, mut packed, mut back) = ([0; PLAIN], [0; PACKED], [0; PLAIN]);
    let mut sum = 0;
    for round in 0..rounds {
        log(&mut Numbers::new(round), &mut plain);
        let len = compress(&plain, &mut packed);
        let back_len = packed.get(..len).and_then(|packed| decompress(packed, &mut back));
        sum = mix(sum, len as u32);
        sum = mix(sum, u32::from(back_len == Some(PLAIN) && back == plain));
        sum = packed.chunks_exact(64).fold(sum, |sum, chunk| mix(sum, word(chunk, 0)));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_and_shorter() {
        let (mut plain, mut packed, mut back) = ([0; PLAIN], [0; PACKED], [0; PLAIN]);
        log(&mut Numbers::new(3), &mut plain);
        let len = compress(&plain, &mut packed);
        assert!(len < PLAIN / 2, "{len}");
        assert_eq!(decompress(&packed[..len], &mut back), Some(PLAIN));
        assert_eq!(plain, back);
    }
}

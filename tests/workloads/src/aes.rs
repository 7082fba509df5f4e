//! AES-128 in CBC mode, both ways, byte by byte with tables of 256 bytes, as small firmware does it.

use crate::input::{Numbers, mix};

const ROUNDS: usize = 10;
const BLOCK: usize = 16;

/// The substitution, worked out at compile time from its definition: the inverse in GF(2^8), then an affine map.
static SBOX: [u8; 256] = sbox();
/// Its inverse.
static INVERSE: [u8; 256] = inverse();

const fn sbox() -> [u8; 256] {
    let mut table = [0; 256];
    let (mut p, mut q) = (1u8, 1u8);
    loop {
        p = p ^ (p << 1) ^ if p & 0x80 != 0 { 0x1b } else { 0 };
        q ^= q << 1;
        q ^= q << 2;
        q ^= q << 4;
        if q & 0x80 != 0 {
            q ^= 0x09;
        }
        table[p as usize] = q ^ q.rotate_left(1) ^ q.rotate_left(2) ^ q.rotate_left(3) ^ q.rotate_left(4) ^ 0x63;
        if p == 1 {
            break;
        }
    }
    table[0] = 0x63;
    table
}

const fn inverse() -> [u8; 256] {
    let forward = sbox();
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        table[forward[at] as usize] = at as u8;
        at += 1;
    }
    table
}

type Block = [u8; BLOCK];

struct Key([Block; ROUNDS + 1]);

impl Key {
    fn new(key: &Block) -> Key {
        let mut rounds = [[0; BLOCK]; ROUNDS + 1];
        rounds[0] = *key;
        let mut constant = 1u8;
        for round in 1..=ROUNDS {
            let before = rounds[round - 1];
            let turned = [before[13], before[14], before[15], before[12]].map(|byte| SBOX[byte as usize]);
            let next = &mut rounds[round];
            for at in 0..4 {
                next[at] = before[at] ^ turned[at];
            }
            next[0] ^= constant;
            constant = double(constant);
            for at in 4..BLOCK {
                next[at] = before[at] ^ next[at - 4];
            }
        }
        Key(rounds)
    }

    fn encrypt(&self, block: &mut Block) {
        add(block, &self.0[0]);
        for round in 1..=ROUNDS {
            for byte in block.iter_mut() {
                *byte = SBOX[*byte as usize];
            }
            shift_rows(block);
            if round != ROUNDS {
                mix_columns(block);
            }
            add(block, &self.0[round]);
        }
    }

    fn decrypt(&self, block: &mut Block) {
        for round in (1..=ROUNDS).rev() {
            add(block, &self.0[round]);
            if round != ROUNDS {
                // Three times forward are once backward.
                mix_columns(block);
                mix_columns(block);
                mix_columns(block);
            }
            // And so for the rows, which turn by four.
            shift_rows(block);
            shift_rows(block);
            shift_rows(block);
            for byte in block.iter_mut() {
                *byte = INVERSE[*byte as usize];
            }
        }
        add(block, &self.0[0]);
    }
}

fn double(byte: u8) -> u8 {
    (byte << 1) ^ ((byte >> 7) * 0x1b)
}

fn add(block: &mut Block, other: &Block) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}

fn shift_rows(block: &mut Block) {
    let old = *block;
    for column in 0..4 {
        for row in 1..4 {
            block[4 * column + row] = old[4 * ((column + row) % 4) + row];
        }
    }
}

fn mix_columns(block: &mut Block) {
    for column in block.chunks_exact_mut(4) {
        let all = column[0] ^ column[1] ^ column[2] ^ column[3];
        let first = column[0];
        for at in 0..4 {
            let next = if at == 3 { first } else { column[at + 1] };
            column[at] ^= all ^ double(column[at] ^ next);
        }
    }
}

/// Encrypts and decrypts 256 bytes in each round.
pub fn run(rounds: u32) -> u32 {
    let mut sum = 0;
    for round in 0..rounds {
        let mut numbers = Numbers::new(round);
        let key = Key::new(&core::array::from_fn(|_| numbers.next() as u8));
        let mut chain = [round as u8; BLOCK];
        let mut before = chain;
        for _ in 0..16 {
            let plain: Block = core::array::from_fn(|_| numbers.next() as u8);
            let mut block = plain;
            add(&mut block, &chain);
            key.encrypt(&mut block);
            chain = block;
            sum = mix(sum, u32::from_le_bytes([block[0], block[5], block[10], block[15]]));
            key.decrypt(&mut block);
            add(&mut block, &before);
            sum = mix(sum, u32::from(block == plain));
            before = chain;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197, appendix B.
    #[test]
    fn a_block_of_the_standard() {
        let key = [0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c];
        let plain = [0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d, 0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34];
        let cipher = [0x39, 0x25, 0x84, 0x1d, 0x02, 0xdc, 0x09, 0xfb, 0xdc, 0x11, 0x85, 0x97, 0x19, 0x6a, 0x0b, 0x32];
        let mut block = plain;
        Key::new(&key).encrypt(&mut block);
        assert_eq!(block, cipher);
        Key::new(&key).decrypt(&mut block);
        assert_eq!(block, plain);
    }
}

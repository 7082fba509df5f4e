//! What the programs work on, and how they sum up what they found.

/// Numbers from a seed: xorshift of 32 bits.
pub(crate) struct Numbers(u32);

impl Numbers {
    pub(crate) fn new(seed: u32) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9) | 1)
    }

    pub(crate) fn next(&mut self) -> u32 {
        let mut state = self.0;
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        self.0 = state;
        state
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        (self.next() >> 8) % limit
    }

    /// From -1 to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 8) as f32 * (2.0 / 16_777_216.0) - 1.0
    }
}

/// A checksum with one value more.
pub(crate) fn mix(sum: u32, value: u32) -> u32 {
    (sum.rotate_left(5) ^ value).wrapping_mul(0x0100_0193)
}

/// The same with a number of 32 bits, of which only what survives a different order of rounding would differ: none is allowed to.
pub(crate) fn mix_f32(sum: u32, value: f32) -> u32 {
    mix(sum, value.to_bits())
}

/// The same with a number of 64 bits.
pub(crate) fn mix_f64(sum: u32, value: f64) -> u32 {
    let bits = value.to_bits();
    mix(mix(sum, bits as u32), (bits >> 32) as u32)
}

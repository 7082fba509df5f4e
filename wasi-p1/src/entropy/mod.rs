//! Random bytes on a board: a generator (ChaCha, 20 rounds) between the chip's slow entropy and the guests.
//!
//! It takes 32 bytes of entropy at the start and again after each [`RESEED_BYTES`], and mixes them with what it has, so
//! that a source that fails later does not make it predictable. Whoever reads the chip's memory learns nothing of what
//! was given out before: after each request the generator replaces its own key.
//!
//! Promises: without entropy there are no bytes but an errno. A fixed seed is for emulation alone, and whoever uses it
//! must say so to somebody: [`Drbg::emulated`] wants to be told how.

use core::fmt::{self, Write};

mod chacha;

use chacha::Generator;

use crate::{Errno, capability::Random};

/// How many bytes are given out before fresh entropy is asked for.
pub const RESEED_BYTES: u32 = 64 * 1024;

/// How long a seed is in bytes.
pub const SEED_BYTES: usize = 32;

/// A source of entropy: a chip's generator of random numbers, a ring oscillator, noise of a converter.
pub trait Entropy {
    /// Fills the seed with bytes that have at least 128 bits of entropy together; an error (`IO`, `AGAIN` is turned into
    /// it) if the source's own tests fail.
    fn seed(&mut self, seed: &mut [u8; SEED_BYTES]) -> Result<(), Errno>;
}

/// The seed of an emulator, which has no entropy: every run is the same.
#[derive(Clone, Copy, Debug)]
pub struct FixedSeed([u8; SEED_BYTES]);

impl Entropy for FixedSeed {
    fn seed(&mut self, seed: &mut [u8; SEED_BYTES]) -> Result<(), Errno> {
        *seed = self.0;
        Ok(())
    }
}

/// A generator over a source of entropy. It asks the source when bytes are asked of it first.
pub struct Drbg<E> {
    source: E,
    generator: Option<Generator>,
    /// How many bytes it gives out before it asks the source again.
    left_bytes: u32,
}

/// What is said of a fixed seed.
const WARNING: &str = "random numbers are fixed (emulation): nothing here is secret";

impl Drbg<FixedSeed> {
    /// A generator that gives the same bytes in every run, for emulators; `console` is told so, in a line.
    pub fn emulated(seed: [u8; SEED_BYTES], console: &mut dyn Write) -> Result<Drbg<FixedSeed>, fmt::Error> {
        writeln!(console, "{WARNING}")?;
        Ok(Drbg::new(FixedSeed(seed)))
    }
}

impl<E: Entropy> Drbg<E> {
    /// A generator over `source`.
    pub const fn new(source: E) -> Drbg<E> {
        Drbg { source, generator: None, left_bytes: 0 }
    }

    /// The generator, with fresh entropy if it is time.
    fn ready(&mut self) -> Result<&mut Generator, Errno> {
        if self.left_bytes == 0 {
            let mut seed = [0; SEED_BYTES];
            self.source.seed(&mut seed).map_err(|_| Errno::Io)?;
            if let Some(generator) = &mut self.generator {
                let mut kept = [0; SEED_BYTES];
                generator.fill(&mut kept);
                seed.iter_mut().zip(kept).for_each(|(fresh, kept)| *fresh ^= kept);
            }
            self.generator = Some(Generator::new(seed));
            self.left_bytes = RESEED_BYTES;
        }
        self.generator.as_mut().ok_or(Errno::Io)
    }
}

impl<E: Entropy> Random for Drbg<E> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        for piece in bytes.chunks_mut(RESEED_BYTES as usize) {
            self.ready()?.fill(piece);
            self.left_bytes = self.left_bytes.saturating_sub(piece.len() as u32);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{string::String, vec, vec::Vec};

    use super::*;

    /// A source that counts, and fails when its numbers are used up.
    struct Counter {
        next: u8,
        end: u8,
    }

    impl Entropy for Counter {
        fn seed(&mut self, seed: &mut [u8; SEED_BYTES]) -> Result<(), Errno> {
            if self.next == self.end {
                return Err(Errno::Again);
            }
            *seed = [self.next; SEED_BYTES];
            self.next += 1;
            Ok(())
        }
    }

    fn take<E: Entropy>(drbg: &mut Drbg<E>, len: usize) -> Result<Vec<u8>, Errno> {
        let mut bytes = vec![0; len];
        drbg.fill(&mut bytes).map(|()| bytes)
    }

    #[test]
    fn a_fixed_seed_is_announced_and_repeats() {
        let mut console = String::new();
        let mut first = Drbg::emulated([7; SEED_BYTES], &mut console).expect("told");
        assert_eq!(console, "random numbers are fixed (emulation): nothing here is secret\n");
        let mut second = Drbg::emulated([7; SEED_BYTES], &mut console).expect("told");
        let mut other = Drbg::emulated([8; SEED_BYTES], &mut console).expect("told");
        let bytes = take(&mut first, 100);
        assert_eq!(bytes, take(&mut second, 100));
        assert_ne!(bytes, take(&mut other, 100));
        assert_ne!(bytes, take(&mut first, 100));
    }

    #[test]
    fn a_console_that_cannot_be_told_gives_no_generator() {
        struct Mute;
        impl Write for Mute {
            fn write_str(&mut self, _: &str) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        assert!(Drbg::emulated([0; SEED_BYTES], &mut Mute).is_err());
    }

    #[test]
    fn without_entropy_there_are_no_bytes() {
        let mut drbg = Drbg::new(Counter { next: 0, end: 0 });
        assert_eq!(take(&mut drbg, 1), Err(Errno::Io));
    }

    #[test]
    fn fresh_entropy_is_asked_for_at_its_time() {
        let mut drbg = Drbg::new(Counter { next: 0, end: 2 });
        let half = RESEED_BYTES as usize / 2;
        for seeds in [1, 1, 2, 2] {
            assert!(take(&mut drbg, half).is_ok());
            assert_eq!(drbg.source.next, seeds);
        }
        assert_eq!(take(&mut drbg, 1), Err(Errno::Io));
    }

    #[test]
    fn a_source_that_repeats_itself_does_not_repeat_the_bytes() {
        let mut drbg = Drbg::new(FixedSeed([1; SEED_BYTES]));
        let first = take(&mut drbg, RESEED_BYTES as usize).expect("bytes");
        let second = take(&mut drbg, RESEED_BYTES as usize).expect("bytes");
        assert_ne!(first[..64], second[..64]);
        // A tenth of a percent is four standard deviations of half a million bits.
        let ones: u32 = first.iter().map(|byte| byte.count_ones()).sum();
        assert!(ones.abs_diff(RESEED_BYTES * 4) < RESEED_BYTES * 8 / 400, "{ones}");
    }
}

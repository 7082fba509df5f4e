//! NOR flash, simulated: what it may do when the power goes in the middle of a page program or of an erasure.
//!
//! Programming clears bits and never sets one; erasing sets all bits of a page. A word may be programmed twice between
//! erasures, as the datasheets of multi-write flash allow; more is an error here. Every program and erasure is counted,
//! and one of them can be cut: it is left half done in a chosen way, and from then on nothing answers until the power is
//! back.

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};

/// How a cut leaves the operation that it strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tear {
    /// Nothing of it happened.
    Before,
    /// Its first half happened.
    FirstHalf,
    /// Its second half happened: the order within a page is the chip's affair.
    SecondHalf,
    /// All but its ends happened: the first and the last word are as they were.
    Middle,
    /// Each bit happened or did not.
    Bits(u64),
    /// All of it happened, but nobody was told.
    After,
}

/// The failure of a flash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The power is gone.
    NoPower,
    /// It was used in a way that real flash does not allow.
    Misuse(NorFlashErrorKind),
}

impl NorFlashError for Fault {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Fault::NoPower => NorFlashErrorKind::Other,
            Fault::Misuse(kind) => *kind,
        }
    }
}

/// Simulated flash.
#[derive(Clone, Debug)]
pub struct SimulatedNor {
    bytes: Vec<u8>,
    /// How often each word was programmed since it was erased.
    programmed: Vec<u8>,
    /// How often each page was erased.
    erased: Vec<u32>,
    /// Programs and erasures so far.
    operations: u64,
    cut: Option<(u64, Tear)>,
    dead: bool,
}

impl SimulatedNor {
    /// The bytes that are erased together.
    pub const PAGE_BYTES: usize = 4096;
    const WORD_BYTES: usize = 4;
    /// How often a word may be programmed between erasures.
    const PROGRAMS_MAX: u8 = 2;

    /// Blank flash of so many pages.
    #[must_use]
    pub fn new(pages: usize) -> SimulatedNor {
        let len = pages * Self::PAGE_BYTES;
        let (bytes, programmed) = (vec![0xff; len], vec![0; len / Self::WORD_BYTES]);
        SimulatedNor { bytes, programmed, erased: vec![0; pages], operations: 0, cut: None, dead: false }
    }

    /// Lets the power go in the operation after the next `after` ones.
    pub fn cut(&mut self, after: u64, tear: Tear) {
        self.cut = Some((self.operations + after, tear));
    }

    /// Lets the power come back; answers whether it was gone.
    pub fn power_up(&mut self) -> bool {
        self.cut = None;
        std::mem::take(&mut self.dead)
    }

    /// Fills it with noise, as flash that something else has used.
    pub fn scribble(&mut self, seed: u64) {
        fastrand::Rng::with_seed(seed).fill(&mut self.bytes);
    }

    /// Programs and erasures so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// How often each page was erased.
    #[must_use]
    pub fn wear(&self) -> &[u32] {
        &self.erased
    }

    /// The whole range.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<u32> {
        0..self.bytes.len() as u32
    }

    /// Counts an operation; if it is cut, how.
    fn begin(&mut self) -> Result<Option<Tear>, Fault> {
        if self.dead {
            return Err(Fault::NoPower);
        }
        let tear = self.cut.filter(|(at, _)| *at == self.operations).map(|(_, tear)| tear);
        self.operations += 1;
        self.dead = tear.is_some();
        Ok(tear)
    }

    /// Moves `len` bytes from `at` on to what `target` says, as far as the tear lets it.
    fn apply(&mut self, at: usize, len: usize, tear: Option<Tear>, target: impl Fn(usize, u8) -> u8) {
        let mut random = fastrand::Rng::with_seed(match tear {
            Some(Tear::Bits(seed)) => seed,
            _ => 0,
        });
        for index in 0..len {
            let whole = match tear {
                None | Some(Tear::After) => 0xff,
                Some(Tear::Before) => 0,
                Some(Tear::FirstHalf) => u8::MAX * u8::from(index < len / 2),
                Some(Tear::SecondHalf) => u8::MAX * u8::from(index >= len / 2),
                Some(Tear::Middle) => u8::MAX * u8::from((Self::WORD_BYTES..len - Self::WORD_BYTES).contains(&index)),
                Some(Tear::Bits(_)) => random.u8(..),
            };
            let old = self.bytes[at + index];
            self.bytes[at + index] = old & !whole | target(index, old) & whole;
        }
    }
}

impl ErrorType for SimulatedNor {
    type Error = Fault;
}

impl ReadNorFlash for SimulatedNor {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        check_read(self, offset, bytes.len()).map_err(Fault::Misuse)?;
        if self.dead {
            return Err(Fault::NoPower);
        }
        let at = offset as usize;
        bytes.copy_from_slice(&self.bytes[at..at + bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for SimulatedNor {
    const WRITE_SIZE: usize = Self::WORD_BYTES;
    const ERASE_SIZE: usize = Self::PAGE_BYTES;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        check_erase(self, from, to).map_err(Fault::Misuse)?;
        for page in from as usize / Self::PAGE_BYTES..to as usize / Self::PAGE_BYTES {
            let tear = self.begin()?;
            let at = page * Self::PAGE_BYTES;
            self.apply(at, Self::PAGE_BYTES, tear, |_, _| 0xff);
            self.erased[page] += 1;
            if tear.is_some() {
                return Err(Fault::NoPower);
            }
            self.programmed[at / Self::WORD_BYTES..][..Self::PAGE_BYTES / Self::WORD_BYTES].fill(0);
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        check_write(self, offset, bytes.len()).map_err(Fault::Misuse)?;
        let tear = self.begin()?;
        let at = offset as usize;
        if tear.is_none() {
            // What a cut has struck is finished later, and that is not a program more.
            let words = &mut self.programmed[at / Self::WORD_BYTES..][..bytes.len() / Self::WORD_BYTES];
            words.iter_mut().for_each(|count| *count += 1);
            if words.iter().any(|count| *count > Self::PROGRAMS_MAX) {
                return Err(Fault::Misuse(NorFlashErrorKind::Other));
            }
        }
        self.apply(at, bytes.len(), tear, |index, old| old & bytes[index]);
        if tear.is_some() { Err(Fault::NoPower) } else { Ok(()) }
    }
}

impl MultiwriteNorFlash for SimulatedNor {}

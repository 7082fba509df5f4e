//! A listing of prepared code: each operation with the instruction that it was made for. For people; not in firmware.

use super::{HEADER_UNITS, Module};
use crate::isa::OutOfMemory;
use crate::isa::ops::{LAYOUTS, STEP};
use core::fmt::{Display, Formatter, Result as Written};

/// An operation of a function's prepared code.
#[derive(Clone, Copy)]
pub struct Line<'m> {
    module: Module<'m>,
    /// Offset in the module of the WebAssembly instruction that the operation was made for.
    pub offset: u32,
    /// Offset of the operation from the start of the module's code, in bytes.
    pub code_offset: u32,
    /// Units of the operation.
    pub units: u32,
}

impl<'m> Line<'m> {
    fn new(module: Module<'m>, code_offset: u32, offset: u32) -> Line<'m> {
        let mut line = Line { module, offset, code_offset, units: 1 };
        line.units = 1 + line.layout().bytes().map(|letter| line.width(letter)).sum::<u32>();
        line
    }

    /// A unit of the operation; the first is its number.
    pub fn unit(&self, n: u32) -> u16 {
        self.module.unit(self.code_offset + n * 2)
    }

    fn word(&self, n: u32) -> u32 {
        u32::from(self.unit(n)) | u32::from(self.unit(n + 1)) << 16
    }

    fn row(&self) -> (&'static str, &'static str) {
        LAYOUTS.get((self.unit(0) / STEP) as usize).copied().unwrap_or(("?", ""))
    }

    /// The operation's mnemonic.
    pub fn mnemonic(&self) -> &'static str {
        self.row().0
    }

    fn layout(&self) -> &'static str {
        self.row().1
    }

    /// Units that an operand takes; a jump table's begins at unit 2.
    fn width(&self, letter: u8) -> u32 {
        match letter {
            b'a' => 0,
            b'w' | b'b' => 2,
            b'B' => 4,
            b't' => 2 + (self.word(2) + 1) * 2,
            b'T' => 2 + (self.word(2) + 1) * 4,
            _ => 1,
        }
    }

    fn operand(&self, f: &mut Formatter<'_>, letter: u8, n: u32) -> Written {
        match letter {
            b'd' | b's' => write!(f, " [{}]", self.unit(n) / 4),
            b'a' => f.write_str(" acc"),
            b'i' => write!(f, " {}", self.unit(n) as i16),
            b'w' => write!(f, " {:#x}", self.word(n)),
            b'b' => self.target(f, n, i32::from(self.unit(n) as i16), i32::from(self.unit(n + 1) as i16)),
            b'B' => self.target(f, n, self.word(n) as i32, self.word(n + 2) as i32),
            b't' => (0..=self.word(2)).try_for_each(|entry| self.operand(f, b'b', 4 + entry * 2)),
            b'T' => (0..=self.word(2)).try_for_each(|entry| self.operand(f, b'B', 4 + entry * 4)),
            _ => write!(f, " {}", self.unit(n)),
        }
    }

    fn target(&self, f: &mut Formatter<'_>, n: u32, displacement: i32, fuel: i32) -> Written {
        let target = (self.code_offset + n * 2).wrapping_add_signed(displacement.wrapping_mul(2));
        write!(f, " -> {target:#x} (fuel {fuel})")
    }
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        f.write_str(self.mnemonic())?;
        let mut at = 1;
        for letter in self.layout().bytes() {
            self.operand(f, letter, at)?;
            at += self.width(letter);
        }
        Ok(())
    }
}

impl<'m> Module<'m> {
    /// Lists the operations of a function, by its index with the imports counted, in the order of its code. `scratch` is
    /// needed to prepare the function once more, as for `locate`.
    ///
    /// # Errors
    /// If the scratch is too small.
    pub fn disassemble(
        &self,
        func_index: u32,
        scratch: &mut [u8],
        sink: &mut dyn FnMut(Line<'m>),
    ) -> Result<(), OutOfMemory> {
        // A function whose branches turn out too long is begun again; only the last attempt counts.
        let (mut attempts, mut last) = (0u32, 0);
        self.prepare_again(func_index, scratch, &mut |unit, _| {
            attempts += u32::from(unit <= HEADER_UNITS && last > HEADER_UNITS);
            last = unit;
        })?;
        let start = self.func(func_index).code;
        let mut waiting: Option<(u32, u32)> = None;
        let mut last = 0;
        self.prepare_again(func_index, scratch, &mut |unit, offset| {
            attempts -= u32::from(attempts > 0 && unit <= HEADER_UNITS && last > HEADER_UNITS);
            last = unit;
            if attempts != 0 {
                return;
            }
            // An operation is final once one that follows it is written.
            if let Some((before, offset)) = waiting
                && before < unit
            {
                sink(Line::new(*self, start + before * 2, offset));
            }
            waiting = Some((unit, offset));
        })?;
        if let Some((unit, offset)) = waiting {
            sink(Line::new(*self, start + unit * 2, offset));
        }
        Ok(())
    }
}

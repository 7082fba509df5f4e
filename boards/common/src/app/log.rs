//! The firmware's own lines in defmt's log, beside the serial ports; traps as numbers that the reader's computer has words for.

use super::line::Word;
use wasmote::Trap;

/// Words after each other.
struct Line<'w>(&'w [Word<'w>]);

impl defmt::Format for Line<'_> {
    fn format(&self, to: defmt::Formatter<'_>) {
        for word in self.0 {
            match word {
                Word::Text(text) => defmt::write!(to, "{=str}", text),
                Word::Number(number) => defmt::write!(to, "{=u32}", number),
                Word::Hex(number) => defmt::write!(to, "{=u32:#x}", number),
            }
        }
    }
}

/// A line.
pub(super) fn line(words: &[Word<'_>]) {
    defmt::info!("{}", Line(words));
}

/// A guest is at fault.
pub(super) fn trap(name: &str, trap: Trap) {
    defmt::error!("{=str}: {}", name, trap);
}

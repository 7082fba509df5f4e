//! The firmware's own lines in defmt's log, beside the serial ports; traps as numbers that the reader's computer has words for.

use core::fmt;
use wasmote::Trap;

/// A line.
pub(super) fn line(text: fmt::Arguments<'_>) {
    defmt::info!("{}", defmt::Display2Format(&text));
}

/// A guest is at fault.
pub(super) fn trap(name: &str, trap: Trap) {
    defmt::error!("{=str}: {}", name, trap);
}

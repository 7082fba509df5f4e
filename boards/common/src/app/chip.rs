//! What a chip is to the firmware on it.

use wasmote_wasi_embedded::Board;
use wasmote_wasi_p1::Errno;
use wasmote_wasi_p1::entropy::SEED_BYTES;

/// A chip with its pins. Its peripherals exist once, so these are functions without a receiver; what they need is in statics
/// that they share with the interrupts.
///
/// None of them waits, but [`sleep`](Chip::sleep).
pub trait Chip: Sized + 'static {
    /// The board's name, for messages.
    const NAME: &'static str;
    /// Its pins and buses.
    type Board: Board + 'static;

    /// Nanoseconds since the start.
    fn now_ns() -> u64;

    /// Fills the seed from the chip's entropy.
    ///
    /// # Errors
    /// `IO` if the source's own tests fail.
    fn seed(seed: &mut [u8; SEED_BYTES]) -> Result<(), Errno>;

    /// Writes to the serial ports what they take; how many bytes that is.
    fn write(bytes: &[u8]) -> usize;

    /// How many bytes `write` would take now.
    fn room() -> usize;

    /// Reads what has come from the serial ports; how many bytes that is.
    fn read(into: &mut [u8]) -> usize;

    /// Is there anything to read?
    fn has_input() -> bool;

    /// Feeds the watchdog.
    fn feed();

    /// Waits for an interrupt, at the latest until this time; returns at once if there was one since the last call.
    fn sleep(until_ns: u64);

    /// How often the chip has slept.
    fn sleeps() -> u32;
}

/// The longest sleep between two meals of the watchdog.
pub(crate) const MEAL_NS: u64 = 500_000_000;

//! What a board gives the host functions: its labels, what lies behind them, time, and the edges of its pins.

use crate::device::{AnalogIn, AnalogOut, DigitalIn, DigitalOut, I2cBus, SpiDevice};
use crate::{Class, Edges, Line, Settings};
use embedded_hal::delay::DelayNs;

/// Why a pin does not do what it is asked for: the WIT's `gpio-error`. The numbers are its cases.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum PinError {
    /// The controller cannot reach the pin.
    HardwareFault = 0,
    /// Somebody else uses it.
    AlreadyInUse = 1,
    /// The policy does not allow it.
    NotAllowed = 2,
    /// The policy does not allow it in this mode.
    ModeNotAllowed = 3,
    /// There is no such label.
    UndefinedLabel = 4,
    /// The pin does not have this mode.
    ModeNotAvailable = 5,
    /// It would have to wait.
    WouldBlock = 6,
    /// The board cannot do this.
    NotSupported = 7,
    /// Anything else.
    Other = 8,
}

/// A board. Everything but the search for labels and the delay has a default that answers "not here".
///
/// Several guests may use one board; it is the board that says what may be shared ([`Board::open`]). The functions that
/// lend a device are called for lines that `find` gave and `open` admitted, each time a guest uses them, so they should
/// be a `match` and no more.
pub trait Board {
    /// The line that a label stands for, if the board has one of this class by that name. The mode in `class` does not
    /// matter here: a pin that exists but lacks the mode is refused by `open`.
    fn find(&mut self, class: Class, label: &str) -> Option<Line>;

    /// The label of a line, for `get-config`.
    fn label(&self, class: Class, line: Line) -> &str;

    /// Takes a line into use for a guest and sets it up as granted (direction, resistor, clock, mode).
    ///
    /// # Errors
    /// `ModeNotAvailable` if the line cannot do this; `AlreadyInUse` if it is in use and cannot be shared. Buses are
    /// usually shared, pins and SPI devices not.
    fn open(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError>;

    /// Gives a line back: the guest dropped its handle, or is gone.
    fn close(&mut self, class: Class, line: Line);

    /// A delay that waits on the spot.
    fn delay(&mut self) -> &mut dyn DelayNs;

    /// Nanoseconds since some start, if the board has a clock. With a clock, delays longer than
    /// [`Board::spin_ns`] pause the machine until a deadline; without one, `delay` serves all.
    fn now_ns(&mut self) -> Option<u64> {
        None
    }

    /// The longest delay, in nanoseconds, that is not worth pausing the machine for.
    fn spin_ns(&self) -> u64 {
        50_000
    }

    /// An I2C bus.
    fn i2c(&mut self, _: Line) -> Option<&mut dyn I2cBus> {
        None
    }

    /// An SPI device.
    fn spi(&mut self, _: Line) -> Option<&mut dyn SpiDevice> {
        None
    }

    /// A digital pin, to drive.
    fn digital_out(&mut self, _: Line) -> Option<&mut dyn DigitalOut> {
        None
    }

    /// A digital pin, to read.
    fn digital_in(&mut self, _: Line) -> Option<&mut dyn DigitalIn> {
        None
    }

    /// An analog pin, to drive.
    fn analog_out(&mut self, _: Line) -> Option<&mut dyn AnalogOut> {
        None
    }

    /// An analog pin, to read.
    fn analog_in(&mut self, _: Line) -> Option<&mut dyn AnalogIn> {
        None
    }

    /// Is a line set up and ready for use (`watch-for-ready`)?
    fn is_ready(&mut self, _: Class, _: Line) -> bool {
        true
    }

    /// From now on, count the edges of a digital pin, until `unwatch` was called as often.
    ///
    /// # Errors
    /// `NotSupported` if the pin has no interrupt.
    fn watch(&mut self, _: Line) -> Result<(), PinError> {
        Err(PinError::NotSupported)
    }

    /// The edges of a digital pin need no longer be counted.
    fn unwatch(&mut self, _: Line) {}

    /// The edges of a digital pin so far; see [`PinEvents`](crate::PinEvents).
    fn edges(&mut self, _: Line) -> Edges {
        Edges::default()
    }
}

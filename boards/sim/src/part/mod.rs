//! The parts: each is a device as its bus sees it, byte by byte, with the time of each byte.
//!
//! A part knows no bus, no script and no trace; it has its own setters for the physical world (a temperature). Times are
//! nanoseconds since the power came on.

pub mod eeprom;
pub mod flash;
pub mod ssd1306;
pub mod tmp102;

/// A device on an I2C bus.
pub trait I2cPart {
    /// A start condition and this address: does the part acknowledge?
    fn start(&mut self, now_ns: u64, address: u8, reads: bool) -> bool;
    /// A byte from the controller: does the part acknowledge?
    fn write(&mut self, now_ns: u64, byte: u8) -> bool;
    /// A byte to the controller.
    fn read(&mut self, now_ns: u64) -> u8;
    /// The stop condition. A repeated start has none before it.
    fn stop(&mut self, now_ns: u64);
}

/// A device on an SPI bus.
pub trait SpiPart {
    /// Chip select falls.
    fn select(&mut self, now_ns: u64);
    /// A byte in each direction at once.
    fn transfer(&mut self, now_ns: u64, byte: u8) -> u8;
    /// Chip select rises.
    fn deselect(&mut self, now_ns: u64);
}

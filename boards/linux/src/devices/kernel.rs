//! What the board needs of the kernel: the seam at which tests put something else.

use super::machine::Machine;
use super::trouble::Trouble;
use embedded_hal::{i2c, spi};
use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use wasmote_wasi_embedded::{Edge, Pull};

/// A GPIO chip and its lines.
#[derive(Clone, Debug)]
pub(crate) struct Chip {
    /// Its device file.
    pub(crate) path: PathBuf,
    /// Its name: that of the file.
    pub(crate) name: String,
    /// What its driver calls it.
    pub(crate) label: String,
    /// Its lines, in their order; none if they cannot be read.
    pub(crate) lines: Vec<LineInfo>,
    /// Why they cannot be read.
    pub(crate) error: Option<Trouble>,
}

/// A GPIO line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LineInfo {
    /// Its number on its chip.
    pub(crate) offset: u32,
    /// Its name; empty if it has none.
    pub(crate) name: String,
    /// Who uses it; an empty name if the user gave none.
    pub(crate) user: Option<String>,
    /// Whether it is an output.
    pub(crate) is_output: bool,
}

/// How a line is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Take {
    /// The name under which other programs see its user.
    pub(crate) consumer: String,
    /// As an output, with this level at first; otherwise as an input.
    pub(crate) drive_high: Option<bool>,
    /// The resistor.
    pub(crate) pull: Option<Pull>,
}

/// An edge that the kernel saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    /// Which.
    pub(crate) edge: Edge,
    /// Its number on this line, from 1, counting those that were lost.
    pub(crate) number: u32,
}

/// A GPIO line that was taken. Dropping it gives it back.
pub(crate) trait Wire {
    /// Its level.
    fn is_high(&self) -> io::Result<bool>;
    /// Drives it.
    fn set_high(&self, high: bool) -> io::Result<()>;
    /// Lets the kernel keep its edges, or no longer.
    fn watch(&self, on: bool) -> io::Result<()>;
    /// The next edge that the kernel has kept, without waiting for one.
    fn next_event(&self) -> io::Result<Option<Event>>;
    /// What can be read when an edge is kept.
    fn descriptor(&self) -> BorrowedFd<'_>;
}

/// An I2C bus.
pub(crate) trait Transfers {
    /// Does all operations between one start and one stop.
    fn transaction(&mut self, address: u8, operations: &mut [i2c::Operation<'_>]) -> io::Result<()>;
}

/// An SPI device.
pub(crate) trait Exchanges {
    /// Does all operations while the chip is selected; delays are in whole microseconds, 65535 at most.
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> io::Result<()>;
}

/// How an SPI device is set up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct SpiSetup {
    /// The mode; without, what the kernel has for the device.
    pub(crate) mode: Option<spi::Mode>,
    /// The fastest clock; the kernel's own limit for the device holds too.
    pub(crate) max_clock_hz: Option<u32>,
}

/// The kernel of a machine.
pub(crate) trait Kernel {
    /// The files that describe the machine.
    fn machine(&self) -> &Machine;
    /// The GPIO chips.
    fn chips(&self) -> Vec<Chip>;
    /// Takes a line of a chip.
    fn take_line(&self, chip: &Path, offset: u32, take: &Take) -> io::Result<Box<dyn Wire>>;
    /// Opens an I2C bus.
    fn open_bus(&self, path: &Path) -> io::Result<Box<dyn Transfers>>;
    /// Opens an SPI device.
    fn open_device(&self, path: &Path, setup: SpiSetup) -> io::Result<Box<dyn Exchanges>>;
}

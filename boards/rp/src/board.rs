//! A board with one of the chips: labels, and what lies behind them.

use super::Timer;
use super::gpio::{self, Gpio, Lent, MAX_PINS};
use super::hal::adc::{Adc, AdcPin};
use super::hal::gpio::{FunctionNull, FunctionSpi, Pin, PullDown, PullNone, bank0};
use super::hal::pac::{I2C0, SPI0};
use super::hal::spi::{Enabled, FrameFormat, Spi};
use super::i2c::Controller;
use embedded_hal::delay::DelayNs;
use embedded_hal::spi::MODE_0;
use embedded_hal_bus::spi::ExclusiveDevice;
use fugit::RateExtU32;
use wasmote_wasi_embedded::device::{AnalogIn, DigitalIn, DigitalOut, I2cBus, SpiDevice};
use wasmote_wasi_embedded::{Board, Class, Edges, Line, PinError, PinMode, Settings};

/// What a label is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A digital pin that a guest may drive and read.
    Pin,
    /// A digital pin that something on the board drives: it can only be read.
    Input,
    /// The I2C bus.
    I2c,
    /// The SPI device.
    Spi,
    /// The converter's input.
    Analog,
}

/// A label of the board; its line is its place in the table. Digital pins come first.
pub type Label = (&'static str, What);

/// The most labels of a board.
const MAX_LABELS: usize = MAX_PINS + 4;
/// The SPI bus: from the device, to the device, clock.
pub(crate) type Bus = Spi<
    Enabled,
    SPI0,
    (
        Pin<bank0::Gpio19, FunctionSpi, PullDown>,
        Pin<bank0::Gpio16, FunctionSpi, PullDown>,
        Pin<bank0::Gpio18, FunctionSpi, PullDown>,
    ),
    8,
>;
/// The converter's pin.
pub(crate) type AnalogPin = AdcPin<Pin<bank0::Gpio26, FunctionNull, PullNone>>;

/// The fastest clocks, for guests whose grant names none.
const I2C_HZ: u32 = 400_000;
const SPI_HZ: u32 = 4_000_000;
/// The converter has 12 bits.
const FULL_SCALE: u32 = 4095;

/// The converter with its pin.
pub(crate) struct Analog {
    pub(crate) converter: Adc,
    pub(crate) pin: AnalogPin,
}

impl AnalogIn for Analog {
    fn full_scale(&self) -> u32 {
        FULL_SCALE
    }
    fn read(&mut self) -> Result<u32, PinError> {
        self.converter.read(&mut self.pin).map(u32::from).map_err(|_| PinError::HardwareFault)
    }
}

/// The board.
pub struct RpBoard {
    pub(crate) labels: &'static [Label],
    /// How many guests use a line. Only the I2C bus is shared.
    pub(crate) users: [u8; MAX_LABELS],
    /// The pin that was lent last.
    pub(crate) lent: Lent,
    pub(crate) i2c: Controller<I2C0>,
    /// The bus' clock as its slowest user wants it.
    pub(crate) i2c_hz: u32,
    pub(crate) spi: ExclusiveDevice<Bus, Gpio, Timer>,
    pub(crate) peripheral_hz: u32,
    pub(crate) analog: Analog,
    pub(crate) delay: Timer,
}

impl RpBoard {
    fn what(&self, line: Line) -> Option<What> {
        self.labels.get(usize::from(line.0)).map(|label| label.1)
    }

    fn pin(&mut self, line: Line) -> &mut Lent {
        self.lent = Lent(line);
        &mut self.lent
    }

    fn set_up(&mut self, class: Class, line: Line, settings: &Settings, is_first: bool) {
        match class {
            Class::Digital(mode) => gpio::open(line, mode, settings.pull),
            Class::I2c => {
                let wanted = settings.max_clock_hz.unwrap_or(I2C_HZ).min(I2C_HZ);
                self.i2c_hz = if is_first { wanted } else { self.i2c_hz.min(wanted) };
                self.i2c.set_clock(self.i2c_hz);
            }
            Class::Spi => {
                let clock_hz = settings.max_clock_hz.unwrap_or(SPI_HZ).min(SPI_HZ);
                let bus = self.spi.bus_mut();
                bus.set_baudrate(self.peripheral_hz.Hz(), clock_hz.Hz());
                bus.set_format(FrameFormat::MotorolaSpi(settings.spi_mode.unwrap_or(MODE_0)));
            }
            Class::Analog(_) => {}
        }
    }
}

/// Is a line of this kind, whatever the mode?
fn is_of_kind(class: Class, what: What) -> bool {
    match class {
        Class::I2c => what == What::I2c,
        Class::Spi => what == What::Spi,
        Class::Digital(_) => matches!(what, What::Pin | What::Input),
        Class::Analog(_) => what == What::Analog,
    }
}

/// Does it have the mode too?
fn has_mode(class: Class, what: What) -> bool {
    match class {
        Class::Digital(mode) => what == What::Pin || !mode.drives(),
        Class::Analog(mode) => mode == PinMode::In,
        Class::I2c | Class::Spi => true,
    }
}

impl Board for RpBoard {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        let is_it = |row: &(usize, &Label)| row.1.0 == label && is_of_kind(class, row.1.1);
        self.labels.iter().enumerate().find(is_it).map(|(number, _)| Line(number as u16))
    }

    fn label(&self, _: Class, line: Line) -> &str {
        self.labels.get(usize::from(line.0)).map_or("", |label| label.0)
    }

    fn open(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError> {
        let what = self.what(line).ok_or(PinError::UndefinedLabel)?;
        if !has_mode(class, what) {
            return Err(PinError::ModeNotAvailable);
        }
        let users = self.users.get_mut(usize::from(line.0)).ok_or(PinError::UndefinedLabel)?;
        if *users > 0 && what != What::I2c {
            return Err(PinError::AlreadyInUse);
        }
        *users += 1;
        let is_first = *users == 1;
        self.set_up(class, line, settings, is_first);
        Ok(())
    }

    fn close(&mut self, class: Class, line: Line) {
        if let Some(users) = self.users.get_mut(usize::from(line.0)) {
            *users = users.saturating_sub(1);
        }
        if let Class::Digital(_) = class {
            gpio::close(line);
        }
    }

    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.delay
    }

    fn now_ns(&mut self) -> Option<u64> {
        Some(super::chip::now_ns())
    }

    fn i2c(&mut self, line: Line) -> Option<&mut dyn I2cBus> {
        (self.what(line) == Some(What::I2c)).then_some(&mut self.i2c as &mut dyn I2cBus)
    }

    fn spi(&mut self, line: Line) -> Option<&mut dyn SpiDevice> {
        (self.what(line) == Some(What::Spi)).then_some(&mut self.spi as &mut dyn SpiDevice)
    }

    fn digital_out(&mut self, line: Line) -> Option<&mut dyn DigitalOut> {
        Some(self.pin(line))
    }

    fn digital_in(&mut self, line: Line) -> Option<&mut dyn DigitalIn> {
        Some(self.pin(line))
    }

    fn analog_in(&mut self, line: Line) -> Option<&mut dyn AnalogIn> {
        (self.what(line) == Some(What::Analog)).then_some(&mut self.analog as &mut dyn AnalogIn)
    }

    fn watch(&mut self, line: Line) -> Result<(), PinError> {
        gpio::watch(line, true);
        Ok(())
    }

    fn unwatch(&mut self, line: Line) {
        gpio::watch(line, false);
    }

    fn edges(&mut self, line: Line) -> Edges {
        gpio::edges(line)
    }
}

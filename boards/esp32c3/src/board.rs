//! The board: labels, and what lies behind them.

use crate::chip;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::ErrorKind;
use embedded_hal_bus::spi::ExclusiveDevice;
use esp_hal::Blocking;
use esp_hal::analog::adc::{Adc, AdcPin};
use esp_hal::delay::Delay;
use esp_hal::gpio::{Event, Flex, InputConfig, Output, Pull as Resistor};
use esp_hal::i2c::master::{Config as I2cConfig, I2c};
use esp_hal::peripherals::{ADC1, GPIO2};
use esp_hal::spi::Mode;
use esp_hal::spi::master::{Config as SpiConfig, Spi};
use esp_hal::time::Rate;
use wasmote_wasi_embedded::device::{AnalogIn, DigitalIn, DigitalOut, I2cBus, SpiDevice};
use wasmote_wasi_embedded::{Board, Class, Edges, Line, PinError, PinMode, Pull, Settings};

/// The labels; the pins first, in the order in which `main` gives them.
const LABELS: [&str; LABEL_COUNT] = ["led0", "led1", "button", "alert", "gp0", "gp1", "i2c0", "flash", "pot"];
/// How many of them are digital pins.
pub(crate) const PINS: usize = 6;
const LABEL_COUNT: usize = PINS + 3;
const ALERT: Line = Line(3);
const I2C0: Line = Line(6);
const FLASH: Line = Line(7);
const POT: Line = Line(8);

const I2C_HZ: u32 = 400_000;
const SPI_HZ: u32 = 4_000_000;
/// The converter has 12 bits.
const FULL_SCALE: u32 = 4095;

/// The converter with its pin.
pub(crate) struct Analog {
    pub(crate) converter: Adc<'static, ADC1<'static>, Blocking>,
    pub(crate) pin: AdcPin<GPIO2<'static>, ADC1<'static>>,
}

impl AnalogIn for Analog {
    fn full_scale(&self) -> u32 {
        FULL_SCALE
    }
    fn read(&mut self) -> Result<u32, PinError> {
        // A conversion takes a few microseconds; one that never ends is a fault.
        for _ in 0..100_000 {
            if let Ok(value) = self.converter.read_oneshot(&mut self.pin) {
                return Ok(u32::from(value));
            }
        }
        Err(PinError::HardwareFault)
    }
}

/// The board.
pub(crate) struct Esp {
    pub(crate) users: [u8; LABEL_COUNT],
    /// The pin that was lent last.
    pub(crate) lent: Lent,
    pub(crate) i2c: I2c<'static, Blocking>,
    pub(crate) spi: ExclusiveDevice<Spi<'static, Blocking>, Output<'static>, Delay>,
    pub(crate) analog: Analog,
    pub(crate) delay: Delay,
}

impl Esp {
    /// The board with its pins undriven.
    pub(crate) fn new(
        i2c: I2c<'static, Blocking>,
        spi: ExclusiveDevice<Spi<'static, Blocking>, Output<'static>, Delay>,
        analog: Analog,
    ) -> Esp {
        Esp { users: [0; LABEL_COUNT], lent: Lent(Line(0)), i2c, spi, analog, delay: Delay::new() }
    }

    fn set_up(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError> {
        let clock_hz = |fastest: u32| Rate::from_hz(settings.max_clock_hz.unwrap_or(fastest).min(fastest));
        let fault = PinError::HardwareFault;
        match class {
            Class::Digital(mode) => chip::with_pin(line, |pin| open(pin, mode, settings.pull)).ok_or(fault),
            Class::I2c => {
                let config = I2cConfig::default().with_frequency(clock_hz(I2C_HZ));
                self.i2c.apply_config(&config).map_err(|_| fault)
            }
            Class::Spi => {
                let mode = settings.spi_mode.map_or(Mode::_0, |mode| match (mode.polarity, mode.phase) {
                    (embedded_hal::spi::Polarity::IdleLow, embedded_hal::spi::Phase::CaptureOnFirstTransition) => {
                        Mode::_0
                    }
                    (embedded_hal::spi::Polarity::IdleLow, _) => Mode::_1,
                    (_, embedded_hal::spi::Phase::CaptureOnFirstTransition) => Mode::_2,
                    _ => Mode::_3,
                });
                let config = SpiConfig::default().with_frequency(clock_hz(SPI_HZ)).with_mode(mode);
                self.spi.bus_mut().apply_config(&config).map_err(|_| fault)
            }
            Class::Analog(_) => Ok(()),
        }
    }
}

fn open(pin: &mut Flex<'static>, mode: PinMode, pull: Option<Pull>) {
    let pull = match pull {
        Some(Pull::Up) => Resistor::Up,
        Some(Pull::Down) => Resistor::Down,
        None => Resistor::None,
    };
    pin.apply_input_config(&InputConfig::default().with_pull(pull));
    pin.set_input_enable(true);
    pin.set_output_enable(mode.drives());
}

fn is_of_kind(class: Class, line: Line) -> bool {
    match class {
        Class::I2c => line == I2C0,
        Class::Spi => line == FLASH,
        Class::Digital(_) => usize::from(line.0) < PINS,
        Class::Analog(_) => line == POT,
    }
}

impl Board for Esp {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        let number = LABELS.iter().position(|name| *name == label)?;
        Some(Line(number as u16)).filter(|line| is_of_kind(class, *line))
    }

    fn label(&self, _: Class, line: Line) -> &str {
        LABELS.get(usize::from(line.0)).copied().unwrap_or_default()
    }

    fn open(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError> {
        match class {
            Class::Digital(mode) if line == ALERT && mode.drives() => return Err(PinError::ModeNotAvailable),
            Class::Analog(mode) if mode != PinMode::In => return Err(PinError::ModeNotAvailable),
            _ => {}
        }
        let users = self.users.get_mut(usize::from(line.0)).ok_or(PinError::UndefinedLabel)?;
        if *users > 0 && class != Class::I2c {
            return Err(PinError::AlreadyInUse);
        }
        *users += 1;
        self.set_up(class, line, settings)
    }

    fn close(&mut self, class: Class, line: Line) {
        if let Some(users) = self.users.get_mut(usize::from(line.0)) {
            *users = users.saturating_sub(1);
        }
        if let Class::Digital(_) = class {
            chip::with_pin(line, |pin| pin.set_output_enable(false));
        }
    }

    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.delay
    }

    fn now_ns(&mut self) -> Option<u64> {
        Some(chip::now_ns())
    }

    fn i2c(&mut self, line: Line) -> Option<&mut dyn I2cBus> {
        (line == I2C0).then_some(&mut self.i2c as &mut dyn I2cBus)
    }

    fn spi(&mut self, line: Line) -> Option<&mut dyn SpiDevice> {
        (line == FLASH).then_some(&mut self.spi as &mut dyn SpiDevice)
    }

    fn digital_out(&mut self, line: Line) -> Option<&mut dyn DigitalOut> {
        self.lent = Lent(line);
        Some(&mut self.lent)
    }

    fn digital_in(&mut self, line: Line) -> Option<&mut dyn DigitalIn> {
        self.lent = Lent(line);
        Some(&mut self.lent)
    }

    fn analog_in(&mut self, line: Line) -> Option<&mut dyn AnalogIn> {
        (line == POT).then_some(&mut self.analog as &mut dyn AnalogIn)
    }

    fn watch(&mut self, line: Line) -> Result<(), PinError> {
        chip::with_pin(line, |pin| pin.listen(Event::AnyEdge)).ok_or(PinError::NotSupported)
    }

    fn unwatch(&mut self, line: Line) {
        chip::with_pin(line, |pin| pin.unlisten());
    }

    fn edges(&mut self, line: Line) -> Edges {
        chip::edges(line)
    }
}

/// A pin as it is lent to a guest.
pub(crate) struct Lent(Line);

impl DigitalOut for Lent {
    fn set_high(&mut self, high: bool) -> Result<(), ErrorKind> {
        chip::with_pin(self.0, |pin| pin.set_level(high.into())).ok_or(ErrorKind::Other)
    }
    fn is_set_high(&mut self) -> Result<bool, ErrorKind> {
        chip::with_pin(self.0, |pin| Flex::is_set_high(pin)).ok_or(ErrorKind::Other)
    }
}

impl DigitalIn for Lent {
    fn is_high(&mut self) -> Result<bool, ErrorKind> {
        chip::with_pin(self.0, |pin| Flex::is_high(pin)).ok_or(ErrorKind::Other)
    }
}

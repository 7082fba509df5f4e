//! The board of the bench: one of each, all of them fakes that write down what they are asked.

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{self, InputPin, OutputPin, StatefulOutputPin};
use embedded_hal::i2c::{self, I2c};
use embedded_hal::spi::{self, SpiDevice};
use std::sync::Arc;
use wasmote_wasi_embedded::device::{self, AnalogIn, AnalogOut};
use wasmote_wasi_embedded::{Board, Class, Edges, Line, PinError, PinEvents, PinMode, Settings};

/// The board: labels `i2c0`, `flash`, `pin` (digital) and `level` (analog).
pub struct Bench {
    pub i2c: FakeI2c,
    pub spi: FakeSpi,
    pub pin: FakePin,
    pub analog: FakeAnalog,
    pub delay: FakeDelay,
    /// The time, if the board has a clock.
    pub now_ns: Option<u64>,
    /// Edges, counted by whoever plays the interrupt.
    pub events: Arc<PinEvents<1>>,
    /// Pollables that watch the pin.
    pub watching: u32,
    pub can_watch: bool,
    pub ready: bool,
    /// What `open` answers.
    pub open_error: Option<PinError>,
    pub log: Vec<String>,
}

impl Default for Bench {
    fn default() -> Bench {
        Bench {
            i2c: FakeI2c::default(),
            spi: FakeSpi::default(),
            pin: FakePin::default(),
            analog: FakeAnalog { full_scale: 4095, value: 0, error: None },
            delay: FakeDelay::default(),
            now_ns: None,
            events: Arc::new(PinEvents::new()),
            watching: 0,
            can_watch: true,
            ready: true,
            open_error: None,
            log: Vec::new(),
        }
    }
}

impl Board for Bench {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        (self.label(class, Line(0)) == label).then_some(Line(0))
    }

    fn label(&self, class: Class, _: Line) -> &str {
        match class {
            Class::I2c => "i2c0",
            Class::Spi => "flash",
            Class::Digital(_) => "pin",
            Class::Analog(_) => "level",
        }
    }

    fn open(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError> {
        self.log.push(format!("open {class:?} {line:?} {:?} {:?}", settings.active, settings.pull));
        self.open_error.map_or(Ok(()), Err)
    }

    fn close(&mut self, class: Class, line: Line) {
        self.log.push(format!("close {class:?} {line:?}"));
    }

    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.delay
    }

    fn now_ns(&mut self) -> Option<u64> {
        self.now_ns
    }

    fn i2c(&mut self, _: Line) -> Option<&mut dyn device::I2cBus> {
        Some(&mut self.i2c)
    }

    fn spi(&mut self, _: Line) -> Option<&mut dyn device::SpiDevice> {
        Some(&mut self.spi)
    }

    fn digital_out(&mut self, _: Line) -> Option<&mut dyn device::DigitalOut> {
        Some(&mut self.pin)
    }

    fn digital_in(&mut self, _: Line) -> Option<&mut dyn device::DigitalIn> {
        Some(&mut self.pin)
    }

    fn analog_out(&mut self, _: Line) -> Option<&mut dyn AnalogOut> {
        Some(&mut self.analog)
    }

    fn analog_in(&mut self, _: Line) -> Option<&mut dyn AnalogIn> {
        Some(&mut self.analog)
    }

    fn is_ready(&mut self, _: Class, _: Line) -> bool {
        self.ready
    }

    fn watch(&mut self, _: Line) -> Result<(), PinError> {
        if !self.can_watch {
            return Err(PinError::NotSupported);
        }
        self.watching += 1;
        Ok(())
    }

    fn unwatch(&mut self, _: Line) {
        self.watching -= 1;
    }

    fn edges(&mut self, line: Line) -> Edges {
        self.events.edges(line)
    }
}

/// All classes, for tests of opening.
pub const CLASSES: [(Class, &str, &str); 8] = [
    (Class::I2c, "open/i2c", "open"),
    (Class::Spi, "wasi:spi/spi", "open"),
    (Class::Digital(PinMode::Out), "open/digital", "open-out"),
    (Class::Digital(PinMode::In), "open/digital", "open-in"),
    (Class::Digital(PinMode::InOut), "open/digital", "open-in-out"),
    (Class::Analog(PinMode::Out), "open/analog", "open-out"),
    (Class::Analog(PinMode::In), "open/analog", "open-in"),
    (Class::Analog(PinMode::InOut), "open/analog", "open-in-out"),
];

/// A bus whose one device gives 1, 2, 3 and so on, in each operation.
#[derive(Default)]
pub struct FakeI2c {
    pub error: Option<i2c::ErrorKind>,
    pub log: Vec<String>,
}

impl i2c::ErrorType for FakeI2c {
    type Error = i2c::ErrorKind;
}

fn count_up(into: &mut [u8]) {
    into.iter_mut().zip(1..).for_each(|(byte, n)| *byte = n);
}

impl I2c for FakeI2c {
    fn read(&mut self, address: u8, into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        self.log.push(format!("{address:#x} read {}", into.len()));
        count_up(into);
        self.error.map_or(Ok(()), Err)
    }

    fn write(&mut self, address: u8, from: &[u8]) -> Result<(), i2c::ErrorKind> {
        self.log.push(format!("{address:#x} write {from:?}"));
        self.error.map_or(Ok(()), Err)
    }

    fn write_read(&mut self, address: u8, from: &[u8], into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        self.log.push(format!("{address:#x} write {from:?} read {}", into.len()));
        count_up(into);
        self.error.map_or(Ok(()), Err)
    }

    fn transaction(&mut self, address: u8, operations: &mut [i2c::Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        let mut line = format!("{address:#x} transaction");
        for operation in operations {
            match operation {
                i2c::Operation::Read(into) => {
                    line += &format!(" read {}", into.len());
                    count_up(into);
                }
                i2c::Operation::Write(from) => line += &format!(" write {from:?}"),
            }
        }
        self.log.push(line);
        self.error.map_or(Ok(()), Err)
    }
}

/// A device that sends back what it gets, inverted; what is only read is 1, 2, 3 and so on.
#[derive(Default)]
pub struct FakeSpi {
    pub error: Option<spi::ErrorKind>,
    pub log: Vec<String>,
}

impl spi::ErrorType for FakeSpi {
    type Error = spi::ErrorKind;
}

impl SpiDevice for FakeSpi {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), spi::ErrorKind> {
        let mut words = Vec::new();
        for operation in operations {
            match operation {
                spi::Operation::Read(into) => {
                    words.push(format!("read {}", into.len()));
                    count_up(into);
                }
                spi::Operation::Write(from) => words.push(format!("write {from:?}")),
                spi::Operation::TransferInPlace(bytes) => {
                    words.push(format!("transfer {bytes:?}"));
                    bytes.iter_mut().for_each(|byte| *byte = !*byte);
                }
                spi::Operation::Transfer(..) => panic!("the host transfers in place"),
                spi::Operation::DelayNs(ns) => words.push(format!("delay {ns}")),
            }
        }
        self.log.push(words.join(" "));
        self.error.map_or(Ok(()), Err)
    }
}

/// A pin that reads what it drives.
#[derive(Default)]
pub struct FakePin {
    pub high: bool,
    pub fails: bool,
}

impl digital::ErrorType for FakePin {
    type Error = digital::ErrorKind;
}

impl FakePin {
    fn outcome<V>(&self, value: V) -> Result<V, digital::ErrorKind> {
        if self.fails { Err(digital::ErrorKind::Other) } else { Ok(value) }
    }
}

impl OutputPin for FakePin {
    fn set_low(&mut self) -> Result<(), digital::ErrorKind> {
        self.outcome(())?;
        self.high = false;
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), digital::ErrorKind> {
        self.outcome(())?;
        self.high = true;
        Ok(())
    }
}

impl StatefulOutputPin for FakePin {
    fn is_set_high(&mut self) -> Result<bool, digital::ErrorKind> {
        self.outcome(self.high)
    }

    fn is_set_low(&mut self) -> Result<bool, digital::ErrorKind> {
        self.outcome(!self.high)
    }
}

impl InputPin for FakePin {
    fn is_high(&mut self) -> Result<bool, digital::ErrorKind> {
        self.outcome(self.high)
    }

    fn is_low(&mut self) -> Result<bool, digital::ErrorKind> {
        self.outcome(!self.high)
    }
}

/// A converter that reads what it puts out.
pub struct FakeAnalog {
    pub full_scale: u32,
    pub value: u32,
    pub error: Option<PinError>,
}

impl AnalogIn for FakeAnalog {
    fn full_scale(&self) -> u32 {
        self.full_scale
    }

    fn read(&mut self) -> Result<u32, PinError> {
        self.error.map_or(Ok(self.value), Err)
    }
}

impl AnalogOut for FakeAnalog {
    fn full_scale(&self) -> u32 {
        self.full_scale
    }

    fn write(&mut self, value: u32) -> Result<(), PinError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.value = value;
        Ok(())
    }
}

/// A delay that does not wait.
#[derive(Default)]
pub struct FakeDelay {
    pub log: Vec<String>,
}

impl DelayNs for FakeDelay {
    fn delay_ns(&mut self, ns: u32) {
        self.log.push(format!("{ns} ns"));
    }

    fn delay_us(&mut self, us: u32) {
        self.log.push(format!("{us} us"));
    }

    fn delay_ms(&mut self, ms: u32) {
        self.log.push(format!("{ms} ms"));
    }
}

//! The board on the computer as the chip's host functions see it; see [`crate::wire`].

use crate::wire::{Answer, Ask, FRAME_BYTES, Given, I2C_ERRORS, Operation, Operations, SPI_ERRORS, code, pin_error};
use core::cell::RefCell;
use embedded_hal::{delay::DelayNs, digital, i2c, spi};
use heapless::{String, Vec};
use semihosting::io::{self, Read, Write};
use wasmote_wasi_embedded::device::{AnalogIn, AnalogOut, DigitalIn, DigitalOut, I2cBus, SpiDevice};
use wasmote_wasi_embedded::{ActiveLevel, Address, Board, Class, Edges, Line, NAME_BYTES, PinError, Pull, Settings};

/// Labels that a guest can have found.
const LABELS: usize = 16;

/// The way to the computer.
pub(super) struct Port {
    input: io::Stdin,
    output: io::Stdout,
    frame: &'static mut [u8],
    /// The board's power is off.
    pub(super) stopped: bool,
}

/// The board.
pub(super) struct Remote<'p> {
    port: &'p RefCell<Port>,
    labels: Vec<(Line, String<NAME_BYTES>), LABELS>,
    /// The line that a device was lent for last.
    line: Line,
}

impl Port {
    /// A way whose frames take place in these bytes, of which there are [`FRAME_BYTES`].
    pub(super) fn new(frame: &'static mut [u8]) -> Result<Port, &'static str> {
        let input = io::stdin().map_err(|_| "no standard input")?;
        let output = io::stdout().map_err(|_| "no standard output")?;
        if frame.len() < FRAME_BYTES {
            return Err("no memory for a frame");
        }
        Ok(Port { input, output, frame, stopped: false })
    }

    /// Asks, and takes what is given. A line that is broken answers nothing, and the board's power is off.
    pub(super) fn ask<R>(&mut self, ask: &Ask<'_>, take: impl FnOnce(Given<'_>) -> R) -> R {
        let frame = self.encode(ask);
        self.send(frame, take)
    }

    /// Puts a question into the frame; its length, which is 0 if it has no room.
    fn encode(&mut self, ask: &Ask<'_>) -> usize {
        postcard::to_slice(ask, self.frame).map_or(0, |bytes| bytes.len())
    }

    /// Sends the question in the frame.
    fn send<R>(&mut self, len: usize, take: impl FnOnce(Given<'_>) -> R) -> R {
        match self.exchange(len) {
            Some(Answer { stopped, given }) => {
                let taken = take(given);
                self.stopped = stopped;
                taken
            }
            None => {
                self.stopped = true;
                take(Given::Nothing)
            }
        }
    }

    fn exchange(&mut self, len: usize) -> Option<Answer<'_>> {
        let frame = self.frame.get(..len).filter(|frame| !frame.is_empty())?;
        self.output.write_all(&(len as u32).to_le_bytes()).ok()?;
        self.output.write_all(frame).ok()?;
        let mut prefix = [0; 4];
        fill(&mut self.input, &mut prefix)?;
        let frame = self.frame.get_mut(..u32::from_le_bytes(prefix) as usize)?;
        fill(&mut self.input, frame)?;
        postcard::from_bytes(self.frame).ok()
    }
}

impl<'p> Remote<'p> {
    /// The board at the other end.
    pub(super) fn new(port: &'p RefCell<Port>) -> Remote<'p> {
        Remote { port, labels: Vec::new(), line: Line(0) }
    }

    fn ask<R>(&mut self, ask: &Ask<'_>, take: impl FnOnce(Given<'_>) -> R) -> R {
        self.port.borrow_mut().ask(ask, take)
    }

    /// A number; none if it is not one.
    fn number(&mut self, ask: &Ask<'_>) -> Option<u64> {
        self.ask(ask, |given| if let Given::Number(number) = given { Some(number) } else { None })
    }

    /// Whether it went well; otherwise the number of the error.
    fn done(&mut self, ask: &Ask<'_>) -> Result<(), u8> {
        self.ask(ask, |given| if let Given::Failed(number) = given { Err(number) } else { Ok(()) })
    }

    fn lent(&mut self, line: Line) -> &mut Self {
        self.line = line;
        self
    }
}

fn fill(input: &mut io::Stdin, mut into: &mut [u8]) -> Option<()> {
    while !into.is_empty() {
        match input.read(into) {
            Ok(0) | Err(_) => return None,
            Ok(count) => into = into.get_mut(count..)?,
        }
    }
    Some(())
}

impl Board for Remote<'_> {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        let line = Line(self.number(&Ask::Find(code(class), label))? as u16);
        let known = self.labels.iter().any(|(known, _)| *known == line);
        if !known && let Ok(label) = String::try_from(label) {
            self.labels.push((line, label)).ok()?;
        }
        Some(line)
    }
    fn label(&self, _: Class, line: Line) -> &str {
        self.labels.iter().find(|(known, _)| *known == line).map_or("", |(_, label)| label)
    }
    fn open(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError> {
        let Settings { active, pull, max_clock_hz, spi_mode } = *settings;
        let mode = spi_mode.and_then(|mode| MODES.iter().position(|known| *known == mode)).map(|mode| mode as u8);
        let (low, up) = (active == ActiveLevel::Low, pull.map(|pull| pull == Pull::Up));
        self.done(&Ask::Open(code(class), line.0, low, up, max_clock_hz, mode)).map_err(pin_error)
    }
    fn close(&mut self, class: Class, line: Line) {
        let _ = self.done(&Ask::Close(code(class), line.0));
    }
    fn delay(&mut self) -> &mut dyn DelayNs {
        self
    }
    fn now_ns(&mut self) -> Option<u64> {
        self.number(&Ask::Now)
    }
    fn i2c(&mut self, line: Line) -> Option<&mut dyn I2cBus> {
        Some(self.lent(line))
    }
    fn spi(&mut self, line: Line) -> Option<&mut dyn SpiDevice> {
        Some(self.lent(line))
    }
    fn digital_out(&mut self, line: Line) -> Option<&mut dyn DigitalOut> {
        Some(self.lent(line))
    }
    fn digital_in(&mut self, line: Line) -> Option<&mut dyn DigitalIn> {
        Some(self.lent(line))
    }
    fn analog_out(&mut self, line: Line) -> Option<&mut dyn AnalogOut> {
        Some(self.lent(line))
    }
    fn analog_in(&mut self, line: Line) -> Option<&mut dyn AnalogIn> {
        Some(self.lent(line))
    }
    fn is_ready(&mut self, class: Class, line: Line) -> bool {
        self.number(&Ask::Ready(code(class), line.0)).is_some()
    }
    fn watch(&mut self, line: Line) -> Result<(), PinError> {
        self.done(&Ask::Watch(line.0, true)).map_err(pin_error)
    }
    fn unwatch(&mut self, line: Line) {
        let _ = self.done(&Ask::Watch(line.0, false));
    }
    fn edges(&mut self, line: Line) -> Edges {
        self.ask(&Ask::Edges(line.0), |given| match given {
            Given::Edges(rising, falling) => Edges { rising, falling },
            _ => Edges::default(),
        })
    }
}

const MODES: [spi::Mode; 4] = [spi::MODE_0, spi::MODE_1, spi::MODE_2, spi::MODE_3];

impl DelayNs for Remote<'_> {
    fn delay_ns(&mut self, ns: u32) {
        let _ = self.done(&Ask::Delay(ns));
    }
}

impl DigitalOut for Remote<'_> {
    fn set_high(&mut self, high: bool) -> Result<(), digital::ErrorKind> {
        self.done(&Ask::Set(self.line.0, high)).map_err(|_| digital::ErrorKind::Other)
    }
    fn is_set_high(&mut self) -> Result<bool, digital::ErrorKind> {
        Ok(self.number(&Ask::IsSet(self.line.0)).is_some())
    }
}

impl DigitalIn for Remote<'_> {
    fn is_high(&mut self) -> Result<bool, digital::ErrorKind> {
        Ok(self.number(&Ask::IsHigh(self.line.0)).is_some())
    }
}

/// Analog inputs and outputs of different scales: the one that is asked for is told by the trait.
impl AnalogIn for Remote<'_> {
    fn full_scale(&self) -> u32 {
        SCALE_IN
    }
    fn read(&mut self) -> Result<u32, PinError> {
        self.number(&Ask::Value(self.line.0, None)).map(|value| value as u32).ok_or(PinError::Other)
    }
}

impl AnalogOut for Remote<'_> {
    fn full_scale(&self) -> u32 {
        SCALE_OUT
    }
    fn write(&mut self, value: u32) -> Result<(), PinError> {
        self.done(&Ask::Value(self.line.0, Some(value))).map_err(pin_error)
    }
}

/// The greatest values of the simulated board's converter and of its pulse width.
const SCALE_IN: u32 = 4095;
const SCALE_OUT: u32 = 65_535;

impl I2cBus for Remote<'_> {
    fn read(&mut self, address: Address, into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        I2cBus::transaction(self, address, &mut [i2c::Operation::Read(into)])
    }
    fn write(&mut self, address: Address, from: &[u8]) -> Result<(), i2c::ErrorKind> {
        I2cBus::transaction(self, address, &mut [i2c::Operation::Write(from)])
    }
    fn write_read(&mut self, address: Address, from: &[u8], into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        I2cBus::transaction(self, address, &mut [i2c::Operation::Write(from), i2c::Operation::Read(into)])
    }
    fn transaction(&mut self, address: Address, operations: &mut [i2c::Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        let Address::Seven(address) = address else { return Err(i2c::ErrorKind::Other) };
        let mut asked = Operations::new();
        for operation in operations.iter() {
            let operation = match operation {
                i2c::Operation::Read(into) => Operation::Read(into.len() as u32),
                i2c::Operation::Write(from) => Operation::Write(from),
            };
            asked.push(operation).map_err(|_| i2c::ErrorKind::Other)?;
        }
        // Once the question is in the frame, the places of what it asks for may be written.
        let mut port = self.port.borrow_mut();
        let frame = port.encode(&Ask::I2c(self.line.0, address, asked));
        port.send(frame, |given| {
            let mut bytes = given_bytes(given)?;
            for operation in operations {
                if let i2c::Operation::Read(into) = operation {
                    take(&mut bytes, into);
                }
            }
            Ok(())
        })
        .map_err(|number: u8| I2C_ERRORS.get(usize::from(number)).copied().unwrap_or(i2c::ErrorKind::Other))
    }
}

impl SpiDevice for Remote<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<(), spi::ErrorKind> {
        SpiDevice::transaction(self, &mut [spi::Operation::Read(into)])
    }
    fn write(&mut self, from: &[u8]) -> Result<(), spi::ErrorKind> {
        SpiDevice::transaction(self, &mut [spi::Operation::Write(from)])
    }
    fn transfer_in_place(&mut self, bytes: &mut [u8]) -> Result<(), spi::ErrorKind> {
        SpiDevice::transaction(self, &mut [spi::Operation::TransferInPlace(bytes)])
    }
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), spi::ErrorKind> {
        let mut asked = Operations::new();
        for operation in operations.iter() {
            let operation = match operation {
                spi::Operation::Read(into) => Operation::Read(into.len() as u32),
                spi::Operation::Write(from) => Operation::Write(from),
                spi::Operation::TransferInPlace(bytes) => Operation::Transfer(bytes),
                spi::Operation::DelayNs(ns) => Operation::Delay(*ns),
                // The host functions make none of these.
                spi::Operation::Transfer(..) => return Err(spi::ErrorKind::Other),
            };
            asked.push(operation).map_err(|_| spi::ErrorKind::Other)?;
        }
        let mut port = self.port.borrow_mut();
        let frame = port.encode(&Ask::Spi(self.line.0, asked));
        port.send(frame, |given| {
            let mut bytes = given_bytes(given)?;
            for operation in operations {
                if let spi::Operation::Read(into) | spi::Operation::TransferInPlace(into) = operation {
                    take(&mut bytes, into);
                }
            }
            Ok(())
        })
        .map_err(|number: u8| SPI_ERRORS.get(usize::from(number)).copied().unwrap_or(spi::ErrorKind::Other))
    }
}

fn given_bytes(given: Given<'_>) -> Result<&[u8], u8> {
    match given {
        Given::Bytes(bytes) => Ok(bytes),
        Given::Failed(number) => Err(number),
        _ => Err(u8::MAX),
    }
}

/// Takes as many bytes as fit.
fn take(bytes: &mut &[u8], into: &mut [u8]) {
    let (now, rest) = bytes.split_at(into.len().min(bytes.len()));
    into.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
    *bytes = rest;
}

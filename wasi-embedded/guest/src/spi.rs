//! A device on an SPI bus.

use crate::abi::{self, Area, Buffers, Handle, Lists, MAX_OPERATIONS, Operation, host};
use embedded_hal::spi::{self, ErrorKind};

/// Why a transfer failed: the kinds of embedded-hal, as the host had them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpiError(pub ErrorKind);

impl spi::Error for SpiError {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

/// A device with its chip select.
pub struct SpiDevice(Handle);

impl SpiDevice {
    /// Opens the device of this name; `why` is shown the host's reason if it refuses.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open_or(name: &str, why: impl FnOnce(&str)) -> Result<SpiDevice, SpiError> {
        let area = abi::open(name, abi::spi_open);
        match area.handle_or_case() {
            Ok(handle) => Ok(SpiDevice(Handle::new(handle, abi::spi_drop))),
            Err(case) => {
                if case == OTHER {
                    abi::with_text(&area, why);
                }
                Err(SpiError(kind(case)))
            }
        }
    }

    /// Opens the device of this name.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open(name: &str) -> Result<SpiDevice, SpiError> {
        SpiDevice::open_or(name, |_| ())
    }
}

/// The case of an error that has a text.
const OTHER: u8 = 4;

fn kind(case: u8) -> ErrorKind {
    match case {
        0 => ErrorKind::Overrun,
        1 => ErrorKind::ModeFault,
        2 => ErrorKind::FrameFormat,
        3 => ErrorKind::ChipSelectFault,
        _ => ErrorKind::Other,
    }
}

fn outcome(area: &Area) -> Result<(), SpiError> {
    if area.byte(0) == 0 { Ok(()) } else { Err(SpiError(kind(area.byte(4)))) }
}

/// Operations as the interface has them, and the buffers that their results go to.
struct Lowered<'b> {
    operations: [Operation; MAX_OPERATIONS],
    count: usize,
    buffers: Buffers<'b>,
}

impl<'b> Lowered<'b> {
    fn push(&mut self, operation: Operation) -> Result<(), SpiError> {
        *self.operations.get_mut(self.count).ok_or(SpiError(ErrorKind::Other))? = operation;
        self.count += 1;
        Ok(())
    }

    fn read(&mut self, into: &'b mut [u8]) -> Result<(), SpiError> {
        self.push(Operation::read(into.len()))?;
        self.buffers.push(into);
        Ok(())
    }

    fn lower(&mut self, operation: &'b mut spi::Operation<'_, u8>) -> Result<(), SpiError> {
        match operation {
            spi::Operation::Read(into) => self.read(into),
            spi::Operation::Write(from) => self.push(Operation::send(1, from)),
            spi::Operation::DelayNs(ns) => self.push(Operation::delay_ns(*ns)),
            // What comes back goes to where it came from: the host takes the bytes before it writes.
            spi::Operation::TransferInPlace(bytes) => {
                self.push(Operation::send(2, bytes))?;
                self.buffers.push(bytes);
                Ok(())
            }
            // The interface transfers as many bytes as it sends; what one side has more follows alone.
            spi::Operation::Transfer(into, from) => {
                let common = into.len().min(from.len());
                let (both, more) = into.split_at_mut(common);
                let (sent, rest) = from.split_at(common);
                self.push(Operation::send(2, sent))?;
                self.buffers.push(both);
                match (more.is_empty(), rest.is_empty()) {
                    (true, true) => Ok(()),
                    (false, _) => self.read(more),
                    (_, false) => self.push(Operation::send(1, rest)),
                }
            }
        }
    }
}

impl spi::ErrorType for SpiDevice {
    type Error = SpiError;
}

impl spi::SpiDevice for SpiDevice {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), SpiError> {
        let mut lists = Lists::EMPTY;
        // As many results as operations after lowering, which splits some.
        let results: usize = operations.iter().map(lowered_count).sum();
        let buffers = Buffers::new().with(lists.bytes(12 * results));
        let mut lowered = Lowered { operations: [Operation::NONE; MAX_OPERATIONS], count: 0, buffers };
        for operation in operations {
            lowered.lower(operation)?;
        }
        let (device, list, count) = (self.0.number(), lowered.operations.as_ptr(), lowered.count);
        outcome(&Area::of(|area| host!(spi_transaction(device, list, count, area))))
    }

    fn read(&mut self, into: &mut [u8]) -> Result<(), SpiError> {
        let len = into.len() as u64;
        let _buffers = Buffers::new().with(into);
        outcome(&Area::of(|area| host!(spi_read(self.0.number(), len, area))))
    }

    fn write(&mut self, from: &[u8]) -> Result<(), SpiError> {
        outcome(&Area::of(|area| host!(spi_write(self.0.number(), from.as_ptr(), from.len(), area))))
    }

    fn transfer_in_place(&mut self, bytes: &mut [u8]) -> Result<(), SpiError> {
        let (at, len) = (bytes.as_ptr(), bytes.len());
        let _buffers = Buffers::new().with(bytes);
        outcome(&Area::of(|area| host!(spi_transfer(self.0.number(), at, len, area))))
    }
}

fn lowered_count(operation: &spi::Operation<'_, u8>) -> usize {
    match operation {
        spi::Operation::Transfer(into, from) if into.len() != from.len() => 2,
        _ => 1,
    }
}

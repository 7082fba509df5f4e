//! An I2C bus.

use crate::abi::{self, Area, Buffers, Handle, Lists, MAX_OPERATIONS, Operation, host};
use embedded_hal::i2c::{self, ErrorKind, NoAcknowledgeSource, SevenBitAddress, TenBitAddress};

/// Why a bus does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenError {
    /// The board has no bus of this label.
    UnknownLabel,
    /// The policy does not grant it to this module.
    NotAllowed,
    /// Somebody else uses it.
    AlreadyInUse,
    /// The board cannot set it up.
    Unavailable,
}

/// Why a transfer failed: the kinds of embedded-hal, as the host had them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct I2cError(pub ErrorKind);

impl i2c::Error for I2cError {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

/// A bus. It can be opened once for each driver.
pub struct I2c(Handle);

impl I2c {
    /// Opens the bus of this label.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open(label: &str) -> Result<I2c, OpenError> {
        let area = abi::open(label, abi::i2c_open);
        match area.handle_or_case() {
            Ok(handle) => Ok(I2c(Handle::new(handle, abi::i2c_drop))),
            Err(0) => Err(OpenError::UnknownLabel),
            Err(1) => Err(OpenError::NotAllowed),
            Err(2) => Err(OpenError::AlreadyInUse),
            Err(_) => Err(OpenError::Unavailable),
        }
    }

    fn read_at(&mut self, address: u32, into: &mut [u8]) -> Result<(), I2cError> {
        let len = into.len() as u64;
        let _buffers = Buffers::new().with(into);
        outcome(&Area::of(|area| host!(i2c_read(self.0.number(), address, len, area))), 4)
    }

    fn write_at(&mut self, address: u32, from: &[u8]) -> Result<(), I2cError> {
        let bus = self.0.number();
        // This result alone has no payload that must be aligned.
        outcome(&Area::of(|area| host!(i2c_write(bus, address, from.as_ptr(), from.len(), area))), 1)
    }

    fn write_read_at(&mut self, address: u32, from: &[u8], into: &mut [u8]) -> Result<(), I2cError> {
        let (bus, len) = (self.0.number(), into.len() as u64);
        let _buffers = Buffers::new().with(into);
        outcome(&Area::of(|area| host!(i2c_write_read(bus, address, from.as_ptr(), from.len(), len, area))), 4)
    }

    fn transaction_at(&mut self, address: u32, operations: &mut [i2c::Operation<'_>]) -> Result<(), I2cError> {
        let count = operations.len();
        let mut lowered = [Operation::NONE; MAX_OPERATIONS];
        let lowered = lowered.get_mut(..count).ok_or(I2cError(ErrorKind::Other))?;
        let mut lists = Lists::EMPTY;
        let reads = operations.iter().filter(|operation| matches!(operation, i2c::Operation::Read(_))).count();
        let mut buffers = Buffers::new().with(lists.bytes(8 * reads));
        for (slot, operation) in lowered.iter_mut().zip(operations) {
            *slot = match operation {
                i2c::Operation::Read(into) => {
                    let slot = Operation::read(into.len());
                    buffers.push(into);
                    slot
                }
                i2c::Operation::Write(from) => Operation::send(1, from),
            };
        }
        let bus = self.0.number();
        outcome(&Area::of(|area| host!(i2c_transaction(bus, address, lowered.as_ptr(), count, area))), 4)
    }
}

/// What a result says; its error lies at `at`.
fn outcome(area: &Area, at: usize) -> Result<(), I2cError> {
    if area.byte(0) == 0 {
        return Ok(());
    }
    Err(I2cError(match area.byte(at) {
        0 => ErrorKind::Bus,
        1 => ErrorKind::ArbitrationLoss,
        2 => ErrorKind::NoAcknowledge(match area.byte(at + 1) {
            0 => NoAcknowledgeSource::Address,
            1 => NoAcknowledgeSource::Data,
            _ => NoAcknowledgeSource::Unknown,
        }),
        3 => ErrorKind::Overrun,
        _ => ErrorKind::Other,
    }))
}

impl i2c::ErrorType for I2c {
    type Error = I2cError;
}

/// The trait for both widths of address. The interface tells a 10-bit address by its being above 0x7f, so that those up to
/// 0x7f cannot be told from 7-bit ones.
macro_rules! bus {
    ($address:ty) => {
        impl i2c::I2c<$address> for I2c {
            fn read(&mut self, address: $address, into: &mut [u8]) -> Result<(), I2cError> {
                self.read_at(u32::from(address), into)
            }

            fn write(&mut self, address: $address, from: &[u8]) -> Result<(), I2cError> {
                self.write_at(u32::from(address), from)
            }

            fn write_read(&mut self, address: $address, from: &[u8], into: &mut [u8]) -> Result<(), I2cError> {
                self.write_read_at(u32::from(address), from, into)
            }

            fn transaction(
                &mut self,
                address: $address,
                operations: &mut [i2c::Operation<'_>],
            ) -> Result<(), I2cError> {
                self.transaction_at(u32::from(address), operations)
            }
        }
    };
}

bus!(SevenBitAddress);
bus!(TenBitAddress);

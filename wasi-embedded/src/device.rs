//! The devices behind the host functions, as traits that can be `dyn`, since a board's pins have as many types as pins.
//!
//! Each is implemented for everything that implements the trait of `embedded-hal` of the same purpose, so a board lends
//! its HAL's own types: `Some(&mut self.led)`. Errors become `embedded-hal`'s kinds on the way. Analog pins have no
//! trait in `embedded-hal` 1.0; [`AnalogIn`] and [`AnalogOut`] are ours.

use crate::Address;
use embedded_hal::digital::{self, Error as _};
use embedded_hal::i2c::{self, Error as _};
use embedded_hal::pwm::SetDutyCycle;
use embedded_hal::spi::{self, Error as _};

/// An I2C bus. Implemented for every [`i2c::I2c`] with 7-bit addresses; [`TenBit`] adds the others.
pub trait I2cBus {
    /// Reads from a device.
    ///
    /// # Errors
    /// The kind of the bus' error, as for all functions here.
    fn read(&mut self, address: Address, into: &mut [u8]) -> Result<(), i2c::ErrorKind>;
    /// Writes to a device.
    fn write(&mut self, address: Address, from: &[u8]) -> Result<(), i2c::ErrorKind>;
    /// Writes, then reads after a repeated start.
    fn write_read(&mut self, address: Address, from: &[u8], into: &mut [u8]) -> Result<(), i2c::ErrorKind>;
    /// Does all operations between one start and one stop.
    fn transaction(&mut self, address: Address, operations: &mut [i2c::Operation<'_>]) -> Result<(), i2c::ErrorKind>;
}

/// A bus without 10-bit addresses answers them so.
const NO_TEN_BIT: i2c::ErrorKind = i2c::ErrorKind::Other;

impl<B: i2c::I2c> I2cBus for B {
    fn read(&mut self, address: Address, into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        let Address::Seven(address) = address else { return Err(NO_TEN_BIT) };
        i2c::I2c::read(self, address, into).map_err(|error| error.kind())
    }

    fn write(&mut self, address: Address, from: &[u8]) -> Result<(), i2c::ErrorKind> {
        let Address::Seven(address) = address else { return Err(NO_TEN_BIT) };
        i2c::I2c::write(self, address, from).map_err(|error| error.kind())
    }

    fn write_read(&mut self, address: Address, from: &[u8], into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        let Address::Seven(address) = address else { return Err(NO_TEN_BIT) };
        i2c::I2c::write_read(self, address, from, into).map_err(|error| error.kind())
    }

    fn transaction(&mut self, address: Address, operations: &mut [i2c::Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        let Address::Seven(address) = address else { return Err(NO_TEN_BIT) };
        i2c::I2c::transaction(self, address, operations).map_err(|error| error.kind())
    }
}

/// An I2C bus whose HAL knows 10-bit addresses too.
#[derive(Debug)]
pub struct TenBit<B>(pub B);

impl<B: i2c::I2c<i2c::SevenBitAddress> + i2c::I2c<i2c::TenBitAddress>> I2cBus for TenBit<B> {
    fn read(&mut self, address: Address, into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        match address {
            Address::Seven(address) => i2c::I2c::read(&mut self.0, address, into),
            Address::Ten(address) => i2c::I2c::read(&mut self.0, address, into),
        }
        .map_err(|error| error.kind())
    }

    fn write(&mut self, address: Address, from: &[u8]) -> Result<(), i2c::ErrorKind> {
        match address {
            Address::Seven(address) => i2c::I2c::write(&mut self.0, address, from),
            Address::Ten(address) => i2c::I2c::write(&mut self.0, address, from),
        }
        .map_err(|error| error.kind())
    }

    fn write_read(&mut self, address: Address, from: &[u8], into: &mut [u8]) -> Result<(), i2c::ErrorKind> {
        match address {
            Address::Seven(address) => i2c::I2c::write_read(&mut self.0, address, from, into),
            Address::Ten(address) => i2c::I2c::write_read(&mut self.0, address, from, into),
        }
        .map_err(|error| error.kind())
    }

    fn transaction(&mut self, address: Address, operations: &mut [i2c::Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        match address {
            Address::Seven(address) => i2c::I2c::transaction(&mut self.0, address, operations),
            Address::Ten(address) => i2c::I2c::transaction(&mut self.0, address, operations),
        }
        .map_err(|error| error.kind())
    }
}

/// A device on an SPI bus. Implemented for every [`spi::SpiDevice`].
pub trait SpiDevice {
    /// Reads, sending what the device's HAL sends meanwhile.
    ///
    /// # Errors
    /// The kind of the device's error, as for all functions here.
    fn read(&mut self, into: &mut [u8]) -> Result<(), spi::ErrorKind>;
    /// Writes, ignoring what comes back.
    fn write(&mut self, from: &[u8]) -> Result<(), spi::ErrorKind>;
    /// Writes `bytes` and puts what comes back in their place.
    fn transfer_in_place(&mut self, bytes: &mut [u8]) -> Result<(), spi::ErrorKind>;
    /// Does all operations while the chip is selected.
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), spi::ErrorKind>;
}

impl<D: spi::SpiDevice> SpiDevice for D {
    fn read(&mut self, into: &mut [u8]) -> Result<(), spi::ErrorKind> {
        spi::SpiDevice::read(self, into).map_err(|error| error.kind())
    }

    fn write(&mut self, from: &[u8]) -> Result<(), spi::ErrorKind> {
        spi::SpiDevice::write(self, from).map_err(|error| error.kind())
    }

    fn transfer_in_place(&mut self, bytes: &mut [u8]) -> Result<(), spi::ErrorKind> {
        spi::SpiDevice::transfer_in_place(self, bytes).map_err(|error| error.kind())
    }

    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), spi::ErrorKind> {
        spi::SpiDevice::transaction(self, operations).map_err(|error| error.kind())
    }
}

/// A digital output that knows what it drives. Implemented for every [`digital::StatefulOutputPin`]; [`Remembered`] makes
/// one of any [`digital::OutputPin`].
pub trait DigitalOut {
    /// Drives the pin high or low.
    ///
    /// # Errors
    /// The kind of the pin's error.
    fn set_high(&mut self, high: bool) -> Result<(), digital::ErrorKind>;
    /// Is the pin driven high?
    ///
    /// # Errors
    /// The kind of the pin's error.
    fn is_set_high(&mut self) -> Result<bool, digital::ErrorKind>;
}

impl<P: digital::StatefulOutputPin> DigitalOut for P {
    fn set_high(&mut self, high: bool) -> Result<(), digital::ErrorKind> {
        self.set_state(high.into()).map_err(|error| error.kind())
    }

    fn is_set_high(&mut self) -> Result<bool, digital::ErrorKind> {
        digital::StatefulOutputPin::is_set_high(self).map_err(|error| error.kind())
    }
}

/// An output pin whose hardware cannot tell what it drives, with the level that it was given last.
#[derive(Debug)]
pub struct Remembered<P> {
    /// The pin.
    pub pin: P,
    /// Whether it was last driven high.
    pub high: bool,
}

impl<P: digital::OutputPin> DigitalOut for Remembered<P> {
    fn set_high(&mut self, high: bool) -> Result<(), digital::ErrorKind> {
        self.pin.set_state(high.into()).map_err(|error| error.kind())?;
        self.high = high;
        Ok(())
    }

    fn is_set_high(&mut self) -> Result<bool, digital::ErrorKind> {
        Ok(self.high)
    }
}

/// A digital input. Implemented for every [`digital::InputPin`].
pub trait DigitalIn {
    /// Is the pin high?
    ///
    /// # Errors
    /// The kind of the pin's error.
    fn is_high(&mut self) -> Result<bool, digital::ErrorKind>;
}

impl<P: digital::InputPin> DigitalIn for P {
    fn is_high(&mut self) -> Result<bool, digital::ErrorKind> {
        digital::InputPin::is_high(self).map_err(|error| error.kind())
    }
}

/// An analog input: a converter's channel.
pub trait AnalogIn {
    /// The greatest value that the converter gives: 4095 for 12 bits.
    fn full_scale(&self) -> u32;
    /// Converts once; 0 is ground.
    ///
    /// # Errors
    /// As the WIT has them.
    fn read(&mut self) -> Result<u32, crate::PinError>;
}

/// An analog output: a converter's channel, or pulse width. [`Pwm`] makes one of any [`SetDutyCycle`].
pub trait AnalogOut {
    /// The greatest value that the converter takes.
    fn full_scale(&self) -> u32;
    /// Puts out a value, at most `full_scale`; 0 is ground.
    ///
    /// # Errors
    /// As the WIT has them.
    fn write(&mut self, value: u32) -> Result<(), crate::PinError>;
}

/// Pulse width as an analog output.
#[derive(Debug)]
pub struct Pwm<P>(pub P);

impl<P: SetDutyCycle> AnalogOut for Pwm<P> {
    fn full_scale(&self) -> u32 {
        u32::from(self.0.max_duty_cycle())
    }

    fn write(&mut self, value: u32) -> Result<(), crate::PinError> {
        self.0.set_duty_cycle(u16::try_from(value).unwrap_or(u16::MAX)).map_err(|_| crate::PinError::Other)
    }
}

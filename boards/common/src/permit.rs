//! What a module that is built in may use: what its note grants, or whatever the board has.
//!
//! A grant is looked up where it lies, encoded, in flash: decoded it would take more RAM than most modules do.

use crate::policy::{
    Access, Active, Addresses, DecodeError, Direction, PinKind, Resistor, VERSION, pin_settings, spi_mode,
};
use serde::Deserialize;
use wasmote_wasi_embedded::{Address, Class, Denied, Everything, Grants, MAX_TRANSFER_BYTES, PinMode, Settings};

/// What a module may use.
#[derive(Clone, Copy, Debug)]
pub enum Permit {
    /// All that the board has: nobody said otherwise.
    Everything,
    /// This.
    Granted(Granted),
}

/// An encoded [`Request`](crate::policy::Request) that is granted, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Granted {
    pins: Encoded,
    buses: Encoded,
    devices: Encoded,
    directories: Encoded,
    /// The arena, in bytes.
    pub memory_bytes: Option<u32>,
    /// Fuel for a run.
    pub fuel: Option<u64>,
    max_transfer_bytes: Option<u32>,
}

/// The fields of a pin, a bus, a device, a directory and a variable, in the order of the request's types.
type PinRow = (&'static str, PinKind, Direction, Option<Resistor>, Option<Active>);
type BusRow = (&'static str, Addresses, Option<u32>);
type DeviceRow = (&'static str, Option<u8>, Option<u32>);
type DirectoryRow = (&'static str, Access);
type VariableRow = (&'static str, &'static str);

/// A sequence as postcard has it: its length, then its items.
#[derive(Clone, Copy, Debug)]
struct Encoded(&'static [u8]);

impl Encoded {
    fn rows<T: Deserialize<'static>>(self) -> impl Iterator<Item = T> {
        let (mut left, mut bytes) = take::<u32>(self.0).unwrap_or((0, &[]));
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let (row, rest) = take(bytes).ok()?;
            bytes = rest;
            Some(row)
        })
    }
}

fn take<T: Deserialize<'static>>(bytes: &'static [u8]) -> Result<(T, &'static [u8]), DecodeError> {
    postcard::take_from_bytes(bytes).map_err(|_| DecodeError::Damaged)
}

/// A sequence of these rows, all of which can be read, and what follows it.
fn sequence<T: Deserialize<'static>>(bytes: &'static [u8]) -> Result<(Encoded, &'static [u8]), DecodeError> {
    let (count, mut rest) = take::<u32>(bytes)?;
    for _ in 0..count {
        rest = take::<T>(rest)?.1;
    }
    Ok((Encoded(bytes), rest))
}

impl Granted {
    fn read(bytes: &'static [u8]) -> Result<Granted, DecodeError> {
        let bytes = match bytes.split_first() {
            Some((&VERSION, rest)) => rest,
            Some((version, _)) => return Err(DecodeError::Version(*version)),
            None => return Err(DecodeError::Damaged),
        };
        let (_, bytes) = take::<&str>(bytes)?;
        let (pins, bytes) = sequence::<PinRow>(bytes)?;
        let (buses, bytes) = sequence::<BusRow>(bytes)?;
        let (devices, bytes) = sequence::<DeviceRow>(bytes)?;
        let (directories, bytes) = sequence::<DirectoryRow>(bytes)?;
        let (_, bytes) = sequence::<VariableRow>(bytes)?;
        let ((memory_bytes, fuel, max_transfer_bytes), rest) = take(bytes)?;
        if !rest.is_empty() {
            return Err(DecodeError::TooLong);
        }
        Ok(Granted { pins, buses, devices, directories, memory_bytes, fuel, max_transfer_bytes })
    }

    /// The directories that are granted, and what may be done in each.
    pub fn directories(&self) -> impl Iterator<Item = (&'static str, Access)> {
        self.directories.rows::<DirectoryRow>()
    }

    fn pin(&self, kind: PinKind, mode: PinMode, label: &str) -> Result<Settings, Denied> {
        let row = self.pins.rows::<PinRow>().find(|row| row.0 == label && row.1 == kind);
        let (_, _, direction, pull, active) = row.ok_or(Denied::Label)?;
        pin_settings(direction, pull, active, mode)
    }
}

impl Permit {
    /// The permit of an encoded grant; of an empty one, everything.
    ///
    /// # Errors
    /// If it is no grant.
    pub fn decode(grant: &'static [u8]) -> Result<Permit, DecodeError> {
        if grant.is_empty() {
            return Ok(Permit::Everything);
        }
        Granted::read(grant).map(Permit::Granted)
    }

    /// What is granted, if it is not everything.
    #[must_use]
    pub fn granted(&self) -> Option<&Granted> {
        match self {
            Permit::Everything => None,
            Permit::Granted(granted) => Some(granted),
        }
    }
}

impl Grants for Permit {
    fn open(&self, class: Class, label: &str) -> Result<Settings, Denied> {
        let Permit::Granted(granted) = self else { return Everything.open(class, label) };
        match class {
            Class::I2c => {
                let row = granted.buses.rows::<BusRow>().find(|row| row.0 == label).ok_or(Denied::Label)?;
                Ok(Settings { max_clock_hz: row.2, ..Settings::default() })
            }
            Class::Spi => {
                let row = granted.devices.rows::<DeviceRow>().find(|row| row.0 == label).ok_or(Denied::Label)?;
                Ok(Settings { max_clock_hz: row.2, spi_mode: row.1.and_then(spi_mode), ..Settings::default() })
            }
            Class::Digital(mode) => granted.pin(PinKind::Digital, mode, label),
            Class::Analog(mode) => granted.pin(PinKind::Analog, mode, label),
        }
    }

    fn address(&self, label: &str, address: Address) -> bool {
        let Permit::Granted(granted) = self else { return Everything.address(label, address) };
        let row = granted.buses.rows::<BusRow>().find(|row| row.0 == label);
        row.is_some_and(|row| row.1.contains(address.number()))
    }

    fn max_transfer_bytes(&self) -> u32 {
        match self {
            Permit::Everything => MAX_TRANSFER_BYTES,
            Permit::Granted(granted) => granted.max_transfer_bytes.unwrap_or(MAX_TRANSFER_BYTES),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::policy::{Bus, Grant, MAX_ENCODED_BYTES, Pin, Request};
    use heapless::Vec;
    use std::boxed::Box;

    fn request() -> Request {
        let pin = |label: &str, kind, direction, pull, active| Pin {
            label: label.try_into().unwrap(),
            kind,
            direction,
            pull,
            active,
        };
        let mut request = Request { fuel: Some(7), max_transfer_bytes: Some(64), ..Request::default() };
        let up = Some(Resistor::Up);
        request.pins.push(pin("button", PinKind::Digital, Direction::In, up, Some(Active::Low))).unwrap();
        request.pins.push(pin("pot", PinKind::Analog, Direction::In, None, None)).unwrap();
        let addresses = Addresses::These(Vec::from_slice(&[0x48, 0x150]).unwrap());
        let bus = Bus { label: "i2c0".try_into().unwrap(), addresses, max_clock_hz: Some(100_000) };
        request.buses.push(bus).unwrap();
        request
    }

    fn encoded(request: &Request) -> &'static [u8] {
        let mut buffer = [0; MAX_ENCODED_BYTES];
        Box::leak(Box::from(request.encode(&mut buffer).unwrap()))
    }

    #[test]
    fn a_permit_answers_as_the_grant_that_it_is_of() {
        let (permit, grant) = (Permit::decode(encoded(&request())).unwrap(), Grant::whole(request()));
        let classes = [Class::I2c, Class::Spi].into_iter();
        let modes = [PinMode::In, PinMode::Out, PinMode::InOut];
        let pins = modes.into_iter().flat_map(|mode| [Class::Digital(mode), Class::Analog(mode)]);
        for class in classes.chain(pins) {
            for label in ["button", "pot", "i2c0", "led0", ""] {
                assert_eq!(permit.open(class, label), grant.open(class, label), "{class:?} {label}");
            }
        }
        for address in [0x47, 0x48, 0x150].map(Address::new) {
            assert_eq!(permit.address("i2c0", address), grant.address("i2c0", address));
        }
        assert_eq!(permit.max_transfer_bytes(), 64);
        assert_eq!(permit.granted().unwrap().fuel, Some(7));
    }

    #[test]
    fn a_grant_that_is_cut_off_anywhere_is_none() {
        let whole = encoded(&request());
        for len in 1..whole.len() {
            assert!(Permit::decode(&whole[..len]).is_err(), "{len} bytes");
        }
    }
}

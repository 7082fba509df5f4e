//! What a module that is built in may use: what its note grants, or whatever the board has.
//!
//! A grant is looked up where it lies, encoded, in flash: decoded it would take more RAM than most modules do.

use crate::policy::{Access, Active, DecodeError, Direction, PinKind, Resistor, VERSION, pin_settings, spi_mode};
use crate::reader::Reader;
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

/// A sequence as postcard has it: its length, then its items.
#[derive(Clone, Copy, Debug)]
struct Encoded(&'static [u8]);

/// What is being read.
type Static = Reader<'static>;

impl Encoded {
    fn rows<T>(self, read: fn(&mut Static) -> Option<T>) -> impl Iterator<Item = T> {
        let mut from = Reader(self.0);
        let mut left = from.u32().unwrap_or(0);
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            read(&mut from)
        })
    }

    /// A sequence of these rows, all of which can be read, behind which `from` stands then.
    fn read<T>(from: &mut Static, read: fn(&mut Static) -> Option<T>) -> Option<Encoded> {
        let encoded = Encoded(from.0);
        for _ in 0..from.u32()? {
            read(from)?;
        }
        Some(encoded)
    }
}

struct PinRow {
    label: &'static str,
    kind: PinKind,
    direction: Direction,
    pull: Option<Resistor>,
    active: Option<Active>,
}

fn pin(from: &mut Static) -> Option<PinRow> {
    Some(PinRow {
        label: from.text()?,
        kind: from.case(&[PinKind::Digital, PinKind::Analog])?,
        direction: from.case(&[Direction::In, Direction::Out, Direction::InOut])?,
        pull: from.option(|from| from.case(&[Resistor::Up, Resistor::Down]))?,
        active: from.option(|from| from.case(&[Active::High, Active::Low]))?,
    })
}

/// A bus; without addresses, all of them.
struct BusRow {
    label: &'static str,
    addresses: Option<Encoded>,
    max_clock_hz: Option<u32>,
}

fn bus(from: &mut Static) -> Option<BusRow> {
    let label = from.text()?;
    let addresses = match from.u32()? {
        0 => None,
        1 => Some(Encoded::read(from, Reader::u32)?),
        _ => return None,
    };
    Some(BusRow { label, addresses, max_clock_hz: from.option(Reader::u32)? })
}

struct DeviceRow {
    label: &'static str,
    mode: Option<u8>,
    max_clock_hz: Option<u32>,
}

fn device(from: &mut Static) -> Option<DeviceRow> {
    Some(DeviceRow { label: from.text()?, mode: from.option(Reader::byte)?, max_clock_hz: from.option(Reader::u32)? })
}

fn directory(from: &mut Static) -> Option<(&'static str, Access)> {
    Some((from.text()?, from.case(&[Access::Read, Access::Write])?))
}

fn variable(from: &mut Static) -> Option<(&'static str, &'static str)> {
    Some((from.text()?, from.text()?))
}

impl Granted {
    fn read(bytes: &'static [u8]) -> Result<Granted, DecodeError> {
        let mut from = match bytes.split_first() {
            Some((&VERSION, rest)) => Reader(rest),
            Some((version, _)) => return Err(DecodeError::Version(*version)),
            None => return Err(DecodeError::Damaged),
        };
        let granted = Granted::fields(&mut from).ok_or(DecodeError::Damaged)?;
        if from.0.is_empty() { Ok(granted) } else { Err(DecodeError::TooLong) }
    }

    /// The fields in the order of the request's.
    fn fields(from: &mut Static) -> Option<Granted> {
        from.text()?;
        let (pins, buses) = (Encoded::read(from, pin)?, Encoded::read(from, bus)?);
        let (devices, directories) = (Encoded::read(from, device)?, Encoded::read(from, directory)?);
        Encoded::read(from, variable)?;
        let (memory_bytes, fuel) = (from.option(Reader::u32)?, from.option(Reader::u64)?);
        let max_transfer_bytes = from.option(Reader::u32)?;
        Some(Granted { pins, buses, devices, directories, memory_bytes, fuel, max_transfer_bytes })
    }

    /// The directories that are granted, and what may be done in each.
    pub fn directories(&self) -> impl Iterator<Item = (&'static str, Access)> {
        self.directories.rows(directory)
    }

    fn pin(&self, kind: PinKind, mode: PinMode, label: &str) -> Result<Settings, Denied> {
        let row = self.pins.rows(pin).find(|row| row.label == label && row.kind == kind).ok_or(Denied::Label)?;
        pin_settings(row.direction, row.pull, row.active, mode)
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
                let row = granted.buses.rows(bus).find(|row| row.label == label).ok_or(Denied::Label)?;
                Ok(Settings { max_clock_hz: row.max_clock_hz, ..Settings::default() })
            }
            Class::Spi => {
                let row = granted.devices.rows(device).find(|row| row.label == label).ok_or(Denied::Label)?;
                let spi_mode = row.mode.and_then(spi_mode);
                Ok(Settings { max_clock_hz: row.max_clock_hz, spi_mode, ..Settings::default() })
            }
            Class::Digital(mode) => granted.pin(PinKind::Digital, mode, label),
            Class::Analog(mode) => granted.pin(PinKind::Analog, mode, label),
        }
    }

    fn address(&self, label: &str, address: Address) -> bool {
        let Permit::Granted(granted) = self else { return Everything.address(label, address) };
        let row = granted.buses.rows(bus).find(|row| row.label == label);
        row.is_some_and(|row| {
            let is_it = |number| number == u32::from(address.number());
            row.addresses.is_none_or(|addresses| addresses.rows(Reader::u32).any(is_it))
        })
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
    use crate::policy::{Addresses, Bus, Grant, MAX_ENCODED_BYTES, Pin, Request};
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

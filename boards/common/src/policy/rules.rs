//! What a board allows.

use super::request::{
    Access, Active, Addresses, Bus, Device, Direction, Directory, Label, MAX_BUSES, MAX_DEVICES, MAX_DIRECTORIES,
    MAX_PINS, MAX_VARIABLES, Pin, PinKind, Request, Resistor,
};
use heapless::Vec;
use serde::{Deserialize, Serialize};

/// A pin that modules may have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AllowedPin {
    /// Its label.
    pub label: Label,
    /// What it is.
    pub kind: PinKind,
    /// How it may be used; `InOut` allows all.
    pub direction: Direction,
    /// The only resistor that is right for what is connected, if there is one.
    pub pull: Option<Resistor>,
    /// The active level of what is connected, if that is certain.
    pub active: Option<Active>,
}

/// An I2C bus that modules may have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AllowedBus {
    /// Its label.
    pub label: Label,
    /// The addresses that they may talk to.
    pub addresses: Addresses,
    /// The fastest clock, in hertz.
    pub max_clock_hz: Option<u32>,
}

/// An SPI device that modules may have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AllowedDevice {
    /// Its label.
    pub label: Label,
    /// The modes that they may use, a bit for each: bit 0 for mode 0.
    pub modes: u8,
    /// The fastest clock, in hertz.
    pub max_clock_hz: Option<u32>,
}

/// What a board allows a module. What is not here is not allowed; a limit that is not here is none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Policy {
    /// Pins.
    pub pins: Vec<AllowedPin, MAX_PINS>,
    /// I2C buses.
    pub buses: Vec<AllowedBus, MAX_BUSES>,
    /// SPI devices.
    pub devices: Vec<AllowedDevice, MAX_DEVICES>,
    /// Directories.
    pub directories: Vec<Directory, MAX_DIRECTORIES>,
    /// Variables that a module may set.
    pub variables: Vec<Label, MAX_VARIABLES>,
    /// The largest arena, in bytes.
    pub memory_bytes: Option<u32>,
    /// The most fuel for a run.
    pub fuel: Option<u64>,
    /// The most bytes of one read or transfer.
    pub max_transfer_bytes: Option<u32>,
}

impl Policy {
    /// The request that asks for all that is allowed, for a module without a manifest. Variables have no values here, so
    /// it asks for none.
    #[must_use]
    pub fn to_request(&self, module: Label) -> Request {
        let pin = |pin: &AllowedPin| Pin {
            label: pin.label.clone(),
            kind: pin.kind,
            direction: pin.direction,
            pull: pin.pull,
            active: pin.active,
        };
        let bus = |bus: &AllowedBus| Bus {
            label: bus.label.clone(),
            addresses: bus.addresses.clone(),
            max_clock_hz: bus.max_clock_hz,
        };
        let device = |device: &AllowedDevice| Device {
            label: device.label.clone(),
            mode: (0..4).find(|mode| device.modes >> mode & 1 == 1),
            max_clock_hz: device.max_clock_hz,
        };
        Request {
            module,
            pins: self.pins.iter().map(pin).collect(),
            buses: self.buses.iter().map(bus).collect(),
            devices: self.devices.iter().map(device).collect(),
            directories: self.directories.clone(),
            environment: Vec::new(),
            memory_bytes: self.memory_bytes,
            fuel: self.fuel,
            max_transfer_bytes: self.max_transfer_bytes,
        }
    }
}

impl Direction {
    /// Does a rule of this direction allow `asked`?
    #[must_use]
    pub fn allows(self, asked: Direction) -> bool {
        self == Direction::InOut || self == asked
    }
}

impl Access {
    /// Does a rule of this access allow `asked`?
    #[must_use]
    pub fn allows(self, asked: Access) -> bool {
        asked <= self
    }
}

//! What a board allows.

use super::request::{
    Access, Active, Addresses, Direction, Directory, Label, MAX_BUSES, MAX_DEVICES, MAX_DIRECTORIES, MAX_PINS,
    MAX_VARIABLES, PinKind, Resistor,
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

//! What a module asks for: its manifest.

use heapless::{String, Vec};
use serde::{Deserialize, Serialize};

/// Pins of one module; a Pico has 26.
pub const MAX_PINS: usize = 16;
/// I2C buses of one module; chips have two to four.
pub const MAX_BUSES: usize = 4;
/// SPI devices of one module.
pub const MAX_DEVICES: usize = 4;
/// Addresses on one bus.
pub const MAX_ADDRESSES: usize = 16;
/// Directories of one module.
pub const MAX_DIRECTORIES: usize = 4;
/// Environment variables of one module.
pub const MAX_VARIABLES: usize = 8;

/// A label, or a module's name: what [`wasmote_wasi_embedded::NAME_BYTES`] keeps.
pub type Label = String<{ wasmote_wasi_embedded::NAME_BYTES }>;
/// A directory's name as the guest sees it.
pub type Path = String<64>;
/// The value of a variable.
pub type Value = String<64>;

/// How a pin is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The guest reads it.
    In,
    /// The guest drives it.
    Out,
    /// The guest drives and reads it. This includes both alone.
    InOut,
}

/// A pin's resistor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resistor {
    /// To the supply.
    Up,
    /// To ground.
    Down,
}

/// Which level counts as active.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Active {
    /// High.
    High,
    /// Low.
    Low,
}

/// What a pin is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum PinKind {
    /// High or low.
    Digital,
    /// A converter's channel.
    Analog,
}

/// A pin that is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pin {
    /// Its label.
    pub label: Label,
    /// What it is.
    pub kind: PinKind,
    /// How it is used.
    pub direction: Direction,
    /// Its resistor; without, whatever the board has.
    pub pull: Option<Resistor>,
    /// Its active level; without, whatever the board says.
    pub active: Option<Active>,
}

/// Addresses on an I2C bus.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Addresses {
    /// All of them.
    All,
    /// These: up to 0x7f with 7 bits, above with 10.
    These(Vec<u16, MAX_ADDRESSES>),
}

impl Addresses {
    /// Is this one of them?
    #[must_use]
    pub fn contains(&self, address: u16) -> bool {
        match self {
            Addresses::All => true,
            Addresses::These(addresses) => addresses.contains(&address),
        }
    }
}

/// An I2C bus that is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Bus {
    /// Its label.
    pub label: Label,
    /// The addresses to talk to.
    pub addresses: Addresses,
    /// The fastest clock, in hertz; without, whatever the board has.
    pub max_clock_hz: Option<u32>,
}

/// An SPI device that is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Device {
    /// Its label.
    pub label: Label,
    /// The mode, 0 to 3; without, whatever the board has.
    pub mode: Option<u8>,
    /// The fastest clock, in hertz.
    pub max_clock_hz: Option<u32>,
}

/// What may be done in a directory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

/// A directory that is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Directory {
    /// Its name.
    pub path: Path,
    /// What may be done in it.
    pub access: Access,
}

/// An environment variable.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: Label,
    /// Its value.
    pub value: Value,
}

/// What a module asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Request {
    /// The module's name, for messages.
    pub module: Label,
    /// Pins.
    pub pins: Vec<Pin, MAX_PINS>,
    /// I2C buses.
    pub buses: Vec<Bus, MAX_BUSES>,
    /// SPI devices.
    pub devices: Vec<Device, MAX_DEVICES>,
    /// Directories.
    pub directories: Vec<Directory, MAX_DIRECTORIES>,
    /// The environment.
    pub environment: Vec<Variable, MAX_VARIABLES>,
    /// The arena, in bytes; without, whatever the board gives.
    pub memory_bytes: Option<u32>,
    /// Fuel for a run; without, whatever the board gives.
    pub fuel: Option<u64>,
    /// The most bytes of one read or transfer; without, whatever the board gives.
    pub max_transfer_bytes: Option<u32>,
}

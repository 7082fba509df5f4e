//! The words of the hardware interfaces: lines, levels, modes, edges and addresses.
//!
//! A *line* is what a label of the board stands for: a pin, a bus, a device on a bus. Levels are electrical (high, low);
//! *active* is what the label says about a level, and only the host functions know it.

/// The board's own number of a line. Lines of different [`Class`]es may share a number or not, as the board likes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Line(pub u16);

/// How a pin is used. The numbers are those of the WIT's `pin-mode`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum PinMode {
    /// The guest reads it.
    In = 0,
    /// The guest drives it.
    Out = 1,
    /// The guest drives and reads it.
    InOut = 2,
}

impl PinMode {
    /// Does the guest read the pin?
    #[must_use]
    pub const fn reads(self) -> bool {
        matches!(self, PinMode::In | PinMode::InOut)
    }

    /// Does the guest drive the pin?
    #[must_use]
    pub const fn drives(self) -> bool {
        matches!(self, PinMode::Out | PinMode::InOut)
    }
}

/// What kind of thing a label is asked to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Class {
    /// An I2C bus.
    I2c,
    /// A device on an SPI bus, with its chip select.
    Spi,
    /// A digital pin.
    Digital(PinMode),
    /// An analog pin.
    Analog(PinMode),
}

/// Which level counts as active. The numbers are those of the WIT's `active-level`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum ActiveLevel {
    /// Active is high; for an analog pin, more is more.
    #[default]
    High = 0,
    /// Active is low; for an analog pin, more is less.
    Low = 1,
}

/// A pin's resistor. The numbers are those of the WIT's `pull-resistor`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Pull {
    /// To the supply.
    Up = 0,
    /// To ground.
    Down = 1,
}

/// A transition of a digital pin, electrically.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Edge {
    /// From low to high.
    Rising,
    /// From high to low.
    Falling,
}

/// How many edges a pin has seen so far. The counts wrap; only differences mean something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Edges {
    /// From low to high.
    pub rising: u32,
    /// From high to low.
    pub falling: u32,
}

/// An I2C address as a guest gave it: up to 0x7f it is a 7-bit one, above a 10-bit one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Address {
    /// 7 bits.
    Seven(u8),
    /// 10 bits; a guest can give more, which no bus accepts.
    Ten(u16),
}

impl Address {
    /// The address of this number.
    #[must_use]
    pub const fn new(number: u16) -> Address {
        if number <= 0x7f { Address::Seven(number as u8) } else { Address::Ten(number) }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Address::Seven(number) => number as u16,
            Address::Ten(number) => number,
        }
    }
}

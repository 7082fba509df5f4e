//! A board on the computer that a guest on the chip uses: the chip asks on its standard output, the computer answers on its
//! standard input. A frame is its length, four bytes, and what postcard makes of an [`Ask`] or an [`Answer`].
//!
//! The questions are those of `wasmote_wasi_embedded::Board`, one for one, so that what a guest does to the simulated board from a chip
//! can be compared, to the microsecond, with what it does from `wasmote run`.

use heapless::Vec;
use serde::{Deserialize, Serialize};
use wasmote_wasi_embedded::{Class, PinError, PinMode};

/// The longest frame without its length, in bytes: a page of a flash chip, and what belongs to it.
pub const FRAME_BYTES: usize = 8 << 10;
/// Operations of one transaction.
pub const OPERATIONS: usize = 16;

/// A guest: the image behind its head.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub struct Guest<'a> {
    /// The name of its file.
    pub name: &'a str,
    /// What it is granted: a `Request` as devices have it.
    pub request: &'a [u8],
    /// What to call, if not `_start`, and how often.
    pub tick: Option<(&'a str, u64)>,
    /// The module.
    pub wasm: &'a [u8],
}

/// An operation of a transaction.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// So many bytes are read.
    Read(u32),
    /// These are written.
    Write(&'a [u8]),
    /// These are written, and others read meanwhile.
    Transfer(&'a [u8]),
    /// Nanoseconds pass.
    Delay(u32),
}

/// The operations of a transaction.
pub type Operations<'a> = Vec<Operation<'a>, OPERATIONS>;

/// A question. A number behind a name is a line, a first one a class ([`code`]).
#[derive(Serialize, Deserialize, Clone, Debug)]
pub enum Ask<'a> {
    /// The line of a label.
    Find(u8, &'a str),
    /// Opens a line: active low, resistor, clock, SPI mode.
    Open(u8, u16, bool, Option<bool>, Option<u32>, Option<u8>),
    /// Closes it.
    Close(u8, u16),
    /// Waits on the spot, in nanoseconds.
    Delay(u32),
    /// The time.
    Now,
    /// A transaction with this address.
    I2c(u16, u8, #[serde(borrow)] Operations<'a>),
    /// A transaction.
    Spi(u16, #[serde(borrow)] Operations<'a>),
    /// Drives a pin.
    Set(u16, bool),
    /// Is it driven high?
    IsSet(u16),
    /// Is it high?
    IsHigh(u16),
    /// The full scale of an analog output, or input.
    Scale(u16, bool),
    /// An analog value, put out or taken in.
    Value(u16, Option<u32>),
    /// Is a line ready?
    Ready(u8, u16),
    /// Begins to count a pin's edges, or ends it.
    Watch(u16, bool),
    /// The edges so far.
    Edges(u16),
    /// Lets time pass until something happens, or until then.
    Wait(Option<u64>),
    /// Serial output.
    Serial(&'a [u8]),
    /// The guest is over: its exit code if it ended, and the native stack that the firmware used, in bytes.
    Ended(Option<u32>, u32),
}

/// An answer.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The board's power is off.
    pub stopped: bool,
    /// What was asked for.
    #[serde(borrow)]
    pub given: Given<'a>,
}

/// What was asked for.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub enum Given<'a> {
    /// It is done, or the answer is no.
    Nothing,
    /// A number, a line, or yes.
    Number(u64),
    /// Edges up and down.
    Edges(u32, u32),
    /// What all reads of a transaction gave, one behind the other.
    Bytes(&'a [u8]),
    /// It failed: the number of the kind of error.
    Failed(u8),
}

/// The number of a class.
#[must_use]
pub fn code(class: Class) -> u8 {
    match class {
        Class::I2c => 0,
        Class::Spi => 1,
        Class::Digital(mode) => 2 + mode as u8,
        Class::Analog(mode) => 5 + mode as u8,
    }
}

/// The class of a number.
#[must_use]
pub fn class(code: u8) -> Class {
    let mode = |n| [PinMode::In, PinMode::Out, PinMode::InOut].get(usize::from(n)).copied().unwrap_or(PinMode::In);
    match code {
        0 => Class::I2c,
        1 => Class::Spi,
        2..=4 => Class::Digital(mode(code - 2)),
        _ => Class::Analog(mode(code.saturating_sub(5))),
    }
}

/// The error of a pin with this number.
#[must_use]
pub fn pin_error(number: u8) -> PinError {
    const ALL: [PinError; 8] = [
        PinError::HardwareFault,
        PinError::AlreadyInUse,
        PinError::NotAllowed,
        PinError::ModeNotAllowed,
        PinError::UndefinedLabel,
        PinError::ModeNotAvailable,
        PinError::WouldBlock,
        PinError::NotSupported,
    ];
    ALL.get(usize::from(number)).copied().unwrap_or(PinError::Other)
}

/// Kinds of errors of I2C by number; the last is anything else.
pub const I2C_ERRORS: [embedded_hal::i2c::ErrorKind; 7] = {
    use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
    [
        ErrorKind::Bus,
        ErrorKind::ArbitrationLoss,
        ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
        ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data),
        ErrorKind::NoAcknowledge(NoAcknowledgeSource::Unknown),
        ErrorKind::Overrun,
        ErrorKind::Other,
    ]
};

/// Kinds of errors of SPI by number; the last is anything else.
pub const SPI_ERRORS: [embedded_hal::spi::ErrorKind; 5] = {
    use embedded_hal::spi::ErrorKind;
    [ErrorKind::Overrun, ErrorKind::ModeFault, ErrorKind::FrameFormat, ErrorKind::ChipSelectFault, ErrorKind::Other]
};

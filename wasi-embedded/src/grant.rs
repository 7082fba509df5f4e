//! What a guest may use: the question that the host functions ask before they open a label, and its answer.
//!
//! The policy itself (a manifest that asks, a board that grants) is not here; it implements [`Grants`].

use crate::{ActiveLevel, Address, Class, PinError, Pull};
use embedded_hal::spi::Mode;
use heapless::String;

/// How a line is set up for a guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Which level counts as active, for pins. The host functions apply it; the board need not.
    pub active: ActiveLevel,
    /// The resistor, for digital pins that are read.
    pub pull: Option<Pull>,
    /// The fastest clock, for buses, in hertz.
    pub max_clock_hz: Option<u32>,
    /// The mode, for SPI devices.
    pub spi_mode: Option<Mode>,
}

/// Why the policy refuses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Denied {
    /// The label is not this guest's.
    Label,
    /// It is, but not in this mode.
    Mode,
}

/// What one guest may use.
pub trait Grants {
    /// May the guest open this label so, and with which settings?
    ///
    /// # Errors
    /// If it may not.
    fn open(&self, class: Class, label: &str) -> Result<Settings, Denied>;

    /// May the guest talk to this address on the bus of this label? Asked for each transfer.
    fn address(&self, label: &str, address: Address) -> bool;

    /// The most bytes that one call may read or transfer; see [`MAX_TRANSFER_BYTES`].
    fn max_transfer_bytes(&self) -> u32 {
        MAX_TRANSFER_BYTES
    }
}

/// The most bytes that one call may read or transfer unless the policy says otherwise: as many as a large page of a flash
/// chip, more than any register file.
pub const MAX_TRANSFER_BYTES: u32 = 4096;

/// Everything that the board has, in every mode, active high, without resistors: for tests, and for boards that run one
/// trusted program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Everything;

impl Grants for Everything {
    fn open(&self, _: Class, _: &str) -> Result<Settings, Denied> {
        Ok(Settings::default())
    }

    fn address(&self, _: &str, _: Address) -> bool {
        true
    }
}

/// Bytes of a label or a module's name that are kept; longer ones are cut.
pub const NAME_BYTES: usize = 32;

/// What was refused last, and why, with names: for the embedder's log. The guest gets the error that its interface has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What was asked for.
    pub class: Class,
    /// The label, cut at [`NAME_BYTES`].
    pub label: String<NAME_BYTES>,
    /// Why not.
    pub reason: Reason,
}

/// Why something was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The policy does not grant the label, the board does not have it, or it is in use.
    Open(PinError),
    /// The policy does not grant this address on this bus.
    Address(Address),
    /// More bytes than the policy grants for one call.
    Length(u64),
}

impl Reason {
    /// The reason in words that follow "is".
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Reason::Open(PinError::NotAllowed) => "not granted",
            Reason::Open(PinError::ModeNotAllowed) => "not granted in this mode",
            Reason::Open(PinError::UndefinedLabel) => "unknown",
            Reason::Open(PinError::AlreadyInUse) => "in use",
            Reason::Open(PinError::ModeNotAvailable) => "not able to do this",
            Reason::Open(_) => "not available",
            Reason::Address(_) => "not granted at this address",
            Reason::Length(_) => "not granted for so many bytes",
        }
    }
}

/// Bytes of a refusal in words: label, reason, module, and what joins them.
const TEXT_BYTES: usize = 2 * NAME_BYTES + 48;

impl Refusal {
    /// The refusal in words: `led: not granted (module blinky)`.
    #[must_use]
    pub fn text(&self, module: &str) -> String<TEXT_BYTES> {
        let mut text = String::new();
        for part in [&self.label, ": ", self.reason.message(), " (module ", module, ")"] {
            // What does not fit is left out.
            let _ = text.push_str(part);
        }
        text
    }
}

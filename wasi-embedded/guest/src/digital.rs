//! Digital pins.
//!
//! `high` of embedded-hal is *active* of the interface: whether the label is active-low is the board's and the manifest's
//! matter, and the host applies it.

use crate::Pollable;
use crate::abi::{self, Area, Handle, method};
use embedded_hal::digital::{self, ErrorKind};

/// Why a pin does not do what it should: the interface's `gpio-error`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinError {
    /// The controller cannot reach the pin.
    HardwareFault,
    /// Somebody else uses it.
    AlreadyInUse,
    /// The policy does not allow it.
    NotAllowed,
    /// The policy does not allow it in this mode.
    ModeNotAllowed,
    /// The board has no such label.
    UndefinedLabel,
    /// The pin does not have this mode.
    ModeNotAvailable,
    /// It would have to wait.
    WouldBlock,
    /// The board cannot do this.
    NotSupported,
    /// Anything else.
    Other,
}

impl PinError {
    fn of(case: u8) -> PinError {
        match case {
            0 => PinError::HardwareFault,
            1 => PinError::AlreadyInUse,
            2 => PinError::NotAllowed,
            3 => PinError::ModeNotAllowed,
            4 => PinError::UndefinedLabel,
            5 => PinError::ModeNotAvailable,
            6 => PinError::WouldBlock,
            7 => PinError::NotSupported,
            _ => PinError::Other,
        }
    }
}

impl digital::Error for PinError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

/// The value of a result.
pub(crate) fn value(area: Area) -> Result<u32, PinError> {
    area.handle_or_case().map_err(PinError::of)
}

fn done(area: Area) -> Result<(), PinError> {
    value(area).map(|_| ())
}

/// A result whose value is one byte.
fn is(area: Area) -> Result<bool, PinError> {
    value(area).map(|_| area.byte(4) != 0)
}

fn pollable(area: Area) -> Result<Pollable, PinError> {
    value(area).map(Pollable::new)
}

/// A pin that is driven.
pub struct OutputPin {
    handle: Handle,
    is_high: bool,
}

impl OutputPin {
    /// Opens the pin of this label and makes it inactive, so that what it drives is known.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open(label: &str) -> Result<OutputPin, PinError> {
        let handle = value(abi::open(label, abi::digital_open_out))?;
        let mut pin = OutputPin { handle: Handle::new(handle, abi::out_drop), is_high: false };
        digital::OutputPin::set_low(&mut pin)?;
        Ok(pin)
    }
}

impl digital::ErrorType for OutputPin {
    type Error = PinError;
}

impl digital::OutputPin for OutputPin {
    fn set_low(&mut self) -> Result<(), PinError> {
        done(method(&self.handle, abi::out_set_inactive))?;
        self.is_high = false;
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), PinError> {
        done(method(&self.handle, abi::out_set_active))?;
        self.is_high = true;
        Ok(())
    }
}

/// The interface cannot ask an output what it drives, so the pin remembers.
impl digital::StatefulOutputPin for OutputPin {
    fn is_set_high(&mut self) -> Result<bool, PinError> {
        Ok(self.is_high)
    }

    fn is_set_low(&mut self) -> Result<bool, PinError> {
        Ok(!self.is_high)
    }

    fn toggle(&mut self) -> Result<(), PinError> {
        done(method(&self.handle, abi::out_toggle))?;
        self.is_high = !self.is_high;
        Ok(())
    }
}

/// A pin that is read.
pub struct InputPin(Handle);

impl InputPin {
    /// Opens the pin of this label.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open(label: &str) -> Result<InputPin, PinError> {
        value(abi::open(label, abi::digital_open_in)).map(|handle| InputPin(Handle::new(handle, abi::in_drop)))
    }

    /// Ready when the pin becomes active. A pulse between two looks is seen.
    ///
    /// The pollable must be dropped before the pin; the host traps otherwise.
    ///
    /// # Errors
    /// If the board cannot watch it.
    pub fn watch_rising_edge(&self) -> Result<Pollable, PinError> {
        pollable(method(&self.0, abi::in_watch_rising))
    }

    /// Ready when the pin becomes inactive. See [`InputPin::watch_rising_edge`].
    ///
    /// # Errors
    /// If the board cannot watch it.
    pub fn watch_falling_edge(&self) -> Result<Pollable, PinError> {
        pollable(method(&self.0, abi::in_watch_falling))
    }

    /// Ready while the pin is active, or has been. See [`InputPin::watch_rising_edge`].
    ///
    /// # Errors
    /// If the board cannot watch it.
    pub fn watch_active(&self) -> Result<Pollable, PinError> {
        pollable(method(&self.0, abi::in_watch_active))
    }

    /// Ready while the pin is inactive, or has been. See [`InputPin::watch_rising_edge`].
    ///
    /// # Errors
    /// If the board cannot watch it.
    pub fn watch_inactive(&self) -> Result<Pollable, PinError> {
        pollable(method(&self.0, abi::in_watch_inactive))
    }
}

impl digital::ErrorType for InputPin {
    type Error = PinError;
}

impl digital::InputPin for InputPin {
    fn is_high(&mut self) -> Result<bool, PinError> {
        is(method(&self.0, abi::in_is_active))
    }

    fn is_low(&mut self) -> Result<bool, PinError> {
        self.is_high().map(|high| !high)
    }
}

/// A pin that is driven and read.
pub struct InputOutputPin(Handle);

impl InputOutputPin {
    /// Opens the pin of this label.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open(label: &str) -> Result<InputOutputPin, PinError> {
        let handle = value(abi::open(label, abi::digital_open_in_out))?;
        Ok(InputOutputPin(Handle::new(handle, abi::in_out_drop)))
    }
}

impl digital::ErrorType for InputOutputPin {
    type Error = PinError;
}

impl digital::OutputPin for InputOutputPin {
    fn set_low(&mut self) -> Result<(), PinError> {
        done(method(&self.0, abi::in_out_set_inactive))
    }

    fn set_high(&mut self) -> Result<(), PinError> {
        done(method(&self.0, abi::in_out_set_active))
    }
}

impl digital::StatefulOutputPin for InputOutputPin {
    fn is_set_high(&mut self) -> Result<bool, PinError> {
        digital::InputPin::is_high(self)
    }

    fn is_set_low(&mut self) -> Result<bool, PinError> {
        digital::InputPin::is_low(self)
    }

    fn toggle(&mut self) -> Result<(), PinError> {
        done(method(&self.0, abi::in_out_toggle))
    }
}

impl digital::InputPin for InputOutputPin {
    fn is_high(&mut self) -> Result<bool, PinError> {
        is(method(&self.0, abi::in_out_is_active))
    }

    fn is_low(&mut self) -> Result<bool, PinError> {
        self.is_high().map(|high| !high)
    }
}

//! Analog pins. embedded-hal 1.0 has traits for pulse width only, so these have methods of their own.
//!
//! Values are fractions from 0 (inactive) to 1 (fully active), or raw ones of the converter.

use crate::abi::{self, Handle, method, method_with};
use crate::digital::value;
use crate::{PinError, Pollable};

/// A pin that is read.
pub struct AnalogIn(Handle);

impl AnalogIn {
    /// Opens the pin of this label.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open(label: &str) -> Result<AnalogIn, PinError> {
        value(abi::open(label, abi::analog_open_in)).map(|handle| AnalogIn(Handle::new(handle, abi::analog_in_drop)))
    }

    /// The value as a fraction.
    ///
    /// # Errors
    /// The pin's.
    pub fn read(&mut self) -> Result<f32, PinError> {
        value(method(&self.0, abi::analog_read)).map(f32::from_bits)
    }

    /// The value as the converter has it.
    ///
    /// # Errors
    /// The pin's.
    pub fn read_raw(&mut self) -> Result<u32, PinError> {
        value(method(&self.0, abi::analog_read_raw))
    }

    /// Ready while the value is above a fraction. The pollable must be dropped before the pin.
    ///
    /// # Errors
    /// If the board cannot watch it.
    pub fn watch_above(&self, fraction: f32) -> Result<Pollable, PinError> {
        value(method_with(&self.0, fraction, abi::analog_watch_above)).map(Pollable::new)
    }

    /// Ready while the value is below a fraction. The pollable must be dropped before the pin.
    ///
    /// # Errors
    /// If the board cannot watch it.
    pub fn watch_below(&self, fraction: f32) -> Result<Pollable, PinError> {
        value(method_with(&self.0, fraction, abi::analog_watch_below)).map(Pollable::new)
    }
}

/// A pin that is driven.
pub struct AnalogOut(Handle);

impl AnalogOut {
    /// Opens the pin of this label.
    ///
    /// # Errors
    /// If the board does not have it or the policy does not grant it.
    pub fn open(label: &str) -> Result<AnalogOut, PinError> {
        value(abi::open(label, abi::analog_open_out)).map(|handle| AnalogOut(Handle::new(handle, abi::analog_out_drop)))
    }

    /// Puts out a fraction.
    ///
    /// # Errors
    /// The pin's.
    pub fn set(&mut self, fraction: f32) -> Result<(), PinError> {
        value(method_with(&self.0, fraction, abi::analog_set)).map(|_| ())
    }

    /// Puts out a value of the converter.
    ///
    /// # Errors
    /// The pin's.
    pub fn set_raw(&mut self, raw: u32) -> Result<(), PinError> {
        value(method_with(&self.0, raw, abi::analog_set_raw)).map(|_| ())
    }
}

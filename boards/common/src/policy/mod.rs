//! Request and policy: a module's manifest asks, the board's policy allows, the module gets both together.
//!
//! A [`Request`] comes with the module and is nobody's promise. A [`Policy`] belongs to the board, and no push changes it. A
//! [`Grant`] is their intersection; whatever it lacks is told as a [`Refused`], with the label, and with the module's name by
//! whoever tells it. A grant implements [`Grants`](wasmote_wasi_embedded::Grants), which is all that the host functions see.
//!
//! People write both in TOML (feature `toml`); on a device they are postcard, with a byte before them that says which version.
//! Everything has a fixed size. Decoding random bytes is an error or a value, never a panic.

mod grant;
mod request;
mod rules;
#[cfg(feature = "toml")]
pub mod text;
mod wire;

#[cfg(test)]
mod tests;

pub use grant::{Grant, Refused, RefusedWhat};
pub(crate) use grant::{pin_settings, spi_mode};
pub use request::{
    Access, Active, Addresses, Bus, Device, Direction, Directory, Label, MAX_ADDRESSES, MAX_BUSES, MAX_DEVICES,
    MAX_DIRECTORIES, MAX_PINS, MAX_VARIABLES, Path, Pin, PinKind, Request, Resistor, Value, Variable,
};
pub use rules::{AllowedBus, AllowedDevice, AllowedPin, Policy};
pub(crate) use wire::VERSION;
pub use wire::{DecodeError, MAX_ENCODED_BYTES};

//! embedded-hal 1.0 inside a WebAssembly module.
//!
//! A module gets at the hardware through wasi-i2c, wasi-gpio and wasi-spi. This crate puts embedded-hal's traits on top, so
//! that any driver crate runs inside a module, and it does so without a heap:
//!
//! ```ignore
//! #![no_std]
//! use tmp1x2::{SlaveAddr, Tmp1x2};
//! use wasmote_guest::{I2c, OutputPin, main, println};
//!
//! main!(run);
//! fn run() {
//!     let mut sensor = Tmp1x2::new(I2c::open("i2c0").unwrap(), SlaveAddr::default());
//!     println!("{} °C", sensor.read_temperature().unwrap());
//! }
//! ```
//!
//! - The host asks a module for memory by calling its export `cabi_realloc`. Here it is served from the buffer that the
//!   driver gave to a read: bytes go from the bus to where they belong, and nothing is copied or freed.
//! - Transactions keep their data and their errors. One transaction has at most [`MAX_OPERATIONS`] operations.
//! - Handles come from labels, which the module's manifest asks for and the board's policy grants.
//!
//! `unsafe` is in `abi` alone: the imports, `cabi_realloc` and the start. The crate exports `cabi_realloc`, so it cannot be
//! linked together with another that does (such as what wit-bindgen generates).

#![no_std]

mod abi;
mod delay;
mod digital;
mod i2c;
mod pollable;
mod serial;
mod spi;

pub mod analog;

pub use abi::{Local, MAX_OPERATIONS};
pub use delay::Delay;
pub use digital::{InputOutputPin, InputPin, OutputPin, PinError};
pub use i2c::{I2c, I2cError, OpenError};
pub use pollable::{MAX_POLLED, Pollable, poll};
pub use serial::Serial;
pub use spi::{SpiDevice, SpiError};

pub use embedded_hal;

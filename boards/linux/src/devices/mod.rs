//! The hardware of a Linux machine: GPIO lines, I2C buses, SPI devices and converters, by the names that a policy gives them.
//!
//! [`LinuxBoard`] is the board that guests see. A policy's `at` says what a label stands for ([`place`]); what it names is
//! opened when a guest opens the label, and given back when the guest drops it or ends. [`survey`] finds out what there is,
//! for `wasmote devices`, and [`draft`] makes a policy of it.
//!
//! I2C and SPI go through linux-embedded-hal. GPIO lines do not: its pins speak the first version of the kernel's
//! interface, which has no resistors there and drops edges without a trace once 16 wait. gpiocdev speaks the second, which
//! numbers them. What the kernel does is behind the small traits of [`kernel`], so that all the rest is tested without
//! hardware.
//!
//! Promises: waiting is one system call that ends with an edge or a deadline, and nothing is asked again and again but
//! converters; whatever does not work is told with what, where and what to do, once each.

mod adc;
mod board;
mod draft;
mod i2c;
mod kernel;
mod linux;
mod machine;
mod notes;
mod open;
mod pin;
mod place;
mod show;
mod spi;
mod survey;
mod trouble;
mod wait;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use crate::{
    cli::DevicesArgs,
    message::{Failure, plain_lines},
};
pub(crate) use board::LinuxBoard;
use linux::Linux;
use std::io::{self, Write};

/// `wasmote devices`: what this machine has, or a policy for it.
pub(crate) fn devices(args: &DevicesArgs) -> Result<u8, Failure> {
    let survey = survey::Survey::of(&Linux::default());
    let text = if args.draft { draft::draft(&survey) } else { show::show(&survey) };
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{}", plain_lines(&text)).and_then(|()| out.flush());
    written.map(|()| 0).map_err(|error| Failure::new(format!("cannot print what there is: {error}")))
}

//! A firmware's `main` on an emulated chip: takes an image, runs it, tells what came of it, and ends the emulator.
//!
//! The report is the last line on the standard output. It begins with the record separator, so that nothing that a guest prints
//! is taken for it; then `name=number` pairs, native stack in bytes among them.

#[cfg(feature = "bench")]
mod bench;
#[cfg(feature = "hardware")]
mod calls;
#[cfg(all(feature = "hardware", feature = "wasi"))]
mod guest;
mod input;
#[cfg(all(feature = "hardware", feature = "wasi"))]
mod remote;
#[cfg(feature = "hardware")]
mod sensor;
#[cfg(not(feature = "hardware"))]
mod spec;
mod stack;
#[cfg(feature = "wasi")]
mod wasi;

use crate::Head;
#[cfg(feature = "bench")]
pub use bench::{Clock, Engine, Measured};
use semihosting::{eprintln, println, process};
use stack::Stack;

/// Where a chip keeps things.
pub struct Machine {
    /// Lent to the engine, and to the image if that comes by semihosting.
    pub memory: &'static mut [u8],
    /// Where an image may stand that runs in place.
    pub flash: &'static [u8],
    /// The lowest address of the native stack.
    pub stack_limit: usize,
    /// A timer that counts down with the emulator's clock, for chips that do not count instructions themselves: its address.
    pub timer: usize,
    /// The wires of an I2C bus of the machine's own, if it has one.
    #[cfg(feature = "hardware")]
    pub wires: Option<Wires>,
}

/// Two wires with resistors to the supply, which whoever pulls makes low.
#[cfg(feature = "hardware")]
#[derive(Clone, Copy)]
pub struct Wires {
    /// Lets the clock go, or pulls it.
    pub scl: fn(bool),
    /// Lets the data go, or pulls them.
    pub sda: fn(bool),
    /// Are the data high?
    pub sda_is_high: fn() -> bool,
}

/// Runs the image that the command line names (`flash` for the one in flash), and ends.
pub fn main(machine: Machine) -> ! {
    let stack = Stack::paint(machine.stack_limit);
    #[cfg(feature = "bench")]
    let place = bench::Place::of(&machine);
    let (image, memory) = match input::image(machine.memory, machine.flash) {
        Ok(parts) => parts,
        Err(why) => {
            eprintln!("no image: {why}");
            process::exit(2);
        }
    };
    match crate::open(image) {
        #[cfg(not(feature = "hardware"))]
        Some((Head::Script(settings), steps)) => spec::run(settings, steps, memory, &stack),
        #[cfg(feature = "hardware")]
        Some((Head::Script(_), _)) => eprintln!("this firmware has no core tests"),
        #[cfg(feature = "hardware")]
        Some((Head::Calls, wasm)) => calls::run(wasm, memory, &stack),
        #[cfg(not(feature = "hardware"))]
        Some((Head::Calls, _)) => eprintln!("this firmware has no pins"),
        #[cfg(all(feature = "hardware", feature = "wasi"))]
        Some((Head::Guest, guest)) => guest::run(guest, memory, &stack),
        #[cfg(feature = "hardware")]
        Some((Head::Sensor, wasm)) => sensor::run(wasm, memory, machine.wires),
        #[cfg(not(feature = "hardware"))]
        Some((Head::Sensor, _)) => eprintln!("this firmware has no bus"),
        #[cfg(not(all(feature = "hardware", feature = "wasi")))]
        Some((Head::Guest, _)) => eprintln!("this firmware has no board"),
        #[cfg(feature = "wasi")]
        Some((Head::Case, records)) => wasi::run(records, memory, &stack),
        #[cfg(not(feature = "wasi"))]
        Some((Head::Case, _)) => eprintln!("this firmware has no WASI"),
        #[cfg(feature = "bench")]
        Some((Head::Bench(name, rounds), wasm)) => {
            bench::run(bench::wasmote, (name, rounds), wasm, memory, place);
        }
        #[cfg(not(feature = "bench"))]
        Some((Head::Bench(..), _)) => eprintln!("this firmware measures nothing"),
        None => eprintln!("the image is broken"),
    }
    println!("firmware={}", stack.used_bytes());
    process::exit(0)
}

/// As `main`, for an image with another engine, which runs programs only.
#[cfg(feature = "bench")]
pub fn measure(machine: Machine, engine: Engine) -> ! {
    let place = bench::Place::of(&machine);
    match input::image(machine.memory, machine.flash) {
        Ok((image, memory)) => match crate::open(image) {
            Some((Head::Bench(name, rounds), wasm)) => bench::run(engine, (name, rounds), wasm, memory, place),
            _ => eprintln!("the image has no program"),
        },
        Err(why) => eprintln!("no image: {why}"),
    }
    println!();
    process::exit(0)
}

//! A SPI flash by its driver crate: its id, a page written over an erased sector, and read back.
#![no_std]

use core::convert::Infallible;
use w25q32jv::W25q32jv;
use wasmote_guest::embedded_hal::digital::{ErrorType, OutputPin};
use wasmote_guest::{SpiDevice, main, println};

/// The driver wants the pins HOLD and WP, which are wired to the supply.
struct Wired;

impl ErrorType for Wired {
    type Error = Infallible;
}

impl OutputPin for Wired {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

main!(keep);

fn keep() {
    let device = SpiDevice::open_or("flash", |why| println!("no flash: {why}")).unwrap();
    let mut flash = W25q32jv::new(device, Wired, Wired).unwrap();
    println!("unique id {:02x?}", flash.device_id().unwrap());
    flash.erase_sector(2).unwrap();
    let text = b"kept without power";
    flash.write_blocking(0x2000, text).unwrap();
    let mut back = [0; 18];
    flash.read(0x2000, &mut back).unwrap();
    println!("{}", if back == *text { "what was written was read" } else { "something else was read" });
}

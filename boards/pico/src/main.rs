//! Firmware for the Raspberry Pi Pico (RP2040); what its labels stand for is in `boards/rp/src/pico.rs`.
#![no_std]
#![no_main]

use panic_halt as _;
use wasmote_rp::{Firmware, Name, Rp, pico, start};

#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_GENERIC_03H;

struct Pico;

impl Name for Pico {
    const NAME: &'static str = "pico";
}

static FIRMWARE: Firmware<Rp<Pico>> = Firmware::new();

#[rp2040_hal::entry]
fn main() -> ! {
    start(&FIRMWARE, pico::LABELS, pico::pins)
}

//! Firmware for the Raspberry Pi Pico 2 (RP2350); what its labels stand for is in `boards/rp/src/pico.rs`.
#![no_std]
#![no_main]

use panic_halt as _;
use wasmote_rp::{Firmware, Name, Rp, pico, start};

/// What tells the boot ROM that this is an image.
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE: rp235x_hal::block::ImageDef = rp235x_hal::block::ImageDef::secure_exe();

struct Pico2;

impl Name for Pico2 {
    const NAME: &'static str = "pico2";
}

static FIRMWARE: Firmware<Rp<Pico2>> = Firmware::new();

#[rp235x_hal::entry]
fn main() -> ! {
    start(&FIRMWARE, pico::LABELS, pico::pins)
}

//! Firmware for QEMU's Arm machines: Cortex-M3 (mps2-an385, lm3s6965evb), Cortex-M33 (mps2-an505), Cortex-M0 (microbit);
//! and for rp2040js's RP2040, where programs are measured.
//!
//! What it does is in `tests/chip`; here is only where each machine has its memory.
#![no_std]
#![no_main]

mod memory;

#[cortex_m_rt::entry]
fn main() -> ! {
    wasmote_chip::firmware::main(memory::machine())
}

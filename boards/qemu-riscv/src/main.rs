//! Firmware for QEMU's RISC-V machines: virt with 16 MiB of RAM, sifive_e with 16 KiB and flash.
//!
//! What it does is in `tests/chip`; here is only where each machine has its memory.
#![no_std]
#![no_main]

mod memory;

#[riscv_rt::entry]
fn main() -> ! {
    wasmote_chip::firmware::main(memory::machine())
}

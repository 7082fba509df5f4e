//! An image for an emulated chip with one of Wasmote's peers, to be measured: the programs, the counter of instructions and the report
//! are those of Wasmote's own image (`tests/chip`); an engine here loads a module and runs it.
//!
//! Peers allocate: they have a heap of the machine's large memory, under an allocator that takes the same time for whatever it is
//! asked. A fault of the chip, which may be a native stack that overran its memory, ends the emulator.
#![no_std]
#![no_main]

extern crate alloc;

// What interrupts the heap: nothing, on one core.
#[cfg(target_arch = "arm")]
use cortex_m as _;
#[cfg(target_arch = "riscv32")]
use riscv as _;

#[cfg(target_arch = "riscv32")]
mod guard;
mod heap;
mod memory;

#[cfg(not(any(feature = "wasmi", feature = "wasm3", feature = "tinywasm", feature = "spacewasm")))]
#[path = "none.rs"]
mod engine;
#[cfg(feature = "spacewasm")]
#[path = "spacewasm.rs"]
mod engine;
#[cfg(feature = "tinywasm")]
#[path = "tinywasm.rs"]
mod engine;
#[cfg(feature = "wasm3")]
#[path = "wasm3.rs"]
mod engine;
#[cfg(feature = "wasmi")]
#[path = "wasmi.rs"]
mod engine;
#[cfg(feature = "wasm3")]
mod libc;

use alloc::boxed::Box;
use alloc::format;
use core::fmt::Debug;

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    let machine = memory::machine();
    #[cfg(target_arch = "riscv32")]
    guard::forbid_below(machine.stack_limit);
    wasmote_chip::firmware::measure(machine, |clock, rounds, wasm, memory| {
        heap::begin(memory);
        engine::run(clock, rounds, wasm)
    })
}

/// An error as the report has it.
#[allow(dead_code, reason = "an image without an engine has no errors")]
fn told(error: impl Debug) -> &'static str {
    Box::leak(format!("{error:?}").into_boxed_str())
}

/// What ends the emulator when the chip faults.
extern "C" fn faulted() -> ! {
    semihosting::eprintln!("the chip faults, as where a native stack outgrows its memory");
    semihosting::process::exit(1)
}

#[cfg(target_arch = "arm")]
#[cortex_m_rt::exception]
unsafe fn HardFault(_: &cortex_m_rt::ExceptionFrame) -> ! {
    faulted()
}

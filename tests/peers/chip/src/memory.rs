//! The memory of each machine that its linker file leaves alone, and its timer, as Wasmote's images have them.

use wasmote_chip::firmware::Machine;

/// What is lent: an address and a length in bytes.
const LENT: (usize, usize) = if cfg!(feature = "mps2-an385") {
    (0x2100_0000, 16 << 20)
} else if cfg!(feature = "mps2-an505") {
    (0x8000_0000, 16 << 20)
} else {
    (0x8080_0000, 8 << 20)
};

/// The first timer of the machine, if it has to count instructions.
const TIMER: usize = if cfg!(feature = "mps2-an505") { 0x5000_0000 } else { 0x4000_0000 };

unsafe extern "C" {
    /// The end of the statics, from the linker script of cortex-m-rt and riscv-rt: the stack may grow down to it.
    static __sheap: u32;
}

/// The machine's memory, to be asked for once.
pub(crate) fn machine() -> Machine {
    // SAFETY: the range is RAM of the machine, beyond what the linker file gives the linker, and this is called once.
    let memory = unsafe { core::slice::from_raw_parts_mut(LENT.0 as *mut u8, LENT.1) };
    Machine { memory, flash: &[], stack_limit: (&raw const __sheap) as usize, timer: TIMER }
}

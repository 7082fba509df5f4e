//! The memory of each machine that its linker file leaves alone: what is lent to the engine, and where an image stands in flash.

use wasmote_chip::firmware::Machine;

/// An address and a length in bytes.
type Range = (usize, usize);

/// What is lent.
const LENT: Range = if cfg!(feature = "virt") { (0x8010_0000, 15 << 20) } else { (0x8000_2400, 7 << 10) };

/// Where the emulator puts an image, if it is told to; nowhere on a machine that reads it by semihosting.
const IMAGE: Range = if cfg!(feature = "sifive_e") { (0x2050_0000, 4 << 20) } else { (0, 0) };

unsafe extern "C" {
    /// The end of the statics, from riscv-rt's linker script: the stack may grow down to it.
    static __sheap: u32;
}

/// The machine's memory, to be asked for once.
pub(crate) fn machine() -> Machine {
    // SAFETY: the ranges are RAM and flash of the machine, beyond what memory/*.x gives the linker, and this is called once.
    let (memory, flash) = unsafe {
        let flash = if IMAGE.1 == 0 { &[] } else { core::slice::from_raw_parts(IMAGE.0 as *const u8, IMAGE.1) };
        (core::slice::from_raw_parts_mut(LENT.0 as *mut u8, LENT.1), flash)
    };
    Machine {
        memory,
        flash,
        stack_limit: (&raw const __sheap) as usize,
        timer: 0,
        #[cfg(feature = "hardware")]
        wires: None,
    }
}

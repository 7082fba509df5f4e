//! The memory of each machine that its linker file leaves alone: what is lent to the engine, and where an image stands in flash.

use wasmote_chip::firmware::Machine;

/// An address and a length in bytes.
type Range = (usize, usize);

/// What is lent.
const LENT: Range = if cfg!(feature = "mps2-an385") {
    (0x2100_0000, 16 << 20)
} else if cfg!(feature = "mps2-an505") {
    (0x8000_0000, 16 << 20)
} else if cfg!(feature = "lm3s6965evb") {
    (0x2000_2000, 56 << 10)
} else if cfg!(feature = "rp2040") {
    (0x2000_A000, 224 << 10)
} else {
    (0x2000_2400, 7 << 10)
};

/// Where the emulator puts an image, if it is told to; nowhere on machines that read it by semihosting.
const IMAGE: Range = if cfg!(feature = "lm3s6965evb") {
    (0x2_8000, 96 << 10)
} else if cfg!(all(feature = "microbit", feature = "hardware")) {
    (0x3_0000, 64 << 10)
} else if cfg!(feature = "microbit") {
    (0x2_8000, 96 << 10)
} else if cfg!(feature = "rp2040") {
    (0x1008_0000, 512 << 10)
} else {
    (0, 0)
};

/// The first timer of the machine, where programs are measured; on the RP2040 the emulator's counter.
const TIMER: usize = if cfg!(feature = "mps2-an505") {
    0x5000_0000
} else if cfg!(feature = "rp2040") {
    0x4007_0000
} else {
    0x4000_0000
};

unsafe extern "C" {
    /// The end of the statics, from cortex-m-rt's linker script: the stack may grow down to it.
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
        timer: TIMER,
        #[cfg(feature = "hardware")]
        wires: wires::WIRES,
    }
}

/// The I2C block of the boards' first shield, which moves wires: one register lets them go, the next one pulls them.
#[cfg(feature = "hardware")]
mod wires {
    use wasmote_chip::firmware::Wires;

    const BASE: usize = if cfg!(feature = "mps2-an505") { 0x5020_d000 } else { 0x4002_a000 };
    const SCL: u32 = 1;
    const SDA: u32 = 2;

    pub(super) const WIRES: Option<Wires> = if cfg!(any(feature = "mps2-an385", feature = "mps2-an505")) {
        Some(Wires { scl: |high| drive(SCL, high), sda: |high| drive(SDA, high), sda_is_high })
    } else {
        None
    };

    fn drive(wire: u32, high: bool) {
        let register = BASE + if high { 0 } else { 4 };
        // SAFETY: a register of the machines that have wires.
        unsafe { (register as *mut u32).write_volatile(wire) }
    }

    fn sda_is_high() -> bool {
        // SAFETY: as for `drive`.
        unsafe { (BASE as *const u32).read_volatile() & SDA != 0 }
    }
}

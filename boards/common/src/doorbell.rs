//! Sleep without a lost wake-up: every interrupt rings, and whoever has nothing to do sleeps only if nobody rang since it
//! last looked.

use core::cell::Cell;
use critical_section::Mutex;

/// The bell and the count of sleeps. It is a `static`.
pub struct Doorbell {
    rung: Mutex<Cell<bool>>,
    sleeps: Mutex<Cell<u32>>,
}

impl Default for Doorbell {
    fn default() -> Self {
        Doorbell::new()
    }
}

impl Doorbell {
    /// Nobody has rung.
    #[must_use]
    pub const fn new() -> Doorbell {
        Doorbell { rung: Mutex::new(Cell::new(false)), sleeps: Mutex::new(Cell::new(0)) }
    }

    /// Something has happened. Callable from interrupts.
    pub fn ring(&self) {
        critical_section::with(|section| self.rung.borrow(section).set(true));
    }

    /// Waits for an interrupt by `wait` (`wfi`, which wakes for a masked interrupt too), unless one has rung since the last
    /// call: then whoever called looks again. What interrupts do happens after `wait`.
    pub fn sleep(&self, wait: impl FnOnce()) {
        critical_section::with(|section| {
            if !self.rung.borrow(section).replace(false) {
                let sleeps = self.sleeps.borrow(section);
                sleeps.set(sleeps.get().wrapping_add(1));
                wait();
            }
        });
    }

    /// How often the chip has slept.
    pub fn sleeps(&self) -> u32 {
        critical_section::with(|section| self.sleeps.borrow(section).get())
    }
}

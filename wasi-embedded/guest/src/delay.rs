//! Delays. A long one pauses the module, and the chip sleeps.

use crate::abi::host;
use embedded_hal::delay::DelayNs;

/// A delay. It needs no permission and no handle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delay;

impl DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) {
        host!(delay_ns(ns));
    }

    fn delay_us(&mut self, us: u32) {
        host!(delay_us(us));
    }

    fn delay_ms(&mut self, ms: u32) {
        host!(delay_ms(ms));
    }
}

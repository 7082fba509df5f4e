//! The pins, the potentiometer and the delay, as `embedded-hal` and the host functions have them.

use crate::world::{Net, POT_FULL_SCALE, World};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorKind, ErrorType, InputPin, OutputPin, StatefulOutputPin};
use std::cell::RefCell;
use std::rc::Rc;
use wasmote_wasi_embedded::PinError;
use wasmote_wasi_embedded::device::{AnalogIn, AnalogOut};

/// A digital pin. Copies are the same pin.
#[derive(Clone)]
pub struct Pin {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) net: Net,
}

impl ErrorType for Pin {
    type Error = ErrorKind;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), ErrorKind> {
        self.drive(false)
    }

    fn set_high(&mut self) -> Result<(), ErrorKind> {
        self.drive(true)
    }
}

impl StatefulOutputPin for Pin {
    fn is_set_high(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.world.borrow().level(self.net))
    }

    fn is_set_low(&mut self) -> Result<bool, ErrorKind> {
        self.is_set_high().map(|high| !high)
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, ErrorKind> {
        let mut world = self.world.borrow_mut();
        world.look();
        Ok(world.level(self.net))
    }

    fn is_low(&mut self) -> Result<bool, ErrorKind> {
        self.is_high().map(|high| !high)
    }
}

impl Pin {
    fn drive(&mut self, high: bool) -> Result<(), ErrorKind> {
        let mut world = self.world.borrow_mut();
        world.look();
        // Nothing changes on a board without power.
        if !world.stopped {
            world.set_level(self.net, high);
        }
        Ok(())
    }
}

/// The potentiometer behind a converter of 12 bits.
#[derive(Clone)]
pub struct Pot(pub(crate) Rc<RefCell<World>>);

impl AnalogIn for Pot {
    fn full_scale(&self) -> u32 {
        POT_FULL_SCALE
    }

    fn read(&mut self) -> Result<u32, PinError> {
        let mut world = self.0.borrow_mut();
        world.look();
        Ok(world.pot)
    }
}

/// The second LED, dimmed by pulse width with 16 bits. It is told as a number.
#[derive(Clone)]
pub struct Dimmer(pub(crate) Rc<RefCell<World>>);

impl AnalogOut for Dimmer {
    fn full_scale(&self) -> u32 {
        u32::from(u16::MAX)
    }

    fn write(&mut self, value: u32) -> Result<(), PinError> {
        let mut world = self.0.borrow_mut();
        let now_ns = world.look();
        let percent = f64::from(value) * 100.0 / f64::from(u16::MAX);
        world.journal.line(now_ns, "led1", &format!("{percent:.1} %"));
        Ok(())
    }
}

/// Waiting on the spot.
#[derive(Clone)]
pub struct Delay(pub(crate) Rc<RefCell<World>>);

impl DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) {
        self.0.borrow_mut().spend(u64::from(ns));
    }
}

//! A simulated board for Wasmote, which is what `wasmote run` uses.
//!
//! On it are two LEDs (`led0`, and `led1`, which can be dimmed), a button to ground with a resistor to the supply
//! (`button`), a potentiometer (`pot`), a bus `i2c0` with a TMP102 at 0x48, whose ALERT is the pin `alert`, a 24LC256 at
//! 0x50 and an SSD1306 at 0x3c, and a W25Q32JV, the SPI device `flash`.
//!
//! A [`Simulation`] is the physical side: time, inputs, and what is told about the board. [`SimBoard`] is the side that
//! lends devices to the host functions; drivers on this computer can have the same devices, for they implement
//! `embedded-hal`. In virtual time a run is the same every time.
//!
//! Transfers take the time that their bits take at the bus' clock. Absent: electrical effects, bounce, noise, and
//! controllers that lose arbitration.

#![forbid(unsafe_code)]

mod board;
mod i2c;
mod journal;
pub mod part;
mod pins;
pub mod script;
mod spi;
mod wave;
mod wires;
mod world;

pub use board::SimBoard;
pub use i2c::Bus;
pub use pins::{Delay, Dimmer, Pin, Pot};
pub use spi::Device;
pub use wires::{Inputs, Wires};
pub use world::Pace;

use part::eeprom::{Eeprom, Geometry, M24LC256};
use part::{flash::Flash, ssd1306::Ssd1306, tmp102::Tmp102};
use script::Event;
use std::cell::{Ref, RefCell};
use std::io::{self, Write};
use std::rc::Rc;
use world::{Net, World};

/// The TMP102's address.
pub const THERMOMETER: u8 = 0x48;
/// The EEPROM's address.
pub const EEPROM: u8 = 0x50;
/// The display's address.
pub const DISPLAY: u8 = 0x3c;

/// What a board is made with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// How time goes on.
    pub pace: Pace,
    /// What happens from outside.
    pub script: Vec<Event>,
    /// The EEPROM that is fitted.
    pub eeprom: Geometry,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup { pace: Pace::Virtual, script: Vec::new(), eeprom: M24LC256 }
    }
}

/// The longest fault queue, and the conversion that is running.
const CONVERSIONS_OF_HOPE: u32 = 7;

/// What a wait came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waited {
    /// Something has happened, or the deadline is reached: look again.
    Look,
    /// The power is off: the run is over.
    Stopped,
    /// Nothing will ever happen.
    Forever,
}

/// A board and the world around it. Copies are the same board.
#[derive(Clone)]
pub struct Simulation {
    pub(crate) world: Rc<RefCell<World>>,
}

impl Simulation {
    /// A board that gets power now, which is time 0.
    #[must_use]
    pub fn new(setup: Setup) -> Simulation {
        let world = World::new(setup.pace, Eeprom::new(EEPROM, setup.eeprom), setup.script);
        let simulation = Simulation { world: Rc::new(RefCell::new(world)) };
        simulation.world.borrow_mut().advance_to(0);
        simulation
    }

    /// From now on writes what happens to `out`, a line for each event.
    pub fn tell(&self, out: Box<dyn Write>) {
        self.world.borrow_mut().journal.lines = Some(out);
    }

    /// From now on writes every wire to `out`, in VCD.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn trace(&self, out: Box<dyn Write>) -> io::Result<()> {
        let mut wave = wave::Wave::new(out)?;
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        for (net, wire) in world::WIRES {
            wave.level(now_ns, wire, world.level(net));
        }
        world.journal.wave = Some(wave);
        Ok(())
    }

    /// Writes the rest of lines and trace, and the display's picture if there is a new one.
    ///
    /// # Errors
    /// If any of it could not be written, now or before.
    pub fn finish(&self) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        world.show_display();
        world.journal.finish(now_ns)
    }

    /// The board's time after a look at its clock, in nanoseconds.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        self.world.borrow_mut().look()
    }

    /// How time goes on.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.world.borrow().pace
    }

    /// Is the power off?
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.world.borrow().stopped
    }

    /// Lets time pass until the next input or the next edge of the ALERT pin, at the latest until `deadline_ns`.
    ///
    /// Nothing else changes by itself. Without a deadline and without inputs that are still to come, an alert comes within as
    /// many conversions as the fault queue is long, or never.
    pub fn wait(&self, deadline_ns: Option<u64>) -> Waited {
        let mut world = self.world.borrow_mut();
        let alerts = world.edges(Net::Alert);
        let mut hope = CONVERSIONS_OF_HOPE;
        while !world.stopped {
            let input_ns = world.next_input_ns();
            if deadline_ns.is_none() && input_ns.is_none() {
                if hope == 0 {
                    return Waited::Forever;
                }
                hope -= 1;
            }
            let next_ns = deadline_ns.into_iter().chain(world.next_event_ns()).min();
            let Some(next_ns) = next_ns else { return Waited::Forever };
            world.wait_until(next_ns);
            if [deadline_ns, input_ns].contains(&Some(next_ns)) || world.edges(Net::Alert) != alerts {
                break;
            }
        }
        if world.stopped { Waited::Stopped } else { Waited::Look }
    }

    /// Lets time pass until `at_ns`.
    pub fn wait_until(&self, at_ns: u64) {
        self.world.borrow_mut().wait_until(at_ns);
    }

    /// Serial output, told in lines and traced.
    pub fn serial(&self, bytes: &[u8]) {
        self.world.borrow_mut().serial(bytes);
    }

    /// A line about the run itself, such as a refusal.
    pub fn note(&self, text: &str) {
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        world.journal.line(now_ns, "board", text);
    }

    /// The bus, for a driver on this computer.
    #[must_use]
    pub fn i2c(&self) -> Bus {
        Bus { world: self.world.clone(), clock_hz: i2c::CLOCK_HZ }
    }

    /// The flash as a device on its bus.
    #[must_use]
    pub fn flash(&self) -> Device {
        Device { world: self.world.clone(), clock_hz: spi::CLOCK_HZ }
    }

    /// The board's wires, for a microcontroller that is emulated elsewhere.
    #[must_use]
    pub fn wires(&self) -> Wires {
        Wires::new(self.world.clone())
    }

    /// The first LED's pin.
    #[must_use]
    pub fn led0(&self) -> Pin {
        Pin { world: self.world.clone(), net: Net::Led0 }
    }

    /// The second LED's pin.
    #[must_use]
    pub fn led1(&self) -> Pin {
        Pin { world: self.world.clone(), net: Net::Led1 }
    }

    /// The second LED, dimmed.
    #[must_use]
    pub fn dimmer(&self) -> Dimmer {
        Dimmer(self.world.clone())
    }

    /// The button's pin: low while it is pressed.
    #[must_use]
    pub fn button(&self) -> Pin {
        Pin { world: self.world.clone(), net: Net::Button }
    }

    /// The thermometer's ALERT pin.
    #[must_use]
    pub fn alert(&self) -> Pin {
        Pin { world: self.world.clone(), net: Net::Alert }
    }

    /// The potentiometer.
    #[must_use]
    pub fn pot(&self) -> Pot {
        Pot(self.world.clone())
    }

    /// A delay.
    #[must_use]
    pub fn delay(&self) -> Delay {
        Delay(self.world.clone())
    }

    /// The thermometer, to look at.
    #[must_use]
    pub fn thermometer(&self) -> Ref<'_, Tmp102> {
        Ref::map(self.world.borrow(), |world| &world.thermometer)
    }

    /// The EEPROM, to look at.
    #[must_use]
    pub fn eeprom(&self) -> Ref<'_, Eeprom> {
        Ref::map(self.world.borrow(), |world| &world.eeprom)
    }

    /// The flash's contents, to look at.
    #[must_use]
    pub fn flash_part(&self) -> Ref<'_, Flash> {
        Ref::map(self.world.borrow(), |world| &world.flash)
    }

    /// The display, to look at.
    #[must_use]
    pub fn display(&self) -> Ref<'_, Ssd1306> {
        Ref::map(self.world.borrow(), |world| &world.display)
    }
}

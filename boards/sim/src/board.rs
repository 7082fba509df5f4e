//! The board as the host functions see it: labels, modes, and who uses what.

use crate::pins::{Delay, Dimmer, Pin, Pot};
use crate::world::{NETS, Net, World};
use crate::{Simulation, i2c, spi};
use embedded_hal::delay::DelayNs;
use embedded_hal::spi::MODE_0;
use embedded_hal::spi::MODE_3;
use std::cell::RefCell;
use std::rc::Rc;
use wasmote_wasi_embedded::device::{AnalogIn, AnalogOut, DigitalIn, DigitalOut, I2cBus, SpiDevice};
use wasmote_wasi_embedded::{Board, Class, Edges, Line, PinError, PinMode, Settings};

/// The lines by number: label, and whether it is a pin that the board drives or that a guest drives.
const LINES: [&str; 7] = ["led0", "led1", "button", "alert", "pot", "i2c0", "flash"];
const LED1: Line = Line(1);
const POT: Line = Line(4);
const I2C0: Line = Line(5);
const FLASH: Line = Line(6);
const DIGITAL: [Net; NETS] = [Net::Led0, Net::Led1, Net::Button, Net::Alert];

/// The board. It lends its devices to guests; everything else is the [`Simulation`]'s.
pub struct SimBoard {
    world: Rc<RefCell<World>>,
    pins: [Pin; NETS],
    pot: Pot,
    dimmer: Dimmer,
    i2c: i2c::Bus,
    flash: spi::Device,
    delay: Delay,
    /// How many guests use a line. Only the I2C bus is shared.
    users: [u32; LINES.len()],
}

impl SimBoard {
    /// The board of a simulation.
    #[must_use]
    pub fn new(simulation: &Simulation) -> SimBoard {
        let world = simulation.world.clone();
        let pin = |net| Pin { world: world.clone(), net };
        SimBoard {
            pins: DIGITAL.map(pin),
            pot: simulation.pot(),
            dimmer: simulation.dimmer(),
            i2c: simulation.i2c(),
            flash: simulation.flash(),
            delay: simulation.delay(),
            users: [0; LINES.len()],
            world,
        }
    }

    fn net(line: Line) -> Option<Net> {
        DIGITAL.get(usize::from(line.0)).copied()
    }
}

/// Does this line have this mode?
fn has_mode(class: Class, line: Line) -> bool {
    match (class, line) {
        (Class::I2c, I2C0) | (Class::Spi, FLASH) | (Class::Analog(PinMode::In), POT) => true,
        (Class::Analog(PinMode::Out), LED1) => true,
        // An LED's pin can be read back; the button and the sensor drive theirs.
        (Class::Digital(PinMode::Out | PinMode::InOut), Line(0 | 1)) => true,
        (Class::Digital(PinMode::In), Line(2 | 3)) => true,
        _ => false,
    }
}

/// Is the label of this kind, whatever the mode?
fn is_of_kind(class: Class, line: Line) -> bool {
    match class {
        Class::I2c => line == I2C0,
        Class::Spi => line == FLASH,
        Class::Digital(_) | Class::Analog(_) => line != I2C0 && line != FLASH,
    }
}

impl Board for SimBoard {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        let number = LINES.iter().position(|name| *name == label)?;
        u16::try_from(number).ok().map(Line).filter(|line| is_of_kind(class, *line))
    }

    fn label(&self, _: Class, line: Line) -> &str {
        LINES.get(usize::from(line.0)).copied().unwrap_or_default()
    }

    fn open(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError> {
        if !has_mode(class, line) {
            return Err(PinError::ModeNotAvailable);
        }
        let users = self.users.get_mut(usize::from(line.0)).ok_or(PinError::UndefinedLabel)?;
        if *users > 0 && class != Class::I2c {
            return Err(PinError::AlreadyInUse);
        }
        if class == Class::Spi && settings.spi_mode.is_some_and(|mode| mode != MODE_0 && mode != MODE_3) {
            // The flash knows these two.
            return Err(PinError::ModeNotAvailable);
        }
        *users += 1;
        match class {
            Class::I2c => {
                // A shared bus goes at the pace of its slowest user.
                let wanted = settings.max_clock_hz.unwrap_or(i2c::CLOCK_HZ).min(i2c::CLOCK_HZ);
                self.i2c.clock_hz = if *users == 1 { wanted } else { self.i2c.clock_hz.min(wanted) };
            }
            Class::Spi => self.flash.clock_hz = settings.max_clock_hz.unwrap_or(spi::CLOCK_HZ).min(spi::CLOCK_HZ),
            Class::Digital(_) | Class::Analog(_) => {}
        }
        Ok(())
    }

    fn close(&mut self, _: Class, line: Line) {
        if let Some(users) = self.users.get_mut(usize::from(line.0)) {
            *users = users.saturating_sub(1);
        }
    }

    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.delay
    }

    fn now_ns(&mut self) -> Option<u64> {
        Some(self.world.borrow_mut().look())
    }

    fn i2c(&mut self, line: Line) -> Option<&mut dyn I2cBus> {
        (line == I2C0).then_some(&mut self.i2c as &mut dyn I2cBus)
    }

    fn spi(&mut self, line: Line) -> Option<&mut dyn SpiDevice> {
        (line == FLASH).then_some(&mut self.flash as &mut dyn SpiDevice)
    }

    fn digital_out(&mut self, line: Line) -> Option<&mut dyn DigitalOut> {
        self.pins.get_mut(usize::from(line.0)).map(|pin| pin as &mut dyn DigitalOut)
    }

    fn digital_in(&mut self, line: Line) -> Option<&mut dyn DigitalIn> {
        self.pins.get_mut(usize::from(line.0)).map(|pin| pin as &mut dyn DigitalIn)
    }

    fn analog_out(&mut self, line: Line) -> Option<&mut dyn AnalogOut> {
        (line == LED1).then_some(&mut self.dimmer as &mut dyn AnalogOut)
    }

    fn analog_in(&mut self, line: Line) -> Option<&mut dyn AnalogIn> {
        (line == POT).then_some(&mut self.pot as &mut dyn AnalogIn)
    }

    fn watch(&mut self, line: Line) -> Result<(), PinError> {
        // The board counts the edges of all its pins all the time.
        SimBoard::net(line).map(|_| ()).ok_or(PinError::NotSupported)
    }

    fn edges(&mut self, line: Line) -> Edges {
        SimBoard::net(line).map_or(Edges::default(), |net| self.world.borrow().edges(net))
    }
}

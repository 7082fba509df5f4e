//! The board as its wires: for a microcontroller that is emulated elsewhere, controllers and all.
//!
//! Whoever emulates it says when each thing happens and is told what the parts answer, byte by byte. What happens is told in the
//! words that the simulated controllers use, so that the two can be compared.

use crate::journal::hex;
use crate::part::{I2cPart, SpiPart};
use crate::script::Part;
use crate::world::{Net, World};
use std::cell::RefCell;
use std::rc::Rc;

/// The wires of a simulation's board.
pub struct Wires {
    pub(crate) world: Rc<RefCell<World>>,
    transfer: Transfer,
    exchange: Option<Exchange>,
}

/// A transfer on the I2C bus since its start.
#[derive(Default)]
struct Transfer {
    address: u8,
    addressed: Vec<Part>,
    /// What was told so far, and the bytes of the present direction.
    text: Vec<String>,
    bytes: Vec<u8>,
    reads: bool,
    failure: Option<&'static str>,
}

/// What the flash was sent and gave back while it is selected.
#[derive(Default)]
struct Exchange {
    sent: Vec<u8>,
    received: Vec<u8>,
}

/// What the outside gives the chip's inputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inputs {
    /// The button's wire; low while it is pressed.
    pub button: bool,
    /// The thermometer's alert.
    pub alert: bool,
    /// The potentiometer, of 4095.
    pub pot: u32,
    /// When an input changes next, if nothing else happens, in nanoseconds.
    pub next_ns: Option<u64>,
    /// The power is off.
    pub stopped: bool,
}

impl Wires {
    pub(crate) fn new(world: Rc<RefCell<World>>) -> Wires {
        Wires { world, transfer: Transfer::default(), exchange: None }
    }

    /// It is this late now.
    pub fn advance(&mut self, now_ns: u64) {
        self.world.borrow_mut().advance_to(now_ns);
    }

    /// What the inputs are.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let world = self.world.borrow();
        Inputs {
            button: world.level(Net::Button),
            alert: world.level(Net::Alert),
            pot: world.pot,
            next_ns: world.next_event_ns(),
            stopped: world.stopped,
        }
    }

    /// An LED's wire changes.
    pub fn led(&mut self, number: usize, high: bool) {
        let net = if number == 0 { Net::Led0 } else { Net::Led1 };
        let mut world = self.world.borrow_mut();
        if !world.stopped {
            world.set_level(net, high);
        }
    }

    /// A start on the bus, or a repeated one: does anybody acknowledge the address?
    pub fn i2c_start(&mut self, address: u8, reads: bool) -> bool {
        self.end_direction();
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        let transfer = &mut self.transfer;
        (transfer.address, transfer.reads) = (address, reads);
        transfer.addressed.clear();
        for (name, part) in world.i2c_parts() {
            if part.start(now_ns, address, reads) {
                transfer.addressed.push(name);
            }
        }
        if transfer.addressed.is_empty() {
            transfer.failure = Some("no acknowledgement");
        }
        !transfer.addressed.is_empty()
    }

    /// A byte to the parts: does anybody acknowledge it?
    pub fn i2c_write(&mut self, byte: u8) -> bool {
        self.transfer.bytes.push(byte);
        let acknowledged = self.parts(|part, now_ns| part.write(now_ns, byte)).into_iter().any(|yes| yes);
        if !acknowledged {
            self.transfer.failure = Some("byte not acknowledged");
        }
        acknowledged
    }

    /// A byte from the parts; a line that nobody pulls is high.
    pub fn i2c_read(&mut self) -> u8 {
        let byte = self.parts(|part, now_ns| part.read(now_ns)).into_iter().fold(0xff, |byte, own| byte & own);
        self.transfer.bytes.push(byte);
        byte
    }

    /// The stop.
    pub fn i2c_stop(&mut self) {
        self.end_direction();
        let transfer = std::mem::take(&mut self.transfer);
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        for (_, part) in world.i2c_parts() {
            part.stop(now_ns);
        }
        let text: Vec<String> = transfer.text.into_iter().chain(transfer.failure.map(str::to_owned)).collect();
        world.journal.line(now_ns, &format!("i2c0 0x{:02x}", transfer.address), &text.join(", "));
        world.follow_alert();
    }

    fn end_direction(&mut self) {
        let bytes = std::mem::take(&mut self.transfer.bytes);
        if !bytes.is_empty() {
            let verb = if self.transfer.reads { "read" } else { "write" };
            self.transfer.text.push(format!("{verb} {}", hex(&bytes)));
        }
    }

    fn parts<R>(&mut self, act: impl Fn(&mut dyn I2cPart, u64) -> R) -> Vec<R> {
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        let addressed = &self.transfer.addressed;
        world.i2c_parts().filter(|row| addressed.contains(&row.0)).map(|row| act(row.1, now_ns)).collect()
    }

    /// Chip select of the flash falls, or rises. What was exchanged is told as the wires show it: every byte both ways.
    pub fn spi_select(&mut self, selected: bool) {
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        if selected {
            world.flash.select(now_ns);
            self.exchange = Some(Exchange::default());
        } else if let Some(exchange) = self.exchange.take() {
            if world.is_plugged(Part::Flash) {
                world.flash.deselect(now_ns);
            }
            let text = format!("sent {}, received {}", hex(&exchange.sent), hex(&exchange.received));
            world.journal.line(now_ns, "flash", &text);
        }
    }

    /// A byte both ways on the SPI bus.
    pub fn spi_byte(&mut self, byte: u8) -> u8 {
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        let Some(exchange) = self.exchange.as_mut() else { return 0xff };
        let back = if world.is_plugged(Part::Flash) { world.flash.transfer(now_ns, byte) } else { 0xff };
        exchange.sent.push(byte);
        exchange.received.push(back);
        back
    }

    /// Serial output.
    pub fn serial(&mut self, bytes: &[u8]) {
        let mut world = self.world.borrow_mut();
        let now_ns = world.now_ns;
        world.journal.serial(now_ns, bytes);
    }
}

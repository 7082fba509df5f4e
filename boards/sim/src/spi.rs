//! The flash on its SPI bus, as `embedded-hal` has a device.

use crate::journal::hex;
use crate::part::SpiPart;
use crate::script::Part;
use crate::wave::Wire;
use crate::world::World;
use embedded_hal::spi::{ErrorKind, ErrorType, Operation, SpiDevice};
use std::cell::RefCell;
use std::rc::Rc;

/// The clock unless a guest may have only a slower one; a trace has ten steps for each bit.
pub(crate) const CLOCK_HZ: u32 = 1_000_000;
/// Chip select before the first and after the last clock.
const SELECT_NS: u64 = 500;

/// The device `flash`. Copies are the same device.
#[derive(Clone)]
pub struct Device {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) clock_hz: u32,
}

impl ErrorType for Device {
    type Error = ErrorKind;
}

impl SpiDevice for Device {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), ErrorKind> {
        let mut world = self.world.borrow_mut();
        let bit_ns = 1_000_000_000 / u64::from(self.clock_hz.max(1));
        let mut transfer = Transfer { world: &mut world, bit_ns, sent: Vec::new(), received: Vec::new() };
        transfer.select(true);
        for operation in operations {
            transfer.run(operation);
        }
        transfer.select(false);
        let text = format!("sent {}, received {}", hex(&transfer.sent), hex(&transfer.received));
        let now_ns = world.now_ns;
        world.journal.line(now_ns, "flash", &text);
        Ok(())
    }
}

/// What happens while the chip is selected.
struct Transfer<'w> {
    world: &'w mut World,
    bit_ns: u64,
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Transfer<'_> {
    fn select(&mut self, selected: bool) {
        let now_ns = self.world.now_ns;
        if let Some(wave) = &mut self.world.journal.wave {
            wave.level(now_ns, Wire::Cs, !selected);
        }
        if selected {
            self.world.flash.select(now_ns);
        } else if self.world.is_plugged(Part::Flash) {
            self.world.flash.deselect(now_ns);
        }
        self.world.spend(SELECT_NS);
    }

    fn run(&mut self, operation: &mut Operation<'_, u8>) {
        match operation {
            Operation::Read(into) => into.iter_mut().for_each(|byte| *byte = self.received_byte(0)),
            Operation::Write(from) => from.iter().for_each(|byte| self.sent_byte(*byte)),
            Operation::Transfer(into, from) => {
                for n in 0..into.len().max(from.len()) {
                    let back = self.byte(from.get(n).copied().unwrap_or(0));
                    self.sent.extend(from.get(n));
                    if let Some(byte) = into.get_mut(n) {
                        *byte = back;
                        self.received.push(back);
                    }
                }
            }
            Operation::TransferInPlace(bytes) => {
                for byte in bytes.iter_mut() {
                    self.sent.push(*byte);
                    *byte = self.received_byte(*byte);
                }
            }
            Operation::DelayNs(ns) => self.world.spend(u64::from(*ns)),
        }
    }

    fn sent_byte(&mut self, byte: u8) {
        self.sent.push(byte);
        self.byte(byte);
    }

    fn received_byte(&mut self, out: u8) -> u8 {
        let back = self.byte(out);
        self.received.push(back);
        back
    }

    fn byte(&mut self, out: u8) -> u8 {
        let now_ns = self.world.now_ns;
        let is_plugged = self.world.is_plugged(Part::Flash);
        let back = if is_plugged { self.world.flash.transfer(now_ns, out) } else { 0xff };
        if let Some(wave) = &mut self.world.journal.wave {
            wave.spi_byte(now_ns, self.bit_ns, out, back);
        }
        self.world.spend(8 * self.bit_ns);
        back
    }
}

//! The I2C bus with the parts on it, as `embedded-hal` has one.

use crate::journal::hex;
use crate::part::I2cPart;
use crate::script::Part;
use crate::world::World;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use std::cell::RefCell;
use std::rc::Rc;

/// The clock unless a guest may have only a slower one.
pub(crate) const CLOCK_HZ: u32 = 400_000;

/// The bus. Copies are the same bus, so that each driver can have its own.
#[derive(Clone)]
pub struct Bus {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) clock_hz: u32,
}

impl ErrorType for Bus {
    type Error = ErrorKind;
}

impl I2c for Bus {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        if operations.is_empty() {
            return Ok(());
        }
        let mut world = self.world.borrow_mut();
        let bit_ns = 1_000_000_000 / u64::from(self.clock_hz.max(1));
        let mut transfer = Transfer { world: &mut world, bit_ns, addressed: Vec::new(), text: Vec::new() };
        let outcome = transfer.run(address, operations);
        transfer.stop();
        let mut text = std::mem::take(&mut transfer.text);
        match outcome {
            Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)) => text.push("no acknowledgement".into()),
            Err(_) => text.push("byte not acknowledged".into()),
            Ok(()) => {}
        }
        let now_ns = world.now_ns;
        world.journal.line(now_ns, &format!("i2c0 0x{address:02x}"), &text.join(", "));
        world.follow_alert();
        outcome
    }
}

/// A transfer between start and stop.
struct Transfer<'w> {
    world: &'w mut World,
    bit_ns: u64,
    /// The parts that have acknowledged the address.
    addressed: Vec<Part>,
    text: Vec<String>,
}

impl Transfer<'_> {
    fn run(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut previous_reads = None;
        let count = operations.len();
        for (n, operation) in operations.iter_mut().enumerate() {
            let reads = matches!(operation, Operation::Read(_));
            if previous_reads != Some(reads) {
                self.start(address, reads)?;
                previous_reads = Some(reads);
            }
            match operation {
                Operation::Write(bytes) => self.write(bytes)?,
                Operation::Read(bytes) => self.read(bytes, n + 1 == count),
            }
        }
        Ok(())
    }

    /// All parts see the start and the address; one that does not answer has nothing to do with what follows.
    fn start(&mut self, address: u8, reads: bool) -> Result<(), ErrorKind> {
        let (now_ns, bit_ns) = (self.world.now_ns, self.bit_ns);
        self.addressed.clear();
        for (name, part) in self.world.i2c_parts() {
            if part.start(now_ns, address, reads) {
                self.addressed.push(name);
            }
        }
        let acknowledged = !self.addressed.is_empty();
        if let Some(wave) = &mut self.world.journal.wave {
            wave.i2c_start(now_ns, bit_ns);
            wave.i2c_byte(now_ns + bit_ns, bit_ns, address << 1 | u8::from(reads), acknowledged);
        }
        self.world.spend(10 * bit_ns);
        if acknowledged { Ok(()) } else { Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)) }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.text.push(format!("write {}", hex(bytes)));
        for byte in bytes {
            let now_ns = self.world.now_ns;
            let mut acknowledged = false;
            for part in self.parts() {
                acknowledged |= part.write(now_ns, *byte);
            }
            self.byte(*byte, acknowledged);
            if !acknowledged {
                return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data));
            }
        }
        Ok(())
    }

    fn read(&mut self, bytes: &mut [u8], is_last: bool) {
        let count = bytes.len();
        for (n, byte) in bytes.iter_mut().enumerate() {
            let now_ns = self.world.now_ns;
            // A line that nobody pulls is high.
            *byte = self.parts().fold(0xff, |byte, part| byte & part.read(now_ns));
            self.byte(*byte, !(is_last && n + 1 == count));
        }
        self.text.push(format!("read {}", hex(bytes)));
    }

    /// The parts that take part.
    fn parts(&mut self) -> impl Iterator<Item = &mut dyn I2cPart> {
        let addressed = &self.addressed;
        self.world.i2c_parts().filter(|row| addressed.contains(&row.0)).map(|row| row.1)
    }

    fn byte(&mut self, byte: u8, acknowledged: bool) {
        let (now_ns, bit_ns) = (self.world.now_ns, self.bit_ns);
        if let Some(wave) = &mut self.world.journal.wave {
            wave.i2c_byte(now_ns, bit_ns, byte, acknowledged);
        }
        self.world.spend(9 * bit_ns);
    }

    fn stop(&mut self) {
        let (now_ns, bit_ns) = (self.world.now_ns, self.bit_ns);
        if let Some(wave) = &mut self.world.journal.wave {
            wave.i2c_stop(now_ns, bit_ns);
        }
        for (_, part) in self.world.i2c_parts() {
            part.stop(now_ns);
        }
        self.world.spend(bit_ns);
    }
}

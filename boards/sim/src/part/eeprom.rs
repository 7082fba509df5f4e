//! An I2C EEPROM of the 24LCxx family. Source: Microchip, DS21203 (24LC256) and DS21703 (24LC16B).
//!
//! What is written waits in a page buffer, whose address wraps inside the page; the stop condition starts the write
//! cycle, during which the part does not acknowledge its address. Reads go on through the whole array and around. Parts
//! with one address byte take the upper bits of the address from the device address and answer to several.

use super::I2cPart;

/// A write cycle takes at most 5 ms, and that is what this part takes.
const WRITE_CYCLE_NS: u64 = 5_000_000;

/// The size of a part, and how it is addressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Geometry {
    /// Bytes of the array, a power of two.
    pub size: u32,
    /// Bytes of a page, a power of two.
    pub page: u32,
    /// Address bytes after the device address: 1 or 2.
    pub address_bytes: u8,
}

/// 16 kbit in eight blocks, which are eight device addresses.
pub const M24LC16: Geometry = Geometry { size: 2048, page: 16, address_bytes: 1 };
/// 32 kbit.
pub const M24LC32: Geometry = Geometry { size: 4096, page: 32, address_bytes: 2 };
/// 256 kbit.
pub const M24LC256: Geometry = Geometry { size: 32768, page: 64, address_bytes: 2 };

/// An EEPROM.
#[derive(Clone, Debug)]
pub struct Eeprom {
    own_address: u8,
    geometry: Geometry,
    bytes: Vec<u8>,
    /// Where the next byte is read or written.
    counter: u32,
    /// Address bytes that are still to come in this transfer.
    address_bytes_left: u8,
    /// What the stop condition will write.
    pending: Vec<(u32, u8)>,
    busy_until_ns: u64,
}

impl Eeprom {
    /// An erased part at `address` (0x50 to 0x57 by its pins).
    #[must_use]
    pub fn new(address: u8, geometry: Geometry) -> Eeprom {
        Eeprom {
            own_address: address,
            geometry,
            bytes: vec![0xff; geometry.size as usize],
            counter: 0,
            address_bytes_left: 0,
            pending: Vec::new(),
            busy_until_ns: 0,
        }
    }

    /// What is stored.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The blocks that the device address chooses from.
    fn block_mask(&self) -> u8 {
        if self.geometry.address_bytes == 1 { (self.geometry.size / 256 - 1) as u8 } else { 0 }
    }

    fn wrap(&self, address: u32) -> u32 {
        address & (self.geometry.size - 1)
    }
}

impl I2cPart for Eeprom {
    fn start(&mut self, now_ns: u64, address: u8, reads: bool) -> bool {
        // A start instead of the stop gives the write up.
        self.pending.clear();
        let mask = self.block_mask();
        if address & !mask != self.own_address & !mask || now_ns < self.busy_until_ns {
            return false;
        }
        if mask != 0 {
            self.counter = (self.counter & 0xff) | u32::from(address & mask) << 8;
        }
        self.address_bytes_left = if reads { 0 } else { self.geometry.address_bytes };
        true
    }

    fn write(&mut self, _: u64, byte: u8) -> bool {
        if self.address_bytes_left > 0 {
            self.address_bytes_left -= 1;
            let shift = 8 * u32::from(self.address_bytes_left);
            self.counter = self.wrap((self.counter & !(0xff << shift)) | u32::from(byte) << shift);
            return true;
        }
        self.pending.push((self.counter, byte));
        let in_page = self.geometry.page - 1;
        self.counter = (self.counter & !in_page) | (self.counter + 1) & in_page;
        true
    }

    fn read(&mut self, _: u64) -> u8 {
        let byte = self.bytes[self.counter as usize];
        self.counter = self.wrap(self.counter + 1);
        byte
    }

    fn stop(&mut self, now_ns: u64) {
        if self.pending.is_empty() {
            return;
        }
        for (address, byte) in self.pending.drain(..) {
            self.bytes[address as usize] = byte;
        }
        self.busy_until_ns = now_ns + WRITE_CYCLE_NS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(part: &mut Eeprom, now_ns: u64, address: u8, bytes: &[u8]) -> bool {
        let taken = part.start(now_ns, address, false) && bytes.iter().all(|byte| part.write(now_ns, *byte));
        part.stop(now_ns);
        taken
    }

    fn read(part: &mut Eeprom, address: u8, at: &[u8], len: usize) -> Vec<u8> {
        let late_ns = u64::MAX / 2;
        assert!(part.start(late_ns, address, false));
        assert!(at.iter().all(|byte| part.write(late_ns, *byte)));
        assert!(part.start(late_ns, address, true));
        let bytes = (0..len).map(|_| part.read(late_ns)).collect();
        part.stop(late_ns);
        bytes
    }

    #[test]
    fn a_write_wraps_inside_its_page() {
        let mut part = Eeprom::new(0x50, M24LC256);
        let data: Vec<u8> = [0x00, 0x7e].into_iter().chain(1..=4).collect();
        assert!(write(&mut part, 0, 0x50, &data));
        assert_eq!(read(&mut part, 0x50, &[0x00, 0x7e], 3), [1, 2, 0xff]);
        assert_eq!(read(&mut part, 0x50, &[0x00, 0x40], 3), [3, 4, 0xff]);
    }

    #[test]
    fn more_than_a_page_overwrites_its_beginning() {
        let mut part = Eeprom::new(0x50, M24LC256);
        let data: Vec<u8> = [0, 0].into_iter().chain(0..66).collect();
        assert!(write(&mut part, 0, 0x50, &data));
        assert_eq!(part.bytes()[..3], [64, 65, 2]);
    }

    #[test]
    fn nothing_is_acknowledged_while_a_write_cycle_runs() {
        let mut part = Eeprom::new(0x50, M24LC256);
        assert!(write(&mut part, 100, 0x50, &[0, 0, 7]));
        assert!(!part.start(100 + WRITE_CYCLE_NS - 1, 0x50, false));
        assert!(part.start(100 + WRITE_CYCLE_NS, 0x50, false));
    }

    #[test]
    fn an_address_alone_starts_no_write_cycle() {
        let mut part = Eeprom::new(0x50, M24LC256);
        assert!(write(&mut part, 0, 0x50, &[0, 9]));
        assert!(part.start(0, 0x50, true));
    }

    #[test]
    fn a_repeated_start_gives_the_write_up() {
        let mut part = Eeprom::new(0x50, M24LC256);
        assert!(part.start(0, 0x50, false));
        assert!([0, 0, 7].iter().all(|byte| part.write(0, *byte)));
        assert!(part.start(0, 0x50, true));
        part.stop(0);
        assert_eq!(part.bytes()[0], 0xff);
    }

    #[test]
    fn a_read_goes_on_around_the_end() {
        let mut part = Eeprom::new(0x50, M24LC256);
        assert!(write(&mut part, 0, 0x50, &[0x7f, 0xff, 1]));
        assert!(write(&mut part, WRITE_CYCLE_NS, 0x50, &[0, 0, 2]));
        assert_eq!(read(&mut part, 0x50, &[0x7f, 0xff], 3), [1, 2, 0xff]);
        // The upper bit of the address is not looked at, and the next read goes on where the last ended.
        assert_eq!(read(&mut part, 0x50, &[0xff, 0xfe], 1), [0xff]);
        assert!(part.start(u64::MAX / 2, 0x50, true));
        assert_eq!(part.read(u64::MAX / 2), 1);
    }

    #[test]
    fn blocks_of_a_small_part_are_device_addresses() {
        let mut part = Eeprom::new(0x50, M24LC16);
        assert!(write(&mut part, 0, 0x57, &[0x10, 5]));
        assert_eq!(part.bytes()[0x710], 5);
        assert_eq!(read(&mut part, 0x57, &[0x10], 1), [5]);
        assert_eq!(read(&mut part, 0x50, &[0x10], 1), [0xff]);
        assert!(!part.start(u64::MAX / 2, 0x48, false));
        let mut other = Eeprom::new(0x51, M24LC256);
        assert!(!other.start(0, 0x50, false));
    }
}

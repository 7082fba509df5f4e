//! A SPI NOR flash, the W25Q32JV. Source: Winbond, W25Q32JV revision G.
//!
//! Programming only clears bits and wraps inside its page; programming and erasing need the write enable latch and a
//! whole number of bytes of the right count, begin when chip select rises, take their time, and answer nothing but the status
//! meanwhile. Absent: dual and quad transfers, suspension, security registers, SFDP, individual block locks.

use super::SpiPart;

/// Bytes: 32 Mbit.
const SIZE: usize = 4 << 20;
const PAGE: usize = 256;
/// Manufacturer, memory type, capacity.
const JEDEC_ID: [u8; 3] = [0xef, 0x40, 0x16];
/// What the older ways to ask say.
const DEVICE_ID: u8 = 0x15;
const UNIQUE_ID: [u8; 8] = *b"WASMOTE1";
/// The line when the part does not drive it.
const FLOATING: u8 = 0xff;

/// Typical times of the data sheet, in nanoseconds.
const PROGRAM_NS: u64 = 400_000;
const WRITE_STATUS_NS: u64 = 10_000_000;
const SECTOR_ERASE_NS: u64 = 45_000_000;
const BLOCK_32K_ERASE_NS: u64 = 120_000_000;
const BLOCK_64K_ERASE_NS: u64 = 150_000_000;
const CHIP_ERASE_NS: u64 = 10_000_000_000;
const RESET_NS: u64 = 30_000;
const POWER_DOWN_NS: u64 = 3_000;

/// Bits of the first status register.
const BUSY: u8 = 1;
const WRITE_ENABLED: u8 = 1 << 1;
const PROTECTION: u8 = 0b1111_1100;

/// The instructions.
mod op {
    pub(super) const WRITE_STATUS: u8 = 0x01;
    pub(super) const PAGE_PROGRAM: u8 = 0x02;
    pub(super) const READ: u8 = 0x03;
    pub(super) const WRITE_DISABLE: u8 = 0x04;
    pub(super) const READ_STATUS_1: u8 = 0x05;
    pub(super) const WRITE_ENABLE: u8 = 0x06;
    pub(super) const FAST_READ: u8 = 0x0b;
    pub(super) const READ_STATUS_3: u8 = 0x15;
    pub(super) const SECTOR_ERASE: u8 = 0x20;
    pub(super) const READ_STATUS_2: u8 = 0x35;
    pub(super) const UNIQUE_ID: u8 = 0x4b;
    pub(super) const BLOCK_32K_ERASE: u8 = 0x52;
    pub(super) const CHIP_ERASE_60: u8 = 0x60;
    pub(super) const ENABLE_RESET: u8 = 0x66;
    pub(super) const MANUFACTURER_DEVICE_ID: u8 = 0x90;
    pub(super) const RESET: u8 = 0x99;
    pub(super) const JEDEC_ID: u8 = 0x9f;
    pub(super) const RELEASE_POWER_DOWN: u8 = 0xab;
    pub(super) const POWER_DOWN: u8 = 0xb9;
    pub(super) const CHIP_ERASE: u8 = 0xc7;
    pub(super) const BLOCK_64K_ERASE: u8 = 0xd8;
}

/// A W25Q32JV.
#[derive(Clone, Debug)]
pub struct Flash {
    bytes: Vec<u8>,
    status: u8,
    is_write_enabled: bool,
    is_down: bool,
    is_reset_enabled: bool,
    /// Until when the part is busy, or not yet awake.
    busy_until_ns: u64,
    /// The bytes since chip select fell: instruction and address, then, for programming, the data.
    received: Vec<u8>,
    /// Where the next byte is read.
    cursor: usize,
    /// How many bytes have passed since chip select fell.
    count: usize,
}

impl Default for Flash {
    fn default() -> Flash {
        Flash::new()
    }
}

impl Flash {
    /// An erased part.
    #[must_use]
    pub fn new() -> Flash {
        Flash {
            bytes: vec![0xff; SIZE],
            status: 0,
            is_write_enabled: false,
            is_down: false,
            is_reset_enabled: false,
            busy_until_ns: 0,
            received: Vec::new(),
            cursor: 0,
            count: 0,
        }
    }

    /// What is stored.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn is_busy(&self, now_ns: u64) -> bool {
        now_ns < self.busy_until_ns
    }

    /// Ends what is over by now: with it the write enable latch falls.
    fn settle(&mut self, now_ns: u64) {
        if self.busy_until_ns != 0 && !self.is_busy(now_ns) {
            self.busy_until_ns = 0;
            self.is_write_enabled = false;
        }
    }

    fn instruction(&self) -> Option<u8> {
        self.received.first().copied()
    }

    /// The address behind the instruction.
    fn address(&self) -> usize {
        let byte = |n: usize| usize::from(self.received.get(n).copied().unwrap_or(0));
        (byte(1) << 16 | byte(2) << 8 | byte(3)) % SIZE
    }

    /// What goes out while a byte comes in, and remembers the byte that came.
    fn answer(&mut self, now_ns: u64, byte: u8) -> u8 {
        // Programming keeps the last page of data; all other instructions are short.
        if self.received.len() < 4 || self.instruction() == Some(op::PAGE_PROGRAM) {
            self.received.push(byte);
        }
        let Some(past) = self.count.checked_sub(1) else { return FLOATING };
        let cycle = |bytes: &[u8]| bytes.get(past % bytes.len()).copied().unwrap_or(FLOATING);
        match self.instruction() {
            Some(op::READ_STATUS_1) => self.status_1(now_ns),
            Some(op::READ_STATUS_2 | op::READ_STATUS_3) => 0,
            Some(_) if self.is_busy(now_ns) => FLOATING,
            Some(op::JEDEC_ID) => cycle(&JEDEC_ID),
            Some(op::READ) if past >= 3 => self.read_next(past == 3),
            Some(op::FAST_READ) if past >= 4 => self.read_next(past == 4),
            Some(op::RELEASE_POWER_DOWN) if past >= 3 => DEVICE_ID,
            Some(op::MANUFACTURER_DEVICE_ID) if past >= 3 => {
                [JEDEC_ID[0], DEVICE_ID][(past - 3 + self.address() % 2) % 2]
            }
            Some(op::UNIQUE_ID) if past >= 4 => UNIQUE_ID.get(past - 4).copied().unwrap_or(FLOATING),
            _ => FLOATING,
        }
    }

    fn status_1(&self, now_ns: u64) -> u8 {
        let busy = if self.is_busy(now_ns) { BUSY } else { 0 };
        let enabled = if self.is_write_enabled { WRITE_ENABLED } else { 0 };
        self.status & PROTECTION | enabled | busy
    }

    fn read_next(&mut self, is_first: bool) -> u8 {
        if is_first {
            self.cursor = self.address();
        }
        let byte = self.bytes[self.cursor];
        self.cursor = (self.cursor + 1) % SIZE;
        byte
    }

    /// Does what the instruction says, now that chip select has risen.
    fn execute(&mut self, now_ns: u64) {
        let Some(instruction) = self.instruction() else { return };
        let is_reset_enabled = core::mem::take(&mut self.is_reset_enabled);
        if self.is_down {
            if instruction == op::RELEASE_POWER_DOWN {
                self.is_down = false;
                self.busy_until_ns = now_ns + POWER_DOWN_NS;
            }
            return;
        }
        match (instruction, self.count) {
            (op::ENABLE_RESET, 1) => self.is_reset_enabled = true,
            (op::RESET, 1) if is_reset_enabled => {
                self.is_write_enabled = false;
                self.busy_until_ns = now_ns + RESET_NS;
            }
            _ if self.is_busy(now_ns) => {}
            (op::WRITE_ENABLE, 1) => self.is_write_enabled = true,
            (op::WRITE_DISABLE, 1) => self.is_write_enabled = false,
            (op::POWER_DOWN, 1) => self.is_down = true,
            _ if !self.is_write_enabled => {}
            (op::WRITE_STATUS, 2 | 3) => {
                self.status = self.received[1] & PROTECTION;
                self.busy_until_ns = now_ns + WRITE_STATUS_NS;
            }
            (op::PAGE_PROGRAM, 5..) => self.program(now_ns),
            (op::SECTOR_ERASE, 4) => self.erase(now_ns, 4 << 10, SECTOR_ERASE_NS),
            (op::BLOCK_32K_ERASE, 4) => self.erase(now_ns, 32 << 10, BLOCK_32K_ERASE_NS),
            (op::BLOCK_64K_ERASE, 4) => self.erase(now_ns, 64 << 10, BLOCK_64K_ERASE_NS),
            (op::CHIP_ERASE | op::CHIP_ERASE_60, 1) => {
                self.received = vec![instruction];
                self.erase(now_ns, SIZE, CHIP_ERASE_NS);
            }
            _ => {}
        }
    }

    fn program(&mut self, now_ns: u64) {
        let address = self.address();
        if self.is_protected(address, 1) {
            self.is_write_enabled = false;
            return;
        }
        let page = address & !(PAGE - 1);
        // The page buffer keeps what came last, and bits that it does not clear stay.
        let mut latched = [0xff; PAGE];
        for (n, byte) in self.received[4..].iter().enumerate() {
            latched[(address + n) % PAGE] = *byte;
        }
        for (stored, latched) in self.bytes[page..page + PAGE].iter_mut().zip(latched) {
            *stored &= latched;
        }
        self.busy_until_ns = now_ns + PROGRAM_NS;
    }

    fn erase(&mut self, now_ns: u64, len: usize, takes_ns: u64) {
        let start = self.address() & !(len - 1);
        if self.is_protected(start, len) {
            self.is_write_enabled = false;
            return;
        }
        self.bytes[start..start + len].fill(0xff);
        self.busy_until_ns = now_ns + takes_ns;
    }

    /// Do the block protect bits cover any of these bytes?
    fn is_protected(&self, start: usize, len: usize) -> bool {
        let (bits, is_bottom, is_sectors) =
            (self.status >> 2 & 7, self.status >> 5 & 1 == 1, self.status >> 6 & 1 == 1);
        let protected = match (bits, is_sectors) {
            (0, _) => 0,
            (7, _) => SIZE,
            (bits, false) => SIZE >> (7 - bits),
            (bits @ 1..=3, true) => 4 << 10 << (bits - 1),
            (_, true) => 32 << 10,
        };
        let from = if is_bottom { 0 } else { SIZE - protected };
        start < from + protected && from < start + len
    }
}

impl SpiPart for Flash {
    fn select(&mut self, now_ns: u64) {
        self.settle(now_ns);
        self.received.clear();
        self.count = 0;
    }

    fn transfer(&mut self, now_ns: u64, byte: u8) -> u8 {
        self.settle(now_ns);
        let out = if self.is_down && self.instruction().unwrap_or(byte) != op::RELEASE_POWER_DOWN {
            self.received.push(byte);
            FLOATING
        } else {
            self.answer(now_ns, byte)
        };
        self.count += 1;
        out
    }

    fn deselect(&mut self, now_ns: u64) {
        self.settle(now_ns);
        self.execute(now_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One selection at a time; what came back behind `out`.
    fn ask(part: &mut Flash, now_ns: u64, out: &[u8], len: usize) -> Vec<u8> {
        part.select(now_ns);
        for byte in out {
            part.transfer(now_ns, *byte);
        }
        let back = (0..len).map(|_| part.transfer(now_ns, 0)).collect();
        part.deselect(now_ns);
        back
    }

    fn enabled(part: &mut Flash, now_ns: u64, out: &[u8]) {
        ask(part, now_ns, &[op::WRITE_ENABLE], 0);
        ask(part, now_ns, out, 0);
    }

    fn read(part: &mut Flash, now_ns: u64, address: u32, len: usize) -> Vec<u8> {
        let [_, a, b, c] = address.to_be_bytes();
        ask(part, now_ns, &[op::READ, a, b, c], len)
    }

    const LATER: u64 = 1 << 40;

    #[test]
    fn ids_are_those_of_the_data_sheet() {
        let mut part = Flash::new();
        assert_eq!(ask(&mut part, 0, &[op::JEDEC_ID], 4), [0xef, 0x40, 0x16, 0xef]);
        assert_eq!(ask(&mut part, 0, &[op::MANUFACTURER_DEVICE_ID, 0, 0, 0], 3), [0xef, 0x15, 0xef]);
        assert_eq!(ask(&mut part, 0, &[op::MANUFACTURER_DEVICE_ID, 0, 0, 1], 2), [0x15, 0xef]);
        assert_eq!(ask(&mut part, 0, &[op::RELEASE_POWER_DOWN, 0, 0, 0], 1), [0x15]);
        assert_eq!(ask(&mut part, 0, &[op::UNIQUE_ID, 0, 0, 0, 0], 8), UNIQUE_ID);
    }

    #[test]
    fn nothing_is_programmed_or_erased_without_write_enable() {
        let mut part = Flash::new();
        ask(&mut part, 0, &[op::PAGE_PROGRAM, 0, 0, 0, 1], 0);
        assert_eq!(read(&mut part, 0, 0, 1), [0xff]);
        enabled(&mut part, 0, &[op::PAGE_PROGRAM, 0, 0, 0, 1]);
        ask(&mut part, LATER, &[op::SECTOR_ERASE, 0, 0, 0], 0);
        assert_eq!(read(&mut part, LATER, 0, 1), [1], "the latch fell when programming ended");
    }

    #[test]
    fn programming_only_clears_bits_and_wraps_inside_its_page() {
        let mut part = Flash::new();
        enabled(&mut part, 0, &[op::PAGE_PROGRAM, 0, 1, 0xfe, 0x0f, 0xaa, 0x33]);
        assert_eq!(read(&mut part, LATER, 0x1fe, 3), [0x0f, 0xaa, 0xff]);
        assert_eq!(read(&mut part, LATER, 0x100, 1), [0x33]);
        enabled(&mut part, LATER, &[op::PAGE_PROGRAM, 0, 1, 0xfe, 0xf1]);
        assert_eq!(read(&mut part, 2 * LATER, 0x1fe, 1), [0x01]);
    }

    #[test]
    fn more_than_a_page_keeps_what_came_last() {
        let mut part = Flash::new();
        let data: Vec<u8> = [op::PAGE_PROGRAM, 0, 0, 0].into_iter().chain((0..258).map(|n| (n % 251) as u8)).collect();
        enabled(&mut part, 0, &data);
        assert_eq!(read(&mut part, LATER, 0, 3), [5, 6, 2]);
    }

    #[test]
    fn a_busy_part_answers_only_its_status() {
        let mut part = Flash::new();
        enabled(&mut part, 0, &[op::PAGE_PROGRAM, 0, 0, 0, 0]);
        assert_eq!(ask(&mut part, PROGRAM_NS - 1, &[op::READ_STATUS_1], 1), [BUSY | WRITE_ENABLED]);
        assert_eq!(read(&mut part, PROGRAM_NS - 1, 0, 1), [0xff]);
        assert_eq!(ask(&mut part, PROGRAM_NS - 1, &[op::JEDEC_ID], 1), [0xff]);
        assert_eq!(ask(&mut part, PROGRAM_NS, &[op::READ_STATUS_1], 1), [0]);
        assert_eq!(read(&mut part, PROGRAM_NS, 0, 1), [0]);
    }

    #[test]
    fn erases_have_their_sizes_and_times() {
        let sizes = [
            (op::SECTOR_ERASE, 4096, SECTOR_ERASE_NS),
            (op::BLOCK_32K_ERASE, 32768, BLOCK_32K_ERASE_NS),
            (op::BLOCK_64K_ERASE, 65536, BLOCK_64K_ERASE_NS),
        ];
        for (instruction, len, takes_ns) in sizes {
            let mut part = Flash::new();
            part.bytes.fill(0);
            enabled(&mut part, 0, &[instruction, 0x12, 0x34, 0x56]);
            let start = 0x12_3456 & !(len - 1);
            assert_eq!(part.bytes.iter().filter(|byte| **byte == 0xff).count(), len);
            assert!(part.bytes[start..start + len].iter().all(|byte| *byte == 0xff));
            assert!(part.is_busy(takes_ns - 1) && !part.is_busy(takes_ns));
        }
        let mut part = Flash::new();
        part.bytes.fill(0);
        enabled(&mut part, 0, &[op::CHIP_ERASE]);
        assert!(part.bytes.iter().all(|byte| *byte == 0xff) && part.is_busy(CHIP_ERASE_NS - 1));
    }

    #[test]
    fn an_erase_with_a_byte_too_many_or_too_few_does_nothing() {
        for out in [&[op::SECTOR_ERASE, 0, 0][..], &[op::SECTOR_ERASE, 0, 0, 0, 0], &[op::CHIP_ERASE, 0]] {
            let mut part = Flash::new();
            part.bytes[0] = 0;
            enabled(&mut part, 0, out);
            assert_eq!(part.bytes[0], 0, "{out:x?}");
        }
    }

    #[test]
    fn reads_go_on_around_the_end_and_fast_reads_have_a_dummy_byte() {
        let mut part = Flash::new();
        part.bytes[SIZE - 1] = 1;
        part.bytes[0] = 2;
        assert_eq!(read(&mut part, 0, 0x3f_ffff, 2), [1, 2]);
        assert_eq!(read(&mut part, 0, 0xff_ffff, 2), [1, 2], "the upper address bits are not looked at");
        assert_eq!(ask(&mut part, 0, &[op::FAST_READ, 0x3f, 0xff, 0xff, 0xee], 2), [1, 2]);
    }

    #[test]
    fn a_part_that_sleeps_hears_only_the_release() {
        let mut part = Flash::new();
        ask(&mut part, 0, &[op::POWER_DOWN], 0);
        assert_eq!(ask(&mut part, 10_000, &[op::JEDEC_ID], 1), [0xff]);
        assert_eq!(ask(&mut part, 10_000, &[op::READ_STATUS_1], 1), [0xff]);
        ask(&mut part, 20_000, &[op::RELEASE_POWER_DOWN], 0);
        assert_eq!(ask(&mut part, 21_000, &[op::JEDEC_ID], 1), [0xff], "it is not awake yet");
        assert_eq!(ask(&mut part, 23_000, &[op::JEDEC_ID], 1), [0xef]);
    }

    #[test]
    fn a_reset_needs_both_instructions_in_a_row() {
        let mut part = Flash::new();
        enabled(&mut part, 0, &[op::RESET]);
        assert_eq!(ask(&mut part, 0, &[op::READ_STATUS_1], 1), [WRITE_ENABLED]);
        ask(&mut part, 0, &[op::ENABLE_RESET], 0);
        ask(&mut part, 0, &[op::RESET], 0);
        assert_eq!(ask(&mut part, 0, &[op::READ_STATUS_1], 1), [BUSY]);
        assert_eq!(ask(&mut part, RESET_NS, &[op::READ_STATUS_1], 1), [0]);
    }

    #[test]
    fn protected_blocks_keep_their_contents() {
        let mut part = Flash::new();
        part.bytes[SIZE - 1] = 0;
        // BP0: the last 64 KiB.
        enabled(&mut part, 0, &[op::WRITE_STATUS, 0x04]);
        enabled(&mut part, LATER, &[op::SECTOR_ERASE, 0x3f, 0xf0, 0]);
        assert_eq!(part.bytes[SIZE - 1], 0);
        enabled(&mut part, LATER, &[op::PAGE_PROGRAM, 0x3e, 0, 0, 7]);
        assert_eq!(part.bytes[0x3e_0000], 7);
        enabled(&mut part, 2 * LATER, &[op::WRITE_STATUS, 0x00]);
        enabled(&mut part, 3 * LATER, &[op::SECTOR_ERASE, 0x3f, 0xf0, 0]);
        assert_eq!(part.bytes[SIZE - 1], 0xff);
    }
}

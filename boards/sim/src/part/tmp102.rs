//! A TMP102 temperature sensor. Source: Texas Instruments, SBOS397.
//!
//! All of it that is digital: the pointer register, 12 and 13 bits, four conversion rates, shutdown and one-shot,
//! limits with fault queue and polarity in both thermostat modes, the SMBus alert response and the general-call reset.
//! Absent: the time-out of a bus that is held for 30 ms, and noise.

use super::I2cPart;

/// A conversion takes 26 ms (typical).
const CONVERSION_NS: u64 = 26_000_000;
/// The registers after power-on.
const CONFIGURATION: u16 = 0x60a0;
const T_LOW: u16 = 0x4b00;
const T_HIGH: u16 = 0x5000;

/// Bits of the configuration register.
const ONE_SHOT: u16 = 1 << 15;
const POLARITY: u16 = 1 << 10;
const THERMOSTAT_INTERRUPT: u16 = 1 << 9;
const SHUTDOWN: u16 = 1 << 8;
const ALERT: u16 = 1 << 5;
const EXTENDED: u16 = 1 << 4;
/// Bits that a write changes: resolution and alert are read-only, the last four are zero. `ONE_SHOT` only starts.
const WRITABLE: u16 = 0x1fd0;

/// The address of all parts at once, and its command to reset.
const GENERAL_CALL: u8 = 0x00;
const GENERAL_CALL_RESET: u8 = 0x06;
/// The address at which a part that alerts answers with its own.
const ALERT_RESPONSE: u8 = 0x0c;

/// What the present transfer is about.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Transfer {
    Idle,
    /// The next byte is the pointer.
    Pointer,
    /// So many bytes of the register have passed.
    Register(u8),
    GeneralCall,
    AlertResponse,
}

/// A TMP102.
#[derive(Clone, Debug)]
pub struct Tmp102 {
    own_address: u8,
    /// What it is in the room, in degrees Celsius.
    celsius: f64,
    /// The last conversion, in sixteenths of a degree.
    converted: i16,
    configuration: u16,
    limits: [u16; 2],
    pointer: u8,
    transfer: Transfer,
    /// When the present conversion ends.
    converts_at_ns: Option<u64>,
    is_single: bool,
    /// The flag of the comparator, which is also the level of the output in comparator mode.
    is_hot: bool,
    /// The output in interrupt mode.
    is_interrupting: bool,
    faults: u8,
}

impl Tmp102 {
    /// A part at `address` (0x48 to 0x4b by its ADD0 pin) that got power at time 0, at 20 °C.
    #[must_use]
    pub fn new(address: u8) -> Tmp102 {
        Tmp102 {
            own_address: address,
            celsius: 20.0,
            converted: 0,
            configuration: CONFIGURATION,
            limits: [T_LOW, T_HIGH],
            pointer: 0,
            transfer: Transfer::Idle,
            converts_at_ns: Some(CONVERSION_NS),
            is_single: false,
            is_hot: false,
            is_interrupting: false,
            faults: 0,
        }
    }

    /// What it is in the room, in degrees Celsius.
    #[must_use]
    pub fn temperature(&self) -> f64 {
        self.celsius
    }

    /// Changes what it is in the room, in degrees Celsius.
    pub fn set_temperature(&mut self, celsius: f64) {
        self.celsius = celsius;
    }

    /// Is the ALERT pin high? It is open drain with a resistor to the supply.
    #[must_use]
    pub fn alert_is_high(&self) -> bool {
        let is_active = if self.has(THERMOSTAT_INTERRUPT) { self.is_interrupting } else { self.is_hot };
        is_active == self.has(POLARITY)
    }

    /// When the part next does something by itself.
    #[must_use]
    pub fn next_event_ns(&self) -> Option<u64> {
        self.converts_at_ns
    }

    /// Ends the conversions that are over by now.
    pub fn run_until(&mut self, now_ns: u64) {
        while let Some(at_ns) = self.converts_at_ns.filter(|at_ns| *at_ns <= now_ns) {
            self.convert();
            let goes_on = !self.has(SHUTDOWN);
            self.is_single = false;
            self.converts_at_ns = goes_on.then(|| at_ns + self.period_ns());
        }
    }

    fn has(&self, bit: u16) -> bool {
        self.configuration & bit != 0
    }

    fn period_ns(&self) -> u64 {
        match (self.configuration >> 6) & 3 {
            0 => 4_000_000_000,
            1 => 1_000_000_000,
            2 => 250_000_000,
            _ => 125_000_000,
        }
    }

    /// A register's 12 or 13 bits as sixteenths of a degree.
    fn sixteenths(&self, register: u16) -> i16 {
        let register = register as i16;
        if self.has(EXTENDED) { register >> 3 } else { register >> 4 }
    }

    /// The converted temperature as the register has it: left-justified; its last bit says which format it is.
    fn temperature_register(&self) -> u16 {
        if self.has(EXTENDED) {
            ((self.converted << 3) | 1) as u16
        } else {
            (self.converted.clamp(-2048, 2047) << 4) as u16
        }
    }

    fn convert(&mut self) {
        // The sensor ends at -55 and 150 degrees. The cast saturates, and a number that is none becomes 0.
        self.converted = (self.celsius.clamp(-55.0, 150.0) * 16.0).floor() as i16;
        let measured = self.sixteenths(self.temperature_register());
        let [low, high] = self.limits.map(|limit| self.sixteenths(limit));
        let is_fault = if self.is_hot { measured < low } else { measured >= high };
        self.faults = if is_fault { self.faults + 1 } else { 0 };
        let queue = [1, 2, 4, 6][usize::from((self.configuration >> 11) & 3)];
        if self.faults >= queue {
            self.faults = 0;
            self.is_hot = !self.is_hot;
            self.is_interrupting = true;
        }
    }

    fn register(&self) -> u16 {
        match self.pointer {
            0 => self.temperature_register(),
            1 => {
                let one_shot = if self.has(SHUTDOWN) && !self.is_single { ONE_SHOT } else { 0 };
                // The bit has the level of an active-low output, or its inverse.
                let alert = if self.is_hot == self.has(POLARITY) { ALERT } else { 0 };
                (self.configuration & WRITABLE) | 0x6000 | one_shot | alert
            }
            pointer => self.limits[usize::from(pointer & 1)],
        }
    }

    fn write_register(&mut self, now_ns: u64, value: u16) {
        match self.pointer {
            0 => {}
            1 => self.configure(now_ns, value),
            pointer => self.limits[usize::from(pointer & 1)] = value,
        }
    }

    fn configure(&mut self, now_ns: u64, value: u16) {
        let before = core::mem::replace(&mut self.configuration, value & WRITABLE);
        let (was_down, is_down) = (before & SHUTDOWN != 0, self.has(SHUTDOWN));
        if is_down {
            self.is_interrupting = false;
            let is_converting = self.converts_at_ns.is_some_and(|at_ns| at_ns <= now_ns + CONVERSION_NS);
            if !is_converting {
                self.converts_at_ns = None;
            }
            if value & ONE_SHOT != 0 && self.converts_at_ns.is_none() {
                self.converts_at_ns = Some(now_ns + CONVERSION_NS);
                self.is_single = true;
            }
        } else if was_down {
            self.converts_at_ns = Some(now_ns + CONVERSION_NS);
            self.is_single = false;
        }
    }

    fn reset(&mut self, now_ns: u64) {
        let fresh = Tmp102::new(self.own_address);
        *self = Tmp102 { celsius: self.celsius, converts_at_ns: Some(now_ns + CONVERSION_NS), ..fresh };
    }
}

impl I2cPart for Tmp102 {
    fn start(&mut self, now_ns: u64, address: u8, reads: bool) -> bool {
        self.run_until(now_ns);
        let alerts = self.has(THERMOSTAT_INTERRUPT) && self.is_interrupting;
        self.transfer = match address {
            ALERT_RESPONSE if reads && alerts => Transfer::AlertResponse,
            GENERAL_CALL if !reads => Transfer::GeneralCall,
            address if address == self.own_address && reads => {
                // Any read answers an interrupt.
                self.is_interrupting = false;
                Transfer::Register(0)
            }
            address if address == self.own_address => Transfer::Pointer,
            _ => Transfer::Idle,
        };
        self.transfer != Transfer::Idle
    }

    fn write(&mut self, now_ns: u64, byte: u8) -> bool {
        match self.transfer {
            Transfer::Pointer => {
                self.pointer = byte & 3;
                self.transfer = Transfer::Register(0);
                true
            }
            Transfer::Register(count @ 0..=1) => {
                let shift = if count == 0 { 8 } else { 0 };
                // Only the byte that is written can start a conversion.
                let one_shot = if self.pointer == 1 { ONE_SHOT } else { 0 };
                let kept = self.register() & !(0xff << shift | one_shot);
                self.write_register(now_ns, kept | u16::from(byte) << shift);
                self.transfer = Transfer::Register(count + 1);
                true
            }
            Transfer::GeneralCall if byte == GENERAL_CALL_RESET => {
                self.reset(now_ns);
                true
            }
            _ => false,
        }
    }

    fn read(&mut self, now_ns: u64) -> u8 {
        self.run_until(now_ns);
        match self.transfer {
            Transfer::Register(count @ 0..=1) => {
                self.transfer = Transfer::Register(count + 1);
                self.register().to_be_bytes()[usize::from(count)]
            }
            Transfer::AlertResponse => {
                self.is_interrupting = false;
                self.transfer = Transfer::Register(2);
                self.own_address << 1 | u8::from(self.is_hot)
            }
            // Nobody pulls the line.
            _ => 0xff,
        }
    }

    fn stop(&mut self, _: u64) {
        self.transfer = Transfer::Idle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: u8 = 0x48;
    const SECOND_NS: u64 = 1_000_000_000;

    fn write(part: &mut Tmp102, now_ns: u64, bytes: &[u8]) {
        assert!(part.start(now_ns, ADDRESS, false));
        assert!(bytes.iter().all(|byte| part.write(now_ns, *byte)));
        part.stop(now_ns);
    }

    fn read(part: &mut Tmp102, now_ns: u64, pointer: u8) -> u16 {
        write(part, now_ns, &[pointer]);
        assert!(part.start(now_ns, ADDRESS, true));
        let value = u16::from_be_bytes([part.read(now_ns), part.read(now_ns)]);
        part.stop(now_ns);
        value
    }

    fn hot_part(configuration: u16) -> Tmp102 {
        let mut part = Tmp102::new(ADDRESS);
        let [high, low] = configuration.to_be_bytes();
        write(&mut part, 0, &[1, high, low]);
        part.set_temperature(80.0);
        part
    }

    #[test]
    fn registers_after_power_on_are_those_of_the_data_sheet() {
        let mut part = Tmp102::new(ADDRESS);
        assert_eq!([0, 1, 2, 3].map(|pointer| read(&mut part, 0, pointer)), [0, 0x60a0, 0x4b00, 0x5000]);
        assert!(part.alert_is_high());
    }

    #[test]
    fn temperatures_have_the_codes_of_table_8() {
        let table = [
            (127.9375, 0x7ff0),
            (100.0, 0x6400),
            (80.0, 0x5000),
            (0.25, 0x0040),
            (0.0, 0),
            (-0.25, 0xffc0),
            (-25.0, 0xe700),
            (-55.0, 0xc900),
        ];
        for (celsius, code) in table {
            let mut part = Tmp102::new(ADDRESS);
            part.set_temperature(celsius);
            assert_eq!(read(&mut part, CONVERSION_NS, 0), code, "{celsius}");
        }
    }

    #[test]
    fn thirteen_bits_reach_150_degrees_and_are_marked() {
        let mut part = hot_part(0x60b0);
        part.set_temperature(150.0);
        assert_eq!(read(&mut part, CONVERSION_NS, 0), 0x4b01);
        write(&mut part, CONVERSION_NS, &[1, 0x60, 0xa0]);
        assert_eq!(read(&mut part, CONVERSION_NS, 0), 0x7ff0);
    }

    #[test]
    fn temperature_resolution_and_alert_cannot_be_written() {
        let mut part = Tmp102::new(ADDRESS);
        write(&mut part, 0, &[0, 0x12, 0x34]);
        write(&mut part, 0, &[1, 0x00, 0x8f]);
        assert_eq!([0, 1].map(|pointer| read(&mut part, 0, pointer)), [0, 0x60a0]);
    }

    #[test]
    fn one_byte_changes_only_the_upper_half() {
        let mut part = Tmp102::new(ADDRESS);
        write(&mut part, 0, &[3, 0x20]);
        write(&mut part, 0, &[1, 0x64]);
        assert_eq!([1, 3].map(|pointer| read(&mut part, 0, pointer)), [0x6480, 0x2000]);
    }

    #[test]
    fn a_single_conversion_takes_its_time_and_only_one_happens() {
        let mut part = Tmp102::new(ADDRESS);
        // Between two conversions; one that has begun would be ended.
        write(&mut part, SECOND_NS + SECOND_NS / 10, &[1, 0x61, 0xa0]);
        part.set_temperature(30.0);
        assert_eq!(read(&mut part, 2 * SECOND_NS, 0), 0x1400, "it sleeps");
        write(&mut part, 2 * SECOND_NS, &[1, 0xe1, 0xa0]);
        assert_eq!(read(&mut part, 2 * SECOND_NS + CONVERSION_NS - 1, 1) & ONE_SHOT, 0, "it converts");
        assert_eq!(read(&mut part, 2 * SECOND_NS + CONVERSION_NS, 1) & ONE_SHOT, ONE_SHOT);
        assert_eq!(read(&mut part, 2 * SECOND_NS + CONVERSION_NS, 0), 0x1e00);
        assert_eq!(part.next_event_ns(), None);
    }

    #[test]
    fn the_conversion_rate_decides_when_a_change_is_seen() {
        for (rate, period_ms) in [(0x20, 4000), (0x60, 1000), (0xa0, 250), (0xe0, 125)] {
            let mut part = Tmp102::new(ADDRESS);
            write(&mut part, 0, &[1, 0x60, rate]);
            part.run_until(CONVERSION_NS);
            part.set_temperature(25.0);
            let due_ns = CONVERSION_NS + period_ms * 1_000_000;
            assert_eq!(read(&mut part, due_ns - 1, 0), 0x1400);
            assert_eq!(read(&mut part, due_ns, 0), 0x1900);
        }
    }

    #[test]
    fn the_comparator_has_hysteresis_and_a_fault_queue() {
        // Two faults; conversions at 26 ms and then every 250 ms.
        let mut part = hot_part(0x68a0);
        part.run_until(CONVERSION_NS);
        assert!(part.alert_is_high(), "one fault is not enough");
        part.run_until(SECOND_NS);
        assert!(!part.alert_is_high());
        assert_eq!(read(&mut part, SECOND_NS, 1) & ALERT, 0);
        part.set_temperature(76.0);
        part.run_until(2 * SECOND_NS);
        assert!(!part.alert_is_high(), "above the lower limit");
        part.set_temperature(74.9);
        part.run_until(3 * SECOND_NS);
        assert!(part.alert_is_high());
    }

    #[test]
    fn polarity_inverts_the_pin_and_the_bit() {
        let mut part = hot_part(0x64a0);
        assert!(!part.alert_is_high());
        assert_eq!(read(&mut part, 0, 1) & ALERT, 0);
        part.run_until(SECOND_NS);
        assert!(part.alert_is_high());
        assert_eq!(read(&mut part, SECOND_NS, 1) & ALERT, ALERT);
    }

    #[test]
    fn an_interrupt_ends_with_a_read_and_comes_again_when_it_cools() {
        let mut part = hot_part(0x62a0);
        part.run_until(SECOND_NS);
        assert!(!part.alert_is_high());
        let _ = read(&mut part, SECOND_NS, 0);
        assert!(part.alert_is_high());
        part.run_until(2 * SECOND_NS);
        assert!(part.alert_is_high(), "it stays hot, which is no news");
        part.set_temperature(70.0);
        part.run_until(3 * SECOND_NS);
        assert!(!part.alert_is_high());
    }

    #[test]
    fn the_alert_response_names_the_part_once() {
        let mut part = hot_part(0x62a0);
        part.run_until(SECOND_NS);
        assert!(part.start(SECOND_NS, ALERT_RESPONSE, true));
        assert_eq!(part.read(SECOND_NS), ADDRESS << 1 | 1);
        part.stop(SECOND_NS);
        assert!(part.alert_is_high());
        assert!(!part.start(SECOND_NS, ALERT_RESPONSE, true));
    }

    #[test]
    fn a_general_call_resets() {
        let mut part = hot_part(0x61a0);
        assert!(part.start(0, GENERAL_CALL, false));
        assert!(part.write(0, GENERAL_CALL_RESET));
        part.stop(0);
        assert_eq!(read(&mut part, 0, 1), 0x60a0);
        assert!(!part.start(0, 0x49, false));
    }
}

//! The trace: every wire of the board as a VCD file, for GTKWave and PulseView.
//!
//! Buses are drawn bit by bit, so that PulseView's decoders read them: I2C on `scl` and `sda`, SPI (mode 0 as drawn) on
//! `cs`, `clk`, `mosi` and `miso`, the serial output as 8N1 on `tx`. A transfer is drawn when it begins, ahead of the board's
//! time; changes are kept until that time has passed and written in order.
//!
//! Only wires of one bit: PulseView 0.4 (libsigrok 0.5) reads nothing of a file that has numbers, so analog values are told in lines alone.

use std::io::{self, Write};
use vcd::{IdCode, TimescaleUnit};

/// The step of the trace. PulseView keeps a sample for each: at 100 ns ten seconds are 100 million, which it can.
const STEP_NS: u64 = 100;
/// A bit of the serial output at 115 200 baud, of which each byte has ten.
pub(crate) const SERIAL_BIT_NS: u64 = 8_680;

/// A wire of one bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wire {
    Led0,
    Led1,
    Button,
    Alert,
    Scl,
    Sda,
    Cs,
    Clk,
    Mosi,
    Miso,
    Tx,
}

/// The wires in the order of their numbers: name, level at rest.
const WIRES: [(&str, bool); 11] = [
    ("led0", false),
    ("led1", false),
    ("button", true),
    ("alert", true),
    ("scl", true),
    ("sda", true),
    ("cs", true),
    ("clk", false),
    ("mosi", false),
    ("miso", true),
    ("tx", true),
];

/// A trace that is being written.
pub(crate) struct Wave {
    writer: vcd::Writer<Box<dyn Write>>,
    wires: [IdCode; WIRES.len()],
    levels: [bool; WIRES.len()],
    /// Changes whose time is still to come.
    waiting: Vec<(u64, Wire, bool)>,
    /// The step that was written last.
    written: u64,
    /// The first failure of the file; nothing is written after it.
    failure: Option<io::Error>,
}

impl Wave {
    /// Begins a trace.
    ///
    /// # Errors
    /// If `out` fails.
    pub(crate) fn new(out: Box<dyn Write>) -> io::Result<Wave> {
        let mut writer = vcd::Writer::new(out);
        writer.timescale(STEP_NS as u32, TimescaleUnit::NS)?;
        writer.add_module("board")?;
        let mut wires = Vec::new();
        for (name, _) in WIRES {
            wires.push(writer.add_wire(1, name)?);
        }
        writer.upscope()?;
        writer.enddefinitions()?;
        let wires = <[IdCode; WIRES.len()]>::try_from(wires).map_err(|_| io::Error::other("a wire is missing"))?;
        writer.timestamp(0)?;
        for (id, (_, at_rest)) in wires.iter().zip(WIRES) {
            writer.change_scalar(*id, at_rest)?;
        }
        let levels = WIRES.map(|row| row.1);
        let (waiting, failure) = (Vec::new(), None);
        Ok(Wave { writer, wires, levels, waiting, written: 0, failure })
    }

    pub(crate) fn level(&mut self, at_ns: u64, wire: Wire, high: bool) {
        self.waiting.push((at_ns, wire, high));
    }

    /// A start condition; the clock stays low. `at_ns` is its beginning, a bit's time later the first bit begins.
    pub(crate) fn i2c_start(&mut self, at_ns: u64, bit_ns: u64) {
        self.level(at_ns, Wire::Sda, true);
        self.level(at_ns + bit_ns / 4, Wire::Scl, true);
        self.level(at_ns + bit_ns / 2, Wire::Sda, false);
        self.level(at_ns + 3 * bit_ns / 4, Wire::Scl, false);
    }

    /// A byte and its acknowledgement: nine bits.
    pub(crate) fn i2c_byte(&mut self, at_ns: u64, bit_ns: u64, byte: u8, acknowledged: bool) {
        for n in 0..9 {
            let high = if n < 8 { byte << n & 0x80 != 0 } else { !acknowledged };
            let begins_ns = at_ns + n * bit_ns;
            self.level(begins_ns, Wire::Sda, high);
            self.level(begins_ns + bit_ns / 4, Wire::Scl, true);
            self.level(begins_ns + 3 * bit_ns / 4, Wire::Scl, false);
        }
    }

    /// A stop condition.
    pub(crate) fn i2c_stop(&mut self, at_ns: u64, bit_ns: u64) {
        self.level(at_ns, Wire::Sda, false);
        self.level(at_ns + bit_ns / 4, Wire::Scl, true);
        self.level(at_ns + bit_ns / 2, Wire::Sda, true);
    }

    /// A byte in both directions.
    pub(crate) fn spi_byte(&mut self, at_ns: u64, bit_ns: u64, out: u8, back: u8) {
        for n in 0..8 {
            let begins_ns = at_ns + n * bit_ns;
            self.level(begins_ns, Wire::Mosi, out << n & 0x80 != 0);
            self.level(begins_ns, Wire::Miso, back << n & 0x80 != 0);
            self.level(begins_ns + bit_ns / 2, Wire::Clk, true);
            self.level(begins_ns + bit_ns, Wire::Clk, false);
        }
    }

    /// Serial output, one byte behind the other.
    pub(crate) fn serial(&mut self, mut at_ns: u64, bytes: &[u8]) {
        for byte in bytes {
            // Start bit, data from the lowest bit, stop bit.
            let frame = u16::from(*byte) << 1 | 0x200;
            for n in 0..10 {
                self.level(at_ns, Wire::Tx, frame >> n & 1 == 1);
                at_ns += SERIAL_BIT_NS;
            }
        }
    }

    /// Writes what has happened before `now_ns`.
    pub(crate) fn write_until(&mut self, now_ns: u64) {
        // Stable: of changes at one time the last one counts.
        self.waiting.sort_by_key(|change| change.0);
        let due = self.waiting.partition_point(|change| change.0 < now_ns);
        let due: Vec<(u64, Wire, bool)> = self.waiting.drain(..due).collect();
        for (at_ns, wire, high) in due {
            if self.failure.is_none() {
                self.failure = self.write(at_ns, wire, high).err();
            }
        }
    }

    /// Writes everything, the serial output to its end.
    ///
    /// # Errors
    /// If the file failed, now or before.
    pub(crate) fn finish(&mut self, now_ns: u64) -> io::Result<()> {
        self.write_until(u64::MAX);
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.go_to(now_ns)?;
        self.writer.flush()
    }

    fn go_to(&mut self, at_ns: u64) -> io::Result<()> {
        let step = at_ns / STEP_NS;
        if step > self.written {
            self.writer.timestamp(step)?;
            self.written = step;
        }
        Ok(())
    }

    fn write(&mut self, at_ns: u64, wire: Wire, high: bool) -> io::Result<()> {
        if std::mem::replace(&mut self.levels[wire as usize], high) == high {
            return Ok(());
        }
        self.go_to(at_ns)?;
        self.writer.change_scalar(self.wires[wire as usize], high)
    }
}

//! What happened, as lines for people and as a trace.

use crate::wave::Wave;
use std::io::{self, Write};

/// Bytes of a transfer that a line shows.
const SHOWN_BYTES: usize = 16;
/// A line of serial output that is longer is told in parts.
const LINE_BYTES: usize = 1024;
/// The same line again so soon after is only counted: a driver that asks whether its part is still busy.
const REPEATED_NS: u64 = 10_000_000;

/// Where a board writes what happens.
#[derive(Default)]
pub(crate) struct Journal {
    pub(crate) lines: Option<Box<dyn Write>>,
    pub(crate) wave: Option<Wave>,
    /// The beginning of a line of serial output whose end is still to come.
    serial: Vec<u8>,
    /// The last line, when it came last, and how often it has come since it was written.
    last: (String, u64, u64),
    failure: Option<io::Error>,
}

impl Journal {
    /// A line: time, what it is about, what happened.
    pub(crate) fn line(&mut self, now_ns: u64, subject: &str, text: &str) {
        let line = format!("{subject:12} {text}");
        let (last, at_ns, count) = &mut self.last;
        if *last == line && now_ns.saturating_sub(*at_ns) < REPEATED_NS {
            (*at_ns, *count) = (now_ns, *count + 1);
            return;
        }
        self.end_repetition();
        self.write(now_ns, &line);
        self.last = (line, now_ns, 0);
    }

    /// A text of several lines, of which equal ones stay.
    pub(crate) fn picture(&mut self, now_ns: u64, subject: &str, text: &str) {
        self.end_repetition();
        for line in text.lines() {
            self.write(now_ns, &format!("{subject:12} {line}"));
        }
    }

    /// Tells how often the last line was repeated.
    fn end_repetition(&mut self) {
        let (line, at_ns, count) = std::mem::take(&mut self.last);
        match count {
            0 => {}
            1 => self.write(at_ns, &line),
            count => self.write(at_ns, &format!("{:12} the same {count} times more", "")),
        }
    }

    fn write(&mut self, at_ns: u64, line: &str) {
        let Some(out) = &mut self.lines else { return };
        let (seconds, micros) = (at_ns / 1_000_000_000, at_ns / 1_000 % 1_000_000);
        let written = writeln!(out, "{seconds:5}.{micros:06}  {}", line.trim_end());
        self.failure = self.failure.take().or(written.err());
    }

    /// Serial output; a line of it is a line here, without the power to move a terminal's cursor.
    pub(crate) fn serial(&mut self, now_ns: u64, bytes: &[u8]) {
        for byte in bytes {
            if *byte != b'\n' {
                self.serial.push(*byte);
            }
            if *byte == b'\n' || self.serial.len() == LINE_BYTES {
                self.end_serial_line(now_ns);
            }
        }
    }

    fn end_serial_line(&mut self, now_ns: u64) {
        let bytes = std::mem::take(&mut self.serial);
        let plain: String =
            String::from_utf8_lossy(&bytes).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        self.line(now_ns, "serial", &plain);
    }

    /// Writes what is still waiting.
    ///
    /// # Errors
    /// If the lines or the trace could not be written, now or before.
    pub(crate) fn finish(&mut self, now_ns: u64) -> io::Result<()> {
        if !self.serial.is_empty() {
            self.end_serial_line(now_ns);
        }
        self.end_repetition();
        if let Some(out) = &mut self.lines {
            out.flush()?;
        }
        self.failure.take().map_or(Ok(()), Err)?;
        self.wave.as_mut().map_or(Ok(()), |wave| wave.finish(now_ns))
    }
}

/// Bytes in hexadecimal, long lists cut.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text: Vec<String> = bytes.iter().take(SHOWN_BYTES).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > SHOWN_BYTES {
        text.push(format!("... ({} bytes)", bytes.len()));
    }
    if text.is_empty() { "nothing".into() } else { text.join(" ") }
}

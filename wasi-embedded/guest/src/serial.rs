//! The serial output: standard output of WASI preview 1, with `print!` and `println!`.

use crate::abi::host;
use core::fmt::{self, Write};

/// Bytes that are sent at once. A line that is longer is sent in parts.
const BUFFER_BYTES: usize = 80;

/// Text on its way; what is left is sent when this is dropped. Output that fails is lost, as on a wire.
pub struct Serial {
    buffer: [u8; BUFFER_BYTES],
    len: usize,
}

impl Default for Serial {
    fn default() -> Serial {
        Serial::new()
    }
}

impl Serial {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Serial {
        Serial { buffer: [0; BUFFER_BYTES], len: 0 }
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.len == BUFFER_BYTES {
                self.flush();
            }
            if let Some(place) = self.buffer.get_mut(self.len) {
                *place = *byte;
                self.len += 1;
            }
        }
    }

    /// Sends what is waiting.
    pub fn flush(&mut self) {
        let mut rest = self.buffer.get(..self.len).unwrap_or_default();
        while !rest.is_empty() {
            let vector = [rest.as_ptr().addr(), rest.len()];
            let mut written = 0;
            let errno = host!(fd_write(1, &raw const vector, 1, &raw mut written));
            match rest.get(written..) {
                Some(left) if errno == 0 && written > 0 => rest = left,
                _ => break,
            }
        }
        self.len = 0;
    }
}

impl Write for Serial {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.send(text.as_bytes());
        Ok(())
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Prints to the serial output.
#[macro_export]
macro_rules! print {
    ($($arguments:tt)*) => {{
        // It cannot fail.
        let _ = ::core::fmt::Write::write_fmt(&mut $crate::Serial::new(), ::core::format_args!($($arguments)*));
    }};
}

/// Prints a line to the serial output.
#[macro_export]
macro_rules! println {
    ($format:literal $($arguments:tt)*) => { $crate::print!("{}\n", ::core::format_args!($format $($arguments)*)) };
    () => { $crate::print!("\n") };
}

/// Where a panic happened, without formatting.
#[cfg(feature = "panic-handler")]
pub(crate) fn tell_place(file: &str, line: u32) {
    let mut serial = Serial::new();
    serial.send(b"panic at ");
    serial.send(file.as_bytes());
    serial.send(b":");
    let mut divisor = 1_000_000_000;
    while divisor > 0 {
        if line >= divisor || divisor == 1 {
            serial.send(&[b'0' + (line / divisor % 10) as u8]);
        }
        divisor /= 10;
    }
    serial.send(b"\n");
}

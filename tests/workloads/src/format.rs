//! Text made of numbers, as a logger does it, by `core::fmt`: widths, signs, hexadecimal, fixed point, names, a table.

use crate::input::{Numbers, mix};
use core::fmt::{self, Write};

/// A line of bounded length.
struct Line {
    bytes: [u8; 120],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let place = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

/// A temperature in hundredths of a degree.
struct Degrees(i32);

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.abs() / 100, self.0.abs() % 100)
    }
}

#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "what is in them is printed")]
enum Event {
    Boot,
    Pressed { pin: u8, held_ms: u16 },
    Failed(i32),
}

/// Six lines in each round.
pub fn run(rounds: u32) -> u32 {
    static NAMES: [&str; 4] = ["pump", "fan", "heater", "door lock"];
    let mut numbers = Numbers::new(17);
    let mut sum = 0;
    for round in 0..rounds {
        for line_number in 0..6 {
            let mut line = Line { bytes: [0; 120], len: 0 };
            let number = numbers.next();
            let name = NAMES[number as usize % 4];
            let event = match number % 3 {
                0 => Event::Boot,
                1 => Event::Pressed { pin: number as u8, held_ms: (number >> 8) as u16 },
                _ => Event::Failed(number as i32 >> 12),
            };
            let written = match line_number {
                0 => writeln!(line, "[{:>8}.{:03}] {name:<10}|{number:08x}|", number / 1000, number % 1000),
                1 => writeln!(line, "t={} rh={}% id={:#06x}", Degrees(number as i32 >> 16), number % 101, number >> 20),
                2 => writeln!(line, "{event:?} in round {round}"),
                3 => writeln!(line, "{name:^12}{:+}{:>12}", number as i32 >> 20, u64::from(number) * 1_000_003),
                4 => writeln!(line, "{:?}", [number & 15, number >> 28, round]),
                _ => writeln!(line, "{name}:{:b}:{:o}:{}", number & 1023, number & 4095, number & 1 == 0),
            };
            sum = mix(sum, u32::from(written.is_ok()));
            sum = line.bytes[..line.len].iter().fold(sum, |sum, byte| mix(sum, u32::from(*byte)));
        }
    }
    sum
}

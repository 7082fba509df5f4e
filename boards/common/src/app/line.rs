//! Lines of the firmware's own: `wasmote: ...`. They are words and numbers after each other, without `core::fmt`, whose
//! machinery would take 3 KB of every firmware.

use super::chip::{Chip, MEAL_NS};
use super::log;

/// A part of a line.
#[derive(Clone, Copy)]
pub(super) enum Word<'w> {
    Text(&'w str),
    Number(u32),
    /// With `0x` before it.
    Hex(u32),
}

impl<'w> From<&'w str> for Word<'w> {
    fn from(text: &'w str) -> Self {
        Word::Text(text)
    }
}

impl From<u32> for Word<'_> {
    fn from(number: u32) -> Self {
        Word::Number(number)
    }
}

/// Digits of the longest number.
const MAX_DIGITS: usize = 10;
const DIGITS: [u8; 16] = *b"0123456789abcdef";

impl Word<'_> {
    /// Writes it, piece by piece.
    pub(super) fn put(self, write: &mut dyn FnMut(&[u8])) {
        match self {
            Word::Text(text) => write(text.as_bytes()),
            Word::Number(number) => digits(number, 10, write),
            Word::Hex(number) => {
                write(b"0x");
                digits(number, 16, write);
            }
        }
    }
}

fn digits(number: u32, base: u32, write: &mut dyn FnMut(&[u8])) {
    let mut rest = number;
    let mut text = [0; MAX_DIGITS];
    let mut from = text.len();
    for to in text.iter_mut().rev() {
        *to = DIGITS.get((rest % base) as usize).copied().unwrap_or(b'?');
        rest /= base;
        from -= 1;
        if rest == 0 {
            break;
        }
    }
    write(text.get(from..).unwrap_or(&[]));
}

/// Says a line. What does not fit into the serial ports waits.
pub(super) fn line<C: Chip>(words: &[Word<'_>]) {
    log::line(words);
    put::<C>(b"wasmote: ");
    words.iter().for_each(|word| word.put(&mut put::<C>));
    put::<C>(b"\r\n");
}

fn put<C: Chip>(bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = C::write(rest);
        rest = rest.get(written..).unwrap_or(&[]);
        if !rest.is_empty() {
            C::feed();
            C::sleep(C::now_ns().saturating_add(MEAL_NS));
        }
    }
}

/// Says a line of these words: `say!(C, name, " exited with ", code)`.
macro_rules! say {
    ($chip:ty, $($word:expr),+ $(,)?) => {
        $crate::app::line::line::<$chip>(&[$($crate::app::line::Word::from($word)),+])
    };
}
pub(super) use say;

#[cfg(test)]
mod tests {
    extern crate std;

    use super::Word;
    use std::string::String;

    fn text(words: &[Word<'_>]) -> String {
        let mut text = String::new();
        words.iter().for_each(|word| word.put(&mut |bytes| text.push_str(std::str::from_utf8(bytes).unwrap())));
        text
    }

    #[test]
    fn numbers_are_written_as_fmt_writes_them() {
        for number in [0, 1, 9, 10, 99, 100, 65_535, 1 << 31, u32::MAX - 1, u32::MAX] {
            assert_eq!(text(&[number.into()]), std::format!("{number}"));
            assert_eq!(text(&[Word::Hex(number)]), std::format!("{number:#x}"));
        }
    }

    #[test]
    fn words_follow_each_other() {
        assert_eq!(text(&["blinky".into(), " exited with ".into(), 3.into()]), "blinky exited with 3");
    }
}

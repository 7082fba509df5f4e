//! An OLED display controller, the SSD1306 with 128 by 64 pixels. Source: Solomon Systech, SSD1306 revision 1.1.
//!
//! It takes commands and data over I2C and keeps the picture; scrolling, contrast and timing are taken and ignored, since
//! no driver can read them back (over I2C the controller answers nothing but its status).

use super::I2cPart;

/// Pixels in a row.
pub const WIDTH: usize = 128;
/// Pixels in a column.
pub const HEIGHT: usize = 64;
const PAGES: usize = HEIGHT / 8;

/// How the address goes on after a byte of data.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Addressing {
    Horizontal,
    Vertical,
    Page,
}

/// What the next byte of the transfer is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Expects {
    Control,
    /// One byte, then another control byte.
    Single {
        is_data: bool,
    },
    /// All that is to come.
    Stream {
        is_data: bool,
    },
}

/// A display.
#[derive(Clone, Debug)]
pub struct Ssd1306 {
    own_address: u8,
    picture: Vec<u8>,
    is_on: bool,
    is_inverted: bool,
    is_all_on: bool,
    addressing: Addressing,
    columns: (usize, usize),
    pages: (usize, usize),
    column: usize,
    page: usize,
    expects: Expects,
    /// A command whose arguments are still coming.
    command: Vec<u8>,
}

impl Ssd1306 {
    /// A dark display at `address` (0x3c or 0x3d).
    #[must_use]
    pub fn new(address: u8) -> Ssd1306 {
        Ssd1306 {
            own_address: address,
            picture: vec![0; WIDTH * PAGES],
            is_on: false,
            is_inverted: false,
            is_all_on: false,
            addressing: Addressing::Page,
            columns: (0, WIDTH - 1),
            pages: (0, PAGES - 1),
            column: 0,
            page: 0,
            expects: Expects::Control,
            command: Vec::new(),
        }
    }

    /// Is a pixel bright?
    #[must_use]
    pub fn is_lit(&self, x: usize, y: usize) -> bool {
        let bit = self.picture.get(y / 8 * WIDTH + x).is_some_and(|byte| byte >> (y % 8) & 1 == 1);
        self.is_on && x < WIDTH && (self.is_all_on || bit != self.is_inverted)
    }

    /// The picture as text, two rows of pixels in a line.
    #[must_use]
    pub fn to_text(&self) -> String {
        let symbol = |x, y| match (self.is_lit(x, y), self.is_lit(x, y + 1)) {
            (false, false) => ' ',
            (true, false) => '▀',
            (false, true) => '▄',
            (true, true) => '█',
        };
        let line = |y| (0..WIDTH).map(|x| symbol(x, y)).collect::<String>().trim_end().to_string() + "\n";
        (0..HEIGHT).step_by(2).map(line).collect()
    }

    fn data(&mut self, byte: u8) {
        self.picture[self.page * WIDTH + self.column] = byte;
        let next_column = if self.column >= self.columns.1 { None } else { Some(self.column + 1) };
        let next_page = if self.page >= self.pages.1 { None } else { Some(self.page + 1) };
        match self.addressing {
            Addressing::Page => self.column = (self.column + 1) % WIDTH,
            Addressing::Horizontal => {
                self.column = next_column.unwrap_or(self.columns.0);
                if next_column.is_none() {
                    self.page = next_page.unwrap_or(self.pages.0);
                }
            }
            Addressing::Vertical => {
                self.page = next_page.unwrap_or(self.pages.0);
                if next_page.is_none() {
                    self.column = next_column.unwrap_or(self.columns.0);
                }
            }
        }
    }

    fn command(&mut self, byte: u8) {
        self.command.push(byte);
        if self.command.len() > arguments(self.command[0]) {
            let command = core::mem::take(&mut self.command);
            self.execute(&command);
        }
    }

    fn execute(&mut self, command: &[u8]) {
        match *command {
            [low @ 0x00..=0x0f] => self.column = self.column & 0x70 | usize::from(low),
            [high @ 0x10..=0x1f] => self.column = self.column & 0x0f | usize::from(high & 7) << 4,
            [0x20, mode] => {
                self.addressing = match mode & 3 {
                    0 => Addressing::Horizontal,
                    1 => Addressing::Vertical,
                    _ => Addressing::Page,
                }
            }
            [0x21, from, to] => {
                self.columns = (usize::from(from & 0x7f), usize::from(to & 0x7f));
                self.column = self.columns.0;
            }
            [0x22, from, to] => {
                self.pages = (usize::from(from & 7), usize::from(to & 7));
                self.page = self.pages.0;
            }
            [0xa4] => self.is_all_on = false,
            [0xa5] => self.is_all_on = true,
            [0xa6] => self.is_inverted = false,
            [0xa7] => self.is_inverted = true,
            [0xae] => self.is_on = false,
            [0xaf] => self.is_on = true,
            [page @ 0xb0..=0xb7] => self.page = usize::from(page & 7),
            _ => {}
        }
    }
}

/// How many arguments a command has.
fn arguments(command: u8) -> usize {
    match command {
        0x26 | 0x27 => 6,
        0x29 | 0x2a => 5,
        0x21 | 0x22 | 0xa3 => 2,
        0x20 | 0x81 | 0x8d | 0xa8 | 0xd3 | 0xd5 | 0xd9 | 0xda | 0xdb => 1,
        _ => 0,
    }
}

impl I2cPart for Ssd1306 {
    fn start(&mut self, _: u64, address: u8, _: bool) -> bool {
        self.expects = Expects::Control;
        address == self.own_address
    }

    fn write(&mut self, _: u64, byte: u8) -> bool {
        let (is_data, after) = match self.expects {
            Expects::Control => {
                let is_data = byte & 0x40 != 0;
                self.expects = if byte & 0x80 != 0 { Expects::Single { is_data } } else { Expects::Stream { is_data } };
                return true;
            }
            Expects::Single { is_data } => (is_data, Expects::Control),
            Expects::Stream { is_data } => (is_data, self.expects),
        };
        if is_data {
            self.data(byte);
        } else {
            self.command(byte);
        }
        self.expects = after;
        true
    }

    fn read(&mut self, _: u64) -> u8 {
        // The status: bit 6 is set while the display is off.
        if self.is_on { 0x00 } else { 0x40 }
    }

    fn stop(&mut self, _: u64) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(part: &mut Ssd1306, bytes: &[u8]) {
        assert!(part.start(0, 0x3c, false));
        assert!(bytes.iter().all(|byte| part.write(0, *byte)));
        part.stop(0);
    }

    #[test]
    fn a_window_is_filled_row_by_row_and_starts_again() {
        let mut part = Ssd1306::new(0x3c);
        write(&mut part, &[0x00, 0xaf, 0x20, 0x00, 0x21, 10, 11, 0x22, 1, 2]);
        write(&mut part, &[0x40, 1, 2, 4, 8, 0x80]);
        assert!(part.is_lit(10, 15) && !part.is_lit(10, 8), "the fifth byte is where the first was");
        assert!(part.is_lit(11, 9) && part.is_lit(10, 18) && part.is_lit(11, 19));
    }

    #[test]
    fn the_page_mode_stays_in_its_page() {
        let mut part = Ssd1306::new(0x3c);
        write(&mut part, &[0x80, 0xaf, 0x80, 0xb3, 0x80, 0x0f, 0x80, 0x17, 0xc0, 1, 0xc0, 2]);
        assert!(part.is_lit(127, 24) && part.is_lit(0, 25));
    }

    #[test]
    fn a_display_that_is_off_shows_nothing_and_an_inverted_one_the_opposite() {
        let mut part = Ssd1306::new(0x3c);
        write(&mut part, &[0x40, 1]);
        assert!(!part.is_lit(0, 0));
        write(&mut part, &[0x00, 0xaf]);
        assert!(part.is_lit(0, 0) && !part.is_lit(1, 0));
        write(&mut part, &[0x00, 0xa7]);
        assert!(!part.is_lit(0, 0) && part.is_lit(1, 0));
    }
}

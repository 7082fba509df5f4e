//! Scripts: what happens to the board from outside, over time.
//!
//! A line is a time and an event; `#` begins a comment. Without a time it is that of the line before (0 at first).
//!
//! ```text
//! temperature 21.5            # degrees Celsius, at the TMP102
//! at 1.5s button press        # s, ms, us, ns or min
//! after 80ms button release   # from the line before
//! at 2s pot 75%               # or a fraction, 0.75
//! at 3s unplug thermometer    # thermometer, eeprom, display, flash; `plug` puts it back
//! at 10s stop                 # the power goes
//! ```
//!
//! Times may not go back. An error says line and column, both from 1.

use core::fmt::{self, Display, Formatter};

/// What happens.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Input {
    /// The button is pressed, or let go.
    Button(bool),
    /// The temperature becomes this, in degrees Celsius.
    Temperature(f64),
    /// The potentiometer is turned to this part of its way, 0 to 1.
    Pot(f64),
    /// A part is connected, or no longer.
    Plug(Part, bool),
    /// The power goes.
    Stop,
}

/// A part that can be taken off its bus.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The TMP102.
    Thermometer,
    /// The EEPROM.
    Eeprom,
    /// The SSD1306.
    Display,
    /// The W25Q32JV.
    Flash,
}

const PARTS: [(&str, Part); 4] =
    [("thermometer", Part::Thermometer), ("eeprom", Part::Eeprom), ("display", Part::Display), ("flash", Part::Flash)];

impl Display for Input {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Input::Button(true) => f.write_str("button pressed"),
            Input::Button(false) => f.write_str("button released"),
            Input::Temperature(celsius) => write!(f, "temperature {celsius} °C"),
            Input::Pot(fraction) => write!(f, "pot at {:.1} %", fraction * 100.0),
            Input::Plug(part, is_there) => {
                let name = PARTS.iter().find(|row| row.1 == *part).map_or("", |row| row.0);
                write!(f, "{name} {}", if *is_there { "plugged in" } else { "unplugged" })
            }
            Input::Stop => f.write_str("power off"),
        }
    }
}

/// An event with its time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Event {
    /// When, in nanoseconds since the power came on.
    pub at_ns: u64,
    /// What.
    pub input: Input,
}

/// Why a script cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl Display for ScriptError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl core::error::Error for ScriptError {}

/// Reads a script.
///
/// # Errors
/// With the place of the first mistake.
pub fn parse(text: &str) -> Result<Vec<Event>, ScriptError> {
    let mut events = Vec::new();
    let mut now_ns = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let mut words = Words { rest: line, line_number: number, line };
        if let Some(event) = words.event(now_ns)? {
            now_ns = event.at_ns;
            events.push(event);
        }
    }
    Ok(events)
}

/// The words of a line.
struct Words<'t> {
    line: &'t str,
    line_number: usize,
    rest: &'t str,
}

impl<'t> Words<'t> {
    /// The next word, or nothing at the end or before a comment.
    fn next(&mut self) -> Option<&'t str> {
        let text = self.rest.trim_start();
        let text = if text.starts_with('#') { "" } else { text };
        let end = text.find(|c: char| c.is_whitespace() || c == '#').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        // At the end the place of what is missing is behind the last word.
        if !word.is_empty() {
            self.rest = rest;
        }
        Some(word).filter(|word| !word.is_empty())
    }

    /// The next word, which must be there.
    fn expect(&mut self, what: &str) -> Result<&'t str, ScriptError> {
        self.next().ok_or_else(|| self.wrong(self.rest, format!("{what} is expected")))
    }

    /// An error at `word`, which is a part of the line.
    fn wrong(&self, word: &str, message: impl Into<String>) -> ScriptError {
        let offset = (word.as_ptr() as usize).saturating_sub(self.line.as_ptr() as usize);
        let column = 1 + self.line.get(..offset).map_or(0, |before| before.chars().count());
        ScriptError { line: self.line_number, column, message: message.into() }
    }

    fn event(&mut self, now_ns: u64) -> Result<Option<Event>, ScriptError> {
        let Some(mut word) = self.next() else { return Ok(None) };
        let mut at_ns = now_ns;
        if let "at" | "after" = word {
            let is_relative = word == "after";
            let time = self.expect("a time")?;
            let given_ns = duration_ns(time).map_err(|message| self.wrong(time, message))?;
            at_ns = if is_relative { now_ns.saturating_add(given_ns) } else { given_ns };
            if at_ns < now_ns {
                return Err(self.wrong(time, "this is before the line above"));
            }
            word = self.expect("an event")?;
        }
        let input = self.input(word)?;
        match self.next() {
            Some(more) => Err(self.wrong(more, "nothing is expected after the event")),
            None => Ok(Some(Event { at_ns, input })),
        }
    }

    fn input(&mut self, word: &'t str) -> Result<Input, ScriptError> {
        match word {
            "button" => match self.expect("`press` or `release`")? {
                "press" => Ok(Input::Button(true)),
                "release" => Ok(Input::Button(false)),
                other => Err(self.wrong(other, format!("`press` or `release` is expected, not `{other}`"))),
            },
            "temperature" => {
                let number = self.expect("a temperature in degrees Celsius")?;
                let celsius: Option<f64> = number.parse().ok().filter(|celsius: &f64| celsius.is_finite());
                celsius.map(Input::Temperature).ok_or_else(|| self.wrong(number, "this is no temperature"))
            }
            "pot" => {
                let number = self.expect("a fraction or a percentage")?;
                fraction(number).map(Input::Pot).ok_or_else(|| {
                    self.wrong(number, "a fraction from 0 to 1 or a percentage from 0% to 100% is expected")
                })
            }
            "plug" | "unplug" => {
                let name = self.expect("a part")?;
                let part = PARTS.iter().find(|row| row.0 == name).map(|row| row.1);
                let part = part.ok_or_else(|| {
                    self.wrong(
                        name,
                        format!("there is no part `{name}`; there are thermometer, eeprom, display and flash"),
                    )
                })?;
                Ok(Input::Plug(part, word == "plug"))
            }
            "stop" => Ok(Input::Stop),
            other => Err(self.wrong(
                other,
                format!("`{other}` is no event; there are button, temperature, pot, plug, unplug and stop"),
            )),
        }
    }
}

fn fraction(text: &str) -> Option<f64> {
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    (0.0..=1.0).contains(&value).then_some(value)
}

/// Units of time in nanoseconds; the longer names first, where one ends with another.
const UNITS: [(&str, u64); 6] =
    [("min", 60_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("µs", 1_000), ("ns", 1), ("s", 1_000_000_000)];

/// A time such as `1.5s`, in nanoseconds; decimals are exact.
///
/// # Errors
/// What is wrong with it.
pub fn duration_ns(text: &str) -> Result<u64, String> {
    const EXPECTED: &str = "a time is a number and s, ms, us, ns or min, such as 1.5s";
    let found = UNITS.iter().find_map(|(name, unit_ns)| Some((text.strip_suffix(name)?, *unit_ns)));
    let (number, unit_ns) = found.ok_or(EXPECTED)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(decimals) || whole.len() + decimals.len() == 0 {
        return Err(EXPECTED.into());
    }
    let digit = |byte: u8| u128::from(byte - b'0');
    let whole = whole.bytes().fold(0u128, |sum, byte| sum.saturating_mul(10).saturating_add(digit(byte)));
    let mut total_ns = whole.saturating_mul(u128::from(unit_ns));
    let mut place = u128::from(unit_ns);
    for byte in decimals.bytes() {
        if place % 10 != 0 && byte != b'0' {
            return Err("a nanosecond is the shortest time".into());
        }
        place /= 10;
        total_ns += digit(byte) * place;
    }
    u64::try_from(total_ns).map_err(|_| "this is too long".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn lines_have_absolute_relative_or_no_times() {
        let text = "temperature 21.5 # cold\n\n  # nothing\nat 1.5s button press\nafter 80ms button release\npot 75%\nat 2min stop";
        let expected = [
            (0, Input::Temperature(21.5)),
            (1500 * MS, Input::Button(true)),
            (1580 * MS, Input::Button(false)),
            (1580 * MS, Input::Pot(0.75)),
            (120_000 * MS, Input::Stop),
        ];
        assert_eq!(parse(text), Ok(expected.map(|(at_ns, input)| Event { at_ns, input }).into()));
    }

    #[test]
    fn mistakes_have_a_place() {
        let mistakes = [
            ("at 1s\n", "line 1, column 6: an event is expected"),
            ("stop\nat  5 stop", "line 2, column 5: a time is a number and s, ms, us, ns or min, such as 1.5s"),
            ("at 2s stop\nat 1s stop", "line 2, column 4: this is before the line above"),
            ("button push", "line 1, column 8: `press` or `release` is expected, not `push`"),
            ("pot 1.5", "line 1, column 5: a fraction from 0 to 1 or a percentage from 0% to 100% is expected"),
            ("temperature inf", "line 1, column 13: this is no temperature"),
            ("temperature", "line 1, column 12: a temperature in degrees Celsius is expected"),
            ("temperature 1 2", "line 1, column 15: nothing is expected after the event"),
            (
                "unplug größe",
                "line 1, column 8: there is no part `größe`; there are thermometer, eeprom, display and flash",
            ),
            ("\tö", "line 1, column 2: `ö` is no event; there are button, temperature, pot, plug, unplug and stop"),
        ];
        for (text, message) in mistakes {
            assert_eq!(parse(text).map_err(|error| error.to_string()), Err(message.to_string()), "{text}");
        }
    }

    #[test]
    fn times_are_exact() {
        let times =
            [("0.1s", 100 * MS), ("1.000000001s", 1_000_000_001), (".5ms", 500_000), ("3us", 3000), ("3µs", 3000)];
        for (text, expected_ns) in times {
            assert_eq!(duration_ns(text), Ok(expected_ns), "{text}");
        }
        for text in ["", "s", ".s", "1", "-1s", "1e3s", "1.5ns", "99999999999999999999999s", "1 s"] {
            assert!(duration_ns(text).is_err(), "{text}");
        }
    }
}

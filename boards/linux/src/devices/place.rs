//! `at` of a policy: what a label stands for on this machine.
//!
//! | table | `at` |
//! |---|---|
//! | `[digital]` | a line by its name, `GPIO17`; or a chip by name or label and a line by number or name, `gpiochip0/17` |
//! | `[i2c]` | a bus: `i2c-1`, `1` or a path below /dev |
//! | `[spi]` | a device: `spidev0.0`, `0.0` or a path below /dev |
//! | `[analog]` | a channel of a converter: `iio:device0/voltage0`, or the converter by its name, `ads1015/voltage0`; \
//! with its bits where the kernel does not tell them, `ads1015/voltage0 12 bits` |

use super::kernel::{Chip, LineInfo};
use super::trouble::Trouble;
use std::path::PathBuf;

/// A GPIO line in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LineAt {
    /// The chip, if it is named.
    chip: Option<String>,
    /// The line's number on the chip, or its name.
    line: String,
}

impl LineAt {
    /// Reads `CHIP/LINE` or a line's name.
    pub(crate) fn parse(at: &str) -> Result<LineAt, Trouble> {
        let (chip, line) = match at.rsplit_once('/') {
            Some((chip, line)) => (Some(chip.strip_prefix("/dev/").unwrap_or(chip).to_string()), line.to_string()),
            None => (None, at.to_string()),
        };
        if line.is_empty() || chip.as_ref().is_some_and(String::is_empty) {
            return Err(Trouble::absent(format!(
                "`at = \"{at}\"` names no line; write a name such as \"GPIO17\", or chip and number such as \"gpiochip0/17\""
            )));
        }
        Ok(LineAt { chip, line })
    }

    /// The line among those of this machine.
    pub(crate) fn find<'c>(&self, chips: &'c [Chip]) -> Result<(&'c Chip, &'c LineInfo), Trouble> {
        match &self.chip {
            Some(name) => self.on(named_chip(name, chips)?),
            None => self.anywhere(chips),
        }
    }

    /// By number or name on one chip.
    fn on<'c>(&self, chip: &'c Chip) -> Result<(&'c Chip, &'c LineInfo), Trouble> {
        if let Some(error) = &chip.error {
            return Err(error.clone());
        }
        let number = self.line.parse::<u32>().ok();
        let is_it = |line: &&LineInfo| Some(line.offset) == number || (number.is_none() && line.name == self.line);
        let found = chip.lines.iter().find(is_it).map(|line| (chip, line));
        found.ok_or_else(|| {
            let last = chip.lines.len().saturating_sub(1);
            let wanted = number.map_or(format!("line called \"{}\"", self.line), |number| format!("line {number}"));
            Trouble::absent(format!(
                "{} has no {wanted}: its lines are 0 to {last}; `wasmote devices` lists them with their names",
                chip.path.display()
            ))
        })
    }

    /// By name on any chip.
    fn anywhere<'c>(&self, chips: &'c [Chip]) -> Result<(&'c Chip, &'c LineInfo), Trouble> {
        let lines = chips.iter().flat_map(|chip| chip.lines.iter().map(move |line| (chip, line)));
        let found: Vec<(&Chip, &LineInfo)> = lines.filter(|(_, line)| line.name == self.line).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => {
                // A chip that could not be read may have it.
                if let Some(error) = chips.iter().find_map(|chip| chip.error.clone()) {
                    return Err(error);
                }
                if chips.is_empty() {
                    return Err(no_chips());
                }
                let hint =
                    if self.line.parse::<u32>().is_ok() { "; a number needs its chip: gpiochip0/NUMBER" } else { "" };
                Err(Trouble::absent(format!(
                    "no GPIO line is called \"{}\"{hint}; `wasmote devices` lists the lines of this machine",
                    self.line
                )))
            }
            several => {
                let named: Vec<String> =
                    several.iter().map(|(chip, line)| format!("\"{}/{}\"", chip.name, line.offset)).collect();
                Err(Trouble::absent(format!(
                    "{} lines are called \"{}\"; write the one that is meant: {}",
                    several.len(),
                    self.line,
                    named.join(" or ")
                )))
            }
        }
    }
}

/// The chip of this name or label.
fn named_chip<'c>(name: &str, chips: &'c [Chip]) -> Result<&'c Chip, Trouble> {
    let found = chips.iter().find(|chip| chip.name == name).or_else(|| chips.iter().find(|chip| chip.label == name));
    found.ok_or_else(|| {
        if chips.is_empty() {
            return no_chips();
        }
        let there: Vec<String> = chips.iter().map(|chip| format!("{} ({})", chip.name, chip.label)).collect();
        Trouble::absent(format!("there is no GPIO chip \"{name}\"; this machine has {}", there.join(", ")))
    })
}

fn no_chips() -> Trouble {
    Trouble::absent("this machine has no GPIO chips (no /dev/gpiochip*)".into())
}

/// The file of a bus or an SPI device: `prefix` is `i2c-` or `spidev`.
pub(crate) fn device_path(at: &str, prefix: &str) -> PathBuf {
    if at.starts_with('/') {
        return at.into();
    }
    let name = if at.starts_with(|c: char| c.is_ascii_digit()) { format!("{prefix}{at}") } else { at.to_string() };
    PathBuf::from("/dev").join(name)
}

/// A channel of a converter in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ChannelAt<'a> {
    /// The converter's directory or its own name.
    pub(crate) converter: &'a str,
    /// What stands between `in_` and `_raw`.
    pub(crate) channel: &'a str,
    /// Its bits, if they are given.
    pub(crate) bits: Option<u32>,
}

impl ChannelAt<'_> {
    /// Reads `CONVERTER/CHANNEL`, perhaps with its bits.
    pub(crate) fn parse(at: &str) -> Result<ChannelAt<'_>, Trouble> {
        let (place, bits) = match at.strip_suffix(" bits").and_then(|at| at.rsplit_once(' ')) {
            Some((place, bits)) => (place, bits.parse().ok().filter(|bits| (1..=32).contains(bits))),
            None => (at, None),
        };
        let is_wrong = bits.is_none() && at.ends_with(" bits");
        let found = place.rsplit_once('/').filter(|(converter, channel)| !converter.is_empty() && !channel.is_empty());
        match found.filter(|_| !is_wrong) {
            Some((converter, channel)) => Ok(ChannelAt { converter, channel, bits }),
            None => Err(Trouble::absent(format!(
                "`at = \"{at}\"` names no channel; write such as \"iio:device0/voltage0\", or \"iio:device0/voltage0 10 bits\""
            ))),
        }
    }
}

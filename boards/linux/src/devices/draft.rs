//! A survey as a policy: everything that can be used, under labels made of its names.
//!
//! Pins are inputs, since a driven pin can destroy what is connected; what does not fit into a policy, or is in use, stands
//! there as comments.

use super::kernel::{Chip, LineInfo};
use super::survey::Survey;
use std::collections::HashMap;
use wasmote_board::policy::{MAX_BUSES, MAX_DEVICES, MAX_PINS};
use wasmote_wasi_embedded::NAME_BYTES;

/// An entry of a table, or a line about why it is none.
struct Row {
    label: String,
    value: String,
    /// Why it cannot be used now.
    obstacle: Option<String>,
}

/// A policy that allows what there is.
pub(crate) fn draft(survey: &Survey) -> String {
    let mut out = format!(
        "# A policy for {}, for `wasmote run --board linux --policy FILE`.\n\
         # Give the labels the names that your modules open, and leave out what they should not have.\n",
        survey.model.as_deref().unwrap_or("this machine")
    );
    let names = count_names(&survey.chips);
    let mut labels = Labels::default();
    let mut pins = Vec::new();
    for chip in &survey.chips {
        let mut lines = chip.lines.iter().peekable();
        while let Some(line) = lines.next() {
            let at = place(chip, line, &names);
            let mut obstacle = line.user.as_ref().map(|user| format!("in use by \"{}\"", simple(user)));
            let is_nameless = |line: &LineInfo| line.name.is_empty() && line.user.is_none();
            if is_nameless(line) {
                // What is on them nobody knows here; one stands for all.
                let last = std::iter::from_fn(|| lines.next_if(|next| is_nameless(next))).last().unwrap_or(line);
                obstacle = Some(format!("lines up to {}/{} have no names and are free", chip.name, last.offset));
            }
            pins.push(Row {
                label: labels.take(&at),
                value: format!("{{ direction = \"in\", at = \"{at}\" }}"),
                obstacle,
            });
        }
    }
    let heading = "# direction: \"in\", \"out\" or \"in-out\"; pull = \"up\" or \"down\"; active = \"low\"";
    table(&mut out, "digital", heading, &pins, MAX_PINS);
    let buses = survey.buses.iter().map(|bus| Row {
        label: labels.take(&bus.name.replace('-', "")),
        value: format!("{{ addresses = \"all\", at = \"{}\" }}", bus.name),
        obstacle: bus.refusal.clone(),
    });
    table(&mut out, "i2c", "# addresses: better a list, such as [0x48]", &buses.collect::<Vec<_>>(), MAX_BUSES);
    let devices = survey.devices.iter().map(|device| Row {
        label: labels.take(&device.name),
        value: format!("{{ modes = [0, 3], clock = \"1 MHz\", at = \"{}\" }}", device.name),
        obstacle: device.refusal.clone(),
    });
    table(&mut out, "spi", "# modes: those that the device understands", &devices.collect::<Vec<_>>(), MAX_DEVICES);
    // Pins of both kinds share the room.
    let room = MAX_PINS.saturating_sub(pins.iter().filter(|pin| pin.obstacle.is_none()).count());
    let channels = survey.channels.iter().map(|(at, _)| Row {
        label: labels.take(at.rsplit('/').next().unwrap_or(at)),
        value: format!("{{ direction = \"in\", at = \"{at}\" }}"),
        obstacle: None,
    });
    table(&mut out, "analog", "# inputs of converters", &channels.collect::<Vec<_>>(), room);
    out.truncate(out.trim_end().len());
    out
}

/// Writes a table, if anything is to be said in it; at most `room` entries are in force.
fn table(out: &mut String, name: &str, heading: &str, rows: &[Row], mut room: usize) {
    if rows.is_empty() {
        return;
    }
    *out += &format!("\n[{name}]\n{heading}\n");
    for Row { label, value, obstacle } in rows {
        *out += &match obstacle {
            Some(obstacle) => format!("# {label} = {value}  # {}\n", obstacle.replace('\n', " ")),
            None if room == 0 => format!("# {label} = {value}\n"),
            None => {
                room -= 1;
                format!("{label} = {value}\n")
            }
        };
    }
}

/// How many lines have each name.
fn count_names(chips: &[Chip]) -> HashMap<&str, usize> {
    let mut names = HashMap::new();
    for line in chips.iter().flat_map(|chip| &chip.lines) {
        *names.entry(line.name.as_str()).or_default() += 1;
    }
    names
}

/// A line's `at`: its name if that says which it is, else chip and number.
fn place(chip: &Chip, line: &LineInfo, names: &HashMap<&str, usize>) -> String {
    let is_clear =
        names.get(line.name.as_str()) == Some(&1) && !line.name.is_empty() && simple(&line.name) == line.name;
    if is_clear { line.name.clone() } else { format!("{}/{}", chip.name, line.offset) }
}

/// A name without what a text of TOML, or of `at`, would read otherwise.
fn simple(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic() && !['"', '\\', '/'].contains(c) || *c == ' ').collect()
}

/// Labels, each given once.
#[derive(Default)]
struct Labels(HashMap<String, usize>);

impl Labels {
    /// A label made of a name: small letters, digits and hyphens.
    fn take(&mut self, name: &str) -> String {
        /// Room for a number that tells labels apart.
        const SUFFIX_BYTES: usize = 5;
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let label: String = name.chars().map(plain).take(NAME_BYTES - SUFFIX_BYTES).collect();
        let label = label.trim_matches('-').to_string();
        let taken = self.0.entry(label.clone()).or_default();
        *taken += 1;
        if *taken == 1 { label } else { format!("{label}-{taken}") }
    }
}

//! A survey for people.

use super::kernel::{Chip, LineInfo};
use super::survey::{BusInfo, Survey};
use std::fmt::Write;

/// What there is, table by table, with what would help where something is missing.
pub(crate) fn show(survey: &Survey) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(survey, &mut out);
    out.truncate(out.trim_end().len());
    out
}

fn write(survey: &Survey, out: &mut String) -> std::fmt::Result {
    if let Some(model) = &survey.model {
        writeln!(out, "{model}")?;
    }
    for chip in &survey.chips {
        write_chip(chip, out)?;
    }
    for bus in &survey.buses {
        write_bus(bus, out)?;
    }
    for device in &survey.devices {
        writeln!(out, "SPI device /dev/{}", device.name)?;
        write_refusal(device.refusal.as_deref(), out)?;
    }
    for device in &survey.other_devices {
        writeln!(out, "SPI device {device}")?;
    }
    for (at, converter) in &survey.channels {
        writeln!(out, "analog input {at} of {converter}")?;
    }
    for hint in &survey.hints {
        writeln!(out, "{hint}")?;
    }
    writeln!(out, "`wasmote devices --draft` writes a policy with all that can be used")
}

fn write_refusal(refusal: Option<&str>, out: &mut String) -> std::fmt::Result {
    refusal.map_or(Ok(()), |refusal| writeln!(out, "  {refusal}"))
}

fn write_chip(chip: &Chip, out: &mut String) -> std::fmt::Result {
    match &chip.error {
        Some(error) => return writeln!(out, "GPIO chip {}\n  {}", chip.path.display(), error.text),
        None => writeln!(out, "GPIO chip {} ({}), {} lines", chip.path.display(), chip.label, chip.lines.len())?,
    }
    let mut lines = chip.lines.iter().peekable();
    while let Some(line) = lines.next() {
        if !is_plain(line) {
            let direction = if line.is_output { "output" } else { "input" };
            let used = match line.user.as_deref() {
                None => "free".to_string(),
                Some("") => "in use".to_string(),
                Some(user) => format!("in use by \"{user}\""),
            };
            writeln!(out, "  {:>3} {:20} {direction:7} {used}", line.offset, line.name)?;
            continue;
        }
        let mut last = line;
        while let Some(next) = lines.next_if(|next| is_plain(next)) {
            last = next;
        }
        let range = if last == line { line.offset.to_string() } else { format!("{}-{}", line.offset, last.offset) };
        writeln!(out, "  {range:>3} {:20} {:7} free", "", "input")?;
    }
    Ok(())
}

/// A line of which nothing is to be said.
fn is_plain(line: &LineInfo) -> bool {
    line.name.is_empty() && line.user.is_none() && !line.is_output
}

fn write_bus(bus: &BusInfo, out: &mut String) -> std::fmt::Result {
    let clock = bus.clock_hz.map_or(String::new(), |clock_hz| format!(", {clock_hz} Hz"));
    writeln!(out, "I2C bus /dev/{} ({}){clock}", bus.name, bus.adapter)?;
    for (address, what, driver) in &bus.known {
        match driver {
            Some(driver) => writeln!(out, "  {address:#04x} {what}: the kernel's driver {driver} has it")?,
            None => writeln!(out, "  {address:#04x} {what}: no driver has it")?,
        }
    }
    write_refusal(bus.refusal.as_deref(), out)
}

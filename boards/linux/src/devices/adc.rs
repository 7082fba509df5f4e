//! Converters by the kernel's industrial I/O: a channel is a file that converts when it is read.

use super::machine::Machine;
use super::notes::Notes;
use super::place::ChannelAt;
use super::trouble::Trouble;
use std::path::PathBuf;
use wasmote_wasi_embedded::PinError;
use wasmote_wasi_embedded::device::AnalogIn;

/// Where the kernel lists them.
pub(crate) const CONVERTERS: &str = "/sys/bus/iio/devices";
/// Bits of a converter that does not say how many it has.
const USUAL_BITS: u32 = 12;

/// A channel that a guest reads.
pub(crate) struct Adc {
    label: String,
    file: PathBuf,
    full_scale: u32,
    machine: Machine,
    notes: Notes,
}

impl Adc {
    /// Opens the channel of `at`.
    pub(crate) fn open(label: &str, at: &str, machine: &Machine, notes: &Notes) -> Result<Adc, Trouble> {
        let ChannelAt { converter, channel, bits } = ChannelAt::parse(at)?;
        let dir = find(machine, converter)?;
        let file = dir.join(format!("in_{channel}_raw"));
        if machine.read(&file).is_none() {
            let there = channels(machine, &dir);
            let dir = dir.display();
            return Err(Trouble::absent(match there.is_empty() {
                true => format!("{dir} has no channel that can be read"),
                false => format!("{dir} has no channel {channel} that can be read; it has {}", there.join(", ")),
            }));
        }
        let full_scale = full_scale(bits.or_else(|| scan_bits(machine, &dir, channel)).unwrap_or(USUAL_BITS));
        Ok(Adc { label: label.into(), file, full_scale, machine: machine.clone(), notes: notes.clone() })
    }
}

/// The directory of the converter that is called so, by its place or by its own name.
fn find(machine: &Machine, converter: &str) -> Result<PathBuf, Trouble> {
    let names = machine.names(CONVERTERS);
    let own = |name: &str| machine.read(format!("{CONVERTERS}/{name}/name"));
    let found = names.iter().find(|name| *name == converter || own(name).as_deref() == Some(converter));
    if let Some(name) = found {
        return Ok(PathBuf::from(CONVERTERS).join(name));
    }
    let there: Vec<String> = names.iter().map(|name| format!("{name} ({})", own(name).unwrap_or_default())).collect();
    Err(Trouble::absent(match there.is_empty() {
        true => format!("there is no converter \"{converter}\": this machine has none ({CONVERTERS} is empty)"),
        false => format!("there is no converter \"{converter}\"; this machine has {}", there.join(", ")),
    }))
}

/// The channels of a converter by name.
pub(crate) fn channels(machine: &Machine, dir: &std::path::Path) -> Vec<String> {
    let names = machine.names(dir);
    let channel = |name: &String| Some(name.strip_prefix("in_")?.strip_suffix("_raw")?.to_string());
    names.iter().filter_map(channel).collect()
}

/// The bits of a channel, if it can be scanned: its scan element says such as `le:u12/16>>0`.
fn scan_bits(machine: &Machine, dir: &std::path::Path, channel: &str) -> Option<u32> {
    let ty = machine.read(dir.join(format!("scan_elements/in_{channel}_type")))?;
    let (_, rest) = ty.split_once(':')?;
    let bits: u32 = rest.get(1..)?.split('/').next()?.parse().ok()?;
    // Of a signed channel half is below ground, which is not measured here.
    let bits = if rest.starts_with('s') { bits.checked_sub(1)? } else { bits };
    (1..=32).contains(&bits).then_some(bits)
}

/// The greatest value of so many bits, 1 to 32.
fn full_scale(bits: u32) -> u32 {
    u32::MAX >> 32_u32.saturating_sub(bits)
}

impl AnalogIn for Adc {
    fn full_scale(&self) -> u32 {
        self.full_scale
    }

    fn read(&mut self) -> Result<u32, PinError> {
        let text = self.machine.read(&self.file).unwrap_or_default();
        match text.parse::<i64>() {
            Ok(value) => Ok(u32::try_from(value.max(0)).unwrap_or(u32::MAX).min(self.full_scale)),
            Err(_) => {
                self.notes.add(format!("{}: {} gives no number", self.label, self.file.display()));
                Err(PinError::Other)
            }
        }
    }
}

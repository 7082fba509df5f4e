//! Requests and policies as people write them: TOML.
//!
//! A manifest:
//! ```toml
//! module = "thermostat"
//! memory = "16K"
//! fuel = 1_000_000
//! transfer = 256                  # bytes of one read
//! [digital]
//! led0 = { direction = "out" }
//! button = { direction = "in", pull = "up", active = "low" }
//! [analog]
//! pot = { direction = "in" }
//! [i2c]
//! i2c0 = { addresses = [0x48], clock = "100 kHz" }
//! [spi]
//! flash = { mode = 0, clock = "4 MHz" }
//! [directories]
//! "/data" = "read"                # or "write"
//! [environment]
//! LEVEL = "25"
//! ```
//! A policy is written alike: `addresses` may be `"all"`, SPI devices have `modes`, a list, and `variables` lists the names
//! that a module may set. Where labels are not the board's own but the policy's, `at` says what each stands for, in the
//! words of the board ([`policy_with_places`]). Errors name line and column.

extern crate std;

use super::request::{
    Access, Active, Addresses, Bus, Device, Direction, Directory, Label, Path, Pin, PinKind, Request, Resistor, Value,
    Variable,
};
use super::rules::{AllowedBus, AllowedDevice, AllowedPin, Policy};
use heapless::Vec;
use serde::de::{self, Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::{fmt, format};

/// Why a text is no manifest or policy: prose with line and column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextError(String);

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for TextError {}

/// Reads a manifest.
///
/// # Errors
/// If it is none; with its place.
pub fn request(text: &str) -> Result<Request, TextError> {
    let manifest: ManifestText = toml::from_str(text).map_err(|error| TextError(error.to_string()))?;
    Ok(manifest.into())
}

/// Reads a policy.
///
/// # Errors
/// If it is none; with its place.
pub fn policy(text: &str) -> Result<Policy, TextError> {
    policy_with_places(text).map(|(policy, _)| policy)
}

/// What a label of a policy stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The table that it stands in.
    pub kind: PlaceKind,
    /// The label.
    pub label: Label,
    /// Its `at`, if there is one.
    pub at: Option<String>,
}

/// The tables of a policy whose entries have a place on the board.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PlaceKind {
    /// `[digital]`
    Digital,
    /// `[analog]`
    Analog,
    /// `[i2c]`
    I2c,
    /// `[spi]`
    Spi,
}

/// Reads a policy, and where its labels are.
///
/// # Errors
/// If it is none; with its place.
pub fn policy_with_places(text: &str) -> Result<(Policy, std::vec::Vec<Place>), TextError> {
    let policy: PolicyText = toml::from_str(text).map_err(|error| TextError(error.to_string()))?;
    let places = policy.places();
    Ok((policy.into(), places))
}

/// A table from keys to entries, at most `N`.
struct Table<K, V, const N: usize>(Vec<(K, V), N>);

impl<K, V, const N: usize> Default for Table<K, V, N> {
    fn default() -> Self {
        Table(Vec::new())
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, const N: usize> Deserialize<'de> for Table<K, V, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Vec::new();
        for row in BTreeMap::<K, V>::deserialize(deserializer)? {
            table.push(row).map_err(|_| de::Error::custom(format!("at most {N} entries fit")))?;
        }
        Ok(Table(table))
    }
}

impl<K, V, const N: usize> Table<K, V, N> {
    /// The rows as something else.
    fn rows<T>(self, of: impl Fn(K, V) -> T) -> Vec<T, N> {
        self.0.into_iter().map(|(key, value)| of(key, value)).collect()
    }
}

/// A number, or a text of a number and a unit.
fn quantity<'de, D: Deserializer<'de>>(
    deserializer: D,
    expected: &str,
    units: &[(&str, u64)],
) -> Result<Option<u32>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Quantity {
        Number(u32),
        Text(String),
    }
    let wrong = || de::Error::custom(format!("{expected} is expected"));
    let text = match Quantity::deserialize(deserializer).map_err(|_| wrong())? {
        Quantity::Number(number) => return Ok(Some(number)),
        Quantity::Text(text) => text,
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..).unwrap_or_default();
    let factor = units.iter().find(|row| row.0.eq_ignore_ascii_case(unit)).map(|row| row.1).ok_or_else(wrong)?;
    let number: u64 = digits.trim().parse().map_err(|_| wrong())?;
    number.checked_mul(factor).and_then(|product| u32::try_from(product).ok()).map(Some).ok_or_else(wrong)
}

fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let units = [("", 1), ("B", 1), ("K", 1 << 10), ("KiB", 1 << 10), ("M", 1 << 20), ("MiB", 1 << 20)];
    quantity(deserializer, "a size such as 16384 or \"16K\"", &units)
}

fn clock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let units = [("Hz", 1), ("kHz", 1_000), ("MHz", 1_000_000)];
    quantity(deserializer, "a frequency such as 100000 or \"100 kHz\"", &units)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PinText {
    direction: Direction,
    pull: Option<Resistor>,
    active: Option<Active>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowedPinText {
    direction: Direction,
    pull: Option<Resistor>,
    active: Option<Active>,
    at: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BusText {
    addresses: AddressesText,
    #[serde(default, deserialize_with = "clock")]
    clock: Option<u32>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowedBusText {
    addresses: AddressesText,
    #[serde(default, deserialize_with = "clock")]
    clock: Option<u32>,
    at: Option<String>,
}

struct AddressesText(Addresses);

impl<'de> Deserialize<'de> for AddressesText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            List(std::vec::Vec<u16>),
        }
        const EXPECTED: &str = "a list of at most 16 addresses, or \"all\", is expected";
        match Either::deserialize(deserializer) {
            Ok(Either::Text(text)) if text == "all" => Ok(AddressesText(Addresses::All)),
            Ok(Either::List(list)) if list.iter().all(|address| *address < 0x400) => Vec::from_slice(&list)
                .map(|list| AddressesText(Addresses::These(list)))
                .map_err(|_| de::Error::custom(EXPECTED)),
            _ => Err(de::Error::custom(EXPECTED)),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceText {
    mode: Option<Mode>,
    #[serde(default, deserialize_with = "clock")]
    clock: Option<u32>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowedDeviceText {
    modes: Vec<Mode, 4>,
    #[serde(default, deserialize_with = "clock")]
    clock: Option<u32>,
    at: Option<String>,
}

/// A mode of SPI.
#[derive(Clone, Copy)]
struct Mode(u8);

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer) {
            Ok(mode @ 0..=3) => Ok(Mode(mode)),
            _ => Err(de::Error::custom("a mode from 0 to 3 is expected")),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestText {
    module: Label,
    #[serde(default, deserialize_with = "size")]
    memory: Option<u32>,
    fuel: Option<u64>,
    #[serde(default, deserialize_with = "size")]
    transfer: Option<u32>,
    #[serde(default)]
    digital: Table<Label, PinText, 16>,
    #[serde(default)]
    analog: Table<Label, PinText, 16>,
    #[serde(default)]
    i2c: Table<Label, BusText, 4>,
    #[serde(default)]
    spi: Table<Label, DeviceText, 4>,
    #[serde(default)]
    directories: Table<Path, Access, 4>,
    #[serde(default)]
    environment: Table<Label, Value, 8>,
}

impl From<ManifestText> for Request {
    fn from(text: ManifestText) -> Request {
        let pin = |kind| move |label, PinText { direction, pull, active }| Pin { label, kind, direction, pull, active };
        let mut pins = text.digital.rows(pin(PinKind::Digital));
        // Pins of both kinds share the room; what is too much cannot be used by any board of today.
        for more in text.analog.rows(pin(PinKind::Analog)) {
            let _ = pins.push(more);
        }
        Request {
            module: text.module,
            pins,
            buses: text.i2c.rows(|label, bus| Bus { label, addresses: bus.addresses.0, max_clock_hz: bus.clock }),
            devices: text.spi.rows(|label, device| Device {
                label,
                mode: device.mode.map(|mode| mode.0),
                max_clock_hz: device.clock,
            }),
            directories: text.directories.rows(|path, access| Directory { path, access }),
            environment: text.environment.rows(|name, value| Variable { name, value }),
            memory_bytes: text.memory,
            fuel: text.fuel,
            max_transfer_bytes: text.transfer,
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyText {
    #[serde(default, deserialize_with = "size")]
    memory: Option<u32>,
    fuel: Option<u64>,
    #[serde(default, deserialize_with = "size")]
    transfer: Option<u32>,
    #[serde(default)]
    variables: Vec<Label, 8>,
    #[serde(default)]
    digital: Table<Label, AllowedPinText, 16>,
    #[serde(default)]
    analog: Table<Label, AllowedPinText, 16>,
    #[serde(default)]
    i2c: Table<Label, AllowedBusText, 4>,
    #[serde(default)]
    spi: Table<Label, AllowedDeviceText, 4>,
    #[serde(default)]
    directories: Table<Path, Access, 4>,
}

impl PolicyText {
    fn places(&self) -> std::vec::Vec<Place> {
        let place =
            |kind| move |label: &Label, at: &Option<String>| Place { kind, label: label.clone(), at: at.clone() };
        let (digital, analog) = (place(PlaceKind::Digital), place(PlaceKind::Analog));
        let (bus, device) = (place(PlaceKind::I2c), place(PlaceKind::Spi));
        let mut places = std::vec::Vec::new();
        places.extend(self.digital.0.iter().map(|(label, pin)| digital(label, &pin.at)));
        places.extend(self.analog.0.iter().map(|(label, pin)| analog(label, &pin.at)));
        places.extend(self.i2c.0.iter().map(|(label, row)| bus(label, &row.at)));
        places.extend(self.spi.0.iter().map(|(label, row)| device(label, &row.at)));
        places
    }
}

impl From<PolicyText> for Policy {
    fn from(text: PolicyText) -> Policy {
        let pin = |kind| {
            move |label, pin: AllowedPinText| {
                let AllowedPinText { direction, pull, active, at: _ } = pin;
                AllowedPin { label, kind, direction, pull, active }
            }
        };
        let mut pins = text.digital.rows(pin(PinKind::Digital));
        for more in text.analog.rows(pin(PinKind::Analog)) {
            let _ = pins.push(more);
        }
        Policy {
            pins,
            buses: text.i2c.rows(|label, bus| AllowedBus {
                label,
                addresses: bus.addresses.0,
                max_clock_hz: bus.clock,
            }),
            devices: text.spi.rows(|label, device| AllowedDevice {
                label,
                modes: device.modes.iter().fold(0, |modes, mode| modes | 1 << mode.0),
                max_clock_hz: device.clock,
            }),
            directories: text.directories.rows(|path, access| Directory { path, access }),
            variables: text.variables,
            memory_bytes: text.memory,
            fuel: text.fuel,
            max_transfer_bytes: text.transfer,
        }
    }
}

//! What a machine has: GPIO lines with their users, I2C buses, SPI devices and converters, and which of it may be used.

use super::adc::{self, CONVERTERS};
use super::i2c::clock_hz;
use super::kernel::{Chip, Kernel};
use super::machine::Machine;
use super::trouble::{GPIO, I2C, Kind, SPI, no_permission};
use std::path::{Path, PathBuf};

/// Devices on I2C buses that the kernel knows.
const I2C_DEVICES: &str = "/sys/bus/i2c/devices";
/// Devices on SPI buses, each with its chip select.
const SPI_DEVICES: &str = "/sys/bus/spi/devices";

/// What a machine has.
pub(crate) struct Survey {
    /// What it calls itself.
    pub(crate) model: Option<String>,
    /// GPIO chips.
    pub(crate) chips: Vec<Chip>,
    /// I2C buses.
    pub(crate) buses: Vec<BusInfo>,
    /// SPI devices that programs can use.
    pub(crate) devices: Vec<DeviceInfo>,
    /// SPI devices that they cannot, and why.
    pub(crate) other_devices: Vec<String>,
    /// Channels of converters, as `at` names them, each with its converter's name.
    pub(crate) channels: Vec<(String, String)>,
    /// What would give more.
    pub(crate) hints: Vec<String>,
}

/// An I2C bus.
pub(crate) struct BusInfo {
    /// Its name: that of its device file.
    pub(crate) name: String,
    /// What its controller's driver calls it.
    pub(crate) adapter: String,
    /// Its clock, if the device tree says it.
    pub(crate) clock_hz: Option<u32>,
    /// Addresses that the kernel knows: the device there, and the driver that has it.
    pub(crate) known: Vec<(u16, String, Option<String>)>,
    /// Why it may not be used.
    pub(crate) refusal: Option<String>,
}

/// An SPI device that programs can use.
pub(crate) struct DeviceInfo {
    /// Its name: that of its device file.
    pub(crate) name: String,
    /// Why it may not be used.
    pub(crate) refusal: Option<String>,
}

impl Survey {
    /// What this machine has.
    pub(crate) fn of(kernel: &dyn Kernel) -> Survey {
        let (machine, chips) = (kernel.machine(), kernel.chips());
        let buses: Vec<BusInfo> = I2C.files(machine).iter().filter_map(|name| bus(machine, name)).collect();
        let devices: Vec<DeviceInfo> = SPI.files(machine).into_iter().map(|name| device(machine, name)).collect();
        let mut hints = Vec::new();
        let absent: [(bool, Kind); 3] = [(chips.is_empty(), GPIO), (buses.is_empty(), I2C), (devices.is_empty(), SPI)];
        hints.extend(absent.iter().filter(|(is_absent, _)| *is_absent).map(|(_, kind)| kind.none(machine)));
        Survey {
            model: machine.model(),
            chips,
            buses,
            devices,
            other_devices: other_devices(machine),
            channels: channels(machine),
            hints,
        }
    }
}

fn refusal(machine: &Machine, path: &Path) -> Option<String> {
    (!machine.is_usable(path)).then(|| no_permission(machine, path))
}

fn bus(machine: &Machine, name: &str) -> Option<BusInfo> {
    let number = name.strip_prefix("i2c-").filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))?;
    let path = PathBuf::from("/dev").join(name);
    let address = |device: &String| -> Option<(u16, String, Option<String>)> {
        let digits = device.strip_prefix(number)?.strip_prefix('-')?;
        let address = u16::from_str_radix(digits, 16).ok()?;
        let dir = format!("{I2C_DEVICES}/{device}");
        let what = machine.read(format!("{dir}/name")).unwrap_or_default();
        Some((address, what, machine.link_name(format!("{dir}/driver"))))
    };
    Some(BusInfo {
        name: name.into(),
        adapter: machine.read(format!("{I2C_DEVICES}/{name}/name")).unwrap_or_default(),
        clock_hz: clock_hz(machine, &path),
        known: machine.names(I2C_DEVICES).iter().filter_map(address).collect(),
        refusal: refusal(machine, &path),
    })
}

fn device(machine: &Machine, name: String) -> DeviceInfo {
    let refusal = refusal(machine, &PathBuf::from("/dev").join(&name));
    DeviceInfo { name, refusal }
}

/// SPI devices that another driver has, or none.
fn other_devices(machine: &Machine) -> Vec<String> {
    let of = |device: String| {
        let dir = format!("{SPI_DEVICES}/{device}");
        let what = machine.read(format!("{dir}/modalias")).unwrap_or_default();
        let what = what.trim_start_matches("spi:").to_string();
        let give = format!(
            "`echo spidev | sudo tee {dir}/driver_override; echo {device} | sudo tee /sys/bus/spi/drivers/spidev/bind`"
        );
        match machine.link_name(format!("{dir}/driver")) {
            Some(driver) if driver == "spidev" => None,
            Some(driver) => Some(format!(
                "{device} ({what}): the kernel's driver {driver} has it; to take it away, \
                 `echo {device} | sudo tee {dir}/driver/unbind`, then {give}"
            )),
            None => Some(format!("{device} ({what}): no driver has it; to use it, {give}")),
        }
    };
    machine.names(SPI_DEVICES).into_iter().filter_map(of).collect()
}

fn channels(machine: &Machine) -> Vec<(String, String)> {
    let of = |converter: String| {
        let dir = PathBuf::from(CONVERTERS).join(&converter);
        let name = machine.read(dir.join("name")).unwrap_or_default();
        adc::channels(machine, &dir).into_iter().map(move |channel| (format!("{converter}/{channel}"), name.clone()))
    };
    machine.names(CONVERTERS).into_iter().flat_map(of).collect()
}

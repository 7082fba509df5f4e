//! Why a label does not open, in words that say what, where and what to do.

use super::machine::Machine;
use rustix::io::Errno;
use std::io;
use std::path::Path;
use wasmote_wasi_embedded::PinError;

/// Why a label does not open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Trouble {
    /// What the guest is told.
    pub(crate) error: PinError,
    /// What the person is told.
    pub(crate) text: String,
}

impl Trouble {
    /// Something is not there, or cannot be reached.
    pub(crate) fn absent(text: String) -> Trouble {
        Trouble { error: PinError::HardwareFault, text }
    }

    /// Somebody else has it.
    pub(crate) fn busy(text: String) -> Trouble {
        Trouble { error: PinError::AlreadyInUse, text }
    }

    /// It cannot be set up so.
    pub(crate) fn unable(text: String) -> Trouble {
        Trouble { error: PinError::ModeNotAvailable, text }
    }
}

/// What a device file is for: how its kind is called, how its files begin, and how the kernel makes such files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kind {
    what: &'static str,
    prefix: &'static str,
    remedy: &'static str,
    pi: &'static str,
}

/// GPIO chips.
pub(crate) const GPIO: Kind = Kind {
    what: "GPIO chips",
    prefix: "gpiochip",
    remedy: "the kernel needs CONFIG_GPIO_CDEV and the chip's driver",
    pi: "",
};
/// I2C buses.
pub(crate) const I2C: Kind = Kind {
    what: "I2C buses",
    prefix: "i2c-",
    remedy: "`sudo modprobe i2c-dev` makes the files of the buses that have drivers",
    pi: "`sudo raspi-config nonint do_i2c 0` switches it on",
};
/// SPI devices.
pub(crate) const SPI: Kind = Kind {
    what: "SPI devices for programs",
    prefix: "spidev",
    remedy: "a device needs the driver spidev, by the device tree or by `driver_override`; `wasmote devices` lists what could have it",
    pi: "`sudo raspi-config nonint do_spi 0` switches it on",
};

impl Kind {
    /// Files of this kind, in their order.
    pub(crate) fn files(self, machine: &Machine) -> Vec<String> {
        machine.names("/dev").into_iter().filter(|name| name.starts_with(self.prefix)).collect()
    }

    /// That there are none, and what would help.
    pub(crate) fn none(self, machine: &Machine) -> String {
        let pi =
            if machine.is_raspberry_pi() && !self.pi.is_empty() { format!("{}; ", self.pi) } else { String::new() };
        format!("this machine has no {} (no /dev/{}*): {pi}{}", self.what, self.prefix, self.remedy)
    }
}

/// Why a device file does not open.
pub(crate) fn open_failed(machine: &Machine, kind: Kind, path: &Path, error: &io::Error) -> Trouble {
    let shown = path.display();
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT | Errno::NXIO | Errno::NODEV) => {
            let there = kind.files(machine);
            if there.is_empty() {
                return Trouble::absent(format!("there is no {shown}: {}", kind.none(machine)));
            }
            let there: Vec<String> = there.iter().map(|name| format!("/dev/{name}")).collect();
            Trouble::absent(format!("there is no {shown}; this machine has {}", there.join(", ")))
        }
        Some(Errno::ACCESS | Errno::PERM) => Trouble::absent(no_permission(machine, path)),
        Some(Errno::BUSY) => Trouble::busy(format!("{shown} is in use by another program, which must end first")),
        _ => Trouble::absent(format!("{shown} does not open: {error}")),
    }
}

/// That a file may not be used, and how it could be.
pub(crate) fn no_permission(machine: &Machine, path: &Path) -> String {
    let shown = path.display();
    match machine.group(path) {
        Some(group) if group != "root" => format!(
            "no permission for {shown}, which is for the group {group}: `sudo usermod -aG {group} $USER`, and log in again"
        ),
        _ => format!(
            "no permission for {shown}, which is root's alone: run as root, or give it to a group by a udev rule, such as \
             SUBSYSTEM==\"{}\", GROUP=\"gpio\", MODE=\"0660\"",
            subsystem(path)
        ),
    }
}

/// What udev calls the subsystem of a device file.
fn subsystem(path: &Path) -> &'static str {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match () {
        () if name.starts_with("i2c-") => "i2c-dev",
        () if name.starts_with("spidev") => "spidev",
        () => "gpio",
    }
}

//! Opening what a label stands for, or saying why it does not open.

use super::adc::Adc;
use super::i2c::{self, Bus};
use super::kernel::{Kernel, LineInfo, SpiSetup, Take};
use super::notes::Notes;
use super::pin::Pin;
use super::place::{LineAt, device_path};
use super::spi::Device;
use super::trouble::{self, I2C, SPI, Trouble};
use rustix::io::Errno;
use std::path::Path;
use wasmote_board::policy::text::Place;
use wasmote_wasi_embedded::{ActiveLevel, Class, PinMode, Settings};

/// What lies behind a label.
pub(crate) enum Opened {
    /// It is not open.
    Nothing,
    /// An I2C bus.
    Bus(Bus),
    /// An SPI device.
    Device(Device),
    /// A GPIO line.
    Pin(Pin),
    /// A converter's channel.
    Adc(Adc),
}

/// What opening needs.
pub(crate) struct Opener<'b> {
    /// The machine.
    pub(crate) kernel: &'b dyn Kernel,
    /// The policy's file, for messages.
    pub(crate) policy: &'b str,
    /// Where opened things tell what goes wrong later.
    pub(crate) notes: &'b Notes,
}

impl Opener<'_> {
    /// Opens what a place stands for.
    pub(crate) fn open(&self, place: &Place, class: Class, settings: &Settings) -> Result<Opened, Trouble> {
        let Some(at) = place.at.as_deref() else {
            return Err(Trouble::absent(format!(
                "{} does not say where it is; add `at` (`wasmote devices --draft` shows how)",
                self.policy
            )));
        };
        match class {
            Class::I2c => self.open_bus(place, at, settings).map(Opened::Bus),
            Class::Spi => self.open_device(place, at, settings).map(Opened::Device),
            Class::Digital(mode) => self.open_pin(place, at, mode, settings).map(Opened::Pin),
            Class::Analog(PinMode::In) => {
                Adc::open(&place.label, at, self.kernel.machine(), self.notes).map(Opened::Adc)
            }
            Class::Analog(_) => Err(Trouble::unable("analog outputs are not supported on Linux".into())),
        }
    }

    fn open_bus(&self, place: &Place, at: &str, settings: &Settings) -> Result<Bus, Trouble> {
        let (path, machine) = (device_path(at, "i2c-"), self.kernel.machine());
        self.admit_clock(&path, settings)?;
        let inner = self.kernel.open_bus(&path);
        let inner = inner.map_err(|error| trouble::open_failed(machine, I2C, &path, &error))?;
        Ok(Bus::new(&place.label, &path, inner, machine, self.notes))
    }

    /// A bus' clock is set where the bus is described; one that is known to be too fast is not used.
    fn admit_clock(&self, path: &Path, settings: &Settings) -> Result<(), Trouble> {
        match (i2c::clock_hz(self.kernel.machine(), path), settings.max_clock_hz) {
            (Some(clock_hz), Some(limit_hz)) if clock_hz > limit_hz => Err(Trouble::unable(format!(
                "{} runs at {clock_hz} Hz, and at most {limit_hz} Hz are granted: lower its clock-frequency in the device \
                 tree (Raspberry Pi: dtparam=i2c_arm_baudrate={limit_hz}), or raise `clock`",
                path.display()
            ))),
            _ => Ok(()),
        }
    }

    fn open_device(&self, place: &Place, at: &str, settings: &Settings) -> Result<Device, Trouble> {
        let path = device_path(at, "spidev");
        let setup = SpiSetup { mode: settings.spi_mode, max_clock_hz: settings.max_clock_hz };
        let inner = self.kernel.open_device(&path, setup);
        let inner = inner.map_err(|error| trouble::open_failed(self.kernel.machine(), SPI, &path, &error))?;
        Ok(Device::new(&place.label, &path, inner, self.notes))
    }

    fn open_pin(&self, place: &Place, at: &str, mode: PinMode, settings: &Settings) -> Result<Pin, Trouble> {
        let at = LineAt::parse(at)?;
        let chips = self.kernel.chips();
        let (chip, line) = at.find(&chips)?;
        if line.user.is_some() {
            return Err(in_use(&chip.path, line));
        }
        // An output begins inactive.
        let inactive = settings.active == ActiveLevel::Low;
        let take = Take {
            consumer: format!("wasmote {}", place.label),
            drive_high: mode.drives().then_some(inactive),
            pull: settings.pull.filter(|_| mode.reads()),
        };
        let taken = self.kernel.take_line(&chip.path, line.offset, &take);
        let wire = taken.map_err(|error| match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::BUSY) => in_use(&chip.path, line),
            Some(Errno::INVAL | Errno::OPNOTSUPP) => {
                let way = if mode.drives() { "output" } else { "input" };
                Trouble::unable(format!("{} cannot be an {way}: {error}", shown(&chip.path, line)))
            }
            _ => trouble::open_failed(self.kernel.machine(), trouble::GPIO, &chip.path, &error),
        })?;
        Ok(Pin::new(&place.label, wire, inactive, self.notes))
    }
}

/// A line in words: `line 17 of /dev/gpiochip0 (GPIO17)`.
fn shown(chip: &Path, line: &LineInfo) -> String {
    let name = if line.name.is_empty() { String::new() } else { format!(" ({})", line.name) };
    format!("line {} of {}{name}", line.offset, chip.display())
}

fn in_use(chip: &Path, line: &LineInfo) -> Trouble {
    let line_shown = shown(chip, line);
    let user = line.user.as_deref().unwrap_or_default();
    Trouble::busy(match user {
        "" => format!("{line_shown} is in use: end the program that has it, or choose another line"),
        user => format!(
            "{line_shown} is in use by \"{user}\": end that program, or, if it is a driver of the kernel, take the line \
             out of its device tree entry; or choose another line"
        ),
    })
}

//! The kernel itself: gpiocdev for GPIO lines, linux-embedded-hal for I2C and SPI.

use super::kernel::{Chip, Event, Exchanges, Kernel, LineInfo, SpiSetup, Take, Transfers, Wire};
use super::machine::Machine;
use super::trouble::{self, GPIO};
use embedded_hal::{i2c, spi};
use gpiocdev::line::{Bias, Direction, EdgeDetection, EdgeKind, Offset, Value};
use linux_embedded_hal::i2cdev::linux::LinuxI2CError;
use linux_embedded_hal::spidev::{SpiModeFlags, Spidev, SpidevOptions};
use linux_embedded_hal::{I2cdev, SpidevDevice};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use wasmote_wasi_embedded::{Edge, Pull};

/// Edges that the kernel keeps for a line: the most that it is willing to. Of those beyond it only the number is left.
const KEPT_EDGES: u32 = 1024;

/// The kernel that this process runs on.
#[derive(Default, Debug)]
pub(crate) struct Linux {
    machine: Machine,
}

impl Kernel for Linux {
    fn machine(&self) -> &Machine {
        &self.machine
    }

    fn chips(&self) -> Vec<Chip> {
        GPIO.files(&self.machine).into_iter().map(|name| self.chip(name)).collect()
    }

    fn take_line(&self, chip: &Path, offset: u32, take: &Take) -> io::Result<Box<dyn Wire>> {
        let mut builder = gpiocdev::Request::builder();
        builder.on_chip(chip).with_consumer(&take.consumer).with_line(offset).with_kernel_event_buffer_size(KEPT_EDGES);
        match take.drive_high {
            Some(high) => builder.as_output(value(high)),
            None => builder.as_input(),
        };
        let bias = take.pull.map(|pull| match pull {
            Pull::Up => Bias::PullUp,
            Pull::Down => Bias::PullDown,
        });
        let request = builder.with_bias(bias).request().map_err(|error| of_gpiocdev(&error))?;
        Ok(Box::new(Line { request, offset }))
    }

    fn open_bus(&self, path: &Path) -> io::Result<Box<dyn Transfers>> {
        let bus = I2cdev::new(path).map_err(|error| of_i2cdev(&error))?;
        Ok(Box::new(Bus(bus)))
    }

    fn open_device(&self, path: &Path, setup: SpiSetup) -> io::Result<Box<dyn Exchanges>> {
        let mut device = Spidev::open(path)?;
        let present = device.query_configuration()?;
        let mut options = SpidevOptions::new();
        if let Some(mode) = setup.mode {
            // Polarity and phase are the guest's, the rest (such as an inverted chip select) is the device's.
            let mut flags = present.spi_mode.unwrap_or(SpiModeFlags::empty());
            flags.set(SpiModeFlags::SPI_CPOL, mode.polarity == spi::Polarity::IdleHigh);
            flags.set(SpiModeFlags::SPI_CPHA, mode.phase == spi::Phase::CaptureOnSecondTransition);
            options.mode(flags);
        }
        if let Some(wanted) = setup.max_clock_hz {
            options.max_speed_hz(present.max_speed_hz.map_or(wanted, |limit| limit.min(wanted)));
        }
        device.configure(&options)?;
        Ok(Box::new(Device(SpidevDevice(device))))
    }
}

impl Linux {
    /// A chip with its lines, or with the reason why they cannot be read.
    fn chip(&self, name: String) -> Chip {
        let path = Path::new("/dev").join(&name);
        let described = describe(&path);
        let (label, lines, error) = match described {
            Ok((label, lines)) => (label, lines, None),
            Err(error) => {
                let trouble = trouble::open_failed(&self.machine, GPIO, &path, &of_gpiocdev(&error));
                (String::new(), Vec::new(), Some(trouble))
            }
        };
        Chip { path, name, label, lines, error }
    }
}

/// A chip's label and lines.
fn describe(path: &Path) -> gpiocdev::Result<(String, Vec<LineInfo>)> {
    let chip = gpiocdev::Chip::from_path(path)?;
    let label = chip.info()?.label;
    let lines = chip.line_info_iter()?.map(|info| {
        let info = info?;
        Ok(LineInfo {
            offset: info.offset,
            name: info.name,
            user: info.used.then_some(info.consumer),
            is_output: info.direction == Direction::Output,
        })
    });
    Ok((label, lines.collect::<gpiocdev::Result<_>>()?))
}

fn value(high: bool) -> Value {
    if high { Value::Active } else { Value::Inactive }
}

/// A line of the GPIO character device. Its values are levels: the host functions know what is active.
struct Line {
    request: gpiocdev::Request,
    offset: Offset,
}

impl Wire for Line {
    fn is_high(&self) -> io::Result<bool> {
        self.request.value(self.offset).map(|value| value == Value::Active).map_err(|error| of_gpiocdev(&error))
    }

    fn set_high(&self, high: bool) -> io::Result<()> {
        self.request.set_value(self.offset, value(high)).map(|_| ()).map_err(|error| of_gpiocdev(&error))
    }

    fn watch(&self, on: bool) -> io::Result<()> {
        let mut config = self.request.config();
        config.with_line(self.offset).with_edge_detection(on.then_some(EdgeDetection::BothEdges));
        self.request.reconfigure(&config).map_err(|error| of_gpiocdev(&error))
    }

    fn next_event(&self) -> io::Result<Option<Event>> {
        let next = || match self.request.has_edge_event()? {
            true => self.request.read_edge_event().map(Some),
            false => Ok(None),
        };
        let event = next().map_err(|error: gpiocdev::Error| of_gpiocdev(&error))?;
        Ok(event.map(|event| {
            let edge = match event.kind {
                EdgeKind::Rising => Edge::Rising,
                EdgeKind::Falling => Edge::Falling,
            };
            Event { edge, number: event.line_seqno }
        }))
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.request.as_fd()
    }
}

struct Bus(I2cdev);

impl Transfers for Bus {
    fn transaction(&mut self, address: u8, operations: &mut [i2c::Operation<'_>]) -> io::Result<()> {
        i2c::I2c::transaction(&mut self.0, address, operations).map_err(|error| of_i2cdev(error.inner()))
    }
}

struct Device(SpidevDevice);

impl Exchanges for Device {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> io::Result<()> {
        spi::SpiDevice::transaction(&mut self.0, operations).map_err(|error| again(error.inner()))
    }
}

/// The same error once more.
fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::new(error.kind(), error.to_string()), io::Error::from_raw_os_error)
}

fn of_i2cdev(error: &LinuxI2CError) -> io::Error {
    match error {
        LinuxI2CError::Errno(number) => io::Error::from_raw_os_error(*number),
        LinuxI2CError::Io(error) => again(error),
    }
}

fn of_gpiocdev(error: &gpiocdev::Error) -> io::Error {
    match error {
        gpiocdev::Error::Os(errno) | gpiocdev::Error::Uapi(_, gpiocdev_uapi::Error::Os(errno)) => {
            io::Error::from_raw_os_error(errno.0)
        }
        other => io::Error::other(other.to_string()),
    }
}

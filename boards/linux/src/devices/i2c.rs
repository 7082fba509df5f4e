//! I2C buses: the kernel's errors in `embedded-hal`'s words, and what a person should know about them.
//!
//! What the errors of the kernel's drivers mean is in its `Documentation/i2c/fault-codes.rst`, which the drivers follow
//! more or less: a missing acknowledgement is ENXIO on some controllers, EREMOTEIO on others, and on a few a timeout.

use super::kernel::Transfers;
use super::machine::Machine;
use super::notes::Notes;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use rustix::io::Errno;
use std::io;
use std::path::{Path, PathBuf};

/// A bus that guests share.
pub(crate) struct Bus {
    label: String,
    path: PathBuf,
    inner: Box<dyn Transfers>,
    machine: Machine,
    notes: Notes,
}

impl Bus {
    /// The bus of this label and file.
    pub(crate) fn new(label: &str, path: &Path, inner: Box<dyn Transfers>, machine: &Machine, notes: &Notes) -> Bus {
        Bus { label: label.into(), path: path.into(), inner, machine: machine.clone(), notes: notes.clone() }
    }

    /// Tells what is nobody's everyday error.
    fn note(&self, address: u8, error: &io::Error) {
        let (label, path) = (&self.label, self.path.display());
        let text = match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::BUSY) => self.taken(address),
            Some(Errno::OPNOTSUPP | Errno::INVAL) => format!(
                "{label}: the controller of {path} cannot do this transfer with {address:#04x} ({error}); \
                 simpler ones (a write, then a read) may work"
            ),
            Some(Errno::AGAIN) => format!("{label}: another controller on {path} won the bus; try again"),
            _ => return,
        };
        self.notes.add(text);
    }

    /// That an address belongs to a driver of the kernel.
    fn taken(&self, address: u8) -> String {
        let number = number(&self.path).unwrap_or_default();
        let device = format!("{number}-{address:04x}");
        let (label, path) = (&self.label, self.path.display());
        match self.machine.link_name(format!("/sys/bus/i2c/devices/{device}/driver")) {
            Some(driver) => format!(
                "{label}: address {address:#04x} on {path} belongs to the kernel's driver {driver}; take it away with \
                 `echo {device} | sudo tee /sys/bus/i2c/drivers/{driver}/unbind`"
            ),
            None => format!("{label}: {path} is busy at address {address:#04x}"),
        }
    }
}

/// The number of a bus.
pub(crate) fn number(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    name.strip_prefix("i2c-").map(str::to_string)
}

/// The clock of a bus, if the device tree says it.
pub(crate) fn clock_hz(machine: &Machine, path: &Path) -> Option<u32> {
    let number = number(path)?;
    machine.tree_number(format!("/sys/bus/i2c/devices/i2c-{number}/of_node/clock-frequency"))
}

/// An error of the kernel's in `embedded-hal`'s words.
pub(crate) fn kind(error: &io::Error) -> ErrorKind {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NXIO) => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
        Some(Errno::REMOTEIO | Errno::TIMEDOUT | Errno::NODEV) => {
            ErrorKind::NoAcknowledge(NoAcknowledgeSource::Unknown)
        }
        Some(Errno::AGAIN) => ErrorKind::ArbitrationLoss,
        Some(Errno::IO | Errno::BADMSG | Errno::PROTO) => ErrorKind::Bus,
        Some(Errno::OVERFLOW) => ErrorKind::Overrun,
        _ => ErrorKind::Other,
    }
}

impl ErrorType for Bus {
    type Error = ErrorKind;
}

impl I2c for Bus {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        // The kernel takes no transfer without a message.
        if operations.is_empty() {
            return Ok(());
        }
        self.inner.transaction(address, operations).map_err(|error| {
            self.note(address, &error);
            kind(&error)
        })
    }
}

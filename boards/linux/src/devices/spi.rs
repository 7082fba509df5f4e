//! SPI devices: delays in the kernel's steps, and what a person should know about its errors.

use super::kernel::Exchanges;
use super::notes::Notes;
use embedded_hal::spi::{ErrorKind, ErrorType, Operation, SpiDevice};
use rustix::io::Errno;
use std::io;
use std::path::{Path, PathBuf};

/// The longest delay between two transfers, in microseconds: the kernel has 16 bits for it.
const LONGEST_US: u32 = 65_535;
const US_NS: u32 = 1_000;

/// A device with its chip select.
pub(crate) struct Device {
    label: String,
    path: PathBuf,
    inner: Box<dyn Exchanges>,
    notes: Notes,
}

impl Device {
    /// The device of this label and file.
    pub(crate) fn new(label: &str, path: &Path, inner: Box<dyn Exchanges>, notes: &Notes) -> Device {
        Device { label: label.into(), path: path.into(), inner, notes: notes.clone() }
    }

    fn failed(&self, error: &io::Error) -> ErrorKind {
        let (label, path) = (&self.label, self.path.display());
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::MSGSIZE) => {
                self.notes.add(format!(
                    "{label}: a transaction is longer than the buffer of {path}; `spidev.bufsiz=65536` on the kernel's \
                     command line makes it larger"
                ));
                ErrorKind::Overrun
            }
            _ => {
                self.notes.add(format!("{label}: {path} fails: {error}"));
                ErrorKind::Other
            }
        }
    }
}

/// The operations with delays that the kernel can have: never shorter than asked for, and long ones in parts.
fn stepped<'o>(operations: &'o mut [Operation<'_, u8>]) -> Vec<Operation<'o, u8>> {
    let mut stepped = Vec::with_capacity(operations.len());
    for operation in operations {
        match operation {
            Operation::Read(into) => stepped.push(Operation::Read(into)),
            Operation::Write(from) => stepped.push(Operation::Write(from)),
            Operation::Transfer(into, from) => stepped.push(Operation::Transfer(into, from)),
            Operation::TransferInPlace(bytes) => stepped.push(Operation::TransferInPlace(bytes)),
            Operation::DelayNs(ns) => {
                let mut left_us = ns.div_ceil(US_NS);
                while left_us > 0 {
                    let step_us = left_us.min(LONGEST_US);
                    // It fits: a step is at most 65 milliseconds.
                    stepped.push(Operation::DelayNs(step_us * US_NS));
                    left_us -= step_us;
                }
            }
        }
    }
    stepped
}

impl ErrorType for Device {
    type Error = ErrorKind;
}

impl SpiDevice for Device {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), ErrorKind> {
        if operations.is_empty() {
            return Ok(());
        }
        let done = self.inner.transaction(&mut stepped(operations));
        done.map_err(|error| self.failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_in_whole_microseconds_and_in_parts() {
        let delays = |ns: u32| -> Vec<u32> {
            let mut operations = [Operation::DelayNs(ns)];
            let steps = stepped(&mut operations);
            let ns = |step: &Operation<'_, u8>| if let Operation::DelayNs(ns) = step { *ns } else { 0 };
            steps.iter().map(ns).collect()
        };
        assert_eq!(delays(0), []);
        assert_eq!(delays(1), [1_000]);
        assert_eq!(delays(1_500), [2_000]);
        assert_eq!(delays(65_535_000), [65_535_000]);
        assert_eq!(delays(65_535_001), [65_535_000, 1_000]);
        let longest = delays(u32::MAX);
        assert_eq!(longest.len(), 66);
        assert_eq!(longest.iter().map(|ns| u64::from(*ns)).sum::<u64>(), 4_294_968_000);
    }
}

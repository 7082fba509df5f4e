//! The board that guests see: the labels of a policy, opened when a guest opens them.

use super::kernel::Kernel;
use super::linux::Linux;
use super::notes::Notes;
use super::open::{Opened, Opener};
use super::pin::Pin;
use super::trouble::Trouble;
use super::wait::{monotonic_ns, sleep};
use embedded_hal::delay::DelayNs;
use linux_embedded_hal::Delay;
use rustix::io::Errno;
use std::io;
use std::os::fd::BorrowedFd;
use wasmote_board::policy::text::{Place, PlaceKind};
use wasmote_board_sim::Waited;
use wasmote_wasi_embedded::device::{AnalogIn, DigitalIn, DigitalOut, I2cBus, SpiDevice};
use wasmote_wasi_embedded::{Blocked, Board, Class, Edges, Line, PinError, Settings};

/// The distance of looks at what no interrupt tells: a converter's value.
const SAMPLE_NS: u64 = 10_000_000;

/// A label and how many times it is open.
struct Entry {
    place: Place,
    users: u32,
    opened: Opened,
}

/// A Linux machine as a board.
pub(crate) struct LinuxBoard {
    kernel: Box<dyn Kernel>,
    entries: Vec<Entry>,
    /// The policy's file, for messages.
    policy: String,
    notes: Notes,
    delay: Delay,
    started_ns: u64,
    /// When the run ends, on the kernel's monotonic clock.
    stop_ns: Option<u64>,
}

impl LinuxBoard {
    /// This machine with the labels of a policy, for `run_ns` at the longest.
    pub(crate) fn new(places: Vec<Place>, policy: &str, run_ns: Option<u64>) -> LinuxBoard {
        LinuxBoard::on(Box::new(Linux::default()), places, policy, run_ns)
    }

    /// The same with another kernel.
    pub(crate) fn on(kernel: Box<dyn Kernel>, places: Vec<Place>, policy: &str, run_ns: Option<u64>) -> LinuxBoard {
        let entry = |place| Entry { place, users: 0, opened: Opened::Nothing };
        let started_ns = monotonic_ns();
        LinuxBoard {
            kernel,
            entries: places.into_iter().map(entry).collect(),
            policy: policy.into(),
            notes: Notes::default(),
            delay: Delay,
            started_ns,
            stop_ns: run_ns.map(|run_ns| started_ns.saturating_add(run_ns)),
        }
    }

    /// What should be told, once.
    pub(crate) fn take_notes(&self) -> Vec<String> {
        self.notes.take()
    }

    /// Is the time of the run over?
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop_ns.is_some_and(|stop_ns| monotonic_ns() >= stop_ns)
    }

    /// When the run ends, on the kernel's monotonic clock.
    pub(crate) fn stop_ns(&self) -> Option<u64> {
        self.stop_ns
    }

    /// Sleeps in the kernel until what a guest waits for may be there: an edge of a line that it watches, or a deadline.
    pub(crate) fn wait(&mut self, blocked: Blocked) -> io::Result<Waited> {
        let next_look_ns = blocked.sampled.then(|| monotonic_ns().saturating_add(SAMPLE_NS));
        let until_ns = blocked.deadline_ns.into_iter().chain(self.stop_ns).chain(next_look_ns).min();
        let watched: Vec<BorrowedFd<'_>> = self.pins().filter_map(|pin| pin.watched()).collect();
        if watched.is_empty() && until_ns.is_none() {
            return Ok(Waited::Forever);
        }
        let fail = sleep(&watched, until_ns)?;
        let watched = self.pins_mut().filter(|pin| pin.watched().is_some());
        for (pin, fails) in watched.zip(fail) {
            // Also those that nobody asks for at the moment: what stays unread would end the next wait at once.
            pin.count();
            if fails {
                pin.lose(&Errno::NODEV.into());
            }
        }
        Ok(if self.is_stopped() { Waited::Stopped } else { Waited::Look })
    }

    /// Sleeps until `at_ns` after the start; is the run to go on then?
    pub(crate) fn sleep_until(&mut self, at_ns: u64) -> io::Result<bool> {
        let deadline_ns = Some(self.started_ns.saturating_add(at_ns));
        while deadline_ns > Some(monotonic_ns()) {
            if self.wait(Blocked { deadline_ns, sampled: false })? == Waited::Stopped {
                return Ok(false);
            }
        }
        Ok(!self.is_stopped())
    }

    fn pins(&self) -> impl Iterator<Item = &Pin> {
        self.entries.iter().filter_map(|entry| match &entry.opened {
            Opened::Pin(pin) => Some(pin),
            _ => None,
        })
    }

    fn pins_mut(&mut self) -> impl Iterator<Item = &mut Pin> {
        self.entries.iter_mut().filter_map(|entry| match &mut entry.opened {
            Opened::Pin(pin) => Some(pin),
            _ => None,
        })
    }

    fn entry(&mut self, line: Line) -> Option<&mut Entry> {
        self.entries.get_mut(usize::from(line.0))
    }

    fn pin(&mut self, line: Line) -> Option<&mut Pin> {
        match &mut self.entry(line)?.opened {
            Opened::Pin(pin) => Some(pin),
            _ => None,
        }
    }
}

/// The table that holds labels of this class.
fn kind(class: Class) -> PlaceKind {
    match class {
        Class::I2c => PlaceKind::I2c,
        Class::Spi => PlaceKind::Spi,
        Class::Digital(_) => PlaceKind::Digital,
        Class::Analog(_) => PlaceKind::Analog,
    }
}

impl Board for LinuxBoard {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        let is_it = |entry: &Entry| entry.place.kind == kind(class) && entry.place.label == label;
        let number = self.entries.iter().position(is_it);
        if number.is_none() {
            let table = match class {
                Class::I2c => "i2c",
                Class::Spi => "spi",
                Class::Digital(_) => "digital",
                Class::Analog(_) => "analog",
            };
            self.notes.add(format!("{label}: {} has no such label in [{table}]", self.policy));
        }
        number.and_then(|number| u16::try_from(number).ok()).map(Line)
    }

    fn label(&self, _: Class, line: Line) -> &str {
        self.entries.get(usize::from(line.0)).map_or("", |entry| &entry.place.label)
    }

    fn open(&mut self, class: Class, line: Line, settings: &Settings) -> Result<(), PinError> {
        let entry = self.entry(line).ok_or(PinError::UndefinedLabel)?;
        if entry.users > 0 && class == Class::I2c {
            entry.users += 1;
            return Ok(());
        }
        if entry.users > 0 {
            return Err(PinError::AlreadyInUse);
        }
        let place = entry.place.clone();
        let opener = Opener { kernel: &*self.kernel, policy: &self.policy, notes: &self.notes };
        match opener.open(&place, class, settings) {
            Ok(opened) => {
                if let Some(entry) = self.entry(line) {
                    (entry.users, entry.opened) = (1, opened);
                }
                Ok(())
            }
            Err(Trouble { error, text }) => {
                self.notes.add(format!("{}: {text}", place.label));
                Err(error)
            }
        }
    }

    fn close(&mut self, _: Class, line: Line) {
        let Some(entry) = self.entry(line) else { return };
        entry.users = entry.users.saturating_sub(1);
        if entry.users == 0 {
            entry.opened = Opened::Nothing;
        }
    }

    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.delay
    }

    fn now_ns(&mut self) -> Option<u64> {
        Some(monotonic_ns())
    }

    fn i2c(&mut self, line: Line) -> Option<&mut dyn I2cBus> {
        match &mut self.entry(line)?.opened {
            Opened::Bus(bus) => Some(bus),
            _ => None,
        }
    }

    fn spi(&mut self, line: Line) -> Option<&mut dyn SpiDevice> {
        match &mut self.entry(line)?.opened {
            Opened::Device(device) => Some(device),
            _ => None,
        }
    }

    fn digital_out(&mut self, line: Line) -> Option<&mut dyn DigitalOut> {
        self.pin(line).map(|pin| pin as &mut dyn DigitalOut)
    }

    fn digital_in(&mut self, line: Line) -> Option<&mut dyn DigitalIn> {
        self.pin(line).map(|pin| pin as &mut dyn DigitalIn)
    }

    fn analog_in(&mut self, line: Line) -> Option<&mut dyn AnalogIn> {
        match &mut self.entry(line)?.opened {
            Opened::Adc(adc) => Some(adc),
            _ => None,
        }
    }

    fn watch(&mut self, line: Line) -> Result<(), PinError> {
        let label = self.entry(line).map(|entry| entry.place.label.clone()).unwrap_or_default();
        let watched = self.pin(line).map(Pin::watch).ok_or(PinError::NotSupported)?;
        watched.map_err(|error| {
            self.notes.add(format!(
                "{label}: the kernel cannot tell its edges ({error}): its controller has no interrupts, or it is an output"
            ));
            PinError::NotSupported
        })
    }

    fn unwatch(&mut self, line: Line) {
        if let Some(pin) = self.pin(line) {
            pin.unwatch();
        }
    }

    fn edges(&mut self, line: Line) -> Edges {
        self.pin(line).map_or(Edges::default(), Pin::edges)
    }
}

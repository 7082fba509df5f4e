//! A machine for tests: files in a directory, and chips, buses and devices that do what they are told.

use super::kernel::{Chip, Event, Exchanges, Kernel, LineInfo, SpiSetup, Take, Transfers, Wire};
use super::machine::Machine;
use embedded_hal::{i2c, spi};
use rustix::io::Errno;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tempfile::TempDir;
use wasmote_wasi_embedded::Edge;

/// What a test does with a machine. Copies are the same machine.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) machine: Machine,
    root: Rc<TempDir>,
    pub(crate) state: Rc<State>,
}

/// What happens, and what has happened.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) chips: RefCell<Vec<Chip>>,
    /// What the next system call fails with.
    pub(crate) failure: Cell<Option<Errno>>,
    /// What was done, in words.
    pub(crate) done: RefCell<Vec<String>>,
    pub(crate) is_high: Cell<bool>,
    pub(crate) events: RefCell<VecDeque<Event>>,
    /// A pipe in place of the kernel's queue of edges: what is written wakes whoever waits.
    pipe: RefCell<Option<(OwnedFd, OwnedFd)>>,
}

impl Fake {
    /// A machine without anything.
    pub(crate) fn new() -> Fake {
        let root = Rc::new(tempfile::tempdir().unwrap());
        let state = State::default();
        *state.pipe.borrow_mut() = Some(io::pipe().map(|(read, write)| (read.into(), write.into())).unwrap());
        Fake { machine: Machine::at(root.path()), root, state: Rc::new(state) }
    }

    /// With this file.
    pub(crate) fn file(self, path: &str, content: &[u8]) -> Fake {
        let path = self.machine.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// With a link to somewhere of this name.
    pub(crate) fn link(self, path: &str, name: &str) -> Fake {
        let path = self.machine.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(self.root.path().join(name), path).unwrap();
        self
    }

    /// With a chip whose lines have these names and users.
    pub(crate) fn chip(self, name: &str, label: &str, lines: &[(&str, Option<&str>)]) -> Fake {
        let line = |(offset, (name, user)): (u32, &(&str, Option<&str>))| LineInfo {
            offset,
            name: (*name).into(),
            user: user.map(str::to_string),
            is_output: false,
        };
        let lines = (0..).zip(lines).map(line).collect();
        let path = PathBuf::from("/dev").join(name);
        let chip = Chip { path, name: name.into(), label: label.into(), lines, error: None };
        self.state.chips.borrow_mut().push(chip);
        self
    }

    /// The kernel sees an edge: it keeps it, and whoever waits wakes.
    pub(crate) fn edge(&self, edge: Edge, number: u32) {
        self.state.events.borrow_mut().push_back(Event { edge, number });
        let pipe = self.state.pipe.borrow();
        rustix::io::write(&pipe.as_ref().unwrap().1, &[0]).unwrap();
    }

    fn did(&self, what: String) -> io::Result<()> {
        self.state.done.borrow_mut().push(what);
        self.state.failure.take().map_or(Ok(()), |errno| Err(errno.into()))
    }

    /// What was done since it was asked last.
    pub(crate) fn done(&self) -> Vec<String> {
        std::mem::take(&mut self.state.done.borrow_mut())
    }
}

impl Kernel for Fake {
    fn machine(&self) -> &Machine {
        &self.machine
    }

    fn chips(&self) -> Vec<Chip> {
        self.state.chips.borrow().clone()
    }

    fn take_line(&self, chip: &Path, offset: u32, take: &Take) -> io::Result<Box<dyn Wire>> {
        self.did(format!("take {} {offset} {:?} {:?} {}", chip.display(), take.drive_high, take.pull, take.consumer))?;
        let pipe = self.state.pipe.borrow();
        let queue = pipe.as_ref().unwrap().0.try_clone().unwrap();
        Ok(Box::new(FakeLine(self.clone(), queue)))
    }

    fn open_bus(&self, path: &Path) -> io::Result<Box<dyn Transfers>> {
        self.did(format!("bus {}", path.display()))?;
        Ok(Box::new(self.clone()))
    }

    fn open_device(&self, path: &Path, setup: SpiSetup) -> io::Result<Box<dyn Exchanges>> {
        self.did(format!("device {} {:?} {:?}", path.display(), setup.mode, setup.max_clock_hz))?;
        Ok(Box::new(self.clone()))
    }
}

impl Transfers for Fake {
    fn transaction(&mut self, address: u8, operations: &mut [i2c::Operation<'_>]) -> io::Result<()> {
        self.did(format!("transfer {address:#04x} {operations:02x?}"))
    }
}

impl Exchanges for Fake {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> io::Result<()> {
        self.did(format!("exchange {operations:02x?}"))
    }
}

struct FakeLine(Fake, OwnedFd);

impl Wire for FakeLine {
    fn is_high(&self) -> io::Result<bool> {
        self.0.did("look".into())?;
        Ok(self.0.state.is_high.get())
    }

    fn set_high(&self, high: bool) -> io::Result<()> {
        self.0.did(format!("drive {high}"))
    }

    fn watch(&self, on: bool) -> io::Result<()> {
        self.0.did(format!("watch {on}"))
    }

    fn next_event(&self) -> io::Result<Option<Event>> {
        let event = self.0.state.events.borrow_mut().pop_front();
        if event.is_some() {
            rustix::io::read(&self.1, &mut [0; 1]).unwrap();
        }
        Ok(event)
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.1.as_fd()
    }
}

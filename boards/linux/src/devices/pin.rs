//! GPIO lines in use: levels, and edges counted.

use super::kernel::{Event, Wire};
use super::notes::Notes;
use embedded_hal::digital::ErrorKind;
use std::io;
use std::os::fd::BorrowedFd;
use wasmote_wasi_embedded::device::{DigitalIn, DigitalOut};
use wasmote_wasi_embedded::{Edge, Edges};

/// A line that a guest has.
pub(crate) struct Pin {
    label: String,
    wire: Box<dyn Wire>,
    /// What it is driven to, if it is an output.
    driven: bool,
    watchers: u32,
    /// The line is gone: its chip was unplugged.
    is_gone: bool,
    edges: Edges,
    /// The last edge that was counted.
    last: Event,
    notes: Notes,
}

impl Pin {
    /// The line of this label, driven so if it is an output.
    pub(crate) fn new(label: &str, wire: Box<dyn Wire>, driven: bool, notes: &Notes) -> Pin {
        // The number before the first.
        let last = Event { edge: Edge::Falling, number: 0 };
        Pin {
            label: label.into(),
            wire,
            driven,
            watchers: 0,
            is_gone: false,
            edges: Edges::default(),
            last,
            notes: notes.clone(),
        }
    }

    /// Another pollable watches its edges.
    pub(crate) fn watch(&mut self) -> io::Result<()> {
        if self.watchers == 0 {
            self.wire.watch(true)?;
        }
        self.watchers += 1;
        Ok(())
    }

    /// A pollable watches no longer.
    pub(crate) fn unwatch(&mut self) {
        self.watchers = self.watchers.saturating_sub(1);
        if self.watchers == 0 {
            self.count();
            // That nobody looks any more cannot fail in a way that matters.
            let _ = self.wire.watch(false);
        }
    }

    /// The edges so far.
    pub(crate) fn edges(&mut self) -> Edges {
        if self.watchers > 0 && !self.is_gone {
            self.count();
        }
        self.edges
    }

    /// What can be read when an edge has come, if anybody waits for one.
    pub(crate) fn watched(&self) -> Option<BorrowedFd<'_>> {
        (self.watchers > 0 && !self.is_gone).then(|| self.wire.descriptor())
    }

    /// Counts what the kernel has kept.
    pub(crate) fn count(&mut self) {
        loop {
            match self.wire.next_event() {
                Ok(Some(event)) => self.add(event),
                Ok(None) => return,
                Err(error) => return self.lose(&error),
            }
        }
    }

    /// The line has failed. Whoever waits for an edge wakes, and its next use tells.
    pub(crate) fn lose(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.is_gone, true) {
            self.notes.add(format!("{}: its line is gone: {error}", self.label));
            self.edges.rising = self.edges.rising.wrapping_add(1);
            self.edges.falling = self.edges.falling.wrapping_add(1);
        }
    }

    /// Counts an edge, and those that the kernel dropped before it: a line that rose has fallen before it rises again.
    fn add(&mut self, event: Event) {
        let lost = event.number.wrapping_sub(self.last.number).wrapping_sub(1);
        let (more, less) = (lost.div_ceil(2), lost / 2);
        let (rising, falling) = match self.last.edge {
            Edge::Rising => (less, more),
            Edge::Falling => (more, less),
        };
        self.edges.rising = self.edges.rising.wrapping_add(rising);
        self.edges.falling = self.edges.falling.wrapping_add(falling);
        match event.edge {
            Edge::Rising => self.edges.rising = self.edges.rising.wrapping_add(1),
            Edge::Falling => self.edges.falling = self.edges.falling.wrapping_add(1),
        }
        self.last = event;
    }

    fn failed(&self, error: &io::Error) -> ErrorKind {
        self.notes.add(format!("{}: its line fails: {error}", self.label));
        ErrorKind::Other
    }
}

impl DigitalOut for Pin {
    fn set_high(&mut self, high: bool) -> Result<(), ErrorKind> {
        self.wire.set_high(high).map_err(|error| self.failed(&error))?;
        self.driven = high;
        Ok(())
    }

    fn is_set_high(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.driven)
    }
}

impl DigitalIn for Pin {
    fn is_high(&mut self) -> Result<bool, ErrorKind> {
        self.wire.is_high().map_err(|error| self.failed(&error))
    }
}

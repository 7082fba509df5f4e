//! A guest's handles: numbers for the resources that it was given.
//!
//! The canonical ABI's table: index 0 is never valid, a freed index is the next to be given, and a handle says of which
//! resource it is. The table has as many slots as the embedder gave; one more handle traps, as it does at the ABI's own limit.
//! Host functions only borrow, within one call, so no loans are counted; what is counted are a pin's pollables, since a
//! pin cannot be dropped before them.

use crate::watch::Watch;
use crate::{Abuse, ActiveLevel, Board, Class, Line, PinMode, Pull};

/// The kinds of handles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Resource {
    I2c,
    Delay,
    Spi,
    DigitalOut,
    DigitalIn,
    DigitalInOut,
    AnalogOut,
    AnalogIn,
    AnalogInOut,
    Pollable,
}

impl Resource {
    /// The resource that a label of this class opens as.
    const fn of(class: Class) -> Resource {
        match class {
            Class::I2c => Resource::I2c,
            Class::Spi => Resource::Spi,
            Class::Digital(PinMode::Out) => Resource::DigitalOut,
            Class::Digital(PinMode::In) => Resource::DigitalIn,
            Class::Digital(PinMode::InOut) => Resource::DigitalInOut,
            Class::Analog(PinMode::Out) => Resource::AnalogOut,
            Class::Analog(PinMode::In) => Resource::AnalogIn,
            Class::Analog(PinMode::InOut) => Resource::AnalogInOut,
        }
    }
}

/// A line that a guest has opened: a word, since every call hands it on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Opened {
    pub(crate) line: Line,
    resource: Resource,
    pub(crate) active: ActiveLevel,
}

impl Opened {
    /// A line of this class.
    pub(crate) fn new(class: Class, line: Line, active: ActiveLevel) -> Opened {
        Opened { line, resource: Resource::of(class), active }
    }

    /// What it was opened as.
    pub(crate) fn class(self) -> Class {
        match self.resource {
            Resource::Spi => Class::Spi,
            Resource::DigitalOut => Class::Digital(PinMode::Out),
            Resource::DigitalIn => Class::Digital(PinMode::In),
            Resource::DigitalInOut => Class::Digital(PinMode::InOut),
            Resource::AnalogOut => Class::Analog(PinMode::Out),
            Resource::AnalogIn => Class::Analog(PinMode::In),
            Resource::AnalogInOut => Class::Analog(PinMode::InOut),
            // Delays and pollables are not opened as lines.
            Resource::I2c | Resource::Delay | Resource::Pollable => Class::I2c,
        }
    }
}

/// What a handle stands for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Object {
    Opened {
        opened: Opened,
        pull: Option<Pull>,
        /// Pollables that live.
        children: u16,
    },
    Delay,
    Pollable(Watch),
}

/// A place for one handle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Slot(Entry);

#[derive(Clone, Copy, PartialEq, Debug)]
enum Entry {
    /// Free; how many frees ago it was freed orders the free ones (the most recent is the next to be given).
    Free {
        next: u16,
    },
    Taken(Object),
}

impl Slot {
    /// An empty place.
    pub const FREE: Slot = Slot(Entry::Free { next: 0 });
}

/// A guest's handles. Slot `n` holds handle `n + 1`.
#[derive(Debug)]
pub(crate) struct Table<S> {
    slots: S,
    /// The free handle to be given next; beyond the slots if there is none.
    free: u16,
}

impl<S: AsRef<[Slot]> + AsMut<[Slot]>> Table<S> {
    /// An empty table; what the slots hold is forgotten.
    pub(crate) fn new(mut slots: S) -> Table<S> {
        for (slot, next) in slots.as_mut().iter_mut().zip(2..=u16::MAX) {
            *slot = Slot(Entry::Free { next });
        }
        Table { slots, free: 1 }
    }

    /// Is there room for one more handle?
    ///
    /// # Errors
    /// `TableFull`, before anything else is done that would have to be undone.
    pub(crate) fn require_room(&self) -> Result<(), Abuse> {
        self.free_slot().map(|_| ()).ok_or(Abuse::TableFull)
    }

    fn free_slot(&self) -> Option<u16> {
        match self.slots.as_ref().get(usize::from(self.free.checked_sub(1)?))?.0 {
            Entry::Free { next } => Some(next),
            Entry::Taken(_) => None,
        }
    }

    /// Gives a handle to an object.
    pub(crate) fn insert(&mut self, object: Object) -> Result<u32, Abuse> {
        let next = self.free_slot().ok_or(Abuse::TableFull)?;
        let handle = self.free;
        *self.slot_mut(u32::from(handle))? = Slot(Entry::Taken(object));
        self.free = next;
        Ok(u32::from(handle))
    }

    fn slot_mut(&mut self, handle: u32) -> Result<&mut Slot, Abuse> {
        let index = handle.checked_sub(1).ok_or(Abuse::UnknownHandle)?;
        self.slots.as_mut().get_mut(index as usize).ok_or(Abuse::UnknownHandle)
    }

    fn any(&self, handle: u32) -> Result<&Object, Abuse> {
        let index = handle.checked_sub(1).ok_or(Abuse::UnknownHandle)?;
        match self.slots.as_ref().get(index as usize) {
            Some(Slot(Entry::Taken(object))) => Ok(object),
            _ => Err(Abuse::UnknownHandle),
        }
    }

    /// Checks that a handle is of this resource; gives the line behind it, if there is one.
    pub(crate) fn find(&self, handle: u32, resource: Resource) -> Result<Option<Opened>, Abuse> {
        match self.any(handle)? {
            Object::Opened { opened, .. } if opened.resource == resource => Ok(Some(*opened)),
            Object::Delay if resource == Resource::Delay => Ok(None),
            Object::Pollable(_) if resource == Resource::Pollable => Ok(None),
            _ => Err(Abuse::WrongResource),
        }
    }

    /// The resistor of the pin behind a handle.
    pub(crate) fn pull(&self, handle: u32) -> Option<Pull> {
        if let Ok(Object::Opened { pull, .. }) = self.any(handle) { *pull } else { None }
    }

    /// The pollable behind a handle.
    pub(crate) fn watch(&mut self, handle: u32) -> Result<&mut Watch, Abuse> {
        match self.slot_mut(handle)? {
            Slot(Entry::Taken(Object::Pollable(watch))) => Ok(watch),
            Slot(Entry::Taken(_)) => Err(Abuse::WrongResource),
            Slot(Entry::Free { .. }) => Err(Abuse::UnknownHandle),
        }
    }

    /// Gives a handle to a pollable, which keeps its pin from being dropped.
    pub(crate) fn insert_watch(&mut self, watch: Watch) -> Result<u32, Abuse> {
        let handle = self.insert(Object::Pollable(watch))?;
        self.count_children(watch.pin, 1);
        Ok(handle)
    }

    fn count_children(&mut self, pin: u32, by: i16) {
        if let Ok(Slot(Entry::Taken(Object::Opened { children, .. }))) = self.slot_mut(pin) {
            *children = children.saturating_add_signed(by);
        }
    }

    /// Takes a handle away and gives back what it stood for.
    ///
    /// # Errors
    /// `HasChildren` if it has pollables, and it stays.
    pub(crate) fn remove<B: Board + ?Sized>(&mut self, handle: u32, board: &mut B) -> Result<(), Abuse> {
        let object = *self.any(handle)?;
        if let Object::Opened { children: 1.., .. } = object {
            return Err(Abuse::HasChildren);
        }
        let next = self.free;
        *self.slot_mut(handle)? = Slot(Entry::Free { next });
        // No cut: the table has at most 65 534 slots, since `new` numbers no more.
        self.free = handle as u16;
        match object {
            Object::Opened { opened, .. } => board.close(opened.class(), opened.line),
            Object::Delay => {}
            Object::Pollable(watch) => {
                watch.end(board);
                self.count_children(watch.pin, -1);
            }
        }
        Ok(())
    }

    /// Takes all handles away: pollables first.
    pub(crate) fn remove_all<B: Board + ?Sized>(&mut self, board: &mut B) {
        let last = self.slots.as_ref().len().min(usize::from(u16::MAX)) as u32;
        for _ in 0..2 {
            for handle in 1..=last {
                // What is free, or has pollables in the first round, stays.
                let _ = self.remove(handle, board);
            }
        }
    }
}

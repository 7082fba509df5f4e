//! What the person who runs a guest should know about its hardware, told once each.

use std::cell::RefCell;
use std::rc::Rc;

/// The most different notes of one run: a guest that finds ever new ways to fail does not fill the terminal.
const MOST_NOTES: usize = 64;

/// Notes that wait to be told. Copies are the same notes.
#[derive(Clone, Default, Debug)]
pub(crate) struct Notes(Rc<RefCell<Inner>>);

#[derive(Default, Debug)]
struct Inner {
    waiting: Vec<String>,
    /// All so far.
    told: Vec<String>,
}

impl Notes {
    /// Adds a note, unless it was told already.
    pub(crate) fn add(&self, text: String) {
        let mut inner = self.0.borrow_mut();
        if inner.told.len() < MOST_NOTES && !inner.told.contains(&text) {
            inner.told.push(text.clone());
            inner.waiting.push(text);
        }
    }

    /// What waits to be told; taken.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.borrow_mut().waiting)
    }
}

//! The state of one guest: its handles, its grants, and what its last call waits for.

use crate::call::Pause;
use crate::handles::{Slot, Table};
use crate::{Class, Grants, NAME_BYTES, Reason, Refusal};
use heapless::String;

/// The state of one guest. Modules that are linked together and share their handles share one.
///
/// It serves one thread at a time: a call that paused must be run again before another thread of the same guest calls.
#[derive(Debug)]
pub struct Hardware<G, S = [Slot; 16]> {
    /// What the guest may use.
    pub grants: G,
    pub(crate) module: String<NAME_BYTES>,
    pub(crate) table: Table<S>,
    pub(crate) pause: Pause,
    pub(crate) refusal: Option<Refusal>,
}

/// A call that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Blocked {
    /// When it wants to be called again at the latest, on the board's clock, in nanoseconds.
    pub deadline_ns: Option<u64>,
    /// Whether it waits for something that no interrupt tells (an analog value): then it must be called again now and then,
    /// and what lies between two calls is not seen.
    pub sampled: bool,
}

/// How an embedder's data contain a guest's state and the board.
pub trait HardwareView {
    /// The board.
    type Board: crate::Board + ?Sized;
    /// The guest's grants.
    type Grants: Grants;
    /// The guest's handles: as many as the table has slots.
    type Slots: AsRef<[Slot]> + AsMut<[Slot]>;

    /// Both at once.
    fn hardware(&mut self) -> (&mut Hardware<Self::Grants, Self::Slots>, &mut Self::Board);
}

impl<G: Grants, S: AsRef<[Slot]> + AsMut<[Slot]>> Hardware<G, S> {
    /// A guest without handles. `module` is its name for messages.
    pub fn new(module: &str, grants: G, slots: S) -> Hardware<G, S> {
        Hardware { grants, module: cut(module), table: Table::new(slots), pause: Pause::default(), refusal: None }
    }

    /// The module's name, cut at [`NAME_BYTES`].
    pub fn module(&self) -> &str {
        &self.module
    }

    /// What the guest waits for, if its last call ended with `Pending`.
    pub fn blocked(&self) -> Option<Blocked> {
        self.pause.blocked
    }

    /// What was refused last; taken, so that a log tells it once.
    pub fn take_refusal(&mut self) -> Option<Refusal> {
        self.refusal.take()
    }

    /// Forgets the call that waits; for an embedder that ends the thread instead of running it again.
    pub fn abandon(&mut self) {
        self.pause.end();
    }

    /// Drops every handle and gives the lines back to the board: the guest has ended.
    pub fn close_all<B: crate::Board + ?Sized>(&mut self, board: &mut B) {
        self.abandon();
        self.table.remove_all(board);
    }

    pub(crate) fn refuse(&mut self, class: Class, label: &str, reason: Reason) {
        self.refusal = Some(Refusal { class, label: cut(label), reason });
    }
}

/// The longest part of a name that fits.
fn cut(name: &str) -> String<NAME_BYTES> {
    let mut out = String::new();
    for character in name.chars() {
        if out.push(character).is_err() {
            break;
        }
    }
    out
}

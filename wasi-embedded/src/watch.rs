//! Pollables: what a guest waits for, and whether it has come.
//!
//! A pollable of an edge, or of a level, is ready when the pin has seen such an edge since the pollable was made or last
//! told its guest; one of a level also while the pin has the level. `poll` and `block` tell the guest, and what they told
//! is used up; `ready` only looks. So a guest can wait on one pollable again and again and sees every press of a
//! button, and a pulse that is over when it looks has still been.

use crate::{Board, Class, Edge, Edges, Line, PinError};

/// What is waited for, electrically.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Condition {
    /// The line is set up.
    Ready(Class),
    /// The pin is high, or low.
    Level { high: bool },
    /// The pin changes so.
    Edge(Edge),
    /// The pin's value is above `limit`, or below it.
    Analog { above: bool, limit: u32 },
}

/// A pollable.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Watch {
    /// The handle of the pin that it watches.
    pub(crate) pin: u32,
    line: Line,
    condition: Condition,
    /// The count of edges that the guest knows about.
    known: u32,
    /// `poll` has found it ready and is about to tell the guest.
    pub(crate) telling: bool,
}

impl Watch {
    /// Begins to watch a line.
    ///
    /// # Errors
    /// If the board cannot watch it.
    pub(crate) fn begin<B: Board + ?Sized>(
        pin: u32,
        line: Line,
        condition: Condition,
        board: &mut B,
    ) -> Result<Watch, PinError> {
        let mut watch = Watch { pin, line, condition, known: 0, telling: false };
        if watch.counts_edges() {
            board.watch(line)?;
            watch.known = watch.count(board);
        }
        Ok(watch)
    }

    /// Ends it; the last that is done with it.
    pub(crate) fn end<B: Board + ?Sized>(&self, board: &mut B) {
        if self.counts_edges() {
            board.unwatch(self.line);
        }
    }

    fn counts_edges(&self) -> bool {
        matches!(self.condition, Condition::Level { .. } | Condition::Edge(_))
    }

    /// The edges so far that matter here.
    fn count<B: Board + ?Sized>(&self, board: &mut B) -> u32 {
        let Edges { rising, falling } = board.edges(self.line);
        match self.condition {
            Condition::Level { high: true } | Condition::Edge(Edge::Rising) => rising,
            Condition::Level { high: false } | Condition::Edge(Edge::Falling) => falling,
            Condition::Ready(_) | Condition::Analog { .. } => self.known,
        }
    }

    /// Has it come? A line that fails is ready: its next use tells the error.
    pub(crate) fn is_ready<B: Board + ?Sized>(&self, board: &mut B) -> bool {
        match self.condition {
            Condition::Ready(class) => board.is_ready(class, self.line),
            _ if self.count(board) != self.known => true,
            Condition::Edge(_) => false,
            Condition::Level { high } => match board.digital_in(self.line).map(|pin| pin.is_high()) {
                Some(Ok(now)) => now == high,
                _ => true,
            },
            Condition::Analog { above, limit } => match board.analog_in(self.line).map(|pin| pin.read()) {
                Some(Ok(now)) => {
                    if above {
                        now > limit
                    } else {
                        now < limit
                    }
                }
                _ => true,
            },
        }
    }

    /// Must the board be asked again and again, since no interrupt tells?
    pub(crate) fn is_sampled(&self) -> bool {
        matches!(self.condition, Condition::Ready(_) | Condition::Analog { .. })
    }

    /// The guest is told: what has come is used up.
    pub(crate) fn told<B: Board + ?Sized>(&mut self, board: &mut B) {
        self.telling = false;
        self.known = self.count(board);
    }
}

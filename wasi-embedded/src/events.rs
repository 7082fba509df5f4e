//! Between interrupts and pollables: the edges that pins have seen, counted in critical sections.
//!
//! An interrupt calls [`PinEvents::record`]; the board's `edges` reads the counts. A pollable remembers the count that it
//! has told its guest about and is ready when the present one differs. So a pulse between two polls is not lost,
//! however short, nor is one lost because too many came before it: a queue of events would overflow, counts cannot.
//! Any number of pollables, also of different guests, can watch one pin.
//!
//! An embedder sleeps without losing a wake-up so: note [`PinEvents::generation`] before it runs the guests; when all of
//! them wait, disable interrupts, compare, sleep (`wfi` wakes for a masked interrupt as well) and enable them again.

use crate::{Edge, Edges, Line};
use core::cell::Cell;
use core::convert::Infallible;
use critical_section::Mutex;
use embedded_hal::digital::InputPin;
use embedded_hal_async::digital::Wait;

/// The edges of up to `LINES` lines, numbered from 0. It can be a `static`.
#[derive(Debug)]
pub struct PinEvents<const LINES: usize> {
    edges: [Mutex<Cell<Edges>>; LINES],
    generation: Mutex<Cell<u32>>,
}

impl<const LINES: usize> Default for PinEvents<LINES> {
    fn default() -> Self {
        PinEvents::new()
    }
}

impl<const LINES: usize> PinEvents<LINES> {
    /// Nothing has happened yet.
    #[must_use]
    pub const fn new() -> PinEvents<LINES> {
        const NONE: Edges = Edges { rising: 0, falling: 0 };
        PinEvents { edges: [const { Mutex::new(Cell::new(NONE)) }; LINES], generation: Mutex::new(Cell::new(0)) }
    }

    /// Counts an edge. Callable from interrupts; constant time. A line beyond `LINES` is ignored.
    pub fn record(&self, line: Line, edge: Edge) {
        let Some(counts) = self.edges.get(usize::from(line.0)) else { return };
        critical_section::with(|section| {
            let counts = counts.borrow(section);
            let Edges { rising, falling } = counts.get();
            counts.set(match edge {
                Edge::Rising => Edges { rising: rising.wrapping_add(1), falling },
                Edge::Falling => Edges { rising, falling: falling.wrapping_add(1) },
            });
            let generation = self.generation.borrow(section);
            generation.set(generation.get().wrapping_add(1));
        });
    }

    /// Counts the edges of a pin whose HAL is asynchronous, for as long as it is polled: a task for an executor. The board
    /// reads the pin's level through a handle of its own.
    ///
    /// Between two polls an edge is seen, and not how many: one that leads back to the same level was two.
    ///
    /// # Errors
    /// Those of the pin, which end it.
    pub async fn follow<P: InputPin + Wait>(&self, pin: &mut P, line: Line) -> Result<Infallible, P::Error> {
        let mut high = pin.is_high()?;
        loop {
            pin.wait_for_any_edge().await?;
            let now = pin.is_high()?;
            let (first, second) = if high { (Edge::Falling, Edge::Rising) } else { (Edge::Rising, Edge::Falling) };
            self.record(line, first);
            if now == high {
                self.record(line, second);
            }
            high = now;
        }
    }

    /// The edges of a line so far.
    pub fn edges(&self, line: Line) -> Edges {
        let Some(counts) = self.edges.get(usize::from(line.0)) else { return Edges::default() };
        critical_section::with(|section| counts.borrow(section).get())
    }

    /// A number that changes with every edge.
    pub fn generation(&self) -> u32 {
        critical_section::with(|section| self.generation.borrow(section).get())
    }
}

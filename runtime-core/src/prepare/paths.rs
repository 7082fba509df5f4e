//! Fuel. A *path* is the text that runs from a function's entry, a loop's head or a label reached only by branches down to the
//! next `br`, `return`, `br_table`, `unreachable` or tail call, or to the next loop's head. Its cost, one unit for each
//! instruction, is charged when it is entered; a branch that leaves it takes back what was not run and charges the path that it
//! enters, as one signed number in the branch.
//!
//! With C(x) the instructions of the function's text up to x, the number is
//! `(C(end of y's path) - C(y)) - (C(end of x's path) - C(x))` for a branch from x to y. Ends are not known at once:
//! each number waits in `PENDING` for the ends that it lacks.

use super::Body;
use crate::isa::ops::Op;
use crate::validate::{Block, BlockKind, Label, NONE, stack};

/// Who charges the current path.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Payer {
    /// The function's header
    Entry,
    /// The `Charge` at this unit
    Loop(u32),
    /// The branches that lead to it
    Branches,
}

/// The current path.
#[derive(Clone, Copy)]
pub(super) struct Path {
    pub(super) payer: Payer,
    pub(super) start_cost: u32,
}

/// Set in a pending entry if the end of the path is to be subtracted.
const SOURCE: u32 = 1 << 31;

impl Body<'_, '_> {
    /// Units of a branch target: displacement and fuel.
    pub(super) fn cell_units(&self) -> u32 {
        if self.wide { 4 } else { 2 }
    }

    fn cell_part(&self, at: u32) -> i32 {
        if self.wide {
            (u32::from(self.unit_at(at)) | u32::from(self.unit_at(at + 1)) << 16) as i32
        } else {
            i32::from(self.unit_at(at) as i16)
        }
    }

    fn set_cell_part(&mut self, at: u32, value: i32) {
        self.patch(at, value as u16);
        if self.wide {
            self.patch(at + 1, (value >> 16) as u16);
        }
    }

    fn set_displacement(&mut self, cell: u32, target: u32) {
        let displacement = target as i32 - cell as i32;
        self.overflow |= !self.wide && i16::try_from(displacement).is_err();
        self.set_cell_part(cell, displacement);
    }

    fn add_fuel(&mut self, cell: u32, delta: i32) {
        let at = cell + self.cell_units() / 2;
        // Sums wrap while they are incomplete; a function whose text is short enough for 16 bits ends within them.
        let sum = self.cell_part(at).wrapping_add(delta);
        self.set_cell_part(at, sum);
    }

    fn wait_for_end(&mut self, cell: u32, source: bool) {
        self.t.push_entry(stack::PENDING, cell | if source { SOURCE } else { 0 });
    }

    /// Writes an empty cell; gives its unit.
    fn empty_cell(&mut self) -> u32 {
        let cell = self.here();
        self.word(0);
        if self.wide {
            self.word(0);
        }
        cell
    }

    /// Writes a cell that branches to a known unit within the same instruction and costs nothing.
    pub(super) fn local_cell(&mut self, target: u32) {
        if self.live {
            let cell = self.empty_cell();
            self.set_displacement(cell, target);
        }
    }

    /// Writes a cell that branches to a label, and registers it.
    pub(super) fn cell(&mut self, depth: u32) {
        let &Block { kind, label, .. } = self.t.label(depth);
        if kind == BlockKind::Loop {
            return self.loop_cell(&label);
        }
        let waiting = self.waiting_cell(label.waiting);
        let unset = self.unset;
        if let Some(block) = self.t.label_mut(depth) {
            block.label.waiting = waiting;
            block.label.unset |= unset;
        }
    }

    /// Writes a cell for a label that is still to come; it links to the one before, and its own link is given back.
    pub(super) fn waiting_cell(&mut self, previous: u32) -> u32 {
        if !self.live {
            return previous;
        }
        let cell = self.empty_cell();
        self.set_cell_part(cell, previous as i32);
        self.overflow |= !self.wide && cell >= 0xFFFF;
        let cost = self.cost as i32;
        self.add_fuel(cell, cost);
        self.wait_for_end(cell, true);
        cell + 1
    }

    fn loop_cell(&mut self, label: &Label) {
        if !self.live {
            return;
        }
        let cell = self.empty_cell();
        self.set_displacement(cell, label.head);
        let since_head = self.cost.wrapping_sub(label.head_cost) as i32;
        if label.path_end == NONE {
            // Both ends are the same end.
            self.add_fuel(cell, since_head);
        } else {
            let cost = self.cost as i32;
            self.add_fuel(cell, label.path_end.wrapping_sub(label.head_cost) as i32 + cost);
            self.wait_for_end(cell, true);
        }
    }

    /// Lets every branch that waits for a label arrive here.
    pub(super) fn arrive(&mut self, mut waiting: u32) {
        if waiting == 0 {
            return;
        }
        if !self.live {
            self.live = true;
            self.path = Path { payer: Payer::Branches, start_cost: self.cost };
        }
        self.forget();
        let here = self.here();
        while waiting != 0 {
            let cell = waiting - 1;
            waiting = if self.wide { self.cell_part(cell) as u32 } else { u32::from(self.unit_at(cell)) };
            self.set_displacement(cell, here);
            let cost = self.cost as i32;
            self.add_fuel(cell, cost.wrapping_neg());
            self.wait_for_end(cell, false);
        }
    }

    /// Ends the current path: its payer and everything that waits for its end learn the cost.
    pub(super) fn end_path(&mut self) {
        if !self.live {
            return;
        }
        let cost = self.cost.wrapping_sub(self.path.start_cost);
        match self.path.payer {
            Payer::Entry => self.set_entry_cost(cost),
            Payer::Loop(charge) => {
                self.set_charge(charge, cost);
                self.set_loop_end(charge);
            }
            Payer::Branches => {}
        }
        let end = self.cost as i32;
        while let Some(entry) = self.t.context.stacks.pop::<u32>(stack::PENDING) {
            let delta = if entry & SOURCE != 0 { end.wrapping_neg() } else { end };
            self.add_fuel(entry & !SOURCE, delta);
        }
    }

    /// Tells the loop whose head began the path, if it is still open, where the path ended.
    fn set_loop_end(&mut self, charge: u32) {
        // Only the innermost loop's head can have begun the current path.
        let Some(depth) = self.inner_loop.and_then(|level| self.t.depth().checked_sub(level)) else { return };
        let (head, cost) = (charge + self.charge_units(), self.cost);
        if let Some(block) = self.t.label_mut(depth)
            && block.label.head == head
        {
            block.label.path_end = cost;
        }
    }

    fn charge_units(&self) -> u32 {
        if self.wide { 3 } else { 2 }
    }

    fn set_charge(&mut self, charge: u32, cost: u32) {
        self.patch(charge + 1, cost as u16);
        if self.wide {
            self.patch(charge + 2, (cost >> 16) as u16);
        }
    }

    /// Begins a loop: the path before it ends, and a charge for the new one is written. Gives the unit of the head.
    pub(super) fn begin_loop(&mut self) -> u32 {
        if !self.live {
            return self.here();
        }
        self.end_path();
        let charge = self.here();
        if self.wide {
            self.op(Op::ChargeWide as u16).word(0);
        } else {
            self.op(Op::Charge as u16).and(0);
        }
        self.path = Path { payer: Payer::Loop(charge), start_cost: self.cost };
        self.here()
    }
}

//! Writing operations: units, destinations, operands, and the folding that happens between two of them.

use super::Body;
use crate::isa::ops::{Class, Op, Operator, form, fusion};
use crate::isa::{Typed, ValType};
use crate::validate::{NONE, Operand, Place, Pushed, stack};

/// The last operation, as long as what it produced can still be sent elsewhere, be taken from the accumulator, or be fused
/// into a branch.
#[derive(Clone, Copy)]
pub(super) struct Last {
    /// Unit of the operation.
    pub(super) at: u32,
    /// Whether anything is known of it but its place.
    known: bool,
    /// The slot that it writes.
    slot: u16,
    /// The form of it that leaves its result in the accumulator only, or `NO_FORM`.
    bare: u16,
    /// Whether the result is in the accumulator at all.
    accumulated: bool,
    /// For comparisons, their class; `None` otherwise.
    pub(super) class: Class,
    /// The comparison, in its first form.
    pub(super) op: u16,
    /// Its form.
    pub(super) form: u16,
    /// For comparisons with their left operand in the accumulator: the unit of the operation that left it there.
    pub(super) before: u32,
}

/// No such form.
pub(super) const NO_FORM: u16 = u16::MAX;

impl Last {
    pub(super) const NOTHING: Last = Last {
        at: 0,
        known: false,
        slot: 0,
        bare: NO_FORM,
        accumulated: false,
        class: Class::None,
        op: 0,
        form: 0,
        before: NONE,
    };
}

/// Where an operation finds an operand.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Source {
    Acc,
    Slot(u16),
}

impl Body<'_, '_> {
    /// Unit of the function's code that comes next.
    pub(super) fn here(&self) -> u32 {
        (self.t.context.stacks.len(stack::IMAGE) - self.start) / 2
    }

    pub(super) fn unit_at(&self, unit: u32) -> u16 {
        self.t.context.stacks.get(stack::IMAGE, self.start + unit * 2)
    }

    pub(super) fn patch(&mut self, unit: u32, value: u16) {
        self.t.context.stacks.set(stack::IMAGE, self.start + unit * 2, value);
    }

    fn unit(&mut self, value: u16) {
        self.t.push_entry(stack::IMAGE, value);
    }

    /// Writes a unit behind the others of an operation; nothing in unreachable code.
    pub(super) fn and(&mut self, unit: u16) -> &mut Self {
        if self.live {
            self.unit(unit);
        }
        self
    }

    /// The same for two units, low half first.
    pub(super) fn word(&mut self, word: u32) -> &mut Self {
        self.and(word as u16).and((word >> 16) as u16)
    }

    /// The same for the slot of an operand that is in one.
    pub(super) fn source_in(&mut self, source: Source) -> &mut Self {
        match source {
            Source::Acc => self,
            Source::Slot(slot) => self.and(slot),
        }
    }

    /// The same for a list of units.
    pub(super) fn units(&mut self, units: &[u16]) {
        for &unit in units {
            self.and(unit);
        }
    }

    /// Writes an operation; nothing in unreachable code. Its operands follow.
    pub(super) fn op(&mut self, op: u16) -> &mut Self {
        if self.live {
            self.forget();
            let here = self.here();
            self.last.at = here;
            (self.observer)(here, self.t.at);
            self.unit(op);
        }
        self
    }

    /// Pushes a value of this type and writes the operation that produces it: the destination is its first operand.
    pub(super) fn produce(&mut self, ty: Typed, op: u16) -> &mut Self {
        let slot = self.t.push(ty);
        if self.live {
            self.op(op).unit(slot);
            if self.folding {
                self.produced(slot);
            }
        }
        self
    }

    /// As `produce`, for an operation that leaves its result in the accumulator too; `bare` is its form that leaves it
    /// nowhere else.
    pub(super) fn compute(&mut self, ty: Typed, op: u16, bare: u16) -> &mut Self {
        self.produce(ty, op);
        self.last.bare = bare;
        self.last.accumulated = self.last.known;
        self
    }

    /// Remembers that the last operation writes this slot.
    #[cfg_attr(wasmote_small, inline(never))]
    fn produced(&mut self, slot: u16) {
        self.last = Last { at: self.last.at, known: true, slot, ..Last::NOTHING };
    }

    /// Nothing is known of the last operation.
    #[inline(always)]
    pub(super) fn forget(&mut self) {
        self.last.known = false;
    }

    /// Remembers that the last operation leaves its result, of this type, in the accumulator too. Operations that know only the
    /// width of what they move use the one for integers.
    pub(super) fn note_accumulated(&mut self, ty: Typed, bare: u16) {
        if self.last.known && !ty.is_float() {
            self.last.bare = bare;
            self.last.accumulated = true;
        }
    }

    /// Remembers that the last operation was this comparison, which leaves its result in a slot.
    pub(super) fn note_comparison(&mut self, class: Class, op: u16, form: u16) {
        if self.last.known {
            let last = &mut self.last;
            (last.class, last.op, last.form, last.before) = (class, op, form, self.taken);
            last.bare = NO_FORM;
        }
    }

    /// Sends the result of the last operation, if it is this operand, to a local.
    pub(super) fn redirect(&mut self, operand: Operand, slot: u16) -> bool {
        let is_last = self.is_last(operand);
        if is_last {
            self.patch(self.last.at + 1, slot);
            let last = &mut self.last;
            (last.slot, last.bare, last.class) = (slot, NO_FORM, Class::None);
        }
        is_last
    }

    /// Whether the accumulator holds this operand, or can be made to.
    pub(super) fn is_accumulated(&self, operand: Operand) -> bool {
        if !self.live || !self.last.known {
            return false;
        }
        let last = &self.last;
        match operand.place() {
            Place::Slot => operand.slot() == last.slot && (last.accumulated || last.bare != NO_FORM),
            Place::Local => last.accumulated && self.t.slot_of(operand) == last.slot,
            Place::Sum | Place::Const => false,
        }
    }

    /// Whether this operand is what the last operation produced and nothing else needs it.
    fn is_chained(&self, operand: Operand) -> bool {
        self.folding && self.last.bare != NO_FORM && self.is_last(operand)
    }

    /// Makes one operation of the last one and an operator on its result, if the table has one for both.
    pub(super) fn fuse(&mut self, row: Operator, left: Operand, right: Operand) -> bool {
        let (chained, other) = if self.is_chained(left) {
            (left, right)
        } else if row.commutes() && self.is_chained(right) {
            (right, left)
        } else {
            return false;
        };
        let (letter, operand) = match (self.immediate(other), other.place()) {
            (Some(value), _) => (b'i', value),
            (None, Place::Const | Place::Sum) => return false,
            (None, _) => (b's', self.source(other)),
        };
        let at = self.last.at;
        let Some(op) = fusion(self.unit_at(at), row.op(), letter) else { return false };
        debug_assert!(chained.place() == Place::Slot);
        self.extend(row, op, operand, op + form::ONLY);
        true
    }

    /// Makes a load of two slots' sum of the addition that was the last operation, if that is its address.
    pub(super) fn load_indexed(&mut self, row: Operator, address: Operand, offset: u16) -> bool {
        let at = self.last.at;
        if !self.is_chained(address) || self.unit_at(at) != Op::I32Add as u16 {
            return false;
        }
        self.extend(row, row.op() + form::INDEX, offset, row.op() + form::INDEX_ACC);
        // It is the load that may trap.
        (self.observer)(at, self.t.at);
        true
    }

    /// Makes another operation of the last one, with one operand more, and pushes its result.
    fn extend(&mut self, row: Operator, op: u16, operand: u16, bare: u16) {
        let at = self.last.at;
        let slot = self.t.push(row.result());
        self.patch(at, op);
        self.patch(at + 1, slot);
        self.unit(operand);
        self.produced(slot);
        (self.last.bare, self.last.accumulated) = (bare, true);
    }

    /// Where the next operation finds a popped operand: if the last one has just left it in the accumulator, there and, where
    /// possible, nowhere else.
    pub(super) fn take(&mut self, operand: Operand) -> Source {
        if !self.is_accumulated(operand) {
            return Source::Slot(self.source(operand));
        }
        let Last { at, bare, .. } = self.last;
        self.taken = at;
        if operand.place() == Place::Slot && bare != NO_FORM {
            self.patch(at, bare);
            let end = self.here();
            for unit in at + 1..end - 1 {
                let next = self.unit_at(unit + 1);
                self.patch(unit, next);
            }
            self.t.context.stacks.truncate(stack::IMAGE, self.start + (end - 1) * 2);
        }
        self.forget();
        Source::Acc
    }

    /// Where the next operation finds two popped operands: none or one of them in the accumulator, and whether they are to be
    /// exchanged, for it is always the left one.
    pub(super) fn take_two(&mut self, left: Operand, right: Operand, commutes: bool) -> (Source, u16, bool) {
        let (left, right) = (self.placed(left), self.placed(right));
        if commutes && self.is_accumulated(right) && !self.is_accumulated(left) {
            let left = self.source(left);
            return (self.take(right), left, true);
        }
        let right = self.source(right);
        (self.take(left), right, false)
    }

    /// Writes a constant or a sum to the slot of its position, or to the accumulator if that is where the next operation takes
    /// it.
    pub(super) fn placed(&mut self, operand: Operand) -> Operand {
        if matches!(operand.place(), Place::Slot | Place::Local) {
            return operand;
        }
        self.move_to(operand, operand.slot());
        if operand.place() == Place::Sum {
            self.last.bare = Op::I32Add.form(form::IMM | form::BARE);
        } else if self.live && self.folding && (operand.ty().is(ValType::I32) || operand.ty().is(ValType::I64)) {
            let bare = self.unit_at(self.last.at) + form::FIRST;
            self.produced(operand.slot());
            self.last.bare = bare;
        }
        operand.in_slot()
    }

    /// A popped operand that is no sum: one is written where the next operation takes it.
    pub(super) fn sum_placed(&mut self, operand: Operand) -> Operand {
        if operand.place() == Place::Sum { self.placed(operand) } else { operand }
    }

    /// Whether the last operation produced this operand.
    pub(super) fn is_last(&self, operand: Operand) -> bool {
        self.live && self.last.known && operand.place() == Place::Slot && operand.slot() == self.last.slot
    }

    /// Takes back the last operation.
    pub(super) fn rewind(&mut self, at: u32) {
        self.t.context.stacks.truncate(stack::IMAGE, self.start + at * 2);
        self.forget();
    }

    /// Brings a value to a slot.
    pub(super) fn move_to(&mut self, operand: Operand, slot: u16) {
        let from = match operand.place() {
            Place::Const => return self.constant(slot, self.t.value(operand), operand.ty().is_wide()),
            Place::Sum => return self.sum(slot, operand),
            Place::Local => self.t.slot_of(operand),
            Place::Slot => operand.slot(),
        };
        if from == slot {
            return;
        }
        if operand.ty().is_wide() {
            self.op(Op::Copy64 as u16).and(slot).and(from);
        } else {
            self.copy(slot, from);
        }
    }

    /// Copies a slot; two copies in a row are one operation.
    fn copy(&mut self, to: u16, from: u16) {
        let last = &self.last;
        if last.known && last.op == Op::Copy32 as u16 {
            self.patch(last.at, Op::CopyTwo32 as u16);
            self.last.op = Op::CopyTwo32 as u16;
            self.and(to).and(from);
            return;
        }
        self.op(Op::Copy32 as u16).and(to).and(from);
        if self.live && self.folding {
            // No operand has this slot.
            self.produced(u16::MAX);
            self.last.op = Op::Copy32 as u16;
        }
    }

    /// The unit of the last operation if it was a copy that a call can take with it, and that call. A call without fuel is done
    /// again with its copies: the second must not change what the first reads.
    pub(super) fn last_copy(&self) -> Option<(u32, Op)> {
        let at = self.last.at;
        if !self.live || !self.last.known {
            return None;
        }
        if self.last.op == Op::Copy32 as u16 {
            return Some((at, Op::CallCopy32));
        }
        let is_repeatable = self.last.op == Op::CopyTwo32 as u16 && self.unit_at(at + 2) != self.unit_at(at + 3);
        is_repeatable.then_some((at, Op::CallCopyTwo32))
    }

    /// Writes a sum: a number is added to a local.
    fn sum(&mut self, slot: u16, operand: Operand) {
        let (from, addend) = (self.t.slot_of(operand), self.t.value(operand) as u16);
        self.op(Op::I32Add.form(form::IMM)).and(slot).and(from).and(addend);
        if self.live {
            self.produced(slot);
            self.last.accumulated = true;
        }
    }

    /// The slot where a popped operand can be read; a constant or a sum is written to the slot of its position first.
    pub(super) fn source(&mut self, operand: Operand) -> u16 {
        if operand.place() == Place::Local {
            return self.t.slot_of(operand);
        }
        self.move_to(operand, operand.slot());
        operand.slot()
    }

    fn constant(&mut self, slot: u16, value: u64, wide: bool) {
        let (low, high) = (value as u32, (value >> 32) as u32);
        let is_small = is_small(value, wide);
        let op = match (wide, is_small) {
            (false, true) => Op::Const16,
            (false, false) => Op::Const32,
            (true, true) => Op::Const64Imm,
            (true, false) => Op::Const64,
        };
        self.op(op as u16).and(slot).and(low as u16);
        if !is_small {
            self.and((low >> 16) as u16);
            if wide {
                self.word(high);
            }
        }
    }

    /// A constant that fits an immediate operand.
    pub(super) fn immediate(&self, operand: Operand) -> Option<u16> {
        if operand.place() != Place::Const {
            return None;
        }
        let value = self.t.value(operand);
        let fits = !operand.ty().is_float() && is_small(value, operand.ty().is_wide());
        fits.then_some(value as u16)
    }

    /// Writes the operand with this index to its slot, if it is elsewhere.
    pub(super) fn settle(&mut self, index: u32) {
        let operand = self.t.operand(index);
        if operand.place() == Place::Slot {
            return;
        }
        let held = self.t.hold(index);
        self.move_to(held, held.slot());
        if operand.names_local() {
            self.forget_use(operand, index);
        }
        self.t.set_operand(index, operand.in_slot().linked(0));
    }

    /// Unlinks an operand from the uses of its local.
    fn forget_use(&mut self, operand: Operand, index: u32) {
        let mut at = u32::from(self.t.uses_of(operand.local()));
        if at == index + 1 {
            self.t.set_uses(operand.local(), operand.link());
            return;
        }
        while at != 0 {
            let user = self.t.operand(at - 1);
            if u32::from(user.link()) == index + 1 {
                self.t.set_operand(at - 1, user.linked(operand.link()));
                return;
            }
            at = u32::from(user.link());
        }
    }

    /// Writes every operand that is not in its slot: what block heads and calls demand.
    pub(super) fn settle_all(&mut self) {
        let height = self.t.height();
        // Down from the top: each operand that stands for a local is then the first in the list of that local's uses.
        for index in (self.t.settled..height).rev() {
            self.settle(index);
        }
        self.t.settled = height;
    }

    /// Writes the sums among the topmost operands to their slots: an addition would overwrite what a test has found in the
    /// accumulator.
    pub(super) fn settle_sums(&mut self, count: u32) {
        let height = self.t.height();
        for index in height.saturating_sub(count).max(self.t.settled)..height {
            if self.t.operand(index).place() == Place::Sum {
                self.settle(index);
            }
        }
    }

    /// A popped operand that is no sum: one is written to the slot of its position.
    pub(super) fn without_sum(&mut self, operand: Operand) -> Operand {
        if operand.place() != Place::Sum {
            return operand;
        }
        self.move_to(operand, operand.slot());
        operand.in_slot()
    }

    /// Writes the topmost operands to their slots.
    pub(super) fn settle_top(&mut self, count: u32) {
        let height = self.t.height();
        (height.saturating_sub(count)..height).rev().for_each(|index| self.settle(index));
    }

    /// Writes the operands that still stand for a local which is about to change.
    pub(super) fn preserve(&mut self, local: u16) {
        loop {
            match self.t.uses_of(local) {
                0 => return,
                top => self.settle(u32::from(top) - 1),
            }
        }
    }

    /// Pushes a value that needs no operation, or writes it at once if nothing is folded.
    pub(super) fn push_lazily(&mut self, ty: Typed, pushed: Pushed) {
        self.t.push_place(ty, pushed);
        if !self.folding {
            self.settle_all();
        }
    }
}

/// Whether a signed number of 32 bits, or of 64, is one of 16.
fn is_small(value: u64, wide: bool) -> bool {
    let (low, high) = (value as i32, (value >> 32) as i32);
    i32::from(low as i16) == low && (!wide || high == low >> 31)
}

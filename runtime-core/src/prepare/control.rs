//! Blocks and branches: conditions fused with the comparison before them, labels with their values in their slots, and jump
//! tables.

use super::Body;
use super::emit::{Last, NO_FORM, Source};
use super::paths::{Path, Payer};
use crate::decode::ErrorKind;
use crate::isa::ops::{Class, Op, form, opposite, step_to};
use crate::isa::{Typed, ValType};
use crate::validate::{Block, BlockKind, NONE, Operand};

/// A condition ready to branch on.
#[derive(Clone, Copy)]
struct Test {
    op: u16,
    operands: [u16; 2],
    count: usize,
    /// The operation that left the left operand in the accumulator, by its unit.
    before: u32,
}

/// Whether the branch is taken if the condition holds, or unless it does.
#[derive(Clone, Copy, PartialEq)]
enum Sense {
    If,
    Unless,
}

impl Sense {
    fn other(self) -> Sense {
        if self == Sense::If { Sense::Unless } else { Sense::If }
    }
}

impl<'m> Body<'_, 'm> {
    pub(super) fn unreachable(&mut self) {
        self.op(Op::Unreachable as u16);
        self.leave_path();
    }

    /// After an instruction that never falls through.
    pub(super) fn leave_path(&mut self) {
        self.end_path();
        self.die();
        self.t.set_unreachable();
    }

    fn die(&mut self) {
        self.live = false;
        self.unset = 0;
    }

    /// In a wide function the entry's cost does not fit the header.
    pub(super) fn begin_wide_entry(&mut self) {
        self.op(Op::ChargeWide as u16).word(0);
        self.path = Path { payer: Payer::Loop(super::function::HEADER_UNITS), start_cost: 0 };
    }

    pub(super) fn begin_block(&mut self) {
        let ty = self.t.block_type();
        self.settle_all();
        self.t.open(BlockKind::Block, ty);
    }

    pub(super) fn loop_(&mut self) {
        let ty = self.t.block_type();
        self.settle_all();
        let head = self.begin_loop();
        self.t.open(BlockKind::Loop, ty);
        let label = &mut self.t.block.label;
        label.head = head;
        label.head_cost = self.cost;
        label.path_end = NONE;
        label.outer_loop = self.inner_loop;
        self.inner_loop = Some(self.t.depth());
        self.forget();
    }

    pub(super) fn if_(&mut self) {
        let ty = self.t.block_type();
        let condition = self.t.pop_i32();
        let height = self.t.height();
        self.settle_sums(height);
        let test = self.test(condition, self.leading(Sense::Unless));
        self.settle_all();
        self.t.open(BlockKind::If, ty);
        self.write_test(&test);
        self.wide_detour();
        self.t.block.label.else_waiting = self.waiting_cell(0);
        self.t.block.label.else_unset = self.unset;
    }

    pub(super) fn else_(&mut self) {
        if self.t.block.kind != BlockKind::If {
            return self.t.fail(ErrorKind::ElseWithoutIf);
        }
        if !self.t.check_end() {
            return;
        }
        self.settle_all();
        self.jump(0);
        self.end_path();
        self.die();
        self.t.clear();
        let params = self.t.params(self.t.block.ty);
        self.t.block.unreachable = false;
        self.t.push_types(params);
        self.t.block.kind = BlockKind::Else;
        let waiting = core::mem::take(&mut self.t.block.label.else_waiting);
        self.unset = core::mem::take(&mut self.t.block.label.else_unset);
        self.arrive(waiting);
    }

    /// Closes a block, which may be the function's.
    pub(super) fn end(&mut self) {
        let block = self.t.block;
        if block.kind == BlockKind::If && !self.has_same_ends(&block) {
            self.t.fail(ErrorKind::IfWithoutElse);
        }
        if !self.t.check_end() {
            return;
        }
        if self.t.depth() == 0 {
            return self.end_function();
        }
        self.settle_all();
        self.t.clear();
        self.unset |= block.label.unset | block.label.else_unset;
        self.arrive(block.label.else_waiting);
        self.arrive(block.label.waiting);
        if block.kind == BlockKind::Loop {
            self.inner_loop = block.label.outer_loop;
        }
        self.t.close();
        let results = self.t.results(block.ty);
        self.t.push_types(results);
    }

    fn has_same_ends(&self, block: &Block) -> bool {
        self.t.params(block.ty) == self.t.results(block.ty)
    }

    fn end_function(&mut self) {
        let waiting = self.t.block.label.waiting;
        if waiting != 0 {
            self.settle_all();
            self.arrive(waiting);
            // Results are in their slots whichever way led here.
        }
        self.write_return();
        self.end_path();
        self.has_ended = true;
        if !self.t.reader.is_at_end() {
            self.t.reader.fail(ErrorKind::BodySize);
        }
    }

    pub(super) fn return_(&mut self) {
        let results = self.t.function_results();
        if self.t.expect_types(results) {
            self.write_return();
            self.leave_path();
        }
    }

    /// Writes a return of the topmost values, which have the types of the function's results.
    fn write_return(&mut self) {
        if !self.live {
            return;
        }
        let results = self.t.function_results();
        if results.len() == 1 {
            let operand = self.t.peek();
            if !self.redirect(operand, 0) {
                let source = self.source(operand);
                let op = if operand.ty().is_wide() { Op::Return64 } else { Op::Return32 };
                self.op(op as u16).and(source);
                return;
            }
        } else if !results.is_empty() {
            self.copy_top(results.len() as u32, 0);
        }
        self.op(Op::Return as u16);
    }

    /// Copies the topmost `count` values, of which there are some, to a label's slots.
    fn copy_top(&mut self, count: u32, base: u16) {
        self.settle_top(count);
        let from = self.t.operand(self.t.height() - count).slot();
        if from != base {
            let len = (self.t.top - u32::from(from)) as u16;
            self.op(Op::CopyBlock as u16).and(base).and(from).and(len);
        }
    }

    /// Brings the topmost `count` values to a label's slots.
    fn carry(&mut self, count: u32, base: u16) {
        if !self.live || count == 0 {
            return;
        }
        if count != 1 {
            return self.copy_top(count, base);
        }
        let operand = self.t.peek();
        if !self.redirect(operand, base) {
            self.move_to(operand, base);
        }
    }

    pub(super) fn br(&mut self) {
        let depth = self.t.read_label();
        let (types, base) = self.label_values(depth);
        if !self.t.expect_types(types) {
            return;
        }
        if depth == self.t.depth() {
            self.write_return();
        } else {
            self.carry(types.len() as u32, base);
            self.jump(depth);
        }
        self.leave_path();
    }

    /// The types that a branch to a label carries, and its slots.
    fn label_values(&self, depth: u32) -> (&'m [ValType], u16) {
        let &Block { kind, ty, base, .. } = self.t.label(depth);
        (self.t.label_types(kind, ty), base)
    }

    /// Writes an unconditional branch.
    fn jump(&mut self, depth: u32) {
        self.op(if self.wide { Op::BrWide } else { Op::Br } as u16);
        self.cell(depth);
    }

    pub(super) fn br_if(&mut self) {
        let depth = self.t.read_label();
        let condition = self.t.pop_i32();
        let (types, base) = self.label_values(depth);
        if !self.t.expect_types(types) || !self.live {
            return;
        }
        let count = types.len() as u32;
        let elsewhere = count != 0 && self.t.operand(self.t.height() - count).slot() != base;
        let height = self.t.height();
        self.settle_sums(if elsewhere { height } else { count });
        if !elsewhere {
            let test = self.test(condition, self.leading(Sense::If));
            self.settle_top(count);
            self.write_test(&test);
            self.wide_detour();
            return self.cell(depth);
        }
        // The values move only if the branch is taken: the opposite test jumps over the move.
        let test = self.test(condition, Sense::Unless);
        self.settle_all();
        self.write_test(&test);
        let cell = self.here();
        self.word(0);
        self.carry(count, base);
        self.jump(depth);
        let here = self.here();
        self.retarget(cell, here);
        self.forget();
    }

    /// The sense of the test that leads to a branch taken in this sense: in wide functions, whose conditional branches have short
    /// cells as everywhere, it jumps over a wide branch.
    fn leading(&self, sense: Sense) -> Sense {
        if self.wide { sense.other() } else { sense }
    }

    /// In wide functions, the cell of a test that jumps over a wide branch, whose cell comes next.
    fn wide_detour(&mut self) {
        if self.wide {
            self.word(7).op(Op::BrWide as u16);
        }
    }

    fn write_test(&mut self, test: &Test) {
        let op = match self.folded(test) {
            Some(op) => {
                self.patch(test.before, op);
                (self.observer)(test.before, self.t.at);
                self.forget();
                self
            }
            None => self.op(test.op),
        };
        op.units(test.operands.get(..test.count).unwrap_or(&[]));
    }

    /// What the last operation becomes if it and the test, which finds its result in the accumulator, are one: an addition of an
    /// immediate that keeps the sum, or a conjunction with one that keeps nothing. Its operands stay where they are.
    fn folded(&self, test: &Test) -> Option<u16> {
        const MASK: u16 = Op::I32And.form(form::IMM | form::BARE);
        const MASK_ACC: u16 = MASK + form::ACC;
        const MASKED: u16 = Op::BrIfAnd as u16 - Op::BrIf as u16;
        const { assert!(Op::BrUnlessAnd as u16 - Op::BrIfAnd as u16 == Op::BrUnless as u16 - Op::BrIf as u16) }
        let at = test.before;
        if !self.live || at == NONE {
            return None;
        }
        let is_truth = test.op == Op::BrIfAcc as u16 || test.op == Op::BrUnlessAcc as u16;
        match (self.unit_at(at), self.here() - at) {
            (MASK, 3) if is_truth => Some(test.op - form::FIRST + MASKED),
            (MASK_ACC, 2) if is_truth => Some(test.op + MASKED),
            (ADDITION, 4) if test.op == Op::BrIfAcc as u16 => Some(Op::BrStep as u16),
            (ADDITION, 4) => {
                let plain = test.op.checked_sub(form::BRANCH | form::ACC)?;
                step_to(plain).or_else(|| step_to(plain.checked_sub(form::IMM)?).map(|step| step + form::IMM))
            }
            _ => None,
        }
    }

    /// Makes a condition of a popped operand: the comparison that produced it, if that was the last operation. What is in the
    /// accumulator stays there until the branch, for only copies and constants may come between.
    fn test(&mut self, condition: Operand, sense: Sense) -> Test {
        if self.last.class != Class::None && self.is_last(condition) {
            let Last { at, class, op, form, before, .. } = self.last;
            let operands = [self.unit_at(at + 2), self.unit_at(at + 3)];
            self.rewind(at);
            return match class {
                Class::CompareInt => {
                    let op = if sense == Sense::If { op } else { opposite(op) };
                    let (count, before) = if form & form::ACC != 0 { (1, before) } else { (2, NONE) };
                    Test { op: op + (form | form::BRANCH), operands, count, before }
                }
                Class::CompareFloat => {
                    let form = if sense == Sense::If { form::IF } else { form::UNLESS };
                    Test { op: op + form, operands, count: 2, before: NONE }
                }
                _ => {
                    let source = if form == form::FIRST { Source::Acc } else { Source::Slot(operands[0]) };
                    truth(source, sense.other(), op == Op::I64Eqz as u16)
                }
            };
        }
        let condition = self.placed(condition);
        let source = self.take(condition);
        let before = if source == Source::Acc { self.taken } else { NONE };
        Test { before, ..truth(source, sense, false) }
    }

    pub(super) fn br_table(&mut self) {
        let index = self.t.pop_i32();
        let count = self.t.reader.count();
        let labels = self.t.reader.offset();
        let arity = self.check_labels(count);
        if self.t.reader.has_failed() {
            return;
        }
        let slot = self.source(index);
        self.settle_top(if self.live { arity } else { 0 });
        let op = if self.wide { Op::BrTableWide } else { Op::BrTable };
        self.op(op as u16).and(slot).word(count);
        let after = self.t.reader.offset();
        let mut stub = self.here() + (count + 1) * self.cell_units();
        self.t.reader.go_to(labels);
        for _ in 0..=count {
            let depth = self.t.reader.u32();
            if self.needs_stub(depth, arity) {
                self.local_cell(stub);
                stub += CARRY_UNITS + 1 + self.cell_units();
            } else {
                self.cell(depth);
            }
        }
        self.t.reader.go_to(labels);
        for _ in 0..=count {
            let depth = self.t.reader.u32();
            if self.needs_stub(depth, arity) {
                self.copy_top(arity, self.t.label(depth).base);
                self.jump(depth);
            }
        }
        self.t.reader.go_to(after);
        self.leave_path();
    }

    /// Whether a label's values are elsewhere than on top of the stack.
    fn needs_stub(&self, depth: u32, arity: u32) -> bool {
        self.live && arity != 0 && self.t.operand(self.t.height() - arity).slot() != self.t.label(depth).base
    }

    /// Checks the labels of a `br_table` against the stack and one another; gives their arity. Each type is looked at once, so
    /// that this is linear in the module.
    fn check_labels(&mut self, count: u32) -> u32 {
        let mut arity = None;
        let mut checked = None;
        for _ in 0..=count {
            let depth = self.t.read_label();
            let &Block { kind, ty, .. } = self.t.label(depth);
            let label = (kind == BlockKind::Loop, self.t.canonical(ty));
            if checked.replace(label) == Some(label) || (arity.is_some() && self.t.is_marked(label)) {
                continue;
            }
            let types = self.t.label_types(kind, ty);
            let len = types.len() as u32;
            if *arity.get_or_insert(len) != len {
                self.t.fail(ErrorKind::BranchArity);
            }
            self.t.check_types(types);
            self.t.mark(label);
        }
        arity.unwrap_or(0)
    }

    /// Changes the displacement of a cell that costs nothing.
    fn retarget(&mut self, cell: u32, target: u32) {
        let displacement = target.wrapping_sub(cell);
        self.patch(cell, displacement as u16);
    }

    /// `select` of values of this type, which is any for the form without a type: that takes numbers only.
    pub(super) fn select(&mut self, ty: Typed) {
        let condition = self.t.pop_i32();
        let (right, left) = (self.t.pop_type(ty), self.t.pop_type(ty));
        let result = left.ty().or(right.ty()).or(ty);
        if ty == Typed::ANY && (left.ty().is_ref() || right.ty().is_ref()) {
            return self.t.fail(ErrorKind::SelectType);
        }
        if !left.ty().fits(right.ty()) {
            return self.t.fail(ErrorKind::TypeMismatch);
        }
        if result == Typed::ANY || !self.live {
            self.t.push(result);
            return;
        }
        let op = if result.is_wide() { Op::Select64 } else { Op::Select32 };
        let (left, right) = (self.without_sum(left), self.without_sum(right));
        let condition = self.take(condition);
        let [left, right] = [self.source(left), self.source(right)];
        let form = if condition == Source::Acc { form::FIRST } else { 0 };
        self.produce(result, op as u16 + form).source_in(condition).and(left).and(right);
        self.note_accumulated(result, NO_FORM);
    }

    pub(super) fn select_typed(&mut self) {
        if self.t.reader.u32() != 1 {
            self.t.fail(ErrorKind::SelectArity);
        }
        let ty = self.t.reader.val_type();
        self.select(ty.into());
    }
}

/// An addition of an immediate.
const ADDITION: u16 = Op::I32Add.form(form::IMM);

/// Units of the `CopyBlock` in a stub.
const CARRY_UNITS: u32 = 4;

/// Branches on a value that is not zero.
fn truth(source: Source, sense: Sense, wide: bool) -> Test {
    let op = match (sense, wide) {
        (Sense::If, false) => Op::BrIf,
        (Sense::Unless, false) => Op::BrUnless,
        (Sense::If, true) => Op::BrIf64,
        (Sense::Unless, true) => Op::BrUnless64,
    };
    match source {
        Source::Slot(slot) => Test { op: op as u16, operands: [slot, 0], count: 1, before: NONE },
        Source::Acc => Test { op: op.form(form::FIRST), operands: [0, 0], count: 0, before: NONE },
    }
}

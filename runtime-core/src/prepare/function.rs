//! One function: locals, then instruction by instruction to the end, validated and translated in the same pass. If
//! displacements turn out not to fit 16 bits the function is done again with wide branches.

use super::Body;
use super::emit::{Last, NO_FORM, Source};
use super::paths::{Path, Payer};
use crate::decode::{ErrorKind, Reader};
use crate::isa::ops::{Class, Op, Operator, exchanged, form, opposite, with_immediate, with_word};
use crate::isa::wasm::*;
use crate::isa::{FuncType, Typed, ValType};
use crate::validate::{
    Block, BlockType, Context, MAX_SLOTS, NONE, Operand, Place, Pushed, Typing, read_constant, stack,
};

/// Units before the first operation of a function: bytes of its frame, cost of its first path, where in the frame the locals that
/// must begin as zeros begin and end.
pub(crate) const HEADER_UNITS: u32 = 4;

/// Told the unit and the Wasm offset of each operation as it is written. An operation that is written again at a lower
/// unit replaces what was there.
pub(crate) type Observer<'o> = &'o mut dyn FnMut(u32, u32);

/// Validates and translates the body in `reader`; the code is appended to the image. Gives its offset there. The reader goes to the
/// end of the body, or to what is wrong in it.
pub(crate) fn prepare_function<'m>(
    context: &mut Context<'m>,
    reader: &mut Reader<'m>,
    ty: FuncType<'m>,
    type_index: u32,
    observer: Observer<'_>,
) -> u32 {
    let start = context.stacks.len(stack::IMAGE);
    let mut wide = reader.remaining() > i16::MAX as usize;
    loop {
        let folding = context.header.unfolded == 0;
        let mut body = Body {
            t: Typing::new(context, *reader),
            start,
            folding,
            wide,
            live: true,
            overflow: false,
            has_ended: false,
            cost: 0,
            path: Path { payer: Payer::Entry, start_cost: 0 },
            inner_loop: None,
            last: Last::NOTHING,
            taken: NONE,
            observer,
            unset: 0,
            zeros: false,
        };
        body.function(ty, type_index);
        if !body.overflow || body.t.reader.has_failed() {
            *reader = body.t.reader;
            return start;
        }
        wide = true;
        context.stacks.truncate(stack::IMAGE, start);
    }
}

impl<'m> Body<'_, 'm> {
    fn function(&mut self, ty: FuncType<'m>, type_index: u32) {
        for scratch in [stack::LOCALS, stack::OPERANDS, stack::BLOCKS, stack::PENDING] {
            self.t.context.stacks.truncate(scratch, 0);
        }
        self.units(&[0; HEADER_UNITS as usize]);
        for &param in ty.params {
            self.t.declare_local(param);
        }
        let params = self.t.top;
        self.begin_unset(params);
        self.declare_locals();
        let locals = self.t.top as u16;
        self.t.block = Block { ty: BlockType::func(type_index), base: locals, ..Block::default() };
        // Results are returned from the frame's start, so that a frame has room for them.
        self.t.max_top = self.t.max_top.max(ty.result_slots() * 4);
        if self.t.max_top > u32::from(u16::MAX) {
            self.t.fail(ErrorKind::FrameTooLarge);
        }
        if self.wide {
            self.begin_wide_entry();
        }
        while !self.has_ended && !self.t.reader.has_failed() {
            self.instruction();
        }
        self.patch(0, self.t.max_top as u16);
        self.patch(2, params as u16);
        self.patch(3, if self.zeros { locals } else { params as u16 });
    }

    fn declare_locals(&mut self) {
        let groups = self.t.reader.count();
        self.count_locals(groups);
        for _ in 0..groups {
            self.t.at = self.t.reader.offset();
            let count = self.t.reader.u32();
            let ty = self.t.reader.val_type();
            for _ in 0..count {
                self.t.declare_local(ty);
            }
        }
    }

    /// Checks how many locals there are before any of them takes room.
    fn count_locals(&mut self, groups: u32) {
        let reader = &mut self.t.reader;
        let start = reader.offset();
        let mut total = 0u32;
        for _ in 0..groups {
            let at = reader.offset();
            match total.checked_add(reader.u32()) {
                Some(sum) => total = sum,
                None => return reader.fail_at(at, ErrorKind::TooManyLocals),
            }
            reader.val_type();
        }
        reader.go_to(start);
        if total > MAX_SLOTS {
            self.t.fail(ErrorKind::FrameTooLarge);
        }
    }

    pub(super) fn set_entry_cost(&mut self, cost: u32) {
        self.patch(1, cost as u16);
    }

    /// Validates and translates one instruction.
    fn instruction(&mut self) {
        self.t.at = self.t.reader.offset();
        let mut code = u16::from(self.t.reader.byte());
        if code == PREFIX {
            let rest = self.t.reader.u32();
            // Beyond the last there is none with this code either.
            code = 0x100 + rest.min(0xFF) as u16;
        }
        if code != END && code != ELSE {
            self.cost = self.cost.wrapping_add(1);
        }
        match Operator::with_code(code) {
            Some(row) => self.operator(row),
            None => self.other(code),
        }
    }

    fn other(&mut self, code: u16) {
        match code {
            UNREACHABLE => self.unreachable(),
            NOP => {}
            BLOCK => self.begin_block(),
            LOOP => self.loop_(),
            IF => self.if_(),
            ELSE => self.else_(),
            END => self.end(),
            BR => self.br(),
            BR_IF => self.br_if(),
            BR_TABLE => self.br_table(),
            RETURN => self.return_(),
            CALL => self.call(),
            CALL_INDIRECT => self.call_indirect(),
            RETURN_CALL => self.return_call(),
            RETURN_CALL_INDIRECT => self.return_call_indirect(),
            DROP => {
                self.t.pop();
            }
            SELECT => self.select(Typed::ANY),
            SELECT_TYPED => self.select_typed(),
            LOCAL_GET => self.local_get(),
            LOCAL_SET => self.local_set(false),
            LOCAL_TEE => self.local_set(true),
            GLOBAL_GET => self.global_get(),
            GLOBAL_SET => self.global_set(),
            I32_CONST..=F64_CONST | REF_NULL => {
                let (ty, value) = read_constant(&mut self.t.reader, code);
                self.push_lazily(ty.into(), Pushed { place: Place::Const, local: 0, value });
            }
            REF_IS_NULL => self.ref_is_null(),
            REF_FUNC => self.ref_func(),
            _ if self.bulk(code) => {}
            _ => self.refuse_opcode(code),
        }
    }

    #[cold]
    fn refuse_opcode(&mut self, code: u16) {
        self.t.fail(match code {
            0xFD => ErrorKind::Simd,
            0xFE => ErrorKind::Threads,
            0x06..=0x0A | 0x18 | 0x19 | 0x1F => ErrorKind::Exceptions,
            0x14 | 0x15 | 0xD3..=0xD6 | 0xFB => ErrorKind::Gc,
            _ => ErrorKind::IllegalOpcode,
        });
    }

    /// An instruction whose typing is a plain signature.
    fn operator(&mut self, row: Operator) {
        match row.class() {
            Class::Load => self.load(row),
            Class::Store => self.store(row),
            Class::Unary => {
                let operand = self.t.pop_type(row.operand());
                self.unary(row, operand);
            }
            _ => {
                let right = self.t.pop_type(row.operand());
                let left = self.t.pop_type(row.operand());
                self.binary(row, left, right);
            }
        }
    }

    fn unary(&mut self, row: Operator, operand: Operand) {
        if row.op() == Op::I32Eqz as u16 && self.last.class == Class::CompareInt && self.is_last(operand) {
            // Not less is greater or equal: the comparison is turned in place.
            self.last.op = opposite(self.last.op);
            self.patch(self.last.at, self.last.op + self.last.form);
            self.t.push(ValType::I32.into());
            return;
        }
        let source = self.take(operand);
        self.compute_one(row.result(), row.op(), source, None);
        if row.op() == Op::I32Eqz as u16 || row.op() == Op::I64Eqz as u16 {
            let form = if source == Source::Acc { form::FIRST } else { 0 };
            self.note_comparison(Class::Unary, row.op(), form);
        }
    }

    /// Writes an operation with its first operand where it is; others follow. `only` is what is added for the form that leaves its
    /// result in the accumulator only, if there is one.
    pub(super) fn compute_one(&mut self, ty: Typed, op: u16, first: Source, only: Option<u16>) -> &mut Self {
        let op = if first == Source::Acc { op + form::FIRST } else { op };
        self.compute(ty, op, only.map_or(NO_FORM, |only| op + only)).source_in(first)
    }

    fn binary(&mut self, row: Operator, left: Operand, right: Operand) {
        if self.sum_later(row, left, right) {
            return;
        }
        let (left, right) = (self.sum_placed(left), self.sum_placed(right));
        if self.fuse(row, left, right) || self.with_word(row, left, right) {
            return;
        }
        match row.class() {
            Class::BinaryInt => {
                self.int(row, left, right, row.commutes(), row.op());
            }
            Class::CompareInt => {
                let exchanged = exchanged(row.op());
                let (op, form) = self.int(row, left, right, true, exchanged);
                self.note_comparison(Class::CompareInt, op, form);
            }
            Class::CompareFloat => {
                let [left, right] = [self.source(left), self.source(right)];
                self.compute(row.result(), row.op(), NO_FORM).and(left).and(right);
                self.note_comparison(Class::CompareFloat, row.op(), 0);
            }
            _ => {
                let (left, right, _) = self.take_two(left, right, row.commutes());
                self.compute_one(row.result(), row.op(), left, Some(form::ONLY)).and(right);
            }
        }
    }

    /// Leaves the addition of an immediate to a local to the operation that takes the sum.
    fn sum_later(&mut self, row: Operator, left: Operand, right: Operand) -> bool {
        if row.op() != Op::I32Add as u16 || !self.folding || !self.live || left.place() != Place::Local {
            return false;
        }
        let Some(addend) = self.immediate(right) else { return false };
        let sum = Pushed { place: Place::Sum, local: left.local(), value: u64::from(addend) };
        self.push_lazily(ValType::I32.into(), sum);
        true
    }

    /// An operator one of whose operands is a constant that a word can hold.
    fn with_word(&mut self, row: Operator, left: Operand, right: Operand) -> bool {
        let exchanged = left.place() == Place::Const && row.commutes();
        let (left, right) = if exchanged { (right, left) } else { (left, right) };
        let is_word = right.place() == Place::Const && left.place() != Place::Const;
        if !is_word || !self.folding || !self.live || self.immediate(right).is_some() {
            return false;
        }
        let (Some(op), Some(value)) = (with_word(row.op()), as_word(row.operand(), self.t.value(right))) else {
            return false;
        };
        let left = self.placed(left);
        let left = self.take(left);
        self.compute_one(row.result(), op, left, Some(form::ONLY)).word(value);
        true
    }

    /// Writes an operation on integers, which is `turned` if its operands are exchanged. Gives the operation and its form.
    fn int(&mut self, row: Operator, left: Operand, right: Operand, commutes: bool, turned: u16) -> (u16, u16) {
        let mut op = row.op();
        let mut form = 0;
        let (left, right) = if let Some(value) = self.immediate(right).filter(|_| self.folding) {
            let left = self.placed(left);
            let (shifted, value) = with_immediate(op, value);
            op = shifted;
            form = form::IMM;
            (self.take(left), value)
        } else {
            let (left, right, exchanged) = self.take_two(left, right, commutes);
            if exchanged {
                op = turned;
            }
            (left, right)
        };
        if left == Source::Acc {
            form |= form::ACC;
        }
        self.compute(row.result(), op + form, op + form + form::BARE).source_in(left).and(right);
        (op, form)
    }
}

/// A constant of this type as a word in the code, if that can hold it: an `f64` that is a normal `f32` too.
fn as_word(ty: Typed, bits: u64) -> Option<u32> {
    if !ty.is(ValType::F64) {
        return Some(bits as u32);
    }
    let (high, low) = ((bits >> 32) as u32, bits as u32);
    let exponent = high >> 20 & 0x7FF;
    let is_normal = (1023 - 126..=1023 + 127).contains(&exponent) && low << 3 == 0;
    let word = (high & 1 << 31) | high.wrapping_sub((1023 - 127) << 20) << 3 & !(1 << 31) | low >> 29;
    is_normal.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::as_word;
    use crate::isa::ValType;

    #[test]
    fn a_word_holds_what_an_f32_can() {
        let word = |value: f64| as_word(ValType::F64.into(), value.to_bits());
        for value in [1.0f32, -1.5, 3.25e10, -7e-30, f32::MAX, f32::MIN_POSITIVE] {
            assert_eq!(word(f64::from(value)), Some(value.to_bits()), "{value}");
        }
        for value in [0.0, -0.0, 0.1, 1e300, f64::MIN_POSITIVE, f64::from(f32::MAX) * 2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(word(value), None, "{value}");
        }
        assert_eq!(as_word(ValType::I32.into(), 0xFFFF_FFFF), Some(0xFFFF_FFFF));
        assert_eq!(as_word(ValType::F32.into(), 0x3F80_0000), Some(0x3F80_0000));
    }
}

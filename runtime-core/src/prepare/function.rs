//! One function: locals, then instruction by instruction to the end, validated and translated in the same pass. If
//! displacements turn out not to fit 16 bits the function is done again with wide branches.

use super::Body;
use super::emit::{Last, NO_FORM, Source, word};
use super::paths::{Path, Payer};
use crate::decode::{ErrorKind, Reader, Result};
use crate::isa::ops::{Class, OPERATORS, Op, Operator, exchanged, form, opposite, with_immediate, with_word};
use crate::isa::wasm::*;
use crate::isa::{FuncType, ValType, num};
use crate::validate::{Block, Context, Label, MAX_SLOTS, NONE, Operand, Place, Typing, stack};

/// Units before the first operation of a function: bytes of its frame, cost of its first path, bytes of its parameters,
/// bytes of its parameters and locals.
pub(crate) const HEADER_UNITS: u32 = 4;

/// Told the unit and the Wasm offset of each operation as it is written. An operation that is written again at a lower
/// unit replaces what was there.
pub(crate) type Observer<'o> = &'o mut dyn FnMut(u32, u32);

/// Validates and translates the body in `reader`; the code is appended to the image. Gives its offset there.
pub(crate) fn prepare_function<'m>(
    context: &mut Context<'m>,
    reader: Reader<'m>,
    ty: FuncType<'m>,
    type_index: u32,
    observer: Observer<'_>,
) -> Result<u32> {
    let start = context.stacks.len(stack::IMAGE);
    let mut wide = reader.remaining() > i16::MAX as usize;
    loop {
        let folding = context.header.unfolded == 0;
        let typing = Typing { context, reader, at: reader, top: 0, max_top: 0, settled: 0, block: Block::default() };
        let mut body = Body {
            t: typing,
            start,
            folding,
            wide,
            live: true,
            overflow: false,
            cost: 0,
            path: Path { payer: Payer::Entry, start_cost: 0 },
            inner_loop: None,
            last: Last::NOTHING,
            taken: NONE,
            observer,
        };
        body.function(ty, type_index)?;
        if !body.overflow {
            return Ok(start);
        }
        wide = true;
        context.stacks.truncate(stack::IMAGE, start);
    }
}

impl<'m> Body<'_, 'm> {
    fn function(&mut self, ty: FuncType<'m>, type_index: u32) -> Result<()> {
        for scratch in [stack::LOCALS, stack::OPERANDS, stack::BLOCKS, stack::PENDING] {
            self.t.context.stacks.truncate(scratch, 0);
        }
        self.units(&[0; HEADER_UNITS as usize])?;
        for &param in ty.params {
            self.t.declare_local(param)?;
        }
        let params = self.t.top as u16;
        self.locals()?;
        let locals = self.t.top as u16;
        self.t.block = Block {
            ty: crate::validate::BlockType::Func(type_index),
            base: locals,
            label: Label::default(),
            ..Block::default()
        };
        self.reserve_results(ty)?;
        if self.wide {
            self.begin_wide_entry()?;
        }
        while self.instruction()? {}
        self.patch(0, self.t.max_top as u16);
        self.patch(2, params);
        self.patch(3, locals);
        Ok(())
    }

    /// Results are returned from the frame's start, so that a frame has room for them.
    fn reserve_results(&mut self, ty: FuncType<'m>) -> Result<()> {
        self.t.max_top = self.t.max_top.max(ty.result_slots() * 4);
        if self.t.max_top > u32::from(u16::MAX) { self.t.error(ErrorKind::FrameTooLarge) } else { Ok(()) }
    }

    fn locals(&mut self) -> Result<()> {
        let groups = self.t.reader.count()?;
        self.count_locals(groups)?;
        for _ in 0..groups {
            self.t.at = self.t.reader;
            let count = self.t.reader.u32()?;
            let ty = self.t.reader.val_type()?;
            for _ in 0..count {
                self.t.declare_local(ty)?;
            }
        }
        Ok(())
    }

    /// Checks how many locals there are before any of them takes room.
    fn count_locals(&mut self, groups: u32) -> Result<()> {
        let mut reader = self.t.reader;
        let mut total = 0u64;
        for _ in 0..groups {
            let at = reader;
            total += u64::from(reader.u32()?);
            if total > u64::from(u32::MAX) {
                return at.error(ErrorKind::TooManyLocals);
            }
            reader.val_type()?;
        }
        if total > u64::from(MAX_SLOTS) { self.t.error(ErrorKind::FrameTooLarge) } else { Ok(()) }
    }

    pub(super) fn set_entry_cost(&mut self, cost: u32) {
        self.patch(1, cost as u16);
    }

    /// Validates and translates one instruction; false after the function's last `end`.
    fn instruction(&mut self) -> Result<bool> {
        self.t.at = self.t.reader;
        let mut code = u16::from(self.t.reader.byte()?);
        if code == PREFIX {
            let rest = self.t.reader.u32()?;
            code = if rest <= 0x11 { 0x100 + rest as u16 } else { return self.t.error(ErrorKind::IllegalOpcode) };
        }
        if code != END && code != ELSE {
            self.cost = self.cost.wrapping_add(1);
        }
        match OPERATORS.get(code as usize) {
            Some(row) if row.class != Class::None => self.operator(row)?,
            _ => return self.other(code),
        }
        Ok(true)
    }

    fn other(&mut self, code: u16) -> Result<bool> {
        match code {
            UNREACHABLE => self.unreachable()?,
            NOP => {}
            BLOCK => self.begin_block()?,
            LOOP => self.loop_()?,
            IF => self.if_()?,
            ELSE => self.else_()?,
            END => return self.end(),
            BR => self.br()?,
            BR_IF => self.br_if()?,
            BR_TABLE => self.br_table()?,
            RETURN => self.return_()?,
            CALL => self.call()?,
            CALL_INDIRECT => self.call_indirect()?,
            RETURN_CALL => self.return_call()?,
            RETURN_CALL_INDIRECT => self.return_call_indirect()?,
            DROP => drop(self.t.pop()?),
            SELECT => self.select(None)?,
            SELECT_TYPED => self.select_typed()?,
            LOCAL_GET => self.local_get()?,
            LOCAL_SET => self.local_set(false)?,
            LOCAL_TEE => self.local_set(true)?,
            GLOBAL_GET => self.global_get()?,
            GLOBAL_SET => self.global_set()?,
            I32_CONST => {
                let value = u64::from(self.t.reader.i32()? as u32);
                self.push_lazily(ValType::I32, Place::Const(value))?;
            }
            I64_CONST => {
                let value = self.t.reader.i64()? as u64;
                self.push_lazily(ValType::I64, Place::Const(value))?;
            }
            F32_CONST => {
                let value = u64::from(self.t.reader.f32_bits()?);
                self.push_lazily(ValType::F32, Place::Const(value))?;
            }
            F64_CONST => {
                let value = self.t.reader.f64_bits()?;
                self.push_lazily(ValType::F64, Place::Const(value))?;
            }
            REF_NULL => {
                let ty = self.t.reader.ref_type()?;
                self.push_lazily(ty, Place::Const(0))?;
            }
            REF_IS_NULL => self.ref_is_null()?,
            REF_FUNC => self.ref_func()?,
            TABLE_GET | TABLE_SET | TABLE_INIT..=TABLE_FILL => self.table_instruction(code)?,
            MEMORY_SIZE | MEMORY_GROW | MEMORY_INIT..=MEMORY_FILL => self.memory_instruction(code)?,
            _ => return self.refuse_opcode(code),
        }
        Ok(true)
    }

    #[cold]
    fn refuse_opcode<T>(&self, code: u16) -> Result<T> {
        self.t.error(match code {
            0xFD => ErrorKind::Simd,
            0xFE => ErrorKind::Threads,
            0x06..=0x0A | 0x18 | 0x19 | 0x1F => ErrorKind::Exceptions,
            0x14 | 0x15 | 0xD3..=0xD6 | 0xFB => ErrorKind::Gc,
            _ => ErrorKind::IllegalOpcode,
        })
    }

    /// An instruction whose typing is a plain signature.
    fn operator(&mut self, row: &'static Operator) -> Result<()> {
        match row.class {
            Class::Unary => {
                let operand = self.t.pop_type(row.operand)?;
                self.unary(row, &operand)
            }
            Class::Load(log2) => self.load(row, log2),
            Class::Store(log2) => self.store(row, log2),
            _ => {
                let right = self.t.pop_type(row.operand)?;
                let left = self.t.pop_type(row.operand)?;
                self.binary(row, &left, &right)
            }
        }
    }

    fn unary(&mut self, row: &Operator, operand: &Operand) -> Result<()> {
        if row.op == Op::I32Eqz
            && let Some(last) = self.last_produced(operand)
            && last.class == Class::CompareInt
        {
            // Not less is greater or equal: the comparison is turned in place.
            self.last.op = opposite(last.op);
            self.patch(last.at, self.last.op + last.form);
            return self.t.push(ValType::I32).map(drop);
        }
        let form = match self.take(operand)? {
            Source::Acc => {
                self.compute(row.result, row.op.form(form::FIRST), &[], NO_FORM)?;
                form::FIRST
            }
            Source::Slot(slot) => {
                self.compute(row.result, row.op as u16, &[slot], NO_FORM)?;
                0
            }
        };
        if matches!(row.op, Op::I32Eqz | Op::I64Eqz) {
            self.note_comparison(Class::Unary, row.op as u16, form);
        }
        Ok(())
    }

    fn binary(&mut self, row: &Operator, left: &Operand, right: &Operand) -> Result<()> {
        if self.sum_later(row, left, right)? {
            return Ok(());
        }
        let (left, right) = (&self.sum_placed(left)?, &self.sum_placed(right)?);
        if self.fuse(row, left, right)? || self.with_word(row, left, right)? {
            return Ok(());
        }
        match row.class {
            Class::BinaryInt => {
                let (op, form, operands, count) = self.int_operands(row, left, right, row.commutes(), row.op as u16)?;
                self.compute(row.result, op + form, operands.get(..count).unwrap_or(&[]), op + form + form::BARE)
            }
            Class::CompareInt => {
                let exchanged = exchanged(row.op as u16);
                let (op, form, operands, count) = self.int_operands(row, left, right, true, exchanged)?;
                self.compute(row.result, op + form, operands.get(..count).unwrap_or(&[]), NO_FORM)?;
                self.note_comparison(Class::CompareInt, op, form);
                Ok(())
            }
            Class::CompareFloat => {
                let operands = [self.source(left)?, self.source(right)?];
                self.compute(row.result, row.op as u16, &operands, NO_FORM)?;
                self.note_comparison(Class::CompareFloat, row.op as u16, 0);
                Ok(())
            }
            _ => match self.take_two(left, right, row.commutes())? {
                (Source::Acc, right, _) => {
                    let op = row.op.form(form::FIRST);
                    self.compute(row.result, op, &[right], op + form::ONLY)
                }
                (Source::Slot(left), right, _) => {
                    self.compute(row.result, row.op as u16, &[left, right], row.op.form(form::ONLY))
                }
            },
        }
    }

    /// Leaves the addition of an immediate to a local to the operation that takes the sum.
    fn sum_later(&mut self, row: &Operator, left: &Operand, right: &Operand) -> Result<bool> {
        if row.op != Op::I32Add || !self.folding || !self.live {
            return Ok(false);
        }
        let (Place::Local(local), Some(addend)) = (left.place, self.immediate(right)) else { return Ok(false) };
        self.push_lazily(ValType::I32, Place::Sum(local, addend as i16)).map(|()| true)
    }

    /// An operator one of whose operands is a constant that a word can hold.
    fn with_word(&mut self, row: &Operator, left: &Operand, right: &Operand) -> Result<bool> {
        if !self.folding || !self.live {
            return Ok(false);
        }
        let (left, right) = match (left.place, right.place) {
            (Place::Const(_), Place::Const(_)) => return Ok(false),
            (Place::Const(_), _) if row.commutes() => (right, left),
            _ => (left, right),
        };
        let Place::Const(value) = right.place else { return Ok(false) };
        if self.immediate(right).is_some() {
            return Ok(false);
        }
        let (Some(op), Some(value)) = (with_word(row.op), as_word(row.operand, value)) else { return Ok(false) };
        let left = self.placed(left)?;
        let [low, high] = word(value);
        match self.take(&left)? {
            Source::Acc => self.compute(row.result, op + form::FIRST, &[low, high], op + form::FIRST + form::ONLY)?,
            Source::Slot(slot) => self.compute(row.result, op, &[slot, low, high], op + form::ONLY)?,
        }
        Ok(true)
    }

    /// Operands of an operation on integers: the operation, which is `turned` if they are exchanged, its form, and its units.
    fn int_operands(
        &mut self,
        row: &Operator,
        left: &Operand,
        right: &Operand,
        commutes: bool,
        turned: u16,
    ) -> Result<(u16, u16, [u16; 2], usize)> {
        let op = row.op as u16;
        if let Some(value) = self.immediate(right).filter(|_| self.folding) {
            let left = self.placed(left)?;
            let (op, value) = with_immediate(row.op, value);
            return Ok(match self.take(&left)? {
                Source::Acc => (op, form::IMM | form::ACC, [value, 0], 1),
                Source::Slot(left) => (op, form::IMM, [left, value], 2),
            });
        }
        Ok(match self.take_two(left, right, commutes)? {
            (Source::Acc, right, exchanged) => (if exchanged { turned } else { op }, form::ACC, [right, 0], 1),
            (Source::Slot(left), right, _) => (op, 0, [left, right], 2),
        })
    }
}

/// A constant of this type as a word in the code, if that can hold it.
fn as_word(ty: ValType, bits: u64) -> Option<u32> {
    let word = match ty {
        ValType::F64 => num::f32_demote_f64(f64::from_bits(bits)).to_bits(),
        _ => bits as u32,
    };
    let back = if ty == ValType::F64 { num::f64_promote_f32(f32::from_bits(word)).to_bits() } else { u64::from(word) };
    (back == bits && !(ty == ValType::F64 && bits << 1 > f64::INFINITY.to_bits() << 1)).then_some(word)
}

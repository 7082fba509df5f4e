//! Locals, globals and references: mostly places of operands, seldom operations.

use super::Body;
use super::emit::{NO_FORM, Source};
use crate::decode::ErrorKind;
use crate::isa::ops::{Op, form};
use crate::isa::{Typed, ValType};
use crate::validate::{Operand, Place, Pushed};

impl Body<'_, '_> {
    pub(super) fn local_get(&mut self) {
        let index = self.t.reader.u32();
        let (ty, slot) = self.t.local(index);
        self.note_read(slot);
        self.push_local(ty, index);
    }

    /// `local.set`, or `local.tee` if the value stays on the stack.
    pub(super) fn local_set(&mut self, tee: bool) {
        let index = self.t.reader.u32();
        let (ty, slot) = self.t.local(index);
        let operand = self.t.pop_type(ty);
        self.assign(index as u16, slot, operand.typed(ty));
        self.note_set(slot);
        if tee {
            self.push_local(ty, index);
        }
    }

    /// Pushes a value that stays in a local for now.
    fn push_local(&mut self, ty: Typed, index: u32) {
        self.push_lazily(ty, Pushed { place: Place::Local, local: index as u16, value: 0 });
    }

    fn assign(&mut self, local: u16, slot: u16, operand: Operand) {
        if self.t.uses_of(local) != 0 {
            self.preserve(local);
        } else if self.redirect(operand, slot) {
            return;
        }
        self.move_to(operand, slot);
    }

    pub(super) fn global_get(&mut self) {
        let index = self.t.reader.u32();
        let Some(global) = self.t.context.global(index) else { return self.t.fail(ErrorKind::UnknownGlobal) };
        let ty = Typed::from(global.content());
        match index.checked_sub(self.t.context.header.imported_globals) {
            None => {
                self.produce(ty, Op::GlobalGetImport as u16).and(index as u16).and(ty.is_wide().into());
            }
            Some(own) => {
                let op = if ty.is_wide() { Op::GlobalGet64 } else { Op::GlobalGet32 };
                self.produce(ty, op as u16).and((own * 8) as u16);
                self.note_accumulated(ty, op.form(form::FIRST));
            }
        }
    }

    pub(super) fn global_set(&mut self) {
        let index = self.t.reader.u32();
        let Some(global) = self.t.context.global(index) else { return self.t.fail(ErrorKind::UnknownGlobal) };
        if global.mutable == 0 {
            return self.t.fail(ErrorKind::ImmutableGlobal);
        }
        let ty = Typed::from(global.content());
        let operand = self.t.pop_type(ty);
        let own = index.checked_sub(self.t.context.header.imported_globals);
        if let Some(own) = own
            && self.set_stepped(operand, (own * 8) as u16)
        {
            return;
        }
        // The accumulator holds floats in another way than the operations on globals have them.
        let source = match own {
            Some(_) if !ty.is_float() => self.take(operand),
            _ => Source::Slot(self.source(operand)),
        };
        let op = if ty.is_wide() { Op::GlobalSet64 } else { Op::GlobalSet32 };
        match own {
            Some(own) => {
                let form = if source == Source::Acc { form::FIRST } else { 0 };
                self.op(op as u16 + form).source_in(source).and((own * 8) as u16);
            }
            None => {
                let op = self.op(Op::GlobalSetImport as u16).source_in(source);
                op.and(index as u16).and(ty.is_wide().into());
            }
        }
    }

    /// Sets a global to a local's sum with a number in one operation; or, if a number was just taken from the same global, does
    /// both in one.
    fn set_stepped(&mut self, operand: Operand, global: u16) -> bool {
        if !self.live {
            return false;
        }
        if operand.place() == Place::Sum {
            let (local, addend) = (self.t.slot_of(operand), self.t.value(operand) as u16);
            self.op(Op::GlobalSetSum as u16).and(local).and(addend).and(global);
            return true;
        }
        let (at, mut last) = (self.taken, self.last);
        let is_step = self.is_accumulated(operand)
            && operand.place() == Place::Local
            && self.unit_at(last.at) == Op::I32Sub.form(form::IMM | form::ACC)
            && at.wrapping_add(GET_UNITS) == last.at
            && [self.unit_at(at), self.unit_at(at + 1)] == [Op::GlobalGet32Acc as u16, global];
        if is_step {
            let [to, subtrahend] = [1, 2].map(|n| self.unit_at(last.at + n));
            self.rewind(at);
            self.op(Op::GlobalSub as u16).and(to).and(subtrahend).and(global);
            last.at = at;
            self.last = last;
        }
        is_step
    }

    pub(super) fn ref_is_null(&mut self) {
        let operand = self.t.pop();
        if operand.ty() != Typed::ANY && !operand.ty().is_ref() {
            self.t.fail(ErrorKind::TypeMismatch);
        }
        // A null reference is the handle 0.
        let source = self.source(operand);
        self.compute(ValType::I32.into(), Op::I32Eqz as u16, NO_FORM).and(source);
    }

    pub(super) fn ref_func(&mut self) {
        let index = self.t.reader.u32();
        if index >= self.t.context.header.funcs {
            self.t.fail(ErrorKind::UnknownFunction);
        } else if !self.t.context.is_declared(index) {
            self.t.fail(ErrorKind::UndeclaredFunction);
        }
        self.produce(ValType::FuncRef.into(), Op::RefFunc as u16).word(index);
    }
}

/// Units of a `GlobalGet32Acc`.
const GET_UNITS: u32 = 2;

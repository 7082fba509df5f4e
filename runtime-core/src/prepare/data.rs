//! Locals, globals and references: mostly places of operands, seldom operations.

use super::Body;
use super::emit::{NO_FORM, Source, word};
use crate::decode::{ErrorKind, Result};
use crate::isa::ValType;
use crate::isa::ops::{Op, form};
use crate::validate::{Operand, Place};

impl Body<'_, '_> {
    pub(super) fn local_get(&mut self) -> Result<()> {
        let index = self.t.reader.u32()?;
        let local = self.t.local(index)?;
        self.push_lazily(local.ty.unwrap_or(ValType::I32), Place::Local(index as u16))
    }

    /// `local.set`, or `local.tee` if the value stays on the stack.
    pub(super) fn local_set(&mut self, tee: bool) -> Result<()> {
        let index = self.t.reader.u32()?;
        let ty = self.t.local(index)?.ty.unwrap_or(ValType::I32);
        let operand = self.t.pop_type(ty)?;
        self.assign(index, &operand, ty)?;
        if tee { self.push_lazily(ty, Place::Local(index as u16)) } else { Ok(()) }
    }

    fn assign(&mut self, index: u32, operand: &Operand, ty: ValType) -> Result<()> {
        let local = self.t.local(index)?;
        if local.uses != 0 {
            self.preserve(index)?;
        } else if self.redirect(operand, local.slot) {
            return Ok(());
        }
        let operand = Operand { ty: Some(ty), ..*operand };
        self.move_to(&operand, local.slot)
    }

    pub(super) fn global_get(&mut self) -> Result<()> {
        let index = self.t.reader.u32()?;
        let Some(global) = self.t.context.global(index) else { return self.t.error(ErrorKind::UnknownGlobal) };
        let ty = global.content();
        let wide = ty.slots() == 2;
        match index.checked_sub(self.t.context.header.imported_globals) {
            None => self.produce(ty, Op::GlobalGetImport as u16, &[index as u16, wide as u16]),
            Some(own) => {
                let op = if wide { Op::GlobalGet64 } else { Op::GlobalGet32 };
                self.produce(ty, op as u16, &[(own * 8) as u16])?;
                self.note_accumulated(ty, op.form(form::FIRST));
                Ok(())
            }
        }
    }

    pub(super) fn global_set(&mut self) -> Result<()> {
        let index = self.t.reader.u32()?;
        let Some(global) = self.t.context.global(index) else { return self.t.error(ErrorKind::UnknownGlobal) };
        if global.mutable == 0 {
            return self.t.error(ErrorKind::ImmutableGlobal);
        }
        let ty = global.content();
        let wide = ty.slots() == 2;
        let operand = self.t.pop_type(ty)?;
        let Some(own) = index.checked_sub(self.t.context.header.imported_globals) else {
            let source = self.source(&operand)?;
            return self.op(Op::GlobalSetImport as u16, &[source, index as u16, wide as u16]);
        };
        let op = if wide { Op::GlobalSet64 } else { Op::GlobalSet32 };
        let global = (own * 8) as u16;
        if matches!(ty, ValType::F32 | ValType::F64) {
            let source = self.source(&operand)?;
            return self.op(op as u16, &[source, global]);
        }
        match self.take(&operand)? {
            Source::Acc => self.op(op.form(form::FIRST), &[global]),
            Source::Slot(slot) => self.op(op as u16, &[slot, global]),
        }
    }

    pub(super) fn ref_is_null(&mut self) -> Result<()> {
        let operand = self.t.pop()?;
        if operand.ty.is_some_and(|ty| !ty.is_ref()) {
            return self.t.error(ErrorKind::TypeMismatch);
        }
        // A null reference is the handle 0.
        let source = self.source(&operand)?;
        self.compute(ValType::I32, Op::I32Eqz as u16, &[source], NO_FORM)
    }

    pub(super) fn ref_func(&mut self) -> Result<()> {
        let index = self.t.reader.u32()?;
        if self.t.context.func(index).is_none() {
            return self.t.error(ErrorKind::UnknownFunction);
        }
        if !self.t.context.is_declared(index) {
            return self.t.error(ErrorKind::UndeclaredFunction);
        }
        self.produce(ValType::FuncRef, Op::RefFunc as u16, &word(index))
    }
}

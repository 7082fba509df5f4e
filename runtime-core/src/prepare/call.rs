//! Calls. Arguments lie on top of the caller's operands and become the callee's first locals; results take their place.

use super::Body;
use super::emit::word;
use crate::decode::{ErrorKind, Result};
use crate::isa::ops::Op;
use crate::isa::{FuncType, ValType};

impl<'m> Body<'_, 'm> {
    pub(super) fn call(&mut self) -> Result<()> {
        let (index, ty) = self.callee()?;
        let arguments = self.arguments(ty)?;
        match index.checked_sub(self.t.context.header.imported_funcs) {
            None => self.op(Op::CallImport as u16, &[index as u16, (index >> 16) as u16, arguments])?,
            Some(own) => match u16::try_from(own) {
                Ok(own) => self.op(Op::Call as u16, &[own, arguments])?,
                Err(_) => self.op(Op::CallFar as u16, &[own as u16, (own >> 16) as u16, arguments])?,
            },
        }
        self.t.push_types(ty.results)
    }

    pub(super) fn return_call(&mut self) -> Result<()> {
        let (index, ty) = self.callee()?;
        self.check_tail(ty)?;
        let arguments = self.arguments(ty)?;
        let bytes = (ty.param_slots() * 4) as u16;
        let (op, index) = match index.checked_sub(self.t.context.header.imported_funcs) {
            None => (Op::ReturnCallImport, word(index)),
            Some(own) => (Op::ReturnCall, word(own)),
        };
        self.op(op as u16, &index)?;
        self.units(&[arguments, bytes])?;
        self.leave_path()
    }

    pub(super) fn call_indirect(&mut self) -> Result<()> {
        let (canonical, table, ty) = self.indirect()?;
        let index = self.t.pop_type(ValType::I32)?;
        let index = self.source(&index)?;
        let arguments = self.arguments(ty)?;
        self.op(Op::CallIndirect as u16, &[index, canonical, table, arguments])?;
        self.t.push_types(ty.results)
    }

    pub(super) fn return_call_indirect(&mut self) -> Result<()> {
        let (canonical, table, ty) = self.indirect()?;
        self.check_tail(ty)?;
        let index = self.t.pop_type(ValType::I32)?;
        let index = self.source(&index)?;
        let arguments = self.arguments(ty)?;
        let bytes = (ty.param_slots() * 4) as u16;
        self.op(Op::ReturnCallIndirect as u16, &[index, canonical, table, arguments, bytes])?;
        self.leave_path()
    }

    fn callee(&mut self) -> Result<(u32, FuncType<'m>)> {
        let index = self.t.reader.u32()?;
        match self.t.context.type_of_func(index) {
            Some(ty) => Ok((index, ty)),
            None => self.t.error(ErrorKind::UnknownFunction),
        }
    }

    /// Reads the immediates of an indirect call: canonical type, table, and the type itself.
    fn indirect(&mut self) -> Result<(u16, u16, FuncType<'m>)> {
        let type_index = self.t.reader.u32()?;
        let table = self.t.reader.u32()?;
        match self.t.context.table(table) {
            None => return self.t.error(ErrorKind::UnknownTable),
            Some(ValType::FuncRef) => {}
            Some(_) => return self.t.error(ErrorKind::TypeMismatch),
        }
        match (self.t.context.type_entry(type_index), self.t.context.func_type(type_index)) {
            (Some(entry), Some(ty)) => Ok((entry.canonical as u16, table as u16, ty)),
            _ => self.t.error(ErrorKind::UnknownType),
        }
    }

    /// Writes all operands to their slots and pops the arguments; gives the slot of the first.
    fn arguments(&mut self, ty: FuncType<'m>) -> Result<u16> {
        self.t.expect_types(ty.params)?;
        self.settle_all()?;
        self.t.pop_types(ty.params)?;
        Ok(self.t.top as u16)
    }

    fn check_tail(&self, ty: FuncType<'m>) -> Result<()> {
        let mut room = [ValType::I32];
        let function = self.t.label(self.t.depth())?;
        if self.t.results(function.ty, &mut room) == ty.results {
            Ok(())
        } else {
            self.t.error(ErrorKind::TailCallResults)
        }
    }
}

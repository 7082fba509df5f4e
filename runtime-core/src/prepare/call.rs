//! Calls. Arguments lie on top of the caller's operands and become the callee's first locals; results take their place.

use super::Body;
use super::emit::{Last, word};
use crate::decode::{ErrorKind, Result};
use crate::isa::ops::Op;
use crate::isa::{FuncType, ValType};

impl<'m> Body<'_, 'm> {
    pub(super) fn call(&mut self) -> Result<()> {
        let (index, ty) = self.callee()?;
        let arguments = self.arguments(ty)?;
        let [low, high] = word(index);
        match index.checked_sub(self.t.context.header.imported_funcs).map(word) {
            None => self.op(Op::CallImport as u16, &[low, high, arguments]),
            Some([own, 0]) => self.call_own(own, arguments),
            Some([low, high]) => self.op(Op::CallFar as u16, &[low, high, arguments]),
        }
        self.t.push_types(ty.results);
        Ok(())
    }

    /// Calls a function of the module's own; the copy of arguments that was the last operation, if one was, is of the call's.
    fn call_own(&mut self, own: u16, arguments: u16) {
        match self.last_copy() {
            Some((at, with_copy)) => {
                self.patch(at, with_copy as u16);
                self.units(&[own, arguments]);
                // It is the call that may trap.
                (self.observer)(at, self.t.at);
                self.last = Last::NOTHING;
            }
            None => self.op(Op::Call as u16, &[own, arguments]),
        }
    }

    pub(super) fn return_call(&mut self) -> Result<()> {
        let (index, ty) = self.callee()?;
        let (op, [low, high]) = match index.checked_sub(self.t.context.header.imported_funcs) {
            None => (Op::ReturnCallImport, word(index)),
            Some(own) => (Op::ReturnCall, word(own)),
        };
        self.tail_call(ty, op, [low, high])
    }

    pub(super) fn call_indirect(&mut self) -> Result<()> {
        let (callee, ty) = self.indirect()?;
        let index = self.t.pop_i32();
        let index = self.source(index);
        let arguments = self.arguments(ty)?;
        self.op(Op::CallIndirect as u16, &[index]);
        self.units(&callee);
        self.units(&[arguments]);
        self.t.push_types(ty.results);
        Ok(())
    }

    pub(super) fn return_call_indirect(&mut self) -> Result<()> {
        let ([canonical, table], ty) = self.indirect()?;
        let index = self.t.pop_i32();
        let index = self.source(index);
        self.tail_call(ty, Op::ReturnCallIndirect, [index, canonical, table])
    }

    /// Writes a call that is the function's last, of an operation whose first operands are these.
    fn tail_call<const N: usize>(&mut self, ty: FuncType<'m>, op: Op, callee: [u16; N]) -> Result<()> {
        if self.t.function_results() != ty.results {
            return self.t.error(ErrorKind::TailCallResults);
        }
        let arguments = self.arguments(ty)?;
        self.op(op as u16, &callee);
        self.units(&[arguments, (ty.param_slots() * 4) as u16]);
        self.leave_path();
        Ok(())
    }

    fn callee(&mut self) -> Result<(u32, FuncType<'m>)> {
        let index = self.t.reader.u32()?;
        match self.t.context.type_of_func(index) {
            Some(ty) => Ok((index, ty)),
            None => self.t.error(ErrorKind::UnknownFunction),
        }
    }

    /// Reads the immediates of an indirect call: canonical type and table, and the type itself.
    fn indirect(&mut self) -> Result<([u16; 2], FuncType<'m>)> {
        let type_index = self.t.reader.u32()?;
        let table = self.t.reader.u32()?;
        match self.t.context.table(table) {
            None => return self.t.error(ErrorKind::UnknownTable),
            Some(ValType::FuncRef) => {}
            Some(_) => return self.t.error(ErrorKind::TypeMismatch),
        }
        match (self.t.context.type_entry(type_index), self.t.context.func_type(type_index)) {
            (Some(entry), Some(ty)) => Ok(([entry.canonical as u16, table as u16], ty)),
            _ => self.t.error(ErrorKind::UnknownType),
        }
    }

    /// Writes all operands to their slots and pops the arguments; gives the slot of the first.
    fn arguments(&mut self, ty: FuncType<'m>) -> Result<u16> {
        self.t.expect_types(ty.params)?;
        self.settle_all();
        self.t.pop_types(ty.params);
        Ok(self.t.top as u16)
    }
}

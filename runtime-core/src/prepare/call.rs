//! Calls. Arguments lie on top of the caller's operands and become the callee's first locals; results take their place.

use super::Body;
use crate::decode::ErrorKind;
use crate::isa::ops::Op;
use crate::isa::{FuncType, ValType};

impl<'m> Body<'_, 'm> {
    pub(super) fn call(&mut self) {
        let (index, ty) = self.callee();
        let Some(arguments) = self.arguments(ty) else { return };
        let op = match index.checked_sub(self.t.context.header.imported_funcs) {
            None => self.op(Op::CallImport as u16).word(index),
            Some(own @ ..0x1_0000) => self.call_own().and(own as u16),
            Some(own) => self.op(Op::CallFar as u16).word(own),
        };
        op.and(arguments);
        self.t.push_types(ty.results);
    }

    /// Calls a function of the module's own; the copy of arguments that was the last operation, if one was, is of the call's.
    fn call_own(&mut self) -> &mut Self {
        let Some((at, with_copy)) = self.last_copy() else { return self.op(Op::Call as u16) };
        self.patch(at, with_copy as u16);
        // It is the call that may trap.
        (self.observer)(at, self.t.at);
        self.forget();
        self
    }

    pub(super) fn return_call(&mut self) {
        let (index, ty) = self.callee();
        let (op, index) = match index.checked_sub(self.t.context.header.imported_funcs) {
            None => (Op::ReturnCallImport, index),
            Some(own) => (Op::ReturnCall, own),
        };
        if let Some(arguments) = self.tail_call(ty) {
            self.op(op as u16).word(index).and(arguments);
            self.end_tail_call(ty);
        }
    }

    pub(super) fn call_indirect(&mut self) {
        let (callee, ty, index) = self.indirect();
        let Some(arguments) = self.arguments(ty) else { return };
        self.op(Op::CallIndirect as u16).and(index).word(callee).and(arguments);
        self.t.push_types(ty.results);
    }

    pub(super) fn return_call_indirect(&mut self) {
        let (callee, ty, index) = self.indirect();
        if let Some(arguments) = self.tail_call(ty) {
            self.op(Op::ReturnCallIndirect as u16).and(index).word(callee).and(arguments);
            self.end_tail_call(ty);
        }
    }

    /// The arguments of a call that is the function's last.
    fn tail_call(&mut self, ty: FuncType<'m>) -> Option<u16> {
        if self.t.function_results() != ty.results {
            self.t.fail(ErrorKind::TailCallResults);
        }
        self.arguments(ty)
    }

    fn end_tail_call(&mut self, ty: FuncType<'m>) {
        self.and((ty.param_slots() * 4) as u16);
        self.leave_path();
    }

    fn callee(&mut self) -> (u32, FuncType<'m>) {
        let index = self.t.reader.u32();
        let ty = self.t.context.type_of_func(index);
        (index, self.known(ty, ErrorKind::UnknownFunction))
    }

    /// A type that is there, or an empty one after a failure.
    fn known(&mut self, ty: Option<FuncType<'m>>, unknown: ErrorKind) -> FuncType<'m> {
        ty.unwrap_or_else(|| {
            self.t.fail(unknown);
            FuncType { params: &[], results: &[] }
        })
    }

    /// Reads the immediates of an indirect call, and pops its callee: canonical type and, in the upper half, table; the type itself;
    /// the slot of the index.
    fn indirect(&mut self) -> (u32, FuncType<'m>, u16) {
        let type_index = self.t.reader.u32();
        let table = self.t.reader.u32();
        match self.t.context.table(table) {
            None => self.t.fail(ErrorKind::UnknownTable),
            Some(ValType::FuncRef) => {}
            Some(_) => self.t.fail(ErrorKind::TypeMismatch),
        }
        let canonical = self.t.context.type_entry(type_index).map_or(0, |entry| entry.canonical);
        let ty = self.t.context.func_type(type_index);
        let ty = self.known(ty, ErrorKind::UnknownType);
        let index = self.t.pop_i32();
        (canonical | table << 16, ty, self.source(index))
    }

    /// Writes all operands to their slots and pops the arguments; gives the slot of the first. `None` if something has failed.
    fn arguments(&mut self, ty: FuncType<'m>) -> Option<u16> {
        if !self.t.expect_types(ty.params) {
            return None;
        }
        self.settle_all();
        self.t.pop_types(ty.params);
        Some(self.t.top as u16)
    }
}

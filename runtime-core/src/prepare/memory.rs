//! Memory instructions: offsets folded into the access, the first memory in the short forms.

use super::Body;
use super::emit::{NO_FORM, Source};
use crate::decode::ErrorKind;
use crate::isa::ops::{Op, Operator, form};
use crate::validate::{Operand, Place};

impl Body<'_, '_> {
    /// Reads alignment, memory and offset of an access.
    fn memarg(&mut self, log2: u8) -> (u32, u32) {
        let mut align = self.t.reader.u32();
        if align >= 0x80 {
            self.t.fail(ErrorKind::MalformedMemop);
        }
        // Bit 6 says that a memory index follows (multi-memory).
        let named = align & 0x40 != 0 && self.t.context.multi_memory;
        let memory = if named { self.t.reader.u32() } else { 0 };
        align &= if named { 0x3F } else { 0x7F };
        let offset = self.t.reader.u32();
        self.check_memory(memory);
        if align > u32::from(log2) {
            self.t.fail(ErrorKind::Alignment);
        }
        (memory, offset)
    }

    fn check_memory(&mut self, memory: u32) {
        if memory >= self.t.context.header.memories {
            self.t.fail(ErrorKind::UnknownMemory);
        }
    }

    #[inline(never)]
    pub(super) fn load(&mut self, row: Operator) {
        let (memory, offset) = self.memarg(row.log2());
        let address = self.t.pop_i32();
        let (low, result) = (offset as u16, row.result());
        if let Some(at) = self.absolute(address, memory, offset) {
            self.compute(result, row.op() + form::AT, NO_FORM).word(at);
        } else if memory | offset >> 16 != 0 {
            let address = self.source(address);
            if memory == 0 {
                self.compute(result, row.op() + form::FAR, NO_FORM).and(address).word(offset);
            } else {
                let slot = self.t.push(result);
                let op = self.op(Op::LoadAny as u16).and(row.op()).and(slot).and(address);
                op.word(offset).and(memory as u16);
            }
        } else if address.place() == Place::Sum {
            let (base, addend) = (self.t.slot_of(address), self.t.value(address) as u16);
            self.compute(result, row.op() + form::SUM, row.op() + form::SUM_ACC).and(base).and(addend).and(low);
        } else if !self.load_indexed(row, address, low) {
            let address = self.placed(address);
            let address = self.take(address);
            self.compute_one(row.result(), row.op(), address, Some(form::ONLY)).and(low);
        }
    }

    #[inline(never)]
    pub(super) fn store(&mut self, row: Operator) {
        let (memory, offset) = self.memarg(row.log2());
        let value = self.t.pop_type(row.result());
        let address = self.t.pop_i32();
        self.write_store(row.op(), address, value, memory, offset);
    }

    /// The effective address, if it is in the code and one of the first memory.
    fn absolute(&self, address: Operand, memory: u32, offset: u32) -> Option<u32> {
        let is_known = memory == 0 && address.place() == Place::Const;
        (self.t.value(address) as u32).checked_add(offset).filter(|_| is_known)
    }

    #[inline(never)]
    fn write_store(&mut self, op: u16, address: Operand, value: Operand, memory: u32, offset: u32) {
        if let Some(at) = self.absolute(address, memory, offset) {
            let value = self.source(value);
            self.op(op + form::STORE_AT).and(value).word(at);
            return;
        }
        if memory | offset >> 16 != 0 {
            let [address, value] = [self.source(address), self.source(value)];
            if memory == 0 {
                self.op(op + form::FAR).and(address).and(value).word(offset);
            } else {
                self.op(Op::StoreAny as u16).and(op).and(address).and(value).word(offset).and(memory as u16);
            }
            return;
        }
        let op = if value.place() == Place::Const && self.t.value(value) == 0 && self.folding {
            let address = self.source(address);
            self.op(op + form::ZERO).and(address)
        } else if address.place() == Place::Sum {
            let (base, addend) = (self.t.slot_of(address), self.t.value(address) as u16);
            let value = self.placed(value);
            let value = self.take(value);
            let form = if value == Source::Acc { form::SUM_ACC } else { form::SUM };
            self.op(op + form).and(base).and(addend).source_in(value)
        } else {
            let (address, value) = (self.placed(address), self.placed(value));
            if self.is_accumulated(value) && !self.is_accumulated(address) {
                let address = self.source(address);
                self.take(value);
                self.op(op + form::VALUE).and(address)
            } else {
                let value = self.source(value);
                let address = self.take(address);
                let form = if address == Source::Acc { form::FIRST } else { 0 };
                self.op(op + form).source_in(address).and(value)
            }
        };
        op.and(offset as u16);
    }

    pub(super) fn memory_index(&mut self) -> u16 {
        let at = self.t.reader.offset();
        let memory = self.t.reader.u32();
        if !self.t.context.multi_memory && (memory != 0 || self.t.reader.offset() != at + 1) {
            self.t.reader.fail_at(at, ErrorKind::ZeroByteExpected);
        }
        self.check_memory(memory);
        memory as u16
    }
}

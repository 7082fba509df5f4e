//! Memory instructions: offsets folded into the access, the first memory in the short forms.

use super::Body;
use super::emit::{NO_FORM, Source, word};
use crate::decode::{ErrorKind, Result};
use crate::isa::ops::{Op, Operator, form};
use crate::validate::{Operand, Place};

impl Body<'_, '_> {
    /// Reads alignment, memory and offset of an access.
    fn memarg(&mut self, log2: u8) -> Result<(u32, u32)> {
        let mut align = self.t.reader.u32()?;
        if align >= 0x80 {
            return self.t.error(ErrorKind::MalformedMemop);
        }
        // Bit 6 says that a memory index follows (multi-memory).
        let named = align & 0x40 != 0 && self.t.context.multi_memory;
        let memory = if named { self.t.reader.u32()? } else { 0 };
        align &= if named { 0x3F } else { 0x7F };
        let offset = self.t.reader.u32()?;
        self.check_memory(memory)?;
        if align > u32::from(log2) {
            return self.t.error(ErrorKind::Alignment);
        }
        Ok((memory, offset))
    }

    fn check_memory(&self, memory: u32) -> Result<u16> {
        if memory < self.t.context.header.memories { Ok(memory as u16) } else { self.t.error(ErrorKind::UnknownMemory) }
    }

    #[inline(never)]
    pub(super) fn load(&mut self, row: Operator) -> Result<()> {
        let (memory, offset) = self.memarg(row.log2())?;
        let address = self.t.pop_i32();
        let ([low, high], result) = (word(offset), row.result());
        if (memory, high) != (0, 0) {
            let address = self.source(address);
            if memory == 0 {
                self.compute(result, row.op() + form::FAR, &[address, low, high], NO_FORM);
            } else {
                let slot = self.t.push(result);
                self.op(Op::LoadAny as u16, &[row.op(), slot, address, low, high, memory as u16]);
            }
        } else if address.place() == Place::Sum {
            let (base, addend) = (self.t.slot_of(address), self.t.value(address) as u16);
            self.compute(result, row.op() + form::SUM, &[base, addend, low], row.op() + form::SUM_ACC);
        } else if !self.load_indexed(row, address, low) {
            let address = self.placed(address);
            let address = self.take(address);
            self.compute_one(row.result(), row.op(), address, &[low], Some(form::ONLY));
        }
        Ok(())
    }

    #[inline(never)]
    pub(super) fn store(&mut self, row: Operator) -> Result<()> {
        let (memory, offset) = self.memarg(row.log2())?;
        let value = self.t.pop_type(row.operand());
        let address = self.t.pop_i32();
        self.write_store(row.op(), address, value, memory, word(offset));
        Ok(())
    }

    #[inline(never)]
    fn write_store(&mut self, op: u16, address: Operand, value: Operand, memory: u32, [low, high]: [u16; 2]) {
        if (memory, high) != (0, 0) {
            let [address, value] = [self.source(address), self.source(value)];
            if memory == 0 {
                return self.op(op + form::FAR, &[address, value, low, high]);
            }
            return self.op(Op::StoreAny as u16, &[op, address, value, low, high, memory as u16]);
        }
        if value.place() == Place::Const && self.t.value(value) == 0 && self.folding {
            let address = self.source(address);
            return self.op(op + form::ZERO, &[address, low]);
        }
        if address.place() == Place::Sum {
            let (base, addend) = (self.t.slot_of(address), self.t.value(address) as u16);
            let value = self.placed(value);
            return match self.take(value) {
                Source::Acc => self.op(op + form::SUM_ACC, &[base, addend, low]),
                Source::Slot(value) => self.op(op + form::SUM, &[base, addend, value, low]),
            };
        }
        let (address, value) = (self.placed(address), self.placed(value));
        if self.is_accumulated(value) && !self.is_accumulated(address) {
            let address = self.source(address);
            self.take(value);
            return self.op(op + form::VALUE, &[address, low]);
        }
        let value = self.source(value);
        match self.take(address) {
            Source::Acc => self.op(op + form::FIRST, &[value, low]),
            Source::Slot(address) => self.op(op, &[address, value, low]),
        }
    }

    pub(super) fn memory_index(&mut self) -> Result<u16> {
        let at = self.t.reader.offset();
        let memory = self.t.reader.u32()?;
        if !self.t.context.multi_memory && (memory != 0 || self.t.reader.offset() != at + 1) {
            return self.t.reader.error_at(at, ErrorKind::ZeroByteExpected);
        }
        self.check_memory(memory)
    }
}

//! Memory instructions: offsets folded into the access, the first memory in the short forms.

use super::Body;
use super::emit::{NO_FORM, Source, word};
use crate::decode::{ErrorKind, Result};
use crate::isa::ValType;
use crate::isa::ops::{Op, Operator, form};
use crate::isa::wasm::*;
use crate::validate::Place;

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

    pub(super) fn load(&mut self, row: &Operator, log2: u8) -> Result<()> {
        let (memory, offset) = self.memarg(log2)?;
        let address = self.t.pop_type(ValType::I32)?;
        let [low, high] = word(offset);
        if (memory, high) != (0, 0) {
            let address = self.source(&address)?;
            if memory == 0 {
                return self.compute(row.result, row.op.form(form::FAR), &[address, low, high], NO_FORM);
            }
            let slot = self.t.push(row.result)?;
            return self.op(Op::LoadAny as u16, &[row.op as u16, slot, address, low, high, memory as u16]);
        }
        if let Place::Sum(local, addend) = address.place {
            let base = self.t.local(u32::from(local))?.slot;
            let (op, bare) = (row.op.form(form::SUM), row.op.form(form::SUM_ACC));
            return self.compute(row.result, op, &[base, addend as u16, low], bare);
        }
        if self.load_indexed(row, &address, low)? {
            return Ok(());
        }
        let address = self.placed(&address)?;
        match self.take(&address)? {
            Source::Acc => {
                let op = row.op.form(form::FIRST);
                self.compute(row.result, op, &[low], op + form::ONLY)
            }
            Source::Slot(slot) => self.compute(row.result, row.op as u16, &[slot, low], row.op.form(form::ONLY)),
        }
    }

    pub(super) fn store(&mut self, row: &Operator, log2: u8) -> Result<()> {
        let (memory, offset) = self.memarg(log2)?;
        let value = self.t.pop_type(row.operand)?;
        let address = self.t.pop_type(ValType::I32)?;
        let [low, high] = word(offset);
        if (memory, high) != (0, 0) {
            let [address, value] = [self.source(&address)?, self.source(&value)?];
            if memory == 0 {
                return self.op(row.op.form(form::FAR), &[address, value, low, high]);
            }
            return self.op(Op::StoreAny as u16, &[row.op as u16, address, value, low, high, memory as u16]);
        }
        if value.place == Place::Const(0) && self.folding {
            let address = self.source(&address)?;
            return self.op(row.op.form(form::ZERO), &[address, low]);
        }
        if let Place::Sum(local, addend) = address.place {
            let (base, value) = (self.t.local(u32::from(local))?.slot, self.placed(&value)?);
            return match self.take(&value)? {
                Source::Acc => self.op(row.op.form(form::SUM_ACC), &[base, addend as u16, low]),
                Source::Slot(value) => self.op(row.op.form(form::SUM), &[base, addend as u16, value, low]),
            };
        }
        let (address, value) = (self.placed(&address)?, self.placed(&value)?);
        if self.is_accumulated(&value) && !self.is_accumulated(&address) {
            let address = self.source(&address)?;
            self.take(&value)?;
            return self.op(row.op.form(form::VALUE), &[address, low]);
        }
        let value = self.source(&value)?;
        match self.take(&address)? {
            Source::Acc => self.op(row.op.form(form::FIRST), &[value, low]),
            Source::Slot(address) => self.op(row.op as u16, &[address, value, low]),
        }
    }

    fn memory_index(&mut self) -> Result<u16> {
        let at = self.t.reader;
        let memory = self.t.reader.u32()?;
        if !self.t.context.multi_memory && (memory != 0 || self.t.reader.offset() != at.offset() + 1) {
            return at.error(ErrorKind::ZeroByteExpected);
        }
        self.check_memory(memory)
    }

    pub(super) fn memory_instruction(&mut self, code: u16) -> Result<()> {
        match code {
            MEMORY_SIZE => {
                let memory = self.memory_index()?;
                self.produce(ValType::I32, Op::MemorySize as u16, &[memory])
            }
            MEMORY_GROW => {
                let memory = self.memory_index()?;
                let [delta] = self.sources([ValType::I32])?;
                self.produce(ValType::I32, Op::MemoryGrow as u16, &[delta, memory])
            }
            MEMORY_FILL => {
                let memory = self.memory_index()?;
                let [to, value, len] = self.sources([ValType::I32; 3])?;
                self.op(Op::MemoryFill as u16, &[to, value, len, memory])
            }
            MEMORY_COPY => {
                let (target, source) = (self.memory_index()?, self.memory_index()?);
                let [to, from, len] = self.sources([ValType::I32; 3])?;
                self.op(Op::MemoryCopy as u16, &[to, from, len, target, source])
            }
            MEMORY_INIT => {
                let [low, high] = self.data_index()?;
                let memory = self.memory_index()?;
                let [to, from, len] = self.sources([ValType::I32; 3])?;
                self.op(Op::MemoryInit as u16, &[to, from, len, memory, low, high])
            }
            _ => {
                let data = self.data_index()?;
                self.op(Op::DataDrop as u16, &data)
            }
        }
    }

    fn data_index(&mut self) -> Result<[u16; 2]> {
        let index = self.t.reader.u32()?;
        if !self.t.context.has_data_count {
            return self.t.error(ErrorKind::DataCountRequired);
        }
        if index < self.t.context.header.datas { Ok(word(index)) } else { self.t.error(ErrorKind::UnknownData) }
    }

    /// Pops operands of these types and gives the slots where they can be read.
    pub(super) fn sources<const N: usize>(&mut self, types: [ValType; N]) -> Result<[u16; N]> {
        let mut slots = [0; N];
        for (slot, ty) in slots.iter_mut().zip(&types).rev() {
            let operand = self.t.pop_type(*ty)?;
            *slot = self.source(&operand)?;
        }
        Ok(slots)
    }
}

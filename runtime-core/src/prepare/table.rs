//! Table instructions.

use super::Body;
use super::emit::word;
use crate::decode::{ErrorKind, Result};
use crate::isa::ValType;
use crate::isa::ops::Op;
use crate::isa::wasm::*;

impl Body<'_, '_> {
    fn table_index(&mut self) -> Result<(u16, ValType)> {
        let index = self.t.reader.u32()?;
        match self.t.context.table(index) {
            Some(ty) => Ok((index as u16, ty)),
            None => self.t.error(ErrorKind::UnknownTable),
        }
    }

    pub(super) fn table_instruction(&mut self, code: u16) -> Result<()> {
        match code {
            TABLE_GET => {
                let (table, ty) = self.table_index()?;
                let [index] = self.sources([ValType::I32])?;
                self.produce(ty, Op::TableGet as u16, &[index, table])
            }
            TABLE_SET => {
                let (table, ty) = self.table_index()?;
                let [index, value] = self.sources([ValType::I32, ty])?;
                self.op(Op::TableSet as u16, &[index, value, table])
            }
            TABLE_SIZE => {
                let (table, _) = self.table_index()?;
                self.produce(ValType::I32, Op::TableSize as u16, &[table])
            }
            TABLE_GROW => {
                let (table, ty) = self.table_index()?;
                let [value, delta] = self.sources([ty, ValType::I32])?;
                self.produce(ValType::I32, Op::TableGrow as u16, &[value, delta, table])
            }
            TABLE_FILL => {
                let (table, ty) = self.table_index()?;
                let [to, value, len] = self.sources([ValType::I32, ty, ValType::I32])?;
                self.op(Op::TableFill as u16, &[to, value, len, table])
            }
            TABLE_COPY => {
                let (target, target_ty) = self.table_index()?;
                let (source, source_ty) = self.table_index()?;
                if target_ty != source_ty {
                    return self.t.error(ErrorKind::TypeMismatch);
                }
                let [to, from, len] = self.sources([ValType::I32; 3])?;
                self.op(Op::TableCopy as u16, &[to, from, len, target, source])
            }
            TABLE_INIT => self.table_init(),
            _ => {
                let element = self.element_index()?;
                self.op(Op::ElemDrop as u16, &element)
            }
        }
    }

    fn table_init(&mut self) -> Result<()> {
        let at = self.t.reader;
        let [low, high] = self.element_index()?;
        let (table, ty) = self.table_index()?;
        let mut again = at;
        if self.t.context.element_type(again.u32()?) != Some(ty) {
            return self.t.error(ErrorKind::TypeMismatch);
        }
        let [to, from, len] = self.sources([ValType::I32; 3])?;
        self.op(Op::TableInit as u16, &[to, from, len, table, low, high])
    }

    fn element_index(&mut self) -> Result<[u16; 2]> {
        let index = self.t.reader.u32()?;
        if index < self.t.context.header.elements { Ok(word(index)) } else { self.t.error(ErrorKind::UnknownElem) }
    }
}

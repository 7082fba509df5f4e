//! Table instructions.

use super::Body;
use super::emit::word;
use crate::decode::{ErrorKind, Result};
use crate::isa::ops::Op;
use crate::isa::wasm::*;
use crate::isa::{Typed, ValType};

impl Body<'_, '_> {
    fn table_index(&mut self) -> Result<(u16, Typed)> {
        let index = self.t.reader.u32()?;
        match self.t.context.table(index) {
            Some(ty) => Ok((index as u16, ty.into())),
            None => self.t.error(ErrorKind::UnknownTable),
        }
    }

    #[inline(never)]
    pub(super) fn table_instruction(&mut self, code: u16) -> Result<()> {
        let i32 = ValType::I32.into();
        match code {
            TABLE_INIT => return self.table_init(),
            TABLE_COPY => return self.table_copy(),
            ELEM_DROP => {
                let element = self.element_index()?;
                self.op(Op::ElemDrop as u16, &word(element));
                return Ok(());
            }
            _ => {}
        }
        let (table, ty) = self.table_index()?;
        match code {
            TABLE_GET => {
                let [index, ..] = self.sources(&[i32]);
                self.produce(ty, Op::TableGet as u16, &[index, table]);
            }
            TABLE_SET => {
                let [index, value, _] = self.sources(&[i32, ty]);
                self.op(Op::TableSet as u16, &[index, value, table]);
            }
            TABLE_SIZE => self.produce(i32, Op::TableSize as u16, &[table]),
            TABLE_GROW => {
                let [value, delta, _] = self.sources(&[ty, i32]);
                self.produce(i32, Op::TableGrow as u16, &[value, delta, table]);
            }
            _ => self.bulk(Op::TableFill, ty, &[table]),
        }
        Ok(())
    }

    #[inline(never)]
    fn table_copy(&mut self) -> Result<()> {
        let (target, target_ty) = self.table_index()?;
        let (source, source_ty) = self.table_index()?;
        if target_ty != source_ty {
            return self.t.error(ErrorKind::TypeMismatch);
        }
        self.bulk(Op::TableCopy, ValType::I32.into(), &[target, source]);
        Ok(())
    }

    #[inline(never)]
    fn table_init(&mut self) -> Result<()> {
        let element = self.element_index()?;
        let (table, ty) = self.table_index()?;
        if self.t.context.element_type(element).map(Typed::from) != Some(ty) {
            return self.t.error(ErrorKind::TypeMismatch);
        }
        let [low, high] = word(element);
        self.bulk(Op::TableInit, ValType::I32.into(), &[table, low, high]);
        Ok(())
    }

    fn element_index(&mut self) -> Result<u32> {
        let index = self.t.reader.u32()?;
        if index < self.t.context.header.elements { Ok(index) } else { self.t.error(ErrorKind::UnknownElem) }
    }
}

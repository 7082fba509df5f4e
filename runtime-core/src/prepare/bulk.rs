//! Instructions on memories and tables as a whole, and on their segments: what each names, takes and gives is a row of a table.

use super::Body;
use crate::decode::ErrorKind;
use crate::isa::ops::Op;
use crate::isa::wasm::*;
use crate::isa::{Typed, ValType};

/// An instruction. Letters of what it names: `m` a memory, `t` a table, `d` and `e` a segment of data or elements; two tables, or a
/// table and its segment, have one type. How many operands it takes, which of them is an element of the table, for all others
/// are `i32`. Letter of its result: `i` an `i32`, `t` an element.
struct Row {
    code: u16,
    op: Op,
    names: [u8; 2],
    operands: u8,
    element: u8,
    result: u8,
}

const NO: u8 = u8::MAX;

const fn row(code: u16, op: Op, names: &[u8; 2], operands: u8, element: u8, result: u8) -> Row {
    Row { code, op, names: *names, operands, element, result }
}

static ROWS: [Row; 14] = [
    row(MEMORY_SIZE, Op::MemorySize, b"m ", 0, NO, b'i'),
    row(MEMORY_GROW, Op::MemoryGrow, b"m ", 1, NO, b'i'),
    row(MEMORY_INIT, Op::MemoryInit, b"dm", 3, NO, b' '),
    row(MEMORY_COPY, Op::MemoryCopy, b"mm", 3, NO, b' '),
    row(MEMORY_FILL, Op::MemoryFill, b"m ", 3, NO, b' '),
    row(DATA_DROP, Op::DataDrop, b"d ", 0, NO, b' '),
    row(TABLE_GET, Op::TableGet, b"t ", 1, NO, b't'),
    row(TABLE_SET, Op::TableSet, b"t ", 2, 1, b' '),
    row(TABLE_SIZE, Op::TableSize, b"t ", 0, NO, b'i'),
    row(TABLE_GROW, Op::TableGrow, b"t ", 2, 0, b'i'),
    row(TABLE_INIT, Op::TableInit, b"et", 3, NO, b' '),
    row(TABLE_COPY, Op::TableCopy, b"tt", 3, NO, b' '),
    row(TABLE_FILL, Op::TableFill, b"t ", 3, 1, b' '),
    row(ELEM_DROP, Op::ElemDrop, b"e ", 0, NO, b' '),
];

/// Units behind the operation of whichever row: three operands, a memory or table, and a segment.
const MOST_UNITS: usize = 6;

impl Body<'_, '_> {
    /// Validates and translates an instruction of the table; false if there is none with this code.
    pub(super) fn bulk(&mut self, code: u16) -> bool {
        let Some(row) = ROWS.iter().find(|row| row.code == code) else { return false };
        let mut units = [0; MOST_UNITS];
        let mut len = usize::from(row.operands);
        let mut put = |unit: u16| {
            if let Some(place) = units.get_mut(len) {
                *place = unit;
                len += 1;
            }
        };
        let mut element = Typed::ANY;
        let mut segment = None;
        for letter in row.names {
            if letter == b'm' {
                put(self.memory_index());
            } else if letter != b' ' {
                let (index, ty) = self.table_or_segment(letter);
                if letter == b't' {
                    put(index as u16);
                } else {
                    segment = Some(index);
                }
                if !element.fits(ty) {
                    self.t.fail(ErrorKind::TypeMismatch);
                }
                element = ty;
            }
        }
        if let Some(index) = segment {
            put(index as u16);
            put((index >> 16) as u16);
        }
        let i32 = ValType::I32.into();
        for n in (0..row.operands).rev() {
            let operand = self.t.pop_type(if n == row.element { element } else { i32 });
            let slot = self.source(operand);
            if let Some(place) = units.get_mut(usize::from(n)) {
                *place = slot;
            }
        }
        let op = match row.result {
            b' ' => self.op(row.op as u16),
            letter => self.produce(if letter == b't' { element } else { i32 }, row.op as u16),
        };
        op.units(units.get(..len).unwrap_or(&[]));
        true
    }

    /// Reads the index of a table, or of a segment; gives it and the type of the elements, which is any for data.
    fn table_or_segment(&mut self, letter: u8) -> (u32, Typed) {
        let index = self.t.reader.u32();
        let (ty, unknown) = match letter {
            b't' => (self.t.context.table(index), ErrorKind::UnknownTable),
            b'e' => (self.t.context.element_type(index), ErrorKind::UnknownElem),
            _ => {
                if !self.t.context.has_data_count {
                    self.t.fail(ErrorKind::DataCountRequired);
                } else if index >= self.t.context.header.datas {
                    self.t.fail(ErrorKind::UnknownData);
                }
                return (index, Typed::ANY);
            }
        };
        match ty {
            Some(ty) => (index, ty.into()),
            None => {
                self.t.fail(unknown);
                (index, Typed::ANY)
            }
        }
    }
}

//! Operators whose typing is a plain signature, as the validator and the translator see them: by their codes in the binary format.

use super::{
    BINARY_FLOAT, BINARY_INT, COMPARE_FLOAT, COMPARE_INT, FUSED, LOAD, OPERATORS, Op, Row, STEP, STORE, UNARY,
};
use crate::isa::{Typed, ValType};

/// How an operator takes part in folding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Class {
    /// Not an operator with a plain signature.
    None,
    /// One operand.
    Unary,
    /// Two operands, the right one may be an immediate.
    BinaryInt,
    /// Two operands in slots.
    BinaryFloat,
    /// As `BinaryInt`, with branches in place of bare forms.
    CompareInt,
    /// Two operands in slots, with branches of both senses.
    CompareFloat,
    Load,
    Store,
}

impl Class {
    /// Whether an operation is of the class of `BinaryFloat`.
    pub(super) fn of_float(op: Op) -> bool {
        let number = (op as u16 / STEP) as usize;
        (BINARY_FLOAT.0..COMPARE_INT.0).contains(&number)
    }
}

/// What the table keeps of an operator, in half a word. From below: row, class; then, of a load or a store, log2 of the bytes in memory
/// and the value's type, of all others the types of the operands and of the result, and whether the operands can be exchanged.
#[derive(Clone, Copy)]
pub(super) struct Described(pub(super) u16);

impl Described {
    pub(super) const fn new(class: Class, row: Row, types: (ValType, ValType), commutes: bool) -> Described {
        let types = Described::type_bits(types.0) | Described::type_bits(types.1) << 2;
        Described(row as u16 | (class as u16) << 8 | types << 11 | (commutes as u16) << 15)
    }

    pub(super) const fn access(class: Class, row: Row, size: usize, ty: ValType) -> Described {
        let bits = size.ilog2() as u16 | Described::type_bits(ty) << 2;
        Described(row as u16 | (class as u16) << 8 | bits << 11)
    }

    /// The numeric types are the last four bytes that stand for types.
    const fn type_bits(ty: ValType) -> u16 {
        ValType::I32 as u16 - ty as u16
    }
}

/// What the validator and the translator need of an operator: the operation in its first form, and what the table keeps.
#[derive(Clone, Copy)]
pub(crate) struct Operator {
    op: u16,
    described: u16,
}

pub(super) const OPERATOR_COUNT: usize = Operator::place(0x107) + 1;

/// By class: how many forms it has, and the number of its operations less that of its rows, were each row of as many forms.
const NUMBERS: [(u8, u16); 8] = {
    let mut numbers = [(0, 0); 8];
    let classes = [UNARY, BINARY_INT, BINARY_FLOAT, COMPARE_INT, COMPARE_FLOAT, LOAD, STORE, FUSED];
    let mut class = 0;
    while class < 7 {
        let (first, row) = classes[class];
        let forms = (classes[class + 1].0 - first) / (classes[class + 1].1 - row);
        numbers[class + 1] = (forms as u8, first.wrapping_sub(row * forms) as u16);
        class += 1;
    }
    numbers
};

impl Operator {
    /// The operator with this code of the binary format.
    pub(crate) fn with_code(code: u16) -> Option<Operator> {
        let described = OPERATORS.get(Operator::place(code)).filter(|row| row.0 != 0)?.0;
        let (forms, first) = NUMBERS.get(usize::from(described >> 8 & 7)).copied().unwrap_or((0, 0));
        let number = first.wrapping_add((described & 0xFF) * u16::from(forms));
        Some(Operator { op: number.wrapping_mul(STEP), described })
    }

    /// Where the row of a code is: operators have the codes from the first load to the last extension of a sign, and eight of the
    /// prefix 0xFC, which are behind those.
    pub(super) const fn place(code: u16) -> usize {
        match code {
            0x28..0xC5 => code as usize - 0x28,
            0x100.. => code as usize - 0x100 + (0xC5 - 0x28),
            _ => usize::MAX,
        }
    }

    fn ty(bits: u16) -> Typed {
        Typed::of_byte(ValType::I32 as u8 - (bits & 3) as u8)
    }

    pub(crate) fn op(self) -> u16 {
        self.op
    }

    pub(crate) fn class(self) -> Class {
        match self.described >> 8 & 7 {
            0 => Class::None,
            1 => Class::Unary,
            2 => Class::BinaryInt,
            3 => Class::BinaryFloat,
            4 => Class::CompareInt,
            5 => Class::CompareFloat,
            6 => Class::Load,
            _ => Class::Store,
        }
    }

    /// The type of the result, or of the value that a store takes.
    pub(crate) fn result(self) -> Typed {
        Operator::ty(self.described >> 13)
    }

    /// The type of the operands, of an operator that is no load or store.
    pub(crate) fn operand(self) -> Typed {
        Operator::ty(self.described >> 11)
    }

    /// log2 of the bytes in memory of a load or a store.
    pub(crate) fn log2(self) -> u8 {
        (self.described >> 11 & 3) as u8
    }

    /// Whether the operands can be exchanged.
    pub(crate) fn commutes(self) -> bool {
        self.described >> 15 != 0
    }
}

//! Constant expressions: their validation here, and one reader of their instructions that instantiation uses as well.

use super::Context;
use crate::decode::{ErrorKind, Reader};
use crate::isa::ValType;
use crate::isa::wasm::*;

/// Values that a constant expression may hold at once. Compilers use two; the bound keeps evaluation off the heap.
pub(crate) const MAX_CONST_DEPTH: usize = 32;

/// An instruction of a constant expression.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ConstOp {
    /// A number or null reference of this type, as bits
    Value(ValType, u64),
    Global(u32),
    Func(u32),
    /// Addition, subtraction or multiplication of this type
    Arithmetic(ValType, u16),
    End,
}

/// Reads what follows the code of an instruction that gives a constant: its type and bits.
pub(crate) fn read_constant(reader: &mut Reader<'_>, code: u16) -> (ValType, u64) {
    match code {
        I32_CONST => (ValType::I32, u64::from(reader.i32() as u32)),
        I64_CONST => (ValType::I64, reader.i64() as u64),
        F32_CONST => (ValType::F32, u64::from(reader.f32_bits())),
        F64_CONST => (ValType::F64, reader.f64_bits()),
        _ => (reader.ref_type(), 0),
    }
}

/// Reads one instruction of a constant expression; after a failure it is the end.
pub(crate) fn read_const_op(reader: &mut Reader<'_>) -> ConstOp {
    let at = reader.offset();
    let code = u16::from(reader.byte());
    let op = match code {
        I32_CONST..=F64_CONST | REF_NULL => {
            let (ty, bits) = read_constant(reader, code);
            ConstOp::Value(ty, bits)
        }
        REF_FUNC => ConstOp::Func(reader.u32()),
        GLOBAL_GET => ConstOp::Global(reader.u32()),
        I32_ADD..=I32_MUL => ConstOp::Arithmetic(ValType::I32, code - I32_ADD),
        I64_ADD..=I64_MUL => ConstOp::Arithmetic(ValType::I64, code - I64_ADD),
        END => ConstOp::End,
        _ => {
            reader.fail_at(at, if code == 0xFD { ErrorKind::Simd } else { ErrorKind::ConstantExpected });
            ConstOp::End
        }
    };
    if reader.has_failed() { ConstOp::End } else { op }
}

/// Validates a constant expression of the expected type and passes over it. Functions that it names become declared.
pub(crate) fn read_const(context: &mut Context<'_>, reader: &mut Reader<'_>, expected: ValType) {
    let mut types = [ValType::I32; MAX_CONST_DEPTH];
    let mut depth = 0usize;
    loop {
        let at = reader.offset();
        let ty = match read_const_op(reader) {
            ConstOp::End => break,
            ConstOp::Value(ty, _) => ty,
            ConstOp::Func(func) => {
                context.declare(func, reader, at);
                ValType::FuncRef
            }
            ConstOp::Global(index) => match context.global(index).filter(|_| index < context.header.imported_globals) {
                None => return reader.fail_at(at, ErrorKind::UnknownGlobal),
                Some(global) if global.mutable != 0 => return reader.fail_at(at, ErrorKind::ConstantExpected),
                Some(global) => global.content(),
            },
            ConstOp::Arithmetic(ty, _) => {
                for _ in 0..2 {
                    depth = match depth.checked_sub(1) {
                        Some(depth) => depth,
                        None => return reader.fail_at(at, ErrorKind::StackUnderflow),
                    };
                    if types.get(depth) != Some(&ty) {
                        return reader.fail_at(at, ErrorKind::TypeMismatch);
                    }
                }
                ty
            }
        };
        match types.get_mut(depth) {
            Some(slot) => *slot = ty,
            None => return reader.fail_at(at, ErrorKind::FrameTooLarge),
        }
        depth += 1;
    }
    match (depth, types.first()) {
        (1, Some(&ty)) if ty == expected => {}
        (0, _) => reader.fail(ErrorKind::StackUnderflow),
        _ => reader.fail(ErrorKind::TypeMismatch),
    }
}

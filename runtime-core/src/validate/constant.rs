//! Constant expressions: their validation here, and one reader of their instructions that instantiation uses as well.

use super::Context;
use crate::decode::{ErrorKind, Reader, Result};
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
pub(crate) fn read_constant(reader: &mut Reader<'_>, code: u16) -> Result<(ValType, u64)> {
    Ok(match code {
        I32_CONST => (ValType::I32, u64::from(reader.i32()? as u32)),
        I64_CONST => (ValType::I64, reader.i64()? as u64),
        F32_CONST => (ValType::F32, u64::from(reader.f32_bits()?)),
        F64_CONST => (ValType::F64, reader.f64_bits()?),
        _ => (reader.ref_type()?, 0),
    })
}

/// Reads one instruction of a constant expression.
pub(crate) fn read_const_op(reader: &mut Reader<'_>) -> Result<ConstOp> {
    let at = reader.offset();
    let code = u16::from(reader.byte()?);
    Ok(match code {
        I32_CONST..=F64_CONST | REF_NULL => {
            let (ty, bits) = read_constant(reader, code)?;
            ConstOp::Value(ty, bits)
        }
        REF_FUNC => ConstOp::Func(reader.u32()?),
        GLOBAL_GET => ConstOp::Global(reader.u32()?),
        I32_ADD..=I32_MUL => ConstOp::Arithmetic(ValType::I32, code - I32_ADD),
        I64_ADD..=I64_MUL => ConstOp::Arithmetic(ValType::I64, code - I64_ADD),
        END => ConstOp::End,
        0xFD => return reader.error_at(at, ErrorKind::Simd),
        _ => return reader.error_at(at, ErrorKind::ConstantExpected),
    })
}

/// Validates a constant expression of the expected type and passes over it. Functions that it names become declared.
pub(crate) fn read_const(context: &mut Context<'_>, reader: &mut Reader<'_>, expected: ValType) -> Result<()> {
    let mut types = [ValType::I32; MAX_CONST_DEPTH];
    let mut depth = 0usize;
    loop {
        let at = reader.offset();
        let ty = match read_const_op(reader)? {
            ConstOp::End => break,
            ConstOp::Value(ty, _) => ty,
            ConstOp::Func(func) => {
                context.declare(func, reader, at)?;
                ValType::FuncRef
            }
            ConstOp::Global(index) => {
                let global = context.global(index).filter(|_| index < context.header.imported_globals);
                match global {
                    None => return reader.error_at(at, ErrorKind::UnknownGlobal),
                    Some(global) if global.mutable != 0 => return reader.error_at(at, ErrorKind::ConstantExpected),
                    Some(global) => global.content(),
                }
            }
            ConstOp::Arithmetic(ty, _) => {
                for _ in 0..2 {
                    depth = match depth.checked_sub(1) {
                        Some(depth) => depth,
                        None => return reader.error_at(at, ErrorKind::StackUnderflow),
                    };
                    if types.get(depth) != Some(&ty) {
                        return reader.error_at(at, ErrorKind::TypeMismatch);
                    }
                }
                ty
            }
        };
        match types.get_mut(depth) {
            Some(slot) => *slot = ty,
            None => return reader.error_at(at, ErrorKind::FrameTooLarge),
        }
        depth += 1;
    }
    match (depth, types.first()) {
        (1, Some(&ty)) if ty == expected => Ok(()),
        (0, _) => reader.error(ErrorKind::StackUnderflow),
        _ => reader.error(ErrorKind::TypeMismatch),
    }
}

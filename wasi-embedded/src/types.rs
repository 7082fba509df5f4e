//! WIT types as data, and their layout in memory and as core values.
//!
//! Everything that crosses the border is described by a [`Type`]; one lifter and one lowerer follow the description. What
//! the interfaces of this crate do not use (characters, 64-bit floats, flags, tuples beyond records, variants as
//! parameters) is not there yet; a table that used it would not compile.
//!
//! Source: "alignment", "element size", "loading", "storing" and "flattening" of the component model's `CanonicalABI.md`.

use crate::handles::Resource;
use wasmote::ValType;

/// A WIT type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    Bool,
    U8,
    U16,
    U32,
    U64,
    F32,
    String,
    List(&'static Type),
    Record(&'static [Type]),
    /// Cases without a payload, by number.
    Enum(u8),
    /// Cases, each with its payload; `option` and `result` are variants of two.
    Variant(&'static Cases),
    Own(Resource),
    Borrow(Resource),
}

/// `list<u8>`.
pub(crate) const BYTES: Type = Type::List(&Type::U8);

impl Type {
    /// Bytes between multiples of which a value begins.
    pub(crate) const fn align(&self) -> u32 {
        match self {
            Type::Bool | Type::U8 | Type::Enum(_) => 1,
            Type::U16 => 2,
            Type::U32 | Type::F32 | Type::String | Type::List(_) | Type::Own(_) | Type::Borrow(_) => 4,
            Type::U64 => 8,
            Type::Record(fields) => {
                let (mut most, mut n) = (1, 0);
                while n < fields.len() {
                    most = max(most, fields[n].align());
                    n += 1;
                }
                most
            }
            Type::Variant(cases) => cases.align as u32,
        }
    }

    /// Bytes that a value takes.
    pub(crate) const fn size(&self) -> u32 {
        match self {
            Type::Bool | Type::U8 | Type::Enum(_) => 1,
            Type::U16 => 2,
            Type::U32 | Type::F32 | Type::Own(_) | Type::Borrow(_) => 4,
            Type::U64 | Type::String | Type::List(_) => 8,
            Type::Record(fields) => {
                let (mut at, mut n) = (0, 0);
                while n < fields.len() {
                    at = align_to(at, fields[n].align()) + fields[n].size();
                    n += 1;
                }
                align_to(at, self.align())
            }
            Type::Variant(cases) => cases.size as u32,
        }
    }

    /// The core type of a value that is passed as one; `None` for those that take more or go through memory.
    pub(crate) const fn scalar(&self) -> Option<ValType> {
        match self {
            Type::Bool | Type::U8 | Type::U16 | Type::U32 | Type::Enum(_) | Type::Own(_) | Type::Borrow(_) => {
                Some(ValType::I32)
            }
            Type::U64 => Some(ValType::I64),
            Type::F32 => Some(ValType::F32),
            Type::String | Type::List(_) | Type::Record(_) | Type::Variant(_) => None,
        }
    }
}

/// The cases of a variant, and its layout, which every call wants to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cases {
    payloads: &'static [Option<&'static Type>],
    size: u8,
    align: u8,
    /// Where the payload begins, behind the tag, which is a byte, since there are less than 256 cases.
    pub(crate) payload_offset: u8,
}

impl Cases {
    /// The layout of a variant with these payloads.
    pub(crate) const fn new(payloads: &'static [Option<&'static Type>]) -> Cases {
        let (mut size, mut align, mut n) = (0, 1, 0);
        while n < payloads.len() {
            if let Some(payload) = payloads[n] {
                size = max(size, payload.size());
                align = max(align, payload.align());
            }
            n += 1;
        }
        let payload_offset = align_to(1, align);
        let size = align_to(payload_offset + size, align);
        assert!(size <= u8::MAX as u32);
        Cases { payloads, size: size as u8, align: align as u8, payload_offset: payload_offset as u8 }
    }

    /// The payload of a case, if it has one; none if there is no such case.
    pub(crate) fn payload(&self, case: u8) -> Option<Option<&'static Type>> {
        self.payloads.get(usize::from(case)).copied()
    }
}

/// The next multiple of `align`, a power of two.
pub(crate) const fn align_to(at: u32, align: u32) -> u32 {
    (at + align - 1) & !(align - 1)
}

const fn max(a: u32, b: u32) -> u32 {
    if a > b { a } else { b }
}

/// A function's type as core values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flat {
    params: [ValType; Flat::MOST],
    count: u8,
    result: [ValType; 1],
    results: u8,
}

impl Flat {
    /// Core parameters that a function may have: more would not fit the table, and none has.
    const MOST: usize = 6;

    /// The core type of a function of this type. A result that is not one core value goes to memory, at a pointer that is the
    /// last parameter.
    pub(crate) const fn new(params: &[Type], result: Option<&Type>) -> Flat {
        let mut flat = Flat { params: [ValType::I32; Flat::MOST], count: 0, result: [ValType::I32], results: 0 };
        let mut n = 0;
        while n < params.len() {
            match (&params[n], params[n].scalar()) {
                (_, Some(ty)) => flat.push(ty),
                (Type::String | Type::List(_), None) => {
                    flat.push(ValType::I32);
                    flat.push(ValType::I32);
                }
                _ => panic!("records and variants are not parameters of any function"),
            }
            n += 1;
        }
        if let Some(result) = result {
            match result.scalar() {
                Some(ty) => {
                    flat.result = [ty];
                    flat.results = 1;
                }
                None => flat.push(ValType::I32),
            }
        }
        flat
    }

    const fn push(&mut self, ty: ValType) {
        self.params[self.count as usize] = ty;
        self.count += 1;
    }

    /// The core parameters.
    pub(crate) const fn params(&self) -> &[ValType] {
        self.params.split_at(self.count as usize).0
    }

    /// The core results.
    pub(crate) const fn results(&self) -> &[ValType] {
        self.result.split_at(self.results as usize).0
    }
}

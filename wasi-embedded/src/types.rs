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
    Variant(&'static [Option<&'static Type>]),
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
            Type::Variant(cases) => payload_align(cases),
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
            Type::Variant(cases) => {
                let (mut most, mut n) = (0, 0);
                while n < cases.len() {
                    if let Some(payload) = cases[n] {
                        most = max(most, payload.size());
                    }
                    n += 1;
                }
                align_to(payload_offset(cases) + most, self.align())
            }
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

/// Where the payload of a variant of these cases begins; its tag is a byte, since there are less than 256.
pub(crate) const fn payload_offset(cases: &[Option<&'static Type>]) -> u32 {
    align_to(1, payload_align(cases))
}

const fn payload_align(cases: &[Option<&'static Type>]) -> u32 {
    let (mut most, mut n) = (1, 0);
    while n < cases.len() {
        if let Some(payload) = cases[n] {
            most = max(most, payload.align());
        }
        n += 1;
    }
    most
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

//! The lowerer: a value, laid out in guest memory as its type says.
//!
//! Padding, and the payload bytes that a case does not have, are left as they are: the guest may not look at them.
//!
//! Source: "storing" of the component model's `CanonicalABI.md`.

use crate::types::{Type, align_to};
use wasmote::Piece;

/// A value on its way to the guest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'v> {
    Bool(bool),
    U32(u32),
    F32(f32),
    /// A case of an enum, variant, option (0 none, 1 some) or result (0 ok, 1 err).
    Case(u8, Option<&'v Value<'v>>),
    Record(&'v [Value<'v>]),
    /// A list or string whose elements are in the guest's memory already.
    Placed(Space),
    /// A handle that the guest now has.
    Own(u32),
}

/// Bytes in the guest's memory, or elements of a list there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Space {
    pub(crate) at: u32,
    /// Elements of a list, bytes of a string.
    pub(crate) len: u32,
}

impl Space {
    /// The empty string that needs no allocation. Its pointer is not null, since guests make a Rust slice of it.
    pub(crate) const EMPTY: Space = Space { at: 1, len: 0 };

    /// The bytes as a piece of memory.
    pub(crate) fn piece(self, written: bool) -> Piece {
        Piece { at: self.at, len: self.len, written }
    }
}

/// A value does not have the type that the table says. That is a mistake of ours, which no input can bring about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mismatch;

/// Stores a value of this type into `into`, which is as long as the type's size.
pub(crate) fn store(ty: &Type, into: &mut [u8], value: &Value<'_>) -> Result<(), Mismatch> {
    match (ty, value) {
        (Type::Bool, Value::Bool(value)) => put(into, [u8::from(*value)]),
        (Type::U32, Value::U32(value)) => put(into, value.to_le_bytes()),
        (Type::F32, Value::F32(value)) => put(into, canonical_bits(*value).to_le_bytes()),
        (Type::Own(_), Value::Own(handle)) => put(into, handle.to_le_bytes()),
        (Type::String | Type::List(_), Value::Placed(space)) => put_space(into, *space),
        (Type::Enum(count), Value::Case(case, None)) if case < count => put(into, [*case]),
        (Type::Variant(cases), Value::Case(case, payload)) => {
            put(into, [*case])?;
            match (cases.payload(*case), payload) {
                (Some(None), None) => Ok(()),
                (Some(Some(ty)), Some(payload)) => {
                    let into = part(into, cases.payload_offset.into())?;
                    match (ty, payload) {
                        // What a read gives, without another round.
                        (Type::List(_), Value::Placed(space)) => put_space(into, *space),
                        _ => store(ty, into, payload),
                    }
                }
                _ => Err(Mismatch),
            }
        }
        (Type::Record(types), Value::Record(values)) if types.len() == values.len() => {
            let mut at = 0;
            for (ty, value) in types.iter().zip(*values) {
                at = align_to(at, ty.align());
                store(ty, part(into, at)?, value)?;
                at += ty.size();
            }
            Ok(())
        }
        _ => Err(Mismatch),
    }
}

/// The one NaN that crosses the border; other floats as they are.
pub(crate) fn canonical_bits(value: f32) -> u32 {
    if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() }
}

#[inline]
fn put_space(into: &mut [u8], space: Space) -> Result<(), Mismatch> {
    put(into, (u64::from(space.at) | u64::from(space.len) << 32).to_le_bytes())
}

fn part(into: &mut [u8], from: u32) -> Result<&mut [u8], Mismatch> {
    into.get_mut(from as usize..).ok_or(Mismatch)
}

fn put<const N: usize>(into: &mut [u8], bytes: [u8; N]) -> Result<(), Mismatch> {
    *into.first_chunk_mut().ok_or(Mismatch)? = bytes;
    Ok(())
}

//! The lifter: arguments, as their types say, out of core values and guest memory.
//!
//! Every argument is checked to its last element before anything is done: ranges, alignment, tags, UTF-8, handles. Lists
//! stay where they are; [`load`] gets at their elements.
//!
//! Source: "lifting" and "loading" of the component model's `CanonicalABI.md`.

use crate::call::hardware;
use crate::lower::Space;
use crate::types::{Type, align_to};
use crate::{Abuse, HardwareView};
use wasmote::{Caller, Piece, Slots, Trap};

/// A value from the guest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lifted {
    /// Anything of up to 32 bits: numbers, cases of an enum, handles.
    U32(u32),
    U64(u64),
    F32(f32),
    /// A list or string, where it lies.
    Space(Space),
    /// A variant, with its payload where it lies.
    Case(u8, Option<(&'static Type, u32)>),
    /// A record, where it lies.
    Record(u32),
}

/// Parameters that a function may have, the longest being i2c's.
const MAX_PARAMS: usize = 4;

/// Bytes that a list or string may have: the limit of the canonical ABI.
const MAX_LIST_BYTES: u64 = (1 << 28) - 1;

/// The arguments of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arguments {
    values: [Lifted; MAX_PARAMS],
    /// Where the result goes, if it goes to memory.
    pub(crate) out: u32,
}

impl Arguments {
    /// Lifts the arguments of a function of this type.
    pub(crate) fn lift<T: HardwareView>(
        caller: &mut Caller<'_, '_, T>,
        params: &[Type],
        slots: &Slots,
    ) -> Result<Arguments, Trap> {
        let mut arguments = Arguments { values: [Lifted::U32(0); MAX_PARAMS], out: 0 };
        let mut n = 0;
        for (ty, value) in params.iter().zip(&mut arguments.values) {
            let bits = slots.bits(n);
            *value = match ty {
                Type::String | Type::List(_) => {
                    n += 1;
                    Lifted::Space(Space { at: bits as u32, len: slots.bits(n) as u32 })
                }
                Type::U64 => Lifted::U64(bits),
                Type::F32 => Lifted::F32(f32::from_bits(bits as u32)),
                // A handle, an enum and a u32 are 32 bits; smaller numbers are taken modulo their size.
                Type::U16 => Lifted::U32(u32::from(bits as u16)),
                Type::U8 => Lifted::U32(u32::from(bits as u8)),
                Type::Bool => Lifted::U32(u32::from(bits as u32 != 0)),
                _ => Lifted::U32(bits as u32),
            };
            check(caller, ty, *value)?;
            n += 1;
        }
        arguments.out = slots.bits(n) as u32;
        Ok(arguments)
    }

    /// An argument of up to 32 bits.
    pub(crate) fn u32(&self, n: usize) -> u32 {
        if let Some(Lifted::U32(value)) = self.values.get(n) { *value } else { 0 }
    }

    /// A `u16`.
    pub(crate) fn u16(&self, n: usize) -> u16 {
        self.u32(n) as u16
    }

    /// A `u64`.
    pub(crate) fn u64(&self, n: usize) -> u64 {
        if let Some(Lifted::U64(value)) = self.values.get(n) { *value } else { 0 }
    }

    /// An `f32`.
    pub(crate) fn f32(&self, n: usize) -> f32 {
        if let Some(Lifted::F32(value)) = self.values.get(n) { *value } else { 0.0 }
    }

    /// A list or string.
    pub(crate) fn space(&self, n: usize) -> Space {
        if let Some(Lifted::Space(space)) = self.values.get(n) { *space } else { Space::EMPTY }
    }
}

/// Checks that `count` values of `size` bytes lie in the guest's memory, aligned.
pub(crate) fn range<T>(caller: &mut Caller<'_, '_, T>, at: u32, count: u32, size: u32, align: u32) -> Result<(), Trap> {
    let len_bytes = u64::from(count) * u64::from(size);
    if len_bytes > MAX_LIST_BYTES {
        return Err(Abuse::ListTooLong.into());
    }
    if at & (align - 1) != 0 {
        return Err(Abuse::Misaligned.into());
    }
    let memory = caller.memory().ok_or(Trap::MemoryOutOfBounds)?;
    if u64::from(at) + len_bytes > caller.store().memory_size(memory) {
        return Err(Trap::MemoryOutOfBounds);
    }
    Ok(())
}

/// The embedder's data and the bytes of a `list<u8>` or string.
pub(crate) fn bytes<'c, T>(caller: &'c mut Caller<'_, '_, T>, space: Space) -> Result<(&'c mut T, &'c [u8]), Trap> {
    let mut piece = [Piece { at: space.at, len: space.len, written: false }];
    let (data, memory) = caller.pieces(&mut piece)?;
    let [Piece { at, len, .. }] = piece;
    let bytes = memory.get(at as usize..).and_then(|rest| rest.get(..len as usize));
    Ok((data, bytes.unwrap_or_default()))
}

/// Checks a value and all that it leads to.
fn check<T: HardwareView>(caller: &mut Caller<'_, '_, T>, ty: &Type, value: Lifted) -> Result<(), Trap> {
    match (ty, value) {
        (Type::Own(resource) | Type::Borrow(resource), Lifted::U32(handle)) => {
            Ok(hardware(caller).0.table.check(handle, *resource)?)
        }
        (Type::Enum(count), Lifted::U32(case)) if case >= u32::from(*count) => Err(Abuse::UnknownCase.into()),
        (Type::String, Lifted::Space(space)) => {
            range(caller, space.at, space.len, 1, 1)?;
            let (_, text) = bytes(caller, space)?;
            core::str::from_utf8(text).map(|_| ()).map_err(|_| Abuse::NotUtf8.into())
        }
        (Type::List(element), Lifted::Space(space)) => {
            let size = element.size();
            range(caller, space.at, space.len, size, element.align())?;
            // Every byte is a number.
            let count = if matches!(element, Type::U8) { 0 } else { space.len };
            let mut at = space.at;
            for _ in 0..count {
                let value = load(caller, element, at)?;
                check(caller, element, value)?;
                at = at.wrapping_add(size);
            }
            Ok(())
        }
        (Type::Variant(_), Lifted::Case(_, Some((ty, at)))) => {
            let payload = load(caller, ty, at)?;
            check(caller, ty, payload)
        }
        (Type::Record(types), Lifted::Record(at)) => {
            let mut offset = 0;
            for ty in *types {
                offset = align_to(offset, ty.align());
                let field = load(caller, ty, at.wrapping_add(offset))?;
                check(caller, ty, field)?;
                offset += ty.size();
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Loads a value of this type from an address in a range that was checked.
pub(crate) fn load<T>(caller: &mut Caller<'_, '_, T>, ty: &'static Type, at: u32) -> Result<Lifted, Trap> {
    let mut bytes = [0; 8];
    let size = (ty.size() as usize).min(bytes.len());
    caller.read(at, bytes.get_mut(..size).unwrap_or_default())?;
    let bits = u64::from_le_bytes(bytes);
    Ok(match ty {
        Type::Bool => Lifted::U32(u32::from(bits != 0)),
        Type::U64 => Lifted::U64(bits),
        Type::F32 => Lifted::F32(f32::from_bits(bits as u32)),
        Type::String | Type::List(_) => Lifted::Space(Space { at: bits as u32, len: (bits >> 32) as u32 }),
        Type::Variant(cases) => {
            let case = bits as u8;
            let payload = cases.payload(case).ok_or(Abuse::UnknownCase)?;
            Lifted::Case(case, payload.map(|ty| (ty, at.wrapping_add(cases.payload_offset.into()))))
        }
        Type::Record(_) => Lifted::Record(at),
        _ => Lifted::U32(bits as u32),
    })
}

//! The lifter: arguments, as their types say, out of core values and guest memory.
//!
//! Every argument is checked to its last element before anything is done: ranges, alignment, tags, UTF-8, handles. Lists
//! stay where they are; [`load`] gets at their elements.
//!
//! Source: "lifting" and "loading" of the component model's `CanonicalABI.md`.

use crate::call::hardware;
use crate::functions::Signature;
use crate::handles::Opened;
use crate::lower::Space;
use crate::types::{Type, align_to};
use crate::{Abuse, HardwareView};
use wasmote::{Caller, Piece, Trap};

/// A value from the guest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lifted {
    /// Anything of up to 32 bits, as bits: numbers, cases of an enum, handles.
    U32(u32),
    U64(u64),
    /// A list or string, where it lies.
    Space(Space),
    /// A variant, with its payload where it lies.
    Case(u8, Option<(&'static Type, u32)>),
    /// A record, where it lies.
    Record(u32),
}

/// Bytes that a list or string may have: the limit of the canonical ABI.
const MAX_LIST_BYTES: u64 = (1 << 28) - 1;

/// Checks all arguments of a call, and the place of its result with them. Gives the line behind the handle that the function
/// is called on, if it is called on a line.
pub(crate) fn arguments<T: HardwareView>(
    caller: &mut Caller<'_, '_, T>,
    signature: &Signature,
) -> Result<Option<Opened>, Trap> {
    let mut opened = None;
    if let Some(resource) = signature.handle {
        let handle = caller.slot(0);
        opened = hardware(caller).0.table.find(handle, resource)?;
    }
    lists(caller, signature)?;
    if signature.out_size != 0 {
        let at = caller.slot(signature.out.into());
        place(caller, at, signature.out_size.into(), signature.out_align.into())?;
    }
    Ok(opened)
}

/// Checks the arguments that a guest's allocator can have changed when it ran in the midst of the call, those of one word aside:
/// what lies in the memory. The handle and the memory's size are the same as before.
#[inline]
pub(crate) fn lists<T: HardwareView>(caller: &mut Caller<'_, '_, T>, signature: &Signature) -> Result<(), Trap> {
    if signature.is_checked { check_all(caller, signature) } else { Ok(()) }
}

fn check_all<T: HardwareView>(caller: &mut Caller<'_, '_, T>, signature: &Signature) -> Result<(), Trap> {
    for (n, ty) in signature.params.iter().enumerate().skip(usize::from(signature.handle.is_some())) {
        let value = argument(caller, ty, signature.slot(n));
        check(caller, ty, value)?;
    }
    Ok(())
}

/// An argument that is looked at before the function does anything.
fn argument<T>(caller: &Caller<'_, '_, T>, ty: &Type, slot: u32) -> Lifted {
    let low = caller.slot(slot);
    match ty {
        Type::String | Type::List(_) => Lifted::Space(Space { at: low, len: caller.slot(slot + 1) }),
        Type::Bool => Lifted::U32(u32::from(low != 0)),
        _ => Lifted::U32(low),
    }
}

/// Checks that bytes lie in the guest's memory, aligned.
pub(crate) fn place<T>(caller: &Caller<'_, '_, T>, at: u32, len_bytes: u32, align: u32) -> Result<(), Trap> {
    if at & (align - 1) != 0 {
        return Err(Abuse::Misaligned.into());
    }
    caller.check(at, len_bytes)
}

/// Checks that `count` values of `size` bytes lie in the guest's memory, aligned.
fn range<T>(caller: &Caller<'_, '_, T>, at: u32, count: u32, size: u32, align: u32) -> Result<(), Trap> {
    let len_bytes = u64::from(count) * u64::from(size);
    if len_bytes > MAX_LIST_BYTES {
        return Err(Abuse::ListTooLong.into());
    }
    place(caller, at, len_bytes as u32, align)
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
            Ok(hardware(caller).0.table.find(handle, *resource).map(|_| ())?)
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

//! The one room for `unsafe`: lent memory, the machine's registers, and a few reinterpretations. Everything here has a safe
//! interface; what it relies on is proved by its constructors (a validated module, an arena lent for the store's life)
//! and claimed again by `debug_assert`s.

#[cfg(wasmote_assembly)]
mod assembly;
mod bytes;
#[cfg(wasmote_assembly)]
mod helpers;
mod image;
mod regs;
mod stacks;

#[cfg(wasmote_assembly)]
pub(crate) use assembly::{finishes, run_assembly};
pub(crate) use bytes::{Lent, Words, words};
pub use image::BuiltIns;
pub(crate) use image::Image;
#[cfg(not(wasmote_small))]
pub(crate) use regs::Cell;
#[cfg(all(wasmote_optimised, not(wasmote_small)))]
pub(crate) use regs::{Acc, AccF32, AccF64, AccInt, Fp, Fuel, Ip, Machine as Behind, MemoryBase};
pub(crate) use regs::{Exit, HasHot, Hot, RECORD_BYTES, Regs, Slot};
pub(crate) use stacks::Stacks;

use crate::isa::ValType;
#[cfg(not(wasmote_small))]
use crate::isa::ops::{OP_COUNT, STEP};

/// Whether handlers in assembly finish this operation: there are none.
#[cfg(not(wasmote_assembly))]
pub(crate) const fn finishes(_: u16) -> bool {
    false
}

#[cfg(not(wasmote_small))]
/// A number that no operation has; code never holds one.
#[inline(always)]
pub(crate) fn no_operation(unit: u16) -> ! {
    debug_assert!(((unit / STEP) as usize) < OP_COUNT && unit.is_multiple_of(STEP));
    // SAFETY: the loop has an arm for every number below `OP_COUNT`, and code holds only units that `prepare` wrote as
    // operations.
    unsafe { core::hint::unreachable_unchecked() }
}

/// Bytes that the decoder has checked to be value types, as value types.
pub(crate) fn val_types(bytes: &[u8]) -> &[ValType] {
    debug_assert!(bytes.iter().all(|&b| ValType::from_byte(b).is_some()));
    // SAFETY: `ValType` is `repr(u8)` with the binary format's bytes as discriminants, and the bytes were checked.
    unsafe { core::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
}

/// Value types as bytes.
pub(crate) fn bytes_of(types: &[ValType]) -> &[u8] {
    // SAFETY: `ValType` is `repr(u8)`.
    unsafe { core::slice::from_raw_parts(types.as_ptr().cast(), types.len()) }
}

/// Bytes that the decoder has checked to be UTF-8, as text.
pub(crate) fn checked_str(bytes: &[u8]) -> &str {
    debug_assert!(core::str::from_utf8(bytes).is_ok());
    // SAFETY: a `Module` exists only if all its names are UTF-8.
    unsafe { core::str::from_utf8_unchecked(bytes) }
}

/// Makes a value of a type without size, such as a function item.
pub(crate) fn conjure<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0, "host functions must be plain functions or closures that capture nothing") };
    // SAFETY: a `Copy` type of size zero has one value, without bytes; one was given to the caller's constructor.
    unsafe { core::ptr::NonNull::<F>::dangling().read() }
}

#[cfg(not(wasmote_small))]
/// The entry of a table with one row for each operation.
#[inline(always)]
pub(crate) fn entry<T: Copy>(table: &[T; OP_COUNT], unit: u16) -> T {
    const { assert!(size_of::<T>().is_multiple_of(STEP as usize)) };
    debug_assert!(((unit / STEP) as usize) < OP_COUNT && unit.is_multiple_of(STEP));
    let offset = unit as usize * (size_of::<T>() / STEP as usize);
    // SAFETY: code holds only units that `prepare` wrote as operations, so that this is the offset of an entry.
    unsafe { table.as_ptr().byte_add(offset).read() }
}

/// Keeps the compiler from making one end of those that two operations have, by a comment that is `OP`'s own: how a loop came to its only
/// jump tells the processor where that will go.
#[cfg(not(wasmote_small))]
#[inline(always)]
pub(crate) fn apart<const OP: u16, T>(value: T) -> T {
    // SAFETY: there is no instruction in it.
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    unsafe {
        core::arch::asm!("/* {} */", const OP, options(nomem, nostack, preserves_flags));
    }
    value
}

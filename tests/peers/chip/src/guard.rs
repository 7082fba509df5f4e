//! The end of the native stack on RISC-V, where statics and code lie below it in the same memory: a region that nothing may touch, and
//! what is done when something does, on the stack's beginning, for there is no room at its end.

use core::arch::{asm, global_asm};

/// Bytes of the region, which is aligned to as many.
const REGION: usize = 64 << 10;
/// A region with a size that is a power of two, locked, so that it holds for the machine's own mode, and without any right.
const LOCKED: usize = 0x98;

global_asm!(
    ".balign 4",
    ".globl end_of_stack",
    "end_of_stack:",
    "la sp, _stack_start",
    "j {faulted}",
    faulted = sym crate::faulted,
);

/// Forbids the region above an address, below which the stack must not grow.
pub(crate) fn forbid_below(address: usize) {
    let region = (address.next_multiple_of(REGION) >> 2) | ((REGION >> 3) - 1);
    // SAFETY: the region is free, and an exception ends the program anyhow.
    unsafe {
        asm!(
            "csrw pmpaddr0, {region}",
            "csrw pmpcfg0, {locked}",
            "la {region}, end_of_stack",
            "csrw mtvec, {region}",
            region = inout(reg) region => _,
            locked = in(reg) LOCKED,
        );
    }
}

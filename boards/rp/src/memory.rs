//! The memory of a chip that its linker file leaves alone: what is lent to modules, and where those that are built in lie.

use wasmote::BuiltIns;

#[cfg(feature = "rp2040")]
core::arch::global_asm!(include_str!("memmove.s"));

unsafe extern "C" {
    /// The beginning and the end of each, from the board's memory.x.
    static mut __lent_start: u8;
    static mut __lent_end: u8;
    static __modules_start: u8;
    static __modules_end: u8;
}

/// What is lent to modules. To be asked for once: [`start`](crate::start) does, and can only be called once itself.
pub(crate) fn lent() -> &'static mut [u8] {
    let (from, to) = (&raw mut __lent_start, &raw mut __lent_end);
    // SAFETY: the linker file gives this RAM to nobody else, and it is asked for once.
    unsafe { core::slice::from_raw_parts_mut(from, to as usize - from as usize) }
}

/// The modules that are built in.
pub(crate) fn modules() -> BuiltIns<'static> {
    let (from, to) = (&raw const __modules_start, &raw const __modules_end);
    // SAFETY: flash that the linker file sets aside and that only `cargo xtask bundle` fills, with what `Module::build_in`
    // wrote; nothing on the chip writes there.
    unsafe { BuiltIns::new(core::slice::from_raw_parts(from, to as usize - from as usize)) }
}

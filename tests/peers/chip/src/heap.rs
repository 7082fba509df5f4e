//! The heap that peers allocate from: two-level segregated fit, which takes the same time for whatever it is asked.

use embedded_alloc::TlsfHeap;

#[global_allocator]
static HEAP: TlsfHeap = TlsfHeap::empty();

/// Gives the heap its memory, once.
pub(crate) fn begin(memory: &'static mut [u8]) {
    // SAFETY: the memory is nobody else's from here on.
    unsafe { HEAP.init(memory.as_mut_ptr() as usize, memory.len()) }
}

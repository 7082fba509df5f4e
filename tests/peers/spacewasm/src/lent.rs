//! What spacewasm wants of whoever runs it, here and on chips: an allocator of its own kind, and a module as a stream.

use alloc::alloc::{alloc, alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::ptr::NonNull;
use spacewasm::{AllocError, Allocator, CompilerOptions, InnerVec, WasmMemoryAllocator, WasmStream};

/// What its validator may nest.
pub(crate) const BLOCKS: usize = 256;
pub(crate) const OPERANDS: usize = 1024;

pub(crate) const OPTIONS: CompilerOptions =
    CompilerOptions { allow_memory_grow: true, max_backpatch_iterations: None, max_code_pages: 4096 };

/// The allocator of the program.
pub(crate) struct Heap;

// SAFETY: the allocator gives what was asked for or nothing.
unsafe impl Allocator for Heap {
    unsafe fn alloc(&self, layout: Layout) -> Result<*mut u8, AllocError> {
        // SAFETY: the caller's promise is the same.
        let place = unsafe { alloc(layout) };
        if place.is_null() { Err(AllocError::AllocationFailed) } else { Ok(place) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if !place.is_null() {
            // SAFETY: it was given by `alloc`.
            unsafe { dealloc(place, layout) }
        }
    }
}

spacewasm::global_allocator!(Heap, Heap);

impl WasmMemoryAllocator for Heap {
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: memories are not empty.
        NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(AllocError::AllocationFailed)
    }

    /// No measured program grows.
    fn reallocate(&self, _: NonNull<u8>, _: Layout, _: Layout) -> Result<NonNull<u8>, AllocError> {
        Err(AllocError::OutOfMemory)
    }

    fn deallocate(&self, place: NonNull<u8>, layout: Layout) {
        // SAFETY: it was given by `allocate`.
        unsafe { dealloc(place.as_ptr(), layout) }
    }
}

/// A module in one piece.
pub(crate) struct Bytes<'b>(pub(crate) Option<&'b mut [u8]>);

impl WasmStream for Bytes<'_> {
    fn read(&mut self) -> Result<Option<InnerVec<u8>>, u8> {
        let Some(bytes) = self.0.take() else { return Ok(None) };
        // SAFETY: the bytes outlive the reader, which gives them back and never frees them.
        Ok(Some(unsafe { InnerVec::from_raw_parts(bytes.as_mut_ptr(), bytes.len(), bytes.len()) }))
    }

    fn return_(&mut self, _: InnerVec<u8>) {}
}

//! spacewasm, to be measured. It knows WebAssembly 1.0 only, counts instructions always, and wants an allocator of its own kind.

use crate::{heap, told};
use alloc::alloc::{alloc, alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::ptr::NonNull;
use spacewasm::{
    AllocError, Allocator, CodeBuilder, CompilerOptions, Engine, InnerVec, Interpreter, InterpreterResult,
    InterpreterRunner, Module, Rc, Ref, Value, Vec, WasmMemoryAllocator, WasmRef, WasmStream,
};
use wasmote_chip::firmware::{Clock, Measured};

/// Slots of its stack.
const STACK: usize = 16 << 10;
/// What its validator may nest.
const BLOCKS: usize = 256;
const OPERANDS: usize = 1024;
const CODE_PAGES: usize = 4096;

struct Heap;

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
struct Bytes(Option<alloc::vec::Vec<u8>>);

impl WasmStream for Bytes {
    fn read(&mut self) -> Result<Option<InnerVec<u8>>, u8> {
        let Some(bytes) = self.0.take() else { return Ok(None) };
        let bytes = bytes.leak();
        // SAFETY: the bytes are leaked, and the reader gives them back and never frees them.
        Ok(Some(unsafe { InnerVec::from_raw_parts(bytes.as_mut_ptr(), bytes.len(), bytes.len()) }))
    }

    fn return_(&mut self, _: InnerVec<u8>) {}
}

/// Loads and runs a module.
pub(crate) fn run(
    clock: Clock,
    rounds: u32,
    wasm: &'static [u8],
    memory: &'static mut [u8],
) -> Result<Measured, &'static str> {
    heap::begin(memory);
    let mut engine = Engine::new(STACK, 1, Vec::zero()).map_err(told)?;
    let options =
        CompilerOptions { allow_memory_grow: true, max_backpatch_iterations: None, max_code_pages: CODE_PAGES };
    let mut code = CodeBuilder::new(options).map_err(told)?;
    let memory = Rc::new(Heap).map_err(told)?.into_wasm_memory_allocator();
    let mut stream = Bytes(Some(wasm.into()));
    let (module, load) =
        clock.time(|| Module::new::<BLOCKS, OPERANDS>("", &mut stream, &mut engine.store, &mut code, memory));
    let module = module.map_err(told)?;
    let index = module.exports.iter().find_map(|export| match (&*export.name, &export.desc) {
        ("run", spacewasm::ExportDesc::Func(index)) => module.get_func_ref(*index),
        _ => None,
    });
    let Some(Ref::Module(index)) = index else { return Err("it does not export run") };
    let module = engine.push_module(module).map_err(told)?;
    let (outcome, count) = clock.time(|| {
        engine.invoke(WasmRef { module, index }, &[Value::I32(rounds as i32)]).map_err(told)?;
        match Interpreter.run(code.pages(), &mut engine, usize::MAX) {
            InterpreterResult::Finished => Ok(()),
            InterpreterResult::Trap(reason) => Err(told(reason)),
            _ => Err("it does not finish"),
        }
    });
    outcome?;
    let sum = engine.result.ok_or("it gives no result")?.read_32();
    Ok(Measured { load, run: count, sum, metered: Some(count), fuel: 0 })
}

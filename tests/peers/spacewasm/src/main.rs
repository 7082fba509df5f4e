//! spacewasm, to be measured. It knows WebAssembly 1.0 only, counts instructions always, and wants an allocator of its own kind.

use spacewasm::{
    AllocError, Allocator, CodeBuilder, CompilerOptions, Engine, InnerVec, Interpreter, InterpreterResult,
    InterpreterRunner, Module, Rc, Ref, Value, Vec, WasmMemoryAllocator, WasmRef, WasmStream,
};
use std::alloc::Layout;
use std::ptr::NonNull;
use wasmote_peer::{Error, Peer, Program, serve};

/// Slots of its stack.
const STACK: usize = 64 << 10;
/// What its validator may nest.
const BLOCKS: usize = 256;
const OPERANDS: usize = 1024;
const CODE_PAGES: usize = 4096;

struct SpaceWasm;

struct System;

// SAFETY: the standard library's allocator gives what was asked for or nothing.
unsafe impl Allocator for System {
    unsafe fn alloc(&self, layout: Layout) -> Result<*mut u8, AllocError> {
        // SAFETY: the caller's promise is the same.
        let place = unsafe { std::alloc::alloc(layout) };
        if place.is_null() { Err(AllocError::AllocationFailed) } else { Ok(place) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if !place.is_null() {
            // SAFETY: it was given by `alloc`.
            unsafe { std::alloc::dealloc(place, layout) }
        }
    }
}

spacewasm::global_allocator!(System, System);

impl WasmMemoryAllocator for System {
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: memories are not empty.
        NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) }).ok_or(AllocError::AllocationFailed)
    }

    /// No measured program grows.
    fn reallocate(&self, _: NonNull<u8>, _: Layout, _: Layout) -> Result<NonNull<u8>, AllocError> {
        Err(AllocError::OutOfMemory)
    }

    fn deallocate(&self, place: NonNull<u8>, layout: Layout) {
        // SAFETY: it was given by `allocate`.
        unsafe { std::alloc::dealloc(place.as_ptr(), layout) }
    }
}

/// A module in one piece.
struct Bytes(std::vec::Vec<u8>, bool);

impl WasmStream for Bytes {
    fn read(&mut self) -> Result<Option<InnerVec<u8>>, u8> {
        if std::mem::replace(&mut self.1, true) {
            return Ok(None);
        }
        // SAFETY: the bytes outlive the reader, which gives them back and never frees them.
        Ok(Some(unsafe { InnerVec::from_raw_parts(self.0.as_mut_ptr(), self.0.len(), self.0.len()) }))
    }

    fn return_(&mut self, _: InnerVec<u8>) {}
}

fn read(wasm: &[u8]) -> Result<(Engine, CodeBuilder, Module), Error> {
    let failed = |error: &dyn std::fmt::Debug| Error::from(format!("{error:?}"));
    let mut engine = Engine::new(STACK, 1, Vec::zero()).map_err(|error| failed(&error))?;
    let options =
        CompilerOptions { allow_memory_grow: true, max_backpatch_iterations: None, max_code_pages: CODE_PAGES };
    let mut code = CodeBuilder::new(options).map_err(|error| failed(&error))?;
    let memory = Rc::new(System).map_err(|error| failed(&error))?.into_wasm_memory_allocator();
    let mut stream = Bytes(wasm.to_vec(), false);
    let module = Module::new::<BLOCKS, OPERANDS>("", &mut stream, &mut engine.store, &mut code, memory)
        .map_err(|error| failed(&error))?;
    Ok((engine, code, module))
}

impl Peer for SpaceWasm {
    fn load(&self, _name: &str, wasm: &[u8]) -> Result<Program, Error> {
        let (mut engine, code, module) = read(wasm)?;
        let index = module.exports.iter().find_map(|export| match (&*export.name, &export.desc) {
            ("run", spacewasm::ExportDesc::Func(index)) => module.get_func_ref(*index),
            _ => None,
        });
        let Some(Ref::Module(index)) = index else { return Err("no export run".into()) };
        let module = engine.push_module(module).map_err(|error| format!("{error:?}"))?;
        Ok(Box::new(move |rounds| {
            let run = WasmRef { module, index };
            engine.invoke(run, &[Value::I32(rounds as i32)]).map_err(|error| format!("{error:?}"))?;
            match Interpreter.run(code.pages(), &mut engine, usize::MAX) {
                InterpreterResult::Finished => {}
                InterpreterResult::Trap(reason) => return Err(format!("{reason:?}").into()),
                _ => return Err("it paused".into()),
            }
            match engine.result {
                Some(sum) => Ok(sum.read_32()),
                None => Err("no result".into()),
            }
        }))
    }

    fn prepare(&mut self, wasm: &[u8]) -> Result<(), Error> {
        read(wasm).map(|_| ())
    }
}

fn main() {
    serve(SpaceWasm);
}

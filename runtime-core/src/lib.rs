//! Wasmote's core: a WebAssembly interpreter that needs no operating system, no allocator and no memory protection.
//!
//! The folders are the road of a module: bytes are *decoded*, *validated* and *prepared* into compact code, *instantiated* in lent
//! memory, and *run* with fuel until they finish, trap, or want something of the *host*. Nothing here allocates: code goes
//! to one lent buffer, instances and frame stacks to another, and either can be too small with an error that says so.
//!
//! ```
//! use wasmote::{Engine, Linker, Module, Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
//! static WASM: &[u8] = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
//! let engine = Engine::default();
//! let (mut code, mut arena) = ([0; 4096], [0; 4096]);
//! let module = Module::new(&engine, WASM, &mut code)?;
//! let mut store = Store::new(&engine, &mut arena)?;
//! let linker = Linker::<()>::new(&[]);
//! let instance = linker.instantiate(&mut store, &module, &mut ()).unwrap();
//! let add = store.typed_func::<(i32, i32), i32>(instance, "add")?;
//! assert_eq!(add.call(&mut store, &linker, &mut (), (2, 3))?, 5);
//! # Ok(())
//! # }
//! ```
//!
//! Types have the names that users of wasmtime and wasmi know: [`Engine`], [`Module`], [`Linker`], [`Store`], [`Instance`],
//! [`Memory`], [`TypedFunc`], [`Caller`], [`Trap`]; so have the handles' methods (`instance.get_typed_func(&store, "add")`).
//! What is not there has a reason: buffers are lent to `Module::new` and `Store::new`, for nothing allocates; a call takes the
//! linker and the embedder's data, for a store holds neither; [`Store::resume`] returns with a host call instead of making it.
//! `examples/` has a host function in ten lines, an instance in 16 KiB, an answer that comes late, and a guest as a task.
#![no_std]

#[cfg(test)]
extern crate std;

mod decode;
mod engine;
mod host;
mod instance;
mod isa;
mod prepare;
mod raw;
mod run;
mod validate;

pub use decode::{ErrorKind, ModuleError, Phase};
pub use engine::{Config, Dispatch, Engine};
pub use host::{
    CallError, Caller, Extern, FrameInfo, Func, Global, GuestValue, HostCall, HostError, HostFunc, Instance,
    InstantiateError, IntoHost, Linker, Memory, Outcome, Piece, Requested, Run, Slots, SpawnError, Stats, Store, Table,
    Thread, TypedFunc, Val, Values,
};
pub use instance::{LinkError, LinkErrorKind};
pub use isa::{ExternType, FuncType, GlobalType, MemoryType, OutOfMemory, PAGE_SIZE_LOG2, TableType, Trap, ValType};
#[cfg(feature = "prose")]
pub use prepare::Line;
pub use prepare::{BuiltIn, BuiltInError, Export, Exports, Import, Imports, Module};
pub use raw::BuiltIns;

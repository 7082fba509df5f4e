//! The instruction set: value types, traps, the meaning of every numeric operator, the one table of opcodes,
//! and the prepared code that the table becomes. Knows nothing of modules, memory or machines.

pub(crate) mod num;
pub(crate) mod ops;
mod trap;
mod types;
pub(crate) mod wasm;

pub use trap::Trap;
pub(crate) use types::Typed;
pub use types::{ExternType, FuncType, GlobalType, MemoryType, OutOfMemory, PAGE_SIZE_LOG2, TableType, ValType};

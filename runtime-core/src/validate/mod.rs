//! The rules of the specification's validation: what a module's parts may say of each other, and what types an operand
//! stack may hold. Reads with `decode`; emits nothing.

mod constant;
mod context;
mod module;
mod operands;
mod sort;

pub(crate) use constant::{ConstOp, MAX_CONST_DEPTH, read_const_op, read_constant};
pub(crate) use context::{Context, FuncEntry, GlobalEntry, Header, NONE, TypeEntry, stack};
pub(crate) use module::{ElementMode, Elements, Sections, read_data_head, read_element_head};
pub(crate) use operands::{Block, BlockKind, BlockType, Label, MAX_SLOTS, Operand, Place, Pushed, Typing};

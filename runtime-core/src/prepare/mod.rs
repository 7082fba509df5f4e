//! From validated instructions to prepared code: one pass over each function, in which values get their places, constants and
//! locals become operands, comparisons become branches, and blocks get their cost.
//!
//! A function's code is a header of four units and the operations of the table in `isa`; see `function` and `paths`.
//! It is position-independent and the same on every target.

mod built_in;
mod bulk;
mod call;
mod control;
mod data;
mod emit;
mod function;
#[cfg(feature = "prose")]
mod listing;
mod memory;
mod module;
mod paths;
mod unset;

pub use built_in::{BuiltIn, BuiltInError};
pub(crate) use function::HEADER_UNITS;
#[cfg(feature = "prose")]
pub use listing::Line;
pub use module::{Export, Exports, Import, Imports, Module};

use crate::validate::Typing;

/// The translation of one function.
struct Body<'c, 'm> {
    t: Typing<'c, 'm>,
    /// Offset of the function's code in the image.
    start: u32,
    /// Whether operands, destinations and conditions are folded. Without it each instruction is an operation of its own:
    /// the oracle of the folding.
    folding: bool,
    /// Whether branches have 32-bit cells.
    wide: bool,
    /// Whether the next instruction can be reached.
    live: bool,
    /// Whether a displacement did not fit.
    overflow: bool,
    /// Whether the function's last `end` was read.
    has_ended: bool,
    /// Instructions of the text so far.
    cost: u32,
    path: paths::Path,
    /// Level of the innermost loop.
    inner_loop: Option<u32>,
    last: emit::Last,
    /// Unit of the operation whose result was last taken from the accumulator.
    taken: u32,
    observer: function::Observer<'c>,
    /// Locals that may not have been set yet.
    unset: unset::Unset,
    /// Whether one of them is read nevertheless.
    zeros: bool,
}

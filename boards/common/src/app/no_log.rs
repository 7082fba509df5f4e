//! No log: what firmware that is built without the feature `defmt` has.

use super::line::Word;
use wasmote::Trap;

/// Nothing.
pub(super) fn line(_: &[Word<'_>]) {}

/// Nothing.
pub(super) fn trap(_: &str, _: Trap) {}

//! No log: what firmware that is built without the feature `defmt` has.

use core::fmt;
use wasmote::Trap;

/// Nothing.
pub(super) fn line(_: fmt::Arguments<'_>) {}

/// Nothing.
pub(super) fn trap(_: &str, _: Trap) {}

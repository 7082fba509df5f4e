//! What the emulated chip is asked beside the examples.

use super::{Counts, Pico};

/// Runs all checks.
pub(super) fn run(_: &Pico, _: &mut Counts) {}

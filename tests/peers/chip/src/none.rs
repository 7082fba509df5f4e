//! No engine: the image that the others' sizes are held against.

use wasmote_chip::firmware::{Clock, Measured};

/// Runs nothing.
pub(crate) fn run(_: Clock, _: u32, _: &'static [u8]) -> Result<Measured, &'static str> {
    Err("this image has no engine")
}

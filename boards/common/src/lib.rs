//! What every board of Wasmote shares, so that a board's own crate is about a hundred lines.
#![no_std]
#![forbid(unsafe_code)]

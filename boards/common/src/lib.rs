//! What every board of Wasmote shares, so that a board's own crate is about a hundred lines.
//!
//! [`firmware`]: the loop around one guest.
//! [`policy`]: what a module asks for, what a board allows, and what it therefore gets.
#![no_std]
#![forbid(unsafe_code)]

pub mod firmware;
pub mod policy;

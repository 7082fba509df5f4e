//! What every board of Wasmote shares, so that a board's own crate is about a hundred lines.
//!
//! `app` (a feature): a whole firmware around the modules that are built into it.
//! [`firmware`]: the loop around one guest.
//! [`policy`]: what a module asks for, what a board allows, and what it therefore gets.
//! [`note`]: what stands beside a module that is built in. [`permit`]: what it may therefore use.
//! [`doorbell`]: sleep without a lost wake-up. [`divide`]: of times.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "app")]
pub mod app;
pub mod divide;
pub mod doorbell;
pub mod firmware;
pub mod note;
pub mod permit;
pub mod policy;
mod reader;

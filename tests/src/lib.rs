//! The suites that Wasmote is held against, as a library that `xtask` and the integration tests share: the official core tests,
//! the official WASI tests, and the comparison with other implementations on generated modules.

pub mod binary;
pub mod checksum;
pub mod command;
pub mod conformance;
pub mod differential;
pub mod embed;
pub mod emulated;
pub mod faulty;
pub mod guests;
pub mod hardware;
pub mod nor;
pub mod rp2040;
pub mod wasi_suite;

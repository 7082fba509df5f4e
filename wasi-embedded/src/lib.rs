//! The hardware interfaces of WASI for Wasmote: wasi-i2c, wasi-gpio, wasi-spi, delays and pollables, as core imports in
//! canonical-ABI form, over the traits of `embedded-hal`.
//!
//! The crate holds no functions yet. It has its place in the workspace because the direction of the dependencies is
//! decided: it will stand on `wasmote` (runtime-core) and know no board, and boards will stand on it. Until then a module
//! that imports one of these interfaces is refused at link time, with the import's name.
#![no_std]
#![forbid(unsafe_code)]

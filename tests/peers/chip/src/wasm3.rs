//! wasm3 0.4.7 by its crate, to be measured. It translates a function when it is first called, so that its program runs twice: what the
//! first call takes more is loading. It does not validate and does not meter.

use crate::told;
use alloc::vec::Vec;
use wasm3::{Environment, Module};
use wasmote_chip::firmware::{Clock, Measured};

/// Bytes of its stack.
const STACK: u32 = 64 << 10;

/// Loads and runs a module.
pub(crate) fn run(clock: Clock, rounds: u32, wasm: &'static [u8]) -> Result<Measured, &'static str> {
    let environment = Environment::new().map_err(told)?;
    let runtime = environment.create_runtime(STACK).map_err(told)?;
    let bytes = Vec::from(wasm);
    let (found, load) = clock.time(|| {
        runtime.load_module(Module::parse(&environment, bytes)?)?;
        runtime.find_function::<u32, u32>("run")
    });
    let run = found.map_err(told)?;
    let (first, with_translation) = clock.time(|| run.call(rounds));
    let first = first.map_err(told)?;
    let (sum, count) = clock.time(|| run.call(rounds));
    match sum.map_err(told)? == first {
        true => Ok(Measured {
            load: load + with_translation.saturating_sub(count),
            run: count,
            sum: first,
            metered: None,
            fuel: 0,
        }),
        false => Err("a second run gives another checksum"),
    }
}

//! tinywasm, to be measured: without metering, then once more with it.

use crate::told;
use tinywasm::{ExecProgress, ModuleInstance, Store};
use wasmote_chip::firmware::{Clock, Measured};

/// Loads and runs a module.
pub(crate) fn run(clock: Clock, rounds: u32, wasm: &'static [u8]) -> Result<Measured, &'static str> {
    let (module, load) = clock.time(|| tinywasm::parse_bytes(wasm));
    let module = module.map_err(told)?;
    let mut store = Store::default();
    let instance = ModuleInstance::instantiate(&mut store, &module, None).map_err(told)?;
    let run = instance.func::<i32, i32>(&store, "run").map_err(told)?;
    let (sum, count) = clock.time(|| run.call(&mut store, rounds as i32));
    let sum = sum.map_err(told)? as u32;
    let (again, metered) = clock.time(|| {
        let mut execution = run.call_resumable(&mut store, rounds as i32)?;
        loop {
            if let ExecProgress::Completed(sum) = execution.resume_with_fuel(u32::MAX)? {
                return Ok::<i32, tinywasm::Error>(sum);
            }
        }
    });
    match again.map_err(told)? as u32 == sum {
        true => Ok(Measured { load, run: count, sum, metered: Some(metered), fuel: 0 }),
        false => Err("with fuel it gives another checksum"),
    }
}

//! wasmi in either of its builds, to be measured: without metering as its defaults are, then once more with it. Modules are translated
//! at once, not function by function when they are called.

use crate::told;
use wasmi::{CompilationMode, Config, Engine, Linker, Module, Store};
use wasmote_chip::firmware::{Clock, Measured};

/// Loads and runs a module.
pub(crate) fn run(clock: Clock, rounds: u32, wasm: &'static [u8]) -> Result<Measured, &'static str> {
    let (_, metered, _) = once(clock, rounds, wasm, true)?;
    let (load, run, sum) = once(clock, rounds, wasm, false)?;
    Ok(Measured { load, run, sum, metered: Some(metered), fuel: 0 })
}

/// What loading takes, what running takes, and the checksum.
fn once(clock: Clock, rounds: u32, wasm: &[u8], fuel: bool) -> Result<(u32, u32, u32), &'static str> {
    let mut config = Config::default();
    config.consume_fuel(fuel).compilation_mode(CompilationMode::Eager);
    let engine = Engine::new(&config);
    let (module, load) = clock.time(|| Module::new(&engine, wasm));
    let module = module.map_err(told)?;
    let mut store = Store::new(&engine, ());
    if fuel {
        store.set_fuel(u64::MAX).map_err(told)?;
    }
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).map_err(told)?;
    let run = instance.get_typed_func::<u32, u32>(&store, "run").map_err(told)?;
    let (sum, count) = clock.time(|| run.call(&mut store, rounds));
    Ok((load, count, sum.map_err(told)?))
}

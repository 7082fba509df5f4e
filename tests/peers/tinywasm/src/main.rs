//! tinywasm, to be measured: `--fuel` meters.

use tinywasm::{ExecProgress, ModuleInstance, Store};
use wasmote_peer::{Error, Peer, Program, asked_for, serve};

struct TinyWasm {
    fuel: bool,
}

fn main() {
    serve(TinyWasm { fuel: asked_for("--fuel") });
}

impl Peer for TinyWasm {
    fn load(&self, _name: &str, wasm: &[u8]) -> Result<Program, Error> {
        let module = tinywasm::parse_bytes(wasm)?;
        let mut store = Store::default();
        let instance = ModuleInstance::instantiate(&mut store, &module, None)?;
        let run = instance.func::<i32, i32>(&store, "run")?;
        let fuel = self.fuel;
        Ok(Box::new(move |rounds| {
            if !fuel {
                return Ok(run.call(&mut store, rounds as i32)? as u32);
            }
            let mut execution = run.call_resumable(&mut store, rounds as i32)?;
            loop {
                if let ExecProgress::Completed(sum) = execution.resume_with_fuel(u32::MAX)? {
                    return Ok(sum as u32);
                }
            }
        }))
    }

    fn prepare(&mut self, wasm: &[u8]) -> Result<(), Error> {
        tinywasm::parse_bytes(wasm)?;
        Ok(())
    }
}

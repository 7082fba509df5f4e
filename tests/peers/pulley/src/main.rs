//! wasmtime with Pulley, to be measured: `--fuel` meters. Cranelift optimises before anything is interpreted.

use wasmote_peer::{Error, Peer, Program, asked_for, serve};
use wasmtime::{Config, Engine, Linker, Module, Store};

struct Pulley {
    engine: Engine,
    fuel: bool,
}

fn main() {
    let fuel = asked_for("--fuel");
    let mut config = Config::new();
    config.consume_fuel(fuel);
    let engine = config.target("pulley64").and_then(|config| Engine::new(config));
    match engine {
        Ok(engine) => serve(Pulley { engine, fuel }),
        Err(error) => eprintln!("Pulley does not start: {error}"),
    }
}

impl Peer for Pulley {
    fn load(&self, _name: &str, wasm: &[u8]) -> Result<Program, Error> {
        let module = Module::new(&self.engine, wasm)?;
        let mut store = Store::new(&self.engine, ());
        if self.fuel {
            store.set_fuel(u64::MAX)?;
        }
        let instance = Linker::new(&self.engine).instantiate(&mut store, &module)?;
        let run = instance.get_typed_func::<u32, u32>(&mut store, "run")?;
        Ok(Box::new(move |rounds| Ok(run.call(&mut store, rounds)?)))
    }

    fn prepare(&mut self, _wasm: &[u8]) -> Result<(), Error> {
        Err("its compiler is not built for speed here".into())
    }
}

//! What both builds of wasmi run: `--fuel` meters; modules are translated at once, not function by function when they are called.

use wasmi::{CompilationMode, Config, Engine, Linker, Module, Store};
use wasmote_peer::{Error, Peer, Program, asked_for, serve};

struct Wasmi {
    engine: Engine,
    fuel: bool,
}

/// Answers commands.
pub(crate) fn start() {
    let fuel = asked_for("--fuel");
    let mut config = Config::default();
    config.consume_fuel(fuel).compilation_mode(CompilationMode::Eager);
    serve(Wasmi { engine: Engine::new(&config), fuel });
}

impl Peer for Wasmi {
    fn load(&self, _name: &str, wasm: &[u8]) -> Result<Program, Error> {
        let module = Module::new(&self.engine, wasm)?;
        let mut store = Store::new(&self.engine, ());
        if self.fuel {
            store.set_fuel(u64::MAX)?;
        }
        let instance = Linker::new(&self.engine).instantiate_and_start(&mut store, &module)?;
        let run = instance.get_typed_func::<u32, u32>(&store, "run")?;
        Ok(Box::new(move |rounds| Ok(run.call(&mut store, rounds)?)))
    }

    fn prepare(&mut self, wasm: &[u8]) -> Result<(), Error> {
        // An engine keeps the code of all its modules: each has its own.
        let engine = Engine::new(self.engine.config());
        Module::new(&engine, wasm)?;
        Ok(())
    }
}

//! wasm3 by its crate, which has version 0.4.7, to be measured. Bulk memory makes that version crash. It does not validate, does not meter, and translates a function when it is first called.

use wasm3::{Environment, Module};
use wasmote_peer::{Error, Peer, Program, serve};

const STACK: u32 = 256 << 10;

struct Wasm3;

fn main() {
    serve(Wasm3);
}

impl Peer for Wasm3 {
    fn load(&self, _name: &str, wasm: &[u8]) -> Result<Program, Error> {
        let failed = |error: wasm3::error::Error| Error::from(error.to_string());
        let environment = Environment::new().map_err(failed)?;
        let runtime = Box::leak(Box::new(environment.create_runtime(STACK).map_err(failed)?));
        let parsed = Module::parse(&environment, wasm.to_vec()).map_err(failed)?;
        runtime.load_module(parsed).map_err(failed)?;
        let run = runtime.find_function::<u32, u32>("run").map_err(failed)?;
        Ok(Box::new(move |rounds| run.call(rounds).map_err(failed)))
    }

    fn prepare(&mut self, _wasm: &[u8]) -> Result<(), Error> {
        Err("it translates when functions are called".into())
    }
}

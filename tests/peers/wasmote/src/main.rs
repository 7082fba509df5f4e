//! Wasmote, to be measured: `--dispatch loop|tail|trampoline`. It always meters, here without a limit.

use wasmote::{Config, Dispatch, Engine, Extern, Module, Outcome, Store, Val};
use wasmote_peer::{Error, Peer, Program, asked_for, serve};

/// Code memory for the largest module that is measured.
const CODE: usize = 16 << 20;
/// The arena of a program: what it touches, its instance, its frames.
const ARENA: usize = 64 << 20;

struct Wasmote {
    engine: Engine,
    code: Vec<u8>,
}

fn main() {
    let dispatch = match () {
        () if asked_for("loop") => Dispatch::Loop,
        () if asked_for("trampoline") => Dispatch::Trampoline,
        () if asked_for("compact") => Dispatch::Compact,
        () => Dispatch::TailCall,
    };
    serve(Wasmote { engine: Engine::new(Config { dispatch, ..Config::default() }), code: vec![0; CODE] });
}

/// A buffer that lives as long as the runner.
fn leaked(bytes: Vec<u8>) -> &'static mut [u8] {
    bytes.leak()
}

impl Peer for Wasmote {
    fn load(&self, _name: &str, wasm: &[u8]) -> Result<Program, Error> {
        let wasm = leaked(wasm.to_vec());
        let module = Module::new(&self.engine, wasm, leaked(vec![0; wasm.len() * 6 + 4096]))?;
        let mut store = Store::new(&self.engine, leaked(vec![0; ARENA])).map_err(|_| "no store")?;
        let instance = store.instantiate(&module, &mut |_, _| None).map_err(|error| error.to_string())?;
        let run = store.export(instance, "run").and_then(Extern::func).ok_or("no export run")?;
        Ok(Box::new(move |rounds| {
            let thread = store.spawn(run, &[Val::I32(rounds as i32)]).map_err(|error| format!("{error:?}"))?;
            match store.resume(thread, u64::MAX) {
                Outcome::Finished => {}
                outcome => return Err(format!("{outcome:?}").into()),
            }
            let mut result = [Val::I32(0)];
            store.results(thread, &mut result);
            store.end(thread);
            match result {
                [Val::I32(sum)] => Ok(sum as u32),
                _ => Err("a result of another type".into()),
            }
        }))
    }

    fn prepare(&mut self, wasm: &[u8]) -> Result<(), Error> {
        Module::new(&self.engine, wasm, &mut self.code)?;
        Ok(())
    }

    /// Wasm bytes of all function bodies; bytes of their operations, branch cells and fuel included; all that is kept for
    /// the module; the arena in use with one instance, its memory aside.
    fn figures(&mut self, wasm: &[u8]) -> Result<String, Error> {
        let wasm = leaked(wasm.to_vec());
        let module = Module::new(&self.engine, wasm, leaked(vec![0; wasm.len() * 6 + 4096]))?;
        let mut store = Store::new(&self.engine, leaked(vec![0; ARENA])).map_err(|_| "no store")?;
        let instance = match store.instantiate(&module, &mut |_, _| None) {
            Ok(_) => store.stats().used - store.stats().memories,
            // What imports is not instantiated here.
            Err(_) => 0,
        };
        let (code, operations) = (module.code_len_bytes(), module.operations_len_bytes());
        Ok(format!("{code} {operations} {} {instance} {}", module.prepared_len_bytes(), size_of::<Store<'_>>()))
    }
}

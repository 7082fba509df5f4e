//! spacewasm, to be measured. It knows WebAssembly 1.0 only, counts instructions always, and wants an allocator of its own kind.

extern crate alloc;

mod lent;

use lent::{BLOCKS, Bytes, Heap, OPERANDS, OPTIONS};
use spacewasm::{
    CodeBuilder, Engine, Interpreter, InterpreterResult, InterpreterRunner, Module, Rc, Ref, Value, Vec, WasmRef,
};
use wasmote_peer::{Error, Peer, Program, serve};

/// Slots of its stack.
const STACK: usize = 64 << 10;

struct SpaceWasm;

fn read(wasm: &[u8]) -> Result<(Engine, CodeBuilder, Module), Error> {
    let failed = |error: &dyn std::fmt::Debug| Error::from(format!("{error:?}"));
    let mut engine = Engine::new(STACK, 1, Vec::zero()).map_err(|error| failed(&error))?;
    let mut code = CodeBuilder::new(OPTIONS).map_err(|error| failed(&error))?;
    let memory = Rc::new(Heap).map_err(|error| failed(&error))?.into_wasm_memory_allocator();
    let mut bytes = wasm.to_vec();
    let mut stream = Bytes(Some(&mut bytes));
    let module = Module::new::<BLOCKS, OPERANDS>("", &mut stream, &mut engine.store, &mut code, memory)
        .map_err(|error| failed(&error))?;
    Ok((engine, code, module))
}

impl Peer for SpaceWasm {
    fn load(&self, _name: &str, wasm: &[u8]) -> Result<Program, Error> {
        let (mut engine, code, module) = read(wasm)?;
        let index = module.exports.iter().find_map(|export| match (&*export.name, &export.desc) {
            ("run", spacewasm::ExportDesc::Func(index)) => module.get_func_ref(*index),
            _ => None,
        });
        let Some(Ref::Module(index)) = index else { return Err("no export run".into()) };
        let module = engine.push_module(module).map_err(|error| format!("{error:?}"))?;
        Ok(Box::new(move |rounds| {
            let run = WasmRef { module, index };
            engine.invoke(run, &[Value::I32(rounds as i32)]).map_err(|error| format!("{error:?}"))?;
            match Interpreter.run(code.pages(), &mut engine, usize::MAX) {
                InterpreterResult::Finished => {}
                InterpreterResult::Trap(reason) => return Err(format!("{reason:?}").into()),
                _ => return Err("it paused".into()),
            }
            match engine.result {
                Some(sum) => Ok(sum.read_32()),
                None => Err("no result".into()),
            }
        }))
    }

    fn prepare(&mut self, wasm: &[u8]) -> Result<(), Error> {
        read(wasm).map(|_| ())
    }
}

fn main() {
    serve(SpaceWasm);
}

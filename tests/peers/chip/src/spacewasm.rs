//! spacewasm, to be measured. It knows WebAssembly 1.0 only, counts instructions always, and wants an allocator of its own kind.

#[path = "../../spacewasm/src/lent.rs"]
mod lent;

use crate::told;
use lent::{BLOCKS, Bytes, Heap, OPERANDS, OPTIONS};
use spacewasm::{
    CodeBuilder, Engine, Interpreter, InterpreterResult, InterpreterRunner, Module, Rc, Ref, Value, Vec, WasmRef,
};
use wasmote_chip::firmware::{Clock, Measured};

/// Slots of its stack.
const STACK: usize = 16 << 10;

/// Loads and runs a module.
pub(crate) fn run(clock: Clock, rounds: u32, wasm: &'static [u8]) -> Result<Measured, &'static str> {
    let mut engine = Engine::new(STACK, 1, Vec::zero()).map_err(told)?;
    let mut code = CodeBuilder::new(OPTIONS).map_err(told)?;
    let memory = Rc::new(Heap).map_err(told)?.into_wasm_memory_allocator();
    let mut bytes = alloc::vec::Vec::from(wasm);
    let mut stream = Bytes(Some(&mut bytes));
    let (module, load) =
        clock.time(|| Module::new::<BLOCKS, OPERANDS>("", &mut stream, &mut engine.store, &mut code, memory));
    let module = module.map_err(told)?;
    let index = module.exports.iter().find_map(|export| match (&*export.name, &export.desc) {
        ("run", spacewasm::ExportDesc::Func(index)) => module.get_func_ref(*index),
        _ => None,
    });
    let Some(Ref::Module(index)) = index else { return Err("it does not export run") };
    let module = engine.push_module(module).map_err(told)?;
    let (outcome, count) = clock.time(|| {
        engine.invoke(WasmRef { module, index }, &[Value::I32(rounds as i32)]).map_err(told)?;
        match Interpreter.run(code.pages(), &mut engine, usize::MAX) {
            InterpreterResult::Finished => Ok(()),
            InterpreterResult::Trap(reason) => Err(told(reason)),
            _ => Err("it does not finish"),
        }
    });
    outcome?;
    let sum = engine.result.ok_or("it gives no result")?.read_32();
    Ok(Measured { load, run: count, sum, metered: Some(count), fuel: 0 })
}

//! Every function of engines and modules.

use core::hint::black_box;
use wasmote::{Config, Dispatch, Engine, ExternType, Module, ModuleError};

/// An engine whose choices are unknown until run time, so that every dispatcher is in the image.
#[inline(never)]
pub(crate) fn engine() -> Engine {
    let dispatch = match black_box(0) {
        0 => Dispatch::Loop,
        1 => Dispatch::TailCall,
        2 => Dispatch::Trampoline,
        _ => Dispatch::Compact,
    };
    black_box(Dispatch::ALL.len());
    black_box(Engine::default().config());
    Engine::new(Config { folding: black_box(true), multi_memory: black_box(true), dispatch })
}

/// A module, and all that can be asked about it.
#[inline(never)]
pub(crate) fn module<'m>(engine: &Engine, wasm: &'m [u8], code: &'m mut [u8]) -> Result<Module<'m>, ModuleError> {
    let module = match Module::new(engine, wasm, code) {
        Ok(module) => black_box(module),
        Err(error) => {
            black_box((error.offset, error.kind.phase()));
            #[cfg(feature = "prose")]
            black_box(error.kind.message());
            return Err(error);
        }
    };
    module.imports().for_each(|import| about(import.name, import.ty));
    module.exports().for_each(|export| about(export.name, export.ty));
    black_box((module.memories().last(), module.tables().last()));
    black_box((module.functions(), module.start()));
    black_box((module.prepared_len_bytes(), module.operations_len_bytes(), module.code_len_bytes()));
    let index = black_box(0);
    black_box(module.name_of(index));
    black_box(module.prepared());
    module.build_in(black_box(&[1, 2, 3]), &mut |bytes| {
        black_box(bytes);
    });
    let mut scratch = [0; 512];
    black_box(module.locate(index, black_box(&mut scratch)).is_ok());
    #[cfg(feature = "prose")]
    list(&module, index, black_box(&mut scratch));
    Ok(module)
}

#[cfg(feature = "prose")]
fn list(module: &Module<'_>, index: u32, scratch: &mut [u8]) {
    let listed = module.disassemble(index, scratch, &mut |line| {
        black_box((line.offset, line.unit(black_box(1)), line.mnemonic()));
    });
    black_box(listed.is_ok());
}

fn about(name: &str, ty: ExternType<'_>) {
    black_box(name);
    if let ExternType::Global(global) = ty {
        black_box(global.content.name());
    }
    black_box(ty);
}

//! From a module to an instance: the arena, the imports, and what an error in them means to a person.

use crate::{
    message::{Bytes, EXIT_TRAP, Failure},
    source::shown,
    text,
    world::{self, Missing},
};
use std::path::Path;
use wasmote::{Engine, Import, Instance, LinkError, LinkErrorKind, Module, OutOfMemory, Store, Trap};

/// A store in the lent arena.
pub(crate) fn store<'a>(engine: &Engine, arena: &'a mut [u8]) -> Result<Store<'a>, Failure> {
    let arena_len = arena.len();
    Store::new(engine, arena).map_err(|lack| Failure::new(arena_too_small(lack, arena_len)))
}

/// An instance of `module`, its imports answered by this build; its start function has not run.
pub(crate) fn instantiate<'a>(store: &mut Store<'a>, module: &Module<'a>, file: &Path) -> Result<Instance, Failure> {
    let mut no_room = None;
    let linked = store.instantiate(module, &mut |import, store| match world::resolve(import, store) {
        Ok(found) => Some(found),
        Err(Missing::Unknown) => None,
        Err(Missing::OutOfMemory(lack)) => {
            no_room = Some(LinkErrorKind::OutOfMemory(lack));
            None
        }
    });
    linked.map_err(|error| {
        let error = LinkError { kind: no_room.unwrap_or(error.kind), ..error };
        let text = format!("{}: {}", shown(file), explain(error, module, store.stats().total as usize));
        match error.kind {
            LinkErrorKind::Trap(trap) if trap != Trap::OutOfMemory => Failure { code: EXIT_TRAP, text },
            _ => Failure::new(text),
        }
    })
}

/// Why a module cannot be linked, and what can be done about it.
pub(crate) fn explain(error: LinkError, module: &Module<'_>, arena_len: usize) -> String {
    let import = || module.imports().nth(error.import as usize);
    match error.kind {
        LinkErrorKind::UnknownImport => import().map_or("unknown import".into(), |import| unknown(&import)),
        LinkErrorKind::IncompatibleImport => {
            import().map_or("incompatible import".into(), |import| incompatible(&import))
        }
        LinkErrorKind::OutOfMemory(lack) => arena_too_small(lack, arena_len),
        LinkErrorKind::Trap(Trap::OutOfMemory) => {
            format!("out of memory: an arena of {} does not hold the module's data", Bytes(arena_len as u64))
                + "; ask for more with --memory"
        }
        LinkErrorKind::Trap(trap) => format!("trap: {} (in a segment of the module)", trap.message()),
    }
}

/// An import that this build does not offer.
pub(crate) fn unknown(import: &Import<'_>) -> String {
    let named = text::named(&text::import_name(import), import.ty);
    format!("unknown import: {named}\n  {}", advice(import.module))
}

/// An import that this build offers with another type.
pub(crate) fn incompatible(import: &Import<'_>) -> String {
    let named = text::named(&text::import_name(import), import.ty);
    format!("incompatible import: {named}\n  it is offered here with another type")
}

/// What is known about modules whose functions are not offered here.
fn advice(module: &str) -> &'static str {
    match module {
        "wasi_snapshot_preview1" => "WASI preview 1 has no such function",
        "wasi_unstable" | "wasi_snapshot_preview0" => "it is built for an old WASI: build it for wasm32-wasip1",
        "env" => {
            "a symbol that the linker did not find, or a function of another runtime; wasmote offers WASI preview 1"
        }
        _ => "wasmote offers WASI preview 1 (wasi_snapshot_preview1), wasi-i2c, wasi-gpio, wasi-spi and wasmote:open",
    }
}

/// An arena that is too small for its instance.
pub(crate) fn arena_too_small(lack: OutOfMemory, arena_len: usize) -> String {
    let (has, lacks) = (Bytes(arena_len as u64), Bytes(u64::from(lack.missing_bytes)));
    format!("out of memory: an arena of {has} lacks at least {lacks}; ask for more with --memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_the_option_that_gives_more() {
        let text = arena_too_small(OutOfMemory { missing_bytes: 100 }, 1024);
        assert_eq!(text, "out of memory: an arena of 1024 bytes lacks at least 100 bytes; ask for more with --memory");
    }

    #[test]
    fn old_wasi_is_recognised() {
        assert!(advice("wasi_unstable").contains("wasm32-wasip1"));
    }
}

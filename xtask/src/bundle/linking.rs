//! Whether a board could link a module: its imports are looked up where the firmware looks.

use anyhow::{Result, ensure};
use wasmote::{Engine, ExternType, Module, Store};
use wasmote_board::app::{App, Chip};
use wasmote_board_sim::SimBoard;
use wasmote_wasi_p1::Errno;

/// A chip that is never run; the functions are the same on every one.
struct Nowhere;

impl Chip for Nowhere {
    const NAME: &'static str = "nowhere";
    type Board = SimBoard;

    fn now_ns() -> u64 {
        0
    }
    fn seed(_: &mut [u8; 32]) -> Result<(), Errno> {
        Err(Errno::Io)
    }
    fn write(bytes: &[u8]) -> usize {
        bytes.len()
    }
    fn room() -> usize {
        0
    }
    fn read(_: &mut [u8]) -> usize {
        0
    }
    fn has_input() -> bool {
        false
    }
    fn feed() {}
    fn sleep(_: u64) {}
    fn sleeps() -> u32 {
        0
    }
}

/// An error names the first import that no board has.
pub(super) fn check(module: &Module<'_>) -> Result<()> {
    let mut arena = vec![0; 1 << 16];
    let mut store = Store::new(&Engine::default(), &mut arena)?;
    for import in module.imports() {
        let found = App::<Nowhere>::LINKER.resolve(&import, &mut store).and_then(|found| found.func());
        let fits = match (import.ty, found) {
            (ExternType::Func(ty), Some(func)) => store.func_type(func) == ty,
            _ => false,
        };
        ensure!(fits, "boards have no function {} {} of that type", import.module, import.name);
    }
    Ok(())
}

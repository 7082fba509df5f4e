//! `arbiter MODULE SEED`: what `wasmtime` says of a module in which `wasmi` differs from the core. It ends with 0
//! if `wasmtime` gives the core's results, and with 1 and a reason if it does not, or cannot tell.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, seed] = arguments.as_slice() else {
        println!("usage: arbiter MODULE SEED");
        return ExitCode::FAILURE;
    };
    let word = match (std::fs::read(module), seed.parse()) {
        (Ok(wasm), Ok(seed)) => wasmote_tests::differential::judge(&wasm, seed),
        (Err(error), _) => Err(format!("{module}: {error}")),
        (_, Err(error)) => Err(format!("the seed {seed:?}: {error}")),
    };
    match word {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("{reason}");
            ExitCode::FAILURE
        }
    }
}

//! The programs that interpreters are measured with: each gives natively what its kept module gives, in every way of
//! dispatching and preparing, and each module runs in less than 32 KiB with its frames.

use wasmote::{Config, Dispatch, Engine, Extern, Module, Outcome, Store, Val};
use wasmote_workloads::{C_PROGRAMS, WORKLOADS};

/// The arena: what a module may touch, its instance and its frames.
const ARENA: usize = 32 << 10;
const ROUNDS: i32 = 2;

fn kept(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads/prebuilt");
    std::fs::read(folder.join(name).with_extension("wasm")).expect("the module is kept")
}

/// The checksum under one engine, and the fuel.
fn checksum(engine: &Engine, wasm: &[u8]) -> (u32, u64) {
    let mut code = vec![0; 256 << 10];
    let mut arena = vec![0; ARENA];
    let module = Module::new(engine, wasm, &mut code).expect("the module is valid");
    let mut store = Store::new(engine, &mut arena).expect("the arena holds a store");
    let instance = store.instantiate(&module, &mut |_, _| None).expect("nothing is imported");
    let run = store.export(instance, "run").and_then(Extern::func).expect("run is exported");
    let thread = store.spawn(run, &[Val::I32(ROUNDS)]).expect("a thread fits");
    let outcome = store.resume(thread, u64::from(u32::MAX));
    assert!(matches!(outcome, Outcome::Finished), "{outcome:?}");
    let mut result = [Val::I32(0)];
    store.results(thread, &mut result);
    let [Val::I32(sum)] = result else { panic!("another type: {result:?}") };
    (sum as u32, store.fuel_consumed(thread))
}

#[test]
fn every_way_gives_the_checksum_and_the_same_fuel() {
    for workload in WORKLOADS {
        assert_eq!((workload.run)(ROUNDS as u32), workload.checksum, "{} natively", workload.name);
        agrees(workload.name, workload.checksum);
    }
}

#[test]
fn programs_in_c_give_their_checksums() {
    C_PROGRAMS.iter().for_each(|program| agrees(program.name, program.checksum));
}

fn agrees(name: &str, expected: u32) {
    let wasm = kept(name);
    let mut fuel = None;
    for folding in [true, false] {
        for dispatch in Dispatch::ALL {
            let engine = Engine::new(Config { folding, dispatch: *dispatch, ..Config::default() });
            let (sum, used) = checksum(&engine, &wasm);
            assert_eq!(sum, expected, "{name} {dispatch:?}, folding {folding}");
            assert_eq!(*fuel.get_or_insert(used), used, "{name} {dispatch:?}, folding {folding}");
        }
    }
}

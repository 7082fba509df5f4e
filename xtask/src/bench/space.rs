//! What memory is taken: prepared code, an instance that has nothing, and the most of a whole run.

use super::engines::Started;
use super::load;
use super::runner::Runner;
use crate::setup::process;
use crate::workloads;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use wasmote_workloads::WORKLOADS;

/// Modules whose prepared code is weighed beside all programs together.
const LARGE: [&str; 4] = ["sqlite-clang", "lua-clang", "json-rust", "hello-rust"];
/// The frame stack of an instance that has nothing else.
const STACK_BYTES: u64 = 1024;
/// Instances held at once, to see what each takes.
const HELD: &str = "500";
/// The smallest module that does something.
const EMPTY: &str = r#"(module (func (export "run") (param i32) (result i32) (local.get 0)))"#;

/// All figures.
pub(super) fn measure(engines: &mut [Started]) -> Result<Vec<Value>> {
    let mut figures = Vec::new();
    let empty = process::target_dir().join("workloads/empty.wasm");
    std::fs::write(&empty, wat::parse_str(EMPTY)?)?;
    let empty = empty.display().to_string();
    if let Some(wasmote) = engines.iter_mut().find(|started| started.engine.name == "wasmote") {
        figures.extend(prepared(&mut wasmote.runner)?);
        figures.push(instance(&mut wasmote.runner, &empty)?);
    }
    println!("\nan instance that has nothing, of many in one process: resident bytes for each");
    let large = process::root().join("tests/programs/prebuilt/sqlite-clang.wasm").display().to_string();
    for started in engines.iter_mut().filter(|started| !started.engine.is_wasmote()) {
        if let Ok([bytes]) = started.runner.ask(&["hold", &empty, HELD]).as_deref() {
            println!("{:36} {bytes:9}", started.engine.title);
            figures.push(json!({ "engine": started.engine.name, "empty_instance_resident_bytes": bytes }));
        }
    }
    println!("\nmost resident memory of a process that loads sqlite-clang once");
    for started in engines.iter().filter(|started| load::ENGINES.contains(&started.engine.name)) {
        // A new process, which has done nothing else.
        let mut runner = Runner::start(&started.program, started.engine.arguments)?;
        let before = runner.ask(&["peak"])?[0];
        if runner.ask(&["prepare", &large, "1"]).is_ok() {
            let peak = runner.ask(&["peak"])?[0];
            println!("{:36} {:9} KiB, {} before", started.engine.title, peak / 1024, before / 1024);
            figures.push(json!({ "engine": started.engine.name, "peak_bytes": peak, "before_bytes": before }));
        }
    }
    Ok(figures)
}

/// Bytes of prepared code for each byte of Wasm code.
fn prepared(runner: &mut Runner) -> Result<Vec<Value>> {
    println!("\nprepared bytes for each byte of function bodies: operations with their fuel, and all that is kept");
    let mut figures = Vec::new();
    let mut all = [0; 3];
    for workload in WORKLOADS {
        let path = workloads::module(workload.name).display().to_string();
        let weighed = weigh(runner, &path)?;
        all = [all[0] + weighed[0], all[1] + weighed[1], all[2] + weighed[2]];
    }
    let mut told = |name: &str, [code, operations, kept]: [u64; 3]| {
        let each = |bytes: u64| bytes as f64 / code as f64;
        println!("{name:36} {code:9} {:6.2} {:6.2}", each(operations), each(kept));
        figures.push(json!({
            "module": name, "code_bytes": code, "operation_bytes": operations, "kept_bytes": kept,
            "operations_for_each": each(operations), "kept_for_each": each(kept),
        }));
    };
    told("all programs", all);
    for name in LARGE {
        let path = process::root().join("tests/programs/prebuilt").join(name).with_extension("wasm");
        told(name, weigh(runner, &path.display().to_string())?);
    }
    Ok(figures)
}

fn weigh(runner: &mut Runner, path: &str) -> Result<[u64; 3]> {
    match runner.ask(&["figures", path])?[..] {
        [code, operations, kept, ..] => Ok([code, operations, kept]),
        _ => bail!("the runner of Wasmote gave too few figures"),
    }
}

/// RAM of an instance without memory.
fn instance(runner: &mut Runner, empty: &str) -> Result<Value> {
    let [_, _, module, arena, store] = runner.ask(&["figures", empty])?[..] else {
        bail!("the runner of Wasmote gave too few figures");
    };
    let all = arena + STACK_BYTES + module + store;
    println!("\nWasmote's instance that has nothing, in bytes");
    println!("arena {arena}, frame stack {STACK_BYTES}, prepared module {module}, `Store` {store}: {all}");
    Ok(json!({
        "engine": "wasmote", "arena_bytes": arena, "stack_bytes": STACK_BYTES, "module_bytes": module,
        "store_bytes": store, "empty_instance_bytes": all,
    }))
}

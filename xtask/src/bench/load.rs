//! How long large modules take until they could run: decoded, validated, prepared, nothing left for later.

use super::engines::Started;
use crate::setup::process;
use anyhow::Result;
use serde_json::{Value, json};

/// Times that a module is loaded in one turn, and turns.
const TIMES: &str = "5";
const TURNS: usize = 3;

/// The modules: SQLite, Lua.
const MODULES: [&str; 2] = ["sqlite-clang", "lua-clang"];

/// The engines whose loading differs: dispatch makes no difference to it, nor does fuel but to wasmi.
pub(super) const ENGINES: [&str; 6] = ["wasmote", "wasmi-fuel", "wasmi", "wasmi-loop-fuel", "tinywasm", "spacewasm"];

/// Milliseconds by module and engine.
pub(super) fn measure(engines: &mut [Started]) -> Result<Vec<Value>> {
    let mut loads = Vec::new();
    for name in MODULES {
        let module = process::root().join("tests/programs/prebuilt").join(name).with_extension("wasm");
        let bytes = std::fs::metadata(&module)?.len();
        println!("\nloading {name} ({bytes} bytes), least of {} times", TURNS * 5);
        let path = module.display().to_string();
        let mut least = vec![None::<u64>; engines.len()];
        for _ in 0..TURNS {
            for (least, started) in least.iter_mut().zip(engines.iter_mut()) {
                if !ENGINES.contains(&started.engine.name) {
                    continue;
                }
                if let Ok(figures) = started.runner.ask(&["prepare", &path, TIMES]) {
                    let taken = figures.first().copied().unwrap_or(u64::MAX);
                    *least = Some(least.map_or(taken, |least| least.min(taken)));
                }
            }
        }
        let reference = engines.iter().position(|started| started.engine.name == "wasmi-fuel").unwrap_or(0);
        for (taken, started) in least.iter().zip(engines.iter()) {
            let Some(taken) = *taken else { continue };
            let milliseconds = taken as f64 / 1e6;
            let ratio = least[reference].map(|reference| taken as f64 / reference as f64);
            println!("{:36} {milliseconds:9.2} ms {:6.2}", started.engine.title, ratio.unwrap_or(f64::NAN));
            loads.push(json!({
                "module": name, "bytes": bytes, "engine": started.engine.name, "milliseconds": milliseconds, "ratio": ratio,
            }));
        }
    }
    Ok(loads)
}

//! Tells the core whether it is optimised, which tail calls need, and whether the target is too small for more than one
//! dispatcher. `WASMOTE_DISPATCH=all` keeps all of them on any target.

use std::env::var;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(wasmote_optimised)");
    println!("cargo::rustc-check-cfg=cfg(wasmote_small)");
    println!("cargo::rustc-check-cfg=cfg(wasmote_assembly)");
    println!("cargo::rerun-if-env-changed=WASMOTE_DISPATCH");
    if var("OPT_LEVEL").is_ok_and(|level| level != "0") {
        println!("cargo::rustc-cfg=wasmote_optimised");
    }
    let bare = var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none");
    if bare && var("WASMOTE_DISPATCH").map_or(true, |dispatch| dispatch != "all") {
        println!("cargo::rustc-cfg=wasmote_small");
        if var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "arm") {
            println!("cargo::rustc-cfg=wasmote_assembly");
        }
    }
}

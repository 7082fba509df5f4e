//! Tells the core whether it is optimised, which tail calls need, and whether the target is too small for more than one
//! dispatcher. `WASMOTE_DISPATCH=all` keeps all of them on any target. `WASMOTE_UNMETERED=measure` charges nothing: such a
//! build does not stop what does not end, and is only there to measure what fuel costs.

use std::env::var;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(wasmote_optimised)");
    println!("cargo::rustc-check-cfg=cfg(wasmote_small)");
    println!("cargo::rustc-check-cfg=cfg(wasmote_assembly)");
    println!("cargo::rustc-check-cfg=cfg(wasmote_unmetered)");
    println!("cargo::rustc-check-cfg=cfg(wasmote_thumb2)");
    println!("cargo::rerun-if-env-changed=WASMOTE_DISPATCH");
    println!("cargo::rerun-if-env-changed=WASMOTE_UNMETERED");
    if var("WASMOTE_UNMETERED").is_ok_and(|purpose| purpose == "measure") {
        println!("cargo::rustc-cfg=wasmote_unmetered");
    }
    if var("OPT_LEVEL").is_ok_and(|level| level != "0") {
        println!("cargo::rustc-cfg=wasmote_optimised");
    }
    if has_thumb2() {
        println!("cargo::rustc-cfg=wasmote_thumb2");
    }
    let bare = var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none");
    if bare && var("WASMOTE_DISPATCH").map_or(true, |dispatch| dispatch != "all") {
        println!("cargo::rustc-cfg=wasmote_small");
        if has_assembly() {
            println!("cargo::rustc-cfg=wasmote_assembly");
        }
    }
}

/// Whether `src/raw/assembly` has handlers for the target: Arm's microcontrollers, and RV32 with multiplication and compressed
/// instructions.
fn has_assembly() -> bool {
    let features = var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let has = |feature| features.split(',').any(|name| name == feature);
    match var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("arm") => var("TARGET").is_ok_and(|target| target.starts_with("thumb")),
        Ok("riscv32") => has("m") && has("c"),
        _ => false,
    }
}

/// Whether the target is an Arm microcontroller with Thumb-2 and accesses that need not be aligned: all but Armv6-M and the
/// baseline of Armv8-M. Its features are not told on a stable compiler.
fn has_thumb2() -> bool {
    var("TARGET").is_ok_and(|target| ["thumbv7", "thumbv8m.main"].iter().any(|begin| target.starts_with(begin)))
}

//! Gives the linker the memory of the machine that a feature chose.

use std::{env, fs, path::PathBuf};

/// The machines, each with a feature and a linker file of its name.
const MACHINES: [&str; 5] = ["mps2-an385", "mps2-an505", "lm3s6965evb", "microbit", "rp2040"];

fn main() {
    let chosen =
        |name: &&str| env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"))).is_some();
    let machine = MACHINES.into_iter().find(chosen).expect("choose a machine: --features mps2-an385, or another one");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    // The smallest chip's flash is divided otherwise for firmware with pins and buses.
    let larger = machine == "microbit" && env::var_os("CARGO_FEATURE_HARDWARE").is_some();
    let machine = if larger { "microbit-hardware" } else { machine };
    fs::copy(format!("memory/{machine}.x"), out.join("memory.x")).expect("the machine has a linker file");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=memory");
    println!("cargo::rustc-link-arg=--nmagic");
    println!("cargo::rustc-link-arg=-Tlink.x");
}

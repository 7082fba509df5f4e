//! Gives the linker the memory of the machine that a feature chose.

use std::{env, fs, path::PathBuf};

/// The machines, each with a feature and a linker file of its name.
const MACHINES: [&str; 2] = ["virt", "sifive_e"];

fn main() {
    let chosen =
        |name: &&str| env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"))).is_some();
    let machine = MACHINES.into_iter().find(chosen).expect("choose a machine: --features virt, or another one");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::copy(format!("memory/{machine}.x"), out.join("memory.x")).expect("the machine has a linker file");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=memory");
    println!("cargo::rustc-link-arg=-Tmemory.x");
    println!("cargo::rustc-link-arg=-Tlink.x");
}

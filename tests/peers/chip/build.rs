//! Gives the linker the memory of the machine that a feature chose: on Arm that of `boards/qemu-arm`.

use std::{env, fs, path::PathBuf};

/// The machines, each a feature, with their linker files.
const MACHINES: [(&str, &str); 3] = [
    ("mps2-an385", "../../../boards/qemu-arm/memory/mps2-an385.x"),
    ("mps2-an505", "../../../boards/qemu-arm/memory/mps2-an505.x"),
    ("virt", "memory/virt.x"),
];

fn main() {
    let is_chosen = |(name, _): &(&str, &str)| {
        env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"))).is_some()
    };
    let (_, file) =
        MACHINES.into_iter().find(is_chosen).expect("choose a machine: --features mps2-an385, or another one");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::copy(file, out.join("memory.x")).expect("the machine has a linker file");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed={file}");
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "arm") {
        println!("cargo::rustc-link-arg=--nmagic");
    } else {
        println!("cargo::rustc-link-arg=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg=-Tlink.x");
}

//! Assembles the guests and gives the linker the chip's memory.

use std::{env, fs, path::PathBuf};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for name in ["presses", "primes"] {
        let wasm = wat::parse_file(format!("../guests/{name}.wat")).expect("the guest is WebAssembly");
        fs::write(out.join(name).with_extension("wasm"), wasm).expect("the directory is cargo's");
    }
    fs::copy("memory.x", out.join("memory.x")).expect("the board has a linker file");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=../guests");
    println!("cargo::rerun-if-changed=memory.x");
    for argument in ["--nmagic", "-Tlink.x", "-Tlink-rp.x"] {
        println!("cargo::rustc-link-arg={argument}");
    }
}

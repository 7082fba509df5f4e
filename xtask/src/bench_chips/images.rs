//! The peers that are measured on emulated chips, and their images: `tests/peers/chip`, built for a machine with one engine.

use crate::setup::measuring;
use crate::shipped::Firmware;
use crate::size;
use crate::tidy::image::Image;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use wasmote_tests::emulated::Machine;

/// A peer in one build.
pub(super) struct Peer {
    /// What it is called in tables; the feature of `tests/peers/chip`.
    pub(super) name: &'static str,
    /// Whether it knows not all that compilers use beyond WebAssembly 1.0, so that its modules are built without.
    pub(super) first_version: bool,
    /// Whether it wants atomic operations, which RV32IMC has not: its image is for RV32IMAC then.
    atomics: bool,
    /// Whether it can count what a guest does and stop it.
    pub(super) meters: bool,
}

/// All of them.
pub(super) const PEERS: [Peer; 5] = [
    Peer { name: "wasmi-loop", first_version: false, atomics: true, meters: true },
    Peer { name: "wasmi", first_version: false, atomics: true, meters: true },
    Peer { name: "wasm3", first_version: true, atomics: false, meters: false },
    Peer { name: "tinywasm", first_version: false, atomics: true, meters: true },
    Peer { name: "spacewasm", first_version: true, atomics: false, meters: true },
];

/// An image.
pub(super) struct Built {
    pub(super) file: PathBuf,
    pub(super) triple: &'static str,
    /// Bytes of flash.
    pub(super) flash: u64,
}

/// Builds the image of a machine with an engine, or without one.
pub(super) fn build(machine: &Machine, peer: Option<&Peer>) -> Result<Built> {
    let triple = peer.map_or(machine.triple, |peer| triple(machine, peer));
    let name = peer.map_or("none", |peer| peer.name);
    let features = peer.map_or(board(machine).to_owned(), |peer| format!("{},{}", board(machine), peer.name));
    let settings = if name == "wasm3" { for_c(triple)? } else { Vec::new() };
    let firmware = Firmware {
        folder: Path::new("tests/peers/chip"),
        name: "wasmote-peer-chip",
        triple,
        arguments: &["--features", &features],
        environment: &settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(),
        kind: &format!("peers-chip/{name}/{}", machine.name),
    };
    let file = firmware.build()?;
    let image = Image::read(&fs::read(&file).with_context(|| file.display().to_string())?)?;
    Ok(Built { file, triple, flash: size::total(&image).flash })
}

/// The target of a peer's image for a machine.
pub(super) fn triple(machine: &Machine, peer: &Peer) -> &'static str {
    match machine.triple {
        "riscv32imc-unknown-none-elf" if peer.atomics => "riscv32imac-unknown-none-elf",
        triple => triple,
    }
}

/// The machine's name among the features of its firmware.
pub(super) fn board(machine: &Machine) -> &'static str {
    machine.features.split(',').next().unwrap_or(machine.features)
}

/// How wasm3's C is compiled, and by what its crate makes its bindings: with the headers of a C library for bare metal.
fn for_c(triple: &str) -> Result<Vec<(String, String)>> {
    let clang = measuring::clang().context("it wants clang-19: cargo xtask setup --guests")?;
    let headers = measuring::newlib().context("it wants newlib's headers: cargo xtask setup --bench")?;
    let libclang = measuring::libclang().context("it wants a libclang not newer than 15: cargo xtask setup --bench")?;
    // newlib asks for a compiler this new to classify floats in line.
    let flags = format!(
        "-isystem {headers} -fgnuc-version=4.4.0 -fomit-frame-pointer -Dd_m3VerboseLogs=0{}",
        float_unit(triple)
    );
    let of_target = |name: &str| format!("{name}_{}", triple.replace(['-', '.'], "_"));
    Ok(vec![
        (of_target("CC"), clang.to_owned()),
        (of_target("CFLAGS"), flags.clone()),
        (
            format!("BINDGEN_EXTRA_CLANG_ARGS_{}", triple.replace('-', "_")),
            format!("--target={} {flags}", clang_target(triple)),
        ),
        ("LIBCLANG_PATH".to_owned(), libclang.display().to_string()),
    ])
}

/// The unit for floats that the target's Rust code takes for there: clang would take one with doubles for it.
fn float_unit(triple: &str) -> &'static str {
    if triple == "thumbv8m.main-none-eabihf" { " -mfpu=fpv5-sp-d16" } else { "" }
}

/// The target in clang's words.
fn clang_target(triple: &str) -> &str {
    if triple.starts_with("riscv32") { "riscv32-unknown-none-elf" } else { triple }
}

/// Why an image was not built, in a line: the compiler's first error, and where.
pub(super) fn why(error: &str) -> String {
    let mut lines = error.lines().map(str::trim);
    let first = lines.by_ref().find(|line| line.starts_with("error"));
    let place = lines.find_map(|line| line.strip_prefix("--> "));
    let crate_of = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        let source = parts.iter().rposition(|part| *part == "src").filter(|&at| at > 0)?;
        Some(parts[source - 1..].join("/"))
    };
    match (first, place.and_then(crate_of)) {
        (Some(first), Some(place)) => format!("{first} ({place})"),
        (Some(first), None) => first.to_owned(),
        (None, _) => error.lines().next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::why;

    #[test]
    fn the_first_error_of_a_build_is_the_reason() {
        let said = "`cargo build` failed: exit status: 101\nerror[E0432]: unresolved import `alloc::sync`\n   \
                    --> /home/x/.cargo/registry/src/index/wasmi-2.0.0/src/error.rs:3:5\n    |\nerror: could not compile";
        assert_eq!(why(said), "error[E0432]: unresolved import `alloc::sync` (wasmi-2.0.0/src/error.rs:3:5)");
        assert_eq!(why("it wants clang-19"), "it wants clang-19");
    }
}

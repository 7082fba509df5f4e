//! The targets of the project, and which toolchain on this machine builds each of them.

use super::{Item, State, packages, process};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The name of the toolchain that is linked from Debian's packages.
pub(crate) const EMBEDDED: &str = "embedded";

/// A target, and what of the standard library programs for it need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    /// The name that rustc knows.
    pub(crate) triple: &'static str,
    /// Whether `std` is needed, not only `core` and `alloc`.
    pub(crate) std: bool,
    /// What the project builds for it.
    pub(crate) purpose: &'static str,
}

const fn bare(triple: &'static str, purpose: &'static str) -> Target {
    Target { triple, std: false, purpose }
}

const fn hosted(triple: &'static str, purpose: &'static str) -> Target {
    Target { triple, std: true, purpose }
}

/// Every target that is built for, the host aside.
pub(crate) const TARGETS: &[Target] = &[
    bare("thumbv6m-none-eabi", "RP2040"),
    bare("thumbv7m-none-eabi", "Cortex-M3 under QEMU"),
    bare("thumbv7em-none-eabihf", "Cortex-M4F"),
    bare("thumbv8m.main-none-eabihf", "RP2350"),
    bare("riscv32imc-unknown-none-elf", "ESP32-C3"),
    bare("riscv32imac-unknown-none-elf", "ESP32-C6"),
    bare("wasm32v1-none", "guests without std"),
    hosted("aarch64-unknown-linux-gnu", "64-bit Linux boards"),
    hosted("armv7-unknown-linux-gnueabihf", "32-bit Linux boards"),
    hosted("wasm32-wasip1", "guests with std"),
];

/// A toolchain that has a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that runs this program.
    Default,
    /// The one linked as `embedded`.
    Embedded,
}

impl Toolchain {
    /// A `cargo` of this toolchain.
    pub(crate) fn cargo(self) -> Command {
        let mut command = Command::new("cargo");
        if self == Toolchain::Embedded {
            command.arg(format!("+{EMBEDDED}"));
        }
        command
    }

    /// A `rustc` of this toolchain.
    pub(crate) fn rustc(self) -> Command {
        let mut command = Command::new("rustc");
        if self == Toolchain::Embedded {
            command.arg(format!("+{EMBEDDED}"));
        }
        command
    }

    fn place(self) -> &'static str {
        match self {
            Toolchain::Default => "the default toolchain",
            Toolchain::Embedded => "cargo +embedded",
        }
    }

    /// Whether this toolchain has the libraries of a target.
    fn has(self, target: Target) -> bool {
        let mut rustc = self.rustc();
        rustc.args(["--print", "target-libdir", "--target", target.triple]);
        let library = if target.std { "libstd-" } else { "libcore-" };
        process::text(&mut rustc).is_ok_and(|dir| holds_library(Path::new(&dir), library))
    }
}

/// The toolchain that builds for a target, if there is one: the default before `embedded`.
pub(crate) fn toolchain_for(triple: &str) -> Option<Toolchain> {
    let target = *TARGETS.iter().find(|target| target.triple == triple)?;
    toolchains_with(target).first().copied()
}

/// All toolchains that have a target, the default one first.
fn toolchains_with(target: Target) -> Vec<Toolchain> {
    [Toolchain::Default, Toolchain::Embedded].into_iter().filter(|toolchain| toolchain.has(target)).collect()
}

/// Makes the targets available and tells of each: by rustup, then by Debian's packages. With `packages` the linked
/// toolchain is completed for every target.
pub(crate) fn provide(install: bool, packages: bool) -> Result<Vec<Item>> {
    let before: Vec<_> = TARGETS.iter().map(|target| toolchains_with(*target)).collect();
    let absent = || TARGETS.iter().copied().filter(|target| toolchains_with(*target).is_empty()).collect();
    let mut missing: Vec<Target> = absent();
    if install && !missing.is_empty() && process::find("rustup").is_some() {
        ask_rustup(&missing);
        missing = absent();
    }
    let wanted: Vec<Target> = match packages {
        true => TARGETS.iter().copied().filter(|target| !Toolchain::Embedded.has(*target)).collect(),
        false => missing,
    };
    if install
        && !wanted.is_empty()
        && let Err(error) = packages::build(&wanted)
    {
        eprintln!("the packages' way failed: {error:#}");
    }
    Ok(TARGETS.iter().zip(before).map(|(target, before)| report(*target, &before)).collect())
}

fn report(target: Target, before: &[Toolchain]) -> Item {
    let now = toolchains_with(target);
    let places = now.iter().map(|toolchain| toolchain.place()).collect::<Vec<_>>().join(", ");
    let state = match now.len() {
        0 => {
            State::Missing(format!("rustup target add {}; or, on Debian: cargo xtask setup --packages", target.triple))
        }
        len if len == before.len() => State::There(places),
        _ => State::Installed(places),
    };
    Item { name: format!("{} ({})", target.triple, target.purpose), state }
}

/// Without its server rustup fails soon; the packages then have their turn, so its failure is only told.
fn ask_rustup(missing: &[Target]) {
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add"]).args(missing.iter().map(|target| target.triple));
    rustup.env("RUSTUP_MAX_RETRIES", "0");
    if let Err(error) = process::run(&mut rustup) {
        eprintln!("{error:#}");
    }
}

fn holds_library(dir: &Path, prefix: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    let is_library = |path: PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with(prefix) && name.ends_with(".rlib")
    };
    entries.flatten().any(|entry| is_library(entry.path()))
}

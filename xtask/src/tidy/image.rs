//! Linked images, above all that of tests/panic-free for one target, built and read: its sections, symbols and the bytes of its functions.

use crate::setup::process;
use crate::setup::targets::toolchain_for;
use anyhow::{Context, Result};
use object::{Architecture, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};
use std::fs;
use std::process::Command;

/// How an image is built.
#[derive(Clone, Copy)]
pub(crate) struct Build {
    /// The target; none for this machine.
    pub(crate) triple: &'static str,
    /// The level that rustc calls so: "s" or "3".
    pub(crate) opt_level: &'static str,
    /// Features of the image, with commas between them.
    pub(crate) features: &'static str,
    /// Whether the image holds the dispatchers that its target does not use by default.
    pub(crate) all_dispatchers: bool,
}

/// Sections that would be in memory or flash.
const KEPT: [SectionKind; 6] = [
    SectionKind::Text,
    SectionKind::ReadOnlyData,
    SectionKind::ReadOnlyDataWithRel,
    SectionKind::ReadOnlyString,
    SectionKind::Data,
    SectionKind::UninitializedData,
];

/// A linked image.
pub(crate) struct Image {
    /// The processor.
    pub(crate) architecture: Architecture,
    /// The width of an address.
    pub(crate) address_len_bytes: usize,
    /// What would be in memory or flash.
    pub(crate) sections: Vec<Section>,
    /// Functions and data with names.
    pub(crate) symbols: Vec<Symbol>,
}

/// A section.
pub(crate) struct Section {
    /// Its name.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) kind: SectionKind,
    /// Where it begins.
    pub(crate) address: u64,
    /// How long it is; one without content has no bytes.
    pub(crate) len_bytes: u64,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

/// A symbol.
pub(crate) struct Symbol {
    /// Its name, demangled, without the hash.
    pub(crate) name: String,
    /// Its address, without the bit that marks Thumb code.
    pub(crate) address: u64,
    /// How long what it names is.
    pub(crate) len_bytes: u64,
    /// Whether it is a function.
    pub(crate) is_function: bool,
}

/// What this machine's own images need: no position independence, so that tables hold addresses; the C library's
/// memcpy.
const HOSTED_FLAGS: &str = "-Crelocation-model=static -Clink-arg=-nostartfiles -Clink-arg=-lc";

/// What links images of other Linux machines: the compilers of Debian's packages with these names.
const CROSS_LINKERS: [(&str, &str, &str); 2] = [
    ("aarch64-unknown-linux-gnu", "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc"),
    ("armv7-unknown-linux-gnueabihf", "CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER", "arm-linux-gnueabihf-gcc"),
];

impl Build {
    /// Builds and reads the image.
    pub(crate) fn image(&self) -> Result<Image> {
        let hosted = self.triple.contains("linux");
        let mut cargo = match (toolchain_for(self.triple), hosted) {
            (Some(toolchain), _) => toolchain.cargo(),
            (None, true) => Command::new("cargo"),
            (None, false) => anyhow::bail!("no toolchain for {}: cargo xtask setup", self.triple),
        };
        let target_dir = process::target_dir().join("tidy-image");
        cargo.current_dir(process::root().join("tests/panic-free"));
        cargo.args(["build", "--quiet", "--release", "--target", self.triple, "--no-default-features"]);
        cargo.args(["--features", self.features]).arg("--target-dir").arg(&target_dir);
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level).env_remove("RUSTFLAGS");
        if hosted {
            cargo.env("RUSTFLAGS", HOSTED_FLAGS);
            for (triple, variable, linker) in CROSS_LINKERS {
                if triple == self.triple {
                    // The image is read, never run: what would unwind it may be missing.
                    let flags = format!("{HOSTED_FLAGS} -Clink-arg=-Wl,--unresolved-symbols=ignore-all");
                    cargo.env(variable, linker).env("RUSTFLAGS", flags);
                }
            }
        }
        if self.all_dispatchers {
            cargo.env("WASMOTE_DISPATCH", "all");
        } else {
            cargo.env_remove("WASMOTE_DISPATCH");
        }
        process::quiet(&mut cargo)?;
        let file = target_dir.join(self.triple).join("release/panic-free");
        Image::read(&fs::read(&file).with_context(|| file.display().to_string())?)
    }
}

impl Image {
    pub(crate) fn read(bytes: &[u8]) -> Result<Image> {
        let file = object::File::parse(bytes)?;
        let mut sections = Vec::new();
        for section in file.sections().filter(|section| KEPT.contains(&section.kind())) {
            sections.push(Section {
                name: section.name()?.to_owned(),
                kind: section.kind(),
                address: section.address(),
                len_bytes: section.size(),
                bytes: section.data()?.to_owned(),
            });
        }
        let thumb = if file.architecture() == Architecture::Arm { 1 } else { 0 };
        // The marks that tell code from data (`$a`, `$t`, `$d`) are of no type and no length, which is no definition elsewhere.
        let is_mark = |name: &str| name.starts_with('$');
        let kept = file.symbols().filter(|symbol| symbol.is_definition() || symbol.name().is_ok_and(is_mark));
        let symbols = kept.map(|symbol| {
            let is_function = symbol.kind() == SymbolKind::Text;
            let marks = if is_function { thumb } else { 0 };
            Symbol {
                name: format!("{:#}", rustc_demangle::demangle(symbol.name().unwrap_or_default())),
                address: symbol.address() & !marks,
                len_bytes: symbol.size(),
                is_function,
            }
        });
        let mut symbols: Vec<Symbol> = symbols.collect();
        symbols.sort_by_key(|symbol| symbol.address);
        let address_len_bytes = if file.is_64() { 8 } else { 4 };
        Ok(Image { architecture: file.architecture(), address_len_bytes, sections, symbols })
    }

    /// The functions, not the marks inside of them.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter().filter(|symbol| symbol.is_function && symbol.len_bytes > 0)
    }

    /// The function that begins at an address.
    pub(crate) fn function_at(&self, address: u64) -> Option<&Symbol> {
        self.functions().find(|function| function.address == address)
    }

    /// The bytes of what a symbol names.
    pub(crate) fn bytes_of(&self, symbol: &Symbol) -> Option<&[u8]> {
        let holds =
            |section: &&Section| (section.address..section.address + section.len_bytes).contains(&symbol.address);
        let section = self.sections.iter().find(holds)?;
        let from = (symbol.address - section.address) as usize;
        section.bytes.get(from..from + symbol.len_bytes as usize)
    }
}

//! `cargo xtask size`: flash and static RAM of each board's firmware, by crate, held against a budget that is checked in.
//!
//! Bytes of a symbol count for the crate whose name its path begins with; what the linker made or has no path counts for the
//! target's runtime. The figures are of the image as it ships, so that they change with the compiler: the budget is a ceiling.

use crate::board::Board;
use crate::firmware;
use crate::tidy::image::{Image, Section};
use anyhow::{Context, Result, ensure};
use clap::Args;
use object::SectionKind;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use wasmote_tests::emulated::{MACHINES, Machine};

#[derive(Args)]
pub(crate) struct SizeArgs {
    /// Only the boards whose name contains this
    #[arg(default_value = "")]
    board: String,
}

/// A ceiling, in bytes.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct Ceiling {
    /// Code, constants, and the initial values of variables.
    flash: u64,
    /// Statics; what is lent and the native stack are the board's own decision.
    ram: u64,
}

/// What an image takes, in bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bytes {
    pub(crate) flash: u64,
    pub(crate) ram: u64,
}

/// The targets for which the engine is measured alone: its image without a board, a suite or WASI.
const ENGINES: [(&str, &str); 3] = [
    ("engine-thumbv6m", "thumbv6m-none-eabi"),
    ("engine-thumbv7em", "thumbv7em-none-eabihf"),
    ("engine-riscv32imc", "riscv32imc-unknown-none-elf"),
];

/// Firmware with a feature.
const VARIANTS: [(&str, Board, &str); 4] = [
    ("pico-files", Board::Pico, "files"),
    ("pico-defmt", Board::Pico, "defmt"),
    ("pico2-defmt", Board::Pico2, "defmt"),
    ("esp32c3-defmt", Board::Esp32c3, "defmt"),
];

pub(crate) fn run(args: SizeArgs) -> Result<()> {
    let budget: BTreeMap<String, Ceiling> = toml::from_str(include_str!("../../boards/budget.toml"))?;
    let mut over = Vec::new();
    let engines = ENGINES.iter().map(|&(name, triple)| (name, triple, Source::Engine(triple)));
    let emulated = MACHINES.iter().map(|machine| (machine.name, machine.triple, Source::Machine(*machine)));
    let real = Board::ALL.iter().map(|board| (board.name(), board.triple(), Source::Board(*board)));
    let with_features =
        VARIANTS.iter().map(|&(name, board, features)| (name, board.triple(), Source::BoardWith(board, features)));
    for (name, triple, source) in
        engines.chain(emulated).chain(real).chain(with_features).filter(|row| row.0.contains(&args.board))
    {
        let file = match source {
            Source::Machine(machine) => firmware::image(machine)?,
            Source::Board(board) => board.build()?,
            Source::BoardWith(board, features) => board.build_with(features)?,
            Source::Engine(triple) => firmware::engine_alone(triple)?,
        };
        let image = Image::read(&fs::read(&file).with_context(|| file.display().to_string())?)?;
        let ceiling = budget.get(name).with_context(|| format!("no budget for {name}"))?;
        let (total, crates) = (total(&image), by_crate(&image));
        println!(
            "{name} ({triple}): flash {} of {}, static RAM {} of {}",
            total.flash, ceiling.flash, total.ram, ceiling.ram
        );
        if let Some(hot) = image.sections.iter().find(|section| section.name == HOT) {
            println!("  {:7} bytes of both are the machine's hot loop, which runs from RAM", hot.len_bytes);
        }
        let mut crates: Vec<_> = crates.into_iter().collect();
        crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(bytes.flash + bytes.ram));
        for (name, bytes) in crates {
            println!("  {:7} flash {:6} RAM  {name}", bytes.flash, bytes.ram);
        }
        if total.flash > ceiling.flash || total.ram > ceiling.ram {
            over.push(name);
        }
    }
    ensure!(over.is_empty(), "over the budget of boards/budget.toml: {}", over.join(", "));
    Ok(())
}

/// Where a firmware comes from.
enum Source {
    /// The engine alone, for a target.
    Engine(&'static str),
    Machine(Machine),
    Board(Board),
    /// A board with a feature.
    BoardWith(Board, &'static str),
}

/// The section of code that is copied to RAM.
const HOT: &str = ".hot";

/// All sections: variables with initial values take both.
pub(crate) fn total(image: &Image) -> Bytes {
    let mut total = Bytes::default();
    // riscv-rt makes a section of the native stack, which is not static; the sections that esp-hal calls dummies or gaps hold nothing.
    let is_held = |section: &&Section| {
        section.name != ".stack" && !section.name.ends_with("_dummy") && !section.name.ends_with("_gap")
    };
    for section in image.sections.iter().filter(is_held) {
        let (flash, ram) = places(section);
        total.flash += if flash { section.len_bytes } else { 0 };
        total.ram += if ram { section.len_bytes } else { 0 };
    }
    total
}

/// Whether a section takes flash, and whether RAM.
fn places(section: &Section) -> (bool, bool) {
    match section.kind {
        _ if section.name == HOT => (true, true),
        SectionKind::UninitializedData => (false, true),
        SectionKind::Data => (true, true),
        _ => (true, false),
    }
}

fn by_crate(image: &Image) -> BTreeMap<String, Bytes> {
    let mut crates: BTreeMap<String, Bytes> = BTreeMap::new();
    let mut named = Bytes::default();
    for symbol in image.symbols.iter().filter(|symbol| symbol.len_bytes > 0) {
        let holds = |address: u64, from: u64, len: u64| (from..from + len).contains(&address);
        let section = image.sections.iter().find(|s| holds(symbol.address, s.address, s.len_bytes));
        let Some(section) = section else { continue };
        let (flash, ram) = places(section);
        for bytes in [&mut named, crates.entry(crate_of(&symbol.name)).or_default()] {
            bytes.flash += if flash { symbol.len_bytes } else { 0 };
            bytes.ram += if ram { symbol.len_bytes } else { 0 };
        }
    }
    let total = total(image);
    let rest = Bytes { flash: total.flash.saturating_sub(named.flash), ram: total.ram.saturating_sub(named.ram) };
    crates.insert("constants and tables without a name".into(), rest);
    crates
}

/// The crate that a demangled path names first: `<wasmote::host::Store>::resume` is `wasmote`'s.
fn crate_of(name: &str) -> String {
    let path = name.trim_start_matches(['<', '&', '*', '(']).trim_start_matches("mut ").trim_start_matches("dyn ");
    match path.split_once("::") {
        Some((first, _)) if first.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => first.to_owned(),
        _ => "runtime of the target".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn the_crate_is_the_first_of_a_path() {
        assert_eq!(crate_of("<wasmote::host::store::Store>::resume"), "wasmote");
        assert_eq!(crate_of("<&mut core::fmt::Formatter as core::fmt::Write>::write_str"), "core");
        assert_eq!(crate_of("__aeabi_dadd"), "runtime of the target");
    }
}

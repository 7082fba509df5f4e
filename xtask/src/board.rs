//! The real boards: how each one's firmware is built, where its modules go, and how it gets there.

use crate::shipped::Firmware;
use anyhow::{Context, Result};
use clap::ValueEnum;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf};
use std::fs;
use std::path::{Path, PathBuf};

/// The feature of file systems.
pub(crate) const FILES: &str = "files";

/// A board.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq, Debug)]
pub(crate) enum Board {
    /// Raspberry Pi Pico (RP2040)
    Pico,
    /// Raspberry Pi Pico 2 (RP2350)
    Pico2,
    /// ESP32-C3
    Esp32c3,
    /// ESP32-C6
    Esp32c6,
}

/// How a firmware gets to a board.
pub(crate) enum How {
    /// As a file on a drive, for this family of chips; with where its modules are in flash, as its memory.x says, and how many
    /// bytes of them there may be.
    Uf2 { family: u32, modules: (u32, usize) },
    /// By the program espflash, with the modules in the place of a symbol.
    Espflash,
}

impl Board {
    /// All of them.
    pub(crate) const ALL: &[Board] = &[Board::Pico, Board::Pico2, Board::Esp32c3, Board::Esp32c6];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Board::Pico => "pico",
            Board::Pico2 => "pico2",
            Board::Esp32c3 => "esp32c3",
            Board::Esp32c6 => "esp32c6",
        }
    }

    /// The folder of its crate below `boards/`, and the feature that chooses it there if it is not the default.
    fn crate_of(self) -> (&'static str, Option<&'static str>) {
        match self {
            Board::Esp32c6 => ("esp32c3", Some("esp32c6")),
            _ => (self.name(), None),
        }
    }

    /// The target.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Board::Pico => "thumbv6m-none-eabi",
            Board::Pico2 => "thumbv8m.main-none-eabihf",
            Board::Esp32c3 => "riscv32imc-unknown-none-elf",
            Board::Esp32c6 => "riscv32imac-unknown-none-elf",
        }
    }

    /// How a firmware gets there.
    pub(crate) fn how(self) -> How {
        match self {
            Board::Pico => How::Uf2 { family: 0xe48b_ff56, modules: (0x1008_0000, 512 << 10) },
            Board::Pico2 => How::Uf2 { family: 0xe48b_ff59, modules: (0x1008_0000, 1024 << 10) },
            Board::Esp32c3 | Board::Esp32c6 => How::Espflash,
        }
    }

    /// Builds its firmware as it ships; where that is.
    pub(crate) fn build(self) -> Result<PathBuf> {
        self.build_with("")
    }

    /// Builds its firmware for modules that have files, or for such that have none.
    pub(crate) fn build_for(self, with_files: bool) -> Result<PathBuf> {
        self.build_with(if with_files { FILES } else { "" })
    }

    /// Builds its firmware with these features.
    pub(crate) fn build_with(self, features: &str) -> Result<PathBuf> {
        let (folder, chip) = self.crate_of();
        let dash = if features.is_empty() { "" } else { "-" };
        let mut arguments = vec!["--features", features];
        arguments.extend(chip.into_iter().flat_map(|chip| ["--no-default-features", "--features", chip]));
        let firmware = Firmware {
            folder: &Path::new("boards").join(folder),
            name: &format!("wasmote-{folder}"),
            triple: self.triple(),
            arguments: &arguments,
            environment: &[],
            kind: &format!("boards/{}{dash}{features}", self.name()),
        };
        firmware.build().with_context(|| format!("{} is not built", self.name()))
    }
}

/// What a firmware puts into flash: addresses and bytes.
pub(crate) fn segments(firmware: &Path) -> Result<Vec<(u32, Vec<u8>)>> {
    let data = fs::read(firmware).with_context(|| firmware.display().to_string())?;
    let header = elf::FileHeader32::<Endianness>::parse(&*data)?;
    let endian = header.endian()?;
    let mut segments = Vec::new();
    for segment in header.program_headers(endian, &*data)? {
        let bytes = segment.data(endian, &*data).map_err(|()| anyhow::anyhow!("a segment is cut off"))?;
        if segment.p_type(endian) == elf::PT_LOAD && !bytes.is_empty() {
            segments.push((segment.p_paddr(endian), bytes.to_vec()));
        }
    }
    Ok(segments)
}

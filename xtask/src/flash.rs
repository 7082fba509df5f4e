//! `cargo xtask flash BOARD [--module FILE]`: builds a board's firmware, puts modules into it, and brings it to the board.
//!
//! A Pico that is started with its BOOTSEL button held is a drive; a UF2 file that is copied there is its new firmware.

mod drive;
mod esp;
mod uf2;

use crate::board::{Board, How};
use crate::bundle::{self, ModuleArgs};
use crate::setup::process;
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// Brings a firmware with modules to a board
#[derive(Args, Debug)]
pub(crate) struct FlashArgs {
    /// The board
    #[arg(value_enum)]
    board: Board,
    #[command(flatten)]
    modules: ModuleArgs,
    /// Where the board is mounted as a drive; found if it is not said
    #[arg(long)]
    drive: Option<PathBuf>,
    /// Makes the file and does not look for a board
    #[arg(long)]
    dry_run: bool,
}

/// Runs the verb.
pub(crate) fn run(args: FlashArgs) -> Result<()> {
    let records = bundle::records(&args.modules)?;
    if args.modules.modules.is_empty() {
        println!("no module is built in (--module FILE); the board will say so on its serial port");
    }
    let firmware = args.board.build_for(bundle::have_files(&args.modules)?)?;
    match args.board.how() {
        How::Uf2 { family, modules } => {
            let file = uf2_file(args.board, &firmware, &records, family, modules)?;
            if args.dry_run { Ok(()) } else { drive::copy(&file, args.drive.as_deref(), args.board) }
        }
        How::Espflash => {
            let file = esp::fill(&firmware, &records)?;
            if args.dry_run { Ok(()) } else { esp::flash(&file) }
        }
    }
}

/// An error if the modules do not fit.
fn check_room(records: &[u8], room: usize) -> Result<()> {
    ensure!(
        records.len() <= room,
        "{} bytes of modules, and the board has room for {room}: build in fewer, or make them smaller (wasm-opt -Oz)",
        records.len()
    );
    Ok(())
}

/// Writes the firmware with its modules as a UF2 file; where it is.
fn uf2_file(board: Board, firmware: &Path, records: &[u8], family: u32, modules: (u32, usize)) -> Result<PathBuf> {
    check_room(records, modules.1)?;
    let mut parts = crate::board::segments(firmware)?;
    parts.push((modules.0, records.to_vec()));
    let file = process::target_dir().join(format!("wasmote-{}.uf2", board.name()));
    fs::write(&file, uf2::file(&parts, family)).with_context(|| file.display().to_string())?;
    println!("{}", file.display());
    Ok(file)
}

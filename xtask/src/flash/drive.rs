//! The drive that a board is while it waits for a firmware.

use crate::board::Board;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// A drive of this kind has a file of this name.
const MARK: &str = "INFO_UF2.TXT";

/// Copies the file to the board's drive, or says what to do.
pub(super) fn copy(file: &Path, drive: Option<&Path>, board: Board) -> Result<()> {
    let found = match drive {
        Some(drive) if !drive.join(MARK).is_file() => {
            bail!("{} is not the board's drive: {MARK} is not there", drive.display());
        }
        Some(drive) => vec![drive.to_owned()],
        None => mounted(),
    };
    let drive = match found.as_slice() {
        [drive] => drive,
        [] => bail!(
            "no board waits for a firmware: unplug it, hold BOOTSEL, plug it in, let go, mount the drive that appears \
             (RPI-RP2 or RP2350), and repeat; or copy {} there yourself",
            file.display()
        ),
        several => bail!("several boards wait for a firmware; choose one with --drive: {several:?}"),
    };
    let name = file.file_name().context("the file has a name")?;
    fs::copy(file, drive.join(name)).with_context(|| format!("cannot write to {}", drive.display()))?;
    println!("copied to {}; the {} starts by itself", drive.display(), board.name());
    Ok(())
}

/// The drives that are mounted here.
fn mounted() -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let linux =
        mounts.lines().filter_map(|line| line.split(' ').nth(1)).map(|path| PathBuf::from(path.replace("\\040", " ")));
    let mac = fs::read_dir("/Volumes").into_iter().flatten().flatten().map(|entry| entry.path());
    linux.chain(mac).filter(|path| path.join(MARK).is_file()).collect()
}

//! Files of guests: those that are bundled with a module, and a file system in RAM that lasts as long as the power.
//!
//! A directory that is granted for reading is the one of that name among the bundled files; one for writing lies in RAM, and is
//! made when the first module asks for it. Without a manifest `/` is the bundled files and `/tmp` in RAM. The file system in RAM is all
//! modules', in an eighth of what is lent to them.

use super::chip::Chip;
use super::host::ChipHost;
use crate::note::{Bundled, Note};
use crate::permit::Permit;
use crate::policy::Access;
use wasmote_wasi_p1::bundle::Bundle;
use wasmote_wasi_p1::capability::{FileSystem, Files, New, Open};
use wasmote_wasi_p1::mixed::{Either, Mixed};
use wasmote_wasi_p1::ramfs::RamFs;
use wasmote_wasi_p1::{Errno, Rights, Wasi};

/// What is lent to the file system in RAM, as a part of everything.
const PART: usize = 8;
/// How the file systems are told apart.
const RAM_DEVICE: u64 = 1;
const BUNDLE_DEVICE: u64 = 2;
/// What a module without a manifest has.
const WITHOUT_MANIFEST: [(&str, Access); 2] = [("/", Access::Read), ("/tmp", Access::Write)];
/// Why a directory is missing.
pub(super) const MISSING: &str = "is no directory of the bundled files (--file), or RAM has no room for it";

/// The file systems of a board.
pub type BoardFiles = Mixed<RamFs<'static>, Bundle<'static, Bundled<'static>>>;

/// Takes the last part of what is lent for the file system in RAM. `NOSPC` if that is too little for a file.
pub(super) fn take(memory: &'static mut [u8], now_ns: fn() -> u64) -> Result<(BoardFiles, &'static mut [u8]), Errno> {
    let len = memory.len() - memory.len() / PART;
    let (rest, disk) = memory.split_at_mut(len);
    let a = RamFs::new(disk, RAM_DEVICE, now_ns)?;
    Ok((Mixed { a, b: Bundle::of(Bundled::default(), BUNDLE_DEVICE)? }, rest))
}

/// Gives a guest the directories that it is granted; an error is the name of the first that cannot be given.
pub(super) fn give<C: Chip>(
    wasi: &mut Wasi<ChipHost<C>>,
    note: &Note<'static>,
    permit: &Permit,
) -> Result<(), &'static str> {
    wasi.host.files.b = Bundle::of(note.files, BUNDLE_DEVICE).map_err(|_| "/")?;
    match permit.granted() {
        None => WITHOUT_MANIFEST.into_iter().try_for_each(|row| preopen(wasi, row)),
        Some(granted) => granted.directories().try_for_each(|row| preopen(wasi, row)),
    }
}

fn preopen<C: Chip>(wasi: &mut Wasi<ChipHost<C>>, row: (&'static str, Access)) -> Result<(), &'static str> {
    let (path, access) = row;
    let name = path.trim_matches('/');
    let opened = match access {
        Access::Read => bundled(&mut wasi.host.files, name),
        Access::Write => in_ram(&mut wasi.host.files, name),
    };
    let rights = if access == Access::Read { Rights::READ_ONLY } else { Rights::ALL };
    opened.and_then(|directory| wasi.preopen(path, directory, rights, rights)).map(drop).map_err(|_| path)
}

/// How a directory is opened.
const DIRECTORY: Open =
    Open { follow: true, read: true, write: false, create: false, exclusive: false, truncate: false, directory: true };

fn bundled(files: &mut BoardFiles, name: &str) -> Result<<BoardFiles as Files>::Handle, Errno> {
    let root = Either::B(files.b.root());
    if name.is_empty() { Ok(root) } else { files.open(&root, name, DIRECTORY).map(|(directory, _)| directory) }
}

/// Makes the directory and those that it is in, as far as they are not there.
fn in_ram(files: &mut BoardFiles, name: &str) -> Result<<BoardFiles as Files>::Handle, Errno> {
    let root = Either::A(files.a.root()?);
    if name.is_empty() {
        return Ok(root);
    }
    let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
    let made =
        ends.filter_map(|end| name.get(..end)).try_for_each(|path| match files.create(&root, path, New::Directory) {
            Err(Errno::Exist) => Ok(()),
            outcome => outcome,
        });
    let opened = made.and_then(|()| files.open(&root, name, DIRECTORY));
    files.close(root)?;
    opened.map(|(directory, _)| directory)
}

//! Directories, special files, and what stays of what was removed.

use std::{fs, io::Write, os::unix::fs::symlink};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use wasmote_wasi_p1::{
    Errno, Filetype,
    capability::{Change, FileSystem, Files as _, Kind, Open, Position, Stamp, Times},
};

use super::{super::files::Files, world};

const OPEN: Open =
    Open { follow: true, read: true, write: true, create: false, exclusive: false, truncate: false, directory: false };

#[test]
fn a_listing_has_every_name_once_and_goes_on_at_every_cookie() {
    let (world, root) = world();
    for index in 0..500 {
        fs::write(world.path().join(format!("root/name-{index}")), "").expect("written");
    }
    let mut whole = Vec::new();
    Files
        .list(&root, 0, &mut |entry| {
            whole.push((entry.next, entry.name.to_vec()));
            true
        })
        .expect("listed");
    assert_eq!(whole.len(), 504);
    assert!(whole.iter().any(|(_, name)| name == b".") && whole.iter().any(|(_, name)| name == b".."));
    for (index, (cookie, _)) in whole.iter().enumerate().step_by(37) {
        let mut rest = Vec::new();
        Files
            .list(&root, *cookie, &mut |entry| {
                rest.push((entry.next, entry.name.to_vec()));
                true
            })
            .expect("listed");
        assert_eq!(rest, whole[index + 1..]);
    }
}

#[test]
fn a_listing_does_not_tell_what_is_above() {
    let (_world, root) = world();
    Files
        .list(&root, 0, &mut |entry| {
            assert!(entry.name != b".." || entry.inode == 0);
            true
        })
        .expect("listed");
}

#[test]
fn a_removed_directory_that_is_open_lists_nothing_but_itself() {
    let (world, root) = world();
    fs::create_dir(world.path().join("root/empty")).expect("made");
    let (directory, _) = Files.open(&root, "empty", Open { write: false, ..OPEN }).expect("opened");
    Files.remove(&root, "empty", Kind::Directory).expect("removed");
    for (cookie, expected) in [(0, 2), (1, 1), (2, 0)] {
        let mut count = 0;
        let listed = Files.list(&directory, cookie, &mut |entry| {
            count += 1;
            entry.next > 0
        });
        assert_eq!((listed, count), (Ok(()), expected));
    }
}

#[test]
fn a_removed_file_that_is_open_stays_usable() {
    let (_world, root) = world();
    let (file, _) = Files.open(&root, "file", OPEN).expect("opened");
    Files.remove(&root, "file", Kind::File).expect("removed");
    assert_eq!(Files.write(&file, Position::End, b"more"), Ok(4));
    let mut content = [0; 16];
    assert_eq!(Files.read(&file, 0, &mut content), Ok(8));
    assert_eq!(&content[..8], b"filemore");
    assert_eq!(Files.stat(&file).map(|stat| stat.links), Ok(0));
    assert_eq!(Files.open(&root, "file", OPEN).err(), Some(Errno::NoEnt));
}

#[test]
fn a_slash_after_the_new_name_is_for_directories() {
    let (world, root) = world();
    symlink("dir", world.path().join("root/link")).expect("made");
    for to in ["new/", "dir/", "link/", "file/"] {
        assert_eq!(Files.rename(&root, "file", &root, to), Err(Errno::NotDir), "{to}");
        assert_eq!(Files.rename(&root, "absent", &root, to), Err(Errno::NoEnt), "{to}");
    }
    assert_eq!(Files.rename(&root, "link/", &root, "new/"), Err(Errno::NotDir));
    assert_eq!(Files.rename(&root, "dir", &root, "new/"), Ok(()));
    assert_eq!(Files.stat_at(&root, "new/inner", false).map(|stat| stat.size_bytes), Ok(5));
}

#[test]
fn times_and_room_are_set() {
    let (_world, root) = world();
    let (file, _) = Files.open(&root, "file", OPEN).expect("opened");
    let times = Times { accessed: Some(Stamp::At(1_500_000_000)), modified: Some(Stamp::At(7)) };
    Files.change(&file, Change::Times(times)).expect("set");
    let stat = Files.stat(&file).expect("there");
    assert_eq!((stat.accessed_ns, stat.modified_ns), (1_500_000_000, 7));
    let times = Times { accessed: None, modified: Some(Stamp::At(3_000_000_009)) };
    Files.set_times_at(&root, "file", true, times).expect("set");
    let stat = Files.stat_at(&root, "file", true).expect("there");
    assert_eq!((stat.accessed_ns, stat.modified_ns), (1_500_000_000, 3_000_000_009));
    Files.change(&file, Change::Allocate { at: 100, len: 50 }).expect("room");
    assert_eq!(Files.stat(&file).map(|stat| stat.size_bytes), Ok(150));
    Files.change(&file, Change::Allocate { at: 0, len: 10 }).expect("room");
    assert_eq!(Files.stat(&file).map(|stat| stat.size_bytes), Ok(150));
}

#[test]
fn a_pipe_is_opened_and_read_without_waiting() {
    let (world, root) = world();
    let path = world.path().join("root/pipe");
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("made");
    let (pipe, filetype) = Files.open(&root, "pipe", OPEN).expect("opened");
    assert_eq!(filetype, Filetype::Unknown);
    let mut content = [0; 8];
    assert_eq!(Files.read(&pipe, 0, &mut content), Err(Errno::Again));
    fs::OpenOptions::new().write(true).open(&path).and_then(|mut pipe| pipe.write_all(b"hello")).expect("written");
    assert_eq!(Files.read(&pipe, 99, &mut content), Ok(5));
}

//! The file system in RAM, by its trait: names, links, space, and what stays of what was removed.

extern crate std;

use std::{string::String, vec, vec::Vec};

use super::*;
use crate::{
    Filetype,
    capability::{Change, FileSystem, Files, Kind, New, Open, Position},
};

const NEW: Open =
    Open { follow: true, read: true, write: true, create: true, exclusive: false, truncate: false, directory: false };
const OLD: Open = Open { create: false, ..NEW };
const LOOK: Open = Open { create: false, write: false, ..NEW };

fn with<R>(bytes: usize, run: impl FnOnce(&mut RamFs<'_>, RamHandle) -> R) -> R {
    let mut memory = vec![0xa5; bytes];
    let mut files = RamFs::new(&mut memory, 1, || 77).expect("room for a root");
    let root = files.root().expect("a root");
    run(&mut files, root)
}

fn names(files: &mut RamFs<'_>, directory: &RamHandle) -> Vec<String> {
    let mut list = Vec::new();
    files
        .list(directory, 0, &mut |entry| {
            list.push(String::from_utf8(entry.name.to_vec()).expect("UTF-8"));
            true
        })
        .expect("a directory");
    list
}

fn write_new(files: &mut RamFs<'_>, root: &RamHandle, path: &str, content: &[u8]) {
    let (file, _) = files.open(root, path, NEW).expect("a new file");
    let mut done = 0;
    while done < content.len() {
        done += files.write(&file, Position::End, &content[done..]).expect("room");
    }
    files.close(file).expect("closed");
}

fn read_all(files: &mut RamFs<'_>, root: &RamHandle, path: &str) -> Result<Vec<u8>, Errno> {
    let (file, _) = files.open(root, path, LOOK)?;
    let mut content = vec![0; files.stat(&file)?.size_bytes as usize];
    let len = files.read(&file, 0, &mut content)?;
    assert_eq!(len, content.len());
    files.close(file)?;
    Ok(content)
}

#[test]
fn content_survives_every_size_around_the_blocks() {
    with(64 * 1024, |files, root| {
        for len in [0, 1, 199, 200, 201, 455, 456, 457, 712, 713, 5000] {
            let content: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            write_new(files, &root, "f", &content);
            assert_eq!(read_all(files, &root, "f").as_deref(), Ok(&content[..]), "{len}");
            files.remove(&root, "f", Kind::File).expect("removed");
        }
    });
}

#[test]
fn random_access_agrees_with_a_vector() {
    with(64 * 1024, |files, root| {
        let (file, _) = files.open(&root, "f", NEW).expect("a new file");
        let mut model: Vec<u8> = Vec::new();
        let mut state = 1u32;
        for step in 0..4000u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 8) as usize % 6000;
            let len = (state >> 4) as usize % 700;
            match state >> 30 {
                0 => {
                    files.change(&file, Change::Size(at as u64)).expect("room");
                    model.resize(at, 0);
                }
                1 => {
                    let bytes = vec![step as u8; len];
                    assert_eq!(files.write(&file, Position::At(at as u64), &bytes), Ok(len));
                    if len > 0 {
                        model.resize(model.len().max(at + len), 0);
                        model[at..at + len].copy_from_slice(&bytes);
                    }
                }
                _ => {
                    let mut bytes = vec![0xee; len];
                    let read = files.read(&file, at as u64, &mut bytes).expect("readable");
                    let expected = model.get(at..(at + len).min(model.len())).unwrap_or_default();
                    assert_eq!(&bytes[..read], expected);
                }
            }
            assert_eq!(files.stat(&file).map(|stat| stat.size_bytes), Ok(model.len() as u64));
        }
    });
}

#[test]
fn all_memory_comes_back_when_everything_is_removed() {
    with(32 * 1024, |files, root| {
        let free = files.free_bytes();
        for round in 0..3 {
            files.create(&root, "d", New::Directory).expect("made");
            write_new(files, &root, "d/file", &[round; 3000]);
            files.link(&root, "d/file", &root, "second").expect("linked");
            files.create(&root, "d/link", New::Symlink("file")).expect("made");
            files.rename(&root, "second", &root, "d/file").expect("the same file already");
            files.remove(&root, "second", Kind::File).expect("removed");
            files.remove(&root, "d/link", Kind::File).expect("removed");
            files.remove(&root, "d/file", Kind::File).expect("removed");
            files.remove(&root, "d", Kind::Directory).expect("removed");
            assert_eq!(files.free_bytes(), free);
            assert_eq!(names(files, &root), [".", ".."]);
        }
    });
}

#[test]
fn a_full_file_system_says_so_and_stays_whole() {
    with(4 * 260, |files, root| {
        let (file, _) = files.open(&root, "f", NEW).expect("a new file");
        let mut written = 0;
        let errno = loop {
            match files.write(&file, Position::End, &[7; 100]) {
                Ok(len) => written += len,
                Err(errno) => break errno,
            }
        };
        assert_eq!((errno, written), (Errno::NoSpc, 200 + 256));
        assert_eq!(files.stat(&file).map(|stat| stat.size_bytes), Ok(456));
        assert_eq!(files.change(&file, Change::Size(1000)), Err(Errno::NoSpc));
        assert_eq!(files.create(&root, "d", New::Directory), Err(Errno::NoSpc));
        assert_eq!(names(files, &root), [".", "..", "f"]);
        files.change(&file, Change::Size(10)).expect("cut");
        assert_eq!(files.create(&root, "d", New::Symlink(&"x".repeat(201))), Err(Errno::NoSpc));
        assert_eq!(files.free_bytes(), BLOCK_BYTES);
        assert_eq!(files.create(&root, "d", New::Directory), Ok(()));
    });
    assert_eq!(RamFs::new(&mut [0; RamFs::BYTES_MIN - 1], 1, || 0).err(), Some(Errno::NoSpc));
    assert!(RamFs::new(&mut [0; RamFs::BYTES_MIN], 1, || 0).is_ok());
}

#[test]
fn a_removed_file_that_is_open_stays_usable() {
    with(16 * 1024, |files, root| {
        let free = files.free_bytes();
        let (file, _) = files.open(&root, "f", NEW).expect("a new file");
        files.write(&file, Position::At(0), &[1; 1000]).expect("written");
        files.remove(&root, "f", Kind::File).expect("removed");
        assert_eq!(files.open(&root, "f", OLD).err(), Some(Errno::NoEnt));
        let mut byte = [0];
        assert_eq!((files.read(&file, 999, &mut byte), byte), (Ok(1), [1]));
        assert_eq!(files.stat(&file).map(|stat| stat.links), Ok(0));
        files.close(file).expect("closed");
        assert_eq!(files.free_bytes(), free);
    });
}

#[test]
fn nothing_is_made_in_a_removed_directory() {
    with(16 * 1024, |files, root| {
        files.create(&root, "d", New::Directory).expect("made");
        write_new(files, &root, "f", b"x");
        let (directory, _) = files.open(&root, "d", Open { directory: true, ..LOOK }).expect("opened");
        files.remove(&root, "d", Kind::Directory).expect("removed");
        assert_eq!(files.open(&directory, "f", NEW).err(), Some(Errno::NoEnt));
        assert_eq!(files.create(&directory, "d", New::Directory), Err(Errno::NoEnt));
        assert_eq!(files.rename(&root, "f", &directory, "f"), Err(Errno::NoEnt));
        assert_eq!(files.link(&root, "f", &directory, "f"), Err(Errno::NoEnt));
        assert_eq!(names(files, &directory), [".", ".."]);
    });
}

#[test]
fn links_count_and_share_one_file() {
    with(16 * 1024, |files, root| {
        write_new(files, &root, "a", b"one");
        files.link(&root, "a", &root, "b").expect("linked");
        assert_eq!(files.link(&root, "a", &root, "b"), Err(Errno::Exist));
        let stat = files.stat_at(&root, "b", true).expect("there");
        assert_eq!((stat.links, files.stat_at(&root, "a", true).map(|stat| stat.inode)), (2, Ok(stat.inode)));
        files.remove(&root, "a", Kind::File).expect("removed");
        assert_eq!(read_all(files, &root, "b"), Ok(b"one".to_vec()));
        files.create(&root, "d", New::Directory).expect("made");
        assert_eq!(files.link(&root, "d", &root, "e"), Err(Errno::Perm));
        assert_eq!(files.link(&root, "b", &root, "e/"), Err(Errno::NoEnt));
    });
}

#[test]
fn a_listing_goes_on_at_any_cookie_while_names_come_and_go() {
    with(64 * 1024, |files, root| {
        for index in 0..100 {
            write_new(files, &root, &std::format!("name{index}"), b"");
        }
        let mut cookie = 0;
        let mut seen = Vec::new();
        loop {
            let mut found = None;
            files
                .list(&root, cookie, &mut |entry| {
                    found = Some((entry.next, String::from_utf8(entry.name.to_vec()).expect("UTF-8")));
                    false
                })
                .expect("listed");
            let Some((next, name)) = found else { break };
            if name.starts_with("name") {
                files.remove(&root, &name, Kind::File).expect("removed while it is listed");
            }
            seen.push(name);
            cookie = next;
        }
        assert_eq!(seen.len(), 102);
        assert_eq!(names(files, &root), [".", ".."]);
        assert_eq!(files.list(&root, u64::MAX, &mut |_| panic!("nothing is there")), Ok(()));
    });
}

#[test]
fn renaming_replaces_what_it_may() {
    with(32 * 1024, |files, root| {
        for directory in ["d", "d/e", "full", "full/x"] {
            files.create(&root, directory, New::Directory).expect("made");
        }
        write_new(files, &root, "f", b"f");
        write_new(files, &root, "g", b"g");
        let rows = [
            ("f", "d", Err(Errno::IsDir)),
            ("d", "f", Err(Errno::NotDir)),
            ("d", "full", Err(Errno::NotEmpty)),
            ("d", "d/e/inside", Err(Errno::Inval)),
            ("d", "d", Ok(())),
            ("f", "g/", Err(Errno::NotDir)),
            ("missing", "g", Err(Errno::NoEnt)),
            ("d/.", "h", Err(Errno::Busy)),
            ("f", "g", Ok(())),
            ("full/x", "d/e", Ok(())),
            ("d/e", "e/", Ok(())),
        ];
        for (from, to, expected) in rows {
            assert_eq!(files.rename(&root, from, &root, to), expected, "{from} -> {to}");
        }
        assert_eq!(read_all(files, &root, "g"), Ok(b"f".to_vec()));
        assert_eq!(names(files, &root), [".", "..", "d", "full", "e", "g"]);
        // The moved directory knows where it is now.
        assert_eq!(files.stat_at(&root, "e/../g", true).map(|stat| stat.filetype), Ok(Filetype::RegularFile));
    });
}

#[test]
fn paths_never_leave_the_directory_they_start_from() {
    with(32 * 1024, |files, root| {
        files.create(&root, "d", New::Directory).expect("made");
        files.create(&root, "d/e", New::Directory).expect("made");
        write_new(files, &root, "secret", b"s");
        for (name, target) in [("up", "../secret"), ("far", "e/../../secret"), ("abs", "/secret"), ("self", "self")] {
            files.create(&root, &std::format!("d/{name}"), New::Symlink(target)).expect("made");
        }
        let (base, _) = files.open(&root, "d", Open { directory: true, ..LOOK }).expect("opened");
        let rows = [
            ("..", Errno::Perm),
            ("../secret", Errno::Perm),
            ("e/../../secret", Errno::Perm),
            ("e/../../d/e", Errno::Perm),
            ("./e/./../..", Errno::Perm),
            ("/secret", Errno::Perm),
            ("up", Errno::Perm),
            ("far", Errno::Perm),
            ("abs", Errno::Perm),
            ("up/x", Errno::Perm),
            ("self", Errno::Loop),
            ("self/x", Errno::Loop),
            ("e/x/..", Errno::NoEnt),
        ];
        for (path, errno) in rows {
            assert_eq!(files.stat_at(&base, path, true), Err(errno), "{path}");
            assert_eq!(files.open(&base, path, OLD).err(), Some(errno), "{path}");
        }
        for outside in ["../new", "e/../../new", "up/../new"] {
            assert_eq!(files.create(&base, outside, New::Directory), Err(Errno::Perm), "{outside}");
            assert_eq!(files.open(&base, outside, NEW).err(), Some(Errno::Perm), "{outside}");
        }
        assert_eq!(files.remove(&base, "../secret", Kind::File), Err(Errno::Perm));
        assert_eq!(files.rename(&base, "e", &base, "../e"), Err(Errno::Perm));
        assert_eq!(files.stat_at(&root, "d/up", true).map(|stat| stat.size_bytes), Ok(1));
    });
}

#[test]
fn links_are_followed_where_posix_says() {
    with(32 * 1024, |files, root| {
        files.create(&root, "d", New::Directory).expect("made");
        write_new(files, &root, "d/f", b"content");
        let links =
            [("file", "d/f"), ("dir", "d"), ("dirs", "d/"), ("gone", "nothing"), ("chain", "dir/f"), ("bad", "d/f/")];
        for (name, target) in links {
            files.create(&root, name, New::Symlink(target)).expect("made");
        }
        let kind =
            |files: &mut RamFs<'_>, path: &str, follow| files.stat_at(&root, path, follow).map(|stat| stat.filetype);
        assert_eq!(kind(files, "file", true), Ok(Filetype::RegularFile));
        assert_eq!(kind(files, "file", false), Ok(Filetype::SymbolicLink));
        assert_eq!(kind(files, "dir/", false), Ok(Filetype::Directory));
        assert_eq!(kind(files, "dirs", true), Ok(Filetype::Directory));
        assert_eq!(kind(files, "chain", true), Ok(Filetype::RegularFile));
        assert_eq!(kind(files, "file/", true), Err(Errno::NotDir));
        assert_eq!(kind(files, "bad", true), Err(Errno::NotDir));
        assert_eq!(kind(files, "gone", true), Err(Errno::NoEnt));
        assert_eq!(files.open(&root, "file", Open { follow: false, ..OLD }).err(), Some(Errno::Loop));
        assert_eq!(
            files.open(&root, "dir", Open { follow: false, directory: true, ..LOOK }).err(),
            Some(Errno::NotDir)
        );
        assert_eq!(files.open(&root, "gone", Open { exclusive: true, ..NEW }).err(), Some(Errno::Exist));
        // Creating through a link that leads nowhere makes what it leads to.
        write_new(files, &root, "gone", b"found");
        assert_eq!(read_all(files, &root, "nothing"), Ok(b"found".to_vec()));
        let mut text = [0; 2];
        assert_eq!((files.read_link(&root, "dir", &mut text[..1]), text), (Ok(1), *b"d\0"));
        assert_eq!(files.read_link(&root, "d/f", &mut text), Err(Errno::Inval));
    });
}

#[test]
fn long_names_and_deep_links_end_in_an_errno() {
    with(256 * 1024, |files, root| {
        let name = "n".repeat(255);
        write_new(files, &root, &name, b"x");
        assert_eq!(read_all(files, &root, &name), Ok(b"x".to_vec()));
        assert_eq!(files.open(&root, &"n".repeat(256), NEW).err(), Some(Errno::NameTooLong));
        write_new(files, &root, "l0", b"end");
        for index in 1..=41 {
            let (name, target) = (std::format!("l{index}"), std::format!("l{}", index - 1));
            files.create(&root, &name, New::Symlink(&target)).expect("made");
        }
        assert_eq!(read_all(files, &root, "l40"), Ok(b"end".to_vec()));
        assert_eq!(read_all(files, &root, "l41"), Err(Errno::Loop));
        assert_eq!(files.create(&root, "long", New::Symlink(&"x".repeat(4096))), Err(Errno::NameTooLong));
    });
}

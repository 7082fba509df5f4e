//! The table of attempts to leave a directory, against the file systems that walk paths themselves: RAM and flash.
//!
//! The preopen is the directory `root`; beside it lies `outside/secret`, which no path may reach, whatever is done with
//! it. (The command has the same table for directories of Linux, where a race is possible too: here nothing happens
//! while a path is walked.)

use wasmote_tests::nor::SimulatedNor;
use wasmote_wasi_p1::{
    Errno, Filetype,
    capability::{FileSystem, Kind, New, Open, Position},
    flashfs::{FlashFs, Lent, NameSlot, NodeSlot, cache::Cache},
    ramfs::RamFs,
};

const READ: Open =
    Open { follow: true, read: true, write: false, create: false, exclusive: false, truncate: false, directory: false };
const CREATE: Open = Open { write: true, create: true, ..READ };

/// Symbolic links within the root, that a friend has put there: name and target.
const LINKS: [(&str, &str); 12] = [
    ("up", "../outside"),
    ("up_secret", "../outside/secret"),
    ("through", "dir/../../outside/secret"),
    ("root_link", "/"),
    ("absolute", "/outside/secret"),
    ("proc", "/proc/self/root"),
    ("dots", ".."),
    ("chain", "dots/outside"),
    ("chained", "dir/deep/up"),
    ("dir/deep/up", "../../../outside"),
    ("loop", "loop"),
    ("empty_slash", "..///"),
];

/// Paths that lead to the secret, or would, if they were let: `..` in every position, links in every position, absolute
/// ones, superfluous slashes and dots.
const SECRETS: [&str; 27] = [
    "../outside/secret",
    "./../outside/secret",
    "dir/../../outside/secret",
    "dir/deep/../../../outside/secret",
    "dir/./../../outside/secret",
    "dir/../dir/../../outside/secret",
    "..//outside/secret",
    "dir//..//..//outside//secret",
    "../../../../outside/secret",
    "../root/../outside/secret",
    "up/secret",
    "up/../outside/secret",
    "up_secret",
    "through",
    "absolute",
    "root_link/outside/secret",
    "root_link/../outside/secret",
    "proc/outside/secret",
    "dots/outside/secret",
    "chain/secret",
    "chained/secret",
    "dir/deep/up/secret",
    "dots/root/../outside/secret",
    "empty_slash/outside/secret",
    "/outside/secret",
    "//outside/secret",
    "/../outside/secret",
];

/// The errnos that say that it was not let.
fn is_refusal(errno: Errno) -> bool {
    matches!(errno, Errno::Perm | Errno::Loop | Errno::NoEnt)
}

fn write_file<F: FileSystem>(files: &mut F, base: &F::Handle, path: &str, content: &[u8]) {
    let (file, _) = files.open(base, path, CREATE).expect("made");
    assert_eq!(files.write(&file, Position::End, content), Ok(content.len()));
    files.close(file).expect("closed");
}

/// All that could be done with a path, and how it ended.
fn attempts<F: FileSystem>(files: &mut F, root: &F::Handle, path: &str) -> Vec<(&'static str, Result<(), Errno>)> {
    // What is a link itself may be removed and renamed: it is within the root. So what lies behind it is tried.
    let is_link = LINKS.iter().any(|(name, _)| *name == path);
    let behind = if is_link { format!("{path}/x") } else { path.to_owned() };
    let beside = if is_link { behind.clone() } else { format!("{}new", path.trim_end_matches("secret")) };
    vec![
        ("read", files.open(root, path, READ).map(|_| ())),
        ("stat", files.stat_at(root, path, true).map(|_| ())),
        ("stat behind", files.stat_at(root, &behind, false).map(|_| ())),
        ("times", files.set_times_at(root, path, true, Default::default())),
        ("create", files.open(root, &beside, CREATE).map(|_| ())),
        ("mkdir", files.create(root, &beside, New::Directory)),
        ("symlink", files.create(root, &beside, New::Symlink("dir"))),
        ("rmdir", files.remove(root, &behind, Kind::Directory)),
        ("unlink", files.remove(root, &behind, Kind::File)),
        ("rename from", files.rename(root, &behind, root, "stolen")),
        ("rename to", files.rename(root, "file", root, &beside)),
        ("link from", files.link(root, &behind, root, "stolen")),
        ("link to", files.link(root, "file", root, &beside)),
        ("readlink", files.read_link(root, &behind, &mut [0; 8]).map(|_| ())),
    ]
}

/// Runs the table in a new file system.
fn no_path_leads_out<F: FileSystem>(files: &mut F, top: F::Handle) {
    for directory in ["outside", "root", "root/dir", "root/dir/deep"] {
        files.create(&top, directory, New::Directory).expect("made");
    }
    write_file(files, &top, "outside/secret", b"secret");
    write_file(files, &top, "root/file", b"file");
    for (name, target) in LINKS {
        files.create(&top, &format!("root/{name}"), New::Symlink(target)).expect("made");
    }
    let (root, filetype) = files.open(&top, "root", Open { directory: true, ..READ }).expect("opened");
    assert_eq!(filetype, Filetype::Directory);
    for path in SECRETS {
        for (what, result) in attempts(files, &root, path) {
            let errno = result.expect_err(&format!("{what} {path}"));
            assert!(is_refusal(errno), "{what} {path}: {errno:?}");
        }
    }
    for (path, expected) in [
        ("file/", Errno::NotDir),
        ("file/.", Errno::NotDir),
        ("file/../file", Errno::NotDir),
        ("loop", Errno::Loop),
        ("loop/secret", Errno::Loop),
        ("", Errno::NoEnt),
        (&"n".repeat(256), Errno::NameTooLong),
        (&format!("dir/{}", "n".repeat(300)), Errno::NameTooLong),
    ] {
        assert_eq!(files.open(&root, path, READ).err(), Some(expected), "{path}");
    }
    // And within it everything goes: `..` below the root, slashes, dots.
    for path in ["file", "./file", "dir/../file", "dir/deep/../../file", "dir//..//file", "././dir/./.././file"] {
        assert!(files.open(&root, path, READ).is_ok(), "{path}");
    }
    let mut names = Vec::new();
    let (outside, _) = files.open(&top, "outside", READ).expect("opened");
    files
        .list(&outside, 0, &mut |entry| {
            names.push(entry.name.to_vec());
            true
        })
        .expect("listed");
    assert_eq!(names, [&b"."[..], b"..", b"secret"]);
    assert_eq!(files.stat_at(&top, "outside/secret", true).map(|stat| (stat.size_bytes, stat.links)), Ok((6, 1)));
    assert!(files.stat_at(&top, "root/stolen", false).is_err());
}

#[test]
fn no_path_leads_out_of_a_directory_in_ram() {
    let mut memory = vec![0; 64 * 1024];
    let mut files = RamFs::new(&mut memory, 1, || 0).expect("room");
    let top = files.root().expect("a root");
    no_path_leads_out(&mut files, top);
}

#[test]
fn no_path_leads_out_of_a_directory_in_flash() {
    let flash = SimulatedNor::new(16);
    let range = flash.range();
    let (mut names, mut nodes) = ([NameSlot::FREE; 32], [NodeSlot::FREE; 32]);
    let lent = Lent { names: &mut names, nodes: &mut nodes, device: 1, now_ns: || 0 };
    let mut files = FlashFs::mount(flash, range, Cache::new_uncached(), lent).expect("room");
    let top = files.root().expect("a root");
    no_path_leads_out(&mut files, top);
}

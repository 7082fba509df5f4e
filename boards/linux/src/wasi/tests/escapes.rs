//! Attempts to leave a directory: none succeeds, whatever the path is and whatever happens while it is walked.

use std::{
    fs,
    os::unix::fs::symlink,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use wasmote_wasi_p1::{
    Errno,
    capability::{FileSystem, Files as _, Kind, New, Open},
};

use super::{super::files::Files, super::files::Handle, world};

const READ: Open =
    Open { follow: true, read: true, write: false, create: false, exclusive: false, truncate: false, directory: false };
const CREATE: Open = Open { write: true, create: true, ..READ };

/// The symbolic links that a friend outside has put into the root: name and target, `WORLD` being where all this is.
const LINKS: [(&str, &str); 10] = [
    ("up", "../outside"),
    ("up_secret", "../outside/secret"),
    ("through", "dir/../../outside/secret"),
    ("root_link", "/"),
    ("absolute", "WORLD/outside/secret"),
    ("absolute_directory", "WORLD/outside"),
    ("proc", "/proc/self/root"),
    ("cwd", "/proc/self/cwd"),
    ("dots", ".."),
    ("chain", "dots/outside"),
];

/// Paths that lead to the secret, or would, if they were let.
const SECRETS: [&str; 22] = [
    "../outside/secret",
    "./../outside/secret",
    "dir/../../outside/secret",
    "dir/./../../outside/secret",
    "dir/../dir/../../outside/secret",
    "..//outside/secret",
    "dir//..//..//outside//secret",
    "up/secret",
    "up/../outside/secret",
    "up_secret",
    "through",
    "absolute",
    "absolute_directory/secret",
    "root_link/WORLD/outside/secret",
    "proc/WORLD/outside/secret",
    "proc/../WORLD/outside/secret",
    "cwd/../../../../../../../../WORLD/outside/secret",
    "dots/outside/secret",
    "chain/secret",
    "dots/root/../outside/secret",
    "WORLD/outside/secret",
    "/WORLD/outside/secret",
];

/// The errnos that say that it was not let.
fn is_refusal(errno: Errno) -> bool {
    matches!(errno, Errno::Perm | Errno::Loop | Errno::NoEnt)
}

/// What is outside is as it was.
fn assert_untouched(world: &tempfile::TempDir) {
    let names: Vec<_> = fs::read_dir(world.path().join("outside"))
        .expect("there")
        .map(|entry| entry.expect("there").file_name())
        .collect();
    assert_eq!(names, ["secret"]);
    assert_eq!(fs::read_to_string(world.path().join("outside/secret")).expect("there"), "secret");
    let names: Vec<_> =
        fs::read_dir(world.path()).expect("there").map(|entry| entry.expect("there").file_name()).collect();
    assert_eq!(names.len(), 2);
}

#[test]
fn no_path_leads_out_of_the_directory() {
    let (world, root) = world();
    let place = world.path().to_str().expect("UTF-8").to_owned();
    for (name, target) in LINKS {
        symlink(target.replace("WORLD", &place), world.path().join("root").join(name)).expect("made");
    }
    for path in SECRETS {
        let path = path.replace("/WORLD", &place).replace("WORLD", place.trim_start_matches('/'));
        for (what, result) in attempts(&root, &path) {
            let errno = result.expect_err(&format!("{what} {path}"));
            let expected = is_refusal(errno) || (what != "read" && matches!(errno, Errno::Exist | Errno::NotDir));
            assert!(expected, "{what} {path}: {errno:?}");
        }
        assert_untouched(&world);
    }
}

/// All that could be done with a path, and how it ended.
fn attempts(root: &Handle, path: &str) -> [(&'static str, Result<(), Errno>); 8] {
    let mut files = Files;
    let new = format!("{}new", path.trim_end_matches("secret"));
    // What is a link itself may be removed and renamed: it is within the root. So only what lies behind it is tried.
    let is_link = LINKS.iter().any(|(name, _)| *name == path);
    let behind = if is_link { format!("{path}/x") } else { path.to_owned() };
    [
        ("read", files.open(root, path, READ).map(|_| ())),
        ("stat", files.stat_at(root, path, true).map(|_| ())),
        ("times", files.set_times_at(root, path, true, Default::default())),
        ("create", if is_link { Err(Errno::Exist) } else { files.open(root, &new, CREATE).map(|_| ()) }),
        ("mkdir", if is_link { Err(Errno::Exist) } else { files.create(root, &new, New::Directory) }),
        ("unlink", files.remove(root, &behind, Kind::File)),
        ("rename", files.rename(root, &behind, root, "stolen")),
        ("link", files.link(root, &behind, root, "stolen")),
    ]
}

/// Even where the kernel itself offers ways out: in `/proc` there are links that lead anywhere without saying so.
#[test]
fn the_magic_links_of_proc_are_not_followed() {
    let root = super::super::files::open_root(std::path::Path::new("/proc")).expect("opened");
    let (held, _outside) = (fs::File::open("/etc").expect("there"), tempfile::tempdir().expect("made"));
    let number = std::os::fd::AsRawFd::as_raw_fd(&held);
    for path in [
        "self/root/etc/passwd".to_owned(),
        "self/cwd/Cargo.toml".to_owned(),
        "self/root".to_owned(),
        "self/cwd".to_owned(),
        "self/exe".to_owned(),
        "1/root/etc/passwd".to_owned(),
        "thread-self/root/etc/passwd".to_owned(),
        "self/task/../root/etc/passwd".to_owned(),
        "self/ns/mnt".to_owned(),
        format!("self/fd/{number}"),
        format!("self/fd/{number}/passwd"),
        format!("self/fd/../fd/{number}/../etc/passwd"),
    ] {
        let errno = Files.open(&root, &path, READ).err();
        assert!(errno.is_some_and(|errno| is_refusal(errno) || errno == Errno::Acces), "{path}: {errno:?}");
        let directory = Open { directory: true, ..READ };
        assert!(Files.open(&root, &path, directory).is_err(), "{path} as a directory");
        let behind = format!("{path}/new");
        assert!(Files.create(&root, &behind, New::Directory).is_err(), "{behind}");
        assert!(Files.remove(&root, &behind, Kind::File).is_err(), "{behind}");
    }
    // What is in there and leads nowhere else can be read.
    assert!(Files.open(&root, "self/status", READ).is_ok());
}

/// A slash at the end is a directory's, and never makes a link lead further.
#[test]
fn slashes_at_the_end_lead_nowhere() {
    let (world, root) = world();
    for (name, target) in [("up", "../outside"), ("up_secret", "../outside/secret"), ("in", "dir"), ("in_file", "file")]
    {
        symlink(target, world.path().join("root").join(name)).expect("made");
    }
    for path in ["up/", "up//", "up/.", "up_secret/", "up/secret/", "../outside/", "..///", "./../"] {
        for (what, result) in attempts(&root, path) {
            assert!(result.is_err(), "{what} {path}");
        }
        assert!(Files.remove(&root, path, Kind::Directory).is_err(), "{path}");
        assert!(Files.rename(&root, "dir", &root, &format!("{path}/new")).is_err(), "{path}");
        assert!(Files.read_link(&root, &format!("{path}/."), &mut [0; 8]).is_err(), "{path}");
        assert_untouched(&world);
    }
    for path in ["file/", "file//", "file/.", "in_file/"] {
        assert_eq!(Files.open(&root, path, READ).err(), Some(Errno::NotDir), "{path}");
        assert!(Files.remove(&root, path, Kind::File).is_err(), "{path}");
        assert!(Files.rename(&root, path, &root, "new").is_err(), "{path}");
        assert!(Files.link(&root, path, &root, "new").is_err(), "{path}");
    }
    assert!(Files.open(&root, "in/", Open { directory: true, ..READ }).is_ok());
    assert!(Files.remove(&root, "in/", Kind::Directory).is_err_and(|errno| errno != Errno::Perm));
    assert!(world.path().join("root/dir/inner").exists() && world.path().join("root/file").exists());
}

#[test]
fn links_that_lead_out_cannot_be_made() {
    let (world, root) = world();
    let absolute = format!("{}/outside", world.path().display());
    assert_eq!(Files.create(&root, "new", New::Symlink(&absolute)), Err(Errno::Perm));
    // A relative one can be made, and leads nowhere.
    assert_eq!(Files.create(&root, "new", New::Symlink("../outside/secret")), Ok(()));
    assert!(Files.open(&root, "new", READ).is_err_and(is_refusal));
    assert!(Files.open(&root, "new", CREATE).is_err_and(is_refusal));
    assert_untouched(&world);
}

#[test]
fn names_that_are_too_long_or_have_a_nul_are_refused() {
    let (_world, root) = world();
    for path in ["n".repeat(256), format!("dir/{}", "n".repeat(256))] {
        assert_eq!(Files.open(&root, &path, READ).err(), Some(Errno::NameTooLong));
        assert_eq!(Files.create(&root, &path, New::Directory), Err(Errno::NameTooLong));
    }
    // Whole paths that are too long: the kernel says so, and who walks by hand ends at the first name that is not there.
    for path in ["d/".repeat(3000), "n/../".repeat(1000), "../".repeat(2000) + "outside/secret"] {
        for errno in [Files.open(&root, &path, READ).err(), Files.create(&root, &path, New::Directory).err()] {
            assert!(errno.is_some_and(|errno| errno == Errno::NameTooLong || is_refusal(errno)), "{errno:?}");
        }
    }
    for path in ["file\0", "\0", "\0file", "dir/\0/inner", "file\0/../../outside/secret"] {
        assert_eq!(Files.open(&root, path, READ).err(), Some(Errno::Inval), "{path:?}");
        assert_eq!(Files.stat_at(&root, path, true).err(), Some(Errno::Inval), "{path:?}");
        assert_eq!(Files.create(&root, path, New::Directory), Err(Errno::Inval), "{path:?}");
        assert_eq!(Files.rename(&root, "file", &root, path), Err(Errno::Inval), "{path:?}");
    }
    assert_eq!(Files.open(&root, "file/", READ).err(), Some(Errno::NotDir));
    assert_eq!(Files.stat_at(&root, "file/.", true).err(), Some(Errno::NotDir));
}

/// Whether a race goes on: for a while, and on a busy machine until each side has come through, but not for ever.
fn goes_on(start: Instant, has_come_through: bool) -> bool {
    let most = if has_come_through { Duration::from_millis(500) } else { Duration::from_secs(60) };
    start.elapsed() < most
}

#[test]
fn a_directory_that_is_moved_away_while_it_is_walked_is_no_way_out() {
    let (world, root) = world();
    let (inside, outside) = (world.path().join("root/dir"), world.path().join("dir"));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                // From root/dir to a sibling of the root and back: `..` of it is now the root, now what is above.
                fs::rename(&inside, &outside).expect("moved out");
                fs::rename(&outside, &inside).expect("moved back");
            }
        });
        let start = Instant::now();
        let (mut tries, mut hits) = (0, 0);
        while goes_on(start, tries > 100 && hits > 0) {
            tries += 1;
            let found = Files.open(&root, "dir/../outside/secret", READ);
            assert!(found.is_err(), "the secret was reached");
            hits += u32::from(Files.open(&root, "dir/../file", READ).is_ok());
        }
        stop.store(true, Ordering::Relaxed);
        assert!(tries > 100 && hits > 0, "{hits} of {tries}");
    });
}

#[test]
fn a_directory_that_becomes_a_link_while_it_is_walked_is_no_way_out() {
    let (world, root) = world();
    let (path, aside) = (world.path().join("root/dir"), world.path().join("aside"));
    fs::write(world.path().join("root/dir/secret"), "allowed").expect("written");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&path, &aside).expect("moved aside");
                symlink("../outside", &path).expect("made");
                fs::remove_file(&path).expect("removed");
                fs::rename(&aside, &path).expect("moved back");
            }
        });
        let start = Instant::now();
        let mut hits = 0;
        while goes_on(start, hits > 0) {
            let Ok((file, _)) = Files.open(&root, "dir/secret", READ) else { continue };
            let mut content = [0; 7];
            let len = Files.read(&file, 0, &mut content).expect("readable");
            assert_eq!(&content[..len], b"allowed");
            hits += 1;
        }
        stop.store(true, Ordering::Relaxed);
        assert!(hits > 0);
    });
}

#[test]
fn nothing_is_changed_outside_while_a_directory_becomes_a_link() {
    let (world, root) = world();
    let (path, aside) = (world.path().join("root/dir"), world.path().join("root/aside"));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&path, &aside).expect("moved aside");
                symlink("../outside", &path).expect("made");
                fs::remove_file(&path).expect("removed");
                fs::rename(&aside, &path).expect("moved back");
            }
        });
        let start = Instant::now();
        let mut hits = [0; 8];
        while goes_on(start, hits[..4].iter().all(|hits| *hits > 0)) {
            let done = [
                Files.open(&root, "dir/made", CREATE).map(|_| ()),
                Files.create(&root, "dir/directory", New::Directory),
                Files.create(&root, "dir/link", New::Symlink("inner")),
                Files.link(&root, "file", &root, "dir/linked"),
                Files.rename(&root, "dir/made", &root, "dir/moved"),
                Files.remove(&root, "dir/secret", Kind::File),
                Files.rename(&root, "dir/secret", &root, "stolen"),
                Files.set_times_at(&root, "dir/secret", true, Default::default()),
            ];
            hits.iter_mut().zip(done).for_each(|(hits, done)| *hits += u32::from(done.is_ok()));
            for name in ["dir/made", "dir/link", "dir/linked", "dir/moved"] {
                let _ = Files.remove(&root, name, Kind::File);
            }
            let _ = Files.remove(&root, "dir/directory", Kind::Directory);
        }
        stop.store(true, Ordering::Relaxed);
        // Each got through now and then, in the directory; what is only outside was never found.
        assert!(hits[..4].iter().all(|hits| *hits > 0), "{hits:?}");
        assert_eq!(hits[5..], [0; 3]);
    });
    fs::remove_dir_all(&aside).ok();
    assert_untouched(&world);
}

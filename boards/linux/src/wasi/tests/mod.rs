//! The capabilities of a Linux process, by their traits and by small guests.

mod escapes;
mod guests;
mod listing;
mod without_openat2;

use std::fs;

use tempfile::TempDir;

use super::files::{Handle, open_root};

/// A temporary directory with `outside/secret`, and a root `root` beside it with `file`, `dir/` and `dir/inner`.
fn world() -> (TempDir, Handle) {
    let world = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| world.path().join(name);
    for directory in ["outside", "root", "root/dir"] {
        fs::create_dir(path(directory)).expect("made");
    }
    for (file, content) in [("outside/secret", "secret"), ("root/file", "file"), ("root/dir/inner", "inner")] {
        fs::write(path(file), content).expect("written");
    }
    let root = open_root(&path("root")).expect("opened");
    (world, root)
}

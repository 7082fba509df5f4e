//! What `cargo xtask bench` wants beside compilers: a libclang that wasm3's crate understands, and valgrind, which counts
//! instructions; from Debian's packages. Without them there is no wasm3 in the tables, and no counting.

use super::{Item, State, packages};
use std::path::Path;

/// What it is for, its file, the package.
const WANTED: [(&str, &str, &str); 2] = [
    ("libclang, at most 15 (wasm3's crate)", "/usr/lib/llvm-14/lib/libclang.so.1", "libclang1-14"),
    ("valgrind (counted instructions)", "/usr/bin/valgrind", "valgrind"),
];

/// Makes them available and tells of each.
pub(crate) fn provide(install: bool) -> Vec<Item> {
    WANTED.iter().map(|(name, file, package)| one(name, Path::new(file), package, install)).collect()
}

fn one(name: &str, file: &Path, package: &str, install: bool) -> Item {
    let before = file.exists();
    if !before
        && install
        && let Err(error) = packages::install(&[package])
    {
        eprintln!("{error:#}");
    }
    let state = match (before, file.exists()) {
        (true, _) => State::There(file.display().to_string()),
        (false, true) => State::Installed(file.display().to_string()),
        (false, false) => State::Missing(format!("on Debian: apt-get install --no-install-recommends {package}")),
    };
    Item { name: name.to_owned(), state }
}

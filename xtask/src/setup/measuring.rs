//! What `cargo xtask bench` wants beside compilers: a libclang that wasm3's crate understands, the headers of a C library for bare
//! metal, and valgrind, which counts instructions; from Debian's packages. Without them there is no wasm3 in the tables, and no counting.

use super::{Item, State, packages, process};
use std::path::{Path, PathBuf};

/// The headers that wasm3 is compiled with for chips.
const NEWLIB: &str = "/usr/include/newlib";

/// What it is for, its file, the package.
const WANTED: [(&str, &str, &str); 3] = [
    ("libclang, at most 15 (wasm3's crate)", "/usr/lib/llvm-14/lib/libclang.so.1", "libclang1-14"),
    ("headers of newlib (wasm3 on chips)", "/usr/include/newlib/stdio.h", "libnewlib-dev"),
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

/// The folder of a libclang that wasm3's crate understands, up to version 15: what `LIBCLANG_PATH` says, or one that is found.
pub(crate) fn libclang() -> Option<PathBuf> {
    let said = std::env::var_os("LIBCLANG_PATH").map(PathBuf::from);
    let folder = ["15", "14", "13"].map(|version| PathBuf::from(format!("/usr/lib/llvm-{version}/lib")));
    said.or_else(|| folder.into_iter().find(|folder| folder.join("libclang.so.1").exists()))
}

/// The clang that compiles wasm3 best.
pub(crate) fn clang() -> Option<&'static str> {
    process::find("clang-19").map(|_| "clang-19")
}

/// Where newlib's headers are.
pub(crate) fn newlib() -> Option<&'static str> {
    Path::new(NEWLIB).join("stdio.h").exists().then_some(NEWLIB)
}

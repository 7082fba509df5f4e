//! The nightly compiler with Miri, and cargo-fuzz: what `ci --full` looks at the core's `unsafe` with.

use super::{Item, State, process};
use std::process::Command;

const INSTALL: &str = "rustup toolchain install nightly --profile minimal --component miri,rust-src";
const FUZZ: &str = "cargo install cargo-fuzz";

/// Makes both available and tells of each.
pub(crate) fn provide(install: bool) -> Vec<Item> {
    let miri = || process::text(Command::new("cargo").args(["+nightly", "miri", "--version"])).ok();
    let fuzz = || process::find("cargo-fuzz").map(|path| path.display().to_string());
    vec![one("nightly compiler with Miri", INSTALL, install, &miri), one("cargo-fuzz", FUZZ, install, &fuzz)]
}

fn one(name: &str, command: &str, install: bool, look: &dyn Fn() -> Option<String>) -> Item {
    let before = look();
    let mut words = command.split_whitespace();
    if before.is_none()
        && install
        && let Some(program) = words.next()
        && let Err(error) = process::run(Command::new(program).args(words))
    {
        eprintln!("{error:#}");
    }
    let state = match (before, look()) {
        (Some(place), _) => State::There(place),
        (None, Some(place)) => State::Installed(place),
        (None, None) => State::Missing(command.into()),
    };
    Item { name: name.into(), state }
}

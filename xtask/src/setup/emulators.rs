//! The emulators of the boards: QEMU for Arm and RISC-V, from Debian's packages.

use super::{Item, State, packages, process};

/// A program and the package that has it.
const EMULATORS: [(&str, &str); 2] =
    [("qemu-system-arm", "qemu-system-arm"), ("qemu-system-riscv32", "qemu-system-misc")];

/// Makes the emulators available and tells of each.
pub(crate) fn provide(install: bool) -> Vec<Item> {
    EMULATORS.iter().map(|(program, package)| one(program, package, install)).collect()
}

fn one(program: &str, package: &str, install: bool) -> Item {
    let before = process::find(program);
    if before.is_none()
        && install
        && let Err(error) = packages::install(&[package])
    {
        eprintln!("{error:#}");
    }
    let state = match (before, process::find(program)) {
        (Some(path), _) => State::There(path.display().to_string()),
        (None, Some(path)) => State::Installed(path.display().to_string()),
        (None, None) => State::Missing(format!("on Debian: apt-get install --no-install-recommends {package}")),
    };
    Item { name: format!("{program} (boards without hardware)"), state }
}

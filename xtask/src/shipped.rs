//! Firmware as it ships, whatever the settings for the host's own builds are.
//!
//! For Arm's microcontrollers it is built twice. The compiler's targets of this family keep a frame pointer in every function, and
//! no setting of the compiler's takes it away: a register less of the eight that short instructions reach, and 5 % of the flash.
//! LLVM gives named functions other attributes, so the functions of the first image are named to it in the second build.

use crate::setup::process;
use crate::setup::targets::toolchain_for;
use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSymbol, SymbolKind};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A crate outside of the workspace that is built for a target.
pub(crate) struct Firmware<'a> {
    /// Its folder, from the root of the workspace.
    pub(crate) folder: &'a Path,
    /// The program's name.
    pub(crate) name: &'a str,
    pub(crate) triple: &'a str,
    /// What Cargo is told besides.
    pub(crate) arguments: &'a [&'a str],
    /// Settings of the build.
    pub(crate) environment: &'a [(&'a str, &'a str)],
    /// Where the image goes, below the workspace's own build products.
    pub(crate) kind: &'a str,
}

impl Firmware<'_> {
    /// Builds it; where the image is.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        let Firmware { triple, kind, name, .. } = self;
        // One folder of build products, so that what is built for this machine (macros, build scripts) is built once for all
        // boards. Images of one board with other features have one name there: each is taken out before another is built.
        // What is built with other settings is apart, or each would be built again after the other.
        let products = if self.environment.is_empty() { "firmware" } else { "firmware-measured" };
        let target_dir = process::target_dir().join(products);
        fs::create_dir_all(&target_dir)?;
        let turn = File::create(target_dir.join("turn")).and_then(|file| file.lock().map(|()| file));
        let _turn = turn.with_context(|| target_dir.display().to_string())?;
        let mut built = self.build_in(&target_dir, None)?;
        if triple.starts_with("thumb") {
            let names = functions(&built)?;
            let mut hasher = DefaultHasher::new();
            names.hash(&mut hasher);
            // Cargo builds again what was built with another name of the file.
            let list = target_dir.join(format!("{:016x}.csv", hasher.finish()));
            let lines: String = names.iter().map(|name| format!("{name},frame-pointer=none\n")).collect();
            fs::write(&list, lines).with_context(|| list.display().to_string())?;
            built = self.build_in(&target_dir, Some(&list))?;
        }
        let folder = process::target_dir().join(kind);
        let image = folder.join(name);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        fs::copy(&built, &image).with_context(|| image.display().to_string())?;
        Ok(image)
    }

    /// Builds it with build products in a folder, the functions that a file lists being without frame pointers.
    fn build_in(&self, target_dir: &Path, list: Option<&Path>) -> Result<PathBuf> {
        let Firmware { folder, name, triple, arguments, environment, .. } = self;
        let toolchain =
            toolchain_for(triple).with_context(|| format!("there is no toolchain for {triple}: cargo xtask setup"))?;
        let mut cargo = toolchain.cargo();
        cargo.current_dir(process::root().join(folder));
        cargo.args(["build", "--quiet", "--release", "--locked", "--target", triple]).args(*arguments);
        cargo.arg("--target-dir").arg(target_dir).env_remove("RUSTFLAGS");
        cargo.env_remove("CARGO_PROFILE_RELEASE_LTO").env_remove("CARGO_PROFILE_RELEASE_CODEGEN_UNITS");
        cargo.env_remove("WASMOTE_UNMETERED").envs(environment.iter().copied());
        if let Some(list) = list {
            let flag = format!("-Cllvm-args=-forceattrs-csv-path={}", list.display());
            ensure!(!flag.contains(' '), "{}: the path of the build products has a space in it", list.display());
            cargo.env("RUSTFLAGS", flag);
        }
        process::quiet(&mut cargo)?;
        Ok(target_dir.join(triple).join("release").join(name))
    }
}

/// The names of an image's functions, as the linker knows them.
fn functions(image: &Path) -> Result<BTreeSet<String>> {
    let data = fs::read(image).with_context(|| image.display().to_string())?;
    let file = object::File::parse(&*data)?;
    let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition());
    let mut names = BTreeSet::new();
    for symbol in functions {
        names.insert(symbol.name()?.to_owned());
    }
    ensure!(!names.is_empty(), "{}: no function has a name", image.display());
    Ok(names)
}

//! The way to the targets that needs no server of rustup: Debian's rustc with the library source of the same version.
//!
//! The source becomes `core` and `alloc` (and `std` where a target needs it) once, and a toolchain directory of links
//! and libraries is linked into rustup as `embedded`: afterwards plain `cargo +embedded build --target T` works. The
//! compiler and the source must be of exactly one version, which the distribution guarantees and rustup's stable would
//! not.

use super::process;
use super::targets::{EMBEDDED, Target};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// What is installed: compiler, build tool, library source, linker.
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
/// The distribution's compiler, by path: PATH may find rustup's first.
const RUSTC: &str = "/usr/bin/rustc";
const RUSTDOC: &str = "/usr/bin/rustdoc";
const CARGO: &str = "/usr/bin/cargo";
const LIBRARY_SOURCE: &str = "/usr/lib/rustlib/src";
const LINKER: &str = "/usr/lib/llvm-22/bin/lld";
/// The start files and the C library that rustc wants beside the std of wasm32-wasip1, from the package wasi-libc.
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi";
const WASI_FILES: [&str; 3] = ["crt1-command.o", "crt1-reactor.o", "libc.a"];

/// Adds targets to the toolchain `embedded`, creating it if need be.
pub(crate) fn build(targets: &[Target]) -> Result<()> {
    install_compiler()?;
    if targets.iter().any(|target| is_wasi(*target)) && !Path::new(WASI_LIBC).exists() {
        install(&["wasi-libc"])?;
    }
    let dir = process::tools_dir()?.join("toolchain");
    lay_out(&dir)?;
    for (std, crates) in [(false, "core,alloc"), (true, "std,panic_abort")] {
        let group: Vec<Target> = targets.iter().copied().filter(|target| target.std == std).collect();
        if !group.is_empty() {
            build_libraries(&dir, &group, crates)?;
        }
    }
    process::run(Command::new("rustup").args(["toolchain", "link", EMBEDDED]).arg(&dir))
}

/// Installs Debian packages, as root or through sudo.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if process::find("apt-get").is_none() {
        bail!("there is no apt-get here; what is missing would come from the packages {}", packages.join(" "));
    }
    let install = ["install", "-y", "-q", "--no-install-recommends"];
    let installed = apt(&[&install, packages].concat());
    // A machine that is new has no lists of packages, or old ones.
    installed.or_else(|_| apt(&["update", "-q"]).and_then(|()| apt(&[&install, packages].concat())))
}

fn apt(arguments: &[&str]) -> Result<()> {
    let root = process::text(Command::new("id").arg("-u"))? == "0";
    let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
    if !root {
        command.args(["-n", "apt-get"]);
    }
    process::run(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn install_compiler() -> Result<()> {
    let complete = [RUSTC, CARGO, LIBRARY_SOURCE, LINKER].iter().all(|file| Path::new(file).exists());
    if complete { Ok(()) } else { install(&PACKAGES) }
}

/// The directory that rustup links: the distribution's programs, told to look for libraries here.
fn lay_out(dir: &Path) -> Result<()> {
    let host = host()?;
    let rustlib = dir.join("lib/rustlib");
    let host_bin = rustlib.join(&host).join("bin");
    fs::create_dir_all(dir.join("bin"))?;
    fs::create_dir_all(&host_bin)?;
    for program in [RUSTC, RUSTDOC] {
        wrap(program, dir)?;
    }
    link(Path::new(CARGO), &dir.join("bin/cargo"))?;
    link(&Path::new("/usr/lib/rustlib").join(&host).join("lib"), &rustlib.join(&host).join("lib"))?;
    link(Path::new(LIBRARY_SOURCE), &rustlib.join("src"))?;
    link(Path::new(LINKER), &host_bin.join("rust-lld"))
}

/// A compiler that takes `dir` for its sysroot.
fn wrap(program: &str, dir: &Path) -> Result<()> {
    let name = Path::new(program).file_name().context("a program has a name")?;
    let script = dir.join("bin").join(name);
    let text = format!("#!/bin/sh\nexec {program} --sysroot '{}' \"$@\"\n", dir.display());
    fs::write(&script, text)?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn link(from: &Path, to: &Path) -> Result<()> {
    if to.symlink_metadata().is_ok() {
        fs::remove_file(to).with_context(|| to.display().to_string())?;
    }
    symlink(from, to).with_context(|| to.display().to_string())
}

/// Builds the library crates for all `targets` with one empty crate that asks for them, and takes them over.
fn build_libraries(dir: &Path, targets: &[Target], crates: &str) -> Result<()> {
    let seed = dir.join("seed");
    fs::create_dir_all(seed.join("src"))?;
    fs::write(seed.join("Cargo.toml"), "[package]\nname = \"seed\"\nedition = \"2021\"\n[workspace]\n")?;
    fs::write(seed.join("src/lib.rs"), "#![no_std]\n")?;
    let mut cargo = Command::new(CARGO);
    cargo.current_dir(&seed).args(["build", "--release", &format!("-Zbuild-std={crates}")]);
    for target in targets {
        cargo.args(["--target", target.triple]);
    }
    if !targets[0].std {
        // Without a C library someone must provide memcpy and its like.
        cargo.arg("-Zbuild-std-features=compiler-builtins-mem");
    }
    cargo.env("RUSTC", RUSTC).env("RUSTDOC", RUSTDOC).env("CARGO_TARGET_DIR", seed.join("target"));
    // The distribution's stable compiler builds its own library, as rustup's would have been built; with bitcode, or
    // link-time optimisation of what uses it fails.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes").env_remove("RUSTUP_TOOLCHAIN");
    process::run(&mut cargo)?;
    for target in targets {
        take_over(&seed, dir, *target)?;
    }
    fs::remove_dir_all(&seed)?;
    Ok(())
}

/// Replaces a target's libraries in the toolchain by those just built.
fn take_over(seed: &Path, dir: &Path, target: Target) -> Result<()> {
    let library = dir.join("lib/rustlib").join(target.triple).join("lib");
    if library.exists() {
        fs::remove_dir_all(&library)?;
    }
    fs::create_dir_all(&library)?;
    for entry in fs::read_dir(seed.join("target").join(target.triple).join("release/deps"))? {
        let path = entry?.path();
        let name = path.file_name().context("an entry has a name")?.to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libseed") {
            fs::copy(&path, library.join(name))?;
        }
    }
    if is_wasi(target) {
        let own = library.join("self-contained");
        fs::create_dir_all(&own)?;
        for file in WASI_FILES {
            fs::copy(Path::new(WASI_LIBC).join(file), own.join(file)).context("from the package wasi-libc")?;
        }
    }
    Ok(())
}

fn is_wasi(target: Target) -> bool {
    target.triple.starts_with("wasm32-wasi")
}

/// The triple of this machine, in the distribution's words.
fn host() -> Result<String> {
    let version = process::text(Command::new(RUSTC).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

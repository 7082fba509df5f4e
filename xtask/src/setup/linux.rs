//! What the Linux board needs: linkers for its static programs, and Debian's kernels and busybox for the boards that QEMU
//! emulates.
//!
//! The packages are of other architectures. apt fetches them without `dpkg --add-architecture` and without root, if it
//! gets lists and a cache of its own; they are unpacked, not installed.

use super::{Item, State, packages, process};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A linker and the packages that have it, with the C library to link with.
const LINKERS: [(&str, &[&str]); 2] = [
    ("arm-linux-gnueabihf-gcc", &["gcc-arm-linux-gnueabihf", "libc6-dev-armhf-cross"]),
    ("aarch64-linux-gnu-gcc", &["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"]),
];

/// A kernel for emulated boards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kernel {
    /// Debian's name of the architecture.
    debian: &'static str,
    /// The package that depends on the newest kernel.
    image: &'static str,
}

/// For 32-bit boards.
pub(crate) const ARMHF: Kernel = Kernel { debian: "armhf", image: "linux-image-armmp" };
/// For 64-bit boards.
pub(crate) const ARM64: Kernel = Kernel { debian: "arm64", image: "linux-image-arm64" };
const KERNELS: [Kernel; 2] = [ARMHF, ARM64];

/// The files of a kernel.
pub(crate) struct Pieces {
    /// The kernel itself.
    pub(crate) image: PathBuf,
    /// The directory of its modules.
    pub(crate) modules: PathBuf,
    /// The directory of its device trees.
    pub(crate) trees: PathBuf,
    /// busybox, linked statically.
    pub(crate) busybox: PathBuf,
}

impl Kernel {
    fn dir(self) -> Result<PathBuf> {
        Ok(process::tools_dir()?.join("linux").join(self.debian))
    }

    /// Its files, if all are there.
    pub(crate) fn find(self) -> Option<Pieces> {
        let dir = self.dir().ok()?;
        let only = |dir: PathBuf, prefix: &str| {
            let mut entries = fs::read_dir(dir).ok()?.flatten();
            entries.find(|entry| entry.file_name().to_string_lossy().starts_with(prefix)).map(|entry| entry.path())
        };
        // Newer packages have everything below usr.
        let either =
            |path: &str| Some(dir.join(path)).filter(|path| path.exists()).or(Some(dir.join("usr").join(path)));
        Some(Pieces {
            image: only(dir.join("boot"), "vmlinuz-")?,
            modules: only(either("lib/modules")?, "")?,
            trees: only(dir.join("usr/lib"), "linux-image-")?,
            busybox: either("bin/busybox").filter(|path| path.is_file())?,
        })
    }

    /// What the command line of apt has in front, so that it works on another architecture in its own directory.
    fn apt(self, program: &str, apt_dir: &Path) -> Command {
        let mut apt = Command::new(program);
        let (state, lists) = (apt_dir.join("state"), apt_dir.join("lists"));
        let options = [
            format!("APT::Architecture={}", self.debian),
            format!("APT::Architectures={}", self.debian),
            format!("Dir::State={}", state.display()),
            format!("Dir::State::lists={}", lists.display()),
            format!("Dir::State::status={}", apt_dir.join("status").display()),
            format!("Dir::Cache={}", apt_dir.join("cache").display()),
        ];
        options.iter().for_each(|option| {
            apt.args(["-o", option]);
        });
        apt
    }

    /// Fetches and unpacks its packages.
    fn install(self) -> Result<()> {
        let (dir, apt_dir) = (self.dir()?, self.dir()?.with_extension("apt"));
        for part in ["state", "lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(apt_dir.join(part))?;
        }
        fs::write(apt_dir.join("status"), "")?;
        // Sources that have nothing for this architecture fail, which is no matter: what is wanted is asked for next.
        let _ = process::run(self.apt("apt-get", &apt_dir).args(["update", "-q"]));
        let depends = process::text(self.apt("apt-cache", &apt_dir).args(["depends", self.image]))?;
        let image = depends.lines().find_map(|line| line.trim().strip_prefix("Depends: linux-image-"));
        let image = format!("linux-image-{}", image.with_context(|| format!("{} depends on no kernel", self.image))?);
        let mut download = self.apt("apt-get", &apt_dir);
        process::run(download.current_dir(&apt_dir).args(["download", "-q", "busybox-static", &image]))?;
        fs::create_dir_all(&dir)?;
        for entry in fs::read_dir(&apt_dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                process::run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(&dir))?;
            }
        }
        Ok(fs::remove_dir_all(&apt_dir)?)
    }

    fn provide(self, install: bool) -> Item {
        let before = self.find();
        if before.is_none()
            && install
            && let Err(error) = self.install()
        {
            eprintln!("{error:#}");
        }
        let place = |pieces: &Pieces| pieces.image.display().to_string();
        let state = match (before, self.find()) {
            (Some(pieces), _) => State::There(place(&pieces)),
            (None, Some(pieces)) => State::Installed(place(&pieces)),
            (None, None) => State::Missing("on Debian: cargo xtask setup (by apt-get and dpkg-deb)".to_owned()),
        };
        Item { name: format!("Debian's kernel and busybox for {} (linux-sbc)", self.debian), state }
    }
}

/// Makes the linkers and kernels available and tells of each.
pub(crate) fn provide(install: bool) -> Vec<Item> {
    let linkers = LINKERS.iter().map(|(program, packages)| linker(program, packages, install));
    linkers.chain(KERNELS.iter().map(|kernel| kernel.provide(install))).collect()
}

fn linker(program: &str, packages: &[&str], install: bool) -> Item {
    let before = process::find(program);
    if before.is_none()
        && install
        && let Err(error) = packages::install(packages)
    {
        eprintln!("{error:#}");
    }
    let state = match (before, process::find(program)) {
        (Some(path), _) => State::There(path.display().to_string()),
        (None, Some(path)) => State::Installed(path.display().to_string()),
        (None, None) => {
            State::Missing(format!("on Debian: apt-get install --no-install-recommends {}", packages.join(" ")))
        }
    };
    Item { name: format!("{program} (static programs for Linux boards)"), state }
}

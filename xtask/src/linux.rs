//! `cargo xtask linux`: the command `wasmote` as one static program for each kind of Linux board.
//!
//! It is linked with the GNU C library's static archive, so that it runs under any distribution and kernel from 5.10 on
//! (the second version of the GPIO interface), without files beside it.

use crate::setup::process;
use crate::setup::targets::{Toolchain, toolchain_for};
use anyhow::{Context, Result, ensure};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf};
use std::path::{Path, PathBuf};

/// A kind of Linux board.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Arch {
    /// 32-bit Arm with floating point: Raspberry Pi 2 and newer with a 32-bit system, BeagleBone
    Armv7,
    /// 64-bit Arm: Raspberry Pi 3 and newer
    Aarch64,
    /// 64-bit x86
    #[value(name = "x86-64")]
    X86_64,
}

/// All kinds.
const ALL: [Arch; 3] = [Arch::Armv7, Arch::Aarch64, Arch::X86_64];

/// Builds the command as one static program for each kind of Linux board
#[derive(clap::Args, Debug)]
pub(crate) struct LinuxArgs {
    /// For these [default: all]
    #[arg(value_enum)]
    archs: Vec<Arch>,
    /// How it is built: `release` is what ships, `suite` is built sooner
    #[arg(long, default_value = "release")]
    profile: String,
}

impl Arch {
    fn name(self) -> &'static str {
        match self {
            Arch::Armv7 => "armv7",
            Arch::Aarch64 => "aarch64",
            Arch::X86_64 => "x86-64",
        }
    }

    fn triple(self) -> &'static str {
        match self {
            Arch::Armv7 => "armv7-unknown-linux-gnueabihf",
            Arch::Aarch64 => "aarch64-unknown-linux-gnu",
            Arch::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    /// The C compiler that links for it.
    fn linker(self) -> &'static str {
        match self {
            Arch::Armv7 => "arm-linux-gnueabihf-gcc",
            Arch::Aarch64 => "aarch64-linux-gnu-gcc",
            Arch::X86_64 => "x86_64-linux-gnu-gcc",
        }
    }

    /// Is there what builds for it? An error names what is missing, with the command that gives it.
    pub(crate) fn require(self) -> Result<()> {
        let linker = self.linker();
        ensure!(
            process::find(linker).is_some(),
            "{} is not built: {linker} is missing: cargo xtask setup",
            self.name()
        );
        self.toolchain().map(drop)
    }

    fn toolchain(self) -> Result<Toolchain> {
        let own = self == Arch::X86_64 && cfg!(target_arch = "x86_64");
        let found = if own { Some(Toolchain::Default) } else { toolchain_for(self.triple()) };
        found.with_context(|| format!("no toolchain for {}: cargo xtask setup", self.triple()))
    }
}

/// Builds the program; where it is.
pub(crate) fn build(arch: Arch, profile: &str) -> Result<PathBuf> {
    arch.require()?;
    let mut cargo = arch.toolchain()?.cargo();
    cargo.current_dir(process::root()).args(["build", "--quiet", "--profile", profile, "-p", "wasmote-linux"]);
    cargo.args(["--target", arch.triple()]);
    let key = format!("CARGO_TARGET_{}", arch.triple().to_uppercase().replace('-', "_"));
    cargo.env_remove("RUSTFLAGS").env(format!("{key}_LINKER"), arch.linker());
    cargo.env(format!("{key}_RUSTFLAGS"), "-Ctarget-feature=+crt-static");
    process::quiet(&mut cargo)?;
    let program = process::target_dir().join(arch.triple()).join(profile).join("wasmote");
    ensure!(is_static(&program)?, "{} needs libraries that a board may not have", program.display());
    Ok(program)
}

/// Does a program run without an interpreter that loads libraries?
fn is_static(program: &Path) -> Result<bool> {
    let bytes = std::fs::read(program).with_context(|| program.display().to_string())?;
    Ok(match bytes.get(4) {
        Some(&elf::ELFCLASS32) => has_no_interpreter::<elf::FileHeader32<Endianness>>(&bytes)?,
        _ => has_no_interpreter::<elf::FileHeader64<Endianness>>(&bytes)?,
    })
}

fn has_no_interpreter<H: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<bool> {
    let header = H::parse(bytes)?;
    let endian = header.endian()?;
    let headers = header.program_headers(endian, bytes)?;
    Ok(headers.iter().all(|header| header.p_type(endian) != elf::PT_INTERP))
}

/// Runs the verb.
pub(crate) fn run(args: LinuxArgs) -> Result<()> {
    let archs = if args.archs.is_empty() { ALL.to_vec() } else { args.archs };
    let dir = process::target_dir().join("linux");
    std::fs::create_dir_all(&dir)?;
    for arch in archs {
        let program = build(arch, &args.profile)?;
        let kept = dir.join(format!("wasmote-{}", arch.name()));
        let bytes = std::fs::copy(&program, &kept)?;
        println!("{:8} {:>6} KiB, static  {}", arch.name(), bytes.div_ceil(1024), kept.display());
    }
    Ok(())
}

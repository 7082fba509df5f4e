//! `--on linux-sbc`: the Linux board on boards that QEMU emulates, under Debian's kernel with its real drivers.
//!
//! Each board boots once, with a shell on its serial line, and gets the static program and the example modules, byte for
//! byte those of the simulated board. What a module prints is compared with what it prints there; what its bus carries is
//! read from the kernel's own trace and compared too; and pins are driven and looked at from outside, by QEMU's control
//! socket. Nothing here waits for a fixed time: a loaded computer makes the cases slow, not wrong.

mod cases;
mod console;
mod initramfs;
mod traffic;
mod tree;

use super::finish;
use crate::linux::{self, Arch};
use crate::setup::linux::{ARM64, ARMHF, Kernel, Pieces};
use crate::setup::process;
use anyhow::{Context, Result, ensure};
use cases::Case;
use console::Console;
use std::process::Command;
use std::time::Instant;

/// A board.
struct Board {
    name: &'static str,
    arch: Arch,
    kernel: Kernel,
    emulator: &'static str,
    /// QEMU's options for the machine and what is on its buses.
    machine: &'static [&'static str],
    /// The device tree, if QEMU makes none, and the nodes that it has switched off although QEMU has them.
    tree: Option<(&'static str, &'static [&'static str])>,
    /// The console's device under Linux.
    console: &'static str,
    /// Modules of the kernel.
    modules: &'static [&'static str],
    cases: &'static [Case],
}

const BOARDS: [Board; 3] = [
    Board {
        name: "sabrelite",
        arch: Arch::Armv7,
        kernel: ARMHF,
        emulator: "qemu-system-arm",
        machine: &[
            "-M",
            "sabrelite",
            "-m",
            "256",
            // The console is the second one.
            "-serial",
            "null",
            "-device",
            "tmp105,id=thermometer,address=0x48,bus=i2c-bus.0",
            // What acknowledges everything, in place of a display.
            "-device",
            "at24c-eeprom,address=0x3c,rom-size=32768,bus=i2c-bus.0",
        ],
        tree: Some(("imx6q-sabrelite.dtb", &[])),
        console: "ttymxc1",
        modules: &["i2c-dev", "i2c-imx", "spi-imx", "gpio-mxc", "imx2_wdt", "lm75"],
        cases: cases::SABRELITE,
    },
    Board {
        name: "ast2600-evb",
        arch: Arch::Armv7,
        kernel: ARMHF,
        emulator: "qemu-system-arm",
        machine: &["-M", "ast2600-evb", "-device", "at24c-eeprom,address=0x50,rom-size=32768,bus=aspeed.i2c.bus.1"],
        tree: Some(("aspeed-ast2600-evb.dtb", &["adc@1e6e9000"])),
        console: "ttyS4",
        modules: &["i2c-dev", "i2c-aspeed", "gpio-aspeed", "aspeed_adc"],
        cases: cases::AST2600,
    },
    Board {
        name: "virt",
        arch: Arch::Aarch64,
        kernel: ARM64,
        emulator: "qemu-system-aarch64",
        machine: &["-M", "virt", "-cpu", "cortex-a53", "-m", "256"],
        tree: None,
        console: "ttyAMA0",
        modules: &["i2c-dev"],
        cases: cases::VIRT,
    },
];

/// Runs the cases of all boards.
pub(super) fn run() -> Result<()> {
    let mut counts = Counts::default();
    for board in &BOARDS {
        match board.pieces() {
            Ok(pieces) => board.try_cases(&pieces, &mut counts),
            Err(why) => {
                println!("skipped {} ({} cases): {why:#}", board.name, board.cases.len());
                counts.skipped += board.cases.len();
            }
        }
    }
    finish(counts.passed, counts.failed, counts.skipped)
}

/// What came of the cases.
#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Board {
    /// What this computer must have; an error names what is missing, with the command that gives it.
    fn pieces(&self) -> Result<Pieces> {
        ensure!(process::find(self.emulator).is_some(), "{} is missing: cargo xtask setup", self.emulator);
        self.arch.require()?;
        self.kernel.find().context("Debian's kernel is missing: cargo xtask setup")
    }

    fn try_cases(&self, pieces: &Pieces, counts: &mut Counts) {
        let started = Instant::now();
        let mut console = match self.boot(pieces) {
            Ok(console) => console,
            Err(why) => {
                println!("  {} does not boot: {why:#}", self.name);
                counts.failed += self.cases.len();
                return;
            }
        };
        for case in self.cases {
            match (case.run)(&mut console) {
                Ok(()) => counts.passed += 1,
                Err(why) => {
                    counts.failed += 1;
                    println!("  {}: {}: {why:#}", self.name, case.name);
                    console.recover();
                }
            }
        }
        println!("{}: {} cases in {:.0} s", self.name, self.cases.len(), started.elapsed().as_secs_f64());
    }

    /// Builds the program and the board's files, and switches the board on.
    fn boot(&self, pieces: &Pieces) -> Result<Console> {
        let program = linux::build(self.arch, "suite")?;
        let dir = process::target_dir().join("linux-sbc");
        std::fs::create_dir_all(&dir)?;
        let initramfs = dir.join(format!("{}.cpio", self.name));
        std::fs::write(&initramfs, initramfs::build(pieces, self.modules, &program)?)?;
        let mut qemu = Command::new(self.emulator);
        qemu.args(self.machine).args(["-serial", "stdio", "-net", "none", "-display", "none", "-monitor", "none"]);
        qemu.arg("-no-reboot").arg("-kernel").arg(&pieces.image).arg("-initrd").arg(initramfs);
        if let Some((tree, nodes)) = self.tree {
            let kept = dir.join(tree);
            std::fs::write(&kept, tree::with(&pieces.trees.join(tree), nodes)?)?;
            qemu.arg("-dtb").arg(kept);
        }
        qemu.arg("-append").arg(format!("console={} quiet panic=-1", self.console));
        Console::boot(qemu)
    }
}

//! The files of an emulated board: busybox, the kernel's modules, the program and the example modules, as the archive that
//! the kernel unpacks into its memory.

use crate::setup::linux::Pieces;
use crate::setup::process;
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What runs first: mounts, modules, then a shell that does what the serial line says, each with `#END` and its exit code.
/// It has a terminal, so that an interrupt ends what it runs, and not itself.
const INIT: &str = r#"#!/bin/busybox sh
/bin/busybox --install -s /bin; export PATH=/bin
mount -t proc p /proc; mount -t sysfs s /sys; mount -t devtmpfs d /dev; mount -t tmpfs t /tmp
mount -t tracefs t /sys/kernel/tracing
dmesg -n 1
for m in $(cat /etc/mods); do insmod $m || echo "insmod $m failed"; done
exec setsid cttyhack sh /etc/loop
"#;
const LOOP: &str = r##"trap : INT
stty -echo
echo '#READY'
while true; do read -r line && { eval "$line"; code=$?; echo; echo "#END $code"; }; done
"##;

/// An archive in the format `newc`.
#[derive(Default)]
struct Archive(Vec<u8>);

impl Archive {
    /// Adds a file or a directory, as `mode` has it; `device` for a character device.
    fn add(&mut self, name: &str, content: &[u8], mode: u32, device: (u32, u32)) {
        let name_len = name.len() as u32 + 1;
        // Inode, mode, user, group, links, time, length, the file's device, its own if it is one, name, checksum.
        let fields =
            [self.0.len() as u32, mode, 0, 0, 1, 0, content.len() as u32, 0, 0, device.0, device.1, name_len, 0];
        self.0.extend_from_slice(b"070701");
        for field in fields {
            self.0.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(0);
        self.align();
        self.0.extend_from_slice(content);
        self.align();
    }

    /// Names and contents end on multiples of four.
    fn align(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }

    fn directory(&mut self, name: &str) {
        self.add(name, &[], 0o40_755, (0, 0));
    }

    fn program(&mut self, name: &str, content: &[u8]) {
        self.add(name, content, 0o100_755, (0, 0));
    }

    fn file(&mut self, name: &str, content: &[u8]) {
        self.add(name, content, 0o100_644, (0, 0));
    }
}

/// The archive of a board.
pub(super) fn build(pieces: &Pieces, modules: &[&str], program: &Path) -> Result<Vec<u8>> {
    let mut archive = Archive::default();
    for dir in ["bin", "dev", "proc", "sys", "tmp", "etc", "mods", "ex"] {
        archive.directory(dir);
    }
    archive.add("dev/console", &[], 0o20_600, (5, 1));
    archive.program("init", INIT.as_bytes());
    archive.program("bin/busybox", &read(&pieces.busybox)?);
    archive.program("bin/wasmote", &read(program)?);
    archive.file("etc/loop", LOOP.as_bytes());
    archive.file("etc/passwd", b"root::0:0::/:/bin/sh\nnobody::65534:65534::/:/bin/sh\n");
    archive.file("etc/group", b"root:x:0:\ngpio:x:44:\nnogroup:x:65534:\n");
    let mut list = String::new();
    for (name, content) in closure(&pieces.modules, modules)? {
        archive.file(&format!("mods/{name}.ko"), &content);
        list += &format!("/mods/{name}.ko\n");
    }
    archive.file("etc/mods", list.as_bytes());
    let examples = process::root().join("wasi-embedded/guest/examples");
    for entry in fs::read_dir(&examples)? {
        let path = entry?.path();
        let name = path.file_name().context("an entry has a name")?.to_string_lossy().into_owned();
        if name.ends_with(".wasm") || name.ends_with(".toml") {
            archive.file(&format!("ex/{name}"), &read(&path)?);
        }
    }
    archive.add("TRAILER!!!", &[], 0, (0, 0));
    Ok(archive.0)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

/// The modules of these names and what they depend on, in the order of loading. One that is not there is built in.
fn closure(dir: &Path, wanted: &[&str]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = HashMap::new();
    find(dir, &mut files)?;
    let mut loaded: Vec<(String, Vec<u8>)> = Vec::new();
    for name in wanted {
        load(&plain(name), &files, &mut loaded)?;
    }
    Ok(loaded)
}

/// Hyphens and underscores are the same in names of modules.
fn plain(name: &str) -> String {
    name.replace('-', "_")
}

fn find(dir: &Path, files: &mut HashMap<String, PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            find(&path, files)?;
        } else if let Some((name, "ko" | "ko.xz")) = entry.file_name().to_string_lossy().split_once('.') {
            files.insert(plain(name), path);
        }
    }
    Ok(())
}

fn load(name: &str, files: &HashMap<String, PathBuf>, loaded: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let Some(path) = files.get(name) else { return Ok(()) };
    if loaded.iter().any(|(other, _)| other == name) {
        return Ok(());
    }
    let content = if path.extension().is_some_and(|extension| extension == "xz") {
        process::quiet(Command::new("xz").arg("-dc").arg(path))?.stdout
    } else {
        read(path)?
    };
    for other in depends(&content) {
        load(&plain(&other), files, loaded)?;
    }
    loaded.push((name.to_string(), content));
    Ok(())
}

/// The names after `depends=` in a module's description.
fn depends(content: &[u8]) -> Vec<String> {
    const KEY: &[u8] = b"\0depends=";
    let Some(at) = content.windows(KEY.len()).position(|window| window == KEY) else { return Vec::new() };
    let names = content[at + KEY.len()..].split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(names).split(',').filter(|name| !name.is_empty()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_an_archive_are_aligned() {
        let mut archive = Archive::default();
        archive.file("a", b"xyz");
        // A header of 110 bytes, "a\0", then the content with its padding.
        assert_eq!(archive.0.len(), 112 + 4);
        assert!(archive.0.starts_with(b"070701000000000000") && archive.0.ends_with(b"a\0xyz\0"));
    }

    #[test]
    fn a_module_says_what_it_depends_on() {
        assert_eq!(depends(b"x\0depends=industrialio,i2c-core\0y"), ["industrialio", "i2c-core"]);
        assert!(depends(b"x\0depends=\0y").is_empty() && depends(b"").is_empty());
    }
}

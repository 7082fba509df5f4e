//! The files in which Linux describes a machine: /dev, /sys, /proc and /etc/group, below a root that tests replace.

use rustix::fs::{Access, access};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A machine's files.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    root: PathBuf,
}

impl Default for Machine {
    /// This machine.
    fn default() -> Machine {
        Machine::at("/")
    }
}

impl Machine {
    /// The machine whose files are below `root`.
    pub(crate) fn at(root: impl Into<PathBuf>) -> Machine {
        Machine { root: root.into() }
    }

    /// Where a file really is.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A short text without the white space at its ends, if it can be read.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Option<String> {
        let bytes = fs::read(self.path(path)).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        // The device tree's texts end with a zero.
        Some(text.trim_end_matches('\0').trim().to_string())
    }

    /// A number of the device tree: four bytes, the most significant first.
    pub(crate) fn tree_number(&self, path: impl AsRef<Path>) -> Option<u32> {
        fs::read(self.path(path)).ok()?.try_into().ok().map(u32::from_be_bytes)
    }

    /// The names in a directory, numbers in them by their value; none if it is not there.
    pub(crate) fn names(&self, dir: impl AsRef<Path>) -> Vec<String> {
        let entries = fs::read_dir(self.path(dir)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort_by_cached_key(|name| natural(name));
        names
    }

    /// The last part of where a link leads.
    pub(crate) fn link_name(&self, path: impl AsRef<Path>) -> Option<String> {
        let target = fs::read_link(self.path(path)).ok()?;
        target.file_name().map(|name| name.to_string_lossy().into_owned())
    }

    /// May this process read and write the file?
    pub(crate) fn is_usable(&self, path: impl AsRef<Path>) -> bool {
        access(self.path(path), Access::READ_OK | Access::WRITE_OK).is_ok()
    }

    /// The name of the group that a file belongs to.
    pub(crate) fn group(&self, path: impl AsRef<Path>) -> Option<String> {
        let gid = fs::metadata(self.path(path)).ok()?.gid().to_string();
        let groups = self.read("/etc/group")?;
        let is_it = |line: &&str| line.split(':').nth(2) == Some(gid.as_str());
        groups.lines().find(is_it).and_then(|line| line.split(':').next()).map(str::to_string)
    }

    /// What the machine calls itself.
    pub(crate) fn model(&self) -> Option<String> {
        self.read("/proc/device-tree/model").or_else(|| self.read("/sys/class/dmi/id/product_name"))
    }

    /// Is it one of the Raspberry Pis, which have their own way to switch buses on?
    pub(crate) fn is_raspberry_pi(&self) -> bool {
        self.model().is_some_and(|model| model.starts_with("Raspberry Pi"))
    }
}

/// A name as text and numbers, so that `i2c-10` comes after `i2c-9`.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0u64)];
    let mut in_number = false;
    for c in name.chars() {
        match c.to_digit(10) {
            Some(digit) => {
                if let Some(last) = parts.last_mut() {
                    last.1 = last.1.saturating_mul(10).saturating_add(u64::from(digit));
                }
                in_number = true;
            }
            None => {
                if in_number {
                    parts.push((String::new(), 0));
                    in_number = false;
                }
                if let Some(last) = parts.last_mut() {
                    last.0.push(c);
                }
            }
        }
    }
    parts
}

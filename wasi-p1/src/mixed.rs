//! Two file systems behind one, so that the preopens of a guest may lie in different ones.
//!
//! A handle knows which of the two it is of, and paths never lead from one to the other: each stays within its preopen.
//! Renaming or linking between them is `XDEV`, as between disks. More than two are a `Mixed` in a `Mixed`.

use crate::{
    Errno, Filetype,
    capability::{Change, Entry, FileSystem, Files, Kind, New, Open, Position, Stat, Times},
};

/// Two file systems.
pub struct Mixed<A, B> {
    /// The one.
    pub a: A,
    /// The other.
    pub b: B,
}

/// Something open in one of two file systems.
pub enum Either<A, B> {
    /// In the one.
    A(A),
    /// In the other.
    B(B),
}

impl<A: Files, B: Files> Files for Mixed<A, B> {
    type Handle = Either<A::Handle, B::Handle>;

    fn read(&mut self, file: &Self::Handle, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        match file {
            Either::A(file) => self.a.read(file, at, into),
            Either::B(file) => self.b.read(file, at, into),
        }
    }

    fn write(&mut self, file: &Self::Handle, to: Position, from: &[u8]) -> Result<usize, Errno> {
        match file {
            Either::A(file) => self.a.write(file, to, from),
            Either::B(file) => self.b.write(file, to, from),
        }
    }

    fn stat(&mut self, open: &Self::Handle) -> Result<Stat, Errno> {
        match open {
            Either::A(open) => self.a.stat(open),
            Either::B(open) => self.b.stat(open),
        }
    }

    fn change(&mut self, open: &Self::Handle, change: Change) -> Result<(), Errno> {
        match open {
            Either::A(open) => self.a.change(open, change),
            Either::B(open) => self.b.change(open, change),
        }
    }

    fn sync(&mut self, open: &Self::Handle, data_only: bool) -> Result<(), Errno> {
        match open {
            Either::A(open) => self.a.sync(open, data_only),
            Either::B(open) => self.b.sync(open, data_only),
        }
    }

    fn list(
        &mut self,
        directory: &Self::Handle,
        cookie: u64,
        sink: &mut dyn FnMut(Entry<'_>) -> bool,
    ) -> Result<(), Errno> {
        match directory {
            Either::A(directory) => self.a.list(directory, cookie, sink),
            Either::B(directory) => self.b.list(directory, cookie, sink),
        }
    }

    fn close(&mut self, open: Self::Handle) -> Result<(), Errno> {
        match open {
            Either::A(open) => self.a.close(open),
            Either::B(open) => self.b.close(open),
        }
    }
}

impl<A: FileSystem, B: FileSystem> FileSystem for Mixed<A, B> {
    fn open(&mut self, base: &Self::Handle, path: &str, how: Open) -> Result<(Self::Handle, Filetype), Errno> {
        Ok(match base {
            Either::A(base) => {
                let (handle, filetype) = self.a.open(base, path, how)?;
                (Either::A(handle), filetype)
            }
            Either::B(base) => {
                let (handle, filetype) = self.b.open(base, path, how)?;
                (Either::B(handle), filetype)
            }
        })
    }

    fn stat_at(&mut self, base: &Self::Handle, path: &str, follow: bool) -> Result<Stat, Errno> {
        match base {
            Either::A(base) => self.a.stat_at(base, path, follow),
            Either::B(base) => self.b.stat_at(base, path, follow),
        }
    }

    fn set_times_at(&mut self, base: &Self::Handle, path: &str, follow: bool, times: Times) -> Result<(), Errno> {
        match base {
            Either::A(base) => self.a.set_times_at(base, path, follow, times),
            Either::B(base) => self.b.set_times_at(base, path, follow, times),
        }
    }

    fn create(&mut self, base: &Self::Handle, path: &str, new: New<'_>) -> Result<(), Errno> {
        match base {
            Either::A(base) => self.a.create(base, path, new),
            Either::B(base) => self.b.create(base, path, new),
        }
    }

    fn remove(&mut self, base: &Self::Handle, path: &str, kind: Kind) -> Result<(), Errno> {
        match base {
            Either::A(base) => self.a.remove(base, path, kind),
            Either::B(base) => self.b.remove(base, path, kind),
        }
    }

    fn rename(&mut self, base: &Self::Handle, from: &str, to_base: &Self::Handle, to: &str) -> Result<(), Errno> {
        match (base, to_base) {
            (Either::A(base), Either::A(to_base)) => self.a.rename(base, from, to_base, to),
            (Either::B(base), Either::B(to_base)) => self.b.rename(base, from, to_base, to),
            _ => Err(Errno::Xdev),
        }
    }

    fn link(&mut self, base: &Self::Handle, from: &str, to_base: &Self::Handle, to: &str) -> Result<(), Errno> {
        match (base, to_base) {
            (Either::A(base), Either::A(to_base)) => self.a.link(base, from, to_base, to),
            (Either::B(base), Either::B(to_base)) => self.b.link(base, from, to_base, to),
            _ => Err(Errno::Xdev),
        }
    }

    fn read_link(&mut self, base: &Self::Handle, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
        match base {
            Either::A(base) => self.a.read_link(base, path, into),
            Either::B(base) => self.b.read_link(base, path, into),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::{
        bundle::{Bundle, Content, Item},
        ramfs::RamFs,
    };

    const READ: Open = Open {
        follow: true,
        read: true,
        write: false,
        create: false,
        exclusive: false,
        truncate: false,
        directory: false,
    };

    #[test]
    fn each_handle_stays_in_its_file_system() {
        let items = [
            Item { parent: 0, name: "", content: Content::Directory },
            Item { parent: 0, name: "file", content: Content::File(b"firmware") },
        ];
        let mut memory = std::vec![0; 8192];
        let mut ram = RamFs::new(&mut memory, 1, || 0).expect("room");
        let ram_root = ram.root().expect("a root");
        let bundle = Bundle::new(&items, 2).expect("a tree");
        let bundle_root = bundle.root();
        let mut both = Mixed { a: ram, b: bundle };
        let (a, b) = (Either::A(ram_root), Either::B(bundle_root));

        let (file, _) = both.open(&a, "file", Open { create: true, write: true, ..READ }).expect("made");
        assert_eq!(both.write(&file, Position::End, b"ram"), Ok(3));
        both.close(file).expect("closed");
        let mut content = [0; 8];
        for (root, expected, device) in [(&a, &b"ram"[..], 1), (&b, b"firmware", 2)] {
            let (file, _) = both.open(root, "file", READ).expect("there");
            let len = both.read(&file, 0, &mut content).expect("readable");
            assert_eq!(&content[..len], expected);
            assert_eq!(both.stat(&file).map(|stat| stat.device), Ok(device));
            both.close(file).expect("closed");
        }
        assert_eq!(both.rename(&a, "file", &b, "file"), Err(Errno::Xdev));
        assert_eq!(both.link(&b, "file", &a, "new"), Err(Errno::Xdev));
        assert_eq!(both.remove(&b, "file", Kind::File), Err(Errno::RoFs));
        assert_eq!(both.remove(&a, "file", Kind::File), Ok(()));
    }
}

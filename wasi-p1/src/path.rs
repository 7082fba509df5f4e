//! Paths on their way from the guest to a file system.
//!
//! A path is copied into the host's scratch memory, of which each half holds one, because a call may have two and the
//! guest's memory cannot be lent out twice. What the text itself forbids is refused here; what it means is left to the
//! file system, which resolves it beneath its directory.

use wasmote::Caller;

use crate::{
    Errno, Rights, WasiView,
    capability::{Files, Host},
    descriptor,
    guest::Region,
    wasi::Wasi,
};

/// Which half of the scratch memory a path lies in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Half {
    First,
    Second,
}

/// A path in the scratch memory, of so many bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathText {
    half: Half,
    len: usize,
}

/// Copies the path at `region` into `half`: `NAMETOOLONG` if it does not fit, `ILSEQ` if it is not UTF-8, `INVAL` if it
/// contains a NUL, `NOENT` if it is empty, `PERM` if it is absolute.
pub(crate) fn take<T: WasiView>(caller: &mut Caller<'_, '_, T>, region: Region, half: Half) -> Result<PathText, Errno> {
    let path = PathText { half, len: region.len() as usize };
    if path.len == 0 {
        return Err(Errno::NoEnt);
    }
    if path.len > caller.data().wasi().scratch.as_ref().len() / 2 {
        return Err(Errno::NameTooLong);
    }
    let (data, bytes) = region.parts(caller)?;
    let (first, second) = halves(data.wasi().scratch.as_mut());
    let place = if half == Half::First { first } else { second };
    place.get_mut(..bytes.len()).ok_or(Errno::NameTooLong)?.copy_from_slice(bytes);
    if bytes.contains(&0) {
        return Err(Errno::Inval);
    }
    if bytes.first() == Some(&b'/') {
        return Err(Errno::Perm);
    }
    core::str::from_utf8(bytes).map(|_| path).map_err(|_| Errno::Ilseq)
}

fn halves(scratch: &mut [u8]) -> (&mut [u8], &mut [u8]) {
    let middle = scratch.len() / 2;
    scratch.split_at_mut(middle)
}

impl PathText {
    /// Its text.
    fn text(self, scratch: &[u8]) -> Result<&str, Errno> {
        let (first, second) = scratch.split_at(scratch.len() / 2);
        let half = if self.half == Half::First { first } else { second };
        core::str::from_utf8(half.get(..self.len).ok_or(Errno::Inval)?).map_err(|_| Errno::Ilseq)
    }
}

/// A directory that is open, and a path from there.
pub(crate) struct At<'w, H: Host> {
    pub(crate) base: &'w <H::Files as Files>::Handle,
    pub(crate) path: &'w str,
}

/// The file system and two paths in it.
type FromTo<'w, H> = (&'w mut <H as Host>::Files, At<'w, H>, At<'w, H>);

impl<H: Host> Wasi<H> {
    /// The file system and a path from the directory `fd`: `NOTCAPABLE` without these rights, `NOTDIR` if it is not
    /// one.
    pub(crate) fn at(&mut self, fd: u32, rights: Rights, path: PathText) -> Result<(&mut H::Files, At<'_, H>), Errno> {
        let base = lookup::<H>(&self.table, fd, rights)?;
        Ok((&mut self.host.files, At { base, path: path.text(self.scratch.as_ref())? }))
    }

    /// [`Wasi::at`] for two paths.
    pub(crate) fn at_two(
        &mut self,
        (fd, rights, path): (u32, Rights, PathText),
        (to_fd, to_rights, to_path): (u32, Rights, PathText),
    ) -> Result<FromTo<'_, H>, Errno> {
        let base = lookup::<H>(&self.table, fd, rights)?;
        let to_base = lookup::<H>(&self.table, to_fd, to_rights)?;
        let scratch = self.scratch.as_ref();
        let from = At { base, path: path.text(scratch)? };
        let to = At { base: to_base, path: to_path.text(scratch)? };
        Ok((&mut self.host.files, from, to))
    }

    /// [`Wasi::at`] for a path together with another text (a symbolic link's target).
    pub(crate) fn at_with_text(
        &mut self,
        fd: u32,
        rights: Rights,
        path: PathText,
        text: PathText,
    ) -> Result<(&mut H::Files, At<'_, H>, &str), Errno> {
        let base = lookup::<H>(&self.table, fd, rights)?;
        let scratch = self.scratch.as_ref();
        Ok((&mut self.host.files, At { base, path: path.text(scratch)? }, text.text(scratch)?))
    }
}

/// The directory `fd`, if it has these rights.
fn lookup<'t, H: Host + 't>(
    table: &'t H::Table,
    fd: u32,
    rights: Rights,
) -> Result<&'t <H::Files as Files>::Handle, Errno> {
    let descriptor = descriptor::get::<H>(table, fd)?;
    let directory = descriptor.directory()?;
    descriptor.require(rights)?;
    Ok(directory)
}

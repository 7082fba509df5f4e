//! Descriptors: what a guest has open, with which rights, and where it stands in it.
//!
//! The table is a slice that the host lends, so its length is the limit. A number is an index; the lowest free one is
//! given out, as POSIX says and as some guests expect. Only this file knows how rights are checked.

use crate::{
    Errno, Fdflags, Filetype, Rights,
    capability::{Files, Host, Sockets, Stream},
    wait::Interest,
};

/// What a descriptor stands for.
pub(crate) enum Object<H: Host> {
    Stream(Stream),
    File(<H::Files as Files>::Handle, Filetype),
    Directory(<H::Files as Files>::Handle),
    Socket(<H::Sockets as Sockets>::Handle),
}

/// One open descriptor.
pub struct Descriptor<H: Host> {
    pub(crate) object: Object<H>,
    /// What may be done with it.
    pub(crate) base: Rights,
    /// What may be done with what is opened through it.
    pub(crate) inheriting: Rights,
    pub(crate) flags: Fdflags,
    /// Where the next read or write of a file happens, in bytes from its start.
    pub(crate) position: u64,
    /// The guest's name of it, if it was open from the start.
    pub(crate) preopen: Option<H::Name>,
    /// What the paused guest waits for here.
    pub(crate) interest: Option<Interest>,
}

/// A place for a descriptor. `Slot::default()` is a free one; a table of `N` is `[const { Slot::FREE }; N]`.
pub struct Slot<H: Host>(pub(crate) Option<Descriptor<H>>);

impl<H: Host> Slot<H> {
    /// A free place.
    pub const FREE: Slot<H> = Slot(None);
}

impl<H: Host> Default for Slot<H> {
    fn default() -> Self {
        Slot::FREE
    }
}

impl<H: Host> Descriptor<H> {
    pub(crate) fn new(object: Object<H>, base: Rights, inheriting: Rights) -> Descriptor<H> {
        Descriptor { object, base, inheriting, flags: Fdflags::NONE, position: 0, preopen: None, interest: None }
    }

    /// `NOTCAPABLE` unless it has all these rights.
    pub(crate) fn require(&self, rights: Rights) -> Result<(), Errno> {
        if self.base.contains(rights) { Ok(()) } else { Err(Errno::NotCapable) }
    }

    /// The open file or directory behind it, if there is one.
    pub(crate) fn node(&self) -> Result<&<H::Files as Files>::Handle, Errno> {
        match &self.object {
            Object::File(handle, _) | Object::Directory(handle) => Ok(handle),
            Object::Stream(_) | Object::Socket(_) => Err(Errno::Inval),
        }
    }

    /// The directory behind it.
    pub(crate) fn directory(&self) -> Result<&<H::Files as Files>::Handle, Errno> {
        match &self.object {
            Object::Directory(handle) => Ok(handle),
            _ => Err(Errno::NotDir),
        }
    }

    /// The socket behind it.
    pub(crate) fn socket(&self) -> Result<&<H::Sockets as Sockets>::Handle, Errno> {
        match &self.object {
            Object::Socket(handle) => Ok(handle),
            _ => Err(Errno::NotSock),
        }
    }
}

/// The open descriptor of this number; `BADF` if there is none.
pub(crate) fn get<H: Host>(table: &H::Table, fd: u32) -> Result<&Descriptor<H>, Errno> {
    table.as_ref().get(fd as usize).and_then(|slot| slot.0.as_ref()).ok_or(Errno::Badf)
}

/// [`get`], to change it.
pub(crate) fn get_mut<H: Host>(table: &mut H::Table, fd: u32) -> Result<&mut Descriptor<H>, Errno> {
    table.as_mut().get_mut(fd as usize).and_then(|slot| slot.0.as_mut()).ok_or(Errno::Badf)
}

/// The lowest free number; `MFILE` if there is none. Asked for before something is opened, so that nothing leaks.
pub(crate) fn free<H: Host>(table: &H::Table) -> Result<u32, Errno> {
    table.as_ref().iter().position(|slot| slot.0.is_none()).map(|fd| fd as u32).ok_or(Errno::Mfile)
}

/// Puts `descriptor` under this number and gives back what was there.
pub(crate) fn replace<H: Host>(
    table: &mut H::Table,
    fd: u32,
    descriptor: Option<Descriptor<H>>,
) -> Result<Option<Descriptor<H>>, Errno> {
    let slot = table.as_mut().get_mut(fd as usize).ok_or(Errno::Badf)?;
    Ok(core::mem::replace(&mut slot.0, descriptor))
}

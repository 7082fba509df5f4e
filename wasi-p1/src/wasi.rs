//! The state of one guest: its capabilities, its descriptors, and what it waits for.

use crate::{
    Blocked, Errno, Fdflags, Filetype, Interest, Rights, Source,
    capability::{Files, Host, Sockets, Stdio, Stream},
    descriptor::{self, Descriptor, Object},
};

/// The capabilities of one guest.
pub struct Capabilities<H: Host> {
    /// Arguments and environment.
    pub program: H::Program,
    /// Time.
    pub clock: H::Clock,
    /// Entropy.
    pub random: H::Random,
    /// The standard streams.
    pub stdio: H::Stdio,
    /// Files and directories.
    pub files: H::Files,
    /// Connections.
    pub sockets: H::Sockets,
}

/// The state of one guest.
pub struct Wasi<H: Host> {
    /// What the host gave.
    pub host: Capabilities<H>,
    pub(crate) table: H::Table,
    pub(crate) scratch: H::Scratch,
    pub(crate) blocked: Option<Blocked>,
}

/// How the data of an embedder contain a guest's state.
pub trait WasiView {
    /// The host's family of types.
    type Host: Host;
    /// The guest's state.
    fn wasi(&mut self) -> &mut Wasi<Self::Host>;
}

impl<H: Host> WasiView for Wasi<H> {
    type Host = H;

    fn wasi(&mut self) -> &mut Wasi<H> {
        self
    }
}

impl<H: Host> Wasi<H> {
    /// A guest with the standard streams open as descriptors 0, 1 and 2, as far as `table` has room.
    pub fn new(host: Capabilities<H>, mut table: H::Table, scratch: H::Scratch) -> Wasi<H> {
        open_streams::<H>(&mut table);
        Wasi { host, table, scratch, blocked: None }
    }

    /// Closes everything and opens the standard streams again, for the next guest of the same host.
    pub fn restart(&mut self) {
        self.close_all();
        open_streams::<H>(&mut self.table);
    }

    /// Opens a directory for the guest under the next free number, which is given back.
    ///
    /// `name` is what the guest calls it; `base` is what may be done with it, of which only [`Rights::DIRECTORY`]
    /// counts, and `inheriting` what may be done with what is opened in it. `MFILE` if the table is full: `directory`
    /// is closed.
    pub fn preopen(
        &mut self,
        name: H::Name,
        directory: <H::Files as Files>::Handle,
        base: Rights,
        inheriting: Rights,
    ) -> Result<u32, Errno> {
        let object = Object::Directory(directory);
        let mut descriptor = Descriptor::new(object, base.and(Rights::DIRECTORY), inheriting);
        descriptor.preopen = Some(name);
        self.insert(descriptor)
    }

    /// Opens a socket for the guest under the next free number, which is given back: a listening one with
    /// [`Rights::LISTENER`], a connection with [`Rights::CONNECTION`]. `MFILE` if the table is full: it is closed.
    pub fn preopen_socket(&mut self, socket: <H::Sockets as Sockets>::Handle, base: Rights) -> Result<u32, Errno> {
        self.insert(Descriptor::new(Object::Socket(socket), base, Rights::CONNECTION))
    }

    /// What the guest waits for, if its last call ended with `Pending`.
    pub fn blocked(&self) -> Option<Blocked> {
        self.blocked
    }

    /// Where the guest waits, and for what.
    pub fn sources(&self) -> impl Iterator<Item = (Source<'_, H>, Interest)> {
        self.table.as_ref().iter().filter_map(|slot| slot.0.as_ref()).filter_map(|descriptor| {
            let source = match &descriptor.object {
                Object::Stream(stream) => Source::Stream(*stream),
                Object::File(handle, _) | Object::Directory(handle) => Source::File(handle),
                Object::Socket(handle) => Source::Socket(handle),
            };
            Some((source, descriptor.interest?))
        })
    }

    /// Forgets the call that waits; for an embedder that ends the thread instead of running it again.
    pub fn abandon(&mut self) {
        if self.blocked.take().is_some() {
            self.forget_interests();
        }
    }

    /// Closes everything that is open. File systems that count what is open need it before they serve another guest.
    pub fn close_all(&mut self) {
        self.abandon();
        for fd in 0..self.table.as_ref().len() as u32 {
            if let Ok(Some(descriptor)) = descriptor::replace::<H>(&mut self.table, fd, None) {
                // There is nobody left to tell what closing says.
                let _ = self.close(descriptor);
            }
        }
    }

    /// Puts a new descriptor under the lowest free number, or closes it.
    pub(crate) fn insert(&mut self, descriptor: Descriptor<H>) -> Result<u32, Errno> {
        match descriptor::free::<H>(&self.table) {
            Ok(fd) => {
                descriptor::replace::<H>(&mut self.table, fd, Some(descriptor))?;
                Ok(fd)
            }
            Err(errno) => {
                self.close(descriptor)?;
                Err(errno)
            }
        }
    }

    /// Gives back what a descriptor stood for.
    pub(crate) fn close(&mut self, descriptor: Descriptor<H>) -> Result<(), Errno> {
        match descriptor.object {
            Object::Stream(_) => Ok(()),
            Object::File(handle, _) | Object::Directory(handle) => self.host.files.close(handle),
            Object::Socket(handle) => {
                self.host.sockets.close(handle);
                Ok(())
            }
        }
    }

    /// The open descriptor `fd`, if it has these rights.
    pub(crate) fn descriptor(&self, fd: u32, rights: Rights) -> Result<&Descriptor<H>, Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        descriptor.require(rights)?;
        Ok(descriptor)
    }

    /// [`Wasi::descriptor`], to change it.
    pub(crate) fn descriptor_mut(&mut self, fd: u32, rights: Rights) -> Result<&mut Descriptor<H>, Errno> {
        let descriptor = descriptor::get_mut::<H>(&mut self.table, fd)?;
        descriptor.require(rights)?;
        Ok(descriptor)
    }

    /// The file system and the file or directory behind `fd`, if it has these rights.
    pub(crate) fn node(
        &mut self,
        fd: u32,
        rights: Rights,
    ) -> Result<(&mut H::Files, &<H::Files as Files>::Handle), Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        descriptor.require(rights)?;
        Ok((&mut self.host.files, descriptor.node()?))
    }

    /// The file system and the file behind `fd`, if it has these rights; `ISDIR` if it is a directory, `SPIPE` if it
    /// has no positions.
    pub(crate) fn file(
        &mut self,
        fd: u32,
        rights: Rights,
    ) -> Result<(&mut H::Files, &<H::Files as Files>::Handle), Errno> {
        let descriptor = descriptor::get::<H>(&self.table, fd)?;
        match &descriptor.object {
            Object::File(handle, _) => {
                descriptor.require(rights)?;
                Ok((&mut self.host.files, handle))
            }
            Object::Directory(_) => Err(Errno::IsDir),
            Object::Stream(_) | Object::Socket(_) => Err(Errno::Spipe),
        }
    }

    /// Is `fd` to answer `AGAIN` instead of waiting?
    pub(crate) fn is_nonblocking(&self, fd: u32) -> bool {
        descriptor::get::<H>(&self.table, fd).is_ok_and(|descriptor| descriptor.flags.contains(Fdflags::NONBLOCK))
    }

    /// Notes that the guest waits at `fd`.
    pub(crate) fn wait_at(&mut self, fd: u32, interest: Interest) {
        if let Ok(descriptor) = descriptor::get_mut::<H>(&mut self.table, fd) {
            descriptor.interest = Some(interest.and(descriptor.interest));
        }
        self.blocked.get_or_insert(Blocked { started_ns: 0, deadline_ns: None });
    }

    /// Forgets where the guest waited.
    pub(crate) fn forget_interests(&mut self) {
        for slot in self.table.as_mut() {
            if let Some(descriptor) = &mut slot.0 {
                descriptor.interest = None;
            }
        }
    }

    /// What a stream or socket of this type is called.
    pub(crate) fn filetype(&mut self, fd: u32) -> Result<Filetype, Errno> {
        Ok(match &descriptor::get::<H>(&self.table, fd)?.object {
            Object::Stream(stream) => self.host.stdio.filetype(*stream),
            Object::File(_, filetype) => *filetype,
            Object::Directory(_) => Filetype::Directory,
            Object::Socket(_) => Filetype::SocketStream,
        })
    }
}

/// Opens the standard streams in a table that has nothing open.
fn open_streams<H: Host>(table: &mut H::Table) {
    for (slot, stream) in table.as_mut().iter_mut().zip([Stream::Input, Stream::Output, Stream::Error]) {
        slot.0 = Some(Descriptor::new(Object::Stream(stream), Rights::STREAM, Rights::NONE));
    }
}

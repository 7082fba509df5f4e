//! What a host function sees: the embedder's data, and the guest that calls.

use super::store::Store;
use super::values::{GuestValue, Thread};
use crate::instance::{Instance, Memory};
use crate::isa::Trap;

/// The view of a host function on its caller.
pub struct Caller<'c, 'a, T> {
    pub(super) store: &'c mut Store<'a>,
    pub(super) data: &'c mut T,
    pub(super) thread: Thread,
    pub(super) called_back: bool,
    /// Where in the arena the arguments lie; `None` since the embedder had the store, and may have moved them.
    pub(super) arguments: Option<u32>,
}

impl<'a, T> Caller<'_, 'a, T> {
    /// The embedder's data.
    pub fn data(&mut self) -> &mut T {
        self.data
    }

    /// The store. Asking for it makes a host call dearer: all that is in the machine's registers is saved first.
    pub fn store(&mut self) -> &mut Store<'a> {
        self.arguments = None;
        self.store.settle();
        self.store
    }

    /// The calling instance, unless the embedder called the function itself.
    pub fn instance(&self) -> Option<Instance> {
        self.store.calling(self.thread)
    }

    /// The calling thread.
    pub fn thread(&self) -> Thread {
        self.thread
    }

    /// The calling instance's first memory.
    pub fn memory(&self) -> Option<Memory> {
        self.store.memory_of(self.instance()?, 0)
    }

    /// An argument, by the slot of 32 bits that it begins in.
    pub(super) fn argument<V: GuestValue>(&self, slot: u32) -> V {
        let high = if V::TYPE.slots() == 2 { self.slot(slot + 1) } else { 0 };
        V::from_bits(u64::from(self.slot(slot)) | u64::from(high) << 32)
    }

    /// Whether a callback has just returned to the host function.
    pub fn has_called_back(&self) -> bool {
        self.called_back
    }

    /// Slot `n` of the arguments, of which a value of 64 bits takes two, its low half first.
    #[inline]
    pub fn slot(&self, n: u32) -> u32 {
        let at = self.arguments.unwrap_or_else(|| self.store.arguments_at(self.thread));
        self.store.machine.arena.bytes.get32(at + n * 4)
    }

    /// Several slots, beginning with slot `n`.
    #[inline]
    pub fn slots<const N: usize>(&self, n: u32) -> [u32; N] {
        let at = self.arguments.unwrap_or_else(|| self.store.arguments_at(self.thread));
        self.store.machine.arena.bytes.words(at + n * 4).copied().unwrap_or([0; N])
    }

    /// Compares a range with the memory's size, without committing it.
    ///
    /// # Errors
    /// `MemoryOutOfBounds`.
    pub fn check(&self, address: u32, len: u32) -> Result<(), Trap> {
        match self.store.machine.shown(address, len) {
            Some(_) => Ok(()),
            None => self.store.check(self.required()?, address, len),
        }
    }

    fn required(&self) -> Result<Memory, Trap> {
        self.memory().ok_or(Trap::MemoryOutOfBounds)
    }

    /// Reads guest memory.
    ///
    /// # Errors
    /// `MemoryOutOfBounds`.
    pub fn read(&self, address: u32, out: &mut [u8]) -> Result<(), Trap> {
        self.store.read(self.required()?, u64::from(address), out)
    }

    /// Writes guest memory.
    ///
    /// # Errors
    /// `MemoryOutOfBounds`, or `OutOfMemory` if the arena cannot commit it.
    pub fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), Trap> {
        let memory = self.required()?;
        self.store.write(memory, u64::from(address), bytes)
    }

    /// Guest memory itself, committed.
    ///
    /// # Errors
    /// As for `write`.
    pub fn slice_mut(&mut self, address: u32, len: u32) -> Result<&mut [u8], Trap> {
        self.parts(address, len).map(|(_, bytes)| bytes)
    }

    /// The embedder's data and guest memory at once.
    ///
    /// # Errors
    /// As for `write`.
    pub fn parts(&mut self, address: u32, len: u32) -> Result<(&mut T, &mut [u8]), Trap> {
        if let Some(at) = self.store.shown(address, len) {
            return Ok((self.data, self.store.machine.arena.bytes.slice_mut(at, len)));
        }
        let memory = self.required()?;
        let bytes = self.store.slice_mut(memory, u64::from(address), u64::from(len))?;
        Ok((self.data, bytes))
    }
}

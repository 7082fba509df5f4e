//! What a host function sees: the embedder's data, and the guest that calls.

use super::store::Store;
use super::values::{Instance, Memory, Thread};
use crate::isa::Trap;
use core::cell::Cell;

/// The view of a host function on its caller.
pub struct Caller<'c, 'a, T> {
    pub(super) store: &'c mut Store<'a>,
    pub(super) data: &'c mut T,
    pub(super) instance: Option<Instance>,
    pub(super) thread: Thread,
    pub(super) called_back: bool,
    /// The instance's memory, once it was looked up: every access asks for it.
    pub(super) memory: Cell<Option<Memory>>,
}

impl<'a, T> Caller<'_, 'a, T> {
    /// The embedder's data.
    pub fn data(&mut self) -> &mut T {
        self.data
    }

    /// The store.
    pub fn store(&mut self) -> &mut Store<'a> {
        self.store
    }

    /// The calling instance, unless the embedder called the function itself.
    pub fn instance(&self) -> Option<Instance> {
        self.instance
    }

    /// The calling thread.
    pub fn thread(&self) -> Thread {
        self.thread
    }

    /// The calling instance's first memory.
    pub fn memory(&self) -> Option<Memory> {
        if self.memory.get().is_none() {
            self.memory.set(self.store.memory_of(self.instance?, 0));
        }
        self.memory.get()
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
        let memory = self.required()?;
        self.store.slice_mut(memory, u64::from(address), u64::from(len))
    }

    /// The embedder's data and guest memory at once.
    ///
    /// # Errors
    /// As for `write`.
    pub fn parts(&mut self, address: u32, len: u32) -> Result<(&mut T, &mut [u8]), Trap> {
        let memory = self.required()?;
        let bytes = self.store.slice_mut(memory, u64::from(address), u64::from(len))?;
        Ok((self.data, bytes))
    }
}

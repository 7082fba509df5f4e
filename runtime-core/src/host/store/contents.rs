//! What is in a store's memories, globals and tables, and which ranges of memory the host has written.

use super::{MAX_WRITES, Store, Writes};
use crate::instance::{Global, Kind, Memory, MemorySegment, Table, TableSegment, Val};
use crate::isa::{Trap, ValType};
use crate::validate::NONE;

impl<'a> Store<'a> {
    /// A memory, if it is this store's.
    pub(in super::super) fn known(&self, memory: Memory) -> Option<MemorySegment> {
        self.machine.arena.has(memory.0.0, Kind::Memory).then_some(memory.0)
    }

    /// Bytes that a memory has.
    pub fn memory_size(&self, memory: Memory) -> u64 {
        self.known(memory).map_or(0, |memory| memory.size(&self.machine.arena))
    }

    /// Grows a memory; the old size in pages, or `None` if its maximum or the arena forbids it.
    pub fn memory_grow(&mut self, memory: Memory, pages: u64) -> Option<u64> {
        self.known(memory)?.grow(&mut self.machine.arena, pages)
    }

    /// Reads guest memory; what was never touched is zero.
    ///
    /// # Errors
    /// `MemoryOutOfBounds`, and nothing is read.
    pub fn read(&self, memory: Memory, address: u64, out: &mut [u8]) -> Result<(), Trap> {
        match self.machine.seen(memory.0, address, out.len() as u64) {
            Some(bytes) => {
                out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                Ok(())
            }
            None => {
                let memory = self.known(memory).ok_or(Trap::MemoryOutOfBounds)?;
                memory.check_wide(&self.machine.arena, address, out.len() as u64)?;
                memory.read(&self.machine.arena, address as u32, out);
                Ok(())
            }
        }
    }

    /// Writes guest memory.
    ///
    /// # Errors
    /// `MemoryOutOfBounds` or `OutOfMemory`, and nothing is written.
    pub fn write(&mut self, memory: Memory, address: u64, bytes: &[u8]) -> Result<(), Trap> {
        self.note_write(address, bytes.len() as u64);
        self.lend(memory, address, bytes.len() as u64)
            .map(|to| to.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from))
    }

    /// Compares a range with a memory's size.
    ///
    /// # Errors
    /// `MemoryOutOfBounds`.
    pub(in super::super) fn check(&self, memory: Memory, address: u32, len: u32) -> Result<(), Trap> {
        match self.machine.window_on(memory.0, address, len) {
            Some(_) => Ok(()),
            None => {
                let memory = self.known(memory).ok_or(Trap::MemoryOutOfBounds)?;
                memory.check(&self.machine.arena, address, len)
            }
        }
    }

    /// Commits a range of guest memory and lends it.
    ///
    /// # Errors
    /// `MemoryOutOfBounds` or `OutOfMemory`.
    pub fn slice_mut(&mut self, memory: Memory, address: u64, len: u64) -> Result<&mut [u8], Trap> {
        self.note_write(address, len);
        self.lend(memory, address, len)
    }

    /// The same for a host call that may be open, which what is committed would lead astray.
    fn lend(&mut self, memory: Memory, address: u64, len: u64) -> Result<&mut [u8], Trap> {
        if let (Ok(address), Ok(len)) = (u32::try_from(address), u32::try_from(len))
            && let Some(at) = self.machine.window_on(memory.0, address, len)
        {
            return Ok(self.machine.arena.bytes.slice_mut(at, len));
        }
        self.settle();
        let memory = self.known(memory).ok_or(Trap::MemoryOutOfBounds)?;
        let arena = &mut self.machine.arena;
        memory.check_wide(arena, address, len)?;
        if len == 0 {
            return Ok(&mut []);
        }
        let len = u32::try_from(len).map_err(|_| Trap::OutOfMemory)?;
        let at = memory.commit(arena, address as u32, len).ok_or(Trap::OutOfMemory)?;
        Ok(arena.bytes.slice_mut(at, len))
    }

    /// From now on, remember which ranges of guest memory are written through this interface.
    pub fn watch_writes(&mut self) {
        self.writes = Some(Writes { ranges: [(0, 0); MAX_WRITES], count: 0 });
    }

    /// The ranges (address, length) written since `watch_writes` or the last `forget_writes`. Beyond eight ranges the last one
    /// covers all that follow.
    pub fn host_writes(&self) -> &[(u32, u32)] {
        self.writes.as_ref().and_then(|writes| writes.ranges.get(..writes.count)).unwrap_or(&[])
    }

    /// Forgets the ranges written.
    pub fn forget_writes(&mut self) {
        if let Some(writes) = &mut self.writes {
            writes.count = 0;
        }
    }

    pub(in super::super) fn note_write(&mut self, address: u64, len: u64) {
        let (Some(writes), true) = (&mut self.writes, len != 0) else { return };
        let (address, len) = (address.min(u64::from(NONE)) as u32, len.min(u64::from(NONE)) as u32);
        let last = writes.count.checked_sub(1).and_then(|last| writes.ranges.get_mut(last));
        match last {
            Some(range) if writes.count == MAX_WRITES || range.0.checked_add(range.1) == Some(address) => {
                let end = range.0.saturating_add(range.1).max(address.saturating_add(len));
                range.0 = range.0.min(address);
                range.1 = end - range.0;
            }
            _ => {
                if let Some(range) = writes.ranges.get_mut(writes.count) {
                    *range = (address, len);
                    writes.count += 1;
                }
            }
        }
    }

    /// The value of a global.
    pub fn global_get(&self, global: Global) -> Val {
        let arena = &self.machine.arena;
        Val::from_bits(global.1.content, if global.0.is_known(arena) { global.0.get(arena) } else { 0 })
    }

    /// Sets a global; false if it is immutable or of another type.
    pub fn global_set(&mut self, global: Global, value: Val) -> bool {
        let fits = global.1.mutable && global.1.content == value.ty() && global.0.is_known(&self.machine.arena);
        if fits {
            global.0.set(&mut self.machine.arena, value.bits());
        }
        fits
    }

    /// A table and the type of its elements, if it is this store's.
    fn known_table(&self, table: Table) -> Option<(TableSegment, ValType)> {
        let arena = &self.machine.arena;
        arena.has(table.0.0, Kind::Table).then(|| (table.0, table.0.ty(arena).element))
    }

    /// Elements that a table has.
    pub fn table_size(&self, table: Table) -> u32 {
        self.known_table(table).map_or(0, |(table, _)| table.size(&self.machine.arena))
    }

    /// An element of a table; `None` beyond its size.
    pub fn table_get(&self, table: Table, index: u32) -> Option<Val> {
        let (table, element) = self.known_table(table)?;
        table.get(&self.machine.arena, index).map(|handle| Val::from_bits(element, u64::from(handle)))
    }

    /// Sets an element of a table; false beyond its size or if the type differs.
    pub fn table_set(&mut self, table: Table, index: u32, value: Val) -> bool {
        let known = self.known_table(table).filter(|(_, element)| *element == value.ty());
        known.is_some_and(|(table, _)| table.set(&mut self.machine.arena, index, value.bits() as u32))
    }

    /// Grows a table; the old size, or `None` if its maximum or the arena forbids it, or the type differs.
    pub fn table_grow(&mut self, table: Table, delta: u32, value: Val) -> Option<u32> {
        let (table, _) = self.known_table(table).filter(|(_, element)| *element == value.ty())?;
        table.grow(&mut self.machine.arena, delta, value.bits() as u32)
    }
}

//! The handles' own methods, under the names that wasmtime and wasmi have for them. Each is the store's method of the same meaning.

use super::store::Store;
use super::typed::{CallError, TypedFunc, Values};
use crate::instance::{Extern, Func, Global, Instance, Memory, Table, Val};
use crate::isa::{FuncType, Trap};

impl Instance {
    /// What is exported under a name.
    pub fn get_export(self, store: &Store<'_>, name: &str) -> Option<Extern> {
        store.export(self, name)
    }

    /// An exported function.
    pub fn get_func(self, store: &Store<'_>, name: &str) -> Option<Func> {
        self.get_export(store, name)?.func()
    }

    /// An exported function, if it has the type of `P` and `R`.
    ///
    /// # Errors
    /// `NoSuchFunction`.
    pub fn get_typed_func<P: Values, R: Values>(
        self,
        store: &Store<'_>,
        name: &str,
    ) -> Result<TypedFunc<P, R>, CallError> {
        store.typed_func(self, name)
    }

    /// An exported memory.
    pub fn get_memory(self, store: &Store<'_>, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.memory()
    }

    /// An exported table.
    pub fn get_table(self, store: &Store<'_>, name: &str) -> Option<Table> {
        self.get_export(store, name)?.table()
    }

    /// An exported global.
    pub fn get_global(self, store: &Store<'_>, name: &str) -> Option<Global> {
        self.get_export(store, name)?.global()
    }
}

impl Func {
    /// The function's type.
    pub fn ty<'s>(self, store: &'s Store<'_>) -> FuncType<'s> {
        store.func_type(self)
    }
}

impl Memory {
    /// Bytes that it has.
    pub fn data_size(self, store: &Store<'_>) -> u64 {
        store.memory_size(self)
    }

    /// Reads; what was never touched is zero.
    ///
    /// # Errors
    /// `MemoryOutOfBounds`, and nothing is read.
    pub fn read(self, store: &Store<'_>, address: u64, out: &mut [u8]) -> Result<(), Trap> {
        store.read(self, address, out)
    }

    /// Writes.
    ///
    /// # Errors
    /// `MemoryOutOfBounds` or `OutOfMemory`, and nothing is written.
    pub fn write(self, store: &mut Store<'_>, address: u64, bytes: &[u8]) -> Result<(), Trap> {
        store.write(self, address, bytes)
    }

    /// Grows; the old size in pages, or `None` if the maximum or the arena forbids it.
    pub fn grow(self, store: &mut Store<'_>, pages: u64) -> Option<u64> {
        store.memory_grow(self, pages)
    }
}

impl Table {
    /// Elements that it has.
    pub fn size(self, store: &Store<'_>) -> u32 {
        store.table_size(self)
    }

    /// An element; `None` beyond the size.
    pub fn get(self, store: &Store<'_>, index: u32) -> Option<Val> {
        store.table_get(self, index)
    }

    /// Sets an element; false beyond the size or if the type differs.
    pub fn set(self, store: &mut Store<'_>, index: u32, value: Val) -> bool {
        store.table_set(self, index, value)
    }

    /// Grows; the old size, or `None` if the maximum or the arena forbids it.
    pub fn grow(self, store: &mut Store<'_>, delta: u32, value: Val) -> Option<u32> {
        store.table_grow(self, delta, value)
    }
}

impl Global {
    /// The value.
    pub fn get(self, store: &Store<'_>) -> Val {
        store.global_get(self)
    }

    /// Sets the value; false if it is immutable or of another type.
    pub fn set(self, store: &mut Store<'_>, value: Val) -> bool {
        store.global_set(self, value)
    }
}

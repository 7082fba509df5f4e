//! Values and handles. A handle is a number that means something in one store only.

use super::arena::{Arena, Kind};
use super::memory::MemorySegment;
use super::record::{GlobalCell, InstanceSegment};
use super::table::TableSegment;
use crate::isa::{GlobalType, ValType};

/// A function in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Func(pub(crate) u32);

/// A memory in a store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Memory(pub(crate) MemorySegment);

/// A table in a store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Table(pub(crate) TableSegment);

/// A global in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Global(pub(crate) GlobalCell, pub(crate) GlobalType);

/// An instance in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instance(pub(crate) InstanceSegment);

macro_rules! debug_by_number {
    ($($name:ident),*) => { $(
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0.0).finish()
            }
        }
    )* };
}
debug_by_number!(Memory, Table);

/// Something that an instance exports, or a host provides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extern {
    /// A function
    Func(Func),
    /// A table
    Table(Table),
    /// A memory
    Memory(Memory),
    /// A global
    Global(Global),
}

impl Extern {
    /// Whether it is one of this arena's: everything else about it is only looked up then.
    pub(crate) fn is_known(self, arena: &Arena<'_>) -> bool {
        match self {
            // Handles of functions are looked up wherever they are used.
            Extern::Func(_) => true,
            Extern::Table(table) => arena.has(table.0.0, Kind::Table),
            Extern::Memory(memory) => arena.has(memory.0.0, Kind::Memory),
            Extern::Global(global) => global.0.is_known(arena),
        }
    }

    /// The function, if it is one.
    pub fn func(self) -> Option<Func> {
        if let Extern::Func(func) = self { Some(func) } else { None }
    }

    /// The memory, if it is one.
    pub fn memory(self) -> Option<Memory> {
        if let Extern::Memory(memory) = self { Some(memory) } else { None }
    }

    /// The table, if it is one.
    pub fn table(self) -> Option<Table> {
        if let Extern::Table(table) = self { Some(table) } else { None }
    }

    /// The global, if it is one.
    pub fn global(self) -> Option<Global> {
        if let Extern::Global(global) = self { Some(global) } else { None }
    }
}

/// A value. Floats are bits, so that a NaN's payload passes unchanged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Val {
    /// 32-bit integer
    I32(i32),
    /// 64-bit integer
    I64(i64),
    /// Bits of a 32-bit float
    F32(u32),
    /// Bits of a 64-bit float
    F64(u64),
    /// A function, or null
    FuncRef(Option<Func>),
    /// A number of the host's, less than 2^32 - 1, or null
    ExternRef(Option<u32>),
}

impl Val {
    /// The value's type.
    pub fn ty(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::FuncRef(_) => ValType::FuncRef,
            Val::ExternRef(_) => ValType::ExternRef,
        }
    }

    pub(crate) fn bits(&self) -> u64 {
        match *self {
            Val::I32(value) => u64::from(value as u32),
            Val::I64(value) => value as u64,
            Val::F32(bits) => u64::from(bits),
            Val::F64(bits) => bits,
            Val::FuncRef(func) => u64::from(func.map_or(0, |func| func.0)),
            Val::ExternRef(number) => u64::from(number.map_or(0, |number| number.wrapping_add(1))),
        }
    }

    pub(crate) fn from_bits(ty: ValType, bits: u64) -> Val {
        let low = bits as u32;
        match ty {
            ValType::I32 => Val::I32(low as i32),
            ValType::I64 => Val::I64(bits as i64),
            ValType::F32 => Val::F32(low),
            ValType::F64 => Val::F64(bits),
            ValType::FuncRef => Val::FuncRef((low != 0).then_some(Func(low))),
            ValType::ExternRef => Val::ExternRef(low.checked_sub(1)),
        }
    }
}

/// Whether values are of these types.
pub(crate) fn fit(types: &[ValType], values: &[Val]) -> bool {
    types.len() == values.len() && types.iter().zip(values).all(|(ty, value)| *ty == value.ty())
}

/// Puts values into slots of the arena.
pub(crate) fn put_values(arena: &mut Arena<'_>, mut at: u32, values: &[Val]) {
    for value in values {
        let (bits, slots) = (value.bits(), value.ty().slots());
        arena.bytes.set32(at, bits as u32);
        if slots == 2 {
            arena.bytes.set32(at + 4, (bits >> 32) as u32);
        }
        at += slots * 4;
    }
}

/// Takes values from slots of the arena.
pub(crate) fn take_values(arena: &Arena<'_>, mut at: u32, types: &[ValType], values: &mut [Val]) {
    for (ty, value) in types.iter().zip(values) {
        let high = if ty.slots() == 2 { arena.bytes.get32(at + 4) } else { 0 };
        *value = Val::from_bits(*ty, u64::from(arena.bytes.get32(at)) | u64::from(high) << 32);
        at += ty.slots() * 4;
    }
}

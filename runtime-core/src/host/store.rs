//! A store: instances, their memories and tables, and the threads that run in them, in one lent buffer.

mod contents;
mod threads;

use crate::engine::{Dispatch, Engine};
use crate::instance::{
    Extern, Func, Global, HOST_HANDLE, HostSegment, Instance, Kind, LinkError, LinkErrorKind, Linking, Memory,
    MemorySegment, Table, TableSegment, Val, allocate_global, type_of,
};
use crate::isa::OutOfMemory;
use crate::isa::{ExternType, FuncType, GlobalType, MemoryType, TableType, Trap, ValType};
use crate::prepare::{Import, Module};
use crate::raw::Lent;
use crate::run::{Machine, SpawnErrorKind};

/// Why a thread cannot be made, or answered.
pub type SpawnError = SpawnErrorKind;

/// Why `resume` returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The function returned; its results can be read.
    Finished,
    /// The guest is at fault; the thread can only be ended.
    Trapped(Trap),
    /// The fuel is used up; resume with more.
    OutOfFuel,
    /// The guest waits for a host function.
    HostCall(HostCall),
}

/// A host function that a guest waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HostCall {
    /// The number that `host_func` was given.
    pub id: u32,
    /// The calling instance; `None` if the embedder called the host function itself.
    pub instance: Option<Instance>,
    /// Whether a callback has just returned; its results can be read.
    pub called_back: bool,
}

/// A frame of a backtrace.
#[derive(Clone, Copy, Debug)]
pub struct FrameInfo<'a> {
    /// The instance whose function it is.
    pub instance: Instance,
    /// The function's index in its module.
    pub func_index: u32,
    /// Offset in the module of the instruction that is running or calling; `None` if the scratch was too small to tell.
    pub offset: Option<u32>,
    /// The function's name, if the module has names.
    pub name: Option<&'a str>,
}

/// How the arena is used, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// The arena itself.
    pub total: u32,
    /// In use now, the directory included.
    pub used: u32,
    /// The most that was in use at once.
    pub peak: u32,
    /// Instances and host functions.
    pub instances: u32,
    /// Committed memory, its bookkeeping included.
    pub memories: u32,
    /// Tables.
    pub tables: u32,
    /// Frame stacks.
    pub stacks: u32,
    /// How often a memory or a table could not grow because the arena had no room; the guest sees -1, as at its maximum.
    pub refused: u32,
}

/// Ranges that host functions wrote since they were last taken. Few, since a store lies on somebody's native stack; most calls
/// write two.
const MAX_WRITES: usize = 8;

/// Instances and threads in a lent buffer. The machine comes first: then its address is the store's.
#[repr(C)]
pub struct Store<'a> {
    pub(super) machine: Machine<'a>,
    dispatch: Dispatch,
    next_func: u32,
    writes: Option<Writes>,
    last_answer: Option<Val>,
    callback: Option<Callback>,
    allocator: Option<Allocator>,
}

/// Slots of a callback's arguments.
const MAX_CALLBACK_SLOTS: usize = 16;

/// Puts values into slots; how many slots.
fn slots_of(values: &[Val], words: &mut [u32]) -> usize {
    let mut count = 0;
    for value in values {
        for half in 0..value.ty().slots() {
            if let Some(word) = words.get_mut(count) {
                *word = (value.bits() >> (32 * half)) as u32;
            }
            count += 1;
        }
    }
    count
}

/// An export that a host function calls back. Names and types are compared by where they are, which is quick, and looked
/// up again if they are elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) name: &'static str,
    pub(super) params: &'static [ValType],
    pub(super) results: &'static [ValType],
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Wanted) -> bool {
        core::ptr::eq(self.name, other.name)
            && core::ptr::eq(self.params, other.params)
            && core::ptr::eq(self.results, other.results)
    }
}

/// The export that was called back last: a guest has one allocator.
#[derive(Clone, Copy)]
struct Callback {
    instance: Instance,
    wanted: Wanted,
    func: Func,
    /// Its number among the instance's own functions, if it is one.
    own: Option<u32>,
}

/// The allocator that was called back last.
#[derive(Clone, Copy)]
struct Allocator {
    instance: Instance,
    func: Func,
    own: Option<u32>,
}

/// Why an export cannot be called back.
pub(super) enum CallBackError {
    NoExport,
    OtherType,
    Spawn(SpawnError),
}

/// The ranges of guest memory that hosts wrote.
struct Writes {
    ranges: [(u32, u32); MAX_WRITES],
    count: usize,
}

impl<'a> Store<'a> {
    /// A store in this buffer.
    ///
    /// # Errors
    /// If the buffer cannot hold anything at all.
    pub fn new(engine: &Engine, arena: &'a mut [u8]) -> Result<Store<'a>, OutOfMemory> {
        let machine = Machine::new(Lent::new(arena));
        if machine.arena.len_bytes() < 64 {
            return Err(OutOfMemory { missing_bytes: 64 - machine.arena.len_bytes() });
        }
        Ok(Store {
            machine,
            dispatch: engine.config().dispatch,
            next_func: 0,
            writes: None,
            last_answer: None,
            callback: None,
            allocator: None,
        })
    }

    /// Instantiates a module: asks `resolve` for each import, makes what the module defines, and initialises it. The start
    /// function is not run: `start_func` gives it.
    ///
    /// # Errors
    /// An import that is missing or of another type, an arena that is too small, or a segment that does not fit. What was
    /// made by then stays in the store, as the specification demands.
    pub fn instantiate(
        &mut self,
        module: &Module<'a>,
        resolve: &mut dyn FnMut(&Import<'a>, &mut Store<'a>) -> Option<Extern>,
    ) -> Result<Instance, LinkError> {
        let base = self.next_func;
        // Numbers are never given twice, and the bit that tells handles of host functions stays free.
        let next = base.checked_add(module.functions()).filter(|&next| next < HOST_HANDLE - 1);
        self.next_func = next.ok_or(OutOfMemory { missing_bytes: 0 })?;
        let mut linking = Linking::new(&mut self.machine.arena, *module, base)?;
        for (number, import) in (0..).zip(module.imports()) {
            let fail = |kind| LinkError { kind, import: number };
            let found = resolve(&import, self).ok_or(fail(LinkErrorKind::UnknownImport))?;
            if !linking.import(&mut self.machine.arena, &import.ty, found) {
                return Err(fail(LinkErrorKind::IncompatibleImport));
            }
        }
        linking.finish(&mut self.machine.arena)?;
        Ok(Instance(linking.instance))
    }

    /// A host function with a number of the embedder's choice; the same number gives the same function.
    ///
    /// # Errors
    /// If the arena cannot hold its record.
    pub fn host_func(&mut self, id: u32, ty: FuncType<'_>) -> Result<Func, OutOfMemory> {
        let arena = &mut self.machine.arena;
        let known = arena.all(Kind::Host).map(HostSegment).find(|host| host.id(arena) == id && host.ty(arena) == ty);
        if let Some(host) = known {
            return Ok(Func(host.handle()));
        }
        HostSegment::allocate(arena, id, ty).map(|host| Func(host.handle()))
    }

    /// A memory of the host's, to be imported.
    ///
    /// # Errors
    /// If the arena cannot hold it.
    pub fn new_memory(&mut self, ty: MemoryType) -> Result<Memory, OutOfMemory> {
        MemorySegment::allocate(&mut self.machine.arena, ty).map(Memory)
    }

    /// A table of the host's, to be imported, filled with `value`, or with null if that is of another type.
    ///
    /// # Errors
    /// If the arena cannot hold it.
    pub fn new_table(&mut self, ty: TableType, value: Val) -> Result<Table, OutOfMemory> {
        let table = TableSegment::allocate(&mut self.machine.arena, ty)?;
        if value.ty() == ty.element {
            table.fill(&mut self.machine.arena, 0, value.bits() as u32, ty.minimum);
        }
        Ok(Table(table))
    }

    /// A global of the host's, to be imported.
    ///
    /// # Errors
    /// If the arena cannot hold it.
    pub fn new_global(&mut self, ty: GlobalType, value: Val) -> Result<Global, OutOfMemory> {
        allocate_global(&mut self.machine.arena, value.bits()).map(|cell| Global(cell, ty))
    }

    /// What an instance exports under a name.
    pub fn export(&self, instance: Instance, name: &str) -> Option<Extern> {
        let arena = &self.machine.arena;
        let module = instance.0.module(arena)?;
        let (kind, index) = module.exports().find(name)?;
        Some(match kind {
            0 => Extern::Func(Func(instance.0.func(arena, index))),
            1 => Extern::Table(Table(instance.0.table(arena, index)?)),
            2 => Extern::Memory(Memory(instance.0.memory(arena, index)?)),
            _ => Extern::Global(Global(instance.0.global(arena, index), module.global(index))),
        })
    }

    /// The module of an instance.
    pub fn module(&self, instance: Instance) -> Option<Module<'a>> {
        instance.0.module(&self.machine.arena).copied()
    }

    /// A memory of an instance, by index.
    pub fn memory_of(&self, instance: Instance, index: u32) -> Option<Memory> {
        if index == 0 && self.machine.instance == instance.0 {
            return self.machine.memory.map(Memory);
        }
        instance.0.memory(&self.machine.arena, index).map(Memory)
    }

    /// The start function of an instance, which `instantiate` did not run.
    pub fn start_func(&self, instance: Instance) -> Option<Func> {
        let start = self.module(instance)?.start()?;
        Some(Func(instance.0.func(&self.machine.arena, start)))
    }

    /// The type of a function.
    pub fn func_type(&self, func: Func) -> FuncType<'_> {
        type_of(&self.machine.arena, func.0).unwrap_or(FuncType { params: &[], results: &[] })
    }

    /// The type of something; that of nothing if it is another store's.
    pub fn extern_type(&self, item: Extern) -> ExternType<'_> {
        let arena = &self.machine.arena;
        match item {
            Extern::Table(table) if arena.has(table.0.0, Kind::Table) => ExternType::Table(table.0.ty(arena)),
            Extern::Memory(memory) if arena.has(memory.0.0, Kind::Memory) => ExternType::Memory(memory.0.ty(arena)),
            Extern::Global(global) => ExternType::Global(global.1),
            Extern::Func(func) => ExternType::Func(self.func_type(func)),
            Extern::Table(_) | Extern::Memory(_) => ExternType::Func(FuncType { params: &[], results: &[] }),
        }
    }

    /// How the arena is used.
    pub fn stats(&self) -> Stats {
        let arena = &self.machine.arena;
        let total = arena.len_bytes();
        let mut stats = Stats { total, used: total - arena.free_bytes(), peak: arena.peak_bytes(), ..Stats::default() };
        stats.refused = arena.refused();
        for id in 0..arena.count() {
            let part = match arena.kind(id) {
                Kind::Instance | Kind::Host | Kind::Global => &mut stats.instances,
                Kind::Memory => &mut stats.memories,
                Kind::Table => &mut stats.tables,
                Kind::Thread => &mut stats.stacks,
                Kind::Free => continue,
            };
            *part += arena.len(id);
        }
        stats
    }
}

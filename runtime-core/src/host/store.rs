//! A store: instances, their memories and tables, and the threads that run in them, in one lent buffer.

use super::values::{Extern, Func, Global, Instance, Memory, Table, Thread, Val};
use crate::engine::{Dispatch, Engine};
use crate::instance::{
    HOST_HANDLE, HostSegment, InstanceSegment, Item, Kind, LinkError, LinkErrorKind, Linking, MemorySegment,
    TableSegment, allocate_global, type_of,
};
use crate::isa::OutOfMemory;
use crate::isa::{ExternType, FuncType, GlobalType, MemoryType, TableType, Trap, ValType};
use crate::prepare::{Import, Module};
use crate::raw::{Exit, Lent};
use crate::run::{Machine, SpawnErrorKind, State, ThreadSegment, record, runner};
use crate::validate::NONE;

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
}

/// Ranges that host functions wrote since they were last taken.
const MAX_WRITES: usize = 64;

/// Instances and threads in a lent buffer.
pub struct Store<'a> {
    pub(super) machine: Machine<'a>,
    dispatch: Dispatch,
    next_func: u32,
    writes: Option<Writes>,
    last_answer: Option<Val>,
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
        Ok(Store { machine, dispatch: engine.config().dispatch, next_func: 0, writes: None, last_answer: None })
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
        let linking = Linking::new(&mut self.machine.arena, *module, base)?;
        let mut places = [0u32; 4];
        for (number, import) in (0..).zip(module.imports()) {
            let fail = |kind| LinkError { kind, import: number };
            let found = resolve(&import, self).ok_or(fail(LinkErrorKind::UnknownImport))?;
            let (space, item) = match found {
                Extern::Func(func) => (0, Item::Func(func.0)),
                Extern::Table(table) => (1, Item::Table(table.0)),
                Extern::Memory(memory) => (2, Item::Memory(memory.0)),
                Extern::Global(global) => (3, Item::Global(global.0, global.1)),
            };
            let place = places.get_mut(space).map_or(0, |next| {
                *next += 1;
                *next - 1
            });
            linking.import(&mut self.machine.arena, &import.ty, item, place).map_err(fail)?;
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
        let known = (0..arena.count())
            .filter(|&segment| arena.kind(segment) == Kind::Host)
            .map(HostSegment)
            .find(|host| host.id(arena) == id && host.ty(arena) == ty);
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
            let _ = table.fill(&mut self.machine.arena, 0, value.bits() as u32, ty.minimum);
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
        let (kind, index) = self.module(instance)?.exports().find(name)?;
        Some(match kind {
            0 => Extern::Func(Func(instance.0.func(arena, index))),
            1 => Extern::Table(Table(instance.0.table(arena, index)?)),
            2 => Extern::Memory(Memory(instance.0.memory(arena, index)?)),
            _ => instance.0.global(arena, index).map(|(cell, ty)| Extern::Global(Global(cell, ty)))?,
        })
    }

    /// The module of an instance.
    pub fn module(&self, instance: Instance) -> Option<Module<'a>> {
        let arena = &self.machine.arena;
        arena.has(instance.0.0, Kind::Instance).then(|| instance.0.module(arena)).flatten()
    }

    /// A memory of an instance, by index.
    pub fn memory_of(&self, instance: Instance, index: u32) -> Option<Memory> {
        if index == 0 && self.machine.instance == Some(instance.0) {
            return self.machine.memory.map(Memory);
        }
        let arena = &self.machine.arena;
        arena.has(instance.0.0, Kind::Instance).then(|| instance.0.memory(arena, index)).flatten().map(Memory)
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

    /// Makes a thread that will call a function. Its frame stack is carved from the arena and grows as needed; give it back with
    /// `end`.
    ///
    /// # Errors
    /// If the arguments have other types than the parameters, or the arena is too small.
    pub fn spawn(&mut self, func: Func, arguments: &[Val]) -> Result<Thread, SpawnError> {
        let ty = self.func_type(func);
        let fit =
            ty.params.len() == arguments.len() && ty.params.iter().zip(arguments).all(|(ty, value)| *ty == value.ty());
        let mut values = arguments.iter().map(|value| (value.ty(), value.bits()));
        self.machine.spawn(func.0, &mut values, fit).map(Thread)
    }

    /// Runs a thread until it finishes, traps, waits for a host function, or has consumed about `fuel` units: a block starts while
    /// fuel is left, and what it consumes beyond that is taken from the next call. `u64::MAX` is no limit.
    pub fn resume(&mut self, thread: Thread, fuel: u64) -> Outcome {
        if !thread.0.is_thread(&self.machine.arena) {
            return Outcome::Trapped(Trap::Unreachable);
        }
        let exit = self.machine.resume(thread.0, fuel, runner(self.dispatch));
        match exit {
            Exit::Finished => Outcome::Finished,
            Exit::Trapped(trap) => Outcome::Trapped(trap),
            Exit::OutOfFuel => Outcome::OutOfFuel,
            Exit::HostCall => Outcome::HostCall(self.host_call(thread.0)),
        }
    }

    fn host_call(&self, thread: ThreadSegment) -> HostCall {
        let arena = &self.machine.arena;
        let (host, instance, called_back) = thread.call(arena);
        HostCall { id: host.id(arena), instance: instance.map(Instance), called_back }
    }

    fn read_values(&self, mut at: u32, types: &[ValType], out: &mut [Val]) -> usize {
        for (ty, value) in types.iter().zip(out.iter_mut()) {
            let bytes = &self.machine.arena.bytes;
            let bits = if ty.slots() == 2 { bytes.get64(at) } else { u64::from(bytes.get32(at)) };
            *value = Val::from_bits(*ty, bits);
            at += ty.slots() * 4;
        }
        types.len()
    }

    /// Reads the results of a finished thread; gives how many there are.
    pub fn results(&self, thread: Thread, out: &mut [Val]) -> usize {
        let arena = &self.machine.arena;
        if self.state(thread) != Some(State::Finished) {
            return 0;
        }
        let ty = self.func_type(Func(thread.0.entry(arena)));
        self.read_values(thread.0.results_at(arena), ty.results, out)
    }

    /// Reads the arguments of the host call that a thread waits in; gives how many there are.
    pub fn host_args(&self, thread: Thread, out: &mut [Val]) -> usize {
        let arena = &self.machine.arena;
        if !self.waits(thread) {
            return 0;
        }
        let ty = thread.0.host(arena).ty(arena);
        self.read_values(thread.0.arguments_at(arena), ty.params, out)
    }

    /// The same as bits, for functions whose types are known.
    pub(super) fn host_bits(&self, thread: Thread, types: &[ValType], out: &mut [u64]) {
        let arena = &self.machine.arena;
        let mut at = thread.0.arguments_at(arena);
        for (ty, bits) in types.iter().zip(out) {
            *bits = if ty.slots() == 2 { arena.bytes.get64(at) } else { u64::from(arena.bytes.get32(at)) };
            at += ty.slots() * 4;
        }
    }

    /// Reads the results of the callback that has just returned; gives how many there are.
    pub fn callback_results(&self, thread: Thread, out: &mut [Val]) -> usize {
        let arena = &self.machine.arena;
        match self.waits(thread).then(|| thread.0.returned_at(arena)).flatten() {
            Some(at) => {
                let ty = self.func_type(Func(thread.0.callback(arena)));
                self.read_values(at, ty.results, out)
            }
            _ => 0,
        }
    }

    /// What a thread is doing; `None` if it has ended, or is another store's.
    fn state(&self, thread: Thread) -> Option<State> {
        let arena = &self.machine.arena;
        thread.0.is_thread(arena).then(|| thread.0.state(arena))
    }

    /// Whether a thread waits for the answer of a host call.
    pub(super) fn waits(&self, thread: Thread) -> bool {
        self.state(thread) == Some(State::Waiting)
    }

    /// The callback that a host function has just asked for and that is not yet resumed, its arguments in `out`: for logs.
    pub fn callback_args(&self, thread: Thread, out: &mut [Val]) -> Option<Func> {
        let arena = &self.machine.arena;
        if self.state(thread) != Some(State::Paused) || thread.0.callbacks(arena) == 0 {
            return None;
        }
        let func = Func(thread.0.callback(arena));
        // Arguments are the first locals of the callback's frame.
        self.read_values(thread.0.results_at(arena), self.func_type(func).params, out);
        Some(func)
    }

    /// Answers the host call that a thread waits in; `resume` lets it go on.
    ///
    /// # Errors
    /// If the thread does not wait, or the results have other types than the host function's.
    pub fn answer(&mut self, thread: Thread, results: &[Val]) -> Result<(), SpawnError> {
        if !self.waits(thread) {
            return Err(SpawnErrorKind::NotWaiting);
        }
        let ty = thread.0.host(&self.machine.arena).ty(&self.machine.arena);
        let fit =
            ty.results.len() == results.len() && ty.results.iter().zip(results).all(|(ty, value)| *ty == value.ty());
        if !fit {
            return Err(SpawnErrorKind::TypeMismatch);
        }
        self.last_answer = results.first().copied();
        self.machine.answer(thread.0, &mut results.iter().map(|value| (value.ty(), value.bits())));
        Ok(())
    }

    /// The same with one result or none; false if the thread does not wait or the result does not fit.
    pub(super) fn answer_one(&mut self, thread: Thread, result: Option<Val>) -> bool {
        let arena = &self.machine.arena;
        if !self.waits(thread) || !thread.0.host(arena).gives(arena, result.map(|value| value.ty())) {
            return false;
        }
        self.last_answer = result;
        self.machine.answer(thread.0, &mut result.iter().map(|value| (value.ty(), value.bits())));
        true
    }

    /// The first result of the host call that was answered last, for logs.
    pub fn last_answer(&self) -> Option<Val> {
        self.last_answer
    }

    /// Traps a thread that waits or is paused.
    pub fn fail(&mut self, thread: Thread, trap: Trap) {
        if thread.0.is_thread(&self.machine.arena) {
            self.machine.fail(thread.0, trap);
        }
    }

    /// Lets a thread that waits in a host call run another function first, on its own frame stack, such as
    /// `cabi_realloc`. `resume` runs it; when it returns, `resume` reports the same host call again, with `called_back`.
    /// Calls of host functions trap meanwhile.
    ///
    /// # Errors
    /// If the thread does not wait or runs a callback already, the arguments do not fit, or the arena is too small.
    pub fn call_back(&mut self, thread: Thread, func: Func, arguments: &[Val]) -> Result<(), SpawnError> {
        let ty = self.func_type(func);
        let fit =
            ty.params.len() == arguments.len() && ty.params.iter().zip(arguments).all(|(ty, value)| *ty == value.ty());
        if !self.waits(thread) {
            return Err(SpawnErrorKind::NotWaiting);
        }
        if !fit {
            return Err(SpawnErrorKind::TypeMismatch);
        }
        self.machine.call_back(thread.0, func.0, &mut arguments.iter().map(|value| (value.ty(), value.bits())))
    }

    /// Ends a thread, whatever it does, and gives its frame stack back.
    pub fn end(&mut self, thread: Thread) {
        if thread.0.is_thread(&self.machine.arena) {
            self.machine.arena.free_upper(thread.0.0);
        }
    }

    /// Fuel that a thread has consumed so far.
    pub fn fuel_consumed(&self, thread: Thread) -> u64 {
        self.state(thread).map_or(0, |_| thread.0.consumed(&self.machine.arena))
    }

    /// Tells the frames of a thread, innermost first. The offsets take preparing the functions again, in `scratch`; with too
    /// little of it they are missing.
    pub fn backtrace(&self, thread: Thread, scratch: &mut [u8], sink: &mut dyn FnMut(FrameInfo<'a>)) {
        let arena = &self.machine.arena;
        if matches!(self.state(thread), None | Some(State::Ready)) {
            return;
        }
        let mut instance = thread.0.instance(arena);
        let mut place = thread.0.ip(arena);
        let mut at = thread.0.records_at(arena);
        let waiting = thread.0.state(arena) == State::Waiting;
        let mut innermost = !waiting;
        loop {
            if let Some(running) = instance {
                self.frame(running, if innermost { place } else { place.saturating_sub(2) }, scratch, sink);
            }
            innermost = false;
            loop {
                let (first, second) = (arena.bytes.get32(at), arena.bytes.get32(at + 4));
                match second & record::MASK {
                    record::PLAIN => {
                        place = first;
                        at += 8;
                        break;
                    }
                    record::INSTANCE => {
                        instance = Some(InstanceSegment(first));
                        at += 8;
                    }
                    record::BASE => return,
                    _ => {
                        instance = Some(arena.bytes.get32(at + 8)).filter(|&id| id != NONE).map(InstanceSegment);
                        place = arena.bytes.get32(at + 20);
                        at += 24;
                        break;
                    }
                }
            }
        }
    }

    fn frame(&self, instance: InstanceSegment, place: u32, scratch: &mut [u8], sink: &mut dyn FnMut(FrameInfo<'a>)) {
        if let Some(module) = instance.module(&self.machine.arena) {
            let func_index = module.func_at(place);
            let offset = module.locate(place, scratch).ok();
            sink(FrameInfo { instance: Instance(instance), func_index, offset, name: module.name_of(func_index) });
        }
    }

    /// How the arena is used.
    pub fn stats(&self) -> Stats {
        let arena = &self.machine.arena;
        let total = arena.len_bytes();
        let mut stats = Stats { total, used: total - arena.free_bytes(), peak: arena.peak_bytes(), ..Stats::default() };
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

    /// A memory, if it is this store's.
    pub(super) fn known(&self, memory: Memory) -> Option<MemorySegment> {
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
            None => self.known(memory).ok_or(Trap::MemoryOutOfBounds)?.read(&self.machine.arena, address, out),
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

    /// Commits a range of guest memory and lends it.
    ///
    /// # Errors
    /// `MemoryOutOfBounds` or `OutOfMemory`.
    pub fn slice_mut(&mut self, memory: Memory, address: u64, len: u64) -> Result<&mut [u8], Trap> {
        self.note_write(address, len);
        self.lend(memory, address, len)
    }

    fn lend(&mut self, memory: Memory, address: u64, len: u64) -> Result<&mut [u8], Trap> {
        match self.machine.window_on(memory.0, address, len) {
            Some((at, len)) => Ok(self.machine.arena.bytes.slice_mut(at, len)),
            None => {
                let memory = self.known(memory).ok_or(Trap::MemoryOutOfBounds)?;
                memory.slice_mut(&mut self.machine.arena, address, len).map(Option::unwrap_or_default)
            }
        }
    }

    /// From now on, remember which ranges of guest memory are written through this interface.
    pub fn watch_writes(&mut self) {
        self.writes = Some(Writes { ranges: [(0, 0); MAX_WRITES], count: 0 });
    }

    /// The ranges (address, length) written since `watch_writes` or the last `forget_writes`. Beyond 64 ranges the last one
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

    pub(super) fn note_write(&mut self, address: u64, len: u64) {
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
        known.is_some_and(|(table, _)| table.set(&mut self.machine.arena, index, value.bits() as u32).is_ok())
    }

    /// Grows a table; the old size, or `None` if its maximum or the arena forbids it, or the type differs.
    pub fn table_grow(&mut self, table: Table, delta: u32, value: Val) -> Option<u32> {
        let (table, _) = self.known_table(table).filter(|(_, element)| *element == value.ty())?;
        table.grow(&mut self.machine.arena, delta, value.bits() as u32)
    }
}

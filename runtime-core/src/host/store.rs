//! A store: instances, their memories and tables, and the threads that run in them, in one lent buffer.

use super::values::Thread;
use crate::engine::{Dispatch, Engine};
use crate::instance::{
    Extern, Func, Global, HOST_HANDLE, HostSegment, Instance, InstanceSegment, Kind, LinkError, LinkErrorKind, Linking,
    Memory, MemorySegment, Table, TableSegment, Val, allocate_global, fit, take_values, type_of,
};
use crate::isa::OutOfMemory;
use crate::isa::{ExternType, FuncType, GlobalType, MemoryType, TableType, Trap, ValType};
use crate::prepare::{Import, Module};
use crate::raw::{Exit, Lent};
use crate::run::{Machine, Open, SpawnErrorKind, State, record, runner};
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

    /// Makes a thread that will call a function. Its frame stack is carved from the arena and grows as needed; give it back with
    /// `end`.
    ///
    /// # Errors
    /// If the arguments have other types than the parameters, or the arena is too small.
    pub fn spawn(&mut self, func: Func, arguments: &[Val]) -> Result<Thread, SpawnError> {
        self.machine.spawn(func.0, arguments).map(Thread)
    }

    /// Runs a thread until it finishes, traps, waits for a host function, or has consumed about `fuel` units: a block starts while
    /// fuel is left, and what it consumes beyond that is taken from the next call. `u64::MAX` is no limit.
    pub fn resume(&mut self, thread: Thread, fuel: u64) -> Outcome {
        if !thread.0.is_thread(&self.machine.arena) {
            return Outcome::Trapped(Trap::Unreachable);
        }
        let exit = self.begin(thread, fuel);
        self.settle();
        match exit {
            Exit::Finished => Outcome::Finished,
            Exit::Trapped(trap) => Outcome::Trapped(trap),
            Exit::OutOfFuel => Outcome::OutOfFuel,
            Exit::HostCall => Outcome::HostCall(self.host_call(thread)),
        }
    }

    /// The same, a host call being left open: `settle` before anything is done with the store that is not said to be for open
    /// calls.
    pub(super) fn begin(&mut self, thread: Thread, fuel: u64) -> Exit {
        self.machine.begin(thread.0, fuel, runner(self.dispatch))
    }

    /// Goes on with the thread whose host call is open and answered.
    #[inline]
    pub(super) fn go_on(&mut self) -> Exit {
        self.machine.go_on(runner(self.dispatch))
    }

    /// Whether a thread is in the midst of a host call that was left open, and how.
    #[inline]
    pub(super) fn open(&self) -> Open {
        self.machine.open
    }

    /// Saves the host call that is open, if one is.
    pub(super) fn settle(&mut self) {
        self.machine.settle();
    }

    /// The host call that a thread waits in, open or not.
    #[inline]
    pub(super) fn host_call(&self, thread: Thread) -> HostCall {
        let machine = &self.machine;
        let (host, called_back) = match machine.open {
            Open::No => thread.0.call(&machine.arena),
            _ => (machine.waiting.host, machine.waiting.returned != NONE),
        };
        HostCall { id: host.id(&machine.arena), instance: self.calling(thread), called_back }
    }

    /// The instance that is in the host call that a thread waits in, open or not.
    pub(super) fn calling(&self, thread: Thread) -> Option<Instance> {
        let machine = &self.machine;
        let instance = match machine.open {
            Open::No => thread.0.instance(&machine.arena),
            _ => machine.instance,
        };
        instance.some().map(Instance)
    }

    /// Where in the arena a range of the calling instance's memory lies that is going to be written, if a host call is open and
    /// the machine's window shows all of it.
    #[inline]
    pub(super) fn shown(&self, address: u32, len: u32) -> Option<u32> {
        // Notes of what is written are taken elsewhere.
        if self.writes.is_none() { self.machine.shown(address, len) } else { None }
    }

    /// The same for the host call that a thread waits in, which is not open.
    pub(super) fn saved_call(&self, thread: Thread) -> (u32, bool, u32) {
        let call = self.host_call(thread);
        (call.id, call.called_back, self.arguments_at(thread))
    }

    /// The number and state of the host call that is open, and where its arguments are.
    #[inline]
    pub(super) fn open_call(&self) -> (u32, bool, u32) {
        let machine = &self.machine;
        (machine.waiting.host.id(&machine.arena), machine.waiting.returned != NONE, machine.waiting_at())
    }

    fn read_values(&self, at: u32, types: &[ValType], out: &mut [Val]) -> usize {
        take_values(&self.machine.arena, at, types, out);
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

    /// Where in the arena the arguments lie of the host call that a thread waits in, open or not.
    #[inline]
    pub(super) fn arguments_at(&self, thread: Thread) -> u32 {
        match self.open() {
            Open::No => thread.0.arguments_at(&self.machine.arena),
            _ => self.machine.waiting_at(),
        }
    }

    /// Whether the callback that was asked for last gives values of these types.
    pub(super) fn has_returned(&self, thread: Thread, types: &'static [ValType]) -> bool {
        let func = Func(match self.open() {
            Open::No => thread.0.callback(&self.machine.arena),
            _ => self.machine.callback,
        });
        let is_allocator = self.allocator.is_some_and(|allocator| allocator.func == func);
        is_allocator && types == [ValType::I32] || self.func_type(func).results == types
    }

    /// Slot `n` of the results of the callback that has just returned, likewise.
    pub(super) fn returned_slot(&self, thread: Thread, n: u32) -> u32 {
        let machine = &self.machine;
        let at = match machine.open {
            Open::No => thread.0.returned_at(&machine.arena),
            _ => Some(machine.fp() + machine.waiting.returned),
        };
        at.map_or(0, |at| machine.arena.bytes.get32(at + n * 4))
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

    /// Whether a thread waits for the answer of a host call, open or not.
    pub(super) fn waits(&self, thread: Thread) -> bool {
        match self.open() {
            Open::No => self.state(thread) == Some(State::Waiting),
            open => open == Open::Waiting,
        }
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
        if !fit(ty.results, results) {
            return Err(SpawnErrorKind::TypeMismatch);
        }
        self.last_answer = results.first().copied();
        self.machine.answer(thread.0, results);
        Ok(())
    }

    /// The same with one result or none, for a host call that may be open; false if the thread does not wait or the result does
    /// not fit.
    #[inline]
    pub(super) fn answer_one(&mut self, thread: Thread, result: Option<Val>) -> bool {
        if result.is_none() && self.machine.answer_nothing() {
            self.last_answer = None;
            return true;
        }
        self.answer_value(thread, result)
    }

    fn answer_value(&mut self, thread: Thread, result: Option<Val>) -> bool {
        if !self.waits(thread) {
            return false;
        }
        let arena = &self.machine.arena;
        let host = match self.open() {
            Open::No => thread.0.host(arena),
            _ => self.machine.waiting.host,
        };
        if !fit(host.ty(arena).results, result.as_slice()) {
            return false;
        }
        self.last_answer = result;
        self.machine.answer(thread.0, result.as_slice());
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
        let fits = fit(self.func_type(func).params, arguments);
        if !self.waits(thread) {
            return Err(SpawnErrorKind::NotWaiting);
        }
        if !fits {
            return Err(SpawnErrorKind::TypeMismatch);
        }
        let mut words = [0; MAX_CALLBACK_SLOTS];
        let count = slots_of(arguments, &mut words);
        let words = words.get(..count).ok_or(SpawnErrorKind::TypeMismatch)?;
        self.machine.call_back(thread.0, func.0, words)
    }

    /// The same for the instance that calls, by the name of its export. `None` if it has no such function, or one of another
    /// type.
    pub(super) fn call_back_export(
        &mut self,
        thread: Thread,
        wanted: Wanted,
        words: &[u32],
    ) -> Result<(), CallBackError> {
        let instance = self.calling(thread).ok_or(CallBackError::NoExport)?;
        let is_known = |known: &Callback| known.instance == instance && known.wanted == wanted;
        if !self.callback.as_ref().is_some_and(is_known) {
            self.callback = Some(self.find_callback(instance, wanted)?);
        }
        let Some(Callback { func, own, .. }) = &self.callback else { return Err(CallBackError::NoExport) };
        let outcome = match self.machine.open {
            Open::No => self.machine.call_back(thread.0, func.0, words),
            _ => self.machine.call_back_open(func.0, *own, words),
        };
        outcome.map_err(CallBackError::Spawn)
    }

    /// Lets a thread whose host call is open run the allocator of the calling instance, if that is the one that is remembered.
    #[inline]
    pub(super) fn call_allocator(&mut self, words: &[u32; 4]) -> Option<Result<(), SpawnError>> {
        let Allocator { instance, func, own } = self.allocator?;
        let is_it = self.machine.instance == instance.0 && self.machine.open == Open::Waiting;
        is_it.then(|| self.machine.call_back_open(func.0, own, words))
    }

    /// Runs the callback of the host call that is open to its end; the first slot of its results if it gets there.
    pub(super) fn finish_callback(&mut self) -> Option<u32> {
        if self.open() != Open::GoesOn || self.go_on() != Exit::HostCall {
            return None;
        }
        let machine = &mut self.machine;
        let at = machine.fp() + core::mem::replace(&mut machine.waiting.returned, NONE);
        Some(machine.arena.bytes.get32(at))
    }

    /// Remembers the export that was called back last as an allocator.
    pub(super) fn note_allocator(&mut self) {
        let known = self.callback.as_ref();
        self.allocator = known.map(|known| Allocator { instance: known.instance, func: known.func, own: known.own });
    }

    fn find_callback(&self, instance: Instance, wanted: Wanted) -> Result<Callback, CallBackError> {
        let arena = &self.machine.arena;
        let module = instance.0.module(arena).ok_or(CallBackError::NoExport)?;
        let found = module.exports().find(wanted.name).filter(|(kind, _)| *kind == 0);
        let (_, index) = found.ok_or(CallBackError::NoExport)?;
        let func = Func(instance.0.func(arena, index));
        let ty = self.func_type(func);
        if ty.params != wanted.params || ty.results != wanted.results {
            return Err(CallBackError::OtherType);
        }
        Ok(Callback { instance, wanted, func, own: index.checked_sub(module.header().imported_funcs) })
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
            if let Some(running) = instance.some() {
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
                        instance = InstanceSegment(first);
                        at += 8;
                    }
                    record::BASE => return,
                    _ => {
                        instance = InstanceSegment(arena.bytes.get32(at + 8));
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
    pub(super) fn check(&self, memory: Memory, address: u32, len: u32) -> Result<(), Trap> {
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
        known.is_some_and(|(table, _)| table.set(&mut self.machine.arena, index, value.bits() as u32))
    }

    /// Grows a table; the old size, or `None` if its maximum or the arena forbids it, or the type differs.
    pub fn table_grow(&mut self, table: Table, delta: u32, value: Val) -> Option<u32> {
        let (table, _) = self.known_table(table).filter(|(_, element)| *element == value.ty())?;
        table.grow(&mut self.machine.arena, delta, value.bits() as u32)
    }
}

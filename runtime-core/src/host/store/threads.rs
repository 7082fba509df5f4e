//! The threads of a store: how they begin, run, wait for answers, are called back, and end.

use super::{
    Allocator, CallBackError, Callback, FrameInfo, HostCall, MAX_CALLBACK_SLOTS, Outcome, SpawnError, Store, Wanted,
    slots_of,
};
use crate::host::values::Thread;
use crate::instance::{Func, Instance, InstanceSegment, Val, fit, take_values};
use crate::isa::{Trap, ValType};
use crate::raw::Exit;
use crate::run::{Open, SpawnErrorKind, State, record, runner};
use crate::validate::NONE;

impl<'a> Store<'a> {
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
    pub(in super::super) fn begin(&mut self, thread: Thread, fuel: u64) -> Exit {
        self.machine.begin(thread.0, fuel, runner(self.dispatch))
    }

    /// Goes on with the thread whose host call is open and answered.
    #[inline]
    pub(in super::super) fn go_on(&mut self) -> Exit {
        self.machine.go_on(runner(self.dispatch))
    }

    /// Whether a thread is in the midst of a host call that was left open, and how.
    #[inline]
    pub(in super::super) fn open(&self) -> Open {
        self.machine.open
    }

    /// Saves the host call that is open, if one is.
    pub(in super::super) fn settle(&mut self) {
        self.machine.settle();
    }

    /// The host call that a thread waits in, open or not.
    #[inline]
    pub(in super::super) fn host_call(&self, thread: Thread) -> HostCall {
        let machine = &self.machine;
        let (host, called_back) = match machine.open {
            Open::No => thread.0.call(&machine.arena),
            _ => (machine.waiting.host, machine.waiting.returned != NONE),
        };
        HostCall { id: host.id(&machine.arena), instance: self.calling(thread), called_back }
    }

    /// The instance that is in the host call that a thread waits in, open or not.
    pub(in super::super) fn calling(&self, thread: Thread) -> Option<Instance> {
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
    pub(in super::super) fn shown(&self, address: u32, len: u32) -> Option<u32> {
        // Notes of what is written are taken elsewhere.
        if self.writes.is_none() { self.machine.shown(address, len) } else { None }
    }

    /// The same for the host call that a thread waits in, which is not open.
    pub(in super::super) fn saved_call(&self, thread: Thread) -> (u32, bool, u32) {
        let call = self.host_call(thread);
        (call.id, call.called_back, self.arguments_at(thread))
    }

    /// The number and state of the host call that is open, and where its arguments are.
    #[inline]
    pub(in super::super) fn open_call(&self) -> (u32, bool, u32) {
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
    pub(in super::super) fn arguments_at(&self, thread: Thread) -> u32 {
        match self.open() {
            Open::No => thread.0.arguments_at(&self.machine.arena),
            _ => self.machine.waiting_at(),
        }
    }

    /// Whether the callback that was asked for last gives values of these types.
    pub(in super::super) fn has_returned(&self, thread: Thread, types: &'static [ValType]) -> bool {
        let func = Func(match self.open() {
            Open::No => thread.0.callback(&self.machine.arena),
            _ => self.machine.callback,
        });
        let is_allocator = self.allocator.is_some_and(|allocator| allocator.func == func);
        is_allocator && types == [ValType::I32] || self.func_type(func).results == types
    }

    /// Slot `n` of the results of the callback that has just returned, likewise.
    pub(in super::super) fn returned_slot(&self, thread: Thread, n: u32) -> u32 {
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
    pub(in super::super) fn waits(&self, thread: Thread) -> bool {
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
    pub(in super::super) fn answer_one(&mut self, thread: Thread, result: Option<Val>) -> bool {
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
    pub(in super::super) fn call_back_export(
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
    pub(in super::super) fn call_allocator(&mut self, words: &[u32; 4]) -> Option<Result<(), SpawnError>> {
        let Allocator { instance, func, own } = self.allocator?;
        let is_it = self.machine.instance == instance.0 && self.machine.open == Open::Waiting;
        is_it.then(|| self.machine.call_back_open(func.0, own, words))
    }

    /// Runs the callback of the host call that is open to its end; the first slot of its results if it gets there.
    pub(in super::super) fn finish_callback(&mut self) -> Option<u32> {
        if self.open() != Open::GoesOn || self.go_on() != Exit::HostCall {
            return None;
        }
        let machine = &mut self.machine;
        let at = machine.fp() + core::mem::replace(&mut machine.waiting.returned, NONE);
        Some(machine.arena.bytes.get32(at))
    }

    /// Remembers the export that was called back last as an allocator.
    pub(in super::super) fn note_allocator(&mut self) {
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
}

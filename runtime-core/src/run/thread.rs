//! Threads: frame stacks in the arena. A thread's segment begins with a header; frames grow up behind it, return records
//! grow down from its end.

use super::machine::{Entry, Machine, record};
use crate::instance::{Arena, HostSegment, InstanceSegment, Kind, SegmentId, type_of};
use crate::isa::OutOfMemory;
use crate::isa::{FuncType, Trap, ValType};
use crate::raw::{Exit, HasHot, RECORD_BYTES, words};
use crate::validate::NONE;

/// A thread in an arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ThreadSegment(pub(crate) SegmentId);

/// What a thread is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum State {
    /// Its function has not been entered.
    Ready,
    /// It stopped between two operations.
    Paused,
    /// It waits for the answer of a host function.
    Waiting,
    Finished,
    Trapped,
}

/// Why a thread cannot be made, or answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpawnErrorKind {
    /// Arguments or results of another number or type than the function's.
    TypeMismatch,
    /// The arena is too small.
    OutOfMemory(OutOfMemory),
    /// The thread is not in a host call.
    NotWaiting,
    /// There is no such function.
    UnknownFunction,
}

impl From<OutOfMemory> for SpawnErrorKind {
    fn from(lack: OutOfMemory) -> SpawnErrorKind {
        SpawnErrorKind::OutOfMemory(lack)
    }
}

words! {
    /// What a thread's segment begins with.
    Head {
        state,
        instance,
        /// In bytes from the code's start.
        ip,
        /// From the segment's start.
        fp,
        /// From the segment's end.
        records,
        /// The function that runs, for its results.
        entry,
        /// The host function that is waited for.
        host,
        /// Its arguments, from the frame's start; bit 0: it was called in the tail.
        arguments,
        consumed_low,
        consumed_high,
        /// Fuel owed, as a negative number of 64 bits.
        balance_low,
        balance_high,
        callbacks,
        /// Where the results of the last callback lie, from the frame's start; `NONE` if there was none.
        returned,
        /// The function of the callback that runs or ran.
        callback,
        trap,
    }
}

const HEADER: u32 = size_of::<Head>() as u32;

/// Bytes for frames and records that a thread begins with.
const FIRST_STACK: u32 = 256;

/// Bytes of a thread whose function has few parameters.
pub(super) const FIRST_THREAD: u32 = HEADER + FIRST_STACK + 2 * RECORD_BYTES;

impl Head {
    /// What a new thread begins with. It stands for one, too, where there is none.
    const NEW: Head = Head {
        state: State::Ready as u32,
        instance: NONE,
        ip: 0,
        fp: HEADER,
        records: RECORD_BYTES,
        entry: 0,
        host: 0,
        arguments: 0,
        consumed_low: 0,
        consumed_high: 0,
        balance_low: 0,
        balance_high: 0,
        callbacks: 0,
        returned: NONE,
        callback: 0,
        trap: 0,
    };

    fn state(&self) -> State {
        match self.state {
            0 => State::Ready,
            1 => State::Paused,
            2 => State::Waiting,
            3 => State::Finished,
            _ => State::Trapped,
        }
    }

    fn consumed(&self) -> u64 {
        u64::from(self.consumed_low) | u64::from(self.consumed_high) << 32
    }

    /// Books fuel that was consumed, less than nothing if some came back.
    fn consume(&mut self, fuel: i64) {
        let consumed = self.consumed().wrapping_add(fuel as u64);
        (self.consumed_low, self.consumed_high) = (consumed as u32, (consumed >> 32) as u32);
    }

    fn balance(&self) -> i64 {
        (u64::from(self.balance_low) | u64::from(self.balance_high) << 32) as i64
    }

    fn set_balance(&mut self, fuel: i64) {
        (self.balance_low, self.balance_high) = (fuel as u32, (fuel >> 32) as u32);
    }

    /// Notes that the thread waits for a host function.
    fn wait_for_host(&mut self, host: HostSegment, arguments: u32, tail: bool) {
        self.host = host.0;
        self.arguments = arguments | u32::from(tail);
        self.returned = NONE;
    }

    fn trap_at(&mut self, trap: Trap) {
        self.state = State::Trapped as u32;
        self.trap = encode(trap);
    }
}

impl ThreadSegment {
    fn head<'s>(self, arena: &'s Arena<'_>) -> &'s Head {
        arena.bytes.words(arena.start(self.0)).unwrap_or(const { &Head::NEW })
    }

    /// Changes the header.
    fn change(self, arena: &mut Arena<'_>, change: impl FnOnce(&mut Head)) {
        let start = arena.start(self.0);
        if let Some(head) = arena.bytes.words_mut(start) {
            change(head);
        }
    }

    pub(crate) fn is_thread(self, arena: &Arena<'_>) -> bool {
        self.0 < arena.count() && arena.kind(self.0) == Kind::Thread
    }

    pub(crate) fn state(self, arena: &Arena<'_>) -> State {
        self.head(arena).state()
    }

    pub(crate) fn entry(self, arena: &Arena<'_>) -> u32 {
        self.head(arena).entry
    }

    /// The host function that is waited for.
    pub(crate) fn host(self, arena: &Arena<'_>) -> HostSegment {
        HostSegment(self.head(arena).host)
    }

    pub(crate) fn callback(self, arena: &Arena<'_>) -> u32 {
        self.head(arena).callback
    }

    /// Callbacks that are running: imports trap meanwhile.
    pub(crate) fn callbacks(self, arena: &Arena<'_>) -> u32 {
        self.head(arena).callbacks
    }

    pub(crate) fn instance(self, arena: &Arena<'_>) -> Option<InstanceSegment> {
        Some(self.head(arena).instance).filter(|&id| id != NONE).map(InstanceSegment)
    }

    pub(crate) fn consumed(self, arena: &Arena<'_>) -> u64 {
        self.head(arena).consumed()
    }

    /// Offset in the arena of the frame, of a host call's arguments, or of a callback's results.
    fn frame(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + self.head(arena).fp
    }

    pub(crate) fn results_at(self, arena: &Arena<'_>) -> u32 {
        self.frame(arena)
    }

    pub(crate) fn arguments_at(self, arena: &Arena<'_>) -> u32 {
        let start = arena.start(self.0);
        let head = arena.bytes.words(start).unwrap_or(const { &Head::NEW });
        start + head.fp + (head.arguments & !3)
    }

    pub(crate) fn returned_at(self, arena: &Arena<'_>) -> Option<u32> {
        Some(self.head(arena).returned).filter(|&at| at != NONE).map(|at| self.frame(arena) + at)
    }

    pub(crate) fn ip(self, arena: &Arena<'_>) -> u32 {
        self.head(arena).ip
    }

    pub(crate) fn records_at(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + arena.len(self.0) - self.head(arena).records
    }

    /// What the host is told of the call that the thread waits in: the function, the caller, whether a callback has returned.
    pub(crate) fn call(self, arena: &Arena<'_>) -> (HostSegment, Option<InstanceSegment>, bool) {
        let head = self.head(arena);
        let instance = Some(head.instance).filter(|&id| id != NONE).map(InstanceSegment);
        (HostSegment(head.host), instance, head.returned != NONE)
    }

    /// Notes that the thread waits for a host function.
    pub(crate) fn wait_for_host(self, arena: &mut Arena<'_>, host: HostSegment, arguments: u32, tail: bool) {
        self.change(arena, |head| head.wait_for_host(host, arguments, tail));
    }

    /// Notes that a callback has returned, and the thread waits again for the host function that asked for it.
    pub(crate) fn end_callback(self, arena: &mut Arena<'_>, host: HostSegment, place: u32, results: u32) {
        self.change(arena, |head| {
            head.wait_for_host(host, place & !3, place & 1 != 0);
            head.callbacks = 0;
            head.returned = results;
        });
    }
}

/// Slots that a host function's arguments and results need.
fn host_slots(ty: FuncType<'_>) -> u32 {
    ty.param_slots().max(ty.result_slots())
}

/// Values as slots: pairs of type and bits.
pub(crate) type Bits = (ValType, u64);

impl<'a> Machine<'a> {
    /// Makes a thread that will call the function behind a handle.
    pub(crate) fn spawn(
        &mut self,
        handle: u32,
        values: &mut (dyn ExactSizeIterator<Item = Bits> + '_),
        types_fit: bool,
    ) -> Result<ThreadSegment, SpawnErrorKind> {
        let ty = type_of(&self.arena, handle).ok_or(SpawnErrorKind::UnknownFunction)?;
        if !types_fit || ty.params.len() != values.len() {
            return Err(SpawnErrorKind::TypeMismatch);
        }
        let len = HEADER + (host_slots(ty) * 4).next_multiple_of(8).max(FIRST_STACK) + 2 * RECORD_BYTES;
        let id = match self.arena.allocate_upper(Kind::Thread, len) {
            Err(_) if self.trim() => self.arena.allocate_upper(Kind::Thread, len)?,
            allocated => allocated?,
        };
        let thread = ThreadSegment(id);
        let start = self.arena.start(id);
        thread.change(&mut self.arena, |head| *head = Head { entry: handle, ..Head::NEW });
        self.write_values(start + HEADER, values);
        let records = start + len - RECORD_BYTES;
        self.arena.bytes.set32(records, 0);
        self.arena.bytes.set32(records + 4, record::BASE);
        Ok(thread)
    }

    fn write_values(&mut self, mut at: u32, values: &mut dyn ExactSizeIterator<Item = Bits>) {
        for (ty, bits) in values {
            if ty.slots() == 2 {
                self.arena.bytes.set64(at, bits);
            } else {
                self.arena.bytes.set32(at, bits as u32);
            }
            at += ty.slots() * 4;
        }
    }

    /// Loads a thread's registers, unless they are still what `detach` left.
    fn attach(&mut self, thread: ThreadSegment) {
        if self.loaded == (thread, self.arena.version()) {
            return;
        }
        self.thread = thread;
        self.instance = thread.instance(&self.arena);
        self.refresh();
        let (fp, records) = (thread.frame(&self.arena), thread.records_at(&self.arena));
        self.go(thread.ip(&self.arena), fp, records);
        self.loaded = (thread, self.arena.version());
    }

    /// Saves the registers in the thread.
    fn detach(&mut self, state: State) {
        let thread = self.thread;
        let start = self.arena.start(thread.0);
        let end = start + self.arena.len(thread.0);
        let instance = self.instance.map_or(NONE, |instance| instance.0);
        let (ip, fp, records) = (self.ip(), self.fp() - start, end - self.records());
        if let Some(head) = self.arena.bytes.words_mut::<Head>(start) {
            (head.state, head.instance) = (state as u32, instance);
            (head.ip, head.fp, head.records) = (ip, fp, records);
        }
        self.loaded = (thread, self.arena.version());
    }

    /// Runs a thread until it stops, or has used up its fuel.
    pub(crate) fn resume(&mut self, thread: ThreadSegment, mut fuel: u64, run: fn(&mut Machine<'a>)) -> Exit {
        loop {
            let state = thread.state(&self.arena);
            match state {
                State::Waiting => return Exit::HostCall,
                State::Finished => return Exit::Finished,
                State::Trapped => return Exit::Trapped(self.trap_of(thread)),
                State::Ready | State::Paused => {}
            }
            let slice = fuel.min(MAX_SLICE);
            fuel -= slice;
            let exit = self.run_slice(thread, state, slice as i64, run);
            if exit != Exit::OutOfFuel || fuel == 0 {
                return exit;
            }
        }
    }

    fn run_slice(&mut self, thread: ThreadSegment, state: State, slice: i64, run: fn(&mut Machine<'a>)) -> Exit {
        let Head { entry, .. } = *thread.head(&self.arena);
        let available = thread.head(&self.arena).balance().saturating_add(slice);
        if available <= 0 {
            thread.change(&mut self.arena, |head| head.set_balance(available));
            return Exit::OutOfFuel;
        }
        self.attach(thread);
        self.hot_mut().fuel = available as isize;
        let entered = state != State::Ready || self.invoke(entry, 0, Entry::Outside);
        if entered {
            run(self);
        }
        let exit = self.exit();
        self.detach(match exit {
            // A thread that has no fuel to enter its function is as ready as before.
            Exit::OutOfFuel if !entered => State::Ready,
            Exit::OutOfFuel => State::Paused,
            Exit::Finished => State::Finished,
            Exit::HostCall => State::Waiting,
            Exit::Trapped(_) => State::Trapped,
        });
        // Books what was consumed; a debt stays with the thread.
        let owed = core::mem::take(&mut self.owed);
        let left = (self.hot().fuel as i64).saturating_sub_unsigned(owed);
        thread.change(&mut self.arena, |head| {
            head.consume(available.wrapping_sub(left));
            head.set_balance(left.min(0));
            if let Exit::Trapped(trap) = exit {
                head.trap_at(trap);
            }
        });
        exit
    }

    pub(crate) fn trap_of(&self, thread: ThreadSegment) -> Trap {
        decode(thread.head(&self.arena).trap)
    }

    /// Answers the host call that a thread waits in.
    pub(crate) fn answer(&mut self, thread: ThreadSegment, values: &mut (dyn ExactSizeIterator<Item = Bits> + '_)) {
        let at = thread.arguments_at(&self.arena);
        self.write_values(at, values);
        if thread.head(&self.arena).arguments & 1 == 0 {
            thread.change(&mut self.arena, |head| head.state = State::Paused as u32);
            return;
        }
        self.attach(thread);
        let goes_on = self.return_slowly();
        self.detach(if goes_on {
            State::Paused
        } else if self.exit() == Exit::HostCall {
            State::Waiting
        } else {
            State::Finished
        });
    }

    /// Ends a waiting or paused thread with a trap.
    pub(crate) fn fail(&mut self, thread: ThreadSegment, trap: Trap) {
        thread.change(&mut self.arena, |head| head.trap_at(trap));
    }

    /// Lets a thread that waits in a host call run another function first, on the same stack.
    pub(crate) fn call_back(
        &mut self,
        thread: ThreadSegment,
        handle: u32,
        values: &mut (dyn ExactSizeIterator<Item = Bits> + '_),
    ) -> Result<(), SpawnErrorKind> {
        if thread.state(&self.arena) != State::Waiting || thread.callbacks(&self.arena) != 0 {
            return Err(SpawnErrorKind::NotWaiting);
        }
        let slots = host_slots(type_of(&self.arena, handle).ok_or(SpawnErrorKind::UnknownFunction)?);
        self.attach(thread);
        let frame = self.waiting_frame();
        if !self.make_room(frame + slots * 4 + 4 * RECORD_BYTES) {
            return Err(SpawnErrorKind::OutOfMemory(OutOfMemory { missing_bytes: slots * 4 }));
        }
        let Head { host, arguments: place, .. } = *thread.head(&self.arena);
        let (ip, fp) = (self.ip(), self.fp());
        self.push_record(host, ip);
        let instance = self.instance.map_or(NONE, |instance| instance.0);
        self.push_record(instance, place);
        self.push_record(frame, record::CALLBACK);
        self.write_values(fp + frame, values);
        self.go(ip, fp + frame, self.records());
        thread.change(&mut self.arena, |head| (head.callbacks, head.callback) = (1, handle));
        self.hot_mut().fuel = 1;
        let entered = self.invoke(handle, 0, Entry::Outside);
        if entered {
            // What entering costs is owed by the next slice.
            let cost = 1i64.saturating_sub(self.hot().fuel as i64);
            thread.change(&mut self.arena, |head| {
                head.set_balance(head.balance().saturating_sub(cost));
                head.consume(cost);
            });
            self.detach(State::Paused);
        } else {
            let trap = if let Exit::Trapped(trap) = self.exit() { trap } else { Trap::ReentrantImport };
            self.detach(State::Trapped);
            thread.change(&mut self.arena, |head| head.trap_at(trap));
        }
        Ok(())
    }

    /// Bytes of the frame of the function that called the host.
    fn waiting_frame(&self) -> u32 {
        let host = host_slots(self.thread.host(&self.arena).ty(&self.arena)) * 4;
        match self.instance.and_then(|instance| instance.module(&self.arena)) {
            Some(module) => u32::from(module.unit(module.func(module.func_at(self.ip())).code)).max(host),
            None => host,
        }
    }
}

/// Fuel of one uninterrupted run: what a balance of a 32-bit target holds with room for debts.
const MAX_SLICE: u64 = 1 << 29;

fn encode(trap: Trap) -> u32 {
    match trap {
        Trap::Unreachable => 1,
        Trap::IntegerDivideByZero => 2,
        Trap::IntegerOverflow => 3,
        Trap::InvalidConversionToInteger => 4,
        Trap::MemoryOutOfBounds => 5,
        Trap::TableOutOfBounds => 6,
        Trap::UndefinedElement => 7,
        Trap::UninitializedElement => 8,
        Trap::IndirectCallTypeMismatch => 9,
        Trap::StackOverflow => 10,
        Trap::OutOfMemory => 11,
        Trap::ReentrantImport => 12,
        Trap::Host(code) => code.saturating_add(HOST_TRAPS),
    }
}

/// Numbers from here on are codes of the host's.
const HOST_TRAPS: u32 = 16;

fn decode(number: u32) -> Trap {
    match number {
        1 => Trap::Unreachable,
        2 => Trap::IntegerDivideByZero,
        3 => Trap::IntegerOverflow,
        4 => Trap::InvalidConversionToInteger,
        5 => Trap::MemoryOutOfBounds,
        6 => Trap::TableOutOfBounds,
        7 => Trap::UndefinedElement,
        8 => Trap::UninitializedElement,
        9 => Trap::IndirectCallTypeMismatch,
        10 => Trap::StackOverflow,
        11 => Trap::OutOfMemory,
        12 => Trap::ReentrantImport,
        code => Trap::Host(code.wrapping_sub(HOST_TRAPS)),
    }
}

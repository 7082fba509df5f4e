//! Threads: frame stacks in the arena. A thread's segment begins with a header; frames grow up behind it, return records
//! grow down from its end.

use super::machine::{Entry, Machine, record};
use crate::instance::{Arena, HostSegment, InstanceSegment, Kind, SegmentId, type_of};
use crate::isa::OutOfMemory;
use crate::isa::{FuncType, Trap, ValType};
use crate::raw::{Exit, HasHot, RECORD_BYTES};
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

// The header's words.
const STATE: u32 = 0;
const INSTANCE: u32 = 4;
const IP: u32 = 8;
/// From the segment's start
const FP: u32 = 12;
/// From the segment's end
const RECORDS: u32 = 16;
/// The function that runs, for its results
const ENTRY: u32 = 20;
/// The host function that is waited for
const HOST: u32 = 24;
/// Its arguments, from the frame's start; bit 0: it was called in the tail
const ARGUMENTS: u32 = 28;
const CONSUMED: u32 = 32;
/// Fuel owed, as a negative number of 64 bits
const BALANCE: u32 = 40;
const CALLBACKS: u32 = 48;
/// Where the results of the last callback lie, from the frame's start; `NONE` if there was none
const RETURNED: u32 = 52;
/// The function of the callback that runs or ran
const CALLBACK: u32 = 56;
const TRAP: u32 = 60;
const HEADER: u32 = 64;

/// Bytes for frames and records that a thread begins with.
const FIRST_STACK: u32 = 256;

impl ThreadSegment {
    fn get(self, arena: &Arena<'_>, at: u32) -> u32 {
        arena.word(self.0, at)
    }

    fn set(self, arena: &mut Arena<'_>, at: u32, value: u32) {
        arena.set_word(self.0, at, value);
    }

    pub(crate) fn is_thread(self, arena: &Arena<'_>) -> bool {
        self.0 < arena.count() && arena.kind(self.0) == Kind::Thread
    }

    pub(crate) fn state(self, arena: &Arena<'_>) -> State {
        match self.get(arena, STATE) {
            0 => State::Ready,
            1 => State::Paused,
            2 => State::Waiting,
            3 => State::Finished,
            _ => State::Trapped,
        }
    }

    fn set_state(self, arena: &mut Arena<'_>, state: State) {
        self.set(arena, STATE, state as u32);
    }

    pub(crate) fn entry(self, arena: &Arena<'_>) -> u32 {
        self.get(arena, ENTRY)
    }

    /// The host function that is waited for.
    pub(crate) fn host(self, arena: &Arena<'_>) -> HostSegment {
        HostSegment(self.get(arena, HOST))
    }

    pub(crate) fn callback(self, arena: &Arena<'_>) -> u32 {
        self.get(arena, CALLBACK)
    }

    /// Callbacks that are running: imports trap meanwhile.
    pub(crate) fn callbacks(self, arena: &Arena<'_>) -> u32 {
        self.get(arena, CALLBACKS)
    }

    pub(crate) fn instance(self, arena: &Arena<'_>) -> Option<InstanceSegment> {
        Some(self.get(arena, INSTANCE)).filter(|&id| id != NONE).map(InstanceSegment)
    }

    pub(crate) fn consumed(self, arena: &Arena<'_>) -> u64 {
        arena.bytes.get64(arena.start(self.0) + CONSUMED)
    }

    pub(crate) fn balance(self, arena: &Arena<'_>) -> i64 {
        arena.bytes.get64(arena.start(self.0) + BALANCE) as i64
    }

    /// Offset in the arena of the frame, of a host call's arguments, or of a callback's results.
    fn frame(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + self.get(arena, FP)
    }

    pub(crate) fn results_at(self, arena: &Arena<'_>) -> u32 {
        self.frame(arena)
    }

    pub(crate) fn arguments_at(self, arena: &Arena<'_>) -> u32 {
        self.frame(arena) + (self.get(arena, ARGUMENTS) & !3)
    }

    pub(crate) fn returned_at(self, arena: &Arena<'_>) -> Option<u32> {
        Some(self.get(arena, RETURNED)).filter(|&at| at != NONE).map(|at| self.frame(arena) + at)
    }

    pub(crate) fn ip(self, arena: &Arena<'_>) -> u32 {
        self.get(arena, IP)
    }

    pub(crate) fn records_at(self, arena: &Arena<'_>) -> u32 {
        arena.start(self.0) + arena.len(self.0) - self.get(arena, RECORDS)
    }

    /// Notes that the thread waits for a host function.
    pub(crate) fn wait_for_host(self, arena: &mut Arena<'_>, host: HostSegment, arguments: u32, tail: bool) {
        self.set(arena, HOST, host.0);
        self.set(arena, ARGUMENTS, arguments | u32::from(tail));
        self.set(arena, RETURNED, NONE);
    }

    pub(crate) fn end_callback(self, arena: &mut Arena<'_>, results: u32) {
        self.set(arena, CALLBACKS, 0);
        self.set(arena, RETURNED, results);
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
        let id = self.arena.allocate_upper(Kind::Thread, len)?;
        let thread = ThreadSegment(id);
        let start = self.arena.start(id);
        self.arena.bytes.zero(start, HEADER);
        for (at, word) in [(INSTANCE, NONE), (FP, HEADER), (RECORDS, RECORD_BYTES), (ENTRY, handle), (RETURNED, NONE)] {
            thread.set(&mut self.arena, at, word);
        }
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

    /// Loads a thread's registers.
    fn attach(&mut self, thread: ThreadSegment) {
        self.thread = thread;
        self.instance = thread.instance(&self.arena);
        self.refresh();
        let (fp, records) = (thread.frame(&self.arena), thread.records_at(&self.arena));
        self.go(thread.ip(&self.arena), fp, records);
    }

    /// Saves the registers in the thread.
    fn detach(&mut self, state: State) {
        let thread = self.thread;
        let start = self.arena.start(thread.0);
        let end = start + self.arena.len(thread.0);
        let words = [
            (STATE, state as u32),
            (INSTANCE, self.instance.map_or(NONE, |instance| instance.0)),
            (IP, self.ip()),
            (FP, self.fp() - start),
            (RECORDS, end - self.records()),
        ];
        for (at, word) in words {
            thread.set(&mut self.arena, at, word);
        }
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
        let available = thread.balance(&self.arena).saturating_add(slice);
        let at = self.arena.start(thread.0) + BALANCE;
        self.arena.bytes.set64(at, available.min(0) as u64);
        if available <= 0 {
            return Exit::OutOfFuel;
        }
        self.attach(thread);
        self.hot_mut().fuel = available as isize;
        let handle = thread.entry(&self.arena);
        let entered = state != State::Ready || self.invoke(handle, 0, Entry::Outside);
        if entered {
            run(self);
        }
        let exit = self.exit();
        self.settle(thread, available);
        self.detach(match exit {
            // A thread that has no fuel to enter its function is as ready as before.
            Exit::OutOfFuel if !entered => State::Ready,
            Exit::OutOfFuel => State::Paused,
            Exit::Finished => State::Finished,
            Exit::HostCall => State::Waiting,
            Exit::Trapped(_) => State::Trapped,
        });
        if let Exit::Trapped(trap) = exit {
            thread.set(&mut self.arena, TRAP, encode(trap));
        }
        exit
    }

    /// Books what was consumed; a debt stays with the thread.
    fn settle(&mut self, thread: ThreadSegment, available: i64) {
        let owed = core::mem::take(&mut self.owed);
        let left = (self.hot().fuel as i64).saturating_sub_unsigned(owed);
        let start = self.arena.start(thread.0);
        let consumed = thread.consumed(&self.arena).wrapping_add(available.wrapping_sub(left) as u64);
        self.arena.bytes.set64(start + CONSUMED, consumed);
        self.arena.bytes.set64(start + BALANCE, left.min(0) as u64);
    }

    pub(crate) fn trap_of(&self, thread: ThreadSegment) -> Trap {
        decode(thread.get(&self.arena, TRAP))
    }

    /// Answers the host call that a thread waits in.
    pub(crate) fn answer(
        &mut self,
        thread: ThreadSegment,
        values: &mut (dyn ExactSizeIterator<Item = Bits> + '_),
    ) -> Result<(), SpawnErrorKind> {
        if thread.state(&self.arena) != State::Waiting {
            return Err(SpawnErrorKind::NotWaiting);
        }
        let at = thread.arguments_at(&self.arena);
        self.write_values(at, values);
        if thread.get(&self.arena, ARGUMENTS) & 1 == 0 {
            thread.set_state(&mut self.arena, State::Paused);
            return Ok(());
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
        Ok(())
    }

    /// Ends a waiting or paused thread with a trap.
    pub(crate) fn fail(&mut self, thread: ThreadSegment, trap: Trap) {
        thread.set_state(&mut self.arena, State::Trapped);
        thread.set(&mut self.arena, TRAP, encode(trap));
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
        let (host, place) = (thread.host(&self.arena), thread.get(&self.arena, ARGUMENTS));
        let (ip, fp) = (self.ip(), self.fp());
        self.push_record(host.0, ip);
        let instance = self.instance.map_or(NONE, |instance| instance.0);
        self.push_record(instance, place);
        self.push_record(frame, record::CALLBACK);
        self.write_values(fp + frame, values);
        self.go(ip, fp + frame, self.records());
        thread.set(&mut self.arena, CALLBACKS, 1);
        thread.set(&mut self.arena, CALLBACK, handle);
        self.hot_mut().fuel = 1;
        let entered = self.invoke(handle, 0, Entry::Outside);
        if entered {
            // What entering costs is owed by the next slice.
            let cost = 1i64.saturating_sub(self.hot().fuel as i64);
            let start = self.arena.start(thread.0);
            let balance = thread.balance(&self.arena).saturating_sub(cost);
            self.arena.bytes.set64(start + BALANCE, balance as u64);
            let consumed = thread.consumed(&self.arena).wrapping_add(cost as u64);
            self.arena.bytes.set64(start + CONSUMED, consumed);
            self.detach(State::Paused);
        } else {
            let trap = if let Exit::Trapped(trap) = self.exit() { trap } else { Trap::ReentrantImport };
            self.detach(State::Trapped);
            thread.set(&mut self.arena, TRAP, encode(trap));
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

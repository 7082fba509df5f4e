//! The machine's state beside its registers, and the cold paths that change where it is: entering functions of this and other
//! instances, calling hosts, returning, growing the frame stack.

use super::thread::{FIRST_THREAD, ThreadSegment};

use crate::instance::{Arena, HostSegment, InstanceSegment, Kind, MemorySegment, Part, TableSegment, owner};
use crate::isa::Trap;
use crate::raw::{Exit, HasHot, Hot, Lent, RECORD_BYTES, Regs, words};
use crate::validate::NONE;

/// Kinds of return records, in the lowest bits of their second word.
pub(crate) mod record {
    /// Back into the same instance
    pub(crate) const PLAIN: u32 = 0;
    /// The first word names the instance to go back to; the record below says where
    pub(crate) const INSTANCE: u32 = 1;
    /// The thread's function returns
    pub(crate) const BASE: u32 = 2;
    /// The function that a host call asked for returns
    pub(crate) const CALLBACK: u32 = 3;
    pub(crate) const MASK: u32 = 3;
}

/// Bit of a place of arguments: the host function was called in the tail, so that its answer is its caller's.
pub(crate) const IN_THE_TAIL: u32 = 1;

words! {
    /// The records of a callback, the newest first: three of two words.
    CallbackRecords {
        /// Where the callback's frame begins, from that of the caller's.
        frame,
        kind,
        /// The calling instance, or `NONE`.
        instance,
        /// Where the host call's arguments lie.
        place,
        host,
        /// Where the caller goes on.
        back,
    }
}

/// The share of the arena that looking for zeros must free to go on, as a divisor.
const WORTH_TRIMMING: u32 = 128;

/// Bytes that a frame stack grows by at least.
const STACK_STEP: u32 = 256;

/// One machine: an arena, and the thread that is running in it. What a host call needs comes first, where short instructions
/// reach it.
#[repr(C)]
pub(crate) struct Machine<'a> {
    pub(crate) arena: Arena<'a>,
    /// Whether that thread runs a callback: imports trap meanwhile.
    pub(super) called_back: bool,
    /// Whether that thread is in the midst of a host call, with what its segment should say still in the registers and below.
    pub(crate) open: Open,
    /// The host call that stopped the machine last.
    pub(crate) waiting: Waiting,
    hot: Hot,
    pub(crate) instance: InstanceSegment,
    /// The first memory of that instance.
    pub(crate) memory: Option<MemorySegment>,
    pub(crate) thread: ThreadSegment,
    /// The thread whose registers are loaded, and the arena's version that they were last true for.
    pub(super) loaded: (ThreadSegment, u32),
    /// The arena's version that the registers were loaded for last, whatever they have become since.
    seen: u32,
    /// The function of the callback that was entered last.
    pub(crate) callback: u32,
    /// Fuel that the running slice began with, and what the thread may have beyond it.
    pub(super) slice: Slice,
    /// Fuel of bulk operations beyond what the balance can hold on a small target.
    pub(crate) owed: u64,
    /// How much of a copy was done before it lacked memory.
    pub(super) copied: u32,
    /// The cold path to take.
    #[cfg(all(wasmote_optimised, not(wasmote_small)))]
    pub(crate) cold: super::Cold,
}

impl HasHot for Machine<'_> {
    #[inline(always)]
    fn hot(&self) -> &Hot {
        &self.hot
    }
    #[inline(always)]
    fn hot_mut(&mut self) -> &mut Hot {
        &mut self.hot
    }
}

/// A host call that is not yet saved in its thread's segment: most are answered at once, and saving takes longer than many of
/// them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Open {
    /// What the segments say is true.
    No,
    /// The thread waits for the host's answer.
    Waiting,
    /// It has the answer, or has entered the callback that the host asked for, and can go on.
    GoesOn,
}

/// What a thread waits for.
#[derive(Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) host: HostSegment,
    /// The arguments, in bytes from the frame's start; bit 0: it was called in the tail.
    pub(crate) place: u32,
    /// Where the results of the callback that has just returned lie, from the frame's start; `NONE` if none has.
    pub(crate) returned: u32,
}

/// Fuel of a run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slice {
    /// What the balance held when the slice began.
    pub(super) available: i64,
    /// What is left for further slices.
    pub(super) rest: u64,
}

/// How a function is entered.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Entry {
    /// By a call of so many units: it goes on behind it.
    Call(u32),
    /// In place of the current frame, with so many bytes of arguments.
    Tail(u32),
    /// From outside; the record is there already.
    Outside,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(bytes: Lent<'a>) -> Machine<'a> {
        let thread = ThreadSegment(NONE);
        Machine {
            hot: Hot::new(),
            arena: Arena::new(bytes),
            thread,
            instance: InstanceSegment::NOBODY,
            memory: None,
            loaded: (thread, 0),
            seen: 0,
            called_back: false,
            open: Open::No,
            waiting: Waiting { host: HostSegment(NONE), place: 0, returned: NONE },
            callback: 0,
            slice: Slice::default(),
            owed: 0,
            copied: 0,
            #[cfg(all(wasmote_optimised, not(wasmote_small)))]
            cold: |_| false,
        }
    }

    /// Goes on so many units behind.
    pub(super) fn skip(&mut self, units: u32) {
        self.hot.skip(units);
    }

    /// Stops the machine.
    pub(crate) fn stop(&mut self, exit: Exit) -> bool {
        self.hot.exit = exit;
        false
    }

    pub(crate) fn stop_at(&mut self, trap: Trap) -> bool {
        self.stop(Exit::Trapped(trap))
    }

    pub(crate) fn exit(&self) -> Exit {
        self.hot.exit
    }

    /// The three operands of a bulk operation; how much it is about comes last.
    pub(super) fn bulk_operands(&mut self) -> (u32, u32, u32) {
        let r = self.operands();
        (r.get(1), r.get(2), r.get(3))
    }

    /// Charges for each unit of a bulk operation's length.
    pub(crate) fn charge_bulk(&mut self, len: u32) {
        let now = len.min(1 << 28);
        self.hot.fuel = self.hot.fuel.saturating_sub(now as isize);
        self.owed += u64::from(len - now);
    }

    /// Moves bytes of the first memory within the window, as most bulk operations do: false if it does not show them all.
    pub(super) fn slide_shown(&mut self, from: u32, to: u32, len: u32) -> bool {
        self.hot.slide(from, to, len)
    }

    /// Fills bytes likewise.
    pub(super) fn fill_shown(&mut self, to: u32, byte: u8, len: u32) -> bool {
        self.hot.fill(to, byte, len)
    }

    /// Passes over a cold operation, once it is done. What it moved or resized is looked at again.
    pub(super) fn finish(&mut self, units: u32, done: Result<(), Trap>) -> bool {
        if self.arena.version() != self.seen {
            self.refresh();
        }
        match done {
            Ok(()) => {
                self.hot.skip(units);
                true
            }
            Err(trap) => self.stop_at(trap),
        }
    }

    /// Offset of the frame in the arena.
    pub(crate) fn fp(&self) -> u32 {
        self.arena.bytes.offset_of(self.hot.fp())
    }

    /// Offset of the newest return record in the arena.
    pub(crate) fn records(&self) -> u32 {
        self.arena.bytes.offset_of(self.hot.records())
    }

    pub(crate) fn ip(&self) -> u32 {
        self.hot.ip_offset()
    }

    /// Goes to an operation of the current instance, by its offset from the code's start in bytes.
    pub(crate) fn go(&mut self, ip: u32, fp: u32, records: u32) {
        let (fp, records) = (self.arena.bytes.pointer(fp), self.arena.bytes.pointer(records));
        self.hot.set_position(ip, fp, records);
    }

    /// Begins a callback's frame, `frame` bytes above the one of the host call that is waited for. There is room.
    pub(super) fn begin_callback(&mut self, frame: u32) {
        let (instance, Waiting { host, place, .. }) = (self.instance.0, self.waiting);
        let (at, records) = (self.fp() + frame, self.records() - size_of::<CallbackRecords>() as u32);
        let back = self.ip();
        if let Some(pushed) = self.arena.bytes.words_mut::<CallbackRecords>(records) {
            *pushed = CallbackRecords { frame, kind: record::CALLBACK, instance, place, host: host.0, back };
        }
        self.move_to(at, records);
    }

    /// Goes to another frame, without another operation.
    pub(super) fn move_to(&mut self, fp: u32, records: u32) {
        self.hot.set_fp(self.arena.bytes.pointer(fp));
        self.hot.set_records(self.arena.bytes.pointer(records));
    }

    /// A memory of the current instance, which its code names; one without addresses otherwise.
    pub(super) fn memory(&self, index: u32) -> MemorySegment {
        self.instance.memory(&self.arena, index).unwrap_or(MemorySegment(NONE))
    }

    /// A table of the current instance, which its code names; one without elements otherwise.
    pub(super) fn table(&self, index: u32) -> TableSegment {
        self.instance.table(&self.arena, index).unwrap_or(TableSegment(NONE))
    }

    /// Moves the window to the extent that has all of a range, if there is one.
    pub(super) fn look_at(&mut self, memory: MemorySegment, address: u32, len: u32) -> bool {
        let moved = memory.look_at(&mut self.arena, address, len);
        self.refresh_window();
        moved
    }

    /// Makes another instance the current one.
    pub(crate) fn switch(&mut self, instance: InstanceSegment) {
        self.instance = instance;
        self.refresh();
    }

    /// Loads what the registers keep of the arena, after it may have moved.
    pub(crate) fn refresh(&mut self) {
        let (arena, instance) = (&self.arena, self.instance);
        self.seen = arena.version();
        self.memory = instance.memory(arena, 0);
        let Some(module) = instance.module(arena) else { return };
        let (image, header) = (module.image(), module.header());
        let part = |part| arena.bytes.pointer(arena.start(instance.0) + instance.part(arena, part));
        self.hot.set_instance(
            image.pointer(header.code),
            image.pointer(header.func_table + header.imported_funcs * 8),
            header.own_funcs(),
            instance.func_base(arena) + 1,
            part(Part::Globals),
            part(Part::Funcs),
        );
        match instance.table(arena, 0) {
            Some(table) => self.hot.set_table(arena.bytes.pointer(table.elements(arena)), table.size(arena)),
            None => self.hot.set_table(core::ptr::null(), 0),
        }
        self.refresh_window();
    }

    pub(crate) fn refresh_window(&mut self) {
        match self.memory.and_then(|memory| memory.window(&self.arena)) {
            Some((start, len, data)) => self.hot.set_window(start, len, self.arena.bytes.pointer(data)),
            None => self.hot.set_window(0, 0, core::ptr::null_mut()),
        }
    }

    /// Where in the arena a range of guest memory lies, if the window of the registers shows all of it.
    pub(crate) fn window_on(&self, memory: MemorySegment, address: u32, len: u32) -> Option<u32> {
        let is_true = self.memory == Some(memory) && self.seen == self.arena.version();
        let pointer = self.hot.shown(address, len)?;
        is_true.then(|| self.arena.bytes.offset_of(pointer))
    }

    /// The bytes of such a range.
    pub(crate) fn seen(&self, memory: MemorySegment, address: u64, len: u64) -> Option<&[u8]> {
        let (address, len) = (u32::try_from(address).ok()?, u32::try_from(len).ok()?);
        self.window_on(memory, address, len).map(|at| self.arena.bytes.slice(at, len))
    }

    /// Calls the function behind a handle whose arguments lie `arguments` bytes into the frame.
    pub(crate) fn invoke(&mut self, handle: u32, arguments: u32, entry: Entry) -> bool {
        if let Some(host) = HostSegment::of(handle).filter(|host| self.arena.has(host.0, Kind::Host)) {
            return self.invoke_host(host, arguments, entry);
        }
        match owner(&self.arena, handle) {
            Some(instance) => {
                let own = handle - 1 - instance.func_base(&self.arena);
                self.invoke_own(instance, own, arguments, entry)
            }
            None => self.stop_at(Trap::UninitializedElement),
        }
    }

    /// Enters a function of an instance: the slow and whole version of `Regs::enter`.
    pub(crate) fn invoke_own(&mut self, instance: InstanceSegment, index: u32, arguments: u32, entry: Entry) -> bool {
        if self.hot.fuel <= 0 {
            return self.stop(Exit::OutOfFuel);
        }
        let Some(module) = instance.module(&self.arena) else { return self.stop_at(Trap::UninitializedElement) };
        let code = module.func(module.header().imported_funcs + index).code;
        let part = |at| u32::from(module.unit(code + at));
        let (frame, cost, params, locals) = (part(0), part(2), part(4), part(6));
        let crosses = self.instance != instance;
        let shift = if let Entry::Tail(_) = entry { 0 } else { arguments };
        if !self.make_room(shift + frame + 2 * RECORD_BYTES) {
            return self.stop_at(Trap::StackOverflow);
        }
        self.push_records(arguments, entry, crosses);
        let (fp, records) = (self.fp(), self.records());
        if let Entry::Tail(len) = entry {
            self.arena.bytes.slide(fp + arguments, fp, len);
        }
        let fp = fp + shift;
        self.arena.bytes.zero(fp + params, locals - params);
        self.hot.fuel = self.hot.fuel.wrapping_sub(cost as isize);
        if crosses {
            self.switch(instance);
        }
        self.go(code + crate::prepare::HEADER_UNITS * 2, fp, records);
        true
    }

    /// Where in the arena a range of guest memory lies, if a host call is open and the window of the registers shows all of it.
    #[inline]
    pub(crate) fn shown(&self, address: u32, len: u32) -> Option<u32> {
        // Whatever moves the arena or changes a memory's size settles the host call first.
        let pointer = if self.open == Open::Waiting { self.hot.shown(address, len)? } else { return None };
        Some(self.arena.bytes.offset_of(pointer))
    }

    /// Enters an own function of the current instance whose arguments and record are there; false if there is no fuel or no room.
    pub(super) fn enter_own(&mut self, index: u32) -> bool {
        let mut r = self.operands();
        let entered = r.enter_instead(index, 0, 0);
        r.save();
        entered
    }

    /// Pushes what a return needs to know: the place in the caller, and the caller's instance if the callee's is another.
    fn push_records(&mut self, arguments: u32, entry: Entry, crosses: bool) {
        if let Entry::Call(units) = entry {
            let back = self.ip() + units * 2;
            self.push_record(back, arguments | record::PLAIN);
        }
        if crosses && entry != Entry::Outside {
            // A tail call in a frame that will restore an instance anyway must not pile up records.
            let restored = matches!(entry, Entry::Tail(_)) && self.record(0).1 & record::MASK == record::INSTANCE;
            if !restored && self.instance.some().is_some() {
                self.push_record(self.instance.0, record::INSTANCE);
            }
        }
    }

    pub(crate) fn push_record(&mut self, first: u32, second: u32) {
        let at = self.records() - RECORD_BYTES;
        self.arena.bytes.set32(at, first);
        self.arena.bytes.set32(at + 4, second);
        self.move_records(at);
    }

    /// The record `n` places above the newest.
    #[inline(always)]
    pub(crate) fn record(&self, n: u32) -> (u32, u32) {
        let at = self.records() + n * RECORD_BYTES;
        (self.arena.bytes.get32(at), self.arena.bytes.get32(at + 4))
    }

    pub(crate) fn pop_records(&mut self, count: u32) {
        self.move_records(self.records() + count * RECORD_BYTES);
    }

    fn move_records(&mut self, records: u32) {
        self.hot.set_records(self.arena.bytes.pointer(records));
    }

    /// Leaves the machine waiting in a host call. The frame keeps the arguments.
    pub(super) fn invoke_host(&mut self, host: HostSegment, arguments: u32, entry: Entry) -> bool {
        if self.called_back {
            return self.stop_at(Trap::ReentrantImport);
        }
        let place = match entry {
            Entry::Call(units) => {
                self.hot.skip(units);
                arguments
            }
            Entry::Tail(len) => {
                let fp = self.fp();
                self.arena.bytes.slide(fp + arguments, fp, len);
                IN_THE_TAIL
            }
            Entry::Outside => IN_THE_TAIL,
        };
        self.waiting = Waiting { host, place, returned: NONE };
        self.stop(Exit::HostCall)
    }

    /// Returns from the current frame, whose results lie at its start.
    pub(crate) fn return_slowly(&mut self) -> bool {
        loop {
            let (first, second) = self.record(0);
            match second & record::MASK {
                record::PLAIN => {
                    let fp = self.fp() - second;
                    self.go(first, fp, self.records() + RECORD_BYTES);
                    return true;
                }
                record::INSTANCE => {
                    self.pop_records(1);
                    self.switch_in_place(InstanceSegment(first));
                }
                record::BASE => return self.stop(Exit::Finished),
                _ => return self.return_to_host(),
            }
        }
    }

    /// Makes another instance the current one, the position being set afterwards.
    fn switch_in_place(&mut self, instance: InstanceSegment) {
        let (fp, records) = (self.fp(), self.records());
        self.switch(instance);
        self.go(0, fp, records);
    }

    /// Takes the three records of a callback off and waits in the host call again.
    fn return_to_host(&mut self) -> bool {
        let records = self.records();
        let Some(&CallbackRecords { frame, instance, place, host, back, .. }) = self.arena.bytes.words(records) else {
            return self.stop_at(Trap::Unreachable);
        };
        let fp = self.fp() - frame;
        // Most callbacks are the calling instance's own functions.
        if self.instance.0 != instance {
            self.switch(InstanceSegment(instance));
        }
        self.called_back = false;
        self.waiting = Waiting { host: HostSegment(host), place, returned: frame };
        self.go(back, fp, records + size_of::<CallbackRecords>() as u32);
        self.stop(Exit::HostCall)
    }

    /// Sees to it that `need` bytes lie between the frame's start and the records.
    #[inline(always)]
    pub(crate) fn make_room(&mut self, need: u32) -> bool {
        let have = self.records() - self.fp();
        need <= have || self.make_more_room(need - have)
    }

    fn make_more_room(&mut self, missing: u32) -> bool {
        let missing = missing.next_multiple_of(8);
        // A quarter ahead makes the cost of sliding neighbours linear in the end.
        let ahead = (missing + self.arena.len(self.thread.0) / 4).max(STACK_STEP).next_multiple_of(8);
        // Near the end half of what is free, so that the last growths are few; `reclaim` takes back what is too much.
        let rest = missing.max((self.arena.free_bytes() / 2) & !7);
        [ahead, rest, missing].into_iter().any(|more| self.grow_stack(more))
            || (self.trim() && self.grow_stack(missing))
    }

    /// For want of memory: gives back what the memories hold of nothing but zeros. Whether that was worth its time, which is
    /// that of looking at every byte; a guest must not have it for the price of a few granules.
    pub(super) fn trim(&mut self) -> bool {
        let before = self.arena.free_bytes();
        for id in 0..self.arena.count() {
            if self.arena.has(id, Kind::Memory) {
                MemorySegment(id).trim(&mut self.arena);
            }
        }
        self.refresh();
        self.arena.free_bytes() - before >= self.arena.len_bytes() / WORTH_TRIMMING
    }

    /// For want of memory: gives back as well what the running thread's stack does not use.
    pub(crate) fn reclaim(&mut self) -> bool {
        let before = self.arena.free_bytes();
        if let Some(module) = self.instance.module(&self.arena) {
            let frame = u32::from(module.unit(module.func(module.func_at(self.ip())).code));
            let split = (self.fp() + frame).next_multiple_of(8);
            let (ip, fp, records) = (self.ip(), self.fp(), self.records());
            let gap = records.saturating_sub(split + 2 * RECORD_BYTES);
            // What is left is enough for another thread once this one has ended.
            let gap = gap.min(self.arena.len(self.thread.0).saturating_sub(FIRST_THREAD)) & !7;
            self.arena.shrink_upper(self.thread.0, split - self.arena.start(self.thread.0), gap);
            self.go(ip, fp + gap, records);
        }
        let shrunk = self.arena.free_bytes() - before;
        self.trim() || shrunk >= self.arena.len_bytes() / WORTH_TRIMMING
    }

    fn grow_stack(&mut self, more: u32) -> bool {
        let (ip, records) = (self.ip(), self.records());
        let start = self.arena.start(self.thread.0);
        if self.arena.grow_upper(self.thread.0, records - start, more).is_err() {
            return false;
        }
        // Frames moved down, records stayed.
        let fp = self.fp() - more;
        self.go(ip, fp, records);
        true
    }

    /// The registers of a machine that is not running, to read the operands of its current operation.
    pub(crate) fn operands(&mut self) -> Regs<'_, Machine<'a>> {
        Regs::load(self)
    }
}

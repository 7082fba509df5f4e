//! Threads: frame stacks in the arena. A thread's segment begins with a header; frames grow up behind it, return records
//! grow down from its end.

use super::machine::{Entry, IN_THE_TAIL, Machine, Open, Slice, Waiting, record};
use crate::instance::{Arena, HostSegment, InstanceSegment, Kind, SegmentId, Val, fit, put_values, type_of};
use crate::isa::OutOfMemory;
use crate::isa::Trap;
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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

    fn waiting(&self) -> Waiting {
        Waiting { host: HostSegment(self.host), place: self.arguments, returned: self.returned }
    }

    fn set_waiting(&mut self, Waiting { host, place, returned }: Waiting) {
        (self.host, self.arguments, self.returned) = (host.0, place, returned);
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
        arena.has(self.0, Kind::Thread)
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

    pub(crate) fn instance(self, arena: &Arena<'_>) -> InstanceSegment {
        InstanceSegment(self.head(arena).instance)
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

    /// What the host is told of the call that the thread waits in: the function, and whether a callback has returned.
    pub(crate) fn call(self, arena: &Arena<'_>) -> (HostSegment, bool) {
        let head = self.head(arena);
        (HostSegment(head.host), head.returned != NONE)
    }
}

impl<'a> Machine<'a> {
    /// Makes a thread that will call the function behind a handle.
    pub(crate) fn spawn(&mut self, handle: u32, values: &[Val]) -> Result<ThreadSegment, SpawnErrorKind> {
        let ty = type_of(&self.arena, handle).ok_or(SpawnErrorKind::UnknownFunction)?;
        if !fit(ty.params, values) {
            return Err(SpawnErrorKind::TypeMismatch);
        }
        let slots = ty.param_slots().max(ty.result_slots());
        let len = HEADER + (slots * 4).next_multiple_of(8).max(FIRST_STACK) + 2 * RECORD_BYTES;
        let id = match self.arena.allocate_upper(Kind::Thread, len) {
            Err(_) if self.trim() => self.arena.allocate_upper(Kind::Thread, len)?,
            allocated => allocated?,
        };
        let thread = ThreadSegment(id);
        let start = self.arena.start(id);
        thread.change(&mut self.arena, |head| *head = Head { entry: handle, ..Head::NEW });
        put_values(&mut self.arena, start + HEADER, values);
        self.arena.bytes.set_words(start + len - RECORD_BYTES, [0, record::BASE]);
        Ok(thread)
    }

    /// Loads a thread's registers, unless they are still what `detach` left.
    fn attach(&mut self, thread: ThreadSegment) {
        if self.loaded == (thread, self.arena.version()) {
            return;
        }
        self.thread = thread;
        self.instance = thread.instance(&self.arena);
        self.refresh();
        let start = self.arena.start(thread.0);
        let end = start + self.arena.len(thread.0);
        let head = *thread.head(&self.arena);
        self.go(head.ip, start + head.fp, end - head.records);
        (self.called_back, self.callback, self.waiting) = (head.callbacks != 0, head.callback, head.waiting());
        self.loaded = (thread, self.arena.version());
    }

    /// Saves the registers in the thread.
    fn detach(&mut self, state: State) {
        let thread = self.thread;
        let start = self.arena.start(thread.0);
        let end = start + self.arena.len(thread.0);
        let instance = self.instance.0;
        let (ip, fp, records) = (self.ip(), self.fp() - start, end - self.records());
        let (callbacks, callback, waiting) = (u32::from(self.called_back), self.callback, self.waiting);
        if let Some(head) = self.arena.bytes.words_mut::<Head>(start) {
            (head.state, head.instance) = (state as u32, instance);
            (head.ip, head.fp, head.records) = (ip, fp, records);
            (head.callbacks, head.callback) = (callbacks, callback);
            if state == State::Waiting {
                head.set_waiting(waiting);
            }
        }
        self.loaded = (thread, self.arena.version());
    }

    /// Runs a thread until it stops, or has used up its fuel. A host call is left open.
    pub(crate) fn begin(&mut self, thread: ThreadSegment, mut fuel: u64, run: fn(&mut Machine<'a>)) -> Exit {
        self.settle();
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
            let exit = self.run_slice(thread, state, slice as i64, fuel, run);
            if exit != Exit::OutOfFuel || fuel == 0 {
                return exit;
            }
        }
    }

    fn run_slice(
        &mut self,
        thread: ThreadSegment,
        state: State,
        slice: i64,
        rest: u64,
        run: fn(&mut Machine<'a>),
    ) -> Exit {
        let Head { entry, .. } = *thread.head(&self.arena);
        let available = thread.head(&self.arena).balance().wrapping_add(slice);
        if available <= 0 {
            thread.change(&mut self.arena, |head| head.set_balance(available));
            return Exit::OutOfFuel;
        }
        self.attach(thread);
        self.hot_mut().fuel = available as isize;
        self.slice = Slice { available, rest };
        let entered = state != State::Ready || self.invoke(entry, 0, Entry::Outside);
        if entered {
            run(self);
        }
        // A thread that has no fuel to enter its function is as ready as before.
        self.stopped(if entered { State::Paused } else { State::Ready })
    }

    /// Lets a thread go on whose host call is open and has its answer, or runs a callback.
    pub(crate) fn go_on(&mut self, run: fn(&mut Machine<'a>)) -> Exit {
        if self.hot().fuel > 0 {
            run(self);
        } else {
            self.stop(Exit::OutOfFuel);
        }
        let rest = self.slice.rest;
        match self.stopped(State::Paused) {
            Exit::OutOfFuel if rest != 0 => self.begin(self.thread, rest, run),
            exit => exit,
        }
    }

    /// Leaves a host call open and saves the thread otherwise.
    #[inline]
    fn stopped(&mut self, out_of_fuel: State) -> Exit {
        let exit = self.exit();
        if exit == Exit::HostCall {
            self.open = Open::Waiting;
        } else {
            self.ended(exit, out_of_fuel);
        }
        exit
    }

    fn ended(&mut self, exit: Exit, out_of_fuel: State) {
        self.save(match exit {
            Exit::Finished => State::Finished,
            Exit::Trapped(_) => State::Trapped,
            Exit::OutOfFuel | Exit::HostCall => out_of_fuel,
        });
        if let Exit::Trapped(trap) = exit {
            self.thread.change(&mut self.arena, |head| head.trap_at(trap));
        }
    }

    /// Saves a host call that is open: from now on the thread's segment says what is true.
    pub(crate) fn settle(&mut self) {
        match self.open {
            Open::No => {}
            Open::Waiting => self.save(State::Waiting),
            Open::GoesOn => self.save(State::Paused),
        }
    }

    /// Saves the registers, and books the fuel that was consumed; a debt stays with the thread.
    #[inline(never)]
    fn save(&mut self, state: State) {
        self.open = Open::No;
        self.detach(state);
        let owed = core::mem::take(&mut self.owed);
        // One slice's operations cannot owe what overflows.
        let left = (self.hot().fuel as i64).wrapping_sub(owed as i64);
        let available = self.slice.available;
        self.thread.change(&mut self.arena, |head| {
            head.consume(available.wrapping_sub(left));
            head.set_balance(left.min(0));
        });
    }

    pub(crate) fn trap_of(&self, thread: ThreadSegment) -> Trap {
        decode(thread.head(&self.arena).trap)
    }

    /// Answers the host call that a thread waits in, open or not.
    pub(crate) fn answer(&mut self, thread: ThreadSegment, values: &[Val]) {
        if self.open == Open::Waiting && self.waiting.place & IN_THE_TAIL == 0 {
            self.open = Open::GoesOn;
            let at = self.waiting_at();
            put_values(&mut self.arena, at, values);
            return;
        }
        self.settle();
        let at = thread.arguments_at(&self.arena);
        put_values(&mut self.arena, at, values);
        if thread.head(&self.arena).arguments & IN_THE_TAIL == 0 {
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

    /// Answers a host call that is open and has no result; false if it is not that, or in the tail.
    #[inline]
    pub(crate) fn answer_nothing(&mut self) -> bool {
        let answers = self.open == Open::Waiting
            && self.waiting.place & IN_THE_TAIL == 0
            && self.waiting.host.gives_nothing(&self.arena);
        if answers {
            self.open = Open::GoesOn;
        }
        answers
    }

    /// Where in the arena the arguments of the host call lie that is open.
    pub(crate) fn waiting_at(&self) -> u32 {
        self.fp() + (self.waiting.place & !3)
    }

    /// Lets a thread that waits in a host call run another function first, on the same stack.
    pub(crate) fn call_back(
        &mut self,
        thread: ThreadSegment,
        handle: u32,
        words: &[u32],
    ) -> Result<(), SpawnErrorKind> {
        self.settle();
        if thread.state(&self.arena) != State::Waiting {
            return Err(SpawnErrorKind::NotWaiting);
        }
        self.attach(thread);
        let debt = thread.head(&self.arena).balance();
        self.hot_mut().fuel = 0;
        self.slice = Slice::default();
        self.open = Open::Waiting;
        let outcome = self.call_back_open(handle, None, words);
        // What entering costs is owed by the next slice.
        self.settle();
        thread.change(&mut self.arena, |head| head.set_balance(head.balance().saturating_add(debt)));
        outcome
    }

    /// The same for a host call that is open, and stays so; `own` is the function's number among those of the calling instance.
    pub(crate) fn call_back_open(
        &mut self,
        handle: u32,
        own: Option<u32>,
        words: &[u32],
    ) -> Result<(), SpawnErrorKind> {
        if self.called_back {
            return Err(SpawnErrorKind::NotWaiting);
        }
        // Above the host call's arguments nothing is alive, but its result may need more space than they.
        let frame = (self.waiting.place & !3) + self.waiting.host.slots(&self.arena) * 4;
        let len_bytes = words.len() as u32 * 4;
        if !self.make_room(frame + len_bytes + 4 * RECORD_BYTES) {
            return Err(SpawnErrorKind::OutOfMemory(OutOfMemory { missing_bytes: len_bytes }));
        }
        self.begin_callback(frame);
        let at = self.fp();
        self.arena.bytes.set_list(at, words);
        (self.called_back, self.callback) = (true, handle);
        let fuel = core::mem::replace(&mut self.hot_mut().fuel, 1);
        let entered = match own {
            Some(index) if self.enter_own(index) => true,
            _ => self.invoke(handle, 0, Entry::Outside),
        };
        let cost = 1isize.wrapping_sub(self.hot().fuel);
        self.hot_mut().fuel = fuel.wrapping_sub(cost);
        self.open = Open::GoesOn;
        if !entered {
            let trap = if let Exit::Trapped(trap) = self.exit() { trap } else { Trap::ReentrantImport };
            self.save(State::Trapped);
            self.thread.change(&mut self.arena, |head| head.trap_at(trap));
        }
        Ok(())
    }
}

/// Fuel of one uninterrupted run: what a balance of a 32-bit target holds with room for debts.
const MAX_SLICE: u64 = 1 << 29;

/// A trap as a word of a thread's header.
fn encode(trap: Trap) -> u32 {
    match trap {
        Trap::Host(code) => code.saturating_add(HOST_TRAPS),
        _ => (1..HOST_TRAPS).find(|&number| decode(number) == trap).unwrap_or(0),
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

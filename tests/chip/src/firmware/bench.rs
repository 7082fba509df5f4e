//! A program on the chip: natively, and as WebAssembly, in counted instructions.
//!
//! What counts: `minstret` on RISC-V; on Arm a timer of the machine, whose ticks the emulator derives from the instructions that it
//! executed. (rp2040js has none: `tests/rp2040/bench.mjs` puts one there, and counts cycles between two readings.) The counts of both
//! ways include the same call through a pointer and the same two readings of the counter.

use super::Machine;
use super::stack::Stack;
use core::hint::black_box;
use semihosting::{eprintln, print};
use wasmote::{Config, ErrorKind, Extern, LinkErrorKind, Module, Outcome, Store, Trap, Val};
use wasmote_workloads::WORKLOADS;

/// Fuel of a slice: one is enough.
const FUEL: u64 = i32::MAX as u64;

/// How much of an engine's native stack is looked at.
const STACK_BYTES: usize = 1 << 20;

/// Counts since the chip began, in units of the machine's clock.
#[derive(Clone, Copy)]
pub struct Clock {
    #[cfg(target_arch = "arm")]
    timer: usize,
}

impl Clock {
    #[cfg(target_arch = "arm")]
    fn start(timer: usize) -> Clock {
        // SAFETY: the machine's timer: reload value, current value, and the bit that enables it.
        unsafe {
            (timer as *mut u32).add(2).write_volatile(u32::MAX);
            (timer as *mut u32).add(1).write_volatile(u32::MAX);
            (timer as *mut u32).write_volatile(1);
        }
        Clock { timer }
    }

    #[cfg(target_arch = "arm")]
    fn now(self) -> u32 {
        // SAFETY: as above; it counts down.
        !unsafe { (self.timer as *const u32).add(1).read_volatile() }
    }

    #[cfg(target_arch = "riscv32")]
    fn start(_: usize) -> Clock {
        Clock {}
    }

    #[cfg(target_arch = "riscv32")]
    fn now(self) -> u32 {
        let instructions: u32;
        // SAFETY: reads a counter.
        unsafe { core::arch::asm!("csrr {}, minstret", out(reg) instructions) };
        instructions
    }

    /// What `work` gives, and how long it takes.
    pub fn time<T>(self, work: impl FnOnce() -> T) -> (T, u32) {
        let start = self.now();
        let given = work();
        (given, self.now().wrapping_sub(start))
    }
}

/// What an engine takes for a program.
pub struct Measured {
    /// Decoding, validating, preparing.
    pub load: u32,
    /// Running.
    pub run: u32,
    /// Running with metering, if the engine can do without.
    pub metered: Option<u32>,
    /// What the program gives.
    pub sum: u32,
    /// The fuel that it was charged, if the engine tells.
    pub fuel: u64,
}

/// Loads a module into memory that is lent, and calls its export `run` with so many rounds.
pub type Engine = fn(Clock, u32, &'static [u8], &'static mut [u8]) -> Result<Measured, &'static str>;

/// Where a machine counts, and what of its native stack is free.
#[derive(Clone, Copy)]
pub(super) struct Place {
    timer: usize,
    stack_limit: usize,
}

impl Place {
    pub(super) fn of(machine: &Machine) -> Place {
        Place { timer: machine.timer, stack_limit: machine.stack_limit }
    }
}

pub(super) fn run(
    engine: Engine,
    (name, rounds): (&str, u32),
    wasm: &'static [u8],
    memory: &'static mut [u8],
    place: Place,
) {
    let clock = Clock::start(place.timer);
    if let Some(workload) = WORKLOADS.iter().find(|workload| workload.name == name) {
        let native = black_box(workload.run);
        let (sum, count) = clock.time(|| native(black_box(rounds)));
        print!("\x1enative={count} native_sum={sum} ");
    } else {
        print!("\x1e");
    }
    let stack = Stack::paint_within(place.stack_limit, STACK_BYTES);
    // Not in line, or its frame would be one above the paint.
    match black_box(engine)(clock, rounds, wasm, memory) {
        Ok(Measured { load, run, metered, sum, fuel }) => {
            let (metered, stack) = (metered.unwrap_or(run), stack.used_bytes());
            print!("load={load} run={run} metered={metered} sum={sum} fuel={fuel} stack={stack} ");
        }
        Err(why) => eprintln!("{name}: {why}"),
    }
}

/// Wasmote.
pub(super) fn wasmote(
    clock: Clock,
    rounds: u32,
    wasm: &'static [u8],
    memory: &'static mut [u8],
) -> Result<Measured, &'static str> {
    let engine = wasmote::Engine::new(Config::default());
    let (arena, code) = memory.split_at_mut(memory.len() / 2);
    let (module, load) = clock.time(|| Module::new(&engine, wasm, code));
    let module = module.map_err(|error| match error.kind {
        ErrorKind::OutOfMemory(_) => "there is no room for its code",
        _ => "the module is refused",
    })?;
    let mut store = Store::new(&engine, arena).map_err(|_| "there is no room for a store")?;
    let instance = store.instantiate(&module, &mut |_, _| None).map_err(|error| match error.kind {
        LinkErrorKind::OutOfMemory(_) | LinkErrorKind::Trap(Trap::OutOfMemory) => "there is no room for its memory",
        _ => "it cannot be instantiated",
    })?;
    let run = store.export(instance, "run").and_then(Extern::func).ok_or("it does not export run")?;
    let thread = store.spawn(run, &[Val::I32(rounds as i32)]).map_err(|_| "there is no room for a thread")?;
    let (outcome, count) = clock.time(|| store.resume(thread, FUEL));
    match outcome {
        Outcome::Finished => {}
        Outcome::Trapped(Trap::OutOfMemory) => return Err("there is no room for what it writes to its memory"),
        _ => return Err("it does not finish"),
    }
    let mut result = [Val::I32(0)];
    store.results(thread, &mut result);
    let [Val::I32(sum)] = result else { return Err("it gives another type") };
    let fuel = store.fuel_consumed(thread);
    Ok(Measured { load, run: count, metered: None, sum: sum as u32, fuel })
}

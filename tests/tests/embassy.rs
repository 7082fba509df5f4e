//! A guest as a task of embassy's executor, as a firmware would have it: it sleeps by embassy's timer, waits for an edge that
//! another task signals, and counts for a while with slices of fuel, between which the other tasks run. The executor is embassy's
//! own for this machine; only what a pin is differs on a board.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use embassy_executor::{Executor, Spawner};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use embassy_time::{Instant, Timer};
use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Val};

/// Sleeps, adds up the levels of two edges, and counts to a million.
const GUEST: &str = r#"(module
  (import "time" "sleep" (func $sleep (param i32)))
  (import "pin" "edge" (func $edge (result i32)))
  (func (export "run") (result i32) (local $sum i32) (local $n i32)
    (call $sleep (i32.const 30))
    (local.set $sum (i32.add (call $edge) (call $edge)))
    (loop $count
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $count (i32.lt_u (local.get $n) (i32.const 1000000))))
    (i32.add (local.get $sum) (local.get $n))))"#;
/// What its edges are worth.
const LEVEL: i32 = 21;
const FUEL_SLICE: u64 = 10_000;
/// Time that the whole may take, by far.
const PATIENCE: Duration = Duration::from_secs(60);

/// A button's interrupt would signal this.
static EDGE: Signal<CriticalSectionRawMutex, i32> = Signal::new();

/// What the host functions know: what the guest waits for, and what came.
#[derive(Default)]
struct Board {
    sleeps_until: Option<Instant>,
    level: Option<i32>,
}

impl Board {
    /// Waits for what the pending host function needs.
    async fn wait(&mut self) {
        match self.sleeps_until {
            Some(instant) => Timer::at(instant).await,
            None => self.level = Some(EDGE.wait().await),
        }
    }
}

/// Pending until the time has come; the first call of a sleep names it.
fn sleep(caller: &mut Caller<'_, '_, Board>, milliseconds: i32) -> Result<(), HostError> {
    let now = Instant::now();
    let board = caller.data();
    let until = *board.sleeps_until.get_or_insert(now + embassy_time::Duration::from_millis(milliseconds as u64));
    if now < until {
        return Err(HostError::Pending);
    }
    board.sleeps_until = None;
    Ok(())
}

fn edge(caller: &mut Caller<'_, '_, Board>) -> Result<i32, HostError> {
    caller.data().level.take().ok_or(HostError::Pending)
}

static TABLE: [HostFunc<Board>; 2] = [HostFunc::wrap("time", "sleep", sleep), HostFunc::wrap("pin", "edge", edge)];

/// What the tasks tell the test.
enum Told {
    Ended(Run, Val, Duration),
    Beat,
}

#[embassy_executor::task]
async fn guest(wasm: &'static [u8], tell: Sender<Told>) {
    let (engine, mut code, mut arena) = (Engine::default(), [0; 2048], [0; 8192]);
    let begun = Instant::now();
    let module = Module::new(&engine, wasm, &mut code).expect("the module is valid");
    let mut store = Store::new(&engine, &mut arena).expect("the arena is large enough");
    let tables = [&TABLE[..]];
    let (linker, mut board) = (Linker::new(&tables), Board::default());
    let instance = linker.instantiate(&mut store, &module, &mut board).expect("all imports are there");
    let run = instance.get_func(&store, "run").expect("it is exported");
    let thread = store.spawn(run, &[]).expect("it takes nothing");
    let ended = linker.run_async(&mut store, thread, &mut board, FUEL_SLICE, async |board| board.wait().await).await;
    let mut results = [Val::I32(0)];
    store.results(thread, &mut results);
    let _ = tell.send(Told::Ended(ended, results[0], Duration::from_micros(begun.elapsed().as_micros())));
}

/// The other side of the pin.
#[embassy_executor::task]
async fn presser() {
    loop {
        Timer::after_millis(5).await;
        EDGE.signal(LEVEL);
    }
}

/// A task that always has something to do.
#[embassy_executor::task]
async fn heart(tell: Sender<Told>) {
    while tell.send(Told::Beat).is_ok() {
        embassy_futures::yield_now().await;
    }
}

fn start(spawner: Spawner, wasm: &'static [u8], tell: Sender<Told>) {
    spawner.spawn(presser().expect("one presser"));
    spawner.spawn(heart(tell.clone()).expect("one heart"));
    spawner.spawn(guest(wasm, tell).expect("one guest"));
}

/// The executor never returns, so it has a thread that the test leaves behind.
fn started() -> Receiver<Told> {
    let (tell, told) = channel();
    let wasm: &'static [u8] = wat::parse_str(GUEST).expect("the text is a module").leak();
    thread::spawn(move || {
        let executor: &'static mut Executor = Box::leak(Box::new(Executor::new()));
        executor.run(|spawner| start(spawner, wasm, tell));
    });
    told
}

#[test]
fn a_guest_is_a_task_of_embassys_executor() {
    let told = started();
    let mut beats = 0;
    let (ended, result, took) = loop {
        match told.recv_timeout(PATIENCE).expect("the guest ends") {
            Told::Ended(ended, result, took) => break (ended, result, took),
            Told::Beat => beats += 1,
        }
    };
    assert_eq!((ended, result), (Run::Finished, Val::I32(2 * LEVEL + 1_000_000)));
    assert!(took >= Duration::from_millis(30), "it slept: {took:?}");
    // Counting alone takes 6 instructions a time, and between two slices the other task has its turn.
    assert!(beats >= 6_000_000 / FUEL_SLICE, "the other tasks ran between its slices: {beats} times");
}

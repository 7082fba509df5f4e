//! Waiting: calls that pause the machine, and the edges of a pin that wake it, also from another thread, which plays the
//! interrupt.

mod common;

use common::{Guest, HEAP, Policy};
use std::future::Future as _;
use std::sync::Arc;
use std::time::Duration;
use wasmote::Run;
use wasmote_wasi_embedded::{ActiveLevel, Blocked, Edge, Line, PinEvents, Settings};

const POLL: &str = "io/poll";
const EDGE: Blocked = Blocked { deadline_ns: None, sampled: false };
const SAMPLED: Blocked = Blocked { deadline_ns: None, sampled: true };

/// A guest with the pin open to be read, and pollables of these functions, which are handles 2 and up.
fn watching(active: ActiveLevel, names: &[&str]) -> Guest {
    let mut guest = Guest::new();
    let settings = Settings { active, ..Settings::default() };
    guest.app.hardware.grants = Policy { settings, ..Policy::default() };
    let pin = guest.open("open/digital", "open-in", "pin");
    for name in names {
        let _: [u8; 16] = guest.result("gpio/digital", &format!("[method]digital-in-pin.{name}"), &[pin]);
    }
    guest
}

impl Guest {
    /// The pin changes, with the interrupt that tells it.
    fn edge(&mut self, edge: Edge) {
        self.app.board.pin.high = edge == Edge::Rising;
        self.app.board.events.record(Line(0), edge);
    }

    fn pulse(&mut self) {
        self.edge(Edge::Rising);
        self.edge(Edge::Falling);
    }

    fn ready(&mut self, pollable: i64) -> bool {
        self.import(POLL, "[method]pollable.ready", &[pollable]).unwrap() == Some(1)
    }

    /// Does `block` return at once? If not, the call is given up.
    fn passes(&mut self, pollable: i64) -> bool {
        match self.import(POLL, "[method]pollable.block", &[pollable]) {
            Ok(None) => true,
            Err(Run::Pending) => false,
            other => panic!("{other:?}"),
        }
    }

    /// The places of what is ready among these.
    fn poll(&mut self, pollables: &[u32]) -> Vec<u8> {
        let bytes: Vec<u8> = pollables.iter().flat_map(|handle| handle.to_le_bytes()).collect();
        self.write(0x100, &bytes);
        let result: [u8; 8] = self.result(POLL, "poll", &[0x100, pollables.len() as i64]);
        let at = u32::from_le_bytes(result[..4].try_into().unwrap());
        let len = u32::from_le_bytes(result[4..].try_into().unwrap());
        self.bytes(at, 4 * len as usize).chunks(4).map(|index| index[0]).collect()
    }
}

#[test]
fn block_pauses_the_machine_until_the_edge_comes() {
    let mut guest = watching(ActiveLevel::High, &["watch-rising-edge"]);
    let export = guest.export_of(POLL, "[method]pollable.block");
    let thread = guest.spawn(&export, &[2]);
    assert_eq!(guest.app.hardware.blocked(), None);
    for _ in 0..3 {
        assert_eq!(guest.run(thread), Run::Pending);
        assert_eq!(guest.app.hardware.blocked(), Some(EDGE));
        guest.edge(Edge::Falling);
    }
    guest.edge(Edge::Rising);
    assert_eq!(guest.run(thread), Run::Finished);
    assert_eq!(guest.app.hardware.blocked(), None);
}

#[test]
fn a_pulse_between_two_looks_is_not_lost_and_told_once() {
    let mut guest = watching(ActiveLevel::High, &["watch-rising-edge", "watch-falling-edge"]);
    assert!(!guest.ready(2) && !guest.ready(3) && !guest.passes(2));
    guest.pulse();
    assert!(guest.ready(2) && guest.ready(3), "looking uses nothing up");
    assert!(guest.ready(2) && guest.passes(2));
    assert!(!guest.ready(2) && !guest.passes(2), "told is told");
    assert!(guest.ready(3), "each pollable has its own account");
    assert_eq!(guest.poll(&[2, 3]), [1]);
    // Many pulses while nobody looks are one event, and no number of them overflows anything.
    for _ in 0..100_000 {
        guest.pulse();
    }
    assert_eq!(guest.poll(&[3, 2]), [0, 1]);
    assert!(!guest.ready(2) && !guest.ready(3));
}

#[test]
fn edges_before_a_pollable_is_made_do_not_count() {
    let mut guest = watching(ActiveLevel::High, &[]);
    guest.pulse();
    let _: [u8; 16] = guest.result("gpio/digital", "[method]digital-in-pin.watch-rising-edge", &[1]);
    assert!(!guest.ready(2));
    guest.pulse();
    assert!(guest.ready(2));
}

#[test]
fn edges_are_between_active_and_inactive() {
    let mut guest = watching(ActiveLevel::Low, &["watch-rising-edge", "watch-falling-edge"]);
    guest.edge(Edge::Falling);
    assert!(guest.ready(2) && !guest.ready(3), "a button to ground is pressed");
    guest.passes(2);
    guest.edge(Edge::Rising);
    assert!(!guest.ready(2) && guest.ready(3));
}

#[test]
fn a_state_is_ready_while_it_lasts_and_if_it_was_reached_meanwhile() {
    for active in [ActiveLevel::High, ActiveLevel::Low] {
        let mut guest = watching(active, &["watch-active", "watch-inactive"]);
        let (on, off) =
            if active == ActiveLevel::High { (Edge::Rising, Edge::Falling) } else { (Edge::Falling, Edge::Rising) };
        guest.app.board.pin.high = off == Edge::Rising;
        assert!(!guest.ready(2) && guest.ready(3));
        assert!(guest.passes(3) && guest.passes(3), "it lasts");
        guest.edge(on);
        assert!(guest.ready(2) && !guest.ready(3));
        assert!(guest.passes(2) && guest.passes(2));
        guest.edge(off);
        guest.edge(on);
        guest.edge(off);
        assert!(guest.passes(2), "it was reached meanwhile");
        assert!(!guest.passes(2), "and is over");
        assert!(guest.passes(3));
    }
}

#[test]
fn what_poll_found_stays_found_while_the_allocator_runs() {
    let mut guest = watching(ActiveLevel::High, &["watch-active", "watch-rising-edge", "watch-inactive"]);
    guest.write(0x100, &[2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
    guest.app.board.pin.high = true;
    let export = guest.export_of(POLL, "poll");
    let thread = guest.spawn(&export, &[0x100, 3, 0x800]);
    // Stopped at the allocator's entry, the pin changes: what is told is what was found.
    assert_eq!(guest.run_with(thread, 1), Run::OutOfFuel);
    guest.edge(Edge::Falling);
    guest.edge(Edge::Rising);
    guest.edge(Edge::Falling);
    assert_eq!(guest.run(thread), Run::Finished);
    assert_eq!(guest.bytes(0x800, 8), [0, 0x10, 0, 0, 1, 0, 0, 0]);
    assert_eq!(guest.bytes(HEAP, 4), [0, 0, 0, 0]);
    guest.store.end(thread);
    assert_eq!(guest.poll(&[2, 3, 4]), [1, 2]);
}

#[test]
fn poll_waits_for_the_first_of_several() {
    let mut guest = watching(ActiveLevel::High, &["watch-rising-edge", "watch-falling-edge"]);
    guest.write(0x100, &[3, 0, 0, 0, 2, 0, 0, 0]);
    let export = guest.export_of(POLL, "poll");
    let thread = guest.spawn(&export, &[0x100, 2, 0x800]);
    assert_eq!(guest.run(thread), Run::Pending);
    assert_eq!((guest.app.hardware.blocked(), guest.asked()), (Some(EDGE), 0));
    guest.edge(Edge::Rising);
    assert_eq!(guest.run(thread), Run::Finished);
    assert_eq!(guest.bytes(HEAP, 4), [1, 0, 0, 0]);
}

#[test]
fn analog_values_and_readiness_are_sampled() {
    let mut guest = Guest::new();
    let pin = guest.open("open/analog", "open-in", "level");
    let _: [u8; 16] = guest.result("gpio/analog", "[method]analog-in-pin.watch-above-raw", &[pin, 100]);
    let export = guest.export_of(POLL, "[method]pollable.block");
    let thread = guest.spawn(&export, &[2]);
    assert_eq!(guest.run(thread), Run::Pending);
    assert_eq!(guest.app.hardware.blocked(), Some(SAMPLED));
    guest.app.board.analog.value = 101;
    assert_eq!(guest.run(thread), Run::Finished);
}

#[test]
fn a_pin_that_fails_is_ready_so_that_its_next_use_tells() {
    let mut guest = watching(ActiveLevel::High, &["watch-active"]);
    assert!(!guest.ready(2));
    guest.app.board.pin.fails = true;
    assert!(guest.ready(2));
}

#[test]
fn long_delays_pause_until_the_deadline_and_short_ones_wait_on_the_spot() {
    let mut guest = Guest::new();
    guest.app.board.now_ns = Some(1_000_000);
    assert_eq!(guest.import("gpio/delay", "delay-us", &[50]), Ok(None));
    assert_eq!(guest.app.board.delay.log, ["50 us"]);
    let cases: [(&str, &str, &[i64], u64); 4] = [
        ("gpio/delay", "delay-ms", &[i64::from(u32::MAX)], 4_294_967_295_000_000),
        ("gpio/delay", "delay-us", &[51], 51_000),
        ("gpio/delay", "delay-ns", &[50_001], 50_001),
        ("i2c/delay", "[method]delay.delay-ns", &[1, 1_000_000_000], 1_000_000_000),
    ];
    guest.import("open/delay", "open", &[]).unwrap();
    for (interface, name, arguments, duration_ns) in cases {
        guest.app.board.now_ns = Some(1_000_000);
        let export = guest.export_of(interface, name);
        let thread = guest.spawn(&export, arguments);
        let deadline_ns = 1_000_000 + duration_ns;
        for now_ns in [1_000_000, 1_000_001, deadline_ns - 1] {
            guest.app.board.now_ns = Some(now_ns);
            assert_eq!(guest.run(thread), Run::Pending, "{name}");
            let blocked = Blocked { deadline_ns: Some(deadline_ns), sampled: false };
            assert_eq!(guest.app.hardware.blocked(), Some(blocked), "{name} counts from its first call");
        }
        guest.app.board.now_ns = Some(deadline_ns);
        assert_eq!(guest.run(thread), Run::Finished, "{name}");
        assert_eq!(guest.app.hardware.blocked(), None);
        guest.store.end(thread);
    }
    assert_eq!(guest.app.board.delay.log, ["50 us"]);
}

#[test]
fn an_interrupt_wakes_the_machine_and_no_press_is_lost() {
    const PRESSES: u32 = 200;
    let mut guest = watching(ActiveLevel::High, &["watch-rising-edge"]);
    let events: Arc<PinEvents<1>> = Arc::clone(&guest.app.board.events);
    // Presses and waits take turns: the interrupt presses only when the last press was told, at any time it likes.
    let (told, wait) = std::sync::mpsc::channel();
    let interrupt = std::thread::spawn(move || {
        for n in 0..PRESSES {
            std::thread::sleep(Duration::from_micros(u64::from(n * 37 % 101)));
            events.record(Line(0), Edge::Rising);
            events.record(Line(0), Edge::Falling);
            wait.recv().unwrap();
        }
    });
    let export = guest.export_of(POLL, "[method]pollable.block");
    let mut sleeps = 0;
    for _ in 0..PRESSES {
        let thread = guest.spawn(&export, &[2]);
        loop {
            // What an embedder does: note the generation, run, and sleep only if nothing has happened since.
            let generation = guest.app.board.events.generation();
            match guest.run(thread) {
                Run::Finished => break,
                Run::Pending => {}
                other => panic!("{other:?}"),
            }
            while guest.app.board.events.generation() == generation {
                sleeps += 1;
                std::thread::yield_now();
            }
        }
        guest.store.end(thread);
        told.send(()).unwrap();
    }
    interrupt.join().unwrap();
    assert!(sleeps > 0, "it never had to wait");
    assert!(!guest.passes(2), "no press is told twice");
    assert_eq!(guest.app.board.events.edges(Line(0)).rising, PRESSES);
}

#[test]
fn lines_beyond_those_that_are_counted_are_ignored() {
    let events = PinEvents::<2>::default();
    events.record(Line(2), Edge::Rising);
    assert_eq!((events.generation(), events.edges(Line(2)).rising), (0, 0));
    events.record(Line(1), Edge::Rising);
    assert_eq!((events.generation(), events.edges(Line(1)).rising, events.edges(Line(0)).rising), (1, 1, 0));
}

/// A pin of an asynchronous HAL: a script of the levels that it has after each edge.
struct Scripted {
    high: bool,
    script: std::vec::IntoIter<bool>,
}

impl embedded_hal::digital::ErrorType for Scripted {
    type Error = embedded_hal::digital::ErrorKind;
}

impl embedded_hal::digital::InputPin for Scripted {
    fn is_high(&mut self) -> Result<bool, Self::Error> {
        Ok(self.high)
    }

    fn is_low(&mut self) -> Result<bool, Self::Error> {
        Ok(!self.high)
    }
}

impl embedded_hal_async::digital::Wait for Scripted {
    async fn wait_for_any_edge(&mut self) -> Result<(), Self::Error> {
        match self.script.next() {
            Some(high) => self.high = high,
            None => std::future::pending().await,
        }
        Ok(())
    }

    async fn wait_for_high(&mut self) -> Result<(), Self::Error> {
        unreachable!()
    }

    async fn wait_for_low(&mut self) -> Result<(), Self::Error> {
        unreachable!()
    }

    async fn wait_for_rising_edge(&mut self) -> Result<(), Self::Error> {
        unreachable!()
    }

    async fn wait_for_falling_edge(&mut self) -> Result<(), Self::Error> {
        unreachable!()
    }
}

#[test]
fn the_waits_of_an_asynchronous_pin_are_edges() {
    let events = PinEvents::<1>::new();
    // Up, down, a pulse that is over before anyone looks, up, a dip.
    let mut pin = Scripted { high: false, script: vec![true, false, false, true, true].into_iter() };
    let mut task = std::pin::pin!(events.follow(&mut pin, Line(0)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(task.as_mut().poll(&mut context).is_pending());
    let edges = events.edges(Line(0));
    assert_eq!((edges.rising, edges.falling), (4, 3));
}

//! What is there once: timer, watchdog, entropy, the serial port, the pins, and sleep. They are in one static, which the
//! interrupts share.

use crate::board::{Esp, PINS};
use core::cell::RefCell;
use critical_section::Mutex;
use esp_hal::Blocking;
use esp_hal::gpio::Flex;
use esp_hal::handler;
use esp_hal::peripherals::TIMG0;
use esp_hal::rng::Rng;
use esp_hal::time::{Duration, Instant};
use esp_hal::timer::OneShotTimer;
use esp_hal::timer::timg::Wdt;
use esp_hal::uart::{Uart, UartInterrupt};
use heapless::Deque;
use wasmote_board::app::Chip;
use wasmote_board::doorbell::Doorbell;
use wasmote_wasi_embedded::{Edge, Edges, Line, PinEvents};
use wasmote_wasi_p1::Errno;
use wasmote_wasi_p1::entropy::SEED_BYTES;

const OUTPUT_BYTES: usize = 256;
const INPUT_BYTES: usize = 128;
/// How soon the serial port is looked after again while there is something to send.
const SENDING_NS: u64 = 2_000_000;

/// Every interrupt rings it.
static BELL: Doorbell = Doorbell::new();
static EVENTS: PinEvents<PINS> = PinEvents::new();
static PARTS: Mutex<RefCell<Option<Parts>>> = Mutex::new(RefCell::new(None));

/// The parts that are there once.
pub(crate) struct Parts {
    pub(crate) pins: [Flex<'static>; PINS],
    /// What each pin was at the last edge.
    pub(crate) levels: [bool; PINS],
    pub(crate) timer: OneShotTimer<'static, Blocking>,
    pub(crate) watchdog: Wdt<TIMG0<'static>>,
    pub(crate) uart: Uart<'static, Blocking>,
    /// Entropy from the start, while the converter's noise was fed to the generator.
    pub(crate) seed: [u8; SEED_BYTES],
    pub(crate) output: Deque<u8, OUTPUT_BYTES>,
    pub(crate) input: Deque<u8, INPUT_BYTES>,
}

/// Gives the parts to the static, and lets the interrupts come.
pub(crate) fn give(mut parts: Parts) {
    parts.timer.set_interrupt_handler(alarm);
    parts.timer.listen();
    parts.uart.set_interrupt_handler(serial);
    parts.uart.listen(UartInterrupt::RxFifoFull | UartInterrupt::RxTimeout);
    critical_section::with(|section| PARTS.borrow(section).replace(Some(parts)));
}

fn with<R>(act: impl FnOnce(&mut Parts) -> R) -> Option<R> {
    critical_section::with(|section| PARTS.borrow(section).borrow_mut().as_mut().map(act))
}

/// Does something with a pin.
pub(crate) fn with_pin<R>(line: Line, act: impl FnOnce(&mut Flex<'static>) -> R) -> Option<R> {
    with(|parts| parts.pins.get_mut(usize::from(line.0)).map(act)).flatten()
}

/// The edges of a pin so far.
pub(crate) fn edges(line: Line) -> Edges {
    EVENTS.edges(line)
}

/// Nanoseconds since the start.
pub(crate) fn now_ns() -> u64 {
    Instant::now().duration_since_epoch().as_micros() * 1_000
}

impl Parts {
    fn pump(&mut self) {
        let mut bytes = [0; 16];
        while let Ok(count @ 1..) = self.uart.read_buffered(&mut bytes) {
            for byte in bytes.iter().take(count) {
                // What has no room is lost, as at every serial port without flow control.
                let _ = self.input.push_back(*byte);
            }
        }
        while self.uart.write_ready()
            && let Some(byte) = self.output.pop_front()
        {
            let _ = self.uart.write(&[byte]);
        }
    }
}

/// The chip.
pub(crate) struct Esp32;

impl Chip for Esp32 {
    const NAME: &'static str = "esp32c3";
    type Board = Esp;

    fn now_ns() -> u64 {
        now_ns()
    }

    fn seed(seed: &mut [u8; SEED_BYTES]) -> Result<(), Errno> {
        let first = with(|parts| core::mem::take(&mut parts.seed)).ok_or(Errno::Io)?;
        Rng::new().read(seed);
        seed.iter_mut().zip(first).for_each(|(byte, first)| *byte ^= first);
        Ok(())
    }

    fn write(bytes: &[u8]) -> usize {
        let write = |parts: &mut Parts| {
            let count = bytes.len().min(OUTPUT_BYTES - parts.output.len());
            for byte in bytes.iter().take(count) {
                let _ = parts.output.push_back(*byte);
            }
            parts.pump();
            count
        };
        with(write).unwrap_or(bytes.len())
    }

    fn room() -> usize {
        with(|parts| OUTPUT_BYTES - parts.output.len()).unwrap_or(0)
    }

    fn read(into: &mut [u8]) -> usize {
        let read = |parts: &mut Parts| {
            let mut count = 0;
            for to in into.iter_mut() {
                let Some(byte) = parts.input.pop_front() else { break };
                *to = byte;
                count += 1;
            }
            count
        };
        with(read).unwrap_or(0)
    }

    fn has_input() -> bool {
        with(|parts| !parts.input.is_empty()).unwrap_or(false)
    }

    fn feed() {
        with(|parts| parts.watchdog.feed());
    }

    fn sleep(until_ns: u64) {
        let now_ns = now_ns();
        let is_sending = with(|parts| !parts.output.is_empty()).unwrap_or(false);
        let until_ns = if is_sending { until_ns.min(now_ns + SENDING_NS) } else { until_ns };
        let pause = Duration::from_micros((until_ns.saturating_sub(now_ns) / 1_000).max(1));
        with(|parts| {
            parts.timer.stop();
            parts.timer.schedule(pause).is_ok()
        });
        BELL.sleep(riscv::asm::wfi);
        with(Parts::pump);
    }

    fn sleeps() -> u32 {
        BELL.sleeps()
    }
}

#[handler]
fn alarm() {
    with(|parts| parts.timer.clear_interrupt());
    BELL.ring();
}

#[handler]
fn serial() {
    with(|parts| {
        parts.pump();
        parts.uart.clear_interrupts(UartInterrupt::RxFifoFull | UartInterrupt::RxTimeout);
    });
    BELL.ring();
}

/// The pins' interrupt: an edge that leads back to the same level was two.
#[handler]
pub(crate) fn pins() {
    with(|parts| {
        for ((line, pin), level) in (0..).map(Line).zip(&mut parts.pins).zip(&mut parts.levels) {
            if !pin.is_interrupt_set() {
                continue;
            }
            pin.clear_interrupt();
            let now = pin.is_high();
            let (first, second) = if *level { (Edge::Falling, Edge::Rising) } else { (Edge::Rising, Edge::Falling) };
            EVENTS.record(line, first);
            if now == *level {
                EVENTS.record(line, second);
            }
            *level = now;
        }
    });
    BELL.ring();
}

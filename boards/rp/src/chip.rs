//! What is there once: timer, watchdog, entropy, and sleep. They are in one static, which the interrupts share.

use super::hal::Watchdog;
use super::hal::pac::{self, interrupt};
use super::hal::rosc::{Enabled, RingOscillator};
use super::hal::timer::{Alarm, Instant};
use super::serial::Ports;
use super::{Alarm0, BELL, RpBoard, Timer};
use core::cell::RefCell;
use core::marker::PhantomData;
use critical_section::Mutex;
use wasmote_board::app::Chip;
use wasmote_board::divide::divided;
use wasmote_wasi_p1::Errno;
use wasmote_wasi_p1::entropy::SEED_BYTES;

/// The parts that are there once.
pub(crate) struct Parts {
    pub(crate) timer: Timer,
    pub(crate) alarm: Alarm0,
    pub(crate) watchdog: Watchdog,
    pub(crate) oscillator: RingOscillator<Enabled>,
    pub(crate) ports: Ports,
}

/// A reference, so that the static has no initial value that would lie in flash too.
static PARTS: Mutex<RefCell<Option<&'static mut Parts>>> = Mutex::new(RefCell::new(None));

/// Gives the parts to the static.
pub(crate) fn give(parts: &'static mut Parts) {
    critical_section::with(|section| PARTS.borrow(section).replace(Some(parts)));
}

/// Does something with the parts, with interrupts off. Before they were given, nothing.
pub(crate) fn with<R>(act: impl FnOnce(&mut Parts) -> R) -> Option<R> {
    critical_section::with(|section| PARTS.borrow(section).borrow_mut().as_deref_mut().map(act))
}

/// Nanoseconds since the start.
pub(crate) fn now_ns() -> u64 {
    with(|parts| parts.timer.get_counter().ticks() * 1_000).unwrap_or(0)
}

/// Bits of the ring oscillator for each bit of the seed: it is biased, and its bits depend on their neighbours.
const BITS: usize = 8;
/// More equal bits than this after each other: the oscillator stands still. A fair one does that once in 2^48 bits.
const STUCK: u32 = 48;

/// The board `N`'s chip.
pub struct Rp<N>(PhantomData<N>);

/// A board's name.
pub trait Name: 'static {
    /// The name.
    const NAME: &'static str;
}

impl<N: Name> Chip for Rp<N> {
    const NAME: &'static str = N::NAME;
    type Board = RpBoard;

    fn now_ns() -> u64 {
        now_ns()
    }

    fn seed(seed: &mut [u8; SEED_BYTES]) -> Result<(), Errno> {
        let (mut last, mut equal) = (false, 0);
        for byte in seed.iter_mut() {
            for _ in 0..8 {
                let mut parity = false;
                for _ in 0..BITS {
                    let bit = with(|parts| parts.oscillator.get_random_bit()).ok_or(Errno::Io)?;
                    equal = if bit == last { equal + 1 } else { 0 };
                    last = bit;
                    parity ^= bit;
                }
                *byte = *byte << 1 | u8::from(parity);
            }
            if equal > STUCK {
                return Err(Errno::Io);
            }
        }
        Ok(())
    }

    fn write(bytes: &[u8]) -> usize {
        with(|parts| parts.ports.write(bytes)).unwrap_or(bytes.len())
    }

    fn room() -> usize {
        with(|parts| parts.ports.room()).unwrap_or(0)
    }

    fn read(into: &mut [u8]) -> usize {
        with(|parts| parts.ports.read(into)).unwrap_or(0)
    }

    fn has_input() -> bool {
        with(|parts| parts.ports.has_input()).unwrap_or(false)
    }

    fn feed() {
        with(|parts| parts.watchdog.feed());
    }

    fn sleep(until_ns: u64) {
        // A deadline that has passed rings at once.
        let at = Instant::from_ticks(divided(until_ns.saturating_add(999), 1_000));
        with(|parts| parts.alarm.schedule_at(at).is_ok());
        BELL.sleep(cortex_m::asm::wfi);
    }

    fn sleeps() -> u32 {
        BELL.sleeps()
    }
}

fn alarm() {
    with(|parts| parts.alarm.clear_interrupt());
    BELL.ring();
}

#[cfg(feature = "rp2040")]
#[interrupt]
fn TIMER_IRQ_0() {
    alarm();
}

#[cfg(feature = "rp2350")]
#[interrupt]
fn TIMER0_IRQ_0() {
    alarm();
}

/// Lets the interrupts come.
pub(crate) fn unmask() {
    #[cfg(feature = "rp2040")]
    use pac::Interrupt::TIMER_IRQ_0 as TIMER;
    #[cfg(feature = "rp2350")]
    use pac::Interrupt::TIMER0_IRQ_0 as TIMER;
    for interrupt in [TIMER, pac::Interrupt::IO_IRQ_BANK0, pac::Interrupt::UART0_IRQ, pac::Interrupt::USBCTRL_IRQ] {
        // SAFETY: nothing relies on these interrupts being masked; what they share is behind critical sections.
        unsafe { cortex_m::peripheral::NVIC::unmask(interrupt) };
    }
}

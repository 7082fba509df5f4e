//! What the interrupts share with the loop: presses of the button, and the alarm that ends a sleep.

use core::cell::RefCell;
use critical_section::Mutex;
use fugit::MicrosDurationU32;
use rp2040_hal::gpio::{FunctionSioInput, Interrupt, Pin, PullUp, bank0::Gpio14};
use rp2040_hal::pac::{self, interrupt};
use rp2040_hal::timer::{Alarm, Alarm0};
use wasmote_board::doorbell::Doorbell;

/// Every interrupt rings it, so that the loop looks again before it sleeps.
pub(crate) static BELL: Doorbell = Doorbell::new();
static SHARED: Mutex<RefCell<Option<Shared>>> = Mutex::new(RefCell::new(None));

type Button = Pin<Gpio14, FunctionSioInput, PullUp>;

/// What is shared.
pub(crate) struct Shared {
    button: Button,
    alarm: Alarm0,
    /// Presses so far, and how many of them a guest was told.
    presses: u32,
    told: u32,
}

impl Shared {
    pub(crate) fn new(button: Button, alarm: Alarm0) -> Shared {
        Shared { button, alarm, presses: 0, told: 0 }
    }
}

/// Shares it and lets the interrupts come.
pub(crate) fn give(shared: Shared) {
    critical_section::with(|section| SHARED.borrow(section).replace(Some(shared)));
    for interrupt in [pac::Interrupt::IO_IRQ_BANK0, pac::Interrupt::TIMER_IRQ_0] {
        // SAFETY: nothing relies on these interrupts being masked; what they share is behind critical sections.
        unsafe { cortex_m::peripheral::NVIC::unmask(interrupt) };
    }
}

fn with<R>(act: impl FnOnce(&mut Shared) -> R) -> Option<R> {
    critical_section::with(|section| SHARED.borrow(section).borrow_mut().as_mut().map(act))
}

/// The next press that no guest was told, if there is one.
pub(crate) fn next_press() -> Option<u32> {
    with(|shared| {
        let is_new = shared.told < shared.presses;
        shared.told += u32::from(is_new);
        is_new.then_some(shared.told)
    })
    .flatten()
}

/// Has an interrupt come after so many microseconds.
pub(crate) fn wake_after(micros: u64) {
    with(|shared| shared.alarm.schedule(MicrosDurationU32::micros(micros.clamp(1, 1_000_000) as u32)));
}

#[interrupt]
fn IO_IRQ_BANK0() {
    with(|shared| {
        shared.button.clear_interrupt(Interrupt::EdgeLow);
        shared.presses += 1;
    });
    BELL.ring();
}

#[interrupt]
fn TIMER_IRQ_0() {
    with(|shared| shared.alarm.clear_interrupt());
    BELL.ring();
}

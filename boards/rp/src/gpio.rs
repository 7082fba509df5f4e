//! Pins whose direction is decided when a guest opens them, and their edges.
//!
//! A pin belongs to the chip's software-driven outputs all the time; what a guest only reads has its driver switched off. The
//! pins are in a static, which the interrupt shares.

use super::BELL;
use super::hal::gpio::{
    DynPinId, DynPullType, FunctionNull, FunctionSioOutput, Interrupt, OutputEnableOverride, Pin, PullDown,
};
use super::hal::pac::interrupt;
use core::cell::RefCell;
use critical_section::Mutex;
use embedded_hal::digital::ErrorKind;
use heapless::Vec;
use wasmote_wasi_embedded::device::{DigitalIn, DigitalOut};
use wasmote_wasi_embedded::{Edge, Edges, Line, PinEvents, PinMode, Pull};

/// The most pins of a board.
pub const MAX_PINS: usize = 16;

/// A pin.
pub type Gpio = Pin<DynPinId, FunctionSioOutput, DynPullType>;

static PINS: Mutex<RefCell<Vec<Gpio, MAX_PINS>>> = Mutex::new(RefCell::new(Vec::new()));
static EVENTS: PinEvents<MAX_PINS> = PinEvents::new();

/// A pin that nobody has yet, by number.
pub(crate) type Free = Pin<DynPinId, FunctionNull, PullDown>;

/// Makes a pin one of a board's, undriven. Pins are numbers here, or each would have instructions of its own. None has no such
/// function.
pub(crate) fn gpio(mut pin: Free) -> Option<Gpio> {
    pin.set_output_enable_override(OutputEnableOverride::Disable);
    Some(pin.try_into_function::<FunctionSioOutput>().ok()?.into_pull_type())
}

/// Gives the pins to the statics; line `n` is the pin at `n`.
pub(crate) fn give(pins: Vec<Gpio, MAX_PINS>) {
    critical_section::with(|section| PINS.borrow(section).replace(pins));
}

/// Does something with a pin.
fn with<R>(line: Line, act: impl FnOnce(&mut Gpio) -> R) -> Result<R, ErrorKind> {
    critical_section::with(|section| {
        let mut pins = PINS.borrow(section).borrow_mut();
        pins.get_mut(usize::from(line.0)).map(act).ok_or(ErrorKind::Other)
    })
}

/// Sets a pin up as a guest wants it.
pub(crate) fn open(line: Line, mode: PinMode, pull: Option<Pull>) {
    // A line is one that was found.
    let _ = with(line, |pin| {
        pin.set_pull_type(match pull {
            Some(Pull::Up) => DynPullType::Up,
            Some(Pull::Down) => DynPullType::Down,
            None => DynPullType::None,
        });
        drive(pin, mode.drives());
    });
}

/// Lets go of a pin.
pub(crate) fn close(line: Line) {
    let _ = with(line, |pin| drive(pin, false));
}

fn drive(pin: &mut Gpio, driven: bool) {
    pin.set_output_enable_override(match driven {
        true => OutputEnableOverride::Normal,
        false => OutputEnableOverride::Disable,
    });
}

/// Counts a pin's edges from now on, or no longer.
pub(crate) fn watch(line: Line, watched: bool) {
    let _ = with(line, |pin| {
        for edge in [Interrupt::EdgeHigh, Interrupt::EdgeLow] {
            pin.clear_interrupt(edge);
            pin.set_interrupt_enabled(edge, watched);
        }
    });
}

/// The edges so far.
pub(crate) fn edges(line: Line) -> Edges {
    EVENTS.edges(line)
}

#[interrupt]
fn IO_IRQ_BANK0() {
    critical_section::with(|section| {
        for (line, pin) in (0..).zip(PINS.borrow(section).borrow_mut().iter_mut()) {
            for (interrupt, edge) in [(Interrupt::EdgeHigh, Edge::Rising), (Interrupt::EdgeLow, Edge::Falling)] {
                if pin.interrupt_status(interrupt) {
                    pin.clear_interrupt(interrupt);
                    EVENTS.record(Line(line), edge);
                }
            }
        }
    });
    BELL.ring();
}

/// A pin as it is lent to a guest.
pub(crate) struct Lent(pub(crate) Line);

impl DigitalOut for Lent {
    fn set_high(&mut self, high: bool) -> Result<(), ErrorKind> {
        with(self.0, |pin| DigitalOut::set_high(pin, high))?
    }
    fn is_set_high(&mut self) -> Result<bool, ErrorKind> {
        with(self.0, |pin| DigitalOut::is_set_high(pin))?
    }
}

impl DigitalIn for Lent {
    fn is_high(&mut self) -> Result<bool, ErrorKind> {
        with(self.0, |pin| DigitalIn::is_high(&mut pin.as_input()))?
    }
}

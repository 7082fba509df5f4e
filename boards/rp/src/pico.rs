//! The labels of the Pico and of the Pico 2, which have the same connectors.
//!
//! | label | pin | |
//! |---|---|---|
//! | `led0` | GP25 | the LED on the board |
//! | `led1` | GP15 | |
//! | `button` | GP14 | to ground; the guest asks for the pull-up |
//! | `alert` | GP13 | can only be read |
//! | `gp2`, `gp3`, `gp6` to `gp12`, `gp20` to `gp22` | those | |
//! | `i2c0` | GP4 data, GP5 clock | |
//! | `flash` | GP16 from it, GP17 select, GP18 clock, GP19 to it | an SPI device |
//! | `pot` | GP26 | the converter's channel 0 |
//! | | GP0, GP1 | serial output and input, 115 200 baud; the same on USB |

use crate::What::*;
use crate::{FreePins, Gpio, Label, MAX_PINS, gpio};
use heapless::Vec;

/// The labels; the digital ones in the order of `pins`.
pub static LABELS: &[Label] = &[
    ("led0", Pin),
    ("led1", Pin),
    ("button", Pin),
    ("alert", Input),
    ("gp2", Pin),
    ("gp3", Pin),
    ("gp6", Pin),
    ("gp7", Pin),
    ("gp8", Pin),
    ("gp9", Pin),
    ("gp10", Pin),
    ("gp11", Pin),
    ("gp12", Pin),
    ("gp20", Pin),
    ("gp21", Pin),
    ("gp22", Pin),
    ("i2c0", I2c),
    ("flash", Spi),
    ("pot", Analog),
];

/// The digital pins, in the order of the labels.
pub fn pins(free: FreePins) -> Vec<Gpio, MAX_PINS> {
    Vec::from_array([
        gpio(free.gpio25),
        gpio(free.gpio15),
        gpio(free.gpio14),
        gpio(free.gpio13),
        gpio(free.gpio2),
        gpio(free.gpio3),
        gpio(free.gpio6),
        gpio(free.gpio7),
        gpio(free.gpio8),
        gpio(free.gpio9),
        gpio(free.gpio10),
        gpio(free.gpio11),
        gpio(free.gpio12),
        gpio(free.gpio20),
        gpio(free.gpio21),
        gpio(free.gpio22),
    ])
}

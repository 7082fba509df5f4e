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
use crate::gpio::gpio;
use crate::{FreePins, Gpio, Label, MAX_PINS};
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

/// The digital pins, in the order of the labels; none, if one cannot be driven.
pub fn pins(free: FreePins) -> Option<Vec<Gpio, MAX_PINS>> {
    let pins = [
        free.gpio25.into_dyn_pin(),
        free.gpio15.into_dyn_pin(),
        free.gpio14.into_dyn_pin(),
        free.gpio13.into_dyn_pin(),
        free.gpio2.into_dyn_pin(),
        free.gpio3.into_dyn_pin(),
        free.gpio6.into_dyn_pin(),
        free.gpio7.into_dyn_pin(),
        free.gpio8.into_dyn_pin(),
        free.gpio9.into_dyn_pin(),
        free.gpio10.into_dyn_pin(),
        free.gpio11.into_dyn_pin(),
        free.gpio12.into_dyn_pin(),
        free.gpio20.into_dyn_pin(),
        free.gpio21.into_dyn_pin(),
        free.gpio22.into_dyn_pin(),
    ];
    pins.into_iter().map(gpio).collect()
}

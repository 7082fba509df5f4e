//! The interfaces: every function with its WIT type and what it does. This is the table that lifting, lowering and linking
//! go by.
//!
//! Source: the WIT files of wasi-i2c (0.2.0-draft), wasi-spi (without version), wasi-gpio (0.2.0) and wasi-io (0.2.4), and
//! this crate's `wit/open.wit`.

use crate::call::{analog, delay, digital, i2c, poll, spi};
use crate::handles::Resource;
use crate::types::{BYTES, Cases, Type};
use crate::{Class, PinMode};
use Type::{Borrow, Enum, F32, List, Own, Record, String, U16, U32, U64, Variant};
use analog::Scale;

/// A function of an interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) params: &'static [Type],
    pub(crate) result: Option<&'static Type>,
    pub(crate) verb: Verb,
}

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Drop,
    Open(Class),
    OpenDelay,
    I2c(i2c::Verb),
    Spi(spi::Verb),
    Digital(digital::Verb),
    Analog(analog::Verb),
    Delay(delay::Unit),
    Poll(poll::Verb),
}

const fn function(name: &'static str, params: &'static [Type], result: Option<&'static Type>, verb: Verb) -> Function {
    Function { name, params, result, verb }
}

/// An interface by its name, its functions in groups.
pub(crate) type Interface = (&'static str, &'static [&'static [Function]]);

/// All interfaces.
pub(crate) const INTERFACES: [Interface; 15] = [
    ("wasi:i2c/i2c@0.2.0-draft", &[I2C]),
    ("wasi:i2c/delay@0.2.0-draft", &[I2C_DELAY]),
    ("wasi:spi/spi", &[SPI]),
    ("wasi:gpio/digital@0.2.0", &DIGITAL_OUT),
    ("wasi:gpio/digital@0.2.0", &DIGITAL_IN),
    ("wasi:gpio/digital@0.2.0", &DIGITAL_IN_OUT),
    ("wasi:gpio/analog@0.2.0", &ANALOG_OUT),
    ("wasi:gpio/analog@0.2.0", &ANALOG_IN),
    ("wasi:gpio/analog@0.2.0", &ANALOG_IN_OUT),
    ("wasi:gpio/delay@0.2.0", &[GPIO_DELAY]),
    ("wasi:io/poll@0.2.4", &[POLL]),
    ("wasmote:open/i2c@0.1.0", &[OPEN_I2C]),
    ("wasmote:open/delay@0.1.0", &[OPEN_DELAY]),
    ("wasmote:open/digital@0.1.0", &[OPEN_DIGITAL]),
    ("wasmote:open/analog@0.1.0", &[OPEN_ANALOG]),
];

// ---- wasi:i2c ----

/// `error-code`; no-acknowledge says where.
const I2C_ERROR: Type = Variant(&Cases::new(&[None, None, Some(&Enum(3)), None, None]));
/// The `operation` of a transaction.
pub(crate) const I2C_OPERATION: Type = Variant(&Cases::new(&[Some(&U64), Some(&BYTES)]));
const I2C_DONE: Type = Variant(&Cases::new(&[None, Some(&I2C_ERROR)]));
const I2C_READ: Type = Variant(&Cases::new(&[Some(&BYTES), Some(&I2C_ERROR)]));
const I2C_READS: Type = Variant(&Cases::new(&[Some(&List(&BYTES)), Some(&I2C_ERROR)]));
const I2C_BUS: Type = Borrow(Resource::I2c);

const I2C: &[Function] = &[
    function("[method]i2c.read", &[I2C_BUS, U16, U64], Some(&I2C_READ), Verb::I2c(i2c::Verb::Read)),
    function("[method]i2c.write", &[I2C_BUS, U16, BYTES], Some(&I2C_DONE), Verb::I2c(i2c::Verb::Write)),
    function("[method]i2c.write-read", &[I2C_BUS, U16, BYTES, U64], Some(&I2C_READ), Verb::I2c(i2c::Verb::WriteRead)),
    function(
        "[method]i2c.transaction",
        &[I2C_BUS, U16, List(&I2C_OPERATION)],
        Some(&I2C_READS),
        Verb::I2c(i2c::Verb::Transaction),
    ),
    function("[resource-drop]i2c", &[Own(Resource::I2c)], None, Verb::Drop),
];

const I2C_DELAY: &[Function] = &[
    function("[method]delay.delay-ns", &[Borrow(Resource::Delay), U32], None, Verb::Delay(delay::Unit::OfHandle)),
    function("[resource-drop]delay", &[Own(Resource::Delay)], None, Verb::Drop),
];

// ---- wasi:spi ----

const SPI_ERROR: Type = Variant(&Cases::new(&[None, None, None, None, Some(&String)]));
/// The `operation` of a transaction.
pub(crate) const SPI_OPERATION: Type = Variant(&Cases::new(&[Some(&U64), Some(&BYTES), Some(&BYTES), Some(&U32)]));
/// Its `operation-result`.
pub(crate) const SPI_OPERATION_RESULT: Type = Variant(&Cases::new(&[Some(&BYTES), None, Some(&BYTES), None]));
const SPI_READ: Type = Variant(&Cases::new(&[Some(&BYTES), Some(&SPI_ERROR)]));
const SPI_RESULTS: Type = Variant(&Cases::new(&[Some(&List(&SPI_OPERATION_RESULT)), Some(&SPI_ERROR)]));
/// The WIT says `result<error>`, whose `ok` carries the error. A host that followed it to the letter could not say that a
/// write went well. What is meant is `result<_, error>`; both have the same core type, and the same size. Guests built from
/// either read all of it: those of the published text find `ok` with the payload of case 0, if their write went well.
const SPI_DONE: Type = Variant(&Cases::new(&[Some(&SPI_ERROR), Some(&SPI_ERROR)]));
const SPI_DEVICE: Type = Borrow(Resource::Spi);

const SPI: &[Function] = &[
    function(
        "open",
        &[String],
        Some(&Variant(&Cases::new(&[Some(&Own(Resource::Spi)), Some(&SPI_ERROR)]))),
        Verb::Open(Class::Spi),
    ),
    function("[method]spi-device.read", &[SPI_DEVICE, U64], Some(&SPI_READ), Verb::Spi(spi::Verb::Read)),
    function("[method]spi-device.write", &[SPI_DEVICE, BYTES], Some(&SPI_DONE), Verb::Spi(spi::Verb::Write)),
    function("[method]spi-device.transfer", &[SPI_DEVICE, BYTES], Some(&SPI_READ), Verb::Spi(spi::Verb::Transfer)),
    function(
        "[method]spi-device.transaction",
        &[SPI_DEVICE, List(&SPI_OPERATION)],
        Some(&SPI_RESULTS),
        Verb::Spi(spi::Verb::Transaction),
    ),
    function("[resource-drop]spi-device", &[Own(Resource::Spi)], None, Verb::Drop),
];

// ---- wasi:gpio ----

const GPIO_ERROR: Type = Variant(&Cases::new(&[None, None, None, None, None, None, None, None, Some(&String)]));
const PIN_STATE: Type = Enum(2);
const GPIO_DONE: Type = Variant(&Cases::new(&[None, Some(&GPIO_ERROR)]));
const GPIO_STATE: Type = Variant(&Cases::new(&[Some(&PIN_STATE), Some(&GPIO_ERROR)]));
const GPIO_BOOL: Type = Variant(&Cases::new(&[Some(&Type::Bool), Some(&GPIO_ERROR)]));
const GPIO_U32: Type = Variant(&Cases::new(&[Some(&U32), Some(&GPIO_ERROR)]));
const GPIO_F32: Type = Variant(&Cases::new(&[Some(&F32), Some(&GPIO_ERROR)]));
const GPIO_POLLABLE: Type = Variant(&Cases::new(&[Some(&POLLABLE), Some(&GPIO_ERROR)]));
const POLLABLE: Type = Own(Resource::Pollable);
const DIGITAL_CONFIG: Type = Record(&[String, Enum(3), Enum(2), Variant(&Cases::new(&[None, Some(&Enum(2))]))]);
const ANALOG_CONFIG: Type = Record(&[String, Enum(3)]);

/// Rows of methods of a pin: name, parameters behind the pin, result, verb.
macro_rules! methods {
    ($pin:literal $resource:ident: $($name:literal ($($param:expr),*) $result:ident = $verb:expr;)*) => {
        &[$(
            function(
                concat!("[method]", $pin, ".", $name),
                &[Borrow(Resource::$resource), $($param),*],
                Some(&$result),
                $verb,
            ),
        )*]
    };
}

/// What every digital pin has.
macro_rules! digital {
    ($pin:literal $resource:ident) => {
        &[
            function(
                concat!("[method]", $pin, ".get-config"),
                &[Borrow(Resource::$resource)],
                Some(&DIGITAL_CONFIG),
                Verb::Digital(digital::Verb::GetConfig),
            ),
            function(
                concat!("[method]", $pin, ".watch-for-ready"),
                &[Borrow(Resource::$resource)],
                Some(&POLLABLE),
                Verb::Digital(digital::Verb::WatchForReady),
            ),
            function(concat!("[resource-drop]", $pin), &[Own(Resource::$resource)], None, Verb::Drop),
        ]
    };
}

/// What a digital pin has that is driven.
macro_rules! digital_driven {
    ($pin:literal $resource:ident) => {
        methods! { $pin $resource:
            "set-state" (PIN_STATE) GPIO_DONE = Verb::Digital(digital::Verb::SetState);
            "set-active" () GPIO_DONE = Verb::Digital(digital::Verb::Set { active: true });
            "set-inactive" () GPIO_DONE = Verb::Digital(digital::Verb::Set { active: false });
            "toggle" () GPIO_DONE = Verb::Digital(digital::Verb::Toggle);
        }
    };
}

/// What a digital pin has that is read. Its edges are between active and inactive, as the WIT defines them.
macro_rules! digital_read {
    ($pin:literal $resource:ident) => {
        methods! { $pin $resource:
            "read" () GPIO_STATE = Verb::Digital(digital::Verb::Read);
            "is-active" () GPIO_BOOL = Verb::Digital(digital::Verb::Is { active: true });
            "is-inactive" () GPIO_BOOL = Verb::Digital(digital::Verb::Is { active: false });
            "watch-state" (PIN_STATE) GPIO_POLLABLE = Verb::Digital(digital::Verb::WatchState);
            "watch-active" () GPIO_POLLABLE = Verb::Digital(digital::Verb::WatchFor { active: true });
            "watch-inactive" () GPIO_POLLABLE = Verb::Digital(digital::Verb::WatchFor { active: false });
            "watch-falling-edge" () GPIO_POLLABLE = Verb::Digital(digital::Verb::WatchEdge { to_active: false });
            "watch-rising-edge" () GPIO_POLLABLE = Verb::Digital(digital::Verb::WatchEdge { to_active: true });
        }
    };
}

const DIGITAL_OUT: [&[Function]; 2] =
    [digital!("digital-out-pin" DigitalOut), digital_driven!("digital-out-pin" DigitalOut)];
const DIGITAL_IN: [&[Function]; 2] = [digital!("digital-in-pin" DigitalIn), digital_read!("digital-in-pin" DigitalIn)];
const DIGITAL_IN_OUT: [&[Function]; 3] = [
    digital!("digital-in-out-pin" DigitalInOut),
    digital_driven!("digital-in-out-pin" DigitalInOut),
    digital_read!("digital-in-out-pin" DigitalInOut),
];

/// What every analog pin has.
macro_rules! analog {
    ($pin:literal $resource:ident) => {
        &[
            function(
                concat!("[method]", $pin, ".get-config"),
                &[Borrow(Resource::$resource)],
                Some(&ANALOG_CONFIG),
                Verb::Analog(analog::Verb::GetConfig),
            ),
            function(
                concat!("[method]", $pin, ".watch-for-ready"),
                &[Borrow(Resource::$resource)],
                Some(&POLLABLE),
                Verb::Analog(analog::Verb::WatchForReady),
            ),
            function(concat!("[resource-drop]", $pin), &[Own(Resource::$resource)], None, Verb::Drop),
        ]
    };
}

/// What an analog pin has that is driven.
macro_rules! analog_driven {
    ($pin:literal $resource:ident) => {
        methods! { $pin $resource:
            "set-value-raw" (U32) GPIO_DONE = Verb::Analog(analog::Verb::Set(Scale::Raw));
            "set-value" (F32) GPIO_DONE = Verb::Analog(analog::Verb::Set(Scale::Fraction));
        }
    };
}

/// What an analog pin has that is read.
macro_rules! analog_read {
    ($pin:literal $resource:ident) => {
        methods! { $pin $resource:
            "read-raw" () GPIO_U32 = Verb::Analog(analog::Verb::Read(Scale::Raw));
            "read" () GPIO_F32 = Verb::Analog(analog::Verb::Read(Scale::Fraction));
            "watch-above-raw" (U32) GPIO_POLLABLE = Verb::Analog(analog::Verb::Watch { above: true, scale: Scale::Raw });
            "watch-above" (F32) GPIO_POLLABLE = Verb::Analog(analog::Verb::Watch { above: true, scale: Scale::Fraction });
            "watch-below-raw" (U32) GPIO_POLLABLE = Verb::Analog(analog::Verb::Watch { above: false, scale: Scale::Raw });
            "watch-below" (F32) GPIO_POLLABLE = Verb::Analog(analog::Verb::Watch { above: false, scale: Scale::Fraction });
        }
    };
}

const ANALOG_OUT: [&[Function]; 2] = [analog!("analog-out-pin" AnalogOut), analog_driven!("analog-out-pin" AnalogOut)];
const ANALOG_IN: [&[Function]; 2] = [analog!("analog-in-pin" AnalogIn), analog_read!("analog-in-pin" AnalogIn)];
const ANALOG_IN_OUT: [&[Function]; 3] = [
    analog!("analog-in-out-pin" AnalogInOut),
    analog_driven!("analog-in-out-pin" AnalogInOut),
    analog_read!("analog-in-out-pin" AnalogInOut),
];

const GPIO_DELAY: &[Function] = &[
    function("delay-ns", &[U32], None, Verb::Delay(delay::Unit::Nanoseconds)),
    function("delay-us", &[U32], None, Verb::Delay(delay::Unit::Microseconds)),
    function("delay-ms", &[U32], None, Verb::Delay(delay::Unit::Milliseconds)),
];

// ---- wasi:io ----

/// The list that `poll` takes holds these.
pub(crate) const POLLABLE_LENT: Type = Borrow(Resource::Pollable);

const POLL: &[Function] = &[
    function("[method]pollable.ready", &[POLLABLE_LENT], Some(&Type::Bool), Verb::Poll(poll::Verb::Ready)),
    function("[method]pollable.block", &[POLLABLE_LENT], None, Verb::Poll(poll::Verb::Block)),
    function("poll", &[List(&POLLABLE_LENT)], Some(&List(&U32)), Verb::Poll(poll::Verb::Poll)),
    function("[resource-drop]pollable", &[POLLABLE], None, Verb::Drop),
];

// ---- wasmote:open ----

macro_rules! open {
    ($($name:literal $resource:ident $error:expr, $class:expr;)*) => {
        &[$(
            function(
                $name,
                &[String],
                Some(&Variant(&Cases::new(&[Some(&Own(Resource::$resource)), Some(&$error)]))),
                Verb::Open($class),
            ),
        )*]
    };
}

const OPEN_I2C: &[Function] = open! { "open" I2c Enum(4), Class::I2c; };
const OPEN_DELAY: &[Function] = &[function("open", &[], Some(&Own(Resource::Delay)), Verb::OpenDelay)];
const OPEN_DIGITAL: &[Function] = open! {
    "open-out" DigitalOut GPIO_ERROR, Class::Digital(PinMode::Out);
    "open-in" DigitalIn GPIO_ERROR, Class::Digital(PinMode::In);
    "open-in-out" DigitalInOut GPIO_ERROR, Class::Digital(PinMode::InOut);
};
const OPEN_ANALOG: &[Function] = open! {
    "open-out" AnalogOut GPIO_ERROR, Class::Analog(PinMode::Out);
    "open-in" AnalogIn GPIO_ERROR, Class::Analog(PinMode::In);
    "open-in-out" AnalogInOut GPIO_ERROR, Class::Analog(PinMode::InOut);
};

//! A guest as wit-bindgen makes it: it uses every interface through the generated bindings and says what it finds.
//!
//! `check` gives 0, or the line of the first expectation that was not met. The test plays the board: a sensor at 0x48 whose
//! bytes count up from 1, an SPI device that inverts what it gets, a pin and a level that read what is driven, and
//! interrupts that come while the guest waits.
#![no_std]

extern crate alloc;

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use dlmalloc::GlobalDlmalloc;

wit_bindgen::generate!({
    inline: "
        package wasmote:hardware-guest;
        world guest {
            include wasi:i2c/imports@0.2.0-draft;
            include wasi:spi/wasi-spi;
            include wasi:gpio/imports@0.2.0;
            include wasmote:open/imports@0.1.0;
            export check: func() -> u32;
        }
    ",
    path: [
        "../../../../../shared/data/wit/wasi-i2c",
        "../../../../../shared/data/wit/wasi-spi",
        "../../../../../shared/data/wit/wasi-gpio",
        "../../../wit",
    ],
    generate_all,
});

use wasi::gpio::digital::PinState;
use wasi::gpio::general::{ActiveLevel, GpioError, PinMode};
use wasi::i2c::i2c::{ErrorCode, NoAcknowledgeSource, Operation};
use wasi::io::poll::poll;
use wasi::spi::spi::{self, OperationResult};
use wasmote::open;

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Gives the line of what is not so.
macro_rules! expect {
    ($condition:expr) => {
        if !$condition {
            return Err(line!());
        }
    };
}

/// The value of what went well, or the line of what did not.
macro_rules! done {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(_) => return Err(line!()),
        }
    };
}

struct Hardware;

impl Guest for Hardware {
    fn check() -> u32 {
        let checks = [buses, devices, outputs, inputs, levels, waiting, refusals];
        checks.into_iter().find_map(|check| check().err()).unwrap_or(0)
    }
}

export!(Hardware);

fn buses() -> Result<(), u32> {
    let bus = done!(open::i2c::open("i2c0"));
    expect!(done!(bus.read(0x48, 4)) == [1, 2, 3, 4]);
    expect!(done!(bus.read(0x48, 0)).is_empty());
    done!(bus.write(0x48, &[1, 2]));
    expect!(done!(bus.write_read(0x48, &[0], 2)) == [1, 2]);
    let operations = [Operation::Write(vec![9, 8]), Operation::Read(3), Operation::Write(vec![]), Operation::Read(1)];
    expect!(done!(bus.transaction(0x48, &operations)) == [vec![1, 2, 3], vec![1]]);
    // Beyond 7 bits, which this bus does not have; and at an address that is not granted.
    expect!(matches!(bus.read(0x80, 1), Err(ErrorCode::Other)));
    expect!(matches!(bus.write(0x50, &[1]), Err(ErrorCode::NoAcknowledge(NoAcknowledgeSource::Address))));
    expect!(matches!(bus.read(0x48, u64::MAX), Err(ErrorCode::Other)));
    open::delay::open().delay_ns(1_000);
    Ok(())
}

fn devices() -> Result<(), u32> {
    let device = done!(spi::open("flash"));
    expect!(done!(device.read(3)) == [1, 2, 3]);
    // The published text has the error in `ok`: all that can be said is that it is the ok arm.
    expect!(device.write(&[1, 2, 3]).is_ok());
    expect!(done!(device.transfer(&[0, 0x0f])) == [0xff, 0xf0]);
    let operations = [
        spi::Operation::Write(vec![0x9f]),
        spi::Operation::DelayNs(100),
        spi::Operation::Transfer(vec![1]),
        spi::Operation::Read(2),
    ];
    let results = done!(device.transaction(&operations));
    let [OperationResult::Write, OperationResult::Delay, OperationResult::Transfer(sent), OperationResult::Read(read)] =
        &results[..]
    else {
        return Err(line!());
    };
    expect!(sent == &[0xfe] && read == &[1, 2]);
    expect!(matches!(device.read(1 << 63), Err(spi::Error::Other(why)) if why == "longer than this module may read"));
    Ok(())
}

fn outputs() -> Result<(), u32> {
    let led = done!(open::digital::open_in_out("pin"));
    let config = led.get_config();
    expect!(config.label == "pin" && config.pin_mode == PinMode::InOut);
    expect!(config.active_level == ActiveLevel::ActiveHigh && config.pull_resistor.is_none());
    done!(led.set_active());
    expect!(done!(led.is_active()) && done!(led.read()) == PinState::Active);
    done!(led.toggle());
    expect!(done!(led.is_inactive()));
    done!(led.set_state(PinState::Active));
    expect!(!done!(led.is_inactive()));
    done!(led.set_inactive());
    drop(led);
    let led = done!(open::digital::open_out("pin"));
    done!(led.toggle());
    done!(led.toggle());
    led.watch_for_ready().block();
    Ok(())
}

fn inputs() -> Result<(), u32> {
    let button = done!(open::digital::open_in("pin"));
    let up = done!(button.watch_rising_edge());
    let low = done!(button.watch_inactive());
    let high = done!(button.watch_state(PinState::Active));
    expect!(!up.ready() && low.ready() && !high.ready());
    expect!(poll(&[&up, &low, &high]) == [1]);
    Ok(())
}

fn levels() -> Result<(), u32> {
    let knob = done!(open::analog::open_in_out("level"));
    expect!(knob.get_config().label == "level");
    done!(knob.set_value_raw(1000));
    expect!(done!(knob.read_raw()) == 1000);
    done!(knob.set_value(0.5));
    expect!((done!(knob.read()) - 0.5).abs() < 0.001);
    let above = done!(knob.watch_above(0.4));
    let below = done!(knob.watch_below_raw(100));
    expect!(above.ready() && !below.ready());
    let all: Vec<_> = [&below, &above, &below, &above].into();
    expect!(poll(&all) == [1, 3]);
    Ok(())
}

fn waiting() -> Result<(), u32> {
    let button = done!(open::digital::open_in("pin"));
    let pressed = done!(button.watch_rising_edge());
    // The test presses when this waits, three times.
    for _ in 0..3 {
        pressed.block();
        expect!(!pressed.ready());
    }
    wasi::gpio::delay::delay_ns(100);
    wasi::gpio::delay::delay_us(100);
    wasi::gpio::delay::delay_ms(100);
    Ok(())
}

fn refusals() -> Result<(), u32> {
    expect!(matches!(open::digital::open_out("nowhere"), Err(GpioError::UndefinedPinLabel)));
    expect!(matches!(open::analog::open_in("pin"), Err(GpioError::UndefinedPinLabel)));
    expect!(matches!(open::i2c::open("i2c1"), Err(open::i2c::OpenError::UnknownLabel)));
    expect!(
        matches!(spi::open("card"), Err(spi::Error::Other(why)) if why.to_string() == "card: unknown (module guest)")
    );
    Ok(())
}

//! The crate's own check, run by `wasi-embedded/tests/guest_crate.rs` on a board of fakes: a device on `i2c0` that gives 1, 2, 3
//! and so on in each operation, one on `flash` that sends back what it gets inverted, a pin that reads what it drives, and
//! an analog one that gives what it was set to.
#![no_std]

use wasmote_guest::analog::{AnalogIn, AnalogOut};
use wasmote_guest::embedded_hal::delay::DelayNs;
use wasmote_guest::embedded_hal::digital::{InputPin as _, OutputPin as _, StatefulOutputPin};
use wasmote_guest::embedded_hal::i2c::{self, I2c as _, NoAcknowledgeSource};
use wasmote_guest::embedded_hal::spi::{self, SpiDevice as _};
use wasmote_guest::{
    Delay, I2c, I2cError, InputOutputPin, InputPin, MAX_OPERATIONS, OpenError, OutputPin, PinError, SpiDevice,
    SpiError, poll,
};

/// The line of an expectation that is not met.
macro_rules! expect {
    ($($condition:expr),+ $(,)?) => {
        $(if !($condition) {
            return line!();
        })+
    };
}

macro_rules! open {
    ($open:expr) => {
        match $open {
            Ok(opened) => opened,
            Err(_) => return line!(),
        }
    };
}

/// 0, or the line of the first expectation that is not met.
#[unsafe(no_mangle)]
extern "C" fn check() -> u32 {
    for part in [buses(), devices(), pins(), analog(), refusals()] {
        if part != 0 {
            return part;
        }
    }
    Delay.delay_ns(1);
    Delay.delay_us(2);
    Delay.delay_ms(3);
    0
}

fn buses() -> u32 {
    let mut bus = open!(I2c::open("i2c0"));
    let (mut four, mut two, mut three, mut one) = ([0; 4], [0; 2], [0; 3], [0; 1]);
    expect!(bus.read(0x48u8, &mut four).is_ok(), four == [1, 2, 3, 4]);
    expect!(bus.read(0x48u8, &mut []).is_ok());
    expect!(bus.write(0x48u8, &[5, 6]).is_ok());
    expect!(bus.write_read(0x48u8, &[7], &mut two).is_ok(), two == [1, 2]);
    let mut operations = [
        i2c::Operation::Write(&[9, 8]),
        i2c::Operation::Read(&mut three),
        i2c::Operation::Write(&[]),
        i2c::Operation::Read(&mut []),
        i2c::Operation::Read(&mut one),
    ];
    expect!(bus.transaction(0x48u8, &mut operations).is_ok(), three == [1, 2, 3], one == [1]);
    expect!(bus.transaction(0x48u8, &mut []).is_ok());
    let mut many = [const { i2c::Operation::Write(&[]) }; MAX_OPERATIONS + 1];
    expect!(bus.transaction(0x48u8, &mut many) == Err(I2cError(i2c::ErrorKind::Other)));
    let mut long = [0; 257];
    expect!(bus.read(0x48u8, &mut long) == Err(I2cError(i2c::ErrorKind::Other)), long == [0; 257]);
    // The fake knows no 10-bit addresses, which the host tells from their number.
    expect!(bus.write(0x3ffu16, &[1]) == Err(I2cError(i2c::ErrorKind::Other)));
    0
}

fn devices() -> u32 {
    let mut device = open!(SpiDevice::open("flash"));
    let (mut three, mut two) = ([0; 3], [0; 2]);
    expect!(device.read(&mut three).is_ok(), three == [1, 2, 3]);
    expect!(device.write(&[4, 5]).is_ok());
    let mut place = [0x0f, 0xff];
    expect!(device.transfer_in_place(&mut place).is_ok(), place == [0xf0, 0x00]);
    // Of different lengths: what one side has more follows alone.
    let mut more = [0; 4];
    expect!(device.transfer(&mut more, &[0xfe, 0xfd]).is_ok(), more == [1, 2, 1, 2]);
    expect!(device.transfer(&mut two, &[1, 2, 3]).is_ok(), two == [0xfe, 0xfd]);
    let mut in_place = [0x55];
    let mut operations = [
        spi::Operation::Write(&[0x9f]),
        spi::Operation::DelayNs(100),
        spi::Operation::TransferInPlace(&mut in_place),
        spi::Operation::Read(&mut two),
    ];
    expect!(device.transaction(&mut operations).is_ok(), in_place == [0xaa], two == [1, 2]);
    let mut long = [0; 300];
    expect!(device.read(&mut long) == Err(SpiError(spi::ErrorKind::Other)));
    let mut many = [const { spi::Operation::DelayNs(1) }; MAX_OPERATIONS + 1];
    expect!(device.transaction(&mut many) == Err(SpiError(spi::ErrorKind::Other)));
    0
}

fn pins() -> u32 {
    let mut output = open!(OutputPin::open("pin"));
    let mut input = open!(InputPin::open("pin"));
    expect!(input.is_low() == Ok(true), output.is_set_low() == Ok(true));
    expect!(output.set_high().is_ok(), input.is_high() == Ok(true), output.is_set_high() == Ok(true));
    expect!(output.toggle().is_ok(), input.is_low() == Ok(true), output.is_set_high() == Ok(false));
    let mut both = open!(InputOutputPin::open("pin"));
    expect!(both.set_high().is_ok(), both.is_set_high() == Ok(true), both.is_high() == Ok(true));
    expect!(both.toggle().is_ok(), both.is_set_low() == Ok(true), both.set_low().is_ok());
    let (rising, falling) = (open!(input.watch_rising_edge()), open!(input.watch_falling_edge()));
    let (active, inactive) = (open!(input.watch_active()), open!(input.watch_inactive()));
    expect!(inactive.is_ready(), !active.is_ready(), !rising.is_ready());
    // The bench makes a pulse while the module waits.
    expect!(poll(&[&rising, &falling]) == 0b11, !rising.is_ready(), !falling.is_ready());
    expect!(poll(&[&rising, &inactive]) == 0b10);
    inactive.block();
    0
}

fn analog() -> u32 {
    let mut output = open!(AnalogOut::open("level"));
    let mut input = open!(AnalogIn::open("level"));
    expect!(output.set(1.0).is_ok(), input.read() == Ok(1.0), input.read_raw() == Ok(4095));
    expect!(output.set_raw(0).is_ok(), input.read() == Ok(0.0));
    let (above, below) = (open!(input.watch_above(0.5)), open!(input.watch_below(0.5)));
    expect!(below.is_ready(), !above.is_ready(), poll(&[&above, &below]) == 0b10);
    0
}

fn refusals() -> u32 {
    let mut reason_bytes = 0;
    expect!(
        I2c::open("none").err() == Some(OpenError::UnknownLabel),
        OutputPin::open("none").err() == Some(PinError::UndefinedLabel),
        AnalogIn::open("none").err() == Some(PinError::UndefinedLabel),
        SpiDevice::open_or("none", |why| reason_bytes = why.len()).err() == Some(SpiError(spi::ErrorKind::Other)),
        reason_bytes == "none: unknown (module guest)".len(),
    );
    0
}

/// The number of an error's kind, 0 for none.
fn i2c_number(outcome: Result<(), I2cError>) -> u32 {
    match outcome.map_err(|error| error.0) {
        Ok(()) => 0,
        Err(i2c::ErrorKind::Bus) => 1,
        Err(i2c::ErrorKind::ArbitrationLoss) => 2,
        Err(i2c::ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)) => 3,
        Err(i2c::ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data)) => 4,
        Err(i2c::ErrorKind::NoAcknowledge(NoAcknowledgeSource::Unknown)) => 5,
        Err(i2c::ErrorKind::Overrun) => 6,
        Err(_) => 7,
    }
}

/// The kind of error of a transfer on the bus.
#[unsafe(no_mangle)]
extern "C" fn i2c_kind(call: u32) -> u32 {
    let Ok(mut bus) = I2c::open("i2c0") else { return u32::MAX };
    let mut two = [0; 2];
    i2c_number(match call {
        0 => bus.read(0x48u8, &mut two),
        1 => bus.write(0x48u8, &two),
        2 => bus.write_read(0x48u8, &[1], &mut two),
        _ => bus.transaction(0x48u8, &mut [i2c::Operation::Write(&[1]), i2c::Operation::Read(&mut two)]),
    })
}

/// The kind of error of a transfer with the device.
#[unsafe(no_mangle)]
extern "C" fn spi_kind(call: u32) -> u32 {
    let Ok(mut device) = SpiDevice::open("flash") else { return u32::MAX };
    let mut two = [0; 2];
    let outcome = match call {
        0 => device.read(&mut two),
        1 => device.write(&two),
        2 => device.transfer_in_place(&mut two),
        _ => device.transaction(&mut [spi::Operation::Write(&[1]), spi::Operation::Read(&mut two)]),
    };
    match outcome.map_err(|error| error.0) {
        Ok(()) => 0,
        Err(spi::ErrorKind::Overrun) => 1,
        Err(spi::ErrorKind::ModeFault) => 2,
        Err(spi::ErrorKind::FrameFormat) => 3,
        Err(spi::ErrorKind::ChipSelectFault) => 4,
        Err(_) => 5,
    }
}

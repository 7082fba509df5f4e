//! The guest crate inside a module (`guest/examples/check.rs`): its data, its errors, and what the board is asked.

mod common;

use common::{Guest, Policy};
use embedded_hal::i2c::{ErrorKind as I2cKind, NoAcknowledgeSource};
use embedded_hal::spi::ErrorKind as SpiKind;
use wasmote::{Run, Val};
use wasmote_wasi_embedded::{Edge, Line};

fn guest() -> Guest {
    Guest::of(include_bytes!("../guest/examples/check.wasm"), Policy::default())
}

/// Calls an export to its end; each time the guest waits, its pin has a pulse.
fn call(guest: &mut Guest, name: &str, arguments: &[i64]) -> u32 {
    let thread = guest.spawn(name, arguments);
    loop {
        match guest.run(thread) {
            Run::Pending => {
                guest.app.board.events.record(Line(0), Edge::Rising);
                guest.app.board.events.record(Line(0), Edge::Falling);
            }
            Run::Finished => break,
            other => panic!("{name}: {other:?}"),
        }
    }
    let mut results = [Val::I32(-1)];
    guest.store.results(thread, &mut results);
    guest.store.end(thread);
    match results {
        [Val::I32(value)] => value as u32,
        other => panic!("{other:?}"),
    }
}

#[test]
fn data_arrive_and_the_board_is_asked_as_the_driver_did() {
    let mut guest = guest();
    assert_eq!(call(&mut guest, "check", &[]), 0, "the line of examples/check.rs that was not met");
    let board = &guest.app.board;
    let i2c = [
        "0x48 read 4",
        "0x48 read 0",
        "0x48 write [5, 6]",
        "0x48 write [7] read 2",
        "0x48 transaction write [9, 8] read 3 write [] read 0 read 1",
        "0x48 transaction",
    ];
    assert_eq!(board.i2c.log, i2c);
    let spi = [
        "read 3",
        "write [4, 5]",
        "transfer [15, 255]",
        "transfer [254, 253] read 2",
        "transfer [1, 2] write [3]",
        "write [159] delay 100 transfer [85] read 2",
    ];
    assert_eq!(board.spi.log, spi);
    assert_eq!(board.delay.log, ["1 ns", "2 us", "3 ms"]);
    assert_eq!(board.watching, 0, "every pollable was dropped");
    let count = |word: &str| board.log.iter().filter(|line| line.starts_with(word)).count();
    assert_eq!((count("open"), count("close")), (7, 7), "every handle was dropped");
}

#[test]
fn every_kind_of_i2c_error_comes_back_as_the_same_kind() {
    use NoAcknowledgeSource::{Address, Data, Unknown};
    let kinds = [
        I2cKind::Bus,
        I2cKind::ArbitrationLoss,
        I2cKind::NoAcknowledge(Address),
        I2cKind::NoAcknowledge(Data),
        I2cKind::NoAcknowledge(Unknown),
        I2cKind::Overrun,
        I2cKind::Other,
    ];
    let mut guest = guest();
    for function in 0..4 {
        for (kind, number) in kinds.into_iter().zip(1..) {
            guest.app.board.i2c.error = Some(kind);
            assert_eq!(call(&mut guest, "i2c_kind", &[function]), number, "{kind:?} in call {function}");
        }
        guest.app.board.i2c.error = None;
        assert_eq!(call(&mut guest, "i2c_kind", &[function]), 0);
    }
}

#[test]
fn every_kind_of_spi_error_comes_back_as_the_same_kind() {
    let kinds = [SpiKind::Overrun, SpiKind::ModeFault, SpiKind::FrameFormat, SpiKind::ChipSelectFault, SpiKind::Other];
    let mut guest = guest();
    for function in 0..4 {
        for (kind, number) in kinds.into_iter().zip(1..) {
            guest.app.board.spi.error = Some(kind);
            assert_eq!(call(&mut guest, "spi_kind", &[function]), number, "{kind:?} in call {function}");
        }
        guest.app.board.spi.error = None;
        assert_eq!(call(&mut guest, "spi_kind", &[function]), 0);
    }
}

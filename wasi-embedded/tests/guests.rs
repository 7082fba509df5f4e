//! Guests that the ordinary wit-bindgen made from the unchanged WIT files, in Rust and in C, unchanged themselves.
//!
//! Their sources and how they were built are in `guests/`. Each goes through every interface by the generated bindings and
//! gives the line of the first thing that is not as it should be; here the board is played, and what it was asked is
//! compared.

mod common;

use common::{Guest, Policy};
use wasmote::{Run, Val};
use wasmote_wasi_embedded::{Edge, Line};

/// What the board is asked on the way, by both guests.
const I2C_LOG: [&str; 5] = [
    "0x48 read 4",
    "0x48 read 0",
    "0x48 write [1, 2]",
    "0x48 write [0] read 2",
    "0x48 transaction write [9, 8] read 3 write [] read 1",
];
const SPI_LOG: [&str; 4] =
    ["read 3", "write [1, 2, 3]", "transfer [0, 15]", "write [159] delay 100 transfer [1] read 2"];

/// Runs a guest to its end, pressing the button each time it waits.
fn run(wasm: &[u8]) {
    let mut guest = Guest::of(wasm, Policy { denied_address: Some(0x50), ..Policy::default() });
    let thread = guest.spawn("check", &[]);
    let mut presses = 0;
    loop {
        match guest.run(thread) {
            Run::Pending => {
                assert_eq!(guest.app.hardware.blocked().and_then(|blocked| blocked.deadline_ns), None);
                guest.app.board.events.record(Line(0), Edge::Rising);
                guest.app.board.events.record(Line(0), Edge::Falling);
                presses += 1;
            }
            Run::Finished => break,
            other => panic!("{other:?}"),
        }
    }
    let mut results = [Val::I32(-1)];
    guest.store.results(thread, &mut results);
    assert_eq!(results, [Val::I32(0)], "the line of the guest's source that was not met");
    assert_eq!(presses, 3);
    assert_eq!(guest.app.board.i2c.log, I2C_LOG);
    assert_eq!(guest.app.board.spi.log, SPI_LOG);
    assert_eq!(guest.app.board.delay.log, ["1000 ns", "100 ns", "100 us", "100 ms"]);
    assert_eq!(guest.app.board.watching, 0, "every pollable was dropped");
    let opened = guest.app.board.log.iter().filter(|line| line.starts_with("open")).count();
    let closed = guest.app.board.log.iter().filter(|line| line.starts_with("close")).count();
    assert_eq!((opened, closed), (7, 7), "every handle was dropped");
}

#[test]
fn a_guest_in_rust() {
    run(include_bytes!("guests/prebuilt/hardware-rust.wasm"));
}

#[test]
fn a_guest_in_c() {
    run(include_bytes!("guests/prebuilt/hardware-c.wasm"));
}

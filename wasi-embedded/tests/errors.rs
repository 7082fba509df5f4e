//! Failures of the board, injected at every call, reach the guest as the WIT's errors, byte for byte; limits and the policy
//! likewise, and those are told to the embedder with names.

mod common;

use common::board::CLASSES;
use common::{Guest, HEAP, Policy};
use embedded_hal::{i2c, spi};
use wasmote_wasi_embedded::{Address, Class, Denied, PinError, PinMode, Reason};

/// A byte that must not be written.
const X: u8 = 0xaa;

const I2C: &str = "i2c/i2c";
const SPI: &str = "wasi:spi/spi";

/// The calls of the bus; the transaction reads and writes.
fn i2c_calls(bus: i64) -> [(&'static str, Vec<i64>); 4] {
    [
        ("[method]i2c.read", vec![bus, 0x48, 2]),
        ("[method]i2c.write", vec![bus, 0x48, 0x100, 2]),
        ("[method]i2c.write-read", vec![bus, 0x48, 0x100, 2, 2]),
        ("[method]i2c.transaction", vec![bus, 0x48, 0x100, 2]),
    ]
}

fn spi_calls(device: i64) -> [(&'static str, Vec<i64>); 4] {
    [
        ("[method]spi-device.read", vec![device, 2]),
        ("[method]spi-device.write", vec![device, 0x100, 2]),
        ("[method]spi-device.transfer", vec![device, 0x100, 2]),
        ("[method]spi-device.transaction", vec![device, 0x100, 2]),
    ]
}

/// Two operations at 0x100: a read of 2 bytes and a write of 2.
fn put_operations(guest: &mut Guest) {
    guest.write(0x100, &[0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    guest.write(0x110, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 2, 0, 0, 0]);
}

/// The error arm of an i2c call: `write` has its tag at 1, the others at 4.
fn i2c_error(guest: &mut Guest, name: &str, arguments: &[i64]) -> [u8; 2] {
    if name.ends_with(".write") {
        let [arm, tag, source]: [u8; 3] = guest.result(I2C, name, arguments);
        assert_eq!(arm, 1);
        [tag, source]
    } else {
        let [1, X, X, X, tag, source, X, X, X, X, X, X]: [u8; 12] = guest.result(I2C, name, arguments) else {
            panic!("{name}")
        };
        [tag, source]
    }
}

#[test]
fn every_kind_of_i2c_error_at_every_call() {
    use i2c::{ErrorKind, NoAcknowledgeSource};
    let kinds = [
        (ErrorKind::Bus, [0, X]),
        (ErrorKind::ArbitrationLoss, [1, X]),
        (ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address), [2, 0]),
        (ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data), [2, 1]),
        (ErrorKind::NoAcknowledge(NoAcknowledgeSource::Unknown), [2, 2]),
        (ErrorKind::Overrun, [3, X]),
        (ErrorKind::Other, [4, X]),
    ];
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    put_operations(&mut guest);
    for (kind, expected) in kinds {
        guest.app.board.i2c.error = Some(kind);
        for (name, arguments) in i2c_calls(bus) {
            assert_eq!(i2c_error(&mut guest, name, &arguments), expected, "{kind:?} {name}");
        }
    }
    assert_eq!(guest.app.board.i2c.log.len(), 4 * kinds.len());
    // The bus works again when it works again.
    guest.app.board.i2c.error = None;
    let result: [u8; 3] = guest.result(I2C, "[method]i2c.write", &[bus, 0x48, 0x100, 1]);
    assert_eq!(result[0], 0);
}

#[test]
fn every_kind_of_spi_error_at_every_call() {
    use spi::ErrorKind;
    let kinds = [
        (ErrorKind::Overrun, 0),
        (ErrorKind::ModeFault, 1),
        (ErrorKind::FrameFormat, 2),
        (ErrorKind::ChipSelectFault, 3),
        (ErrorKind::Other, 4),
    ];
    let mut guest = Guest::new();
    let device = guest.open_spi();
    put_operations(&mut guest);
    for (kind, tag) in kinds {
        guest.app.board.spi.error = Some(kind);
        for (name, arguments) in spi_calls(device) {
            // `write` writes its result to the last byte; the others leave alone what the case does not have.
            let gap = if name.ends_with(".write") { 0 } else { X };
            let text = if tag == 4 { [1, 0, 0, 0, 0, 0, 0, 0] } else { [gap; 8] };
            let mut expected = [1, gap, gap, gap, tag, gap, gap, gap, 0, 0, 0, 0, 0, 0, 0, 0];
            expected[8..].copy_from_slice(&text);
            let result: [u8; 16] = guest.result(SPI, name, &arguments);
            assert_eq!(result, expected, "{kind:?} {name}");
        }
    }
    assert_eq!(guest.app.board.spi.log.len(), 4 * kinds.len());
}

/// All cases of `gpio-error`.
const PIN_ERRORS: [PinError; 9] = [
    PinError::HardwareFault,
    PinError::AlreadyInUse,
    PinError::NotAllowed,
    PinError::ModeNotAllowed,
    PinError::UndefinedLabel,
    PinError::ModeNotAvailable,
    PinError::WouldBlock,
    PinError::NotSupported,
    PinError::Other,
];

fn pin_error(error: PinError) -> [u8; 16] {
    if error == PinError::Other {
        [1, X, X, X, 8, X, X, X, 1, 0, 0, 0, 0, 0, 0, 0]
    } else {
        [1, X, X, X, error as u8, X, X, X, X, X, X, X, X, X, X, X]
    }
}

#[test]
fn a_digital_pin_that_fails_at_every_call() {
    let mut guest = Guest::new();
    let pin = guest.open("open/digital", "open-in-out", "pin");
    guest.app.board.pin.fails = true;
    let calls: [(&str, &[i64]); 7] = [
        ("set-state", &[pin, 0]),
        ("set-active", &[pin]),
        ("set-inactive", &[pin]),
        ("toggle", &[pin]),
        ("read", &[pin]),
        ("is-active", &[pin]),
        ("is-inactive", &[pin]),
    ];
    for (name, arguments) in calls {
        let name = format!("[method]digital-in-out-pin.{name}");
        let result: [u8; 16] = guest.result("gpio/digital", &name, arguments);
        assert_eq!(result, pin_error(PinError::Other), "{name}");
    }
    assert_eq!(guest.asked(), 0);
}

#[test]
fn a_pin_without_interrupts_cannot_be_watched() {
    let mut guest = Guest::new();
    let pin = guest.open("open/digital", "open-in", "pin");
    guest.app.board.can_watch = false;
    let calls: [(&str, &[i64]); 5] = [
        ("watch-state", &[pin, 0]),
        ("watch-active", &[pin]),
        ("watch-inactive", &[pin]),
        ("watch-falling-edge", &[pin]),
        ("watch-rising-edge", &[pin]),
    ];
    for (name, arguments) in calls {
        let name = format!("[method]digital-in-pin.{name}");
        let result: [u8; 16] = guest.result("gpio/digital", &name, arguments);
        assert_eq!(result, pin_error(PinError::NotSupported), "{name}");
    }
    assert_eq!(guest.import("gpio/digital", "[resource-drop]digital-in-pin", &[pin]), Ok(None));
}

#[test]
fn an_analog_pin_that_fails_at_every_call() {
    for error in PIN_ERRORS {
        let mut guest = Guest::new();
        let pin = guest.open("open/analog", "open-in-out", "level");
        guest.app.board.analog.error = Some(error);
        let calls: [(&str, &[i64]); 4] =
            [("set-value-raw", &[pin, 1]), ("set-value", &[pin, 0]), ("read-raw", &[pin]), ("read", &[pin])];
        for (name, arguments) in calls {
            let name = format!("[method]analog-in-out-pin.{name}");
            let result: [u8; 16] = guest.result("gpio/analog", &name, arguments);
            assert_eq!(result, pin_error(error), "{name}");
        }
    }
}

/// What a guest finds when it opens a label in vain.
fn refused(guest: &mut Guest, class: Class, interface: &str, open: &str, label: &str) -> Vec<u8> {
    guest.write(0x100, label.as_bytes());
    let arguments = [0x100, label.len() as i64];
    if class == Class::I2c {
        guest.result::<8>(interface, open, &arguments).to_vec()
    } else {
        guest.result::<16>(interface, open, &arguments).to_vec()
    }
}

fn label_of(class: Class) -> &'static str {
    match class {
        Class::I2c => "i2c0",
        Class::Spi => "flash",
        Class::Digital(_) => "pin",
        Class::Analog(_) => "level",
    }
}

/// The refusal as the guest sees it, with the text that spi has for it.
fn expected_refusal(class: Class, error: PinError, text_len: usize) -> Vec<u8> {
    match class {
        Class::I2c => {
            let case = match error {
                PinError::UndefinedLabel => 0,
                PinError::NotAllowed | PinError::ModeNotAllowed => 1,
                PinError::AlreadyInUse => 2,
                _ => 3,
            };
            vec![1, X, X, X, case, X, X, X]
        }
        Class::Spi => vec![1, X, X, X, 4, X, X, X, 0, 0x10, 0, 0, text_len as u8, 0, 0, 0],
        _ => pin_error(error).to_vec(),
    }
}

#[test]
fn a_board_that_cannot_open_says_why_for_every_class() {
    for (class, interface, open) in CLASSES {
        for error in PIN_ERRORS {
            let mut guest = Guest::new();
            guest.app.board.open_error = Some(error);
            let label = label_of(class);
            let result = refused(&mut guest, class, interface, open, label);
            let refusal = guest.app.hardware.take_refusal().unwrap();
            assert_eq!((refusal.class, refusal.label.as_str()), (class, label));
            assert_eq!(refusal.reason, Reason::Open(error));
            let text = refusal.text(guest.app.hardware.module());
            assert_eq!(result, expected_refusal(class, error, text.len()), "{class:?} {error:?}");
            if class == Class::Spi {
                assert_eq!(guest.bytes(HEAP, text.len()), text.as_bytes());
            }
            // No handle was given away.
            guest.app.board.open_error = None;
            assert_eq!(guest.open(interface, open, label), 1);
        }
    }
}

#[test]
fn what_the_policy_does_not_grant_is_refused_with_label_and_module() {
    for (class, interface, open) in CLASSES {
        let denials = [
            (Denied::Label, PinError::NotAllowed, "not granted"),
            (Denied::Mode, PinError::ModeNotAllowed, "not granted in this mode"),
        ];
        for (denied, error, words) in denials {
            let mut guest = Guest::new();
            guest.app.hardware.grants.denied = Some(denied);
            let result = refused(&mut guest, class, interface, open, label_of(class));
            let refusal = guest.app.hardware.take_refusal().unwrap();
            let text = format!("{}: {words} (module guest)", label_of(class));
            assert_eq!(refusal.text(guest.app.hardware.module()).as_str(), text);
            assert_eq!(result, expected_refusal(class, error, text.len()));
            assert_eq!(guest.app.board.log, [""; 0], "the board was not asked to open it");
            assert_eq!(guest.app.hardware.take_refusal(), None, "told once");
        }
    }
}

#[test]
fn labels_that_the_board_does_not_have_are_undefined() {
    let long = "x".repeat(1000);
    for (class, interface, open) in CLASSES {
        for label in ["", "nowhere", "pin\0", &long] {
            let mut guest = Guest::new();
            guest.app.hardware.grants.denied = Some(Denied::Label);
            let result = refused(&mut guest, class, interface, open, label);
            let refusal = guest.app.hardware.take_refusal().unwrap();
            assert!(refusal.label.len() <= 32 && label.starts_with(refusal.label.as_str()));
            assert_eq!(refusal.reason, Reason::Open(PinError::UndefinedLabel));
            let text = refusal.text("guest");
            assert_eq!(result, expected_refusal(class, PinError::UndefinedLabel, text.len()), "{class:?} {label}");
        }
    }
}

#[test]
fn an_address_that_is_not_granted_is_not_there_and_the_bus_is_not_touched() {
    let mut guest = Guest::new();
    guest.app.hardware.grants = Policy { denied_address: Some(0x48), ..Policy::default() };
    let bus = guest.open_i2c();
    put_operations(&mut guest);
    for (name, arguments) in i2c_calls(bus) {
        assert_eq!(i2c_error(&mut guest, name, &arguments), [2, 0], "{name}");
        let refusal = guest.app.hardware.take_refusal().unwrap();
        assert_eq!(refusal.reason, Reason::Address(Address::Seven(0x48)));
        assert_eq!(refusal.text("guest").as_str(), "i2c0: not granted at this address (module guest)");
    }
    assert_eq!(guest.app.board.i2c.log, [""; 0]);
    assert_eq!(guest.asked(), 0, "nor was anything allocated");
    let result: [u8; 3] = guest.result(I2C, "[method]i2c.write", &[bus, 0x49, 0x100, 1]);
    assert_eq!(result[0], 0);
}

#[test]
fn reads_beyond_the_granted_length_are_refused_before_anything_is_allocated() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    let device = guest.open_spi();
    for len in [257, 1 << 31, 1 << 32, 1 << 63, u64::MAX] {
        put_operations(&mut guest);
        guest.write(0x108, &len.to_le_bytes());
        let reads = [
            ("[method]i2c.read", vec![bus, 0x48, len as i64]),
            ("[method]i2c.write-read", vec![bus, 0x48, 0x100, 2, len as i64]),
            ("[method]i2c.transaction", vec![bus, 0x48, 0x100, 2]),
        ];
        for (name, arguments) in reads {
            assert_eq!(i2c_error(&mut guest, name, &arguments), [4, X], "{name} {len}");
            assert_eq!(guest.app.hardware.take_refusal().unwrap().reason, Reason::Length(len));
        }
        assert_eq!((guest.asked(), guest.app.board.i2c.log.len()), (0, 0));
    }
    let text = "longer than this module may read";
    put_operations(&mut guest);
    guest.write(0x108, &(1u64 << 63).to_le_bytes());
    let reads = [
        ("[method]spi-device.read", vec![device, i64::MIN]),
        ("[method]spi-device.transfer", vec![device, 0x100, 257]),
        ("[method]spi-device.transaction", vec![device, 0x100, 2]),
    ];
    for (n, (name, arguments)) in (0..).zip(reads) {
        let at = HEAP + n * text.len() as u32;
        let result: [u8; 16] = guest.result(SPI, name, &arguments);
        assert_eq!(result[..8], [1, X, X, X, 4, X, X, X], "{name}");
        assert_eq!(result[8..12], at.to_le_bytes());
        assert_eq!(guest.bytes(at, text.len()), text.as_bytes());
        assert_eq!(guest.app.board.spi.log, [""; 0]);
    }
}

#[test]
fn the_lengths_of_one_transaction_are_granted_together() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    for (first, second, granted) in
        [(128u64, 128u64, true), (128, 129, false), (u64::MAX, 1, false), (1, u64::MAX, false)]
    {
        guest.write(0x100, &[0; 32]);
        guest.write(0x108, &first.to_le_bytes());
        guest.write(0x118, &second.to_le_bytes());
        let result: [u8; 12] = guest.result(I2C, "[method]i2c.transaction", &[bus, 0x48, 0x100, 2]);
        assert_eq!(result[0] == 0, granted, "{first} {second}");
    }
}

#[test]
fn transactions_have_at_most_16_operations() {
    let mut guest = Guest::new();
    let (bus, device) = (guest.open_i2c(), guest.open_spi());
    guest.write(0x100, &[0; 17 * 16]);
    let result: [u8; 12] = guest.result(I2C, "[method]i2c.transaction", &[bus, 0x48, 0x100, 16]);
    assert_eq!((result[0], result[8]), (0, 16));
    assert_eq!(i2c_error(&mut guest, "[method]i2c.transaction", &[bus, 0x48, 0x100, 17]), [4, X]);
    let result: [u8; 16] = guest.result(SPI, "[method]spi-device.transaction", &[device, 0x100, 16]);
    assert_eq!((result[0], result[8]), (0, 16));
    let result: [u8; 16] = guest.result(SPI, "[method]spi-device.transaction", &[device, 0x100, 17]);
    assert_eq!((result[0], result[4], result[12]), (1, 4, "too many operations".len() as u8));
    assert_eq!((guest.app.board.i2c.log.len(), guest.app.board.spi.log.len()), (1, 1));
}

#[test]
fn closing_everything_gives_every_line_back() {
    let mut guest = Guest::new();
    guest.open_i2c();
    let pin = guest.open("open/digital", "open-in", "pin");
    let _: [u8; 16] = guest.result("gpio/digital", "[method]digital-in-pin.watch-active", &[pin]);
    let app = &mut guest.app;
    app.hardware.close_all(&mut app.board);
    assert_eq!(app.board.log[2..], ["close I2c Line(0)", "close Digital(In) Line(0)"]);
    assert_eq!(app.board.watching, 0);
    assert_eq!(Class::Digital(PinMode::In), CLASSES[3].0);
}

//! Every function once or more, and every byte of what it gives, as the interfaces' documentation lays it out.
//!
//! Bytes that the canonical ABI leaves alone (padding, payloads that a case does not have) must be left alone: 0xaa.

mod common;

use common::board::CLASSES;
use common::{Guest, HEAP, Policy, signatures};
use wasmote::{Engine, HostFunc, Module, ValType};
use wasmote_wasi_embedded::{ActiveLevel, Class, Embedded, PinMode, Pull, Settings};

/// A byte that must not be written.
const X: u8 = 0xaa;
/// Where tests put arguments.
const ARGUMENTS: i64 = 0x100;
const OUT: &str = "digital-out-pin";
const IN: &str = "digital-in-pin";
const IN_OUT: &str = "digital-in-out-pin";

fn f32_bits(value: f32) -> i64 {
    i64::from(value.to_bits())
}

/// The arm and payload of an `ok` whose payload is 4 bytes in a result of 16.
fn ok4(value: u32) -> [u8; 16] {
    let [a, b, c, d] = value.to_le_bytes();
    [0, X, X, X, a, b, c, d, X, X, X, X, X, X, X, X]
}

/// An `ok` whose payload is a byte.
fn ok1(value: u8) -> [u8; 16] {
    [0, X, X, X, value, X, X, X, X, X, X, X, X, X, X, X]
}

const OK0: [u8; 16] = [0, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X];

fn names(types: &[ValType]) -> Vec<String> {
    types.iter().map(|ty| ty.name().to_owned()).collect()
}

#[test]
fn the_table_has_each_of_the_78_imports_with_its_core_type_and_the_8_that_open_labels() {
    let table: &[HostFunc<common::App>] = Embedded::<common::App>::FUNCTIONS;
    assert_eq!((signatures().len(), table.len()), (78 + 8, 78 + 8));
    for signature in signatures() {
        let found: Vec<_> = table.iter().filter(|f| f.module == signature.module && f.name == signature.name).collect();
        let [found] = found[..] else { panic!("{signature:?} is there {} times", found.len()) };
        assert_eq!((names(found.params), names(found.results)), (signature.params, signature.results));
    }
}

#[test]
fn a_guest_with_all_imports_is_valid() {
    let wasm = wat::parse_str(common::guest_text(common::BUMP)).unwrap();
    let module = Module::new(&Engine::default(), &wasm, common::lent(256 << 10)).unwrap();
    assert_eq!(module.imports().count(), 86);
}

#[test]
fn other_versions_and_the_draft_naming_mean_the_same_functions() {
    let text = common::guest_text(&common::BUMP.replace("cabi_realloc", "cm32p2_realloc"))
        .replace("(import \"wasi:io/poll@0.2.4\"", "(import \"wasi:io/poll@0.2.1\"")
        .replace("(import \"wasi:gpio/digital@0.2.0\"", "(import \"cm32p2|wasi:gpio/digital@0.2\"")
        .replace("(import \"wasi:i2c/i2c@0.2.0-draft\"", "(import \"cm32p2|wasi:i2c/i2c@0.2.0-draft\"")
        .replace("2\" \"[resource-drop]digital-in-pin\" (func", "2\" \"digital-in-pin_drop\" (func");
    assert!(text.contains("digital-in-pin_drop\" (func"));
    let mut guest = Guest::of(&wat::parse_str(text).unwrap(), Policy::default());
    let pin = guest.open("open/digital", "open-in", "pin");
    let _: [u8; 12] = guest.result(DIGITAL, &method(IN, "get-config"), &[pin]);
    assert_eq!(guest.import(DIGITAL, "[resource-drop]digital-in-pin", &[pin]), Ok(None));
    assert_eq!(guest.app.board.log.last().unwrap(), "close Digital(In) Line(0)");
}

// ---- i2c ----

#[test]
fn i2c_read() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    let result: [u8; 12] = guest.result("i2c/i2c", "[method]i2c.read", &[bus, 0x48, 3]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 3, 0, 0, 0]);
    assert_eq!(guest.bytes(HEAP, 4), [1, 2, 3, 0]);
    assert_eq!(guest.app.board.i2c.log, ["0x48 read 3"]);
    assert_eq!(guest.asked(), 1);
}

#[test]
fn i2c_read_of_nothing_is_an_empty_list() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    let result: [u8; 12] = guest.result("i2c/i2c", "[method]i2c.read", &[bus, 0x48, 0]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 0, 0, 0, 0]);
    assert_eq!(guest.app.board.i2c.log, ["0x48 read 0"]);
}

#[test]
fn i2c_write() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    guest.write(0x101, &[7, 8, 9]);
    let result: [u8; 3] = guest.result("i2c/i2c", "[method]i2c.write", &[bus, 0x48, 0x101, 3]);
    assert_eq!(result, [0, X, X]);
    assert_eq!(guest.app.board.i2c.log, ["0x48 write [7, 8, 9]"]);
    assert_eq!(guest.asked(), 0);
}

#[test]
fn i2c_addresses_are_taken_modulo_2_to_the_16_and_a_bus_without_10_bits_refuses_those() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    let result: [u8; 3] = guest.result("i2c/i2c", "[method]i2c.write", &[bus, 0x1_0048, 0, 0]);
    assert_eq!(result, [0, X, X]);
    assert_eq!(guest.app.board.i2c.log, ["0x48 write []"]);
    let result: [u8; 3] = guest.result("i2c/i2c", "[method]i2c.write", &[bus, 0x80, 0, 0]);
    assert_eq!(result, [1, 4, X]);
    assert_eq!(guest.app.board.i2c.log.len(), 1);
}

#[test]
fn i2c_write_read() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    guest.write(0x100, &[5, 6]);
    let result: [u8; 12] = guest.result("i2c/i2c", "[method]i2c.write-read", &[bus, 0x48, ARGUMENTS, 2, 4]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 4, 0, 0, 0]);
    assert_eq!(guest.bytes(HEAP, 5), [1, 2, 3, 4, 0]);
    assert_eq!(guest.app.board.i2c.log, ["0x48 write [5, 6] read 4"]);
}

/// An operation of 16 bytes: tag and a 64-bit payload.
fn operation(tag: u8, payload: u64) -> [u8; 16] {
    let mut bytes = [X; 16];
    bytes[0] = tag;
    bytes[8..].copy_from_slice(&payload.to_le_bytes());
    bytes
}

fn list(at: u64, len: u64) -> u64 {
    at | len << 32
}

#[test]
fn i2c_transaction() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    guest.write(0x200, &[0xf0, 0xf1]);
    let operations =
        [operation(0, 2), operation(1, list(0x200, 2)), operation(0, 0), operation(1, list(0x201, 1)), operation(0, 3)];
    guest.write(0x100, operations.as_flattened());
    let result: [u8; 12] = guest.result("i2c/i2c", "[method]i2c.transaction", &[bus, 0x48, ARGUMENTS, 5]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 3, 0, 0, 0]);
    // The list of three lists, then the lists.
    let lists = guest.bytes(HEAP, 24 + 5);
    assert_eq!(lists[..8], [0x18, 0x10, 0, 0, 2, 0, 0, 0]);
    assert_eq!(lists[8..16], [0x1a, 0x10, 0, 0, 0, 0, 0, 0]);
    assert_eq!(lists[16..24], [0x1a, 0x10, 0, 0, 3, 0, 0, 0]);
    assert_eq!(lists[24..], [1, 2, 1, 2, 3]);
    assert_eq!(guest.app.board.i2c.log, ["0x48 transaction read 2 write [240, 241] read 0 write [241] read 3"]);
    assert_eq!(guest.asked(), 4);
}

#[test]
fn i2c_transaction_of_nothing() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    let result: [u8; 12] = guest.result("i2c/i2c", "[method]i2c.transaction", &[bus, 0x48, ARGUMENTS, 0]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 0, 0, 0, 0]);
    assert_eq!(guest.app.board.i2c.log, ["0x48 transaction"]);
}

#[test]
fn i2c_drop_and_its_delay() {
    let mut guest = Guest::new();
    let bus = guest.open_i2c();
    assert_eq!(guest.import("i2c/i2c", "[resource-drop]i2c", &[bus]), Ok(None));
    assert_eq!(guest.app.board.log.last().unwrap(), "close I2c Line(0)");
    let delay = guest.import("open/delay", "open", &[]).unwrap().unwrap();
    assert_eq!(i64::from(delay), bus, "a freed handle is the next to be given");
    assert_eq!(guest.import("i2c/delay", "[method]delay.delay-ns", &[delay.into(), 0xffff_ffff]), Ok(None));
    assert_eq!(guest.app.board.delay.log, ["4294967295 ns"]);
    assert_eq!(guest.import("i2c/delay", "[resource-drop]delay", &[delay.into()]), Ok(None));
}

// ---- spi ----

#[test]
fn spi_open_read_and_drop() {
    let mut guest = Guest::new();
    guest.write(0x100, b"flash");
    let result: [u8; 16] = guest.result("wasi:spi/spi", "open", &[ARGUMENTS, 5]);
    assert_eq!(result, ok4(1));
    let result: [u8; 16] = guest.result("wasi:spi/spi", "[method]spi-device.read", &[1, 2]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 2, 0, 0, 0, X, X, X, X]);
    assert_eq!(guest.bytes(HEAP, 3), [1, 2, 0]);
    assert_eq!(guest.app.board.spi.log, ["read 2"]);
    assert_eq!(guest.import("wasi:spi/spi", "[resource-drop]spi-device", &[1]), Ok(None));
    assert_eq!(guest.app.board.log.last().unwrap(), "close Spi Line(0)");
}

#[test]
fn spi_write_writes_all_of_its_result() {
    let mut guest = Guest::new();
    let device = guest.open_spi();
    guest.write(0x100, &[1, 2, 3]);
    let result: [u8; 16] = guest.result("wasi:spi/spi", "[method]spi-device.write", &[device, ARGUMENTS, 3]);
    assert_eq!(result, [0; 16]);
    assert_eq!(guest.app.board.spi.log, ["write [1, 2, 3]"]);
}

#[test]
fn spi_transfer() {
    let mut guest = Guest::new();
    let device = guest.open_spi();
    let bytes: Vec<u8> = (0..100).collect();
    guest.write(0x100, &bytes);
    let result: [u8; 16] = guest.result("wasi:spi/spi", "[method]spi-device.transfer", &[device, ARGUMENTS, 100]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 100, 0, 0, 0, X, X, X, X]);
    assert_eq!(guest.bytes(HEAP, 100), bytes.iter().map(|byte| !byte).collect::<Vec<_>>());
    assert_eq!(guest.bytes(0x100, 100), bytes, "the argument is only lent");
}

#[test]
fn spi_transaction() {
    let mut guest = Guest::new();
    let device = guest.open_spi();
    guest.write(0x200, &[0x10, 0x20, 0x30]);
    let operations = [
        operation(1, list(0x200, 1)),
        operation(3, 0xffff_ffff_0000_0063),
        operation(2, list(0x201, 2)),
        operation(0, 2),
    ];
    guest.write(0x100, operations.as_flattened());
    let result: [u8; 16] = guest.result("wasi:spi/spi", "[method]spi-device.transaction", &[device, ARGUMENTS, 4]);
    assert_eq!(result, [0, X, X, X, 0, 0x10, 0, 0, 4, 0, 0, 0, X, X, X, X]);
    let results = guest.bytes(HEAP, 48 + 4);
    assert_eq!(results[..4], [1, 0, 0, 0]);
    assert_eq!(results[12..16], [3, 0, 0, 0]);
    assert_eq!(results[24..36], [2, 0, 0, 0, 0x30, 0x10, 0, 0, 2, 0, 0, 0]);
    assert_eq!(results[36..48], [0, 0, 0, 0, 0x32, 0x10, 0, 0, 2, 0, 0, 0]);
    assert_eq!(results[48..], [0xdf, 0xcf, 1, 2]);
    assert_eq!(guest.app.board.spi.log, ["write [16] delay 99 transfer [32, 48] read 2"]);
}

// ---- gpio/digital ----

const DIGITAL: &str = "gpio/digital";

fn method(pin: &str, name: &str) -> String {
    format!("[method]{pin}.{name}")
}

/// A guest whose pins have these settings, and the digital pin opened as asked for.
fn digital_guest(settings: Settings, open: &str) -> (Guest, i64) {
    let mut guest = Guest::new();
    guest.app.hardware.grants = Policy { settings, ..Policy::default() };
    let pin = guest.open("open/digital", open, "pin");
    (guest, pin)
}

const PINS: [(&str, &str); 3] = [(OUT, "open-out"), (IN, "open-in"), (IN_OUT, "open-in-out")];
const ACTIVE_LOW: Settings = Settings { active: ActiveLevel::Low, pull: None, max_clock_hz: None, spi_mode: None };

#[test]
fn digital_get_config() {
    let settings = [
        (Settings::default(), [0, 0, X]),
        (Settings { pull: Some(Pull::Up), ..ACTIVE_LOW }, [1, 1, 0]),
        (Settings { pull: Some(Pull::Down), ..Settings::default() }, [0, 1, 1]),
    ];
    for (settings, [level, some, pull]) in settings {
        for ((pin, open), mode) in PINS.into_iter().zip([1, 0, 2]) {
            let (mut guest, handle) = digital_guest(settings, open);
            let result: [u8; 12] = guest.result(DIGITAL, &method(pin, "get-config"), &[handle]);
            assert_eq!(result, [0, 0x10, 0, 0, 3, 0, 0, 0, mode, level, some, pull]);
            assert_eq!(guest.bytes(HEAP, 4), *b"pin\0");
            assert_eq!(guest.asked(), 1);
        }
    }
}

#[test]
fn digital_set_and_toggle() {
    for settings in [Settings::default(), ACTIVE_LOW] {
        let active_is_high = settings == Settings::default();
        for (pin, open) in [PINS[0], PINS[2]] {
            let (mut guest, handle) = digital_guest(settings, open);
            let mut set = |name: &str, arguments: &[i64]| -> bool {
                let result: [u8; 16] = guest.result(DIGITAL, &method(pin, name), arguments);
                assert_eq!(result, OK0);
                guest.app.board.pin.high == active_is_high
            };
            assert!(set("set-active", &[handle]));
            assert!(!set("set-inactive", &[handle]));
            assert!(set("set-state", &[handle, 0]));
            assert!(!set("set-state", &[handle, 1]));
            assert!(set("toggle", &[handle]));
            assert!(!set("toggle", &[handle]));
        }
    }
}

#[test]
fn digital_read() {
    for settings in [Settings::default(), ACTIVE_LOW] {
        for (pin, open) in [PINS[1], PINS[2]] {
            let (mut guest, handle) = digital_guest(settings, open);
            for high in [false, true] {
                guest.app.board.pin.high = high;
                let active = u8::from(high == (settings == Settings::default()));
                let mut read = |name: &str| -> [u8; 16] { guest.result(DIGITAL, &method(pin, name), &[handle]) };
                assert_eq!(read("read"), ok1(1 - active), "the first case is active");
                assert_eq!(read("is-active"), ok1(active));
                assert_eq!(read("is-inactive"), ok1(1 - active));
            }
        }
    }
}

#[test]
fn digital_watches_give_pollables() {
    for (pin, open) in [PINS[1], PINS[2]] {
        let (mut guest, handle) = digital_guest(Settings::default(), open);
        let names = ["watch-active", "watch-inactive", "watch-falling-edge", "watch-rising-edge"];
        for (n, name) in (2..).zip(names) {
            let result: [u8; 16] = guest.result(DIGITAL, &method(pin, name), &[handle]);
            assert_eq!(result, ok4(n));
        }
        let result: [u8; 16] = guest.result(DIGITAL, &method(pin, "watch-state"), &[handle, 1]);
        assert_eq!(result, ok4(6));
        assert_eq!(guest.app.board.watching, 5);
        for n in 2..7 {
            assert_eq!(guest.import("io/poll", "[resource-drop]pollable", &[n]), Ok(None));
        }
        assert_eq!(guest.app.board.watching, 0);
        assert_eq!(guest.import(DIGITAL, &format!("[resource-drop]{pin}"), &[handle]), Ok(None));
    }
}

#[test]
fn watch_for_ready_of_every_pin() {
    for (class, interface, open) in &CLASSES[2..] {
        let mut guest = Guest::new();
        let (label, kind) = if matches!(class, Class::Digital(_)) { ("pin", "digital") } else { ("level", "analog") };
        let pin = guest.open(interface, open, label);
        let mode = match class {
            Class::Digital(mode) | Class::Analog(mode) => mode,
            _ => unreachable!(),
        };
        let mode = match mode {
            PinMode::In => "in",
            PinMode::Out => "out",
            PinMode::InOut => "in-out",
        };
        let interface = format!("gpio/{kind}");
        let name = format!("[method]{kind}-{mode}-pin.watch-for-ready");
        guest.app.board.ready = false;
        assert_eq!(guest.import(&interface, &name, &[pin]), Ok(Some(2)));
        assert_eq!(guest.import("io/poll", "[method]pollable.ready", &[2]), Ok(Some(0)));
        guest.app.board.ready = true;
        assert_eq!(guest.import("io/poll", "[method]pollable.ready", &[2]), Ok(Some(1)));
        assert_eq!(guest.import("io/poll", "[method]pollable.block", &[2]), Ok(None));
        assert_eq!(guest.import("io/poll", "[resource-drop]pollable", &[2]), Ok(None));
        assert_eq!(guest.import(&interface, &format!("[resource-drop]{kind}-{mode}-pin"), &[pin]), Ok(None));
    }
}

// ---- gpio/analog ----

const ANALOG: &str = "gpio/analog";
const ANALOG_PINS: [(&str, &str, u8); 3] =
    [("analog-out-pin", "open-out", 1), ("analog-in-pin", "open-in", 0), ("analog-in-out-pin", "open-in-out", 2)];

fn analog_guest(settings: Settings, open: &str) -> (Guest, i64) {
    let mut guest = Guest::new();
    guest.app.hardware.grants = Policy { settings, ..Policy::default() };
    let pin = guest.open("open/analog", open, "level");
    (guest, pin)
}

#[test]
fn analog_get_config() {
    for (pin, open, mode) in ANALOG_PINS {
        let (mut guest, handle) = analog_guest(Settings::default(), open);
        let result: [u8; 12] = guest.result(ANALOG, &method(pin, "get-config"), &[handle]);
        assert_eq!(result, [0, 0x10, 0, 0, 5, 0, 0, 0, mode, X, X, X]);
        assert_eq!(guest.bytes(HEAP, 6), *b"level\0");
    }
}

#[test]
fn analog_set() {
    for (pin, open, _) in [ANALOG_PINS[0], ANALOG_PINS[2]] {
        for (settings, mirrored) in [(Settings::default(), false), (ACTIVE_LOW, true)] {
            let (mut guest, handle) = analog_guest(settings, open);
            let mut set = |name: &str, value: i64, expected: u32| {
                let result: [u8; 16] = guest.result(ANALOG, &method(pin, name), &[handle, value]);
                assert_eq!(result, OK0);
                assert_eq!(guest.app.board.analog.value, if mirrored { 4095 - expected } else { expected }, "{name}");
            };
            set("set-value-raw", 1000, 1000);
            set("set-value-raw", 0xffff_ffff, 4095);
            set("set-value", f32_bits(0.0), 0);
            set("set-value", f32_bits(0.5), 2048);
            set("set-value", f32_bits(1.0), 4095);
            set("set-value", f32_bits(17.0), 4095);
            set("set-value", f32_bits(f32::NEG_INFINITY), 0);
            let nan: [u8; 16] = guest.result(ANALOG, &method(pin, "set-value"), &[handle, f32_bits(f32::NAN)]);
            assert_eq!(nan, [1, X, X, X, 8, X, X, X, 1, 0, 0, 0, 0, 0, 0, 0]);
        }
    }
}

#[test]
fn analog_read() {
    for (pin, open, _) in [ANALOG_PINS[1], ANALOG_PINS[2]] {
        for (settings, mirrored) in [(Settings::default(), false), (ACTIVE_LOW, true)] {
            let (mut guest, handle) = analog_guest(settings, open);
            for value in [0, 1, 2047, 4095] {
                guest.app.board.analog.value = if mirrored { 4095 - value } else { value };
                let raw: [u8; 16] = guest.result(ANALOG, &method(pin, "read-raw"), &[handle]);
                assert_eq!(raw, ok4(value));
                let fraction: [u8; 16] = guest.result(ANALOG, &method(pin, "read"), &[handle]);
                assert_eq!(fraction, ok4((value as f32 / 4095.0).to_bits()));
            }
        }
    }
}

#[test]
fn analog_watches() {
    for (pin, open, _) in [ANALOG_PINS[1], ANALOG_PINS[2]] {
        for (settings, mirrored) in [(Settings::default(), false), (ACTIVE_LOW, true)] {
            let (mut guest, handle) = analog_guest(settings, open);
            let watches = [
                ("watch-above-raw", 1000),
                ("watch-above", f32_bits(0.5)),
                ("watch-below-raw", 1000),
                ("watch-below", f32_bits(0.5)),
            ];
            for (n, (name, value)) in (2..).zip(watches) {
                let result: [u8; 16] = guest.result(ANALOG, &method(pin, name), &[handle, value]);
                assert_eq!(result, ok4(n));
            }
            // At a limit a value is neither above nor below it.
            for (value, expected) in [
                (999, [0, 0, 1, 1]),
                (1000, [0, 0, 0, 1]),
                (1001, [1, 0, 0, 1]),
                (2048, [1, 0, 0, 0]),
                (2049, [1, 1, 0, 0]),
            ] {
                guest.app.board.analog.value = if mirrored { 4095 - value } else { value };
                let mut ready = |n| guest.import("io/poll", "[method]pollable.ready", &[n]).unwrap().unwrap();
                assert_eq!([2, 3, 4, 5].map(&mut ready), expected, "at {value}");
            }
        }
    }
}

// ---- delays, polling, opening ----

#[test]
fn gpio_delays() {
    let mut guest = Guest::new();
    for unit in ["ns", "us", "ms"] {
        assert_eq!(guest.import("gpio/delay", &format!("delay-{unit}"), &[-1]), Ok(None));
    }
    assert_eq!(guest.app.board.delay.log, ["4294967295 ns", "4294967295 us", "4294967295 ms"]);
}

#[test]
fn poll_gives_the_places_of_what_is_ready() {
    let (mut guest, pin) = digital_guest(Settings::default(), "open-in");
    let [active, inactive] =
        ["watch-active", "watch-inactive"].map(|name| -> [u8; 16] { guest.result(DIGITAL, &method(IN, name), &[pin]) });
    assert_eq!([active[4], inactive[4]], [2, 3]);
    guest.write(0x100, &[2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
    let result: [u8; 8] = guest.result("io/poll", "poll", &[ARGUMENTS, 4]);
    assert_eq!(result, [0, 0x10, 0, 0, 2, 0, 0, 0]);
    assert_eq!(guest.bytes(HEAP, 8), [1, 0, 0, 0, 3, 0, 0, 0]);
    guest.app.board.pin.high = true;
    let result: [u8; 8] = guest.result("io/poll", "poll", &[ARGUMENTS, 1]);
    assert_eq!(result, [8, 0x10, 0, 0, 1, 0, 0, 0]);
    assert_eq!(guest.bytes(HEAP + 8, 4), [0; 4]);
}

#[test]
fn open_of_every_class() {
    for (class, interface, name) in CLASSES {
        let mut guest = Guest::new();
        let label = match class {
            Class::I2c => "i2c0",
            Class::Spi => "flash",
            Class::Digital(_) => "pin",
            Class::Analog(_) => "level",
        };
        guest.write(0x100, label.as_bytes());
        if class == Class::I2c {
            let result: [u8; 8] = guest.result(interface, name, &[ARGUMENTS, label.len() as i64]);
            assert_eq!(result, [0, X, X, X, 1, 0, 0, 0]);
        } else {
            let result: [u8; 16] = guest.result(interface, name, &[ARGUMENTS, label.len() as i64]);
            assert_eq!(result, ok4(1));
        }
        assert_eq!(guest.app.board.log, [format!("open {class:?} Line(0) High None")]);
    }
}

#[test]
fn these_tests_call_every_import() {
    let tests = [
        i2c_read as fn(),
        i2c_read_of_nothing_is_an_empty_list,
        i2c_write,
        i2c_addresses_are_taken_modulo_2_to_the_16_and_a_bus_without_10_bits_refuses_those,
        i2c_write_read,
        i2c_transaction,
        i2c_transaction_of_nothing,
        i2c_drop_and_its_delay,
        spi_open_read_and_drop,
        spi_write_writes_all_of_its_result,
        spi_transfer,
        spi_transaction,
        digital_get_config,
        digital_set_and_toggle,
        digital_read,
        digital_watches_give_pollables,
        watch_for_ready_of_every_pin,
        analog_get_config,
        analog_set,
        analog_read,
        analog_watches,
        gpio_delays,
        poll_gives_the_places_of_what_is_ready,
        open_of_every_class,
    ];
    tests.into_iter().for_each(|test| test());
    assert_eq!(common::not_called(), [""; 0]);
}

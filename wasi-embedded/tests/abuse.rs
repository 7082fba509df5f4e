//! Guests that break the rules: each is stopped by the trap that the rules name, and neither the board nor another module
//! notices.

mod common;

use common::{BUMP, Guest, Policy, guest_text, lent};
use wasmote::{Engine, Extern, Linker, Memory, Module, Run, Trap};
use wasmote_wasi_embedded::Abuse;

const I2C: &str = "i2c/i2c";
const SPI: &str = "wasi:spi/spi";
const POLL: &str = "io/poll";
const DIGITAL: &str = "gpio/digital";

// ---- handles ----

/// Every function that takes a handle, with arguments that are good otherwise.
fn functions_with_handles() -> Vec<(String, String, Vec<i64>)> {
    let takes_handle = |name: &str| name.starts_with("[method]") || name.starts_with("[resource-drop]");
    let others = |params: &[String]| -> Vec<i64> {
        // Pointers, lengths, values and places of results: 8 is good for each, and aligned.
        params.iter().skip(1).map(|ty| if ty == "i32" { 8 } else { 0 }).collect()
    };
    let found = common::signatures().into_iter().filter(|signature| takes_handle(&signature.name));
    found.map(|signature| (signature.module, signature.name, others(&signature.params))).collect()
}

fn with_handle(handle: i64, others: &[i64]) -> Vec<i64> {
    [&[handle], others].concat()
}

#[test]
fn handles_that_were_never_given_trap() {
    let mut guest = Guest::new();
    guest.open_i2c();
    let functions = functions_with_handles();
    // All of the 78 but open, poll and the three delays without a handle.
    assert_eq!(functions.len(), 78 - 5);
    for (interface, name, others) in functions {
        for handle in [0, 2, 8, 9, 0x1_0001, i64::from(u32::MAX), i64::from(i32::MIN)] {
            let trap = guest.trap(&interface, &name, &with_handle(handle, &others));
            assert_eq!(Abuse::of(trap), Some(Abuse::UnknownHandle), "{name} {handle}");
        }
    }
    assert_eq!((guest.asked(), guest.app.board.log.len()), (0, 1));
}

#[test]
fn handles_of_another_resource_trap() {
    for (interface, name, others) in functions_with_handles() {
        let mut guest = Guest::new();
        // One of each but the one that fits; pollables are tried with all of these.
        let open = [
            ("[method]i2c.", "open/i2c", "open", "i2c0"),
            ("[method]spi-device.", "wasi:spi/spi", "open", "flash"),
            ("digital-out-pin", "open/digital", "open-out", "pin"),
            ("digital-in-pin", "open/digital", "open-in", "pin"),
            ("digital-in-out-pin", "open/digital", "open-in-out", "pin"),
            ("analog-out-pin", "open/analog", "open-out", "level"),
            ("analog-in-pin", "open/analog", "open-in", "level"),
            ("analog-in-out-pin", "open/analog", "open-in-out", "level"),
        ];
        let resource = name.trim_start_matches("[method]").trim_start_matches("[resource-drop]");
        let resource = resource.split('.').next().unwrap();
        for (of, interface_of, open, label) in open {
            if of.trim_start_matches("[method]").trim_end_matches('.') == resource {
                continue;
            }
            let handle = guest.open(interface_of, open, label);
            let trap = guest.trap(&interface, &name, &with_handle(handle, &others));
            assert_eq!(Abuse::of(trap), Some(Abuse::WrongResource), "{name} with a {of}");
        }
    }
}

#[test]
fn a_handle_dropped_twice_traps_and_its_number_is_given_again() {
    let mut guest = Guest::new();
    let (first, second) = (guest.open_i2c(), guest.open_i2c());
    assert_eq!((first, second), (1, 2));
    assert_eq!(guest.import(I2C, "[resource-drop]i2c", &[first]), Ok(None));
    assert_eq!(Abuse::of(guest.trap(I2C, "[resource-drop]i2c", &[first])), Some(Abuse::UnknownHandle));
    assert_eq!(guest.import(I2C, "[resource-drop]i2c", &[second]), Ok(None));
    // Last in, first out.
    assert_eq!((guest.open_i2c(), guest.open_i2c(), guest.open_i2c()), (2, 1, 3));
    assert_eq!(guest.app.board.log.iter().filter(|line| line.starts_with("close")).count(), 2);
}

#[test]
fn a_pin_is_not_dropped_before_its_pollables() {
    let mut guest = Guest::new();
    let pin = guest.open("open/digital", "open-in", "pin");
    let _: [u8; 16] = guest.result(DIGITAL, "[method]digital-in-pin.watch-active", &[pin]);
    let ready = guest.import(DIGITAL, "[method]digital-in-pin.watch-for-ready", &[pin]).unwrap().unwrap();
    for pollable in [2, ready.into()] {
        let trap = guest.trap(DIGITAL, "[resource-drop]digital-in-pin", &[pin]);
        assert_eq!(Abuse::of(trap), Some(Abuse::HasChildren));
        assert_eq!(guest.import(POLL, "[resource-drop]pollable", &[pollable]), Ok(None));
    }
    assert_eq!(guest.import(DIGITAL, "[resource-drop]digital-in-pin", &[pin]), Ok(None));
}

#[test]
fn one_handle_more_than_the_table_has_slots_traps_before_the_board_is_asked() {
    let mut guest = Guest::new();
    let pin = guest.open("open/digital", "open-in", "pin");
    for _ in 1..common::SLOTS {
        let _: [u8; 16] = guest.result(DIGITAL, "[method]digital-in-pin.watch-active", &[pin]);
    }
    let (opened, watching) = (guest.app.board.log.len(), guest.app.board.watching);
    let full = |guest: &mut Guest, interface: &str, name: &str, arguments: &[i64]| {
        assert_eq!(Abuse::of(guest.trap(interface, name, arguments)), Some(Abuse::TableFull), "{name}");
    };
    full(&mut guest, DIGITAL, "[method]digital-in-pin.watch-rising-edge", &[pin, 0x800]);
    full(&mut guest, DIGITAL, "[method]digital-in-pin.watch-for-ready", &[pin]);
    full(&mut guest, "open/delay", "open", &[]);
    guest.write(0x100, b"i2c0");
    full(&mut guest, "open/i2c", "open", &[0x100, 4, 0x800]);
    assert_eq!((guest.app.board.log.len(), guest.app.board.watching), (opened, watching));
}

// ---- pointers, lists, tags, text ----

#[test]
fn results_outside_of_the_memory_or_misaligned_trap_before_the_board_is_touched() {
    let mut guest = Guest::new();
    let (bus, device) = (guest.open_i2c(), guest.open_spi());
    let pin = guest.open("open/digital", "open-in-out", "pin");
    let calls: [(&str, &str, Vec<i64>, i64, i64); 8] = [
        (I2C, "[method]i2c.read", vec![bus, 0x48, 1], 12, 4),
        (I2C, "[method]i2c.write", vec![bus, 0x48, 0, 1], 3, 1),
        (I2C, "[method]i2c.write-read", vec![bus, 0x48, 0, 1, 1], 12, 4),
        (I2C, "[method]i2c.transaction", vec![bus, 0x48, 0, 1], 12, 4),
        (SPI, "[method]spi-device.write", vec![device, 0, 1], 16, 4),
        (DIGITAL, "[method]digital-in-out-pin.set-active", vec![pin], 16, 4),
        (DIGITAL, "[method]digital-in-out-pin.get-config", vec![pin], 12, 4),
        (DIGITAL, "[method]digital-in-out-pin.watch-active", vec![pin], 16, 4),
    ];
    for (interface, name, arguments, size, align) in calls {
        for at in [0x1_0000 - size + align, 0x1_0000, 0xffff_fffc, 0x8000_0000] {
            let arguments: Vec<i64> = arguments.iter().copied().chain([at]).collect();
            assert_eq!(guest.trap(interface, name, &arguments), Trap::MemoryOutOfBounds, "{name} at {at:#x}");
        }
        for at in (1..align).map(|off| 0x800 + off) {
            let arguments: Vec<i64> = arguments.iter().copied().chain([at]).collect();
            assert_eq!(Abuse::of(guest.trap(interface, name, &arguments)), Some(Abuse::Misaligned), "{name}");
        }
        let last: Vec<i64> = arguments.iter().copied().chain([0x1_0000 - size]).collect();
        assert_eq!(guest.import(interface, name, &last), Ok(None), "{name} at the end of the memory");
    }
    assert_eq!(guest.app.board.i2c.log.len(), 4);
    assert_eq!(guest.app.board.spi.log.len(), 1);
}

#[test]
fn lists_that_lie_about_their_length_trap_before_the_bus_is_touched() {
    let mut guest = Guest::new();
    let (bus, device) = (guest.open_i2c(), guest.open_spi());
    let lists = [
        (0xffff, 2, None),
        (0x1_0000, 1, None),
        (0xffff_ffff, 1, None),
        (0, 0x1_0001, None),
        (0, 0x0fff_ffff, None),
        (0, 0x1000_0000, Some(Abuse::ListTooLong)),
        (0xffff_ffff, 0xffff_ffff, Some(Abuse::ListTooLong)),
    ];
    for (at, len, abuse) in lists {
        let calls = [
            (I2C, "[method]i2c.write", vec![bus, 0x48, at, len, 0x800]),
            (I2C, "[method]i2c.write-read", vec![bus, 0x48, at, len, 1, 0x800]),
            (SPI, "[method]spi-device.write", vec![device, at, len, 0x800]),
            (SPI, "[method]spi-device.transfer", vec![device, at, len, 0x800]),
            (SPI, "open", vec![at, len, 0x800]),
            ("open/digital", "open-in", vec![at, len, 0x800]),
        ];
        for (interface, name, arguments) in calls {
            let trap = guest.trap(interface, name, &arguments);
            match abuse {
                Some(abuse) => assert_eq!(Abuse::of(trap), Some(abuse), "{name} {at:#x} {len:#x}"),
                None => assert_eq!(trap, Trap::MemoryOutOfBounds, "{name} {at:#x} {len:#x}"),
            }
        }
    }
    // An empty list may lie at the very end of the memory, not beyond.
    let result: [u8; 3] = guest.result(I2C, "[method]i2c.write", &[bus, 0x48, 0x1_0000, 0]);
    assert_eq!(result[0], 0);
    assert_eq!(guest.trap(I2C, "[method]i2c.write", &[bus, 0x48, 0x1_0001, 0, 0x800]), Trap::MemoryOutOfBounds);
    assert_eq!(guest.app.board.i2c.log, ["0x48 write []"]);
    assert_eq!((guest.app.board.spi.log.len(), guest.asked()), (0, 0));
}

/// An operation of 16 bytes: tag and a 64-bit payload.
fn operation(tag: u8, payload: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[0] = tag;
    bytes[8..].copy_from_slice(&payload.to_le_bytes());
    bytes
}

#[test]
fn lists_of_operations_are_checked_to_the_last_before_the_first_is_done() {
    let mut guest = Guest::new();
    let (bus, device) = (guest.open_i2c(), guest.open_spi());
    let transactions =
        [(I2C, "[method]i2c.transaction", vec![bus, 0x48]), (SPI, "[method]spi-device.transaction", vec![device])];
    for (interface, name, before) in &transactions {
        let mut trap = |at: i64, len: i64| {
            let arguments = [before.as_slice(), &[at, len, 0x800]].concat();
            guest.trap(interface, name, &arguments)
        };
        assert_eq!(Abuse::of(trap(0x104, 1)), Some(Abuse::Misaligned));
        assert_eq!(trap(0xfff8, 1), Trap::MemoryOutOfBounds);
        assert_eq!(trap(0, 0x00ff_ffff), Trap::MemoryOutOfBounds);
        assert_eq!(Abuse::of(trap(0, 0x0100_0000)), Some(Abuse::ListTooLong));
    }
    let i2c_lasts = [
        (operation(2, 0), Some(Abuse::UnknownCase)),
        (operation(255, 0), Some(Abuse::UnknownCase)),
        (operation(1, 0x1_0000 | 1 << 32), None),
        (operation(1, 0x1000_0000 << 32), Some(Abuse::ListTooLong)),
    ];
    let spi_lasts = [
        (operation(4, 0), Some(Abuse::UnknownCase)),
        (operation(2, 0xffff | 2 << 32), None),
        (operation(1, 0x1000_0000 << 32), Some(Abuse::ListTooLong)),
    ];
    for ((interface, name, before), lasts) in transactions.iter().zip([&i2c_lasts[..], &spi_lasts[..]]) {
        for (last, abuse) in lasts {
            guest.write(0x100, [operation(0, 1), operation(1, 0x200 | 2 << 32), *last].as_flattened());
            let trap = guest.trap(interface, name, &[before.as_slice(), &[0x100, 3, 0x800]].concat());
            assert_eq!(Abuse::of(trap), *abuse, "{name} {last:?}");
            assert!(abuse.is_some() || trap == Trap::MemoryOutOfBounds);
        }
    }
    assert_eq!((guest.app.board.i2c.log.len(), guest.app.board.spi.log.len(), guest.asked()), (0, 0, 0));
}

#[test]
fn a_state_without_a_case_traps() {
    let mut guest = Guest::new();
    let pin = guest.open("open/digital", "open-in-out", "pin");
    for state in [2, 256, -1] {
        for name in ["set-state", "watch-state"] {
            let name = format!("[method]digital-in-out-pin.{name}");
            assert_eq!(Abuse::of(guest.trap(DIGITAL, &name, &[pin, state, 0x800])), Some(Abuse::UnknownCase));
        }
    }
}

#[test]
fn labels_that_are_not_utf8_trap() {
    let mut guest = Guest::new();
    for label in [&b"\xff"[..], b"i2c\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"] {
        guest.write(0x100, label);
        for (_, interface, name) in common::board::CLASSES {
            let trap = guest.trap(interface, name, &[0x100, label.len() as i64, 0x800]);
            assert_eq!(Abuse::of(trap), Some(Abuse::NotUtf8));
        }
    }
    assert_eq!(guest.app.board.log, [""; 0]);
}

// ---- poll ----

#[test]
fn poll_of_nothing_of_too_much_or_of_no_pollable_traps() {
    let mut guest = Guest::new();
    let pin = guest.open("open/digital", "open-in", "pin");
    let _: [u8; 16] = guest.result(DIGITAL, "[method]digital-in-pin.watch-inactive", &[pin]);
    assert_eq!(Abuse::of(guest.trap(POLL, "poll", &[0x100, 0, 0x800])), Some(Abuse::EmptyPoll));
    assert_eq!(Abuse::of(guest.trap(POLL, "poll", &[0x102, 1, 0x800])), Some(Abuse::Misaligned));
    assert_eq!(guest.trap(POLL, "poll", &[0xfffc, 2, 0x800]), Trap::MemoryOutOfBounds);
    assert_eq!(Abuse::of(guest.trap(POLL, "poll", &[0, 0x0400_0000, 0x800])), Some(Abuse::ListTooLong));
    // The ready one first: all are checked before anything is told.
    guest.write(0x100, &[2, 0, 0, 0, 3, 0, 0, 0]);
    assert_eq!(Abuse::of(guest.trap(POLL, "poll", &[0x100, 2, 0x800])), Some(Abuse::UnknownHandle));
    guest.write(0x104, &[1, 0, 0, 0]);
    assert_eq!(Abuse::of(guest.trap(POLL, "poll", &[0x100, 2, 0x800])), Some(Abuse::WrongResource));
    guest.write(0x1000, &2u32.to_le_bytes().repeat(1025));
    assert_eq!(Abuse::of(guest.trap(POLL, "poll", &[0x1000, 1025, 0x800])), Some(Abuse::ListTooLong));
    assert_eq!(guest.asked(), 0);
    guest.write(0x1000, &[0; 4100]);
    guest.write(0x2000, &2u32.to_le_bytes().repeat(1024));
    let result: [u8; 8] = guest.result(POLL, "poll", &[0x2000, 1024]);
    assert_eq!(result, [0, 0x10, 0, 0, 0, 4, 0, 0]);
}

// ---- allocators ----

/// An allocator of this body, whose parameters are `$align` and `$len`.
fn realloc(body: &str) -> String {
    format!(
        "(global (export \"asked\") (mut i32) (i32.const 0))
        (func (export \"cabi_realloc\") (param i32 i32) (param $align i32) (param $len i32) (result i32) {body})"
    )
}

/// Another module in the same store, whose memory must stay as it is.
struct Bystander {
    memory: Memory,
    before: Vec<u8>,
}

impl Bystander {
    fn beside(guest: &mut Guest) -> Bystander {
        let wasm =
            wat::parse_str(r#"(module (memory (export "memory") 1) (data (i32.const 0) "nobody touches this"))"#);
        let wasm: &'static [u8] = Box::leak(wasm.unwrap().into_boxed_slice());
        let module = Module::new(&Engine::default(), wasm, lent(4096)).unwrap();
        let linker = Linker::new(&[]);
        let instance = linker.instantiate(&mut guest.store, &module, &mut guest.app).unwrap();
        let memory = guest.store.export(instance, "memory").and_then(Extern::memory).unwrap();
        let before = Bystander::bytes(guest, memory);
        Bystander { memory, before }
    }

    fn bytes(guest: &Guest, memory: Memory) -> Vec<u8> {
        let mut bytes = vec![0; 1 << 16];
        guest.store.read(memory, 0, &mut bytes).unwrap();
        bytes
    }

    fn assert_untouched(&self, guest: &Guest) {
        assert_eq!(Bystander::bytes(guest, self.memory), self.before);
    }
}

/// Calls that allocate, with the operations of a transaction at 0x100: two reads of 4 bytes and a write of 4 from 0x300.
fn allocating_calls(guest: &mut Guest) -> Vec<(&'static str, &'static str, Vec<i64>)> {
    let (bus, device) = (guest.open_i2c(), guest.open_spi());
    let pin = guest.open("open/digital", "open-in", "pin");
    let _: [u8; 16] = guest.result(DIGITAL, "[method]digital-in-pin.watch-inactive", &[pin]);
    guest.write(0x100, [operation(0, 4), operation(0, 4), operation(1, 0x300 | 4 << 32)].as_flattened());
    guest.write(0x200, &[4, 0, 0, 0]);
    vec![
        (I2C, "[method]i2c.read", vec![bus, 0x48, 4, 0x800]),
        (I2C, "[method]i2c.write-read", vec![bus, 0x48, 0x300, 4, 4, 0x800]),
        (I2C, "[method]i2c.transaction", vec![bus, 0x48, 0x100, 3, 0x800]),
        (SPI, "[method]spi-device.read", vec![device, 4, 0x800]),
        (SPI, "[method]spi-device.transfer", vec![device, 0x300, 4, 0x800]),
        (SPI, "[method]spi-device.transaction", vec![device, 0x100, 3, 0x800]),
        (DIGITAL, "[method]digital-in-pin.get-config", vec![pin, 0x800]),
        (POLL, "poll", vec![0x200, 1, 0x800]),
        (SPI, "open", vec![0x300, 4, 0x800]),
    ]
}

/// Runs each call that allocates with this allocator, and checks that neither bus nor bystander is touched.
fn each_traps(text: &str, expected: impl Fn(&str, Trap) -> bool) {
    let mut guest = Guest::with_realloc(text);
    let calls = allocating_calls(&mut guest);
    let bystander = Bystander::beside(&mut guest);
    for (interface, name, arguments) in calls {
        let trap = guest.trap(interface, name, &arguments);
        assert!(expected(name, trap), "{name}: {trap:?} {:?}", Abuse::of(trap));
    }
    assert_eq!((guest.app.board.i2c.log.len(), guest.app.board.spi.log.len()), (0, 0), "{text}");
    bystander.assert_untouched(&guest);
}

#[test]
fn an_allocator_that_gives_what_is_not_memory() {
    // The last can hold nothing but an empty list, and what is asked for is longer.
    for at in [0xffff_fff8u32, 0x1_0000, 0x8000_0000, 0xfffe] {
        let text = realloc(&format!("(i32.const {})", at as i32));
        each_traps(&text, |_, trap| {
            trap == Trap::MemoryOutOfBounds || (at == 0xfffe && Abuse::of(trap) == Some(Abuse::Misaligned))
        });
    }
}

#[test]
fn an_allocator_that_gives_misaligned_lists() {
    // Bytes and text need no alignment; lists of lists, of results and of numbers do.
    let mut guest = Guest::with_realloc(&realloc("(i32.const 0x4001)"));
    for (interface, name, arguments) in allocating_calls(&mut guest) {
        if name.ends_with("transaction") || name == "poll" {
            assert_eq!(Abuse::of(guest.trap(interface, name, &arguments)), Some(Abuse::Misaligned), "{name}");
        } else {
            assert_eq!(guest.import(interface, name, &arguments), Ok(None), "{name}");
        }
    }
    assert_eq!((guest.app.board.i2c.log.len(), guest.app.board.spi.log.len()), (2, 2));
}

#[test]
fn an_allocator_that_gives_the_same_space_twice_or_space_in_use() {
    let mut guest = Guest::with_realloc(&realloc("(i32.const 0x300)"));
    let bystander = Bystander::beside(&mut guest);
    for (interface, name, arguments) in allocating_calls(&mut guest) {
        if name.ends_with("write-read") || name.ends_with("transaction") {
            assert_eq!(Abuse::of(guest.trap(interface, name, &arguments)), Some(Abuse::BadRealloc), "{name}");
        }
    }
    assert_eq!((guest.app.board.i2c.log.len(), guest.app.board.spi.log.len()), (0, 0));
    bystander.assert_untouched(&guest);
}

#[test]
fn an_allocator_that_traps() {
    each_traps(&realloc("(unreachable)"), |_, trap| trap == Trap::Unreachable);
    each_traps(&realloc("(i32.div_u (i32.const 1) (i32.const 0))"), |_, trap| trap == Trap::IntegerDivideByZero);
    each_traps(&realloc("(i32.load (i32.const -4))"), |_, trap| trap == Trap::MemoryOutOfBounds);
}

#[test]
fn an_allocator_that_calls_an_import() {
    // The third import is i2c's transaction; what it would get does not matter.
    let text = realloc("(call $f0 (i32.const 1) (i32.const 1)) (i32.const 0x4000)");
    each_traps(&text, |_, trap| trap == Trap::ReentrantImport);
}

#[test]
fn no_allocator_or_one_of_another_type() {
    let none = "(global (export \"asked\") (mut i32) (i32.const 0))";
    each_traps(none, |_, trap| Abuse::of(trap) == Some(Abuse::NoRealloc));
    let other = "(global (export \"asked\") (mut i32) (i32.const 0))
        (func (export \"cabi_realloc\") (param i32) (result i32) (i32.const 0x4000))";
    each_traps(other, |_, trap| Abuse::of(trap) == Some(Abuse::NoRealloc));
    let silent = "(global (export \"asked\") (mut i32) (i32.const 0))
        (func (export \"cabi_realloc\") (param i32 i32 i32 i32))";
    each_traps(silent, |_, trap| Abuse::of(trap).is_some());
    let wide = "(global (export \"asked\") (mut i32) (i32.const 0))
        (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i64) (i64.const 0x4000))";
    each_traps(wide, |_, trap| Abuse::of(trap).is_some());
    let memory = "(global (export \"asked\") (mut i32) (i32.const 0))
        (global (export \"cabi_realloc\") i32 (i32.const 0x4000))";
    each_traps(memory, |_, trap| Abuse::of(trap) == Some(Abuse::NoRealloc));
}

#[test]
fn an_allocator_that_changes_what_it_was_called_for() {
    // It makes the read of the first operation longer, its own space having been asked for.
    let text = realloc(
        "(i32.store (i32.const 0x108) (i32.add (i32.load (i32.const 0x108)) (i32.const 1)))
        (i32.store (i32.const 0x200) (i32.const 0))
        (i32.add (i32.mul (local.get $len) (i32.const 0x40)) (i32.const 0x4000))",
    );
    let mut guest = Guest::with_realloc(&text);
    for (interface, name, arguments) in allocating_calls(&mut guest) {
        if name.ends_with("transaction") {
            assert_eq!(Abuse::of(guest.trap(interface, name, &arguments)), Some(Abuse::BadRealloc), "{name}");
        }
        if name == "poll" {
            assert_eq!(Abuse::of(guest.trap(interface, name, &arguments)), Some(Abuse::UnknownHandle));
        }
    }
    assert_eq!((guest.app.board.i2c.log.len(), guest.app.board.spi.log.len()), (0, 0));
}

#[test]
fn an_allocator_that_never_returns_runs_out_of_fuel_and_nothing_else() {
    let text = realloc("(loop $again (br $again)) (unreachable)");
    let mut guest = Guest::with_realloc(&text);
    let calls = allocating_calls(&mut guest);
    let bystander = Bystander::beside(&mut guest);
    for (interface, name, arguments) in calls {
        let export = guest.export_of(interface, name);
        let thread = guest.spawn(&export, &arguments);
        for _ in 0..3 {
            assert_eq!(guest.run_with(thread, 1000), Run::OutOfFuel, "{name}");
        }
        guest.store.end(thread);
        guest.app.hardware.abandon();
    }
    assert_eq!((guest.app.board.i2c.log.len(), guest.app.board.spi.log.len()), (0, 0));
    bystander.assert_untouched(&guest);
}

#[test]
fn every_call_gives_the_same_when_its_fuel_comes_unit_by_unit() {
    let mut whole = Guest::new();
    let mut sliced = Guest::new();
    let calls = allocating_calls(&mut whole);
    assert_eq!(allocating_calls(&mut sliced), calls);
    for (interface, name, arguments) in calls {
        assert_eq!(whole.import(interface, name, &arguments), Ok(None));
        let export = sliced.export_of(interface, name);
        let thread = sliced.spawn(&export, &arguments);
        let mut slices = 0;
        while sliced.run_with(thread, 1) == Run::OutOfFuel {
            slices += 1;
        }
        sliced.store.end(thread);
        assert!(slices > 5, "{name}");
        assert_eq!(sliced.bytes(0, 0x2000), whole.bytes(0, 0x2000), "{name}");
    }
    assert_eq!(sliced.app.board.i2c.log, whole.app.board.i2c.log);
    assert_eq!(sliced.app.board.spi.log, whole.app.board.spi.log);
}

#[test]
fn a_call_abandoned_inside_its_allocator_leaves_nothing_to_the_next() {
    let mut guest = Guest::new();
    for (interface, name, arguments) in allocating_calls(&mut guest) {
        for fuel in 1..30 {
            let export = guest.export_of(interface, name);
            let thread = guest.spawn(&export, &arguments);
            let ended = guest.run_with(thread, fuel) == Run::Finished;
            guest.store.end(thread);
            // The embedder's part of the contract.
            guest.app.hardware.abandon();
            if ended {
                break;
            }
        }
        assert_eq!(guest.import(interface, name, &arguments), Ok(None), "{name}");
    }
}

#[test]
fn a_guest_without_memory_traps() {
    let wasm =
        wat::parse_str(guest_text(BUMP).replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 0)"));
    let mut guest = Guest::of(&wasm.unwrap(), Policy::default());
    assert_eq!(guest.trap("open/i2c", "open", &[0, 0, 0]), Trap::MemoryOutOfBounds);
    assert_eq!(guest.trap("open/i2c", "open", &[0, 4, 0]), Trap::MemoryOutOfBounds);
}

#[test]
fn random_arguments_harm_nobody_but_the_guest() {
    // An allocator that begins anew before its heap ends.
    let text = BUMP.replace("(local $at i32)", "(local $at i32)\n(global.set $heap (i32.or (i32.const 0x4000) (i32.and (global.get $heap) (i32.const 0x7fff))))");
    let mut guest = Guest::with_realloc(&text);
    let bystander = Bystander::beside(&mut guest);
    let mut state = 1u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    // What is interesting: small numbers, which are handles, tags and lengths; the ends of the memory and of 32 and 64 bits.
    let ends = [
        0x800,
        0xfff0,
        0xfffc,
        0xffff,
        0x1_0000,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_fff8,
        0xffff_ffff,
        1 << 63,
        u64::MAX,
    ];
    let (mut returned, mut trapped, mut waited) = (0, 0, 0);
    for round in 0..60 {
        // Memory full of small numbers, so that lists in it mean something; handles are opened as they are used up.
        let bytes: Vec<u8> = (0..0x1000).map(|_| random(6) as u8 * random(2) as u8).collect();
        guest.write(0, &bytes);
        guest.write(0x700, b"i2c0flashpinlevel");
        for (_, interface, name) in common::board::CLASSES {
            let (at, len) = [(0x700, 4), (0x704, 5), (0x709, 3), (0x70c, 5)][random(4) as usize];
            let _ = guest.import(interface, name, &[at, len, 0x800]);
        }
        for signature in common::signatures() {
            for _ in 0..4 {
                let arguments: Vec<i64> = signature
                    .params
                    .iter()
                    .map(|_| match random(4) {
                        0 => ends[random(ends.len() as u64) as usize] as i64,
                        1 => 0x100 + 8 * random(100) as i64,
                        _ => random(10) as i64,
                    })
                    .collect();
                match guest.import(&signature.module, &signature.name, &arguments) {
                    Ok(_) => returned += 1,
                    Err(Run::Trapped(_)) => trapped += 1,
                    Err(Run::Pending) => waited += 1,
                    other => panic!("{} {arguments:?} in round {round}: {other:?}", signature.name),
                }
            }
        }
        let app = &mut guest.app;
        app.hardware.close_all(&mut app.board);
        assert_eq!(app.board.watching, 0);
        bystander.assert_untouched(&guest);
    }
    assert!(returned > 500 && trapped > 5000 && waited > 0, "{returned} {trapped} {waited}");
}

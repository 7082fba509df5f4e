//! What host calls cost: a guest that calls, and devices that do nothing, so that all that is executed is ours.
//!
//! An emulator that logs each instruction sees where a call begins and where it reaches the device: the functions here that
//! are never inlined are its marks. Each export runs twice, with one call and with [`MANY`], and the difference is the
//! cost of [`MANY`] - 1 calls.

use super::stack::Stack;
use core::hint::black_box;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{self, ErrorKind, I2c, Operation};
use embedded_hal::{digital, digital::OutputPin, digital::StatefulOutputPin};
use semihosting::{eprintln, print};
use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Val};
use wasmote_wasi_embedded::{
    Address, Board, Class, Denied, Embedded, Grants, Hardware, HardwareView, Line, PinError, Settings, Slot, device,
};

/// Calls of the longer run of each export.
const MANY: i32 = 11;

/// The exports that are counted, each with the number of calls as its parameter.
const EXPORTS: [&str; 5] = ["nothing", "empty", "toggle", "realloc", "read"];

/// A pin that is only reached.
struct Pin(bool);

/// The mark of a pin; what would be written to its port is kept from the optimiser.
#[inline(never)]
fn reach_pin(pin: &mut Pin, high: bool) {
    pin.0 = black_box(high);
}

impl digital::ErrorType for Pin {
    type Error = digital::ErrorKind;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), digital::ErrorKind> {
        reach_pin(self, false);
        Ok(())
    }
    fn set_high(&mut self) -> Result<(), digital::ErrorKind> {
        reach_pin(self, true);
        Ok(())
    }
}

impl StatefulOutputPin for Pin {
    fn is_set_high(&mut self) -> Result<bool, digital::ErrorKind> {
        Ok(black_box(self.0))
    }
    fn is_set_low(&mut self) -> Result<bool, digital::ErrorKind> {
        Ok(!black_box(self.0))
    }
}

/// A bus on which every byte is zero.
struct Bus(u32);

/// The mark of a bus.
#[inline(never)]
fn reach_bus(bus: &mut Bus, into: &mut [u8]) {
    bus.0 = black_box(into.len() as u32);
}

impl i2c::ErrorType for Bus {
    type Error = ErrorKind;
}

impl I2c for Bus {
    fn read(&mut self, _: u8, into: &mut [u8]) -> Result<(), ErrorKind> {
        reach_bus(self, into);
        Ok(())
    }
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        for operation in operations {
            if let Operation::Read(into) = operation {
                reach_bus(self, into);
            }
        }
        Ok(())
    }
}

struct Spin;

impl DelayNs for Spin {
    fn delay_ns(&mut self, _: u32) {}
}

struct Devices {
    led: Pin,
    bus: Bus,
    delay: Spin,
}

const LED: Line = Line(3);
const BUS: Line = Line(1);

impl Board for Devices {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        match (class, label) {
            (Class::Digital(_), "led0") => Some(LED),
            (Class::I2c, "i2c0") => Some(BUS),
            _ => None,
        }
    }
    fn label(&self, class: Class, _: Line) -> &str {
        if let Class::I2c = class { "i2c0" } else { "led0" }
    }
    fn open(&mut self, _: Class, _: Line, _: &Settings) -> Result<(), PinError> {
        Ok(())
    }
    fn close(&mut self, _: Class, _: Line) {}
    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.delay
    }
    fn digital_out(&mut self, line: Line) -> Option<&mut dyn device::DigitalOut> {
        (line == LED).then_some(&mut self.led as &mut dyn device::DigitalOut)
    }
    fn i2c(&mut self, line: Line) -> Option<&mut dyn device::I2cBus> {
        (line == BUS).then_some(&mut self.bus as &mut dyn device::I2cBus)
    }
}

/// A policy of one bus with one address.
struct Policy {
    bus: &'static str,
    addresses: [u16; 1],
}

impl Grants for Policy {
    fn open(&self, _: Class, _: &str) -> Result<Settings, Denied> {
        Ok(Settings::default())
    }
    fn address(&self, label: &str, address: Address) -> bool {
        self.bus == label && self.addresses.contains(&address.number())
    }
}

struct App {
    hardware: Hardware<Policy, [Slot; 8]>,
    devices: Devices,
}

impl HardwareView for App {
    type Board = Devices;
    type Grants = Policy;
    type Slots = [Slot; 8];
    fn hardware(&mut self) -> (&mut Hardware<Policy, [Slot; 8]>, &mut Devices) {
        (&mut self.hardware, &mut self.devices)
    }
}

/// The mark of a call without arguments.
#[inline(never)]
fn reach_nothing() {
    black_box(0xE3u32);
}

fn empty(_: &mut Caller<'_, '_, App>) -> Result<(), HostError> {
    reach_nothing();
    Ok(())
}

static OWN: [HostFunc<App>; 1] = [HostFunc::wrap("bench", "empty", empty)];

/// The marks of a run.
#[inline(never)]
fn run_begins(calls: i32) {
    black_box(calls);
}

#[inline(never)]
fn run_ends(calls: i32) {
    black_box(calls.wrapping_add(1));
}

/// Runs each export with one call and with many; the emulator counts.
pub(super) fn run(wasm: &'static [u8], memory: &'static mut [u8], stack: &Stack) {
    let from = stack.begin();
    match calls(wasm, memory) {
        Ok(()) => print!("\x1epassed={} ", EXPORTS.len()),
        Err(why) => {
            eprintln!("{why}");
            print!("\x1e");
        }
    }
    print!("run={} ", stack.end(from));
}

#[inline(never)]
fn calls(wasm: &'static [u8], memory: &'static mut [u8]) -> Result<(), &'static str> {
    let engine = Engine::default();
    let half = memory.len() / 2;
    let (code, arena) = memory.split_at_mut(half);
    let module = Module::new(&engine, wasm, code).map_err(|_| "the module is refused")?;
    let mut store = Store::new(&engine, arena).map_err(|_| "the arena is too small")?;
    let tables = [Embedded::<App>::FUNCTIONS, &OWN];
    let linker = Linker::new(&tables);
    let policy = Policy { bus: black_box("i2c0"), addresses: [0x48] };
    let mut app = App {
        hardware: Hardware::new("calls", policy, [Slot::FREE; 8]),
        devices: Devices { led: Pin(false), bus: Bus(0), delay: Spin },
    };
    let instance =
        linker.instantiate(&mut store, &module, &mut app).map_err(|_| "the module cannot be instantiated")?;
    let mut call = |name, arguments: &[Val]| {
        let func = store.export(instance, name).and_then(|export| export.func()).ok_or("an export is missing")?;
        let thread = store.spawn(func, arguments).map_err(|_| "the arena is too small for a stack")?;
        let calls = if let [Val::I32(calls)] = arguments { *calls } else { 0 };
        run_begins(calls);
        let run = linker.run(&mut store, thread, &mut app, u64::MAX);
        run_ends(calls);
        store.end(thread);
        if run == Run::Finished { Ok(()) } else { Err("a call failed") }
    };
    call("open", &[])?;
    for name in EXPORTS {
        // The first calls of all find what later ones know: the window, the allocator.
        for calls in [1, 1, MANY] {
            call(name, &[Val::I32(calls)])?;
        }
    }
    Ok(())
}

//! A guest that reads a sensor which the emulator itself has: on the emulated machine's own bus, through a driver that moves the
//! wires one by one. What the guest's function gives is reported.

use super::Wires;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use semihosting::{eprintln, print};
use wasmote::{Engine, Linker, Module, Run, Store, Val};
use wasmote_wasi_embedded::{
    Board, Class, Embedded, Everything, Hardware, HardwareView, Line, PinError, Settings, Slot, device,
};

/// The bus' master.
struct Master(Wires);

impl Master {
    fn start(&self) {
        (self.0.sda)(true);
        (self.0.scl)(true);
        (self.0.sda)(false);
        (self.0.scl)(false);
    }

    fn stop(&self) {
        (self.0.sda)(false);
        (self.0.scl)(true);
        (self.0.sda)(true);
    }

    /// One bit, out and in at once.
    fn bit(&self, high: bool) -> bool {
        (self.0.sda)(high);
        (self.0.scl)(true);
        let is_high = (self.0.sda_is_high)();
        (self.0.scl)(false);
        is_high
    }

    /// Sends a byte; is it acknowledged?
    fn send(&self, byte: u8) -> bool {
        for n in (0..8).rev() {
            self.bit(byte >> n & 1 == 1);
        }
        !self.bit(true)
    }

    fn receive(&self, acknowledge: bool) -> u8 {
        let byte = (0..8).fold(0, |byte, _| byte << 1 | u8::from(self.bit(true)));
        self.bit(!acknowledge);
        byte
    }

    fn run(&self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let nobody = |source| Err(ErrorKind::NoAcknowledge(source));
        let (mut reading, last) = (None, operations.len().saturating_sub(1));
        for (n, operation) in operations.iter_mut().enumerate() {
            let reads = matches!(operation, Operation::Read(_));
            if reading != Some(reads) {
                self.start();
                if !self.send(address << 1 | u8::from(reads)) {
                    return nobody(NoAcknowledgeSource::Address);
                }
                reading = Some(reads);
            }
            match operation {
                Operation::Read(into) => {
                    let count = into.len();
                    into.iter_mut()
                        .enumerate()
                        .for_each(|(at, byte)| *byte = self.receive(n != last || at + 1 != count));
                }
                Operation::Write(from) => {
                    if !from.iter().all(|byte| self.send(*byte)) {
                        return nobody(NoAcknowledgeSource::Data);
                    }
                }
            }
        }
        Ok(())
    }
}

impl ErrorType for Master {
    type Error = ErrorKind;
}

impl I2c for Master {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let outcome = self.run(address, operations);
        self.stop();
        outcome
    }
}

struct Spin;

impl DelayNs for Spin {
    fn delay_ns(&mut self, _: u32) {}
}

struct Bench {
    bus: Master,
    delay: Spin,
}

impl Board for Bench {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        (class == Class::I2c && label == "i2c0").then_some(Line(0))
    }
    fn label(&self, _: Class, _: Line) -> &str {
        "i2c0"
    }
    fn open(&mut self, _: Class, _: Line, _: &Settings) -> Result<(), PinError> {
        Ok(())
    }
    fn close(&mut self, _: Class, _: Line) {}
    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.delay
    }
    fn i2c(&mut self, _: Line) -> Option<&mut dyn device::I2cBus> {
        Some(&mut self.bus)
    }
}

struct App {
    hardware: Hardware<Everything, [Slot; 4]>,
    bench: Bench,
}

impl HardwareView for App {
    type Board = Bench;
    type Grants = Everything;
    type Slots = [Slot; 4];
    fn hardware(&mut self) -> (&mut Hardware<Everything, [Slot; 4]>, &mut Bench) {
        (&mut self.hardware, &mut self.bench)
    }
}

/// Runs `run`, and reports the number that it gives.
pub(super) fn run(wasm: &'static [u8], memory: &'static mut [u8], wires: Option<Wires>) {
    match wires.ok_or("this machine has no bus").and_then(|wires| given(wasm, memory, wires)) {
        Ok(given) => print!("\x1egiven={given} "),
        Err(why) => {
            eprintln!("{why}");
            print!("\x1e");
        }
    }
}

#[inline(never)]
fn given(wasm: &'static [u8], memory: &'static mut [u8], wires: Wires) -> Result<i32, &'static str> {
    let engine = Engine::default();
    let half = memory.len() / 2;
    let (code, arena) = memory.split_at_mut(half);
    let module = Module::new(&engine, wasm, code).map_err(|_| "the module is refused")?;
    let mut store = Store::new(&engine, arena).map_err(|_| "the arena is too small")?;
    let tables = [Embedded::<App>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let bench = Bench { bus: Master(wires), delay: Spin };
    let mut app = App { hardware: Hardware::new("sensor", Everything, [Slot::FREE; 4]), bench };
    let instance =
        linker.instantiate(&mut store, &module, &mut app).map_err(|_| "the module cannot be instantiated")?;
    let func = store.export(instance, "run").and_then(|export| export.func()).ok_or("an export is missing")?;
    let thread = store.spawn(func, &[]).map_err(|_| "the arena is too small for a stack")?;
    let run = linker.run(&mut store, thread, &mut app, u64::MAX);
    let mut results = [Val::I32(0)];
    match (run, store.results(thread, &mut results), results) {
        (Run::Finished, 1, [Val::I32(given)]) => Ok(given),
        _ => Err("the guest failed"),
    }
}

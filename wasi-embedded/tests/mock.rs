//! The host functions over the mocks of embedded-hal: each call of a guest is exactly the transaction that the traits define,
//! in the same order, and nothing else.

use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::delay::NoopDelay;
use embedded_hal_mock::eh1::digital::{Mock as Pin, State, Transaction as OnPin};
use embedded_hal_mock::eh1::i2c::{Mock as Bus, Transaction as OnBus};
use embedded_hal_mock::eh1::spi::{Mock as Device, Transaction as OnDevice};
use wasmote::{Engine, HostFunc, Linker, Module, Run, Store};
use wasmote_wasi_embedded::device::{self, DigitalOut};
use wasmote_wasi_embedded::{
    Board, Class, Embedded, Everything, Hardware, HardwareView, Line, PinError, Settings, Slot,
};

/// A board of mocks.
struct Mocks {
    bus: Bus,
    device: Device<u8>,
    pin: device::Remembered<Pin>,
    delay: NoopDelay,
}

impl Board for Mocks {
    fn find(&mut self, _: Class, label: &str) -> Option<Line> {
        (label == "mock").then_some(Line(0))
    }
    fn label(&self, _: Class, _: Line) -> &str {
        "mock"
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
    fn spi(&mut self, _: Line) -> Option<&mut dyn device::SpiDevice> {
        Some(&mut self.device)
    }
    fn digital_out(&mut self, _: Line) -> Option<&mut dyn DigitalOut> {
        Some(&mut self.pin)
    }
    fn digital_in(&mut self, _: Line) -> Option<&mut dyn device::DigitalIn> {
        Some(&mut self.pin.pin)
    }
}

struct App {
    hardware: Hardware<Everything, [Slot; 4]>,
    mocks: Mocks,
}

impl HardwareView for App {
    type Board = Mocks;
    type Grants = Everything;
    type Slots = [Slot; 4];
    fn hardware(&mut self) -> (&mut Hardware<Everything, [Slot; 4]>, &mut Mocks) {
        (&mut self.hardware, &mut self.mocks)
    }
}

/// A guest that opens each label and does one thing after the other; a result area is at 64, read data at 256.
const GUEST: &str = r#"(module
  (import "wasmote:open/i2c@0.1.0" "open" (func $open_bus (param i32 i32 i32)))
  (import "wasmote:open/digital@0.1.0" "open-in-out" (func $open_pin (param i32 i32 i32)))
  (import "wasi:spi/spi" "open" (func $open_device (param i32 i32 i32)))
  (import "wasi:i2c/i2c@0.2.0-draft" "[method]i2c.write" (func $write (param i32 i32 i32 i32 i32)))
  (import "wasi:i2c/i2c@0.2.0-draft" "[method]i2c.write-read" (func $write_read (param i32 i32 i32 i32 i64 i32)))
  (import "wasi:spi/spi" "[method]spi-device.transfer" (func $transfer (param i32 i32 i32 i32)))
  (import "wasi:gpio/digital@0.2.0" "[method]digital-in-out-pin.set-active" (func $set (param i32 i32)))
  (import "wasi:gpio/digital@0.2.0" "[method]digital-in-out-pin.toggle" (func $toggle (param i32 i32)))
  (import "wasi:gpio/digital@0.2.0" "[method]digital-in-out-pin.is-active" (func $is (param i32 i32)))
  (memory (export "memory") 1) (data (i32.const 0) "mock\01\02\03")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 256))
  (func $ok (if (i32.load8_u (i32.const 64)) (then unreachable)))
  (func (export "run") (local $h i32)
    (call $open_bus (i32.const 0) (i32.const 4) (i32.const 64)) (call $ok)
    (local.set $h (i32.load (i32.const 68)))
    (call $write (local.get $h) (i32.const 0x48) (i32.const 4) (i32.const 2) (i32.const 64)) (call $ok)
    (call $write_read (local.get $h) (i32.const 0x48) (i32.const 6) (i32.const 1) (i64.const 2) (i32.const 64)) (call $ok)
    (if (i32.ne (i32.load16_u (i32.const 256)) (i32.const 0x0908)) (then unreachable))
    ;; Nobody is at this address: no-acknowledge of the address.
    (call $write (local.get $h) (i32.const 0x33) (i32.const 4) (i32.const 0) (i32.const 64))
    (if (i32.ne (i32.and (i32.load (i32.const 64)) (i32.const 0xffffff)) (i32.const 0x000201)) (then unreachable))
    (call $open_device (i32.const 0) (i32.const 4) (i32.const 64)) (call $ok)
    (call $transfer (i32.load (i32.const 68)) (i32.const 4) (i32.const 3) (i32.const 64)) (call $ok)
    (if (i32.ne (i32.load8_u (i32.const 258)) (i32.const 6)) (then unreachable))
    (call $open_pin (i32.const 0) (i32.const 4) (i32.const 64)) (call $ok)
    (local.set $h (i32.load (i32.const 68)))
    (call $set (local.get $h) (i32.const 64)) (call $ok)
    (call $toggle (local.get $h) (i32.const 64)) (call $ok)
    (call $is (local.get $h) (i32.const 64)) (call $ok)
    (if (i32.eqz (i32.load8_u (i32.const 68))) (then unreachable))))"#;

#[test]
fn a_guest_does_to_mocks_of_embedded_hal_exactly_what_it_says() {
    let nobody = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
    let mut mocks = Mocks {
        bus: Bus::new(&[
            OnBus::write(0x48, vec![1, 2]),
            OnBus::write_read(0x48, vec![3], vec![8, 9]),
            OnBus::write(0x33, vec![]).with_error(nobody),
        ]),
        device: Device::new(&[
            OnDevice::transaction_start(),
            OnDevice::transfer_in_place(vec![1, 2, 3], vec![4, 5, 6]),
            OnDevice::transaction_end(),
        ]),
        pin: device::Remembered {
            pin: Pin::new(&[OnPin::set(State::High), OnPin::set(State::Low), OnPin::get(State::High)]),
            high: false,
        },
        delay: NoopDelay,
    };
    let (mut bus, mut device, mut pin) = (mocks.bus.clone(), mocks.device.clone(), mocks.pin.pin.clone());
    mocks.pin.high = false;
    let mut app = App { hardware: Hardware::new("guest", Everything, [Slot::FREE; 4]), mocks };
    let (engine, wasm) = (Engine::default(), wat::parse_str(GUEST).unwrap());
    let (mut code, mut arena) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    let module = Module::new(&engine, &wasm, &mut code).unwrap();
    let mut store = Store::new(&engine, &mut arena).unwrap();
    let tables: [&[HostFunc<App>]; 1] = [Embedded::<App>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let instance = linker.instantiate(&mut store, &module, &mut app).unwrap();
    let run = store.export(instance, "run").and_then(|export| export.func()).unwrap();
    let thread = store.spawn(run, &[]).unwrap();
    assert_eq!(linker.run(&mut store, thread, &mut app, u64::MAX), Run::Finished);
    bus.done();
    device.done();
    pin.done();
}

//! Every function of the hardware interfaces, over a board whose answers the compiler cannot know.

use core::hint::black_box;
use embedded_hal::{delay::DelayNs, digital, i2c, spi};
use wasmote::{Instance, Linker, Module, Store};
use wasmote_wasi_embedded::device::{self, AnalogIn, AnalogOut};
use wasmote_wasi_embedded::{
    Abuse, Address, Board, Class, Denied, Edge, Edges, Embedded, Grants, Hardware, HardwareView, Line, PinError,
    PinEvents, Settings, Slot,
};

static EVENTS: PinEvents<4> = PinEvents::new();

struct Policy;

impl Grants for Policy {
    fn open(&self, _: Class, _: &str) -> Result<Settings, Denied> {
        black_box(Ok(Settings::default()))
    }

    fn address(&self, _: &str, address: Address) -> bool {
        black_box(address).number() != black_box(1)
    }
}

/// A bus, a level and a delay.
struct Everything;

struct Chip {
    parts: Everything,
    device: Device,
    pin: Pin,
}

impl i2c::ErrorType for Everything {
    type Error = i2c::ErrorKind;
}

impl i2c::I2c for Everything {
    fn transaction(&mut self, _: u8, operations: &mut [i2c::Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        for operation in operations {
            if let i2c::Operation::Read(into) = operation {
                into.fill(black_box(1));
            }
        }
        black_box(Ok(()))
    }
}

struct Device;

impl spi::ErrorType for Device {
    type Error = spi::ErrorKind;
}

impl spi::SpiDevice for Device {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), spi::ErrorKind> {
        for operation in operations {
            if let spi::Operation::Read(into) = operation {
                into.fill(black_box(1));
            }
        }
        black_box(Ok(()))
    }
}

struct Pin;

impl digital::ErrorType for Pin {
    type Error = digital::ErrorKind;
}

impl digital::OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), digital::ErrorKind> {
        black_box(Ok(()))
    }
    fn set_high(&mut self) -> Result<(), digital::ErrorKind> {
        black_box(Ok(()))
    }
}

impl digital::StatefulOutputPin for Pin {
    fn is_set_high(&mut self) -> Result<bool, digital::ErrorKind> {
        black_box(Ok(true))
    }
    fn is_set_low(&mut self) -> Result<bool, digital::ErrorKind> {
        black_box(Ok(true))
    }
}

impl digital::InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, digital::ErrorKind> {
        black_box(Ok(true))
    }
    fn is_low(&mut self) -> Result<bool, digital::ErrorKind> {
        black_box(Ok(true))
    }
}

impl AnalogIn for Everything {
    fn full_scale(&self) -> u32 {
        black_box(4095)
    }
    fn read(&mut self) -> Result<u32, PinError> {
        black_box(Ok(1))
    }
}

impl AnalogOut for Everything {
    fn full_scale(&self) -> u32 {
        black_box(4095)
    }
    fn write(&mut self, value: u32) -> Result<(), PinError> {
        black_box(value);
        black_box(Ok(()))
    }
}

impl DelayNs for Everything {
    fn delay_ns(&mut self, ns: u32) {
        black_box(ns);
    }
}

impl Board for Chip {
    fn find(&mut self, class: Class, label: &str) -> Option<Line> {
        black_box((class, label));
        black_box(Some(Line(0)))
    }
    fn label(&self, _: Class, _: Line) -> &str {
        black_box("label")
    }
    fn open(&mut self, _: Class, _: Line, settings: &Settings) -> Result<(), PinError> {
        black_box(settings);
        black_box(Ok(()))
    }
    fn close(&mut self, class: Class, line: Line) {
        black_box((class, line));
    }
    fn delay(&mut self) -> &mut dyn DelayNs {
        &mut self.parts
    }
    fn now_ns(&mut self) -> Option<u64> {
        black_box(Some(1))
    }
    fn i2c(&mut self, _: Line) -> Option<&mut dyn device::I2cBus> {
        Some(&mut self.parts)
    }
    fn spi(&mut self, _: Line) -> Option<&mut dyn device::SpiDevice> {
        Some(&mut self.device)
    }
    fn digital_out(&mut self, _: Line) -> Option<&mut dyn device::DigitalOut> {
        Some(&mut self.pin)
    }
    fn digital_in(&mut self, _: Line) -> Option<&mut dyn device::DigitalIn> {
        Some(&mut self.pin)
    }
    fn analog_out(&mut self, _: Line) -> Option<&mut dyn AnalogOut> {
        Some(&mut self.parts)
    }
    fn analog_in(&mut self, _: Line) -> Option<&mut dyn AnalogIn> {
        Some(&mut self.parts)
    }
    fn is_ready(&mut self, class: Class, line: Line) -> bool {
        black_box((class, line));
        black_box(true)
    }
    fn watch(&mut self, _: Line) -> Result<(), PinError> {
        black_box(Ok(()))
    }
    fn edges(&mut self, line: Line) -> Edges {
        EVENTS.edges(line)
    }
}

struct App {
    hardware: Hardware<Policy, [Slot; 4]>,
    chip: Chip,
}

impl HardwareView for App {
    type Board = Chip;
    type Grants = Policy;
    type Slots = [Slot; 4];

    fn hardware(&mut self) -> (&mut Hardware<Policy, [Slot; 4]>, &mut Chip) {
        (&mut self.hardware, &mut self.chip)
    }
}

/// Links a module with all of them and runs it.
#[inline(never)]
pub(crate) fn every_function<'a>(store: &mut Store<'a>, module: &Module<'a>) {
    let hardware = Hardware::new(black_box("module"), Policy, [Slot::FREE; 4]);
    let chip = Chip { parts: Everything, device: Device, pin: Pin };
    let mut app = App { hardware, chip };
    EVENTS.record(black_box(Line(1)), black_box(Edge::Rising));
    black_box(EVENTS.generation());
    let tables = [Embedded::<App>::FUNCTIONS];
    let linker = Linker::new(black_box(&tables));
    let made: Option<Instance> = linker.instantiate(store, module, &mut app).ok();
    let entry = made.and_then(|instance| store.export(instance, black_box("run"))).and_then(|item| item.func());
    if let Some(thread) = entry.and_then(|entry| store.spawn(entry, &[]).ok()) {
        if let wasmote::Run::Trapped(trap) = black_box(linker.run(store, thread, &mut app, black_box(1000))) {
            black_box(Abuse::of(trap).map(Abuse::message));
        }
        store.end(thread);
    }
    black_box(app.hardware.blocked());
    if let Some(refusal) = app.hardware.take_refusal() {
        black_box(refusal.text(app.hardware.module()));
    }
    app.hardware.close_all(&mut app.chip);
}

struct Masked;
critical_section::set_impl!(Masked);

// SAFETY: nothing runs.
unsafe impl critical_section::Impl for Masked {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        black_box(());
    }
    unsafe fn release(_: critical_section::RawRestoreState) {
        black_box(());
    }
}

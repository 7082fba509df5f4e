//! What the boards with Raspberry Pi's chips share: the RP2040 and the RP2350 have the same pins, buses and serial ports.
//!
//! A board gives its labels and its pins to [`start`]; everything else is here. The native stack lies below the statics, so
//! that one that overflows hits the end of RAM and not a module; the watchdog then starts the board again.
#![no_std]

#[cfg(feature = "rp2350")]
pub use rp235x_hal as hal;
#[cfg(feature = "rp2040")]
pub use rp2040_hal as hal;

mod board;
mod chip;
mod gpio;
mod i2c;
mod memory;
pub mod pico;
mod serial;

pub use board::{Label, RpBoard, What};
pub use chip::{Name, Rp};
pub use gpio::{Gpio, MAX_PINS};
pub use wasmote_board::app::Firmware;

#[cfg(feature = "defmt")]
use defmt_rtt as _;

use board::Analog;
use chip::Parts;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::MODE_0;
use embedded_hal_bus::spi::ExclusiveDevice;
use fugit::{ExtU32, RateExtU32};
use gpio::Lent;
use hal::clocks::Clock;
use hal::timer::Alarm;
use hal::uart::{DataBits, StopBits, UartConfig, UartPeripheral};
use hal::{Sio, Watchdog, gpio::Pins, pac};
use heapless::Vec;
use serial::{Ports, Usb};
use static_cell::StaticCell;
use usb_device::bus::UsbBusAllocator;
use usb_device::device::{StringDescriptors, UsbDeviceBuilder, UsbVidPid};
use wasmote_board::doorbell::Doorbell;
use wasmote_wasi_embedded::Line;

#[cfg(feature = "rp2040")]
pub(crate) type Timer = hal::Timer;
#[cfg(feature = "rp2040")]
pub(crate) type Alarm0 = hal::timer::Alarm0;
#[cfg(feature = "rp2350")]
pub(crate) type Timer = hal::Timer<hal::timer::CopyableTimer0>;
#[cfg(feature = "rp2350")]
pub(crate) type Alarm0 = hal::timer::Alarm0<hal::timer::CopyableTimer0>;

/// Every interrupt rings it.
pub(crate) static BELL: Doorbell = Doorbell::new();
static PARTS: StaticCell<Parts> = StaticCell::new();
static USB: StaticCell<UsbBusAllocator<hal::usb::UsbBus>> = StaticCell::new();

/// The crystal of both boards.
const CRYSTAL_HZ: u32 = 12_000_000;
const BAUD: u32 = 115_200;
/// The watchdog's period: the firmware feeds it twice in this time, and between slices of fuel.
const WATCHDOG_MS: u32 = 2_000;
/// A test code of pid.codes: for boards that nobody sells.
const USB_ID: UsbVidPid = UsbVidPid(0x1209, 0x0001);

macro_rules! free_pins {
    ($($name:ident $id:ident),*) => {
        /// The pins that a board can give to its labels.
        #[allow(missing_docs)]
        pub struct FreePins {
            $(pub $name: hal::gpio::Pin<hal::gpio::bank0::$id, hal::gpio::FunctionNull, hal::gpio::PullDown>,)*
        }
        macro_rules! free {
            ($pins:ident) => { FreePins { $($name: $pins.$name,)* } };
        }
    };
}
free_pins! {
    gpio2 Gpio2,
    gpio3 Gpio3,
    gpio6 Gpio6,
    gpio7 Gpio7,
    gpio8 Gpio8,
    gpio9 Gpio9,
    gpio10 Gpio10,
    gpio11 Gpio11,
    gpio12 Gpio12,
    gpio13 Gpio13,
    gpio14 Gpio14,
    gpio15 Gpio15,
    gpio20 Gpio20,
    gpio21 Gpio21,
    gpio22 Gpio22,
    gpio25 Gpio25,
    gpio27 Gpio27,
    gpio28 Gpio28
}

/// Starts the chip and runs the modules that are built in. `take` picks the board's digital pins, in the order of `labels`;
/// GPIO 0 and 1 are the UART, 4 and 5 the I2C bus, 16 to 19 the SPI device, 26 the converter.
pub fn start<N: Name>(
    firmware: &'static Firmware<Rp<N>>,
    labels: &'static [Label],
    take: impl FnOnce(FreePins) -> Option<Vec<Gpio, MAX_PINS>>,
) -> ! {
    match set_up(N::NAME, labels, take) {
        Some(board) => firmware.run(board, memory::lent(), memory::modules()),
        // Nothing can be done without a part of the chip; the watchdog, if it runs, tries again.
        None => loop {
            cortex_m::asm::wfi();
        },
    }
}

/// Sets the chip up. Out of line: what this takes of the native stack, no guest has to do without.
#[inline(never)]
fn set_up(
    name: &'static str,
    labels: &'static [Label],
    take: impl FnOnce(FreePins) -> Option<Vec<Gpio, MAX_PINS>>,
) -> Option<RpBoard> {
    let p = pac::Peripherals::take()?;
    let mut resets = p.RESETS;
    let mut watchdog = Watchdog::new(p.WATCHDOG);
    let clocks = hal::clocks::init_clocks_and_plls(
        CRYSTAL_HZ,
        p.XOSC,
        p.CLOCKS,
        p.PLL_SYS,
        p.PLL_USB,
        &mut resets,
        &mut watchdog,
    );
    let clocks = clocks.ok()?;
    #[cfg(feature = "rp2040")]
    let mut timer = hal::Timer::new(p.TIMER, &mut resets, &clocks);
    #[cfg(feature = "rp2350")]
    let mut timer = hal::Timer::new_timer0(p.TIMER0, &mut resets, &clocks);
    let mut alarm = timer.alarm_0()?;
    alarm.enable_interrupt();

    let sio = Sio::new(p.SIO);
    let pins = Pins::new(p.IO_BANK0, p.PADS_BANK0, sio.gpio_bank0, &mut resets);
    let peripheral_hz = clocks.peripheral_clock.freq();
    let config = UartConfig::new(BAUD.Hz(), DataBits::Eight, None, StopBits::One);
    let uart = UartPeripheral::new(p.UART0, (pins.gpio0.into_function(), pins.gpio1.into_function()), &mut resets);
    let uart = uart.enable(config, peripheral_hz).ok()?;
    #[cfg(feature = "rp2040")]
    let bus = hal::usb::UsbBus::new(p.USBCTRL_REGS, p.USBCTRL_DPRAM, clocks.usb_clock, true, &mut resets);
    #[cfg(feature = "rp2350")]
    let bus = hal::usb::UsbBus::new(p.USB, p.USB_DPRAM, clocks.usb_clock, true, &mut resets);
    let bus = USB.init(UsbBusAllocator::new(bus));
    let port = usbd_serial::SerialPort::new(bus);
    let names = [StringDescriptors::default().manufacturer("Wasmote").product(name)];
    let device = UsbDeviceBuilder::new(bus, USB_ID).strings(&names).ok()?.max_packet_size_0(64).ok()?;
    let device = device.device_class(usbd_serial::USB_CLASS_CDC).build();

    // The buses' pins are the controllers' from now on.
    let _: hal::gpio::Pin<_, hal::gpio::FunctionI2C, hal::gpio::PullUp> = pins.gpio4.reconfigure();
    let _: hal::gpio::Pin<_, hal::gpio::FunctionI2C, hal::gpio::PullUp> = pins.gpio5.reconfigure();
    let spi = hal::Spi::<_, _, _, 8>::new(
        p.SPI0,
        (pins.gpio19.into_function(), pins.gpio16.into_function(), pins.gpio18.into_function()),
    );
    let spi = spi.init(&mut resets, peripheral_hz, 1.MHz(), hal::spi::FrameFormat::MotorolaSpi(MODE_0));
    let mut select = gpio::gpio(pins.gpio17.into_dyn_pin())?;
    let _ = select.set_high();
    select.set_output_enable_override(hal::gpio::OutputEnableOverride::Normal);
    let Ok(spi) = ExclusiveDevice::new(spi, select, timer);
    let converter = hal::adc::Adc::new(p.ADC, &mut resets);
    let pin = hal::adc::AdcPin::new(pins.gpio26.reconfigure()).ok()?;

    let board = RpBoard {
        labels,
        users: [0; _],
        lent: Lent(Line(0)),
        i2c: i2c::Controller::new(p.I2C0, &mut resets, clocks.system_clock.freq().to_Hz()),
        i2c_hz: 0,
        spi,
        peripheral_hz: peripheral_hz.to_Hz(),
        analog: Analog { converter, pin },
        delay: timer,
    };
    gpio::give(take(free!(pins))?);
    watchdog.pause_on_debug(true);
    watchdog.start(WATCHDOG_MS.millis());
    let oscillator = hal::rosc::RingOscillator::new(p.ROSC).initialize();
    let ports = Ports::new(uart, Usb::new(device, port));
    chip::give(PARTS.init_with(|| Parts { timer, alarm, watchdog, oscillator, ports }));
    chip::unmask();
    Some(board)
}

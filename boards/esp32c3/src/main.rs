//! Firmware for the ESP32-C3 (and the C6 by a feature): which pins its labels stand for.
//!
//! | label | pin | |
//! |---|---|---|
//! | `led0` | GPIO8 | the LED of many boards |
//! | `led1` | GPIO3 | |
//! | `button` | GPIO9 | the button BOOT, to ground |
//! | `alert` | GPIO10 | can only be read |
//! | `gp0`, `gp1` | GPIO0, GPIO1 | |
//! | `i2c0` | GPIO4 data, GPIO5 clock | |
//! | `flash` | GPIO6 clock, GPIO7 to it, GPIO18 from it, GPIO19 select | an SPI device |
//! | `pot` | GPIO2 | the converter |
//! | | GPIO21, GPIO20 (C6: 16, 17) | serial output and input, 115 200 baud |
#![no_std]
#![no_main]

mod board;
mod chip;
mod modules;

#[cfg(feature = "defmt")]
use defmt_rtt as _;

use board::{Analog, Esp, PINS};
use chip::{Esp32, Parts};
use embedded_hal_bus::spi::ExclusiveDevice;
use esp_hal::analog::adc::{Adc, AdcConfig, Attenuation};
use esp_hal::delay::Delay;
use esp_hal::gpio::{Flex, Io, Level, Output, OutputConfig};
use esp_hal::i2c::master::{Config as I2cConfig, I2c};
use esp_hal::rng::{Trng, TrngSource};
use esp_hal::spi::master::{Config as SpiConfig, Spi};
use esp_hal::time::Duration;
use esp_hal::timer::OneShotTimer;
use esp_hal::timer::systimer::SystemTimer;
use esp_hal::timer::timg::{MwdtStage, TimerGroup};
use esp_hal::uart::{Config as UartConfig, Uart};
use heapless::Deque;
use static_cell::ConstStaticCell;
use wasmote_board::app::Firmware;

esp_bootloader_esp_idf::esp_app_desc!();

/// What is lent to modules.
const LENT_BYTES: usize = 192 << 10;
/// The watchdog's period: the firmware feeds it twice in this time, and between slices of fuel.
const WATCHDOG_MS: u64 = 2_000;

static LENT: ConstStaticCell<[u8; LENT_BYTES]> = ConstStaticCell::new([0; LENT_BYTES]);
static FIRMWARE: Firmware<Esp32> = Firmware::new();

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // The watchdog starts the board again.
    loop {}
}

#[esp_hal::main]
fn main() -> ! {
    match set_up() {
        Some(board) => FIRMWARE.run(board, LENT.take(), modules::modules()),
        None => loop {
            riscv::asm::wfi();
        },
    }
}

/// Sets the chip up. Out of line: what this takes of the native stack, no guest has to do without.
#[inline(never)]
fn set_up() -> Option<Esp> {
    let mut p = esp_hal::init(esp_hal::Config::default());
    // True entropy needs the converter's noise, so it is taken before the converter is.
    let mut seed = [0; 32];
    let source = TrngSource::new(p.RNG, p.ADC1.reborrow());
    Trng::try_new().ok()?.read(&mut seed);
    drop(source);

    let mut io = Io::new(p.IO_MUX);
    io.set_interrupt_handler(chip::pins);
    let i2c = I2c::new(p.I2C0, I2cConfig::default()).ok()?.with_sda(p.GPIO4).with_scl(p.GPIO5);
    let spi = Spi::new(p.SPI2, SpiConfig::default()).ok()?;
    let spi = spi.with_sck(p.GPIO6).with_mosi(p.GPIO7).with_miso(p.GPIO18);
    let select = Output::new(p.GPIO19, Level::High, OutputConfig::default());
    let Ok(spi) = ExclusiveDevice::new(spi, select, Delay::new());
    let mut config = AdcConfig::new();
    let pin = config.enable_pin(p.GPIO2, Attenuation::_11dB);
    let analog = Analog { converter: Adc::new(p.ADC1, config), pin };

    let uart = Uart::new(p.UART0, UartConfig::default()).ok()?;
    #[cfg(feature = "esp32c3")]
    let uart = uart.with_tx(p.GPIO21).with_rx(p.GPIO20);
    #[cfg(feature = "esp32c6")]
    let uart = uart.with_tx(p.GPIO16).with_rx(p.GPIO17);
    let mut watchdog = TimerGroup::new(p.TIMG0).wdt;
    watchdog.set_timeout(MwdtStage::Stage0, Duration::from_millis(WATCHDOG_MS));
    watchdog.enable();
    let pins: [Flex<'static>; PINS] = [
        Flex::new(p.GPIO8),
        Flex::new(p.GPIO3),
        Flex::new(p.GPIO9),
        Flex::new(p.GPIO10),
        Flex::new(p.GPIO0),
        Flex::new(p.GPIO1),
    ];
    let levels = core::array::from_fn(|n| pins.get(n).is_some_and(|pin| pin.is_high()));
    let timer = OneShotTimer::new(SystemTimer::new(p.SYSTIMER).alarm0);
    chip::give(Parts { pins, levels, timer, watchdog, uart, seed, output: Deque::new(), input: Deque::new() });
    Some(Esp::new(i2c, spi, analog))
}

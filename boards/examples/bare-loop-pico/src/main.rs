//! Wasmote in somebody's own firmware, in a bare loop: two guests in turn, a slice of fuel each, and what else there is to do.
//!
//! The loop never waits while there is work: it blinks the LED (GP25) on time, gives each guest its slice, and sleeps until an
//! interrupt when no guest can run. The button (GP14, to ground) is counted by an interrupt; lines go to UART0 (GP0, 115 200
//! baud). The guests are those of `embassy-pico`.
#![no_std]
#![no_main]

mod guest;
mod interrupts;

use cortex_m::asm::wfi;
use embedded_hal::digital::StatefulOutputPin;
use fugit::RateExtU32;
use guest::{Room, Task};
use interrupts::{BELL, Shared};
use panic_halt as _;
use rp2040_hal::clocks::{Clock, init_clocks_and_plls};
use rp2040_hal::gpio::{Interrupt, Pins};
use rp2040_hal::timer::Alarm;
use rp2040_hal::uart::{DataBits, StopBits, UartConfig, UartPeripheral};
use rp2040_hal::{Sio, Timer, Watchdog, pac};
use static_cell::ConstStaticCell;

#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_GENERIC_03H;

/// The board's crystal.
const CRYSTAL_HZ: u32 = 12_000_000;
/// How long the LED is on, and then off, in microseconds.
const BLINK_US: u64 = 250_000;

/// What is lent to each guest.
static PRESSES_ROOM: ConstStaticCell<Room> = ConstStaticCell::new(Room::EMPTY);
static PRIMES_ROOM: ConstStaticCell<Room> = ConstStaticCell::new(Room::EMPTY);

#[rp2040_hal::entry]
fn main() -> ! {
    let p = pac::Peripherals::take().unwrap();
    let mut resets = p.RESETS;
    let mut watchdog = Watchdog::new(p.WATCHDOG);
    let clocks =
        init_clocks_and_plls(CRYSTAL_HZ, p.XOSC, p.CLOCKS, p.PLL_SYS, p.PLL_USB, &mut resets, &mut watchdog).unwrap();
    let mut timer = Timer::new(p.TIMER, &mut resets, &clocks);
    let pins = Pins::new(p.IO_BANK0, p.PADS_BANK0, Sio::new(p.SIO).gpio_bank0, &mut resets);
    let mut led = pins.gpio25.into_push_pull_output();
    let mut button = pins.gpio14.into_pull_up_input();
    let uart = UartPeripheral::new(p.UART0, (pins.gpio0.into_function(), pins.gpio1.into_function()), &mut resets);
    let config = UartConfig::new(115_200.Hz(), DataBits::Eight, None, StopBits::One);
    let uart = uart.enable(config, clocks.peripheral_clock.freq()).unwrap();
    let (_, serial) = uart.split();

    // The edge of its pull-up is none of a finger's.
    button.clear_interrupt(Interrupt::EdgeLow);
    button.set_interrupt_enabled(Interrupt::EdgeLow, true);
    let mut alarm = timer.alarm_0().unwrap();
    alarm.enable_interrupt();
    interrupts::give(Shared::new(button, alarm));

    let mut tasks = [
        Task::new("presses", include_bytes!(concat!(env!("OUT_DIR"), "/presses.wasm")), PRESSES_ROOM.take()),
        Task::new("primes", include_bytes!(concat!(env!("OUT_DIR"), "/primes.wasm")), PRIMES_ROOM.take()),
    ];
    let mut next_us = BLINK_US;
    loop {
        let now_us = timer.get_counter().ticks();
        if now_us >= next_us {
            // The pin is this chip's own.
            let _ = led.toggle();
            next_us += BLINK_US;
        }
        let mut is_idle = true;
        for task in &mut tasks {
            is_idle &= !task.turn();
            if let Some(line) = task.take_line() {
                serial.write_full_blocking(line.as_bytes());
            }
        }
        if is_idle {
            interrupts::wake_after(next_us.saturating_sub(now_us));
            BELL.sleep(wfi);
        }
    }
}

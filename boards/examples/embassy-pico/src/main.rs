//! Wasmote in somebody's own firmware, on embassy: the runtime is one task among others.
//!
//! | task | what it does |
//! |---|---|
//! | `heartbeat` | blinks the LED (GP25), whatever the guests do |
//! | `button` | waits for the interrupt of the button's pin (GP14, to ground), and counts presses |
//! | `serial` | sends lines over UART0 (GP0, 115 200 baud) |
//! | `runtime` | two guests, each in a store of its own; see `guest.rs` |
#![no_std]
#![no_main]

mod guest;

use embassy_executor::Spawner;
use embassy_futures::join::join;
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::DMA_CH0;
use embassy_rp::uart::{Async, UartTx};
use embassy_rp::{bind_interrupts, dma};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::channel::Channel;
use embassy_time::{Duration, Ticker};
use guest::Guest;
use heapless::String;
use panic_halt as _;
use static_cell::ConstStaticCell;

bind_interrupts!(struct Irqs {
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>;
});

/// A line of output.
type Line = String<64>;

/// Lines on their way to the serial port, and presses of the button on their way to whoever waits for one.
static LINES: Channel<CriticalSectionRawMutex, Line, 4> = Channel::new();
static PRESSES: Channel<CriticalSectionRawMutex, u32, 8> = Channel::new();

/// What is lent to each guest: for its prepared code, and for its memory and stacks.
static PRESSES_ROOM: ConstStaticCell<([u8; 1024], [u8; 4096])> = ConstStaticCell::new(([0; 1024], [0; 4096]));
static PRIMES_ROOM: ConstStaticCell<([u8; 1024], [u8; 4096])> = ConstStaticCell::new(([0; 1024], [0; 4096]));

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(Default::default());
    let uart = UartTx::new(p.UART0, p.PIN_0, p.DMA_CH0, Irqs, Default::default());
    // Each task is spawned once, for which there always is room.
    spawner.spawn(heartbeat(Output::new(p.PIN_25, Level::Low)).unwrap());
    spawner.spawn(button(Input::new(p.PIN_14, Pull::Up)).unwrap());
    spawner.spawn(serial(uart).unwrap());
    spawner.spawn(runtime().unwrap());
}

#[embassy_executor::task]
async fn heartbeat(mut led: Output<'static>) {
    let mut ticker = Ticker::every(Duration::from_millis(250));
    loop {
        ticker.next().await;
        led.toggle();
    }
}

#[embassy_executor::task]
async fn button(mut pin: Input<'static>) {
    for count in 1.. {
        pin.wait_for_falling_edge().await;
        // Presses that no guest asks for are forgotten when there are too many.
        let _ = PRESSES.try_send(count);
    }
}

#[embassy_executor::task]
async fn serial(mut uart: UartTx<'static, Async>) {
    loop {
        let line = LINES.receive().await;
        // Sending cannot fail.
        let _ = uart.write(line.as_bytes()).await;
    }
}

#[embassy_executor::task]
async fn runtime() {
    let presses = Guest::new("presses", include_bytes!(concat!(env!("OUT_DIR"), "/presses.wasm")));
    let primes = Guest::new("primes", include_bytes!(concat!(env!("OUT_DIR"), "/primes.wasm")));
    join(presses.run(PRESSES_ROOM.take()), primes.run(PRIMES_ROOM.take())).await;
}

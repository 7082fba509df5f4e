//! A reactor: the host calls `tick` on a timer, and between the calls the module costs nothing but its memory.
//!
//! `wasmote run --invoke tick --every 250ms timer.wasm`
#![no_std]

use wasmote_guest::embedded_hal::digital::StatefulOutputPin;
use wasmote_guest::{Local, OutputPin, exports, println};

exports!(tick);

static LED: Local<Option<OutputPin>> = Local::new(None);
static TICKS: Local<u32> = Local::new(0);

fn tick() {
    LED.with(|led| led.get_or_insert_with(|| OutputPin::open("led0").unwrap()).toggle().unwrap());
    TICKS.with(|ticks| {
        *ticks += 1;
        println!("tick {ticks}");
    });
}

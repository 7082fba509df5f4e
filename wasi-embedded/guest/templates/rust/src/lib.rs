//! {{project-name}}: an LED that blinks.
//!
//! `cargo build --release`, then
//! `wasmote run --manifest manifest.toml --script board.script target/wasm32v1-none/release/{{crate_name}}.wasm`
#![no_std]

use wasmote_guest::embedded_hal::{delay::DelayNs, digital::StatefulOutputPin};
use wasmote_guest::{Delay, OutputPin, main};

main!(blink);

fn blink() {
    let mut led = OutputPin::open("led0").unwrap();
    loop {
        led.toggle().unwrap();
        Delay.delay_ms(500);
    }
}

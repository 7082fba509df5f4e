//! A button that switches an LED. The module sleeps between presses, and none is lost, however short.
#![no_std]

use wasmote_guest::embedded_hal::digital::StatefulOutputPin;
use wasmote_guest::{InputPin, OutputPin, main, poll, println};

main!(watch);

fn watch() {
    let button = InputPin::open("button").unwrap();
    let mut led = OutputPin::open("led0").unwrap();
    let pressed = button.watch_rising_edge().unwrap();
    let released = button.watch_falling_edge().unwrap();
    let mut presses = 0;
    loop {
        let ready = poll(&[&pressed, &released]);
        if ready & 1 != 0 {
            presses += 1;
            led.toggle().unwrap();
            println!("pressed, {presses} times so far");
        }
        if ready & 2 != 0 {
            println!("released");
        }
    }
}

//! A thermostat: the driver crate of a TMP102, an LED in place of the heating, a line in the log for each second.
#![no_std]

use tmp1x2::{SlaveAddr, Tmp1x2};
use wasmote_guest::embedded_hal::{delay::DelayNs, digital::OutputPin as _, digital::PinState};
use wasmote_guest::{Delay, I2c, OutputPin, main, println};

/// Where the heating goes on, and where off again: in tenths of a degree.
const ON_BELOW: i32 = 195;
const OFF_ABOVE: i32 = 205;

main!(regulate);

fn regulate() {
    let mut sensor = Tmp1x2::new(I2c::open("i2c0").unwrap(), SlaveAddr::default());
    let mut heating = OutputPin::open("led0").unwrap();
    let mut is_on = false;
    // Its first conversion takes 26 ms.
    Delay.delay_ms(50);
    loop {
        match sensor.read_temperature() {
            Ok(celsius) => {
                let tenths = (celsius * 10.0) as i32;
                is_on = if is_on { tenths <= OFF_ABOVE } else { tenths < ON_BELOW };
                let sign = if tenths < 0 { "-" } else { "" };
                let (whole, tenth) = (tenths.abs() / 10, tenths.abs() % 10);
                println!("{sign}{whole}.{tenth} °C, heating {}", if is_on { "on" } else { "off" });
            }
            Err(error) => {
                is_on = false;
                println!("no temperature ({error:?}), heating off");
            }
        }
        heating.set_state(PinState::from(is_on)).unwrap();
        Delay.delay_ms(1000);
    }
}

//! A logger: every 100 ms the position of a potentiometer, kept in an EEPROM by its driver crate, then read back.
#![no_std]

use eeprom24x::{Eeprom24x, SlaveAddr};
use wasmote_guest::embedded_hal::delay::DelayNs;
use wasmote_guest::{Delay, I2c, analog::AnalogIn, main, println};

const SAMPLES: u32 = 8;
/// A record is a 16-bit number.
const RECORD_BYTES: u32 = 2;
/// The EEPROM writes for 5 ms, and does not answer meanwhile.
const WRITE_MS: u32 = 5;

main!(log);

fn log() {
    let mut pot = AnalogIn::open("pot").unwrap();
    let mut eeprom = Eeprom24x::new_24x256(I2c::open("i2c0").unwrap(), SlaveAddr::default());
    for n in 0..SAMPLES {
        let sample = pot.read_raw().unwrap() as u16;
        eeprom.write_page(n * RECORD_BYTES, &sample.to_le_bytes()).unwrap();
        Delay.delay_ms(100);
    }
    Delay.delay_ms(WRITE_MS);
    let mut records = [0; (SAMPLES * RECORD_BYTES) as usize];
    eeprom.read_data(0, &mut records).unwrap();
    for (n, record) in records.chunks_exact(2).enumerate() {
        println!("{n}: {}", u16::from_le_bytes([record[0], record[1]]));
    }
}

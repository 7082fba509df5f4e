//! Driver crates as everybody uses them, on the simulated parts.

use core::convert::Infallible;
use eeprom24x::{Eeprom24x, Error as EepromError, SlaveAddr as EepromAddress};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use embedded_hal::i2c::{ErrorKind, I2c, NoAcknowledgeSource};
use ssd1306::{I2CDisplayInterface, Ssd1306, prelude::*};
use tmp1x2::{AlertPolarity, ConversionRate, FaultQueue, SlaveAddr, ThermostatMode, Tmp1x2};
use w25q32jv::W25q32jv;
use wasmote_board_sim::part::eeprom::M24LC16;
use wasmote_board_sim::{Setup, Simulation, script};

fn board(text: &str) -> Simulation {
    Simulation::new(Setup { script: script::parse(text).unwrap(), ..Setup::default() })
}

const MS: u64 = 1_000_000;

#[test]
fn tmp1x2_reads_what_the_script_says() {
    let board = board("temperature 23.0625\nat 1s temperature -12.5");
    let mut sensor = Tmp1x2::new(board.i2c(), SlaveAddr::default());
    board.wait_until(30 * MS);
    assert_eq!(sensor.read_temperature().unwrap(), 23.0625);
    board.wait_until(1500 * MS);
    assert_eq!(sensor.read_temperature().unwrap(), -12.5);
}

#[test]
fn tmp1x2_in_extended_mode_reads_above_128_degrees() {
    let board = board("temperature 140");
    let mut sensor = Tmp1x2::new(board.i2c(), SlaveAddr::default());
    sensor.enable_extended_mode().unwrap();
    board.wait_until(300 * MS);
    assert_eq!(sensor.read_temperature().unwrap(), 140.0);
    sensor.disable_extended_mode().unwrap();
    board.wait_until(600 * MS);
    assert_eq!(sensor.read_temperature().unwrap(), 127.9375);
}

#[test]
fn tmp1x2_waits_for_a_single_conversion() {
    let board = board("temperature 31.5");
    let sensor = Tmp1x2::new(board.i2c(), SlaveAddr::default());
    let Ok(mut sensor) = sensor.into_one_shot() else { panic!("the sensor did not answer") };
    board.wait_until(40 * MS);
    // The driver starts a conversion at the first call and says WouldBlock until it is over.
    assert!(matches!(sensor.read_temperature(), Err(nb_error) if format!("{nb_error:?}") == "WouldBlock"));
    board.delay().delay_ms(10);
    assert!(sensor.read_temperature().is_err());
    board.delay().delay_ms(17);
    assert_eq!(sensor.read_temperature().unwrap(), 31.5);
}

#[test]
fn tmp1x2_alerts_after_the_queue_with_the_polarity() {
    let board = board("temperature 25\nat 1s temperature 35\nat 3s temperature 20");
    let mut sensor = Tmp1x2::new(board.i2c(), SlaveAddr::default());
    sensor.set_high_temperature_threshold(30.0).unwrap();
    sensor.set_low_temperature_threshold(28.0).unwrap();
    sensor.set_fault_queue(FaultQueue::_2).unwrap();
    sensor.set_conversion_rate(ConversionRate::_4Hz).unwrap();
    sensor.set_alert_polarity(AlertPolarity::ActiveHigh).unwrap();
    sensor.set_thermostat_mode(ThermostatMode::Comparator).unwrap();
    let mut alert = board.alert();
    board.wait_until(1100 * MS);
    assert!(alert.is_low().unwrap());
    board.wait_until(1600 * MS);
    assert!(alert.is_high().unwrap() && sensor.is_comparator_mode_alert_active().unwrap());
    board.wait_until(3600 * MS);
    assert!(alert.is_low().unwrap() && !sensor.is_comparator_mode_alert_active().unwrap());
}

#[test]
fn eeprom24x_writes_pages_and_meets_a_busy_part() {
    let board = board("");
    let mut eeprom = Eeprom24x::new_24x256(board.i2c(), EepromAddress::default());
    let page: Vec<u8> = (0..64).collect();
    eeprom.write_page(0x1240, &page).unwrap();
    match eeprom.read_byte(0x1240) {
        Err(EepromError::I2C(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address))) => {}
        other => panic!("the part should be busy: {other:?}"),
    }
    board.delay().delay_ms(5);
    let mut back = [0; 66];
    eeprom.read_data(0x123f, &mut back).unwrap();
    assert_eq!(back[0], 0xff);
    assert_eq!(back[1..65], page[..]);
    assert_eq!(eeprom.read_current_address().unwrap(), 0xff);
    assert_eq!(board.eeprom().bytes()[0x127f], 63);
}

#[test]
fn eeprom24x_reaches_all_blocks_of_a_small_part() {
    let board = Simulation::new(Setup { eeprom: M24LC16, ..Setup::default() });
    let mut eeprom = Eeprom24x::new_24x16(board.i2c(), EepromAddress::default());
    for block in 0..8 {
        eeprom.write_byte(block * 256 + 7, block as u8).unwrap();
        board.delay().delay_ms(5);
    }
    let read = [0, 1, 2, 3, 4, 5, 6, 7].map(|block: u32| eeprom.read_byte(block * 256 + 7).unwrap());
    assert_eq!(read, [0, 1, 2, 3, 4, 5, 6, 7]);
}

/// HOLD and WP of the flash are wired to the supply.
struct Wired;

impl ErrorType for Wired {
    type Error = Infallible;
}

impl OutputPin for Wired {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
    fn set_high(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[test]
fn w25q32jv_erases_writes_and_reads_back() {
    let board = board("");
    let mut flash = W25q32jv::new(board.flash(), Wired, Wired).unwrap();
    assert_eq!(&flash.device_id().unwrap(), b"WASMOTE1");
    let data: Vec<u8> = (0..600).map(|n| n as u8).collect();
    flash.write_blocking(0x1_00f0, &data).unwrap();
    let mut back = vec![0; 600];
    flash.read(0x1_00f0, &mut back).unwrap();
    assert_eq!(back, data);
    flash.erase_sector(0x10).unwrap();
    flash.read(0x1_00f0, &mut back).unwrap();
    assert!(back.iter().all(|byte| *byte == 0xff));
    flash.erase_block_64k(0).unwrap();
    flash.enable_power_down_mode().unwrap();
    flash.disable_power_down_mode().unwrap();
}

#[test]
fn w25q32jv_notices_that_bits_do_not_become_ones() {
    let board = board("");
    let mut flash = W25q32jv::new(board.flash(), Wired, Wired).unwrap();
    flash.write_blocking(0, &[0x0f]).unwrap();
    assert!(flash.write_blocking(0, &[0xf0]).is_err(), "the driver reads back what it wrote");
}

#[test]
fn ssd1306_draws() {
    let board = board("");
    let interface = I2CDisplayInterface::new(board.i2c());
    let size = DisplaySize128x64;
    let mut display = Ssd1306::new(interface, size, DisplayRotation::Rotate0).into_buffered_graphics_mode();
    display.init().unwrap();
    for n in 0..64 {
        display.set_pixel(2 * n, n, true);
    }
    display.flush().unwrap();
    let shown = board.display();
    for y in 0..64 {
        assert!((0..128).all(|x| shown.is_lit(x, y) == (x == 2 * y)), "row {y}");
    }
    assert!(shown.to_text().starts_with("▀ ▄\n    ▀ ▄\n"));
}

#[test]
fn an_unplugged_part_does_not_answer() {
    let board = board("at 1s unplug eeprom\nat 2s plug eeprom");
    let missing = Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
    let mut bus = board.i2c();
    assert_eq!(bus.write(0x50, &[0, 0]), Ok(()));
    board.wait_until(1500 * MS);
    assert_eq!(bus.write(0x50, &[0, 0]), missing);
    assert_eq!(bus.write(0x48, &[0]), Ok(()));
    board.wait_until(2500 * MS);
    assert_eq!(bus.write(0x50, &[0, 0]), Ok(()));
    assert_eq!(bus.read(0x51, &mut [0]), missing);
}

#[test]
fn parts_hear_only_their_own_transfers() {
    let board = board("");
    let mut bus = board.i2c();
    bus.write(0x3c, &[0x40, 1, 2, 3]).unwrap();
    bus.write(0x48, &[3, 0x20, 0]).unwrap();
    assert!(board.eeprom().bytes().iter().all(|byte| *byte == 0xff));
    let mut limit = [0; 2];
    bus.write_read(0x48, &[3], &mut limit).unwrap();
    assert_eq!(limit, [0x20, 0]);
}

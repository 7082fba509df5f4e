//! A picture on an SSD1306, by its driver crate: a frame and two diagonals.
#![no_std]

use ssd1306::{I2CDisplayInterface, Ssd1306, prelude::*, size::DisplaySize128x64};
use wasmote_guest::{I2c, main};

main!(draw);

fn draw() {
    let interface = I2CDisplayInterface::new(I2c::open("i2c0").unwrap());
    let mut display = Ssd1306::new(interface, DisplaySize128x64, DisplayRotation::Rotate0);
    display.init_with_addr_mode(ssd1306::command::AddrMode::Horizontal).unwrap();
    display.set_draw_area((0, 0), (128, 64)).unwrap();
    for page in 0..8u8 {
        // A column of eight pixels is a byte, the uppermost in its lowest bit.
        let mut row = [0; 128];
        for (x, pixels) in (0..128u8).zip(&mut row) {
            for y in 8 * page..8 * page + 8 {
                let is_frame = x == 0 || x == 127 || y == 0 || y == 63;
                if is_frame || x / 2 == y || x / 2 == 63 - y {
                    *pixels |= 1 << (y % 8);
                }
            }
        }
        display.draw(&row).unwrap();
    }
}

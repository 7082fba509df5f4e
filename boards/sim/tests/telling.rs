//! What is told about a board: lines, the trace, and that it is the same every time.

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::i2c::I2c;
use embedded_hal::spi::SpiDevice;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::rc::Rc;
use wasmote_board_sim::{Setup, Simulation, Waited, script};

/// A file in memory that the test keeps.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

const SCRIPT: &str = "at 2ms button press\nat 3ms temperature 30.5\nat 4ms pot 25%\nat 50ms stop";

/// Something with every device; lines and trace.
fn run() -> (String, String) {
    let board = Simulation::new(Setup { script: script::parse(SCRIPT).unwrap(), ..Setup::default() });
    let (lines, trace) = (Kept::default(), Kept::default());
    board.tell(Box::new(lines.clone()));
    board.trace(Box::new(trace.clone())).unwrap();
    board.led0().set_high().unwrap();
    board.serial(b"Hi\n");
    board.i2c().write_read(0x48, &[3], &mut [0; 2]).unwrap();
    assert!(board.i2c().write(0x51, &[1]).is_err());
    let mut id = [0x9f, 0, 0, 0];
    board.flash().transfer_in_place(&mut id).unwrap();
    board.delay().delay_ms(10);
    board.led0().set_low().unwrap();
    while board.wait(None) == Waited::Look {}
    board.led0().set_high().unwrap();
    board.finish().unwrap();
    (lines.text(), trace.text())
}

#[test]
fn lines_say_when_what_happened() {
    let expected = "    0.000001  led0         high
    0.000001  serial       Hi
    0.000121  i2c0 0x48    write 03, read 50 00
    0.000148  i2c0 0x51    no acknowledgement
    0.000181  flash        sent 9f 00 00 00, received ff ef 40 16
    0.002000  input        button pressed
    0.002000  button       low
    0.003000  input        temperature 30.5 °C
    0.004000  input        pot at 25.0 %
    0.010182  led0         low
    0.050000  input        power off
";
    assert_eq!(run().0, expected);
}

#[test]
fn a_line_that_comes_again_at_once_is_counted() {
    let board = Simulation::new(Setup::default());
    let lines = Kept::default();
    board.tell(Box::new(lines.clone()));
    for _ in 0..5 {
        board.i2c().write(0x48, &[0]).unwrap();
    }
    board.delay().delay_ms(20);
    for _ in 0..2 {
        board.i2c().write(0x48, &[0]).unwrap();
    }
    board.finish().unwrap();
    let expected = "    0.000050  i2c0 0x48    write 00
    0.000250               the same 4 times more
    0.020300  i2c0 0x48    write 00
    0.020350  i2c0 0x48    write 00
";
    assert_eq!(lines.text(), expected);
}

#[test]
fn a_run_is_the_same_every_time() {
    assert_eq!(run(), run());
}

/// The wires of a trace as lists of changes.
fn waves(trace: &str) -> HashMap<String, Vec<(u64, bool)>> {
    let mut parser = vcd::Parser::new(trace.as_bytes());
    let header = parser.parse_header().unwrap();
    let names: HashMap<vcd::IdCode, String> = ["scl", "sda", "cs", "clk", "mosi", "miso", "tx", "led0", "button"]
        .into_iter()
        .map(|name| (header.find_var(&["board", name]).unwrap().code, name.to_string()))
        .collect();
    let mut waves: HashMap<String, Vec<(u64, bool)>> = HashMap::new();
    let mut now = 0;
    for command in parser {
        match command.unwrap() {
            vcd::Command::Timestamp(at) => {
                assert!(100 * at >= now, "times go back");
                now = 100 * at;
            }
            vcd::Command::ChangeScalar(id, value) => {
                if let Some(name) = names.get(&id) {
                    waves.entry(name.clone()).or_default().push((now, value == vcd::Value::V1));
                }
            }
            _ => {}
        }
    }
    waves
}

fn level(wave: &[(u64, bool)], at: u64) -> bool {
    wave.iter().take_while(|change| change.0 <= at).last().unwrap().1
}

#[test]
fn the_trace_has_the_bits_of_the_i2c_bus() {
    let waves = waves(&run().1);
    let (scl, sda) = (&waves["scl"], &waves["sda"]);
    let mut text = String::new();
    // A decoder: data are taken when the clock rises; an edge of data while the clock is high is a condition.
    let mut events: Vec<(u64, bool, bool)> = scl.iter().skip(1).map(|(at, high)| (*at, true, *high)).collect();
    events.extend(sda.iter().skip(1).map(|(at, high)| (*at, false, *high)));
    events.sort();
    for (at, is_clock, high) in events {
        match (is_clock, high) {
            (true, true) => text.push(if level(sda, at) { '1' } else { '0' }),
            (false, high) if level(scl, at) => text.push(if high { 'P' } else { 'S' }),
            _ => {}
        }
    }
    // A clock pulse belongs to each condition too: before S the level is high, before P low.
    let write = "1S".to_string() + "10010000" + "0" + "00000011" + "0";
    let read = "1S".to_string() + "10010001" + "0" + "01010000" + "0" + "00000000" + "1" + "0P";
    let missing = "1S".to_string() + "10100010" + "1" + "0P";
    let write = write.strip_prefix('1').unwrap();
    assert_eq!(text, format!("{write}{read}{}", missing.strip_prefix('1').unwrap()));
}

#[test]
fn the_trace_has_the_bits_of_flash_and_serial_output() {
    let waves = waves(&run().1);
    let rises = waves["clk"].iter().filter(|change| change.1).map(|change| change.0);
    let bits: String = rises.map(|at| if level(&waves["miso"], at) { '1' } else { '0' }).collect();
    assert_eq!(bits, "11111111".to_string() + "11101111" + "01000000" + "00010110");
    // From the middle of the start bit: H is 0x48, lowest bit first, and a stop bit.
    let bits: String = (0..10).map(|n| if level(&waves["tx"], 1000 + 4340 + n * 8680) { '1' } else { '0' }).collect();
    assert_eq!(bits, "0000100101");
    assert!(level(&waves["cs"], 0) && level(&waves["cs"], 1_000_000));
}

#[test]
fn a_guest_that_only_prints_waits_for_the_wire() {
    let board = Simulation::new(Setup { script: script::parse("at 1s stop").unwrap(), ..Setup::default() });
    let mut bytes = 0;
    while !board.is_stopped() {
        board.serial(&[b'x'; 64]);
        bytes += 64;
    }
    // 115 200 bits a second, ten for a byte, and 256 bytes that wait.
    assert_eq!(bytes, 11_840);
}

#[test]
fn a_wait_without_hope_says_so() {
    let board = Simulation::new(Setup::default());
    assert_eq!(board.wait(Some(1_000)), Waited::Look);
    assert_eq!(board.wait(None), Waited::Forever);
    let stops = Simulation::new(Setup { script: script::parse("at 1s stop").unwrap(), ..Setup::default() });
    assert_eq!(stops.wait(None), Waited::Stopped);
    assert_eq!(stops.now_ns(), 1_000_000_000);
}

#[test]
fn an_alert_ends_a_wait() {
    let board = Simulation::new(Setup { script: script::parse("temperature 90").unwrap(), ..Setup::default() });
    // Six faults are needed, one for each of the conversions from 26 ms on, every 250 ms.
    board.i2c().write(0x48, &[1, 0x78, 0xa0]).unwrap();
    assert_eq!(board.wait(None), Waited::Look);
    assert_eq!(board.now_ns(), 1_276_001_000);
    assert_eq!(board.wait(None), Waited::Forever, "it stays hot");
}

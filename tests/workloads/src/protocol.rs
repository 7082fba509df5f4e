//! Messages of devices: NMEA sentences and Modbus frames taken byte by byte out of a stream with errors in it, by state machines.

use crate::input::{Numbers, mix};

const MOST: usize = 80;

#[derive(Clone, Copy)]
enum Place {
    Idle,
    Body,
    CheckHigh,
    CheckLow,
    Address,
    Function,
    Length,
    Data,
    CrcLow,
    CrcHigh,
}

struct Receiver {
    place: Place,
    body: [u8; MOST],
    len: usize,
    left: usize,
    check: u8,
    crc: u16,
    good: u32,
    bad: u32,
    sum: u32,
}

fn crc(crc: u16, byte: u8) -> u16 {
    (0..8).fold(crc ^ u16::from(byte), |crc, _| if crc & 1 != 0 { crc >> 1 ^ 0xa001 } else { crc >> 1 })
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl Receiver {
    fn keep(&mut self, byte: u8) -> bool {
        let Some(place) = self.body.get_mut(self.len) else { return false };
        *place = byte;
        self.len += 1;
        true
    }

    fn start(&mut self) {
        (self.len, self.check, self.crc) = (0, 0, 0xffff);
    }

    fn fail(&mut self) -> Place {
        self.bad += 1;
        Place::Idle
    }

    fn receive(&mut self, byte: u8) {
        self.place = match self.place {
            Place::Idle => {
                self.start();
                match byte {
                    b'$' => Place::Body,
                    0x01..=0x10 => {
                        self.crc = crc(self.crc, byte);
                        self.keep(byte);
                        Place::Address
                    }
                    _ => Place::Idle,
                }
            }
            Place::Body => match byte {
                b'*' => Place::CheckHigh,
                b' '..=b'~' if self.keep(byte) => {
                    self.check ^= byte;
                    Place::Body
                }
                _ => self.fail(),
            },
            Place::CheckHigh => match digit(byte) {
                Some(high) if high == self.check >> 4 => Place::CheckLow,
                _ => self.fail(),
            },
            Place::CheckLow => match digit(byte) {
                Some(low) if low == self.check & 15 => {
                    self.good += 1;
                    self.sentence();
                    Place::Idle
                }
                _ => self.fail(),
            },
            Place::Address => match byte {
                3 | 4 => self.take(byte, Place::Function),
                _ => self.fail(),
            },
            Place::Function => {
                self.left = byte as usize;
                if self.left == 0 || self.left > 32 { self.fail() } else { self.take(byte, Place::Length) }
            }
            Place::Length | Place::Data => {
                self.left -= 1;
                let next = if self.left == 0 { Place::CrcLow } else { Place::Data };
                self.take(byte, next)
            }
            Place::CrcLow if byte == self.crc as u8 => Place::CrcHigh,
            Place::CrcHigh if byte == (self.crc >> 8) as u8 => {
                self.good += 1;
                for pair in self.body[3..self.len].chunks(2) {
                    self.sum = mix(self.sum, u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
                }
                Place::Idle
            }
            Place::CrcLow | Place::CrcHigh => self.fail(),
        };
    }

    fn take(&mut self, byte: u8, next: Place) -> Place {
        self.crc = crc(self.crc, byte);
        if self.keep(byte) { next } else { self.fail() }
    }

    /// The fields' numbers, with four digits after the point.
    fn sentence(&mut self) {
        for field in self.body[..self.len].split(|byte| *byte == b',') {
            let (mut number, mut after) = (0u32, None);
            for byte in field {
                match (byte, after) {
                    (b'0'..=b'9', Some(4)) => {}
                    (b'0'..=b'9', _) => {
                        number = number.wrapping_mul(10).wrapping_add(u32::from(byte - b'0'));
                        after = after.map(|digits| digits + 1);
                    }
                    (b'.', None) => after = Some(0),
                    _ => number = number.wrapping_add(u32::from(*byte)),
                }
            }
            for _ in after.unwrap_or(0)..4 {
                number = number.wrapping_mul(10);
            }
            self.sum = mix(self.sum, number);
        }
    }
}

fn send_sentence(text: &[u8], send: &mut dyn FnMut(u8)) {
    static DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    send(b'$');
    text.iter().for_each(|byte| send(*byte));
    let check = text.iter().fold(0, |check, byte| check ^ byte);
    send(b'*');
    send(DIGITS[check as usize >> 4]);
    send(DIGITS[check as usize & 15]);
    send(b'\n');
}

fn send_frame(numbers: &mut Numbers, send: &mut dyn FnMut(u8)) {
    let len = 2 + 2 * numbers.below(8) as u8;
    let mut check = 0xffff;
    let mut checked = |byte: u8, check: &mut u16| {
        *check = crc(*check, byte);
        send(byte);
    };
    checked(1 + numbers.below(16) as u8, &mut check);
    checked(3 + numbers.below(2) as u8, &mut check);
    checked(len, &mut check);
    for _ in 0..len {
        checked(numbers.next() as u8, &mut check);
    }
    send(check as u8);
    send((check >> 8) as u8);
}

/// Twelve messages in each round, one byte in 200 of them damaged.
pub fn run(rounds: u32) -> u32 {
    static SENTENCES: [&[u8]; 3] = [
        b"GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,",
        b"GPRMC,225446,A,4916.45,N,12311.12,W,000.5,054.7,191194,020.3,E",
        b"GPVTG,054.7,T,034.4,M,005.5,N,010.2,K",
    ];
    let mut receiver =
        Receiver { place: Place::Idle, body: [0; MOST], len: 0, left: 0, check: 0, crc: 0, good: 0, bad: 0, sum: 0 };
    let mut noise = Numbers::new(37);
    for round in 0..rounds {
        let mut numbers = Numbers::new(round);
        for _ in 0..12 {
            let which = numbers.below(6) as usize;
            let mut send = |byte: u8| {
                let damage = if noise.below(200) == 0 { noise.next() as u8 } else { 0 };
                receiver.receive(byte ^ damage);
            };
            match SENTENCES.get(which) {
                Some(text) => send_sentence(text, &mut send),
                None => send_frame(&mut numbers, &mut send),
            }
        }
    }
    mix(mix(receiver.sum, receiver.good), receiver.bad)
}

//! Lists, matrices, a state machine and a check sum, in the mixture that CoreMark made the custom; the code is our own.

use crate::input::{Numbers, mix};

const NODES: usize = 40;
const SIDE: usize = 10;
const TEXT: usize = 256;
/// The end of a list.
const NONE: u16 = u16::MAX;

/// CCITT, bit by bit.
fn crc16(mut value: u16, mut crc: u16) -> u16 {
    for _ in 0..16 {
        let bit = (value ^ crc) & 1;
        value >>= 1;
        crc >>= 1;
        if bit != 0 {
            crc ^= 0xa001;
        }
    }
    crc
}

#[derive(Clone, Copy)]
struct Node {
    next: u16,
    value: u16,
    place: u16,
}

struct List {
    nodes: [Node; NODES],
    first: u16,
}

type Before = fn(&Node, &Node) -> bool;

fn by_value(a: &Node, b: &Node) -> bool {
    a.value & 0xff <= b.value & 0xff
}

fn by_place(a: &Node, b: &Node) -> bool {
    a.place <= b.place
}

impl List {
    fn new(numbers: &mut Numbers) -> List {
        let node = |at: usize| Node {
            next: if at + 1 == NODES { NONE } else { at as u16 + 1 },
            value: numbers.next() as u16,
            place: at as u16,
        };
        List { nodes: core::array::from_fn(node), first: 0 }
    }

    fn find(&self, value: u16) -> u16 {
        let mut at = self.first;
        while at != NONE && self.nodes[at as usize].value & 0xff != value {
            at = self.nodes[at as usize].next;
        }
        at
    }

    fn reverse(&mut self) {
        let (mut done, mut at) = (NONE, self.first);
        while at != NONE {
            let next = self.nodes[at as usize].next;
            self.nodes[at as usize].next = done;
            done = at;
            at = next;
        }
        self.first = done;
    }

    /// Merges runs of 1, 2, 4 and so on.
    fn sort(&mut self, before: Before) {
        let mut run = 1;
        loop {
            let (mut rest, mut last, mut merges) = (self.first, NONE, 0);
            self.first = NONE;
            while rest != NONE {
                merges += 1;
                let mut left = rest;
                let (mut left_len, mut right_len) = (0, run);
                while left_len < run && rest != NONE {
                    left_len += 1;
                    rest = self.nodes[rest as usize].next;
                }
                while left_len > 0 || (right_len > 0 && rest != NONE) {
                    let take_left = left_len > 0
                        && (right_len == 0
                            || rest == NONE
                            || before(&self.nodes[left as usize], &self.nodes[rest as usize]));
                    let taken = if take_left { left } else { rest };
                    let next = self.nodes[taken as usize].next;
                    if take_left {
                        left = next;
                        left_len -= 1;
                    } else {
                        rest = next;
                        right_len -= 1;
                    }
                    match last {
                        NONE => self.first = taken,
                        _ => self.nodes[last as usize].next = taken,
                    }
                    last = taken;
                }
            }
            self.nodes[last as usize].next = NONE;
            if merges <= 1 {
                return;
            }
            run *= 2;
        }
    }

    fn crc(&self, mut crc: u16) -> u16 {
        let mut at = self.first;
        while at != NONE {
            crc = crc16(self.nodes[at as usize].value, crc);
            at = self.nodes[at as usize].next;
        }
        crc
    }
}

type Matrix = [[i16; SIDE]; SIDE];

/// Multiplies, adds a constant, takes bits out, and sums up with a threshold.
fn matrices(a: &mut Matrix, b: &Matrix, value: i16) -> u16 {
    let mut product = [[0i32; SIDE]; SIDE];
    for row in a.iter_mut() {
        for cell in row {
            *cell = cell.wrapping_add(value);
        }
    }
    for i in 0..SIDE {
        for j in 0..SIDE {
            product[i][j] = (0..SIDE).map(|k| i32::from(a[i][k]) * i32::from(b[k][j])).fold(0, i32::wrapping_add);
        }
    }
    let mut result = threshold(&product, value);
    for i in 0..SIDE {
        for j in 0..SIDE {
            let bits = |k: usize| {
                let product = i32::from(a[i][k]).wrapping_mul(i32::from(b[k][j]));
                ((product >> 2) & 0x0f) * ((product >> 5) & 0x7f)
            };
            product[i][j] = (0..SIDE).map(bits).fold(0, i32::wrapping_add);
        }
    }
    for row in a.iter_mut() {
        for cell in row {
            *cell = cell.wrapping_sub(value);
        }
    }
    result ^= threshold(&product, value);
    result
}

fn threshold(matrix: &[[i32; SIDE]; SIDE], limit: i16) -> u16 {
    let (mut sum, mut result, mut before) = (0i32, 0u16, 0);
    for cell in matrix.iter().flatten() {
        sum = sum.wrapping_add(*cell);
        if sum > i32::from(limit) * 64 {
            result = result.wrapping_add(10);
            sum = 0;
        } else {
            result = result.wrapping_add(u16::from(*cell > before));
        }
        before = *cell;
    }
    result
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Sign,
    Integer,
    Fraction,
    Exponent,
    Scientific,
    Invalid,
}

/// What kinds of numbers a text has, separated by commas.
fn scan(text: &[u8; TEXT], counts: &mut [u32; 7]) -> u32 {
    let (mut state, mut changes) = (State::Start, 0);
    for byte in text {
        let next = match (state, *byte) {
            (_, b',') => {
                counts[state as usize] += 1;
                State::Start
            }
            (State::Start | State::Sign | State::Integer, b'0'..=b'9') => State::Integer,
            (State::Start, b'+' | b'-') => State::Sign,
            (State::Start | State::Sign | State::Integer, b'.') => State::Fraction,
            (State::Fraction, b'0'..=b'9') => State::Fraction,
            (State::Integer | State::Fraction, b'e' | b'E') => State::Exponent,
            (State::Exponent, b'+' | b'-' | b'0'..=b'9') => State::Scientific,
            (State::Scientific, b'0'..=b'9') => State::Scientific,
            _ => State::Invalid,
        };
        changes += u32::from(next != state);
        state = next;
    }
    changes
}

fn numbers_as_text(numbers: &mut Numbers) -> [u8; TEXT] {
    static PIECES: [&[u8]; 8] =
        [b"5012,", b"-874,", b"+12.5,", b".1234500,", b"-1.5e+10,", b"5.500E3,", b"T0.3e-1F,", b"-T.T++Tq,"];
    let mut text = [b','; TEXT];
    let mut at = 0;
    loop {
        let piece = PIECES[numbers.below(8) as usize];
        if at + piece.len() > TEXT {
            return text;
        }
        text[at..at + piece.len()].copy_from_slice(piece);
        at += piece.len();
    }
}

/// The list is searched, turned and sorted twice in each round; its values choose between the other kinds of work.
pub fn run(rounds: u32) -> u32 {
    let mut numbers = Numbers::new(rounds & 0xff);
    let mut list = List::new(&mut numbers);
    let mut a: Matrix = core::array::from_fn(|_| core::array::from_fn(|_| numbers.next() as i16 >> 4));
    let b: Matrix = core::array::from_fn(|_| core::array::from_fn(|_| numbers.next() as i16 >> 4));
    let mut text = numbers_as_text(&mut numbers);
    let mut sum = 0;
    for round in 0..rounds {
        let mut crc = round as u16;
        for wanted in 0..16 {
            let found = list.find((round as u16).wrapping_mul(7).wrapping_add(wanted * 16) & 0xff);
            list.reverse();
            crc = match found {
                NONE => crc16(list.nodes[list.first as usize].place, crc),
                at => crc16(list.nodes[at as usize].value, crc),
            };
        }
        list.sort(by_value);
        crc = list.crc(crc);
        for step in 0..4 {
            let value = list.nodes[step * 9].value;
            crc = crc16(matrices(&mut a, &b, (value & 0x3f) as i16), crc);
            let mut counts = [0; 7];
            text[(value as usize) % TEXT] ^= 0x10;
            let changes = scan(&text, &mut counts);
            text[(value as usize) % TEXT] ^= 0x10;
            crc = counts.iter().fold(crc16(changes as u16, crc), |crc, count| crc16(*count as u16, crc));
            list.nodes[step * 9].value = value.wrapping_add(crc & 0x0f);
        }
        list.sort(by_place);
        crc = list.crc(crc);
        sum = mix(sum, u32::from(crc));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_keeps_all_and_orders_them() {
        let mut list = List::new(&mut Numbers::new(1));
        list.sort(by_value);
        let (mut at, mut count, mut last) = (list.first, 0, 0);
        while at != NONE {
            let node = list.nodes[at as usize];
            assert!(node.value & 0xff >= last);
            (last, at, count) = (node.value & 0xff, node.next, count + 1);
        }
        assert_eq!(count, NODES);
    }
}

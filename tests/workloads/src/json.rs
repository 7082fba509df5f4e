//! JSON: a text of a kilobyte is read by recursive descent into a flat list of nodes, which is then asked for values.

use crate::input::{Numbers, mix};

const MOST_NODES: usize = 160;
const MOST_DEPTH: u32 = 12;

static TEXT: &str = r#"{"device": "greenhouse-7", "version": [1, 4, 22], "uptime_s": 86423, "online": true,
 "sensors": [
  {"id": 1, "kind": "temperature", "unit": "C", "values": [21.5, 21.75, -3.25, 22.0, 22.125], "alarm": null},
  {"id": 2, "kind": "humidity", "unit": "%", "values": [40, 41, 43.5, 44, 4.4e1, 45.25e0], "alarm": {"high": 80, "low": 15}},
  {"id": 3, "kind": "light", "unit": "lx", "values": [10250, 9875, 1.2e4, 11000], "alarm": null},
  {"id": 4, "kind": "moisture", "unit": "raw", "values": [512, 498, 530, 601, 587, 533], "alarm": {"high": 900, "low": 300}}
 ],
 "actuators": {"pump": {"pin": "GP15", "on": false, "duty": 0.35}, "fan": {"pin": "GP16", "on": true, "duty": 0.8},
  "lamp": {"pin": "GP17", "on": false, "duty": 0.0}},
 "log": ["boot \"cold\"", "net up\n", "caf\u00e9 \u2713", "path C:\\tmp\\x", ""], "empty": {}, "none": [], "limits": [-1, -0.5e-2, 1e3]}"#;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Null,
    False,
    True,
    /// In thousandths.
    Number(i64),
    /// Where it begins in the text, how long it is there, and the sum of its decoded bytes.
    String(u16, u16, u32),
    Array,
    Object,
}

#[derive(Clone, Copy)]
struct Node {
    kind: Kind,
    /// The node after this one and all that is in it.
    end: u16,
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    nodes: [Node; MOST_NODES],
    count: usize,
}

#[derive(Debug)]
struct Malformed;

impl Parser<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        self.space();
        if self.peek() != byte {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(())
    }

    fn push(&mut self, kind: Kind) -> Result<usize, Malformed> {
        let index = self.count;
        *self.nodes.get_mut(index).ok_or(Malformed)? = Node { kind, end: index as u16 + 1 };
        self.count += 1;
        Ok(index)
    }

    fn value(&mut self, depth: u32) -> Result<(), Malformed> {
        if depth > MOST_DEPTH {
            return Err(Malformed);
        }
        self.space();
        match self.peek() {
            b'{' => self.members(Kind::Object, b'}', depth),
            b'[' => self.members(Kind::Array, b']', depth),
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Kind::True),
            b'f' => self.word("false", Kind::False),
            b'n' => self.word("null", Kind::Null),
            _ => Err(Malformed),
        }
    }

    fn members(&mut self, kind: Kind, end: u8, depth: u32) -> Result<(), Malformed> {
        let index = self.push(kind)?;
        self.at += 1;
        self.space();
        if self.peek() == end {
            self.at += 1;
        } else {
            loop {
                if kind == Kind::Object {
                    self.space();
                    self.string()?;
                    self.expect(b':')?;
                }
                self.value(depth + 1)?;
                self.space();
                let after = self.peek();
                self.at += 1;
                match after {
                    b',' => {}
                    after if after == end => break,
                    _ => return Err(Malformed),
                }
            }
        }
        self.nodes[index].end = self.count as u16;
        Ok(())
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), Malformed> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err(Malformed);
        }
        self.at += word.len();
        self.push(kind).map(|_| ())
    }

    fn string(&mut self) -> Result<(), Malformed> {
        if self.peek() != b'"' {
            return Err(Malformed);
        }
        self.at += 1;
        let start = self.at;
        let mut sum = 0;
        loop {
            let byte = self.peek();
            self.at += 1;
            let decoded = match byte {
                b'"' => break,
                b'\\' => self.escape()?,
                0..0x20 => return Err(Malformed),
                byte => u32::from(byte),
            };
            sum = mix(sum, decoded);
        }
        self.push(Kind::String(start as u16, (self.at - 1 - start) as u16, sum)).map(|_| ())
    }

    fn escape(&mut self) -> Result<u32, Malformed> {
        let byte = self.peek();
        self.at += 1;
        Ok(match byte {
            b'n' => 10,
            b't' => 9,
            b'r' => 13,
            b'"' | b'\\' | b'/' => u32::from(byte),
            b'u' => {
                let mut code = 0;
                for _ in 0..4 {
                    let digit = (self.peek() as char).to_digit(16).ok_or(Malformed)?;
                    code = code * 16 + digit;
                    self.at += 1;
                }
                code
            }
            _ => return Err(Malformed),
        })
    }

    /// Digits, then perhaps a fraction and an exponent; kept in thousandths.
    fn number(&mut self) -> Result<(), Malformed> {
        let negative = self.peek() == b'-';
        self.at += usize::from(negative);
        let (mut value, mut scale) = (0i64, 3i32);
        let digits = self.at;
        while let digit @ b'0'..=b'9' = self.peek() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        if self.at == digits {
            return Err(Malformed);
        }
        if self.peek() == b'.' {
            self.at += 1;
            while let digit @ b'0'..=b'9' = self.peek() {
                value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
                scale -= 1;
                self.at += 1;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            let minus = self.peek() == b'-';
            self.at += usize::from(matches!(self.peek(), b'-' | b'+'));
            let mut exponent = 0i32;
            while let digit @ b'0'..=b'9' = self.peek() {
                exponent = exponent * 10 + i32::from(digit - b'0');
                self.at += 1;
            }
            scale += if minus { -exponent } else { exponent };
        }
        for _ in 0..scale {
            value = value.wrapping_mul(10);
        }
        for _ in scale..0 {
            value /= 10;
        }
        self.push(Kind::Number(if negative { -value } else { value })).map(|_| ())
    }

    /// The value beside a key of an object.
    fn member(&self, object: usize, key: &[u8]) -> Option<usize> {
        let mut at = object + 1;
        while at < self.nodes[object].end as usize {
            let value = self.nodes[at].end as usize;
            if let Kind::String(start, len, _) = self.nodes[at].kind
                && self.text[start as usize..][..len as usize] == *key
            {
                return Some(value);
            }
            at = self.nodes[value].end as usize;
        }
        None
    }
}

/// The text is read, with one digit changed, and asked for all numbers and for some members in each round.
pub fn run(rounds: u32) -> u32 {
    static KEYS: [&[u8]; 6] = [b"uptime_s", b"online", b"limits", b"absent", b"device", b"actuators"];
    let mut text = [0; TEXT.len()];
    text.copy_from_slice(TEXT.as_bytes());
    let digit = TEXT.find("86423").unwrap_or(0);
    let mut numbers = Numbers::new(11);
    let mut sum = 0;
    for _ in 0..rounds {
        text[digit] = b'1' + numbers.below(9) as u8;
        let nodes = [Node { kind: Kind::Null, end: 0 }; MOST_NODES];
        let mut parser = Parser { text: &text, at: 0, nodes, count: 0 };
        sum = mix(sum, u32::from(parser.value(0).is_ok()));
        for node in &parser.nodes[..parser.count] {
            sum = match node.kind {
                Kind::Number(value) => mix(mix(sum, value as u32), (value >> 32) as u32),
                Kind::String(_, _, of_bytes) => mix(sum, of_bytes),
                _ => mix(sum, u32::from(node.end)),
            };
        }
        for key in KEYS {
            sum = mix(sum, parser.member(0, key).unwrap_or(usize::MAX >> 1) as u32 & 0xffff);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Kind, Malformed> {
        let nodes = [Node { kind: Kind::Null, end: 0 }; MOST_NODES];
        let mut parser = Parser { text: text.as_bytes(), at: 0, nodes, count: 0 };
        parser.value(0).map(|()| parser.nodes[0].kind)
    }

    #[test]
    fn numbers_have_fractions_and_exponents() {
        for (text, thousandths) in [("1", 1000), ("-0.5e-2", -5), ("45.25e0", 45250), ("1e3", 1_000_000)] {
            assert!(parsed(text).is_ok_and(|kind| kind == Kind::Number(thousandths)), "{text}");
        }
        for text in ["-", "{\"a\" 1}", "[1,", "nul", "\"\\x\""] {
            assert!(parsed(text).is_err(), "{text}");
        }
        assert!(parsed(TEXT).is_ok());
    }
}

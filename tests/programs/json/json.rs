//! A JSON tool: reads a document from standard input, checks it, and prints it indented with its keys sorted, then what
//! it is made of. An error names the byte and ends with 1.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;

/// A JSON value.
enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

/// Why a document is refused, and at which byte.
struct Refusal {
    at: usize,
    why: &'static str,
}

/// Reads values from bytes.
struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Parsed<T> = Result<T, Refusal>;

impl Parser<'_> {
    fn refuse<T>(&self, why: &'static str) -> Parsed<T> {
        Err(Refusal { at: self.at, why })
    }

    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, why: &'static str) -> Parsed<()> {
        if self.peek() != Some(byte) {
            return self.refuse(why);
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self) -> Parsed<Value> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'"') => Ok(Value::Text(self.text()?)),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.refuse("a value must stand here"),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Parsed<Value> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.refuse("an unknown word");
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Parsed<Value> {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')).count();
        match std::str::from_utf8(&rest[..len]).ok().and_then(|digits| digits.parse().ok()) {
            Some(number) => {
                self.at += len;
                Ok(Value::Number(number))
            }
            None => self.refuse("not a number"),
        }
    }

    fn text(&mut self) -> Parsed<String> {
        self.expect(b'"', "a string must stand here")?;
        let mut text = Vec::new();
        loop {
            let Some(&byte) = self.bytes.get(self.at) else { return self.refuse("the string does not end") };
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => self.escape(&mut text)?,
                _ => text.push(byte),
            }
        }
        String::from_utf8(text).or_else(|_| self.refuse("not UTF-8"))
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Parsed<()> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        let char = match byte {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'u') => {
                let digits = self.bytes.get(self.at..self.at + 4).and_then(|four| std::str::from_utf8(four).ok());
                let code = digits.and_then(|four| u32::from_str_radix(four, 16).ok());
                self.at += 4;
                code.and_then(char::from_u32).map_or_else(|| self.refuse("not a code point"), Ok)?
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            _ => return self.refuse("an unknown escape"),
        };
        text.extend(char.encode_utf8(&mut [0; 4]).bytes());
        Ok(())
    }

    fn list(&mut self) -> Parsed<Value> {
        let mut values = Vec::new();
        self.at += 1;
        if self.peek() != Some(b']') {
            values.push(self.value()?);
            while self.peek() == Some(b',') {
                self.at += 1;
                values.push(self.value()?);
            }
        }
        self.expect(b']', "`,` or `]` must stand here")?;
        Ok(Value::List(values))
    }

    fn object(&mut self) -> Parsed<Value> {
        let mut members = BTreeMap::new();
        self.at += 1;
        while self.peek() != Some(b'}') {
            let key = self.text()?;
            self.expect(b':', "`:` must stand here")?;
            members.insert(key, self.value()?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                _ => return self.refuse("`,` or `}` must stand here"),
            }
        }
        self.at += 1;
        Ok(Value::Object(members))
    }
}

/// What a document is made of.
#[derive(Default)]
struct Counts {
    values: usize,
    depth: usize,
    sum: f64,
}

impl Value {
    fn count(&self, depth: usize, counts: &mut Counts) {
        counts.values += 1;
        counts.depth = counts.depth.max(depth);
        match self {
            Value::Number(number) => counts.sum += number,
            Value::List(values) => values.iter().for_each(|value| value.count(depth + 1, counts)),
            Value::Object(members) => members.values().for_each(|value| value.count(depth + 1, counts)),
            _ => {}
        }
    }

    fn print(&self, indent: usize, out: &mut String) {
        let pad = "  ".repeat(indent + 1);
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => write!(out, "{value}").expect("a string takes anything"),
            Value::Number(number) => write!(out, "{number}").expect("a string takes anything"),
            Value::Text(text) => write!(out, "{text:?}").expect("a string takes anything"),
            Value::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    out.push_str(if index == 0 { "\n" } else { ",\n" });
                    out.push_str(&pad);
                    value.print(indent + 1, out);
                }
                write!(out, "\n{}]", "  ".repeat(indent)).expect("a string takes anything");
            }
            Value::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    write!(out, "{}{pad}{key:?}: ", if index == 0 { "\n" } else { ",\n" })
                        .expect("a string takes anything");
                    value.print(indent + 1, out);
                }
                write!(out, "\n{}}}", "  ".repeat(indent)).expect("a string takes anything");
            }
        }
    }
}

fn document(bytes: &[u8]) -> Parsed<Value> {
    let mut parser = Parser { bytes, at: 0 };
    let value = parser.value()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => parser.refuse("something follows the document"),
    }
}

fn main() {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().read_to_end(&mut bytes) {
        eprintln!("json: {error}");
        std::process::exit(1);
    }
    match document(&bytes) {
        Ok(value) => {
            let (mut out, mut counts) = (String::new(), Counts::default());
            value.print(0, &mut out);
            value.count(1, &mut counts);
            println!("{out}");
            println!("{} values, {} deep, the numbers sum to {}", counts.values, counts.depth, counts.sum);
        }
        Err(refusal) => {
            println!("byte {}: {}", refusal.at, refusal.why);
            std::process::exit(1);
        }
    }
}

//! The WebAssembly side of a disassembly: each function of a module as lines of the text format with their byte offsets.

use crate::message::{Failure, Plain};
use std::ops::Range;
use wasmparser::{Parser, Payload};

/// One line of the text format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Where the instruction stands in the module.
    pub(crate) offset: u32,
    /// The instruction, indented by its nesting.
    pub(crate) text: String,
}

/// A function of the module's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its index, imports included.
    pub(crate) index: u32,
    /// The bytes of its body, without their length.
    pub(crate) body: Range<u32>,
    /// Its instructions, the final `end` included.
    pub(crate) lines: Vec<Line>,
}

/// All functions of a valid module, in order.
pub(crate) fn functions(wasm: &[u8]) -> Result<Vec<Function>, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("the text of the module cannot be made: {}", Plain(&error.to_string())))
    };
    let bodies = bodies(wasm).map_err(|error| failed(&error))?;
    let mut text = String::new();
    let lines = wasmprinter::Config::new().offsets_and_lines(wasm, &mut text).map_err(|error| failed(&error))?;
    let mut lines = lines.filter_map(|(offset, text)| Some((u32::try_from(offset?).ok()?, text))).peekable();
    let mut functions = Vec::with_capacity(bodies.len());
    for Body { index, bytes, instructions } in bodies {
        let mut listed = Vec::new();
        while let Some((offset, text)) = lines.next_if(|(offset, _)| *offset < bytes.end) {
            if instructions <= offset {
                listed.push(Line { offset, text: instruction(text) });
            }
        }
        functions.push(Function { index, body: bytes, lines: listed });
    }
    Ok(functions)
}

/// Where a function stands in its module.
struct Body {
    /// Its index, imports included.
    index: u32,
    /// Its bytes, without their length.
    bytes: Range<u32>,
    /// Offset of its first instruction, behind the locals.
    instructions: u32,
}

/// All functions of the module's own.
fn bodies(wasm: &[u8]) -> wasmparser::Result<Vec<Body>> {
    let (mut index, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    index += u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let instructions = body.get_operators_reader()?.original_position() as u32;
                let bytes = body.range().start as u32..body.range().end as u32;
                bodies.push(Body { index, bytes, instructions });
                index += 1;
            }
            _ => {}
        }
    }
    Ok(bodies)
}

/// A line of the text format as an instruction: the function's last parenthesis is its `end`, and nesting begins at 0.
fn instruction(line: &str) -> String {
    /// How far the text format indents the instructions of a function.
    const INDENT: usize = 4;
    let line = line.split(" ;; label = ").next().unwrap_or(line).trim_end();
    match line.trim() {
        ")" => "end".into(),
        _ => Plain(line.get(INDENT..).filter(|_| line.starts_with("    ")).unwrap_or(line.trim_start())).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_has_its_offset() {
        let wasm = wat::parse_str(
            "(module (import \"a\" \"b\" (func)) (func (local i32) block i32.const 1 drop end) (func nop))",
        )
        .unwrap();
        let functions = functions(&wasm).unwrap();
        let texts = |function: &Function| function.lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        assert_eq!(functions.iter().map(|function| function.index).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(texts(&functions[0]), ["block", "  i32.const 1", "  drop", "end", "end"]);
        assert_eq!(texts(&functions[1]), ["nop", "end"]);
        for line in functions.iter().flat_map(|function| &function.lines) {
            let opcode = match line.text.trim() {
                "block" => 0x02,
                "i32.const 1" => 0x41,
                "drop" => 0x1a,
                "nop" => 0x01,
                _ => 0x0b,
            };
            assert_eq!(wasm[line.offset as usize], opcode, "{}", line.text);
        }
    }
}

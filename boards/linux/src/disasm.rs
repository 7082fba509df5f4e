//! `wasmote disasm`: a module's instructions on the left, the code prepared from them on the right.
//!
//! Folding is what there is to see: most instructions have nothing on their right, because they became an operand, a
//! destination or a branch of the operation that follows.

use crate::{
    cli::DisasmArgs,
    listing::{self, Function, Line},
    message::{Bytes, Failure, Plain},
    prepare::{self, Lent},
    source,
};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use wasmote::{ExternType, Module, OutOfMemory};

/// Width of the left column; longer instructions push the right one.
const LEFT_CHARS: usize = 40;

/// Prints the functions that `args` name, or all.
pub(crate) fn disasm(args: &DisasmArgs) -> Result<u8, Failure> {
    let engine = prepare::engine(args.mode)?;
    let wasm = source::load(&args.file)?;
    let code_len = prepare::code_len_bytes(args.budget, wasm.len());
    let mut code = Lent::new(code_len, "--code-memory")?;
    let mut scratch = Lent::new(prepare::scratch_len_bytes(wasm.len()), "the scratch")?;
    let module = prepare::prepare(&engine, &args.file, &wasm, code.bytes())?;
    let functions = listing::functions(&wasm)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for function in chosen(&functions, &module, &args.funcs)? {
        let prepared = prepared(&module, function.index, scratch.bytes())?;
        let text = heading(function, module.name_of(function.index), &prepared) + &beside(&function.lines, &prepared);
        match out.write_all(text.as_bytes()) {
            // The reader has seen enough: `wasmote disasm m.wasm | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
            written => written.map_err(|error| Failure::new(format!("cannot print: {error}")))?,
        }
    }
    out.flush().map_err(|error| Failure::new(format!("cannot print: {error}")))?;
    Ok(0)
}

/// The functions whose index or name is asked for; all, if nothing is.
fn chosen<'f>(functions: &'f [Function], module: &Module<'_>, asked: &[String]) -> Result<Vec<&'f Function>, Failure> {
    if asked.is_empty() {
        return Ok(functions.iter().collect());
    }
    let find = |text: &String| {
        let exported =
            module.exports().filter(|export| export.name == text && matches!(export.ty, ExternType::Func(_)));
        let mut indices: Vec<u32> = exported.map(|export| export.index).collect();
        indices.extend(text.parse::<u32>());
        let is_asked =
            |function: &&Function| indices.contains(&function.index) || module.name_of(function.index) == Some(text);
        functions.iter().find(is_asked).ok_or_else(|| {
            let own = match (functions.first(), functions.last()) {
                (Some(first), Some(last)) => format!("those that it has are {} to {}", first.index, last.index),
                _ => "it has none".to_owned(),
            };
            let message = "the module has no function of its own with the index or name";
            Failure::usage(format!("{message} {}; {own}", Plain(text)))
        })
    };
    asked.iter().map(find).collect()
}

/// An operation of prepared code.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prepared {
    /// Byte offset in the module of the instruction that it stands for.
    wasm_offset: u32,
    /// Byte offset in the module's prepared code.
    code_offset: u32,
    /// Mnemonic and operands.
    text: String,
}

/// The prepared code of a function.
fn prepared(module: &Module<'_>, func_index: u32, scratch: &mut [u8]) -> Result<Vec<Prepared>, Failure> {
    let mut operations = Vec::new();
    let listed = module.disassemble(func_index, scratch, &mut |line| {
        operations.push(Prepared { wasm_offset: line.offset, code_offset: line.code_offset, text: line.to_string() });
    });
    let told = |lack: OutOfMemory| {
        let bytes = Bytes(u64::from(lack.missing_bytes));
        Failure::new(format!("function {func_index} cannot be prepared once more: {bytes} of scratch are missing"))
    };
    listed.map(|()| operations).map_err(told)
}

/// The line above a function.
fn heading(function: &Function, name: Option<&str>, prepared: &[Prepared]) -> String {
    let name = name.map_or(String::new(), |name| format!(" <{}>", Plain(name)));
    format!(
        "function {}{name}: {} bytes at {:#x}, {} instructions, {} operations\n",
        function.index,
        function.body.len(),
        function.body.start,
        function.lines.len(),
        prepared.len()
    )
}

/// Both sides, an operation beside the instruction that it was prepared from; the order of each side is kept.
fn beside(lines: &[Line], prepared: &[Prepared]) -> String {
    let mut text = String::new();
    let mut lines = lines.iter().peekable();
    for operation in prepared {
        let mut last = None;
        while let Some(line) = lines.next_if(|line| line.offset <= operation.wasm_offset) {
            if let Some(before) = last.replace(line) {
                row(&mut text, Some(before), None);
            }
        }
        // An operation of no instruction of its own stands below the instructions before it.
        if let Some(before) = last.take_if(|line| line.offset != operation.wasm_offset) {
            row(&mut text, Some(before), None);
        }
        row(&mut text, last, Some(operation));
    }
    lines.for_each(|line| row(&mut text, Some(line), None));
    text.push('\n');
    text
}

fn row(text: &mut String, line: Option<&Line>, operation: Option<&Prepared>) {
    let left = line.map_or(String::new(), |line| format!("{:#07x}  {}", line.offset, line.text));
    let _ = match operation {
        Some(operation) => {
            writeln!(text, "  {left:LEFT_CHARS$} | {:04x}  {}", operation.code_offset, operation.text)
        }
        None => writeln!(text, "  {left}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(offset: u32, text: &str) -> Line {
        Line { offset, text: text.into() }
    }

    fn operation(wasm_offset: u32, code_offset: u32, text: &str) -> Prepared {
        Prepared { wasm_offset, code_offset, text: text.into() }
    }

    #[test]
    fn operations_stand_beside_their_instructions() {
        let lines = [line(16, "local.get 0"), line(18, "i32.const 1"), line(20, "i32.add"), line(21, "end")];
        let prepared = [operation(16, 0, "fuel 4"), operation(20, 4, "i32.add 0, #1"), operation(20, 10, "return")];
        let text = beside(&lines, &prepared);
        let rows: Vec<Vec<&str>> = text.lines().map(|row| row.split('|').map(str::trim).collect()).collect();
        let expected: [&[&str]; 6] = [
            &["0x00010  local.get 0", "0000  fuel 4"],
            &["0x00012  i32.const 1"],
            &["0x00014  i32.add", "0004  i32.add 0, #1"],
            &["", "000a  return"],
            &["0x00015  end"],
            &[""],
        ];
        assert_eq!(rows, expected, "{text}");
        let columns: Vec<Option<usize>> = text.lines().map(|row| row.find('|')).collect();
        assert_eq!(columns, [Some(43), None, Some(43), Some(43), None, None], "{text}");
    }

    #[test]
    fn an_operation_without_an_instruction_stands_alone() {
        let text = beside(&[line(1, "nop"), line(5, "end")], &[operation(3, 0, "fuel 1")]);
        let rows: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(rows, ["0x00001  nop", "| 0000  fuel 1", "0x00005  end", ""]);
    }
}

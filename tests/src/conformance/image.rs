//! A script of the text format's test language as an image for a chip: modules in binary, values as bits.
//!
//! What a chip cannot be asked, because it is about text alone, is decided here and counted.

use super::suite::has_multi_memory;
use wasmote_chip::script::{Action, Expect, Pattern, Settings, Step, Value};
use wasmote_chip::{Head, PREFIX_BYTES};
use wast::core::{AbstractHeapType, HeapType, NanPattern, WastArgCore, WastRetCore};
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet};

/// An image under construction.
pub struct Image(Vec<u8>);

impl Image {
    /// An image that begins so.
    pub fn new(head: &Head) -> Image {
        let mut image = Image(vec![0; PREFIX_BYTES]);
        image.push(head);
        image
    }

    /// Adds a record.
    pub fn push<T: serde::Serialize>(&mut self, record: &T) {
        self.0.extend(bytes(record));
    }

    /// The image with its length before it.
    pub fn finish(mut self) -> Vec<u8> {
        let len = (self.0.len() - PREFIX_BYTES) as u32;
        self.0[..PREFIX_BYTES].copy_from_slice(&len.to_le_bytes());
        self.0
    }
}

/// A record's bytes. Serialising to a vector fails for types without a length only, which no record has.
fn bytes<T: serde::Serialize>(record: &T) -> Vec<u8> {
    postcard::to_stdvec(record).expect("records have lengths")
}

/// A script for a chip.
pub struct Compiled {
    /// The image.
    pub image: Vec<u8>,
    /// Assertions in the image.
    pub assertions: usize,
    /// Assertions about text that is not WebAssembly, which hold since the text is refused.
    pub of_text: usize,
}

/// Translates a script of a folder.
///
/// # Errors
/// If it does not parse, or says something that a chip is not told.
pub fn compile(folder: &str, text: &str) -> Result<Compiled, String> {
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(|error| error.to_string())?;
    let wast: Wast<'_> = parser::parse(&buffer).map_err(|error| error.to_string())?;
    let multi_memory = has_multi_memory(folder, text);
    let mut compiler = Compiler { steps: Vec::new(), spectest: false, assertions: 0, of_text: 0 };
    for directive in wast.directives {
        let line = directive.span().linecol_in(text).0 as u32 + 1;
        compiler.directive(line, directive).map_err(|why| format!("{line}: {why}"))?;
    }
    let Compiler { steps, spectest, assertions, of_text } = compiler;
    let mut image = Image::new(&Head::Script(Settings { multi_memory, spectest }));
    image.0.extend(steps);
    Ok(Compiled { image: image.finish(), assertions, of_text })
}

/// The name of the module that scripts import from.
const SPECTEST: &[u8] = b"spectest";

struct Compiler {
    steps: Vec<u8>,
    /// Some module may import from `spectest`.
    spectest: bool,
    assertions: usize,
    of_text: usize,
}

impl Compiler {
    fn push(&mut self, line: u32, action: Action<'_>) {
        self.assertions += usize::from(action.asserts());
        let step = bytes(&Step { line, action });
        self.spectest |= step.windows(SPECTEST.len()).any(|window| window == SPECTEST);
        self.steps.extend(step);
    }

    fn directive(&mut self, line: u32, directive: WastDirective<'_>) -> Result<(), String> {
        match directive {
            WastDirective::Module(mut module) => {
                let wasm = encode(&mut module)?;
                self.push(line, Action::Module { name: module.name().map(|id| id.name()), wasm: &wasm });
            }
            WastDirective::ModuleDefinition(mut module) => {
                let wasm = encode(&mut module)?;
                let name = module.name().map_or("", |id| id.name());
                self.push(line, Action::Definition { name, wasm: &wasm });
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                let definition = module.map_or("", |id| id.name());
                self.push(line, Action::Instance { name: name(instance), definition });
            }
            WastDirective::Register { name: as_name, module, .. } => {
                self.push(line, Action::Register { instance: name(module), name: as_name });
            }
            WastDirective::AssertMalformed { mut module, .. } | WastDirective::AssertInvalid { mut module, .. } => {
                match encode(&mut module) {
                    Ok(wasm) => self.push(line, Action::Refused { wasm: &wasm }),
                    Err(_) => self.of_text += 1,
                }
            }
            WastDirective::AssertUnlinkable { mut module, .. } => {
                let wasm = module.encode().map_err(|error| error.to_string())?;
                self.push(line, Action::Unlinkable { wasm: &wasm });
            }
            WastDirective::Invoke(invoke) => self.call(line, &invoke, Expect::End)?,
            WastDirective::AssertExhaustion { call, .. } => self.call(line, &call, Expect::Exhaustion)?,
            WastDirective::AssertTrap { exec, message, .. } => self.execute(line, exec, Expect::Trap(message))?,
            WastDirective::AssertReturn { exec, results, .. } => {
                let patterns = results.iter().map(pattern).collect::<Result<Vec<_>, _>>()?;
                let patterns: Vec<u8> = patterns.iter().flat_map(bytes).collect();
                self.execute(line, exec, Expect::Values(&patterns))?;
            }
            other => return Err(format!("a directive that is not supported: {other:?}")),
        }
        Ok(())
    }

    fn execute(&mut self, line: u32, exec: WastExecute<'_>, expect: Expect<'_>) -> Result<(), String> {
        match exec {
            WastExecute::Invoke(invoke) => self.call(line, &invoke, expect)?,
            WastExecute::Wat(mut module) => {
                let wasm = module.encode().map_err(|error| error.to_string())?;
                self.push(line, Action::Start { wasm: &wasm, expect });
            }
            WastExecute::Get { module, global, .. } => {
                self.push(line, Action::Get { instance: name(module), global, expect });
            }
        }
        Ok(())
    }

    fn call(&mut self, line: u32, invoke: &WastInvoke<'_>, expect: Expect<'_>) -> Result<(), String> {
        let arguments = invoke.args.iter().map(argument).collect::<Result<Vec<_>, _>>()?;
        let arguments: Vec<u8> = arguments.iter().flat_map(bytes).collect();
        let instance = name(invoke.module);
        self.push(line, Action::Call { instance, function: invoke.name, arguments: &arguments, expect });
        Ok(())
    }
}

fn name<'d>(id: Option<Id<'d>>) -> Option<&'d str> {
    id.map(|id| id.name())
}

fn encode(module: &mut QuoteWat<'_>) -> Result<Vec<u8>, String> {
    module.encode().map_err(|error| error.to_string())
}

fn argument(argument: &WastArg<'_>) -> Result<Value, String> {
    let WastArg::Core(argument) = argument else { return Err("a component's argument".into()) };
    Ok(match argument {
        WastArgCore::I32(value) => Value::I32(*value),
        WastArgCore::I64(value) => Value::I64(*value),
        WastArgCore::F32(value) => Value::F32(value.bits),
        WastArgCore::F64(value) => Value::F64(value.bits),
        WastArgCore::RefExtern(number) | WastArgCore::RefHost(number) => Value::Extern(*number),
        WastArgCore::RefNull(HeapType::Abstract { ty: AbstractHeapType::Func, .. }) => Value::NullFunc,
        WastArgCore::RefNull(HeapType::Abstract { ty: AbstractHeapType::Extern, .. }) => Value::NullExtern,
        other => return Err(format!("an argument that is not supported: {other:?}")),
    })
}

fn pattern(expected: &WastRet<'_>) -> Result<Pattern, String> {
    let WastRet::Core(expected) = expected else { return Err("a component's result".into()) };
    Ok(match expected {
        WastRetCore::I32(value) => Pattern::Exactly(Value::I32(*value)),
        WastRetCore::I64(value) => Pattern::Exactly(Value::I64(*value)),
        WastRetCore::F32(pattern) => nan(pattern, |value| Value::F32(value.bits)),
        WastRetCore::F64(pattern) => nan(pattern, |value| Value::F64(value.bits)),
        WastRetCore::RefNull(_) => Pattern::Null,
        WastRetCore::RefFunc(None) => Pattern::AnyFunc,
        WastRetCore::RefExtern(None) => Pattern::AnyExtern,
        WastRetCore::RefExtern(Some(number)) | WastRetCore::RefHost(number) => Pattern::Exactly(Value::Extern(*number)),
        other => return Err(format!("a result that is not supported: {other:?}")),
    })
}

fn nan<T>(pattern: &NanPattern<T>, value: impl FnOnce(&T) -> Value) -> Pattern {
    match pattern {
        NanPattern::CanonicalNan => Pattern::CanonicalNan,
        NanPattern::ArithmeticNan => Pattern::ArithmeticNan,
        NanPattern::Value(exactly) => Pattern::Exactly(value(exactly)),
    }
}

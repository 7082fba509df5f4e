//! `wasmote check`: what a module needs, and whether it would run here.
//!
//! The module takes the road of a run as far as possible. Of a module that the core refuses, the features and the reason
//! are printed; of one that cannot be linked, all reasons: an unknown import does not hide the next one.

use crate::{
    cli::CheckArgs,
    features, link,
    message::{Bytes, EXIT_FAILURE, Failure, Plain},
    prepare::{self, Lent},
    source, stats, text,
    world::{self, Missing},
};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use wasmote::{Engine, Export, Extern, ExternType, Import, LinkErrorKind, Module, Store, Val, ValType};

/// Prints what is known about a module; the exit code is 0 if it would run, 1 if not.
pub(crate) fn check(args: &CheckArgs) -> Result<u8, Failure> {
    let wasm = source::load(&args.file)?;
    let code_len = prepare::code_len_bytes(args.budget, wasm.len());
    let mut code = Lent::new(code_len, "--code-memory")?;
    let mut arena = Lent::new(prepare::arena_len_bytes(args.budget) as usize, "--memory")?;

    let mut report = Report::default();
    report.line("module", format!("{}, {}", source::shown(&args.file), Bytes(wasm.len() as u64)));
    report.line("features", features(&wasm));
    let engine = Engine::default();
    match Module::new(&engine, &wasm, code.bytes()) {
        Err(error) => report.refuse(prepare::refusal(error, &wasm, code_len)),
        Ok(module) => {
            report.describe(&module);
            report.instantiate(&engine, &module, arena.bytes());
        }
    }
    let code = report.conclude();
    let mut out = io::stdout().lock();
    let printed = out.write_all(report.text.as_bytes()).and_then(|()| out.flush());
    printed.map(|()| code).map_err(|error| Failure::new(format!("cannot print: {error}")))
}

/// The features that a module needs, in a line.
fn features(wasm: &[u8]) -> String {
    match features::needed(wasm) {
        None => "unknown, because the module is not valid".into(),
        Some(names) if names.is_empty() => "none beyond WebAssembly 1.0".into(),
        Some(names) => names.join(", "),
    }
}

/// What is printed in the end.
#[derive(Default)]
struct Report {
    text: String,
    reasons: Vec<String>,
}

impl Report {
    fn line(&mut self, title: &str, content: impl std::fmt::Display) {
        let _ = writeln!(self.text, "{title}: {content}");
    }

    fn item(&mut self, content: impl std::fmt::Display) {
        let _ = writeln!(self.text, "  {content}");
    }

    /// Notes why the module would not run.
    fn refuse(&mut self, reason: String) {
        self.reasons.push(reason);
    }

    /// What the module says of itself.
    fn describe(&mut self, module: &Module<'_>) {
        self.line("functions", module.functions());
        self.line("prepared code", stats::CodeSize::of(module));
        for memory in module.memories() {
            self.line("memory", text::memory(memory));
        }
        let imports: Vec<Import<'_>> = module.imports().collect();
        self.line("imports", imports.len());
        for import in &imports {
            self.item(text::named(&text::import_name(import), import.ty));
        }
        let exports: Vec<Export<'_>> = module.exports().collect();
        self.line("exports", exports.len());
        for export in &exports {
            self.item(text::named(&Plain(export.name).to_string(), export.ty));
        }
        self.line("entry", entry(module, &exports));
    }

    /// Links the module; what is missing is replaced, so that all that is missing is found, and the memory is measured.
    fn instantiate<'a>(&mut self, engine: &Engine, module: &Module<'a>, arena: &'a mut [u8]) {
        let arena_len = arena.len();
        let mut store = match Store::new(engine, arena) {
            Ok(store) => store,
            Err(lack) => return self.refuse(link::arena_too_small(lack, arena_len)),
        };
        let mut missing = Vec::new();
        let linked = store.instantiate(module, &mut |import, store| {
            match world::resolve(import, store) {
                Ok(found) if store.extern_type(found) == import.ty => return Some(found),
                Ok(_) => missing.push(link::incompatible(import)),
                Err(Missing::Unknown) => missing.push(link::unknown(import)),
                Err(Missing::OutOfMemory(lack)) => {
                    missing.push(link::arena_too_small(lack, arena_len));
                    return None;
                }
            }
            stand_in(import, store)
        });
        let is_complete = missing.is_empty();
        self.reasons.append(&mut missing);
        match linked {
            Ok(_) => {
                self.line("RAM before it runs", stats::arena(&store.stats()).join("\n"));
            }
            // A stand-in that could not be made has been told of already.
            Err(error) if error.kind == LinkErrorKind::UnknownImport && !is_complete => {}
            Err(error) => self.refuse(link::explain(error, module, arena_len)),
        }
    }

    /// The verdict and the exit code.
    fn conclude(&mut self) -> u8 {
        if self.reasons.is_empty() {
            self.line("would run", "yes");
            return 0;
        }
        self.line("would run", "no");
        for reason in std::mem::take(&mut self.reasons) {
            self.item(reason.replace('\n', "\n  "));
        }
        EXIT_FAILURE
    }
}

/// How a run of the module would begin.
fn entry(module: &Module<'_>, exports: &[Export<'_>]) -> String {
    let exports_func =
        |name| exports.iter().any(|export| export.name == name && matches!(export.ty, ExternType::Func(_)));
    let first = module.start().map_or(String::new(), |index| format!("the start function {index}, then "));
    let then = if exports_func("_start") {
        "_start: a command"
    } else if exports_func("_initialize") {
        "_initialize: a reactor, whose functions --invoke calls"
    } else {
        "what --invoke names"
    };
    first + then
}

/// Something of the type that `import` asks for; it is never run.
fn stand_in(import: &Import<'_>, store: &mut Store<'_>) -> Option<Extern> {
    /// No function of this build has this id.
    const NOBODY: u32 = u32::MAX;
    match import.ty {
        ExternType::Func(ty) => store.host_func(NOBODY, ty).ok().map(Extern::Func),
        ExternType::Memory(ty) => store.new_memory(ty).ok().map(Extern::Memory),
        ExternType::Table(ty) => store.new_table(ty, zero(ty.element)).ok().map(Extern::Table),
        ExternType::Global(ty) => store.new_global(ty, zero(ty.content)).ok().map(Extern::Global),
    }
}

fn zero(ty: ValType) -> Val {
    match ty {
        ValType::I32 => Val::I32(0),
        ValType::I64 => Val::I64(0),
        ValType::F32 => Val::F32(0),
        ValType::F64 => Val::F64(0),
        ValType::FuncRef => Val::FuncRef(None),
        ValType::ExternRef => Val::ExternRef(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_without_reasons_says_yes() {
        let mut report = Report::default();
        assert_eq!(report.conclude(), 0);
        assert_eq!(report.text, "would run: yes\n");
    }

    #[test]
    fn every_reason_is_printed_and_long_ones_are_indented() {
        let mut report = Report::default();
        report.refuse("a\n  b".into());
        report.refuse("c".into());
        assert_eq!(report.conclude(), 1);
        assert_eq!(report.text, "would run: no\n  a\n    b\n  c\n");
    }
}

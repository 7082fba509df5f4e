//! One script: modules are instantiated and linked in one store, calls are made, assertions counted.

use super::suite::Setup;
use std::collections::HashMap;
use wasmote::{
    Engine, Extern, FuncType, GlobalType, Import, Instance, LinkErrorKind, MemoryType, Module, Outcome, PAGE_SIZE_LOG2,
    Store, TableType, Trap, Val, ValType,
};
use wast::core::{AbstractHeapType, HeapType, NanPattern, WastArgCore, WastRetCore};
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// Bytes of the arena that a script gets: under Miri, which looks at each, few.
const ARENA_BYTES: usize = if cfg!(miri) { 256 << 10 } else { 48 << 20 };

/// What came of a script.
#[derive(Default)]
pub struct Report {
    /// Assertions that hold.
    pub passed: usize,
    /// Line and reason.
    pub failures: Vec<(usize, String)>,
    /// Fuel that each call consumed.
    pub fuel: Vec<u64>,
}

/// A directive with the bytes of its module, and how much room its code may need.
struct Step<'d> {
    line: usize,
    directive: WastDirective<'d>,
    wasm: Result<Vec<u8>, String>,
    code_bytes: usize,
}

/// Runs a script.
pub fn run(text: &str, setup: Setup) -> Report {
    run_all(text, &[setup]).pop().unwrap_or_default()
}

/// Runs a script under each set-up; its text is read once.
pub fn run_all(text: &str, setups: &[Setup]) -> Vec<Report> {
    let failed = |why: String| vec![Report { failures: vec![(0, why)], ..Report::default() }];
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer);
    let buffer = match buffer {
        Ok(buffer) => buffer,
        Err(error) => return failed(error.to_string()),
    };
    let wast: Wast<'_> = match parser::parse(&buffer) {
        Ok(wast) => wast,
        Err(error) => return failed(error.to_string()),
    };
    let steps: Vec<Step<'_>> = wast.directives.into_iter().map(|directive| step(text, directive)).collect();
    setups.iter().map(|setup| run_steps(&steps, *setup)).collect()
}

fn run_steps(steps: &[Step<'_>], setup: Setup) -> Report {
    let mut codes: Vec<Vec<u8>> = steps.iter().map(|step| vec![0; step.code_bytes]).collect();
    let mut arena = vec![0; ARENA_BYTES];
    let engine = Engine::new(setup.config);
    let mut report = Report::default();
    let Ok(store) = Store::new(&engine, &mut arena) else { return report };
    let mut world = World::new(engine, setup, store);
    for (step, code) in steps.iter().zip(&mut codes) {
        let asserts = is_assertion(&step.directive);
        match world.perform(&step.directive, &step.wasm, code) {
            Ok(()) => report.passed += usize::from(asserts),
            Err(why) => report.failures.push((step.line, why)),
        }
    }
    report.fuel = world.fuel;
    report
}

fn is_assertion(directive: &WastDirective<'_>) -> bool {
    !matches!(
        directive,
        WastDirective::Module(_)
            | WastDirective::ModuleDefinition(_)
            | WastDirective::ModuleInstance { .. }
            | WastDirective::Register { .. }
            | WastDirective::Invoke(_)
    )
}

fn step<'d>(text: &str, mut directive: WastDirective<'d>) -> Step<'d> {
    let line = directive.span().linecol_in(text).0 + 1;
    let wasm = match &mut directive {
        WastDirective::Module(module)
        | WastDirective::ModuleDefinition(module)
        | WastDirective::AssertMalformed { module, .. }
        | WastDirective::AssertInvalid { module, .. } => encode(module),
        WastDirective::AssertUnlinkable { module, .. }
        | WastDirective::AssertTrap { exec: WastExecute::Wat(module), .. }
        | WastDirective::AssertReturn { exec: WastExecute::Wat(module), .. } => {
            module.encode().map_err(|e| e.to_string())
        }
        _ => Ok(Vec::new()),
    };
    let code_bytes = wasm.as_ref().map_or(0, |wasm| if wasm.is_empty() { 0 } else { wasm.len() * 24 + (16 << 10) });
    Step { line, directive, wasm, code_bytes }
}

fn encode(module: &mut QuoteWat<'_>) -> Result<Vec<u8>, String> {
    module.encode().map_err(|error| error.to_string())
}

/// The store of a script, and its names.
struct World<'a> {
    engine: Engine,
    setup: Setup,
    store: Store<'a>,
    current: Option<Instance>,
    names: HashMap<String, Instance>,
    registered: HashMap<String, Instance>,
    definitions: HashMap<String, Module<'a>>,
    spectest: HashMap<&'static str, Extern>,
    fuel: Vec<u64>,
}

/// What a call came to.
enum Called {
    Values(Vec<Val>),
    Trapped(Trap),
}

impl<'a> World<'a> {
    fn new(engine: Engine, setup: Setup, mut store: Store<'a>) -> World<'a> {
        let spectest = spectest(&mut store).unwrap_or_default();
        World {
            engine,
            setup,
            store,
            current: None,
            names: HashMap::new(),
            registered: HashMap::new(),
            definitions: HashMap::new(),
            spectest,
            fuel: Vec::new(),
        }
    }

    fn perform(
        &mut self,
        directive: &WastDirective<'_>,
        wasm: &'a Result<Vec<u8>, String>,
        code: &'a mut [u8],
    ) -> Result<(), String> {
        match directive {
            WastDirective::Module(module) => {
                let module_id = id_of(module);
                let wasm = wasm.as_ref().map_err(String::clone)?;
                let module = Module::new(&self.engine, wasm, code).map_err(|error| error.to_string())?;
                self.instantiate(module, module_id)
            }
            WastDirective::ModuleDefinition(definition) => {
                let wasm = wasm.as_ref().map_err(String::clone)?;
                let module = Module::new(&self.engine, wasm, code).map_err(|error| error.to_string())?;
                self.definitions.insert(id_of(definition).unwrap_or_default(), module);
                Ok(())
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                let name = module.map(|id| id.name().to_string()).unwrap_or_default();
                let module = *self.definitions.get(&name).ok_or("unknown module definition")?;
                self.instantiate(module, instance.map(|id| id.name().to_string()))
            }
            WastDirective::AssertMalformed { .. } | WastDirective::AssertInvalid { .. } => {
                self.refused(directive, wasm, code)
            }
            WastDirective::AssertUnlinkable { message, .. } => {
                let wasm = wasm.as_ref().map_err(String::clone)?;
                match self.link(wasm, code)? {
                    Err(LinkErrorKind::UnknownImport | LinkErrorKind::IncompatibleImport) => Ok(()),
                    other => Err(format!("expected to be unlinkable ({message}), got {other:?}")),
                }
            }
            WastDirective::Register { name, module, .. } => {
                let instance = self.instance(*module)?;
                self.registered.insert((*name).to_string(), instance);
                Ok(())
            }
            WastDirective::Invoke(invoke) => match self.invoke(invoke)? {
                Called::Values(_) => Ok(()),
                Called::Trapped(trap) => Err(format!("trapped: {}", trap.message())),
            },
            WastDirective::AssertTrap { exec, message, .. } => {
                let called = self.execute(exec, wasm, code)?;
                expect_trap(called, message)
            }
            WastDirective::AssertExhaustion { call, .. } => match self.invoke(call)? {
                Called::Trapped(Trap::StackOverflow) => Ok(()),
                Called::Trapped(trap) => Err(format!("expected exhaustion, trapped: {}", trap.message())),
                Called::Values(_) => Err("expected exhaustion, finished".into()),
            },
            WastDirective::AssertReturn { exec, results, .. } => match self.execute(exec, wasm, code)? {
                Called::Values(values) => expect_values(&values, results),
                Called::Trapped(trap) => Err(format!("trapped: {}", trap.message())),
            },
            other => Err(format!("a directive that is not supported: {other:?}")),
        }
    }

    /// A module that must be refused: as text that does not parse, or by the core.
    fn refused(
        &self,
        directive: &WastDirective<'_>,
        wasm: &'a Result<Vec<u8>, String>,
        code: &'a mut [u8],
    ) -> Result<(), String> {
        let Ok(wasm) = wasm else { return Ok(()) };
        match Module::new(&self.engine, wasm, code) {
            Err(error) if error.kind.phase() == wasmote::Phase::Limit => Err(format!("refused for a limit: {error}")),
            Err(_) => Ok(()),
            Ok(_) => Err(match directive {
                WastDirective::AssertInvalid { message, .. } | WastDirective::AssertMalformed { message, .. } => {
                    format!("expected to be refused: {message}")
                }
                _ => "expected to be refused".into(),
            }),
        }
    }

    fn try_instantiate(&mut self, module: &Module<'a>) -> Result<Instance, LinkErrorKind> {
        let (spectest, registered) = (&self.spectest, &self.registered);
        let mut resolve = |import: &Import<'a>, store: &mut Store<'a>| match import.module {
            "spectest" => spectest.get(import.name).copied(),
            module => store.export(*registered.get(module)?, import.name),
        };
        self.store.instantiate(module, &mut resolve).map_err(|error| error.kind)
    }

    fn start(&mut self, instance: Instance) -> Result<(), Trap> {
        match self.store.start_func(instance).map(|start| self.call(start, &[])) {
            Some(Ok(Called::Trapped(trap))) => Err(trap),
            _ => Ok(()),
        }
    }

    fn instantiate(&mut self, module: Module<'a>, name: Option<String>) -> Result<(), String> {
        let instance = self.try_instantiate(&module).map_err(|kind| format!("cannot be instantiated: {kind:?}"))?;
        self.current = Some(instance);
        if let Some(name) = name {
            self.names.insert(name, instance);
        }
        self.start(instance).map_err(|trap| format!("start trapped: {}", trap.message()))
    }

    /// Instantiates a module that is expected to fail.
    fn link(&mut self, wasm: &'a [u8], code: &'a mut [u8]) -> Result<Result<Instance, LinkErrorKind>, String> {
        let module = Module::new(&self.engine, wasm, code).map_err(|error| error.to_string())?;
        Ok(self.try_instantiate(&module))
    }

    fn instance(&self, id: Option<Id<'_>>) -> Result<Instance, String> {
        match id {
            Some(id) => self.names.get(id.name()).copied().ok_or_else(|| format!("no instance {}", id.name())),
            None => self.current.ok_or_else(|| "no current instance".into()),
        }
    }

    fn execute(
        &mut self,
        exec: &WastExecute<'_>,
        wasm: &'a Result<Vec<u8>, String>,
        code: &'a mut [u8],
    ) -> Result<Called, String> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(invoke),
            WastExecute::Wat(Wat::Module(_)) => {
                let wasm = wasm.as_ref().map_err(String::clone)?;
                match self.link(wasm, code)? {
                    Ok(instance) => {
                        Ok(self.start(instance).map_or_else(Called::Trapped, |()| Called::Values(Vec::new())))
                    }
                    Err(LinkErrorKind::Trap(trap)) => Ok(Called::Trapped(trap)),
                    Err(other) => Err(format!("cannot be instantiated: {other:?}")),
                }
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(*module)?;
                let found = self.store.export(instance, global).and_then(Extern::global).ok_or("no such global")?;
                Ok(Called::Values(vec![self.store.global_get(found)]))
            }
            WastExecute::Wat(_) => Err("a component".into()),
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Called, String> {
        let instance = self.instance(invoke.module)?;
        let func = self.store.export(instance, invoke.name).and_then(Extern::func);
        let func = func.ok_or_else(|| format!("no function {}", invoke.name))?;
        let arguments: Vec<Val> = invoke.args.iter().map(argument).collect::<Result<_, _>>()?;
        self.call(func, &arguments)
    }

    fn call(&mut self, func: wasmote::Func, arguments: &[Val]) -> Result<Called, String> {
        let thread = self.store.spawn(func, arguments).map_err(|error| format!("{error:?}"))?;
        let called = loop {
            match self.store.resume(thread, self.setup.slice.unwrap_or(u64::MAX)) {
                Outcome::Finished => {
                    let mut values = vec![Val::I32(0); self.store.func_type(func).results.len()];
                    self.store.results(thread, &mut values);
                    break Called::Values(values);
                }
                Outcome::Trapped(trap) => break Called::Trapped(trap),
                Outcome::OutOfFuel if self.setup.slice.is_some() => {}
                Outcome::OutOfFuel => return Err("out of fuel without a limit".into()),
                // Only the printing functions of spectest are called, and they give nothing.
                Outcome::HostCall(_) => self.store.answer(thread, &[]).map_err(|error| format!("{error:?}"))?,
            }
        };
        self.fuel.push(self.store.fuel_consumed(thread));
        self.store.end(thread);
        Ok(called)
    }
}

fn id_of(module: &QuoteWat<'_>) -> Option<String> {
    module.name().map(|id| id.name().to_string())
}

/// The module that the scripts import from.
fn spectest(store: &mut Store<'_>) -> Result<HashMap<&'static str, Extern>, wasmote::OutOfMemory> {
    use ValType::{F32, F64, I32, I64};
    let mut items = HashMap::new();
    let printers: [(&str, &[ValType]); 7] = [
        ("print", &[]),
        ("print_i32", &[I32]),
        ("print_i64", &[I64]),
        ("print_f32", &[F32]),
        ("print_f64", &[F64]),
        ("print_i32_f32", &[I32, F32]),
        ("print_f64_f64", &[F64, F64]),
    ];
    for (id, (name, params)) in (0..).zip(printers) {
        items.insert(name, Extern::Func(store.host_func(id, FuncType { params, results: &[] })?));
    }
    let globals = [
        ("global_i32", Val::I32(666)),
        ("global_i64", Val::I64(666)),
        ("global_f32", Val::F32(666.6f32.to_bits())),
        ("global_f64", Val::F64(666.6f64.to_bits())),
    ];
    for (name, value) in globals {
        items
            .insert(name, Extern::Global(store.new_global(GlobalType { content: value.ty(), mutable: false }, value)?));
    }
    let table = TableType { element: ValType::FuncRef, minimum: 10, maximum: Some(20) };
    items.insert("table", Extern::Table(store.new_table(table, Val::FuncRef(None))?));
    let memory = MemoryType { minimum: 1, maximum: Some(2), page_size_log2: PAGE_SIZE_LOG2 };
    items.insert("memory", Extern::Memory(store.new_memory(memory)?));
    Ok(items)
}

fn argument(argument: &WastArg<'_>) -> Result<Val, String> {
    let WastArg::Core(argument) = argument else { return Err("a component's argument".into()) };
    Ok(match argument {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(value.bits),
        WastArgCore::F64(value) => Val::F64(value.bits),
        WastArgCore::RefExtern(number) | WastArgCore::RefHost(number) => Val::ExternRef(Some(*number)),
        WastArgCore::RefNull(HeapType::Abstract { ty: AbstractHeapType::Func, .. }) => Val::FuncRef(None),
        WastArgCore::RefNull(HeapType::Abstract { ty: AbstractHeapType::Extern, .. }) => Val::ExternRef(None),
        other => return Err(format!("an argument that is not supported: {other:?}")),
    })
}

fn expect_trap(called: Called, message: &str) -> Result<(), String> {
    match called {
        Called::Trapped(trap) if message.starts_with(trap.message()) || trap.message().starts_with(message) => Ok(()),
        Called::Trapped(trap) => Err(format!("expected trap: {message}, got: {}", trap.message())),
        Called::Values(values) => Err(format!("expected trap: {message}, got {values:?}")),
    }
}

fn expect_values(values: &[Val], expected: &[WastRet<'_>]) -> Result<(), String> {
    let fits = values.len() == expected.len()
        && values.iter().zip(expected).all(|(value, expected)| match expected {
            WastRet::Core(expected) => fits(value, expected),
            _ => false,
        });
    if fits { Ok(()) } else { Err(format!("expected {expected:?}, got {values:?}")) }
}

fn fits(value: &Val, expected: &WastRetCore<'_>) -> bool {
    match (value, expected) {
        (Val::I32(value), WastRetCore::I32(expected)) => value == expected,
        (Val::I64(value), WastRetCore::I64(expected)) => value == expected,
        (Val::F32(bits), WastRetCore::F32(pattern)) => match pattern {
            NanPattern::CanonicalNan => bits & 0x7FFF_FFFF == 0x7FC0_0000,
            NanPattern::ArithmeticNan => bits & 0x7FC0_0000 == 0x7FC0_0000,
            NanPattern::Value(expected) => *bits == expected.bits,
        },
        (Val::F64(bits), WastRetCore::F64(pattern)) => match pattern {
            NanPattern::CanonicalNan => bits & (u64::MAX >> 1) == 0x7FF8 << 48,
            NanPattern::ArithmeticNan => bits & 0x7FF8 << 48 == 0x7FF8 << 48,
            NanPattern::Value(expected) => *bits == expected.bits,
        },
        (Val::FuncRef(None) | Val::ExternRef(None), WastRetCore::RefNull(_)) => true,
        (Val::FuncRef(Some(_)), WastRetCore::RefFunc(None)) => true,
        (Val::ExternRef(Some(_)), WastRetCore::RefExtern(None)) => true,
        (Val::ExternRef(Some(number)), WastRetCore::RefExtern(Some(expected)) | WastRetCore::RefHost(expected)) => {
            number == expected
        }
        (_, WastRetCore::Either(options)) => options.iter().any(|option| fits(value, option)),
        _ => false,
    }
}

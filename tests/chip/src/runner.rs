//! The chip's half of the core tests: performs the steps of a script in one store, with lent memory only.
//!
//! Counts are of assertions, as on a computer. Where the memory of the chip is too small for a module, what is asserted of it
//! is skipped and counted so; any other difference is a failure with its line.

use crate::names::Names;
use crate::script::{Action, Expect, Pattern, Settings, Step, Value};
use crate::spectest::Spectest;
use wasmote::{
    Config, Engine, Extern, Func, Import, Instance, LinkErrorKind, Module, Outcome, Phase, SpawnError, Store, Trap, Val,
};

/// Instances with a name, and names to import from, that a script may have.
const NAMES: usize = 32;
/// Modules that a script may keep.
const DEFINITIONS: usize = 4;
/// Arguments and results of a call.
const VALUES: usize = 20;

/// What the engine is about to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// Decode, validate and prepare.
    Prepare,
    /// Link and initialise.
    Instantiate,
    /// Run a guest.
    Run,
}

/// Who watches a script.
pub trait Observer {
    /// A step failed.
    fn failed(&mut self, line: u32, failure: &Failure<'_>);
    /// A step was skipped, because the chip's memory is too small.
    fn skipped(&mut self, _line: u32) {}
    /// The engine is about to be called.
    fn before(&mut self, _work: Work) {}
    /// The engine has returned.
    fn after(&mut self, _work: Work) {}
}

/// What came of a script.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Assertions that hold.
    pub passed: u32,
    /// Steps that failed.
    pub failed: u32,
    /// Assertions that could not be tried: the memory is too small.
    pub skipped: u32,
}

/// Why a step failed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Failure<'a> {
    /// The chip's memory is too small, which is not the engine's fault.
    Unfit,
    /// The engine refuses the module.
    Module(wasmote::ModuleError),
    /// A module that should be refused is not.
    Accepted,
    /// The module cannot be instantiated, or should not have been: the reason.
    Link(Option<LinkErrorKind>),
    /// No such instance, export or kept module; or more names than the runner keeps.
    Unknown(&'a str),
    /// The call cannot begin.
    Spawn(SpawnError),
    /// A trap that is not the expected one.
    Trapped(Trap),
    /// A result that is not the expected one; `None` if their numbers differ or it should have trapped.
    Value(Option<Val>),
    /// The script itself cannot be read.
    Script,
}

/// Performs a script: a part of the memory becomes the store, the rest takes prepared code.
pub fn run<'a>(settings: Settings, steps: &'a [u8], memory: &'a mut [u8], observer: &mut impl Observer) -> Counts {
    let mut counts = Counts::default();
    let config = Config { multi_memory: settings.multi_memory, ..Config::default() };
    let engine = Engine::new(config);
    let (arena, code) = memory.split_at_mut(memory.len() / 2);
    let Ok(mut store) = Store::new(&engine, arena) else { return Counts { failed: 1, ..counts } };
    let spectest = if settings.spectest { Spectest::new(&mut store).ok() } else { None };
    // Made in place: on the smallest chip there is no native stack for a second one.
    let mut world = World {
        engine,
        store,
        code,
        observer,
        current: None,
        names: Names::new(),
        registered: Names::new(),
        definitions: Names::new(),
        spectest,
    };
    let mut rest = steps;
    while !rest.is_empty() {
        let Ok((step, more)) = postcard::take_from_bytes::<Step<'a>>(rest) else {
            world.observer.failed(0, &Failure::Script);
            counts.failed += 1;
            break;
        };
        rest = more;
        match world.attempt(&step.action) {
            Ok(()) => counts.passed += u32::from(step.action.asserts()),
            Err(Failure::Unfit) => {
                world.observer.skipped(step.line);
                counts.skipped += u32::from(step.action.asserts());
            }
            Err(failure) => {
                world.observer.failed(step.line, &failure);
                counts.failed += 1;
            }
        }
    }
    counts
}

/// An instance, or why there is none.
type Made = Option<Instance>;

struct World<'a, 'o, O> {
    engine: Engine,
    store: Store<'a>,
    code: &'a mut [u8],
    observer: &'o mut O,
    /// The last instance; outer `None` before the first.
    current: Option<Made>,
    names: Names<'a, Made, NAMES>,
    registered: Names<'a, Made, NAMES>,
    definitions: Names<'a, Module<'a>, DEFINITIONS>,
    spectest: Option<Spectest>,
}

type Done<'a, T> = Result<T, Failure<'a>>;

impl<'a, 'o, O: Observer> World<'a, 'o, O> {
    /// Performs a step. One that does not come to what it should is not the engine's fault if the engine says that it had no room
    /// for a growth meanwhile; what is there then, the script does not expect.
    fn attempt(&mut self, action: &Action<'a>) -> Done<'a, ()> {
        let refused = self.store.stats().refused;
        let done = self.perform(action);
        // A result that the script expects tells that the refusal is expected too.
        let has_result = matches!(*action, Action::Call { expect: Expect::Values([_, ..]), .. });
        if done.is_ok() && has_result || self.store.stats().refused == refused {
            return done;
        }
        self.names
            .meanings()
            .chain(self.registered.meanings())
            .chain(self.current.iter_mut())
            .for_each(|made| *made = None);
        Err(Failure::Unfit)
    }

    fn perform(&mut self, action: &Action<'a>) -> Done<'a, ()> {
        match *action {
            Action::Module { name, wasm } => {
                let module = self.prepare(wasm);
                self.make(module, name)
            }
            Action::Definition { name, wasm } => {
                let module = self.prepare(wasm)?;
                if self.definitions.set(name, module) { Ok(()) } else { Err(Failure::Unknown(name)) }
            }
            Action::Instance { name, definition } => {
                let module = self.definitions.get(definition).ok_or(Failure::Unknown(definition));
                self.make(module, name)
            }
            Action::Register { instance, name } => {
                let made = self.made(instance)?;
                if self.registered.set(name, made) { Ok(()) } else { Err(Failure::Unknown(name)) }
            }
            Action::Refused { wasm } => self.refused(wasm),
            Action::Unlinkable { wasm } => {
                let module = self.prepare(wasm)?;
                match self.link(&module) {
                    Err(LinkErrorKind::UnknownImport | LinkErrorKind::IncompatibleImport) => Ok(()),
                    Err(LinkErrorKind::OutOfMemory(_)) => Err(Failure::Unfit),
                    Err(other) => Err(Failure::Link(Some(other))),
                    Ok(_) => Err(Failure::Link(None)),
                }
            }
            Action::Call { instance, function, arguments, expect } => {
                self.call_export(instance, function, arguments, expect)
            }
            Action::Start { wasm, expect } => {
                let module = self.prepare(wasm)?;
                match self.link(&module) {
                    Ok(instance) => match self.store.start_func(instance) {
                        Some(start) => self.call(start, &[], expect),
                        None if matches!(expect, Expect::Values(&[]) | Expect::End) => Ok(()),
                        None => Err(Failure::Value(None)),
                    },
                    Err(LinkErrorKind::Trap(trap)) => trapped(trap, expect),
                    Err(LinkErrorKind::OutOfMemory(_)) => Err(Failure::Unfit),
                    Err(other) => Err(Failure::Link(Some(other))),
                }
            }
            Action::Get { instance, global, expect } => {
                let found = self.store.export(self.instance(instance)?, global).and_then(Extern::global);
                let value = self.store.global_get(found.ok_or(Failure::Unknown(global))?);
                values(&[value], expect)
            }
        }
    }

    /// Prepares a module into as little of the memory for code as it takes, scratch of validation included.
    fn prepare(&mut self, wasm: &'a [u8]) -> Done<'a, Module<'a>> {
        self.observer.before(Work::Prepare);
        let tried = prepared_len(&self.engine, wasm, self.code);
        self.observer.after(Work::Prepare);
        let image_bytes = tried.map_err(refusal)?;
        let whole = self.code.len();
        let mut room = image_bytes + image_bytes / 4 + 256;
        while room < whole && prepared_len(&self.engine, wasm, self.code.get_mut(..room).unwrap_or(&mut [])).is_err() {
            room *= 2;
        }
        let (own, rest) = core::mem::take(&mut self.code).split_at_mut(room.min(whole));
        self.code = rest;
        Module::new(&self.engine, wasm, own).map_err(refusal)
    }

    /// Asserts that the engine refuses a module for what it is, not for a limit.
    fn refused(&mut self, wasm: &[u8]) -> Done<'a, ()> {
        self.observer.before(Work::Prepare);
        let tried = prepared_len(&self.engine, wasm, self.code);
        self.observer.after(Work::Prepare);
        match tried {
            Ok(_) => Err(Failure::Accepted),
            Err(error) if error.kind.phase() == Phase::Limit => Err(refusal(error)),
            Err(_) => Ok(()),
        }
    }

    fn make(&mut self, module: Done<'a, Module<'a>>, name: Option<&'a str>) -> Done<'a, ()> {
        let linked = module.and_then(|module| {
            self.link(&module).map_err(|kind| match kind {
                LinkErrorKind::OutOfMemory(_) | LinkErrorKind::Trap(Trap::OutOfMemory) => Failure::Unfit,
                other => Failure::Link(Some(other)),
            })
        });
        let made = linked.ok();
        self.current = Some(made);
        if name.is_some_and(|name| !self.names.set(name, made)) {
            return Err(Failure::Unknown("more names than the runner keeps"));
        }
        match self.store.start_func(linked?) {
            Some(start) => self.call(start, &[], Expect::End),
            None => Ok(()),
        }
    }

    fn link(&mut self, module: &Module<'a>) -> Result<Instance, LinkErrorKind> {
        let (spectest, registered) = (self.spectest, &self.registered);
        let mut unfit = false;
        let mut resolve = |import: &Import<'a>, store: &mut Store<'a>| match (import.module, spectest) {
            ("spectest", Some(spectest)) => spectest.find(import.name, store),
            (module, _) => match registered.get(module)? {
                Some(instance) => store.export(instance, import.name),
                None => {
                    unfit = true;
                    None
                }
            },
        };
        self.observer.before(Work::Instantiate);
        let linked = instantiate(&mut self.store, module, &mut resolve);
        self.observer.after(Work::Instantiate);
        // What it imports from had no room, so it has none either.
        if unfit { Err(LinkErrorKind::Trap(Trap::OutOfMemory)) } else { linked }
    }

    fn made(&self, name: Option<&'a str>) -> Done<'a, Made> {
        match name {
            Some(name) => self.names.get(name).ok_or(Failure::Unknown(name)),
            None => self.current.ok_or(Failure::Unknown("no instance yet")),
        }
    }

    fn instance(&self, name: Option<&'a str>) -> Done<'a, Instance> {
        self.made(name)?.ok_or(Failure::Unfit)
    }

    fn call_export(
        &mut self,
        instance: Option<&'a str>,
        function: &'a str,
        mut arguments: &'a [u8],
        expect: Expect<'a>,
    ) -> Done<'a, ()> {
        let instance = self.instance(instance)?;
        let func = self.store.export(instance, function).and_then(Extern::func).ok_or(Failure::Unknown(function))?;
        let (mut list, mut count) = ([Val::I32(0); VALUES], 0);
        while !arguments.is_empty() {
            let (value, rest) = postcard::take_from_bytes::<Value>(arguments).map_err(|_| Failure::Script)?;
            *list.get_mut(count).ok_or(Failure::Script)? = value.into();
            (arguments, count) = (rest, count + 1);
        }
        let done = self.call(func, list.get(..count).unwrap_or(&[]), expect);
        if done == Err(Failure::Unfit) {
            self.forget(instance);
        }
        done
    }

    /// After a call ended for want of memory, its instance's state is not what the script thinks.
    fn forget(&mut self, instance: Instance) {
        let all = self.names.meanings().chain(self.registered.meanings()).chain(self.current.iter_mut());
        all.filter(|made| **made == Some(instance)).for_each(|made| *made = None);
    }

    fn call(&mut self, func: Func, arguments: &[Val], expect: Expect<'a>) -> Done<'a, ()> {
        let thread = self.store.spawn(func, arguments).map_err(|error| match error {
            SpawnError::OutOfMemory(_) => Failure::Unfit,
            other => Failure::Spawn(other),
        })?;
        let outcome = loop {
            self.observer.before(Work::Run);
            let outcome = resume(&mut self.store, thread);
            self.observer.after(Work::Run);
            match outcome {
                // Only the printing functions of spectest are called, and they give nothing.
                Outcome::HostCall(_) => self.store.answer(thread, &[]).map_err(Failure::Spawn)?,
                other => break other,
            }
        };
        let done = match outcome {
            Outcome::Trapped(trap) => trapped(trap, expect),
            _ => {
                let mut results = [Val::I32(0); VALUES];
                let count = self.store.results(thread, &mut results);
                values(results.get(..count).unwrap_or(&[]), expect)
            }
        };
        self.store.end(thread);
        done
    }
}

/// Out of line, like the two below, so that the native stack that is measured here is the engine's alone.
#[inline(never)]
fn prepared_len(engine: &Engine, wasm: &[u8], code: &mut [u8]) -> Result<usize, wasmote::ModuleError> {
    Module::new(engine, wasm, code).map(|module| module.prepared_len_bytes())
}

#[inline(never)]
fn instantiate<'a>(
    store: &mut Store<'a>,
    module: &Module<'a>,
    resolve: &mut dyn FnMut(&Import<'a>, &mut Store<'a>) -> Option<Extern>,
) -> Result<Instance, LinkErrorKind> {
    store.instantiate(module, resolve).map_err(|error| error.kind)
}

#[inline(never)]
fn resume(store: &mut Store<'_>, thread: wasmote::Thread) -> Outcome {
    store.resume(thread, u64::MAX)
}

fn refusal<'a>(error: wasmote::ModuleError) -> Failure<'a> {
    match error.kind {
        wasmote::ErrorKind::OutOfMemory(_) => Failure::Unfit,
        _ => Failure::Module(error),
    }
}

fn trapped<'a>(trap: Trap, expect: Expect<'a>) -> Done<'a, ()> {
    match (trap, expect) {
        (Trap::StackOverflow, Expect::Exhaustion) => Ok(()),
        (Trap::StackOverflow | Trap::OutOfMemory, _) => Err(Failure::Unfit),
        (trap, Expect::Trap(message)) if message.starts_with(trap.message()) || trap.message().starts_with(message) => {
            Ok(())
        }
        (trap, _) => Err(Failure::Trapped(trap)),
    }
}

fn values<'a>(values: &[Val], expect: Expect<'a>) -> Done<'a, ()> {
    let mut patterns = match expect {
        Expect::End => return Ok(()),
        Expect::Values(patterns) => patterns,
        Expect::Trap(_) | Expect::Exhaustion => return Err(Failure::Value(None)),
    };
    for value in values {
        let (pattern, rest) = postcard::take_from_bytes::<Pattern>(patterns).map_err(|_| Failure::Value(None))?;
        patterns = rest;
        if !pattern.fits(*value) {
            return Err(Failure::Value(Some(*value)));
        }
    }
    if patterns.is_empty() { Ok(()) } else { Err(Failure::Value(None)) }
}

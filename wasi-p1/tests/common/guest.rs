//! A guest that is all hands: a module that imports every function and exports each under its own name.

use std::fmt::Write;

use wasmote::{Engine, Extern, HostFunc, Instance, Linker, Memory, Module, Run, Store, Thread, Val, ValType};
use wasmote_wasi_p1::{P1, WasiView};

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    Errno(u32),
    Exit(u32),
    Pending,
}

/// The size of the guest's memory in bytes.
pub const MEMORY_BYTES: u32 = 65536;

/// A guest with one page of memory.
pub struct Guest<T: 'static> {
    pub data: T,
    store: Store<'static>,
    linker: Linker<'static, T>,
    instance: Instance,
    memory: Memory,
    waiting: Option<Thread>,
}

/// The text of the module.
fn module_text<T>(functions: &[HostFunc<T>]) -> String {
    let mut imports = String::new();
    let mut exports = String::new();
    for function in functions {
        let name = function.name;
        let (mut types, mut gets) = (String::new(), String::new());
        for (index, param) in function.params.iter().enumerate() {
            write!(types, " (param {})", param.name()).expect("a string grows");
            write!(gets, " (local.get {index})").expect("a string grows");
        }
        if !function.results.is_empty() {
            types.push_str(" (result i32)");
        }
        writeln!(imports, "(import \"{}\" \"{name}\" (func ${name}{types}))", function.module).expect("a string grows");
        writeln!(exports, "(func (export \"{name}\"){types} (call ${name}{gets}))").expect("a string grows");
    }
    format!("(module {imports} (memory (export \"memory\") 1) {exports})")
}

impl<T: WasiView + 'static> Guest<T> {
    pub fn new(data: T) -> Guest<T> {
        let functions = P1::<T>::FUNCTIONS;
        assert_eq!(functions.len(), 46);
        let engine = Engine::default();
        let wasm = wat::parse_str(module_text(functions)).expect("a module").leak();
        let module = Module::new(&engine, wasm, vec![0; 1 << 20].leak()).expect("a valid module");
        let mut store = Store::new(&engine, vec![0; 1 << 20].leak()).expect("room for a store");
        let tables: &'static [&'static [HostFunc<T>]] = vec![functions].leak();
        let linker = Linker::new(tables);
        let mut data = data;
        let instance = linker.instantiate(&mut store, &module, &mut data).unwrap_or_else(|_| panic!("it links"));
        let Some(Extern::Memory(memory)) = store.export(instance, "memory") else { panic!("it has a memory") };
        Guest { data, store, linker, instance, memory, waiting: None }
    }

    /// Calls a function.
    pub fn call(&mut self, name: &str, args: &[u64]) -> Answer {
        assert!(self.waiting.is_none(), "it still waits");
        let Some(Extern::Func(func)) = self.store.export(self.instance, name) else { panic!("no {name}") };
        let params = P1::<T>::FUNCTIONS.iter().find(|function| function.name == name).expect("a function").params;
        assert_eq!(params.len(), args.len(), "{name}");
        let args: Vec<Val> = params
            .iter()
            .zip(args)
            .map(
                |(param, arg)| {
                    if *param == ValType::I64 { Val::I64(*arg as i64) } else { Val::I32(*arg as u32 as i32) }
                },
            )
            .collect();
        let thread = self.store.spawn(func, &args).unwrap_or_else(|_| panic!("it starts"));
        self.run(thread)
    }

    /// Runs the call that waits again.
    pub fn again(&mut self) -> Answer {
        let thread = self.waiting.take().expect("it waits");
        self.run(thread)
    }

    /// Ends the call that waits.
    pub fn give_up(&mut self) {
        let thread = self.waiting.take().expect("it waits");
        self.store.end(thread);
        self.data.wasi().abandon();
    }

    fn run(&mut self, thread: Thread) -> Answer {
        let answer = match self.linker.run(&mut self.store, thread, &mut self.data, u64::MAX) {
            Run::Finished => {
                let mut results = [Val::I32(0)];
                let count = self.store.results(thread, &mut results);
                let [Val::I32(code)] = results else { panic!("an i32") };
                Answer::Errno(if count == 1 { code as u32 } else { 0 })
            }
            Run::Exited(code) => Answer::Exit(code),
            Run::Pending => {
                self.waiting = Some(thread);
                return Answer::Pending;
            }
            Run::Trapped(trap) => panic!("{}", trap.message()),
            Run::OutOfFuel | Run::HostCall(_) => panic!("neither can happen"),
        };
        self.store.end(thread);
        answer
    }

    /// Writes guest memory.
    pub fn put(&mut self, at: u32, bytes: &[u8]) {
        self.store.write(self.memory, u64::from(at), bytes).expect("in memory");
    }

    /// Reads guest memory.
    pub fn get(&self, at: u32, len: u32) -> Vec<u8> {
        let mut bytes = vec![0; len as usize];
        self.store.read(self.memory, u64::from(at), &mut bytes).expect("in memory");
        bytes
    }

    pub fn get_u32(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().expect("four bytes"))
    }

    pub fn get_u64(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().expect("eight bytes"))
    }
}

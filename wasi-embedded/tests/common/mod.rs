//! A bench to test host functions on: a board of fakes that record what they are asked and fail on demand, and a guest
//! with every import behind an export of its own.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

pub mod board;

use board::Bench;
use std::cell::RefCell;
use std::collections::BTreeSet;
use wasmote::{Engine, Extern, Func, HostFunc, Instance, Linker, Memory, Module, Run, Store, Thread, Trap, Val};
use wasmote_wasi_embedded::{Class, Denied, Embedded, Grants, Hardware, HardwareView, Settings, Slot};

/// Handles of a guest on the bench.
pub const SLOTS: usize = 8;

/// What the guest may use: everything, except what a test forbids.
#[derive(Default, Clone)]
pub struct Policy {
    pub denied: Option<Denied>,
    pub denied_address: Option<u16>,
    pub settings: Settings,
}

impl Grants for Policy {
    fn open(&self, _: Class, _: &str) -> Result<Settings, Denied> {
        self.denied.map_or(Ok(self.settings), Err)
    }

    fn address(&self, _: &str, address: wasmote_wasi_embedded::Address) -> bool {
        self.denied_address != Some(address.number())
    }

    fn max_transfer_bytes(&self) -> u32 {
        256
    }
}

/// The embedder's data.
pub struct App {
    pub hardware: Hardware<Policy, [Slot; SLOTS]>,
    pub board: Bench,
}

impl HardwareView for App {
    type Board = Bench;
    type Grants = Policy;
    type Slots = [Slot; SLOTS];

    fn hardware(&mut self) -> (&mut Hardware<Policy, [Slot; SLOTS]>, &mut Bench) {
        (&mut self.hardware, &mut self.board)
    }
}

const TABLES: &[&[HostFunc<App>]] = &[Embedded::<App>::FUNCTIONS];

/// The core signatures of the 78 functions, from the interfaces' own documentation and not from the table under test.
pub fn signatures() -> Vec<Signature> {
    let words = |column: &str| column.split_whitespace().map(str::to_owned).collect();
    include_str!("../data/signatures.tsv")
        .lines()
        .chain(OPEN.lines())
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default();
            Signature {
                module: next().to_owned(),
                name: next().to_owned(),
                params: words(next()),
                results: words(next()),
            }
        })
        .collect()
}

/// Those of our own package.
const OPEN: &str = "wasmote:open/i2c@0.1.0\topen\ti32 i32 i32\t
wasmote:open/delay@0.1.0\topen\t\ti32
wasmote:open/digital@0.1.0\topen-out\ti32 i32 i32\t
wasmote:open/digital@0.1.0\topen-in\ti32 i32 i32\t
wasmote:open/digital@0.1.0\topen-in-out\ti32 i32 i32\t
wasmote:open/analog@0.1.0\topen-out\ti32 i32 i32\t
wasmote:open/analog@0.1.0\topen-in\ti32 i32 i32\t
wasmote:open/analog@0.1.0\topen-in-out\ti32 i32 i32\t
";

/// An import as the interfaces' documentation has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    pub module: String,
    pub name: String,
    pub params: Vec<String>,
    pub results: Vec<String>,
}

/// Where a bump allocator begins.
pub const HEAP: u32 = 0x1000;

/// An allocator that gives one block after the other and counts how often it is asked.
pub const BUMP: &str = r#"
    (global $heap (mut i32) (i32.const 0x1000))
    (global $asked (export "asked") (mut i32) (i32.const 0))
    (func (export "cabi_realloc") (param $old i32) (param $old_len i32) (param $align i32) (param $len i32) (result i32)
        (local $at i32)
        (if (i32.or (local.get $old) (local.get $old_len)) (then unreachable))
        (global.set $asked (i32.add (global.get $asked) (i32.const 1)))
        (local.set $at (i32.and
            (i32.sub (i32.add (global.get $heap) (local.get $align)) (i32.const 1))
            (i32.sub (i32.const 0) (local.get $align))))
        (global.set $heap (i32.add (local.get $at) (local.get $len)))
        (local.get $at))"#;

/// A guest with every import, each behind an export `module#name` of the same type, and this allocator.
pub fn guest_text(realloc: &str) -> String {
    let (mut imports, mut exports) = (String::new(), String::new());
    for (n, Signature { module, name, params, results }) in signatures().iter().enumerate() {
        let ty = format!("(param {}) (result {})", params.join(" "), results.join(" "));
        let arguments: String = (0..params.len()).map(|n| format!("(local.get {n}) ")).collect();
        imports += &format!("(import \"{module}\" \"{name}\" (func $f{n} {ty}))\n");
        exports += &format!("(func (export \"{module}#{name}\") {ty} (call $f{n} {arguments}))\n");
    }
    format!("(module {imports} (memory (export \"memory\") 1) {realloc} {exports})")
}

/// The imports that the tests on this thread have not called yet, or that never returned.
pub fn not_called() -> Vec<String> {
    let all = signatures().into_iter().map(|signature| format!("{}#{}", signature.module, signature.name));
    CALLED.with_borrow(|called| all.filter(|import| !called.contains(import)).collect())
}

/// A guest on the bench.
pub struct Guest {
    pub store: Store<'static>,
    pub app: App,
    pub instance: Instance,
    pub memory: Memory,
    signatures: Vec<Signature>,
}

/// Lends memory for the rest of the test.
pub fn lent(len: usize) -> &'static mut [u8] {
    Box::leak(vec![0; len].into_boxed_slice())
}

thread_local! {
    /// Preparing the guest with all imports takes a while; its bytes are the same for each test of a file.
    static BUMP_GUEST: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
    /// The imports that this thread has called and that returned, as `module#name`.
    static CALLED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

impl Guest {
    /// A guest with every import and an allocator that works.
    pub fn new() -> Guest {
        let wasm = BUMP_GUEST
            .with(|known| known.borrow_mut().get_or_insert_with(|| wat::parse_str(guest_text(BUMP)).unwrap()).clone());
        Guest::of(&wasm, Policy::default())
    }

    /// A guest with every import and this allocator.
    pub fn with_realloc(realloc: &str) -> Guest {
        Guest::of(&wat::parse_str(guest_text(realloc)).unwrap(), Policy::default())
    }

    /// Any guest.
    pub fn of(wasm: &[u8], policy: Policy) -> Guest {
        let engine = Engine::default();
        let wasm: &'static [u8] = Box::leak(wasm.to_vec().into_boxed_slice());
        let module = Module::new(&engine, wasm, lent(256 << 10)).unwrap();
        let mut store = Store::new(&engine, lent(512 << 10)).unwrap();
        let mut app = App { hardware: Hardware::new("guest", policy, [Slot::FREE; SLOTS]), board: Bench::default() };
        let instance = Linker::new(TABLES).instantiate(&mut store, &module, &mut app).unwrap();
        let memory = store.export(instance, "memory").and_then(Extern::memory).unwrap();
        Guest { store, app, instance, memory, signatures: signatures() }
    }

    /// Begins a call of an export.
    pub fn spawn(&mut self, export: &str, arguments: &[i64]) -> Thread {
        let func = self.func(export);
        let types = self.store.func_type(func).params.to_vec();
        let values: Vec<Val> = types
            .iter()
            .zip(arguments)
            .map(|(ty, value)| match ty {
                wasmote::ValType::I32 => Val::I32(*value as i32),
                wasmote::ValType::I64 => Val::I64(*value),
                wasmote::ValType::F32 => Val::F32(*value as u32),
                other => panic!("{other:?}"),
            })
            .collect();
        self.store.spawn(func, &values).unwrap()
    }

    fn func(&self, export: &str) -> Func {
        self.store.export(self.instance, export).and_then(Extern::func).unwrap_or_else(|| panic!("{export}"))
    }

    /// Goes on with a call.
    pub fn run(&mut self, thread: Thread) -> Run {
        self.run_with(thread, u64::MAX)
    }

    /// Goes on with a call for about this much fuel.
    pub fn run_with(&mut self, thread: Thread, fuel: u64) -> Run {
        Linker::new(TABLES).run(&mut self.store, thread, &mut self.app, fuel)
    }

    /// Calls an export; its result, if it has one, or why there is none.
    pub fn call(&mut self, export: &str, arguments: &[i64]) -> Result<Option<i32>, Run> {
        let thread = self.spawn(export, arguments);
        let run = self.run(thread);
        let mut results = [Val::I32(0)];
        let count = self.store.results(thread, &mut results);
        self.store.end(thread);
        match (run, count, results) {
            (Run::Finished, 0, _) => Ok(None),
            (Run::Finished, 1, [Val::I32(value)]) => Ok(Some(value)),
            (run, ..) => {
                self.app.hardware.abandon();
                Err(run)
            }
        }
    }

    /// Calls the import of this name in the interface whose name contains `interface`.
    pub fn import(&mut self, interface: &str, name: &str, arguments: &[i64]) -> Result<Option<i32>, Run> {
        let export = self.export_of(interface, name);
        let outcome = self.call(&export, arguments);
        if outcome.is_ok() {
            CALLED.with_borrow_mut(|called| called.insert(export));
        }
        outcome
    }

    /// The export behind which an import is.
    pub fn export_of(&self, interface: &str, name: &str) -> String {
        let found = self.signatures.iter().find(|s| s.module.contains(interface) && s.name == name);
        let found = found.unwrap_or_else(|| panic!("{interface} {name}"));
        format!("{}#{}", found.module, found.name)
    }

    /// Calls an import whose result goes to memory, and gives all bytes there. What the host left as it was reads 0xaa.
    pub fn result<const N: usize>(&mut self, interface: &str, name: &str, arguments: &[i64]) -> [u8; N] {
        const AT: u32 = 0x800;
        self.write(AT, &[0xaa; 32]);
        let arguments: Vec<i64> = arguments.iter().copied().chain([i64::from(AT)]).collect();
        assert_eq!(self.import(interface, name, &arguments), Ok(None), "{interface} {name}");
        let mut behind = [0; 16];
        self.read(AT + N as u32, &mut behind);
        assert_eq!(behind, [0xaa; 16], "{interface} {name} wrote behind its result");
        let mut bytes = [0; N];
        self.read(AT, &mut bytes);
        bytes
    }

    /// Calls an import that must trap, and gives the trap.
    pub fn trap(&mut self, interface: &str, name: &str, arguments: &[i64]) -> Trap {
        match self.import(interface, name, arguments) {
            Err(Run::Trapped(trap)) => trap,
            other => panic!("{interface} {name} gave {other:?}"),
        }
    }

    pub fn write(&mut self, at: u32, bytes: &[u8]) {
        self.store.write(self.memory, at.into(), bytes).unwrap();
    }

    pub fn read(&self, at: u32, out: &mut [u8]) {
        self.store.read(self.memory, at.into(), out).unwrap();
    }

    pub fn bytes(&self, at: u32, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.read(at, &mut bytes);
        bytes
    }

    /// How often the allocator was asked.
    pub fn asked(&self) -> i32 {
        let asked = self.store.export(self.instance, "asked").and_then(Extern::global).unwrap();
        match self.store.global_get(asked) {
            Val::I32(count) => count,
            other => panic!("{other:?}"),
        }
    }

    /// Opens a label by the function of this name, and gives the handle.
    pub fn open(&mut self, interface: &str, name: &str, label: &str) -> i64 {
        const LABEL: u32 = 0x700;
        self.write(LABEL, label.as_bytes());
        let result = if interface == "open/i2c" {
            let bytes: [u8; 8] = self.result(interface, name, &[i64::from(LABEL), label.len() as i64]);
            (bytes[0], bytes[4])
        } else {
            let bytes: [u8; 16] = self.result(interface, name, &[i64::from(LABEL), label.len() as i64]);
            (bytes[0], bytes[4])
        };
        assert_eq!(result.0, 0, "{interface} {name} {label}");
        i64::from(result.1)
    }

    pub fn open_i2c(&mut self) -> i64 {
        self.open("open/i2c", "open", "i2c0")
    }

    pub fn open_spi(&mut self) -> i64 {
        self.open("wasi:spi/spi", "open", "flash")
    }
}

//! The hello programs of real toolchains in every size of arena, from nothing up to beyond what they need: each prints what it
//! should and ends well, or ends with an error that says that memory lacks, with a trap, or with an exit code of its own. More
//! memory is never worse, and what is needed stays below the 24 KiB that README and issue promise.

use std::fs;
use std::path::Path;
use wasmote::{Engine, HostFunc, InstantiateError, LinkErrorKind, Linker, Module, Run, SpawnError, Store, Trap};
use wasmote_tests::embed::code_memory;
use wasmote_wasi_p1::capability::{
    Clock, Host, Program, Random, Ready, Stdio, Stream,
    absent::{NoFiles, NoSockets},
};
use wasmote_wasi_p1::{Capabilities, ClockId, Errno, Filetype, P1, Slot, Wasi};

/// Arenas are tried in steps of this many bytes.
const STEP_BYTES: usize = 64;
/// What every one of these programs runs in.
const PROMISED_BYTES: usize = 24 << 10;

/// A host with arguments, outputs that are kept, a clock and entropy that never change, and nothing else.
struct Quiet;

impl Host for Quiet {
    type Program = Arguments;
    type Clock = Midnight;
    type Random = Sevens;
    type Stdio = Kept;
    type Files = NoFiles;
    type Sockets = NoSockets;
    type Table = [Slot<Quiet>; 4];
    type Scratch = [u8; 256];
    type Name = &'static str;
}

struct Arguments(&'static [&'static str]);

impl Program for Arguments {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        self.0.get(index).map(|text| text.as_bytes())
    }
    fn variable(&self, _: usize) -> Option<&[u8]> {
        None
    }
}

struct Midnight;

impl Clock for Midnight {
    fn now(&mut self, _: ClockId) -> Result<u64, Errno> {
        Ok(0)
    }
    fn resolution(&mut self, _: ClockId) -> Result<u64, Errno> {
        Ok(1)
    }
}

struct Sevens;

impl Random for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        bytes.fill(7);
        Ok(())
    }
}

#[derive(Default)]
struct Kept(Vec<u8>);

impl Stdio for Kept {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
        Ok(0)
    }
    fn write(&mut self, stream: Stream, from: &[u8]) -> Result<usize, Errno> {
        if stream == Stream::Output {
            self.0.extend_from_slice(from);
        }
        Ok(from.len())
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::CharacterDevice
    }
    fn ready(&mut self, _: Stream) -> Result<Option<Ready>, Errno> {
        Ok(Some(Ready::default()))
    }
}

/// How a program ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// It could not begin.
    Refused,
    Trapped(Trap),
    Exited(u32),
}

/// Runs a program in an arena of this size; gives its end and what it printed.
fn attempt(
    engine: &Engine,
    module: &Module<'_>,
    arguments: &'static [&'static str],
    arena_bytes: usize,
) -> (End, Vec<u8>) {
    let host = Capabilities {
        program: Arguments(arguments),
        clock: Midnight,
        random: Sevens,
        stdio: Kept::default(),
        files: NoFiles,
        sockets: NoSockets,
    };
    let mut wasi: Wasi<Quiet> = Wasi::new(host, [const { Slot::FREE }; 4], [0; 256]);
    let mut arena = vec![0xA5; arena_bytes];
    let end = execute(engine, module, &mut wasi, &mut arena);
    (end, std::mem::take(&mut wasi.host.stdio.0))
}

fn execute(engine: &Engine, module: &Module<'_>, wasi: &mut Wasi<Quiet>, arena: &mut [u8]) -> End {
    let tables: [&[HostFunc<Wasi<Quiet>>]; 1] = [P1::<Wasi<Quiet>>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let mut store = match Store::new(engine, arena) {
        Ok(store) => store,
        Err(lack) => {
            assert_ne!(lack.missing_bytes, 0);
            return End::Refused;
        }
    };
    let instance = match linker.instantiate(&mut store, module, wasi) {
        Ok(instance) => instance,
        Err(InstantiateError::Link(error)) => match error.kind {
            LinkErrorKind::OutOfMemory(lack) => {
                assert_ne!(lack.missing_bytes, 0);
                return End::Refused;
            }
            LinkErrorKind::Trap(Trap::OutOfMemory) => return End::Refused,
            other => panic!("{other:?}"),
        },
        Err(InstantiateError::Start(Run::Trapped(trap))) => return End::Trapped(trap),
        Err(other) => panic!("{other:?}"),
    };
    let start = store.export(instance, "_start").and_then(|export| export.func()).expect("a command");
    let thread = match store.spawn(start, &[]) {
        Ok(thread) => thread,
        Err(SpawnError::OutOfMemory(lack)) => {
            assert_ne!(lack.missing_bytes, 0);
            return End::Refused;
        }
        Err(other) => panic!("{other:?}"),
    };
    match linker.run(&mut store, thread, wasi, 10_000_000) {
        Run::Finished => End::Exited(0),
        Run::Exited(code) => End::Exited(code),
        Run::Trapped(trap) => End::Trapped(trap),
        other => panic!("neither ended nor trapped: {other:?}"),
    }
}

/// Runs a program in every size of arena; gives the least in which it ends well.
fn sweep(program: &str, arguments: &'static [&'static str]) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let wasm = fs::read(folder.join(format!("prebuilt/{program}.wasm"))).expect("the module is in the tree");
    let expected = fs::read(folder.join(format!("expected/{program}.out"))).expect("what it prints is in the tree");
    let engine = Engine::default();
    let mut code = code_memory(&wasm);
    let module = Module::new(&engine, &wasm, &mut code).unwrap_or_else(|error| panic!("{program}: {error}"));
    let (mut least, mut ends) = (None, Vec::<(End, usize)>::new());
    for size in (0..=PROMISED_BYTES).step_by(STEP_BYTES) {
        let (end, printed) = attempt(&engine, &module, arguments, size);
        if ends.last().is_none_or(|(last, _)| *last != end) {
            ends.push((end, size));
        }
        match end {
            End::Exited(0) => {
                let (found, wanted) = (String::from_utf8_lossy(&printed), String::from_utf8_lossy(&expected));
                assert_eq!(found, wanted, "{program} with {size} bytes");
                least = least.or(Some(size));
            }
            // A guest that is denied memory says so in its own way: it aborts, or exits.
            End::Refused
            | End::Exited(_)
            | End::Trapped(Trap::OutOfMemory | Trap::StackOverflow | Trap::Unreachable) => {
                assert_eq!(
                    least, None,
                    "{program} ends well with less than {size} bytes, but not with {size}: {end:?}"
                );
                assert!(expected.starts_with(&printed), "{program} with {size} bytes prints {printed:02x?}");
            }
            End::Trapped(trap) => panic!("{program} with {size} bytes: {trap:?}"),
        }
    }
    println!("{program}: {ends:?}");
    least.unwrap_or_else(|| panic!("{program} does not run in {PROMISED_BYTES} bytes"))
}

#[test]
fn hello_of_clang_in_every_size() {
    assert!(sweep("hello-clang", &["hello-clang.wasm", "one", "two words"]) > 2048);
}

#[test]
fn hello_of_zig_in_every_size() {
    assert!(sweep("hello-zig", &["hello-zig.wasm", "one"]) > 2048);
}

#[test]
fn hello_of_rust_in_every_size() {
    assert!(sweep("hello-rust", &["hello-rust.wasm", "one", "two words"]) > 2048);
}

#[test]
fn hello_of_assemblyscript_in_every_size() {
    assert!(sweep("hello-assemblyscript", &["hello-assemblyscript.wasm", "one"]) > 2048);
}

#[test]
fn nine_kibibytes_touched_in_scattered_places_in_every_size() {
    assert!(sweep("scattered", &["scattered.wasm"]) <= 16 << 10);
}

//! A guest whose directories lie in three file systems: in RAM, in flash, and a tree that came with the firmware and can only
//! be read. A real program copies between them, and none leads into another.

use std::fs;
use std::marker::PhantomData;
use std::path::Path;
use wasmote::{Engine, HostFunc, Linker, Module, Run, Store};
use wasmote_tests::nor::SimulatedNor;
use wasmote_wasi_p1::{
    Capabilities, Errno, Filetype, P1, Rights, Slot, Wasi,
    bundle::{Bundle, Content, Item},
    capability::{
        FileSystem, Host, Lent as Words, Ready, Stdio, Stream,
        absent::{NoClock, NoRandom, NoSockets},
    },
    flashfs::{FlashFs, Lent, NameSlot, NodeSlot, cache::Cache},
    mixed::{Either, Mixed},
    ramfs::RamFs,
};

/// A board with these files and a console.
struct Board<'w, F>(PhantomData<(&'w (), F)>);

impl<'w, F: FileSystem> Host for Board<'w, F> {
    type Program = Words<'w>;
    type Clock = NoClock;
    type Random = NoRandom;
    type Stdio = Console;
    type Files = F;
    type Sockets = NoSockets;
    type Table = [Slot<Board<'w, F>>; 12];
    type Scratch = [u8; 256];
    type Name = &'static str;
}

#[derive(Default)]
struct Console(Vec<u8>);

impl Stdio for Console {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Errno> {
        Ok(0)
    }
    fn write(&mut self, _: Stream, from: &[u8]) -> Result<usize, Errno> {
        self.0.extend_from_slice(from);
        Ok(from.len())
    }
    fn filetype(&mut self, _: Stream) -> Filetype {
        Filetype::CharacterDevice
    }
    fn ready(&mut self, _: Stream) -> Result<Option<Ready>, Errno> {
        Ok(Some(Ready::default()))
    }
}

/// Runs the program `copy` with these arguments and directories; the files, its exit code, and what it printed.
fn copy<F: FileSystem>(files: F, roots: [(&'static str, F::Handle); 3], arguments: &[&str]) -> (F, u32, String) {
    let host = Capabilities {
        program: Words { arguments, variables: &[] },
        clock: NoClock,
        random: NoRandom,
        stdio: Console::default(),
        files,
        sockets: NoSockets,
    };
    let mut wasi = Wasi::<Board<'_, F>>::new(host, [const { Slot::FREE }; 12], [0; 256]);
    for (name, root) in roots {
        wasi.preopen(name, root, Rights::ALL, Rights::ALL).expect("a free descriptor");
    }
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs/prebuilt/copy-clang.wasm");
    let wasm = fs::read(module).expect("kept");
    let (mut code, mut arena) = (vec![0; 256 << 10], vec![0; 64 << 10]);
    let engine = Engine::default();
    let module = Module::new(&engine, &wasm, &mut code).expect("a valid module");
    let mut store = Store::new(&engine, &mut arena).expect("room");
    let tables: [&[HostFunc<Wasi<Board<'_, F>>>]; 1] = [P1::<Wasi<Board<'_, F>>>::FUNCTIONS];
    let linker = Linker::new(&tables);
    let instance = linker.instantiate(&mut store, &module, &mut wasi).expect("it links");
    let start = store.export(instance, "_start").and_then(|export| export.func()).expect("a start");
    let thread = store.spawn(start, &[]).expect("it starts");
    let exit = match linker.run(&mut store, thread, &mut wasi, u64::MAX) {
        Run::Finished => 0,
        Run::Exited(code) => code,
        other => panic!("{other:?}"),
    };
    wasi.close_all();
    (wasi.host.files, exit, String::from_utf8(wasi.host.stdio.0).expect("text"))
}

#[test]
fn a_guest_copies_between_ram_flash_and_firmware() {
    const POEM: &str = "a line\nanother line\n";
    let items = [
        Item { parent: 0, name: "", content: Content::Directory },
        Item { parent: 0, name: "docs", content: Content::Directory },
        Item { parent: 1, name: "poem", content: Content::File(POEM.as_bytes()) },
        Item { parent: 1, name: "link", content: Content::Symlink("poem") },
    ];
    let mut memory = vec![0; 16 << 10];
    let (mut names, mut nodes) = ([NameSlot::FREE; 16], [NodeSlot::FREE; 16]);
    let flash = SimulatedNor::new(8);
    let range = flash.range();
    let lent = Lent { names: &mut names, nodes: &mut nodes, device: 2, now_ns: || 0 };
    let mut files = Mixed {
        a: Mixed {
            a: RamFs::new(&mut memory, 1, || 0).expect("room"),
            b: FlashFs::mount(flash, range, Cache::new_uncached(), lent).expect("room"),
        },
        b: Bundle::new(&items, 3).expect("a tree"),
    };
    for (arguments, exit, printed) in [
        (&["copy", "/firmware/docs/poem"][..], 0, POEM),
        (&["copy", "/firmware/docs/link", "/ram/poem"], 0, ""),
        (&["copy", "/ram/poem", "/flash/poem"], 0, ""),
        (&["copy", "/flash/poem"], 0, POEM),
        // What came with the firmware stays as it is, and each directory ends where its file system does.
        (&["copy", "/ram/poem", "/firmware/docs/poem"], 1, "Read-only file system"),
        (&["copy", "/ram/poem", "/firmware/new"], 1, "Read-only file system"),
        (&["copy", "/ram/../flash/poem"], 1, "Operation not permitted"),
        (&["copy", "/flash/../firmware/docs/poem"], 1, "Operation not permitted"),
        (&["copy", "/firmware/docs/../../ram/poem"], 1, "Operation not permitted"),
        (&["copy", "/ram/none"], 1, "No such file or directory"),
    ] {
        let roots = [
            ("/ram", Either::A(Either::A(files.a.a.root().expect("a root")))),
            ("/flash", Either::A(Either::B(files.a.b.root().expect("a root")))),
            ("/firmware", Either::B(files.b.root())),
        ];
        let (back, code, said) = copy(files, roots, arguments);
        files = back;
        assert_eq!(code, exit, "{arguments:?}: {said}");
        assert!(said.contains(printed), "{arguments:?}: {said}");
    }
}

//! Several ranges of guest memory at once: wherever the guest's bytes lie in the arena, each piece is where it should be.

use wasmote::{Engine, Extern, Linker, Memory, Module, Piece, Store, Trap};

fn piece(at: u32, len: u32) -> Piece {
    Piece { at, len, written: false }
}

/// A store with a memory of one page whose bytes at a few distant places are their address modulo 251.
fn with_memory(arena: &mut [u8], test: impl FnOnce(&mut Store<'_>, Memory)) {
    let engine = Engine::default();
    let wasm = wat::parse_str(r#"(module (memory (export "memory") 1))"#).unwrap();
    let mut code = [0; 4096];
    let module = Module::new(&engine, &wasm, &mut code).unwrap();
    let mut store = Store::new(&engine, arena).unwrap();
    let instance = Linker::<()>::new(&[]).instantiate(&mut store, &module, &mut ()).unwrap();
    let memory = store.export(instance, "memory").and_then(Extern::memory).unwrap();
    for start in [0u32, 5_000, 30_000, 65_400] {
        let bytes: Vec<u8> = (start..start + 100).map(|at| (at % 251) as u8).collect();
        store.write(memory, start.into(), &bytes).unwrap();
    }
    test(&mut store, memory);
}

#[test]
fn each_piece_is_found_whatever_the_order_and_wherever_it_lies() {
    // A small arena keeps the extents apart, a large one joins them.
    for arena_len in [4 << 10, 256 << 10] {
        with_memory(&mut vec![0; arena_len], |store, memory| {
            let wanted =
                [piece(65_436, 64), piece(10, 30), piece(5_000, 100), piece(20, 5), piece(30_050, 1), piece(40_000, 3)];
            let mut pieces = wanted;
            let bytes = store.pieces(memory, &mut pieces).unwrap();
            for (wanted, found) in wanted.iter().zip(&pieces) {
                let here = &bytes[found.at as usize..][..found.len as usize];
                let expected: Vec<u8> = (wanted.at..wanted.at + wanted.len)
                    .map(|at| if at == 40_000 || at == 40_001 || at == 40_002 { 0 } else { (at % 251) as u8 })
                    .collect();
                assert_eq!(here, expected, "{wanted:?}");
            }
            // What is written there is in the guest's memory.
            bytes[pieces[5].at as usize] = 77;
            let mut byte = [0];
            store.read(memory, 40_000, &mut byte).unwrap();
            assert_eq!(byte, [77]);
        });
    }
}

#[test]
fn empty_pieces_are_anywhere_within_the_memory_and_commit_nothing() {
    with_memory(&mut vec![0; 4 << 10], |store, memory| {
        let used = store.stats().used;
        let mut pieces = [piece(0x1_0000, 0), piece(20_000, 0), piece(5_001, 1)];
        let bytes = store.pieces(memory, &mut pieces).unwrap();
        assert_eq!((pieces[0].at, pieces[1].at), (0, 0));
        assert_eq!(bytes[pieces[2].at as usize], (5_001 % 251) as u8);
        assert_eq!(store.stats().used, used);
    });
}

#[test]
fn pieces_outside_of_the_memory_or_beyond_the_arena_are_refused() {
    with_memory(&mut vec![0; 4 << 10], |store, memory| {
        for bad in [piece(0x1_0000, 1), piece(0xffff, 2), piece(u32::MAX, u32::MAX), piece(0x1_0001, 0)] {
            assert_eq!(store.pieces(memory, &mut [piece(0, 1), bad]).err(), Some(Trap::MemoryOutOfBounds));
        }
        assert_eq!(store.pieces(memory, &mut [piece(0, 0x1_0000)]).err(), Some(Trap::OutOfMemory));
    });
}

#[test]
fn only_pieces_that_are_written_are_noted() {
    with_memory(&mut vec![0; 16 << 10], |store, memory| {
        store.watch_writes();
        let mut pieces = [piece(0, 8), Piece { at: 5_000, len: 4, written: true }];
        store.pieces(memory, &mut pieces).unwrap();
        assert_eq!(store.host_writes(), [(5_000, 4)]);
    });
}

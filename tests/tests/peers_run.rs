//! Guests that other engines ran wrongly, each as small as it can be. The comment before a test names the kind of bug. All run
//! under every dispatcher, folded and unfolded.

use wasmote::{Extern, Module, Outcome, Store, Trap, Val};
use wasmote_tests::embed::{End, Ran, assemble, call, code_memory, engines, exported, link, run, with_store};

const ARENA_BYTES: usize = 32 << 10;

fn i32s(values: &[i32]) -> Vec<Val> {
    values.iter().map(|value| Val::I32(*value)).collect()
}

fn gives(values: &[i32]) -> End {
    End::Finished(i32s(values))
}

/// Calls the export `f` of a module with each of these arguments.
fn check(text: &str, calls: &[(&[i32], End)]) {
    let wasm = assemble(text);
    for engine in engines() {
        for (arguments, end) in calls {
            with_store(&engine, &[&wasm], ARENA_BYTES, |store, instances| {
                let ran = call(store, instances[0], "f", &i32s(arguments), u64::MAX);
                assert_eq!(ran.end, *end, "f({arguments:?}), {:?}: {text:.400}", engine.config());
            });
        }
    }
}

/// An index that is multiplied by a label's size before it is compared, or compared as a signed number.
#[test]
fn an_index_beyond_a_jump_table_takes_the_default() {
    let beyond = [3, 4, 0x7FFF_FFFF, i32::MIN, i32::MIN + 1, -1, -2, 0x4000_0000, 0x2000_0001, 0x1000_0000];
    let calls: Vec<([i32; 1], i32)> =
        (0..3).map(|index| ([index], index)).chain(beyond.map(|index| ([index], 3))).collect();
    let calls: Vec<(&[i32], End)> = calls.iter().map(|(index, label)| (index.as_slice(), gives(&[*label]))).collect();
    check(
        "(module (func (export \"f\") (param i32) (result i32)
          (block (block (block (block (br_table 0 1 2 3 (local.get 0))) (return (i32.const 0))) (return (i32.const 1)))
            (return (i32.const 2))) (i32.const 3)))",
        &calls,
    );
    let calls: Vec<(&[i32], End)> = calls.iter().map(|(index, _)| (*index, gives(&[9]))).collect();
    check(
        "(module (func (export \"f\") (param i32) (result i32) (block (br_table 0 (local.get 0))) (i32.const 9)))",
        &calls,
    );
    // 70 000 labels, which 16 bits do not count; label n of every hundred is another one.
    let labels: String = (0..70_000).map(|n| if n % 100 == 7 { "1 " } else { "0 " }).collect();
    check(
        &format!(
            "(module (func (export \"f\") (param i32) (result i32)
              (block (block (block (br_table {labels} 2 (local.get 0))) (return (i32.const 0))) (return (i32.const 1)))
              (i32.const 2)))"
        ),
        &[
            (&[0], gives(&[0])),
            (&[7], gives(&[1])),
            (&[65_543], gives(&[0])),
            (&[65_507], gives(&[1])),
            (&[69_999], gives(&[0])),
            (&[70_000], gives(&[2])),
            (&[-1], gives(&[2])),
            (&[0x10007], gives(&[0])),
        ],
    );
}

/// Parameters and results counted in 7 or 8 bits.
#[test]
fn a_function_has_a_thousand_parameters_and_results() {
    const COUNT: usize = 1000;
    let params = "i32 ".repeat(COUNT);
    let reversed: String = (0..COUNT).rev().map(|n| format!("local.get {n} ")).collect();
    let arguments: String = (0..COUNT).map(|n| format!("(i32.mul (local.get 0) (i32.const {n}))")).collect();
    let wide = "i64 f32 f64 ".repeat(100);
    let text = format!(
        "(module (type $r (func (param {params}) (result {params}))) (table funcref (elem $reverse))
        (func $reverse (type $r) {reversed})
        (func $sum (param {params}) (result i32) (local $i i32) local.get 0 i32.const 3 i32.mul {})
        (func $wide (param {wide} i32) (result i32) local.get 300)
        (func (export \"f\") (param i32) (result i32)
          (call $sum (call_indirect (type $r) (call $reverse {arguments}) (i32.const 0)))
          (call $wide {} (i32.const 1)) i32.add))",
        (1..COUNT).map(|n| format!("local.get {n} i32.const {} i32.mul i32.add ", n + 3)).collect::<String>(),
        "(i64.const 9) (f32.const 9) (f64.const 9) ".repeat(100),
    );
    // Twice reversed is as it was: the sum of n * (n + 3).
    let sum: i32 = (0..COUNT as i32).map(|n| n * (n + 3)).sum();
    check(&text, &[(&[1], gives(&[sum + 1])), (&[-2], gives(&[-2 * sum + 1]))]);
}

/// Results that do not fit where the parameters were: many results of few parameters, at the top of a stack that must grow.
#[test]
fn more_results_than_parameters_find_room() {
    let results = "i64 ".repeat(900);
    let values: String = (0..900).map(|n| format!("i64.const {n} ")).collect();
    let sum = "i64.add ".repeat(899);
    check(
        &format!(
            "(module (func $many (result {results}) {values})
            (func (export \"f\") (param i32) (result i32) (call $many) {sum} i32.wrap_i64 local.get 0 i32.add))"
        ),
        &[(&[5], gives(&[899 * 450 + 5]))],
    );
}

/// An address and an offset added in 32 bits.
#[test]
fn addresses_reach_four_gibibytes_and_do_not_wrap() {
    let calls = |cases: &[(i32, End)]| -> Vec<([i32; 1], End)> {
        cases.iter().map(|(address, end)| ([*address], end.clone())).collect()
    };
    let outside = || End::Trapped(Trap::MemoryOutOfBounds);
    // A whole memory: only what is touched is committed.
    for (instructions, cases) in [
        (
            "(i32.store8 (local.get 0) (i32.const 77)) (i32.load8_u (local.get 0))",
            calls(&[(-1, gives(&[77])), (0, gives(&[77]))]),
        ),
        (
            "(i32.store (local.get 0) (i32.const 77)) (i32.load (local.get 0))",
            calls(&[(-4, gives(&[77])), (-3, outside()), (-1, outside())]),
        ),
        (
            "(i64.store offset=0xfffffff0 (local.get 0) (i64.const 7)) (i32.load offset=0xfffffff0 (local.get 0))",
            calls(&[
                (0, gives(&[7])),
                (8, gives(&[7])),
                (9, outside()),
                (16, outside()),
                (0x7FFF_FFFF, outside()),
                (-1, outside()),
            ]),
        ),
        (
            "(i32.load8_u offset=0xffffffff (local.get 0))",
            calls(&[(0, gives(&[0])), (1, outside()), (-1, outside()), (i32::MIN, outside())]),
        ),
        (
            "(i32.load16_s offset=0x80000000 (local.get 0))",
            calls(&[(0, gives(&[0])), (0x7FFF_FFFE, gives(&[0])), (0x7FFF_FFFF, outside()), (i32::MIN, outside())]),
        ),
        (
            "(memory.fill (local.get 0) (i32.const 5) (i32.const 16)) (i32.load8_u (local.get 0))",
            calls(&[(-16, gives(&[5])), (-15, outside()), (-1, outside())]),
        ),
        (
            "(memory.copy (local.get 0) (i32.const 0) (i32.const -1)) (i32.const 1)",
            calls(&[(0, gives(&[1])), (1, gives(&[1])), (2, outside()), (-1, outside())]),
        ),
        (
            "(memory.fill (i32.const 0) (local.get 0) (i32.const -1)) (i32.const 1)",
            calls(&[(0, gives(&[1])), (256, gives(&[1])), (1, End::Trapped(Trap::OutOfMemory))]),
        ),
    ] {
        let text = format!("(module (memory 65536) (func (export \"f\") (param i32) (result i32) {instructions}))");
        let cases: Vec<(&[i32], End)> = cases.iter().map(|(address, end)| (address.as_slice(), end.clone())).collect();
        check(&text, &cases);
    }
    // One page, and one byte.
    let small = |memory: &str, last: i32| {
        let text = format!(
            "(module (memory {memory}) (func (export \"f\") (param i32) (result i32) (i32.load8_u offset=1 (local.get 0))))"
        );
        check(&text, &[(&[last], gives(&[0])), (&[last + 1], outside()), (&[-1], outside()), (&[-2], outside())]);
    };
    small("1", 65_534);
    small("2 (pagesize 1)", 0);
    small("131 (pagesize 1)", 129);
}

/// Pages that are negative, or as many as overflow 32 or 64 bits when they become bytes.
#[test]
fn memory_grow_takes_no_negative_and_no_overflowing_number() {
    let denied = || gives(&[-1]);
    let text = |memory: &str| {
        format!("(module (memory {memory}) (func (export \"f\") (param i32) (result i32) (memory.grow (local.get 0))))")
    };
    let huge: [i32; 5] = [-1, i32::MIN, i32::MIN + 1, 0x7FFF_FFFF, 65_536];
    for memory in ["0", "1", "1 3", "65536", "0 0"] {
        let start = memory.split(' ').next().and_then(|pages| pages.parse().ok()).unwrap_or(0);
        check(&text(memory), &[(&[0], gives(&[start]))]);
        if memory != "0" {
            for pages in huge {
                check(&text(memory), &[(&[pages], denied())]);
            }
        }
    }
    check(&text("1 3"), &[(&[2], gives(&[1])), (&[3], denied())]);
    check(&text("65536"), &[(&[1], denied())]);
    // What the arena could never hold is denied, though the specification would allow it.
    check(&text("0"), &[(&[65_536], denied()), (&[65_537], denied()), (&[-1], denied())]);
    check(
        &text("10 (pagesize 1)"),
        &[(&[-1], denied()), (&[-10], denied()), (&[-11], denied()), (&[1000], gives(&[10]))],
    );
}

/// A tail call that leaves records, or takes arguments from a frame that it has overwritten: three instances that call one
/// another with more and fewer parameters each time, and end in a host function.
#[test]
fn tail_calls_between_instances_carry_their_arguments_and_leave_nothing() {
    let first = assemble(
        "(module (type $c (func (param i32 i64 i64 i64 i32) (result i32))) (import \"host\" \"twice\" (func $twice (param i32) (result i32)))
        (table (export \"t\") 2 funcref)
        (func (export \"a\") (param i32 i32) (result i32)
          (if (i32.eqz (local.get 0)) (then (return_call $twice (local.get 1))))
          (return_call_indirect (type $c) (i32.sub (local.get 0) (i32.const 1)) (i64.const 1) (i64.const 2)
            (i64.extend_i32_s (local.get 1)) (i32.const 9) (i32.const 0))))",
    );
    let second = assemble(
        "(module (import \"\" \"a\" (func $a (param i32 i32) (result i32)))
        (func (export \"b\") (param i32 i64) (result i32) (local i64 i64 i64 i64 i64 i64 i64 i64)
          (return_call $a (local.get 0) (i32.add (i32.wrap_i64 (local.get 1)) (i32.const 1)))))",
    );
    let third = assemble(
        "(module (import \"\" \"t\" (table 2 funcref)) (import \"\" \"b\" (func $b (param i32 i64) (result i32)))
        (import \"\" \"a\" (func $a (param i32 i32) (result i32))) (elem (i32.const 0) $c)
        (func $c (param i32 i64 i64 i64 i32) (result i32)
          (if (i32.ne (i32.const 9) (local.get 4)) (then unreachable))
          (return_call $b (local.get 0) (i64.add (local.get 3) (i64.add (local.get 1) (local.get 2)))))
        (func (export \"f\") (param i32) (result i32)
          (i32.add (call $a (local.get 0) (i32.const 0)) (call $a (i32.const 0) (local.get 0)))))",
    );
    for engine in engines() {
        for slice in [1, 100, u64::MAX] {
            with_store(&engine, &[&first, &second, &third], 8 << 10, |store, instances| {
                let before = store.stats().used;
                let ran = call(store, instances[2], "f", &i32s(&[30_000]), slice);
                // Each round adds 1 + 2 + 1; the host doubles; so does it with the argument alone.
                assert_eq!(ran.end, gives(&[30_000 * 4 * 2 + 60_000]));
                // The entry of the thread in the directory stays, to be used again.
                assert!(store.stats().used <= before + 16, "something is left: {:?}", store.stats());
                assert!(store.stats().peak < before + 1024, "{:?}", store.stats());
            });
        }
    }
}

/// `select` that compares or moves references as numbers, or takes 64 bits of them.
#[test]
fn select_and_null_tests_take_references() {
    check(
        "(module (table $t 3 externref) (table $f 2 funcref) (elem (table $f) (i32.const 0) func $a $b)
        (func $a (result i32) (i32.const 10)) (func $b (result i32) (i32.const 20))
        (table $chosen 1 funcref)
        (func (export \"f\") (param i32) (result i32)
          (table.set $chosen (i32.const 0) (select (result funcref) (ref.func $a) (ref.func $b) (local.get 0)))
          (i32.add (call_indirect $chosen (result i32) (i32.const 0))
            (i32.add (ref.is_null (select (result externref) (ref.null extern) (table.get $t (i32.const 1)) (local.get 0)))
              (ref.is_null (select (result funcref) (ref.null func) (table.get $f (i32.const 1)) (local.get 0)))))))",
        &[(&[1], gives(&[12])), (&[0], gives(&[21])), (&[-1], gives(&[12])), (&[256], gives(&[12]))],
    );
}

/// Indirect calls through a table of another instance: its functions run in their own instance, types are compared by
/// structure, and null, absent and wrong functions are told apart.
#[test]
fn indirect_calls_through_an_imported_table() {
    let owner = assemble(
        "(module (type (func)) (type $i (func (param i32) (result i32))) (table (export \"t\") 6 funcref) (global $g (mut i32) (i32.const 100))
        (elem (i32.const 0) $add $other $wide)
        (func $add (type $i) (global.set $g (i32.add (global.get $g) (local.get 0))) (global.get $g))
        (func $other) (func $wide (param i64) (result i32) (i32.const 1)))",
    );
    let user = assemble(
        "(module (type $i (func (param i32) (result i32))) (import \"\" \"t\" (table $t 6 funcref))
        (import \"host\" \"twice\" (func $twice (type $i))) (global $g (mut i32) (i32.const 7)) (elem (table $t) (i32.const 3) func $mine $twice)
        (func $mine (type $i) (i32.mul (local.get 0) (global.get $g)))
        (func (export \"f\") (param i32 i32) (result i32) (call_indirect $t (type $i) (local.get 1) (local.get 0)))
        (func (export \"tail\") (param i32 i32) (result i32)
          (return_call_indirect $t (type $i) (local.get 1) (local.get 0))))",
    );
    for engine in engines() {
        for name in ["f", "tail"] {
            with_store(&engine, &[&owner, &user], ARENA_BYTES, |store, instances| {
                for (index, end) in [
                    (0, gives(&[105])),
                    (0, gives(&[110])),
                    (3, gives(&[35])),
                    (4, gives(&[10])),
                    (1, End::Trapped(Trap::IndirectCallTypeMismatch)),
                    (2, End::Trapped(Trap::IndirectCallTypeMismatch)),
                    (5, End::Trapped(Trap::UninitializedElement)),
                    (6, End::Trapped(Trap::UndefinedElement)),
                    (-1, End::Trapped(Trap::UndefinedElement)),
                    (0x4000_0000, End::Trapped(Trap::UndefinedElement)),
                    (0, gives(&[115])),
                ] {
                    assert_eq!(
                        call(store, instances[1], name, &i32s(&[index, 5]), 1).end,
                        end,
                        "{name}, element {index}"
                    );
                }
            });
        }
    }
}

/// An instance whose start function traps is gone for its embedder, but not for those to whom it gave its functions.
#[test]
fn a_start_function_that_traps_leaves_what_it_did() {
    let owner = assemble("(module (table (export \"t\") 1 funcref) (memory (export \"m\") 1)
        (func (export \"f\") (result i32) (i32.add (call_indirect (result i32) (i32.const 0)) (i32.load (i32.const 8)))))");
    let failing = assemble(
        "(module (import \"\" \"t\" (table 1 funcref)) (import \"\" \"m\" (memory 1)) (global $g (mut i32) (i32.const 40))
        (elem (i32.const 0) $mine) (func $mine (result i32) (global.get $g))
        (func $start (global.set $g (i32.const 41)) (i32.store (i32.const 8) (i32.const 1)) (unreachable)) (start $start))",
    );
    for engine in engines() {
        with_store(&engine, &[&owner, &failing], ARENA_BYTES, |store, instances| {
            let start = store.start_func(instances[1]).expect("there is one");
            let thread = store.spawn(start, &[]).expect("it takes nothing");
            assert_eq!(run(store, thread, &mut |_| 1), End::Trapped(Trap::Unreachable));
            store.end(thread);
            assert_eq!(call(store, instances[0], "f", &[], 1).end, gives(&[42]));
        });
    }
    // A data segment out of bounds: the segments before it are there, as are the elements.
    let segments = assemble(
        "(module (import \"\" \"t\" (table 1 funcref)) (import \"\" \"m\" (memory 1)) (elem (i32.const 0) $mine)
        (func $mine (result i32) (i32.const 30)) (data (i32.const 8) \"\\0c\") (data (i32.const 65535) \"ab\"))",
    );
    let engine = wasmote::Engine::default();
    let (mut first, mut second) = (code_memory(&owner), code_memory(&segments));
    let mut arena = vec![0; ARENA_BYTES];
    let mut store = Store::new(&engine, &mut arena).expect("the arena holds a store");
    let owner = Module::new(&engine, &owner, &mut first).expect("valid");
    let segments = Module::new(&engine, &segments, &mut second).expect("valid");
    let instance = link(&mut store, &owner, &[]).expect("it imports nothing");
    let error = link(&mut store, &segments, &[instance]).expect_err("the last segment does not fit");
    assert_eq!(error.kind, wasmote::LinkErrorKind::Trap(Trap::MemoryOutOfBounds));
    assert_eq!(call(&mut store, instance, "f", &[], 1).end, gives(&[42]));
    let memory = store.export(instance, "m").and_then(Extern::memory).expect("exported");
    let mut last = [9];
    store.read(memory, 65535, &mut last).expect("within the page");
    assert_eq!(last, [0], "the segment that does not fit was written in part");
}

/// Locals are zero up to the last slot that a frame can have, whatever lay there before.
#[test]
fn the_last_of_very_many_locals_is_zero() {
    // One slot is left for an operand.
    for count in [16_376, 16_380, 16_381, 16_382] {
        let many = format!("(local {})", "i32 ".repeat(count));
        let set: String = (0..count).map(|index| format!("(local.set {index} (i32.const -1))")).collect();
        let get = |back: usize| {
            format!("(func (export \"last{back}\") (result i32) {many} (local.get {}))", count - 1 - back)
        };
        let text = format!("(module (func (export \"dirty\") {many} {set}) {})", (0..4).map(get).collect::<String>());
        let wasm = assemble(&text);
        for engine in engines() {
            with_store(&engine, &[&wasm], 256 << 10, |store, instances| {
                for back in 0..4 {
                    assert_eq!(call(store, instances[0], "dirty", &[], u64::MAX).end, End::Finished(Vec::new()));
                    let end = call(store, instances[0], &format!("last{back}"), &[], u64::MAX).end;
                    assert_eq!(end, gives(&[0]), "{back} before the last of {count}");
                }
            });
        }
    }
}

/// A bulk operation that runs out of fuel has done all of its work when it is resumed, once; one that traps has done nothing.
#[test]
fn a_bulk_operation_is_whole_or_not_at_all() {
    let wasm = assemble(
        "(module (memory (export \"m\") 1) (data $d \"abcdefgh\") (table (export \"t\") 8 funcref) (elem $e func $a $a $a $a)
        (func $a)
        (func (export \"fill\") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
        (func (export \"copy\") (param i32 i32) (memory.copy (local.get 0) (i32.const 65530) (local.get 1)))
        (func (export \"init\") (param i32 i32) (memory.init $d (local.get 0) (i32.const 0) (local.get 1)))
        (func (export \"tcopy\") (param i32 i32) (table.copy (local.get 0) (i32.const 4) (local.get 1)))
        (func (export \"tinit\") (param i32 i32) (table.init $e (local.get 0) (i32.const 0) (local.get 1)))
        (func (export \"tfill\") (param i32 i32) (table.fill (local.get 0) (ref.func $a) (local.get 1)))
        (func (export \"null\") (param i32) (result i32) (ref.is_null (table.get (local.get 0)))))",
    );
    for engine in engines() {
        with_store(&engine, &[&wasm], ARENA_BYTES, |store, instances| {
            let instance = instances[0];
            let memory = store.export(instance, "m").and_then(Extern::memory).expect("exported");
            store.write(memory, 65530, b"source").expect("within the page");
            let content = |store: &Store<'_>| {
                let mut bytes = vec![0; 65536];
                store.read(memory, 0, &mut bytes).expect("the page");
                bytes
            };
            let nulls = |store: &mut Store<'_>| -> Vec<Ran> {
                (0..8).map(|n| call(store, instance, "null", &i32s(&[n]), u64::MAX)).collect()
            };
            let (before, elements) = (content(store), nulls(store));
            for (name, at, len) in [
                ("fill", 65530, 7),
                ("fill", 0, -1),
                ("copy", 0, 7),
                ("copy", 65531, 6),
                ("init", 65530, 8),
                ("init", 0, 9),
            ] {
                let ran = call(store, instance, name, &i32s(&[at, len]), 1);
                assert_eq!(ran.end, End::Trapped(Trap::MemoryOutOfBounds), "{name} {at} {len}");
            }
            for (name, at, len) in
                [("tcopy", 0, 5), ("tcopy", 6, 3), ("tinit", 0, 5), ("tinit", 6, 3), ("tfill", 6, 3), ("tfill", 0, -1)]
            {
                let ran = call(store, instance, name, &i32s(&[at, len]), 1);
                assert_eq!(ran.end, End::Trapped(Trap::TableOutOfBounds), "{name} {at} {len}");
            }
            assert_eq!((content(store), nulls(store)), (before.clone(), elements), "a trap left something behind");
            // Each pause is at the operation, which is not done twice: the copy overlaps itself.
            let mut expected = before;
            expected[65528..65532].copy_from_slice(b"sour");
            let thread = store.spawn(exported(store, instance, "copy"), &i32s(&[65528, 4])).expect("two numbers");
            let mut pauses = 0;
            while store.resume(thread, 1) == Outcome::OutOfFuel {
                pauses += 1;
                assert!(pauses < 100);
            }
            store.end(thread);
            assert_eq!(content(store), expected);
            assert_eq!(call(store, instance, "tinit", &i32s(&[1, 3]), 1).end, End::Finished(vec![]));
            let set: Vec<End> = nulls(store).into_iter().map(|ran| ran.end).collect();
            assert_eq!(set, [1, 0, 0, 0, 1, 1, 1, 1].map(|null| gives(&[null])));
        });
    }
}

/// Copies and fills over memory of which parts were never touched, forwards and backwards, against a plain array.
#[test]
fn bulk_operations_in_a_memory_with_gaps_do_what_they_do_in_an_array() {
    const SIZE: usize = 20_000;
    let wasm = assemble(&format!(
        "(module (memory (export \"m\") {SIZE} (pagesize 1))
        (func (export \"fill\") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
        (func (export \"copy\") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
        (func (export \"store\") (param i32 i32 i32) (i64.store (local.get 0)
          (i64.or (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 32)) (i64.extend_i32_u (local.get 2))))))"
    ));
    let mut random = fastrand::Rng::with_seed(7);
    for engine in engines() {
        // Small arenas keep extents apart, large ones join them.
        for arena in [8 << 10, 16 << 10, 64 << 10] {
            with_store(&engine, &[&wasm], arena, |store, instances| {
                let memory = store.memory_of(instances[0], 0).expect("it has one");
                let mut model = vec![0u8; SIZE];
                let mut failures = 0;
                for step in 0..400 {
                    let len = if random.bool() { random.usize(..40) } else { random.usize(..1500) };
                    let (to, from) = (random.usize(..SIZE), random.usize(..SIZE));
                    // Half of the copies overlap.
                    let from = if random.bool() { from } else { (to + random.usize(..200)).saturating_sub(100) };
                    let (name, second, third) = match random.u8(..4) {
                        0 => ("fill", random.u8(..3).into(), len),
                        1 => ("store", random.i32(..), random.u32(..) as usize),
                        _ => ("copy", from as i32, len),
                    };
                    let ran = call(store, instances[0], name, &i32s(&[to as i32, second, third as i32]), 1);
                    let fits = |at: usize, len: usize| at + len <= SIZE;
                    let inside = match name {
                        "fill" => fits(to, len),
                        "store" => fits(to, 8),
                        _ => fits(to, len) && fits(from, len),
                    };
                    match ran.end {
                        End::Trapped(Trap::OutOfMemory) if arena < SIZE => {
                            // What the arena cannot hold ends in the middle: go on from what is there.
                            failures += 1;
                            let before = model.clone();
                            store.read(memory, 0, &mut model).expect("the whole memory");
                            let touched = to..to + if name == "store" { 8 } else { len };
                            let outside = |(at, _): &(usize, &u8)| !touched.contains(at);
                            assert!(
                                before.iter().enumerate().filter(outside).eq(model.iter().enumerate().filter(outside))
                            );
                            continue;
                        }
                        End::Trapped(trap) => {
                            assert!(
                                trap == Trap::MemoryOutOfBounds && !inside,
                                "{name} {to} {second} {third}: {trap:?}"
                            );
                            continue;
                        }
                        End::Finished(_) => assert!(inside, "{name} {to} {second} {third} does not trap"),
                    }
                    match name {
                        "fill" => model[to..to + len].fill(second as u8),
                        "store" => {
                            let value = (second as u32 as u64) << 32 | third as u32 as u64;
                            model[to..to + 8].copy_from_slice(&value.to_le_bytes());
                        }
                        _ => model.copy_within(from..from + len, to),
                    }
                    let mut found = vec![1; SIZE];
                    store.read(memory, 0, &mut found).expect("the whole memory");
                    let wrong = found.iter().zip(&model).position(|(found, model)| found != model);
                    assert_eq!(wrong, None, "step {step}, {name} {to} {second} {third}, arena of {arena}");
                }
                assert!(arena < SIZE || failures == 0, "{failures} failures with {arena} bytes");
            });
        }
    }
}

//! Fuel, counted by hand for each construct in the table of runtime-core/ARCHITECTURE.md, and found the same under every
//! dispatcher, folded and unfolded, for every slice; and guests that are stopped at every amount of fuel there is, and go on
//! to the same end.

use wasmote::{Engine, Outcome, Store, Thread, Trap, Val};
use wasmote_tests::embed::{End, answer, assemble, call, engines, exported, link, results, run, with_store};
use wasmote_tests::guests::GUESTS;

const ARENA_BYTES: usize = 16 << 10;
/// Slices in which each count is repeated; the last is no limit.
const SLICES: [u64; 5] = [1, 2, 3, 7, u64::MAX];

/// What every counted guest has around its function `f`.
const FRAME: &str = r#"
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (import "host" "alloc" (func $alloc (param i32) (result i32)))
    (type $unary (func (param i32) (result i32)))
    (memory 1) (table $t 4 8 funcref) (table $full 1 1 funcref)
    (elem (table $t) (i32.const 0) func $inc $alloc) (elem $passive func $inc $inc $inc) (data $bytes "0123456789")
    (global $g (mut i32) (i32.add (i32.const 20) (i32.mul (i32.const 2) (i32.const 11))))
    (func $inc (type $unary) local.get 0 i32.const 1 i32.add)                              ;; 3
    (func $divides (param i32) (result i32) i32.const 1 local.get 0 i32.div_s nop nop)      ;; 5, whole if it traps
    (func (export "realloc") (type $unary) local.get 0 i32.const 8 i32.mul nop)            ;; 4
"#;

/// A function `f` with a parameter and a result, what it is called with, how it ends, and what that costs.
struct Count {
    body: &'static str,
    argument: i32,
    end: Result<i32, Trap>,
    fuel: u64,
}

const fn gives(body: &'static str, argument: i32, result: i32, fuel: u64) -> Count {
    Count { body, argument, end: Ok(result), fuel }
}

const fn traps(body: &'static str, argument: i32, trap: Trap, fuel: u64) -> Count {
    Count { body, argument, end: Err(trap), fuel }
}

fn check(counts: &[Count]) {
    for count in counts {
        let text =
            format!("(module {FRAME} (func $f (export \"f\") (param i32) (result i32) (local i32) {}))", count.body);
        let wasm = assemble(&text);
        let end = match count.end {
            Ok(value) => End::Finished(vec![Val::I32(value)]),
            Err(trap) => End::Trapped(trap),
        };
        for engine in engines() {
            for slice in SLICES {
                with_store(&engine, &[&wasm], ARENA_BYTES, |store, instances| {
                    let ran = call(store, instances[0], "f", &[Val::I32(count.argument)], slice);
                    let place =
                        format!("f({}) in slices of {slice}, {:?}: {}", count.argument, engine.config(), count.body);
                    assert_eq!(ran.end, end, "{place}");
                    assert_eq!(ran.fuel, count.fuel, "{place}");
                });
            }
        }
    }
}

#[test]
fn each_instruction_costs_one_and_end_and_else_cost_nothing() {
    check(&[
        gives("local.get 0", 7, 7, 1),
        gives("nop nop nop local.get 0", 7, 7, 4),
        // What folds into one operation is counted as it was written.
        gives("local.get 0 i32.const 1 i32.add local.set 1 local.get 1", 7, 8, 5),
        gives("local.get 0 i32.const 1 i32.add local.tee 1 drop local.get 1", 7, 8, 6),
        gives("global.get $g", 0, 42, 1),
        gives("(block (block (block br 1))) local.get 0", 7, 7, 5),
        gives("(block nop nop) local.get 0", 7, 7, 4),
        gives("(block (result i32) local.get 0)", 7, 7, 2),
        gives("local.get 0 i32.const 5 local.get 0 select", 0, 5, 4),
        gives("ref.null func ref.is_null", 0, 1, 2),
        gives("local.get 0 i32.load offset=4", 0, 0, 2),
        gives("i32.const 0 local.get 0 i32.store i32.const 0 i32.load", 9, 9, 5),
        gives("memory.size", 0, 1, 1),
    ]);
}

#[test]
fn a_branch_pays_for_what_is_run_only() {
    const IF: &str = "local.get 0 (if (result i32) (then i32.const 10 nop nop) (else i32.const 20 nop))";
    const IF_ALONE: &str = "local.get 0 (if (then nop nop nop)) i32.const 3";
    const BR_IF: &str = "(block local.get 0 br_if 0 nop nop nop) i32.const 3";
    const FUSED: &str = "(block local.get 0 i32.const 5 i32.lt_s br_if 0 nop nop nop) i32.const 3";
    const WITH_VALUE: &str = "(block (result i32) i32.const 1 local.get 0 br_if 0 drop nop i32.const 2)";
    const VALUE_MOVES: &str =
        "nop (block (result i32) i32.const 1 i32.const 8 local.get 0 br_if 0 nop drop drop i32.const 2)";
    const TABLE: &str =
        "(block (block (block local.get 0 br_table 0 1 2) nop i32.const 1 return) nop nop i32.const 2 return)
        i32.const 3";
    const LOOP: &str =
        "(loop $l local.get 0 i32.eqz (if (then i32.const 9 return)) local.get 0 i32.const 1 i32.sub local.set 0
        br $l) unreachable";
    check(&[
        // local.get, if, and the side that is taken
        gives(IF, 1, 10, 5),
        gives(IF, 0, 20, 4),
        gives(IF_ALONE, 1, 3, 6),
        gives(IF_ALONE, 0, 3, 3),
        gives(BR_IF, 1, 3, 4),
        gives(BR_IF, 0, 3, 7),
        gives(FUSED, 4, 3, 6),
        gives(FUSED, 5, 3, 9),
        gives(WITH_VALUE, 1, 1, 4),
        gives(WITH_VALUE, 0, 2, 7),
        // The value is moved if the branch is taken: still nothing but the text counts.
        gives(VALUE_MOVES, 1, 8, 6),
        gives(VALUE_MOVES, 0, 2, 10),
        // three blocks, local.get, br_table; then nop, const, return, or nop, nop, const, return, or const
        gives(TABLE, 0, 1, 8),
        gives(TABLE, 1, 2, 9),
        gives(TABLE, 2, 3, 6),
        gives(TABLE, -1, 3, 6),
        // loop; for a whole turn get, eqz, if, get, const, sub, set, br; in the last one get, eqz, if, const, return
        gives(LOOP, 0, 9, 6),
        gives(LOOP, 1, 9, 14),
        gives(LOOP, 100, 9, 806),
        // A branch back that carries nothing, and a conditional one: loop, n times (get, const, sub, tee, br_if), get
        gives("(loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0) local.get 0", 5, 0, 27),
        // A loop within a loop: outer and inner head once each, 3 turns of (const, set, loop, 2 turns of 5, 5 more)
        gives(
            "(loop $o i32.const 2 local.set 1 (loop $i local.get 1 i32.const 1 i32.sub local.tee 1 br_if $i)
              local.get 0 i32.const 1 i32.sub local.tee 0 br_if $o) local.get 0",
            3,
            0,
            1 + 3 * (3 + 2 * 5 + 5) + 1,
        ),
        gives("local.get 0 return", 7, 7, 2),
        gives("(block local.get 0 return) unreachable", 7, 7, 3),
        gives("local.get 0 (if (then i32.const 1 return)) nop i32.const 2", 1, 1, 4),
        gives("local.get 0 (if (then i32.const 1 return)) nop i32.const 2", 0, 2, 4),
    ]);
}

#[test]
fn a_call_costs_one_and_what_the_callee_runs() {
    check(&[
        gives("local.get 0 call $inc", 7, 8, 2 + 3),
        gives("local.get 0 call $inc call $inc nop", 7, 9, 4 + 6),
        gives("local.get 0 i32.const 0 call_indirect $t (type $unary)", 7, 8, 3 + 3),
        gives("local.get 0 return_call $inc", 7, 8, 2 + 3),
        gives("local.get 0 i32.const 0 return_call_indirect $t (type $unary)", 7, 8, 3 + 3),
        // f calls itself: get, eqz, if each time; const, return at the bottom; get, const, sub, call, const, add above it
        gives(
            "local.get 0 i32.eqz (if (then i32.const 100 return)) local.get 0 i32.const 1 i32.sub call $f i32.const 1 i32.add",
            10,
            110,
            10 * (3 + 6) + 3 + 2,
        ),
        // A million frames in one: get, eqz, if, get, const, sub, return_call
        gives(
            "local.get 0 i32.eqz (if (then i32.const 100 return)) local.get 0 i32.const 1 i32.sub return_call $f",
            1000,
            100,
            1000 * 7 + 5,
        ),
    ]);
}

#[test]
fn a_host_call_costs_one_and_its_callback_what_it_runs() {
    check(&[
        gives("local.get 0 call $twice", 7, 14, 2),
        gives("local.get 0 call $twice call $twice nop", 7, 28, 4),
        gives("local.get 0 return_call $twice", 7, 14, 2),
        gives("local.get 0 call $alloc", 7, 56, 2 + 4),
        gives("local.get 0 call $alloc call $alloc", 7, 448, 3 + 8),
        gives("local.get 0 return_call $alloc", 7, 56, 2 + 4),
        gives("local.get 0 i32.const 1 call_indirect $t (type $unary)", 7, 56, 3 + 4),
        gives("local.get 0 i32.const 1 return_call_indirect $t (type $unary)", 7, 56, 3 + 4),
    ]);
}

#[test]
fn bulk_operations_cost_their_length_and_failing_ones_one() {
    const FILL: &str = "i32.const 100 i32.const 7 local.get 0 memory.fill i32.const 100 i32.load8_u";
    const COPY: &str = "i32.const 0 i32.const 100 local.get 0 memory.copy i32.const 1";
    const INIT: &str = "i32.const 0 i32.const 0 local.get 0 memory.init $bytes i32.const 1 i32.load8_u";
    const TABLE_FILL: &str = "i32.const 1 ref.null func local.get 0 table.fill $t i32.const 1";
    const TABLE_COPY: &str = "i32.const 1 i32.const 0 local.get 0 table.copy $t $t i32.const 1";
    const TABLE_INIT: &str = "i32.const 1 i32.const 0 local.get 0 table.init $t $passive i32.const 1";
    const TABLE_GROW: &str = "ref.null func local.get 0 table.grow $t";
    check(&[
        gives(FILL, 0, 0, 6),
        gives(FILL, 1, 7, 6 + 1),
        gives(FILL, 5000, 7, 6 + 5000),
        traps(FILL, 65437, Trap::MemoryOutOfBounds, 6),
        traps(FILL, -1, Trap::MemoryOutOfBounds, 6),
        gives(COPY, 0, 1, 5),
        gives(COPY, 3000, 1, 5 + 3000),
        traps(COPY, 65437, Trap::MemoryOutOfBounds, 5),
        gives(INIT, 10, b'1'.into(), 6 + 10),
        traps(INIT, 11, Trap::MemoryOutOfBounds, 6),
        gives("data.drop $bytes i32.const 1", 0, 1, 2),
        gives(TABLE_FILL, 3, 1, 5 + 3),
        traps(TABLE_FILL, 4, Trap::TableOutOfBounds, 5),
        gives(TABLE_COPY, 3, 1, 5 + 3),
        traps(TABLE_COPY, 4, Trap::TableOutOfBounds, 5),
        gives(TABLE_INIT, 3, 1, 5 + 3),
        traps(TABLE_INIT, 4, Trap::TableOutOfBounds, 5),
        gives(TABLE_GROW, 0, 4, 3),
        gives(TABLE_GROW, 4, 4, 3 + 4),
        gives(TABLE_GROW, 5, -1, 3),
        gives("ref.null func local.get 0 table.grow $full", 1, -1, 3),
        gives("table.size $t elem.drop $passive", 0, 4, 2),
        gives("i32.const 2 ref.func $inc table.set $t i32.const 2 table.get $t ref.is_null", 0, 0, 6),
        gives("local.get 0 memory.grow", 0, 1, 2),
        gives("local.get 0 memory.grow", 65536, -1, 2),
        gives("local.get 0 memory.grow", -1, -1, 2),
    ]);
}

#[test]
fn a_trap_costs_the_whole_path_it_is_in() {
    check(&[
        traps("unreachable nop nop", 0, Trap::Unreachable, 1),
        traps("nop nop unreachable nop", 0, Trap::Unreachable, 3),
        // The path of a division reaches to the function's end, the branches on it not taken.
        traps("i32.const 1 local.get 0 i32.div_u nop nop", 0, Trap::IntegerDivideByZero, 5),
        traps("(block i32.const 1 local.get 0 i32.div_u br_if 0 nop) i32.const 1 nop", 0, Trap::IntegerDivideByZero, 8),
        // It ends at a loop's head, the `loop` being paid before it, and at an unconditional branch.
        traps("i32.const 1 local.get 0 i32.div_u (loop nop nop)", 0, Trap::IntegerDivideByZero, 4),
        traps("(block i32.const 1 local.get 0 i32.div_u drop br 0) nop i32.const 1", 0, Trap::IntegerDivideByZero, 6),
        // Within the first side of an `if` it ends at the `else`; within the other it goes on behind the `end`.
        traps(
            "local.get 0 (if (result i32) (then local.get 0 i32.const 0 i32.rem_s nop) (else i32.const 2)) nop nop",
            1,
            Trap::IntegerDivideByZero,
            6,
        ),
        traps(
            "local.get 0 (if (result i32) (then i32.const 2) (else local.get 0 i32.const 0 i32.rem_s nop)) nop nop",
            0,
            Trap::IntegerDivideByZero,
            8,
        ),
        // The caller's path is paid as well, to its end.
        traps("local.get 0 call $divides nop nop nop", 0, Trap::IntegerDivideByZero, 5 + 5),
        gives("local.get 0 call $divides nop nop nop", 1, 1, 5 + 5),
        traps("local.get 0 i32.const 3 call_indirect $t (type $unary) nop", 0, Trap::UninitializedElement, 4),
        traps("local.get 0 i32.const 4 call_indirect $t (type $unary) nop", 0, Trap::UndefinedElement, 4),
        traps("i32.const 0 call_indirect $t nop i32.const 1", 0, Trap::IndirectCallTypeMismatch, 4),
        traps("local.get 0 i32.load offset=65533 nop", 0, Trap::MemoryOutOfBounds, 3),
        traps("i32.const 65533 local.get 0 i32.store nop i32.const 1", 0, Trap::MemoryOutOfBounds, 5),
        traps("i32.const 9 table.get $t drop i32.const 1", 0, Trap::TableOutOfBounds, 4),
    ]);
}

/// A function of so much text that its branches need 32 bits counts as a short one does.
#[test]
fn a_function_with_wide_branches_is_counted_in_the_same_way() {
    const NOPS: u64 = 40_000;
    let nops = "nop ".repeat(NOPS as usize);
    let text = format!(
        "(module (func (export \"f\") (param i32) (result i32)
          (loop $l local.get 0 i32.const 2 i32.rem_u (if (then {nops}))
            local.get 0 i32.const 1 i32.sub local.tee 0 br_if $l) local.get 0))"
    );
    let wasm = assemble(&text);
    for engine in engines() {
        for slice in [1, 1000, u64::MAX] {
            with_store(&engine, &[&wasm], ARENA_BYTES, |store, instances| {
                let ran = call(store, instances[0], "f", &[Val::I32(5)], slice);
                assert_eq!(ran.end, End::Finished(vec![Val::I32(0)]));
                assert_eq!(ran.fuel, 1 + 5 * 9 + 3 * NOPS + 1, "in slices of {slice}, {:?}", engine.config());
            });
        }
    }
}

#[test]
fn constant_expressions_cost_nothing_and_a_start_function_what_it_runs() {
    let wasm = assemble(
        "(module (global i32 (i32.add (i32.const 1) (i32.const 2))) (memory 1) (data (i32.const 0) \"abc\")
        (func $start (local i32) (local.set 0 (i32.const 3)) nop) (start $start))",
    );
    for engine in engines() {
        with_store(&engine, &[&wasm], ARENA_BYTES, |store, instances| {
            let start = store.start_func(instances[0]).expect("there is a start function");
            let thread = store.spawn(start, &[]).expect("it takes nothing");
            assert_eq!(store.fuel_consumed(thread), 0);
            assert_eq!(run(store, thread, &mut |_| u64::MAX), End::Finished(vec![]));
            assert_eq!(store.fuel_consumed(thread), 3);
        });
    }
}

/// Runs until `fuel` units are consumed, or to the end; host calls are answered.
fn run_up_to(store: &mut Store<'_>, thread: Thread, fuel: u64) -> Option<End> {
    loop {
        let left = fuel.saturating_sub(store.fuel_consumed(thread));
        match store.resume(thread, left) {
            Outcome::Finished => return Some(End::Finished(results(store, thread))),
            Outcome::Trapped(trap) => return Some(End::Trapped(trap)),
            // What a callback's entry costs is consumed when it is asked for, and owed by the slice that follows.
            Outcome::OutOfFuel if store.fuel_consumed(thread) < fuel => {}
            Outcome::OutOfFuel => return None,
            Outcome::HostCall(call) => answer(store, thread, call),
        }
    }
}

fn for_each_guest(mut test: impl FnMut(&Engine, &[u8], &[Val], &End, u64)) {
    for (text, argument) in GUESTS {
        let wasm = assemble(text);
        let arguments = [Val::I32(argument)];
        let mut first = None;
        for engine in engines() {
            let whole = with_store(&engine, &[&wasm], ARENA_BYTES, |store, instances| {
                call(store, instances[0], "f", &arguments, u64::MAX)
            });
            let expected = first.get_or_insert(whole.clone());
            assert_eq!(whole, *expected, "{:?}: {text}", engine.config());
            test(&engine, &wasm, &arguments, &whole.end, whole.fuel);
        }
    }
}

#[test]
fn a_guest_stopped_at_any_amount_of_fuel_goes_on_to_the_same_end() {
    let mut stops = 0;
    for_each_guest(|engine, wasm, arguments, end, total| {
        for fuel in 0..=total + 1 {
            with_store(engine, &[wasm], ARENA_BYTES, |store, instances| {
                let thread = store.spawn(exported(store, instances[0], "f"), arguments).expect("one argument");
                let early = run_up_to(store, thread, fuel);
                let consumed = store.fuel_consumed(thread);
                assert!(early.is_some() || consumed >= fuel, "stopped after {consumed} units of {fuel}");
                assert!(early.is_some() || fuel <= total, "{fuel} units are more than {total}, and yet do not suffice");
                assert!(fuel != 0 || (early.is_none() && consumed == 0), "something runs without fuel");
                stops += u32::from(early.is_none());
                let last = early.unwrap_or_else(|| run(store, thread, &mut |_| u64::MAX));
                assert_eq!(last, *end, "stopped after {fuel} of {total} units, {:?}", engine.config());
                assert_eq!(store.fuel_consumed(thread), total, "stopped after {fuel} units, {:?}", engine.config());
            });
        }
    });
    assert!(stops > 4000, "only {stops} stops");
}

#[test]
fn a_guest_run_in_slices_of_any_length_comes_to_the_same_end() {
    for_each_guest(|engine, wasm, arguments, end, total| {
        // Every short slice, and every fifth of the others.
        for slice in (1..=total).filter(|slice| *slice < 40 || slice % 5 == 0) {
            with_store(engine, &[wasm], ARENA_BYTES, |store, instances| {
                let ran = call(store, instances[0], "f", arguments, slice);
                assert_eq!((&ran.end, ran.fuel), (end, total), "slices of {slice}, {:?}", engine.config());
            });
        }
    });
}

/// A balance is a guest's own: what one thread owes, another does not pay.
#[test]
fn a_debt_stays_with_its_thread() {
    let wasm = assemble(
        "(module (memory 1) (func (export \"f\") (memory.fill (i32.const 0) (i32.const 1) (i32.const 10000)) (loop nop))
        (func (export \"g\") (result i32) (i32.const 5)))",
    );
    for engine in engines() {
        with_store(&engine, &[&wasm], 32 << 10, |store, instances| {
            let owing = store.spawn(exported(store, instances[0], "f"), &[]).expect("no arguments");
            assert_eq!(store.resume(owing, 1), Outcome::OutOfFuel);
            // const, const, const, fill with its length, loop, and the loop's own path
            let total = 10_000 + 5 + 1;
            assert_eq!(store.fuel_consumed(owing), total);
            assert_eq!(call(store, instances[0], "g", &[], 1).fuel, 1);
            for _ in 0..10 {
                assert_eq!(store.resume(owing, 1000), Outcome::OutOfFuel, "the debt is not paid yet");
            }
            assert_eq!(store.resume(owing, 10), Outcome::Finished);
            assert_eq!(store.fuel_consumed(owing), total);
        });
    }
}

/// Instances that call one another pay as if they were one.
#[test]
fn calls_between_instances_cost_what_calls_cost() {
    let leaf =
        assemble("(module (func (export \"leaf\") (param i32) (result i32) local.get 0 i32.const 2 i32.mul nop))");
    let root = assemble(
        "(module (import \"\" \"leaf\" (func $leaf (param i32) (result i32)))
        (func (export \"plain\") (param i32) (result i32) local.get 0 call $leaf nop)
        (func (export \"tail\") (param i32) (result i32) local.get 0 return_call $leaf))",
    );
    for engine in engines() {
        for slice in SLICES {
            with_store(&engine, &[&leaf, &root], ARENA_BYTES, |store, instances| {
                for (name, fuel) in [("plain", 3 + 4), ("tail", 2 + 4)] {
                    let ran = call(store, instances[1], name, &[Val::I32(21)], slice);
                    assert_eq!(
                        (ran.end, ran.fuel),
                        (End::Finished(vec![Val::I32(42)]), fuel),
                        "{name}, slices of {slice}"
                    );
                }
            });
        }
    }
}

/// The embedder may call a host function itself; no guest runs, and nothing is counted.
#[test]
fn a_host_function_called_from_outside_costs_nothing() {
    let wasm = assemble(
        "(module (import \"host\" \"twice\" (func $twice (param i32) (result i32))) (export \"again\" (func $twice)))",
    );
    let engine = Engine::default();
    let mut code = wasmote_tests::embed::code_memory(&wasm);
    let module = wasmote::Module::new(&engine, &wasm, &mut code).expect("the module is valid");
    let mut arena = vec![0; ARENA_BYTES];
    let mut store = Store::new(&engine, &mut arena).expect("the arena holds a store");
    let instance = link(&mut store, &module, &[]).expect("its import is known");
    let ran = call(&mut store, instance, "again", &[Val::I32(4)], 1);
    assert_eq!((ran.end, ran.fuel), (End::Finished(vec![Val::I32(8)]), 0));
}

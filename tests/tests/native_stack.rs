//! The machine takes little of the native stack, and no more the longer it runs: ten million instructions under every
//! dispatcher, folded and unfolded, guests that call without end, and modules nested without measure, all on threads with a
//! few pages of stack. A handler that calls the next one instead of jumping to it, or a recursion over the guest's calls or
//! blocks, ends this test with a fault of the native stack, which no test can catch.

use std::sync::OnceLock;
use std::thread;
use wasmote::{Config, Dispatch, Engine, Module, Outcome, Store, Trap, Val};
use wasmote_tests::embed::{End, Ran, assemble, call, engines, exported, run, with_store};

/// What a thread has, the standard library's own use included. Without optimisation a function has a place of its own for every
/// temporary: the frame of the dispatching loop, one for all operations, is then 436 KiB.
fn stack_bytes(dispatch: Dispatch) -> usize {
    match (cfg!(debug_assertions), dispatch) {
        (true, Dispatch::Loop) => 512 << 10,
        (true, _) => 64 << 10,
        (false, _) => 24 << 10,
    }
}

/// What each guest runs at least.
const INSTRUCTIONS: u64 = 10_000_000;

/// Runs something under each engine on threads with a small stack.
fn on_small_stacks(test: impl Fn(&Engine) + Copy + Send + 'static) {
    for engine in engines() {
        let stack = stack_bytes(engine.config().dispatch);
        let thread = thread::Builder::new().stack_size(stack).spawn(move || test(&engine));
        if let Err(panic) = thread.expect("a thread can be made").join() {
            std::panic::resume_unwind(panic);
        }
    }
}

/// Loops, branches of every kind, calls, indirect calls, calls of another instance and of the host, memory in two extents.
const LEAF: &str = r#"(module (memory (export "m") 2) (func (export "leaf") (param i32) (result i32)
    (i32.store offset=100000 (i32.and (local.get 0) (i32.const 1020)) (local.get 0))
    (i32.load offset=100000 (i32.and (local.get 0) (i32.const 1020)))))"#;
const BUSY: &str = r#"(module (import "" "leaf" (func $leaf (param i32) (result i32))) (import "" "m" (memory 2))
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (type $u (func (param i32) (result i32))) (table 4 funcref) (elem (i32.const 0) $inc $leaf $twice $tail)
    (func $inc (type $u) (i32.add (local.get 0) (i32.const 1)))
    (func $tail (type $u) (return_call $inc (i32.xor (local.get 0) (i32.const 1))))
    (func (export "f") (param $n i32) (result i32) (local $i i32) (local $x i32) (local $d f64)
      (loop $l
        (local.set $x (call $inc (call_indirect (type $u) (local.get $x) (i32.and (local.get $i) (i32.const 1)))))
        (if (i32.eqz (i32.and (local.get $i) (i32.const 63)))
          (then (local.set $x (call_indirect (type $u) (local.get $x) (i32.const 2))))
          (else (local.set $x (call_indirect (type $u) (local.get $x) (i32.const 3)))))
        (block $b (block $a (br_table $a $b (i32.rem_u (local.get $x) (i32.const 3))))
          (i32.store (i32.and (local.get $i) (i32.const 0xffc)) (i32.rotl (local.get $x) (i32.const 5))))
        (local.set $d (f64.add (f64.mul (local.get $d) (f64.const 0.5)) (f64.convert_i32_u (local.get $x))))
        (local.set $x (i32.add (local.get $x) (i32.load8_u (i32.and (local.get $i) (i32.const 0xfff)))))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (i32.xor (local.get $x) (i32.trunc_sat_f64_s (local.get $d)))))"#;

#[test]
fn ten_million_instructions_under_every_dispatcher() {
    const TURNS: i32 = 200_000;
    on_small_stacks(|engine| {
        let modules = [assemble_aside(LEAF), assemble_aside(BUSY)];
        with_store(engine, &[&modules[0], &modules[1]], 32 << 10, |store, instances| {
            let ran = call(store, instances[1], "f", &[Val::I32(TURNS)], u64::MAX);
            assert!(ran.fuel >= INSTRUCTIONS, "only {} instructions", ran.fuel);
            static FIRST: OnceLock<Ran> = OnceLock::new();
            assert_eq!(*FIRST.get_or_init(|| ran.clone()), ran, "{:?}", engine.config());
            assert!(matches!(ran.end, End::Finished(_)), "{:?}", ran.end);
        });
    });
}

/// The assembler itself needs a stack of the usual size.
fn assemble_aside(text: &'static str) -> Vec<u8> {
    thread::spawn(|| assemble(text)).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Optimised builds have handlers that end in jumps; builds without optimisation, whose handlers would call, do not offer them.
#[test]
fn tail_calls_are_offered_only_where_they_are_jumps() {
    let asked = Engine::new(Config { dispatch: Dispatch::TailCall, ..Config::default() });
    if Dispatch::ALL.contains(&Dispatch::TailCall) {
        assert_eq!(asked.config().dispatch, Dispatch::TailCall);
    } else {
        assert_eq!(asked.config().dispatch, Config::default().dispatch);
    }
    // The core is optimised as its tests are, unless a profile says otherwise for it alone.
    assert_eq!(Dispatch::ALL.contains(&Dispatch::TailCall), !cfg!(debug_assertions));
}

/// Calls of each kind that never return: between functions, through a table, between instances.
#[test]
fn recursion_without_end_is_a_trap() {
    const OTHER: &str = r#"(module (table (export "t") 2 funcref) (type $f (func (param i32) (result i32)))
        (func (export "there") (type $f) (i32.add (call_indirect (type $f) (local.get 0) (i32.const 0)) (i32.const 1))))"#;
    const ENDLESS: &str = r#"(module (import "" "t" (table 2 funcref)) (type $f (func (param i32) (result i32)))
        (import "" "there" (func $there (type $f))) (elem (i32.const 0) $back $indirect)
        (func $direct (export "direct") (type $f) (i32.add (call $direct (local.get 0)) (i32.const 1)))
        (func $indirect (export "indirect") (type $f)
          (i32.add (call_indirect (type $f) (local.get 0) (i32.const 1)) (i32.const 1)))
        (func $back (export "instances") (type $f) (i32.add (call $there (local.get 0)) (i32.const 1)))
        (func $big (export "big") (type $f) (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
          (i32.add (call $big (local.get 0)) (i32.const 1)))
        (func (export "fine") (type $f) (local.get 0)))"#;
    on_small_stacks(|engine| {
        let modules = [assemble_aside(OTHER), assemble_aside(ENDLESS)];
        // A megabyte holds a hundred thousand frames, far more than the native stack could.
        for arena in [4 << 10, 1 << 20] {
            with_store(engine, &[&modules[0], &modules[1]], arena, |store, instances| {
                for name in ["direct", "indirect", "instances", "big", "direct"] {
                    let ran = call(store, instances[1], name, &[Val::I32(1)], 10_000);
                    assert_eq!(ran.end, End::Trapped(Trap::StackOverflow), "{name}, {:?}", engine.config());
                    let fine = call(store, instances[1], "fine", &[Val::I32(7)], 10_000);
                    assert_eq!(fine.end, End::Finished(vec![Val::I32(7)]), "after {name}");
                }
            });
        }
    });
}

/// A backtrace of a deep recursion is told frame by frame.
#[test]
fn a_backtrace_of_ten_thousand_frames_is_told() {
    const DEEP: &str = r#"(module (func $r (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (i32.add (call $r (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
          (else unreachable))))"#;
    on_small_stacks(|engine| {
        let wasm = assemble_aside(DEEP);
        with_store(engine, &[&wasm], 1 << 20, |store, instances| {
            let func = exported(store, instances[0], "f");
            let thread = store.spawn(func, &[Val::I32(9_999)]).expect("a number");
            assert_eq!(run(store, thread, &mut |_| u64::MAX), End::Trapped(Trap::Unreachable));
            let (mut frames, mut scratch) = (0, vec![0; 4096]);
            store.backtrace(thread, &mut scratch, &mut |frame| frames += usize::from(frame.func_index == 0));
            assert_eq!(frames, 10_000);
        });
    });
}

/// Validation and preparation do not recurse over blocks.
#[test]
fn a_hundred_thousand_nested_blocks_are_checked_and_run() {
    const DEPTH: usize = 100_000;
    on_small_stacks(|engine| {
        for block in [[0x02, 0x40].as_slice(), &[0x03, 0x40], &[0x41, 0x01, 0x04, 0x40]] {
            let body = [vec![0], block.repeat(DEPTH), vec![0x0B; DEPTH + 1]].concat();
            let mut entry = vec![1];
            leb128::write::unsigned(&mut entry, body.len() as u64).expect("a vector takes all");
            let mut wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0A".to_vec();
            leb128::write::unsigned(&mut wasm, (entry.len() + body.len()) as u64).expect("a vector takes all");
            wasm.extend([entry, body].concat());
            let mut code = vec![0; 16 << 20];
            let mut arena = vec![0; 4096];
            let module = Module::new(engine, &wasm, &mut code).unwrap_or_else(|error| panic!("{error}"));
            let mut store = Store::new(engine, &mut arena).expect("the arena holds a store");
            let instance = store.instantiate(&module, &mut |_, _| None).expect("it imports nothing");
            let thread = store.spawn(exported(&store, instance, "f"), &[]).expect("no arguments");
            assert_eq!(store.resume(thread, u64::MAX), Outcome::Finished);
        }
    });
}

//! A paused thread is in the arena and nowhere else: "every live value is in its slot at a block head and at a host call". There is
//! no public way to read a paused frame's locals and operands, so this is shown from outside, in two ways.
//!
//! Between any two resumes everything that is not the thread's own is changed: other threads run in other instances, frame stacks are
//! made and ended on both sides, tables and memories below and above grow so that every segment slides, and the store
//! itself is moved. What a register, an accumulator or an address kept would lead astray.
//!
//! And a guest's pauses are the same under every dispatcher, folded and unfolded: as many, at the same fuel, in the same functions,
//! called from the same instructions, with the same memory and globals, and the same arguments of host calls.

use wasmote::{Engine, Extern, Instance, Module, Outcome, Store, Thread, Trap, Val};
use wasmote_tests::embed::{End, answer, assemble, call, code_memory, engines, exported, link, results, run};
use wasmote_tests::guests::GUESTS;

const ARENA_BYTES: usize = 512 << 10;

/// A bystander whose segments lie before and behind the guest's, with things that grow.
const BYSTANDER: &str = r#"(module (memory (export "m") 1) (table (export "t") 1 funcref) (global $n (mut i32) (i32.const 0))
    (func (export "work") (param i32) (result i32) (local $i i32) (local $x i64)
      (local.set $x (i64.const 0x0123456789abcdef))
      (loop $l
        (local.set $x (i64.rotl (i64.mul (local.get $x) (i64.const 0x9e3779b97f4a7c15)) (i64.const 23)))
        (i64.store (i32.and (i32.wrap_i64 (local.get $x)) (i32.const 0xfff8)) (local.get $x))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0))))
      (global.set $n (i32.add (global.get $n) (local.get $i)))
      (i32.wrap_i64 (local.get $x)))
    (func $deep (export "deep") (param i32) (result i32) (local i64 i64 i64 i64)
      (local.set 1 (i64.const -1))
      (if (result i32) (local.get 0) (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (else (i32.const 0)))))"#;

/// What moves the arena between two resumes.
struct Commotion {
    instances: [Instance; 2],
    /// Work that goes on for as long as the test does.
    workers: [Thread; 2],
    steps: u32,
}

impl Commotion {
    fn new(store: &mut Store<'_>, instances: [Instance; 2]) -> Commotion {
        let workers = instances.map(|instance| {
            let work = exported(store, instance, "work");
            store.spawn(work, &[Val::I32(i32::MAX)]).expect("the arena holds a thread")
        });
        Commotion { instances, workers, steps: 0 }
    }

    /// One step: each time something else happens below and above the guest.
    fn stir(&mut self, store: &mut Store<'_>) {
        self.steps += 1;
        let instance = self.instances[self.steps as usize % 2];
        store.resume(self.workers[self.steps as usize % 2], 9);
        match self.steps % 4 {
            0 => {
                let ran = call(store, instance, "deep", &[Val::I32((self.steps % 50) as i32)], 5);
                assert_eq!(ran.end, End::Finished(vec![Val::I32((self.steps % 50) as i32)]));
            }
            1 => {
                let table = store.export(instance, "t").and_then(Extern::table).expect("exported");
                // Tables are not shrunk; a thousand steps grow them by some kilobytes.
                store.table_grow(table, self.steps % 3, Val::FuncRef(None)).expect("the arena holds the table");
            }
            2 => {
                let memory = store.export(instance, "m").and_then(Extern::memory).expect("exported");
                let place = u64::from(self.steps.wrapping_mul(40_503) % 0xFFF0);
                store.write(memory, place, &self.steps.to_le_bytes()).expect("the arena holds the memory");
            }
            _ => {
                // A thread that was begun and is ended in the middle: what it leaves in the buffer is used again.
                let deep = exported(store, instance, "deep");
                let thread = store.spawn(deep, &[Val::I32(30)]).expect("the arena holds a thread");
                assert_eq!(store.resume(thread, 100), Outcome::OutOfFuel);
                store.end(thread);
            }
        }
    }
}

/// Prepares the modules and instantiates them between two bystanders; the first is the guest's instance.
fn with_bystanders<R>(engine: &Engine, guest: &str, test: impl FnOnce(Store<'_>, Instance, [Instance; 2]) -> R) -> R {
    let wasms = [BYSTANDER, guest, BYSTANDER].map(assemble);
    let mut codes = [0, 1, 2].map(|n: usize| code_memory(&wasms[n]));
    let mut arena = vec![0; ARENA_BYTES];
    let mut store = Store::new(engine, &mut arena).expect("the arena holds a store");
    let mut instances = Vec::new();
    for (wasm, code) in wasms.iter().zip(&mut codes) {
        let module = Module::new(engine, wasm, code).unwrap_or_else(|error| panic!("{error}"));
        instances.push(link(&mut store, &module, &[]).unwrap_or_else(|error| panic!("{error}")));
    }
    test(store, instances[1], [instances[0], instances[2]])
}

#[test]
fn a_thread_goes_on_whatever_happens_between_its_slices() {
    for (text, argument) in GUESTS {
        for engine in engines() {
            let quiet = with_bystanders(&engine, text, |mut store, guest, _| {
                call(&mut store, guest, "f", &[Val::I32(argument)], u64::MAX)
            });
            let steps = with_bystanders(&engine, text, |mut store, guest, instances| {
                let mut commotion = Commotion::new(&mut store, instances);
                let thread = store.spawn(exported(&store, guest, "f"), &[Val::I32(argument)]).expect("a number");
                // The store moves to another address each time.
                let mut boxed = Box::new(store);
                let end = loop {
                    commotion.stir(&mut boxed);
                    let mut moved = std::hint::black_box(Box::new(*boxed));
                    match moved.resume(thread, 1) {
                        Outcome::Finished => break End::Finished(results(&moved, thread)),
                        Outcome::Trapped(trap) => break End::Trapped(trap),
                        Outcome::OutOfFuel => {}
                        Outcome::HostCall(call) => {
                            commotion.stir(&mut moved);
                            answer(&mut moved, thread, call);
                        }
                    }
                    boxed = moved;
                };
                (end, commotion.steps)
            });
            assert_eq!(steps.0, quiet.end, "{:?}: {text}", engine.config());
            assert!(steps.1 > 20, "only {} pauses: {text}", steps.1);
        }
    }
}

/// Two threads of one instance, each in the middle of the other: what they keep is in their own frames.
#[test]
fn threads_of_one_instance_do_not_see_one_anothers_frames() {
    let text = GUESTS[0].0;
    for engine in engines() {
        with_bystanders(&engine, text, |mut store, guest, _| {
            let mut alone = |n: i32| call(&mut store, guest, "f", &[Val::I32(n)], u64::MAX);
            let expected: Vec<_> = (2..10).map(&mut alone).collect();
            let fib = exported(&store, guest, "f");
            let threads: Vec<Thread> =
                (2..10).map(|n| store.spawn(fib, &[Val::I32(n)]).expect("the arena holds a thread")).collect();
            let mut ends: Vec<Option<End>> = vec![None; threads.len()];
            while ends.iter().any(Option::is_none) {
                for (thread, end) in threads.iter().zip(&mut ends) {
                    match store.resume(*thread, 1) {
                        Outcome::Finished => *end = Some(End::Finished(results(&store, *thread))),
                        other => assert_eq!(other, Outcome::OutOfFuel),
                    }
                }
            }
            for ((thread, end), expected) in threads.into_iter().zip(ends).zip(expected) {
                assert_eq!((end, store.fuel_consumed(thread)), (Some(expected.end), expected.fuel));
                store.end(thread);
            }
        });
    }
}

/// What can be seen of a paused thread.
#[derive(PartialEq, Debug)]
struct Pause {
    outcome: Seen,
    fuel: u64,
    /// Functions, innermost first, and the instructions that called the inner one; where the innermost stands differs by
    /// what is folded into the first operation of a block.
    frames: Vec<(u32, Option<u32>)>,
    memory: u64,
}

#[derive(PartialEq, Debug)]
enum Seen {
    Fuel,
    Host(u32, bool, Vec<Val>),
    Finished(Vec<Val>),
    Trapped(Trap),
}

fn look(store: &Store<'_>, thread: Thread, guest: Instance, outcome: Outcome) -> Pause {
    let outcome = match outcome {
        Outcome::OutOfFuel => Seen::Fuel,
        Outcome::Trapped(trap) => Seen::Trapped(trap),
        Outcome::Finished => Seen::Finished(results(store, thread)),
        Outcome::HostCall(call) => {
            let mut arguments = vec![Val::I32(0); store.host_args(thread, &mut [])];
            store.host_args(thread, &mut arguments);
            Seen::Host(call.id, call.called_back, arguments)
        }
    };
    let (mut frames, mut scratch) = (Vec::new(), vec![0; 64 << 10]);
    if !matches!(outcome, Seen::Finished(_)) {
        store.backtrace(thread, &mut scratch, &mut |frame| frames.push((frame.func_index, frame.offset)));
    }
    // A trap and a host call stand at an instruction of their own, a pause at a block's head.
    if let (Seen::Fuel, Some(innermost)) = (&outcome, frames.first_mut()) {
        assert!(innermost.1.is_some(), "a pause without a place");
        innermost.1 = None;
    }
    let memory = store.memory_of(guest, 0).map_or(0, |memory| {
        let mut bytes = vec![0; store.memory_size(memory) as usize];
        store.read(memory, 0, &mut bytes).expect("the whole memory");
        bytes.iter().fold(0u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3))
    });
    Pause { outcome, fuel: store.fuel_consumed(thread), frames, memory }
}

#[test]
fn pauses_are_the_same_in_every_way_of_running() {
    // Few turns: each pause hashes the whole memory.
    for ((text, _), argument) in GUESTS.into_iter().zip([5, 2, 4, 4, 0]) {
        let mut first: Option<Vec<Pause>> = None;
        for engine in engines() {
            let pauses = with_bystanders(&engine, text, |mut store, guest, _| {
                let thread = store.spawn(exported(&store, guest, "f"), &[Val::I32(argument)]).expect("a number");
                let mut pauses = Vec::new();
                loop {
                    let outcome = store.resume(thread, 1);
                    pauses.push(look(&store, thread, guest, outcome));
                    match outcome {
                        Outcome::Finished | Outcome::Trapped(_) => return pauses,
                        Outcome::OutOfFuel => {}
                        Outcome::HostCall(call) => answer(&mut store, thread, call),
                    }
                }
            });
            let expected = first.get_or_insert_default();
            if expected.is_empty() {
                assert!(pauses.len() > 8, "only {} pauses: {text}", pauses.len());
                *expected = pauses;
                continue;
            }
            for (number, (pause, expected)) in pauses.iter().zip(expected.iter()).enumerate() {
                assert_eq!(pause, expected, "pause {number}, {:?}: {text}", engine.config());
            }
            assert_eq!(pauses.len(), expected.len(), "{:?}: {text}", engine.config());
        }
    }
}

/// Every local of every type at once, across a pause in the middle of an expression whose operands wait on the stack.
#[test]
fn locals_and_waiting_operands_of_all_types_survive_every_pause() {
    let text = r#"(module (import "host" "nothing" (func $pause))
        (func $tick (param i32) (result i32) (call $pause) (local.get 0))
        (func (export "f") (param i32) (result i32)
          (local $a i32) (local $b i64) (local $c f32) (local $d f64) (local $e funcref) (local $g externref) (local $sum i64)
          (local.set $b (i64.const 0x1122334455667788)) (local.set $c (f32.const 1.5)) (local.set $d (f64.const -2.25))
          (local.set $e (ref.func $tick)) (local.set $a (i32.const 77))
          (loop $l
            (local.set $sum (i64.add (local.get $sum)
              (i64.add
                (i64.mul (local.get $b) (i64.const 3))
                (i64.add (i64.reinterpret_f64 (f64.mul (local.get $d) (f64.const 3)))
                  (i64.add (i64.extend_i32_u (i32.reinterpret_f32 (f32.add (local.get $c) (f32.const 0.25))))
                    (block $v (result i64)
                      (i64.extend_i32_u (i32.add (local.get $a)
                        (if (result i32) (call $tick (i32.and (local.get 0) (i32.const 1)))
                          (then (i32.add (ref.is_null (local.get $e)) (call $tick (i32.const 5))))
                          (else (i32.sub (call $tick (local.get $a)) (ref.is_null (local.get $g)))))))
                      (br_if $v (call $tick (i32.const 0)))))))))
            (local.set $b (i64.rotl (local.get $b) (i64.const 7)))
            (local.set $d (f64.add (local.get $d) (f64.const 1)))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (i32.wrap_i64 (i64.xor (local.get $sum) (i64.shr_u (local.get $sum) (i64.const 32)))))
        (elem declare func $tick))"#;
    // The same in Rust.
    let (mut sum, mut b, mut d) = (0u64, 0x1122_3344_5566_7788u64, -2.25f64);
    for n in (1..=6u32).rev() {
        let inner = 77 + if n & 1 == 1 { 5 } else { 77 - 1 };
        let terms = [b.wrapping_mul(3), (d * 3.0).to_bits(), u64::from(1.75f32.to_bits()), inner];
        sum = terms.into_iter().fold(sum, u64::wrapping_add);
        b = b.rotate_left(7);
        d += 1.0;
    }
    let expected = End::Finished(vec![Val::I32((sum ^ sum >> 32) as u32 as i32)]);
    for engine in engines() {
        with_bystanders(&engine, text, |mut store, guest, instances| {
            let mut commotion = Commotion::new(&mut store, instances);
            let thread = store.spawn(exported(&store, guest, "f"), &[Val::I32(6)]).expect("a number");
            let end = run(&mut store, thread, &mut |store| {
                commotion.stir(store);
                1
            });
            assert_eq!(end, expected, "{:?}", engine.config());
            assert!(commotion.steps > 40, "only {} pauses", commotion.steps);
        });
    }
}

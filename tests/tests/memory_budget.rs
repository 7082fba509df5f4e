//! Out of memory at every growth of the arena. Each guest runs in every size of arena from nothing up to well beyond the
//! size in which it finishes: memories that grow and are touched in scattered places, tables, frame stacks, several
//! instances, host calls that call back and write, bulk operations, and the hello programs of real toolchains.
//!
//! Whatever the size: nothing panics; what does not fit is an error that says how many bytes are missing, a -1, or a trap;
//! what the guest wrote before is there and nothing else; another instance and its thread, which ran in between, end with
//! the right results, and the store can be used on; and where the guest finishes its result is always the same.

use wasmote::{Engine, ErrorKind, Instance, LinkErrorKind, Module, OutOfMemory, SpawnError, Store, Trap, Val};
use wasmote_tests::embed::{End, assemble, call, code_memory, engines, exported, link, run};

/// Arenas are tried in steps of this many bytes, the unit of its segments.
const STEP_BYTES: usize = 8;
/// No guest here needs more.
const MAX_ARENA_BYTES: usize = 128 << 10;

/// What a guest gives if a growth was denied.
const DENIED: i32 = -1;

/// How far a guest came.
#[derive(Clone, PartialEq, Debug)]
enum Stage {
    /// It could not begin. A data segment for which there is no room traps, and does not say how much is missing.
    Refused(Option<OutOfMemory>),
    /// It was told that a growth failed, or stopped by a trap.
    Failed,
    /// It ran to its end.
    Finished(Vec<Val>),
}

impl From<OutOfMemory> for Stage {
    fn from(lack: OutOfMemory) -> Stage {
        Stage::Refused(Some(lack))
    }
}

/// A bystander: hashes a piece of memory `n` times.
const WITNESS: &str = r#"(module (memory 1) (data (i32.const 65500) "a witness of what happens to others")
    (func (export "hash") (param $n i32) (result i32) (local $hash i32) (local $at i32)
      (loop $again
        (local.set $at (i32.const 65500))
        (loop $byte
          (local.set $hash (i32.mul (i32.xor (local.get $hash) (i32.load8_u (local.get $at))) (i32.const 0x01000193)))
          (br_if $byte (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65536))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $hash)))"#;

fn witnessed(turns: i32) -> End {
    let mut bytes = b"a witness of what happens to others".to_vec();
    bytes.resize(36, 0);
    let all = (0..turns).flat_map(|_| bytes.iter());
    let hash = all.fold(0u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    End::Finished(vec![Val::I32(hash as i32)])
}

/// Runs the export `f` of the last module in an arena of this size, with a witness beside it.
fn attempt(engine: &Engine, modules: &[Module<'_>], arena: &mut [u8]) -> Stage {
    let bytes = arena.len();
    match begin(engine, modules, arena) {
        Ok((mut store, instances)) => go(&mut store, &instances).unwrap_or_else(|stage| stage),
        Err(stage) => {
            assert_ne!(stage, Stage::Refused(Some(OutOfMemory { missing_bytes: 0 })), "with {bytes} bytes");
            stage
        }
    }
}

fn begin<'a>(
    engine: &Engine,
    modules: &[Module<'a>],
    arena: &'a mut [u8],
) -> Result<(Store<'a>, Vec<Instance>), Stage> {
    let mut store = Store::new(engine, arena)?;
    let mut instances = Vec::new();
    for module in modules {
        match link(&mut store, module, &instances) {
            Ok(instance) => instances.push(instance),
            Err(error) => match error.kind {
                LinkErrorKind::OutOfMemory(lack) => return Err(lack.into()),
                LinkErrorKind::Trap(Trap::OutOfMemory) => return Err(Stage::Refused(None)),
                other => panic!("{other:?}"),
            },
        }
    }
    Ok((store, instances))
}

fn go(store: &mut Store<'_>, instances: &[Instance]) -> Result<Stage, Stage> {
    let (witness, guest) = (instances[0], instances[instances.len() - 1]);
    let lacking = |error| match error {
        SpawnError::OutOfMemory(lack) => Stage::from(lack),
        other => panic!("{other:?}"),
    };
    let bystander = store.spawn(exported(store, witness, "hash"), &[Val::I32(20)]).map_err(lacking)?;
    let thread = store.spawn(exported(store, guest, "f"), &[]).map_err(lacking)?;
    let end = run(store, thread, &mut |store| {
        store.resume(bystander, 7);
        40
    });
    store.end(thread);
    // The thread's stack is free again, so that small functions of all instances can run; its writes are still there.
    assert_eq!(call(store, guest, "check", &[], u64::MAX).end, End::Finished(vec![Val::I32(1)]), "after {end:?}");
    assert_eq!(run(store, bystander, &mut |_| 1000), witnessed(20), "after {end:?}");
    assert_eq!(call(store, witness, "hash", &[Val::I32(3)], 10).end, witnessed(3), "after {end:?}");
    let stats = store.stats();
    assert!(stats.used <= stats.total && stats.used <= stats.peak && stats.peak <= stats.total, "{stats:?}");
    Ok(match end {
        // `unreachable` is how a guest here gives up when it is denied memory.
        End::Trapped(Trap::OutOfMemory | Trap::StackOverflow | Trap::Unreachable) => Stage::Failed,
        End::Trapped(trap) => panic!("another trap: {trap:?}"),
        End::Finished(values) if values == [Val::I32(DENIED)] => Stage::Failed,
        End::Finished(values) => Stage::Finished(values),
    })
}

/// Sizes at which a guest begins to run, first finishes, and last fails.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Sizes {
    begins: usize,
    finishes: usize,
    last_failure: usize,
}

/// Runs a guest in every size of arena.
fn sweep(name: &str, engine: &Engine, texts: &[&str]) -> Sizes {
    let wasms: Vec<Vec<u8>> = [WITNESS].iter().chain(texts).map(|text| assemble(text)).collect();
    let mut codes: Vec<Vec<u8>> = wasms.iter().map(|wasm| code_memory(wasm)).collect();
    let modules: Vec<Module<'_>> = wasms
        .iter()
        .zip(&mut codes)
        .map(|(wasm, code)| Module::new(engine, wasm, code).unwrap_or_else(|error| panic!("{name}: {error}")))
        .collect();
    let Stage::Finished(expected) = attempt(engine, &modules, &mut vec![0; MAX_ARENA_BYTES]) else {
        panic!("{name} does not finish with plenty of memory")
    };
    let (mut begins, mut finishes, mut last_failure) = (None, None, 0);
    let mut wanted = 0;
    let mut size = 0;
    // On beyond the first size that suffices, for more memory must not be worse.
    while finishes.is_none_or(|finishes| size < finishes + finishes / 2) {
        match attempt(engine, &modules, &mut vec![0xA5; size]) {
            Stage::Refused(lack) => {
                assert_eq!(begins, None, "{name} begins with less than {size} bytes, but not with {size}: {lack:?}");
                last_failure = size;
                wanted = wanted.max(lack.map_or(0, |lack| size + lack.missing_bytes as usize));
            }
            Stage::Failed => {
                begins = begins.or(Some(size));
                last_failure = size;
            }
            Stage::Finished(values) => {
                assert_eq!(values, expected, "{name} with {size} bytes");
                begins = begins.or(Some(size));
                finishes = finishes.or(Some(size));
            }
        }
        size += STEP_BYTES;
        assert!(size < MAX_ARENA_BYTES, "{name} does not finish");
    }
    // A step that lacks some bytes succeeds when they are there: never more is named than the guest's beginning takes.
    assert!(
        begins.is_some_and(|begins| wanted <= begins),
        "{name} is told to want {wanted} bytes, begins with {begins:?}"
    );
    let sizes = Sizes { begins: begins.unwrap_or(size), finishes: finishes.unwrap_or(size), last_failure };
    println!("{name}, {:?}: {sizes:?}", engine.config());
    sizes
}

/// Sweeps under the first engine, and under the last, which differs in dispatcher and folding, and compares.
fn budget(name: &str, texts: &[&str]) {
    let engines = engines();
    let sweeps = [&engines[0], &engines[engines.len() - 1]].map(|engine| sweep(name, engine, texts));
    for sizes in sweeps {
        assert!(sizes.begins < sizes.finishes, "{name} never runs out of memory: {sizes:?}");
        assert_eq!(sizes, sweeps[0], "{name} needs another amount under another engine");
    }
}

/// More memory is never worse: a guest that finishes in an arena finishes in every larger one.
fn more_is_enough(name: &str, texts: &[&str]) {
    let sizes = sweep(name, &Engine::default(), texts);
    // Two granules of leeway: when memory is short, extents that lie next to one another are not parted again for less.
    assert!(sizes.last_failure < sizes.finishes + 256, "{name} fails with more memory than it can do with: {sizes:?}");
}

const SCATTERED: &[&str] = &[r#"(module (memory 8) (global $n (mut i32) (i32.const 0))
        (func $at (param i32) (result i32)
          (i32.and (i32.mul (local.get 0) (i32.const 0x9E3779B1)) (i32.const 0x7FFFC)))
        (func (export "f") (result i32) (local $i i32) (local $sum i32)
          (loop $l
            (i32.store (call $at (global.get $n)) (i32.xor (global.get $n) (i32.const 0x5A5A)))
            (global.set $n (i32.add (global.get $n) (i32.const 1)))
            (br_if $l (i32.lt_u (global.get $n) (i32.const 40))))
          (loop $l
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load (call $at (local.get $i)))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
          (i32.and (local.get $sum) (i32.const 0x7fffffff)))
        (func (export "check") (result i32) (local $i i32)
          (loop $l
            (if (i32.ne (i32.load (call $at (local.get $i)))
                  (if (result i32) (i32.lt_u (local.get $i) (global.get $n))
                    (then (i32.xor (local.get $i) (i32.const 0x5A5A))) (else (i32.const 0))))
              (then (return (i32.const 0))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
          (i32.const 1)))"#];

const GROWING: &[&str] = &[
    r#"(module (memory 1) (table $t 1 funcref) (elem declare func $seven) (global $n (mut i32) (i32.const 1))
        (func $seven (result i32) (i32.const 7))
        (func (export "f") (result i32) (local $sum i32)
          (loop $l
            (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (return (i32.const -1))))
            (if (i32.eq (table.grow $t (ref.func $seven) (i32.const 50)) (i32.const -1)) (then (return (i32.const -1))))
            (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (memory.size))
            (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 65536)) (memory.size))
            (global.set $n (memory.size))
            (local.set $sum
              (i32.add (local.get $sum) (call_indirect $t (result i32) (i32.sub (table.size $t) (i32.const 1)))))
            (br_if $l (i32.lt_u (memory.size) (i32.const 12))))
          (i32.add (local.get $sum) (i32.load (i32.const 0x4fffc))))
        (func (export "check") (result i32) (local $i i32)
          (local.set $i (i32.const 2))
          (block $done (loop $page
            (br_if $done (i32.gt_u (local.get $i) (global.get $n)))
            (if (i32.ne (local.get $i) (i32.load (i32.sub (i32.mul (local.get $i) (i32.const 65536)) (i32.const 4))))
              (then (return (i32.const 0))))
            (if (i32.ne (local.get $i) (i32.load (i32.sub (i32.mul (local.get $i) (i32.const 65536)) (i32.const 65536))))
              (then (return (i32.const 0))))
            (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $page)))
          (local.set $i (i32.const 1))
          (block $done (loop $element
            (br_if $done (i32.ge_u (local.get $i) (table.size $t)))
            (if (i32.ne (call_indirect $t (result i32) (local.get $i)) (i32.const 7)) (then (return (i32.const 0))))
            (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $element)))
          (ref.is_null (table.get $t (i32.const 0)))))"#,
];

const RECURSION: &[&str] = &[r#"(module (memory 4) (global $deepest (mut i32) (i32.const 0))
        (func $r (param i32) (result i32) (local i64 i64 i64 i64 i32)
          (local.set 1 (i64.extend_i32_u (local.get 0)))
          (local.set 4 (i64.mul (local.get 1) (i64.const 0x100000001)))
          (i32.store (i32.mul (local.get 0) (i32.const 1000)) (local.get 0))
          (global.set $deepest (local.get 0))
          (if (result i32) (i32.eq (local.get 0) (i32.const 60)) (then (i32.const 0)) (else
            (i32.add (call $r (i32.add (local.get 0) (i32.const 1)))
              (i32.add (i32.wrap_i64 (i64.shr_u (local.get 4) (i64.const 32)))
                (i32.load (i32.mul (local.get 0) (i32.const 1000))))))))
        (func (export "f") (result i32) (call $r (i32.const 1)))
        (func (export "check") (result i32) (local $i i32)
          (loop $l
            (if (i32.ne (local.get $i) (i32.load (i32.mul (local.get $i) (i32.const 1000)))) (then (return (i32.const 0))))
            (br_if $l (i32.le_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (global.get $deepest))))
          (i32.eqz (i32.load (i32.const 61000)))))"#];

const INSTANCES: &[&str] = &[
    r#"(module (memory (export "m") 2) (table (export "t") 2 funcref) (type $f (func (param i32) (result i32)))
            (func (export "a") (type $f)
              (i32.store (i32.mul (local.get 0) (i32.const 700)) (local.get 0))
              (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else
                (i32.add (local.get 0) (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))))
            (func (export "tail") (type $f)
              (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))"#,
    r#"(module (type $f (func (param i32) (result i32))) (import "" "m" (memory $m 2))
            (import "" "t" (table 2 funcref)) (import "" "a" (func $a (type $f))) (import "" "tail" (func $tail (type $f)))
            (memory $own 1) (elem (i32.const 0) func $b) (global $low (mut i32) (i32.const 52))
            (func $b (type $f)
              (i32.store $own (i32.mul (local.get 0) (i32.const 900)) (local.get 0))
              (global.set $low (local.get 0))
              (if (i32.eqz (local.get 0)) (then (return (i32.const 2))))
              (if (i32.eq (local.get 0) (i32.const 30)) (then (return_call $tail (i32.const 29))))
              (i32.add (local.get 0) (call $a (i32.sub (local.get 0) (i32.const 1)))))
            (func (export "f") (result i32) (call $b (i32.const 50)))
            (func (export "check") (result i32) (local $i i32)
              (local.set $i (global.get $low))
              (block $done (loop $l
                (br_if $done (i32.gt_u (local.get $i) (i32.const 50)))
                (if (i32.ne (local.get $i) (i32.load $own (i32.mul (local.get $i) (i32.const 900))))
                  (then (return (i32.const 0))))
                (if (i32.and (i32.gt_u (local.get $i) (global.get $low)) (i32.ne (local.get $i) (i32.const 30)))
                  (then (if (i32.ne (i32.sub (local.get $i) (i32.const 1))
                      (i32.load $m (i32.mul (i32.sub (local.get $i) (i32.const 1)) (i32.const 700))))
                    (then (return (i32.const 0))))))
                (local.set $i (i32.add (local.get $i) (i32.const 2))) (br $l)))
              (i32.eqz (i32.load $m (i32.const 36000)))))"#,
];

const CALLBACKS: &[&str] = &[r#"(module (import "host" "alloc" (func $alloc (param i32) (result i32)))
        (import "host" "poke" (func $poke (param i32 i32)))
        (memory 1) (global $top (mut i32) (i32.const 1024)) (global $n (mut i32) (i32.const 0))
        (func (export "realloc") (param i32) (result i32) (local $at i32) (local i64 i64 i64 i64 i64 i64 i64 i64)
          (local.set $at (global.get $top))
          (global.set $top (i32.add (global.get $top) (local.get 0)))
          (block $room (loop $grow
            (br_if $room (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
            (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
            unreachable))
          (local.get $at))
        (func (export "f") (result i32) (local $p i32) (local $sum i32)
          (loop $l
            (local.set $p (call $alloc (i32.const 5000)))
            (call $poke (local.get $p) (global.get $n))
            (call $poke (i32.add (local.get $p) (i32.const 4990)) (local.get $p))
            (global.set $n (i32.add (global.get $n) (i32.const 1)))
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3))
              (i32.add (i32.load (local.get $p)) (i32.load (i32.add (local.get $p) (i32.const 4990))))))
            (br_if $l (i32.lt_u (global.get $n) (i32.const 30))))
          (i32.and (local.get $sum) (i32.const 0x7fffffff)))
        (func (export "check") (result i32) (local $i i32) (local $p i32)
          (local.set $p (i32.const 1024))
          (block $done (loop $l
            (br_if $done (i32.ge_u (local.get $i) (global.get $n)))
            (if (i32.ne (i32.load (local.get $p)) (local.get $i)) (then (return (i32.const 0))))
            (if (i32.ne (i32.load (i32.add (local.get $p) (i32.const 4990))) (local.get $p)) (then (return (i32.const 0))))
            (local.set $p (i32.add (local.get $p) (i32.const 5000)))
            (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l)))
          (i32.eqz (i32.load (i32.const 0)))))"#];

const BULK: &[&str] = &[
    r#"(module (memory $m 3) (memory $b 3000 (pagesize 1)) (data $d "0123456789") (global $n (mut i32) (i32.const 0))
        (func $done (global.set $n (i32.add (global.get $n) (i32.const 1))))
        (func (export "f") (result i32) (local $i i32) (local $sum i32)
          (memory.fill $m (i32.const 100) (i32.const 1) (i32.const 300)) (call $done)
          (memory.copy $m $m (i32.const 70000) (i32.const 100) (i32.const 300)) (call $done)
          (memory.init $m $d (i32.const 131000) (i32.const 0) (i32.const 10)) (call $done)
          (memory.copy $b $m (i32.const 5) (i32.const 70000) (i32.const 300)) (call $done)
          (memory.fill $m (i32.const 90000) (i32.const 0) (i32.const 1000)) (call $done)
          (memory.copy $m $m (i32.const 150) (i32.const 100) (i32.const 1000)) (call $done)
          (memory.copy $m $m (i32.const 70100) (i32.const 20000) (i32.const 50)) (call $done)
          (memory.fill $b (i32.const 2000) (i32.const 9) (i32.const 1000)) (call $done)
          (loop $l
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load8_u $m (local.get $i))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 211))) (i32.const 140000))))
          (local.set $i (i32.const 0))
          (loop $l
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load8_u $b (local.get $i))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 57))) (i32.const 3000))))
          (i32.and (local.get $sum) (i32.const 0x7fffffff)))
        (func $byte (param $after i32) (param $is i32) (param $value i32) (result i32)
          (i32.or (i32.lt_u (global.get $n) (local.get $after)) (i32.eq (local.get $is) (local.get $value))))
        (func (export "check") (result i32)
          (call $byte (i32.const 1) (i32.load8_u $m (i32.const 100)) (i32.const 1))
          (i32.and (call $byte (i32.const 1) (i32.load8_u $m (i32.const 399)) (i32.const 1)))
          (i32.and (call $byte (i32.const 2) (i32.load8_u $m (i32.const 70000)) (i32.const 1)))
          (i32.and (call $byte (i32.const 3) (i32.load8_u $m (i32.const 131009)) (i32.const 57)))
          (i32.and (call $byte (i32.const 4) (i32.load8_u $b (i32.const 304)) (i32.const 1)))
          (i32.and (call $byte (i32.const 6) (i32.load8_u $m (i32.const 449)) (i32.const 1)))
          (i32.and (call $byte (i32.const 7) (i32.load8_u $m (i32.const 70100)) (i32.const 0)))
          (i32.and (call $byte (i32.const 8) (i32.load8_u $b (i32.const 2999)) (i32.const 9)))
          (i32.and (i32.eqz (i32.load8_u $m (i32.const 99))))
          (i32.and (i32.eqz (i32.load8_u $m (i32.const 69999))))
          (i32.and (i32.eqz (i32.load8_u $m (i32.const 450))))))"#,
];

#[test]
fn a_memory_touched_in_scattered_places() {
    budget("scattered", SCATTERED);
}

#[test]
fn a_memory_and_a_table_that_grow() {
    budget("growing", GROWING);
}

#[test]
fn a_recursion_that_touches_memory_on_its_way() {
    budget("recursion", RECURSION);
}

#[test]
fn instances_that_share_a_memory_and_a_table_and_call_one_another() {
    budget("instances", INSTANCES);
}

#[test]
fn host_calls_that_call_back_and_write() {
    budget("callbacks", CALLBACKS);
}

#[test]
fn bulk_operations_over_gaps_and_two_memories() {
    budget("bulk", BULK);
}

#[test]
fn a_guest_that_has_enough_has_enough_with_more() {
    for (name, texts) in [
        ("scattered", SCATTERED),
        ("growing", GROWING),
        ("instances", INSTANCES),
        ("callbacks", CALLBACKS),
        ("bulk", BULK),
    ] {
        more_is_enough(name, texts);
    }
}

#[test]
fn a_recursion_that_has_enough_has_enough_with_more() {
    more_is_enough("recursion", RECURSION);
}

/// The code memory is lent as well: a module is refused with the bytes that are missing until it fits, and then always fits.
#[test]
fn a_module_in_every_size_of_code_memory() {
    let wasm = assemble(BULK[0]);
    let engine = Engine::default();
    let (mut fits, mut wanted, mut size) = (None, 0, 0);
    while fits.is_none_or(|fits| size < fits + 1024) {
        let mut code = vec![0xA5; size];
        match Module::new(&engine, &wasm, &mut code) {
            Ok(module) => {
                fits = fits.or(Some(size));
                let mut arena = vec![0; 8 << 10];
                let mut store = Store::new(&engine, &mut arena).expect("the arena holds a store");
                let instance = link(&mut store, &module, &[]).expect("it imports nothing");
                let ran = call(&mut store, instance, "f", &[], u64::MAX);
                assert!(matches!(ran.end, End::Finished(_)), "{ran:?}");
                assert_eq!(call(&mut store, instance, "check", &[], 1).end, End::Finished(vec![Val::I32(1)]));
            }
            Err(error) => {
                assert_eq!(fits, None, "it fits less than {size} bytes, but not {size}");
                let ErrorKind::OutOfMemory(lack) = error.kind else { panic!("{error}") };
                assert_ne!(lack.missing_bytes, 0);
                wanted = wanted.max(size + lack.missing_bytes as usize);
            }
        }
        size += STEP_BYTES;
    }
    let fits = fits.expect("the loop ends when it fits");
    assert!(wanted <= fits, "{wanted} bytes were asked for, {fits} suffice");
    assert!(wanted + 1024 > fits, "the last error named {wanted} bytes, {fits} are needed");
}

//! Operations that do the work of several instructions, each from the text that should give it: that it is used, that every
//! dispatcher gets what the unfolded code gets, with the same fuel, and that nothing lies between its parts that changes what they
//! mean. The kind of bug: an accumulator that a delayed addition overwrites, a local that changes before its delayed use.

use wasmote::{Engine, Module, Store, Trap, Val};
use wasmote_tests::embed::{End, assemble, call, code_memory, engines, exported, link, run, with_store};

/// What is tried, a body over the parameters `$p` and `$q` and the locals `$x`, `$y`, `$f`, `$d`, and operations that it must give.
const BODIES: [(&str, &str, &[&str]); 29] = [
    (
        "a load at a local plus an immediate",
        "(i32.load (i32.add (local.get $p) (i32.const -4)))",
        &["i32.load.sum"],
    ),
    (
        "a load at a sum with an offset",
        "(i32.load8_u offset=3 (i32.add (local.get $p) (i32.const 1)))",
        &["i32.load8_u.sum"],
    ),
    ("a load at the sum of two locals", "(i32.load16_u (i32.add (local.get $p) (local.get $q)))", &["i32.load16_u.index"]),
    (
        "loads and stores at an address in the code, near and far, and at one that no memory has",
        "(i32.store offset=4 (i32.const 60) (i32.mul (local.get $p) (local.get $q))) (i32.store8 (i32.const 70000) (local.get $q))
         (i64.store (i32.const 131064) (i64.load offset=65000 (i32.const 5000))) (i32.store16 offset=65535 (i32.const 1) (i32.const 0))
         (i32.xor (i32.load (i32.const 64)) (i32.load8_s offset=69999 (i32.const 1)))
         (i32.add (i32.load16_u (i32.const 131064)) (i32.wrap_i64 (i64.load32_s (i32.const 62)))) (i32.sub)
         (if (i32.eq (local.get $q) (i32.const 3)) (then (drop (i32.load8_u offset=4294967295 (i32.const 1)))))",
        &["i32.store.at", "i32.store8.at", "i64.store.at", "i64.load.at", "i32.load.at", "i32.load8_s.at", "i64.load32_s.at"],
    ),
    (
        "loads and stores far from an address",
        "(i32.store offset=65540 (local.get $q) (local.get $p)) (i64.store offset=65600 (local.get $p) (i64.const -7))
         (i32.xor (i32.load16_s offset=65600 (local.get $p)) (i32.load offset=65540 (local.get $q)))
         (i32.add (i32.load8_s offset=65601 (local.get $p)) (i32.wrap_i64 (i64.load16_u offset=65603 (local.get $p)))) (i32.sub)",
        &["i32.store.far", "i64.store.far", "i32.load16_s.far", "i32.load.far", "i32.load8_s.far", "i64.load16_u.far"],
    ),
    (
        "a store at a sum, the value in the accumulator",
        "(i32.store (i32.add (local.get $p) (i32.const 8)) (i32.xor (local.get $p) (local.get $q)))
         (i32.load offset=8 (local.get $p))",
        &["i32.store.sum"],
    ),
    (
        "a store at a sum, the value in a slot",
        "(i32.store16 (i32.add (local.get $p) (i32.const 2)) (local.get $q)) (i32.load (local.get $p))",
        &["i32.store16.sum"],
    ),
    (
        "the local of a delayed sum changes before the sum is used",
        "(i32.add (local.get $p) (i32.const 4)) (local.set $p (i32.const 100)) (i32.load) (i32.add (local.get $p))",
        &[],
    ),
    (
        "a delayed sum of a local that is assigned itself",
        "(local.set $x (local.get $p)) (local.set $x (i32.add (local.get $x) (i32.const 7)))
         (i32.mul (local.get $x) (local.get $x))",
        &[],
    ),
    (
        "a delayed sum below a condition in the accumulator",
        "(i32.add (local.get $p) (i32.const 9))
         (if (i32.lt_s (i32.mul (local.get $p) (local.get $q)) (i32.const 50)) (then (local.set $x (i32.const 3))))
         (i32.add (local.get $x))",
        &[],
    ),
    (
        "a delayed sum that a branch carries",
        "(block (result i32) (i32.add (local.get $p) (i32.const 9))
           (br_if 0 (i32.gt_u (i32.xor (local.get $p) (local.get $q)) (i32.const 11)))
           (i32.sub (i32.const 1)))",
        &[],
    ),
    (
        "delayed sums that a selection chooses from",
        "(select (i32.add (local.get $p) (i32.const 1)) (i32.add (local.get $q) (i32.const 2))
           (i32.and (local.get $p) (i32.const 4)))",
        &[],
    ),
    (
        "a product and a sum, of either order",
        "(i32.add (i32.add (i32.mul (local.get $p) (local.get $q)) (local.get $q))
           (i32.add (local.get $p) (i32.mul (local.get $q) (local.get $q))))",
        &["i32.mul_add"],
    ),
    (
        "shifts and what follows them",
        "(i32.xor (local.get $q) (i32.shl (i32.add (i32.shl (local.get $p) (i32.const 2)) (local.get $q)) (i32.const 3)))
         (i32.xor (i32.shr_u (local.get $p) (i32.const 5)) (local.get $q)) (i32.or)
         (i32.or (i32.shl (local.get $q) (i32.const 24)) (local.get $p)) (i32.add)",
        &["i32.shl_add", "i32.shl_xor", "i32.shr_u_xor", "i32.shl_or"],
    ),
    (
        "fields",
        "(i32.and (i32.shr_u (local.get $p) (i32.const 3)) (i32.const 15))
         (i32.and (i32.add (local.get $q) (i32.const 1)) (i32.const 7)) (i32.sub)",
        &["i32.shr_u_and", "i32.add_and"],
    ),
    (
        "three that are added, and three that are combined",
        "(i32.add (i32.add (local.get $p) (local.get $q)) (local.get $p))
         (i32.xor (i32.xor (local.get $p) (local.get $q)) (local.get $q))
         (i32.add (local.get $q) (i32.add (local.get $p) (i32.const 5))) (i32.mul) (i32.sub)",
        &["i32.add_add", "i32.xor_xor", "i32.add_add.imm"],
    ),
    (
        "words in the code, on either side",
        "(i32.and (local.get $p) (i32.const 0x00ff00ff)) (i32.mul (i32.const 0x9e3779b1) (local.get $q)) (i32.xor)
         (i32.add (i32.const 0x12345)) (i32.or (i32.const 0x40000000))",
        &["i32.and.word", "i32.mul.word", "i32.add.word"],
    ),
    (
        "floats with constants",
        "(local.set $f (f32.add (f32.mul (f32.convert_i32_s (local.get $p)) (f32.const 1.5)) (f32.const 0.1)))
         (local.set $f (f32.sub (local.get $f) (f32.const 3.25)))
         (local.set $d (f64.mul (f64.const 0.5) (f64.convert_i32_s (local.get $q))))
         (local.set $d (f64.add (f64.sub (local.get $d) (f64.const 0.1)) (f64.const -2.0)))
         (i32.xor (i32.reinterpret_f32 (local.get $f)) (i32.wrap_i64 (i64.reinterpret_f64 (local.get $d))))",
        &["f32.mul.word", "f32.add.word", "f64.mul.word", "f64.add.word"],
    ),
    (
        "a product of floats and a sum",
        "(local.set $f (f32.convert_i32_s (local.get $p))) (local.set $d (f64.convert_i32_s (local.get $q)))
         (local.set $f (f32.add (f32.mul (local.get $f) (local.get $f)) (f32.convert_i32_s (local.get $q))))
         (local.set $f (f32.add (f32.mul (local.get $f) (local.get $f)) (local.get $f)))
         (local.set $d (f64.add (f64.mul (local.get $d) (local.get $d)) (local.get $d)))
         (i32.add (i32.reinterpret_f32 (local.get $f)) (i32.trunc_f64_s (local.get $d)))",
        &["f32.mul_add", "f64.mul_add"],
    ),
    (
        "a loop that ends in a comparison with an immediate",
        "(loop (local.set $y (i32.add (local.get $y) (local.get $x)))
           (br_if 0 (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 3))) (i32.const 40)))) (local.get $y)",
        &["br.step.i32.lt_u.imm"],
    ),
    (
        "a loop that ends in a comparison with a local",
        "(local.set $q (i32.const 33))
         (loop (local.set $y (i32.xor (local.get $y) (local.get $x)))
           (br_if 0 (i32.ne (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $q)))) (local.get $y)",
        &["br.step.i32.ne"],
    ),
    (
        "a loop that ends with zero",
        "(local.set $x (i32.const 12))
         (loop (local.set $y (i32.add (local.get $y) (local.get $p)))
           (br_if 0 (local.tee $x (i32.add (local.get $x) (i32.const -1))))) (local.get $y)",
        &["br_if.step"],
    ),
    (
        "a step whose local is on the stack as it was before",
        "(local.get $x) (loop (param i32) (result i32)
           (i32.add (local.get $x))
           (br_if 0 (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (i32.const 9))))",
        &[],
    ),
    (
        "two copies in a row, the second of the first one's target",
        "(local.set $x (local.get $p)) (local.set $y (local.get $x)) (local.set $p (local.get $q))
         (i32.sub (local.get $y) (local.get $p))",
        &["copy.32"],
    ),
    (
        "bits that are tested, of a slot and of the accumulator, in both senses",
        "(if (i32.and (local.get $p) (i32.const 4)) (then (local.set $x (i32.const 3))))
         (if (i32.eqz (i32.and (local.get $q) (i32.const -2))) (then (local.set $x (i32.add (local.get $x) (i32.const 9)))))
         (block (br_if 0 (i32.and (i32.xor (local.get $p) (local.get $q)) (i32.const 1)))
           (local.set $y (i32.const 5)))
         (block (br_if 0 (i32.eqz (i32.and (i32.mul (local.get $p) (local.get $q)) (i32.const 255))))
           (local.set $y (i32.add (local.get $y) (i32.const 70))))
         (i32.mul (local.get $x) (local.get $y))",
        &["br_unless.and", "br_if.and"],
    ),
    (
        "arguments that a call copies, one and two of them",
        "(call $sub (i32.mul (local.get $p) (local.get $q)) (local.get $q)) (call $sub (local.get $p) (local.get $q)) (i32.xor)",
        &["call.copy"],
    ),
    (
        "copies before a call, the second of which writes what the first reads",
        "(local.set $x (local.get $p)) (local.set $p (local.get $q)) (local.set $y (call $fuel)) (local.get $p)
         (i32.add (i32.mul (local.get $x) (i32.const 3)) (local.get $y)) (i32.sub)",
        &["copy.32", "call"],
    ),
    (
        "a frame in memory, taken and given back",
        "(global.set $stack (local.tee $x (i32.sub (global.get $stack) (i32.const 48))))
         (i32.store offset=8 (local.get $x) (local.get $p)) (local.set $y (i32.load offset=8 (local.get $x)))
         (global.set $stack (i32.add (local.get $x) (i32.const 40))) (i32.add (global.get $stack) (local.get $y))",
        &["global.sub", "global.set.sum"],
    ),
    (
        "a number taken from one global for another, and from a global that is set twice",
        "(global.set $other (local.tee $x (i32.sub (global.get $stack) (i32.const 16))))
         (global.set $stack (local.get $x)) (global.set $stack (i32.sub (global.get $other) (i32.const 3)))
         (i32.xor (global.get $stack) (i32.mul (global.get $other) (local.get $x)))",
        &["global.set.32"],
    ),
];

/// Parameters to try: addresses that are aligned and that are not, and values that wrap.
const PARAMETERS: [(i32, i32); 5] = [(64, 4), (33, 8), (i32::MIN, 3), (7, -1), (65_532, 65_530)];

fn module(body: &str) -> Vec<u8> {
    assemble(&format!(
        "(module (memory 2) (global $stack (mut i32) (i32.const 4096)) (global $other (mut i32) (i32.const 7)) (data (i32.const 60) \"\\01\\82\\03\\84\\05\\86\\07\\88\\09\\8a\\0b\\8c\")
           (func (export \"f\") (param $p i32) (param $q i32) (result i32)
             (local $x i32) (local $y i32) (local $f f32) (local $d f64) {body})
           (func $sub (param i32 i32) (result i32) (local i32 i32 i32) (i32.sub (i32.add (local.get 0) (local.get 3)) (local.get 1)))
           (func $fuel (result i32) (local i32 i64) (local.get 0)))"
    ))
}

/// Mnemonics of the operations that a body gives.
fn operations(engine: &Engine, wasm: &[u8]) -> Vec<String> {
    let mut code = code_memory(wasm);
    let module = Module::new(engine, wasm, &mut code).unwrap_or_else(|error| panic!("{error}"));
    let mut found = Vec::new();
    let mut scratch = code_memory(wasm);
    module.disassemble(0, &mut scratch, &mut |line| found.push(line.mnemonic().to_owned())).expect("there is room");
    found
}

#[test]
fn each_body_gives_its_operations() {
    let folded = Engine::default();
    for (what, body, wanted) in BODIES {
        let found = operations(&folded, &module(body));
        for operation in wanted {
            assert!(found.iter().any(|found| found == operation), "{what}: no {operation} in {found:?}");
        }
    }
}

#[test]
fn every_dispatcher_gets_what_unfolded_code_gets_with_the_same_fuel() {
    for (what, body, _) in BODIES {
        let wasm = module(body);
        for (p, q) in PARAMETERS {
            let mut all = engines().into_iter().flat_map(|engine| {
                [1, u64::MAX].map(|slice| {
                    let config = engine.config();
                    let ran = with_store(&engine, &[&wasm], 1 << 20, |store, instances| {
                        call(store, instances[0], "f", &[Val::I32(p), Val::I32(q)], slice)
                    });
                    (config.folding, ran, format!("{what}({p}, {q}), {config:?}, slices of {slice}"))
                })
            });
            let (_, first, _) = all.next().expect("there is an engine");
            all.for_each(|(_, ran, told)| assert_eq!(ran, first, "{told}"));
        }
    }
}

#[test]
fn a_trap_of_a_fused_access_tells_the_place_of_the_access() {
    for body in
        ["(i32.load (i32.add (local.get $p) (i32.const -4)))", "(i32.load (i32.add (local.get $p) (local.get $q)))"]
    {
        let wasm = module(body);
        let load = wasm.iter().rposition(|&byte| byte == 0x28).expect("there is a load") as u32;
        for engine in engines() {
            let (mut code, mut arena) = (code_memory(&wasm), vec![0; 1 << 20]);
            let module = Module::new(&engine, &wasm, &mut code).unwrap_or_else(|error| panic!("{error}"));
            let mut store = Store::new(&engine, &mut arena).expect("there is room");
            let instance = link(&mut store, &module, &[]).unwrap_or_else(|error| panic!("{error}"));
            let func = exported(&store, instance, "f");
            let thread = store.spawn(func, &[Val::I32(-8), Val::I32(1)]).expect("there is room");
            assert_eq!(run(&mut store, thread, &mut |_| u64::MAX), End::Trapped(Trap::MemoryOutOfBounds));
            let mut offsets = Vec::new();
            store.backtrace(thread, &mut code_memory(&wasm), &mut |frame| offsets.push(frame.offset));
            assert_eq!(offsets, [Some(load)], "{body}, {:?}", engine.config());
        }
    }
}

//! Functions of more than 64 KiB, whose branches lead further than 16 bits tell: every kind of branch, forwards and backwards,
//! over more than 32 767 units of prepared code. The kind of bug: displacements cut off, and paths through code that is
//! prepared a second time counted wrongly. Each function is compared with its short twin, in which a call does the work of
//! the long stretch: same results, and fuel that differs by the stretch alone.

use std::collections::BTreeMap;
use wasmote::{Engine, Val};
use wasmote_tests::embed::{End, assemble, call, engines, with_store};

/// Instructions of a stretch; each four make one operation of four units at least.
const STRETCH: usize = 40_000;
/// What a stretch adds to `$x`.
const ADDS: usize = STRETCH / 4;
/// Fuel of `call $s` with its argument and its `local.set`, which stands for a stretch in the short twin.
const CALL_FUEL: i64 = 3 + 3;

/// A function of a parameter `$p` in which `@` stands for a stretch, and the arguments to try.
const FUNCTIONS: [(&str, &str, &[i32]); 17] = [
    ("br_if forwards", "(block (br_if 0 (local.get $p)) @)", &[0, 1]),
    ("br_if over two", "(block (block (br_if 1 (local.get $p)) @) @)", &[0, 1]),
    ("a fused comparison forwards", "(block (br_if 0 (i32.lt_s (local.get $p) (i32.const 5))) @)", &[4, 5, -1]),
    (
        "a fused comparison of slots",
        "(local.set $x (i32.const 3)) (block (br_if 0 (i32.gt_u (local.get $p) (local.get $x))) @)",
        &[3, 4, -1],
    ),
    ("a fused eqz", "(block (br_if 0 (i32.eqz (local.get $p))) @)", &[0, 1]),
    ("a fused eqz of 64 bits", "(block (br_if 0 (i64.eqz (i64.extend_i32_s (local.get $p)))) @)", &[0, 1]),
    (
        "a fused comparison of floats",
        "(block (br_if 0 (f64.lt (f64.convert_i32_s (local.get $p)) (f64.const 0.5))) @)
         (block (br_if 0 (i32.eqz (f32.ge (f32.convert_i32_s (local.get $p)) (f32.const 0.5)))) @)",
        &[0, 1],
    ),
    ("br forwards", "(block (block (br_if 0 (local.get $p)) (br 1)) @)", &[0, 1]),
    ("if without else", "(if (local.get $p) (then @))", &[0, 1]),
    ("if and else", "(if (local.get $p) (then @ (local.set $y (i32.const 7))) (else @ @))", &[0, 1]),
    (
        "if and else with a value",
        "(local.set $y (if (result i32) (i32.ge_s (local.get $p) (i32.const 2)) (then @ (local.get $x)) (else @ @ (i32.const 4))))",
        &[1, 2],
    ),
    ("br_if backwards", "(loop @ (br_if 0 (local.tee $p (i32.sub (local.get $p) (i32.const 1)))))", &[1, 2, 3]),
    (
        "br backwards",
        "(block (loop (br_if 1 (i32.eqz (local.get $p))) @ (local.set $p (i32.sub (local.get $p) (i32.const 1))) (br 0)))",
        &[0, 1, 3],
    ),
    (
        // Label 2 is the loop: it is taken with 3 the next time, which leaves.
        "br_table forwards and backwards",
        "(block (loop (local.set $p (i32.add (local.get $p) (i32.const 1))) (block (block
           (br_table 0 1 2 3 (local.get $p)))
           @ (local.set $p (i32.const 3)) (br 1))
           @ (local.set $p (i32.const 1)) (br 0)))",
        &[-1, 0, 1, 2, -2],
    ),
    (
        "br_if with a value that moves",
        "(local.set $y (block (result i32) (i32.const 1) (i32.const 2) (br_if 0 (local.get $p)) drop drop @ (i32.const 3)))",
        &[0, 1],
    ),
    (
        "br_table with values that move",
        "(local.set $y (block (result i32) (block (result i32)
           (i32.const 9) (i32.const 5) (br_table 0 1 0 (local.get $p))) @ (i32.add (i32.const 1))))",
        &[0, 1, 2],
    ),
    ("return over a stretch", "(if (i32.eqz (local.get $p)) (then (return (i32.const 77)))) @", &[0, 1]),
];

/// A module whose `f` is such a function; `long` says which of both.
fn module(body: &str, long: bool) -> Vec<u8> {
    let stretch = if long {
        "local.get $x i32.const 1 i32.add local.set $x ".repeat(ADDS)
    } else {
        "(local.set $x (call $s (local.get $x)))".into()
    };
    assemble(&format!(
        "(module (func $s (param i32) (result i32) (i32.add (local.get 0) (i32.const {ADDS})))
        (func (export \"f\") (param $p i32) (result i32) (local $x i32) (local $y i32) {}
          (i32.add (i32.mul (local.get $x) (i32.const 1000)) (i32.add (local.get $p) (local.get $y)))))",
        body.replace('@', &stretch)
    ))
}

/// What `f` gives, and its fuel.
fn runs(engine: &Engine, wasm: &[u8], argument: i32, slice: u64) -> (i32, i64) {
    with_store(engine, &[wasm], 4096, |store, instances| {
        let ran = call(store, instances[0], "f", &[Val::I32(argument)], slice);
        match ran.end {
            End::Finished(values) => match values[..] {
                [Val::I32(value)] => (value, ran.fuel as i64),
                _ => panic!("{values:?}"),
            },
            End::Trapped(trap) => panic!("{trap:?}"),
        }
    })
}

#[test]
fn every_branch_leads_over_more_than_32767_units() {
    for (name, body, arguments) in FUNCTIONS {
        let (short, long) = (module(body, false), module(body, true));
        assert!(long.len() > 64 << 10, "{name} is too short");
        let mut seen = BTreeMap::new();
        for engine in engines() {
            for &argument in arguments {
                let (value, fuel) = runs(&engine, &short, argument, u64::MAX);
                let place = format!("{name}, f({argument}), {:?}", engine.config());
                for slice in [u64::MAX, 1] {
                    let (far_value, far_fuel) = runs(&engine, &long, argument, slice);
                    assert_eq!(far_value, value, "{place}, slices of {slice}");
                    // Each stretch that ran costs its instructions in one and the call in the other.
                    let stretches = i64::from(value / 1000) / ADDS as i64;
                    assert_eq!(far_fuel - fuel, stretches * (STRETCH as i64 - CALL_FUEL), "{place}, slices of {slice}");
                    assert_eq!(*seen.entry(argument).or_insert(far_fuel), far_fuel, "{place}, slices of {slice}");
                }
            }
        }
    }
}

/// The same around the limit: stretches of every length near where 16 bits end, in either direction.
#[test]
fn branches_at_the_edge_of_16_bits() {
    let long = |adds: usize| {
        let stretch = "local.get $x i32.const 1 i32.add local.set $x ".repeat(adds);
        assemble(&format!(
            "(module (func (export \"f\") (param $p i32) (result i32) (local $x i32)
              (loop (block (br_if 0 (i32.eqz (local.get $p))) {stretch})
                (br_if 0 (i32.gt_s (local.tee $p (i32.sub (local.get $p) (i32.const 1))) (i32.const -2))))
              (local.get $x)))"
        ))
    };
    // Four units an operation in the folded mode, more in the other; a displacement of 32 767 is the last that fits.
    for adds in (8_184..8_196).chain(2_720..2_732).chain(4_090..4_098) {
        let wasm = long(adds);
        for engine in engines() {
            // p = 1, 0 and -1: twice through, once around.
            assert_eq!(runs(&engine, &wasm, 1, u64::MAX).0, 2 * adds as i32, "{adds} additions, {:?}", engine.config());
        }
    }
}

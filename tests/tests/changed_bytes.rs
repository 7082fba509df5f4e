//! A set of modules that between them have every section and every kind of immediate: each of their prefixes, and each of them with
//! one byte changed to each other value, is refused or accepted as by `wasmparser`, and none harms the core.

use wasmote_tests::differential::Comparison;
use wasmote_tests::embed::assemble;

/// What each module is there for, and the module.
const MODULES: [(&str, &str); 7] = [
    (
        "types, imports and exports of every kind",
        r#"(module (type (func (param i32 i64 f32 f64 funcref externref) (result i64 i32)))
          (import "a" "f" (func (type 0))) (import "a" "t" (table 1 9 funcref)) (import "a" "m" (memory 1 2))
          (import "b" "g" (global i32)) (import "b" "h" (global (mut f64)))
          (export "f" (func 0)) (export "t" (table 0)) (export "m" (memory 0)) (export "g" (global 0)))"#,
    ),
    (
        "constant expressions and segments of every form",
        r#"(module (import "a" "g" (global i32)) (func $f) (func $s) (table 9 funcref) (table $e 3 externref) (memory 1)
          (global i32 (i32.add (global.get 0) (i32.mul (i32.const 3) (i32.const -7)))) (global (mut i64) (i64.const -1234567))
          (global f32 (f32.const 1.5)) (global f64 (f64.const -2.25)) (global funcref (ref.func $f)) (global externref (ref.null extern))
          (elem (i32.const 1) $f $s) (elem (table 0) (offset (global.get 0)) func $f) (elem func $s) (elem declare func $f)
          (elem (i32.const 3) funcref (ref.func $f) (ref.null func)) (elem (table $e) (i32.const 0) externref (ref.null extern))
          (elem externref (ref.null extern)) (data (i32.const 8) "abc") (data "passive") (data (memory 0) (global.get 0) "x")
          (start $s))"#,
    ),
    (
        "blocks and branches",
        r#"(module (type $two (func (param i32 i32) (result i32 i32)))
          (func (param i32) (result i32 i32) (local i64)
            (block (type $two) (local.get 0) (i32.const 1)
              (loop (type $two) (br_if 1 (local.get 0)) (br_table 0 1 1 (i32.const 2))))
            (if (param i32) (result i32) (local.get 0) (then (i32.eqz)) (else (return (i32.const 5))))
            (block (result i32) (br 0 (i32.const 9))) (select (local.get 0))))"#,
    ),
    (
        "memories and tables",
        r#"(module (memory 1) (memory $n 1 2 (pagesize 1)) (table 3 funcref) (table $t 3 externref) (data "abc") (elem func 0)
          (func (param i32) (local externref)
            (i64.store32 offset=70000 align=2 (local.get 0) (i64.load8_s offset=3 (local.get 0)))
            (f64.store $n (local.get 0) (f64.promote_f32 (f32.load $n offset=9 (local.get 0))))
            (memory.fill (memory.size) (memory.grow (i32.const 1)) (i32.const 0)) (memory.copy $n 0 (i32.const 1) (i32.const 2) (i32.const 3))
            (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop 0)
            (table.set $t (i32.const 0) (table.get $t (i32.const 1))) (drop (table.grow $t (local.get 1) (table.size 0)))
            (table.fill $t (i32.const 0) (local.get 1) (i32.const 1)) (table.copy (i32.const 0) (i32.const 1) (i32.const 1))
            (table.init 0 (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop 0)))"#,
    ),
    (
        "calls and references",
        r#"(module (type $t (func (param i32) (result i32))) (table 2 funcref) (global $g (mut funcref) (ref.null func)) (elem declare func 0)
          (func (type $t) (return_call 1 (local.get 0))) (func (type $t) (return_call_indirect (type $t) (local.get 0) (i32.const 1)))
          (func (type $t) (call 0 (call_indirect (type $t) (local.get 0) (i32.const 0))))
          (func (result i32) (global.set $g (ref.func 0)) (ref.is_null (global.get $g))
            (drop (select (result funcref) (ref.func 0) (ref.null func) (i32.const 1)))))"#,
    ),
    (
        "numbers",
        r#"(module (func (param i32 i64 f32 f64) (result i64)
          (local.set 0 (i32.rotl (i32.const 0x12345678) (i32.extend8_s (i32.clz (local.get 0)))))
          (local.set 2 (f32.copysign (f32.const nan:0x123456) (f32.sqrt (local.get 2))))
          (local.set 3 (f64.min (f64.const -0x1.8p1023) (f64.convert_i64_u (i64.trunc_sat_f64_s (local.get 3)))))
          (i64.div_s (i64.const -0x8000000000000000) (i64.extend32_s (i64.trunc_f32_u (local.get 2))))))"#,
    ),
    ("names", r#"(module $m (func $first (param $x i32) (local $y i64)) (func $second nop) (@custom "more" "bytes"))"#),
];

/// The fuzzers begin with these modules, each in a file; `UPDATE_SEEDS=1` writes them.
#[test]
fn the_fuzzers_begin_with_these_modules() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/decode");
    for (what, text) in MODULES {
        let path = folder.join(format!("{}.wasm", what.replace([' ', ','], "-")));
        if std::env::var_os("UPDATE_SEEDS").is_some() {
            std::fs::write(&path, assemble(text)).expect("the folder is there");
        }
        let kept = std::fs::read(&path).unwrap_or_default();
        assert!(kept == assemble(text), "{} is not {what:?}: run this test with UPDATE_SEEDS=1", path.display());
    }
}

#[test]
fn every_prefix_and_every_changed_byte_is_judged_as_by_wasmparser() {
    let mut comparison = Comparison::new();
    let (mut checked, mut valid) = (0u64, 0u64);
    let mut judge = |what: &str, wasm: &[u8]| match comparison.verdict(wasm) {
        Ok(is_valid) => {
            checked += 1;
            valid += u64::from(is_valid);
        }
        Err(difference) => panic!("{what}: {difference}\n{wasm:02x?}"),
    };
    for (what, text) in MODULES {
        let wasm = assemble(text);
        for len in 0..=wasm.len() {
            judge(&format!("{what}, {len} bytes"), &wasm[..len]);
        }
        let mut changed = wasm.clone();
        for at in 0..wasm.len() {
            for value in (0..=255).filter(|&value| value != wasm[at]) {
                changed[at] = value;
                judge(&format!("{what}, byte {at:#x} is {value:#x}"), &changed);
            }
            changed[at] = wasm[at];
        }
    }
    println!("{checked} modules, {valid} of them valid");
    assert!(checked > 200_000 && valid > checked / 20, "{checked} modules, {valid} of them valid");
}

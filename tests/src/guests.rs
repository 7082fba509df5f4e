//! Small guests with an export `f: [i32] -> [i32]` for tests that pause, move or stop: loops in loops, both sides of conditions,
//! calls of every kind, memory of several extents, bulk operations, host calls (see `embed`), callbacks, and a trap.

/// Each guest's text, and what `f` is called with.
pub const GUESTS: [(&str, i32); 5] = [
    (
        r#"(module (func $fib (export "f") (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0)) (else
          (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#,
        7,
    ),
    (
        r#"(module (memory 2) (func (export "f") (param i32) (result i32) (local $i i32) (local $sum i64)
        (loop $l
          (i32.store (i32.mul (local.get $i) (i32.const 9001)) (i32.add (local.get $i) (i32.const 3)))
          (memory.fill (i32.add (i32.const 60000) (local.get $i)) (local.get $i) (i32.const 9))
          (memory.copy (i32.const 70000) (i32.const 0) (i32.const 21))
          (local.set $sum (i64.add (local.get $sum) (i64.load (i32.add (i32.const 59998) (local.get $i)))))
          (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0))))
        (i32.wrap_i64 (i64.xor (local.get $sum) (i64.shr_u (local.get $sum) (i64.const 32))))))"#,
        8,
    ),
    (
        r#"(module (import "host" "twice" (func $twice (param i32) (result i32)))
        (import "host" "alloc" (func $alloc (param i32) (result i32))) (global $top (mut i32) (i32.const 16))
        (type $u (func (param i32) (result i32))) (table 3 funcref) (elem (i32.const 0) $twice $inc $alloc)
        (func $inc (type $u) (i32.add (local.get 0) (i32.const 1)))
        (func (export "realloc") (type $u) (local $at i32)
          (local.set $at (global.get $top))
          (loop (global.set $top (i32.add (global.get $top) (i32.const 8)))
            (br_if 0 (i32.lt_u (i32.sub (global.get $top) (local.get $at)) (local.get 0))))
          (local.get $at))
        (func (export "f") (param i32) (result i32) (local $i i32) (local $r i32)
          (loop $l
            (local.set $r (i32.add (i32.mul (local.get $r) (i32.const 3))
              (call_indirect (type $u) (local.get $i) (i32.rem_u (local.get $i) (i32.const 3)))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0))))
          (local.get $r)))"#,
        9,
    ),
    (
        r#"(module (type $f (func (param i32 i64) (result i64))) (table 2 funcref) (elem (i32.const 0) $a $b)
        (func $a (type $f) (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
          (return_call $b (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 5))))
        (func $b (type $f) (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
          (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i64.mul (local.get 1) (i64.const 3))
            (i32.and (local.get 0) (i32.const 1))))
        (func (export "f") (param i32) (result i32) (local $i i32) (local $r i32)
          (block $out (loop $l (block $three (block $two (block $one
              (br_table $one $two $three $out (i32.and (local.get $i) (i32.const 3))))
              (local.set $r (i32.add (local.get $r) (i32.wrap_i64 (call $a (local.get 0) (i64.const 1)))))
              (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l))
              (local.set $i (i32.add (local.get $i) (i32.const 5))) (br $l))
            (local.set $r (i32.xor (local.get $r) (i32.const 0x55))) (local.set $i (i32.or (local.get $i) (i32.const 3)))
            (br $l)))
          (local.get $r)))"#,
        6,
    ),
    (
        r#"(module (memory 1) (func (export "f") (param i32) (result i32) (local $i i32)
        (loop $l (i32.store8 (i32.mul (local.get $i) (i32.const 8000)) (local.get $i))
          (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l)) (i32.const 0)))"#,
        0,
    ),
];

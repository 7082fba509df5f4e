;; A guest whose host calls are counted (`cargo xtask testsuite --suite embedded --on qemu-arm-m0`). Each export but `open` does
;; one thing as often as its parameter says.
(module
  (import "wasmote:open/digital@0.1.0" "open-out" (func $open_out (param i32 i32 i32)))
  (import "wasmote:open/i2c@0.1.0" "open" (func $open_i2c (param i32 i32 i32)))
  (import "wasi:gpio/digital@0.2.0" "[method]digital-out-pin.toggle" (func $toggle (param i32 i32)))
  (import "wasi:i2c/i2c@0.2.0-draft" "[method]i2c.read" (func $read (param i32 i32 i64 i32)))
  (import "bench" "empty" (func $empty))
  (memory (export "memory") 1)
  (data (i32.const 0) "led0i2c0")
  (global $pin (mut i32) (i32.const 0))
  (global $bus (mut i32) (i32.const 0))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.add (i32.const 96) (local.get 0)))
  (func (export "open")
    (call $open_out (i32.const 0) (i32.const 4) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (global.set $pin (i32.load (i32.const 68)))
    (call $open_i2c (i32.const 4) (i32.const 4) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (global.set $bus (i32.load (i32.const 68))))
  (func (export "nothing") (param i32)
    (loop
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "empty") (param i32)
    (loop
      (call $empty)
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "toggle") (param i32)
    (loop
      (call $toggle (global.get $pin) (i32.const 64))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "realloc") (param i32)
    (loop
      (drop (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "read") (param i32) (local i64) (local.set 1 (i64.const 2))
    (loop
      (call $read (global.get $bus) (i32.const 0x48) (local.get 1) (i32.const 64))
      (if (i32.load8_u (i32.const 64)) (then unreachable))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))

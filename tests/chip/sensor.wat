;; A guest that reads the temperature of a TMP105, and asks an address where nobody is. It gives the temperature in 256ths of a
;; degree, and the error's three bytes must be those of `no-acknowledge(address)`.
(module
  (import "wasmote:open/i2c@0.1.0" "open" (func $open (param i32 i32 i32)))
  (import "wasi:i2c/i2c@0.2.0-draft" "[method]i2c.write" (func $write (param i32 i32 i32 i32 i32)))
  (import "wasi:i2c/i2c@0.2.0-draft" "[method]i2c.write-read" (func $write_read (param i32 i32 i32 i32 i64 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "i2c0\00")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 256))
  (func (export "run") (result i32) (local $bus i32)
    (call $open (i32.const 0) (i32.const 4) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (local.set $bus (i32.load (i32.const 68)))
    (call $write (local.get $bus) (i32.const 0x33) (i32.const 4) (i32.const 1) (i32.const 64))
    (if (i32.ne (i32.and (i32.load (i32.const 64)) (i32.const 0xffffff)) (i32.const 0x000201)) (then unreachable))
    (call $write_read (local.get $bus) (i32.const 0x48) (i32.const 4) (i32.const 1) (i64.const 2) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (i32.or
      (i32.shl (i32.load8_s (i32.const 256)) (i32.const 8))
      (i32.load8_u (i32.const 257)))))

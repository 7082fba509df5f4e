;; Declares one page and touches 9 KiB of it, all told, in 36 places of 256 bytes from one end of the page to the other,
;; in an order that is neither rising nor falling. Then reads everything back and prints what it found.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)

  ;; The first place holds the text, its vector, and the count written; the program fills the other 35.
  (data (i32.const 16) "36 places hold what was written: ok\n")
  (data (i32.const 64) "36 places were not what was written\n")
  (global $places i32 (i32.const 36))
  (global $apart i32 (i32.const 1792)) ;; 7 granules of 256 bytes

  ;; Where the place of this number begins: 0, 25 * 1792, 14 * 1792, ...: 25 and 36 have no common divisor.
  (func $place (param $n i32) (result i32)
    (i32.mul
      (i32.rem_u (i32.mul (local.get $n) (i32.const 25)) (global.get $places))
      (global.get $apart)))

  (func $fill (param $at i32) (param $value i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (i32.const 256)))
    (loop $next
      (i32.store (local.get $at) (local.get $value))
      (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end)))))

  ;; How many words of a place are not what $fill wrote.
  (func $wrong (param $at i32) (param $value i32) (result i32)
    (local $end i32) (local $count i32)
    (local.set $end (i32.add (local.get $at) (i32.const 256)))
    (loop $next
      (local.set $count (i32.add (local.get $count) (i32.ne (i32.load (local.get $at)) (local.get $value))))
      (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $count))

  (func (export "_start")
    (local $n i32) (local $count i32)
    (local.set $n (i32.const 1))
    (loop $next
      (call $fill (call $place (local.get $n)) (local.get $n))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (global.get $places))))
    (local.set $n (i32.const 1))
    (loop $next
      (local.set $count (i32.add (local.get $count) (call $wrong (call $place (local.get $n)) (local.get $n))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (global.get $places))))
    (i32.store (i32.const 0) (select (i32.const 64) (i32.const 16) (local.get $count)))
    (i32.store (i32.const 4) (i32.const 36))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (if (local.get $count) (then (call $proc_exit (i32.const 1))))))

;; Waits for the button three times and says which press it was.
(module
  (import "board" "press" (func $press (result i32)))
  (import "board" "say" (func $say (param $text i32) (param $len i32) (param $number i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "press")
  (func (export "run") (local $left i32)
    (local.set $left (i32.const 3))
    (loop $next
      (call $say (i32.const 0) (i32.const 5) (call $press))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))))

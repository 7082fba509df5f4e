;; Counts primes by trial division, which takes most of a second: other tasks and the other guest run meanwhile.
(module
  (import "board" "say" (func $say (param $text i32) (param $len i32) (param $number i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "primes below 2500")
  (func $is_prime (param $n i32) (result i32) (local $divisor i32)
    (local.set $divisor (i32.const 2))
    (block $found
      (loop $next
        (br_if $found (i32.eq (local.get $divisor) (local.get $n)))
        (if (i32.eqz (i32.rem_u (local.get $n) (local.get $divisor))) (then (return (i32.const 0))))
        (local.set $divisor (i32.add (local.get $divisor) (i32.const 1)))
        (br $next)))
    (i32.const 1))
  (func (export "run") (local $n i32) (local $count i32)
    (local.set $n (i32.const 2))
    (loop $next
      (local.set $count (i32.add (local.get $count) (call $is_prime (local.get $n))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (i32.const 2500))))
    (call $say (i32.const 0) (i32.const 17) (local.get $count))))

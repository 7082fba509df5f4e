;; Numeric operators on floats, near the edges of both formats more often than not, and division of integers of 64 bits: each function
;; computes so many results, and gives a checksum of their bits, a NaN being the canonical one. The checksums are those of
;; hardware that follows IEEE 754.
(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.add") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.add (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.sub") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.sub (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.mul") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.mul (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.add" (i32.const 4000)) (i64.const 0xFCA650AB17131055))
(assert_return (invoke "f64.sub" (i32.const 4000)) (i64.const 0x26A5009DFDA3BB7C))
(assert_return (invoke "f64.mul" (i32.const 4000)) (i64.const 0xAC93C4DE85BFBC48))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.div") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.div (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.near") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.sub (local.get $x) (f64.reinterpret_i64 (i64.xor (i64.reinterpret_f64 (local.get $x)) (i64.and (i64.reinterpret_f64 (local.get $y)) (i64.const 0x8000000000000007))))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.mul_add") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.add (f64.mul (local.get $x) (local.get $y)) (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.div" (i32.const 4000)) (i64.const 0xD237764BEB7FDF95))
(assert_return (invoke "f64.near" (i32.const 4000)) (i64.const 0x904A13F2A45B7CEC))
(assert_return (invoke "f64.mul_add" (i32.const 4000)) (i64.const 0xC88DFE03CAEFC3F1))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.word") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.add (f64.mul (f64.add (f64.mul (local.get $x) (f64.const 1.5)) (f64.const -0.0078125)) (f64.const 3e9)) (f64.const 1)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.sqrt") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.sqrt (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.min") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.min (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.word" (i32.const 4000)) (i64.const 0x276295DD2B829167))
(assert_return (invoke "f64.sqrt" (i32.const 4000)) (i64.const 0x9623ACC1B751D2D0))
(assert_return (invoke "f64.min" (i32.const 4000)) (i64.const 0xDBEF812CC2C809F1))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.max") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.max (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.floor") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.floor (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.ceil") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.ceil (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.max" (i32.const 4000)) (i64.const 0xC80CD9B8648F69BE))
(assert_return (invoke "f64.floor" (i32.const 4000)) (i64.const 0x18425D7A23F944CA))
(assert_return (invoke "f64.ceil" (i32.const 4000)) (i64.const 0xCF19C7D09C0E2555))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.trunc") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.trunc (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.nearest") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.nearest (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.order") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.or (i32.or (i32.or (i32.or (i32.or (f64.eq (local.get $x) (local.get $y))
      (i32.shl (f64.ne (local.get $x) (local.get $y)) (i32.const 1)))
      (i32.shl (f64.lt (local.get $x) (local.get $y)) (i32.const 2)))
      (i32.shl (f64.gt (local.get $x) (local.get $y)) (i32.const 3)))
      (i32.shl (f64.le (local.get $x) (local.get $y)) (i32.const 4)))
      (i32.shl (f64.ge (local.get $x) (local.get $y)) (i32.const 5))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.trunc" (i32.const 4000)) (i64.const 0x8F174A7D076BEECA))
(assert_return (invoke "f64.nearest" (i32.const 4000)) (i64.const 0xF8D84C6F0B5EAEA1))
(assert_return (invoke "f64.order" (i32.const 4000)) (i64.const 0xF92E0EBF9619B0FD))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.order_near") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.or (i32.or (i32.or (i32.or (i32.or (f64.eq (local.get $x) (f64.reinterpret_i64 (i64.xor (i64.reinterpret_f64 (local.get $x)) (i64.and (i64.reinterpret_f64 (local.get $y)) (i64.const 0x8000000000000001)))))
      (i32.shl (f64.ne (local.get $x) (f64.reinterpret_i64 (i64.xor (i64.reinterpret_f64 (local.get $x)) (i64.and (i64.reinterpret_f64 (local.get $y)) (i64.const 0x8000000000000001))))) (i32.const 1)))
      (i32.shl (f64.lt (local.get $x) (f64.reinterpret_i64 (i64.xor (i64.reinterpret_f64 (local.get $x)) (i64.and (i64.reinterpret_f64 (local.get $y)) (i64.const 0x8000000000000001))))) (i32.const 2)))
      (i32.shl (f64.gt (local.get $x) (f64.reinterpret_i64 (i64.xor (i64.reinterpret_f64 (local.get $x)) (i64.and (i64.reinterpret_f64 (local.get $y)) (i64.const 0x8000000000000001))))) (i32.const 3)))
      (i32.shl (f64.le (local.get $x) (f64.reinterpret_i64 (i64.xor (i64.reinterpret_f64 (local.get $x)) (i64.and (i64.reinterpret_f64 (local.get $y)) (i64.const 0x8000000000000001))))) (i32.const 4)))
      (i32.shl (f64.ge (local.get $x) (f64.reinterpret_i64 (i64.xor (i64.reinterpret_f64 (local.get $x)) (i64.and (i64.reinterpret_f64 (local.get $y)) (i64.const 0x8000000000000001))))) (i32.const 5))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.demote") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.demote_f64 (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.trunc_32") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.trunc_sat_f64_s (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.order_near" (i32.const 4000)) (i64.const 0xE3AA5045A4C4C5CB))
(assert_return (invoke "f64.demote" (i32.const 4000)) (i64.const 0x0A3A2B9EA01C5937))
(assert_return (invoke "f64.trunc_32" (i32.const 4000)) (i64.const 0xCDA94FCC28B86F2E))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.trunc_64") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.trunc_sat_f64_s (local.get $x))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.trunc_32u") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.trunc_sat_f64_u (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.trunc_64u") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.trunc_sat_f64_u (local.get $x))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.trunc_64" (i32.const 4000)) (i64.const 0xEBB1A5298E459739))
(assert_return (invoke "f64.trunc_32u" (i32.const 4000)) (i64.const 0x03F067BCB25E9333))
(assert_return (invoke "f64.trunc_64u" (i32.const 4000)) (i64.const 0x613BE1B288F9F997))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f64.of_32") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.reinterpret_f64 (f64.convert_i32_s (i32.wrap_i64 (i64.reinterpret_f64 (local.get $x)))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.of_64") (param $n i32) (result i64) (local $sum i64) (local $x f64) (local $y f64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (call $double))
      (local.set $y (call $double))
      (local.set $sum (call $sum (local.get $sum)
        (i64.reinterpret_f64 (f64.convert_i64_s (i64.reinterpret_f64 (local.get $x))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.add") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.add (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.of_32" (i32.const 4000)) (i64.const 0x49D8B2E2B295CA93))
(assert_return (invoke "f64.of_64" (i32.const 4000)) (i64.const 0xF09416B2AE3ED36F))
(assert_return (invoke "f32.add" (i32.const 4000)) (i64.const 0xC269DBE5DE8294D0))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f32.sub") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.sub (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.mul") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.mul (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.div") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.div (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f32.sub" (i32.const 4000)) (i64.const 0x4BC7DDAF0788F12B))
(assert_return (invoke "f32.mul" (i32.const 4000)) (i64.const 0x09660CCAB80043C1))
(assert_return (invoke "f32.div" (i32.const 4000)) (i64.const 0xAAC01FDDB5D09270))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f32.near") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.sub (local.get $x) (f32.reinterpret_i32 (i32.xor (i32.reinterpret_f32 (local.get $x)) (i32.and (i32.wrap_i64 (i64.reinterpret_f64 (local.get $bits))) (i32.const 0x80000007))))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.mul_add") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.add (f32.mul (local.get $x) (local.get $y)) (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.sqrt") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.sqrt (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f32.near" (i32.const 4000)) (i64.const 0x1AF81CDA3E3605F2))
(assert_return (invoke "f32.mul_add" (i32.const 4000)) (i64.const 0xE34F1F686DA5BE38))
(assert_return (invoke "f32.sqrt" (i32.const 4000)) (i64.const 0x6CCF03A39A2B2B90))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f32.floor") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.floor (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.ceil") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.ceil (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.trunc") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.trunc (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f32.floor" (i32.const 4000)) (i64.const 0xEE3F14EB8796539A))
(assert_return (invoke "f32.ceil" (i32.const 4000)) (i64.const 0xA4F898D24ACF81C2))
(assert_return (invoke "f32.trunc" (i32.const 4000)) (i64.const 0x5E1C6D27B0D62358))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f32.nearest") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.nearest (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.min") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.min (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.max") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits32 (f32.max (local.get $x) (local.get $y)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f32.nearest" (i32.const 4000)) (i64.const 0x9237F7B28750583B))
(assert_return (invoke "f32.min" (i32.const 4000)) (i64.const 0xED8FC40A5B5F8AA5))
(assert_return (invoke "f32.max" (i32.const 4000)) (i64.const 0x1C32BADAF7C85415))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f32.trunc_32") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.trunc_sat_f32_s (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.trunc_64u") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (i64.trunc_sat_f32_u (local.get $x))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.order") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.or (i32.or (i32.or (i32.or (i32.or (f32.eq (local.get $x) (local.get $y))
      (i32.shl (f32.ne (local.get $x) (local.get $y)) (i32.const 1)))
      (i32.shl (f32.lt (local.get $x) (local.get $y)) (i32.const 2)))
      (i32.shl (f32.gt (local.get $x) (local.get $y)) (i32.const 3)))
      (i32.shl (f32.le (local.get $x) (local.get $y)) (i32.const 4)))
      (i32.shl (f32.ge (local.get $x) (local.get $y)) (i32.const 5))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f32.trunc_32" (i32.const 4000)) (i64.const 0xCEED840D3DFDC8C1))
(assert_return (invoke "f32.trunc_64u" (i32.const 4000)) (i64.const 0x06461A59B834E03E))
(assert_return (invoke "f32.order" (i32.const 4000)) (i64.const 0x4A40C78E216A4941))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  ;; Random bits, or a sign with an exponent and a fraction that are at an edge.
  (func $double (result f64) (local $bits i64) (local $how i64) (local $far i64) (local $exponent i64) (local $fraction i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 32)))
    (block $done
      (block $twenties (block $small (block $middle (block $large (block $tiny (block $any
        (br_table $tiny $large $middle $middle $small $twenties $any
          (i32.and (i32.wrap_i64 (local.get $how)) (i32.const 7))))
        (return (f64.reinterpret_i64 (local.get $bits))))
        (local.set $exponent (i64.and (local.get $far) (i64.const 3)))
        (br $done))
        (local.set $exponent (i64.sub (i64.const 2047) (i64.and (local.get $far) (i64.const 3))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 959) (i64.and (local.get $far) (i64.const 127))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 863) (i64.and (local.get $far) (i64.const 31))))
        (br $done))
        (local.set $exponent (i64.add (i64.const 1135) (i64.and (local.get $far) (i64.const 31)))))
    (local.set $far (i64.shr_u (local.get $how) (i64.const 16)))
    (local.set $fraction (local.get $bits))
    (block $done
      (block $ones (block $upper28 (block $upper29 (block $one (block $all (block $none
        (br_table $none $all $one $upper29 $upper28 $ones $done
          (i32.and (i32.wrap_i64 (i64.shr_u (local.get $how) (i64.const 8))) (i32.const 7))))
        (local.set $fraction (i64.const 0))
        (br $done))
        (local.set $fraction (i64.const -1))
        (br $done))
        (local.set $fraction (i64.shl (i64.const 1) (local.get $far)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFE0000000)))
        (br $done))
        (local.set $fraction (i64.and (local.get $bits) (i64.const 0xFFFFFFFFF0000000)))
        (br $done))
        (local.set $fraction (i64.shl (i64.const -1) (local.get $far))))
    (f64.reinterpret_i64
      (i64.or (i64.and (local.get $bits) (i64.const 0x8000000000000000))
        (i64.or (i64.shl (local.get $exponent) (i64.const 52))
          (i64.and (local.get $fraction) (i64.const 0x000FFFFFFFFFFFFF))))))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))

  (func (export "f32.promote") (param $n i32) (result i64) (local $sum i64) (local $bits f64) (local $x f32) (local $y f32)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $x (f32.demote_f64 (call $double)))
      (local.set $bits (call $double))
      (local.set $y (f32.demote_f64 (local.get $bits)))
      (local.set $sum (call $sum (local.get $sum)
        (call $bits64 (f64.promote_f32 (local.get $x)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f32.promote" (i32.const 4000)) (i64.const 0x1C690B4B717D4CEE))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))
  ;; An integer of any length, of either sign, or next to a power of two with its sign turned.
  (func $integer (result i64) (local $bits i64) (local $how i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $bits (i64.shr_u (local.get $bits) (i64.and (local.get $how) (i64.const 63))))
    (if (result i64) (i64.eqz (i64.and (local.get $how) (i64.const 64)))
      (then (local.get $bits))
      (else (i64.add (i64.sub (i64.const 0) (local.get $bits))
        (i64.and (i64.shr_u (local.get $how) (i64.const 8)) (i64.const 3))))))

  (func (export "i64.div_u") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (if (result i64) (i64.eqz (local.get $b))
          (then (i64.const 0))
          (else (i64.div_u (local.get $a) (local.get $b))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "i64.rem_u") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (if (result i64) (i64.eqz (local.get $b))
          (then (i64.const 0))
          (else (i64.rem_u (local.get $a) (local.get $b))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "i64.div_s") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (if (result i64) (i32.or (i64.eqz (local.get $b))
          (i32.and (i64.eq (local.get $a) (i64.const 0x8000000000000000)) (i64.eq (local.get $b) (i64.const -1))))
          (then (i64.const 0))
          (else (i64.div_s (local.get $a) (local.get $b))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "i64.div_u" (i32.const 4000)) (i64.const 0xA752C1B40503C709))
(assert_return (invoke "i64.rem_u" (i32.const 4000)) (i64.const 0x1B334F077B401855))
(assert_return (invoke "i64.div_s" (i32.const 4000)) (i64.const 0xA4FF746778AA3609))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))
  ;; An integer of any length, of either sign, or next to a power of two with its sign turned.
  (func $integer (result i64) (local $bits i64) (local $how i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $bits (i64.shr_u (local.get $bits) (i64.and (local.get $how) (i64.const 63))))
    (if (result i64) (i64.eqz (i64.and (local.get $how) (i64.const 64)))
      (then (local.get $bits))
      (else (i64.add (i64.sub (i64.const 0) (local.get $bits))
        (i64.and (i64.shr_u (local.get $how) (i64.const 8)) (i64.const 3))))))

  (func (export "i64.rem_s") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (if (result i64) (i64.eqz (local.get $b))
          (then (i64.const 0))
          (else (i64.rem_s (local.get $a) (local.get $b))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.convert_i64_s") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.reinterpret_f32 (f32.convert_i64_s (local.get $a))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.convert_i64_u") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.reinterpret_f32 (f32.convert_i64_u (local.get $a))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "i64.rem_s" (i32.const 4000)) (i64.const 0x254355A99E2D77D4))
(assert_return (invoke "f32.convert_i64_s" (i32.const 4000)) (i64.const 0xA20B816441E55304))
(assert_return (invoke "f32.convert_i64_u" (i32.const 4000)) (i64.const 0xFADCD9FF0DC66FE6))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))
  ;; An integer of any length, of either sign, or next to a power of two with its sign turned.
  (func $integer (result i64) (local $bits i64) (local $how i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $bits (i64.shr_u (local.get $bits) (i64.and (local.get $how) (i64.const 63))))
    (if (result i64) (i64.eqz (i64.and (local.get $how) (i64.const 64)))
      (then (local.get $bits))
      (else (i64.add (i64.sub (i64.const 0) (local.get $bits))
        (i64.and (i64.shr_u (local.get $how) (i64.const 8)) (i64.const 3))))))

  (func (export "f32.convert_i32_s") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.reinterpret_f32 (f32.convert_i32_s (i32.wrap_i64 (local.get $a)))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f32.convert_i32_u") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (i64.extend_i32_u (i32.reinterpret_f32 (f32.convert_i32_u (i32.wrap_i64 (local.get $a)))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "f64.convert_i64_s") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (i64.reinterpret_f64 (f64.convert_i64_s (local.get $a)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f32.convert_i32_s" (i32.const 4000)) (i64.const 0x32EB05BC9FDA27F0))
(assert_return (invoke "f32.convert_i32_u" (i32.const 4000)) (i64.const 0x214987777DED0CAE))
(assert_return (invoke "f64.convert_i64_s" (i32.const 4000)) (i64.const 0xC28144D6BCA81CC9))

(module
  (global $state (mut i64) (i64.const 0))

  ;; Xorshift.
  (func $next (result i64) (local $s i64)
    (local.set $s (i64.xor (global.get $state) (i64.shl (global.get $state) (i64.const 13))))
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
    (global.set $state (local.get $s))
    (local.get $s))

  (func $bits64 (param f64) (result i64)
    (if (result i64) (f64.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FF8000000000000))
      (else (i64.reinterpret_f64 (local.get 0)))))
  (func $bits32 (param f32) (result i64)
    (if (result i64) (f32.ne (local.get 0) (local.get 0))
      (then (i64.const 0x7FC00000))
      (else (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0))))))
  (func $sum (param $sum i64) (param $bits i64) (result i64)
    (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 7)) (local.get $bits)) (i64.const 0x9E3779B97F4A7C15)))
  ;; An integer of any length, of either sign, or next to a power of two with its sign turned.
  (func $integer (result i64) (local $bits i64) (local $how i64)
    (local.set $bits (call $next))
    (local.set $how (call $next))
    (local.set $bits (i64.shr_u (local.get $bits) (i64.and (local.get $how) (i64.const 63))))
    (if (result i64) (i64.eqz (i64.and (local.get $how) (i64.const 64)))
      (then (local.get $bits))
      (else (i64.add (i64.sub (i64.const 0) (local.get $bits))
        (i64.and (i64.shr_u (local.get $how) (i64.const 8)) (i64.const 3))))))

  (func (export "f64.convert_i64_u") (param $n i32) (result i64) (local $sum i64) (local $a i64) (local $b i64)
    (global.set $state (i64.const 0x9E3779B97F4A7C15))
    (loop $again
      (local.set $a (call $integer))
      (local.set $b (call $integer))
      (local.set $sum (call $sum (local.get $sum)
        (i64.reinterpret_f64 (f64.convert_i64_u (local.get $a)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
)

(assert_return (invoke "f64.convert_i64_u" (i32.const 4000)) (i64.const 0xE7E618F6CCDBF06B))

@ Floats of 32 bits in software, for `arm.s`: what `helpers.rs` does on their bits.

.set hard_float, 0

.macro do_f32_add
    helper {fn_f32_add}
.endm
.macro do_f32_sub
    helper {fn_f32_sub}
.endm
.macro do_f32_mul
    helper {fn_f32_mul}
.endm
.macro do_f32_div
    helper {fn_f32_div}
.endm
.macro do_f32_sqrt
    helper {fn_f32_sqrt}
.endm
.macro do_f32_convert_i32_s
    helper {fn_f32_convert_i32_s}
.endm
.macro do_f32_convert_i32_u
    helper {fn_f32_convert_i32_u}
.endm
.macro do_i32_trunc_sat_f32_s
    helper {fn_i32_trunc_sat_f32_s}
.endm
.macro do_i32_trunc_sat_f32_u
    helper {fn_i32_trunc_sat_f32_u}
.endm
.macro compare_f32 mask
    helper {fn_f32_compare}
    movs r1, #\mask
    tst r0, r1
.endm

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
@ How they compare is a bit.
.set less_32, 1
.set equal_32, 2
.set greater_32, 4
.set unordered_32, 8
.macro f32_value
    helper {fn_f32_compare}
    b holds_float
.endm
.macro f32_branch
    helper {fn_f32_compare}
    b branch_float
.endm

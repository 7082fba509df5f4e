@ Floats of 32 bits in software, for `arm.s`: what `helpers.rs` does on their bits.

.set hard_float, 0

.macro do_f32_sqrt
    root_of_single
.endm
.macro f32_convert_i32
by_kind {f32_convert_i32_s}, convert_narrow, {signed}
by_kind {f32_convert_i32_u}, convert_narrow, 0
.endm
.macro i32_trunc_sat_f32
by_kind {i32_trunc_sat_f32_s}, truncate_narrow, {saturating} + {signed}
by_kind {i32_trunc_sat_f32_u}, truncate_narrow, {saturating}
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

@ Floats of 32 bits in hardware, for `arm.s`. The unit makes every NaN the canonical one while handlers run.

.set hard_float, 1
.fpu fpv4-sp-d16

.macro hard instruction
    vmov s0, r0
    vmov s1, r1
    \instruction s0, s0, s1
    vmov r0, s0
.endm
.macro hard_unary instruction
    vmov s0, r0
    \instruction s0, s0
    vmov r0, s0
.endm
.macro do_f32_add
    hard vadd.f32
.endm
.macro do_f32_sub
    hard vsub.f32
.endm
.macro do_f32_mul
    hard vmul.f32
.endm
.macro do_f32_div
    hard vdiv.f32
.endm
.macro do_f32_sqrt
    hard_unary vsqrt.f32
.endm
.macro do_f32_convert_i32_s
    hard_unary vcvt.f32.s32
.endm
.macro do_f32_convert_i32_u
    hard_unary vcvt.f32.u32
.endm
.macro do_i32_trunc_sat_f32_s
    hard_unary vcvt.s32.f32
.endm
.macro do_i32_trunc_sat_f32_u
    hard_unary vcvt.u32.f32
.endm
.macro f32_convert_i32
unary_call {f32_convert_i32_s}, do_f32_convert_i32_s, narrow, narrow
unary_call {f32_convert_i32_u}, do_f32_convert_i32_u, narrow, narrow
.endm
.macro i32_trunc_sat_f32
unary_call {i32_trunc_sat_f32_s}, do_i32_trunc_sat_f32_s, narrow, narrow
unary_call {i32_trunc_sat_f32_u}, do_i32_trunc_sat_f32_u, narrow, narrow
.endm
@ How they compare: a bit, by the number that the flags are, without the highest one.
.set less_32, 1
.set equal_32, 1 << 6
.set greater_32, 1 << 2
.set unordered_32, 1 << 3
.macro compare_f32
    vmov s0, r0
    vmov s1, r1
    vcmp.f32 s0, s1
    vmrs r0, fpscr
    ubfx r0, r0, #28, #3
    lsrs r6, r0
.endm
.macro f32_value
    compare_f32
    and r6, r6, #1
    result
    next 8
.endm
.macro f32_branch
    compare_f32
    lsls r6, r6, #31
    bne taken_6
    next 10
.endm

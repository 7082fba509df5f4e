@ Handlers for Arm's microcontrollers. `assembly.rs` says what every handler keeps to; `thumb1.s` and `thumb2.s` say the words
@ that differ between the two instruction sets.
@
@ r4 instruction pointer, r5 frame, r6 accumulator, r7 table of handlers, r8 hot words, r9 memory's base, r10 start of the
@ window, r11 fuel, r12 limit of an access of four bytes; r0 to r3 are free.

.set filled, 0

@ Floats of 64 bits are in software everywhere.
.macro do_f64_add
    helper {fn_f64_add}
.endm
.macro do_f64_sub
    helper {fn_f64_sub}
.endm
.macro do_f64_mul
    helper {fn_f64_mul}
.endm
.macro do_f64_div
    helper {fn_f64_div}
.endm
.macro do_f64_sqrt
    helper {fn_f64_sqrt}
.endm
.macro do_f64_convert_i32_s
    helper {fn_f64_convert_i32_s}
.endm
.macro do_f64_convert_i32_u
    helper {fn_f64_convert_i32_u}
.endm
.macro do_f32_demote_f64
    helper {fn_f32_demote_f64}
.endm
.macro do_f64_promote_f32
    helper {fn_f64_promote_f32}
.endm
.macro do_i32_trunc_sat_f64_s
    helper {fn_i32_trunc_sat_f64_s}
.endm
.macro do_i32_trunc_sat_f64_u
    helper {fn_i32_trunc_sat_f64_u}
.endm
.macro compare_f64 mask
    helper {fn_f64_compare}
    movs r1, #\mask
    tst r0, r1
.endm

.section .rodata.wasmote_handlers, "a"
.p2align 2
wasmote_handlers:
.section .text.wasmote_assembly, "ax"
.p2align 2

@ A handler that may leave says so.
.macro leaves
    left_to_rust current
.endm

@ The table's entry of an operation; those between it and the one before lead to `leave`.
.macro entry number, handler
    .if (\number) / 4 < filled
        .error "operations out of order"
    .endif
    .pushsection .rodata.wasmote_handlers, "a"
    .rept (\number) / 4 - filled
        left_to_rust filled
        .word leave
        .set filled, filled + 1
    .endr
    .word \handler + 1
    .set filled, (\number) / 4 + 1
    .popsection
.endm

@ Begins the handler of an operation.
.macro op number
    .set current, (\number) / 4
    entry (\number), .Lop\@
.Lop\@:
.endm

@ The same, with a name by which other operations can have it too.
.macro op_named number, name
    .set current, (\number) / 4
    entry (\number), \name
\name:
.endm

@ The value in the slot that the unit at \at names.
.macro slot rd, at
    ldrh \rd, [r4, #\at]
    ldr \rd, [r5, \rd]
.endm

@ The accumulator into the slot that the first operand names.
.macro result
    ldrh r0, [r4, #2]
    str r6, [r5, r0]
.endm

@ Leaves r1:r0 in the accumulator and, in forms with a destination, in its slot.
.macro wide_result first
    movs r6, r0
    put_acc_high r1, r2
    .if \first == 4
        put_pair r0, r1
    .endif
.endm

@ Where the handlers go that a board need not keep in RAM, and back: those of 64 bits and of floats, divisions and rotations,
@ comparisons that give a value, signed loads. What is left is loops over words, bytes and halves.
.macro seldom
    .section .text.wasmote_seldom, "ax"
    .p2align 2
    island
.endm
.macro frequent
    .ltorg
    .section .text.wasmote_assembly, "ax"
    .p2align 2
    island
.endm

.macro wide_operands first, in_acc, imm
    .set after, \first + 4 - 2 * \in_acc
    bl operands_\first\()_\in_acc\()_\imm
.endm
.macro wide_finish first
    .if \first == 4
        .if after == 8
            jump finish_8
        .elseif after == 6
            jump finish_6
        .elseif after == 4
            jump finish_4
        .else
            jump finish_10
        .endif
    .else
        .if after == 6
            jump finish_bare_6
        .elseif after == 4
            jump finish_bare_4
        .else
            jump finish_bare_8
        .endif
    .endif
.endm

@ How handlers end: at the next operation, \bytes behind, the accumulator being in a slot too after `finish`. What is not `warm`
@ goes to the `island` before it for that, which must not be farther than a short jump reaches.
.macro done bytes
    .if warm
        next (\bytes)
    .elseif (\bytes) == 4
        b 104b
    .elseif (\bytes) == 6
        b 106b
    .elseif (\bytes) == 8
        b 108b
    .elseif (\bytes) == 10
        b 110b
    .else
        next (\bytes)
    .endif
.endm
.macro finish bytes
    .if warm
        result
        next (\bytes)
    .elseif (\bytes) == 4
        b 304b
    .elseif (\bytes) == 6
        b 306b
    .elseif (\bytes) == 8
        b 308b
    .elseif (\bytes) == 10
        b 310b
    .else
        result
        next (\bytes)
    .endif
.endm
.macro end first, bytes
    .if \first == 4
        finish (\bytes)
    .else
        done (\bytes)
    .endif
.endm
.macro island
304:result
104:next 4
306:result
106:next 6
308:result
108:next 8
310:result
110:next 10
.endm
@ A family whose handlers end in place, if the chip has the flash for it.
.macro often
    .set warm, inline_ends
.endm
.macro rarely
    .set warm, 0
.endm
rarely

@ ---- one operand ----

.macro unary number, instruction
    op (\number)
    slot r0, 4
    \instruction r6, r0
    finish 6
    op (\number + 4)
    \instruction r6, r6
    finish 4
.endm

island
unary {i32_eqz}, do_eqz

seldom
op {i64_eqz}
    pair r0, r1, 4
    orrs r0, r1
    do_eqz r6, r0
    finish 6
op {i64_eqz} + 4
    get_acc_high r0
    orrs r0, r6
    do_eqz r6, r0
    finish 4

@ The sign bit alone: r1, the upper half or all.
.macro clear_sign
    lsls r1, r1, #1
    lsrs r1, r1, #1
.endm
.macro turn_sign
    movs r2, #1
    lsls r2, r2, #31
    eors r1, r2
.endm
.macro sign number, instruction
    op (\number)
    slot r1, 4
    \instruction
    movs r6, r1
    finish 6
    op (\number + 4)
    movs r1, r6
    \instruction
    movs r6, r1
    finish 4
.endm
.macro sign_wide number, instruction
    op (\number)
    pair r0, r1, 4
    \instruction
    .set after, 6
    wide_finish 4
    op (\number + 4)
    movs r0, r6
    get_acc_high r1
    \instruction
    .set after, 4
    wide_finish 4
.endm

.macro narrow_finish
    movs r6, r0
    finish after
.endm
@ What another function does with one operand of \from words; it gives \to words.
.macro unary_call number, function, from, to
    op (\number)
    .if \from == 2
        pair r0, r1, 4
    .else
        slot r0, 4
    .endif
    \function
    .set after, 6
    .if \to == 2
        wide_finish 4
    .else
        narrow_finish
    .endif
    op (\number + 4)
    movs r0, r6
    .if \from == 2
        get_acc_high r1
    .endif
    \function
    .set after, 4
    .if \to == 2
        wide_finish 4
    .else
        narrow_finish
    .endif
.endm

counts
sign {f32_abs}, clear_sign
sign {f32_neg}, turn_sign
unary_call {f32_sqrt}, do_f32_sqrt, 1, 1
sign_wide {f64_abs}, clear_sign
sign_wide {f64_neg}, turn_sign
unary_call {f64_sqrt}, do_f64_sqrt, 2, 2

@ Truncation is a copy of the lower half.
op {i32_wrap_i64}
    slot r6, 4
    finish 6
op {i32_wrap_i64} + 4
    finish 4

@ The accumulator becomes 64 bits wide, the upper half being r1.
.macro extended bytes
    put_acc_high r1, r0
    put_pair r6, r1
    done \bytes
.endm

.macro extend number, instruction, amount
    op \number
    slot r6, 4
    \instruction r1, r6, \amount
    extended 6
    op (\number + 4)
    \instruction r1, r6, \amount
    extended 4
.endm

.macro zero rd, rs, amount
    movs \rd, #0
.endm

extend {i64_extend_i32_s}, asrs, #31
extend {i64_extend_i32_u}, zero, #0

unary_call {f32_convert_i32_s}, do_f32_convert_i32_s, 1, 1
unary_call {f32_convert_i32_u}, do_f32_convert_i32_u, 1, 1
unary_call {f32_demote_f64}, do_f32_demote_f64, 2, 1
unary_call {f64_convert_i32_s}, do_f64_convert_i32_s, 1, 2
unary_call {f64_convert_i32_u}, do_f64_convert_i32_u, 1, 2
unary_call {f64_promote_f32}, do_f64_promote_f32, 1, 2

@ Of other types the same bits.
.macro copied number
    op (\number)
    slot r6, 4
    finish 6
    op (\number + 4)
    finish 4
.endm
.macro copied_wide number
    op (\number)
    pair r0, r1, 4
    wide_result 4
    done 6
    op (\number + 4)
    get_acc_high r1
    put_pair r6, r1
    done 4
.endm

copied {i32_reinterpret_f32}
copied_wide {i64_reinterpret_f64}
copied {f32_reinterpret_i32}
copied_wide {f64_reinterpret_i64}

frequent
unary {i32_extend8_s}, sxtb
unary {i32_extend16_s}, sxth
seldom

@ Within 64 bits.
.macro extend_low number, instruction
    op (\number)
    slot r6, 4
    \instruction r6, r6
    asrs r1, r6, #31
    extended 6
    op (\number + 4)
    \instruction r6, r6
    asrs r1, r6, #31
    extended 4
.endm
.macro as_it_is rd, rs
.endm

extend_low {i64_extend8_s}, sxtb
extend_low {i64_extend16_s}, sxth
extend_low {i64_extend32_s}, as_it_is

unary_call {i32_trunc_sat_f32_s}, do_i32_trunc_sat_f32_s, 1, 1
unary_call {i32_trunc_sat_f32_u}, do_i32_trunc_sat_f32_u, 1, 1
unary_call {i32_trunc_sat_f64_s}, do_i32_trunc_sat_f64_s, 2, 1
unary_call {i32_trunc_sat_f64_u}, do_i32_trunc_sat_f64_u, 2, 1
frequent

@ ---- two operands ----

@ One form of an operator on two integers; \first is where its sources begin, \amount what makes a shift's amount.
.macro binary_form number, operator, first, in_acc, imm, immediate, amount
    op \number
    .if \in_acc
        .set after, \first + 2
    .else
        slot r0, \first
        .set after, \first + 4
    .endif
    .if \imm
        \immediate r1, (after - 2)
    .else
        slot r1, (after - 2)
        \amount
    .endif
    .if \in_acc
        \operator r6
    .else
        \operator r0
    .endif
    end \first, after
.endm

@ All forms: bit 0 immediate, bit 1 accumulator, bit 2 bare.
.macro binary number, operator, immediate=signed, amount
    binary_form (\number + 0), \operator, 4, 0, 0, \immediate, \amount
    binary_form (\number + 4), \operator, 4, 0, 1, \immediate, \amount
    binary_form (\number + 8), \operator, 4, 1, 0, \immediate, \amount
    binary_form (\number + 12), \operator, 4, 1, 1, \immediate, \amount
    binary_form (\number + 16), \operator, 2, 0, 0, \immediate, \amount
    binary_form (\number + 20), \operator, 2, 0, 1, \immediate, \amount
    binary_form (\number + 24), \operator, 2, 1, 0, \immediate, \amount
    binary_form (\number + 28), \operator, 2, 1, 1, \immediate, \amount
.endm

.macro do_add left
    adds r6, \left, r1
.endm
.macro do_sub left
    subs r6, \left, r1
.endm

@ An immediate amount is less than the width: `prepare` takes the rest off.
.macro unsigned rd, at
    ldrh \rd, [r4, #\at]
.endm
.macro amount
    movs r2, #31
    ands r1, r2
.endm
.macro amount_left
    rsbs r1, r1, #0
    amount
.endm
.macro negated rd, at
    unsigned \rd, \at
    amount_left
.endm

often
island
binary {i32_add}, do_add
binary {i32_sub}, do_sub
binary {i32_mul}, do_mul
rarely
seldom
division
frequent
binary {i32_and}, do_and
binary {i32_or}, do_or
binary {i32_xor}, do_xor
binary {i32_shl}, do_shl, unsigned, amount
binary {i32_shr_s}, do_shr_s, unsigned, amount
binary {i32_shr_u}, do_shr_u, unsigned, amount
seldom
binary {i32_rotl}, do_rotr, negated, amount_left
binary {i32_rotr}, do_rotr, unsigned, amount

@ ---- 64 bits: slots to a slot or the accumulator; r1:r0 = r1:r0 . r3:r2 ----

.macro wide_form number, operator, first, in_acc, imm
    op \number
    wide_operands \first, \in_acc, \imm
    \operator
    wide_finish \first
.endm

.macro wide number, operator
    wide_form (\number + 0), \operator, 4, 0, 0
    wide_form (\number + 4), \operator, 4, 0, 1
    wide_form (\number + 8), \operator, 4, 1, 0
    wide_form (\number + 12), \operator, 4, 1, 1
    wide_form (\number + 16), \operator, 2, 0, 0
    wide_form (\number + 20), \operator, 2, 0, 1
    wide_form (\number + 24), \operator, 2, 1, 0
    wide_form (\number + 28), \operator, 2, 1, 1
.endm

.macro do_add64
    adds r0, r0, r2
    adcs r1, r3
.endm
.macro do_sub64
    subs r0, r0, r2
    sbcs r1, r3
.endm
.macro do_and64
    ands r0, r2
    ands r1, r3
.endm
.macro do_or64
    orrs r0, r2
    orrs r1, r3
.endm
.macro do_xor64
    eors r0, r2
    eors r1, r3
.endm

common
wide {i64_add}, do_add64
wide {i64_sub}, do_sub64
wide {i64_mul}, do_mul64
wide {i64_and}, do_and64
wide {i64_or}, do_or64
wide {i64_xor}, do_xor64

@ Shifts by an amount in r2, less than 64. A register's shift takes the amount's lowest byte, and one of 32 or more, that of
@ a small negative number too, leaves nothing.
.macro inline_shl64
    lsls r1, r2
    subs r2, #32
    movs r3, r0
    lsls r3, r2
    orrs r1, r3
    rsbs r2, r2, #0
    movs r3, r0
    lsrs r3, r2
    orrs r1, r3
    rsbs r2, r2, #0
    adds r2, #32
    lsls r0, r2
.endm
.macro inline_shr_u64
    lsrs r0, r2
    subs r2, #32
    movs r3, r1
    lsrs r3, r2
    orrs r0, r3
    rsbs r2, r2, #0
    movs r3, r1
    lsls r3, r2
    orrs r0, r3
    rsbs r2, r2, #0
    adds r2, #32
    lsrs r1, r2
.endm
.macro inline_shr_s64
    subs r2, #32
    blo .Lsmall\@
    movs r0, r1
    asrs r0, r2
    asrs r1, r1, #31
    b .Lshifted\@
.Lsmall\@:
    rsbs r2, r2, #0
    movs r3, r1
    lsls r3, r2
    rsbs r2, r2, #0
    adds r2, #32
    lsrs r0, r2
    orrs r0, r3
    asrs r1, r2
.Lshifted\@:
.endm
@ The halves end in each other's place, so that an amount of less than 32 exchanges them first.
.macro inline_rotr64
    subs r2, #32
    bhs .Lexchanged\@
    adds r2, #32
    movs r3, r0
    movs r0, r1
    movs r1, r3
.Lexchanged\@:
    movs r3, r0
    movs r6, r1
    lsrs r6, r2
    lsrs r3, r2
    rsbs r2, r2, #0
    adds r2, #32
    lsls r0, r2
    lsls r1, r2
    orrs r0, r6
    orrs r1, r3
.endm

.macro wide_shift_form number, operator, first, in_acc, imm, left
    op \number
    wide_operands \first, \in_acc, \imm
    .if \left
        rsbs r2, r2, #0
    .endif
    .if \left || \imm == 0
        movs r3, #63
        ands r2, r3
    .endif
    \operator
    wide_finish \first
.endm

.macro wide_shift number, operator, left=0
    wide_shift_form (\number + 0), \operator, 4, 0, 0, \left
    wide_shift_form (\number + 4), \operator, 4, 0, 1, \left
    wide_shift_form (\number + 8), \operator, 4, 1, 0, \left
    wide_shift_form (\number + 12), \operator, 4, 1, 1, \left
    wide_shift_form (\number + 16), \operator, 2, 0, 0, \left
    wide_shift_form (\number + 20), \operator, 2, 0, 1, \left
    wide_shift_form (\number + 24), \operator, 2, 1, 0, \left
    wide_shift_form (\number + 28), \operator, 2, 1, 1, \left
.endm

.macro do_shl64
    bl shift_shl64
.endm
.macro do_shr_u64
    bl shift_shr_u64
.endm
.macro do_shr_s64
    bl shift_shr_s64
.endm
.macro do_rotr64
    bl shift_rotr64
.endm
shifts
wide_shift {i64_shl}, do_shl64
wide_shift {i64_shr_s}, do_shr_s64
wide_shift {i64_shr_u}, do_shr_u64
wide_shift {i64_rotl}, do_rotr64, 1
wide_shift {i64_rotr}, do_rotr64

@ ---- two floats: bit 0 accumulator, bit 1 bare ----

.macro float_form number, function, first, in_acc
    op (\number)
    .if \in_acc
        movs r0, r6
        .set after, \first + 2
    .else
        slot r0, \first
        .set after, \first + 4
    .endif
    slot r1, (after - 2)
    \function
    movs r6, r0
    end \first, after
.endm
.macro float number, function
    float_form (\number + 0), \function, 4, 0
    float_form (\number + 4), \function, 4, 1
    float_form (\number + 8), \function, 2, 0
    float_form (\number + 12), \function, 2, 1
.endm
.macro wide_float number, function
    wide_form (\number + 0), \function, 4, 0, 0
    wide_form (\number + 4), \function, 4, 1, 0
    wide_form (\number + 8), \function, 2, 0, 0
    wide_form (\number + 12), \function, 2, 1, 0
.endm

island
float {f32_add}, do_f32_add
float {f32_sub}, do_f32_sub
float {f32_mul}, do_f32_mul
float {f32_div}, do_f32_div
wide_float {f64_add}, do_f64_add
wide_float {f64_sub}, do_f64_sub
wide_float {f64_mul}, do_f64_mul
wide_float {f64_div}, do_f64_div
frequent

@ ---- comparisons: four that give a value, four that branch ----

.macro compare_operands first, in_acc, imm
    .if \in_acc
        .set after, \first + 2
    .else
        slot r0, \first
        .set after, \first + 4
    .endif
    .if \imm
        signed r1, (after - 2)
    .else
        slot r1, (after - 2)
    .endif
    .if \in_acc
        cmp r6, r1
    .else
        cmp r0, r1
    .endif
.endm

branches
.macro compare_value number, if, unless, in_acc, imm
    op \number
    compare_operands 4, \in_acc, \imm
    set_if \if, \unless
    finish after
.endm

.macro compare_branch number, if, in_acc, imm
    op \number
    compare_operands 2, \in_acc, \imm
    .if after == 6
        taken_if \if, 6
    .else
        taken_if \if, 4
    .endif
    done (after + 4)
.endm

.macro compare number, if, unless
    seldom
    compare_value (\number + 0), \if, \unless, 0, 0
    compare_value (\number + 4), \if, \unless, 0, 1
    compare_value (\number + 8), \if, \unless, 1, 0
    compare_value (\number + 12), \if, \unless, 1, 1
    frequent
    compare_branch (\number + 16), \if, 0, 0
    compare_branch (\number + 20), \if, 0, 1
    compare_branch (\number + 24), \if, 1, 0
    compare_branch (\number + 28), \if, 1, 1
    takes_it 4
    takes_it 6
.endm

island
compare {i32_eq}, eq, ne
compare {i32_ne}, ne, eq
compare {i32_lt_s}, lt, ge
compare {i32_lt_u}, lo, hs
island
compare {i32_gt_s}, gt, le
compare {i32_gt_u}, hi, ls
compare {i32_le_s}, le, gt
island
compare {i32_le_u}, ls, hi
compare {i32_ge_s}, ge, lt
compare {i32_ge_u}, hs, lo

@ Of 64 bits; \exchange if the flags are those of right - left.
.macro wide_compare_operands first, in_acc, imm, equality, exchange
    wide_operands \first, \in_acc, \imm
    .if \equality
        eors r0, r2
        eors r1, r3
        orrs r0, r1
    .elseif \exchange
        cmp r2, r0
        sbcs r3, r1
    .else
        cmp r0, r2
        sbcs r1, r3
    .endif
.endm

.macro wide_compare_value number, if, unless, in_acc, imm, equality, exchange
    op \number
    wide_compare_operands 4, \in_acc, \imm, \equality, \exchange
    set_if \if, \unless
    finish after
.endm

.macro wide_compare_branch number, if, in_acc, imm, equality, exchange
    op \number
    wide_compare_operands 2, \in_acc, \imm, \equality, \exchange
    .if after == 6
        taken_if \if, 6
    .else
        taken_if \if, 4
    .endif
    done (after + 4)
.endm

.macro wide_compare number, if, unless, equality, exchange
    wide_compare_value (\number + 0), \if, \unless, 0, 0, \equality, \exchange
    wide_compare_value (\number + 4), \if, \unless, 0, 1, \equality, \exchange
    wide_compare_value (\number + 8), \if, \unless, 1, 0, \equality, \exchange
    wide_compare_value (\number + 12), \if, \unless, 1, 1, \equality, \exchange
    wide_compare_branch (\number + 16), \if, 0, 0, \equality, \exchange
    wide_compare_branch (\number + 20), \if, 0, 1, \equality, \exchange
    wide_compare_branch (\number + 24), \if, 1, 0, \equality, \exchange
    wide_compare_branch (\number + 28), \if, 1, 1, \equality, \exchange
    takes_it 4
    takes_it 6
.endm

seldom
wide_compare {i64_eq}, eq, ne, 1, 0
wide_compare {i64_ne}, ne, eq, 1, 0
wide_compare {i64_lt_s}, lt, ge, 0, 0
wide_compare {i64_lt_u}, lo, hs, 0, 0
wide_compare {i64_gt_s}, lt, ge, 0, 1
island
wide_compare {i64_gt_u}, lo, hs, 0, 1
wide_compare {i64_le_s}, ge, lt, 0, 1
wide_compare {i64_le_u}, hs, lo, 0, 1
wide_compare {i64_ge_s}, ge, lt, 0, 0
wide_compare {i64_ge_u}, hs, lo, 0, 0

@ Of floats: a value, a branch if the comparison holds, one unless it does. The flags are those of the comparison, or of a test
@ whether it gave one of the bits in \mask.
.macro float_operands wide, first, mask
    .if \wide
        pair r0, r1, \first
        pair r2, r3, (\first + 2)
        compare_f64 \mask
    .else
        slot r0, \first
        slot r1, (\first + 2)
        compare_f32 \mask
    .endif
.endm
.macro float_compare number, wide, mask, if, unless
    op (\number)
    float_operands \wide, 4, \mask
    set_if \if, \unless
    finish 8
    op (\number + 4)
    float_operands \wide, 2, \mask
    taken_if \if, 6
    done 10
    op (\number + 8)
    float_operands \wide, 2, \mask
    taken_if \unless, 6
    done 10
    takes_it 6
.endm

island
.if hard_float
    float_compare {f32_eq}, 0, 2, eq, ne
    float_compare {f32_ne}, 0, 2, ne, eq
    float_compare {f32_lt}, 0, 1, mi, pl
    float_compare {f32_gt}, 0, 4, gt, le
    float_compare {f32_le}, 0, 3, ls, hi
    float_compare {f32_ge}, 0, 6, ge, lt
.else
    float_compare {f32_eq}, 0, 2, ne, eq
    float_compare {f32_ne}, 0, 2, eq, ne
    float_compare {f32_lt}, 0, 1, ne, eq
    float_compare {f32_gt}, 0, 4, ne, eq
    float_compare {f32_le}, 0, 3, ne, eq
    float_compare {f32_ge}, 0, 6, ne, eq
.endif
float_compare {f64_eq}, 1, 2, ne, eq
float_compare {f64_ne}, 1, 2, eq, ne
float_compare {f64_lt}, 1, 1, ne, eq
float_compare {f64_gt}, 1, 4, ne, eq
float_compare {f64_le}, 1, 3, ne, eq
float_compare {f64_ge}, 1, 6, ne, eq
frequent

@ ---- memory ----

@ The address of a form in a register, and \after: a slot or the accumulator, to which an immediate or another slot is added.
.macro base first, how, log2, miss, odd, kind
    .ifc \how, acc
        address r6, \first, \log2, \miss, \odd, \kind
        .set after, \first + 2
    .else
        slot r0, \first
        .ifc \how, slot
            .set after, \first + 2
        .else
            .ifc \how, sum
                signed r1, (\first + 2)
            .else
                slot r1, (\first + 2)
            .endif
            adds r0, r0, r1
            .set after, \first + 4
        .endif
        address r0, after, \log2, \miss, \odd, \kind
        .set after, after + 2
    .endif
.endm

.macro load_form number, name, kind, log2, first, how
    op_named (\number), \name
    base \first, \how, \log2, .Lmiss\@, .Lodd\@
    do_load \kind
.Lloaded\@:
    end \first, after
    missed .Lmiss\@
    odd_load .Lodd\@, \kind, \log2, .Lloaded\@
.endm

@ Bit 0 the address in the accumulator, bit 1 bare; then a word as offset, which is left to Rust; then sums, and bare ones.
.macro load number, name, kind, log2
    load_form (\number + 0), \name\()_0, \kind, \log2, 4, slot
    load_form (\number + 4), \name\()_1, \kind, \log2, 4, acc
    load_form (\number + 8), \name\()_2, \kind, \log2, 2, slot
    load_form (\number + 12), \name\()_3, \kind, \log2, 2, acc
    load_form (\number + 20), \name\()_5, \kind, \log2, 4, sum
    load_form (\number + 24), \name\()_6, \kind, \log2, 2, sum
    load_form (\number + 28), \name\()_7, \kind, \log2, 4, index
    load_form (\number + 32), \name\()_8, \kind, \log2, 2, index
.endm

@ The same for 64 bits, of which \extend gives the upper half.
.macro wide_load_form number, name, kind, log2, first, how, extend
    op_named (\number), \name
    base \first, \how, \log2, .Lmiss\@, .Lodd\@, \kind
    .ifc \kind, pair
        load_pair
.Lloaded\@:
    .else
        do_load \kind
.Lloaded\@:
        movs r0, r6
        .if \extend
            asrs r1, r0, #31
        .else
            movs r1, #0
        .endif
    .endif
    wide_finish \first
    missed .Lmiss\@
    odd_load .Lodd\@, \kind, \log2, .Lloaded\@
.endm

.macro wide_load number, name, kind, log2, extend=0
    wide_load_form (\number + 0), \name\()_0, \kind, \log2, 4, slot, \extend
    wide_load_form (\number + 4), \name\()_1, \kind, \log2, 4, acc, \extend
    wide_load_form (\number + 8), \name\()_2, \kind, \log2, 2, slot, \extend
    wide_load_form (\number + 12), \name\()_3, \kind, \log2, 2, acc, \extend
    .ifc \kind, pair
        wide_load_form (\number + 20), \name\()_5, \kind, \log2, 4, sum, \extend
        wide_load_form (\number + 24), \name\()_6, \kind, \log2, 2, sum, \extend
        wide_load_form (\number + 28), \name\()_7, \kind, \log2, 4, index, \extend
        wide_load_form (\number + 32), \name\()_8, \kind, \log2, 2, index, \extend
    .endif
.endm

@ An operation that does what another one does: a load in eight forms, a store in six.
.macro same_load number, name
    entry (\number + 0), \name\()_0
    entry (\number + 4), \name\()_1
    entry (\number + 8), \name\()_2
    entry (\number + 12), \name\()_3
    entry (\number + 20), \name\()_5
    entry (\number + 24), \name\()_6
    entry (\number + 28), \name\()_7
    entry (\number + 32), \name\()_8
.endm
.macro same_store number, name
    entry (\number + 0), \name\()_0
    entry (\number + 4), \name\()_1
    entry (\number + 8), \name\()_2
    entry (\number + 12), \name\()_3
    entry (\number + 20), \name\()_5
    entry (\number + 24), \name\()_6
.endm

often
island
load {i32_load}, load_32, ldr, 2
seldom
wide_load {i64_load}, load_64, pair, 2
same_load {f32_load}, load_32
same_load {f64_load}, load_64
island
load {i32_load8_s}, load_8s, ldrsb, 0
frequent
load {i32_load8_u}, load_8u, ldrb, 0
seldom
load {i32_load16_s}, load_16s, ldrsh, 1
frequent
load {i32_load16_u}, load_16u, ldrh, 1
seldom
rarely
wide_load {i64_load8_s}, load_64_8s, ldrsb, 0, 1
wide_load {i64_load8_u}, load_64_8u, ldrb, 0
wide_load {i64_load16_s}, load_64_16s, ldrsh, 1, 1
wide_load {i64_load16_u}, load_64_16u, ldrh, 1
wide_load {i64_load32_s}, load_64_32s, ldr, 2, 1
wide_load {i64_load32_u}, load_64_32u, ldr, 2
frequent

@ The value is in the slot that the unit at \at names, or 1 in the accumulator, or 2 zero.
.macro store_form number, name, kind, log2, first, how, at, value
    op_named (\number), \name
    .if \value == 0 && \first == 2
        @ The value's unit stands between the address' and the offset.
        base_and_value \how, \log2, .Lmiss\@, .Lodd\@, \kind
    .else
        base \first, \how, \log2, .Lmiss\@, .Lodd\@, \kind
    .endif
    stored \kind, do_store, \at, \value
.Lstored\@:
    done after
    missed .Lmiss\@
    .if \log2 * aligned_only
.Lodd\@:
        stored \kind, odd_store, \at, \value
        b .Lstored\@
    .endif
.endm
.macro base_and_value how, log2, miss, odd, kind
    slot r0, 2
    .ifc \how, sum
        signed r1, 4
        adds r0, r0, r1
        address r0, 8, \log2, \miss, \odd, \kind
        .set after, 10
    .else
        address r0, 6, \log2, \miss, \odd, \kind
        .set after, 8
    .endif
.endm

@ Stores, by an instruction or \how, the value: of the slot that the unit at \at names, the accumulator, or zero.
.macro stored kind, how, at, value
    .ifc \kind, pair
        .if \value == 1
            get_acc_high r2
            movs r1, r6
        .elseif \value == 2
            movs r1, #0
            movs r2, #0
        .else
            pair r1, r2, \at
        .endif
        \how\()_pair
    .else
        .if \value == 1
            \how \kind, r6
        .elseif \value == 2
            movs r1, #0
            \how \kind, r1
        .else
            slot r1, \at
            \how \kind, r1
        .endif
    .endif
.endm

@ The address in a slot; in the accumulator; the value there; zero; a word as offset, which is left to Rust; sums.
.macro store number, name, kind, log2
    store_form (\number + 0), \name\()_0, \kind, \log2, 2, slot, 4, 0
    store_form (\number + 4), \name\()_1, \kind, \log2, 4, acc, 2, 0
    store_form (\number + 8), \name\()_2, \kind, \log2, 2, slot, 0, 1
    store_form (\number + 12), \name\()_3, \kind, \log2, 2, slot, 0, 2
    store_form (\number + 20), \name\()_5, \kind, \log2, 2, sum, 6, 0
    store_form (\number + 24), \name\()_6, \kind, \log2, 2, sum, 0, 1
.endm

@ Of a wide value the lower half is stored, which is where a narrow one is.
rarely
island
store {i32_store}, store_32, str, 2
seldom
store {i64_store}, store_64, pair, 2
frequent
same_store {f32_store}, store_32
same_store {f64_store}, store_64
island
store {i32_store8}, store_8, strb, 0
store {i32_store16}, store_16, strh, 1
same_store {i64_store8}, store_8
same_store {i64_store16}, store_16
same_store {i64_store32}, store_32

@ ---- two operators in one, words in the code: bit 0 accumulator, bit 1 bare ----

.macro left_operand first, in_acc
    .if \in_acc
        .set after, \first
    .else
        slot r0, \first
        .set after, \first + 2
    .endif
.endm
.macro fused_form number, one, two, first, in_acc, right, other
    op (\number)
    left_operand \first, \in_acc
    \right r1, after
    .if \in_acc
        \one r6
    .else
        \one r0
    .endif
    \other r1, (after + 2)
    \two r6
    end \first, (after + 4)
.endm
.macro fused number, one, two, right, other
    fused_form (\number + 0), \one, \two, 4, 0, \right, \other
    fused_form (\number + 4), \one, \two, 4, 1, \right, \other
    fused_form (\number + 8), \one, \two, 2, 0, \right, \other
    fused_form (\number + 12), \one, \two, 2, 1, \right, \other
.endm

island
fused {i32_mul_add}, do_mul, do_add, slot, slot
fused {i32_mul_imm_add}, do_mul, do_add, signed, slot
fused {i32_add_add}, do_add, do_add, slot, slot
fused {i32_xor_xor}, do_xor, do_xor, slot, slot
fused {i32_shl_add}, do_shl, do_add, unsigned, slot
fused {i32_shl_or}, do_shl, do_or, unsigned, slot
fused {i32_shl_xor}, do_shl, do_xor, unsigned, slot
fused {i32_shr_u_xor}, do_shr_u, do_xor, unsigned, slot
fused {i32_rotr_xor}, do_rotr, do_xor, unsigned, slot
fused {i32_shr_u_and}, do_shr_u, do_and, unsigned, signed
fused {i32_add_imm_add}, do_add, do_add, signed, slot
fused {i32_add_and}, do_add, do_and, signed, signed

.macro mul_add_form number, first, in_acc
    op (\number)
    left_operand \first, \in_acc
    .if \in_acc
        movs r0, r6
    .endif
    slot r1, after
    do_f32_mul
    slot r1, (after + 2)
    do_f32_add
    movs r6, r0
    end \first, (after + 4)
.endm
.macro wide_mul_add_form number, first, in_acc
    op (\number)
    wide_operands \first, \in_acc, 0
    do_f64_mul
    pair r2, r3, after
    do_f64_add
    .set after, after + 2
    wide_finish \first
.endm
.macro mul_add number, form
    \form (\number + 0), 4, 0
    \form (\number + 4), 4, 1
    \form (\number + 8), 2, 0
    \form (\number + 12), 2, 1
.endm

seldom
mul_add {f32_mul_add}, mul_add_form
mul_add {f64_mul_add}, wide_mul_add_form
frequent

.macro word_form number, operator, first, in_acc
    op (\number)
    left_operand \first, \in_acc
    word r1, after, r2
    .if \in_acc
        \operator r6
    .else
        \operator r0
    .endif
    end \first, (after + 4)
.endm
.macro with_word number, operator
    word_form (\number + 0), \operator, 4, 0
    word_form (\number + 4), \operator, 4, 1
    word_form (\number + 8), \operator, 2, 0
    word_form (\number + 12), \operator, 2, 1
.endm

island
with_word {i32_add_word}, do_add
with_word {i32_mul_word}, do_mul
with_word {i32_and_word}, do_and
with_word {i32_or_word}, do_or
with_word {i32_xor_word}, do_xor

.macro float_word_form number, function, first, in_acc
    op (\number)
    left_operand \first, \in_acc
    .if \in_acc
        movs r0, r6
    .endif
    word r1, after, r2
    \function
    movs r6, r0
    end \first, (after + 4)
.endm
.macro with_float_word number, function
    float_word_form (\number + 0), \function, 4, 0
    float_word_form (\number + 4), \function, 4, 1
    float_word_form (\number + 8), \function, 2, 0
    float_word_form (\number + 12), \function, 2, 1
.endm

seldom
with_float_word {f32_add_word}, do_f32_add
with_float_word {f32_sub_word}, do_f32_sub
with_float_word {f32_mul_word}, do_f32_mul

.macro wide_float_word_form number, function, first, in_acc
    op (\number)
    left_operand \first, \in_acc
    .if \in_acc
        movs r0, r6
        get_acc_high r1
    .else
        pair r0, r1, \first
    .endif
    word r2, after, r3
    helper \function
    .set after, after + 4
    wide_finish \first
.endm
.macro with_wide_float_word number, function
    wide_float_word_form (\number + 0), \function, 4, 0
    wide_float_word_form (\number + 4), \function, 4, 1
    wide_float_word_form (\number + 8), \function, 2, 0
    wide_float_word_form (\number + 12), \function, 2, 1
.endm

with_wide_float_word {f64_add_word}, {fn_f64_add_word}
with_wide_float_word {f64_sub_word}, {fn_f64_sub_word}
with_wide_float_word {f64_mul_word}, {fn_f64_mul_word}
frequent

@ ---- steps of loops: the sum is in r6 and its slot in r3, and is written once the branch is known to be taken or not ----

.macro stepped
    slot r6, 4
    signed r1, 6
    ldrh r3, [r4, #2]
    adds r6, r6, r1
.endm
.macro step_form number, if, right
    op (\number)
    stepped
    \right r1, 8
    cmp r6, r1
    taken_if \if, 10
    str r6, [r5, r3]
    done 14
.endm
.macro step number, if
    step_form (\number + 0), \if, slot
    step_form (\number + 4), \if, signed
    takes_it 10
.endm

island
often
step {i32_step_ne}, ne
step {i32_step_lt_s}, lt
step {i32_step_lt_u}, lo
step {i32_step_gt_s}, gt
step {i32_step_gt_u}, hi

@ ---- control ----

op {charge}
    charge

op {br}
    taken 2

.macro test number, acc, if, jump
    op (\number)
    slot r0, 2
    \jump r0, 4f
    done 8
    op (\acc)
    cmp r6, #0
    b\if 2f
    done 6
4:  taken 4
2:  taken 2
.endm

.macro test_wide number, acc, if
    op (\number)
    pair r0, r1, 2
    orrs r0, r1
    b\if 4f
    done 8
    op (\acc)
    get_acc_high r1
    orrs r1, r6
    b\if 2f
    done 6
4:  taken 4
2:  taken 2
.endm

test {br_if}, {br_if} + 4, ne, jump_nonzero
test {br_unless}, {br_unless} + 4, eq, jump_zero
seldom
test_wide {br_if_64}, {br_if_64} + 4, ne
test_wide {br_unless_64}, {br_unless_64} + 4, eq
frequent

.macro test_and number, if
    op (\number)
    slot r0, 2
    signed r1, 4
    tst r0, r1
    b\if 6f
    done 10
    op (\number + 4)
    signed r0, 2
    tst r6, r0
    b\if 4f
    done 8
.endm

test_and {br_if_and}, ne
test_and {br_unless_and}, eq
6:  taken 6
4:  taken 4

op {br_step}
    stepped
    bne 3f
    str r6, [r5, r3]
    done 12
3:  taken 8, 1

op {br_table}
    slot r0, 2
    word r1, 4, r2
    cmp r0, r1
    bls 1f
    movs r0, r1
1:  br_table

@ ---- calls ----

calls

@ ---- copies, constants, selections, globals ----

often
island
op {copy_32}
    slot r0, 4
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    done 6
op {copy_two_32}
    slot r0, 4
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    slot r0, 8
    ldrh r1, [r4, #6]
    str r0, [r5, r1]
    done 10
op {copy_64}
    pair r0, r1, 4
    put_pair r0, r1
    done 6
op {const_16}
    signed r0, 4
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    done 6
op {const_16} + 4
    signed r6, 2
    done 4
op {const_32}
    word r0, 4, r1
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    done 8
op {const_32} + 4
    word r6, 2, r1
    done 6
seldom
op {const_64_imm}
    signed r0, 4
    asrs r1, r0, #31
    put_pair r0, r1
    done 6
op {const_64_imm} + 4
    signed r6, 2
    asrs r1, r6, #31
    put_acc_high r1, r0
    done 4
op {const_64}
    word r0, 4, r2
    word r1, 8, r2
    put_pair r0, r1
    done 12
op {const_64} + 4
    word r6, 2, r2
    word r1, 6, r2
    put_acc_high r1, r0
    done 10

frequent
.macro choose at
    beq .Lright\@
    slot r6, \at
    finish (\at + 4)
.Lright\@:
    slot r6, (\at + 2)
    finish (\at + 4)
.endm

op {select_32}
    slot r0, 4
    cmp r0, #0
    choose 6
op {select_32} + 4
    cmp r6, #0
    choose 4

.macro choose_wide at
    beq .Lright\@
    pair r0, r1, \at
    b .Lchosen\@
.Lright\@:
    pair r0, r1, (\at + 2)
.Lchosen\@:
    wide_result 4
    done (\at + 4)
.endm

seldom
op {select_64}
    slot r0, 4
    cmp r0, #0
    choose_wide 6
op {select_64} + 4
    cmp r6, #0
    choose_wide 4

frequent
op {global_get_32}
    hot r0, {globals}
    ldrh r1, [r4, #4]
    ldr r6, [r0, r1]
    finish 6
op {global_get_32} + 4
    hot r0, {globals}
    ldrh r1, [r4, #2]
    ldr r6, [r0, r1]
    done 4
op {global_set_32}
    hot r0, {globals}
    slot r1, 2
    ldrh r2, [r4, #4]
    str r1, [r0, r2]
    done 6
op {global_set_32} + 4
    hot r0, {globals}
    ldrh r1, [r4, #2]
    str r6, [r0, r1]
    done 4
op {global_set_sum}
    slot r1, 2
    signed r2, 4
    adds r1, r1, r2
    hot r0, {globals}
    ldrh r2, [r4, #6]
    str r1, [r0, r2]
    done 8
op {global_sub}
    hot r0, {globals}
    ldrh r1, [r4, #6]
    signed r2, 4
    ldr r6, [r0, r1]
    subs r6, r6, r2
    str r6, [r0, r1]
    finish 8

@ The rest of the table.
.pushsection .rodata.wasmote_handlers, "a"
.rept {count} - filled
    left_to_rust filled
    .word leave
    .set filled, filled + 1
.endr
.popsection

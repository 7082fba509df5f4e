@ Handlers for Arm's microcontrollers. `assembly.rs` says what every handler keeps to; `thumb1.s` and `thumb2.s` say the words
@ that differ between the two instruction sets.
@
@ r4 instruction pointer, r5 frame, r6 accumulator, r7 table of handlers, r8 hot words, r9 memory's base, r10 start of the
@ window, r11 fuel, r12 limit of an access of four bytes; r0 to r3 are free.

.set filled, 0

@ Calls a function of `helpers.rs`; `restore_limit` follows, for r12 is lost.
.macro helper function
    bl \function
.endm

@ Floats of 64 bits are in software everywhere; `thumb1.s` and `arithmetic.s` have their arithmetic.
.macro do_f64_promote_f32
    helper {fn_f64_promote_f32}
.endm
.macro do_i64_clz
    helper {fn_i64_clz}
.endm
.macro do_i64_ctz
    helper {fn_i64_ctz}
.endm
.macro do_i64_popcnt
    helper {fn_i64_popcnt}
.endm
table
.p2align 2
wasmote_handlers:
.popsection

@ A handler that may leave says so.
.macro leaves
    left_to_rust current
.endm

@ The table's entry of an operation; those between it and the one before lead to `leave`.
.macro entry number, handler
    .if (\number) / 4 < filled
        .error "operations out of order"
    .endif
    table
    .rept (\number) / 4 - filled
        left_to_rust filled
        place_of_leave
        .set filled, filled + 1
    .endr
    place_of \handler
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

@ The slot that the unit at \from names into the one that the unit at \to names.
.macro copy_slot to, from
    slot r0, \from
    ldrh r1, [r4, #\to]
    str r0, [r5, r1]
.endm

@ The accumulator into the slot that the first operand names.
.macro result
    ldrh r0, [r4, #2]
    str r6, [r5, r0]
.endm

@ Begins the handler that several operations have, the forms of one: those in \list, counted from \number.
.macro forms_from number, name, list:vararg
    .irp form, \list
        entry ((\number) + 4 * (\form)), \name
    .endr
    .set current, (\number) / 4
\name:
.endm
.macro op_all number, name
    forms_from (\number), \name, 0, 1, 2, 3, 4, 5, 6, 7
.endm
.macro op_four number, name
    forms_from (\number), \name, 0, 1, 2, 3
.endm
.macro op_two number, name
    forms_from (\number), \name, 0, 1
.endm

@ Between `seldom` and `frequent` stands what is apart from loops over words, bytes and halves: 64 bits, floats, divisions,
@ comparisons that give a value, and what operators share that are not frequent in any form.
.macro frequent
    .popsection
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
@ What ends in place, and loads in place, if the chip has the flash for it.
.macro often
    .set warm, inline_ends
.endm
.macro rarely
    .set warm, 0
.endm
rarely

@ ---- what operators share: operands and results by the bits of the form ----
@
@ A *shape* is a form's bits from bit 30 downwards: whether the result goes to the accumulator only, whether the first operand
@ is there, whether the second one is an immediate. Numbers of operations are multiples of four, so that forms without the
@ last bit have a zero there.

.set int_bias, ({i32_add}) & 31
.set float_bias, ({f32_add}) & 15
.set first_bias, ({i32_mul_add}) & 15
.if ({i32_eq} - {i32_add}) & 31 || ({i32_add_word} - {i32_mul_add}) & 15 || ({i32_eqz}) & 7
    .error "forms of classes that share handlers begin at other bits"
.endif

.macro shape rd, bias, bits
    ldrh \rd, [r4]
    .if \bias
        subs \rd, #\bias
    .endif
    lsls \rd, \rd, #(29 - \bits)
.endm
.macro shape_int rd
    shape \rd, int_bias, 3
.endm
.macro shape_float rd
    shape \rd, float_bias, 2
.endm
.macro shape_first rd
    shape \rd, first_bias, 2
.endm

@ The first operand by the shape in r2, of which its bits are taken; r3 points to the unit behind it.
.macro left_by_shape wide
    movs r0, r6
    adds r3, r4, #2
    lsls r2, r2, #1
    bmi .Lbare\@
    adds r3, #2
.Lbare\@:
    lsls r2, r2, #1
    bmi .Lin_acc\@
    .if \wide
        ldrh r1, [r3]
        adds r3, #2
        adds r1, r1, r5
        ldr r0, [r1]
        ldr r1, [r1, #4]
        b .Ltaken\@
.Lin_acc\@:
        get_acc_high r1
.Ltaken\@:
    .else
        ldrh r0, [r3]
        adds r3, #2
        ldr r0, [r5, r0]
.Lin_acc\@:
    .endif
.endm

@ The base of an access in r0, unless it is in the accumulator and the access is made in place, its offset in r1, and \after: a
@ slot or the accumulator, to which an immediate or another slot is added.
.macro base first, how
    .ifc \how, acc
        .if warm == 0
            movs r0, r6
        .endif
        ldrh r1, [r4, #\first]
        .set after, \first + 2
    .else
        slot r0, \first
        .ifc \how, slot
            ldrh r1, [r4, #(\first + 2)]
            .set after, \first + 4
        .else
            .ifc \how, sum
                signed r1, (\first + 2)
            .else
                slot r1, (\first + 2)
            .endif
            adds r0, r0, r1
            ldrh r1, [r4, #(\first + 4)]
            .set after, \first + 6
        .endif
    .endif
.endm

@ The same by a routine, r3 being how many bytes the operation has, and one more if its result is bare.
.macro load_place form, how, first
.Lform_\form:
    base \first, \how
    movs r3, #(after + (4 - \first) / 2)
    bx lr
.endm

.macro shared
@ Two operands of 32 bits in r0 and r1.
two_narrow

@ Two operands of 64 bits in r1:r0 and r3:r2.
two_wide

@ An operand in r0, or in r1:r0, and a word in r1 or in r2.
word_right:
    narrow_word_right
wide_word_right:
    shape_first r2
    left_by_shape 1
    word_at r3, r2, r3
    widen_word
    bx lr

@ The first operand in r0, r3 pointing behind its unit.
left_first:
    narrow_left
@ The address of the last one of the slots of a fused operation in r2; r0 and r1 are kept.
third:
    adds r2, r4, #4
    shape_first r3
    lsls r3, r3, #1
    bmi 1f
    adds r2, #2
1:  lsls r3, r3, #1
    bmi 2f
    adds r2, #2
2:  ldrh r2, [r2]
    adds r2, r2, r5
    bx lr

@ The operand of a form of one operand in r0 or r1:r0.
unary_narrow:
    ldrh r1, [r4]
    movs r0, r6
    lsls r1, r1, #29
    bmi 1f
    slot r0, 4
1:  bx lr
unary_wide:
    ldrh r1, [r4]
    movs r0, r6
    lsls r1, r1, #29
    bmi 1f
    pair r0, r1, 4
    bx lr
1:  get_acc_high r1
    bx lr

@ A quotient or remainder of 64 bits as r6 says.
divide_wide:
    do_divide
    cmp r3, #0
    bne trapped
    restore_limit r2
    b give_wide

@ A float becomes an integer, an integer a float, both as r2 says: of 32 bits and of 64.
truncate_narrow:
    bl unary_narrow
    push {{r2, r3}}
    helper {fn_f64_promote_f32}
    pop {{r2, r3}}
    b 1f
truncate_wide:
    bl unary_wide
1:  do_truncate
    cmp r3, #0
    beq give_unary_by_kind
@ Stops with the trap whose code is in r3.
trapped:
    far stop
convert_narrow:
    bl unary_narrow
    movs r1, #0
    movs r3, #{signed}
    tst r2, r3
    beq 1f
    asrs r1, r0, #31
    b 1f
convert_wide:
    bl unary_wide
1:  push {{r2, r3}}
    do_convert
    pop {{r2, r3}}
give_unary_by_kind:
    lsls r2, r2, #31
    bpl give_unary
@ What follows a result of one operand in r1:r0; in r1:r6; in r0; in r6.
give_unary_wide:
    restore_limit r2
    movs r6, r0
given_unary_wide:
    put_acc_high r1, r0
    put_pair r6, r1
    b 1f
give_unary:
    restore_limit r2
    movs r6, r0
given_unary:
    result
1:  ldrh r0, [r4]
    lsls r0, r0, #29
    bmi 2f
    adds r4, #2
2:  next 4

@ The same of two operands; then, a unit longer, of fused operations and those with a word.
give_narrow
given_slot:
    adds r4, #2
given:
    lsls r3, r3, #1
    bmi 1f
    adds r4, #2
1:  next 4
give_pairs

@ What follows a load whose operation is as long as r3 says: r6; r1:r0.
give_load:
    lsls r2, r3, #31
    bmi 1f
    result
    b go_on
1:  subs r3, #1
    b go_on
give_wide_load:
    lsls r2, r3, #31
    bpl give_loaded
    subs r3, #1
    b give_loaded_bare
give_loaded:
    put_pair r0, r1
give_loaded_bare:
    movs r6, r0
    put_acc_high r1, r2
go_on:
    adds r4, r4, r3
    next 0

@ What follows a comparison of 64 bits: a value or a branch.
holds:
    movs r0, #1
    b 1f
holds_not:
    movs r0, #0
1:  shape_int r3
    lsls r3, r3, #1
    bmi 2f
    movs r6, r0
    result
    b given_slot
2:  lsls r3, r3, #1
    bmi 3f
    adds r4, #2
3:  cmp r0, #0
    bne 4f
    next 8
4:  taken_seldom 4
@ The same of floats: r0 says how they compare, r6 which ways hold.
holds_float:
    restore_limit r2
    tst r0, r6
    bne 1f
    movs r6, #0
    b 2f
1:  movs r6, #1
2:  result
    next 8
branch_float:
    restore_limit r2
    tst r0, r6
    bne 1f
    next 10
1:  taken_seldom 6

compare_narrow_value:
    slot r0, 4
    slot r1, 6
    f32_value
compare_narrow_branch:
    slot r0, 2
    slot r1, 4
    f32_branch
compare_wide_value:
    pair r0, r1, 4
    pair r2, r3, 6
    bl {fn_f64_compare}
    b holds_float
compare_wide_branch:
    pair r0, r1, 2
    pair r2, r3, 4
    bl {fn_f64_compare}
    b branch_float

@ The flags of two operands of 64 bits.
compare_wide:
    push {{lr}}
    bl wide_int
    cmp r0, r2
    sbcs r1, r3
    pop {{pc}}
compare_wide_exchanged:
    push {{lr}}
    bl wide_int
    cmp r2, r0
    sbcs r3, r1
    pop {{pc}}
compare_wide_equal:
    push {{lr}}
    bl wide_int
    eors r0, r2
    eors r1, r3
    orrs r0, r1
    pop {{pc}}

@ What a load's forms take of the numbers of operations.
.set load_numbers, {i64_load} - {i32_load}
@ The base of a load's address and its offset in r0 and r1 by the form, the operator being the r2-th load; r3 is how many bytes
@ the operation has, and one more if its result is bare.
accessed:
    movs r1, #load_numbers
    muls r2, r1, r2
    load_number r1
    ldrh r3, [r4]
    subs r3, r3, r1
    subs r3, r3, r2
    by_form r3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
    load_place 0, slot, 4
    load_place 1, acc, 4
    load_place 2, slot, 2
    load_place 3, acc, 2
    load_place 5, sum, 4
    load_place 6, sum, 2
    load_place 7, index, 4
    load_place 8, index, 2
.Lform_9:
    movs r3, #8
    b at_word
.Lform_4:
    movs r3, #10
@ What is added to a slot, or to nothing: a word as r1. r0 is the slot.
far_load:
    slot r0, 4
    b 1f
far_store:
    slot r0, 2
1:  word r1, 6, r2
    bx lr
at_word:
    movs r0, #0
    word r1, 4, r2
    bx lr
.endm

@ ---- one operand ----

island
.macro unary number, instruction
    op (\number)
    slot r0, 4
    \instruction r6, r0
    finish 6
    op (\number + 4)
    \instruction r6, r6
    finish 4
.endm

seldom
@ By an instruction; by a function of 32 or 64 bits that gives as many.
.macro unary_rare number, instruction
    op_two (\number), .Lop\@
    bl unary_narrow
    \instruction r6, r0
    b given_unary
.endm
.macro unary_call number, function, from, to
    op_two (\number), .Lop\@
    bl unary_\from
    \function
    .ifc \to, wide
        b give_unary_wide
    .else
        b give_unary
    .endif
.endm

unary_rare {i32_eqz}, do_eqz

op_two {i64_eqz}, .Li64_eqz
    bl unary_wide
    orrs r0, r1
    do_eqz r6, r0
    b given_unary

@ The sign bit alone: r1, the upper half or all.
.macro clear_sign rd
    lsls \rd, \rd, #1
    lsrs \rd, \rd, #1
.endm
.macro turn_sign rd
    movs r2, #1
    lsls r2, r2, #31
    eors \rd, r2
.endm
.macro sign number, instruction
    op_two (\number), .Lop\@
    bl unary_narrow
    \instruction r0
    b give_unary
.endm
.macro sign_wide number, instruction
    op_two (\number), .Lop\@
    bl unary_wide
    \instruction r1
    b give_unary_wide
.endm

counts
unary_call {i64_clz}, do_i64_clz, wide, wide
unary_call {i64_ctz}, do_i64_ctz, wide, wide
unary_call {i64_popcnt}, do_i64_popcnt, wide, wide

@ The integer next to a float, of 32 bits and of 64.
.macro rounds number, bits, toward
    op_two (\number), .Lop\@
    movs r2, #\toward
    b round_\bits
.endm
.macro rounds_all ceil, floor, trunc, nearest, bits
rounds \ceil, \bits, {toward_above}
rounds \floor, \bits, {toward_below}
rounds \trunc, \bits, {toward_zero}
rounds \nearest, \bits, {toward_nearest}
.endm
round_32:
    bl unary_narrow
    do_round_single
    b give_unary
round_64:
    bl unary_wide
    do_round
    b give_unary_wide

sign {f32_abs}, clear_sign
sign {f32_neg}, turn_sign
rounds_all {f32_ceil}, {f32_floor}, {f32_trunc}, {f32_nearest}, 32
unary_call {f32_sqrt}, do_f32_sqrt, narrow, narrow
sign_wide {f64_abs}, clear_sign
sign_wide {f64_neg}, turn_sign
rounds_all {f64_ceil}, {f64_floor}, {f64_trunc}, {f64_nearest}, 64
unary_call {f64_sqrt}, do_f64_sqrt, wide, wide
frequent

@ Truncation is a copy of the lower half, as are the same bits of other types.
.macro copied number
    op (\number)
    slot r6, 4
    finish 6
    op (\number + 4)
    finish 4
.endm
copied {i32_wrap_i64}
seldom

@ By a function that is told what to do.
.macro by_kind number, function, kind
    op_two (\number), .Lop\@
    movs r2, #(\kind)
    b \function
.endm
by_kind {i32_trunc_f32_s}, truncate_narrow, {signed}
by_kind {i32_trunc_f32_u}, truncate_narrow, 0
by_kind {i32_trunc_f64_s}, truncate_wide, {signed}
by_kind {i32_trunc_f64_u}, truncate_wide, 0


.macro zero rd, rs, amount
    movs \rd, #0
.endm

extend {i64_extend_i32_s}, asrs, #31
extend {i64_extend_i32_u}, zero, #0

by_kind {i64_trunc_f32_s}, truncate_narrow, {wide} + {signed}
by_kind {i64_trunc_f32_u}, truncate_narrow, {wide}
by_kind {i64_trunc_f64_s}, truncate_wide, {wide} + {signed}
by_kind {i64_trunc_f64_u}, truncate_wide, {wide}
f32_convert_i32
by_kind {f32_convert_i64_s}, convert_wide, {signed}
by_kind {f32_convert_i64_u}, convert_wide, 0
unary_call {f32_demote_f64}, do_f32_demote_f64, wide, narrow
by_kind {f64_convert_i32_s}, convert_narrow, {wide} + {signed}
by_kind {f64_convert_i32_u}, convert_narrow, {wide}
by_kind {f64_convert_i64_s}, convert_wide, {wide} + {signed}
by_kind {f64_convert_i64_u}, convert_wide, {wide}
unary_call {f64_promote_f32}, do_f64_promote_f32, narrow, wide

.macro copied_wide number
    op_two (\number), .Lop\@
    bl unary_wide
    b give_unary_wide
.endm
frequent
copied {i32_reinterpret_f32}
seldom
copied_wide {i64_reinterpret_f64}
frequent
copied {f32_reinterpret_i32}
seldom
copied_wide {f64_reinterpret_i64}
frequent
unary {i32_extend8_s}, sxtb
unary {i32_extend16_s}, sxth
seldom

@ Within 64 bits.
.macro extend_low number, instruction
    op_two (\number), .Lop\@
    bl unary_narrow
    \instruction r0, r0
    asrs r1, r0, #31
    b give_unary_wide
.endm
.macro as_it_is rd, rs
.endm

extend_low {i64_extend8_s}, sxtb
extend_low {i64_extend16_s}, sxth
extend_low {i64_extend32_s}, as_it_is

i32_trunc_sat_f32
by_kind {i32_trunc_sat_f64_s}, truncate_wide, {saturating} + {signed}
by_kind {i32_trunc_sat_f64_u}, truncate_wide, {saturating}
by_kind {i64_trunc_sat_f32_s}, truncate_narrow, {saturating} + {wide} + {signed}
by_kind {i64_trunc_sat_f32_u}, truncate_narrow, {saturating} + {wide}
by_kind {i64_trunc_sat_f64_s}, truncate_wide, {saturating} + {wide} + {signed}
by_kind {i64_trunc_sat_f64_u}, truncate_wide, {saturating} + {wide}
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

@ Shifts by an immediate are frequent, those by a register are not.
.macro shift number, operator
    seldom
.Lrare\@:
    bl two_int
    amount
    \operator r0
    b give_int
    frequent
    entry (\number + 0), .Lrare\@
    binary_form (\number + 4), \operator, 4, 0, 1, unsigned
    entry (\number + 8), .Lrare\@
    binary_form (\number + 12), \operator, 4, 1, 1, unsigned
    entry (\number + 16), .Lrare\@
    binary_form (\number + 20), \operator, 2, 0, 1, unsigned
    entry (\number + 24), .Lrare\@
    binary_form (\number + 28), \operator, 2, 1, 1, unsigned
.endm

binary {i32_add}, do_add
binary {i32_sub}, do_sub
binary {i32_mul}, do_mul
seldom
division
frequent
binary {i32_and}, do_and
binary {i32_or}, do_or
binary {i32_xor}, do_xor
shift {i32_shl}, do_shl
shift {i32_shr_s}, do_shr_s
shift {i32_shr_u}, do_shr_u
seldom
op_all {i32_rotl}, .Li32_rotl
    bl two_int
    amount_left
    do_rotr r0
    b give_int
frequent
shift {i32_rotr}, do_rotr
seldom

@ ---- 64 bits: r1:r0 = r1:r0 . r3:r2 ----

.macro wide number, operator
    op_all (\number), .Lop\@
    bl wide_int
    \operator
    b give_wide
.endm
@ The accumulator becomes r1:r0.
.macro give_pair
    movs r6, r0
    put_acc_high r1, r0
.endm
@ An operator of 64 bits of which the forms in \direct are frequent.
.macro wide_often number, operator, direct:vararg
    .irp form, 0, 1, 2, 3, 4, 5, 6, 7
        .set is_direct, 0
        .irp chosen, \direct
            .if \chosen == \form
                .set is_direct, 1
            .endif
        .endr
        .if is_direct
            wide_form (\number + 4 * \form), \operator, (4 - (\form / 4) * 2), ((\form / 2) & 1)
        .else
            entry (\number + 4 * \form), .Lop\@
        .endif
    .endr
.Lop\@:
    bl wide_int
    \operator
    b give_wide
.endm
@ One without an immediate.
.macro wide_form number, operator, first, in_acc
    op \number
    .if \in_acc
        movs r0, r6
        get_acc_high r1
        .set after, (\first) + 2
    .else
        pair r0, r1, (\first)
        .set after, (\first) + 4
    .endif
    pair r2, r3, (after - 2)
    \operator
    give_pair
    .if (\first) == 4
        put_pair r6, r1
    .endif
    next after
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

wide_often {i64_add}, do_add64, 2, 6
wide {i64_sub}, do_sub64
wide_often {i64_mul}, do_mul64, 4
.macro divides_wide number, kind
    op_all (\number), .Lop\@
    bl wide_int
    movs r6, #(\kind)
    b divide_wide
.endm
divides_wide {i64_div_s}, {signed}
divides_wide {i64_div_u}, 0
divides_wide {i64_rem_s}, {signed} + {remainder}
divides_wide {i64_rem_u}, {remainder}
wide_often {i64_and}, do_and64, 2
wide {i64_or}, do_or64
wide_often {i64_xor}, do_xor64, 2

wide {i64_shl}, do_shl64
wide {i64_shr_s}, do_shr_s64
wide {i64_shr_u}, do_shr_u64
op_all {i64_rotl}, .Li64_rotl
    bl wide_int
    rsbs r2, r2, #0
    b rotate_right
op_all {i64_rotr}, .Li64_rotr
    bl wide_int
@ The halves end in each other's place, so that an amount of less than 32 exchanges them first.
rotate_right:
    amount_64
    subs r2, #32
    bhs .Lexchanged_rotate
    adds r2, #32
    movs r3, r0
    movs r0, r1
    movs r1, r3
.Lexchanged_rotate:
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
    b give_wide


shared

@ ---- two floats: bit 0 accumulator, bit 1 bare ----

@ The lesser of two, or the greater one.
.macro extreme_narrow number, greatest
    op_four (\number), .Lop\@
    bl two_float
    movs r2, #\greatest
    bl {fn_f32_extreme}
    b give_float
.endm
.macro extreme_wide number, greatest
    op_four (\number), .Lop\@
    bl wide_float
    movs r6, #\greatest
    push {{r6, r7}}
    bl {fn_f64_extreme}
    add sp, #8
    b give_wide_float
.endm

@ The magnitude of one word and the sign of another.
.macro with_sign_of rd, other
    lsls \rd, \rd, #1
    lsrs \other, \other, #31
    lsls \other, \other, #31
    lsrs \rd, \rd, #1
    orrs \rd, \other
.endm
.macro do_f32_copysign
    with_sign_of r0, r1
.endm
.macro do_f64_copysign
    with_sign_of r1, r3
.endm

.macro float number, function
    op_four (\number), .Lop\@
    bl two_float
    \function
    .if hard_float
        b give_float_in_place
    .else
        b give_float
    .endif
.endm
.macro wide_float number, function
    op_four (\number), .Lop\@
    bl wide_float
    \function
    b give_wide_float
.endm

float {f32_add}, do_f32_add
float {f32_sub}, do_f32_sub
float {f32_mul}, do_f32_mul
float {f32_div}, do_f32_div
extreme_narrow {f32_min}, 0
extreme_narrow {f32_max}, 1
float {f32_copysign}, do_f32_copysign
wide_float {f64_add}, do_f64_add
wide_float {f64_sub}, do_f64_sub
wide_float {f64_mul}, do_f64_mul
wide_float {f64_div}, do_f64_div
extreme_wide {f64_min}, 0
extreme_wide {f64_max}, 1
wide_float {f64_copysign}, do_f64_copysign
frequent

@ ---- comparisons: four that give a value, four that branch ----

.macro compare_branch number, if, in_acc, imm, way
    op \number
    .if \in_acc
        .set after, 4
    .else
        slot r0, 2
        .set after, 6
    .endif
    .if \imm
        signed r1, (after - 2)
    .else
        slot r1, (after - 2)
    .endif
    .if \in_acc
        cmp r6, r1
        taken_if \if, 4, \way
    .else
        cmp r0, r1
        taken_if \if, 6, \way
    .endif
    done (after + 4)
.endm

.macro compare number, if, way
    seldom
    forms_from (\number), .Lvalue\@, 0, 1, 2, 3
    bl two_int
    cmp r0, r1
    b\if .Ltrue\@
    b give_false
.Ltrue\@:
    b give_true
    frequent
    compare_branch (\number + 16), \if, 0, 0, \way
    compare_branch (\number + 20), \if, 0, 1, \way
    compare_branch (\number + 24), \if, 1, 0, \way
    compare_branch (\number + 28), \if, 1, 1, \way
.endm

island
compare {i32_eq}, eq, f
compare {i32_ne}, ne, f
compare {i32_lt_s}, lt, f
branches
compare {i32_lt_u}, lo, b
compare {i32_gt_s}, gt, b
compare {i32_gt_u}, hi, f
compare {i32_le_s}, le, f
compare {i32_le_u}, ls, f
branches
compare {i32_ge_s}, ge, b
compare {i32_ge_u}, hs, b

@ Of 64 bits, by the flags of left - right, or right - left, or whether there is a difference.
.macro wide_compare number, if, flags
    op_all (\number), .Lop\@
    bl \flags
    b\if .Ltrue\@
    b holds_not
.Ltrue\@:
    b holds
.endm

seldom
wide_compare {i64_eq}, eq, compare_wide_equal
wide_compare {i64_ne}, ne, compare_wide_equal
wide_compare {i64_lt_s}, lt, compare_wide
wide_compare {i64_lt_u}, lo, compare_wide
wide_compare {i64_gt_s}, lt, compare_wide_exchanged
wide_compare {i64_gt_u}, lo, compare_wide_exchanged
wide_compare {i64_le_s}, ge, compare_wide_exchanged
wide_compare {i64_le_u}, hs, compare_wide_exchanged
wide_compare {i64_ge_s}, ge, compare_wide
wide_compare {i64_ge_u}, hs, compare_wide

@ Of floats: a value, a branch if the comparison holds, one unless it does. \mask is which ways to compare hold.
.macro float_compare number, width, all, mask
    op (\number)
    movs r6, #(\mask)
    b compare_\width\()_value
    op (\number + 4)
    movs r6, #(\mask)
    b compare_\width\()_branch
    op (\number + 8)
    movs r6, #(\all - (\mask))
    b compare_\width\()_branch
.endm
.macro float_compares eq, ne, lt, gt, le, ge, width, less, equal, greater, unordered
    .set all, \less + \equal + \greater + \unordered
    float_compare \eq, \width, all, \equal
    float_compare \ne, \width, all, all - \equal
    float_compare \lt, \width, all, \less
    float_compare \gt, \width, all, \greater
    float_compare \le, \width, all, \less + \equal
    float_compare \ge, \width, all, \greater + \equal
.endm
float_compares {f32_eq}, {f32_ne}, {f32_lt}, {f32_gt}, {f32_le}, {f32_ge}, narrow, less_32, equal_32, greater_32, unordered_32
float_compares {f64_eq}, {f64_ne}, {f64_lt}, {f64_gt}, {f64_le}, {f64_ge}, wide, 1, 2, 4, 8
frequent

@ ---- memory ----

.macro load_form number, name, kind, first, how
    op_named (\number), \name
    leaves
    base \first, \how
    loaded \kind, \how
    end \first, after
.endm

.macro by_load_form number
    leaves
    movs r2, #(((\number) - {i32_load}) / load_numbers)
    bl accessed
.endm
@ The forms in \list of a load, by the form's bits.
.macro shaped_load number, name, kind, list:vararg
    forms_from (\number), \name, \list
    by_load_form (\number)
    bl load_\kind
    far give_load
.endm

@ Bit 0 the address in the accumulator, bit 1 bare; then a word as offset; sums, and bare ones; two slots; a word as address.
.macro load number, name, kind, frequency=rarely
    \frequency
    load_form (\number + 0), \name\()_0, \kind, 4, slot
    rarely
    load_form (\number + 4), \name\()_1, \kind, 4, acc
    load_form (\number + 8), \name\()_2, \kind, 2, slot
    load_form (\number + 12), \name\()_3, \kind, 2, acc
    entry (\number + 16), \name\()_4
    load_form (\number + 20), \name\()_5, \kind, 4, sum
    load_form (\number + 24), \name\()_6, \kind, 2, sum
    load_form (\number + 28), \name\()_7, \kind, 4, index
    load_form (\number + 32), \name\()_8, \kind, 2, index
    shaped_load (\number), \name\()_4, \kind, 9
.endm

@ A load of 64 bits, whose frequent forms another operator may have too.
.macro wide_load number, name
    wide_load_form (\number + 0), \name\()_0, 4, 0
    wide_load_form (\number + 4), \name\()_1, 4, 1
    wide_load_form (\number + 8), \name\()_2, 2, 0
    wide_load_form (\number + 12), \name\()_3, 2, 1
    rare_wide_load \number
.endm
.macro same_wide_load number, name
    .irp form, 0, 1, 2, 3
        entry (\number + 4 * \form), \name\()_\form
    .endr
    rare_wide_load \number
.endm
.macro rare_wide_load number
    forms_from (\number), .Lop\@, 4, 5, 6, 7, 8, 9
    by_load_form (\number)
    bl load_pair
    b give_wide_load
.endm
.macro wide_load_form number, name, first, in_acc
    op_named (\number), \name
    leaves
    .if \in_acc
        movs r0, r6
        .set after, \first + 2
    .else
        slot r0, \first
        .set after, \first + 4
    .endif
    ldrh r1, [r4, #(after - 2)]
    bl load_pair
    give_pair
    .if \first == 4
        put_pair r6, r1
    .endif
    next after
.endm

@ The same for less that becomes 64 bits, r1 being the upper half.
.macro extending_load number, kind, signed=0
    op_load (\number), .Lop\@
    by_load_form (\number)
    bl load_\kind
    movs r0, r6
    .if \signed
        asrs r1, r6, #31
    .else
        movs r1, #0
    .endif
    b give_wide_load
.endm
.macro op_load number, name
    forms_from (\number), \name, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
.endm

@ An operation that does what another one does: a load or a store.
.macro same_load number, name, kind
    .irp form, 0, 1, 2, 3
        entry (\number + 4 * \form), \name\()_\form
    .endr
    entry (\number + 16), .Lfar\@
    .irp form, 5, 6, 7, 8
        entry (\number + 4 * \form), \name\()_\form
    .endr
    shaped_load (\number), .Lfar\@, \kind, 9
.endm
.macro same_store number, name
    .irp form, 0, 1, 2, 3, 4, 5, 6, 7
        entry (\number + 4 * \form), \name\()_\form
    .endr
.endm

island
load {i32_load}, load_32, ldr, often
seldom
wide_load {i64_load}, load_64
frequent
same_load {f32_load}, load_32, ldr
seldom
same_wide_load {f64_load}, load_64
shaped_load {i32_load8_s}, .Lload_8s, ldrsb, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
frequent
load {i32_load8_u}, load_8u, ldrb
load {i32_load16_s}, load_16s, ldrsh
load {i32_load16_u}, load_16u, ldrh
seldom
extending_load {i64_load8_s}, ldrsb, 1
extending_load {i64_load8_u}, ldrb
extending_load {i64_load16_s}, ldrsh, 1
extending_load {i64_load16_u}, ldrh
extending_load {i64_load32_s}, ldr, 1
extending_load {i64_load32_u}, ldr
frequent

@ The value is in the slot that the unit at \at names, or 1 in the accumulator, or 2 zero.
.macro store_form number, name, kind, how, at, value
    op_named (\number), \name
    leaves
    .ifc \how, far
        bl far_store
    .endif
    .ifc \how, at
        bl at_word
    .endif
    .if \value == 1
        movs r2, r6
        .ifc \kind, pair
            get_acc_high r3
        .endif
    .elseif \value == 2
        movs r2, #0
        .ifc \kind, pair
            movs r3, #0
        .endif
    .else
        .ifc \kind, pair
            pair r2, r3, \at
        .else
            slot r2, \at
        .endif
    .endif
    .if \value == 0
        @ The value's unit stands between the address' and the offset, but for an address in the accumulator.
        base_and_value \how
    .else
        base 2, \how
    .endif
    bl store_\kind
    .ifc \kind, pair
        movs r3, #after
        b go_on
    .else
        done after
    .endif
.endm
.macro base_and_value how
    .ifc \how, far
        .set after, 10
    .else
    .ifc \how, at
        .set after, 8
    .else
    .ifc \how, acc
        movs r0, r6
        ldrh r1, [r4, #4]
        .set after, 6
    .else
        slot r0, 2
        .ifc \how, sum
            signed r1, 4
            adds r0, r0, r1
            ldrh r1, [r4, #8]
            .set after, 10
        .else
            ldrh r1, [r4, #6]
            .set after, 8
        .endif
    .endif
    .endif
    .endif
.endm

@ The address in a slot; in the accumulator; the value there; zero; a word as offset; sums; a word as address.
.macro store number, name, kind
    store_form (\number + 0), \name\()_0, \kind, slot, 4, 0
    store_form (\number + 4), \name\()_1, \kind, acc, 2, 0
    store_form (\number + 8), \name\()_2, \kind, slot, 0, 1
    store_form (\number + 12), \name\()_3, \kind, slot, 0, 2
    store_form (\number + 16), \name\()_4, \kind, far, 4, 0
    store_form (\number + 20), \name\()_5, \kind, sum, 6, 0
    store_form (\number + 24), \name\()_6, \kind, sum, 0, 1
    store_form (\number + 28), \name\()_7, \kind, at, 2, 0
.endm

@ Of a wide value the lower half is stored, which is where a narrow one is.
store {i32_store}, store_32, str
seldom
store {i64_store}, store_64, pair
frequent
same_store {f32_store}, store_32
same_store {f64_store}, store_64
store {i32_store8}, store_8, strb
store {i32_store16}, store_16, strh
same_store {i64_store8}, store_8
same_store {i64_store16}, store_16
same_store {i64_store32}, store_32
accesses

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

@ The same for all forms.
.macro fused_rare number, one, two, right, other
    op_four (\number), .Lop\@
    bl left_first
    \right r1, r3, 0
    \one r0
    \other r1, r3, 2
    \two r6
    b give_first
.endm
.macro slot_of rd, from, at
    ldrh \rd, [\from, #\at]
    ldr \rd, [r5, \rd]
.endm
.macro unsigned_of rd, from, at
    ldrh \rd, [\from, #\at]
.endm

island
fused {i32_mul_add}, do_mul, do_add, slot, slot
seldom
fused_rare {i32_mul_imm_add}, do_mul, do_add, signed_of, slot_of
fused_rare {i32_add_add}, do_add, do_add, slot_of, slot_of
fused_rare {i32_xor_xor}, do_xor, do_xor, slot_of, slot_of
frequent
fused {i32_shl_add}, do_shl, do_add, unsigned, slot
seldom
fused_rare {i32_shl_or}, do_shl, do_or, unsigned_of, slot_of
frequent
fused {i32_shl_xor}, do_shl, do_xor, unsigned, slot
fused {i32_shr_u_xor}, do_shr_u, do_xor, unsigned, slot
fused {i32_rotr_xor}, do_rotr, do_xor, unsigned, slot
fused {i32_shr_u_and}, do_shr_u, do_and, unsigned, signed
fused {i32_add_imm_add}, do_add, do_add, signed, slot
seldom
fused_rare {i32_add_and}, do_add, do_and, signed_of, signed_of
op_four {f32_mul_add}, .Lf32_mul_add
    bl two_first
    do_f32_mul
    bl third
    ldr r1, [r2]
    do_f32_add
    b give_first_float
op_four {f64_mul_add}, .Lf64_mul_add
    bl wide_first
    do_f64_mul
    bl third
    ldr r3, [r2, #4]
    ldr r2, [r2]
    do_f64_add
    b give_first_wide

.macro word_operator number, operator
    op_four (\number), .Lop\@
    bl word_right
    \operator r0
    b give_first
.endm
.macro float_word number, function
    op_four (\number), .Lop\@
    bl word_right
    \function
    .if hard_float
        b give_first_float_in_place
    .else
        b give_first_float
    .endif
.endm
.macro wide_float_word number, function
    op_four (\number), .Lop\@
    bl wide_word_right
    \function
    b give_first_wide
.endm

word_operator {i32_add_word}, do_add
word_operator {i32_mul_word}, do_mul
frequent
with_word {i32_and_word}, do_and
seldom
float_word {f32_add_word}, do_f32_add
float_word {f32_mul_word}, do_f32_mul
wide_float_word {f64_add_word}, do_f64_add_word
wide_float_word {f64_mul_word}, do_f64_mul_word
frequent

@ ---- steps of loops: the sum is in r6 and its slot in r3, and is written once the branch is known to be taken or not ----

.macro stepped
    slot r6, 4
    signed r1, 6
    ldrh r3, [r4, #2]
    adds r6, r6, r1
.endm
.macro step_form number, if, right, way
    op (\number)
    stepped
    \right r1, 8
    cmp r6, r1
    taken_if \if, 10, \way
    str r6, [r5, r3]
    done 14
.endm
.macro step number, if, way
    step_form (\number + 0), \if, slot, \way
    step_form (\number + 4), \if, signed, \way
.endm

island
step {i32_step_ne}, ne, f
step {i32_step_lt_u}, lo, f
step_branches

@ ---- control ----

op {charge}
    charge

op {br}
    taken 2

.macro test number, acc, if
    op (\number)
    slot r0, 2
    cmp r0, #0
    taken_if \if, 4, b
    done 8
    op (\acc)
    cmp r6, #0
    taken_if \if, 2, b
    done 6
.endm

.macro test_wide number, acc, if
    op (\number)
    pair r0, r1, 2
    orrs r0, r1
    taken_if \if, 4, b
    done 8
    op (\acc)
    get_acc_high r1
    orrs r1, r6
    taken_if \if, 2, b
    done 6
.endm

branches 1
test {br_if}, {br_if} + 4, ne
test {br_unless}, {br_unless} + 4, eq
test_wide {br_if_64}, {br_if_64} + 4, ne
test_wide {br_unless_64}, {br_unless_64} + 4, eq

.macro test_and number, if
    op (\number)
    slot r0, 2
    signed r1, 4
    tst r0, r1
    taken_if \if, 6, b
    done 10
    op (\number + 4)
    signed r0, 2
    tst r6, r0
    taken_if \if, 4, b
    done 8
.endm

test_and {br_if_and}, ne
test_and {br_unless_and}, eq

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

@ Calls with the copies of their last arguments: `call_at` finds their function behind those.
.macro copying_calls
op {call_copy_32}
    leaves
    copy_slot 2, 4
    behind 4
    b call_at
op {call_copy_two_32}
    leaves
    copy_slot 2, 4
    copy_slot 6, 8
    behind 8
    b call_at
.endm

calls

@ ---- copies, constants, selections, globals ----

op {copy_32}
    copy_slot 2, 4
    often
    done 6
    rarely
op {copy_two_32}
    copy_slot 2, 4
    copy_slot 6, 8
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
    movs r3, #(\at + 4)
    b give_loaded
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
table
.rept {count} - filled
    left_to_rust filled
    place_of_leave
    .set filled, filled + 1
.endr
.popsection

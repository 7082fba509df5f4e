@ The words of `arm.s` in the instructions of Armv6-M.
@
@ The fuel in r11 is negated, so that a cost can be added to a high register. r9 points to the window's first byte and r10 is the negated address of that. Words must be aligned in memory.

.syntax unified
.set inline_ends, 0

@ The table, of halves that say how far from it a handler is, and all handlers are one section, which has the table first.
.macro table
    .pushsection .text.wasmote_assembly, 0, "ax"
.endm
.macro place_of handler
    .hword \handler - wasmote_handlers
.endm
.macro place_of_leave
    place_of leave
.endm
.macro seldom
    .pushsection .text.wasmote_assembly, 2, "ax"
.endm
.section .text.wasmote_assembly, "ax"
.p2align 2
.subsection 1

@ Goes to the next operation, \bytes behind this one. Its number is twice the offset in the table.
.macro next bytes
    .if \bytes
        ldrh r0, [r4, #\bytes]
        adds r4, #\bytes
    .else
        ldrh r0, [r4]
    .endif
    lsrs r0, r0, #1
    ldrh r0, [r7, r0]
    adds r0, r0, r7
    mov pc, r0
.endm

@ Arithmetic of floats of 64 bits.
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
.macro do_f64_add_word
    helper {fn_f64_add_word}
.endm
.macro do_f64_mul_word
    helper {fn_f64_mul_word}
.endm
.macro do_f64_sqrt
    helper {fn_f64_sqrt}
.endm
.macro do_f32_demote_f64
    helper {fn_f32_demote_f64}
.endm
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
.macro root_of_single
    helper {fn_f32_sqrt}
.endm
@ As r2 says, which is kept; r3 becomes 0 or the code of a trap.
.macro do_truncate
    push {{r2, r3}}
    add r3, sp, #4
    bl {fn_truncate}
    pop {{r2, r3}}
.endm
@ As r2 says.
.macro do_round
    bl {fn_f64_round}
.endm
.macro do_round_single
    movs r1, r2
    bl {fn_f32_round}
.endm
.macro do_convert
    bl {fn_convert}
.endm
@ Of 64 bits, as r6 says; r3 becomes 0 or the code of a trap.
.macro do_divide
    push {{r6, r7}}
    mov r6, sp
    push {{r6, r7}}
    bl {fn_divide}
    add sp, #8
    pop {{r3, r7}}
.endm
@ The right operand that is a word stays one.
.macro widen_word
.endm

@ The signed unit at \at.
.macro signed rd, at
    movs \rd, #\at
    ldrsh \rd, [r4, \rd]
.endm

@ The 64-bit value in the slots that the unit at \at names.
.macro pair low, high, at
    ldrh \high, [r4, #\at]
    adds \high, \high, r5
    ldr \low, [\high]
    ldr \high, [\high, #4]
.endm

@ A 64-bit value to the slots that the first operand names; r2 is lost.
.macro put_pair low, high
    ldrh r2, [r4, #2]
    adds r2, r2, r5
    str \low, [r2]
    str \high, [r2, #4]
.endm

@ r6 = what lies \bytes behind the instruction pointer.
.macro behind bytes
    .if \bytes < 8
        adds r6, r4, #\bytes
    .else
        movs r6, r4
        adds r6, #\bytes
    .endif
.endm

@ The word in the units at \at.
.macro word rd, at, free
    ldrh \rd, [r4, #\at]
    ldrh \free, [r4, #(\at + 2)]
    lsls \free, \free, #16
    orrs \rd, \free
.endm
@ The same in those that \from points to.
.macro word_at from, rd, free
    ldrh \rd, [\from]
    ldrh \free, [\from, #2]
    lsls \free, \free, #16
    orrs \rd, \free
.endm

.macro get_acc_high rd
    hot \rd, {acc_high}
.endm
.macro put_acc_high rs, free
    mov \free, r8
    str \rs, [\free, #{acc_high}]
.endm

@ A word of `Hot`.
.macro hot rd, field
    mov \rd, r8
    ldr \rd, [\rd, #\field]
.endm

@ Goes somewhere else for good.
.macro far to
    bl \to
.endm

.macro restore_limit free
    hot \free, {limit}
    mov r12, \free
.endm

@ fn wasmote_run_assembly(hot: *mut Hot)
.p2align 2
.global wasmote_run_assembly
.type wasmote_run_assembly, %function
.thumb_func
wasmote_run_assembly:
    push {{r3, r4, r5, r6, r7, lr}}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {{r4, r5, r6, r7}}
    ldr r1, [r0, #{fuel}]
    rsbs r1, r1, #0
    bvc 1f
    @ The least number has no opposite; a balance that low is a saturated one.
    subs r1, r1, #1
1:  mov r11, r1
    mov r8, r0
    ldr r1, [r0, #{memory}]
    ldr r2, [r0, #{window}]
    adds r1, r1, r2
    mov r9, r1
    rsbs r2, r2, #0
    mov r10, r2
    ldr r1, [r0, #{limit}]
    mov r12, r1
    ldr r4, [r0, #{ip}]
    ldr r5, [r0, #{fp}]
    ldr r6, [r0, #{acc}]
    ldr r7, .Lhandlers
    next 0
.p2align 2
.Lhandlers:
    .word wasmote_handlers

@ Leaves for want of fuel; the instruction pointer is where the machine goes on.
exhausted:
    movs r3, #1
    b stop
@ Leaves before the operation at the instruction pointer.
.thumb_func
leave:
    movs r3, #0
stop:
    mov r0, r8
    str r4, [r0, #{ip}]
    str r5, [r0, #{fp}]
    str r6, [r0, #{acc}]
    mov r1, r11
    rsbs r1, r1, #0
    str r1, [r0, #{fuel}]
    pop {{r4, r5, r6, r7}}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    movs r0, r3
    pop {{r1, r4, r5, r6, r7, pc}}

.macro counts
    unary_call {i32_clz}, do_clz, narrow, narrow
    unary_call {i32_ctz}, do_ctz, narrow, narrow
    unary_call {i32_popcnt}, do_popcnt, narrow, narrow
.endm
.macro do_clz
    helper {fn_i32_clz}
.endm
.macro do_ctz
    helper {fn_i32_ctz}
.endm
.macro do_popcnt
    helper {fn_i32_popcnt}
.endm

@ Takes the branch whose cell is at \at, if there is fuel for it.
.macro taken at, stepped=0
    .if {metered}
        signed r0, (\at + 2)
        add r11, r0
    .endif
    .if \stepped
        str r6, [r5, r3]
    .endif
    signed r0, \at
    lsls r0, r0, #1
    adds r4, #\at
    adds r4, r4, r0
    .if {metered}
        mov r0, r11
        cmp r0, #0
        bge .Lexhausted\@
    .endif
    next 0
    .if {metered}
.Lexhausted\@:
        bl exhausted
    .endif
.endm

@ A branch is near enough only if these stand among the comparisons.
.macro branches named=0
    .if \named
.thumb_func
taken_6:
    .endif
246:adds r4, #2
    .if \named
.thumb_func
taken_4:
    .endif
244:adds r4, #2
242:taken 2
.endm
.macro step_branches
2410:taken 10, 1
.endm
@ Takes the branch whose cell is at \at if the flags say so.
.macro taken_if if, at, way
    b\if 24\at\way
.endm
.macro taken_seldom at
    bl taken_\at
.endm

.macro charge
    .if {metered}
        ldrh r0, [r4, #2]
        add r11, r0
    .endif
    adds r4, #4
    .if {metered}
        mov r0, r11
        cmp r0, #0
        bge 1f
    .endif
    next 0
1:  bl exhausted
.endm

@ ---- operators: r6 = left . r1, the left operand being in \left ----

.macro load_left left
    .ifnc \left, r6
        movs r6, \left
    .endif
.endm
.macro do_eqz rd, rs
    rsbs r1, \rs, #0
    adcs r1, \rs
    movs \rd, r1
.endm
.macro do_mul left
    load_left \left
    muls r6, r1, r6
.endm
.macro do_and left
    load_left \left
    ands r6, r1
.endm
.macro do_or left
    load_left \left
    orrs r6, r1
.endm
.macro do_xor left
    load_left \left
    eors r6, r1
.endm
.macro do_shl left
    load_left \left
    lsls r6, r1
.endm
.macro do_shr_s left
    load_left \left
    asrs r6, r1
.endm
.macro do_shr_u left
    load_left \left
    lsrs r6, r1
.endm
.macro do_rotr left
    load_left \left
    rors r6, r1
.endm

@ The quotient that does not fit traps, as a divisor of 0 does.
.macro divide number, function, given, overflows=0
    op_all (\number), .Lop\@
    bl two_int
    cmp r1, #0
    beq 9f
    .if \overflows
        adds r2, r1, #1
        bne 1f
        lsls r2, r0, #1
        bne 1f
        cmp r0, #0
        bne 8f
1:
    .endif
    bl \function
    movs r6, \given
    b give_called
.endm
.macro division
divide {i32_div_s}, __aeabi_idiv, r0, 1
divide {i32_div_u}, __aeabi_uidiv, r0
divide {i32_rem_s}, __aeabi_idivmod, r1
divide {i32_rem_u}, __aeabi_uidivmod, r1
8:  movs r3, #{overflow}
    far stop
9:  movs r3, #{by_zero}
    far stop
.endm

@ By halves of 16 bits; lr holds a partial sum.
.macro do_mul64
    muls r1, r2, r1
    muls r3, r0, r3
    adds r1, r1, r3
    mov lr, r1
    lsrs r3, r0, #16
    lsrs r6, r2, #16
    uxth r0, r0
    uxth r2, r2
    movs r1, r3
    muls r1, r6, r1
    add lr, r1
    muls r3, r2, r3
    muls r6, r0, r6
    muls r0, r2, r0
    lsls r1, r3, #16
    lsrs r3, r3, #16
    adds r0, r0, r1
    mov r1, lr
    adcs r1, r3
    lsls r2, r6, #16
    lsrs r6, r6, #16
    adds r0, r0, r2
    adcs r1, r6
.endm

@ Goes to the place of a form of \list, four of which \rd counts.
.macro by_form rd, list:vararg
    lsrs \rd, \rd, #1
    add pc, \rd
    nop
    .irp form, \list
        b .Lform_\form
    .endr
.endm
.macro load_number rd
    movs \rd, #({i32_load} >> 8)
    lsls \rd, \rd, #8
    adds \rd, #({i32_load} & 255)
.endm
@ The accumulator becomes 64 bits wide, the upper half being r1.
.macro extend number, instruction, amount
    op_two (\number), .Lop\@
    bl unary_narrow
    \instruction r1, r0, \amount
    b give_unary_wide
.endm
@ Shifts by an amount in r2. A register's shift takes the amount's lowest byte, and one of 32 or more, that of a small negative
@ number too, leaves nothing.
.macro amount_64
    movs r3, #63
    ands r2, r3
.endm
.macro do_shl64
    amount_64
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
.macro do_shr_u64
    amount_64
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
.macro do_shr_s64
    amount_64
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

.macro two_wide
wide_first:
    shape_first r2
    b 1f
wide_float:
    shape_float r2
    b 1f
wide_int:
    shape_int r2
1:  left_by_shape 1
    lsls r2, r2, #1
    bmi 2f
    ldrh r3, [r3]
    adds r3, r3, r5
    ldr r2, [r3]
    ldr r3, [r3, #4]
    bx lr
2:  movs r2, #0
    ldrsh r2, [r3, r2]
    asrs r3, r2, #31
    bx lr
.endm
.macro two_narrow
two_first:
    shape_first r2
    b 1f
two_float:
    shape_float r2
    b 1f
two_int:
    shape_int r2
1:  left_by_shape 0
    lsls r2, r2, #1
    bmi 2f
    ldrh r1, [r3]
    ldr r1, [r5, r1]
    bx lr
2:  movs r1, #0
    ldrsh r1, [r3, r1]
    bx lr
.endm

.macro signed_of rd, from, at
    movs \rd, #\at
    ldrsh \rd, [\from, \rd]
.endm
.macro narrow_left
    shape_first r2
    left_by_shape 0
    bx lr
.endm
.macro narrow_word_right
    shape_first r2
    left_by_shape 0
    word_at r3, r1, r2
    bx lr
.endm
.macro give_pairs
give_wide_float:
    restore_limit r2
    shape_float r3
    b 1f
give_wide:
    shape_int r3
1:  movs r6, r0
give_wide_shaped:
    put_acc_high r1, r2
    lsls r3, r3, #1
    bmi given
    put_pair r6, r1
    b given_slot
give_first_wide:
    restore_limit r2
    movs r6, r0
    put_acc_high r1, r2
    shape_first r3
    lsls r3, r3, #1
    bmi 2f
    put_pair r6, r1
    adds r4, #2
2:  adds r4, #2
    b given
.endm
.macro give_narrow
.if int_bias & 16
    .error "forms of integers begin at other bits"
.endif
give_first_float:
    restore_limit r2
    movs r6, r0
give_first:
    shape_first r3
    lsls r3, r3, #1
    bmi 2f
    result
    adds r4, #2
2:  adds r4, #2
    b given
give_float:
    restore_limit r2
give_float_in_place:
    movs r6, r0
    shape_float r3
    lsls r3, r3, #1
    bpl 1f
    b given
@ Whether the flags say so that are in a comparison's condition.
give_true:
    movs r6, #1
    b give_int
give_false:
    movs r6, #0
    b give_int
give_called:
    restore_limit r2
give_int:
    ldrh r3, [r4]
    lsls r3, r3, #27
    bmi given
1:  result
.endm

@ ---- memory ----

.macro loaded kind, how
    bl load_\kind
.endm

@ Adds r1 to r0, leaves unless an access there lies in the window, and makes an address of it.
.macro window way, wide=0
    adds r0, r0, r1
    bcs 91\way
    add r0, r10
    .if \wide
        hot r1, {limit_wide}
        cmp r0, r1
    .else
        cmp r0, r12
    .endif
    bhs 91\way
    add r0, r9
.endm

@ Loads to r6, or to r1:r0, and stores of r2, or of r3:r2; r3 is kept by those that are not of pairs. What is not aligned is
@ done byte by byte; the window is left behind then, so that the accumulator is free.
.macro accesses
load_ldrb:
    window f
    ldrb r6, [r0]
    bx lr
load_ldrsb:
    window f
    movs r1, #0
    ldrsb r6, [r0, r1]
    bx lr
load_ldrsh:
    window f
    lsls r1, r0, #31
    bne 1f
    ldrsh r6, [r0, r1]
    bx lr
1:  ldrb r1, [r0, #1]
    lsls r6, r1, #8
    ldrb r1, [r0]
    orrs r6, r1
    sxth r6, r6
    bx lr
91: bl leave
load_ldrh:
    window b
    lsls r1, r0, #31
    bne 1f
    ldrh r6, [r0]
    bx lr
load_ldr:
    window b
    lsls r1, r0, #30
    bne load_odd
    ldr r6, [r0]
    bx lr
load_odd:
    ldrb r6, [r0, #3]
    lsls r6, r6, #8
    ldrb r1, [r0, #2]
    orrs r6, r1
    lsls r6, r6, #16
    b 2f
1:  movs r6, #0
2:  ldrb r1, [r0, #1]
    lsls r1, r1, #8
    orrs r6, r1
    ldrb r1, [r0]
    orrs r6, r1
    bx lr
load_pair:
    window b, 1
    lsls r1, r0, #30
    bne 1f
    ldr r1, [r0, #4]
    ldr r0, [r0]
    bx lr
1:  push {{r3, lr}}
    bl load_odd
    push {{r6}}
    adds r0, #4
    bl load_odd
    movs r1, r6
    pop {{r0, r3, pc}}
store_strb:
    window f
    strb r2, [r0]
    bx lr
store_strh:
    window f
    lsls r1, r0, #31
    bne store_odd_half
    strh r2, [r0]
    bx lr
store_str:
    window f
    lsls r1, r0, #30
    bne store_odd
    str r2, [r0]
    bx lr
91: bl leave
store_odd:
    lsrs r1, r2, #16
    strb r1, [r0, #2]
    lsrs r1, r2, #24
    strb r1, [r0, #3]
store_odd_half:
    strb r2, [r0]
    lsrs r1, r2, #8
    strb r1, [r0, #1]
    bx lr
store_pair:
    window b, 1
    lsls r1, r0, #30
    bne 1f
    str r2, [r0]
    str r3, [r0, #4]
    bx lr
1:  push {{lr}}
    bl store_odd
    adds r0, #4
    movs r2, r3
    bl store_odd
    pop {{pc}}
.endm

@ ---- control and calls ----

@ Takes the branch of a table's entry in r0.
.macro br_table
    lsls r0, r0, #2
    adds r0, #8
    adds r2, r4, r0
    .if {metered}
        movs r0, #2
        ldrsh r0, [r2, r0]
        add r11, r0
    .endif
    movs r1, #0
    ldrsh r1, [r2, r1]
    lsls r1, r1, #1
    adds r4, r2, r1
    .if {metered}
        mov r0, r11
        cmp r0, #0
        bge 2f
    .endif
    next 0
2:  bl exhausted
.endm

@ Goes back to the frame of the newest record, behind which r1 points; \other unless it is a plain one. r6 is free, for
@ nothing is in the accumulator after a call.
.macro plain_record other
    leaves
    hot r1, {records}
    ldmia r1!, {{r2, r3}}
    lsls r6, r3, #30
    bne \other
.endm
.macro leave_frame
    mov r0, r8
    str r1, [r0, #{records}]
    ldr r0, [r0, #{code}]
    adds r4, r0, r2
    subs r5, r5, r3
    next 0
.endm

.macro calls
op {return_0}
    plain_record 1f
    leave_frame
@ Nothing is written before it is known that the return is not left to Rust, which would read the value again.
op {return_32}
    plain_record 1f
    slot r0, 2
    str r0, [r5]
    leave_frame
1:  bl leave
op {return_64}
    plain_record 1b
    ldrh r0, [r4, #2]
    adds r0, r0, r5
    ldr r6, [r0]
    ldr r0, [r0, #4]
    str r6, [r5]
    str r0, [r5, #4]
    leave_frame

op {call}
    leaves
    movs r6, r4
@ Calls the function that the second unit from r6 on names, with arguments where the third one says.
call_at:
    mov r0, r8
    ldr r1, [r0, #{funcs}]
    ldrh r2, [r6, #2]
    lsls r2, r2, #3
    ldr r1, [r1, r2]
    ldrh r2, [r6, #4]
    adds r6, #6
@ Enters the function whose code begins r1 bytes from the code's start, with its arguments r2 bytes into the frame; r6 is
@ where it returns to, r0 the hot words. The accumulator is free.
enter:
    ldr r3, [r0, #{code}]
    adds r1, r1, r3
    subs r6, r6, r3
    ldr r0, [r0, #{records}]
    subs r0, #8
    ldrh r3, [r1]
    adds r3, r3, r2
    adds r3, r3, r5
    cmp r3, r0
    bhi 3f
    .if {metered}
        mov r3, r11
        cmp r3, #0
        bge 3f
    .endif
    str r6, [r0]
    str r2, [r0, #4]
    adds r5, r5, r2
    mov r2, r8
    str r0, [r2, #{records}]
    .if {metered}
        ldrh r0, [r1, #2]
        add r11, r0
    .endif
    movs r4, r1
    ldrh r0, [r1, #4]
    ldrh r1, [r1, #6]
    subs r1, r1, r0
    beq 2f
    adds r0, r0, r5
    movs r2, #0
1:  stmia r0!, {{r2}}
    subs r1, #4
    bne 1b
2:  next 8
3:  bl leave

copying_calls

op {call_indirect}
    leaves
    ldrh r0, [r4, #6]
    cmp r0, #0
    bne 1f
    mov r0, r8
    slot r1, 2
    ldr r2, [r0, #{table_len}]
    cmp r1, r2
    bhs 1f
    ldr r2, [r0, #{table}]
    lsls r1, r1, #2
    ldr r1, [r2, r1]
    ldr r2, [r0, #{func_base}]
    subs r1, r1, r2
    ldr r2, [r0, #{own_funcs}]
    cmp r1, r2
    bhs 1f
    ldr r2, [r0, #{funcs}]
    lsls r1, r1, #3
    adds r1, r1, r2
    ldr r2, [r1, #4]
    ldrh r3, [r4, #4]
    cmp r2, r3
    bne 1f
    ldr r1, [r1]
    ldrh r2, [r4, #8]
    movs r6, r4
    adds r6, #10
    b enter
1:  bl leave
.endm

@ The words of `arm.s` in the instructions of Armv7-M and Armv8-M mainline.
@
@ lr is free. `next` is two instructions: the load of an operation's number moves the instruction
@ pointer, and the table's entry is loaded to the program counter. Words need not be aligned in memory.

.syntax unified
.set inline_ends, 1

@ The table, of words; handlers are in two sections, of which a board need not keep the second in RAM.
.macro table
    .pushsection .rodata.wasmote_handlers, "a"
.endm
.macro place_of handler
    .word \handler + 1
.endm
@ A function's address says already that it is one of Thumb.
.macro place_of_leave
    .word leave
.endm
.macro seldom
    .pushsection .text.wasmote_seldom, "ax"
.endm
.section .text.wasmote_assembly, "ax"
.p2align 2

@ Goes to the next operation, \bytes behind this one. Its number is an offset in the table.
.macro next bytes
    .if \bytes
        ldrh r0, [r4, #\bytes]!
    .else
        ldrh r0, [r4]
    .endif
    ldr pc, [r7, r0]
.endm

@ Arithmetic of 64 bits that is long is in `arithmetic.s`.
.macro do_f64_add
    helper add_doubles
.endm
.macro do_f64_sub
    helper subtract_doubles
.endm
.macro do_f64_mul
    helper multiply_doubles
.endm
.macro do_f64_div
    helper divide_doubles
.endm
.macro do_f64_add_word
    do_f64_add
.endm
.macro do_f64_mul_word
    do_f64_mul
.endm
.macro do_f64_sqrt
    helper root_of_double
.endm
.macro do_f32_demote_f64
    helper narrow_double
.endm
.if hard_float == 0
.macro do_f32_add
    helper add_singles
.endm
.macro do_f32_sub
    helper subtract_singles
.endm
.macro do_f32_mul
    helper multiply_singles
.endm
.macro do_f32_div
    helper divide_singles
.endm
.endif
.macro root_of_single
    helper {fn_f64_promote_f32}
    helper root_of_double
    helper narrow_double
.endm
.macro do_truncate
    bl truncate_double
.endm
@ As r2 says.
.macro do_round
    bl round_double
.endm
.macro do_round_single
    mov r6, r2
    helper {fn_f64_promote_f32}
    mov r2, r6
    bl round_double
    bl narrow_double
.endm
.macro do_convert
    bl float_of_integer
.endm
.macro do_divide
    bl divide_long
.endm
@ The normal f32 in r2 as an f64 in r3:r2.
.macro widen_word
    asrs r3, r2, #3
    bic r3, r3, #0x70000000
    add r3, r3, #0x38000000
    lsls r2, r2, #29
.endm

@ The signed unit at \at.
.macro signed rd, at
    ldrsh \rd, [r4, #\at]
.endm

@ The 64-bit value in the slots that the unit at \at names.
.macro pair low, high, at
    ldrh \high, [r4, #\at]
    add \high, r5
    ldrd \low, \high, [\high]
.endm

@ A 64-bit value to the slots that the first operand names; r2 is lost.
.macro put_pair low, high
    ldrh r2, [r4, #2]
    add r2, r5
    strd \low, \high, [r2]
.endm

@ r6 = what lies \bytes behind the instruction pointer.
.macro behind bytes
    .if \bytes < 8
        adds r6, r4, #\bytes
    .else
        add r6, r4, #\bytes
    .endif
.endm

@ The word in the units at \at.
.macro word rd, at, free
    ldr \rd, [r4, #\at]
.endm

@ The same in those that \from points to.
.macro word_at from, rd, free
    ldr \rd, [\from]
.endm

.macro get_acc_high rd
    hot \rd, {acc_high}
.endm
.macro put_acc_high rs, free
    str \rs, [r8, #{acc_high}]
.endm

@ A word of `Hot`.
.macro hot rd, field
    ldr \rd, [r8, #\field]
.endm

.section .text.wasmote_assembly, "ax"
@ fn wasmote_run_assembly(hot: *mut Hot)
.p2align 2
.global wasmote_run_assembly
.type wasmote_run_assembly, %function
.thumb_func
wasmote_run_assembly:
    push {{r3, r4, r5, r6, r7, r8, r9, r10, r11, lr}}
    mov r8, r0
    hot r4, {ip}
    hot r5, {fp}
    hot r6, {acc}
    hot r9, {memory}
    hot r10, {window}
    hot r11, {fuel}
    hot r12, {limit}
    ldr r7, =wasmote_handlers
    .if hard_float
        vmrs r0, fpscr
        orr r1, r0, #(1 << 25)
        vmsr fpscr, r1
        str r0, [sp]
    .endif
    next 0
.p2align 2
.ltorg

@ Leaves for want of fuel, the operation's bytes that are named being done.
exhausted_10:
    adds r4, #2
exhausted_8:
    adds r4, #2
exhausted_6:
    adds r4, #2
exhausted_4:
    adds r4, #2
exhausted_2:
    adds r4, #2
exhausted_0:
    movs r3, #1
    b stop
@ Leaves before the operation at the instruction pointer.
.thumb_func
leave:
    movs r3, #0
stop:
    str r4, [r8, #{ip}]
    str r5, [r8, #{fp}]
    str r6, [r8, #{acc}]
    str r11, [r8, #{fuel}]
    .if hard_float
        ldr r0, [sp]
        vmsr fpscr, r0
    .endif
    mov r0, r3
    pop {{r3, r4, r5, r6, r7, r8, r9, r10, r11, pc}}

@ Takes the branch whose cell is at \at, if there is fuel for it.
.macro taken at, stepped=0
    ldrsh r1, [r4, #\at]
    .if {metered}
        ldrsh r0, [r4, #(\at + 2)]
        subs r11, r11, r0
    .endif
    .if \stepped
        str r6, [r5, r3]
    .endif
    add r4, r4, r1, lsl #1
    .if {metered}
        ble exhausted_\at
    .endif
    next \at
.endm

@ Goes somewhere else for good.
.macro far to
    b \to
.endm

.macro restore_limit free
    hot r12, {limit}
.endm

.macro counts
    unary_rare {i32_clz}, clz
    unary_rare {i32_ctz}, do_ctz
    unary_call {i32_popcnt}, do_popcnt, narrow, narrow
.endm
.macro do_popcnt
    helper {fn_i32_popcnt}
.endm

.macro charge
    .if {metered}
        ldrh r0, [r4, #2]
        subs r11, r11, r0
        ble exhausted_4
    .endif
    next 4
.endm

@ ---- operators: r6 = left . r1, the left operand being in \left ----

.macro do_eqz rd, rs
    clz \rd, \rs
    lsrs \rd, \rd, #5
.endm
.macro do_ctz rd, rs
    rbit \rd, \rs
    clz \rd, \rd
.endm
.macro do_mul left
    mul r6, \left, r1
.endm
.macro do_and left
    and r6, \left, r1
.endm
.macro do_or left
    orr r6, \left, r1
.endm
.macro do_xor left
    eor r6, \left, r1
.endm
.macro do_shl left
    lsl r6, \left, r1
.endm
.macro do_shr_s left
    asr r6, \left, r1
.endm
.macro do_shr_u left
    lsr r6, \left, r1
.endm
.macro do_rotr left
    ror r6, \left, r1
.endm

@ The quotient that does not fit traps, as a divisor of 0 does.
.macro divide number, divide, overflows=0
    op_all (\number), .Lop\@
    bl two_int
    cmp r1, #0
    beq divided_by_zero
    .if \overflows
        adds r2, r1, #1
        bne 1f
        cmp r0, #(1 << 31)
        beq overflowed
1:
    .endif
    \divide
    b give_int
.endm
.macro do_rem divide
    \divide r2, r0, r1
    mls r6, r2, r1, r0
.endm
.macro division
divide {i32_div_s}, "sdiv r6, r0, r1", 1
divide {i32_div_u}, "udiv r6, r0, r1"
divide {i32_rem_s}, "do_rem sdiv"
divide {i32_rem_u}, "do_rem udiv"
divided_by_zero:
    movs r3, #{by_zero}
    b stop
overflowed:
    movs r3, #{overflow}
    b stop
.endm

@ Branches, where short ones reach them from comparisons.
.macro branches named=0
    .if \named
taken_2:
        taken 2
taken_4:
        taken 4
taken_6:
        taken 6
    .endif
.endm
.macro step_branches
taken_10:
    taken 10, 1
.endm
@ Takes the branch whose cell is at \at if the flags say so.
.macro taken_if if, at, way
    b\if taken_\at
.endm
.macro taken_seldom at
    b taken_\at
.endm

.macro do_mul64
    mul r1, r1, r2
    mla r1, r0, r3, r1
    umull r0, r2, r0, r2
    add r1, r2
.endm

@ Two operands of 32 bits in r0 and r1 by a table of places, which takes half as long as to look at the form's bits.
.macro operands_place name, first, in_acc, imm
.Lplace_\name:
    .if \in_acc
        movs r0, r6
        .set after, \first
    .else
        slot r0, \first
        .set after, \first + 2
    .endif
    .if \imm
        signed r1, after
    .else
        slot r1, after
    .endif
    bx lr
.endm
@ Goes to \begin and a place of \list, which is in the order of the \bits of a number from \bit on.
.macro by_place rd, bit, bits, begin, list:vararg
    ldrh \rd, [r4]
    ubfx \rd, \rd, #\bit, #\bits
    tbb [pc, \rd]
.Ltable\@:
    .irp place, \list
        .byte (\begin\()_\place - .Ltable\@) / 2
    .endr
.endm
@ Goes to the place of a form of \list, four of which \rd counts.
.macro by_form rd, list:vararg
    lsrs \rd, \rd, #2
    tbb [pc, \rd]
.Ltable\@:
    .irp form, \list
        .byte (.Lform_\form - .Ltable\@) / 2
    .endr
.endm
.macro load_number rd
    movw \rd, #{i32_load}
.endm
.macro two_narrow
.if int_bias || float_bias || first_bias
    .error "forms begin at other bits"
.endif
two_first:
two_float:
    by_place r2, 2, 2, .Lplace, dss, das, ass, aas
two_int:
    by_place r2, 2, 3, .Lplace, dss, dsi, das, dai, ass, asi, aas, aai
    operands_place dss, 4, 0, 0
    operands_place dsi, 4, 0, 1
    operands_place das, 4, 1, 0
    operands_place dai, 4, 1, 1
    operands_place ass, 2, 0, 0
    operands_place asi, 2, 0, 1
    operands_place aas, 2, 1, 0
    operands_place aai, 2, 1, 1
.endm

@ The accumulator becomes 64 bits wide, the upper half being r1.
.macro extend number, instruction, amount
    op (\number)
    slot r6, 4
    extended \instruction, \amount, 6
    op (\number + 4)
    extended \instruction, \amount, 4
.endm
.macro extended instruction, amount, bytes
    \instruction r1, r6, \amount
    put_acc_high r1
    put_pair r6, r1
    next \bytes
.endm

@ Shifts by an amount of up to 64, \into being the half that takes from the other. A register's shift takes the amount's lowest
@ byte, and one of 32 or more, that of a small negative number too, leaves nothing.
.macro shift_64 into, from, ahead, back, by, free
    \ahead \into, \into, \by
    rsb \free, \by, #32
    \back \free, \from, \free
    orrs \into, \into, \free
    sub \free, \by, #32
    \ahead \free, \from, \free
    orrs \into, \into, \free
    \ahead \from, \from, \by
.endm
.macro amount_64
    and r2, r2, #63
.endm
.macro do_shl64
    amount_64
    shift_64 r1, r0, lsl, lsr, r2, r3
.endm
.macro do_shr_u64
    amount_64
    shift_64 r0, r1, lsr, lsl, r2, r3
.endm
.macro do_shr_s64
    amount_64
    lsrs r0, r0, r2
    rsb r3, r2, #32
    lsl r3, r1, r3
    orrs r0, r0, r3
    subs r3, r2, #32
    itt hs
    asrhs r3, r1, r3
    orrhs r0, r0, r3
    asrs r1, r1, r2
.endm

@ The same of 64 bits in r1:r0 and r3:r2.
.macro wide_place name, first, in_acc, imm
.Lwide_\name:
    .if \in_acc
        movs r0, r6
        get_acc_high r1
        .set after, \first
    .else
        pair r0, r1, \first
        .set after, \first + 2
    .endif
    .if \imm
        signed r2, after
        asrs r3, r2, #31
    .else
        pair r2, r3, after
    .endif
    bx lr
.endm
.macro two_wide
wide_first:
wide_float:
    by_place r2, 2, 2, .Lwide, dss, das, ass, aas
wide_int:
    by_place r2, 2, 3, .Lwide, dss, dsi, das, dai, ass, asi, aas, aai
    wide_place dss, 4, 0, 0
    wide_place dsi, 4, 0, 1
    wide_place das, 4, 1, 0
    wide_place dai, 4, 1, 1
    wide_place ass, 2, 0, 0
    wide_place asi, 2, 0, 1
    wide_place aas, 2, 1, 0
    wide_place aai, 2, 1, 1
.endm

.macro word_place name, first, in_acc
.Lword_\name:
    .if \in_acc
        movs r0, r6
        word r1, \first, r2
    .else
        slot r0, \first
        word r1, (\first + 2), r2
    .endif
    bx lr
.endm
.macro signed_of rd, from, at
    ldrsh \rd, [\from, #\at]
.endm
.macro left_place name, first, in_acc
.Lleft_\name:
    .if \in_acc
        movs r0, r6
        adds r3, r4, #\first
    .else
        slot r0, \first
        adds r3, r4, #(\first + 2)
    .endif
    bx lr
.endm
.macro narrow_left
    by_place r2, 2, 2, .Lleft, ds, da, as, aa
    left_place ds, 4, 0
    left_place da, 4, 1
    left_place as, 2, 0
    left_place aa, 2, 1
.endm
.macro narrow_word_right
    by_place r2, 2, 2, .Lword, ds, da, as, aa
    word_place ds, 4, 0
    word_place da, 4, 1
    word_place as, 2, 0
    word_place aa, 2, 1
.endm
.macro pair_place bytes
.Lpair_\bytes:
    put_pair r6, r1
.Lpair_bare_\bytes:
    next \bytes
.endm

.macro give_pairs
give_first_wide:
    restore_limit r2
    give_pair
    by_place r3, 2, 2, .Lpair, 10, 8, bare_8, bare_6
give_wide_float:
    restore_limit r2
    give_pair
    by_place r3, 2, 2, .Lpair, 8, 6, bare_6, bare_4
give_wide:
    give_pair
    by_place r3, 3, 2, .Lpair, 8, 6, bare_6, bare_4
    pair_place 10
    pair_place 8
    pair_place 6
.Lpair_bare_4:
    next 4
.endm
.macro give_narrow
give_first_float:
    restore_limit r2
give_first_float_in_place:
    movs r6, r0
give_first:
    by_place r3, 2, 2, .Lgive, 10, 8, bare_8, bare_6
give_float:
    restore_limit r2
give_float_in_place:
    movs r6, r0
    by_place r3, 2, 2, .Lgive, 8, 6, bare_6, bare_4
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
    by_place r3, 3, 2, .Lgive, 8, 6, bare_6, bare_4
.Lgive_10:
    result
    next 10
.Lgive_8:
    result
.Lgive_bare_8:
    next 8
.Lgive_6:
    result
.Lgive_bare_6:
    next 6
.Lgive_bare_4:
    next 4
.endm

@ ---- memory ----

@ Adds \base and r1 to r0; leaves unless an access there lies in the window.
.macro window base, limit
    adds r0, \base, r1
    bcs leave
    sub r1, r0, r10
    cmp r1, \limit
    bhs leave
.endm
.macro loaded kind, how
    .if warm
        .ifc \how, acc
            window r6, r12
        .else
            window r0, r12
        .endif
        \kind r6, [r0, r9]
    .else
        bl load_\kind
    .endif
.endm

@ Loads to r6, or to r1:r0, and stores of r2, or of r3:r2; loads to r6 keep r3.
.macro access_routine name, instruction, rd
\name\()_\instruction:
    window r0, r12
    \instruction \rd, [r0, r9]
    bx lr
.endm
.macro accesses
access_routine load, ldrb, r6
access_routine load, ldrsb, r6
access_routine load, ldrh, r6
access_routine load, ldrsh, r6
access_routine load, ldr, r6
access_routine store, strb, r2
access_routine store, strh, r2
access_routine store, str, r2
load_pair:
    hot r2, {limit_wide}
    window r0, r2
    add r0, r9
    ldr r1, [r0, #4]
    ldr r0, [r0]
    bx lr
@ Both words lie in the window, for want of a register for the other limit.
store_pair:
    window r0, r12
    adds r1, #4
    cmp r1, r12
    bhs leave
    add r0, r9
    str r2, [r0]
    str r3, [r0, #4]
    bx lr
.endm

@ ---- control and calls ----

@ Takes the branch of a table's entry in r0.
.macro br_table
    add r2, r4, r0, lsl #2
    .if {metered}
        ldrsh r0, [r2, #10]
        ldrsh r1, [r2, #8]!
        subs r11, r11, r0
        add r4, r2, r1, lsl #1
        ble exhausted_0
    .else
        ldrsh r1, [r2, #8]!
        add r4, r2, r1, lsl #1
    .endif
    next 0
.endm

@ Goes back to the frame of the newest record, to which r3 points; leaves unless it is a plain one. r6 is free, for nothing is
@ in the accumulator after a call.
.macro plain_record
    leaves
    hot r3, {records}
    ldr r6, [r3, #4]
    lsls r2, r6, #30
    bne leave
.endm
.macro leave_frame
    hot r1, {code}
    ldr r2, [r3], #8
    str r3, [r8, #{records}]
    add r4, r1, r2
    subs r5, r5, r6
    next 0
.endm

.macro calls
op {return_0}
    plain_record
    leave_frame
@ Nothing is written before it is known that the return is not left to Rust, which would read the value again.
op {return_32}
    plain_record
    slot r2, 2
    str r2, [r5]
    leave_frame
op {return_64}
    plain_record
    pair r0, r1, 2
    strd r0, r1, [r5]
    leave_frame

op {call}
    leaves
    mov r6, r4
@ Calls the function that the second unit from r6 on names, with arguments where the third one says.
call_at:
    hot r1, {funcs}
    ldrh r2, [r6, #2]
    ldrh r3, [r6, #4]
    ldr r1, [r1, r2, lsl #3]
    adds r6, #6
@ Enters the function whose code begins r1 bytes from the code's start, with its arguments r3 bytes into the frame; r6 is
@ where it returns to. The accumulator is free.
enter:
    hot r2, {code}
    hot r0, {records}
    add r1, r2
    subs r6, r6, r2
    adds r2, r5, r3
    ldrh lr, [r1]
    subs r0, #8
    add lr, r2
    cmp lr, r0
    bhi leave
    .if {metered}
        cmp r11, #0
        ble leave
    .endif
    mov r5, r2
    strd r6, r3, [r0]
    str r0, [r8, #{records}]
    .if {metered}
        ldrh r0, [r1, #2]
        sub r11, r0
    .endif
    ldrh r2, [r1, #4]
    ldrh r3, [r1, #6]
    mov r4, r1
    subs r3, r2
    beq 2f
    add r2, r5
    movs r0, #0
1:  str r0, [r2], #4
    subs r3, #4
    bne 1b
2:  next 8

copying_calls

op {call_indirect}
    leaves
    ldrh r0, [r4, #6]
    slot r1, 2
    hot r2, {table_len}
    hot r3, {table}
    cmp r0, #0
    bne leave
    cmp r1, r2
    bhs leave
    ldr r1, [r3, r1, lsl #2]
    hot r2, {func_base}
    hot r3, {own_funcs}
    subs r1, r1, r2
    cmp r1, r3
    bhs leave
    hot r2, {funcs}
    add r1, r2, r1, lsl #3
    ldr r2, [r1, #4]
    ldrh r0, [r4, #4]
    ldrh r3, [r4, #8]
    cmp r2, r0
    bne leave
    ldr r1, [r1]
    add r6, r4, #10
    b enter
.endm

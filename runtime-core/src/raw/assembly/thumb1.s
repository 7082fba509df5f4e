@ Handlers for Armv6-M and what understands its instructions. See `assembly.rs` for what every handler keeps to.
@
@ r4 instruction pointer, r5 frame, r6 accumulator, r7 table of handlers, r8 hot words, r9 memory's base, r10 start of the
@ window, r11 fuel, r12 limit of an access of four bytes; r0 to r3 and lr are free.

.syntax unified
.set filled, 0

.section .rodata.wasmote_handlers, "a"
.p2align 2
wasmote_handlers:
.section .text.wasmote_assembly, "ax"
.p2align 2

@ Begins the handler of an operation: its entry in the table, those between it and the one before leading to `leave`.
.macro op number
    .if (\number) / 4 < filled
        .error "operations out of order"
    .endif
    .pushsection .rodata.wasmote_handlers, "a"
    .rept (\number) / 4 - filled
        .word leave
    .endr
    .word .Lop\@
    .set filled, (\number) / 4 + 1
    .popsection
.Lop\@:
.endm

@ Goes to the next operation, \bytes behind this one. Its number is an offset in the table.
.macro next bytes
    .if \bytes
        ldrh r0, [r4, #\bytes]
        adds r4, #\bytes
    .else
        ldrh r0, [r4]
    .endif
    ldr r0, [r7, r0]
    mov pc, r0
.endm

@ The value in the slot that the unit at \at names.
.macro slot rd, at
    ldrh \rd, [r4, #\at]
    ldr \rd, [r5, \rd]
.endm

@ The signed unit at \at.
.macro signed rd, at
    movs \rd, #\at
    ldrsh \rd, [r4, \rd]
.endm

@ The accumulator into the slot that the first operand names.
.macro result
    ldrh r0, [r4, #2]
    str r6, [r5, r0]
.endm

@ fn wasmote_run_assembly(hot: *mut Hot)
.p2align 2
.global wasmote_run_assembly
.type wasmote_run_assembly, %function
.thumb_func
wasmote_run_assembly:
    push {{r4, r5, r6, r7, lr}}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {{r4, r5, r6, r7}}
    mov r8, r0
    ldr r1, [r0, #{memory}]
    mov r9, r1
    ldr r1, [r0, #{window}]
    mov r10, r1
    ldr r1, [r0, #{fuel}]
    mov r11, r1
    ldr r1, [r0, #{limit}]
    mov r12, r1
    ldr r4, [r0, #{ip}]
    ldr r5, [r0, #{fp}]
    ldr r6, [r0, #{acc}]
    ldr r7, =wasmote_handlers
    next 0
.p2align 2
.ltorg

@ Leaves before the operation at the instruction pointer.
.thumb_func
leave:
    mov r0, r8
    str r4, [r0, #{ip}]
    str r5, [r0, #{fp}]
    str r6, [r0, #{acc}]
    mov r1, r11
    str r1, [r0, #{fuel}]
    pop {{r4, r5, r6, r7}}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {{r4, r5, r6, r7, pc}}

@ ---- operators: r6 = left . r1, the left operand being in \left ----

.macro do_add left
    adds r6, \left, r1
.endm
.macro do_sub left
    subs r6, \left, r1
.endm
.macro load_left left
    .ifnc \left, r6
        movs r6, \left
    .endif
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
.macro amount
    movs r2, #31
    ands r1, r2
.endm
.macro do_shl left
    amount
    load_left \left
    lsls r6, r1
.endm
.macro do_shr_s left
    amount
    load_left \left
    asrs r6, r1
.endm
.macro do_shr_u left
    amount
    load_left \left
    lsrs r6, r1
.endm
.macro do_rotl left
    rsbs r1, r1, #0
    amount
    load_left \left
    rors r6, r1
.endm
.macro do_rotr left
    amount
    load_left \left
    rors r6, r1
.endm

@ One form of an operator on two integers; \first is where its sources begin.
.macro binary_form number, operator, first, in_acc, imm
    op \number
    .if \in_acc
        .if \imm
            signed r1, \first
        .else
            slot r1, \first
        .endif
        \operator r6
        .set after, \first + 2
    .else
        slot r0, \first
        .if \imm
            signed r1, (\first + 2)
        .else
            slot r1, (\first + 2)
        .endif
        \operator r0
        .set after, \first + 4
    .endif
    .if \first == 4
        result
    .endif
    next after
.endm

@ All forms: bit 0 immediate, bit 1 accumulator, bit 2 bare.
.macro binary number, operator
    binary_form (\number + 0), \operator, 4, 0, 0
    binary_form (\number + 4), \operator, 4, 0, 1
    binary_form (\number + 8), \operator, 4, 1, 0
    binary_form (\number + 12), \operator, 4, 1, 1
    binary_form (\number + 16), \operator, 2, 0, 0
    binary_form (\number + 20), \operator, 2, 0, 1
    binary_form (\number + 24), \operator, 2, 1, 0
    binary_form (\number + 28), \operator, 2, 1, 1
.endm

@ ---- one operand ----

.macro unary number, instruction
    op (\number)
    slot r0, 4
    \instruction r6, r0
    result
    next 6
    op (\number + 4)
    \instruction r6, r6
    result
    next 4
.endm

.macro do_eqz rd, rs
    rsbs r1, \rs, #0
    adcs r1, \rs
    movs \rd, r1
.endm

unary {i32_eqz}, do_eqz

@ Truncation is a copy of the lower half.
op {i32_wrap_i64}
    slot r6, 4
    result
    next 6
op {i32_wrap_i64} + 4
    result
    next 4

.macro extend number, sign
    op \number
    slot r6, 4
    .if \sign
        asrs r1, r6, #31
    .else
        movs r1, #0
    .endif
    ldrh r0, [r4, #2]
    adds r0, r0, r5
    str r6, [r0]
    str r1, [r0, #4]
    mov r0, r8
    str r1, [r0, #{acc_high}]
    next 6
    op (\number + 4)
    .if \sign
        asrs r1, r6, #31
    .else
        movs r1, #0
    .endif
    ldrh r0, [r4, #2]
    adds r0, r0, r5
    str r6, [r0]
    str r1, [r0, #4]
    mov r0, r8
    str r1, [r0, #{acc_high}]
    next 4
.endm

extend {i64_extend_i32_s}, 1
extend {i64_extend_i32_u}, 0

.macro do_sxtb rd, rs
    sxtb \rd, \rs
.endm
.macro do_sxth rd, rs
    sxth \rd, \rs
.endm

unary {i32_extend8_s}, do_sxtb
unary {i32_extend16_s}, do_sxth

@ ---- two operands; division is left to Rust ----

binary {i32_add}, do_add
binary {i32_sub}, do_sub
binary {i32_mul}, do_mul
binary {i32_and}, do_and
binary {i32_or}, do_or
binary {i32_xor}, do_xor
binary {i32_shl}, do_shl
binary {i32_shr_s}, do_shr_s
binary {i32_shr_u}, do_shr_u
binary {i32_rotl}, do_rotl
binary {i32_rotr}, do_rotr

@ ---- 64 bits: slots to a slot or the accumulator; r1:r0 = r1:r0 . r3:r2 ----

@ The operands of a form, and where the operation's sources end.
.macro wide_operands first, in_acc, imm
    .set after, \first
    .if \in_acc
        movs r0, r6
        mov r1, r8
        ldr r1, [r1, #{acc_high}]
    .else
        ldrh r2, [r4, #after]
        adds r2, r2, r5
        ldr r0, [r2]
        ldr r1, [r2, #4]
        .set after, after + 2
    .endif
    .if \imm
        signed r2, after
        asrs r3, r2, #31
    .else
        ldrh r3, [r4, #after]
        adds r3, r3, r5
        ldr r2, [r3]
        ldr r3, [r3, #4]
    .endif
    .set after, after + 2
.endm

@ Leaves r1:r0 in the accumulator and, in forms with a destination, in its slot.
.macro wide_result first
    movs r6, r0
    mov r2, r8
    str r1, [r2, #{acc_high}]
    .if \first == 4
        ldrh r2, [r4, #2]
        adds r2, r2, r5
        str r0, [r2]
        str r1, [r2, #4]
    .endif
.endm

.macro wide_form number, operator, first, in_acc, imm
    op \number
    wide_operands \first, \in_acc, \imm
    \operator
    wide_result \first
    next after
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

wide {i64_add}, do_add64
wide {i64_sub}, do_sub64
wide {i64_and}, do_and64
wide {i64_or}, do_or64
wide {i64_xor}, do_xor64

@ ---- comparisons: four that give a value, four that branch ----

.macro compare_operands first, in_acc, imm
    .if \in_acc
        .if \imm
            signed r1, \first
        .else
            slot r1, \first
        .endif
        cmp r6, r1
        .set after, \first + 2
    .else
        slot r0, \first
        .if \imm
            signed r1, (\first + 2)
        .else
            slot r1, (\first + 2)
        .endif
        cmp r0, r1
        .set after, \first + 4
    .endif
.endm

.macro compare_value number, unless, in_acc, imm
    op \number
    compare_operands 4, \in_acc, \imm
    b\unless .Lfalse\@
    movs r6, #1
    b .Lset\@
.Lfalse\@:
    movs r6, #0
.Lset\@:
    result
    next after
.endm

.macro compare_branch number, unless, in_acc, imm
    op \number
    compare_operands 2, \in_acc, \imm
    b\unless .Lfall\@
    .if after == 6
        b taken_6
    .else
        b taken_4
    .endif
.Lfall\@:
    next (after + 4)
.endm

.macro compare number, unless
    compare_value (\number + 0), \unless, 0, 0
    compare_value (\number + 4), \unless, 0, 1
    compare_value (\number + 8), \unless, 1, 0
    compare_value (\number + 12), \unless, 1, 1
    compare_branch (\number + 16), \unless, 0, 0
    compare_branch (\number + 20), \unless, 0, 1
    compare_branch (\number + 24), \unless, 1, 0
    compare_branch (\number + 28), \unless, 1, 1
.endm

@ Takes the branch whose cell is at \at, if there is fuel for it.
.macro taken at
    signed r0, (\at + 2)
    mov r1, r11
    subs r1, r1, r0
    ble .Lleave\@
    mov r11, r1
    signed r0, \at
    lsls r0, r0, #1
    adds r4, #\at
    adds r4, r4, r0
    next 0
.Lleave\@:
    bl leave
.endm

compare {i32_eq}, ne
compare {i32_ne}, eq
compare {i32_lt_s}, ge
compare {i32_lt_u}, hs
compare {i32_gt_s}, le

taken_2:
    taken 2
taken_4:
    taken 4
taken_6:
    taken 6

compare {i32_gt_u}, ls
compare {i32_le_s}, gt
compare {i32_le_u}, hi
compare {i32_ge_s}, lt
compare {i32_ge_u}, lo

@ ---- memory ----

@ r0 = where the access goes, its base being in \base and its offset at \at; leaves unless it lies in the window, aligned.
.macro address base, at, log2, miss
    ldrh r1, [r4, #\at]
    adds r0, \base, r1
    bcs \miss
    mov r1, r10
    subs r1, r0, r1
    cmp r1, r12
    bhs \miss
    add r0, r9
    .if \log2
        lsls r1, r0, #(32 - \log2)
        bne \miss
    .endif
.endm

.macro do_load kind
    .ifc \kind, ldr
        ldr r6, [r0]
    .endif
    .ifc \kind, ldrh
        ldrh r6, [r0]
    .endif
    .ifc \kind, ldrb
        ldrb r6, [r0]
    .endif
    .ifc \kind, ldrsh
        movs r1, #0
        ldrsh r6, [r0, r1]
    .endif
    .ifc \kind, ldrsb
        movs r1, #0
        ldrsb r6, [r0, r1]
    .endif
.endm

.macro load_form number, kind, log2, first, in_acc
    op \number
    .if \in_acc
        address r6, \first, \log2, .Lmiss\@
        .set after, \first + 2
    .else
        slot r0, \first
        address r0, (\first + 2), \log2, .Lmiss\@
        .set after, \first + 4
    .endif
    do_load \kind
    .if \first == 4
        result
    .endif
    next after
.Lmiss\@:
    bl leave
.endm

@ Bit 0 the address in the accumulator, bit 1 bare.
.macro load number, kind, log2
    load_form (\number + 0), \kind, \log2, 4, 0
    load_form (\number + 4), \kind, \log2, 4, 1
    load_form (\number + 8), \kind, \log2, 2, 0
    load_form (\number + 12), \kind, \log2, 2, 1
.endm

@ The same for eight bytes at an address that four divide; the limit is that of four less four.
.macro load64_form number, first, in_acc
    op \number
    .if \in_acc
        movs r0, r6
        ldrh r1, [r4, #\first]
        .set after, \first + 2
    .else
        slot r0, \first
        ldrh r1, [r4, #(\first + 2)]
        .set after, \first + 4
    .endif
    adds r0, r0, r1
    bcs .Lmiss\@
    mov r1, r10
    subs r1, r0, r1
    mov r2, r8
    ldr r2, [r2, #{limit_wide}]
    cmp r1, r2
    bhs .Lmiss\@
    add r0, r9
    lsls r1, r0, #30
    bne .Lmiss\@
    ldr r1, [r0, #4]
    ldr r0, [r0]
    wide_result \first
    next after
.Lmiss\@:
    bl leave
.endm

load {i32_load}, ldr, 2
load64_form {i64_load} + 0, 4, 0
load64_form {i64_load} + 4, 4, 1
load64_form {i64_load} + 8, 2, 0
load64_form {i64_load} + 12, 2, 1
load {f32_load}, ldr, 2
load {i32_load8_s}, ldrsb, 0
load {i32_load8_u}, ldrb, 0
load {i32_load16_s}, ldrsh, 1
load {i32_load16_u}, ldrh, 1

@ Bit 0 the address in the accumulator, 2 the value, 3 zero.
.macro store_form number, instruction, log2, address_in_acc, value
    op \number
    .if \address_in_acc
        address r6, 4, \log2, .Lmiss\@
        .set after, 6
    .else
        slot r0, 2
        .if \value == 0
            address r0, 6, \log2, .Lmiss\@
            .set after, 8
        .else
            address r0, 4, \log2, .Lmiss\@
            .set after, 6
        .endif
    .endif
    .if \value == 1
        \instruction r6, [r0]
    .else
        .if \value == 2
            movs r1, #0
        .else
            .if \address_in_acc
                slot r1, 2
            .else
                slot r1, 4
            .endif
        .endif
        \instruction r1, [r0]
    .endif
    next after
.Lmiss\@:
    bl leave
.endm

.macro store number, instruction, log2
    store_form (\number + 0), \instruction, \log2, 0, 0
    store_form (\number + 4), \instruction, \log2, 1, 0
    store_form (\number + 8), \instruction, \log2, 0, 1
    store_form (\number + 12), \instruction, \log2, 0, 2
.endm

.macro store64_form number, address_in_acc, value
    op \number
    .if \address_in_acc
        movs r0, r6
        ldrh r1, [r4, #4]
        .set after, 6
    .else
        slot r0, 2
        .if \value == 0
            ldrh r1, [r4, #6]
            .set after, 8
        .else
            ldrh r1, [r4, #4]
            .set after, 6
        .endif
    .endif
    adds r0, r0, r1
    bcs .Lmiss\@
    mov r1, r10
    subs r1, r0, r1
    mov r2, r8
    ldr r3, [r2, #{limit_wide}]
    cmp r1, r3
    bhs .Lmiss\@
    add r0, r9
    lsls r1, r0, #30
    bne .Lmiss\@
    .if \value == 1
        ldr r2, [r2, #{acc_high}]
        str r6, [r0]
        str r2, [r0, #4]
    .else
        .if \value == 2
            movs r1, #0
            movs r2, #0
        .else
            .if \address_in_acc
                ldrh r2, [r4, #2]
            .else
                ldrh r2, [r4, #4]
            .endif
            adds r2, r2, r5
            ldr r1, [r2]
            ldr r2, [r2, #4]
        .endif
        str r1, [r0]
        str r2, [r0, #4]
    .endif
    next after
.Lmiss\@:
    bl leave
.endm

store {i32_store}, str, 2
store64_form {i64_store} + 0, 0, 0
store64_form {i64_store} + 4, 1, 0
store64_form {i64_store} + 8, 0, 1
store64_form {i64_store} + 12, 0, 2
store {f32_store}, str, 2
store {i32_store8}, strb, 0
store {i32_store16}, strh, 1

@ ---- control ----

op {charge}
    ldrh r0, [r4, #2]
    mov r1, r11
    subs r1, r1, r0
    ble 1f
    mov r11, r1
    next 4
1:  bl leave

op {br}
    taken 2

.macro test number, branch_unless, width
    op \number
    .if \width == 1
        slot r0, 2
        cmp r0, #0
    .else
        ldrh r1, [r4, #2]
        adds r1, r1, r5
        ldr r0, [r1]
        ldr r1, [r1, #4]
        orrs r0, r1
    .endif
    b\branch_unless .Lfall\@
    taken 4
.Lfall\@:
    next 8
    op (\number + 4)
    .if \width == 1
        cmp r6, #0
    .else
        mov r1, r8
        ldr r1, [r1, #{acc_high}]
        orrs r1, r6
    .endif
    b\branch_unless .Lfall_acc\@
    taken 2
.Lfall_acc\@:
    next 6
.endm

test {br_if}, eq, 1
test {br_unless}, ne, 1
test {br_if_64}, eq, 2
test {br_unless_64}, ne, 2

op {br_table}
    slot r0, 2
    ldrh r1, [r4, #4]
    ldrh r2, [r4, #6]
    lsls r2, r2, #16
    orrs r1, r2
    cmp r0, r1
    bls 1f
    movs r0, r1
1:  lsls r0, r0, #2
    adds r0, #8
    adds r2, r4, r0
    movs r1, #2
    ldrsh r1, [r2, r1]
    mov r3, r11
    subs r3, r3, r1
    ble 2f
    mov r11, r3
    movs r1, #0
    ldrsh r1, [r2, r1]
    lsls r1, r1, #1
    adds r4, r2, r1
    next 0
2:  bl leave

@ ---- calls ----

@ Finds the newest record, in r1; \other unless it is a plain one. r0 the hot words, r3 how far the caller's frame lies below.
.macro plain_record other
    mov r0, r8
    ldr r1, [r0, #{records}]
    ldr r3, [r1, #4]
    lsls r2, r3, #30
    bne \other
.endm

@ Pops it and goes back.
.macro leave_frame
    ldr r2, [r1]
    adds r1, #8
    str r1, [r0, #{records}]
    ldr r1, [r0, #{code}]
    adds r4, r1, r2
    subs r5, r5, r3
    next 0
.endm

op {return_0}
    plain_record 1f
    leave_frame
@ Nothing is written before it is known that the return is not left to Rust, which would read the value again.
op {return_32}
    plain_record 1f
    slot r2, 2
    str r2, [r5]
    leave_frame
1:  bl leave
op {return_64}
    plain_record 1b
    ldrh r2, [r4, #2]
    adds r2, r2, r5
    mov lr, r3
    ldr r3, [r2]
    ldr r2, [r2, #4]
    str r3, [r5]
    str r2, [r5, #4]
    mov r3, lr
    leave_frame

op {call}
    mov r0, r8
    ldr r1, [r0, #{funcs}]
    ldrh r2, [r4, #2]
    lsls r2, r2, #3
    ldr r1, [r1, r2]
    ldrh r2, [r4, #4]
    movs r3, #6
@ Enters the function whose code begins at r1 from the code's start, with its arguments r2 bytes into the frame; the calling
@ operation has r3 bytes. r0 is the hot words.
enter:
    mov lr, r3
    ldr r3, [r0, #{code}]
    adds r1, r1, r3
    adds r3, r5, r2
    ldr r0, [r0, #{records}]
    subs r0, #8
    ldrh r2, [r1]
    adds r2, r2, r3
    cmp r2, r0
    bhi 3f
    mov r2, r11
    cmp r2, #0
    ble 3f
    subs r2, r3, r5
    str r2, [r0, #4]
    mov r5, r3
    mov r3, r8
    str r0, [r3, #{records}]
    ldr r2, [r3, #{code}]
    subs r2, r4, r2
    add r2, lr
    str r2, [r0]
    ldrh r0, [r1, #2]
    mov r2, r11
    subs r2, r2, r0
    mov r11, r2
    ldrh r0, [r1, #4]
    ldrh r2, [r1, #6]
    subs r2, r2, r0
    beq 2f
    adds r0, r0, r5
    movs r3, #0
1:  str r3, [r0]
    adds r0, #4
    subs r2, #4
    bne 1b
2:  movs r4, r1
    next 8
3:  bl leave

op {call_indirect}
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
    movs r3, #10
    b enter
1:  bl leave

@ ---- copies, constants, selections, globals ----

op {copy_32}
    slot r0, 4
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    next 6
op {copy_64}
    ldrh r1, [r4, #4]
    adds r1, r1, r5
    ldr r0, [r1]
    ldr r1, [r1, #4]
    ldrh r2, [r4, #2]
    adds r2, r2, r5
    str r0, [r2]
    str r1, [r2, #4]
    next 6
op {const_16}
    signed r0, 4
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    next 6
op {const_16} + 4
    signed r6, 2
    next 4
op {const_32}
    ldrh r0, [r4, #4]
    ldrh r1, [r4, #6]
    lsls r1, r1, #16
    orrs r0, r1
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    next 8
op {const_32} + 4
    ldrh r6, [r4, #2]
    ldrh r1, [r4, #4]
    lsls r1, r1, #16
    orrs r6, r1
    next 6

.macro choose at
    beq .Lright\@
    slot r6, \at
    result
    next (\at + 4)
.Lright\@:
    slot r6, (\at + 2)
    result
    next (\at + 4)
.endm

op {select_32}
    slot r0, 4
    cmp r0, #0
    choose 6
op {select_32} + 4
    cmp r6, #0
    choose 4

.macro globals rd
    mov \rd, r8
    ldr \rd, [\rd, #{globals}]
.endm

op {global_get_32}
    globals r0
    ldrh r1, [r4, #4]
    ldr r6, [r0, r1]
    result
    next 6
op {global_get_32} + 4
    globals r0
    ldrh r1, [r4, #2]
    ldr r6, [r0, r1]
    next 4
op {global_set_32}
    globals r0
    slot r1, 2
    ldrh r2, [r4, #4]
    str r1, [r0, r2]
    next 6
op {global_set_32} + 4
    globals r0
    ldrh r1, [r4, #2]
    str r6, [r0, r1]
    next 4

@ The rest of the table.
.pushsection .rodata.wasmote_handlers, "a"
.rept {count} - filled
    .word leave
.endr
.popsection

@ The words of `arm.s` in the instructions of Armv7-M and Armv8-M mainline.
@
@ lr is free. `next` is two instructions: the load of an operation's number moves the instruction
@ pointer, and the table's entry is loaded to the program counter. Words need not be aligned in memory.

.syntax unified
.set aligned_only, 0
.set inline_ends, 1

@ Goes to the next operation, \bytes behind this one. Its number is an offset in the table.
.macro next bytes
    .if \bytes
        ldrh r0, [r4, #\bytes]!
    .else
        ldrh r0, [r4]
    .endif
    ldr pc, [r7, r0]
.endm

@ Goes to what may be far.
.macro jump to
    b \to
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

@ The word in the units at \at.
.macro word rd, at, free
    ldr \rd, [r4, #\at]
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
    ldrsh r0, [r4, #(\at + 2)]
    ldrsh r1, [r4, #\at]
    subs r11, r11, r0
    .if \stepped
        str r6, [r5, r3]
    .endif
    add r4, r4, r1, lsl #1
    ble exhausted_\at
    next \at
.endm

@ Calls a function of `helpers.rs`.
.macro helper function
    bl \function
    hot r12, {limit}
.endm

.macro counts
    unary {i32_clz}, clz
    unary {i32_ctz}, do_ctz
    unary_call {i32_popcnt}, do_popcnt, 1, 1
.endm
.macro do_popcnt
    helper {fn_i32_popcnt}
.endm

.macro charge
    ldrh r0, [r4, #2]
    subs r11, r11, r0
    ble exhausted_4
    next 4
.endm

.macro jump_nonzero rs, to
    cbnz \rs, \to
.endm
.macro jump_zero rs, to
    cbz \rs, \to
.endm

@ The accumulator becomes whether the flags say so.
.macro set_if if, unless
    ite \if
    mov\if r6, #1
    mov\unless r6, #0
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

@ Division by zero, and the quotient that does not fit, are left to Rust.
.macro do_div_u left
    leaves
    cmp r1, #0
    beq leave
    udiv r6, \left, r1
.endm
.macro do_div_s left
    leaves
    adds r2, r1, #1
    cmp r2, #2
    blo leave
    sdiv r6, \left, r1
.endm
.macro do_rem_u left
    leaves
    cmp r1, #0
    beq leave
    udiv r2, \left, r1
    mls r6, r2, r1, \left
.endm
.macro do_rem_s left
    leaves
    adds r2, r1, #1
    cmp r2, #2
    blo leave
    sdiv r2, \left, r1
    mls r6, r2, r1, \left
.endm

.macro division
    binary {i32_div_s}, do_div_s
    binary {i32_div_u}, do_div_u
    binary {i32_rem_s}, do_rem_s
    binary {i32_rem_u}, do_rem_u
.endm

@ What is long stands once: shifts, the operands of 64 bits, what follows a result, branches.
.macro shifts
shift_shl64:
    inline_shl64
    bx lr
shift_shr_u64:
    inline_shr_u64
    bx lr
shift_shr_s64:
    inline_shr_s64
    bx lr
shift_rotr64:
    inline_rotr64
    bx lr
.endm
.macro common
operands_4_0_0:
    pair r0, r1, 4
    pair r2, r3, 6
    bx lr
operands_4_0_1:
    pair r0, r1, 4
    signed r2, 6
    asrs r3, r2, #31
    bx lr
operands_4_1_0:
    movs r0, r6
    get_acc_high r1
    pair r2, r3, 4
    bx lr
operands_4_1_1:
    movs r0, r6
    get_acc_high r1
    signed r2, 4
    asrs r3, r2, #31
    bx lr
operands_2_0_0:
    pair r0, r1, 2
    pair r2, r3, 4
    bx lr
operands_2_0_1:
    pair r0, r1, 2
    signed r2, 4
    asrs r3, r2, #31
    bx lr
operands_2_1_0:
    movs r0, r6
    get_acc_high r1
    pair r2, r3, 2
    bx lr
operands_2_1_1:
    movs r0, r6
    get_acc_high r1
    signed r2, 2
    asrs r3, r2, #31
    bx lr
finish_4:
    wide_result 4
    next 4
finish_6:
    wide_result 4
    next 6
finish_8:
    wide_result 4
    next 8
finish_10:
    wide_result 4
    next 10
finish_bare_4:
    wide_result 2
    next 4
finish_bare_6:
    wide_result 2
    next 6
finish_bare_8:
    wide_result 2
    next 8
.endm
.macro branches
taken_4:
    taken 4
taken_6:
    taken 6
taken_10:
    taken 10, 1
.endm
@ Takes the branch whose cell is at \at if the flags say so.
.macro taken_if if, at
    b\if taken_\at
.endm
.macro takes_it at
.endm

.macro do_mul64
    mul r1, r1, r2
    mla r1, r0, r3, r1
    umull r0, r2, r0, r2
    add r1, r2
.endm

@ ---- memory ----

@ r0 = the address of an access, its base being in \base and its offset at \at; leaves unless it lies in the window.
.macro address base, at, log2, miss, odd, kind
    leaves
    ldrh r1, [r4, #\at]
    .ifc \kind, pair
        .ifc \base, r6
            movs r0, r6
        .endif
        bl window_wide
    .elseif warm == 0
        .ifc \base, r6
            movs r0, r6
        .endif
        bl window
    .else
        adds r0, \base, r1
        bcs leave
        sub r1, r0, r10
        cmp r1, r12
        bhs leave
    .endif
.endm
@ Adds r1 to r0; leaves unless an access there lies in the window.
window_wide:
    adds r0, r0, r1
    bcs leave
    hot r2, {limit_wide}
    sub r1, r0, r10
    cmp r1, r2
    bhs leave
    bx lr
window:
    adds r0, r0, r1
    bcs leave
    sub r1, r0, r10
    cmp r1, r12
    bhs leave
    bx lr
.macro missed label
.endm
.macro odd_load label, kind, log2, back
.endm

.macro do_load kind
    \kind r6, [r0, r9]
.endm
.macro do_store kind, rs
    \kind \rs, [r0, r9]
.endm
.macro load_pair
    add r0, r9
    ldr r1, [r0, #4]
    ldr r0, [r0]
.endm
.macro do_store_pair
    add r0, r9
    str r1, [r0]
    str r2, [r0, #4]
.endm

@ ---- control and calls ----

@ Takes the branch of a table's entry in r0.
.macro br_table
    add r2, r4, r0, lsl #2
    ldrsh r0, [r2, #10]
    ldrsh r1, [r2, #8]!
    subs r11, r11, r0
    add r4, r2, r1, lsl #1
    ble exhausted_0
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
    cmp r11, #0
    ble leave
    mov r5, r2
    strd r6, r3, [r0]
    str r0, [r8, #{records}]
    ldrh r0, [r1, #2]
    ldrh r2, [r1, #4]
    ldrh r3, [r1, #6]
    mov r4, r1
    sub r11, r0
    subs r3, r2
    beq 2f
    add r2, r5
    movs r0, #0
1:  str r0, [r2], #4
    subs r3, #4
    bne 1b
2:  next 8

op {call_copy_32}
    leaves
    slot r0, 4
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    adds r6, r4, #4
    b call_at
op {call_copy_two_32}
    leaves
    slot r0, 4
    ldrh r1, [r4, #2]
    str r0, [r5, r1]
    slot r0, 8
    ldrh r1, [r4, #6]
    str r0, [r5, r1]
    add r6, r4, #8
    b call_at

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

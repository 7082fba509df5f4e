@ The words of `arm.s` in the instructions of Armv6-M.
@
@ The fuel in r11 is negated, so that a cost can be added to a high register. r9 points to the window's first byte and r10 is the negated address of that. Words must be aligned in memory.

.syntax unified
.set aligned_only, 1
.set inline_ends, 0

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

@ Goes to what may be far.
.macro jump to
    bl \to
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

@ The word in the units at \at.
.macro word rd, at, free
    ldrh \rd, [r4, #\at]
    ldrh \free, [r4, #(\at + 2)]
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

.section .text.wasmote_assembly, "ax"
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
    ldr r7, =wasmote_handlers
    next 0
.p2align 2
.ltorg

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
    pop {{r4, r5, r6, r7, pc}}

.section .text.wasmote_seldom, "ax"
.p2align 2
@ Calls a function of `helpers.rs` by way of a trampoline that makes r12 again what it is.
.macro helper function
    bl \function\()_by_way
.endm
.macro way function
    .p2align 2
    .thumb_func
\function\()_by_way:
    push {{lr}}
    bl \function
    b back
.endm
back:
    hot r2, {limit}
    mov r12, r2
    pop {{pc}}
way {fn_i32_clz}
way {fn_i32_ctz}
way {fn_i32_popcnt}
way {fn_f32_compare}
way {fn_f64_compare}
way {fn_f32_add}
way {fn_f32_sub}
way {fn_f32_mul}
way {fn_f32_div}
way {fn_f32_sqrt}
way {fn_f32_convert_i32_s}
way {fn_f32_convert_i32_u}
way {fn_i32_trunc_sat_f32_s}
way {fn_i32_trunc_sat_f32_u}
way {fn_f64_add}
way {fn_f64_sub}
way {fn_f64_mul}
way {fn_f64_div}
way {fn_f64_add_word}
way {fn_f64_sub_word}
way {fn_f64_mul_word}
way {fn_f64_sqrt}
way {fn_f64_convert_i32_s}
way {fn_f64_convert_i32_u}
way {fn_f32_demote_f64}
way {fn_f64_promote_f32}
way {fn_i32_trunc_sat_f64_s}
way {fn_i32_trunc_sat_f64_u}
way __aeabi_uidiv
way __aeabi_idiv
way __aeabi_uidivmod
way __aeabi_idivmod
.section .text.wasmote_assembly, "ax"
.p2align 2

.macro counts
    unary_call {i32_clz}, do_clz, 1, 1
    unary_call {i32_ctz}, do_ctz, 1, 1
    unary_call {i32_popcnt}, do_popcnt, 1, 1
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
    signed r0, (\at + 2)
    add r11, r0
    .if \stepped
        str r6, [r5, r3]
    .endif
    signed r0, \at
    lsls r0, r0, #1
    adds r4, #\at
    adds r4, r4, r0
    mov r0, r11
    cmp r0, #0
    bge .Lexhausted\@
    next 0
.Lexhausted\@:
    bl exhausted
.endm

@ A branch is near enough only if it follows each family of comparisons.
.macro branches
.endm
.macro taken_if if, at
    b\if \at\()f
.endm
.macro takes_it at
\at:
    .if \at == 10
        taken 10, 1
    .else
        taken \at
    .endif
.endm

.macro charge
    ldrh r0, [r4, #2]
    add r11, r0
    adds r4, #4
    mov r0, r11
    cmp r0, #0
    bge 1f
    next 0
1:  bl exhausted
.endm

.macro jump_nonzero rs, to
    cmp \rs, #0
    bne \to
.endm
.macro jump_zero rs, to
    cmp \rs, #0
    beq \to
.endm

@ The accumulator becomes whether the flags say so.
.macro set_if if, unless
    b\unless .Lfalse\@
    movs r6, #1
    b .Lset\@
.Lfalse\@:
    movs r6, #0
.Lset\@:
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

@ Division by zero, and the quotient that does not fit, are left to Rust.
.macro divide left, function, signed, given
    leaves
    .if \signed
        adds r2, r1, #1
        cmp r2, #2
        blo 9f
    .else
        cmp r1, #0
        beq 9f
    .endif
    .ifc \left, r6
        movs r0, r6
    .endif
    helper \function
    movs r6, \given
.endm
.macro do_div_s left
    divide \left, __aeabi_idiv, 1, r0
.endm
.macro do_div_u left
    divide \left, __aeabi_uidiv, 0, r0
.endm
.macro do_rem_s left
    divide \left, __aeabi_idivmod, 1, r1
.endm
.macro do_rem_u left
    divide \left, __aeabi_uidivmod, 0, r1
.endm

.macro division
    binary {i32_div_s}, do_div_s
9:  bl leave
    binary {i32_div_u}, do_div_u
9:  bl leave
    binary {i32_rem_s}, do_rem_s
9:  bl leave
    binary {i32_rem_u}, do_rem_u
9:  bl leave
.endm

.section .text.wasmote_seldom, "ax"
.p2align 2
@ By halves of 16 bits; lr holds a partial sum.
multiply_64:
    push {{lr}}
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
    pop {{pc}}
.section .text.wasmote_assembly, "ax"
.p2align 2
.macro do_mul64
    bl multiply_64
.endm


@ What is long stands once: the operands of 64 bits, by where they begin, whether the first is in the accumulator and whether
@ the second is an immediate; shifts; what follows a result.
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
@ ---- memory ----

@ r0 = where an access goes, its base being in \base and its offset at \at; leaves unless it lies in the window, aligned.
.macro address base, at, log2, miss, odd, kind
    leaves
    .ifc \base, r6
        movs r0, r6
    .endif
    ldrh r1, [r4, #\at]
    .ifc \kind, pair
        bl window_wide
    .else
        bl window_\log2
    .endif
    .if \log2
        bne \odd
    .endif
.endm
.macro missed label
.endm
@ Adds r1 to r0, leaves unless an access there lies in the window, and makes an address of it. The flags say whether it is odd.
window_wide:
    adds r0, r0, r1
    bcs 1f
    add r0, r10
    hot r1, {limit_wide}
    cmp r0, r1
    bhs 1f
    add r0, r9
    lsls r1, r0, #30
    bx lr
1:  b leave
.macro windows log2
window_\log2:
    adds r0, r0, r1
    bcs 1b
    add r0, r10
    cmp r0, r12
    bhs 1b
    add r0, r9
    .if \log2
        lsls r1, r0, #(32 - \log2)
    .endif
    bx lr
.endm
windows 0
windows 1
windows 2

@ A load from an address that is not aligned, byte by byte.
.macro odd_load label, kind, log2, back
    .if \log2
\label:
        .ifc \kind, pair
            bl load_odd_word
            movs r6, r1
            adds r0, #4
            bl load_odd_word
            movs r0, r6
        .else
            .if \log2 == 2
                bl load_odd_word
            .else
                bl load_odd_half
            .endif
            .ifc \kind, ldrsh
                sxth r6, r1
            .else
                movs r6, r1
            .endif
        .endif
        b \back
    .endif
.endm
@ r1 becomes what stands at r0; r2 and r3 are lost.
load_odd_word:
    ldrb r1, [r0, #3]
    lsls r1, r1, #8
    ldrb r2, [r0, #2]
    orrs r1, r2
    lsls r1, r1, #16
    b load_low_half
load_odd_half:
    movs r1, #0
load_low_half:
    ldrb r2, [r0, #1]
    lsls r2, r2, #8
    orrs r1, r2
    ldrb r2, [r0]
    orrs r1, r2
    bx lr
@ Stores r1 at r0; r2 and r3 are lost.
store_odd_word:
    lsrs r2, r1, #16
    strb r2, [r0, #2]
    lsrs r2, r1, #24
    strb r2, [r0, #3]
store_odd_half:
    strb r1, [r0]
    lsrs r2, r1, #8
    strb r2, [r0, #1]
    bx lr
.macro odd_store kind, rs
    .ifnc \rs, r1
        movs r1, \rs
    .endif
    .ifc \kind, str
        bl store_odd_word
    .else
        bl store_odd_half
    .endif
.endm
@ The accumulator is free after a store.
.macro odd_store_pair
    movs r6, r2
    bl store_odd_word
    adds r0, #4
    movs r1, r6
    bl store_odd_word
.endm

.macro do_load kind
    .ifc \kind, ldrsh
        ldrsh r6, [r0, r1]
    .else
        .ifc \kind, ldrsb
            movs r1, #0
            ldrsb r6, [r0, r1]
        .else
            \kind r6, [r0]
        .endif
    .endif
.endm
.macro do_store kind, rs
    \kind \rs, [r0]
.endm
.macro load_pair
    ldr r1, [r0, #4]
    ldr r0, [r0]
.endm
.macro do_store_pair
    str r1, [r0]
    str r2, [r0, #4]
.endm

@ ---- control and calls ----

@ Takes the branch of a table's entry in r0.
.macro br_table
    lsls r0, r0, #2
    adds r0, #8
    adds r2, r4, r0
    movs r0, #2
    ldrsh r0, [r2, r0]
    add r11, r0
    movs r1, #0
    ldrsh r1, [r2, r1]
    lsls r1, r1, #1
    adds r4, r2, r1
    mov r0, r11
    cmp r0, #0
    bge 2f
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
    mov r3, r11
    cmp r3, #0
    bge 3f
    str r6, [r0]
    str r2, [r0, #4]
    adds r5, r5, r2
    mov r2, r8
    str r0, [r2, #{records}]
    ldrh r0, [r1, #2]
    add r11, r0
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
    movs r6, r4
    adds r6, #8
    b call_at

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

@ What `wide_operands` and `wide_finish` lead to.
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
    movs r6, r0
    put_acc_high r1, r2
    put_pair r0, r1
    next 4
finish_6:
    movs r6, r0
    put_acc_high r1, r2
    put_pair r0, r1
    next 6
finish_8:
    movs r6, r0
    put_acc_high r1, r2
    put_pair r0, r1
    next 8
finish_10:
    movs r6, r0
    put_acc_high r1, r2
    put_pair r0, r1
    next 10
finish_bare_4:
    movs r6, r0
    put_acc_high r1, r2
    next 4
finish_bare_6:
    movs r6, r0
    put_acc_high r1, r2
    next 6
finish_bare_8:
    movs r6, r0
    put_acc_high r1, r2
    next 8
.endm

# Handlers for RV32 with multiplication. See `assembly.rs` for what every handler keeps to.
#
# s0 instruction pointer, s1 frame, s2 accumulator, s3 table of handlers, s4 hot words, s5 memory's base, s6 start of the
# window, s7 fuel, s8 limit of an access of four bytes; the a and t registers are free.

# Assembly of a module does not inherit the features of its target.
.option push
.option arch, +m, +c
.set filled, 0

.section .rodata.wasmote_handlers, "a"
.p2align 2
wasmote_handlers:
.section .text.wasmote_assembly, "ax"
.p2align 2

# A handler that may leave says so.
.macro leaves
    left_to_rust current
.endm

# The table's entry of an operation; those between it and the one before lead to `leave`.
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
    .word \handler
    .set filled, (\number) / 4 + 1
    .popsection
.endm

# Begins the handler of an operation.
.macro op number
    .set current, (\number) / 4
    entry (\number), .Lop\@
.Lop\@:
.endm

# The same, with a name by which other operations can have it too.
.macro op_named number, name
    .set current, (\number) / 4
    entry (\number), \name
\name:
.endm

# Goes to the next operation, \bytes behind this one. Its number is an offset in the table.
.macro next bytes
    lhu a0, \bytes(s0)
    .if \bytes
        addi s0, s0, \bytes
    .endif
    add a0, a0, s3
    lw a0, 0(a0)
    jr a0
.endm

# The address of the slot that the unit at \at names.
.macro place rd, at
    lhu \rd, \at(s0)
    add \rd, \rd, s1
.endm

# The value in that slot.
.macro slot rd, at
    place \rd, \at
    lw \rd, 0(\rd)
.endm

# The slot that the unit at \from names into the one that the unit at \to names.
.macro copy_slot to, from
    slot a0, \from
    place a1, \to
    sw a0, 0(a1)
.endm

# The accumulator into the slot that the first operand names.
.macro result
    place a0, 2
    sw s2, 0(a0)
.endm

# The value in the two slots that the unit at \at names.
.macro pair low, high, at
    place \high, \at
    lw \low, 0(\high)
    lw \high, 4(\high)
.endm

# A 64-bit value to the slots that the first operand names; a2 is lost.
.macro put_pair low, high
    place a2, 2
    sw \low, 0(a2)
    sw \high, 4(a2)
.endm

# Leaves a1:a0 in the accumulator and, in forms with a destination, in its slot.
.macro wide_result first
    mv s2, a0
    sw a1, {acc_high}(s4)
    .if \first == 4
        put_pair a0, a1
    .endif
.endm

# How handlers end that are not frequent: with a result in a0, or a1:a0, of forms whose sources begin at \first.
.macro give to, first, after
    .if \to == 2
        j give_wide_\first\()_\after
    .else
        j give_\first\()_\after
    .endif
.endm
.macro give_at first, after
give_\first\()_\after:
    mv s2, a0
    .if \first == 4
        result
    .endif
    next \after
give_wide_\first\()_\after:
    wide_result \first
    next \after
.endm
.macro give_after to, first
    .if after == 4
        give \to, \first, 4
    .elseif after == 6
        give \to, \first, 6
    .else
        give \to, \first, 8
    .endif
.endm

# fn wasmote_run_assembly(hot: *mut Hot)
.global wasmote_run_assembly
.type wasmote_run_assembly, @function
wasmote_run_assembly:
    addi sp, sp, -48
    sw ra, 44(sp)
    sw s0, 40(sp)
    sw s1, 36(sp)
    sw s2, 32(sp)
    sw s3, 28(sp)
    sw s4, 24(sp)
    sw s5, 20(sp)
    sw s6, 16(sp)
    sw s7, 12(sp)
    sw s8, 8(sp)
    mv s4, a0
    lw s0, {ip}(a0)
    lw s1, {fp}(a0)
    lw s2, {acc}(a0)
    la s3, wasmote_handlers
    lw s5, {memory}(a0)
    lw s6, {window}(a0)
    lw s7, {fuel}(a0)
    lw s8, {limit}(a0)
    next 0

# Leaves for want of fuel; the instruction pointer is where the machine goes on.
exhausted:
    li a0, 1
    j stop
# Leaves before the operation at the instruction pointer.
leave:
    li a0, 0
stop:
    sw s0, {ip}(s4)
    sw s1, {fp}(s4)
    sw s2, {acc}(s4)
    sw s7, {fuel}(s4)
    lw ra, 44(sp)
    lw s0, 40(sp)
    lw s1, 36(sp)
    lw s2, 32(sp)
    lw s3, 28(sp)
    lw s4, 24(sp)
    lw s5, 20(sp)
    lw s6, 16(sp)
    lw s7, 12(sp)
    lw s8, 8(sp)
    addi sp, sp, 48
    ret

give_at 2, 4
give_at 2, 6
give_at 4, 4
give_at 4, 6
give_at 4, 8

# ---- operators: s2 = \left . a1 ----

.macro do_add left
    add s2, \left, a1
.endm
.macro do_sub left
    sub s2, \left, a1
.endm
.macro do_mul left
    mul s2, \left, a1
.endm
.macro do_and left
    and s2, \left, a1
.endm
.macro do_or left
    or s2, \left, a1
.endm
.macro do_xor left
    xor s2, \left, a1
.endm
.macro do_shl left
    sll s2, \left, a1
.endm
.macro do_shr_s left
    sra s2, \left, a1
.endm
.macro do_shr_u left
    srl s2, \left, a1
.endm
.macro do_rotl left
    sll a2, \left, a1
    neg a1, a1
    srl s2, \left, a1
    or s2, s2, a2
.endm
.macro do_rotr left
    srl a2, \left, a1
    neg a1, a1
    sll s2, \left, a1
    or s2, s2, a2
.endm
# The quotient that does not fit traps, as a divisor of 0 does.
.macro do_div_u left
    beqz a1, 9f
    divu s2, \left, a1
.endm
.macro do_rem_u left
    beqz a1, 9f
    remu s2, \left, a1
.endm
.macro do_div_s left
    beqz a1, 9f
    addi a2, a1, 1
    bnez a2, .Lfits\@
    slli a2, \left, 1
    bnez a2, .Lfits\@
    bnez \left, 8f
.Lfits\@:
    div s2, \left, a1
.endm
.macro do_rem_s left
    beqz a1, 9f
    rem s2, \left, a1
.endm

# One form of an operator on two integers; \first is where its sources begin.
.macro binary_form number, operator, first, in_acc, imm
    op \number
    .if \in_acc
        .if \imm
            lh a1, \first(s0)
        .else
            slot a1, \first
        .endif
        .set after, \first + 2
        \operator s2
    .else
        slot a0, \first
        .if \imm
            lh a1, (\first + 2)(s0)
        .else
            slot a1, (\first + 2)
        .endif
        .set after, \first + 4
        \operator a0
    .endif
    .if \first == 4
        result
    .endif
    next after
.endm

# All forms: bit 0 immediate, bit 1 accumulator, bit 2 bare.
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

# ---- one operand ----

.macro unary number, operator
    op (\number)
    slot a0, 4
    \operator a0
    result
    next 6
    op (\number + 4)
    \operator s2
    result
    next 4
.endm

.macro do_eqz rs
    seqz s2, \rs
.endm
.macro do_wrap rs
    .ifnc \rs, s2
        mv s2, \rs
    .endif
.endm
.macro do_sxtb rs
    slli s2, \rs, 24
    srai s2, s2, 24
.endm
.macro do_sxth rs
    slli s2, \rs, 16
    srai s2, s2, 16
.endm

# The accumulator becomes 64 bits wide.
.macro extend_result sign, bytes
    .if \sign
        srai a1, s2, 31
    .else
        li a1, 0
    .endif
    put_pair s2, a1
    sw a1, {acc_high}(s4)
    next \bytes
.endm

.macro extend number, sign
    op \number
    slot s2, 4
    extend_result \sign, 6
    op (\number + 4)
    extend_result \sign, 4
.endm

unary {i32_eqz}, do_eqz

op {i64_eqz}
    pair a0, a1, 4
    or a0, a0, a1
    seqz s2, a0
    result
    next 6
op {i64_eqz} + 4
    lw a0, {acc_high}(s4)
    or a0, a0, s2
    seqz s2, a0
    result
    next 4

# What another function does with one operand of \from words; it gives \to words. It can be told something in a register.
.macro unary_call number, function, from, to, told, kind
    op (\number)
    .if \from == 2
        pair a0, a1, 4
    .else
        slot a0, 4
    .endif
    .ifnb \told
        li \told, \kind
    .endif
    call \function
    give \to, 4, 6
    op (\number + 4)
    mv a0, s2
    .if \from == 2
        lw a1, {acc_high}(s4)
    .endif
    .ifnb \told
        li \told, \kind
    .endif
    call \function
    give \to, 4, 4
.endm
# The sign bit alone.
.macro clear_sign rd
    slli \rd, \rd, 1
    srli \rd, \rd, 1
.endm
.macro turn_sign rd
    lui a2, 0x80000
    xor \rd, \rd, a2
.endm
.macro do_abs rs
    do_wrap \rs
    clear_sign s2
.endm
.macro do_neg rs
    do_wrap \rs
    turn_sign s2
.endm
.macro sign_wide number, instruction
    op (\number)
    pair a0, a1, 4
    \instruction a1
    wide_result 4
    next 6
    op (\number + 4)
    mv a0, s2
    lw a1, {acc_high}(s4)
    \instruction a1
    wide_result 4
    next 4
.endm
unary_call {i32_clz}, {fn_i32_clz}, 1, 1
unary_call {i32_ctz}, {fn_i32_ctz}, 1, 1
unary_call {i32_popcnt}, {fn_i32_popcnt}, 1, 1
unary_call {i64_clz}, {fn_i64_clz}, 2, 2
unary_call {i64_ctz}, {fn_i64_ctz}, 2, 2
unary_call {i64_popcnt}, {fn_i64_popcnt}, 2, 2
unary {f32_abs}, do_abs
unary {f32_neg}, do_neg
unary_call {f32_ceil}, {fn_f32_round}, 1, 1, a1, {toward_above}
unary_call {f32_floor}, {fn_f32_round}, 1, 1, a1, {toward_below}
unary_call {f32_trunc}, {fn_f32_round}, 1, 1, a1, {toward_zero}
unary_call {f32_nearest}, {fn_f32_round}, 1, 1, a1, {toward_nearest}
unary_call {f32_sqrt}, {fn_f32_sqrt}, 1, 1
sign_wide {f64_abs}, clear_sign
sign_wide {f64_neg}, turn_sign
unary_call {f64_ceil}, {fn_f64_round}, 2, 2, a2, {toward_above}
unary_call {f64_floor}, {fn_f64_round}, 2, 2, a2, {toward_below}
unary_call {f64_trunc}, {fn_f64_round}, 2, 2, a2, {toward_zero}
unary_call {f64_nearest}, {fn_f64_round}, 2, 2, a2, {toward_nearest}
unary_call {f64_sqrt}, {fn_f64_sqrt}, 2, 2
unary {i32_wrap_i64}, do_wrap

# By functions that are told what to do in a2, on a float of 32 bits, on one of 64 and on an integer of 32.
.macro truncates number, bits, to, kind
    unary_call (\number), truncate_\bits, (\bits / 32), \to, a2, (\kind)
.endm
.macro converts number, bits, to, kind
    unary_call (\number), convert_\bits, (\bits / 32), \to, a2, (\kind)
.endm
truncates {i32_trunc_f32_s}, 32, 1, {signed}
truncates {i32_trunc_f32_u}, 32, 1, 0
truncates {i32_trunc_f64_s}, 64, 1, {signed}
truncates {i32_trunc_f64_u}, 64, 1, 0
extend {i64_extend_i32_s}, 1
extend {i64_extend_i32_u}, 0
truncates {i64_trunc_f32_s}, 32, 2, {signed} + {wide}
truncates {i64_trunc_f32_u}, 32, 2, {wide}
truncates {i64_trunc_f64_s}, 64, 2, {signed} + {wide}
truncates {i64_trunc_f64_u}, 64, 2, {wide}
converts {f32_convert_i32_s}, 32, 1, {signed}
converts {f32_convert_i32_u}, 32, 1, 0
converts {f32_convert_i64_s}, 64, 1, {signed}
converts {f32_convert_i64_u}, 64, 1, 0
unary_call {f32_demote_f64}, {fn_f32_demote_f64}, 2, 1
converts {f64_convert_i32_s}, 32, 2, {signed} + {wide}
converts {f64_convert_i32_u}, 32, 2, {wide}
converts {f64_convert_i64_s}, 64, 2, {signed} + {wide}
converts {f64_convert_i64_u}, 64, 2, {wide}

truncate_32:
    sw ra, 0(sp)
    sw a2, 4(sp)
    call {fn_f64_promote_f32}
    lw a2, 4(sp)
    j 1f
truncate_64:
    sw ra, 0(sp)
1:  addi a3, sp, 4
    call {fn_truncate}
# Goes back where 0(sp) says, or stops with the trap whose code is in 4(sp).
unless_trapped:
    lw ra, 0(sp)
    lw a2, 4(sp)
    bnez a2, 1f
    ret
1:  mv a0, a2
    j stop
convert_32:
    andi a3, a2, {signed}
    li a1, 0
    beqz a3, convert_64
    srai a1, a0, 31
convert_64:
    tail {fn_convert}

unary_call {f64_promote_f32}, {fn_f64_promote_f32}, 1, 2

# Of other types the same bits.
.macro copied_wide number
    op (\number)
    pair a0, a1, 4
    wide_result 4
    next 6
    op (\number + 4)
    lw a1, {acc_high}(s4)
    put_pair s2, a1
    next 4
.endm

unary {i32_reinterpret_f32}, do_wrap
copied_wide {i64_reinterpret_f64}
unary {f32_reinterpret_i32}, do_wrap
copied_wide {f64_reinterpret_i64}

unary {i32_extend8_s}, do_sxtb
unary {i32_extend16_s}, do_sxth

# Within 64 bits.
.macro extend_low number, operator
    op (\number)
    slot a0, 4
    \operator a0
    extend_result 1, 6
    op (\number + 4)
    \operator s2
    extend_result 1, 4
.endm

extend_low {i64_extend8_s}, do_sxtb
extend_low {i64_extend16_s}, do_sxth
extend_low {i64_extend32_s}, do_wrap

truncates {i32_trunc_sat_f32_s}, 32, 1, {saturating} + {signed}
truncates {i32_trunc_sat_f32_u}, 32, 1, {saturating}
truncates {i32_trunc_sat_f64_s}, 64, 1, {saturating} + {signed}
truncates {i32_trunc_sat_f64_u}, 64, 1, {saturating}
truncates {i64_trunc_sat_f32_s}, 32, 2, {saturating} + {signed} + {wide}
truncates {i64_trunc_sat_f32_u}, 32, 2, {saturating} + {wide}
truncates {i64_trunc_sat_f64_s}, 64, 2, {saturating} + {signed} + {wide}
truncates {i64_trunc_sat_f64_u}, 64, 2, {saturating} + {wide}

# ---- two operands ----

binary {i32_add}, do_add
binary {i32_sub}, do_sub
binary {i32_mul}, do_mul
binary {i32_div_s}, do_div_s
binary {i32_div_u}, do_div_u
binary {i32_rem_s}, do_rem_s
binary {i32_rem_u}, do_rem_u
binary {i32_and}, do_and
binary {i32_or}, do_or
8:  li a0, {overflow}
    j stop
9:  li a0, {by_zero}
    j stop
binary {i32_xor}, do_xor
binary {i32_shl}, do_shl
binary {i32_shr_s}, do_shr_s
binary {i32_shr_u}, do_shr_u
binary {i32_rotl}, do_rotl
binary {i32_rotr}, do_rotr

# ---- 64 bits: a1:a0 = a1:a0 . a3:a2 ----

.macro wide_operands first, in_acc, imm
    .set after, \first
    .if \in_acc
        mv a0, s2
        lw a1, {acc_high}(s4)
    .else
        place a2, after
        lw a0, 0(a2)
        lw a1, 4(a2)
        .set after, after + 2
    .endif
    .if \imm
        lh a2, after(s0)
        srai a3, a2, 31
    .else
        place a3, after
        lw a2, 0(a3)
        lw a3, 4(a3)
    .endif
    .set after, after + 2
.endm

.macro give_in_place to, first
    wide_result \first
    next after
.endm
.macro wide_form number, operator, first, in_acc, imm, give
    op \number
    wide_operands \first, \in_acc, \imm
    \operator
    \give 2, \first
.endm

.macro wide number, operator, give=give_in_place
    wide_form (\number + 0), \operator, 4, 0, 0, \give
    wide_form (\number + 4), \operator, 4, 0, 1, \give
    wide_form (\number + 8), \operator, 4, 1, 0, \give
    wide_form (\number + 12), \operator, 4, 1, 1, \give
    wide_form (\number + 16), \operator, 2, 0, 0, \give
    wide_form (\number + 20), \operator, 2, 0, 1, \give
    wide_form (\number + 24), \operator, 2, 1, 0, \give
    wide_form (\number + 28), \operator, 2, 1, 1, \give
.endm

.macro do_add64
    add a0, a0, a2
    sltu a2, a0, a2
    add a1, a1, a3
    add a1, a1, a2
.endm
.macro do_sub64
    sltu a4, a0, a2
    sub a0, a0, a2
    sub a1, a1, a3
    sub a1, a1, a4
.endm
.macro do_mul64
    mul a1, a1, a2
    mul a3, a0, a3
    add a1, a1, a3
    mulhu a3, a0, a2
    add a1, a1, a3
    mul a0, a0, a2
.endm
.macro do_and64
    and a0, a0, a2
    and a1, a1, a3
.endm
.macro do_or64
    or a0, a0, a2
    or a1, a1, a3
.endm
.macro do_xor64
    xor a0, a0, a2
    xor a1, a1, a3
.endm

wide {i64_add}, do_add64
wide {i64_sub}, do_sub64
wide {i64_mul}, do_mul64

# A quotient or remainder of 64 bits, as a4 says.
.macro do_divide64_s
    li a4, {signed}
    jal divide_64
.endm
.macro do_divide64_u
    li a4, 0
    jal divide_64
.endm
.macro do_remainder64_s
    li a4, {signed} + {remainder}
    jal divide_64
.endm
.macro do_remainder64_u
    li a4, {remainder}
    jal divide_64
.endm
wide {i64_div_s}, do_divide64_s, give_after
wide {i64_div_u}, do_divide64_u, give_after
wide {i64_rem_s}, do_remainder64_s, give_after
wide {i64_rem_u}, do_remainder64_u, give_after
divide_64:
    sw ra, 0(sp)
    sw a4, 4(sp)
    addi a4, sp, 4
    call {fn_divide}
    j unless_trapped
wide {i64_and}, do_and64
wide {i64_or}, do_or64
wide {i64_xor}, do_xor64

# Shifts by an amount in a2 of which the lowest six bits count.
.macro do_shl64
    andi a3, a2, 32
    bnez a3, .Lfar\@
    not a3, a2
    srli a4, a0, 1
    srl a4, a4, a3
    sll a1, a1, a2
    or a1, a1, a4
    sll a0, a0, a2
    j .Lshifted\@
.Lfar\@:
    sll a1, a0, a2
    li a0, 0
.Lshifted\@:
.endm
.macro do_shr64 instruction
    andi a3, a2, 32
    bnez a3, .Lfar\@
    not a3, a2
    slli a4, a1, 1
    sll a4, a4, a3
    srl a0, a0, a2
    or a0, a0, a4
    \instruction a1, a1, a2
    j .Lshifted\@
.Lfar\@:
    \instruction a0, a1, a2
    .ifc \instruction, sra
        srai a1, a1, 31
    .else
        li a1, 0
    .endif
.Lshifted\@:
.endm
.macro do_shr_s64
    do_shr64 sra
.endm
.macro do_shr_u64
    do_shr64 srl
.endm
# An amount of 32 or more exchanges the halves.
.macro do_rotr64
    andi a3, a2, 32
    beqz a3, .Lnear\@
    mv a3, a0
    mv a0, a1
    mv a1, a3
.Lnear\@:
    not a3, a2
    slli a4, a1, 1
    slli a5, a0, 1
    sll a4, a4, a3
    sll a5, a5, a3
    srl a0, a0, a2
    srl a1, a1, a2
    or a0, a0, a4
    or a1, a1, a5
.endm
.macro do_rotl64
    neg a2, a2
    do_rotr64
.endm

wide {i64_shl}, do_shl64
wide {i64_shr_s}, do_shr_s64
wide {i64_shr_u}, do_shr_u64
wide {i64_rotl}, do_rotl64
wide {i64_rotr}, do_rotr64

# ---- floats, in software: what `helpers.rs` does on their bits ----

.macro float_form number, function, first, in_acc
    op (\number)
    .if \in_acc
        mv a0, s2
        .set after, \first + 2
    .else
        slot a0, \first
        .set after, \first + 4
    .endif
    slot a1, (after - 2)
    call \function
    give_after 1, \first
.endm
.macro float number, function
    float_form (\number + 0), \function, 4, 0
    float_form (\number + 4), \function, 4, 1
    float_form (\number + 8), \function, 2, 0
    float_form (\number + 12), \function, 2, 1
.endm
.macro wide_float_form number, function, first, in_acc
    op (\number)
    wide_operands \first, \in_acc, 0
    call \function
    give_after 2, \first
.endm
.macro wide_float number, function
    wide_float_form (\number + 0), \function, 4, 0
    wide_float_form (\number + 4), \function, 4, 1
    wide_float_form (\number + 8), \function, 2, 0
    wide_float_form (\number + 12), \function, 2, 1
.endm

# The lesser of two, or the greater one.
lesser_32:
    li a2, 0
    tail {fn_f32_extreme}
greater_32:
    li a2, 1
    tail {fn_f32_extreme}
lesser_64:
    li a4, 0
    tail {fn_f64_extreme}
greater_64:
    li a4, 1
    tail {fn_f64_extreme}
# The magnitude of one and the sign of another.
.macro with_sign_of rd, other
    slli \rd, \rd, 1
    srli \rd, \rd, 1
    srli \other, \other, 31
    slli \other, \other, 31
    or \rd, \rd, \other
.endm
with_sign_32:
    with_sign_of a0, a1
    ret
with_sign_64:
    with_sign_of a1, a3
    ret

float {f32_add}, {fn_f32_add}
float {f32_sub}, {fn_f32_sub}
float {f32_mul}, {fn_f32_mul}
float {f32_div}, {fn_f32_div}
float {f32_min}, lesser_32
float {f32_max}, greater_32
float {f32_copysign}, with_sign_32
wide_float {f64_add}, {fn_f64_add}
wide_float {f64_sub}, {fn_f64_sub}
wide_float {f64_mul}, {fn_f64_mul}
wide_float {f64_div}, {fn_f64_div}
wide_float {f64_min}, lesser_64
wide_float {f64_max}, greater_64
wide_float {f64_copysign}, with_sign_64

# ---- comparisons: four that give a value, four that branch ----

.macro compare_operands first, in_acc, imm
    .if \in_acc
        .if \imm
            lh a1, \first(s0)
        .else
            slot a1, \first
        .endif
        .set after, \first + 2
    .else
        .if \imm
            lh a1, (\first + 2)(s0)
        .else
            slot a1, (\first + 2)
        .endif
        slot a0, \first
        .set after, \first + 4
    .endif
.endm

# Branches to \to if the operands in \left and a1 stand in this relation.
.macro when relation, left, to
    .ifc \relation, eq
        beq \left, a1, \to
    .endif
    .ifc \relation, ne
        bne \left, a1, \to
    .endif
    .ifc \relation, lt_s
        blt \left, a1, \to
    .endif
    .ifc \relation, lt_u
        bltu \left, a1, \to
    .endif
    .ifc \relation, gt_s
        blt a1, \left, \to
    .endif
    .ifc \relation, gt_u
        bltu a1, \left, \to
    .endif
    .ifc \relation, le_s
        bge a1, \left, \to
    .endif
    .ifc \relation, le_u
        bgeu a1, \left, \to
    .endif
    .ifc \relation, ge_s
        bge \left, a1, \to
    .endif
    .ifc \relation, ge_u
        bgeu \left, a1, \to
    .endif
.endm

# The accumulator becomes whether they do.
.macro whether relation, left
    .ifc \relation, eq
        xor a0, \left, a1
        seqz s2, a0
    .endif
    .ifc \relation, ne
        xor a0, \left, a1
        snez s2, a0
    .endif
    .ifc \relation, lt_s
        slt s2, \left, a1
    .endif
    .ifc \relation, lt_u
        sltu s2, \left, a1
    .endif
    .ifc \relation, gt_s
        slt s2, a1, \left
    .endif
    .ifc \relation, gt_u
        sltu s2, a1, \left
    .endif
    .ifc \relation, le_s
        slt s2, a1, \left
        xori s2, s2, 1
    .endif
    .ifc \relation, le_u
        sltu s2, a1, \left
        xori s2, s2, 1
    .endif
    .ifc \relation, ge_s
        slt s2, \left, a1
        xori s2, s2, 1
    .endif
    .ifc \relation, ge_u
        sltu s2, \left, a1
        xori s2, s2, 1
    .endif
.endm

.macro compare_value number, relation, in_acc, imm
    op \number
    compare_operands 4, \in_acc, \imm
    .if \in_acc
        whether \relation, s2
    .else
        whether \relation, a0
    .endif
    result
    next after
.endm

# Takes the branch whose cell is at \at, if there is fuel for it.
.macro taken at, stepped=0
    .if {metered}
        lh a0, (\at + 2)(s0)
        sub s7, s7, a0
    .endif
    lh a1, \at(s0)
    .if \stepped
        sw s2, 0(a3)
    .endif
    slli a1, a1, 1
    addi s0, s0, \at
    add s0, s0, a1
    .if {metered}
        blez s7, .Lexhausted\@
    .endif
    next 0
.Lexhausted\@:
    j exhausted
.endm

.macro compare_branch number, relation, in_acc, imm
    op \number
    compare_operands 2, \in_acc, \imm
    .if \in_acc
        when \relation, s2, 4f
    .else
        when \relation, a0, 6f
    .endif
    next (after + 4)
.endm

.macro compare number, relation
    compare_value (\number + 0), \relation, 0, 0
    compare_value (\number + 4), \relation, 0, 1
    compare_value (\number + 8), \relation, 1, 0
    compare_value (\number + 12), \relation, 1, 1
    compare_branch (\number + 16), \relation, 0, 0
    compare_branch (\number + 20), \relation, 0, 1
    compare_branch (\number + 24), \relation, 1, 0
    compare_branch (\number + 28), \relation, 1, 1
.endm

compare {i32_eq}, eq
compare {i32_ne}, ne
compare {i32_lt_s}, lt_s
compare {i32_lt_u}, lt_u
compare {i32_gt_s}, gt_s
compare {i32_gt_u}, gt_u
compare {i32_le_s}, le_s
compare {i32_le_u}, le_u
compare {i32_ge_s}, ge_s
compare {i32_ge_u}, ge_u
4:  taken 4
6:  taken 6

# Of 64 bits: s2 becomes whether they are in a relation that is, or with \no is not, that of \kind.
.macro wide_whether kind, no
    .ifc \kind, equal
        xor a0, a0, a2
        xor a1, a1, a3
        or a0, a0, a1
        .if \no
            snez a0, a0
        .else
            seqz a0, a0
        .endif
    .else
        \kind
        .if \no
            xori a0, a0, 1
        .endif
    .endif
.endm
.macro less instruction, low, high, other_low, other_high
    beq \high, \other_high, .Lsame\@
    \instruction a0, \high, \other_high
    j .Lcompared\@
.Lsame\@:
    sltu a0, \low, \other_low
.Lcompared\@:
.endm
.macro less_s
    less slt, a0, a1, a2, a3
.endm
.macro less_u
    less sltu, a0, a1, a2, a3
.endm
.macro greater_s
    less slt, a2, a3, a0, a1
.endm
.macro greater_u
    less sltu, a2, a3, a0, a1
.endm

.macro wide_compare_value number, kind, no, in_acc, imm
    op \number
    wide_operands 4, \in_acc, \imm
    wide_whether \kind, \no
    mv s2, a0
    result
    next after
.endm

.macro wide_compare_branch number, kind, no, in_acc, imm
    op \number
    wide_operands 2, \in_acc, \imm
    wide_whether \kind, \no
    .if \in_acc
        bnez a0, 4f
    .else
        bnez a0, 6f
    .endif
    next (after + 4)
.endm

.macro wide_compare number, kind, no
    wide_compare_value (\number + 0), \kind, \no, 0, 0
    wide_compare_value (\number + 4), \kind, \no, 0, 1
    wide_compare_value (\number + 8), \kind, \no, 1, 0
    wide_compare_value (\number + 12), \kind, \no, 1, 1
    wide_compare_branch (\number + 16), \kind, \no, 0, 0
    wide_compare_branch (\number + 20), \kind, \no, 0, 1
    wide_compare_branch (\number + 24), \kind, \no, 1, 0
    wide_compare_branch (\number + 28), \kind, \no, 1, 1
.endm

wide_compare {i64_eq}, equal, 0
wide_compare {i64_ne}, equal, 1
wide_compare {i64_lt_s}, less_s, 0
wide_compare {i64_lt_u}, less_u, 0
wide_compare {i64_gt_s}, greater_s, 0
4:  taken 4
6:  taken 6
wide_compare {i64_gt_u}, greater_u, 0
wide_compare {i64_le_s}, greater_s, 1
wide_compare {i64_le_u}, greater_u, 1
wide_compare {i64_ge_s}, less_s, 1
wide_compare {i64_ge_u}, less_u, 1
4:  taken 4
6:  taken 6
8:  j leave

# Of floats: a value, a branch if the comparison holds, one unless it does: if it gave one of the bits in \mask.
.macro float_operands wide, first, mask, function
    .if \wide
        pair a0, a1, \first
        pair a2, a3, (\first + 2)
    .else
        slot a0, \first
        slot a1, (\first + 2)
    .endif
    call \function
    andi a0, a0, \mask
.endm
.macro float_compare number, wide, mask, function, whether=snez, if=bnez, unless=beqz
    op (\number)
    float_operands \wide, 4, \mask, \function
    \whether s2, a0
    result
    next 8
    op (\number + 4)
    float_operands \wide, 2, \mask, \function
    \if a0, 6f
    next 10
    op (\number + 8)
    float_operands \wide, 2, \mask, \function
    \unless a0, 6f
    next 10
.endm

float_compare {f32_eq}, 0, 2, {fn_f32_compare}
float_compare {f32_ne}, 0, 2, {fn_f32_compare}, seqz, beqz, bnez
float_compare {f32_lt}, 0, 1, {fn_f32_compare}
float_compare {f32_gt}, 0, 4, {fn_f32_compare}
float_compare {f32_le}, 0, 3, {fn_f32_compare}
float_compare {f32_ge}, 0, 6, {fn_f32_compare}
float_compare {f64_eq}, 1, 2, {fn_f64_compare}
float_compare {f64_ne}, 1, 2, {fn_f64_compare}, seqz, beqz, bnez
float_compare {f64_lt}, 1, 1, {fn_f64_compare}
float_compare {f64_gt}, 1, 4, {fn_f64_compare}
float_compare {f64_le}, 1, 3, {fn_f64_compare}
float_compare {f64_ge}, 1, 6, {fn_f64_compare}
6:  taken 6

# ---- memory ----

# The word in the units at \at; a3 is lost.
.macro word rd, at
    lhu \rd, \at(s0)
    lhu a3, (\at + 2)(s0)
    slli a3, a3, 16
    or \rd, \rd, a3
.endm

# a0 = where the access goes, its base being in \base and its offset at \at; leaves unless it lies in the window, aligned.
.macro address base, at, log2, instruction, odd
    lhu a1, \at(s0)
    address_of \base, \log2, \instruction, \odd
.endm
# The same with a word as offset.
.macro far_address base, at, log2, instruction, odd
    word a1, \at
    address_of \base, \log2, \instruction, \odd
.endm
.macro address_of base, log2, instruction, odd
    leaves
    add a0, \base, a1
    bltu a0, a1, 8f
    sub a1, a0, s6
    .ifc \instruction, pair
        lw a2, {limit_wide}(s4)
        bgeu a1, a2, 8f
    .else
        bgeu a1, s8, 8f
    .endif
    add a0, a0, s5
    .if \log2
        andi a1, a0, (1 << \log2) - 1
        bnez a1, \odd
    .endif
.endm

# The address of a form in a0, and \after: a slot or the accumulator, to which an immediate or another slot is added; a slot and a
# word; a word.
.macro base first, how, log2, instruction, odd
    .ifc \how, acc
        address s2, \first, \log2, \instruction, \odd
        .set after, \first + 2
    .else
    .ifc \how, far
        slot a0, \first
        far_address a0, (\first + 2), \log2, \instruction, \odd
        .set after, \first + 6
    .else
    .ifc \how, at
        far_address zero, \first, \log2, \instruction, \odd
        .set after, \first + 4
    .else
        slot a0, \first
        .ifc \how, slot
            .set after, \first + 2
        .else
            .ifc \how, sum
                lh a1, (\first + 2)(s0)
            .else
                slot a1, (\first + 2)
            .endif
            add a0, a0, a1
            .set after, \first + 4
        .endif
        address a0, after, \log2, \instruction, \odd
        .set after, after + 2
    .endif
    .endif
    .endif
.endm

.macro load_form number, name, instruction, log2, first, how
    op_named (\number), \name
    base \first, \how, \log2, \instruction, .Lodd\@
    \instruction s2, 0(a0)
.Lloaded\@:
    .if \first == 4
        result
    .endif
    next after
    .if \log2
.Lodd\@:
        odd_load s2, \instruction
        j .Lloaded\@
    .endif
.endm

# Loads from an address that is not aligned, byte by byte.
.macro odd_load rd, instruction
    .ifc \instruction, pair
        jal load_odd_word
        mv a4, a1
        addi a0, a0, 4
        jal load_odd_word
        mv a0, a4
    .else
        .ifc \instruction, lw
            jal load_odd_word
        .else
            jal load_odd_half
        .endif
        mv \rd, a1
        .ifc \instruction, lh
            slli \rd, \rd, 16
            srai \rd, \rd, 16
        .endif
    .endif
.endm
# a1 becomes what stands at a0; a2 is lost.
load_odd_word:
    lbu a1, 3(a0)
    lbu a2, 2(a0)
    slli a1, a1, 8
    or a1, a1, a2
    slli a1, a1, 16
    j 1f
load_odd_half:
    li a1, 0
1:  lbu a2, 1(a0)
    slli a2, a2, 8
    or a1, a1, a2
    lbu a2, 0(a0)
    or a1, a1, a2
    ret
# Stores a1 at a0; a3 is lost.
store_odd_word:
    srli a3, a1, 16
    sb a3, 2(a0)
    srli a3, a1, 24
    sb a3, 3(a0)
store_odd_half:
    sb a1, 0(a0)
    srli a3, a1, 8
    sb a3, 1(a0)
    ret

# Bit 0 the address in the accumulator, bit 1 bare; then a word as offset; sums, and bare ones; two slots; a word as address.
.macro load number, name, instruction, log2
    load_form (\number + 0), \name\()_0, \instruction, \log2, 4, slot
    load_form (\number + 4), \name\()_1, \instruction, \log2, 4, acc
    load_form (\number + 8), \name\()_2, \instruction, \log2, 2, slot
    load_form (\number + 12), \name\()_3, \instruction, \log2, 2, acc
    load_form (\number + 16), \name\()_4, \instruction, \log2, 4, far
    load_form (\number + 20), \name\()_5, \instruction, \log2, 4, sum
    load_form (\number + 24), \name\()_6, \instruction, \log2, 2, sum
    load_form (\number + 28), \name\()_7, \instruction, \log2, 4, index
    load_form (\number + 32), \name\()_8, \instruction, \log2, 2, index
    load_form (\number + 36), \name\()_9, \instruction, \log2, 4, at
.endm

# The same for 64 bits, which \instruction loads or \extend makes of fewer.
.macro wide_load_form number, name, instruction, log2, first, how, extend
    op_named (\number), \name
    base \first, \how, \log2, \instruction, .Lodd\@
    .ifc \instruction, pair
        lw a1, 4(a0)
        lw a0, 0(a0)
.Lloaded\@:
    .else
        \instruction a0, 0(a0)
.Lloaded\@:
        .if \extend
            srai a1, a0, 31
        .else
            li a1, 0
        .endif
    .endif
    wide_result \first
    next after
    .if \log2
.Lodd\@:
        odd_load a0, \instruction
        j .Lloaded\@
    .endif
.endm

.macro wide_load number, name, instruction, log2, extend=0
    wide_load_form (\number + 0), \name\()_0, \instruction, \log2, 4, slot, \extend
    wide_load_form (\number + 4), \name\()_1, \instruction, \log2, 4, acc, \extend
    wide_load_form (\number + 8), \name\()_2, \instruction, \log2, 2, slot, \extend
    wide_load_form (\number + 12), \name\()_3, \instruction, \log2, 2, acc, \extend
    wide_load_form (\number + 16), \name\()_4, \instruction, \log2, 4, far, \extend
    .ifc \instruction, pair
        wide_load_form (\number + 20), \name\()_5, \instruction, \log2, 4, sum, \extend
        wide_load_form (\number + 24), \name\()_6, \instruction, \log2, 2, sum, \extend
        wide_load_form (\number + 28), \name\()_7, \instruction, \log2, 4, index, \extend
        wide_load_form (\number + 32), \name\()_8, \instruction, \log2, 2, index, \extend
    .endif
    wide_load_form (\number + 36), \name\()_9, \instruction, \log2, 4, at, \extend
.endm

# An operation that does what another one does: a load or a store.
.macro same_load number, name
    .irp form, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
        entry (\number + 4 * \form), \name\()_\form
    .endr
.endm
.macro same_store number, name
    .irp form, 0, 1, 2, 3, 4, 5, 6, 7
        entry (\number + 4 * \form), \name\()_\form
    .endr
.endm

load {i32_load}, load_32, lw, 2
wide_load {i64_load}, load_64, pair, 2
same_load {f32_load}, load_32
same_load {f64_load}, load_64
load {i32_load8_s}, load_8s, lb, 0
load {i32_load8_u}, load_8u, lbu, 0
load {i32_load16_s}, load_16s, lh, 1
load {i32_load16_u}, load_16u, lhu, 1
wide_load {i64_load8_s}, load_64_8s, lb, 0, 1
wide_load {i64_load8_u}, load_64_8u, lbu, 0
wide_load {i64_load16_s}, load_64_16s, lh, 1, 1
wide_load {i64_load16_u}, load_64_16u, lhu, 1
wide_load {i64_load32_s}, load_64_32s, lw, 2, 1
wide_load {i64_load32_u}, load_64_32u, lw, 2
8:  j leave

# The value is in the slot that the unit at \at names, or 1 in the accumulator, or 2 zero.
.macro store_form number, name, instruction, log2, first, how, at, value
    op_named (\number), \name
    .if \value == 0 && \first == 2
        # The value's unit stands between the address' and the offset.
        base_and_value \how, \log2, \instruction, .Lodd\@
    .else
        base \first, \how, \log2, \instruction, .Lodd\@
    .endif
    stored \instruction, 0, \at, \value
.Lstored\@:
    next after
    .if \log2
.Lodd\@:
        stored \instruction, 1, \at, \value
        j .Lstored\@
    .endif
.endm
.macro base_and_value how, log2, instruction, odd
    .ifc \how, at
        far_address zero, 4, \log2, \instruction, \odd
        .set after, 8
    .else
    slot a0, 2
    .ifc \how, far
        far_address a0, 6, \log2, \instruction, \odd
        .set after, 10
    .else
    .ifc \how, sum
        lh a1, 4(s0)
        add a0, a0, a1
        address a0, 8, \log2, \instruction, \odd
        .set after, 10
    .else
        address a0, 6, \log2, \instruction, \odd
        .set after, 8
    .endif
    .endif
    .endif
.endm

# Stores the value: of the slot that the unit at \at names, the accumulator, or zero.
.macro stored instruction, odd, at, value
    .ifc \instruction, pair
        .if \value == 1
            mv a1, s2
            lw a2, {acc_high}(s4)
        .elseif \value == 2
            li a1, 0
            li a2, 0
        .else
            pair a1, a2, \at
        .endif
        .if \odd
            jal store_odd_word
            addi a0, a0, 4
            mv a1, a2
            jal store_odd_word
        .else
            sw a1, 0(a0)
            sw a2, 4(a0)
        .endif
    .else
        .if \odd
            .if \value == 1
                mv a1, s2
            .elseif \value == 2
                li a1, 0
            .else
                slot a1, \at
            .endif
        .elseif \value == 1
            \instruction s2, 0(a0)
        .elseif \value == 2
            \instruction zero, 0(a0)
        .else
            slot a1, \at
            \instruction a1, 0(a0)
        .endif
        .if \odd
            .ifc \instruction, sw
                jal store_odd_word
            .else
                jal store_odd_half
            .endif
        .endif
    .endif
.endm

# The address in a slot; in the accumulator; the value there; zero; a word as offset; sums; a word as address.
.macro store number, name, instruction, log2
    store_form (\number + 0), \name\()_0, \instruction, \log2, 2, slot, 4, 0
    store_form (\number + 4), \name\()_1, \instruction, \log2, 4, acc, 2, 0
    store_form (\number + 8), \name\()_2, \instruction, \log2, 2, slot, 0, 1
    store_form (\number + 12), \name\()_3, \instruction, \log2, 2, slot, 0, 2
    store_form (\number + 16), \name\()_4, \instruction, \log2, 2, far, 4, 0
    store_form (\number + 20), \name\()_5, \instruction, \log2, 2, sum, 6, 0
    store_form (\number + 24), \name\()_6, \instruction, \log2, 2, sum, 0, 1
    store_form (\number + 28), \name\()_7, \instruction, \log2, 2, at, 2, 0
.endm

# Of a wide value the lower half is stored, which is where a narrow one is.
store {i32_store}, store_32, sw, 2
store {i64_store}, store_64, pair, 2
same_store {f32_store}, store_32
same_store {f64_store}, store_64
store {i32_store8}, store_8, sb, 0
store {i32_store16}, store_16, sh, 1
same_store {i64_store8}, store_8
same_store {i64_store16}, store_16
same_store {i64_store32}, store_32

8:  j leave

# ---- two operators in one, words in the code: bit 0 accumulator, bit 1 bare ----

.macro immediate rd, at
    lh \rd, \at(s0)
.endm
.macro left_operand first, in_acc
    .if \in_acc
        .set after, \first
    .else
        slot a0, \first
        .set after, \first + 2
    .endif
.endm
.macro fused_form number, one, two, first, in_acc, right, other
    op (\number)
    left_operand \first, \in_acc
    \right a1, after
    .if \in_acc
        \one s2
    .else
        \one a0
    .endif
    \other a1, (after + 2)
    \two s2
    .if \first == 4
        result
    .endif
    next (after + 4)
.endm
.macro fused number, one, two, right, other
    fused_form (\number + 0), \one, \two, 4, 0, \right, \other
    fused_form (\number + 4), \one, \two, 4, 1, \right, \other
    fused_form (\number + 8), \one, \two, 2, 0, \right, \other
    fused_form (\number + 12), \one, \two, 2, 1, \right, \other
.endm

fused {i32_mul_add}, do_mul, do_add, slot, slot
fused {i32_mul_imm_add}, do_mul, do_add, immediate, slot
fused {i32_add_add}, do_add, do_add, slot, slot
fused {i32_xor_xor}, do_xor, do_xor, slot, slot
fused {i32_shl_add}, do_shl, do_add, immediate, slot
fused {i32_shl_or}, do_shl, do_or, immediate, slot
fused {i32_shl_xor}, do_shl, do_xor, immediate, slot
fused {i32_shr_u_xor}, do_shr_u, do_xor, immediate, slot
fused {i32_rotr_xor}, do_rotr, do_xor, immediate, slot
fused {i32_shr_u_and}, do_shr_u, do_and, immediate, immediate
fused {i32_add_imm_add}, do_add, do_add, immediate, slot
fused {i32_add_and}, do_add, do_and, immediate, immediate

.macro mul_add_form number, first, in_acc
    op (\number)
    left_operand \first, \in_acc
    .if \in_acc
        mv a0, s2
    .endif
    slot a1, after
    call {fn_f32_mul}
    slot a1, (after + 2)
    call {fn_f32_add}
    mv s2, a0
    .if \first == 4
        result
    .endif
    next (after + 4)
.endm
.macro wide_mul_add_form number, first, in_acc
    op (\number)
    wide_operands \first, \in_acc, 0
    call {fn_f64_mul}
    pair a2, a3, after
    call {fn_f64_add}
    wide_result \first
    next (after + 2)
.endm
.macro mul_add number, form
    \form (\number + 0), 4, 0
    \form (\number + 4), 4, 1
    \form (\number + 8), 2, 0
    \form (\number + 12), 2, 1
.endm

mul_add {f32_mul_add}, mul_add_form
mul_add {f64_mul_add}, wide_mul_add_form

.macro word_form number, operator, first, in_acc
    op (\number)
    left_operand \first, \in_acc
    word a1, after
    .if \in_acc
        \operator s2
    .else
        \operator a0
    .endif
    .if \first == 4
        result
    .endif
    next (after + 4)
.endm
.macro with_word number, operator
    word_form (\number + 0), \operator, 4, 0
    word_form (\number + 4), \operator, 4, 1
    word_form (\number + 8), \operator, 2, 0
    word_form (\number + 12), \operator, 2, 1
.endm

with_word {i32_add_word}, do_add
with_word {i32_mul_word}, do_mul
with_word {i32_and_word}, do_and

.macro float_word_form number, function, first, in_acc
    op (\number)
    left_operand \first, \in_acc
    .if \in_acc
        mv a0, s2
    .endif
    word a1, after
    call \function
    mv s2, a0
    .if \first == 4
        result
    .endif
    next (after + 4)
.endm
.macro with_float_word number, function
    float_word_form (\number + 0), \function, 4, 0
    float_word_form (\number + 4), \function, 4, 1
    float_word_form (\number + 8), \function, 2, 0
    float_word_form (\number + 12), \function, 2, 1
.endm

with_float_word {f32_add_word}, {fn_f32_add}
with_float_word {f32_mul_word}, {fn_f32_mul}

.macro wide_float_word_form number, function, first, in_acc
    op (\number)
    .if \in_acc
        mv a0, s2
        lw a1, {acc_high}(s4)
        .set after, \first
    .else
        pair a0, a1, \first
        .set after, \first + 2
    .endif
    word a2, after
    call \function
    wide_result \first
    next (after + 4)
.endm
.macro with_wide_float_word number, function
    wide_float_word_form (\number + 0), \function, 4, 0
    wide_float_word_form (\number + 4), \function, 4, 1
    wide_float_word_form (\number + 8), \function, 2, 0
    wide_float_word_form (\number + 12), \function, 2, 1
.endm

with_wide_float_word {f64_add_word}, {fn_f64_add_word}
with_wide_float_word {f64_mul_word}, {fn_f64_mul_word}

# ---- steps of loops: the sum is in s2 and its slot at a3, and is written once the branch is known to be taken or not ----

.macro stepped
    slot s2, 4
    lh a1, 6(s0)
    place a3, 2
    add s2, s2, a1
.endm
.macro step_form number, relation, right
    op (\number)
    stepped
    \right a1, 8
    when \relation, s2, 3f
    sw s2, 0(a3)
    next 14
.endm
.macro step number, relation
    step_form (\number + 0), \relation, slot
    step_form (\number + 4), \relation, immediate
.endm

step {i32_step_ne}, ne
step {i32_step_lt_u}, lt_u
3:  taken 10, 1

# ---- control ----

op {charge}
    .if {metered}
        lhu a0, 2(s0)
        sub s7, s7, a0
    .endif
    addi s0, s0, 4
    .if {metered}
        blez s7, 7f
    .endif
    next 0
7:  j exhausted

op {br}
    taken 2

.macro test number, branch_if, width
    op (\number)
    .if \width == 1
        slot a0, 2
    .else
        pair a0, a1, 2
        or a0, a0, a1
    .endif
    \branch_if a0, 4f
    next 8
    op (\number + 4)
    .if \width == 1
        \branch_if s2, 2f
    .else
        lw a1, {acc_high}(s4)
        or a1, a1, s2
        \branch_if a1, 2f
    .endif
    next 6
.endm

test {br_if}, bnez, 1
test {br_unless}, beqz, 1
test {br_if_64}, bnez, 2
test {br_unless_64}, beqz, 2
4:  taken 4
2:  taken 2

.macro test_and number, branch_if
    op (\number)
    slot a0, 2
    lh a1, 4(s0)
    and a0, a0, a1
    \branch_if a0, 6f
    next 10
    op (\number + 4)
    lh a0, 2(s0)
    and a0, a0, s2
    \branch_if a0, 4f
    next 8
.endm

test_and {br_if_and}, bnez
test_and {br_unless_and}, beqz
6:  taken 6
4:  taken 4

op {br_step}
    stepped
    bnez s2, 3f
    sw s2, 0(a3)
    next 12
3:  taken 8, 1

op {br_table}
    slot a0, 2
    lhu a1, 4(s0)
    lhu a2, 6(s0)
    slli a2, a2, 16
    or a1, a1, a2
    bleu a0, a1, 1f
    mv a0, a1
1:  slli a0, a0, 2
    add a0, a0, s0
    addi a2, a0, 8
    .if {metered}
        lh a0, 2(a2)
        sub s7, s7, a0
    .endif
    lh a1, 0(a2)
    slli a1, a1, 1
    add s0, a2, a1
    .if {metered}
        blez s7, 7b
    .endif
    next 0

# ---- calls ----

8:  j leave

# Finds the newest record, in a1, and leaves to Rust unless it is a plain one. a2 how far the caller's frame lies below.
.macro plain_record
    leaves
    lw a1, {records}(s4)
    lw a2, 4(a1)
    andi a3, a2, 3
    bnez a3, 8b
.endm

# Pops it and goes back.
.macro leave_frame
    lw a3, 0(a1)
    addi a1, a1, 8
    sw a1, {records}(s4)
    lw a0, {code}(s4)
    add s0, a0, a3
    sub s1, s1, a2
    next 0
.endm

op {return_0}
    plain_record
    leave_frame
# Nothing is written before it is known that the return is not left to Rust, which would read the value again.
op {return_32}
    plain_record
    slot a0, 2
    sw a0, 0(s1)
    leave_frame
op {return_64}
    plain_record
    place a4, 2
    lw a0, 0(a4)
    lw a4, 4(a4)
    sw a0, 0(s1)
    sw a4, 4(s1)
    leave_frame

op {call}
    leaves
    mv a0, s0
    li a3, 6
# Calls the function that the second unit from a0 on names, with arguments where the third one says; the calling operation has
# a3 bytes.
call_at:
    lw a1, {funcs}(s4)
    lhu a2, 2(a0)
    slli a2, a2, 3
    add a1, a1, a2
    lw a1, 0(a1)
    lhu a2, 4(a0)
# Enters the function whose code begins at a1 from the code's start, with its arguments a2 bytes into the frame; the calling
# operation has a3 bytes.
enter:
    lw a4, {code}(s4)
    lw a5, {records}(s4)
    add a1, a1, a4
    add a6, s1, a2
    lhu a0, 0(a1)
    addi a5, a5, -8
    add a0, a0, a6
    bltu a5, a0, 8b
    .if {metered}
        blez s7, 8b
    .endif
    sub a4, s0, a4
    add a4, a4, a3
    sw a4, 0(a5)
    sw a2, 4(a5)
    sw a5, {records}(s4)
    mv s1, a6
    .if {metered}
        lhu a0, 2(a1)
        sub s7, s7, a0
    .endif
    lhu a2, 4(a1)
    lhu a3, 6(a1)
    add a2, a2, s1
    add a3, a3, s1
    beq a2, a3, 2f
1:  sw zero, 0(a2)
    addi a2, a2, 4
    bne a2, a3, 1b
2:  mv s0, a1
    next 8

op {call_copy_32}
    leaves
    copy_slot 2, 4
    addi a0, s0, 4
    li a3, 10
    j call_at
op {call_copy_two_32}
    leaves
    copy_slot 2, 4
    copy_slot 6, 8
    addi a0, s0, 8
    li a3, 14
    j call_at

op {call_indirect}
    leaves
    lhu a0, 6(s0)
    bnez a0, 8b
    slot a1, 2
    lw a2, {table_len}(s4)
    bgeu a1, a2, 8b
    lw a2, {table}(s4)
    slli a1, a1, 2
    add a1, a1, a2
    lw a1, 0(a1)
    lw a2, {func_base}(s4)
    sub a1, a1, a2
    lw a2, {own_funcs}(s4)
    bgeu a1, a2, 8b
    lw a2, {funcs}(s4)
    slli a1, a1, 3
    add a1, a1, a2
    lw a2, 4(a1)
    lhu a3, 4(s0)
    bne a2, a3, 8b
    lw a1, 0(a1)
    lhu a2, 8(s0)
    li a3, 10
    j enter

# ---- copies, constants, selections, globals ----

op {copy_32}
    copy_slot 2, 4
    next 6
op {copy_two_32}
    copy_slot 2, 4
    copy_slot 6, 8
    next 10
op {copy_64}
    place a1, 4
    lw a0, 0(a1)
    lw a1, 4(a1)
    place a2, 2
    sw a0, 0(a2)
    sw a1, 4(a2)
    next 6
op {const_16}
    lh a0, 4(s0)
    place a1, 2
    sw a0, 0(a1)
    next 6
op {const_16} + 4
    lh s2, 2(s0)
    next 4
op {const_32}
    lhu a0, 4(s0)
    lhu a1, 6(s0)
    slli a1, a1, 16
    or a0, a0, a1
    place a1, 2
    sw a0, 0(a1)
    next 8
op {const_32} + 4
    lhu s2, 2(s0)
    lhu a1, 4(s0)
    slli a1, a1, 16
    or s2, s2, a1
    next 6

op {const_64_imm}
    lh a0, 4(s0)
    srai a1, a0, 31
    put_pair a0, a1
    next 6
op {const_64_imm} + 4
    lh s2, 2(s0)
    srai a1, s2, 31
    sw a1, {acc_high}(s4)
    next 4
op {const_64}
    word a0, 4
    word a1, 8
    put_pair a0, a1
    next 12
op {const_64} + 4
    word s2, 2
    word a1, 6
    sw a1, {acc_high}(s4)
    next 10

.macro choose at
    beqz a0, .Lright\@
    slot s2, \at
    result
    next (\at + 4)
.Lright\@:
    slot s2, (\at + 2)
    result
    next (\at + 4)
.endm

op {select_32}
    slot a0, 4
    choose 6
op {select_32} + 4
    mv a0, s2
    choose 4

.macro choose_wide at
    beqz a0, .Lright\@
    pair a0, a1, \at
    j .Lchosen\@
.Lright\@:
    pair a0, a1, (\at + 2)
.Lchosen\@:
    wide_result 4
    next (\at + 4)
.endm

op {select_64}
    slot a0, 4
    choose_wide 6
op {select_64} + 4
    mv a0, s2
    choose_wide 4

.macro global rd, at
    lw \rd, {globals}(s4)
    lhu a3, \at(s0)
    add \rd, \rd, a3
.endm

op {global_get_32}
    global a2, 4
    lw s2, 0(a2)
    result
    next 6
op {global_get_32} + 4
    global a2, 2
    lw s2, 0(a2)
    next 4
op {global_set_32}
    global a2, 4
    slot a1, 2
    sw a1, 0(a2)
    next 6
op {global_set_32} + 4
    global a2, 2
    sw s2, 0(a2)
    next 4
op {global_set_sum}
    slot a0, 2
    lh a1, 4(s0)
    add a0, a0, a1
    global a2, 6
    sw a0, 0(a2)
    next 8
op {global_sub}
    global a2, 6
    lw s2, 0(a2)
    lh a1, 4(s0)
    sub s2, s2, a1
    sw s2, 0(a2)
    result
    next 8

# The rest of the table.
.pushsection .rodata.wasmote_handlers, "a"
.rept {count} - filled
    left_to_rust filled
    .word leave
    .set filled, filled + 1
.endr
.popsection
.option pop

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

# Begins the handler of an operation: its entry in the table, those between it and the one before leading to `leave`.
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

# The accumulator into the slot that the first operand names.
.macro result
    place a0, 2
    sw s2, 0(a0)
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

# Leaves before the operation at the instruction pointer.
leave:
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
# Division by zero, and the quotient that does not fit, are left to Rust.
.macro do_div_u left
    beqz a1, 9f
    divu s2, \left, a1
.endm
.macro do_rem_u left
    beqz a1, 9f
    remu s2, \left, a1
.endm
.macro do_div_s left
    addi a2, a1, 1
    li a3, 2
    bltu a2, a3, 9f
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

.macro extend_result sign, bytes
    .if \sign
        srai a1, s2, 31
    .else
        li a1, 0
    .endif
    place a0, 2
    sw s2, 0(a0)
    sw a1, 4(a0)
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
unary {i32_wrap_i64}, do_wrap
extend {i64_extend_i32_s}, 1
extend {i64_extend_i32_u}, 0
unary {i32_extend8_s}, do_sxtb
unary {i32_extend16_s}, do_sxth

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
9:  j leave
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

# Leaves a1:a0 in the accumulator and, in forms with a destination, in its slot.
.macro wide_result first
    mv s2, a0
    sw a1, {acc_high}(s4)
    .if \first == 4
        place a2, 2
        sw a0, 0(a2)
        sw a1, 4(a2)
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
wide {i64_and}, do_and64
wide {i64_or}, do_or64
wide {i64_xor}, do_xor64

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

# Branches to \to unless the operands in \left and a1 stand in this relation.
.macro unless relation, left, to
    .ifc \relation, eq
        bne \left, a1, \to
    .endif
    .ifc \relation, ne
        beq \left, a1, \to
    .endif
    .ifc \relation, lt_s
        bge \left, a1, \to
    .endif
    .ifc \relation, lt_u
        bgeu \left, a1, \to
    .endif
    .ifc \relation, gt_s
        bge a1, \left, \to
    .endif
    .ifc \relation, gt_u
        bgeu a1, \left, \to
    .endif
    .ifc \relation, le_s
        blt a1, \left, \to
    .endif
    .ifc \relation, le_u
        bltu a1, \left, \to
    .endif
    .ifc \relation, ge_s
        blt \left, a1, \to
    .endif
    .ifc \relation, ge_u
        bltu \left, a1, \to
    .endif
.endm

.macro compare_value number, relation, in_acc, imm
    op \number
    compare_operands 4, \in_acc, \imm
    .if \in_acc
        mv a0, s2
    .endif
    li s2, 0
    unless \relation, a0, .Lset\@
    li s2, 1
.Lset\@:
    result
    next after
.endm

# Takes the branch whose cell is at \at, if there is fuel for it.
.macro taken at
    lh a0, (\at + 2)(s0)
    sub a0, s7, a0
    blez a0, .Lleave\@
    lh a1, \at(s0)
    mv s7, a0
    slli a1, a1, 1
    .if \at
        addi s0, s0, \at
    .endif
    add s0, s0, a1
    next 0
.Lleave\@:
    j leave
.endm

.macro compare_branch number, relation, in_acc, imm
    op \number
    compare_operands 2, \in_acc, \imm
    .if \in_acc
        unless \relation, s2, .Lfall\@
    .else
        unless \relation, a0, .Lfall\@
    .endif
    .if after == 6
        j taken_6
    .else
        j taken_4
    .endif
.Lfall\@:
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
taken_2:
    taken 2
taken_4:
    taken 4
taken_6:
    taken 6
compare {i32_gt_u}, gt_u
compare {i32_le_s}, le_s
compare {i32_le_u}, le_u
compare {i32_ge_s}, ge_s
compare {i32_ge_u}, ge_u

# ---- memory ----

# a0 = where the access goes, its base being in \base and its offset at \at; leaves unless it lies in the window, aligned.
.macro address base, at, log2, limit
    lhu a1, \at(s0)
    add a0, \base, a1
    bltu a0, a1, 8f
    sub a1, a0, s6
    bgeu a1, \limit, 8f
    add a0, a0, s5
    .if \log2
        andi a1, a0, (1 << \log2) - 1
        bnez a1, 8f
    .endif
.endm

.macro load_form number, instruction, log2, first, in_acc
    op \number
    .if \in_acc
        address s2, \first, \log2, s8
        .set after, \first + 2
    .else
        slot a0, \first
        address a0, (\first + 2), \log2, s8
        .set after, \first + 4
    .endif
    \instruction s2, 0(a0)
    .if \first == 4
        result
    .endif
    next after
.endm

# Bit 0 the address in the accumulator, bit 1 bare.
.macro load number, instruction, log2
    load_form (\number + 0), \instruction, \log2, 4, 0
    load_form (\number + 4), \instruction, \log2, 4, 1
    load_form (\number + 8), \instruction, \log2, 2, 0
    load_form (\number + 12), \instruction, \log2, 2, 1
.endm

.macro load64_form number, first, in_acc
    op \number
    lw a3, {limit_wide}(s4)
    .if \in_acc
        address s2, \first, 2, a3
        .set after, \first + 2
    .else
        slot a0, \first
        address a0, (\first + 2), 2, a3
        .set after, \first + 4
    .endif
    lw a1, 4(a0)
    lw a0, 0(a0)
    wide_result \first
    next after
.endm

.macro load64 number
    load64_form (\number + 0), 4, 0
    load64_form (\number + 4), 4, 1
    load64_form (\number + 8), 2, 0
    load64_form (\number + 12), 2, 1
.endm

load {i32_load}, lw, 2
load64 {i64_load}
load {f32_load}, lw, 2
load {i32_load8_s}, lb, 0
8:  j leave
load {i32_load8_u}, lbu, 0
load {i32_load16_s}, lh, 1
load {i32_load16_u}, lhu, 1

# Bit 0 the address in the accumulator, 2 the value, 3 zero.
.macro store_form number, instruction, log2, address_in_acc, value
    op \number
    .if \address_in_acc
        address s2, 4, \log2, s8
        slot a1, 2
        \instruction a1, 0(a0)
        .set after, 6
    .else
        slot a0, 2
        .if \value == 0
            address a0, 6, \log2, s8
            slot a1, 4
            \instruction a1, 0(a0)
            .set after, 8
        .else
            address a0, 4, \log2, s8
            .if \value == 1
                \instruction s2, 0(a0)
            .else
                \instruction zero, 0(a0)
            .endif
            .set after, 6
        .endif
    .endif
    next after
.endm

.macro store number, instruction, log2
    store_form (\number + 0), \instruction, \log2, 0, 0
    store_form (\number + 4), \instruction, \log2, 1, 0
    store_form (\number + 8), \instruction, \log2, 0, 1
    store_form (\number + 12), \instruction, \log2, 0, 2
.endm

.macro store64_form number, address_in_acc, value
    op \number
    lw a3, {limit_wide}(s4)
    .if \address_in_acc
        address s2, 4, 2, a3
        place a2, 2
        .set after, 6
    .else
        slot a0, 2
        .if \value == 0
            address a0, 6, 2, a3
            place a2, 4
            .set after, 8
        .else
            address a0, 4, 2, a3
            .set after, 6
        .endif
    .endif
    .if \value == 0
        lw a1, 0(a2)
        lw a2, 4(a2)
        sw a1, 0(a0)
        sw a2, 4(a0)
    .else
        .if \value == 1
            lw a2, {acc_high}(s4)
            sw s2, 0(a0)
            sw a2, 4(a0)
        .else
            sw zero, 0(a0)
            sw zero, 4(a0)
        .endif
    .endif
    next after
.endm

store {i32_store}, sw, 2
store64_form {i64_store} + 0, 0, 0
store64_form {i64_store} + 4, 1, 0
store64_form {i64_store} + 8, 0, 1
store64_form {i64_store} + 12, 0, 2
store {f32_store}, sw, 2
8:  j leave
store {i32_store8}, sb, 0
store {i32_store16}, sh, 1

# ---- control ----

op {charge}
    lhu a0, 2(s0)
    sub a0, s7, a0
    blez a0, 8f
    mv s7, a0
    next 4

op {br}
    taken 2

.macro test number, branch_unless, width
    op \number
    .if \width == 1
        slot a0, 2
    .else
        place a1, 2
        lw a0, 0(a1)
        lw a1, 4(a1)
        or a0, a0, a1
    .endif
    \branch_unless a0, .Lfall\@
    taken 4
.Lfall\@:
    next 8
    op (\number + 4)
    .if \width == 1
        \branch_unless s2, .Lfall_acc\@
    .else
        lw a1, {acc_high}(s4)
        or a1, a1, s2
        \branch_unless a1, .Lfall_acc\@
    .endif
    taken 2
.Lfall_acc\@:
    next 6
.endm

test {br_if}, beqz, 1
test {br_unless}, bnez, 1
test {br_if_64}, beqz, 2
test {br_unless_64}, bnez, 2

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
    lh a1, 10(a0)
    sub a1, s7, a1
    blez a1, 8f
    mv s7, a1
    lh a1, 8(a0)
    slli a1, a1, 1
    addi a0, a0, 8
    add s0, a0, a1
    next 0

# ---- calls ----

8:  j leave

# Finds the newest record, in a1, and leaves to Rust unless it is a plain one. a2 how far the caller's frame lies below.
.macro plain_record
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
    lw a1, {funcs}(s4)
    lhu a2, 2(s0)
    slli a2, a2, 3
    add a1, a1, a2
    lw a1, 0(a1)
    lhu a2, 4(s0)
    li a3, 6
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
    blez s7, 8b
    sub a4, s0, a4
    add a4, a4, a3
    sw a4, 0(a5)
    sw a2, 4(a5)
    sw a5, {records}(s4)
    mv s1, a6
    lhu a0, 2(a1)
    sub s7, s7, a0
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

op {call_indirect}
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
    slot a0, 4
    place a1, 2
    sw a0, 0(a1)
    next 6
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

# The rest of the table.
.pushsection .rodata.wasmote_handlers, "a"
.rept {count} - filled
    .word leave
.endr
.popsection
.option pop

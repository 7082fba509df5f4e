@ Long arithmetic for `arm.s` in the instructions of Thumb-2, which multiplies to 64 bits, counts zeros and divides 32 bits by 32:
@ floats of 64 bits, as their bits in r1:r0 and r3:r2, and quotients of integers of 64 bits. Results are in r1:r0; other handlers'
@ registers are kept but for r12. What is computed is what the operators of `isa/num.rs` compute; every NaN that comes out
@ is the canonical one.
@
@ While a float is computed, r7 has its sign in bit 31 and r5 its exponent as a float stores it.

seldom

@ rh:rl = rh:rl << \by
.macro shift_pair rh, rl, by
    lsls \rh, \rh, #\by
    orr \rh, \rh, \rl, lsr #(32 - \by)
    lsls \rl, \rl, #\by
.endm

@ rh:rl = -rh:rl
.macro negate_pair rh, rl
    rsbs \rl, \rl, #0
    sbc \rh, \rh, \rh, lsl #1
.endm

subtract_doubles:
    eor r3, r3, #0x80000000
add_doubles:
    push {{r4-r7, lr}}
    @ The greater magnitude comes first.
    lsls r4, r1, #1
    lsls r5, r3, #1
    cmp r4, r5
    it eq
    cmpeq r0, r2
    bhs 1f
    mov r4, r0
    mov r0, r2
    mov r2, r4
    mov r4, r1
    mov r1, r3
    mov r3, r4
1:  mov r7, r1
    eor r4, r1, r3
    ubfx r5, r1, #20, #11
    ubfx r6, r3, #20, #11
    movw r12, #0x7ff
    cmp r5, r12
    beq add_to_infinite
    bfc r1, #20, #12
    bfc r3, #20, #12
    @ The hidden bit, which zero and what is less than normal numbers do not have, in the place of which their exponent is 1.
    cmp r5, #0
    ite eq
    moveq r5, #1
    orrne r1, r1, #0x100000
    cmp r6, #0
    ite eq
    moveq r6, #1
    orrne r3, r3, #0x100000
    @ A bit is free for the carry, and the lowest one stands for all that is shifted out.
    shift_pair r1, r0, 10
    shift_pair r3, r2, 10
    subs r6, r5, r6
    adds r5, #1
    bl shift_out
    cmp r4, #0
    bmi 2f
    adds r0, r0, r2
    adcs r1, r1, r3
    b pack_double
2:  subs r0, r0, r2
    sbcs r1, r1, r3
    orrs r2, r0, r1
    bne pack_double
    movs r7, #0

@ The double nearest to r1:r0, of two equally near the even one: r5 is its exponent if bit 63 is set. The lowest bit may stand
@ for what is below it.
pack_double:
    bl normalise
    beq signed_double
    movw r3, #0x7ff
    cmp r5, r3
    bge infinite_double
    cmp r5, #0
    bgt 2f
    rsb r6, r5, #1
    mov r2, r0
    mov r3, r1
    bl shift_out
    mov r0, r2
    mov r1, r3
    movs r5, #1
2:  lsls r3, r0, #21
    lsrs r0, r0, #11
    orr r0, r0, r1, lsl #21
    lsrs r1, r1, #11
    @ The hidden bit adds one to the exponent, and so does a carry out of the fraction.
    subs r5, #1
    add r1, r1, r5, lsl #20
    cmp r3, #0x80000000
    it eq
    lsrseq r3, r0, #1
    adcs r0, r0, #0
    adc r1, r1, #0
    b signed_double

@ The greater operand is infinite or no number.
add_to_infinite:
    orrs r12, r0, r1, lsl #12
    bne no_double
    cmp r6, r5
    bne 1f
    cmp r4, #0
    bmi no_double
1:  pop {{r4-r7, pc}}

no_double:
    movw r1, #0x7ff8
    movs r7, #0
    b 1f
infinite_double:
    movw r1, #0x7ff0
1:  lsls r1, r1, #16
    movs r0, #0
signed_double:
    and r7, r7, #0x80000000
    orrs r1, r1, r7
    pop {{r4-r7, pc}}

@ The same of 32 bits in r0.
pack_single:
    bl normalise
    beq signed_single
pack_normal_single:
    cmp r0, #0
    it ne
    orrne r1, r1, #1
    cmp r5, #0xff
    bge infinite_single
    cmp r5, #0
    bgt 2f
    rsb r5, r5, #1
    cmp r5, #31
    it hi
    movhi r5, #31
    lsr r0, r1, r5
    lsl r2, r0, r5
    cmp r2, r1
    mov r1, r0
    it ne
    orrne r1, r1, #1
    movs r5, #1
2:  lsls r3, r1, #24
    lsrs r1, r1, #8
    subs r5, #1
    add r0, r1, r5, lsl #23
    cmp r3, #0x80000000
    it eq
    lsrseq r3, r0, #1
    adc r0, r0, #0
    b signed_single
no_single:
    movw r0, #0x7fc0
    movs r7, #0
    b 1f
infinite_single:
    movw r0, #0x7f80
1:  lsls r0, r0, #16
signed_single:
    and r7, r7, #0x80000000
    orrs r0, r0, r7
    pop {{r4-r7, pc}}

@ r1:r0 shifted so that bit 63 is set, with the exponent in r5; `eq` if it is zero.
normalise:
    cbnz r1, 1f
    subs r5, #32
    movs r1, r0
    mov r0, #0
    it eq
    bxeq lr
1:  clz r2, r1
    subs r5, r5, r2
    rsb r3, r2, #32
    lsr r3, r0, r3
    lsls r0, r0, r2
    lsls r1, r1, r2
    orrs r1, r1, r3
    bx lr

@ r3:r2 >>= r6, the lowest bit being set if one is lost; r6 and r12 are lost.
shift_out:
    cmp r6, #32
    blo 1f
    cmp r2, #0
    it ne
    orrne r3, r3, #1
    mov r2, r3
    movs r3, #0
    subs r6, #32
    cmp r6, #31
    it hi
    movhi r6, #31
1:  lsr r12, r2, r6
    lsl r12, r12, r6
    cmp r12, r2
    lsr r2, r2, r6
    rsb r12, r6, #32
    lsl r12, r3, r12
    orr r2, r2, r12
    lsr r3, r3, r6
    it ne
    orrne r2, r2, #1
    bx lr

@ The exponents of r1:r0 and r3:r2 in r5 and r6, and their mantissas in place, shifted so that the hidden bit is bit 63. `eq` if
@ one of them is zero, infinite or no number: then these are magnitudes, and r4 is the upper half of infinity.
unpack_doubles:
    movw r12, #0x7ff
    ands r5, r12, r1, lsr #20
    ittt ne
    andsne r6, r12, r3, lsr #20
    teqne r5, r12
    teqne r6, r12
    beq 2f
1:  shift_pair r1, r0, 11
    shift_pair r3, r2, 11
    orr r1, r1, #0x80000000
    orrs r3, r3, #0x80000000
    bx lr
2:  bfc r1, #31, #1
    bfc r3, #31, #1
    movw r4, #0x7ff0
    lsls r4, r4, #16
    cmp r1, r4
    it lo
    cmplo r3, r4
    bhs 6f
    orrs r5, r0, r1
    it ne
    orrsne r5, r2, r3
    beq 7f
    @ Less than the least normal number, one or both of them.
    lsrs r6, r3, #20
    bne 4f
3:  subs r6, #1
    adds r2, r2, r2
    adcs r3, r3, r3
    lsls r5, r3, #11
    bpl 3b
    adds r6, #1
4:  lsrs r5, r1, #20
    bne 1b
5:  subs r5, #1
    adds r0, r0, r0
    adcs r1, r1, r1
    lsls r12, r1, #11
    bpl 5b
    adds r5, #1
    b 1b
6:  cmp r4, r4
7:  bx lr

multiply_doubles:
    push {{r4-r7, lr}}
    eor r7, r1, r3
    bl unpack_doubles
    beq multiply_rare
    add r5, r5, r6
    subw r5, r5, #1022
    @ The upper half of the product; the lowest bit stands for the lower half.
    umull r12, lr, r0, r2
    movs r4, #0
    umlal lr, r4, r1, r2
    movs r6, #0
    umlal lr, r6, r0, r3
    mov r0, r4
    movs r2, #0
    umlal r0, r2, r1, r3
    adds r0, r0, r6
    adc r1, r2, #0
    orrs r12, r12, lr
    it ne
    orrne r0, r0, #1
    b pack_double

@ A quotient is the product with an inverse, where that is zero or infinite.
divide_rare:
    orrs r5, r2, r3
    ite eq
    moveq r3, r4
    cmpne r3, r4
    bne multiply_rare
    cbnz r2, multiply_rare
    eors r3, r3, r5
multiply_rare:
    cmp r0, #1
    sbcs r5, r1, r4
    bhs no_double
    cmp r2, #1
    sbcs r5, r3, r4
    bhs no_double
    cmp r1, r4
    beq 1f
    cmp r3, r4
    beq 2f
    movs r0, #0
    movs r1, #0
    b signed_double
1:  orrs r2, r2, r3
    b 3f
2:  orrs r0, r0, r1
3:  beq no_double
    b infinite_double

divide_doubles:
    push {{r4-r7, lr}}
    eor r7, r1, r3
    bl unpack_doubles
    beq divide_rare
    subs r5, r5, r6
    addw r5, r5, #1027
    push {{r5, r7}}
    @ The divisor is less than 2^62 and the dividend less than the divisor, so that of four digits of 15 bits each is the quotient of
    @ upper words, or up to three more: that by which the remainder is found too large. A bit before the first one counts them.
    lsrs r2, r2, #2
    orr r2, r2, r3, lsl #30
    lsrs r3, r3, #2
    lsrs r0, r0, #3
    orr r0, r0, r1, lsl #29
    lsrs r1, r1, #3
    lsrs r4, r3, #15
    adds r4, #1
    movs r5, #1
    movs r6, #0
1:  udiv r7, r1, r4
    shift_pair r1, r0, 15
    umull r12, lr, r7, r2
    mla lr, r7, r3, lr
    subs r0, r0, r12
    sbc r1, r1, lr
    shift_pair r6, r5, 15
    add r5, r5, r7
2:  subs r12, r0, r2
    sbcs lr, r1, r3
    blo 3f
    mov r0, r12
    mov r1, lr
    adds r5, #1
    b 2b
3:  lsls r7, r6, #3
    bpl 1b
    bic r6, r6, #0x10000000
    orrs r0, r0, r1
    it ne
    movne r0, #1
    orrs r0, r0, r5
    mov r1, r6
    pop {{r5, r7}}
    b pack_double

@ A root, bit by bit: what is left is compared with twice the root so far and the bit. As long as the bit is in the upper half
@ there is nothing in the lower ones.
root_of_double:
    orrs r2, r0, r1, lsl #1
    it eq
    bxeq lr
    push {{r4-r7, lr}}
    cmp r1, #0
    blt no_double
    movs r7, #0
    movs r2, #0
    mov r3, #0x40000000
    bl unpack_doubles
    beq 5f
    mov r6, r5
    lsrs r0, r0, #10
    orr r0, r0, r1, lsl #22
    lsrs r1, r1, #10
    @ What the exponent is halved of must be even.
    lsls r5, r5, #31
    bmi 1f
    adds r0, r0, r0
    adcs r1, r1, r1
1:  movs r3, #0
    mov r5, #1 << 21
2:  add r12, r3, r5
    cmp r1, r12
    blo 3f
    sub r1, r1, r12
    add r3, r12, r5
3:  adds r0, r0, r0
    adcs r1, r1, r1
    lsrs r5, r5, #1
    bne 2b
    mov r4, #1 << 31
2:  adds r12, r2, r4
    adc lr, r3, #0
    cmp r0, r12
    sbcs r5, r1, lr
    blo 3f
    sub r0, r0, r12
    mov r1, r5
    adds r2, r12, r4
    adc r3, lr, #0
3:  adds r0, r0, r0
    adcs r1, r1, r1
    lsrs r4, r4, #1
    bne 2b
    orrs r0, r0, r1
    it ne
    orrne r2, r2, #1
    mov r0, r2
    mov r1, r3
    subw r6, r6, #1023
    asrs r6, r6, #1
    addw r5, r6, #1032
    b pack_double
5:  cmp r1, r4
    it eq
    cmpeq r0, #0
    beq infinite_double
    b no_double

@ The f32 nearest to a double, in r0. What is less than normal numbers is nothing there, whatever its bits are.
narrow_double:
    push {{r4-r7, lr}}
    mov r7, r1
    ubfx r5, r1, #20, #11
    movw r12, #0x7ff
    cmp r5, r12
    beq 1f
    shift_pair r1, r0, 11
    orr r1, r1, #0x80000000
    subw r5, r5, #896
    b pack_normal_single
1:  orrs r2, r0, r1, lsl #12
    bne no_single
    b infinite_single

@ An integer as a float of the kind that r2 says.
float_of_integer:
    push {{r4-r7, lr}}
    movs r7, #0
    tst r2, #{signed}
    beq 1f
    movs r7, r1
    bpl 1f
    negate_pair r1, r0
1:  movw r5, #1086
    tst r2, #{wide}
    bne pack_double
    movs r5, #190
    b pack_single

@ r12 = the upper half of r1:r0 without its sign, doubled, with a bit for the lower half; `hi` if that is no number.
.macro magnitude
    lsl r12, r1, #1
    cmp r0, #0
    it ne
    orrne r12, r12, #1
    cmn r12, #0x200000
.endm

@ The integer that a double truncates to, as r2 says, which is kept; r3 is 0 or the code of a trap.
truncate_double:
    push {{r4, r5, lr}}
    magnitude
    bhi 5f
    mov r4, r1
    lsr r5, r12, #21
    shift_pair r1, r0, 11
    orr r1, r1, #0x80000000
    movw r12, #1086
    subs r5, r12, r5
    bmi 4f
    cmp r5, #64
    it hi
    movhi r5, #64
    shift_64 r0, r1, lsr, lsl, r5, r3
    cmp r4, #0
    bge 1f
    orrs r3, r0, r1
    beq 3f
    negate_pair r1, r0
    tst r2, #{signed}
    beq 4f
    cmp r1, #0
    bge 4f
    b 2f
1:  tst r2, #{signed}
    beq 2f
    cmp r1, #0
    blt 4f
2:  tst r2, #{wide}
    bne 3f
    movs r3, #0
    tst r2, #{signed}
    it ne
    asrne r3, r0, #31
    cmp r3, r1
    bne 4f
3:  movs r3, #0
    pop {{r4, r5, pc}}
    @ All ones or none, without a sign; the bit that is the sign is the other one.
4:  movs r3, #{overflow}
    tst r2, #{saturating}
    beq 6f
    asrs r0, r4, #31
    mvns r0, r0
    mov r1, r0
    tst r2, #{signed}
    beq 3b
    tst r2, #{wide}
    ite ne
    eorne r1, r1, #0x80000000
    eoreq r0, r0, #0x80000000
    b 3b
5:  movs r0, #0
    movs r1, #0
    tst r2, #{saturating}
    bne 3b
    movs r3, #{invalid}
6:  pop {{r4, r5, pc}}

@ The integer next to a double, as a double, as r2 says.
round_double:
    push {{r4-r7, lr}}
    mov r7, r1
    magnitude
    bhi no_double
    lsr r5, r12, #21
    @ Whether away from zero.
    lsrs r6, r1, #31
    cmp r2, #{toward_above}
    it eq
    eoreq r6, r6, #1
    cmp r2, #{toward_nearest}
    it ne
    cmpne r2, #{toward_zero}
    it eq
    moveq r6, #0
    bic r1, r1, #0x80000000
    movw r3, #1075
    subs r3, r3, r5
    ble signed_double
    movw r12, #1023
    cmp r5, r12
    blo 3f
    movs r4, #1
    sub r12, r3, #32
    lsl r5, r4, r12
    lsls r4, r4, r3
    @ The bit of one; what is below it.
    and r12, r0, r4
    and r3, r1, r5
    orr r12, r12, r3
    subs r4, #1
    sbc r5, r5, #0
    cmp r2, #{toward_nearest}
    bne 1f
    lsrs r6, r5, #1
    rrx r3, r4
    cmp r12, #1
    adcs r0, r0, r3
    adcs r1, r1, r6
    b 2f
1:  cbz r6, 2f
    adds r0, r0, r4
    adcs r1, r1, r5
2:  bics r0, r0, r4
    bics r1, r1, r5
    b signed_double
    @ Less than one.
3:  cmp r2, #{toward_nearest}
    bne 4f
    movw r3, #0x3fe0
    lsls r3, r3, #16
    cmp r0, #1
    sbcs r12, r1, r3
    mov r12, #0
    adcs r12, r12, #0
    b 5f
4:  orrs r12, r0, r1
    it ne
    cmpne r6, #0
5:  mov r0, #0
    mov r1, #0
    itt ne
    movwne r1, #0x3ff0
    lslne r1, r1, #16
    b signed_double

@ A quotient or remainder of integers as r6 says; r3 is 0 or the code of a trap.
divide_long:
    orrs r12, r2, r3
    beq 9f
    tst r6, #{signed}
    beq 2f
    @ The sign of the result in r6, the operands without theirs.
    tst r6, #{remainder}
    ite ne
    movne r12, r1
    eoreq r12, r1, r3
    and r12, r12, #0x80000000
    orr r6, r6, r12
    cmp r1, #0
    bge 1f
    negate_pair r1, r0
1:  cmp r3, #0
    bge 2f
    negate_pair r3, r2
2:  push {{r4-r10, lr}}
    movs r5, #0
    cbnz r3, 4f
    cbnz r1, 3f
    udiv r4, r0, r2
    mls r0, r4, r2, r0
    b 7f
3:  lsrs r12, r2, #16
    bne 4f
    @ Halves by half a word.
    udiv r5, r1, r2
    mls r1, r5, r2, r1
    lsls r1, r1, #16
    orr r1, r1, r0, lsr #16
    udiv r4, r1, r2
    mls r1, r4, r2, r1
    uxth r0, r0
    orr r0, r0, r1, lsl #16
    udiv r12, r0, r2
    mls r0, r12, r2, r0
    orr r4, r12, r4, lsl #16
    movs r1, #0
    b 7f
    @ As in `divide_doubles`, of a divisor that is shifted by r8, in digits of up to 15 bits.
4:  movs r4, #0
    clz r8, r3
    cmp r3, #0
    itt eq
    clzeq r8, r2
    addeq r8, r8, #32
    subs r8, r8, #2
    it mi
    movmi r8, #0
    shift_64 r3, r2, lsl, lsr, r8, lr
    lsrs r7, r3, #15
    adds r7, #1
    mov r10, r8
    b 6f
5:  udiv r9, r1, r7
    cmp r10, #15
    ite hi
    movhi r12, #15
    movls r12, r10
    sub r10, r10, r12
    rsb lr, r12, #15
    lsr r9, r9, lr
    rsb lr, r12, #32
    lsr r6, r0, lr
    lsl r1, r1, r12
    orrs r1, r1, r6
    lsl r0, r0, r12
    lsr r6, r4, lr
    lsl r5, r5, r12
    orrs r5, r5, r6
    lsl r4, r4, r12
    umull r12, lr, r9, r2
    mla lr, r9, r3, lr
    subs r0, r0, r12
    sbc r1, r1, lr
    add r4, r4, r9
6:  subs r12, r0, r2
    sbcs lr, r1, r3
    ittt hs
    movhs r0, r12
    movhs r1, lr
    addhs r4, r4, #1
    bhs 6b
    cmp r10, #0
    bne 5b
    shift_64 r0, r1, lsr, lsl, r8, lr
7:  ldr r6, [sp, #8]
    movs r3, #0
    tst r6, #{remainder}
    bne 8f
    mov r0, r4
    mov r1, r5
    tst r6, #{signed}
    beq 8f
    @ The least number divided by -1.
    bics r12, r1, r6
    it mi
    movmi r3, #{overflow}
8:  cmp r6, #0
    bge 1f
    negate_pair r1, r0
1:  pop {{r4-r10, pc}}
9:  movs r3, #{by_zero}
    bx lr

@ ---- floats of 32 bits in r0 and r1, where the chip has none ----

.if hard_float == 0
subtract_singles:
    eor r1, r1, #0x80000000
add_singles:
    push {{r4-r7, lr}}
    lsls r2, r0, #1
    lsls r3, r1, #1
    cmp r2, r3
    bhs 1f
    mov r2, r0
    mov r0, r1
    mov r1, r2
1:  mov r7, r0
    eor r4, r0, r1
    ubfx r5, r0, #23, #8
    ubfx r6, r1, #23, #8
    cmp r5, #0xff
    beq 3f
    bfc r0, #23, #9
    bfc r1, #23, #9
    cmp r5, #0
    ite eq
    moveq r5, #1
    orrne r0, r0, #1 << 23
    cmp r6, #0
    ite eq
    moveq r6, #1
    orrne r1, r1, #1 << 23
    lsls r0, r0, #7
    lsls r1, r1, #7
    subs r6, r5, r6
    adds r5, #1
    cmp r6, #31
    it hi
    movhi r6, #31
    lsr r2, r1, r6
    lsl r3, r2, r6
    cmp r3, r1
    it ne
    orrne r2, r2, #1
    cmp r4, #0
    ite mi
    submi r0, r0, r2
    addpl r0, r0, r2
    cbnz r0, 2f
    cmp r4, #0
    it mi
    movmi r7, #0
    b signed_single
2:  clz r2, r0
    subs r5, r5, r2
    lsl r1, r0, r2
    movs r0, #0
    b pack_normal_single
3:  lsls r2, r0, #9
    bne no_single
    cmp r6, r5
    bne 4f
    cmp r4, #0
    bmi no_single
4:  pop {{r4-r7, pc}}

@ As `unpack_doubles`, in r0 and r1 and with r4 infinite.
unpack_singles:
    ubfx r5, r0, #23, #8
    ubfx r6, r1, #23, #8
    subs r2, r5, #1
    cmp r2, #0xfe
    bhs 2f
    subs r2, r6, #1
    cmp r2, #0xfe
    bhs 2f
1:  lsls r0, r0, #8
    lsls r1, r1, #8
    orr r0, r0, #0x80000000
    orrs r1, r1, #0x80000000
    bx lr
2:  bic r0, r0, #0x80000000
    bic r1, r1, #0x80000000
    mov r4, #0x7f800000
    cmp r0, r4
    it lo
    cmplo r1, r4
    bhs 5f
    cmp r0, #0
    it ne
    cmpne r1, #0
    beq 6f
    cbnz r5, 3f
    clz r2, r0
    subs r2, #8
    lsls r0, r0, r2
    rsb r5, r2, #1
3:  cbnz r6, 4f
    clz r2, r1
    subs r2, #8
    lsls r1, r1, r2
    rsb r6, r2, #1
4:  b 1b
5:  cmp r4, r4
6:  bx lr

multiply_singles:
    push {{r4-r7, lr}}
    eor r7, r0, r1
    bl unpack_singles
    beq 2f
    umull r0, r1, r0, r1
    add r5, r5, r6
    subs r5, #126
    cmp r1, #0
    blt 1f
    adds r0, r0, r0
    adcs r1, r1, r1
    subs r5, #1
1:  b pack_normal_single

@ A quotient is the product with an inverse here too.
divide_singles_rare:
    cbz r1, 1f
    cmp r1, r4
    bne 2f
    movs r1, #0
    b 2f
1:  mov r1, r4
2:  cmp r0, r4
    bhi no_single
    cmp r1, r4
    bhi no_single
    beq 3f
    cmp r0, r4
    it ne
    movne r0, #0
    bne signed_single
    mov r0, r1
3:  cmp r0, #0
    beq no_single
    b infinite_single

divide_singles:
    push {{r4-r7, lr}}
    eor r7, r0, r1
    bl unpack_singles
    beq divide_singles_rare
    subs r5, r5, r6
    adds r5, #130
    lsrs r0, r0, #8
    lsrs r1, r1, #8
    @ The bit of one; four digits of seven bits, and a bit before the first one that counts them.
    movs r2, #8
    cmp r0, r1
    blo 1f
    subs r0, r0, r1
    adds r2, #1
1:  lsls r0, r0, #7
    udiv r3, r0, r1
    mls r0, r3, r1, r0
    orr r2, r3, r2, lsl #7
    cmp r2, #1 << 31
    blo 1b
    bic r1, r2, #1 << 31
    clz r2, r1
    subs r5, r5, r2
    lsls r1, r1, r2
    b pack_normal_single
.endif
frequent

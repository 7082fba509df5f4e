@ Floats of 64 bits for `arm.s` in the instructions of Thumb-2, which multiplies to 64 bits, counts zeros and divides 32 bits by
@ 32: a sum, product or quotient in the registers r1:r0 of r1:r0 and r3:r2, as their bits. Other handlers' registers are kept but
@ for r12. They do what `isa/num/arithmetic.rs` does; every NaN that comes out is the canonical one.
@
@ While one is computed, r7 has the sign in bit 31, r5 an exponent as a float stores it.

seldom

@ rh:rl = rh:rl << \by
.macro shift_pair rh, rl, by
    lsls \rh, \rh, #\by
    orr \rh, \rh, \rl, lsr #(32 - \by)
    lsls \rl, \rl, #\by
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
    cbnz r1, 1f
    cbz r0, signed_double
    mov r1, r0
    movs r0, #0
    subs r5, #32
1:  clz r2, r1
    subs r5, r5, r2
    rsb r3, r2, #32
    lsr r3, r0, r3
    lsls r0, r0, r2
    lsls r1, r1, r2
    orrs r1, r1, r3
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
frequent

@ Moves and fills for Arm's microcontrollers, in 150 bytes where the compiler's take 6 000: words if both ends lie alike, else
@ bytes. `small-moves` asks for them; they are weak, so that a firmware with some of its own keeps those.

.syntax unified

.macro weak name
    .weak \name
    .type \name, %function
    .thumb_func
\name:
.endm

.section .text.wasmote_moves, "ax"
.p2align 2
@ To r0 from r1, r2 bytes, which may overlap. r0 stays.
weak memcpy
weak memmove
weak __aeabi_memcpy
weak __aeabi_memcpy4
weak __aeabi_memcpy8
weak __aeabi_memmove
weak __aeabi_memmove4
weak __aeabi_memmove8
    push {{r0, lr}}
    subs r3, r0, r1
    cmp r3, r2
    blo 6f
    @ Upwards: r2 runs from minus the length to zero, behind the ends.
    adds r0, r0, r2
    adds r1, r1, r2
    rsbs r2, r2, #0
    beq 5f
    lsls r3, r3, #30
    bne 4f
1:  adds r3, r0, r2
    lsls r3, r3, #30
    beq 2f
    ldrb r3, [r1, r2]
    strb r3, [r0, r2]
    adds r2, #1
    bne 1b
    b 5f
2:  subs r0, #4
    subs r1, #4
    b 3f
.Lmove_word:
    ldr r3, [r1, r2]
    str r3, [r0, r2]
3:  adds r2, #4
    ble .Lmove_word
    adds r0, #4
    adds r1, #4
    subs r2, #4
    beq 5f
4:  ldrb r3, [r1, r2]
    strb r3, [r0, r2]
    adds r2, #1
    bne 4b
5:  pop {{r0, pc}}
    @ Downwards, for the target begins within the source.
6:  orrs r3, r0
    orrs r3, r2
    lsls r3, r3, #30
    bne 8f
7:  subs r2, #4
    ldr r3, [r1, r2]
    str r3, [r0, r2]
    bne 7b
    b 5b
8:  subs r2, #1
    ldrb r3, [r1, r2]
    strb r3, [r0, r2]
    bne 8b
    b 5b

@ At r0, r2 times the byte r1, or r1 times the byte r2 or zero.
weak memset
    push {{r0, lr}}
    movs r3, r1
    movs r1, r2
    movs r2, r3
    bl __aeabi_memset
    pop {{r0, pc}}
weak __aeabi_memclr
weak __aeabi_memclr4
weak __aeabi_memclr8
    movs r2, #0
weak __aeabi_memset
weak __aeabi_memset4
weak __aeabi_memset8
    uxtb r2, r2
    lsls r3, r2, #8
    orrs r2, r3
    lsls r3, r2, #16
    orrs r2, r3
    adds r0, r0, r1
    rsbs r1, r1, #0
    beq 5f
1:  adds r3, r0, r1
    lsls r3, r3, #30
    beq 2f
    strb r2, [r0, r1]
    adds r1, #1
    bne 1b
    bx lr
2:  subs r0, #4
    b 3f
.Lset_word:
    str r2, [r0, r1]
3:  adds r1, #4
    ble .Lset_word
    adds r0, #4
    subs r1, #4
    beq 5f
4:  strb r2, [r0, r1]
    adds r1, #1
    bne 4b
5:  bx lr

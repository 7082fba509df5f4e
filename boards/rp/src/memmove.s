@ memmove for the RP2040, whose ROM copies and fills, but only what does not overlap: words if everything is a multiple of four,
@ else bytes. The compiler's takes 1 300 bytes.

.syntax unified
.section .text.wasmote_memmove, "ax"
.p2align 2

.macro exported name
    .global \name
    .type \name, %function
    .thumb_func
\name:
.endm

@ To r0 from r1, r2 bytes. r0 stays.
exported memmove
exported __aeabi_memmove
exported __aeabi_memmove4
exported __aeabi_memmove8
    push {{r0, r4, lr}}
    movs r4, r0
    orrs r4, r1
    orrs r4, r2
    lsls r4, r4, #30
    subs r3, r0, r1
    cmp r3, r2
    blo 4f
    subs r3, r1, r0
    cmp r3, r2
    blo 1f
    bl __aeabi_memcpy
    b 6f
    @ Upwards, for the source begins within the target: r2 runs from minus the length to zero, behind the ends.
1:  adds r0, r0, r2
    adds r1, r1, r2
    rsbs r2, r2, #0
    cmp r4, #0
    bne 3f
2:  ldr r3, [r1, r2]
    str r3, [r0, r2]
    adds r2, #4
    bne 2b
    b 6f
3:  ldrb r3, [r1, r2]
    strb r3, [r0, r2]
    adds r2, #1
    bne 3b
    b 6f
    @ Downwards, for the target begins within the source.
4:  cmp r4, #0
    bne 5f
.Ldown_word:
    subs r2, #4
    ldr r3, [r1, r2]
    str r3, [r0, r2]
    bne .Ldown_word
    b 6f
5:  subs r2, #1
    ldrb r3, [r1, r2]
    strb r3, [r0, r2]
    bne 5b
6:  pop {{r0, r4, pc}}

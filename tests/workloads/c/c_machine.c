// A processor of eight bits, simulated: a switch over operations, flags kept in globals, memory in an array. It runs a program that
// multiplies, copies and sums up.

typedef unsigned int u32;
typedef unsigned char u8;
typedef unsigned short u16;

enum {
  LOAD, LOAD_AT, STORE_AT, ADD, ADC, SUB, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, INC_X, DEC_X, TO_X, FROM_X,
  COMPARE, JUMP, JUMP_ZERO, JUMP_CARRY, JUMP_NOT_ZERO, PUSH, POP, CALL, RETURN, STOP
};

static u8 memory[512];
static u8 a, x, sp;
static u16 pc;
static int zero, carry;

// 0x00: for x = 31 .. 0: a = memory[0x80 + x]; call 0x30; memory[0xc0 + x] = a; then stop.
// 0x30: a = a * 5 ^ 0x5a with carry, the sum kept at 0xf0.
static const u8 program[] = {
    LOAD, 31, TO_X, LOAD_AT, 0x80, CALL, 0x30, STORE_AT, 0xc0, DEC_X, JUMP_NOT_ZERO, 3, LOAD_AT, 0x80, CALL, 0x30,
    STORE_AT, 0xc0, STOP};
static const u8 subroutine[] = {
    PUSH, SHIFT_LEFT, SHIFT_LEFT, STORE_AT, 0xe0, POP, ADD, 0xe0, XOR, 0x5a, JUMP_CARRY, 0x3e, OR, 1, PUSH, FROM_X,
    AND, 7, JUMP_ZERO, 0x48, COMPARE, 3, JUMP_NOT_ZERO, 0x48, POP, RETURN};

static void flags(u32 value) {
  a = (u8)value;
  zero = a == 0;
  carry = value > 255;
}

static u32 step(void) {
  u8 operation = memory[pc++];
  switch (operation) {
    case LOAD: a = memory[pc++]; zero = a == 0; break;
    case LOAD_AT: a = memory[(u8)(memory[pc++] + x)]; zero = a == 0; break;
    case STORE_AT: memory[256 + (u8)(memory[pc++] + x)] = a; memory[(u8)(memory[pc - 1] + x)] = a; break;
    case ADD: flags((u32)a + memory[(u8)(memory[pc++] + x)]); break;
    case ADC: flags((u32)a + memory[(u8)(memory[pc++] + x)] + (u32)carry); break;
    case SUB: flags(256u + a - memory[pc++]); break;
    case AND: flags(a & memory[pc++]); break;
    case OR: flags(a | memory[pc++]); break;
    case XOR: { int kept = carry; flags(a ^ memory[pc++]); carry = kept; break; }
    case SHIFT_LEFT: flags((u32)a << 1); break;
    case SHIFT_RIGHT: { int bit = a & 1; flags(a >> 1); carry = bit; break; }
    case INC_X: zero = ++x == 0; break;
    case DEC_X: zero = --x == 0; break;
    case TO_X: x = a; break;
    case FROM_X: a = x; break;
    case COMPARE: carry = a >= memory[pc]; zero = a == memory[pc++]; break;
    case JUMP: pc = memory[pc]; break;
    case JUMP_ZERO: pc = zero ? memory[pc] : pc + 1; break;
    case JUMP_CARRY: pc = carry ? memory[pc] : pc + 1; break;
    case JUMP_NOT_ZERO: pc = zero ? pc + 1 : memory[pc]; break;
    case PUSH: memory[256 + sp--] = a; break;
    case POP: a = memory[256 + ++sp]; break;
    case CALL: memory[256 + sp--] = (u8)(pc + 1); pc = memory[pc]; break;
    case RETURN: pc = memory[256 + ++sp]; break;
    default: return 0;
  }
  return 1;
}

u32 run(u32 rounds) {
  u32 sum = 0;
  for (u32 round = 0; round < rounds; round++) {
    for (u32 i = 0; i < sizeof memory; i++) memory[i] = (u8)(i * 7 + round);
    for (u32 i = 0; i < sizeof program; i++) memory[i] = program[i];
    for (u32 i = 0; i < sizeof subroutine; i++) memory[0x30 + i] = subroutine[i];
    a = x = 0;
    sp = 0x7f;
    pc = 0;
    zero = carry = 0;
    u32 steps = 0;
    while (steps < 2000 && step()) steps++;
    sum = (sum << 5 | sum >> 27) ^ steps ^ (u32)a << 16;
    for (u32 i = 0xc0; i < 0xe0; i++) sum = (sum << 5 | sum >> 27) ^ memory[256 + i];
  }
  return sum;
}

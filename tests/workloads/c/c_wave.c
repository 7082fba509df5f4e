// A decoder of compressed sound and a synthesiser: IMA ADPCM both ways, oscillators with phase, envelopes in floating point, a mixing
// buffer. Loops over arrays of 16 bits with clamping, and some doubles.

typedef unsigned int u32;
typedef unsigned char u8;

enum { SAMPLES = 128, VOICES = 4 };

static const signed char index_table[16] = {-1, -1, -1, -1, 2, 4, 6, 8, -1, -1, -1, -1, 2, 4, 6, 8};
static short steps[89];
static short wave[SAMPLES], decoded[SAMPLES];
static u8 packed[SAMPLES / 2];

struct coder {
  int value, index;
};

struct voice {
  u32 phase, increment;
  double level, decay;
};

static struct voice voices[VOICES];

static int clamp(int value, int least, int most) { return value < least ? least : value > most ? most : value; }

static int decode(struct coder *c, int nibble) {
  int step = steps[c->index], delta = step >> 3;
  if (nibble & 4) delta += step;
  if (nibble & 2) delta += step >> 1;
  if (nibble & 1) delta += step >> 2;
  c->value = clamp(c->value + (nibble & 8 ? -delta : delta), -32768, 32767);
  c->index = clamp(c->index + index_table[nibble], 0, 88);
  return c->value;
}

static int encode(struct coder *c, int sample) {
  int step = steps[c->index], delta = sample - c->value, nibble = 0;
  if (delta < 0) {
    nibble = 8;
    delta = -delta;
  }
  for (int bit = 4; bit; bit >>= 1) {
    if (delta >= step) {
      nibble |= bit;
      delta -= step;
    }
    step >>= 1;
  }
  decode(c, nibble);
  return nibble;
}

static double oscillate(struct voice *v) {
  v->phase += v->increment;
  double x = (double)(int)v->phase * (1.0 / 2147483648.0);  // -1 to 1
  double y = x < 0 ? x * (1 + x) * 4 : x * (1 - x) * 4;      // nearly a sine
  v->level *= v->decay;
  return y * v->level;
}

u32 run(u32 rounds) {
  u32 sum = 0;
  double step = 7.0;
  for (int i = 0; i < 89; i++) {
    steps[i] = (short)step;
    step = step * 1.1 + 0.4;
    if (step > 32767) step = 32767;
  }
  for (u32 round = 0; round < rounds; round++) {
    for (int i = 0; i < VOICES; i++) {
      struct voice v = {0, (round % 12 + 3) * 9544371u * (u32)(i + 1), 9000.0 / (i + 1), 0.999 - i * 0.002};
      voices[i] = v;
    }
    for (int i = 0; i < SAMPLES; i++) {
      double mixed = 0;
      for (int j = 0; j < VOICES; j++) mixed += oscillate(&voices[j]);
      wave[i] = (short)clamp((int)mixed, -32768, 32767);
    }
    struct coder coder = {0, 0};
    for (int i = 0; i < SAMPLES; i += 2) {
      int low = encode(&coder, wave[i]);
      packed[i / 2] = (u8)(low | encode(&coder, wave[i + 1]) << 4);
    }
    coder.value = coder.index = 0;
    u32 error = 0;
    for (int i = 0; i < SAMPLES; i++) {
      int nibble = i & 1 ? packed[i / 2] >> 4 : packed[i / 2] & 15;
      decoded[i] = (short)decode(&coder, nibble);
      int difference = decoded[i] - wave[i];
      error += (u32)(difference < 0 ? -difference : difference);
    }
    sum = (sum << 5 | sum >> 27) ^ error;
    for (int i = 0; i < SAMPLES / 2; i += 4) sum = (sum << 5 | sum >> 27) ^ packed[i];
  }
  return sum;
}

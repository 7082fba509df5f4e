// Geometry in fixed point: points turned and projected, sines from a table by interpolation, lengths by CORDIC, curves by halving.
// Globals, arrays of structures, products of 64 bits.

typedef unsigned int u32;
typedef int i32;
typedef long long i64;

enum { POINTS = 48, STEPS = 16 };

struct vector {
  i32 x, y, z;
};

static struct vector points[POINTS];
static struct vector turned[POINTS];
static i32 sines[65];

// sin(i * pi / 128) by turning, in 16 fractional bits.
static void make_sines(void) {
  i64 s = 0, c = 65536;
  for (int i = 0; i <= 64; i++) {
    sines[i] = (i32)s;
    i64 t = (s * 65516 + c * 1608) >> 16;
    c = (c * 65516 - s * 1608) >> 16;
    s = t;
  }
}

static i32 sine(u32 angle) {  // a full turn is 65536
  u32 part = angle & 16383;
  int mirrored = (angle >> 14) & 1;
  if (mirrored) part = 16384 - part;
  u32 at = part >> 8, rest = part & 255;
  i32 value = sines[at];
  if (rest) value += (sines[at + 1] - value) * (i32)rest >> 8;
  return angle & 32768 ? -value : value;
}

static i32 times(i32 a, i32 b) { return (i32)(((i64)a * b) >> 16); }

static struct vector turn(struct vector v, u32 yaw, u32 pitch) {
  i32 s = sine(yaw), c = sine(yaw + 16384);
  struct vector r = {times(v.x, c) - times(v.z, s), v.y, times(v.x, s) + times(v.z, c)};
  s = sine(pitch);
  c = sine(pitch + 16384);
  struct vector t = {r.x, times(r.y, c) - times(r.z, s), times(r.y, s) + times(r.z, c)};
  return t;
}

static i32 length(i32 x, i32 y) {  // CORDIC, with its gain left in
  if (x < 0) x = -x;
  for (int i = 0; i < STEPS; i++) {
    i32 dx = x >> i, dy = y >> i;
    if (y > 0) {
      x += dy;
      y -= dx;
    } else {
      x -= dy;
      y += dx;
    }
  }
  return x;
}

static u32 curve(const struct vector *p, int depth) {  // a cubic, halved until it is nearly straight
  i32 bend = p[0].x - p[1].x - p[2].x + p[3].x;
  if (depth == 0 || (bend < 4096 && bend > -4096)) return (u32)length(p[3].x - p[0].x, p[3].y - p[0].y);
  struct vector l[4], r[4];
  l[0] = p[0];
  r[3] = p[3];
  struct vector m = {(p[1].x + p[2].x) / 2, (p[1].y + p[2].y) / 2, 0};
  l[1].x = (p[0].x + p[1].x) / 2;
  l[1].y = (p[0].y + p[1].y) / 2;
  r[2].x = (p[2].x + p[3].x) / 2;
  r[2].y = (p[2].y + p[3].y) / 2;
  l[2].x = (l[1].x + m.x) / 2;
  l[2].y = (l[1].y + m.y) / 2;
  r[1].x = (m.x + r[2].x) / 2;
  r[1].y = (m.y + r[2].y) / 2;
  l[3].x = (l[2].x + r[1].x) / 2;
  l[3].y = (l[2].y + r[1].y) / 2;
  r[0] = l[3];
  return curve(l, depth - 1) + curve(r, depth - 1);
}

u32 run(u32 rounds) {
  u32 sum = 0, state = 12345;
  make_sines();
  for (int i = 0; i < POINTS; i++) {
    state = state * 1664525u + 1013904223u;
    points[i].x = (i32)(state >> 12) - (1 << 19);
    state = state * 1664525u + 1013904223u;
    points[i].y = (i32)(state >> 12) - (1 << 19);
    state = state * 1664525u + 1013904223u;
    points[i].z = (i32)(state >> 12) - (1 << 19);
  }
  for (u32 round = 0; round < rounds; round++) {
    for (int i = 0; i < POINTS; i++) {
      turned[i] = turn(points[i], round * 733, round * 129 + (u32)i * 7);
      i32 depth = turned[i].z + (3 << 19);
      turned[i].x = (i32)(((i64)turned[i].x << 16) / depth);
      turned[i].y = (i32)(((i64)turned[i].y << 16) / depth);
    }
    for (int i = 0; i + 3 < POINTS; i += 3) sum = (sum << 5 | sum >> 27) ^ curve(&turned[i], 4);
  }
  return sum;
}

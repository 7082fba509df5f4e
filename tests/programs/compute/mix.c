/*
 * A mixed integer load of the kind that embedded benchmarks measure: a linked list that is searched, reversed and
 * sorted; a small matrix that is multiplied and filtered; a state machine that reads numbers; and a CRC over every
 * result, so that a wrong step anywhere changes the last line. Argument: rounds (default 20).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define NODES 200
#define SIDE 12

static uint16_t crc_byte(uint16_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = crc & 1 ? (uint16_t)(crc >> 1) ^ 0xa001 : crc >> 1;
    return crc;
}

static uint16_t crc_word(uint16_t crc, uint32_t word)
{
    for (int shift = 0; shift < 32; shift += 8)
        crc = crc_byte(crc, (uint8_t)(word >> shift));
    return crc;
}

static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

/* ---- the list ---- */

struct node {
    struct node *next;
    int16_t key;
    uint16_t tag;
};

static struct node nodes[NODES];

static struct node *build_list(void)
{
    for (int i = 0; i < NODES; i++) {
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
        nodes[i].key = (int16_t)next_random();
        nodes[i].tag = (uint16_t)i;
    }
    return &nodes[0];
}

static struct node *reverse(struct node *list)
{
    struct node *done = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

typedef int order(const struct node *, const struct node *);

static int by_key(const struct node *a, const struct node *b) { return a->key - b->key; }
static int by_tag(const struct node *a, const struct node *b) { return a->tag - b->tag; }

static struct node *merge(struct node *a, struct node *b, order *compare)
{
    struct node head = {0}, *last = &head;
    while (a && b) {
        struct node **less = compare(a, b) <= 0 ? &a : &b;
        last->next = *less;
        last = *less;
        *less = last->next;
    }
    last->next = a ? a : b;
    return head.next;
}

static struct node *sort(struct node *list, order *compare)
{
    if (!list || !list->next)
        return list;
    struct node *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct node *second = slow->next;
    slow->next = NULL;
    return merge(sort(list, compare), sort(second, compare), compare);
}

static const struct node *find(const struct node *list, int16_t low, int16_t high)
{
    while (list && (list->key < low || list->key > high))
        list = list->next;
    return list;
}

static uint16_t list_round(uint16_t crc)
{
    struct node *list = reverse(build_list());
    for (int i = 0; i < 10; i++) {
        const struct node *found = find(list, (int16_t)(i * 1000), (int16_t)(i * 1000 + 400));
        crc = crc_word(crc, found ? found->tag : 0xffffu);
    }
    list = sort(list, by_key);
    for (const struct node *node = list; node; node = node->next)
        crc = crc_word(crc, (uint32_t)(uint16_t)node->key);
    list = sort(list, by_tag);
    return crc_word(crc, list->tag + (uint32_t)(uint16_t)list->key);
}

/* ---- the matrix ---- */

static uint16_t matrix_round(uint16_t crc)
{
    static int16_t a[SIDE][SIDE], b[SIDE][SIDE];
    static int32_t product[SIDE][SIDE];
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            a[y][x] = (int16_t)next_random();
            b[y][x] = (int16_t)next_random();
        }
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            uint32_t sum = 0;
            for (int k = 0; k < SIDE; k++)
                sum += (uint32_t)(a[y][k] * b[k][x]);
            product[y][x] = (int32_t)sum;
        }
    uint32_t folded = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            uint32_t value = (uint32_t)product[y][x];
            folded = folded * 31 + ((value >> 2 & 0xf) * (value >> 5 & 0x7f));
            folded += product[y][x] > product[(y + 1) % SIDE][x] ? 10 : (uint32_t)(product[y][x] % 7);
        }
    return crc_word(crc, folded);
}

/* ---- the state machine: reads integers, decimals and exponents, and counts what it saw ---- */

enum state { START, SIGN, DIGITS, POINT, FRACTION, EXPONENT, POWER, WRONG, STATES };

static enum state step(enum state state, char c)
{
    int digit = c >= '0' && c <= '9', sign = c == '+' || c == '-';
    switch (state) {
    case START: return digit ? DIGITS : sign ? SIGN : c == '.' ? POINT : WRONG;
    case SIGN: return digit ? DIGITS : c == '.' ? POINT : WRONG;
    case DIGITS: return digit ? DIGITS : c == '.' ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : WRONG;
    case POINT: return digit ? FRACTION : WRONG;
    case FRACTION: return digit ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : WRONG;
    case EXPONENT: return digit || sign ? POWER : WRONG;
    case POWER: return digit ? POWER : WRONG;
    default: return WRONG;
    }
}

static uint16_t machine_round(uint16_t crc)
{
    static const char text[] = "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,"
                               "+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^,7,e,";
    uint32_t ends[STATES] = {0};
    enum state state = START;
    char flip = (char)(next_random() & 7);
    for (const char *c = text; *c; c++) {
        if (*c == ',') {
            ends[state]++;
            state = START;
        } else {
            state = step(state, (c - text) % 17 == flip ? (char)(*c ^ 1) : *c);
        }
    }
    for (int i = 0; i < STATES; i++)
        crc = crc_word(crc, ends[i]);
    return crc;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    uint16_t list = 0, matrix = 0, machine = 0;
    random_state = 0x3415;
    for (int i = 0; i < rounds; i++) {
        list = list_round(list);
        matrix = matrix_round(matrix);
        machine = machine_round(machine);
    }
    printf("%d rounds: list %04x, matrix %04x, machine %04x\n", rounds, list, matrix, machine);
    return 0;
}

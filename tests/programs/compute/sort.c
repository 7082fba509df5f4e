/*
 * Three ways to sort the same numbers: the library's qsort through a function pointer, a heap, and a radix sort of
 * 64-bit keys. All must agree. Argument: how many numbers (default 2000).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void sift(uint64_t *heap, size_t at, size_t len)
{
    uint64_t value = heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= len)
            break;
        if (child + 1 < len && heap[child + 1] > heap[child])
            child++;
        if (heap[child] <= value)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

static void heap_sort(uint64_t *values, size_t len)
{
    for (size_t at = len / 2; at-- > 0;)
        sift(values, at, len);
    while (len > 1) {
        uint64_t largest = values[0];
        values[0] = values[--len];
        values[len] = largest;
        sift(values, 0, len);
    }
}

static void radix_sort(uint64_t *values, uint64_t *spare, size_t len)
{
    for (int shift = 0; shift < 64; shift += 8) {
        size_t starts[257] = {0};
        for (size_t i = 0; i < len; i++)
            starts[(values[i] >> shift & 0xff) + 1]++;
        for (int i = 0; i < 256; i++)
            starts[i + 1] += starts[i];
        for (size_t i = 0; i < len; i++)
            spare[starts[values[i] >> shift & 0xff]++] = values[i];
        memcpy(values, spare, len * sizeof *values);
    }
}

static void fill(uint64_t *values, size_t len)
{
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        values[i] = i % 5 ? state : state % 100;
    }
}

static uint64_t digest(const uint64_t *values, size_t len)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ values[i]) * 1099511628211u;
    return sum;
}

int main(int argc, char **argv)
{
    size_t len = argc > 1 ? (size_t)atoi(argv[1]) : 2000;
    uint64_t *values = malloc(len * sizeof *values), *spare = malloc(len * sizeof *spare);
    if (!values || !spare) {
        printf("no memory for %zu numbers\n", len);
        return 1;
    }
    fill(values, len);
    qsort(values, len, sizeof *values, compare);
    printf("quick %016llx\n", (unsigned long long)digest(values, len));
    fill(values, len);
    heap_sort(values, len);
    printf("heap  %016llx\n", (unsigned long long)digest(values, len));
    fill(values, len);
    radix_sort(values, spare, len);
    printf("radix %016llx\n", (unsigned long long)digest(values, len));
    return 0;
}

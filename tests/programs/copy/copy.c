/*
 * Copies a file to another name through a small buffer, reads the copy back, and prints its length and checksum.
 * With one argument it prints the file instead. Every failure names the file and what was wrong with it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, const char *name)
{
    printf("cannot %s %s: %s\n", what, name, strerror(errno));
    return 1;
}

/* The sum of Adler, which sees order and zeros as well. */
static uint32_t adler32(uint32_t sum, const unsigned char *bytes, size_t len)
{
    uint32_t low = sum & 0xffff, high = sum >> 16;
    for (size_t i = 0; i < len; i++) {
        low = (low + bytes[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

static int copy(FILE *from, FILE *to)
{
    unsigned char buffer[300];
    size_t len;
    while ((len = fread(buffer, 1, sizeof buffer, from)) > 0)
        if (fwrite(buffer, 1, len, to) != len)
            return -1;
    return ferror(from) ? -1 : 0;
}

static int report(const char *name)
{
    unsigned char buffer[300];
    unsigned long total = 0;
    uint32_t sum = 1;
    size_t len;
    FILE *file = fopen(name, "rb");
    if (!file)
        return fail("open", name);
    while ((len = fread(buffer, 1, sizeof buffer, file)) > 0) {
        sum = adler32(sum, buffer, len);
        total += len;
    }
    fclose(file);
    printf("%s: %lu bytes, adler32 %08x\n", name, total, (unsigned)sum);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        printf("usage: copy FROM [TO]\n");
        return 2;
    }
    FILE *from = fopen(argv[1], "rb");
    if (!from)
        return fail("open", argv[1]);
    FILE *to = argc == 3 ? fopen(argv[2], "wb") : stdout;
    if (!to)
        return fail("create", argv[2]);
    if (copy(from, to) != 0)
        return fail("copy", argv[1]);
    fclose(from);
    if (argc == 2)
        return 0;
    if (fclose(to) != 0)
        return fail("write", argv[2]);
    return report(argv[2]);
}

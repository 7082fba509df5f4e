/*
 * Strings: printf's conversions, parsing back, splitting, searching, and the C library's float printing and reading in
 * both directions. Argument: rounds (default 20).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned digest(unsigned sum, const char *text)
{
    while (*text)
        sum = (sum ^ (unsigned char)*text++) * 16777619u;
    return sum;
}

static void show(void)
{
    printf("[%5d] [%-5d] [%05d] [%+d] [%x] [%#X] [%o]\n", 42, 42, 42, 42, 255, 255, 8);
    printf("[%.3f] [%10.2e] [%g] [%g] [%g] [%a]\n", 3.14159, 12345.678, 1e100, 0.1, 1.0 / 3.0, 0.5);
    printf("[%s] [%.3s] [%8s] [%-8s] [%c] [%%]\n", "string", "string", "right", "left", 'c');
    printf("[%lld] [%llu] [%zu]\n", -9223372036854775807LL - 1, 18446744073709551615ULL, sizeof(int) * 3);
}

static unsigned round_trip(unsigned sum, int round)
{
    char line[128], copy[128];
    snprintf(line, sizeof line, "%d,%u,%.17g,%s,%c", round * -7919, round * 104729u, 1.0 / (round + 3), "word", 'a' + round % 26);
    strcpy(copy, line);
    char *rest = copy;
    int a = (int)strtol(rest, &rest, 10);
    unsigned b = (unsigned)strtoul(rest + 1, &rest, 10);
    double c = strtod(rest + 1, &rest);
    if (a != round * -7919 || b != round * 104729u || c != 1.0 / (round + 3) || strncmp(rest, ",word,", 6) != 0)
        printf("round %d did not survive: %s\n", round, line);
    int words = 0;
    for (char *word = strtok(line, ",."); word; word = strtok(NULL, ",.")) {
        sum = digest(sum, word);
        words++;
    }
    return sum + (unsigned)words + (strstr(copy, "word") != NULL);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    unsigned sum = 2166136261u;
    show();
    for (int round = 0; round < rounds; round++)
        sum = round_trip(sum, round);
    printf("%d rounds: %08x\n", rounds, sum);
    return 0;
}

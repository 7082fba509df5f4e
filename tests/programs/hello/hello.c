/* Hello through the C library's printf: what everybody compiles first. Built with clang and with zig. */
#include <stdio.h>

int main(int argc, char **argv)
{
    printf("Hello from C, %d argument%s.\n", argc - 1, argc == 2 ? "" : "s");
    for (int i = 1; i < argc; i++)
        printf("%2d: %s\n", i, argv[i]);
    return 0;
}

/* The Mandelbrot set in letters, once in floats and once in doubles. Argument: columns (default 64). */
#include <stdio.h>
#include <stdlib.h>

#define DEFINE(name, real)                                                                     \
    static int name(real cx, real cy)                                                          \
    {                                                                                          \
        real x = 0, y = 0;                                                                     \
        int n = 0;                                                                             \
        while (n < 60 && x * x + y * y < 4) {                                                  \
            real t = x * x - y * y + cx;                                                       \
            y = 2 * x * y + cy;                                                                \
            x = t;                                                                             \
            n++;                                                                               \
        }                                                                                      \
        return n;                                                                              \
    }
DEFINE(steps_single, float)
DEFINE(steps_double, double)

int main(int argc, char **argv)
{
    static const char shades[] = " .:-=+*#%@";
    int columns = argc > 1 ? atoi(argv[1]) : 64, rows = columns * 3 / 8;
    long differences = 0;
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            double x = -2.2 + 3.2 * column / columns, y = -1.2 + 2.4 * row / rows;
            int n = steps_double(x, y);
            differences += n != steps_single((float)x, (float)y);
            putchar(shades[n * 9 / 60]);
        }
        putchar('\n');
    }
    printf("single and double differ at %ld points\n", differences);
    return 0;
}

/*
 * Five bodies under gravity, in doubles: additions, products, divisions and square roots whose last bit counts.
 * Prints energies as decimal and as bits. Argument: steps (default 1000).
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODIES 5

static double place[BODIES][3] = {{0, 0, 0}, {4.8, -1.2, -0.1}, {8.3, 4.1, -0.4}, {12.9, -15.1, -0.2}, {15.4, -25.9, 0.2}};
static double speed[BODIES][3] = {{0, 0, 0}, {0.6, 2.8, -0.02}, {-1.0, 1.8, 0.008}, {1.08, 0.87, -0.01}, {0.98, 0.6, -0.03}};
static const double mass[BODIES] = {39.5, 0.038, 0.011, 0.0017, 0.002};

static double distance_squared(int a, int b)
{
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        double d = place[a][k] - place[b][k];
        sum += d * d;
    }
    return sum;
}

static void advance(double dt)
{
    for (int a = 0; a < BODIES; a++)
        for (int b = a + 1; b < BODIES; b++) {
            double square = distance_squared(a, b), pull = dt / (square * sqrt(square));
            for (int k = 0; k < 3; k++) {
                double d = place[a][k] - place[b][k];
                speed[a][k] -= d * mass[b] * pull;
                speed[b][k] += d * mass[a] * pull;
            }
        }
    for (int a = 0; a < BODIES; a++)
        for (int k = 0; k < 3; k++)
            place[a][k] += dt * speed[a][k];
}

static double energy(void)
{
    double sum = 0;
    for (int a = 0; a < BODIES; a++) {
        for (int k = 0; k < 3; k++)
            sum += 0.5 * mass[a] * speed[a][k] * speed[a][k];
        for (int b = a + 1; b < BODIES; b++)
            sum -= mass[a] * mass[b] / sqrt(distance_squared(a, b));
    }
    return sum;
}

static void print(void)
{
    double value = energy();
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    printf("%.12f %016llx\n", value, (unsigned long long)bits);
}

int main(int argc, char **argv)
{
    int steps = argc > 1 ? atoi(argv[1]) : 1000;
    print();
    for (int i = 0; i < steps; i++)
        advance(0.01);
    print();
    return 0;
}

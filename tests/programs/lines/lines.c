/* Sorts the lines of its standard input, which it reads to the end first: the second half of a pipe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

int main(void)
{
    char **lines = NULL, *line = NULL;
    size_t count = 0, room = 0, line_room = 0;
    while (getline(&line, &line_room, stdin) > 0) {
        if (count == room) {
            room = room ? 2 * room : 16;
            lines = realloc(lines, room * sizeof *lines);
            if (!lines)
                return 2;
        }
        lines[count] = strdup(line);
        if (!lines[count++])
            return 2;
    }
    if (count)
        qsort(lines, count, sizeof *lines, compare);
    for (size_t i = 0; i < count; i++)
        fputs(lines[i], stdout);
    return ferror(stdin) || fflush(stdout) != 0;
}

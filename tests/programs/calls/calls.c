/* Random calls of WASI preview 1 on a small tree, and what each answers: `calls SEED COUNT`.

   What wasmtime prints on a directory of Linux is what every file system of ours must print too. Left out is what the
   specification leaves open: numbers of descriptors, inodes, times of now, which errno refuses to read what cannot be
   read, arguments that wasmtime traps at, the order of listings, slashes at the end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ROOT 3
#define OPEN_MAX 10
#define ALL 0x1fffffffULL
#define WRITING (__WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE)

static const char *const PATHS[] = {
    "a",   "b",    "c",   "d",      "e",         "l",      "l2",  "d/a",  "d/b", "d/e",  "d/e/f",    "d/l",         "l/a",
    ".",   "..",   "../x", "d/..",  "d/.",       "d/../a", "d/../../w",   "nope/x", "a/b", "d//a",  "./a",         "l2/x",
    "l/.", "l/..", "a/.", "a/..",   "d/..//.",   "d/e/../../a", "d/e/../../../a",
};
static const char *const TARGETS[] = {
    "a", "d", "e", "l", "l2", "nope", "../a", "d/a", ".", "..", "/abs", "d/", "a/", "d/../a", "../d/a", "../../x",
};

static uint64_t state;
static __wasi_fd_t fds[OPEN_MAX];
static unsigned open_count;
static uint8_t buffer[4096];

static unsigned draw(unsigned below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(state >> 33) % below;
}

/* A path: mostly a plain one. */
static const char *path(void) { return PATHS[draw(10) < 7 ? draw(13) : draw(COUNT(PATHS))]; }

/* What is open, by its place and not by its number; 99 is the root, 98 nothing. */
static unsigned place(void) { return open_count == 0 || draw(8) == 0 ? 98 + draw(2) : draw(open_count); }
static __wasi_fd_t at(unsigned place) { return place == 99 ? ROOT : place == 98 ? 1000 : fds[place]; }

static int is_directory(__wasi_fd_t fd) {
    __wasi_fdstat_t stat;
    return __wasi_fd_fdstat_get(fd, &stat) == 0 && stat.fs_filetype == __WASI_FILETYPE_DIRECTORY;
}

static unsigned hash(size_t len) {
    unsigned sum = 5381;
    for (size_t index = 0; index < len; index++) sum = sum * 33 + buffer[index];
    return sum;
}

/* What a file is; of times only those that were set, which are long ago. */
static void told(const __wasi_filestat_t *stat) {
    printf(" type %d", stat->filetype);
    if (stat->filetype == __WASI_FILETYPE_DIRECTORY) return;
    printf(" links %llu size %llu", stat->nlink, stat->size);
    if (stat->mtim < 10000000000000ULL) printf(" time %llu", stat->mtim);
}

/* ---- calls by name ---- */

static void do_open(void) {
    static const __wasi_oflags_t HOW[] = {0, 0, 1, 1, 9, 5, 2, 8, 4};
    __wasi_oflags_t how = HOW[draw(COUNT(HOW))];
    __wasi_lookupflags_t follow = draw(3) != 0 || how == __WASI_OFLAGS_DIRECTORY;
    __wasi_rights_t rights = (how & (__WASI_OFLAGS_CREAT | __WASI_OFLAGS_TRUNC)) || draw(2) ? ALL : ALL & ~WRITING;
    if (how & __WASI_OFLAGS_DIRECTORY) rights &= ~(__wasi_rights_t)__WASI_RIGHTS_FD_WRITE;
    __wasi_fdflags_t flags = draw(4) ? 0 : draw(2) * __WASI_FDFLAGS_APPEND | draw(2) * __WASI_FDFLAGS_NONBLOCK;
    const char *name = path();
    __wasi_fd_t fd;
    int errno_ = __wasi_path_open(ROOT, follow, name, how, rights, ALL, flags, &fd);
    printf("open %s follow %d how %d flags %d writes %d: %d", name, follow, how, flags, (rights & WRITING) != 0, errno_);
    if (errno_ != 0) return;
    if (open_count < OPEN_MAX) fds[open_count++] = fd;
    else printf(" closed %d", __wasi_fd_close(fd));
}

static void do_change(void) {
    const char *name = path(), *other = path(), *target = TARGETS[draw(COUNT(TARGETS))];
    switch (draw(8)) {
    case 0: case 1: printf("mkdir %s: %d", name, __wasi_path_create_directory(ROOT, name)); break;
    case 2: printf("rmdir %s: %d", name, __wasi_path_remove_directory(ROOT, name)); break;
    case 3: printf("unlink %s: %d", name, __wasi_path_unlink_file(ROOT, name)); break;
    case 4: case 5: printf("rename %s %s: %d", name, other, __wasi_path_rename(ROOT, name, ROOT, other)); break;
    case 6: printf("link %s %s: %d", name, other, __wasi_path_link(ROOT, 0, name, ROOT, other)); break;
    default: printf("symlink %s %s: %d", target, name, __wasi_path_symlink(target, ROOT, name));
    }
}

static void do_ask(void) {
    const char *name = path();
    __wasi_lookupflags_t follow = draw(2);
    __wasi_filestat_t stat;
    __wasi_size_t used = 0, len = draw(3) ? 100 : draw(4);
    static const __wasi_fstflags_t TIMES[] = {0, 1, 4, 5, 9, 6};
    __wasi_fstflags_t times = TIMES[draw(COUNT(TIMES))];
    int errno_;
    switch (draw(3)) {
    case 0:
        printf("stat %s follow %d: %d", name, follow, errno_ = __wasi_path_filestat_get(ROOT, follow, name, &stat));
        if (errno_ == 0) told(&stat);
        break;
    case 1:
        errno_ = __wasi_path_readlink(ROOT, name, buffer, len, &used);
        printf("readlink %s into %u: %d %.*s", name, (unsigned)len, errno_, (int)used, (char *)buffer);
        break;
    default:
        errno_ = __wasi_path_filestat_set_times(ROOT, follow, name, 1000, 1000000000ULL * (1 + draw(1000)), times);
        printf("times %s follow %d flags %d: %d", name, follow, times, errno_);
    }
}

/* ---- calls by descriptor ---- */

static void do_transfer(void) {
    unsigned which = place(), kind = draw(4);
    __wasi_fd_t fd = at(which);
    __wasi_filesize_t from = draw(12) || kind > 1 ? draw(800) : UINT64_MAX;
    __wasi_size_t used = 0;
    __wasi_iovec_t in = {buffer, draw(300)};
    memset(buffer, 0xee, 300);
    if (kind >= 2)
        for (unsigned index = 0; index < 300; index++) buffer[index] = (uint8_t)(state + index);
    __wasi_ciovec_t out = {buffer, in.buf_len};
    int errno_ = kind == 0   ? __wasi_fd_read(fd, &in, 1, &used)
                 : kind == 1 ? __wasi_fd_pread(fd, &in, 1, from, &used)
                 : kind == 2 ? __wasi_fd_write(fd, &out, 1, &used)
                             : __wasi_fd_pwrite(fd, &out, 1, from, &used);
    static const char *const NAMES[] = {"read", "pread", "write", "pwrite"};
    printf("%s %u len %u at %lld: %s", NAMES[kind], which, (unsigned)in.buf_len, (long long)from, errno_ ? "refused" : "");
    if (errno_ == 0) printf("%u %x", (unsigned)used, hash(300));
}

static void do_file(void) {
    unsigned which = place(), kind = draw(5);
    __wasi_fd_t fd = at(which);
    __wasi_filesize_t position = 0, size = draw(10) ? draw(1000) : UINT64_MAX;
    __wasi_filedelta_t offset = (__wasi_filedelta_t)draw(900) - 300;
    __wasi_filestat_t stat;
    __wasi_fdstat_t fdstat;
    int errno_, is_dir = is_directory(fd);
    switch (kind) {
    case 0: errno_ = __wasi_fd_seek(fd, offset, draw(3), &position); break;
    case 1: errno_ = __wasi_fd_tell(fd, &position); break;
    case 2: errno_ = __wasi_fd_filestat_set_size(fd, size); break;
    case 3: errno_ = is_dir ? 0 : draw(2) ? __wasi_fd_sync(fd) : __wasi_fd_datasync(fd); break;
    default: errno_ = is_dir ? 0 : __wasi_fd_filestat_set_times(fd, 1000, 77000000000ULL, draw(2) * 5); break;
    }
    printf("file %u kind %u: %s %llu", which, kind, errno_ ? "refused" : "done", (unsigned long long)position);
    if (__wasi_fd_filestat_get(fd, &stat) == 0) told(&stat);
    if (__wasi_fd_fdstat_get(fd, &fdstat) == 0 && !is_dir) printf(" flags %d", fdstat.fs_flags);
}

static void do_descriptor(void) {
    unsigned which = place(), to = place();
    __wasi_fdflags_t flags = draw(2) * __WASI_FDFLAGS_APPEND;
    switch (draw(4)) {
    case 0:
        if (is_directory(at(which))) return;
        printf("flags %u %d: %s", which, flags, __wasi_fd_fdstat_set_flags(at(which), flags) ? "refused" : "done");
        break;
    case 1:
        if (which >= open_count || to >= open_count) return;
        printf("renumber %u %u: %d", which, to, __wasi_fd_renumber(at(which), at(to)));
        if (which != to) fds[which] = fds[--open_count];
        break;
    default:
        if (which == 99) return;
        printf("close %u: %d", which, __wasi_fd_close(at(which)));
        if (which < open_count) fds[which] = fds[--open_count];
    }
}

static int by_name(const void *one, const void *other) { return strcmp(one, other); }

/* Lists a directory through a buffer of some length, and sorts. */
static unsigned list(__wasi_fd_t fd, __wasi_size_t len, char names[][40], unsigned most, int *errno_) {
    __wasi_dircookie_t cookie = 0;
    __wasi_size_t used = len;
    unsigned count = 0;
    for (int rounds = 0; used == len && rounds < 200; rounds++) {
        *errno_ = __wasi_fd_readdir(fd, buffer, len, cookie, &used);
        if (*errno_ != 0) return 0;
        __wasi_dirent_t entry;
        for (__wasi_size_t place = 0; place + sizeof entry <= used; place += sizeof entry + entry.d_namlen) {
            memcpy(&entry, buffer + place, sizeof entry);
            if (place + sizeof entry + entry.d_namlen > used || count == most) break;
            char *name = (char *)buffer + place + sizeof entry;
            snprintf(names[count++], 40, "%.*s:%d", (int)entry.d_namlen, name, entry.d_type);
            cookie = entry.d_next;
        }
    }
    qsort(names, count, 40, by_name);
    return count;
}

static void do_list(void) {
    unsigned which = place();
    char names[64][40];
    int errno_ = 0;
    unsigned count = list(at(which), draw(2) ? sizeof buffer : 44 + draw(60), names, 64, &errno_);
    printf("list %u: %s", which, errno_ ? "refused" : "");
    for (unsigned index = 0; index < count; index++) printf(" %s", names[index]);
}

int main(int argc, char **argv) {
    if (argc != 3 || __wasi_path_create_directory(ROOT, "d") || __wasi_path_create_directory(ROOT, "d/e")) return 2;
    state = strtoull(argv[1], NULL, 10) * 2654435761U + 17;
    static void (*const CALLS[])(void) = {do_open, do_open,     do_open, do_change, do_change,     do_change, do_change,
                                          do_ask,  do_transfer, do_ask,  do_file,   do_descriptor, do_list,   do_transfer};
    for (int call = 0; call < atoi(argv[2]); call++) {
        printf("%d ", call);
        CALLS[draw(COUNT(CALLS))]();
        putchar('\n');
    }
    return 0;
}

/* Stands before the C library's <signal.h>, which WASI does not have: Lua wants only the type. */
typedef int sig_atomic_t;

/* Stands before the C library's <setjmp.h>, which WebAssembly without exceptions cannot have. See errors.h. */

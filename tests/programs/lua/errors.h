/*
 * How Lua raises an error where nothing can jump over frames: it prints the message and ends the program with 1.
 * What is lost is pcall of failing functions and coroutines. Included before each of Lua's files by the compiler.
 */
#ifndef ERRORS_H
#define ERRORS_H

struct lua_State;
_Noreturn void end_with_error(struct lua_State *L, int status);

#define LUAI_THROW(L, c) end_with_error((L), (c)->status)
#define LUAI_TRY(L, c, a) { a }
#define luai_jmpbuf int

/* A constant seed, so that the order of tables does not depend on addresses or the time. */
#define luai_makeseed(L) 0x5eed

#endif

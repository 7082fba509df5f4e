/*
 * A small host for Lua 5.4: runs the file that the first argument names (or standard input), the others being its
 * arguments. Lua itself is not in this tree: it is compiled from the crate lua-src.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static int tell(lua_State *L)
{
    const char *message = lua_gettop(L) > 0 ? lua_tostring(L, -1) : NULL;
    fflush(stdout);
    fprintf(stderr, "lua: %s\n", message ? message : "(an error without a message)");
    return 1;
}

_Noreturn void end_with_error(lua_State *L, int status)
{
    (void)status;
    exit(tell(L));
}

int main(int argc, char **argv)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},          {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math},    {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    lua_State *L = luaL_newstate();
    if (!L) {
        fprintf(stderr, "lua: not enough memory\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    lua_newtable(L);
    for (int i = 2; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - 1);
    }
    lua_setglobal(L, "arg");
    if (luaL_loadfile(L, argc > 1 ? argv[1] : NULL) != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK)
        return tell(L);
    lua_close(L);
    return 0;
}

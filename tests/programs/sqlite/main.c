/*
 * SQLite on a file: makes a table and an index, fills, asks, changes and rolls back, checks the file's integrity, closes
 * it, and opens it once more. Its sources come from the crate libsqlite3-sys.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static int print_row(void *unused, int count, char **values, char **names)
{
    (void)unused, (void)names;
    for (int i = 0; i < count; i++)
        printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
    puts("");
    return 0;
}

static void run(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, print_row, NULL, &error) != SQLITE_OK) {
        printf("%s: %s\n", sql, error);
        exit(1);
    }
}

static sqlite3 *open_file(const char *name)
{
    sqlite3 *db;
    if (sqlite3_open(name, &db) != SQLITE_OK) {
        printf("cannot open %s: %s\n", name, sqlite3_errmsg(db));
        exit(1);
    }
    return db;
}

static void fill(sqlite3 *db)
{
    run(db, "begin");
    for (int i = 0; i < 1000; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "insert into t(b, c) values('row %d', %d.5)", i, i * 7 % 1000);
        run(db, sql);
    }
    run(db, "commit");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        puts("usage: sqlite FILE");
        return 2;
    }
    sqlite3 *db = open_file(argv[1]);
    run(db, "create table t(a integer primary key, b text, c real)");
    fill(db);
    run(db, "create index i on t(c)");
    run(db, "select count(*), sum(c), max(length(b)) from t");
    run(db, "select * from t where c between 100 and 103 order by c");
    run(db, "delete from t where a % 3 = 0; update t set b = upper(b) where a % 5 = 0");
    run(db, "begin; delete from t; select count(*) from t; rollback; select count(*) from t");
    run(db, "vacuum; pragma integrity_check; pragma page_count");
    sqlite3_close(db);

    db = open_file(argv[1]);
    run(db, "select group_concat(b, ', ') from (select b from t where a > 980)");
    sqlite3_close(db);
    return 0;
}

#include "harness/t.h"
#include "stack/stack_log.h"

TEST(the_line_that_tells_of_the_failure_is_found)
{
    static const struct {
        const char *log;
        const char *expected;
    } rows[] = {
        {"", ""},
        {"\n\n", ""},
        {"starting\nlistening\n", "listening"},
        /* as PostgreSQL 15 prints it when another one has the data directory */
        {"2026-01-01 LOG:  starting\n"
         "2026-01-01 FATAL:  lock file \"postmaster.pid\" already exists\n"
         "2026-01-01 HINT:  Is another postmaster running?\n",
         "2026-01-01 FATAL:  lock file \"postmaster.pid\" already exists"},
        {"ehub: unknown command \"x\"\nTry 'ehub --help'.\n", "ehub: unknown command \"x\""},
        {"ehub serve: port 80: permission denied\nbye\n", "ehub serve: port 80: permission denied"},
        {"{\"level\":\"error\",\"msg\":\"a\"}\n{\"level\":\"info\",\"msg\":\"b\"}",
         "{\"level\":\"error\",\"msg\":\"a\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        T_STR(rows[i].expected, stack_log_telling(str_from(rows[i].log)));
}

T_MAIN(T(the_line_that_tells_of_the_failure_is_found))

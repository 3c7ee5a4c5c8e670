#include "harness/t.h"
#include "stack/stack_env.h"

#include <stdlib.h>

TEST(the_command_line_carries_file_and_settings_before_the_words)
{
    static const char *const sets[] = {"a=1", "b=2", NULL};
    static const char *const words[] = {"coach", "train", NULL};
    ConfSource source = {.file = "/x/ehub.yaml", .sets = sets};
    CLEANUP(arena_freep) Arena *arena = arena_new(4096);
    const char *const *argv = stack_command(arena, "/bin/ehub", &source, words);
    static const char *const expected[] = {"/bin/ehub", "--config", "/x/ehub.yaml", "--set", "a=1",
                                           "--set",     "b=2",      "coach",        "train"};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_string_equal(argv[i], expected[i]);
    assert_null(argv[ARRAY_LEN(expected)]);
}

static bool has(const StackEnv *e, const char *variable)
{
    for (size_t i = 0; e->list[i]; i++)
        if (strcmp(e->list[i], variable) == 0)
            return true;
    return false;
}

TEST(only_what_the_program_reads_is_handed_on)
{
    setenv("EHUB_LOG_LEVEL", "debug", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    CLEANUP(stack_env_done) StackEnv e;
    stack_env_init(&e);
    assert_true(has(&e, "EHUB_LOG_LEVEL=debug"));
    assert_true(has(&e, "LC_ALL=C.UTF-8"));
    assert_true(has(&e, "TZ=UTC"));
    assert_false(has(&e, "AWS_SECRET_ACCESS_KEY=x"));
    assert_false(has(&e, "LC_ALL=de_DE.UTF-8"));
}

T_MAIN(T(the_command_line_carries_file_and_settings_before_the_words),
       T(only_what_the_program_reads_is_handed_on))

#include "stack/stack_env.h"

#include "base/mem.h"

#include <unistd.h>

static bool handed_on(const char *variable)
{
    static const char *const names[] = {
        "EHUB_", "PATH=", "HOME=", "XDG_DATA_HOME=", "ASAN_OPTIONS=", "UBSAN_OPTIONS="};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_starts(str_from(variable), str_from(names[i])))
            return true;
    return false;
}

void stack_env_init(StackEnv *e)
{
    size_t n = 0, k = 0;
    while (environ[n])
        n++;
    e->list = mem_array(n + 3, sizeof *e->list);
    for (size_t i = 0; i < n; i++)
        if (handed_on(environ[i]))
            e->list[k++] = environ[i];
    e->list[k++] = "LC_ALL=C.UTF-8";
    e->list[k++] = "TZ=UTC";
    e->list[k] = NULL;
}

void stack_env_done(StackEnv *e)
{
    mem_free(e->list);
    e->list = NULL;
}

const char *const *stack_command(Arena *a, const char *program, const ConfSource *source,
                                 const char *const *words)
{
    size_t n_words = 0, n_sets = 0, k = 0;
    while (words[n_words])
        n_words++;
    while (source->sets && source->sets[n_sets])
        n_sets++;
    const char **argv = arena_array(a, 1 + 2 + 2 * n_sets + n_words + 1, sizeof *argv);
    if (!argv)
        return NULL;
    argv[k++] = program;
    if (source->file) {
        argv[k++] = "--config";
        argv[k++] = source->file;
    }
    for (size_t i = 0; i < n_sets; i++) {
        argv[k++] = "--set";
        argv[k++] = source->sets[i];
    }
    for (size_t i = 0; i < n_words; i++)
        argv[k++] = words[i];
    argv[k] = NULL;
    return argv;
}

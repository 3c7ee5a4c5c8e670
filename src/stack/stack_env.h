/* stack_env.h - the command line and the environment that the supervisor gives to its own program run again.
 *
 * Handed on: EHUB_* variables, PATH, HOME, XDG_DATA_HOME; the settings file and every --set of the supervisor, with what
 * it decided (data.dir, http.port, certificate) last, so that it wins.
 * Owner:   the caller; strings are borrowed from the environment and from the arena. Threads: one. */
#ifndef EHUB_STACK_STACK_ENV_H
#define EHUB_STACK_STACK_ENV_H

#include "base/arena.h"
#include "conf/conf.h"

typedef struct StackEnv {
    const char **list; /* NULL-terminated */
} StackEnv;

void stack_env_init(StackEnv *e);
void stack_env_done(StackEnv *e);

#define STACK_SETS_MAX 32

/* program [--config FILE] --set K=V... words...; words end with NULL. NULL at the arena's limit. */
const char *const *stack_command(Arena *a, const char *program, const ConfSource *source,
                                 const char *const *words);

#endif

#include "stack/stack_demo.h"

#include "base/file.h"
#include "rt/rt_child.h"
#include "rt/rt_signal.h"
#include "stack/stack_env.h"
#include "stack/stack_log.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP_LIMIT_MS (60 * 60 * 1000)
#define STOP_LIMIT_MS 10000
#define ROUND_MS 200
#define DONE_MAX (16u << 10)

const StackStep STACK_DEMO_STEPS[] = {
    {"generate",
     "simulating a brokerage: 60 agents, 18 months",
     {"demo", "generate", "--seed", "7", "--agents", "60", "--months", "18", "--rollout", "--replace",
      "--password-file", "DIR/" STACK_DEMO_PASSWORD}},
    {"train", "training the models on it", {"coach", "train", "--tenant", "demo"}},
    {"predict", "predicting", {"coach", "predict", "--tenant", "demo"}},
    {"effects", "finding the effects of its coaching", {"insight", "update", "--tenant", "demo"}},
    {"choose", "choosing the coaching", {"coach", "choose", "--tenant", "demo"}},
    {.name = NULL},
};

static bool is_done(Str done, const char *step)
{
    Str line;
    while (done.len > 0 && str_next(&done, '\n', &line))
        if (str_eq_c(line, step))
            return true;
    return false;
}

/* "DIR/..." stands for a path in the data directory. */
static const char *const *step_command(const StackDir *d, const StackStep *step, const char *program,
                                       const ConfSource *source, Arena *arena)
{
    const char *words[ARRAY_LEN(step->words) + 1] = {NULL};
    for (size_t i = 0; i < ARRAY_LEN(step->words) && step->words[i]; i++) {
        bool in_dir = str_starts(str_from(step->words[i]), STR("DIR/"));
        words[i] = in_dir ? arena_printf(arena, "%s%s", d->root, step->words[i] + 3) : step->words[i];
    }
    return stack_command(arena, program, source, words);
}

/* Output goes to a log; on a terminal the step shows its own progress instead. */
static ErrKind start_step(const StackDir *d, const StackStep *step, const char *program,
                          const ConfSource *source, Arena *arena, RtChild **ret, Err *reterr)
{
    const char *const *argv = step_command(d, step, program, source, arena);
    TRY(arena_check(arena, reterr));
    char log[PATH_MAX];
    stack_path(d, "logs/demo.log", log);
    CLEANUP(stack_env_done) StackEnv env;
    stack_env_init(&env);
    RtChildConf child = {.name = step->name,
                         .argv = argv,
                         .env = env.list,
                         .log_path = isatty(2) ? NULL : log,
                         .death_signal = SIGKILL,
                         .new_session = true};
    return rt_child_start(&child, ret, reterr);
}

static ErrKind follow_step(const StackDir *d, const StackStep *step, RtChild *c, Err *reterr)
{
    int status;
    Deadline by = deadline_in_ms(STEP_LIMIT_MS);
    while (!rt_child_ended(c, &status)) {
        int s = rt_signal_wait(deadline_in_ms(ROUND_MS));
        if (s == SIGINT || s == SIGTERM || rt_signal_stop_requested()) {
            rt_child_stop(c, SIGTERM, deadline_in_ms(STOP_LIMIT_MS));
            return err_set(reterr, ERR_CANCELLED, "stopped by a signal while %s", step->what);
        }
        if (deadline_passed(by))
            return err_set(reterr, ERR_TIMEOUT, "%s: not done within an hour", step->what);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return ERR_NONE;
    char what[160];
    if (WIFSIGNALED(status))
        snprintf(what, sizeof what, "%s: ended by signal %d", step->what, WTERMSIG(status));
    else
        snprintf(what, sizeof what, "%s: exit status %d", step->what, WEXITSTATUS(status));
    if (isatty(2))
        return err_set(reterr, ERR_UNAVAILABLE, "%s", what);
    return stack_log_why(d, "logs/demo.log", what, reterr);
}

ErrKind stack_demo_run(const StackDir *d, const char *program, const ConfSource *source, StackSay *say,
                       Err *reterr)
{
    char path[PATH_MAX];
    stack_path(d, "demo.steps", path);
    CLEANUP(buf_done) Buf done = BUF(DONE_MAX);
    if (file_exists(path))
        TRY(file_read(path, &done, reterr));
    for (const StackStep *step = STACK_DEMO_STEPS; step->name; step++) {
        if (is_done(buf_str(&done), step->name))
            continue;
        say(step->what);
        CLEANUP(arena_freep) Arena *arena = arena_new(64u << 10);
        CLEANUP(rt_child_freep) RtChild *c = NULL;
        TRY(start_step(d, step, program, source, arena, &c, reterr));
        TRY(follow_step(d, step, c, reterr));
        buf_addf(&done, "%s\n", step->name);
        TRY(buf_check(&done, reterr));
        TRY(file_write(path, buf_str(&done), 0644, reterr));
    }
    return ERR_NONE;
}

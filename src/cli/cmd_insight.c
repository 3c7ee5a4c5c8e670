/* cmd_insight.c - ehub insight ...: did the coaching help, how much, for whom, and what did it return. */
#include "cli/cmd_insight.h"

ErrKind cmd_insight_names(const char *list, const char *option, char *copy, size_t cap, const char **ret,
                          int *ret_n, Err *reterr)
{
    *ret_n = 0;
    if (!list)
        return ERR_NONE;
    if (!str_copy(copy, cap, str_from(list)))
        return err_set(reterr, ERR_USAGE, "--%s: more than %zu bytes", option, cap - 1);
    for (char *at = copy, *end; at; at = end ? end + 1 : NULL) {
        end = strchr(at, ',');
        if (end)
            *end = 0;
        if (*ret_n == INSIGHT_LIST_MAX)
            return err_set(reterr, ERR_USAGE, "--%s: more than %d columns", option, INSIGHT_LIST_MAX);
        if (*at == 0)
            return err_set(reterr, ERR_USAGE, "--%s: an empty name in \"%.200s\"", option, list);
        ret[(*ret_n)++] = at;
    }
    return ERR_NONE;
}

ErrKind cmd_insight_level(const CliCall *call, double *ret, Err *reterr)
{
    const char *level = cli_text(call, "level", NULL);
    if (level && (!str_to_f64(str_from(level), ret) || !(*ret >= 0.5 && *ret <= 0.999)))
        return err_set(reterr, ERR_USAGE, "--level: \"%.40s\" is no number from 0.5 to 0.999", level);
    return ERR_NONE;
}

const CliCmd CMD_INSIGHT = {
    .name = "insight",
    .help = "Measure what coaching did: effects with intervals, and for whom",
    .subs = (const CliCmd *const[]){&CMD_INSIGHT_EFFECT, &CMD_INSIGHT_COVERAGE, NULL},
};

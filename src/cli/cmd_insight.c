/* cmd_insight.c - ehub insight ...: did the coaching help, how much, for whom, and what did it return. */
#include "cli/cmd_insight.h"

#include <math.h>
#include <string.h>

/* Blanks at both ends are no part of a column's name. */
static char *trimmed(char *text)
{
    Str s = str_trim(str_from(text));
    char *from = text + (s.ptr - text);
    from[s.len] = 0;
    return from;
}

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
        at = trimmed(at);
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

ErrKind cmd_insight_number(const CliCall *call, const char *option, double lo, double hi, double *ret,
                           Err *reterr)
{
    const char *text = cli_text(call, option, NULL);
    double v;
    if (!text)
        return ERR_NONE;
    if (!str_to_f64(str_from(text), &v))
        return err_set(reterr, ERR_USAGE, "--%s: \"%.40s\" is no number", option, text);
    if (!(v >= lo && v <= hi))
        return isinf(hi) ? err_set(reterr, ERR_USAGE, "--%s: %g: at least %g", option, v, lo)
                         : err_set(reterr, ERR_USAGE, "--%s: %g: from %g to %g", option, v, lo, hi);
    *ret = v;
    return ERR_NONE;
}

ErrKind cmd_insight_covariates(const CliCall *call, char *room, InsightColumns *c, Err *reterr)
{
    const char *list = cli_text(call, "covariates", NULL);
    if (list && strcmp(list, "all") == 0) {
        c->n_covariates = -1;
        return ERR_NONE;
    }
    return cmd_insight_names(list, "covariates", room, CMD_INSIGHT_TEXT_MAX, c->covariates, &c->n_covariates,
                             reterr);
}

const CliCmd CMD_INSIGHT = {
    .name = "insight",
    .help = "Measure what coaching did: effects with intervals, and for whom",
    .subs =
        (const CliCmd *const[]){
            &CMD_INSIGHT_EFFECT,
            &CMD_INSIGHT_UPLIFT,
            &CMD_INSIGHT_SURVIVAL,
            &CMD_INSIGHT_PRODUCTIVITY,
            &CMD_INSIGHT_ROI,
            &CMD_INSIGHT_POWER,
            &CMD_INSIGHT_EXPERIMENT,
            &CMD_INSIGHT_UPDATE,
            &CMD_INSIGHT_EFFECTS,
            &CMD_INSIGHT_RETURNS,
            &CMD_INSIGHT_COVERAGE,
            NULL,
        },
};

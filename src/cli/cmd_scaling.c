/* cmd_scaling.c - ehub scaling ...: the load to come, the replicas it needs, and what that costs. */
#include "cli/cmd_scaling.h"

#include "scale/scale_near.h"
#include "scale/scale_time.h"

#include <math.h>
#include <string.h>

ErrKind cmd_scaling_number(const CliCall *call, const char *option, double lo, double hi, double *ret,
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

ErrKind cmd_scaling_span(const CliCall *call, const char *option, double *ret_s, Err *reterr)
{
    const char *text = cli_text(call, option, NULL);
    int64_t s = 0;
    if (!text)
        return ERR_NONE;
    Str digits = str_from(text);
    if (digits.len > 1 && digits.ptr[digits.len - 1] == 's')
        digits.len--;
    if (!str_eq_c(digits, "0") && !scale_span_read(str_from(text), &s))
        return err_set(reterr, ERR_USAGE, "--%s: \"%.40s\" is no span such as 90s, 5m, 2h or 30d", option,
                       text);
    *ret_s = (double)s;
    return ERR_NONE;
}

ErrKind cmd_scaling_series(const CliCall *call, ScaleSeries **ret, Err *reterr)
{
    ScaleSeriesConf c = {.time_column = cli_text(call, "time-column", NULL),
                         .value_column = cli_text(call, "value-column", NULL)};
    const char *agg = cli_text(call, "agg", "auto");
    double step = 0;
    TRY(cmd_scaling_span(call, "step", &step, reterr));
    c.step_s = (int64_t)step;
    if (strcmp(agg, "sum") == 0)
        c.agg = SCALE_AGG_SUM;
    else if (strcmp(agg, "mean") == 0)
        c.agg = SCALE_AGG_MEAN;
    else if (strcmp(agg, "auto") != 0)
        return err_set(reterr, ERR_USAGE, "--agg: \"%.40s\" is none of auto, sum, mean", agg);
    return scale_series_read(cli_text(call, "series", NULL), &c, ret, reterr);
}

ErrKind cmd_scaling_events(const CliCall *call, const ScaleSeries *s, ScaleEvents **ret, Err *reterr)
{
    CLEANUP(scale_events_freep) ScaleEvents *e = scale_events_new();
    const char *file = cli_text(call, "events", NULL), *holidays = cli_text(call, "holidays", "none");
    if (!s->has_times && (file || strcmp(holidays, "none") != 0))
        return err_set(reterr, ERR_USAGE, "--%s: the series has no times", file ? "events" : "holidays");
    if (file)
        TRY(scale_events_read(e, file, reterr));
    ErrKind kind = scale_events_holidays(e, holidays, s->start_us,
                                         scale_series_time(s, s->n + SCALE_NEAR_LEAD_MAX), reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "--holidays");
    *ret = scale_events_count(e) > 0 ? e : NULL;
    if (*ret)
        e = NULL;
    return ERR_NONE;
}

const CliCmd CMD_SCALING = {
    .name = "scaling",
    .help = "Plan capacity ahead of the load, and prove what it saves",
    .subs =
        (const CliCmd *const[]){
            &CMD_SCALING_START,
            &CMD_SCALING_STOP,
            &CMD_SCALING_STATUS,
            &CMD_SCALING_EVALUATE,
            &CMD_SCALING_CONFIGURE,
            &CMD_SCALING_EXPORT,
            &CMD_SCALING_COST,
            &CMD_SCALING_BACKTEST,
            &CMD_SCALING_REPLAY,
            &CMD_SCALING_SIMULATE,
            NULL,
        },
};

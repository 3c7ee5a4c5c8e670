/* cmd_scaling_backtest.c - ehub scaling backtest: how well a load is forecast, scored on its own past. */
#include "base/clock.h"
#include "base/jw.h"
#include "cli/cmd_scaling.h"
#include "scale/scale_backtest.h"
#include "scale/scale_near.h"
#include "scale/scale_time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static ErrKind read_seasons(const CliCall *call, const ScaleSeries *s, ScaleBacktestConf *c, Err *reterr)
{
    Str rest = str_from(cli_text(call, "season", "auto")), span;
    if (str_eq_c(rest, "auto"))
        return ERR_NONE;
    while (str_next(&rest, ',', &span)) {
        int64_t season_s;
        if (!scale_span_read(span, &season_s))
            return err_set(reterr, ERR_USAGE, "--season: \"%.*s\" is neither auto nor spans such as 1d,7d",
                           (int)MIN(span.len, 40u), span.ptr);
        if (season_s % s->step_s != 0 || season_s / s->step_s < 2)
            return err_set(reterr, ERR_USAGE,
                           "--season: %.*s is no whole number of steps of %lld s, two or more",
                           (int)MIN(span.len, 40u), span.ptr, (long long)s->step_s);
        if (season_s / s->step_s >= s->n)
            return err_set(reterr, ERR_INVALID, "--season: %.*s is longer than the series",
                           (int)MIN(span.len, 40u), span.ptr);
        if (c->n_seasons == SCALE_SEASONS_MAX)
            return err_set(reterr, ERR_USAGE, "--season: at most %d", SCALE_SEASONS_MAX);
        c->season[c->n_seasons++] = season_s / s->step_s;
    }
    return c->n_seasons ? ERR_NONE : err_set(reterr, ERR_USAGE, "--season: none is given");
}

static ErrKind read_conf(const CliCall *call, const ScaleSeries *s, ScaleBacktestConf *c, Err *reterr)
{
    double horizon_s = 3600;
    int64_t from_us;
    const char *from = cli_text(call, "from", NULL);
    TRY(cmd_scaling_span(call, "horizon", &horizon_s, reterr));
    c->lead = ((int64_t)horizon_s + s->step_s - 1) / s->step_s;
    if (c->lead < 1 || c->lead > SCALE_NEAR_LEAD_MAX)
        return err_set(reterr, ERR_USAGE, "--horizon: %g s are %lld steps of %lld s: from 1 to %d steps",
                       horizon_s, (long long)c->lead, (long long)s->step_s, SCALE_NEAR_LEAD_MAX);
    c->from = -1;
    if (from) {
        if (!scale_time_any(str_from(from), &from_us))
            return err_set(reterr, ERR_USAGE, "--from: \"%.40s\" is no time such as 2024-05-17T09:00Z", from);
        int64_t step_us = s->step_s * US_PER_S;
        c->from = MAX((from_us - s->start_us + step_us - 1) / step_us, 0);
        if (from_us >= scale_series_time(s, s->n))
            return err_set(reterr, ERR_USAGE, "--from: %.40s is after the end of the series", from);
    }
    return read_seasons(call, s, c, reterr);
}

static void span_text(int64_t s, char out[static 24])
{
    if (s % 86400 == 0)
        snprintf(out, 24, "%lldd", (long long)(s / 86400));
    else if (s % 3600 == 0)
        snprintf(out, 24, "%lldh", (long long)(s / 3600));
    else if (s % 60 == 0)
        snprintf(out, 24, "%lldm", (long long)(s / 60));
    else
        snprintf(out, 24, "%llds", (long long)s);
}

/* "mixture: trees 0.42, regression 0.20, ..., 1d before 0.03, mean of three 0.01" */
static void model_text(const ScaleSeries *s, const ScaleBacktest *b, Buf *out)
{
    const double *w = b->weight;
    for (size_t i = 0; i < ARRAY_LEN(SCALE_MODEL_NAMES); i++)
        buf_addf(out, "%s %s %.2f", i > 0 ? "," : "mixture:", SCALE_MODEL_NAMES[i], w[i]);
    for (size_t i = 0; i < b->n_seasons; i++) {
        char span[24];
        span_text(b->season[i] * s->step_s, span);
        buf_addf(out, ", %s before %.2f, mean of three %.2f", span, w[SCALE_MODEL_SEASON + i],
                 w[SCALE_MODEL_SEASON + b->n_seasons + i]);
    }
}

static void write_json(const ScaleSeries *s, const ScaleBacktestConf *c, const ScaleBacktest *b, Str model,
                       Buf *out)
{
    Jw j = jw(out);
    jw_obj(&j);
    jw_kv_f64_digits(&j, "wape", b->wape, 8);
    jw_kv_f64_digits(&j, "accuracy", 1 - b->wape, 8);
    jw_kv_f64_digits(&j, "naive_wape", b->naive_wape, 8);
    jw_kv_f64_digits(&j, "seasonal_naive_wape", b->seasonal_naive_wape, 8);
    jw_kv_f64_digits(&j, "coverage_90", b->coverage_90, 6);
    jw_kv_f64_digits(&j, "pinball", b->pinball, 8);
    jw_kv_i64(&j, "n", b->n);
    jw_kv_str(&j, "model", model);
    jw_key(&j, "seasons_s");
    jw_arr(&j);
    for (size_t i = 0; i < b->n_seasons; i++)
        jw_i64(&j, b->season[i] * s->step_s);
    jw_end(&j);
    jw_kv_i64(&j, "step_s", s->step_s);
    jw_kv_i64(&j, "horizon_s", c->lead * s->step_s);
    jw_key(&j, "from");
    jw_time_us(&j, scale_series_time(s, b->from));
    jw_kv_i64(&j, "missing", b->n_missing);
    jw_kv_cstr(&j, "label", "measured");
    jw_end(&j);
    buf_add_char(out, '\n');
}

static void write_text(const ScaleSeries *s, const ScaleBacktestConf *c, const ScaleBacktest *b, Str model,
                       Buf *out)
{
    char ahead[24];
    span_text(c->lead * s->step_s, ahead);
    buf_addf(out, "%lld steps of %lld s forecast %s ahead, measured on the past only\n", (long long)b->n,
             (long long)s->step_s, ahead);
    buf_addf(out, "accuracy              %.2f %% (1 - WAPE)\n", 100 * (1 - b->wape));
    buf_addf(out, "WAPE                  %.2f %%\n", 100 * b->wape);
    buf_addf(out, "  of the last value   %.2f %%\n", 100 * b->naive_wape);
    if (b->n_seasons > 0)
        buf_addf(out, "  of seasonal naive   %.2f %%\n", 100 * b->seasonal_naive_wape);
    else
        buf_add_c(out, "  of seasonal naive   no two seasons fit before the part that is scored\n");
    buf_addf(out, "90 %% intervals cover  %.1f %%\n", 100 * b->coverage_90);
    buf_addf(out, "%.*s\n", (int)model.len, model.ptr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = NULL;
    CLEANUP(scale_events_freep) ScaleEvents *events = NULL;
    CLEANUP(buf_done) Buf out = BUF(1u << 16);
    CLEANUP(buf_done) Buf model = BUF(1024);
    ScaleBacktestConf c = {0};
    ScaleBacktest b;
    TRY(cmd_scaling_series(call, &s, reterr));
    TRY(read_conf(call, s, &c, reterr));
    TRY(cmd_scaling_events(call, s, &events, reterr));
    c.events = events;
    ErrKind e = scale_backtest(s, &c, &b, reterr);
    if (e != ERR_NONE)
        return err_wrap(reterr, e, "%s, column \"%.100s\"", cli_text(call, "series", NULL),
                        s->value_name ? s->value_name : "");
    model_text(s, &b, &model);
    if (cli_flag(call, "json"))
        write_json(s, &c, &b, buf_str(&model), &out);
    else
        write_text(s, &c, &b, buf_str(&model), &out);
    TRY(buf_check(&out, reterr));
    fwrite(out.ptr, 1, out.len, stdout);
    return ERR_NONE;
}

const CliCmd CMD_SCALING_BACKTEST = {
    .name = "backtest",
    .help = "Forecast a load from its own past, and score it beside the naive forecasts",
    .details =
        "At every step the load is forecast --horizon ahead from what was there until then. A regression "
        "(also on "
        "logarithms),\n"
        "exponential smoothing with two seasons, harmonic regression, boosted trees, the last value, the "
        "median of "
        "a day and the\n"
        "values of one season before compete, weighed by their past errors. Scored from --from on: WAPE is "
        "sum "
        "|value - forecast| /\n"
        "sum |value|, accuracy 1 - WAPE. Beside it stand the last value (naive) and the best season's value "
        "(seasonal naive), on\n"
        "the same steps. 90 % intervals are calibrated on past errors.",
    .options =
        (const CliOption[]){
            CMD_SCALING_SERIES_OPTIONS,
            CMD_SCALING_EVENT_OPTIONS,
            {"horizon", CLI_TEXT, "SPAN", "How far ahead (default: 1h, rounded up to whole steps)"},
            {"season", CLI_TEXT, "auto|SPAN,...", "Seasons (default: auto, a day and a week where two fit)"},
            {"from", CLI_TEXT, "TIME", "Score from there on (default: the last third)"},
            {"json", CLI_FLAG, NULL, "Print JSON"},
            {.name = NULL},
        },
    .run = run,
    .no_conf = true,
};

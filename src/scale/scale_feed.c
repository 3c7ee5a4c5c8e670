/* scale_feed.c - see scale_feed.h. */
#include "scale/scale_feed.h"

#include "base/clock.h"
#include "base/jv.h"
#include "base/mem.h"
#include "scale/scale_http.h"
#include "scale/scale_scrape.h"

#include <math.h>

#define ANSWER_MAX (16u << 20)

ErrKind scale_feed_parse(Str json, int64_t start_s, int64_t step_s, double *v, int64_t n, Err *reterr)
{
    CLEANUP(jv_freep) Jv *root = NULL;
    TRY(jv_parse(json, &root, reterr));
    const Jv *result = jv_get(jv_get(root, "data"), "result"), *values;
    if (!str_eq_c(jv_get_str(root, "status"), "success") || jv_kind(result) != JV_ARR)
        return err_set(reterr, ERR_INVALID, "Prometheus: no success: %.*s", (int)MIN(json.len, 150),
                       json.ptr);
    if (jv_len(result) > 1)
        return err_set(reterr, ERR_INVALID, "Prometheus: the query gives %zu series: sum them up to one",
                       jv_len(result));
    values = jv_get(jv_at(result, 0), "values");
    for (size_t i = 0; i < jv_len(values); i++) {
        double t = NAN, y = NAN;
        Str text;
        const Jv *pair = jv_at(values, i);
        if (!jv_is_f64(jv_at(pair, 0), &t) || !jv_is_str(jv_at(pair, 1), &text))
            return err_set(reterr, ERR_INVALID, "Prometheus: value %zu is no pair of time and text", i);
        double k = round((t - (double)start_s) / (double)step_s) - 1;
        if (k >= 0 && k < (double)n && str_to_f64(text, &y)) /* "NaN" stays missing */
            v[(int64_t)k] = y;
    }
    return ERR_NONE;
}

static ErrKind ask(const ScaleConf *c, const char *query, int64_t start_s, double *v, int64_t n, Err *reterr)
{
    CLEANUP(buf_done) Buf url = BUF(8192);
    CLEANUP(buf_done) Buf answer = BUF(ANSWER_MAX);
    buf_addf(&url, "%s/api/v1/query_range?query=", c->source_at);
    scale_http_escape(&url, str_from(query));
    buf_addf(&url, "&start=%lld&end=%lld&step=%lld", (long long)(start_s + c->world.step_s),
             (long long)(start_s + n * c->world.step_s), (long long)c->world.step_s);
    TRY(buf_check(&url, reterr));
    ScaleHttp r = {.url = buf_cstr(&url),
                   .token_file = scale_conf_file(c->source_token),
                   .ca_file = scale_conf_file(c->source_ca)};
    TRY(scale_http(&r, deadline_in_ms(SCALE_FEED_TIMEOUT_MS), &answer, reterr));
    return scale_feed_parse(buf_str(&answer), start_s, c->world.step_s, v, n, reterr);
}

ErrKind scale_feed_query(const ScaleConf *c, const char *query, int64_t start_s, double *v, int64_t n,
                         Err *reterr)
{
    for (int64_t k = 0; k < n; k++)
        v[k] = NAN;
    for (int64_t k = 0; k < n; k += SCALE_FEED_POINTS)
        TRY(ask(c, query, start_s + k * c->world.step_s, v + k, MIN(SCALE_FEED_POINTS, n - k), reterr));
    return ERR_NONE;
}

static ErrKind from_prometheus(const ScaleConf *c, int64_t now_us, ScaleSeries **ret, Err *reterr)
{
    int64_t step = c->world.step_s, n = c->history_s / step, first = 0;
    int64_t start = (now_us / US_PER_S / step - n) * step;
    CLEANUP(mem_freep) double *v = mem_array((size_t)n, sizeof *v);
    TRY(scale_feed_query(c, c->query, start, v, n, reterr));
    while (first < n && isnan(v[first]))
        first++;
    if (first == n)
        return err_set(reterr, ERR_INVALID,
                       "Prometheus at %.200s: the query gives no value for the last %lld s: %.200s",
                       c->source_at, (long long)c->history_s, c->query);
    *ret = scale_series_new((start + first * step) * US_PER_S, step, v + first, n - first);
    return ERR_NONE;
}

ErrKind scale_feed(const ScaleConf *c, int64_t now_us, ScaleSeries **ret, Err *reterr)
{
    if (c->source == SCALE_SOURCE_PROMETHEUS)
        return from_prometheus(c, now_us, ret, reterr);
    if (c->source == SCALE_SOURCE_OWN)
        return scale_scrape(c, now_us, ret, reterr);
    return scale_series_read(
        c->source_at, &(ScaleSeriesConf){.step_s = c->world.step_s, .agg = SCALE_AGG_MEAN}, ret, reterr);
}

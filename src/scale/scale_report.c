/* scale_report.c - see scale_report.h. */
#include "scale/scale_report.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "scale/scale_act.h"

#include <math.h>
#include <stdio.h>

#define COST_HOURS 24
#define PATH_MAX_ (SCALE_CONF_TEXT_MAX + 32)

static void path_of(const ScaleConf *c, char out[static PATH_MAX_])
{
    snprintf(out, PATH_MAX_, "%s/report.json", c->state);
}

void scale_report_done(ScaleReport *r)
{
    scale_series_free(r->series);
    scale_cost_free(r->cost);
    *r = (ScaleReport){.present = -1};
}

static ErrKind add_up(const ScaleConf *c, const ScaleSeries *s, int64_t now_us, ScaleCost **ret, Err *reterr)
{
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    int64_t n, damaged;
    int64_t from = now_us - (COST_HOURS * 3600 + SCALE_COST_HOLD_S) * US_PER_S;
    TRY(scale_store_read(c, from, &d, &n, &damaged, reterr));
    return scale_cost(c, s, COST_HOURS, d, n, ret, reterr);
}

void scale_report_look(ScaleReport *r, const ScaleConf *c, int64_t now_us)
{
    Err err = {0};
    r->looked_us = now_us;
    r->n_ahead = 0;
    r->ahead_why[0] = r->cost_why[0] = 0;
    scale_cost_free(r->cost);
    r->cost = NULL;
    for (int h = SCALE_AHEAD_HOURS_MAX; h > 0 && r->n_ahead == 0; h /= 2) /* a young history tells less far */
        if (scale_ahead(c, r->series, h, r->ahead, &err) == ERR_NONE)
            r->n_ahead = h;
    if (r->n_ahead == 0)
        snprintf(r->ahead_why, sizeof r->ahead_why, "%.255s", err.msg);
    if (add_up(c, r->series, now_us, &r->cost, &err) != ERR_NONE)
        snprintf(r->cost_why, sizeof r->cost_why, "%.255s", err.msg);
}

/* ---- writing ---- */

/* The last hours in equal steps. */
typedef struct Grid {
    int64_t from_us, step_us, n;
    double demand[SCALE_REPORT_POINTS];
    double replicas[SCALE_REPORT_POINTS];
} Grid;

static void fill_demand(Grid *g, const ScaleSeries *s)
{
    int64_t count[SCALE_REPORT_POINTS] = {0};
    for (int64_t k = 0; s && k < s->n; k++) {
        int64_t i = (scale_series_time(s, k) - g->from_us) / g->step_us;
        if (scale_series_time(s, k) < g->from_us || i >= g->n || isnan(s->v[k]))
            continue;
        g->demand[i] = count[i] ? g->demand[i] + s->v[k] : s->v[k];
        count[i]++;
    }
    for (int64_t i = 0; i < g->n; i++)
        if (count[i])
            g->demand[i] /= (double)count[i];
}

/* A decision holds until the next, at most SCALE_COST_HOLD_S. */
static void fill_replicas(Grid *g, const ScaleStored *d, int64_t n, int64_t now_us)
{
    for (int64_t k = 0; k < n; k++) {
        int64_t end = MIN(d[k].at_us + SCALE_COST_HOLD_S * US_PER_S, now_us);
        if (k + 1 < n)
            end = MIN(end, d[k + 1].at_us);
        int64_t first = MAX((d[k].at_us - g->from_us) / g->step_us, 0);
        for (int64_t i = first; i < g->n && g->from_us + i * g->step_us < end; i++)
            if (!(g->replicas[i] >= (double)d[k].replicas))
                g->replicas[i] = (double)d[k].replicas;
    }
}

static void fill(Grid *g, const ScaleReport *r, const ScaleConf *c, const ScaleStored *d, int64_t n,
                 int64_t now_us)
{
    int64_t least = SCALE_REPORT_HOURS * 3600 / SCALE_REPORT_POINTS;
    int64_t step = c->world.step_s * ((least + c->world.step_s - 1) / c->world.step_s);
    g->step_us = step * US_PER_S;
    g->n = SCALE_REPORT_HOURS * 3600 / step;
    g->from_us = (now_us / g->step_us + 1 - g->n) * g->step_us;
    for (int64_t i = 0; i < g->n; i++)
        g->demand[i] = g->replicas[i] = NAN;
    fill_demand(g, r->series);
    fill_replicas(g, d, n, now_us);
}

static void add_numbers(Jw *w, const char *key, const double *v, int64_t n)
{
    jw_key(w, key);
    jw_arr(w);
    for (int64_t i = 0; i < n; i++)
        jw_f64_digits(w, v[i], 6);
    jw_end(w);
}

static void add_time(Jw *w, const char *key, int64_t us)
{
    jw_key(w, key);
    us > 0 ? jw_time_us(w, us) : jw_null(w);
}

static const char *text_or_null(const char *s)
{
    return s[0] ? s : NULL;
}

static void add_history(Jw *w, const Grid *g)
{
    jw_key(w, "history");
    jw_obj(w);
    add_time(w, "from", g->from_us);
    jw_kv_i64(w, "step_s", g->step_us / US_PER_S);
    add_numbers(w, "demand", g->demand, g->n);
    add_numbers(w, "replicas", g->replicas, g->n);
    jw_kv_cstr(w, "label", "measured");
    jw_end(w);
}

static void add_ahead(Jw *w, const ScaleReport *r)
{
    jw_key(w, "ahead");
    jw_obj(w);
    jw_kv_f64(w, "quantile", SCALE_AHEAD_QUANTILE);
    jw_kv_cstr(w, "label", "projection");
    jw_kv_cstr(w, "refusal", text_or_null(r->ahead_why));
    jw_key(w, "hours");
    jw_arr(w);
    for (int h = 0; h < r->n_ahead; h++) {
        const ScaleAhead *a = &r->ahead[h];
        jw_obj(w);
        add_time(w, "at", a->at_us);
        jw_kv_f64_digits(w, "demand", a->middle, 6);
        jw_kv_f64_digits(w, "provided", a->high, 6);
        jw_kv_i64(w, "replicas", a->replicas);
        jw_kv_f64_digits(w, "cost", a->cost, 8);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

static void add_decisions(Jw *w, const ScaleStored *d, int64_t n)
{
    jw_key(w, "decisions");
    jw_arr(w);
    for (int64_t k = n - 1; k >= MAX(n - SCALE_REPORT_DECISIONS, 0); k--)
        scale_stored_json(w, &d[k]);
    jw_end(w);
}

ErrKind scale_report_write(const ScaleReport *r, const ScaleConf *c, int64_t now_us, Err *reterr)
{
    char path[PATH_MAX_];
    CLEANUP(buf_done) Buf text = BUF(SCALE_REPORT_BYTES_MAX);
    CLEANUP(mem_freep) ScaleStored *d = NULL;
    int64_t n, damaged;
    Grid g;
    TRY(scale_store_read(c, now_us - SCALE_REPORT_HOURS * 3600 * US_PER_S, &d, &n, &damaged, reterr));
    fill(&g, r, c, d, n, now_us);
    Jw w = jw(&text);
    jw_obj(&w);
    add_time(&w, "at", now_us);
    jw_kv_cstr(&w, "service", c->service);
    jw_kv_cstr(&w, "source", SCALE_SOURCES[c->source]);
    jw_kv_cstr(&w, "actuator", SCALE_ACTORS[c->actor]);
    jw_kv_bool(&w, "dry_run", r->dry_run);
    jw_kv_f64(&w, "slo", c->world.slo);
    jw_kv_f64_digits(&w, "capacity", c->world.capacity, 6);
    jw_kv_i64(&w, "min", c->world.min);
    jw_kv_i64(&w, "max", c->world.max);
    jw_kv_cstr(&w, "currency", c->currency);
    add_time(&w, "load_read_at", r->read_us);
    jw_kv_cstr(&w, "trouble", text_or_null(r->trouble));
    add_time(&w, "trouble_since", r->trouble_us);
    jw_key(&w, "replicas_present");
    r->present >= 0 ? jw_i64(&w, r->present) : jw_null(&w);
    add_history(&w, &g);
    add_ahead(&w, r);
    add_decisions(&w, d, n);
    jw_kv_cstr(&w, "cost_refusal", text_or_null(r->cost_why));
    jw_key(&w, "cost");
    r->cost ? scale_cost_json(&w, c, r->cost) : jw_null(&w);
    jw_end(&w);
    buf_add_char(&text, '\n');
    TRY(buf_check(&text, reterr));
    TRY(file_mkdirs(c->state, 0750, reterr));
    path_of(c, path);
    return file_write(path, buf_str(&text), 0640, reterr);
}

/* ---- reading ---- */

ErrKind scale_report_read(const ScaleConf *c, Jv **ret, Err *reterr)
{
    char path[PATH_MAX_];
    CLEANUP(buf_done) Buf text = BUF(SCALE_REPORT_BYTES_MAX);
    CLEANUP(jv_freep) Jv *v = NULL;
    int64_t at;
    *ret = NULL;
    path_of(c, path);
    ErrKind e = file_read(path, &text, reterr);
    if (e != ERR_NONE)
        return e == ERR_NOT_FOUND ? ERR_NONE : e;
    if (jv_parse(buf_str(&text), &v, NULL) != ERR_NONE || !clock_parse(jv_get_str(v, "at"), &at) ||
        jv_kind(jv_get(v, "history")) != JV_OBJ)
        return err_set(reterr, ERR_CORRUPT, "%s: no report of predictive scaling", path);
    *ret = v;
    v = NULL;
    return ERR_NONE;
}

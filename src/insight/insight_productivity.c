/* insight_productivity.c - see insight_productivity.h. */
#include "insight/insight_productivity.h"

#include "base/mem.h"
#include "stats/stats_counts.h"
#include "stats/stats_dist.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void warn(InsightProductivity *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void warn(InsightProductivity *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&p->warnings, fmt, ap);
    va_end(ap);
    buf_add_char(&p->warnings, '\n');
}

/* ---- columns ---- */

/* Columns: the constant, then months, offices (if asked for), covariates, each factor without its first value. */
typedef struct Design {
    const InsightData *d;
    double *x;
    int k, first_period, first_office, first_x;
    int32_t *period; /* int32[n], NULL: no time */
    double *offset;  /* log of the exposure */
} Design;

static void design_done(Design *g)
{
    mem_free(g->x);
    mem_free(g->period);
    mem_free(g->offset);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ErrKind find_periods(const InsightData *d, InsightProductivity *p, int32_t **ret, Err *reterr)
{
    *ret = NULL;
    if (!d->time)
        return ERR_NONE;
    CLEANUP(mem_freep) double *sorted = mem_array((size_t)d->n, sizeof *sorted);
    memcpy(sorted, d->time, (size_t)d->n * sizeof *sorted);
    qsort(sorted, (size_t)d->n, sizeof *sorted, by_value);
    int64_t m = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (i == 0 || sorted[i] != sorted[i - 1])
            sorted[m++] = sorted[i];
    if (m > INSIGHT_PERIODS_MAX)
        return err_set(reterr, ERR_INVALID, "%lld different times, at most %d: give months, not days",
                       (long long)m, INSIGHT_PERIODS_MAX);
    int32_t *of = *ret = mem_array((size_t)d->n, sizeof *of);
    for (int64_t i = 0; i < d->n; i++)
        of[i] =
            (int32_t)((double *)bsearch(&d->time[i], sorted, (size_t)m, sizeof *sorted, by_value) - sorted);
    p->n_periods = (int)m;
    p->period = mem_array((size_t)m, sizeof *p->period);
    for (int k = 0; k < p->n_periods; k++) {
        char text[INSIGHT_TIME_TEXT];
        snprintf(p->period[k].name, sizeof p->period[k].name, "%s", insight_time_text(d, sorted[k], text));
    }
    return ERR_NONE;
}

static double exposure_of(const InsightData *d, int64_t i)
{
    return d->exposure ? d->exposure[i] : 1;
}

/* with_offices: also a column for each office but the first. with_constant: not where agents are swept out. */
static Design make_design(const InsightData *d, const InsightProductivity *p, const int32_t *period,
                          bool with_constant, bool with_offices, bool with_treatment)
{
    Design g = {.d = d};
    size_t n = (size_t)d->n;
    int months = MAX(p->n_periods - 1, 0), offices = with_offices ? MAX(p->n_offices - 1, 0) : 0;
    g.k = with_constant + with_treatment + months + offices + d->n_x;
    g.x = mem_array(n * (size_t)MAX(g.k, 1), sizeof *g.x);
    g.first_period = with_constant + with_treatment;
    g.first_office = g.first_period + months;
    g.first_x = g.first_office + offices;
    g.offset = mem_array(n, sizeof *g.offset);
    for (size_t i = 0; i < n; i++) {
        if (with_treatment)
            g.x[i] = d->t[i];
        if (with_constant)
            g.x[i + n * with_treatment] = 1;
        if (period && period[i] > 0)
            g.x[i + n * (size_t)(g.first_period + period[i] - 1)] = 1;
        if (offices && d->stratum.id[i] > 0)
            g.x[i + n * (size_t)(g.first_office + d->stratum.id[i] - 1)] = 1;
        g.offset[i] = log(exposure_of(d, (int64_t)i));
    }
    if (d->n_x)
        memcpy(g.x + n * (size_t)g.first_x, d->x, n * (size_t)d->n_x * sizeof *g.x);
    return g;
}

static StatsClusters clusters_of(const InsightData *d)
{
    const InsightIds *ids = d->unit.id ? &d->unit : &d->cluster;
    return (StatsClusters){ids->id, ids->n};
}

/* ---- factors ---- */

static const StatsEstimate UNKNOWN = {NAN, NAN, NAN, NAN, NAN, NAN};

/* The n values of a factor with columns first .. first + n - 2, against their average; id: each row's. */
static void fill_factor(const Design *g, const StatsCounts *m, const int32_t *id, int first, int n,
                        double level, InsightFactor *f)
{
    const InsightData *d = g->d;
    CLEANUP(mem_freep) double *c = mem_array((size_t)g->k, sizeof *c);
    double all = 0, base = 0;
    bool known = true;
    for (int64_t i = 0; i < d->n; i++) {
        f[id[i]].exposure += exposure_of(d, i);
        f[id[i]].observed += d->y[i];
        all += exposure_of(d, i);
        double b = id[i] ? m->ols->coef[first + id[i] - 1] : 0;
        base += m->mu[i] * exp(-b);
    }
    for (int v = 1; v < n; v++)
        known = known && m->ols->kept[first + v - 1];
    for (int v = 0; v < n; v++) {
        double b = v ? m->ols->coef[first + v - 1] : 0;
        for (int u = 1; u < n; u++)
            c[first + u - 1] = (u == v) - f[u].exposure / all;
        f[v].log_ratio = UNKNOWN;
        f[v].adjusted = base / all * exp(b);
        bool away = v && m->runs_away[first + v - 1];
        if (away)
            f[v].adjusted = f[v].observed > 0 ? NAN : 0;
        if (known && !away &&
            stats_ols_of(m->ols, c, clusters_of(d), level, &f[v].log_ratio, NULL) != ERR_NONE)
            f[v].log_ratio = UNKNOWN;
    }
}

static ErrKind fill_levels(const InsightData *d, const int32_t *period, InsightProductivity *p, Err *reterr)
{
    CLEANUP(stats_counts_freep) StatsCounts *m = NULL;
    CLEANUP(design_done) Design g = make_design(d, p, period, true, true, false);
    TRY(stats_counts(g.x, d->y, g.offset, d->n, g.k, NULL, 0, &m, reterr));
    p->dispersion = m->dispersion;
    if (period)
        fill_factor(&g, m, period, g.first_period, p->n_periods, p->level, p->period);
    if (p->n_offices)
        fill_factor(&g, m, d->stratum.id, g.first_office, p->n_offices, p->level, p->office);
    CLEANUP(mem_freep) double *c = mem_array((size_t)g.k, sizeof *c);
    p->covariate = mem_array((size_t)MAX(d->n_x, 1), sizeof *p->covariate);
    for (; p->n_covariates < d->n_x; p->n_covariates++) {
        int at = g.first_x + p->n_covariates;
        InsightFactor *f = &p->covariate[p->n_covariates];
        snprintf(f->name, sizeof f->name, "%.150s", d->x_name[p->n_covariates]);
        memset(c, 0, (size_t)g.k * sizeof *c);
        c[at] = 1;
        f->adjusted = f->exposure = f->observed = NAN;
        f->log_ratio = UNKNOWN;
        if (!m->ols->kept[at])
            warn(p, "%s is a combination of the other columns: its factor cannot be told", f->name);
        else if (m->runs_away[at])
            warn(p, "%s: every outcome is 0 on one side: its factor cannot be told", f->name);
        else
            TRY(stats_ols_of(m->ols, c, clusters_of(d), p->level, &f->log_ratio, reterr));
    }
    return ERR_NONE;
}

/* ---- agents ---- */

/* x with chance q below it, of the gamma distribution with shape and rate; by bisection of its logarithm. */
static double gamma_quantile(double q, double shape, double rate)
{
    double lo = -700, hi = log(shape + 40 * sqrt(shape) + 40);
    for (int k = 0; k < 200; k++) {
        double mid = (lo + hi) / 2;
        if (stats_gamma_lower(shape, exp(mid)) < q)
            lo = mid;
        else
            hi = mid;
    }
    return exp(hi) / rate;
}

/* Spread of the true ratios: what the squares of observed less expected are beyond chance (method of moments). */
static double spread_of(const InsightProductivity *p)
{
    double square = 0, chance = 0, weight = 0;
    for (int32_t a = 0; a < p->n_agents; a++) {
        const InsightAgent *g = &p->agent[a];
        square += (g->observed - g->expected) * (g->observed - g->expected);
        chance += p->dispersion_within * g->expected;
        weight += g->expected * g->expected;
    }
    return sqrt(fmax(0, (square - chance) / weight));
}

static int best_first(const void *a, const void *b)
{
    const InsightAgent *x = a, *y = b;
    return x->ratio != y->ratio ? (x->ratio < y->ratio) - (x->ratio > y->ratio) : strcmp(x->name, y->name);
}

static void shrink(InsightProductivity *p)
{
    p->spread = spread_of(p);
    for (int32_t a = 0; a < p->n_agents; a++) {
        InsightAgent *g = &p->agent[a];
        if (p->spread < 1e-6) { /* chance explains all: everybody is average */
            g->ratio = g->low = g->high = 1;
            g->above = 0.5;
            continue;
        }
        double prior = 1 / (p->spread * p->spread);
        double shape = prior + g->observed / p->dispersion_within,
               rate = prior + g->expected / p->dispersion_within;
        g->ratio = shape / rate;
        g->low = gamma_quantile(0.5 - p->level / 2, shape, rate);
        g->high = gamma_quantile(0.5 + p->level / 2, shape, rate);
        g->above = 1 - stats_gamma_lower(shape, rate);
    }
    qsort(p->agent, (size_t)p->n_agents, sizeof *p->agent, best_first);
}

static ErrKind fill_agents(const InsightData *d, const int32_t *period, InsightProductivity *p, Err *reterr)
{
    CLEANUP(stats_counts_freep) StatsCounts *m = NULL;
    CLEANUP(design_done) Design g = make_design(d, p, period, true, false, false);
    TRY(stats_counts(g.x, d->y, g.offset, d->n, g.k, NULL, 0, &m, reterr));
    p->n_agents = d->unit.n;
    p->agent = mem_array((size_t)p->n_agents, sizeof *p->agent);
    for (int32_t a = 0; a < p->n_agents; a++)
        p->agent[a].name = d->unit.name[a];
    for (int64_t i = 0; i < d->n; i++) {
        InsightAgent *a = &p->agent[d->unit.id[i]];
        a->exposure += exposure_of(d, i);
        a->observed += d->y[i];
        a->expected += m->mu[i];
    }
    double chi2 = 0, left = (double)d->n - d->unit.n - g.k + 1; /* around each agent's own level */
    for (int64_t i = 0; i < d->n; i++) {
        const InsightAgent *a = &p->agent[d->unit.id[i]];
        double mu = m->mu[i] * a->observed / a->expected;
        chi2 += mu > 0 ? (d->y[i] - mu) * (d->y[i] - mu) / mu : 0;
    }
    p->dispersion_within = left > 0 && chi2 > 0 ? chi2 / left : fmax(m->dispersion, 1e-9);
    if (!(left > 0))
        warn(p, "a row an agent: what is chance and what is the agent cannot be told apart; the spread may "
                "be too large");
    shrink(p);
    return ERR_NONE;
}

/* ---- treatment ---- */

/* The rows of agents with some output. Arrays of the subset belong to *s. */
static void subset(const InsightData *d, InsightData *s, int32_t **ret_unit)
{
    CLEANUP(mem_freep) double *of = mem_array((size_t)d->unit.n, sizeof *of);
    CLEANUP(mem_freep) int32_t *renamed = mem_array((size_t)d->unit.n, sizeof *renamed);
    int64_t m = 0;
    for (int64_t i = 0; i < d->n; i++)
        of[d->unit.id[i]] += d->y[i];
    for (int64_t i = 0; i < d->n; i++)
        s->n += of[d->unit.id[i]] > 0;
    s->y = mem_array((size_t)MAX(s->n, 1), sizeof *s->y);
    s->t = mem_array((size_t)MAX(s->n, 1), sizeof *s->t);
    s->time = d->time ? mem_array((size_t)MAX(s->n, 1), sizeof *s->time) : NULL;
    s->exposure = d->exposure ? mem_array((size_t)MAX(s->n, 1), sizeof *s->exposure) : NULL;
    s->n_x = d->n_x;
    s->x = mem_array((size_t)MAX(s->n, 1) * (size_t)MAX(d->n_x, 1), sizeof *s->x);
    *ret_unit = mem_array((size_t)MAX(s->n, 1), sizeof **ret_unit);
    for (int64_t i = 0; i < d->n; i++) {
        int32_t unit = d->unit.id[i];
        if (!(of[unit] > 0))
            continue;
        if (renamed[unit] == 0)
            renamed[unit] = ++s->unit.n;
        (*ret_unit)[m] = renamed[unit] - 1;
        s->y[m] = d->y[i];
        s->t[m] = d->t[i];
        if (s->time)
            s->time[m] = d->time[i];
        if (s->exposure)
            s->exposure[m] = d->exposure[i];
        for (int c = 0; c < d->n_x; c++)
            s->x[m + (int64_t)c * s->n] = d->x[i + (int64_t)c * d->n];
        m++;
    }
}

static void subset_done(InsightData *s)
{
    mem_free(s->y);
    mem_free(s->t);
    mem_free(s->time);
    mem_free(s->exposure);
    mem_free(s->x);
}

static bool varies_within(const InsightData *d)
{
    CLEANUP(mem_freep) char *seen = mem_zalloc((size_t)d->unit.n + 1);
    for (int64_t i = 0; i < d->n; i++) {
        char *s = &seen[d->unit.id[i]];
        *s = (char)(*s | (d->t[i] > 0.5 ? 2 : 1));
        if (*s == 3)
            return true;
    }
    return false;
}

static void fill_additional(const InsightData *d, InsightProductivity *p)
{
    double treated = 0, n = 0;
    for (int64_t i = 0; i < d->n; i++) {
        treated += d->t[i] * d->y[i];
        n += d->t[i];
    }
    const StatsEstimate *e = &p->treatment_log_ratio;
    p->additional = treated / n * (1 - exp(-e->estimate));
    p->additional_low = treated / n * (1 - exp(-e->low));
    p->additional_high = treated / n * (1 - exp(-e->high));
}

static ErrKind fill_treatment(const InsightData *d, const int32_t *period, InsightProductivity *p,
                              Err *reterr)
{
    CLEANUP(stats_counts_freep) StatsCounts *m = NULL;
    CLEANUP(subset_done) InsightData s = {0};
    CLEANUP(mem_freep) int32_t *unit = NULL;
    p->has_treatment = true;
    p->treatment_log_ratio = UNKNOWN;
    p->additional = p->additional_low = p->additional_high = NAN;
    p->within = d->unit.id && varies_within(d);
    if (!p->within) {
        warn(p, "the treatment does not change within agents: its factor compares different agents");
        CLEANUP(design_done) Design g = make_design(d, p, period, true, true, true);
        CLEANUP(mem_freep) double *c = mem_array((size_t)g.k, sizeof *c);
        c[0] = 1;
        TRY(stats_counts(g.x, d->y, g.offset, d->n, g.k, NULL, 0, &m, reterr));
        if (!m->runs_away[0])
            TRY(stats_ols_of(m->ols, c, clusters_of(d), p->level, &p->treatment_log_ratio, reterr));
    } else {
        subset(d, &s, &unit);
        p->zero_rows = d->n - s.n;
        InsightProductivity inner = {.n_periods = 0};
        CLEANUP(mem_freep) int32_t *own = NULL;
        TRY(find_periods(&s, &inner, &own, reterr));
        mem_free(inner.period);
        CLEANUP(design_done) Design g = make_design(&s, &inner, own, false, false, true);
        CLEANUP(mem_freep) double *c = mem_array((size_t)g.k, sizeof *c);
        c[0] = 1;
        TRY(stats_counts(g.x, s.y, g.offset, s.n, g.k, unit, s.unit.n, &m, reterr));
        if (!m->ols->kept[0])
            return err_set(reterr, ERR_INVALID, "within agents the treatment cannot be told from the months");
        if (!m->runs_away[0])
            TRY(stats_ols_of(m->ols, c, (StatsClusters){unit, s.unit.n}, p->level, &p->treatment_log_ratio,
                             reterr));
    }
    fill_additional(d, p);
    return ERR_NONE;
}

/* ---- all ---- */

static ErrKind check(const InsightData *d, InsightProductivity *p, Err *reterr)
{
    double exposure = 0, observed = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (!(d->y[i] >= 0))
            return err_set(reterr, ERR_INVALID, "line %lld: an output of %g: it starts at 0",
                           (long long)insight_line(d, i), d->y[i]);
        if (!(exposure_of(d, i) > 0))
            return err_set(reterr, ERR_INVALID, "line %lld: an exposure of %g: it must be more than 0",
                           (long long)insight_line(d, i), exposure_of(d, i));
        exposure += exposure_of(d, i);
        observed += d->y[i];
    }
    if (!(observed > 0))
        return err_set(reterr, ERR_INVALID, "all %lld rows have an output of 0", (long long)d->n);
    p->mean = observed / exposure;
    if (d->stratum.id && d->stratum.n > INSIGHT_OFFICES_MAX)
        return err_set(reterr, ERR_INVALID, "%d offices are too many, at most %d", (int)d->stratum.n,
                       INSIGHT_OFFICES_MAX);
    return ERR_NONE;
}

static ErrKind fill(const InsightData *d, InsightProductivity *p, Err *reterr)
{
    CLEANUP(mem_freep) int32_t *period = NULL;
    TRY(check(d, p, reterr));
    TRY(find_periods(d, p, &period, reterr));
    p->n_offices = d->stratum.id ? d->stratum.n : 0;
    p->office = mem_array((size_t)MAX(p->n_offices, 1), sizeof *p->office);
    for (int k = 0; k < p->n_offices; k++)
        snprintf(p->office[k].name, sizeof p->office[k].name, "%.150s", d->stratum.name[k]);
    TRY(fill_levels(d, period, p, reterr));
    p->spread = p->dispersion_within = NAN;
    if (d->unit.id)
        TRY(fill_agents(d, period, p, reterr));
    if (d->t)
        TRY(fill_treatment(d, period, p, reterr));
    StatsClusters clusters = clusters_of(d);
    if (clusters.id && clusters.n < 20)
        warn(p, "%d agents (clusters) only: intervals are wide for a reason", (int)clusters.n);
    return buf_check(&p->warnings, reterr);
}

ErrKind insight_productivity(const InsightData *d, double level, InsightProductivity **ret, Err *reterr)
{
    *ret = NULL;
    CLEANUP(insight_productivity_freep) InsightProductivity *p = MEM_NEW(InsightProductivity);
    p->level = level;
    p->warnings = BUF(1u << 20);
    buf_add_str(&p->warnings, buf_str(&d->warnings));
    TRY(fill(d, p, reterr));
    *ret = p;
    p = NULL;
    return ERR_NONE;
}

void insight_productivity_free(InsightProductivity *p)
{
    if (!p)
        return;
    mem_free(p->period);
    mem_free(p->office);
    mem_free(p->covariate);
    mem_free(p->agent);
    buf_done(&p->warnings);
    mem_free(p);
}

/* ---- out ---- */

static void ratio_members(Jw *w, const StatsEstimate *e)
{
    jw_kv_f64(w, "ratio", exp(e->estimate));
    jw_kv_f64(w, "ci_low", exp(e->low));
    jw_kv_f64(w, "ci_high", exp(e->high));
    jw_kv_f64(w, "se_log", e->se);
    jw_kv_f64(w, "p", e->p);
}

static void factors_json(Jw *w, const char *key, const InsightFactor *f, int n)
{
    jw_key(w, key);
    jw_arr(w);
    for (int k = 0; k < n; k++) {
        jw_obj(w);
        jw_kv_cstr(w, "name", f[k].name);
        if (!isnan(f[k].exposure)) {
            jw_kv_f64(w, "exposure", f[k].exposure);
            jw_kv_f64(w, "observed", f[k].observed / f[k].exposure);
            jw_kv_f64(w, "adjusted", f[k].adjusted);
        }
        ratio_members(w, &f[k].log_ratio);
        jw_end(w);
    }
    jw_end(w);
}

void insight_productivity_json(Jw *w, const InsightProductivity *p)
{
    jw_kv_f64(w, "level", p->level);
    jw_kv_f64(w, "mean", p->mean);
    jw_kv_f64(w, "dispersion", p->dispersion);
    factors_json(w, "months", p->period, p->n_periods);
    factors_json(w, "offices", p->office, p->n_offices);
    factors_json(w, "covariates", p->covariate, p->n_covariates);
    jw_key(w, "treatment");
    if (!p->has_treatment) {
        jw_null(w);
    } else {
        jw_obj(w);
        ratio_members(w, &p->treatment_log_ratio);
        jw_kv_f64(w, "additional", p->additional);
        jw_kv_f64(w, "additional_low", p->additional_low);
        jw_kv_f64(w, "additional_high", p->additional_high);
        jw_kv_bool(w, "within_agents", p->within);
        jw_kv_i64(w, "rows_without_output_left_out", p->zero_rows);
        jw_end(w);
    }
    jw_kv_f64(w, "spread_of_agents", p->spread);
    jw_kv_f64(w, "dispersion_within_agents", p->dispersion_within);
    jw_key(w, "agents");
    jw_arr(w);
    for (int32_t a = 0; a < p->n_agents; a++) {
        const InsightAgent *g = &p->agent[a];
        jw_obj(w);
        jw_kv_cstr(w, "name", g->name);
        jw_kv_f64(w, "exposure", g->exposure);
        jw_kv_f64(w, "observed", g->observed);
        jw_kv_f64(w, "expected", g->expected);
        jw_kv_f64(w, "ratio", g->ratio);
        jw_kv_f64(w, "ci_low", g->low);
        jw_kv_f64(w, "ci_high", g->high);
        jw_kv_f64(w, "p_above_average", g->above);
        jw_end(w);
    }
    jw_end(w);
    jw_key(w, "warnings");
    jw_arr(w);
    Str rest = buf_str(&p->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(w, line);
    jw_end(w);
}

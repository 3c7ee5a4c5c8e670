/* insight_effect.c - the table of methods, what each needs, and the answer as JSON. See insight_effect.h. */
#include "insight/insight_effect.h"

#include "base/mem.h"
#include "insight/insight_doubt.h"
#include "insight/insight_estimate.h"
#include "insight/insight_refute.h"
#include "stats/stats_power.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

const InsightQuestion INSIGHT_QUESTION_DEFAULT = {.estimand = INSIGHT_ATE,
                                                  .level = 0.95,
                                                  .seed = 1,
                                                  .folds = 5,
                                                  .draws = 1000,
                                                  .neighbours = 1,
                                                  .work_dir = NULL};

const InsightMethod INSIGHT_METHODS[] = {
    {"rct", "Randomised experiment",
     "who is treated was drawn by chance (within strata, by cluster, if these are given)", 0, insight_rct},
    {"cuped", "Randomised experiment with earlier outcomes",
     "who is treated was drawn by chance, after the earlier outcomes were known", INSIGHT_NEEDS_PRE,
     insight_cuped},
    {"aipw", "Doubly robust",
     "whatever moves both treatment and outcome is among the covariates, and everybody could have been "
     "treated "
     "or not",
     INSIGHT_NEEDS_COVARIATES, insight_aipw},
    {"did", "Difference in differences",
     "without treatment the treated would have changed as the others did; one start for all treated",
     INSIGHT_NEEDS_TIME | INSIGHT_TAKES_WEIGHTS, insight_did},
    {"staggered-did", "Staggered difference in differences",
     "without treatment those who start would have changed as those did who had not started by then; the "
     "start is not anticipated",
     INSIGHT_NEEDS_TIME | INSIGHT_NEEDS_UNIT | INSIGHT_TAKES_WEIGHTS, insight_staggered},
    {"match", "Nearest neighbours",
     "whatever moves both treatment and outcome is among the covariates, and everybody has somebody like "
     "them in "
     "the other group",
     INSIGHT_NEEDS_COVARIATES, insight_match},
};
const int INSIGHT_N_METHODS = ARRAY_LEN(INSIGHT_METHODS);

const InsightMethod *insight_method(const char *name)
{
    for (int i = 0; i < INSIGHT_N_METHODS; i++)
        if (strcmp(INSIGHT_METHODS[i].name, name) == 0)
            return &INSIGHT_METHODS[i];
    return NULL;
}

static ErrKind check_needs(const InsightData *d, const InsightMethod *m, const InsightQuestion *q,
                           Err *reterr)
{
    if (m->needs & INSIGHT_NEEDS_COVARIATES && d->n_x == 0)
        return err_set(reterr, ERR_INVALID, "%s needs covariates that vary: what should be held equal?",
                       m->name);
    if (m->needs & INSIGHT_NEEDS_PRE && d->n_pre == 0)
        return err_set(reterr, ERR_INVALID, "%s needs an outcome of before the treatment", m->name);
    if (m->needs & INSIGHT_NEEDS_TIME && !d->time)
        return err_set(reterr, ERR_INVALID, "%s needs the time of each row", m->name);
    if (m->needs & INSIGHT_NEEDS_UNIT && !d->unit.id)
        return err_set(reterr, ERR_INVALID, "%s needs to know which rows are of the same unit", m->name);
    if (d->weight && !(m->needs & INSIGHT_TAKES_WEIGHTS))
        return err_set(reterr, ERR_INVALID, "%s does not take weights", m->name);
    if (!(q->level >= 0.5 && q->level <= 0.999))
        return err_set(reterr, ERR_INVALID, "the level of the interval is %g: from 0.5 to 0.999", q->level);
    return ERR_NONE;
}

/* Rows of one unit hang together as those of a cluster do. */
static void cluster_by_unit(InsightData *d, InsightAnswer *a)
{
    if (d->cluster.id || !d->unit.id || d->unit.n == d->n)
        return;
    d->cluster = d->unit;
    d->unit = (InsightIds){0};
    insight_answer_warn(a, "%lld rows of %d units: the errors of a unit's rows are taken to hang together",
                        (long long)d->n, (int)d->cluster.n);
}

/* A side that is one cluster alone: its own ups and downs cannot be told from the effect. */
static ErrKind check_clusters(const InsightData *d, const InsightMethod *m, Err *reterr)
{
    if (!d->cluster.id)
        return ERR_NONE;
    int32_t n[2];
    insight_cluster_sides(d, n);
    if (n[0] >= 2 && n[1] >= 2)
        return ERR_NONE;
    return err_set(reterr, ERR_INVALID,
                   "%s: %d clusters with treated rows and %d with controls: with one alone its own ups and "
                   "downs cannot be told from the effect; two of each at least",
                   m->name, (int)n[1], (int)n[0]);
}

StatsEstimate insight_naive(const double *y, const double *t, int64_t n, double level)
{
    double sum[2] = {0}, square[2] = {0}, m[2] = {0};
    for (int64_t i = 0; i < n; i++) {
        int g = t[i] > 0.5;
        sum[g] += y[i];
        m[g]++;
    }
    for (int64_t i = 0; i < n; i++) {
        int g = t[i] > 0.5;
        double off = y[i] - sum[g] / m[g];
        square[g] += off * off;
    }
    double v0 = square[0] / (m[0] - 1) / m[0], v1 = square[1] / (m[1] - 1) / m[1];
    double df = (v0 + v1) * (v0 + v1) / (v0 * v0 / (m[0] - 1) + v1 * v1 / (m[1] - 1));
    return stats_estimate(sum[1] / m[1] - sum[0] / m[0], sqrt(v0 + v1), df, level);
}

ErrKind insight_effect(InsightData *d, const InsightMethod *m, const InsightQuestion *q, InsightAnswer *ret,
                       Err *reterr)
{
    TRY(check_needs(d, m, q, reterr));
    TRY(insight_outcome_check(d, reterr));
    *ret = (InsightAnswer){.method = m->name,
                           .estimand = q->estimand,
                           .n_treated = insight_n_treated(d),
                           .pretrend_p = NAN,
                           .diagnostics = BUF(INSIGHT_DIAGNOSTICS_MAX),
                           .warnings = BUF(INSIGHT_DIAGNOSTICS_MAX)};
    ret->n_control = d->n - ret->n_treated;
    ret->naive = insight_naive(d->y, d->t, d->n, q->level);
    buf_add_str(&ret->warnings, buf_str(&d->warnings));
    insight_outcome_doubt(d, ret);
    if (!(m->needs & INSIGHT_NEEDS_TIME)) {
        cluster_by_unit(d, ret);
        TRY(check_clusters(d, m, reterr));
    }
    ret->w = jw(&ret->diagnostics);
    jw_obj(&ret->w);
    TRY(m->run(d, q, ret, reterr));
    if (q->refute)
        TRY(insight_refute(d, m, q, ret, reterr));
    jw_end(&ret->w);
    if (!isfinite(ret->effect.estimate) || !isfinite(ret->effect.se))
        return err_set(reterr, ERR_INVALID, "%s: these rows give no %s", m->name,
                       isfinite(ret->effect.estimate) ? "standard error" : "estimate");
    insight_chance_check(d, ret);
    TRY(buf_check(&ret->diagnostics, reterr));
    return buf_check(&ret->warnings, reterr);
}

void insight_answer_done(InsightAnswer *a)
{
    buf_done(&a->diagnostics);
    buf_done(&a->warnings);
    mem_free(a->event);
}

void insight_answer_warn(InsightAnswer *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&a->warnings, fmt, ap);
    va_end(ap);
    buf_add_char(&a->warnings, '\n');
}

void insight_always_valid(InsightAnswer *a, int64_t n, const InsightQuestion *q)
{
    double planned = q->planned > 0 ? (double)q->planned : 1.5 * (double)n;
    double reach = a->effect.se * stats_always_valid_reach((double)n, planned, q->level);
    jw_key(&a->w, "always_valid");
    jw_obj(&a->w);
    jw_kv_f64(&a->w, "ci_low", a->effect.estimate - reach);
    jw_kv_f64(&a->w, "ci_high", a->effect.estimate + reach);
    jw_kv_f64(&a->w, "planned", planned);
    jw_end(&a->w);
}

void insight_answer_json(Jw *w, InsightAnswer *a, double level)
{
    jw_obj(w);
    insight_estimate_members(w, &a->effect);
    jw_kv_i64(w, "n_treated", a->n_treated);
    jw_kv_i64(w, "n_control", a->n_control);
    jw_kv_cstr(w, "method", a->method);
    jw_kv_cstr(w, "estimand", a->estimand == INSIGHT_ATT ? "att" : "ate");
    jw_kv_f64(w, "level", level);
    jw_kv_f64(w, "df", a->effect.df); /* null: normal */
    insight_estimate_json(w, "naive", &a->naive);
    jw_kv_raw(w, "diagnostics", buf_str(&a->diagnostics));
    jw_key(w, "warnings");
    jw_arr(w);
    Str rest = buf_str(&a->warnings), line;
    while (rest.len > 0 && str_next(&rest, '\n', &line))
        if (line.len > 0)
            jw_str(w, line);
    jw_end(w);
    jw_end(w);
}

/* insight_refute.c - see insight_refute.h. */
#include "insight/insight_refute.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

#define KEPT 0.8      /* of the rows, for the subset */
#define FAILS_AT 0.01 /* chance of a placebo effect as large as that */

typedef enum Falsehood { TREATMENT, OUTCOME, NOISE, SUBSET, N_FALSEHOODS } Falsehood;

static const struct {
    const char *name, *what;
} FALSEHOODS[N_FALSEHOODS] = {
    {"placebo_treatment", "with the treatment drawn by chance"},
    {"dummy_outcome", "with the outcomes dealt out by chance"},
    {"random_common_cause", "with a covariate of noise"},
    {"subset", "with four fifths of the rows"},
};

static void shuffle(double *x, int64_t n, StatsRng *r)
{
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t k = stats_below(r, i + 1);
        double kept = x[i];
        x[i] = x[k];
        x[k] = kept;
    }
}

/* Ids without the gaps that rows left out leave. */
static InsightIds ids_of(const InsightIds *from, const int64_t *row, int64_t n)
{
    InsightIds to = {0};
    if (!from->id)
        return to;
    CLEANUP(mem_freep) int32_t *new_id = mem_array((size_t)from->n, sizeof *new_id);
    to.id = mem_array((size_t)n, sizeof *to.id);
    to.name = mem_array((size_t)from->n, sizeof *to.name);
    for (int64_t i = 0; i < n; i++) {
        int32_t old = from->id[row[i]];
        if (new_id[old] == 0) {
            to.name[to.n] = mem_strdup(from->name[old]);
            new_id[old] = ++to.n;
        }
        to.id[i] = new_id[old] - 1;
    }
    return to;
}

/* What methods of one row a unit read, of some rows, with room for one more column. */
static InsightData *copy_of(const InsightData *d, const int64_t *row, int64_t n)
{
    InsightData *c = MEM_NEW(InsightData);
    size_t columns = (size_t)d->n_x + 1, covariates = (size_t)d->n_covariates + 1;
    *c = (InsightData){
        .n = n, .n_x = d->n_x, .n_covariates = d->n_covariates, .warnings = BUF(d->warnings.max)};
    c->y = mem_array((size_t)n, sizeof *c->y);
    c->t = mem_array((size_t)n, sizeof *c->t);
    c->x = mem_array((size_t)n * columns, sizeof *c->x);
    c->x_name = mem_array(columns, sizeof *c->x_name);
    c->x_column = mem_array(columns, sizeof *c->x_column);
    c->covariate_name = mem_array(covariates, sizeof *c->covariate_name);
    c->treated_name = mem_strdup(d->treated_name);
    c->control_name = mem_strdup(d->control_name);
    for (int64_t i = 0; i < n; i++) {
        c->y[i] = d->y[row[i]];
        c->t[i] = d->t[row[i]];
        for (int k = 0; k < d->n_x; k++)
            c->x[i + k * n] = d->x[row[i] + k * d->n];
    }
    for (int k = 0; k < d->n_x; k++) {
        c->x_name[k] = mem_strdup(d->x_name[k]);
        c->x_column[k] = d->x_column[k];
    }
    for (int k = 0; k < d->n_covariates; k++)
        c->covariate_name[k] = mem_strdup(d->covariate_name[k]);
    c->cluster = ids_of(&d->cluster, row, n);
    return c;
}

/* Whole clusters are dealt out together, or nothing would hang together in the placebo. */
static void draw_treatment(InsightData *c, StatsRng *r)
{
    if (!c->cluster.id) {
        shuffle(c->t, c->n, r);
        return;
    }
    CLEANUP(mem_freep) double *t = mem_array((size_t)c->cluster.n, sizeof *t);
    for (int32_t g = 0; g < c->cluster.n; g++)
        t[g] = g % 2;
    shuffle(t, c->cluster.n, r);
    for (int64_t i = 0; i < c->n; i++)
        c->t[i] = t[c->cluster.id[i]];
}

static void add_noise(InsightData *c, StatsRng *r)
{
    for (int64_t i = 0; i < c->n; i++)
        c->x[i + c->n_x * c->n] = stats_normal(r);
    c->x_name[c->n_x] = mem_strdup("noise");
    c->covariate_name[c->n_covariates] = mem_strdup("noise");
    c->x_column[c->n_x++] = c->n_covariates++;
}

/* Rows, or whole clusters. */
static InsightData *subset_of(const InsightData *d, StatsRng *r)
{
    int64_t n_units = d->cluster.id ? d->cluster.n : d->n, n = 0;
    CLEANUP(mem_freep) bool *kept = mem_array((size_t)n_units, sizeof *kept);
    CLEANUP(mem_freep) int64_t *row = mem_array((size_t)d->n, sizeof *row);
    for (int64_t g = 0; g < n_units; g++)
        kept[g] = stats_uniform(r) < KEPT;
    for (int64_t i = 0; i < d->n; i++)
        if (kept[d->cluster.id ? d->cluster.id[i] : i])
            row[n++] = i;
    return copy_of(d, row, n);
}

static InsightData *falsify(const InsightData *d, Falsehood f, StatsRng *r)
{
    if (f == SUBSET)
        return subset_of(d, r);
    CLEANUP(mem_freep) int64_t *row = mem_array((size_t)d->n, sizeof *row);
    for (int64_t i = 0; i < d->n; i++)
        row[i] = i;
    InsightData *c = copy_of(d, row, d->n);
    if (f == TREATMENT)
        draw_treatment(c, r);
    else if (f == OUTCOME)
        shuffle(c->y, c->n, r);
    else
        add_noise(c, r);
    return c;
}

/* No effect where none can be; else the answer within two standard errors of what it was. */
static bool passes(Falsehood f, const StatsEstimate *now, const StatsEstimate *was)
{
    if (f == TREATMENT || f == OUTCOME)
        return now->p > FAILS_AT;
    return fabs(now->estimate - was->estimate) <= 2 * fmax(now->se, was->se);
}

static void report(InsightAnswer *a, Falsehood f, ErrKind kind, const StatsEstimate *now, const char *why)
{
    bool ok = kind == ERR_NONE && passes(f, now, &a->effect);
    jw_obj(&a->w);
    jw_kv_cstr(&a->w, "test", FALSEHOODS[f].name);
    if (kind == ERR_NONE) {
        jw_kv_f64(&a->w, "estimate", now->estimate);
        jw_kv_f64(&a->w, "se", now->se);
        jw_kv_f64(&a->w, "p", now->p);
    } else {
        jw_kv_cstr(&a->w, "refused", why);
    }
    jw_kv_bool(&a->w, "passed", ok);
    jw_end(&a->w);
    if (kind == ERR_NONE && !ok)
        insight_answer_warn(a, "refutation failed: %s the answer is %.4g (standard error %.3g)",
                            FALSEHOODS[f].what, now->estimate, now->se);
}

ErrKind insight_refute(const InsightData *d, const InsightMethod *m, const InsightQuestion *q,
                       InsightAnswer *a, Err *reterr)
{
    StatsRng r;
    InsightQuestion again = *q;
    if (!(m->needs & INSIGHT_NEEDS_COVARIATES))
        return err_set(reterr, ERR_INVALID, "%s cannot be refuted: only methods that hold covariates equal",
                       m->name);
    again.refute = false;
    stats_seed(&r, q->seed);
    jw_key(&a->w, "refutation");
    jw_arr(&a->w);
    for (Falsehood f = 0; f < N_FALSEHOODS; f++) {
        CLEANUP(insight_data_freep) InsightData *c = falsify(d, f, &r);
        CLEANUP(insight_answer_done) InsightAnswer answer = {0};
        Err err = {0};
        ErrKind kind = insight_effect(c, m, &again, &answer, &err);
        if (kind != ERR_NONE && kind != ERR_INVALID) {
            if (reterr)
                *reterr = err;
            return kind;
        }
        report(a, f, kind, &answer.effect, err.msg);
    }
    jw_end(&a->w);
    return ERR_NONE;
}

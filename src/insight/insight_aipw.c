/* insight_aipw.c - the doubly robust effect: what models expect, corrected by the weighted residuals of those who were seen.
 *
 *     fold --insight_nuisance--> e, mu0, mu1 --> influence of each row --> estimate, standard error
 *
 * ATE: mean of mu1 - mu0 + t (y - mu1) / e - (1 - t) (y - mu0) / (1 - e) (Robins, Rotnitzky, Zhao 1994); ATT: mean over the
 * treated of y - mu0, less the residuals of controls weighted by e / (1 - e). Weights are normalised to mean 1 in each arm
 * (Robins, Sued, Lei-Gomez, Rotnitzky 2007), so that single rows with a small chance move less, and tilted so that the
 * covariates' means are those of the population asked about (stats/stats_tilt.h). Right when either the chance
 * of treatment or the outcomes are modelled well. Chances are clipped at 5 / (sqrt(n) log n) (Gruber, Phillips, Lee, van der
 * Laan 2022). Small data are split several times: median of the estimates, and of the variances plus what the splits differ
 * (Chernozhukov et al. 2018, 3.4). */
#include "base/mem.h"
#include "insight/insight_balance.h"
#include "insight/insight_effect.h"
#include "insight/insight_folds.h"
#include "insight/insight_nuisance.h"
#include "insight/insight_sensitivity.h"
#include "stats/stats.h"
#include "stats/stats_tilt.h"

#include <math.h>

#define ARM_MIN 10 /* rows */
#define ARM_POOR 40
#define CLUSTERS_FEW 20
#define SPLITS 3 /* of fewer rows than: */
#define SPLITS_ROWS 2000
#define CLIP_MOST 0.1
#define AUC_HOPELESS 0.995
#define EFFECTIVE_MIN 10
#define TILT_PENALTY 0.1 /* times columns for each row of the arm: with many, means are met less closely */
#define OUTSIDE 0.05
#define OUTSIDE_MOST 0.8 /* share of the rows */

typedef struct Split {
    double estimate, variance;
    double outcome_only, weighting_only;
} Split;

typedef struct Aipw {
    const InsightData *d;
    const InsightQuestion *q;
    double clip;
    double *e;      /* double[n], clipped */
    double *weight; /* double[n]: of a row among its arm */
    double *psi;    /* double[n]: influence, mean 0 */
    int64_t n_clipped;
    InsightNuisance *u; /* of the last split */
} Aipw;

static void aipw_done(Aipw *p)
{
    mem_free(p->e);
    mem_free(p->weight);
    mem_free(p->psi);
    insight_nuisance_free(p->u);
}

/* Weights that make each arm like the population that is asked about, mean 1 over all rows of the data (ATE) or over the
 * treated (ATT). */
static void weigh(Aipw *p)
{
    const InsightData *d = p->d;
    double sum[2] = {0}, among = p->q->estimand == INSIGHT_ATT ? (double)insight_n_treated(d) : (double)d->n;
    p->n_clipped = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double e = p->u->treated.p[i];
        p->e[i] = fmin(fmax(e, p->clip), 1 - p->clip);
        p->n_clipped += p->e[i] != e;
        bool t = d->t[i] > 0.5;
        if (p->q->estimand == INSIGHT_ATT)
            p->weight[i] = t ? 1 : p->e[i] / (1 - p->e[i]);
        else
            p->weight[i] = t ? 1 / p->e[i] : 1 / (1 - p->e[i]);
        sum[t] += p->weight[i];
    }
    for (int64_t i = 0; i < d->n; i++)
        p->weight[i] *= among / sum[d->t[i] > 0.5];
}

/* Mean over the population that is asked about, and standard deviation over all rows. */
static void moments(const Aipw *p, int column, double *mean, double *sd)
{
    const InsightData *d = p->d;
    const double *x = d->x + (size_t)d->n * (size_t)column;
    double sum = 0, rows = 0, all = stats_mean(x, d->n), square = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double w = p->q->estimand == INSIGHT_ATT ? d->t[i] : 1;
        sum += w * x[i];
        rows += w;
        square += (x[i] - all) * (x[i] - all);
    }
    *mean = sum / rows;
    *sd = sqrt(square / (double)d->n);
}

/* The arm's weights are tilted until its covariates have the means of the population that is asked about: penalised models
 * leave a little of what they should take out, and this takes most of it. */
static ErrKind tilt(Aipw *p, int arm, Err *reterr)
{
    const InsightData *d = p->d;
    double rows = 0;
    CLEANUP(mem_freep) double *mean = mem_array((size_t)d->n_x, sizeof *mean);
    CLEANUP(mem_freep) double *sd = mem_array((size_t)d->n_x, sizeof *sd);
    CLEANUP(mem_freep) double *weight = mem_array((size_t)d->n, sizeof *weight);
    for (int c = 0; c < d->n_x; c++)
        moments(p, c, &mean[c], &sd[c]);
    for (int64_t i = 0; i < d->n; i++)
        if ((d->t[i] > 0.5) == arm) {
            weight[i] = p->weight[i];
            rows++;
        }
    TRY(stats_tilt(d->x, d->n, d->n_x, mean, sd, TILT_PENALTY * d->n_x / rows, weight, reterr));
    for (int64_t i = 0; i < d->n; i++)
        if ((d->t[i] > 0.5) == arm)
            p->weight[i] = weight[i];
    return ERR_NONE;
}

/* Weighted mean of the arm's residuals y - mu, over `among`. */
static double correction(const Aipw *p, int arm, double among)
{
    double sum = 0;
    for (int64_t i = 0; i < p->d->n; i++)
        if ((p->d->t[i] > 0.5) == arm)
            sum += p->weight[i] * (p->d->y[i] - p->u->outcome[arm].p[i]);
    return sum / among;
}

static double weighted_mean(const Aipw *p, int arm, double among)
{
    double sum = 0;
    for (int64_t i = 0; i < p->d->n; i++)
        if ((p->d->t[i] > 0.5) == arm)
            sum += p->weight[i] * p->d->y[i];
    return sum / among;
}

static void estimate_ate(Aipw *p, Split *s)
{
    const InsightData *d = p->d;
    const double *mu0 = p->u->outcome[0].p, *mu1 = p->u->outcome[1].p;
    double n = (double)d->n, right0 = correction(p, 0, n), right1 = correction(p, 1, n), sum = 0;
    for (int64_t i = 0; i < d->n; i++)
        sum += mu1[i] - mu0[i];
    s->outcome_only = sum / n;
    s->estimate = s->outcome_only + right1 - right0;
    for (int64_t i = 0; i < d->n; i++) {
        bool t = d->t[i] > 0.5;
        double off = d->y[i] - (t ? mu1[i] + right1 : mu0[i] + right0);
        p->psi[i] = mu1[i] - mu0[i] - s->outcome_only +
                    (t ? 1 : -1) * p->weight[i] * off * insight_left_out(p->weight[i], n);
    }
}

static void estimate_att(Aipw *p, Split *s)
{
    const InsightData *d = p->d;
    const double *mu0 = p->u->outcome[0].p;
    double n1 = (double)insight_n_treated(d), right0 = correction(p, 0, n1), sum = 0;
    for (int64_t i = 0; i < d->n; i++)
        if (d->t[i] > 0.5)
            sum += d->y[i] - mu0[i];
    s->outcome_only = sum / n1;
    s->estimate = s->outcome_only - right0;
    for (int64_t i = 0; i < d->n; i++) {
        double off = d->y[i] - mu0[i];
        double part = d->t[i] > 0.5 ? off - s->outcome_only : -p->weight[i] * (off - right0);
        p->psi[i] = (double)d->n / n1 * part * insight_left_out(p->weight[i], n1);
    }
}

static double variance(const Aipw *p)
{
    const InsightData *d = p->d;
    double n = (double)d->n, sum = 0;
    if (!d->cluster.id) {
        for (int64_t i = 0; i < d->n; i++)
            sum += p->psi[i] * p->psi[i];
        return sum / n / (n - 1);
    }
    CLEANUP(mem_freep) double *of = mem_array((size_t)d->cluster.n, sizeof *of);
    for (int64_t i = 0; i < d->n; i++)
        of[d->cluster.id[i]] += p->psi[i];
    for (int32_t g = 0; g < d->cluster.n; g++)
        sum += of[g] * of[g];
    double clusters = d->cluster.n;
    return sum / n / n * clusters / (clusters - 1);
}

static ErrKind split(Aipw *p, uint64_t seed, Split *s, Err *reterr)
{
    const InsightData *d = p->d;
    int folds;
    CLEANUP(mem_freep) int32_t *fold = mem_array((size_t)d->n, sizeof *fold);
    TRY(insight_folds(d, p->q->folds, seed, fold, &folds, reterr));
    insight_nuisance_free(p->u);
    p->u = NULL;
    TRY(insight_nuisance(d, fold, folds, NULL, p->q, seed, &p->u, reterr));
    weigh(p);
    TRY(tilt(p, 0, reterr));
    if (p->q->estimand == INSIGHT_ATE)
        TRY(tilt(p, 1, reterr));
    double among = p->q->estimand == INSIGHT_ATT ? (double)insight_n_treated(d) : (double)d->n;
    s->weighting_only = weighted_mean(p, 1, among) - weighted_mean(p, 0, among);
    if (p->q->estimand == INSIGHT_ATT)
        estimate_att(p, s);
    else
        estimate_ate(p, s);
    s->variance = variance(p);
    return ERR_NONE;
}

static double median(const double *x, int n)
{
    double copy[SPLITS];
    for (int i = 0; i < n; i++)
        copy[i] = x[i];
    return stats_quantile(copy, n, 0.5);
}

/* ---- what stands behind it ---- */

static ErrKind overlap(const Aipw *p, InsightAnswer *a, Err *reterr)
{
    const InsightData *d = p->d;
    double low[2] = {1, 1}, high[2] = {0, 0}, auc = stats_auc(p->u->treated.p, d->t, d->n);
    int64_t outside = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double e = p->u->treated.p[i];
        int g = d->t[i] > 0.5;
        low[g] = fmin(low[g], e);
        high[g] = fmax(high[g], e);
        outside += e > 1 - OUTSIDE || (e < OUTSIDE && p->q->estimand == INSIGHT_ATE);
    }
    double rows[2] = {insight_effective_rows(d, p->weight, 0), insight_effective_rows(d, p->weight, 1)};
    jw_key(&a->w, "overlap");
    jw_obj(&a->w);
    jw_kv_f64(&a->w, "auc", auc);
    jw_kv_f64(&a->w, "lowest_chance_treated", low[1]);
    jw_kv_f64(&a->w, "highest_chance_treated", high[1]);
    jw_kv_f64(&a->w, "lowest_chance_control", low[0]);
    jw_kv_f64(&a->w, "highest_chance_control", high[0]);
    jw_kv_f64(&a->w, "share_outside", (double)outside / (double)d->n);
    jw_kv_f64(&a->w, "clipped_at", p->clip);
    jw_kv_i64(&a->w, "clipped", p->n_clipped);
    jw_kv_f64(&a->w, "effective_treated", rows[1]);
    jw_kv_f64(&a->w, "effective_control", rows[0]);
    jw_end(&a->w);
    if (auc >= AUC_HOPELESS || rows[0] < EFFECTIVE_MIN || rows[1] < EFFECTIVE_MIN)
        return err_set(
            reterr, ERR_INVALID,
            "no overlap: the covariates tell treated from controls almost without exception (area "
            "under the curve %.3f, effectively %.0f treated and %.0f controls left to compare); these "
            "rows cannot tell the effect",
            auc, rows[1], rows[0]);
    if ((double)outside > OUTSIDE_MOST * (double)d->n)
        return err_set(
            reterr, ERR_INVALID,
            "no overlap: %.0f %% of the rows have a chance of treatment below %g or above %g, so that their "
            "effect cannot be told%s",
            100 * (double)outside / (double)d->n, OUTSIDE, 1 - OUTSIDE,
            p->q->estimand == INSIGHT_ATE ? "; the effect on the treated (ATT) may be" : "");
    if (fmin(rows[0], rows[1]) < INSIGHT_EFFECTIVE_POOR)
        insight_answer_warn(a,
                            "the weights leave effectively %.0f %s to compare with: the interval may be "
                            "somewhat too narrow",
                            fmin(rows[0], rows[1]), rows[0] < rows[1] ? "controls" : "treated");
    if ((double)outside > 0.1 * (double)d->n)
        insight_answer_warn(
            a,
            "poor overlap: %.0f %% of the rows have a chance of treatment below %g or above %g; "
            "for them the answer rests on the outcome models",
            100 * (double)outside / (double)d->n, OUTSIDE, 1 - OUTSIDE);
    return ERR_NONE;
}

static ErrKind check_sizes(const InsightData *d, InsightAnswer *a, Err *reterr)
{
    int64_t smaller = MIN(a->n_treated, a->n_control);
    if (smaller < ARM_MIN)
        return err_set(reterr, ERR_INVALID,
                       "aipw: %lld treated and %lld controls: at least %d of each are needed to model what "
                       "would have been",
                       (long long)a->n_treated, (long long)a->n_control, ARM_MIN);
    if (smaller < ARM_POOR)
        insight_answer_warn(a, "only %lld rows are %s: the interval rests on few", (long long)smaller,
                            a->n_treated < a->n_control ? "treated" : "controls");
    if (d->n_x > smaller)
        insight_answer_warn(
            a,
            "%d columns to hold equal and %lld rows in the smaller group: most are held in by "
            "a penalty",
            d->n_x, (long long)smaller);
    if (d->cluster.id && d->cluster.n < CLUSTERS_FEW)
        insight_answer_warn(a, "%d clusters only: the interval may be too narrow", (int)d->cluster.n);
    return ERR_NONE;
}

static void splits_json(Jw *w, const Split *s, int n, const InsightQuestion *q)
{
    double outcome[SPLITS], weighting[SPLITS];
    jw_kv_i64(w, "folds", q->folds);
    jw_key(w, "splits");
    jw_arr(w);
    for (int k = 0; k < n; k++) {
        jw_obj(w);
        jw_kv_f64(w, "estimate", s[k].estimate);
        jw_kv_f64(w, "se", sqrt(s[k].variance));
        jw_end(w);
        outcome[k] = s[k].outcome_only;
        weighting[k] = s[k].weighting_only;
    }
    jw_end(w);
    jw_kv_f64(w, "outcome_models_only", median(outcome, n));
    jw_kv_f64(w, "weighting_only", median(weighting, n));
}

/* Of the arm that has fewer: so many rows the variance is known from. */
static double effective_rows(const Aipw *p)
{
    return fmin(insight_effective_rows(p->d, p->weight, 0), insight_effective_rows(p->d, p->weight, 1));
}

static ErrKind run(Aipw *p, InsightAnswer *a, Err *reterr)
{
    const InsightData *d = p->d;
    Split s[SPLITS];
    double estimate[SPLITS], spread[SPLITS];
    int n = d->n < SPLITS_ROWS ? SPLITS : 1;
    for (int k = 0; k < n; k++) {
        TRY(split(p, p->q->seed * SPLITS + (uint64_t)k, &s[k], reterr));
        estimate[k] = s[k].estimate;
    }
    double middle = median(estimate, n);
    for (int k = 0; k < n; k++)
        spread[k] = s[k].variance + (s[k].estimate - middle) * (s[k].estimate - middle);
    double df = d->cluster.id ? d->cluster.n - 1 : effective_rows(p) - 1;
    a->effect = stats_estimate(middle, sqrt(median(spread, n)), df, p->q->level);
    splits_json(&a->w, s, n, p->q);
    TRY(overlap(p, a, reterr));
    insight_nuisance_json(&a->w, p->u);
    insight_balance(a, d, p->weight);
    return insight_sensitivity(a, d, p->q, reterr);
}

ErrKind insight_aipw(InsightData *d, const InsightQuestion *q, InsightAnswer *a, Err *reterr)
{
    double n = (double)d->n;
    TRY(check_sizes(d, a, reterr));
    TRY(insight_suspects(a, d, reterr));
    CLEANUP(aipw_done) Aipw p = {.d = d, .q = q, .clip = fmin(5 / (sqrt(n) * log(n)), CLIP_MOST)};
    p.e = mem_array((size_t)d->n, sizeof *p.e);
    p.weight = mem_array((size_t)d->n, sizeof *p.weight);
    p.psi = mem_array((size_t)d->n, sizeof *p.psi);
    return run(&p, a, reterr);
}

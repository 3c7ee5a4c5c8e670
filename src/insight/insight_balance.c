/* insight_balance.c - see insight_balance.h. */
#include "insight/insight_balance.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

#define LISTED_MAX 100
#define BALANCED 0.1
#define SEPARATES (1 - 1e-9)
#define ALL_BUT_THE_OUTCOME 0.99 /* R^2 of one column alone */
#define CATEGORY_ROWS 10         /* of one arm only, before it is worth a word */

typedef struct Difference {
    int column;
    double before, after, treated, control;
} Difference;

static void moments(const InsightData *d, const double *x, const double *weight, int arm, double *mean,
                    double *variance)
{
    double sum = 0, all = 0, square = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double w = (d->t[i] > 0.5) == arm ? weight ? weight[i] : 1 : 0;
        sum += w * x[i];
        all += w;
    }
    *mean = all > 0 ? sum / all : NAN;
    for (int64_t i = 0; i < d->n; i++) {
        double w = (d->t[i] > 0.5) == arm ? weight ? weight[i] : 1 : 0;
        square += w * (x[i] - *mean) * (x[i] - *mean);
    }
    *variance = all > 0 ? square / all : NAN;
}

static Difference difference(const InsightData *d, int c, const double *weight)
{
    const double *x = d->x + (size_t)d->n * (size_t)c;
    double m0, m1, v0, v1, after0, after1, unused;
    moments(d, x, NULL, 0, &m0, &v0);
    moments(d, x, NULL, 1, &m1, &v1);
    moments(d, x, weight, 0, &after0, &unused);
    moments(d, x, weight, 1, &after1, &unused);
    double sd = sqrt((v0 + v1) / 2);
    sd = sd > 0 ? sd : 1;
    return (Difference){c, (m1 - m0) / sd, (after1 - after0) / sd, after1, after0};
}

static int by_after(const void *a, const void *b)
{
    const Difference *x = a, *y = b;
    double p = fabs(x->after), q = fabs(y->after);
    return p != q ? (p < q) - (p > q) : x->column - y->column;
}

void insight_balance(InsightAnswer *a, const InsightData *d, const double *weight)
{
    CLEANUP(mem_freep) Difference *all = mem_array((size_t)MAX(d->n_x, 1), sizeof *all);
    double before = 0, after = 0;
    for (int c = 0; c < d->n_x; c++) {
        all[c] = difference(d, c, weight);
        before = fmax(before, fabs(all[c].before));
        after = fmax(after, fabs(all[c].after));
    }
    qsort(all, (size_t)d->n_x, sizeof *all, by_after);
    jw_kv_f64(&a->w, "max_difference_before", before);
    jw_kv_f64(&a->w, "max_difference_after", after);
    jw_key(&a->w, "balance");
    jw_arr(&a->w);
    for (int c = 0; c < MIN(d->n_x, LISTED_MAX); c++) {
        jw_obj(&a->w);
        jw_kv_cstr(&a->w, "column", d->x_name[all[c].column]);
        jw_kv_f64(&a->w, "before", all[c].before);
        jw_kv_f64(&a->w, "after", all[c].after);
        jw_kv_f64(&a->w, "mean_treated", all[c].treated);
        jw_kv_f64(&a->w, "mean_control", all[c].control);
        jw_end(&a->w);
    }
    jw_end(&a->w);
    if (after > BALANCED)
        insight_answer_warn(a,
                            "%s still differs by %.2f standard deviations between treated and controls "
                            "after they were made alike (0.1 is the usual limit)",
                            d->x_name[all[0].column], all[0].after);
}

double insight_effective_rows(const InsightData *d, const double *weight, int arm)
{
    double sum = 0, square = 0;
    for (int64_t i = 0; i < d->n; i++)
        if ((d->t[i] > 0.5) == arm) {
            sum += weight[i];
            square += weight[i] * weight[i];
        }
    return square > 0 ? sum * sum / square : 0;
}

/* ---- columns that tell too much ---- */

static double r2_with(const double *x, const double *y, int64_t n)
{
    double mx = stats_mean(x, n), my = stats_mean(y, n), xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / xx * (xy / yy) : 0;
}

/* A flag whose rows are of one arm only. */
static void one_sided(InsightAnswer *a, const InsightData *d, int c)
{
    const double *x = d->x + (size_t)d->n * (size_t)c;
    int64_t rows[2][2] = {{0}};
    for (int64_t i = 0; i < d->n; i++) {
        if (x[i] != 0 && x[i] != 1)
            return;
        rows[x[i] > 0.5][d->t[i] > 0.5]++;
    }
    for (int v = 0; v < 2; v++)
        for (int g = 0; g < 2; g++)
            if (rows[v][g] >= CATEGORY_ROWS && rows[v][!g] == 0)
                insight_answer_warn(
                    a, "all %lld rows with %s %s 1 are %s: for them there is nobody to compare with",
                    (long long)rows[v][g], d->x_name[c], v ? "=" : "other than", g ? "treated" : "controls");
}

ErrKind insight_suspects(InsightAnswer *a, const InsightData *d, Err *reterr)
{
    for (int c = 0; c < d->n_x; c++) {
        const double *x = d->x + (size_t)d->n * (size_t)c;
        double auc = stats_auc(x, d->t, d->n), r2 = r2_with(x, d->y, d->n);
        if (fmax(auc, 1 - auc) >= SEPARATES)
            return err_set(
                reterr, ERR_INVALID,
                "%s tells the treated from the controls without exception: nobody is comparable with "
                "respect to it. Is it measured after the treatment, or another name of it? If so, leave "
                "it out",
                d->x_name[c]);
        if (r2 >= SEPARATES)
            return err_set(
                reterr, ERR_INVALID,
                "%s is the outcome itself, or a multiple of it: is it measured after the treatment? "
                "Leave it out",
                d->x_name[c]);
        if (r2 >= ALL_BUT_THE_OUTCOME)
            insight_answer_warn(
                a,
                "%s alone explains %.1f %% of the outcome: is it measured after the treatment? If "
                "so, leave it out",
                d->x_name[c], 100 * r2);
        one_sided(a, d, c);
    }
    return ERR_NONE;
}

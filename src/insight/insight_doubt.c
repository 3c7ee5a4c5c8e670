/* insight_doubt.c - see insight_doubt.h. */
#include "insight/insight_doubt.h"

#include <math.h>

#define ROWS_FOR_DOUBT 20 /* of fewer, one may well be half of all variation */
#define MOST 0.5          /* of the variation in one row */

double insight_spread(const double *y, int64_t n)
{
    double mean = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        mean += y[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        square += (y[i] - mean) * (y[i] - mean) / (double)n;
    return sqrt(square);
}

ErrKind insight_outcome_check(const InsightData *d, Err *reterr)
{
    for (int64_t i = 1; i < d->n; i++)
        if (d->y[i] != d->y[0])
            return ERR_NONE;
    return err_set(reterr, ERR_INVALID, "the outcome is %g in every row: there is no effect on it to find",
                   d->n > 0 ? d->y[0] : NAN);
}

void insight_outcome_doubt(const InsightData *d, InsightAnswer *a)
{
    double mean[2] = {0}, n[2] = {0}, all = 0, most = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < d->n; i++)
        n[d->t[i] > 0.5]++;
    for (int64_t i = 0; i < d->n; i++)
        mean[d->t[i] > 0.5] += d->y[i] / n[d->t[i] > 0.5];
    for (int64_t i = 0; i < d->n; i++) {
        double off = d->y[i] - mean[d->t[i] > 0.5], square = off * off;
        all += square;
        if (square > most) {
            most = square;
            at = i;
        }
    }
    if (d->n >= ROWS_FOR_DOUBT && isfinite(all) && most > MOST * all)
        insight_answer_warn(
            a,
            "the outcome at line %lld is %g: this row alone makes up %.0f %% of all variation; "
            "is it right?",
            (long long)insight_line(d, at), d->y[at], 100 * most / all);
}

void insight_chance_check(const InsightData *d, InsightAnswer *a)
{
    double rounding = INSIGHT_ROUNDING * insight_spread(d->y, d->n);
    StatsEstimate *e = &a->effect;
    if (!(e->se <= rounding))
        return;
    double estimate = fabs(e->estimate) <= rounding ? 0 : e->estimate;
    *e = (StatsEstimate){
        .estimate = estimate, .se = 0, .df = e->df, .low = estimate, .high = estimate, .p = NAN};
    insight_answer_warn(a,
                        "these rows leave nothing to chance (is a column the outcome itself, or the outcome "
                        "another name of the treatment?): the interval has no width for want of variation, "
                        "not for certainty");
}

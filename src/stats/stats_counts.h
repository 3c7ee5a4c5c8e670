/* stats_counts.h - counts and amounts by regression on the log scale, with an effect for each unit swept out.
 *
 *     log E[y] = offset + x b + effect of the unit --stats_counts--> StatsCounts: b, fitted means; errors: stats_ols_of(ols)
 *
 * Poisson pseudo-likelihood (Gourieroux, Monfort, Trognon 1984): right for any outcome from 0 on whose mean is modelled well,
 * not only for counts; errors come from the residuals (HC2, CR2 by cluster), not from the Poisson variance. Iterated weighted
 * least squares; one factor may be swept out by weighted demeaning (Guimaraes 2016; Correia, Guimaraes, Zylkin 2020).
 * Shapes:   x double[n][k] column-major; offset double[n], such as log of the exposure, or NULL; unit int32[n] in
 *           0 .. n_units - 1, or NULL (then x has a constant). Owner: stats_counts_free. Threads: pure. Cost: O(n k^2) a step.
 * Errors:   INVALID a negative outcome, all 0, a unit whose outcomes are all 0 (it says nothing: leave it out), no maximum. */
#ifndef EHUB_STATS_STATS_COUNTS_H
#define EHUB_STATS_STATS_COUNTS_H

#include "stats/stats_ols.h"

typedef struct StatsCounts {
    StatsOls *ols;   /* the last step: its coefficients are b */
    double *mu;      /* double[n] */
    bool *runs_away; /* bool[k]: no finite maximum (all outcomes 0 where x is not) */
    double deviance;
    double dispersion; /* Pearson's chi-square over what is left of degrees of freedom; 1: Poisson */
    int iterations;
} StatsCounts;

ErrKind MUST_USE stats_counts(const double *x, const double *y, const double *offset, int64_t n, int k,
                              const int32_t *unit, int32_t n_units, StatsCounts **ret, Err *reterr);
void stats_counts_free(StatsCounts *p);
DEFINE_FREEP(StatsCounts, stats_counts_free)

#endif

/* stats_shift.h - did a distribution move between two samples?
 *
 * Threads: pure. Sources stand at each function. */
#ifndef EHUB_STATS_STATS_SHIFT_H
#define EHUB_STATS_STATS_SHIFT_H

#include "stats/stats.h"

/* Population stability index: sum of (b - a) ln(b / a) over the shares of the bins (Lewis 1994; Siddiqi 2006). By its
 * users' convention below 0.1 nothing happened, above 0.25 much did. A bin that is empty on one side counts there as half
 * a row, one that is empty on both does not count. before, after: rows of each bin. NaN when a side has no rows. */
double stats_psi(const int64_t *before, const int64_t *after, int n_bins);
/* What chance alone exceeds once in twenty when nothing moved: (1/n + 1/m) times the 95 % point of chi-square with
 * (bins that are not empty on both sides) - 1 degrees of freedom (Yurdakul 2018). */
double stats_psi_chance(const int64_t *before, const int64_t *after, int n_bins);

/* Point of the chi-square distribution below which q of it lies; Wilson, Hilferty 1931, within 1 % for q = 0.95. */
double stats_chi2_quantile(double q, int degrees);
double stats_normal_quantile(double q); /* bisection of erfc; q in (0, 1) */

/* Largest distance of two empirical distributions (Smirnov 1939); a and b sorted, n and m values, without NaN. NaN when
 * one is empty. */
double stats_ks(const double *a, int64_t n, const double *b, int64_t m);
/* How likely a distance at least as large is when both are samples of one continuous distribution: the limit
 * distribution with Stephens' correction (1970). With ties it is an upper bound. */
double stats_ks_p(double distance, int64_t n, int64_t m);

#endif

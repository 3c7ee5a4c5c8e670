/* stats_dist.h - the distributions that intervals and tests are read from.
 *
 * Accuracy: relative 1e-12 in the bulk, 1e-9 in the tails down to 1e-300. Threads: pure; nothing allocates.
 * Sources:  incomplete gamma and beta functions by series and continued fraction (Abramowitz, Stegun 1964: 6.5, 26.5), the
 *           fraction evaluated by Lentz's method as modified by Thompson and Barnett (1986). */
#ifndef EHUB_STATS_STATS_DIST_H
#define EHUB_STATS_STATS_DIST_H

#include "base/base.h"

double stats_normal_cdf(double z);
double stats_normal_density(double z);
/* Student's t with df > 0 degrees of freedom, not necessarily whole; INFINITY is the normal distribution. */
double stats_t_cdf(double t, double df);
double stats_t_two_sided(double t, double df); /* chance of a value at least as far from 0 */
double stats_t_quantile(double q, double df);  /* q in (0, 1) */
double stats_chi2_upper(double x, double df);  /* chance of more than x */
double stats_f_upper(double f, double df1, double df2);
/* Regularised incomplete functions: P(a, x) and I_x(a, b). */
double stats_gamma_lower(double a, double x);
double stats_beta_lower(double a, double b, double x);

#endif

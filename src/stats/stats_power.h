/* stats_power.h - how many, how large, how likely: planning a comparison of two groups.
 *
 *     two of {rows, effect, power} --stats_power_*--> the third
 *
 * The estimate is a difference of means with variance sd^2 (1 - r2) / (n share (1 - share)) times the design effect
 * 1 + (cluster_size - 1) icc (Kish 1965); of an outcome that is 0 or 1 each group has the variance of its own share. Its t has the
 * degrees of freedom of rows, or of clusters where there are any. Two-sided test; power by the non-central t distribution's normal approximation (Johnson, Welch 1940), right to 0.005 from 10
 * degrees on.
 * Threads: pure. */
#ifndef EHUB_STATS_STATS_POWER_H
#define EHUB_STATS_STATS_POWER_H

#include "base/base.h"

typedef struct StatsDesign {
    double sd;           /* of the outcome within a group */
    double rate;         /* of an outcome that is 0 or 1: its share of ones without treatment; 0: by sd */
    double share;        /* of the rows that are treated, 0 .. 1 */
    double level;        /* 0.95 */
    double r2;           /* share of the variance that covariates or earlier outcomes explain, 0 .. 1 */
    double cluster_size; /* rows of a cluster; 1: no clusters */
    double icc;          /* correlation of two rows of one cluster */
} StatsDesign;

double stats_power(const StatsDesign *d, double n, double effect); /* 0 .. 1 */
double stats_power_rows(const StatsDesign *d, double effect,
                        double power); /* smallest n; INFINITY beyond 1e12 */
double stats_power_effect(
    const StatsDesign *d, double n,
    double power); /* smallest effect above 0; NAN for n < 4; INFINITY where no share has one */

/* The standard error as a factor of se that makes an interval hold at every look at growing data together (asymptotic
 * confidence sequence; Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2021, theorem 2.2), tightest when `planned` rows are
 * there. n: rows so far. */
double stats_always_valid_reach(double n, double planned, double level);

#endif

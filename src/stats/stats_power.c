/* stats_power.c - see stats_power.h. */
#include "stats/stats_power.h"

#include "stats/stats_dist.h"

#include <math.h>

#define ROWS_MAX 1e12

/* Variance of a row's part in the difference, times the rows. */
static double variance(const StatsDesign *d, double effect)
{
    double p = fmin(fmax(d->rate + effect, 0), 1);
    if (d->rate > 0)
        return d->rate * (1 - d->rate) / (1 - d->share) + p * (1 - p) / d->share;
    return d->sd * d->sd / (d->share * (1 - d->share));
}

static double error_of(const StatsDesign *d, double n, double effect)
{
    double inflation = 1 + (d->cluster_size - 1) * d->icc;
    return sqrt(variance(d, effect) * (1 - d->r2) * inflation / n);
}

static double freedom(const StatsDesign *d, double n)
{
    return fmax(n / fmax(d->cluster_size, 1) - 2, 0.5);
}

/* P(T > t) of a non-central t: Johnson, Welch 1940. */
static double beyond(double t, double df, double centre)
{
    return stats_normal_cdf((centre - t * (1 - 1 / (4 * df))) / sqrt(1 + t * t / (2 * df)));
}

double stats_power(const StatsDesign *d, double n, double effect)
{
    double df = freedom(d, n), t = stats_t_quantile(0.5 + d->level / 2, df);
    double centre = fabs(effect) / error_of(d, n, effect);
    return fmin(beyond(t, df, centre) + beyond(t, df, -centre), 1);
}

double stats_power_rows(const StatsDesign *d, double effect, double power)
{
    double low = 4, high = 8;
    if (effect == 0)
        return INFINITY;
    while (high < ROWS_MAX && stats_power(d, high, effect) < power)
        low = high, high *= 2;
    if (high >= ROWS_MAX)
        return INFINITY;
    while (high - low > 1) {
        double mid = floor((low + high) / 2);
        if (stats_power(d, mid, effect) < power)
            low = mid;
        else
            high = mid;
    }
    return stats_power(d, low, effect) >= power ? low : high;
}

double stats_power_effect(const StatsDesign *d, double n, double power)
{
    if (!(n >= 4))
        return NAN;
    double low = 0, high = error_of(d, n, 0), most = d->rate > 0 ? 1 - d->rate : INFINITY;
    while (high < most && stats_power(d, n, high) < power)
        high *= 2;
    high = fmin(high, most);
    if (stats_power(d, n, high) < power)
        return INFINITY;
    for (int i = 0; i < 100; i++) {
        double mid = (low + high) / 2;
        if (stats_power(d, n, mid) < power)
            low = mid;
        else
            high = mid;
    }
    return high;
}

double stats_always_valid_reach(double n, double planned, double level)
{
    double alpha = 1 - level;
    double rho2 = (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / planned, m = n * rho2;
    return sqrt(2 * (m + 1) / m * log(sqrt(m + 1) / alpha));
}

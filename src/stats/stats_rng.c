/* stats_rng.c - the seeded generator and the distributions drawn from it. */
#include "stats/stats.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void stats_seed(StatsRng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix64(&seed);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t stats_u64(StatsRng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double stats_uniform(StatsRng *r)
{
    return (double)(stats_u64(r) >> 11) * 0x1p-53;
}

/* (0, 1]: safe under a logarithm. */
static double uniform_above_0(StatsRng *r)
{
    return 1.0 - stats_uniform(r);
}

int64_t stats_below(StatsRng *r, int64_t n)
{
    BUG_ON(n <= 0);
    /* Draws from the incomplete last stretch of 2^64 are thrown away: no value is favoured. */
    uint64_t un = (uint64_t)n;
    uint64_t reject_from = UINT64_MAX - (UINT64_MAX % un + 1) % un;
    uint64_t v = stats_u64(r);
    while (v > reject_from)
        v = stats_u64(r);
    return (int64_t)(v % un);
}

/* Box and Muller (1958), the cosine branch. */
double stats_normal(StatsRng *r)
{
    double radius = sqrt(-2.0 * log(uniform_above_0(r)));
    return radius * cos(2.0 * M_PI * stats_uniform(r));
}

double stats_gamma(StatsRng *r, double shape, double scale)
{
    if (!(shape > 0) || !(scale >= 0))
        return NAN;
    if (shape < 1) /* Marsaglia, Tsang 2000, section 6 */
        return stats_gamma(r, shape + 1, scale) * pow(uniform_above_0(r), 1.0 / shape);
    double d = shape - 1.0 / 3.0;
    double c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = stats_normal(r);
        double v = 1.0 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        double u = uniform_above_0(r);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v * scale;
    }
}

/* Multiplication of uniforms (Knuth, volume 2, 3.4.1). */
static int64_t poisson_small(StatsRng *r, double mean)
{
    double limit = exp(-mean);
    double product = stats_uniform(r);
    int64_t k = 0;
    while (product > limit) {
        product *= stats_uniform(r);
        k++;
    }
    return k;
}

/* Transformed rejection PTRS (Hoermann 1993), for means of 10 and above. */
static int64_t poisson_large(StatsRng *r, double mean)
{
    double log_mean = log(mean);
    double b = 0.931 + 2.53 * sqrt(mean);
    double a = -0.059 + 0.02483 * b;
    double inv_alpha = 1.1239 + 1.1328 / (b - 3.4);
    double vr = 0.9277 - 3.6224 / (b - 2.0);
    for (;;) {
        double u = stats_uniform(r) - 0.5;
        double v = uniform_above_0(r);
        double us = 0.5 - fabs(u);
        if (us <= 0)
            continue;
        double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= vr)
            return (int64_t)k;
        if (k < 0 || (us < 0.013 && v > us))
            continue;
        int sign;
        double accept = -mean + k * log_mean - lgamma_r(k + 1.0, &sign);
        if (log(v) + log(inv_alpha) - log(a / (us * us) + b) <= accept)
            return (int64_t)k;
    }
}

int64_t stats_poisson(StatsRng *r, double mean)
{
    if (!(mean > 0))
        return 0;
    return mean < 10 ? poisson_small(r, mean) : poisson_large(r, mean);
}

double stats_exponential(StatsRng *r, double mean)
{
    return -mean * log(uniform_above_0(r));
}

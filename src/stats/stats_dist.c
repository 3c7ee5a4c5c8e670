/* stats_dist.c - see stats_dist.h. */
#include "stats/stats_dist.h"

#include <math.h>

#define STEPS_MAX 20000
#define TINY 1e-300
#define CLOSE 1e-15

double stats_normal_cdf(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

double stats_normal_density(double z)
{
    return exp(-0.5 * z * z) / sqrt(2 * M_PI);
}

/* ---- gamma ---- */

/* x < a + 1: e^-x x^a sum of x^n / (a (a+1) .. (a+n)). */
static double gamma_series(double a, double x)
{
    double term = 1 / a, sum = term;
    for (int n = 1; n < STEPS_MAX; n++) {
        term *= x / (a + n);
        sum += term;
        if (term < sum * CLOSE)
            break;
    }
    return sum * exp(-x + a * log(x) - lgamma(a));
}

/* x >= a + 1: the upper part. */
static double gamma_fraction(double a, double x)
{
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;
    for (int i = 1; i < STEPS_MAX; i++) {
        double an = -i * (i - a);
        b += 2;
        d = an * d + b;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = b + an / c;
        c = fabs(c) < TINY ? TINY : c;
        h *= d * c;
        if (fabs(d * c - 1) < CLOSE)
            break;
    }
    return h * exp(-x + a * log(x) - lgamma(a));
}

double stats_gamma_lower(double a, double x)
{
    if (!(a > 0) || isnan(x))
        return NAN;
    if (x <= 0)
        return 0;
    return x < a + 1 ? gamma_series(a, x) : 1 - gamma_fraction(a, x);
}

double stats_chi2_upper(double x, double df)
{
    double a = df / 2, half = x / 2;
    if (!(df > 0) || isnan(x))
        return NAN;
    if (x <= 0)
        return 1;
    return half < a + 1 ? 1 - gamma_series(a, half) : gamma_fraction(a, half);
}

/* ---- beta ---- */

static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < TINY ? TINY : d);
    double h = d;
    for (int m = 1; m < STEPS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step = 1;
        for (int k = 0; k < 2; k++) {
            double an = k == 0 ? even : odd;
            d = 1 + an * d;
            d = 1 / (fabs(d) < TINY ? TINY : d);
            c = 1 + an / c;
            c = fabs(c) < TINY ? TINY : c;
            h *= step = d * c;
        }
        if (fabs(step - 1) < CLOSE)
            break;
    }
    return h;
}

double stats_beta_lower(double a, double b, double x)
{
    if (!(a > 0) || !(b > 0) || isnan(x))
        return NAN;
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* ---- Student and Fisher ---- */

/* Beyond so many degrees of freedom the difference to the normal distribution is below 1e-12 and lgamma loses more. */
#define DF_NORMAL 1e9

double stats_t_two_sided(double t, double df)
{
    if (isnan(t) || !(df > 0))
        return NAN;
    if (df > DF_NORMAL)
        return erfc(fabs(t) / sqrt(2));
    return isinf(t) ? 0 : stats_beta_lower(df / 2, 0.5, df / (df + t * t));
}

double stats_t_cdf(double t, double df)
{
    double tail = stats_t_two_sided(t, df) / 2;
    return t < 0 ? tail : 1 - tail;
}

double stats_t_quantile(double q, double df)
{
    if (!(q > 0 && q < 1) || !(df > 0))
        return NAN;
    double tail = fmin(q, 1 - q), low = 0, high = 1;
    while (high < 1e300 && stats_t_two_sided(high, df) / 2 > tail)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-14 * high; i++) {
        double mid = (low + high) / 2;
        if (stats_t_two_sided(mid, df) / 2 > tail)
            low = mid;
        else
            high = mid;
    }
    return q < 0.5 ? -(low + high) / 2 : (low + high) / 2;
}

double stats_f_upper(double f, double df1, double df2)
{
    if (isnan(f) || !(df1 > 0) || !(df2 > 0))
        return NAN;
    if (f <= 0)
        return 1;
    if (df2 > DF_NORMAL)
        return stats_chi2_upper(f * df1, df1);
    return stats_beta_lower(df2 / 2, df1 / 2, df2 / (df2 + df1 * f));
}

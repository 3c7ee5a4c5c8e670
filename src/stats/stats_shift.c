/* stats_shift.c - see stats_shift.h. */
#include "stats/stats_shift.h"

#include <math.h>

static double total(const int64_t *counts, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)counts[i];
    return sum;
}

double stats_psi(const int64_t *before, const int64_t *after, int n_bins)
{
    double n = total(before, n_bins), m = total(after, n_bins), psi = 0;
    if (n <= 0 || m <= 0)
        return NAN;
    for (int i = 0; i < n_bins; i++) {
        if (!before[i] && !after[i])
            continue;
        double a = fmax((double)before[i], 0.5) / n, b = fmax((double)after[i], 0.5) / m;
        psi += (b - a) * log(b / a);
    }
    return psi;
}

double stats_psi_chance(const int64_t *before, const int64_t *after, int n_bins)
{
    double n = total(before, n_bins), m = total(after, n_bins);
    int used = 0;
    for (int i = 0; i < n_bins; i++)
        used += before[i] || after[i];
    if (n <= 0 || m <= 0)
        return NAN;
    return used < 2 ? 0 : (1 / n + 1 / m) * stats_chi2_quantile(0.95, used - 1);
}

double stats_normal_quantile(double q)
{
    double low = -40, high = 40;
    for (int i = 0; i < 100; i++) {
        double mid = (low + high) / 2;
        if (0.5 * erfc(-mid / sqrt(2)) < q)
            low = mid;
        else
            high = mid;
    }
    return (low + high) / 2;
}

double stats_chi2_quantile(double q, int degrees)
{
    double k = degrees, z = stats_normal_quantile(q);
    if (degrees == 1) { /* the square of a normal one: exact */
        z = stats_normal_quantile((1 + q) / 2);
        return z * z;
    }
    if (degrees == 2)
        return -2 * log1p(-q);
    double root = 1 - 2 / (9 * k) + z * sqrt(2 / (9 * k));
    return k * root * root * root;
}

double stats_ks(const double *a, int64_t n, const double *b, int64_t m)
{
    if (n <= 0 || m <= 0)
        return NAN;
    double most = 0;
    for (int64_t i = 0, j = 0; i < n && j < m;) {
        double at = fmin(a[i], b[j]);
        while (i < n && a[i] <= at)
            i++;
        while (j < m && b[j] <= at)
            j++;
        most = fmax(most, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return most;
}

double stats_ks_p(double distance, int64_t n, int64_t m)
{
    if (isnan(distance) || n <= 0 || m <= 0)
        return NAN;
    double root = sqrt((double)n * (double)m / ((double)n + (double)m));
    double x = (root + 0.12 + 0.11 / root) * distance;
    if (x < 0.2) /* the series converges slowly there, to 1 - 1e-12 */
        return 1;
    double p = 0, sign = 1;
    for (int k = 1; k <= 100; k++) {
        double term = exp(-2.0 * k * k * x * x);
        p += sign * 2 * term;
        sign = -sign;
        if (term < 1e-18)
            break;
    }
    return fmin(fmax(p, 0), 1);
}

/* scale_ridge.c - see scale_ridge.h. */
#include "scale/scale_ridge.h"

#include "base/base.h"

#include <math.h>

void scale_ridge_add(ScaleRidge *r, const double *x, double y, double weight, double forgets)
{
    for (int i = 0; i < r->n; i++) {
        for (int j = 0; j <= i; j++)
            r->a[i][j] = forgets * r->a[i][j] + weight * x[i] * x[j];
        r->b[i] = forgets * r->b[i] + weight * x[i] * y;
    }
    r->weight = forgets * r->weight + 1;
}

void scale_ridge_fit(ScaleRidge *r, double rows)
{
    double l[SCALE_RIDGE_MAX][SCALE_RIDGE_MAX], z[SCALE_RIDGE_MAX], trace = 0;
    for (int i = 0; i < r->n; i++)
        trace += r->a[i][i];
    double ridge = rows * trace / r->n / MAX(r->weight, 1) + 1e-9 * trace + 1e-300;
    for (int i = 0; i < r->n; i++) {
        for (int j = 0; j <= i; j++) {
            double s = r->a[i][j] + (i == j ? ridge : 0);
            for (int m = 0; m < j; m++)
                s -= l[i][m] * l[j][m];
            l[i][j] = i == j ? sqrt(MAX(s, 1e-12 * ridge)) : s / l[j][j];
        }
        z[i] = r->b[i];
        for (int m = 0; m < i; m++)
            z[i] -= l[i][m] * z[m];
        z[i] /= l[i][i];
    }
    for (int i = r->n - 1; i >= 0; i--) {
        for (int m = i + 1; m < r->n; m++)
            z[i] -= l[m][i] * r->beta[m];
        r->beta[i] = z[i] / l[i][i];
    }
}

double scale_ridge_ask(const ScaleRidge *r, const double *x)
{
    double sum = 0;
    for (int i = 0; i < r->n; i++)
        sum += r->beta[i] * x[i];
    return sum;
}

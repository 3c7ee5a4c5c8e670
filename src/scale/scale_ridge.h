/* scale_ridge.h - a linear regression that is fitted again and again, with weights that forget, and shrunk towards 0.
 *
 * beta = (sum w x x' + ridge I)^-1 sum w x y by Cholesky; the ridge is in units of the mean square of the columns.
 *
 * Owner:    the struct is the caller's, zeroed at first. Threads: one at a time. */
#ifndef EHUB_SCALE_SCALE_RIDGE_H
#define EHUB_SCALE_SCALE_RIDGE_H

#define SCALE_RIDGE_MAX 48

typedef struct ScaleRidge {
    int n; /* columns, 1..SCALE_RIDGE_MAX */
    double weight;
    double a[SCALE_RIDGE_MAX][SCALE_RIDGE_MAX], b[SCALE_RIDGE_MAX], beta[SCALE_RIDGE_MAX];
} ScaleRidge;

/* A row double[n] and its target; what was there before counts `forgets` times as much. Cost: n^2 / 2. */
void scale_ridge_add(ScaleRidge *r, const double *x, double y, double weight, double forgets);
/* Fills beta. ridge: rows of mean size that say 0. Cost: n^3 / 6. */
void scale_ridge_fit(ScaleRidge *r, double ridge);
double scale_ridge_ask(const ScaleRidge *r, const double *x);

#endif

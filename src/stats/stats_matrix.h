/* stats_matrix.h - the dense linear algebra that the estimators need. The border to LAPACK (stats_matrix.c).
 *
 * Shapes:  column-major double arrays, a[row + column * rows], as LAPACK has them; symmetric ones are full.
 * Threads: pure. Cost stands at each function.
 * Errors:  CORRUPT never; INVALID where a matrix is not what the function needs (singular, not finite). */
#ifndef EHUB_STATS_STATS_MATRIX_H
#define EHUB_STATS_STATS_MATRIX_H

#include "base/err.h"

/* Which columns of x[n][k] are no combination of earlier ones (so that the first stay): Gram-Schmidt with
 * reorthogonalisation; a column counts as dependent when at most `tolerance` of its length is left. Returns how many are
 * kept. O(n k^2). */
int stats_independent(const double *x, int64_t n, int k, double tolerance, bool *kept);

/* Householder QR of x[n][k], n >= k, full rank: coefficients of the least squares of y, and R^-1 (k x k, upper). Replaces
 * x and y. O(n k^2). */
ErrKind MUST_USE stats_qr_solve(double *x, double *y, int64_t n, int k, double *coef, double *r_inverse,
                                Err *reterr);

/* a (k x k, symmetric, positive definite): replaced by its inverse. */
ErrKind MUST_USE stats_spd_inverse(double *a, int k, Err *reterr);
/* Solves a x = b for m right sides b[k][m], which become x; a is replaced by its Cholesky factor. */
ErrKind MUST_USE stats_spd_solve(double *a, int k, double *b, int m, Err *reterr);
/* Eigenvalues ascending, vectors in the columns of a. */
ErrKind MUST_USE stats_eigen(double *a, int k, double *values, Err *reterr);

/* out[k][m] = x[n][k]' y[n][m]. */
void stats_cross(const double *x, const double *y, int64_t n, int k, int m, double *out);
/* out[n][m] = a[n][k] b[k][m]. */
void stats_multiply(const double *a, const double *b, int64_t n, int k, int m, double *out);
double stats_dot(const double *a, const double *b, int64_t n);

#endif

/* stats_matrix.c - see stats_matrix.h. The border to LAPACK and BLAS: no other file includes them. */
#include "stats/stats_matrix.h"

#include "base/mem.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

double stats_dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

int stats_independent(const double *x, int64_t n, int k, double tolerance, bool *kept)
{
    CLEANUP(mem_freep) double *basis = mem_array((size_t)n * (size_t)k, sizeof *basis);
    int rank = 0;
    for (int c = 0; c < k; c++) {
        double *v = basis + (size_t)n * (size_t)rank;
        memcpy(v, x + (size_t)n * (size_t)c, (size_t)n * sizeof *v);
        double length = sqrt(stats_dot(v, v, n));
        for (int pass = 0; pass < 2; pass++)
            for (int b = 0; b < rank; b++) {
                const double *q = basis + (size_t)n * (size_t)b;
                double along = stats_dot(q, v, n);
                for (int64_t i = 0; i < n; i++)
                    v[i] -= along * q[i];
            }
        double left = sqrt(stats_dot(v, v, n));
        kept[c] = rank < n && length > 0 && isfinite(length) && left > tolerance * length;
        if (!kept[c])
            continue;
        for (int64_t i = 0; i < n; i++)
            v[i] /= left;
        rank++;
    }
    return rank;
}

ErrKind stats_qr_solve(double *x, double *y, int64_t n, int k, double *coef, double *r_inverse, Err *reterr)
{
    lapack_int rows = (lapack_int)n, cols = (lapack_int)k;
    if (n < k || k < 1)
        return err_set(reterr, ERR_INVALID, "%lld rows cannot determine %d coefficients", (long long)n, k);
    CLEANUP(mem_freep) double *tau = mem_array((size_t)k, sizeof *tau);
    if (LAPACKE_dgeqrf(LAPACK_COL_MAJOR, rows, cols, x, rows, tau) != 0 ||
        LAPACKE_dormqr(LAPACK_COL_MAJOR, 'L', 'T', rows, 1, cols, x, rows, tau, y, rows) != 0)
        return err_set(reterr, ERR_INVALID, "the columns hold values that are not finite");
    memset(r_inverse, 0, (size_t)k * (size_t)k * sizeof *r_inverse);
    for (int c = 0; c < k; c++)
        memcpy(r_inverse + (size_t)c * (size_t)k, x + (size_t)c * (size_t)n, ((size_t)c + 1) * sizeof *x);
    if (LAPACKE_dtrtri(LAPACK_COL_MAJOR, 'U', 'N', cols, r_inverse, cols) != 0)
        return err_set(reterr, ERR_INVALID, "the columns are linearly dependent");
    stats_multiply(r_inverse, y, k, k, 1, coef);
    return ERR_NONE;
}

static void mirror(double *a, int k)
{
    for (int c = 0; c < k; c++)
        for (int r = c + 1; r < k; r++)
            a[(size_t)r + (size_t)c * (size_t)k] = a[(size_t)c + (size_t)r * (size_t)k];
}

ErrKind stats_spd_inverse(double *a, int k, Err *reterr)
{
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', k, a, k) != 0 ||
        LAPACKE_dpotri(LAPACK_COL_MAJOR, 'U', k, a, k) != 0)
        return err_set(reterr, ERR_INVALID, "a matrix of %d columns is not positive definite", k);
    mirror(a, k);
    return ERR_NONE;
}

ErrKind stats_spd_solve(double *a, int k, double *b, int m, Err *reterr)
{
    if (LAPACKE_dposv(LAPACK_COL_MAJOR, 'U', k, m, a, k, b, k) != 0)
        return err_set(reterr, ERR_INVALID, "a matrix of %d columns is not positive definite", k);
    return ERR_NONE;
}

ErrKind stats_eigen(double *a, int k, double *values, Err *reterr)
{
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', k, a, k, values) != 0)
        return err_set(reterr, ERR_INVALID, "eigenvalues of a matrix of %d columns do not converge", k);
    return ERR_NONE;
}

void stats_cross(const double *x, const double *y, int64_t n, int k, int m, double *out)
{
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, k, m, (int)n, 1, x, (int)n, y, (int)n, 0, out, k);
}

void stats_multiply(const double *a, const double *b, int64_t n, int k, int m, double *out)
{
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (int)n, m, k, 1, a, (int)n, b, k, 0, out, (int)n);
}

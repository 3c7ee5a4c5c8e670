/* surv_rows.h - forty made-up rows with ties, censoring, late entries, strata and clusters, for the tests of survival. */
#ifndef EHUB_TESTS_SURV_ROWS_H
#define EHUB_TESTS_SURV_ROWS_H

#include <stdint.h>

enum { N = 40 };

static const double TIME[N] = {2, 29, 6,  6, 5,  5, 3, 1, 4, 6, 18, 2,  3,  3, 3,  7, 1, 1,  13, 7,
                               2, 9,  37, 2, 13, 1, 3, 9, 4, 4, 10, 12, 12, 3, 15, 1, 2, 15, 1,  4};
static const double EVENT[N] = {0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1,
                                0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0};
static const double ENTRY[N] = {1, 0, 0, 0, 0, 3, 1, 0, 3, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1,
                                0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 1, 2, 0, 5, 0, 0, 1, 0, 3};
static const double AGE[N] = {39, 24, 56, 49, 35, 47, 54, 36, 27, 31, 46, 43, 40, 15, 34, 45, 42, 51, 34, 34,
                              56, 52, 33, 45, 39, 28, 47, 37, 26, 40, 24, 52, 43, 46, 32, 44, 43, 35, 41, 39};

/* Every second row is treated. */
static inline int32_t surv_treated(int i)
{
    return i % 2;
}
static inline int32_t surv_stratum(int i)
{
    static const int32_t EIGHT[8] = {0, 0, 1, 1, 1, 0, 1, 0};
    return EIGHT[i % 8];
}
static inline int32_t surv_cluster(int i)
{
    return i / 4;
}

#endif

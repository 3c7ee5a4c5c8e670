/* Unit tests for src/scale/scale_window.c. */
#include "harness/t.h"

#include "scale/scale_window.h"

TEST(quantiles_are_those_of_the_last_values_only)
{
    static ScaleWindow w;
    w.size = 4;
    static const double CAME[] = {100, 3, 1, 2, 2}; /* 100 has gone: 1 2 2 3 */
    for (int i = 0; i < 5; i++)
        scale_window_keep(&w, CAME[i]);
    assert_true(scale_window_median(&w) == 2);
    /* at level * 5 - 1, from 0: 0.3 is at 0.5, between 1 and 2 */
    T_NEAR(1.5, scale_window_quantile(&w, 0.3), 1e-12);
    assert_true(scale_window_quantile(&w, 0.1) == 1 && scale_window_quantile(&w, 0.9) == 3);
    assert_true(scale_window_quantile(&w, -0.01) == 0 && scale_window_quantile(&w, 1.01) == 6);
}

T_MAIN(T(quantiles_are_those_of_the_last_values_only))

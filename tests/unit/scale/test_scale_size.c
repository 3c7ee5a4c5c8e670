/* Unit tests for src/scale/scale_size.c. Expected values are reckoned by hand. */
#include "harness/t.h"

#include "scale/scale_size.h"

#include <math.h>

TEST(the_processor_is_sized_by_steps_and_memory_by_the_peaks_of_the_days)
{
    /* Eleven days of hours: on day d the use is d, and 10 + d for one hour. */
    double v[11 * 24];
    ScaleSize s;
    Err err = {0};
    for (int d = 0; d < 11; d++)
        for (int h = 0; h < 24; h++)
            v[24 * d + h] = h == 12 ? 10 + d : d;
    T_OK(scale_size(v, 11 * 24, 3600, true, &s, &err), err);
    T_NEAR(19, s.used, 1e-12); /* the peaks are 10 .. 20 */
    T_NEAR(19 * 1.15, s.ask, 1e-12);
    T_NEAR(20, s.most, 0);
    T_OK(scale_size(v, 11 * 24, 3600, false, &s, &err), err);
    T_NEAR(10, s.used, 0); /* of 264 steps 11 are peaks and 23 lie at 10: the 238th is one of these */
    assert_int_equal(s.n, 264);
}

TEST(what_is_missing_does_not_count_and_too_little_is_refused)
{
    double v[48];
    ScaleSize s;
    Err err = {0};
    for (int k = 0; k < 48; k++)
        v[k] = k % 2 ? NAN : 2;
    T_OK(scale_size(v, 48, 3600, false, &s, &err), err);
    assert_int_equal(s.n, 24);
    v[0] = -1;
    T_FAILS(ERR_INVALID, scale_size(v, 48, 3600, false, &s, &err));
    assert_non_null(strstr(err.msg, "23.0 hours are known"));
}

T_MAIN(T(the_processor_is_sized_by_steps_and_memory_by_the_peaks_of_the_days),
       T(what_is_missing_does_not_count_and_too_little_is_refused))

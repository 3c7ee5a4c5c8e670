/* Unit tests for src/scale/scale_smooth.c. */
#include "harness/t.h"

#include "scale/scale_smooth.h"

#include <math.h>

/* By hours: a day and, on the last day of a week, half of it. */
static double load(int64_t k)
{
    return (k / 24 % 7 == 6 ? 0.5 : 1) * (k % 24 < 8 ? 20 : 100);
}

TEST(a_day_and_a_week_are_foreseen_a_day_ahead)
{
    CLEANUP(scale_smooth_freep) ScaleSmooth *f = scale_smooth_new(3600, 24, 0);
    double off = 0;
    for (int64_t k = 0; k < 24 * 7 * 10; k++) {
        double made = scale_smooth_see(f, load(k));
        assert_int_equal(isnan(made), k + 1 <= 48);
        if (k >= 24 * 7 * 8)
            off += fabs(made - load(k + 24)) / (24 * 7 * 2);
    }
    assert_true(off < 10.5 / 2); /* the day before would be off by 2/7 of 36.67: 10.5 */
}

TEST(a_new_level_is_followed_and_an_outage_does_not_become_a_season)
{
    CLEANUP(scale_smooth_freep) ScaleSmooth *f = scale_smooth_new(3600, 1, 0);
    double made = 0, after_shift = 0, day_after_outage = 0;
    for (int64_t k = 0; k < 24 * 70; k++) {
        double shift = k >= 24 * 40 ? 200 : 0, y = load(k) + shift;
        if (k >= 24 * 41 && k < 24 * 42)
            after_shift += fabs(y - made) / 24;
        if (k >= 24 * 61 + 10 && k < 24 * 61 + 14)
            day_after_outage += fabs(y - made) / 4;
        made = scale_smooth_see(f, k >= 24 * 60 + 10 && k < 24 * 60 + 14 ? 0 : y);
    }
    assert_true(after_shift < 50 && day_after_outage < 50); /* of 200, and of 300 */
}

T_MAIN(T(a_day_and_a_week_are_foreseen_a_day_ahead),
       T(a_new_level_is_followed_and_an_outage_does_not_become_a_season))

/* Unit tests for src/scale/scale_waves.c. */
#include "harness/t.h"

#include "scale/scale_waves.h"

#include <math.h>

#define PI 3.14159265358979323846

static double wave(int64_t k)
{
    return 100 + 30 * sin(2 * PI * (double)k / 48) + 10 * cos(2 * PI * (double)k / 336) +
           5 * sin(2 * PI * 15 * (double)k / 336);
}

TEST(waves_of_a_day_and_a_week_are_foreseen_a_day_ahead)
{
    CLEANUP(scale_waves_freep) ScaleWaves *f = scale_waves_new(1800, 48, 0);
    double worst = 0;
    for (int64_t k = 0; k < 48 * 42; k++) {
        double made = scale_waves_see(f, wave(k));
        if (k > 48 * 28)
            worst = fmax(worst, fabs(made - wave(k + 48)));
    }
    assert_true(worst < 2); /* the day before is off by up to 14 */
}

TEST(a_changepoint_is_followed_within_two_days)
{
    CLEANUP(scale_waves_freep) ScaleWaves *f = scale_waves_new(1800, 48, 0);
    double off = 0, made[48] = {0};
    for (int64_t k = 0; k < 48 * 40; k++) {
        double y = wave(k) + (k >= 48 * 28 ? 300 : 0);
        if (k >= 48 * 32 && k < 48 * 33) /* made three days after it */
            off += fabs(y - made[k % 48]) / 48;
        made[k % 48] = scale_waves_see(f, y);
    }
    assert_true(off < 60); /* of 300; a fit that forgets in 21 days would have followed a seventh */
}

T_MAIN(T(waves_of_a_day_and_a_week_are_foreseen_a_day_ahead), T(a_changepoint_is_followed_within_two_days))

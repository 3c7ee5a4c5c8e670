/* Unit tests for src/scale/scale_near.c. */
#include "harness/t.h"

#include "scale/scale_near.h"
#include "stats/stats.h"

#include <math.h>

#define PI 3.14159265358979323846

static double wave(int64_t k)
{
    return 100 + 50 * sin(2 * PI * (double)k / 48) + 20 * sin(2 * PI * (double)k / 336);
}

TEST(a_daily_and_weekly_wave_is_foreseen)
{
    CLEANUP(scale_near_freep) ScaleNear *f = scale_near_new(1800, 2, 0);
    double worst = 0;
    for (int64_t k = 0; k < 48 * 28; k++) {
        ScaleNearly n = scale_near_see(f, wave(k));
        assert_int_equal(n.ready, k + 1 > 2 + 2 * 48);
        assert_int_equal(n.early, k + 1 > 2 + 24);
        if (k > 48 * 21)
            worst = fmax(worst, fabs(n.middle - wave(k + 2)));
    }
    assert_true(worst < 1); /* staying as it is would be off by 13 */
}

TEST(the_spread_is_the_mean_absolute_error)
{
    /* Normal noise around a constant: sd * sqrt(2 / pi). */
    CLEANUP(scale_near_freep) ScaleNear *f = scale_near_new(300, 1, 0);
    StatsRng rng;
    stats_seed(&rng, 3);
    double sum = 0;
    int64_t n = 0;
    for (int64_t k = 0; k < 288 * 21; k++) {
        ScaleNearly at = scale_near_see(f, 100 + 5 * stats_normal(&rng));
        if (k >= 288 * 14) {
            sum += at.spread;
            n++;
        }
    }
    T_NEAR(5 * sqrt(2 / PI), sum / (double)n, 0.5);
}

TEST(the_future_does_not_change_the_past)
{
    CLEANUP(scale_near_freep) ScaleNear *a = scale_near_new(300, 3, 0), *b = scale_near_new(300, 3, 0);
    for (int64_t k = 0; k < 1000; k++) {
        ScaleNearly x = scale_near_see(a, wave(k)), y = scale_near_see(b, k < 900 ? wave(k) : 1e6);
        if (k < 900)
            assert_true(x.middle == y.middle && x.spread == y.spread);
    }
}

TEST(silence_and_one_huge_value_are_survived)
{
    CLEANUP(scale_near_freep) ScaleNear *f = scale_near_new(60, 3, 0);
    for (int64_t k = 0; k < 6000; k++) {
        ScaleNearly n = scale_near_see(f, k == 4000 ? 1e12 : 0);
        assert_true(isfinite(n.middle) && n.middle >= 0 && n.spread > 0);
    }
}

TEST(a_load_that_begins_with_silence_is_learned_as_one_that_does_not)
{
    CLEANUP(scale_near_freep) ScaleNear *f = scale_near_new(1800, 1, 0);
    double off = 0, spread = 0;
    for (int64_t k = 0; k < 48 * 21; k++) {
        double y = k < 96 ? 0 : wave(k) + (double)(k % 5);
        ScaleNearly n = scale_near_see(f, y);
        if (k >= 48 * 14) {
            off += fabs(n.middle - (wave(k + 1) + (double)((k + 1) % 5))) / (48 * 7);
            spread += n.spread / (48 * 7);
        }
    }
    assert_true(off < 5); /* staying as it is would be off by 5.6 */
    assert_true(spread > 0.5 * off &&
                spread < 2 * off); /* stood at 0.001 of the level when no error had been seen */
}

/* Hours of a load with a peak at 9 on working days and one at 15 on Sundays; every 11th day is spent as a Sunday. */
static double shop(int64_t k)
{
    int64_t day = k / 24, hour = k % 24;
    bool rest = day % 7 == 6 || day % 11 == 10;
    return 20 +
           (rest ? 30 * exp(-pow((double)(hour - 15) / 3, 2)) : 80 * exp(-pow((double)(hour - 9) / 3, 2)));
}

TEST(a_working_day_that_begins_as_a_sunday_is_foreseen_as_one)
{
    CLEANUP(scale_near_freep) ScaleNear *f = scale_near_new(3600, 1, 0);
    double made = 0, off = 0, usual = 0;
    for (int64_t k = 0; k < 24 * 200; k++) {
        int64_t day = k / 24;
        if (day > 100 && day % 11 == 10 && day % 7 != 6 && k % 24 > 8) { /* from 9: eight hours were seen */
            off += fabs(shop(k) - made);
            usual += fabs(shop(k) - (20 + 80 * exp(-pow((double)(k % 24 - 9) / 3, 2))));
        }
        made = scale_near_see(f, shop(k)).middle;
    }
    assert_true(off < usual / 100); /* with the days of the week as they are: a twentieth */
}

T_MAIN(T(a_daily_and_weekly_wave_is_foreseen), T(the_spread_is_the_mean_absolute_error),
       T(a_load_that_begins_with_silence_is_learned_as_one_that_does_not),
       T(a_working_day_that_begins_as_a_sunday_is_foreseen_as_one), T(the_future_does_not_change_the_past),
       T(silence_and_one_huge_value_are_survived))

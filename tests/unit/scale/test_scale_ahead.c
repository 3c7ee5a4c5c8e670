/* Unit tests for src/scale/scale_ahead.c. */
#include "harness/t.h"

#include "base/clock.h"
#include "scale/scale_ahead.h"
#include "stats/stats.h"

#include <math.h>

#define PI 3.14159265358979323846
#define N (21 * 96)

static double wave(int64_t k)
{
    return 100 + 60 * sin(2 * PI * (double)k / 96);
}

static ScaleSeries *series(int64_t n)
{
    static double v[N];
    StatsRng rng;
    stats_seed(&rng, 2);
    for (int64_t k = 0; k < n; k++)
        v[k] = wave(k) + 2 * stats_normal(&rng);
    return scale_series_new(0, 900, v, n);
}

static ScaleConf conf(void)
{
    ScaleConf c = {.world = SCALE_WORLD_USUAL};
    c.world.capacity = 10;
    c.world.price = 2;
    c.world.step_s = 900;
    return c;
}

TEST(two_days_ahead_follow_the_day_and_stay_above_it)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = series(N);
    ScaleConf c = conf();
    ScaleAhead a[48];
    Err err = {0};
    T_OK(scale_ahead(&c, s, 48, a, &err), err);
    for (int h = 1; h <= 48; h++) {
        double truth = wave(N - 1 + 4 * h);
        assert_int_equal(a[h - 1].at_us, (int64_t)(N - 1 + 4 * h) * 900 * US_PER_S);
        T_NEAR(truth, a[h - 1].middle, 6); /* three standard deviations of the noise */
        assert_true(a[h - 1].high > truth &&
                    a[h - 1].high < truth + 18); /* 2.33 standard deviations are 4.7 */
        T_NEAR(2 * (double)a[h - 1].replicas, a[h - 1].cost, 1e-9);
    }
}

TEST(too_short_a_history_is_said)
{
    CLEANUP(scale_series_freep) ScaleSeries *s = series(2 * 96);
    ScaleConf c = conf();
    ScaleAhead a[48];
    Err err = {0};
    T_FAILS(ERR_INVALID, scale_ahead(&c, s, 24, a, &err));
    assert_non_null(strstr(err.msg, "too short"));
    T_FAILS(ERR_USAGE, scale_ahead(&c, s, 49, a, &err));
}

T_MAIN(T(two_days_ahead_follow_the_day_and_stay_above_it), T(too_short_a_history_is_said))

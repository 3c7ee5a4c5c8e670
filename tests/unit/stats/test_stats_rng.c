#include "harness/t.h"
#include "stats/stats.h"

#include <math.h>

TEST(the_generator_is_xoshiro256_starstar)
{
    /* Reference outputs for the state 1, 2, 3, 4, as in the test of the rand_xoshiro crate. */
    static const uint64_t expected[] = {11520,
                                        0,
                                        1509978240,
                                        UINT64_C(1215971899390074240),
                                        UINT64_C(1216172134540287360),
                                        UINT64_C(607988272756665600),
                                        UINT64_C(16172922978634559625),
                                        UINT64_C(8476171486693032832)};
    StatsRng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_int_equal(stats_u64(&r), expected[i]);
}

TEST(the_seed_is_spread_by_splitmix64)
{
    /* First output of splitmix64 from state 0, widely published. */
    StatsRng r;
    stats_seed(&r, 0);
    assert_int_equal(r.s[0], UINT64_C(0xe220a8397b1dcdaf));
}

TEST(below_reaches_every_value_and_never_the_bound)
{
    StatsRng r;
    stats_seed(&r, 7);
    int seen[6] = {0};
    for (int i = 0; i < 60000; i++) {
        int64_t v = stats_below(&r, 6);
        assert_in_range(v, 0, 5);
        seen[v]++;
    }
    for (int v = 0; v < 6; v++)
        assert_in_range(seen[v], 9500, 10500); /* 10,000 with a standard deviation of 91 */
}

typedef double Draw(StatsRng *r, double a, double b);
static double draw_normal(StatsRng *r, double a, double b)
{
    return a + b * stats_normal(r);
}
static double draw_gamma(StatsRng *r, double a, double b)
{
    return stats_gamma(r, a, b);
}
static double draw_poisson(StatsRng *r, double a, double b)
{
    return (double)stats_poisson(r, a) + b;
}
static double draw_exponential(StatsRng *r, double a, double b)
{
    return stats_exponential(r, a) + b;
}

TEST(distributions_have_their_mean_and_variance)
{
    static const struct {
        const char *name;
        Draw *draw;
        double a, b, mean, var;
    } rows[] = {
        {"normal", draw_normal, 3, 2, 3, 4},
        {"gamma shape above 1", draw_gamma, 2.5, 2, 5, 10},
        {"gamma below 1", draw_gamma, 0.5, 3, 1.5, 4.5},
        {"poisson small", draw_poisson, 0.7, 0, 0.7, 0.7},
        {"poisson 9.9", draw_poisson, 9.9, 0, 9.9, 9.9},
        {"poisson 10.1", draw_poisson, 10.1, 0, 10.1, 10.1},
        {"poisson large", draw_poisson, 250, 0, 250, 250},
        {"exponential", draw_exponential, 4, 0, 4, 16},
    };
    const int n = 200000;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        StatsRng r;
        stats_seed(&r, 11 + i);
        double sum = 0, squares = 0;
        for (int k = 0; k < n; k++) {
            double v = rows[i].draw(&r, rows[i].a, rows[i].b);
            sum += v;
            squares += v * v;
        }
        double mean = sum / n, var = squares / n - mean * mean;
        /* Five standard errors of the mean; 4 % of the variance is more than that for all of these. */
        if (fabs(mean - rows[i].mean) > 5 * sqrt(rows[i].var / n) || fabs(var / rows[i].var - 1) > 0.04)
            fail_msg("%s: mean %g variance %g", rows[i].name, mean, var);
    }
}

TEST(a_poisson_of_no_mean_is_zero)
{
    StatsRng r;
    stats_seed(&r, 1);
    assert_int_equal(stats_poisson(&r, 0), 0);
    assert_int_equal(stats_poisson(&r, -1), 0);
    assert_int_equal(stats_poisson(&r, NAN), 0);
}

T_MAIN(T(the_generator_is_xoshiro256_starstar), T(the_seed_is_spread_by_splitmix64),
       T(below_reaches_every_value_and_never_the_bound), T(distributions_have_their_mean_and_variance),
       T(a_poisson_of_no_mean_is_zero))

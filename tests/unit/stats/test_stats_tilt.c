/* Expected values: algebra by hand, shown at each test. */
#include "harness/t.h"
#include "stats/stats_tilt.h"

#include <math.h>

TEST(means_are_met_by_weights_nearest_to_the_given_ones)
{
    /* Points -1, 0, 1, mean 1/2: weights 1/u, 1, u with (u - 1/u) / (u + 1 + 1/u) = 1/2, u^2 - u - 3 = 0, u = (1 + sqrt 13) / 2. */
    const double x[3] = {-1, 0, 1}, mean = 0.5, scale = 2, u = (1 + sqrt(13)) / 2, sum = u + 1 + 1 / u;
    double w[3] = {2, 2, 2};
    Err err = {0};
    T_OK(stats_tilt(x, 3, 1, &mean, &scale, 0, w, &err), err);
    T_NEAR(6 / u / sum, w[0], 1e-5);
    T_NEAR(6 / sum, w[1], 1e-5);
    T_NEAR(6 * u / sum, w[2], 1e-5);
    /* Points 0 and 1: one solution, whatever the start; rows without weight stay so. */
    const double flag[3] = {0, 1, 1}, share = 0.8;
    double v[3] = {1, 3, 0};
    T_OK(stats_tilt(flag, 3, 1, &share, &scale, 0, v, &err), err);
    T_NEAR(0.8, v[0], 1e-5);
    T_NEAR(3.2, v[1], 1e-5);
    T_NEAR(0, v[2], 0);
}

TEST(a_column_given_twice_is_no_trouble)
{
    const double x[6] = {-1, 0, 1, -2, 0, 2}, mean[2] = {0.5, 1}, scale[2] = {1, 2}, u = (1 + sqrt(13)) / 2;
    double w[3] = {1, 1, 1};
    Err err = {0};
    T_OK(stats_tilt(x, 3, 2, mean, scale, 0, w, &err), err);
    T_NEAR(3 / u / (u + 1 + 1 / u), w[0], 1e-5);
}

TEST(means_out_of_reach_are_approached_as_far_as_the_penalty_lets)
{
    /* Points 0 and 1, mean 2: z = -2, -1. Where the gradient is 0 the weighted mean of z is -penalty g: with penalty 1 and w
     * the weight of the second point, w - 2 = -g, while g = log(w / (1 - w)). */
    const double x[2] = {0, 1}, mean = 2, scale = 1;
    double w[2] = {0.5, 0.5};
    Err err = {0};
    T_OK(stats_tilt(x, 2, 1, &mean, &scale, 1, w, &err), err);
    double g = log(w[1] / w[0]);
    T_NEAR(2 - w[1], g, 1e-6);
    T_NEAR(1, w[0] + w[1], 1e-12);
}

TEST(without_rows_it_is_refused)
{
    const double x[2] = {0, 1}, mean = 0.5, scale = 1;
    double w[2] = {1, 0};
    Err err = {0};
    T_FAILS(ERR_INVALID, stats_tilt(x, 2, 1, &mean, &scale, 0, w, &err));
}

T_MAIN(T(means_are_met_by_weights_nearest_to_the_given_ones), T(a_column_given_twice_is_no_trouble),
       T(means_out_of_reach_are_approached_as_far_as_the_penalty_lets), T(without_rows_it_is_refused))

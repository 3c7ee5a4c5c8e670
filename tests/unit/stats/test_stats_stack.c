/* Expected values: calculus by hand, shown at each test. */
#include "harness/t.h"
#include "stats/stats_stack.h"

TEST(the_mixture_has_the_least_square_error)
{
    /* Errors of a: 1, 1, 1, 1; of b: -1, -1, -1, 1. Mean square of w a + (1 - w) b: 3/4 (2 w - 1)^2 + 1/4, least at 1/2. */
    const double y[4] = {0, 1, 2, 3}, a[4] = {1, 2, 3, 4}, b[4] = {-1, 0, 1, 4};
    double w[2];
    stats_stack_squares((const double *const[]){a, b}, 2, y, 4, w);
    T_NEAR(0.5, w[0], 1e-9);
    T_NEAR(0.5, w[1], 1e-9);
    /* Errors 1 and 3 in the same direction: the better alone, since no weight is negative. */
    const double c[4] = {3, 4, 5, 6};
    stats_stack_squares((const double *const[]){c, a}, 2, y, 4, w);
    T_NEAR(0, w[0], 1e-9);
    T_NEAR(1, w[1], 1e-9);
}

TEST(the_mixture_has_the_greatest_likelihood)
{
    /* Chances 0.9 and 0.1 for all rows, three of four are 1: the mixture should say 3/4, 0.1 + 0.8 w = 0.75. */
    const double y[4] = {1, 1, 1, 0}, a[4] = {0.9, 0.9, 0.9, 0.9}, b[4] = {0.1, 0.1, 0.1, 0.1};
    double w[2];
    stats_stack_likelihood((const double *const[]){a, b}, 2, y, 4, w);
    T_NEAR(0.8125, w[0], 1e-5);
    T_NEAR(0.1875, w[1], 1e-5);
}

TEST(equal_learners_and_a_single_one_are_no_trouble)
{
    const double y[2] = {0, 1}, a[2] = {0.3, 0.6};
    double w[2] = {0};
    stats_stack_squares((const double *const[]){a, a}, 2, y, 2, w);
    T_NEAR(1, w[0] + w[1], 1e-12);
    stats_stack_squares((const double *const[]){a}, 1, y, 2, w);
    T_NEAR(1, w[0], 1e-12);
    stats_stack_likelihood((const double *const[]){a}, 1, y, 2, w);
    T_NEAR(1, w[0], 1e-12);
}

T_MAIN(T(the_mixture_has_the_least_square_error), T(the_mixture_has_the_greatest_likelihood),
       T(equal_learners_and_a_single_one_are_no_trouble))

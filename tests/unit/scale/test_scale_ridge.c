/* Unit tests for src/scale/scale_ridge.c. */
#include "harness/t.h"

#include "scale/scale_ridge.h"

TEST(a_line_through_three_points_is_that_of_a_sum_by_hand)
{
    /* (0,1) (1,2) (2,4): slope (3*(0+2+8) - 3*7) / (3*5 - 9) = 9/6 = 1.5, at 0: 7/3 - 1.5 = 5/6 */
    static ScaleRidge r;
    r.n = 2;
    scale_ridge_add(&r, (const double[]){1, 0}, 1, 1, 1);
    scale_ridge_add(&r, (const double[]){1, 1}, 2, 1, 1);
    scale_ridge_add(&r, (const double[]){1, 2}, 4, 1, 1);
    scale_ridge_fit(&r, 0);
    T_NEAR(5.0 / 6, r.beta[0], 1e-6);
    T_NEAR(1.5, r.beta[1], 1e-6);
    T_NEAR(5.0 / 6 + 15, scale_ridge_ask(&r, (const double[]){1, 10}), 1e-5);
}

TEST(a_ridge_of_as_many_rows_as_there_are_halves_the_slope)
{
    static ScaleRidge r;
    r.n = 1;
    for (int i = 0; i < 4; i++)
        scale_ridge_add(&r, (const double[]){2}, 6, 1, 1);
    scale_ridge_fit(&r, 4); /* 48 / (16 + 4 rows of 4) */
    T_NEAR(1.5, r.beta[0], 1e-6);
}

TEST(what_forgets_follows_the_new)
{
    static ScaleRidge r;
    r.n = 1;
    for (int i = 0; i < 200; i++)
        scale_ridge_add(&r, (const double[]){1}, i < 100 ? 5 : 9, 1, 0.8);
    scale_ridge_fit(&r, 0);
    T_NEAR(9, r.beta[0], 1e-5); /* 0.8^100 of the old is left */
}

T_MAIN(T(a_line_through_three_points_is_that_of_a_sum_by_hand),
       T(a_ridge_of_as_many_rows_as_there_are_halves_the_slope), T(what_forgets_follows_the_new))

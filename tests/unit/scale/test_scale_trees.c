/* Unit tests for src/scale/scale_trees.c. */
#include "harness/t.h"

#include "scale/scale_trees.h"
#include "stats/stats.h"

#include <math.h>

/* Needs two cuts: nothing of it is seen in either column alone. */
static double corner(const double *row)
{
    return (row[0] > 0.5) != (row[1] > 0.3) ? 10 : -10;
}

TEST(a_corner_of_two_columns_is_learned_and_the_third_left_alone)
{
    CLEANUP(scale_trees_freep) ScaleTrees *t = scale_trees_new(3, 1);
    StatsRng rng;
    stats_seed(&rng, 1);
    double off = 0;
    for (int i = 0; i < 4000; i++) {
        double row[3] = {stats_uniform(&rng), stats_uniform(&rng), stats_uniform(&rng)};
        if (i >= 3500)
            off += fabs(scale_trees_ask(t, row) - corner(row)) / 500;
        scale_trees_learn(t, row, corner(row));
    }
    assert_true(off < 2); /* the best constant is off by 10 */
}

TEST(the_median_is_aimed_at_and_not_the_mean)
{
    CLEANUP(scale_trees_freep) ScaleTrees *t = scale_trees_new(1, 1);
    StatsRng rng;
    stats_seed(&rng, 2);
    for (int i = 0; i < 3000; i++) /* of ten: nine are 1, one is 1000; the mean would be 101 */
        scale_trees_learn(t, (const double[]){stats_uniform(&rng)}, i % 10 == 0 ? 1000 : 1);
    double made = scale_trees_ask(t, (const double[]){0.5});
    assert_true(made > 0.9 && made < 2);
}

TEST(too_few_rows_give_no_answer_and_the_same_rows_the_same)
{
    CLEANUP(scale_trees_freep) ScaleTrees *a = scale_trees_new(1, 2), *b = scale_trees_new(1, 2);
    StatsRng rng;
    stats_seed(&rng, 3);
    assert_true(isnan(scale_trees_ask(a, (const double[]){0})));
    for (int i = 0; i < 3 * SCALE_TREES_ROWS; i++) { /* the ring goes round; every second row counts */
        double x = stats_normal(&rng), y = x > 0 ? 3 : -3;
        scale_trees_learn(a, &x, y);
        scale_trees_learn(b, &x, y);
    }
    T_NEAR(3, scale_trees_ask(a, (const double[]){1}), 0.2);
    assert_true(scale_trees_ask(a, (const double[]){1}) == scale_trees_ask(b, (const double[]){1}));
}

TEST(columns_that_do_not_move_and_huge_targets_are_survived)
{
    CLEANUP(scale_trees_freep) ScaleTrees *t = scale_trees_new(2, 1);
    for (int i = 0; i < 1000; i++)
        scale_trees_learn(t, (const double[]){0, INFINITY}, i % 2 ? 1e30 : -1e30);
    assert_true(isfinite(scale_trees_ask(t, (const double[]){0, -INFINITY})));
}

T_MAIN(T(a_corner_of_two_columns_is_learned_and_the_third_left_alone),
       T(the_median_is_aimed_at_and_not_the_mean), T(too_few_rows_give_no_answer_and_the_same_rows_the_same),
       T(columns_that_do_not_move_and_huge_targets_are_survived))

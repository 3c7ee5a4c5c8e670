#include "harness/t.h"
#include "stats/stats.h"

#include <math.h>

/* Expected values: the examples in scikit-learn's reference for each score. */
TEST(scores_agree_with_the_examples_of_scikit_learn)
{
    T_NEAR(0.75, stats_auc((double[]){0.1, 0.4, 0.35, 0.8}, (double[]){0, 0, 1, 1}, 4), 1e-12);
    T_NEAR(0.8333333333333, stats_pr_auc((double[]){0.1, 0.4, 0.35, 0.8}, (double[]){0, 0, 1, 1}, 4), 1e-12);
    T_NEAR(0.0375, stats_brier((double[]){0.1, 0.9, 0.8, 0.3}, (double[]){0, 1, 1, 0}, 4), 1e-12);
    T_NEAR(0.21616187468, stats_log_loss((double[]){0.9, 0.1, 0.2, 0.65}, (double[]){1, 0, 0, 1}, 4), 1e-10);
    T_NEAR(0.5, stats_mae((double[]){2.5, 0.0, 2, 8}, (double[]){3, -0.5, 2, 7}, 4), 1e-12);
    T_NEAR(1.4260, stats_poisson_deviance((double[]){0.5, 0.5, 2, 2}, (double[]){2, 0, 1, 4}, 4), 1e-4);
    T_NEAR(0.612, stats_rmse((double[]){2.5, 0.0, 2, 8}, (double[]){3, -0.5, 2, 7}, 4), 1e-3);
    T_NEAR(1.0568, stats_gamma_deviance((double[]){0.5, 0.5, 2, 2}, (double[]){2, 0.5, 1, 4}, 4), 1e-4);
}

TEST(the_deviance_of_tweedie_is_its_integral)
{
    /* 2 times the integral of (y - t) / t^1.5 from p to y, by Simpson's rule: mean of the four rows */
    T_NEAR(1.7781745930520352, stats_tweedie_deviance((double[]){0.5, 0.5, 2, 2}, (double[]){2, 0, 1, 4}, 4),
           1e-9);
    T_NEAR(0, stats_tweedie_deviance((double[]){3}, (double[]){3}, 1), 1e-12);
}

TEST(scores_of_several_classes_are_those_of_the_row_s_class)
{
    /* By hand: -(ln .7 + ln .3 + ln .5) / 3; right are the first and the last. */
    double p[] = {0.7, 0.2, 0.1, 0.1, 0.3, 0.6, 0.4, 0.5, 0.1}, y[] = {0, 1, 1};
    T_NEAR(-(log(0.7) + log(0.3) + log(0.5)) / 3, stats_log_loss_classes(p, y, 3, 3), 1e-12);
    T_NEAR(2.0 / 3, stats_accuracy_classes(p, y, 3, 3), 1e-12);
}

TEST(equal_predictions_count_half_and_keep_together)
{
    double p[] = {0.5, 0.5, 0.5, 0.5}, y[] = {0, 1, 0, 1};
    T_NEAR(0.5, stats_auc(p, y, 4), 0);
    T_NEAR(0.5, stats_pr_auc(p, y, 4), 0);
    StatsBin bins[2];
    T_NEAR(0, stats_calibration(p, y, 4, bins, 2), 0);
    assert_int_equal(bins[0].n, 4);
    assert_int_equal(bins[1].n, 0);
}

TEST(one_class_only_has_no_auc)
{
    double p[] = {0.1, 0.9}, y[] = {1, 1};
    assert_true(isnan(stats_auc(p, y, 2)));
    assert_true(isnan(stats_pr_auc(p, (double[]){0, 0}, 2)));
    assert_true(isnan(stats_brier(p, y, 0)));
}

TEST(calibration_error_is_the_weighted_gap_of_the_bins)
{
    /* By hand: bins (0.1, 0.2 | 0, 0) gap 0.15 and (0.8, 0.9 | 1, 0) gap 0.35; each half: 0.25. */
    double p[] = {0.9, 0.1, 0.8, 0.2}, y[] = {0, 0, 1, 0};
    StatsBin bins[2];
    T_NEAR(0.25, stats_calibration(p, y, 4, bins, 2), 1e-12);
    T_NEAR(0.85, bins[1].mean_p, 1e-12);
    T_NEAR(0.5, bins[1].rate, 1e-12);
}

TEST(certain_and_wrong_is_costly_but_finite)
{
    double loss = stats_log_loss((double[]){0}, (double[]){1}, 1);
    T_NEAR(34.538776394910684, loss, 1e-9); /* -ln(1e-15) */
}

T_MAIN(T(scores_agree_with_the_examples_of_scikit_learn), T(the_deviance_of_tweedie_is_its_integral),
       T(scores_of_several_classes_are_those_of_the_row_s_class),
       T(equal_predictions_count_half_and_keep_together), T(one_class_only_has_no_auc),
       T(calibration_error_is_the_weighted_gap_of_the_bins), T(certain_and_wrong_is_costly_but_finite))

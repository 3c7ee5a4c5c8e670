/* Expected values: R 4.2 (pt, qt, pchisq, pf, pbeta, pgamma), printed with 15 digits. */
#include "harness/t.h"
#include "stats/stats_dist.h"

#include <math.h>

static void near(double expected, double actual)
{
    T_NEAR(expected, actual, 1e-11 * fabs(expected) + 1e-300);
}

TEST(student_has_known_tails)
{
    near(0.0733880347707404, stats_t_two_sided(2, 10)); /* 2 * pt(-2, 10) */
    near(0.5, stats_t_two_sided(1, 1));                 /* Cauchy: 1 - 2 atan(1) / pi */
    near(0.0455002638963584, stats_t_two_sided(2, INFINITY));
    near(0.975, stats_t_cdf(12.7062047361747, 1));
    near(1 - 0.5 / 2, stats_t_cdf(1, 1));
}

TEST(quantiles_of_student_invert_its_distribution)
{
    T_NEAR(12.7062047361747, stats_t_quantile(0.975, 1), 1e-10);
    T_NEAR(2.22813885198627, stats_t_quantile(0.975, 10), 1e-12);
    T_NEAR(-2.22813885198627, stats_t_quantile(0.025, 10), 1e-12);
    T_NEAR(1.95996398454005, stats_t_quantile(0.975, INFINITY), 1e-12);
    T_NEAR(1.96233908082641, stats_t_quantile(0.975, 1000), 1e-11);
    T_NEAR(stats_t_quantile(0.9, 7.3), -stats_t_quantile(0.1, 7.3), 1e-12);
    T_NEAR(0.9, stats_t_cdf(stats_t_quantile(0.9, 2.5), 2.5), 1e-13);
}

TEST(chi_square_has_known_tails)
{
    near(exp(-1.5), stats_chi2_upper(3, 2)); /* two degrees: exp(-x / 2) */
    near(erfc(sqrt(0.5)), stats_chi2_upper(1, 1));
    near(exp(-50), stats_chi2_upper(100, 2));
    near(1 - exp(-0.05), stats_gamma_lower(1, 0.05));
}

TEST(fisher_is_the_square_of_student)
{
    near(stats_t_two_sided(2.3, 17), stats_f_upper(2.3 * 2.3, 1, 17));
    near(pow(1 + 3.0 * 2 / 8, -4),
         stats_f_upper(3, 2, 8)); /* two numerator degrees: (1 + 2 f / d)^(-d / 2) */
    near(stats_chi2_upper(6, 3), stats_f_upper(2, 3, INFINITY));
}

TEST(the_incomplete_beta_function_has_its_closed_forms)
{
    near(0.3 * 0.3, stats_beta_lower(2, 1, 0.3));
    near(1 - pow(0.7, 5), stats_beta_lower(1, 5, 0.3));
    near(0.5, stats_beta_lower(80.5, 80.5, 0.5));
    near(asin(sqrt(0.2)) * 2 / M_PI, stats_beta_lower(0.5, 0.5, 0.2));
}

TEST(what_is_no_argument_gives_nan)
{
    assert_true(isnan(stats_t_quantile(1, 5)));
    assert_true(isnan(stats_t_two_sided(1, 0)));
    assert_true(isnan(stats_beta_lower(0, 1, 0.5)));
    assert_true(isnan(stats_chi2_upper(1, -1)));
    assert_true(isnan(stats_f_upper(NAN, 1, 1)));
}

T_MAIN(T(student_has_known_tails), T(quantiles_of_student_invert_its_distribution),
       T(chi_square_has_known_tails), T(fisher_is_the_square_of_student),
       T(the_incomplete_beta_function_has_its_closed_forms), T(what_is_no_argument_gives_nan))

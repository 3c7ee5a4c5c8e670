/* Expected values: R 4.2 with survival 3.5-3: coxph (Efron), coxph(cluster =), cox.zph; rows in surv_rows.h. */
#include "base/mem.h"
#include "harness/t.h"
#include "stats/stats_cox.h"
#include "stats/surv_rows.h"

#include <math.h>

typedef struct Want {
    double coef[2], se[2], robust[2], covariance, robust_covariance;
    double log_likelihood_0, log_likelihood, likelihood_ratio, score;
    double proportional[2], proportional_all;
} Want;

static void design(double *x)
{
    for (int i = 0; i < N; i++) {
        x[i] = surv_treated(i);
        x[i + N] = AGE[i];
    }
}

static void check(const StatsCox *c, const Want *w)
{
    for (int k = 0; k < 2; k++) {
        int at = k * (c->k + 1);
        T_NEAR(w->coef[k], c->coef[k], 1e-11);
        T_NEAR(w->se[k], sqrt(c->covariance[at]), 1e-11);
        T_NEAR(w->robust[k], sqrt(c->robust[at]), 1e-11);
        T_NEAR(w->proportional[k], c->proportional[k].chi2, 1e-9);
        assert_int_equal(1, c->proportional[k].df);
        assert_false(c->runs_away[k]);
    }
    T_NEAR(w->covariance, c->covariance[1], 1e-12);
    T_NEAR(w->robust_covariance, c->robust[1], 1e-12);
    T_NEAR(w->log_likelihood_0, c->log_likelihood_0, 1e-11);
    T_NEAR(w->log_likelihood, c->log_likelihood, 1e-11);
    T_NEAR(w->likelihood_ratio, c->likelihood_ratio.chi2, 1e-11);
    T_NEAR(w->score, c->score.chi2, 1e-11);
    T_NEAR(w->proportional_all, c->proportional_all.chi2, 1e-9);
    assert_int_equal(2, c->proportional_all.df);
}

TEST(ties_are_broken_as_efron_does)
{
    double x[2 * N];
    Err err = {0};
    CLEANUP(stats_cox_freep) StatsCox *c = NULL;
    design(x);
    T_OK(stats_cox(&(StatsSurv){N, NULL, TIME, EVENT}, x, 2, NULL, 0, (StatsClusters){0}, &c, &err), err);
    check(c, &(Want){{0.311328385829140, 0.026491083182092},
                     {0.3859906329268554, 0.0216425531183755},
                     {0.3562713630064989, 0.0207491585467653},
                     0.000127728395772986,
                     -0.000551938118920255,
                     -78.6794963466620,
                     -77.6066927681935,
                     2.145607156937103,
                     2.148463358307621,
                     {0.0664873097903508, 1.2974530729922467},
                     1.6626005025640571});
    T_NEAR(0.342048212898284, c->likelihood_ratio.p, 1e-12);
    T_NEAR(0.796521645830285, c->proportional[0].p, 1e-10);
    assert_int_equal(29, c->n_events);
}

TEST(strata_have_baselines_and_clusters_have_errors_of_their_own)
{
    double x[2 * N];
    int32_t stratum[N], cluster[N];
    Err err = {0};
    CLEANUP(stats_cox_freep) StatsCox *c = NULL;
    design(x);
    for (int i = 0; i < N; i++) {
        stratum[i] = surv_stratum(i);
        cluster[i] = surv_cluster(i);
    }
    T_OK(stats_cox(&(StatsSurv){N, NULL, TIME, EVENT}, x, 2, stratum, 2, (StatsClusters){cluster, 10}, &c,
                   &err),
         err);
    check(c, &(Want){{0.0230106098956302, 0.0304234098695245},
                     {0.4652418094976667, 0.0224848173382458},
                     {0.3859773270512545, 0.0223449604360713},
                     -0.000557678735953174,
                     -0.000920343880047192,
                     -60.0743130846916,
                     -59.1297113287521,
                     1.889203511878961,
                     1.860725475137299,
                     {0.0827908846848135, 1.8069834832375122},
                     1.8769632371379403});
}

TEST(rows_watched_from_later_on_are_at_risk_from_then)
{
    double x[2 * N];
    int32_t stratum[N], cluster[N];
    Err err = {0};
    CLEANUP(stats_cox_freep) StatsCox *c = NULL;
    design(x);
    for (int i = 0; i < N; i++) {
        stratum[i] = surv_stratum(i);
        cluster[i] = surv_cluster(i);
    }
    T_OK(stats_cox(&(StatsSurv){N, ENTRY, TIME, EVENT}, x, 2, stratum, 2, (StatsClusters){cluster, 10}, &c,
                   &err),
         err);
    check(c, &(Want){{-0.0361467386978056, 0.0225883510177758},
                     {0.4738262177316413, 0.0227568076527421},
                     {0.3530795374805714, 0.0267461582150901},
                     -0.00055490854432724,
                     -0.00187245615256445,
                     -54.9120241941413,
                     -54.4097563328460,
                     1.004535722590518,
                     0.989803043373213,
                     {0.036987113041253, 2.190178740623813},
                     2.241908643696112});
}

TEST(a_column_that_repeats_others_is_dropped_and_the_rest_stays_the_same)
{
    double x[3 * N];
    Err err = {0};
    CLEANUP(stats_cox_freep) StatsCox *c = NULL;
    design(x);
    for (int i = 0; i < N; i++)
        x[i + 2 * N] = 7 - 3 * x[i] + x[i + N];
    T_OK(stats_cox(&(StatsSurv){N, NULL, TIME, EVENT}, x, 3, NULL, 0, (StatsClusters){0}, &c, &err), err);
    assert_true(c->kept[0] && c->kept[1] && !c->kept[2]);
    T_NEAR(0.311328385829140, c->coef[0], 1e-11);
    T_NEAR(0.3859906329268554, sqrt(c->covariance[0]), 1e-11);
    assert_true(c->coef[2] == 0 && c->covariance[8] == 0 && c->proportional[2].df == 0);
}

TEST(a_group_without_events_has_a_coefficient_that_runs_away)
{
    double x[2 * N], event[N];
    Err err = {0};
    CLEANUP(stats_cox_freep) StatsCox *c = NULL;
    design(x);
    for (int i = 0; i < N; i++)
        event[i] = surv_treated(i) ? 0 : EVENT[i];
    T_OK(stats_cox(&(StatsSurv){N, NULL, TIME, event}, x, 2, NULL, 0, (StatsClusters){0}, &c, &err), err);
    assert_true(c->runs_away[0] && c->coef[0] < -5);
    assert_false(c->runs_away[1]);
    /* The limit: R's coxph on the even rows alone gives age this coefficient. */
    T_NEAR(0.0393872545851486, c->coef[1], 1e-5);
}

TEST(what_cannot_be_fitted_is_an_error)
{
    double x[2 * N], none[N] = {0}, one[N] = {0};
    Err err = {0};
    StatsCox *c = NULL;
    design(x);
    T_FAILS(ERR_INVALID,
            stats_cox(&(StatsSurv){N, NULL, TIME, none}, x, 2, NULL, 0, (StatsClusters){0}, &c, &err));
    one[3] = 1;
    T_FAILS(ERR_INVALID,
            stats_cox(&(StatsSurv){N, NULL, TIME, one}, x, 2, NULL, 0, (StatsClusters){0}, &c, &err));
    for (int i = 0; i < N; i++)
        x[i] = 4;
    T_FAILS(ERR_INVALID,
            stats_cox(&(StatsSurv){N, NULL, TIME, EVENT}, x, 1, NULL, 0, (StatsClusters){0}, &c, &err));
    assert_null(c);
}

T_MAIN(T(ties_are_broken_as_efron_does), T(strata_have_baselines_and_clusters_have_errors_of_their_own),
       T(rows_watched_from_later_on_are_at_risk_from_then),
       T(a_column_that_repeats_others_is_dropped_and_the_rest_stays_the_same),
       T(a_group_without_events_has_a_coefficient_that_runs_away), T(what_cannot_be_fitted_is_an_error))

#include "harness/t.h"
#include "stats/stats_measure.h"

#include "base/mem.h"

#include <math.h>

enum { N = 800 };
typedef struct Sample {
    double p[N], y[N];
    int32_t group[N];
} Sample;

/* Probabilities of which many are equal, in groups of 8 that share half of their luck. */
static Sample sample(uint64_t seed)
{
    Sample s;
    StatsRng r;
    stats_seed(&r, seed);
    double luck = 0;
    for (int i = 0; i < N; i++) {
        if (i % 8 == 0)
            luck = stats_normal(&r);
        double z = luck + stats_normal(&r);
        s.p[i] = floor(50 / (1 + exp(-z))) / 50;
        s.y[i] = stats_uniform(&r) < 1 / (1 + exp(-z - 0.3));
        s.group[i] = 1000000 - i / 8 * 17;
    }
    return s;
}

static double ece_10(const double *p, const double *y, int64_t n)
{
    StatsBin bins[10];
    return stats_calibration(p, y, n, bins, 10);
}

/* The other bootstrap copies and sorts every resample. */
TEST(intervals_agree_with_those_that_sort_every_resample)
{
    Sample s = sample(3);
    double squares[N];
    stats_losses(STATS_SQUARED, s.p, s.y, N, squares);
    static const struct {
        const char *name;
        StatsMeasureKind kind;
        StatsScore *score;
    } rows[] = {{"auc", STATS_AUC, stats_auc},
                {"pr auc", STATS_PR_AUC, stats_pr_auc},
                {"brier", STATS_MEAN, stats_brier},
                {"rmse", STATS_ROOT_MEAN, stats_rmse}};
    for (int grouped = 0; grouped < 2; grouped++) {
        StatsRows of = {s.p, s.y, grouped ? s.group : NULL, N, 0};
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            StatsInterval expected = stats_bootstrap(rows[i].score, s.p, s.y, of.group, N, 3000, 0.9, 7 + i),
                          got;
            StatsMeasure m = {rows[i].kind, squares, NULL};
            stats_measure(&of, &m, 1, 3000, 0.9, 99, &got);
            double width = expected.high - expected.low;
            /* The ends of a percentile interval of 3,000 resamples are known to about 3 % of its width. */
            if (fabs(got.estimate - expected.estimate) > 1e-12 ||
                fabs(got.low - expected.low) > 0.1 * width || fabs(got.high - expected.high) > 0.1 * width)
                fail_msg("%s, grouped %d: %g (%g, %g), expected %g (%g, %g)", rows[i].name, grouped,
                         got.estimate, got.low, got.high, expected.estimate, expected.low, expected.high);
        }
    }
}

TEST(the_calibration_error_is_that_of_the_bins)
{
    Sample s = sample(4);
    StatsMeasure m = {.kind = STATS_ECE};
    StatsInterval got;
    stats_measure(&(StatsRows){s.p, s.y, NULL, N, 10}, &m, 1, 500, 0.95, 1, &got);
    T_NEAR(ece_10(s.p, s.y, N), got.estimate, 1e-12);
    assert_true(got.low < got.high && got.high < 3 * got.estimate);
}

TEST(a_difference_drops_what_both_share)
{
    double a[N], b[N];
    StatsRng r;
    stats_seed(&r, 8);
    for (int i = 0; i < N; i++) {
        a[i] = stats_normal(&r);
        b[i] = a[i] + 0.25;
    }
    StatsMeasure m = {STATS_MEAN, a, b};
    StatsInterval got;
    stats_measure(&(StatsRows){.n = N}, &m, 1, 300, 0.95, 1, &got);
    T_NEAR(-0.25, got.low, 1e-12);
    T_NEAR(-0.25, got.high, 1e-12);
}

TEST(the_interval_of_a_mean_is_its_normal_one)
{
    double v[N];
    StatsRng r;
    stats_seed(&r, 12);
    double squares = 0, sum = 0;
    for (int i = 0; i < N; i++) {
        v[i] = stats_normal(&r);
        sum += v[i];
        squares += v[i] * v[i];
    }
    double error = sqrt((squares - sum * sum / N) / N / N);
    StatsMeasure m = {STATS_MEAN, v, NULL};
    StatsInterval got;
    stats_measure(&(StatsRows){.n = N}, &m, 1, 20000, 0.95, 5, &got);
    T_NEAR(sum / N, got.estimate, 1e-12);
    T_NEAR(sum / N - 1.96 * error, got.low, 0.05 * error);
    T_NEAR(sum / N + 1.96 * error, got.high, 0.05 * error);
}

/* All pairs, one by one. */
static double auc_of_pairs(const double *p, const double *y, int n)
{
    double wins = 0, pairs = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (y[i] > y[j]) {
                pairs++;
                wins += p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0;
            }
    return wins / pairs;
}

TEST(the_auc_is_the_share_of_pairs_in_the_right_order)
{
    for (uint64_t seed = 20; seed < 25; seed++) {
        Sample s = sample(seed);
        StatsMeasure m = {.kind = STATS_AUC};
        StatsInterval got;
        stats_measure(&(StatsRows){.p = s.p, .y = s.y, .n = N}, &m, 1, 0, 0.95, 5, &got);
        T_NEAR(auc_of_pairs(s.p, s.y, N), got.estimate, 1e-12);
        assert_true(isnan(got.low) && isnan(got.high));
    }
}

TEST(the_same_seed_gives_the_same_and_one_class_gives_none)
{
    Sample s = sample(5);
    StatsMeasure m[] = {{.kind = STATS_AUC}, {.kind = STATS_PR_AUC}, {.kind = STATS_ECE}};
    StatsInterval a[3], b[3], none[3];
    StatsRows rows = {s.p, s.y, NULL, N, 10};
    stats_measure(&rows, m, 3, 50, 0.95, 5, a);
    stats_measure(&rows, m, 3, 50, 0.95, 5, b);
    assert_memory_equal(a, b, sizeof a);
    double zeros[N] = {0};
    rows.y = zeros;
    stats_measure(&rows, m, 2, 50, 0.95, 5, none);
    for (int i = 0; i < 2; i++)
        assert_true(isnan(none[i].estimate) && isnan(none[i].low) && isnan(none[i].high));
    stats_measure(&(StatsRows){.n = 0}, m, 3, 50, 0.95, 5, none);
    assert_true(isnan(none[2].estimate));
}

T_MAIN(T(intervals_agree_with_those_that_sort_every_resample), T(the_calibration_error_is_that_of_the_bins),
       T(a_difference_drops_what_both_share), T(the_interval_of_a_mean_is_its_normal_one),
       T(the_auc_is_the_share_of_pairs_in_the_right_order),
       T(the_same_seed_gives_the_same_and_one_class_gives_none))

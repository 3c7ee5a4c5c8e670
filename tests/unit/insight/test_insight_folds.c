#include "harness/t.h"
#include "insight/insight_folds.h"
#include "unit/insight/world.h"

#include <string.h>

enum { N = 100 };

TEST(every_fold_has_its_share_of_both_arms)
{
    CLEANUP(insight_data_freep) InsightData *d = world_new(N, 1);
    int32_t fold[N], again[N];
    int n, rows[5][2] = {{0}};
    Err err = {0};
    for (int i = 0; i < N; i++)
        d->t[i] = i % 4 == 0;
    T_OK(insight_folds(d, 5, 7, fold, &n, &err), err);
    assert_int_equal(5, n);
    for (int i = 0; i < N; i++)
        rows[fold[i]][d->t[i] > 0.5]++;
    for (int f = 0; f < 5; f++) {
        assert_int_equal(15, rows[f][0]);
        assert_int_equal(5, rows[f][1]);
    }
    T_OK(insight_folds(d, 5, 7, again, &n, &err), err);
    assert_memory_equal(fold, again, sizeof fold);
    T_OK(insight_folds(d, 5, 8, again, &n, &err), err);
    assert_memory_not_equal(fold, again, sizeof fold);
}

TEST(rows_of_a_cluster_stay_together)
{
    CLEANUP(insight_data_freep) InsightData *d = world_new(N, 1);
    int32_t fold[N];
    int n;
    Err err = {0};
    world_cluster(d, 5);
    for (int i = 0; i < N; i++)
        d->t[i] = i < N / 2;
    T_OK(insight_folds(d, 5, 7, fold, &n, &err), err);
    for (int i = 0; i < N; i++)
        assert_int_equal(fold[i], fold[i - i % 5]);
}

TEST(with_fewer_treated_than_folds_there_are_fewer_and_with_one_it_is_refused)
{
    CLEANUP(insight_data_freep) InsightData *d = world_new(N, 1);
    int32_t fold[N];
    int n;
    Err err = {0};
    d->t[3] = d->t[50] = d->t[77] = 1;
    T_OK(insight_folds(d, 5, 7, fold, &n, &err), err);
    assert_int_equal(3, n);
    d->t[3] = d->t[50] = 0;
    T_FAILS(ERR_INVALID, insight_folds(d, 5, 7, fold, &n, &err));
}

T_MAIN(T(every_fold_has_its_share_of_both_arms), T(rows_of_a_cluster_stay_together),
       T(with_fewer_treated_than_folds_there_are_fewer_and_with_one_it_is_refused))

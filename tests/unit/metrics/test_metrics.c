#include "harness/t.h"

#include "metrics/metrics.h"

#include <pthread.h>

static Metric requests = METRIC_COUNTER("t_requests_total", "Requests.", "route", "status");
static Metric depth = METRIC_GAUGE("t_depth", "Depth.", NULL);
static const double BOUNDS[] = {1, 2, 5};
static Metric sizes = METRIC_HISTOGRAM("t_sizes", "Sizes.", BOUNDS, "kind");
static Metric crowd = METRIC_COUNTER("t_crowd_total", "Many cells.", "id");
static Metric dropped_view = METRIC_COUNTER("t_unused_total", "Unused.", NULL);

TEST(the_same_labels_are_the_same_cell)
{
    MetricCell *a = metrics_cell(&requests, "/a", "200");
    assert_ptr_equal(a, metrics_cell(&requests, "/a", "200"));
    assert_ptr_not_equal(a, metrics_cell(&requests, "/a", "404"));
    assert_ptr_not_equal(metrics_cell(&requests, "ab", "c"), metrics_cell(&requests, "a", "bc"));
    metrics_add(a, 1);
    metrics_add(a, 2.5);
    T_NEAR(3.5, metrics_value(a), 0);
}

TEST(a_gauge_is_set_and_moved)
{
    MetricCell *c = metrics_cell(&depth);
    metrics_set(c, 10);
    metrics_add(c, -3);
    T_NEAR(7, metrics_value(c), 0);
}

TEST(a_value_on_the_bound_belongs_to_the_bucket)
{
    MetricCell *c = metrics_cell(&sizes, "x");
    const double seen[] = {0.5, 1, 1.5, 2, 5, 5.1};
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        metrics_observe(c, seen[i]);
    T_NEAR(6, metrics_value(c), 0);
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    metrics_render(METRICS_TEXT_0_0_4, &out);
    /* le is "less or equal": 0.5 1 | 1.5 2 | 5 | 5.1 */
    assert_non_null(strstr(buf_cstr(&out), "t_sizes_bucket{kind=\"x\",le=\"1.0\"} 2\n"
                                           "t_sizes_bucket{kind=\"x\",le=\"2.0\"} 4\n"
                                           "t_sizes_bucket{kind=\"x\",le=\"5.0\"} 5\n"
                                           "t_sizes_bucket{kind=\"x\",le=\"+Inf\"} 6\n"
                                           "t_sizes_sum{kind=\"x\"} 15.1\n"
                                           "t_sizes_count{kind=\"x\"} 6\n"));
}

TEST(a_full_family_shares_one_cell_and_counts)
{
    char id[16];
    MetricCell *last = NULL;
    for (int i = 0; i < METRICS_CELLS_MAX + 3; i++) {
        snprintf(id, sizeof id, "%d", i);
        last = metrics_cell(&crowd, id);
        metrics_add(last, 1);
    }
    T_NEAR(3, metrics_value(last), 0);
    assert_ptr_equal(last, metrics_cell(&crowd, "yet another"));
    assert_ptr_not_equal(last, metrics_cell(&crowd, "0")); /* those that were there keep theirs */
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    metrics_render(METRICS_TEXT_0_0_4, &out);
    assert_non_null(strstr(buf_cstr(&out), "\nehub_metrics_dropped_total{family=\"t_crowd_total\"} 4\n"));
    assert_non_null(strstr(buf_cstr(&out), "\nt_crowd_total{id=\"other\"} 3\n"));
}

static void *add_many(void *arg)
{
    for (int i = 0; i < 20000; i++) {
        metrics_add(metrics_cell(&requests, "/shared", "200"), 1);
        metrics_observe(metrics_cell(&sizes, "shared"), i % 7);
    }
    return arg;
}

TEST(no_update_is_lost_between_threads)
{
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, NULL), 0);
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    metrics_render(METRICS_TEXT_0_0_4, &out); /* while they run */
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    T_NEAR(80000, metrics_value(metrics_cell(&requests, "/shared", "200")), 0);
    T_NEAR(80000, metrics_value(metrics_cell(&sizes, "shared")), 0);
}

TEST(a_family_without_cells_is_not_shown)
{
    CLEANUP(buf_done) Buf out = BUF(1 << 20);
    metrics_render(METRICS_TEXT_0_0_4, &out);
    assert_null(strstr(buf_cstr(&out), dropped_view.name));
}

T_MAIN(T(the_same_labels_are_the_same_cell), T(a_gauge_is_set_and_moved),
       T(a_value_on_the_bound_belongs_to_the_bucket), T(a_full_family_shares_one_cell_and_counts),
       T(no_update_is_lost_between_threads), T(a_family_without_cells_is_not_shown))

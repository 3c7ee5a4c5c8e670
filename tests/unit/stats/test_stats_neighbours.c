/* Expected: every point looked at, one by one. */
#include "base/mem.h"
#include "harness/t.h"
#include "stats/stats.h"
#include "stats/stats_neighbours.h"

#include <math.h>

enum { N = 500, K = 3 };

static int64_t one_by_one(const double *p, int64_t n, const double *at, int m, int64_t self, bool *in)
{
    CLEANUP(mem_freep) double *d = mem_array((size_t)n, sizeof *d);
    CLEANUP(mem_freep) double *sorted = mem_array((size_t)n, sizeof *sorted);
    int64_t others = 0, found = 0;
    for (int64_t i = 0; i < n; i++) {
        double square = 0;
        for (int c = 0; c < K; c++)
            square += (p[i * K + c] - at[c]) * (p[i * K + c] - at[c]);
        d[i] = sqrt(square);
        if (i != self)
            sorted[others++] = d[i];
    }
    double last = m <= others ? (stats_quantile(sorted, others, 0), sorted[m - 1]) : INFINITY;
    for (int64_t i = 0; i < n; i++)
        found += in[i] = i != self && d[i] <= last + 1e-9;
    return found;
}

/* grid: coordinates 0 .. grid - 1, so that there are many ties; 0: no ties. */
static void check(int grid, uint64_t seed)
{
    static double p[N * K];
    static bool in[N];
    CLEANUP(stats_found_done) StatsFound f = {0};
    StatsRng r;
    stats_seed(&r, seed);
    for (int i = 0; i < N * K; i++)
        p[i] = grid ? (double)stats_below(&r, grid) : stats_normal(&r);
    CLEANUP(stats_neighbours_freep) StatsNeighbours *s = stats_neighbours_new(p, N, K);
    for (int i = 0; i < 100; i++) {
        int m = 1 + i % 5, self = i % 3 ? i : -1;
        stats_neighbours_find(s, p + i * K, m, self, &f);
        assert_int_equal(one_by_one(p, N, p + i * K, m, self, in), f.n);
        for (int64_t k = 0; k < f.n; k++)
            assert_true(in[f.id[k]] && (k == 0 || f.id[k] > f.id[k - 1]));
        assert_true(f.n >= m && (grid || f.n == m));
    }
}

TEST(the_nearest_and_their_ties_are_those_of_looking_at_every_point)
{
    check(0, 1);
    check(3, 2);
    check(8, 3);
}

TEST(equal_points_are_all_found)
{
    static double p[N * K];
    CLEANUP(stats_found_done) StatsFound f = {0};
    CLEANUP(stats_neighbours_freep) StatsNeighbours *s = stats_neighbours_new(p, N, K);
    stats_neighbours_find(s, (const double[]){0, 0, 0}, 1, 7, &f);
    assert_int_equal(N - 1, f.n);
    T_NEAR(0, f.distance, 0);
}

TEST(with_fewer_points_than_asked_for_all_are_found_at_no_distance)
{
    const double p[2 * K] = {1, 0, 0, 2, 0, 0};
    CLEANUP(stats_found_done) StatsFound f = {0};
    CLEANUP(stats_neighbours_freep) StatsNeighbours *s = stats_neighbours_new(p, 2, K);
    stats_neighbours_find(s, p, 3, -1, &f);
    assert_int_equal(2, f.n);
    assert_true(isinf(f.distance));
}

T_MAIN(T(the_nearest_and_their_ties_are_those_of_looking_at_every_point), T(equal_points_are_all_found),
       T(with_fewer_points_than_asked_for_all_are_found_at_no_distance))

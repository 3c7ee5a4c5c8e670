/* stats_neighbours.h - the nearest of many points, with all that are equally near.
 *
 *     points --stats_neighbours_new--> k-d tree --stats_neighbours_find--> ids of the m nearest and of those tied with the last
 *
 * Euclidean distance: scale the coordinates before (whitened ones give the Mahalanobis distance).
 * Shapes:   point double[n][k] row-major, finite; it is borrowed. Owner: stats_neighbours_free.
 * Threads:  find: any number at once, each with its own StatsFound.
 * Cost:     O(n log n) to make; find O(log n) in few dimensions, up to O(n k) in many (Friedman, Bentley, Finkel 1977). */
#ifndef EHUB_STATS_STATS_NEIGHBOURS_H
#define EHUB_STATS_STATS_NEIGHBOURS_H

#include "base/base.h"

typedef struct StatsNeighbours StatsNeighbours;
StatsNeighbours *stats_neighbours_new(const double *point, int64_t n, int k);
void stats_neighbours_free(StatsNeighbours *s);
DEFINE_FREEP(StatsNeighbours, stats_neighbours_free)

typedef struct StatsFound {
    int64_t *id; /* int64_t[n], rising */
    int64_t n, cap;
    double distance; /* of the m-th nearest; INFINITY: there are no m */
    double *nearest; /* private: double[m], squares */
    int m;
} StatsFound;
void stats_found_done(StatsFound *f);

/* The m nearest of `at` double[k] but `self` (-1: none), and all whose distance is within 1e-7 of the m-th's. */
void stats_neighbours_find(const StatsNeighbours *s, const double *at, int m, int64_t self, StatsFound *ret);

#endif

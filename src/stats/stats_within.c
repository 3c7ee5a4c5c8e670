/* stats_within.c - see stats_within.h. */
#include "stats/stats_within.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#define SETTLED 1e-11 /* largest mean taken out, as a share of the column's root mean square */

/* Takes the means of one effect out; the largest of them. */
static double take_out(double *v, int64_t n, StatsClusters effect, const double *weight, const double *all,
                       double *sum)
{
    double largest = 0;
    memset(sum, 0, (size_t)effect.n * sizeof *sum);
    for (int64_t i = 0; i < n; i++)
        sum[effect.id[i]] += weight ? weight[i] * v[i] : v[i];
    for (int32_t g = 0; g < effect.n; g++) {
        sum[g] = all[g] > 0 ? sum[g] / all[g] : 0;
        largest = fmax(largest, fabs(sum[g]));
    }
    for (int64_t i = 0; i < n; i++)
        v[i] -= sum[effect.id[i]];
    return largest;
}

typedef struct Within {
    int64_t n;
    const StatsClusters *effects;
    int n_effects;
    const double *weight;
    double **all; /* [n_effects][groups] weight of each group */
    double *sum;
} Within;

static ErrKind column(const Within *w, double *v, Err *reterr)
{
    double square = 0, largest = INFINITY;
    for (int64_t i = 0; i < w->n; i++)
        square += v[i] * v[i];
    double still = SETTLED * sqrt(square / (double)w->n);
    for (int turn = 0; turn < STATS_WITHIN_TURNS && largest > still; turn++) {
        largest = 0;
        for (int e = 0; e < w->n_effects; e++)
            largest = fmax(largest, take_out(v, w->n, w->effects[e], w->weight, w->all[e], w->sum));
    }
    if (!(largest <= still))
        return err_set(reterr, ERR_INVALID, "the effects of groups do not settle in %d turns",
                       STATS_WITHIN_TURNS);
    return ERR_NONE;
}

ErrKind stats_within(double *v, int64_t n, int k, const StatsClusters *effects, int n_effects,
                     const double *weight, Err *reterr)
{
    int32_t most = 1;
    CLEANUP(mem_freep) double **all = mem_array((size_t)MAX(n_effects, 1), sizeof *all);
    for (int e = 0; e < n_effects; e++) {
        most = MAX(most, effects[e].n);
        all[e] = mem_array((size_t)MAX(effects[e].n, 1), sizeof **all);
        for (int64_t i = 0; i < n; i++)
            all[e][effects[e].id[i]] += weight ? weight[i] : 1;
    }
    CLEANUP(mem_freep) double *sum = mem_array((size_t)most, sizeof *sum);
    Within w = {n, effects, n_effects, weight, all, sum};
    ErrKind kind = ERR_NONE;
    for (int c = 0; c < k && kind == ERR_NONE; c++)
        kind = column(&w, v + n * c, reterr);
    for (int e = 0; e < n_effects; e++)
        mem_free(all[e]);
    return kind;
}

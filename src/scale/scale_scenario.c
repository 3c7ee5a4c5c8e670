/* scale_scenario.c - see scale_scenario.h. */
#include "scale/scale_scenario.h"

#include "base/mem.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
#define USUAL 120.0
#define NOISE 0.03

const char *const SCALE_SCENARIOS[] = {"high_load", "low_load", "traffic_spike", "cost_optimization", NULL};

/* How many times the usual load, at this share of the minutes in question. */
static double high_load(double at)
{
    return at < 0.25 ? 1 + 8 * at : 3;
}

static double low_load(double at)
{
    return at < 0.25 ? 1 - 3.2 * at : 0.2;
}

static double traffic_spike(double at)
{
    return at >= 0.5 && at < 0.5 + 1.0 / 6 ? 4 : 1;
}

static double ordinary(double at)
{
    (void)at;
    return 1;
}

static double (*const TIMES[])(double at) = {high_load, low_load, traffic_spike, ordinary};

/* The history ends at hour 15, the busiest. */
static double usual(int64_t minute)
{
    double day = (double)(minute + 15 * 60) / 1440;
    bool weekend = (int64_t)floor(day) % 7 >= 5;
    return USUAL * (1 + 0.6 * cos(2 * PI * (day - 15.0 / 24))) * (weekend ? 0.6 : 1);
}

ErrKind scale_scenario(const char *name, int64_t minutes, uint64_t seed, double **ret, Err *reterr)
{
    int which = 0;
    while (SCALE_SCENARIOS[which] && strcmp(SCALE_SCENARIOS[which], name) != 0)
        which++;
    if (!SCALE_SCENARIOS[which])
        return err_set(reterr, ERR_USAGE,
                       "\"%.40s\" is none of high_load, low_load, traffic_spike, cost_optimization", name);
    if (minutes < 1 || minutes > SCALE_SCENARIO_MINUTES_MAX)
        return err_set(reterr, ERR_USAGE, "%lld minutes: from 1 to %d", (long long)minutes,
                       SCALE_SCENARIO_MINUTES_MAX);
    StatsRng rng;
    stats_seed(&rng, seed);
    int64_t n = SCALE_SCENARIO_HISTORY + minutes;
    double *d = mem_array((size_t)n, sizeof *d);
    for (int64_t k = 0; k < n; k++) {
        double at = (double)(k - SCALE_SCENARIO_HISTORY) / (double)minutes;
        d[k] = usual(k) * (at >= 0 ? TIMES[which](at) : 1) * MAX(1 + NOISE * stats_normal(&rng), 0);
    }
    *ret = d;
    return ERR_NONE;
}

/* bench_scale.c - how long predictive scaling thinks, on two weeks of minutes (a day's wave with noise).
 *
 *     bench_scale      prints one JSON object
 *
 * plan: what `ehub scaling start` does at each round, the whole history gone through anew (refit), and one decision of a plan that
 * knows it (a step seen, four ticks asked). forecast: the models that compete, one hour ahead, the same way. */
#include "base/clock.h"
#include "base/mem.h"
#include "scale/scale_forecast.h"
#include "scale/scale_live.h"
#include "stats/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HISTORY (14 * 1440)
#define MORE 2000
#define ROUNDS 9
#define TWO_PI 6.28318530717958648

static void must(ErrKind kind, const Err *err)
{
    if (kind == ERR_NONE)
        return;
    fprintf(stderr, "%s\n", err->msg);
    exit(1);
}

static void print(const char *name, double *ms, int n, bool last)
{
    double p50 = stats_quantile(ms, n, 0.5);
    printf("\"%s_ms\": {\"median\": %.4g, \"p99\": %.4g, \"max\": %.4g}%s", name, p50,
           stats_quantile(ms, n, 0.99), ms[n - 1], last ? "" : ", ");
}

static double since_ms(int64_t from_us)
{
    return (double)(clock_mono_us() - from_us) / 1000;
}

static void plan(const ScaleConf *c, const double *v, bool last)
{
    double refit[ROUNDS], decide[MORE];
    CLEANUP(scale_series_freep) ScaleSeries *s = scale_series_new(0, 60, v, HISTORY);
    Err err = {0};
    for (int r = 0; r < ROUNDS; r++) {
        ScaleStored d;
        int64_t from = clock_mono_us();
        must(scale_live_decide(c, s, US_PER_DAY, &(ScaleOverride){.replicas = -1}, &d, &err), &err);
        refit[r] = since_ms(from);
    }
    CLEANUP(scale_plan_freep) ScalePlan *p = NULL;
    must(scale_plan_new(&c->world, 0, &p, &err), &err);
    for (int64_t k = 0; k < HISTORY + MORE; k++) {
        int64_t from = clock_mono_us();
        scale_plan_see(p, v[k]);
        for (int64_t i = 0; i < 4; i++) {
            ScaleView view = {.tick = 4 * k + i,
                              .t_s = 60.0 * (double)k + 15.0 * (double)i,
                              .step = k,
                              .seen_step = k,
                              .seen = v[k],
                              .ready = 16};
            (void)scale_plan_want(p, &view);
        }
        if (k >= HISTORY)
            decide[k - HISTORY] = since_ms(from);
    }
    print("plan_refit", refit, ROUNDS, false);
    print("plan_decision", decide, MORE, last);
}

static void forecast(const double *v, bool last)
{
    static const int64_t SEASONS[] = {1440, 10080};
    double refit[ROUNDS], one[MORE];
    for (int r = 0; r < ROUNDS; r++) {
        CLEANUP(scale_forecast_freep)
        ScaleForecaster *f = scale_forecast_new(60, 60, 0, SEASONS, ARRAY_LEN(SEASONS));
        int64_t from = clock_mono_us();
        for (int64_t k = 0; k < HISTORY; k++)
            (void)scale_forecast_see(f, v[k]);
        refit[r] = since_ms(from);
        for (int64_t k = 0; k < MORE && r == ROUNDS - 1; k++) {
            from = clock_mono_us();
            (void)scale_forecast_see(f, v[HISTORY + k]);
            one[k] = since_ms(from);
        }
    }
    print("forecast_refit", refit, ROUNDS, false);
    print("forecast_step", one, MORE, last);
}

int main(void)
{
    CLEANUP(mem_freep) double *v = mem_array(HISTORY + MORE, sizeof *v);
    ScaleConf c = {.world = SCALE_WORLD_USUAL};
    StatsRng rng;
    c.world.capacity = 10;
    c.world.max = 40;
    stats_seed(&rng, 1);
    for (int64_t k = 0; k < HISTORY + MORE; k++)
        v[k] = 100 + 60 * sin(TWO_PI * (double)k / 1440) + 3 * stats_normal(&rng);
    printf("{");
    plan(&c, v, false);
    forecast(v, true);
    printf("}\n");
    return 0;
}

/* scale_policy.c - see scale_policy.h. */
#include "scale/scale_policy.h"

#include "base/mem.h"

#include <math.h>

struct ScaleReactive {
    double per_replica; /* demand at the target */
    int64_t min, max, replicas, period_start, tick;
    int64_t per_sync;     /* ticks between two looks */
    int64_t *recommended; /* ring of the last SCALE_HPA_DOWN_S */
    int64_t n_recommended, at;
};

ScaleReactive *scale_reactive_new(const ScaleWorld *w, double target)
{
    ScaleReactive *r = MEM_NEW(ScaleReactive);
    double tick = (double)w->step_s / (double)scale_world_ticks(w);
    r->per_sync = (int64_t)ceil(SCALE_TICK_S / tick - 1e-9);
    r->n_recommended = (int64_t)ceil(SCALE_HPA_DOWN_S / (tick * (double)r->per_sync)) + 1;
    r->recommended = mem_array((size_t)r->n_recommended, sizeof *r->recommended);
    r->per_replica = target * w->capacity;
    r->min = w->min;
    r->max = w->max;
    r->replicas = -1;
    return r;
}

void scale_reactive_free(ScaleReactive *r)
{
    if (!r)
        return;
    mem_free(r->recommended);
    mem_free(r);
}

int64_t scale_reactive_want(ScaleReactive *r, double seen)
{
    if (r->tick++ % r->per_sync != 0)
        return r->replicas;
    int64_t desired = (int64_t)ceil(seen / r->per_replica - 1e-9);
    if (r->replicas >= 0 && r->replicas > 0) {
        double ratio = seen / ((double)r->replicas * r->per_replica);
        if (fabs(ratio - 1) <= SCALE_HPA_TOLERANCE)
            desired = r->replicas;
    }
    r->recommended[r->at++ % r->n_recommended] = desired;
    int64_t highest = desired, n = MIN(r->at, r->n_recommended);
    for (int64_t i = 0; i < n; i++)
        highest = MAX(highest, r->recommended[i]);
    if (r->replicas < 0)
        r->replicas = desired;
    else if (desired < r->replicas)
        r->replicas = MIN(r->replicas, highest);
    else
        r->replicas = MIN(desired, MAX(2 * r->replicas, r->replicas + 4));
    r->replicas = MAX(r->min, MIN(r->max, r->replicas));
    return r->replicas;
}

static int64_t reactive_want(void *self, const ScaleView *v)
{
    return scale_reactive_want(self, v->seen);
}

ScalePolicy scale_reactive_policy(ScaleReactive *r)
{
    return (ScalePolicy){.name = "reactive", .want = reactive_want, .self = r};
}

static int64_t static_want(void *self, const ScaleView *v)
{
    (void)v;
    return *(const int64_t *)self;
}

ScalePolicy scale_static_policy(const int64_t *replicas)
{
    return (ScalePolicy){.name = "static", .want = static_want, .self = (void *)(uintptr_t)replicas};
}

ErrKind scale_static_peak(const ScaleWorld *w, int64_t *ret, Err *reterr)
{
    double peak = 0;
    TRY(scale_world_check(w, reterr));
    for (int64_t k = 0; k < w->n; k++)
        peak = MAX(peak, w->demand[k]);
    int64_t lo = MAX(w->min, 0), hi = (int64_t)ceil(peak / w->capacity);
    hi = MIN(w->max, MAX(lo, w->mtbf_h > 0 ? 2 * hi + 2 : hi));
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        ScalePolicy p = scale_static_policy(&mid);
        ScaleOutcome o;
        TRY(scale_sim(w, &p, NULL, &o, reterr));
        if (o.availability >= w->slo)
            hi = mid;
        else
            lo = mid + 1;
    }
    *ret = lo;
    return ERR_NONE;
}

static int64_t schedule_want(void *self, const ScaleView *v)
{
    const ScaleSchedule *s = self;
    int64_t last = MIN(s->n - 1, (v->tick + s->startup_ticks) / s->per_step), want = 0;
    for (int64_t k = v->step; k <= last; k++)
        want = MAX(want, s->replicas[k]);
    return want;
}

ScalePolicy scale_schedule_policy(ScaleSchedule *s)
{
    return (ScalePolicy){.name = "schedule", .want = schedule_want, .self = s};
}

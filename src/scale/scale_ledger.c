/* scale_ledger.c - see scale_ledger.h. */
#include "scale/scale_ledger.h"

#include "base/mem.h"

#include <math.h>

#define REGAINED 0.0005 /* of reactive's cost: saved so much, a debt is over */

ScaleLedger *scale_ledger_new(const ScaleWorld *w)
{
    ScaleLedger *l = MEM_NEW(ScaleLedger);
    l->per_step = scale_world_ticks(w);
    l->startup_ticks = scale_world_startup_ticks(w);
    double tick = (double)w->step_s / (double)l->per_step;
    l->delay_ticks = (int64_t)ceil(w->metric_delay_s / tick - 1e-9);
    l->drain_ticks = w->drain_s / tick;
    l->capacity = w->capacity;
    l->queued = MIN(w->patience_s / tick, 1);
    l->reactive = scale_reactive_new(w, SCALE_HPA_TARGET);
    l->reactive_wants = mem_array((size_t)l->startup_ticks + 1, sizeof *l->reactive_wants);
    l->own.ready = mem_array((size_t)l->delay_ticks + 1, sizeof *l->own.ready);
    l->other.ready = mem_array((size_t)l->delay_ticks + 1, sizeof *l->other.ready);
    return l;
}

void scale_ledger_free(ScaleLedger *l)
{
    if (!l)
        return;
    scale_reactive_free(l->reactive);
    mem_free(l->reactive_wants);
    mem_free(l->own.ready);
    mem_free(l->other.ready);
    mem_free(l);
}

static void fleet_tick(const ScaleLedger *l, ScaleFleet *f, int64_t ready, int64_t paid, double demand)
{
    f->ready[l->tick % (l->delay_ticks + 1)] = ready;
    int64_t then = f->ready[(l->tick + 1) % (l->delay_ticks + 1)]; /* the oldest */
    double room = (double)then * l->capacity;
    double cost = (double)paid + l->drain_ticks * (double)MAX(f->paid - paid, 0);
    f->cost += cost;
    f->all += cost;
    f->paid = paid;
    if (l->tick >= l->delay_ticks && demand > room * (1 + 1e-9)) {
        f->late += MIN(demand, demand - room + l->queued * room);
        f->violation++;
    }
}

/* What has been wanted for a whole start-up is ready. */
static int64_t shadow_ready(ScaleLedger *l, int64_t want)
{
    int64_t n = l->startup_ticks + 1, ready = want;
    if (l->tick == 0)
        for (int64_t i = 0; i < n; i++)
            l->reactive_wants[i] = want;
    l->reactive_wants[l->tick % n] = want;
    for (int64_t i = 0; i < n; i++)
        ready = MIN(ready, l->reactive_wants[i]);
    return ready;
}

int64_t scale_ledger_tick(ScaleLedger *l, const ScaleView *v)
{
    int64_t want = scale_reactive_want(l->reactive, v->seen);
    fleet_tick(l, &l->other, shadow_ready(l, want), want, v->seen);
    fleet_tick(l, &l->own, v->ready, v->ready + v->starting, v->seen);
    l->tick++;
    return want;
}

void scale_ledger_next_step(ScaleLedger *l)
{
    l->own.cost = l->own.late = l->own.violation = 0;
    l->other.cost = l->other.late = l->other.violation = 0;
}

double scale_ledger_saved(const ScaleLedger *l)
{
    return l->other.all - l->own.all;
}

void scale_ledger_add_up(ScaleLedger *l)
{
    l->in_debt = scale_ledger_saved(l) < (l->in_debt ? REGAINED * l->other.all : 0);
}

/* scale_plan.c - see scale_plan.h. */
#include "scale/scale_plan.h"

#include "base/mem.h"
#include "scale/scale_near.h"
#include "scale/scale_policy.h"

#include <math.h>
#include <string.h>

#define FACTORS 32
#define SHARES 12
#define REACTIVE (FACTORS + SHARES) /* the last candidate */
#define CHOICES (REACTIVE + 1)
#define MEMORY_S (21.0 * 86400)
#define SURPRISE_S 600.0
#define KEEP_S 300.0 /* what turns out to be too many in a long step is kept for so long */
#define RISE_MOST 0.5
#define LATE_SHARE 0.85        /* of the promise's budget of late requests is planned with */
#define REACTIVE_SHARE 0.07    /* of what reactive misses */
#define JUDGED_S (3.0 * 86400) /* of the fleet must have been seen */
#define DEARER_LEAST 0.01      /* is not judged */
#define DEARER 0.97            /* of reactive's cost is what may be spent for less violation time */

/* A candidate followed in thought; all sums forget. */
typedef struct Followed {
    double cost, late, violation; /* replica steps, demand * steps, steps */
    int64_t last;                 /* replicas of the step before */
} Followed;

/* What happened tick by tick to a fleet, ours or the reactive one, since the last step was seen. */
typedef struct Shadow {
    int64_t *ready; /* ring of what was ready, as old as the metric */
    double cost, late, violation, ticks;
    int64_t want;
} Shadow;

struct ScalePlan {
    ScaleWorld w;
    int64_t lead, hold, per_step, startup_ticks, delay_ticks, n_need;
    double forgets, reach; /* reach: share of a step for which a shortage lasts */
    double queued;         /* share of what is served in a shortage that had to wait */
    ScaleNear *near;
    ScaleReactive *reactive;
    int64_t *reactive_wants;          /* ring of startup_ticks + 1 */
    int64_t *need;                    /* ring by step: replicas */
    double *middle, *planned, *shown; /* the same ring: expected, provided for, came */
    int64_t *candidates;              /* ring by step of CHOICES */
    Followed f[CHOICES];
    Shadow own, other;
    double own_cost, own_late, own_violation, requests, steps;
    double spare;       /* share of a step for which what was too many is not paid, 0: short steps */
    double unavoidable; /* late whatever had been chosen */
    double factor[FACTORS], share[SHARES];
    int64_t seen, choice, tick, first_ready;
    double last, before, surprise_until;
    bool ready;
};

const char *const SCALE_CAUSES[] = {"cold start", "forecast", "demand now", "surprise", "limit"};

static int64_t replicas_for(const ScalePlan *p, double demand)
{
    int64_t n = (int64_t)ceil(demand / p->w.capacity - 1e-9);
    return MAX(p->w.min, MIN(p->w.max, n));
}

static void make_rings(ScalePlan *p)
{
    p->n_need = p->lead + p->hold + 2;
    p->need = mem_array((size_t)p->n_need, sizeof *p->need);
    p->middle = mem_array((size_t)p->n_need, sizeof *p->middle);
    p->planned = mem_array((size_t)p->n_need, sizeof *p->planned);
    p->shown = mem_array((size_t)p->n_need, sizeof *p->shown);
    p->candidates = mem_array((size_t)(p->n_need * CHOICES), sizeof *p->candidates);
    p->reactive_wants = mem_array((size_t)p->startup_ticks + 1, sizeof *p->reactive_wants);
    p->own.ready = mem_array((size_t)p->delay_ticks + 1, sizeof *p->own.ready);
    p->other.ready = mem_array((size_t)p->delay_ticks + 1, sizeof *p->other.ready);
}

ErrKind scale_plan_new(const ScaleWorld *world, int64_t phase_s, ScalePlan **ret, Err *reterr)
{
    ScaleWorld checked = *world;
    checked.n = 1;
    checked.demand = (const double[]){0};
    TRY(scale_world_check(&checked, reterr));
    ScalePlan *p = MEM_NEW(ScalePlan);
    p->w = *world;
    p->per_step = scale_world_ticks(world);
    p->startup_ticks = scale_world_startup_ticks(world);
    double tick = (double)world->step_s / (double)p->per_step;
    p->delay_ticks = (int64_t)ceil(world->metric_delay_s / tick - 1e-9);
    p->lead = MAX((p->startup_ticks + p->delay_ticks + p->per_step - 1) / p->per_step, 1);
    p->hold = (int64_t)((world->startup_s + world->drain_s) / (double)world->step_s);
    if (p->lead > SCALE_NEAR_LEAD_MAX) {
        mem_free(p);
        return err_set(reterr, ERR_LIMIT, "startup: more than %d steps of %lld s", SCALE_NEAR_LEAD_MAX,
                       (long long)world->step_s);
    }
    p->forgets = exp(-(double)world->step_s / MEMORY_S);
    p->reach = MIN((double)(p->startup_ticks + p->delay_ticks + 1) / (double)p->per_step, 1);
    double kept = KEEP_S + world->metric_delay_s + world->startup_s;
    p->spare = kept < 0.75 * (double)world->step_s ? 1 - kept / (double)world->step_s : 0;
    p->queued = MIN(world->patience_s / tick, 1);
    p->near = scale_near_new(world->step_s, p->lead, phase_s);
    scale_near_events(p->near, world->events, world->start_us);
    p->reactive = scale_reactive_new(world, SCALE_HPA_TARGET);
    make_rings(p);
    for (int i = 0; i < FACTORS; i++)
        p->factor[i] = -0.5 + 0.22 * i + 0.008 * i * i;
    for (int i = 0; i < SHARES; i++)
        p->share[i] = 0.02 * pow(1.45, i);
    p->choice = REACTIVE;
    p->first_ready = -1;
    *ret = p;
    return ERR_NONE;
}

void scale_plan_free(ScalePlan *p)
{
    if (!p)
        return;
    scale_near_free(p->near);
    scale_reactive_free(p->reactive);
    mem_free(p->need);
    mem_free(p->middle);
    mem_free(p->planned);
    mem_free(p->shown);
    mem_free(p->candidates);
    mem_free(p->reactive_wants);
    mem_free(p->own.ready);
    mem_free(p->other.ready);
    mem_free(p);
}

/* ---- following the candidates ---- */

static void follow(ScalePlan *p, double demand, int64_t net)
{
    const int64_t *c = &p->candidates[p->seen % p->n_need * CHOICES];
    double least = INFINITY;
    int64_t needed = replicas_for(p, demand);
    double restart = (p->w.startup_s + p->w.drain_s) / (double)p->w.step_s;
    for (int e = 0; e < REACTIVE; e++) {
        Followed *f = &p->f[e];
        int64_t n = MAX(c[e], net);
        double room = (double)n * p->w.capacity;
        int64_t left = p->spare > 0 ? MIN(n, needed) : n; /* at the end of the step */
        f->cost = p->forgets * f->cost + (double)n - p->spare * (double)(n - left) +
                  (n > f->last ? restart * (double)(n - f->last) : 0);
        f->late *= p->forgets;
        f->violation *= p->forgets;
        f->last = left;
        double late = demand > room ? p->reach * MIN(demand, demand - room + p->queued * room) : 0;
        f->late += late;
        f->violation += late > 0 ? p->reach : 0;
        least = MIN(least, late);
    }
    p->unavoidable = p->forgets * p->unavoidable + least;
}

static void flush(ScalePlan *p, double demand)
{
    Followed *f = &p->f[REACTIVE];
    double per = 1.0 / (double)p->per_step;
    f->cost = p->forgets * f->cost + per * p->other.cost;
    f->late = p->forgets * f->late + per * p->other.late;
    f->violation = p->forgets * f->violation + per * p->other.violation;
    p->own_cost = p->forgets * p->own_cost + per * p->own.cost;
    p->own_late = p->forgets * p->own_late + per * p->own.late;
    p->own_violation = p->forgets * p->own_violation + per * p->own.violation;
    p->requests = p->forgets * p->requests + demand;
    p->steps = p->forgets * p->steps + 1;
}

/* What nobody has seen yet: errors as of a Laplace distribution, with the weight of a day. */
static void begin_following(ScalePlan *p, const ScaleNearly *n)
{
    double day = 86400.0 / (double)p->w.step_s;
    for (int e = 0; e < FACTORS; e++) {
        double beyond = 0.5 * exp(-MAX(p->factor[e], 0));
        p->f[e].violation = day * p->reach * beyond;
        p->f[e].late = day * p->reach * beyond * n->spread;
    }
}

/* Fewer is better where a > b is false; a is clearly above b. */
static bool above(double a, double b)
{
    return a > b * (1 + 1e-9) + 1e-9;
}

/* What was planned cost in fact so much more than the reactive autoscaler that what it broke less does not pay for it: a tenth
 * dearer must break a tenth less at least. Not where it alone keeps the promise. */
static bool is_beaten(const ScalePlan *p)
{
    const Followed *r = &p->f[REACTIVE];
    double budget = (1 - p->w.slo) * p->requests;
    if (p->own_cost <= r->cost * (1 + DEARER_LEAST) || p->steps * (double)p->w.step_s < JUDGED_S ||
        (p->own_late <= budget && r->late > budget))
        return false;
    return p->own_violation > r->violation * (1 - (p->own_cost / r->cost - 1));
}

static int64_t choose(const ScalePlan *p)
{
    if (is_beaten(p))
        return REACTIVE;
    double budget = (1 - p->w.slo) * p->requests, aim = LATE_SHARE * budget;
    double violation_aim = REACTIVE_SHARE * p->f[REACTIVE].violation, spend = DEARER * p->f[REACTIVE].cost;
    if (p->own_late > 0.8 * budget)
        aim *= 0.6;
    int64_t cheap = -1, calm = -1, promise = -1, least_late = REACTIVE;
    for (int64_t e = 0; e < CHOICES; e++) {
        const Followed *f = &p->f[e];
        bool kept = f->late - p->unavoidable <= aim;
        if (kept && f->violation <= violation_aim && (cheap < 0 || f->cost < p->f[cheap].cost))
            cheap = e;
        if (kept && f->cost <= spend &&
            (calm < 0 || above(p->f[calm].violation, f->violation) ||
             (!above(f->violation, p->f[calm].violation) && f->cost < p->f[calm].cost)))
            calm = e;
        if (f->late <= LATE_SHARE * budget && (promise < 0 || f->cost < p->f[promise].cost))
            promise = e;
        if (f->cost <= spend && f->late < p->f[least_late].late)
            least_late = e;
    }
    if (cheap >= 0 && p->f[cheap].cost <= spend)
        return cheap;
    return calm >= 0 ? calm : promise >= 0 ? promise : least_late;
}

/* ---- the steps ---- */

static void plan_step(ScalePlan *p, double y, const ScaleNearly *n)
{
    int64_t at = (p->seen + p->lead) % p->n_need, *c = &p->candidates[at * CHOICES];
    for (int e = 0; e < FACTORS; e++)
        c[e] = replicas_for(p, n->middle + p->factor[e] * n->spread);
    for (int e = 0; e < SHARES; e++)
        c[FACTORS + e] = replicas_for(p, y * (1 + p->share[e]));
    c[REACTIVE] = 0;
    p->middle[at] = n->middle;
    p->need[at] = p->choice == REACTIVE ? 0 : c[p->choice];
    p->planned[at] = (double)p->need[at] * p->w.capacity;
}

void scale_plan_see(ScalePlan *p, double y)
{
    ScaleNearly n = scale_near_see(p->near, y);
    /* An order for the demand of `lead` steps before is ready now; within long steps it comes when they are under way. */
    int64_t net =
        p->lead > 1 && p->seen >= p->lead ? replicas_for(p, p->shown[(p->seen - p->lead) % p->n_need]) : 0;
    p->shown[p->seen % p->n_need] = y;
    if (n.ready && p->first_ready < 0) {
        p->first_ready = p->seen + p->lead;
        begin_following(p, &n);
    }
    if (p->first_ready >= 0 && p->seen >= p->first_ready) {
        follow(p, y, net);
        flush(p, y);
        p->ready = p->steps >= 2;
        if (p->ready)
            p->choice = choose(p);
    }
    p->own.cost = p->own.late = p->own.violation = p->own.ticks = 0;
    p->other.cost = p->other.late = p->other.violation = p->other.ticks = 0;
    plan_step(p, y, &n);
    p->before = p->seen > 0 ? p->last : y;
    p->last = y;
    p->seen++;
}

/* ---- the ticks ---- */

static void shadow_tick(ScalePlan *p, Shadow *s, int64_t ready, int64_t paid, double demand)
{
    int64_t *slot = &s->ready[p->tick % (p->delay_ticks + 1)];
    *slot = ready;
    int64_t then = s->ready[(p->tick + 1) % (p->delay_ticks + 1)]; /* the oldest */
    double room = (double)then * p->w.capacity;
    s->cost += (double)paid;
    if (p->tick >= p->delay_ticks && demand > room * (1 + 1e-9)) {
        s->late += MIN(demand, demand - room + p->queued * room);
        s->violation++;
    }
}

static int64_t reactive_tick(ScalePlan *p, const ScaleView *v)
{
    int64_t n = p->startup_ticks + 1, want = scale_reactive_want(p->reactive, v->seen);
    if (p->tick == 0)
        for (int64_t i = 0; i < n; i++)
            p->reactive_wants[i] = want;
    p->reactive_wants[p->tick % n] = want;
    int64_t ready = want;
    for (int64_t i = 0; i < n; i++)
        ready = MIN(ready, p->reactive_wants[i]);
    shadow_tick(p, &p->other, ready, want, v->seen);
    return want;
}

ScaleDecision scale_plan_want(ScalePlan *p, const ScaleView *v)
{
    ScaleDecision d = {.now = v->seen, .factor = NAN};
    d.reactive = reactive_tick(p, v);
    shadow_tick(p, &p->own, v->ready, v->ready + v->starting, v->seen);
    int64_t from = MAX(v->step - p->hold, 0);
    int64_t to = MIN((v->tick + p->startup_ticks) / p->per_step, p->seen - 1 + p->lead);
    bool cold = !p->ready || p->choice == REACTIVE;
    for (int64_t k = from; k <= to; k++) {
        int64_t at = k % p->n_need;
        if (k == v->step && p->spare > 0 && v->seen_step == k &&
            v->t_s - (double)(k * p->w.step_s) > KEEP_S + p->w.metric_delay_s)
            p->need[at] = MIN(p->need[at], replicas_for(p, v->seen));
        if (p->need[at] > d.replicas || k == to)
            d.middle = p->middle[at];
        d.replicas = MAX(d.replicas, p->need[at]);
    }
    d.cause = SCALE_CAUSE_FORECAST;
    if (cold && d.reactive >= d.replicas) {
        d.replicas = d.reactive;
        d.cause = SCALE_CAUSE_COLD;
    }
    if (replicas_for(p, v->seen) > d.replicas) {
        d.replicas = replicas_for(p, v->seen);
        d.cause = SCALE_CAUSE_NOW;
    }
    double planned = p->planned[v->seen_step % p->n_need];
    if (p->ready && !cold && planned > 0 && v->seen > planned * (1 + 1e-9)) {
        p->surprise_until = v->t_s + MAX(SURPRISE_S, 1.5 * (double)p->w.step_s); /* over the next step too */
    }
    if (v->t_s < p->surprise_until) {
        double rise = MAX(p->last - p->before, 0) * (double)p->lead; /* carried on over the start-up */
        int64_t risen = replicas_for(p, v->seen + MIN(rise, RISE_MOST * v->seen));
        int64_t most = MAX(d.reactive, risen);
        if (most > d.replicas) {
            d.replicas = most;
            d.cause = SCALE_CAUSE_SURPRISE;
        }
    }
    if (!cold && p->choice < FACTORS)
        d.factor = p->factor[p->choice];
    if (d.replicas <= p->w.min || d.replicas >= p->w.max) {
        d.replicas = MAX(p->w.min, MIN(p->w.max, d.replicas));
        d.cause = SCALE_CAUSE_LIMIT;
    }
    d.planned = (double)d.replicas * p->w.capacity;
    p->tick++;
    return d;
}

void scale_decision_words(const ScaleDecision *d, const ScaleWorld *w, Buf *out)
{
    const char *s = d->replicas == 1 ? "" : "s";
    buf_addf(out, "%lld replica%s: ", (long long)d->replicas, s);
    switch (d->cause) {
    case SCALE_CAUSE_COLD:
        buf_addf(out,
                 "as the reactive autoscaler wants for a demand of %.4g; there is no better forecast yet",
                 d->now);
        break;
    case SCALE_CAUSE_FORECAST:
        buf_addf(out, "a demand of %.4g is expected within the start-up of %g s, and %.4g is provided for",
                 d->middle, w->startup_s, d->planned);
        if (!isnan(d->factor))
            buf_addf(out, " (%.2f usual errors above)", d->factor);
        break;
    case SCALE_CAUSE_NOW:
        buf_addf(out, "the demand of now, %.4g, is above the forecast of %.4g", d->now, d->middle);
        break;
    case SCALE_CAUSE_SURPRISE:
        buf_addf(out,
                 "the demand of %.4g is above all that was planned for: with the reactive autoscaler (%lld)",
                 d->now, (long long)d->reactive);
        break;
    case SCALE_CAUSE_LIMIT:
        buf_addf(out, "the %s; the demand of now is %.4g", d->replicas <= w->min ? "minimum" : "maximum",
                 d->now);
        break;
    }
    buf_add_char(out, '.');
}

static int64_t planned_want(void *self, const ScaleView *v)
{
    ScalePlanned *p = self;
    for (; p->seen <= v->seen_step; p->seen++)
        scale_plan_see(p->plan, p->demand[p->seen]);
    ScaleDecision d = scale_plan_want(p->plan, v);
    if (p->decided)
        p->decided(&d, v, p->arg);
    return d.replicas;
}

ScalePolicy scale_plan_policy(ScalePlanned *p)
{
    return (ScalePolicy){.name = "predictive", .want = planned_want, .self = p};
}

/* scale_plan.c - see scale_plan.h. */
#include "scale/scale_plan.h"

#include "base/mem.h"
#include "scale/scale_near.h"
#include "scale/scale_odds.h"
#include "scale/scale_policy.h"

#include <math.h>
#include <string.h>

#define FACTORS 64
#define SHARES 12
#define WORTHS 32
#define REACTIVE (FACTORS + 2 * SHARES + WORTHS) /* the last candidate */
#define CHOICES (REACTIVE + 1)
#define MEMORY_S (21.0 * 86400)
#define SURPRISE_S 600.0
#define KEEP_S 300.0 /* what turns out to be too many in a long step is kept for so long */
#define RISE_MOST 0.5
#define LATE_SHARE 0.85     /* of the promise's budget of late requests is planned with */
#define REACTIVE_SHARE 0.07 /* of what reactive violates */
#define NEAR 1.10           /* times what was needed: dearer only where that violates too much */
#define SPEND 0.99 /* of reactive's cost, and what has been saved is spent over a week, up to SPEND_MOST */
#define SPEND_MOST 1.02
#define REGAINED 0.0005 /* of reactive's cost: saved so much, a debt is over */
#define NET_SAVED 0.01  /* saved so much, a rise is carried on */
#define STAKE_S 6000.0  /* for so long at most could what has been saved pay what is carried on */
#define SPIKE 1.5       /* times what was planned for: a spike */
#define SPIKE_S 3600.0  /* for so long the reactive autoscaler is the least */
#define DEARER_MOST 1.5 /* in fact than in thought */
#define DEARER_LEAST 0.9
#define CHECKED_STEPS 10 /* violated, in fact and in thought, that the two are alike is believed for */
#define SMOOTH 1.2       /* second differences by first ones: a random walk has 1.41, noise 1.73 */
#define SMOOTH_STEPS 6
#define DAYS 7 /* demand above all of them was never heard of */
#define YOUNG_S (2.0 * 86400)

/* A candidate followed in thought; all sums forget. */
typedef struct Followed {
    double cost, late, violation; /* replica steps, demand * steps, steps */
    int64_t last, high;           /* replicas of the step before, paid for and ready */
} Followed;

/* What those candidates that were taken cost and violated; forgets. */
typedef struct Sums {
    double cost, violation;
} Sums;

/* What happened tick by tick to a fleet, ours or the reactive one, since the last step was seen. */
typedef struct Shadow {
    int64_t *ready; /* ring of what was ready, as old as the metric */
    double cost, late, violation;
    double all;   /* cost since the first tick */
    int64_t paid; /* in the tick before */
} Shadow;

struct ScalePlan {
    ScaleWorld w;
    int64_t lead, hold, per_step, startup_ticks, delay_ticks, n_need;
    double forgets, reach; /* reach: share of a step for which a shortage lasts */
    double queued;         /* share of what is served in a shortage that had to wait */
    ScaleNear *near;
    ScaleOdds *odds;
    ScaleReactive *reactive;
    int64_t *reactive_wants;                   /* ring of startup_ticks + 1 */
    int64_t *need;                             /* ring by step: replicas */
    double *middle, *spread, *planned, *shown; /* the same ring: expected, provided for, came */
    int64_t *candidates;                       /* ring by step of CHOICES */
    const int64_t **rows;                      /* of the ring */
    Followed f[CHOICES], needed;               /* needed: with the demand of each step known */
    Sums in_fact, in_thought;
    Shadow own, other;
    double drain_ticks, requests, steps;
    double spare;       /* share of a step for which what was too many is not paid, 0: short steps */
    double until_seen;  /* share of a step for which its demand is not known and replicas drain */
    double unavoidable; /* late whatever had been chosen */
    double factor[FACTORS], share[SHARES], worth[WORTHS];
    int64_t seen, choice, tick, first_ready;
    double last, before, surprise_until, spike_until;
    double moved, bent; /* first and second differences */
    double day[DAYS], today, highest_of_days;
    bool ready, in_debt;
    const char *why; /* of the choice */
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
    p->spread = mem_array((size_t)p->n_need, sizeof *p->spread);
    p->middle = mem_array((size_t)p->n_need, sizeof *p->middle);
    p->planned = mem_array((size_t)p->n_need, sizeof *p->planned);
    p->shown = mem_array((size_t)p->n_need, sizeof *p->shown);
    p->candidates = mem_array((size_t)(p->n_need * CHOICES), sizeof *p->candidates);
    p->rows = mem_array((size_t)p->n_need, sizeof *p->rows);
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
    p->drain_ticks = world->drain_s / tick;
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
    p->until_seen = MIN((world->metric_delay_s + world->drain_s) / (double)world->step_s, 1);
    p->queued = MIN(world->patience_s / tick, 1);
    p->near = scale_near_new(world->step_s, p->lead, phase_s);
    scale_near_events(p->near, world->events, world->start_us);
    p->odds = scale_odds_new(world->capacity, p->forgets);
    p->reactive = scale_reactive_new(world, SCALE_HPA_TARGET);
    make_rings(p);
    for (int i = 0; i < FACTORS; i++)
        p->factor[i] = -0.5 + 0.11 * i + 0.002 * i * i;
    for (int i = 0; i < SHARES; i++)
        p->share[i] = 0.02 * pow(1.45, i);
    for (int i = 0; i < WORTHS; i++)
        p->worth[i] = 0.7 * pow(1.265, i);
    p->choice = REACTIVE;
    p->why = "there is no better forecast yet";
    p->first_ready = -1;
    p->highest_of_days = INFINITY;
    *ret = p;
    return ERR_NONE;
}

void scale_plan_free(ScalePlan *p)
{
    if (!p)
        return;
    scale_near_free(p->near);
    scale_odds_free(p->odds);
    scale_reactive_free(p->reactive);
    mem_free(p->need);
    mem_free(p->middle);
    mem_free(p->spread);
    mem_free(p->planned);
    mem_free(p->shown);
    mem_free(p->candidates);
    mem_free(p->rows);
    mem_free(p->reactive_wants);
    mem_free(p->own.ready);
    mem_free(p->other.ready);
    mem_free(p);
}

/* ---- following the candidates ---- */

/* The candidates of the steps that an order of now spans: rows[0] of the step before seen - hold, up to seen + lead - 1. */
static void look_up(ScalePlan *p)
{
    for (int64_t i = 0; i <= p->hold + p->lead; i++)
        p->rows[i] = &p->candidates[(p->seen - p->hold - 1 + i + p->n_need) % p->n_need * CHOICES];
}

/* The highest of the last steps up to rows[to], after it was `before` one step earlier. */
static int64_t highest(const ScalePlan *p, int e, int64_t before, int64_t to)
{
    int64_t most = 0;
    if (p->rows[0][e] < before)
        return MAX(before, p->rows[to][e]);
    for (int64_t i = 1; i <= to; i++)
        most = MAX(most, p->rows[i][e]);
    return most;
}

/* What a candidate has ready in the step that was just seen, and what it costs, with the replicas that the demand of now brings along.
 * Where steps are shorter than a start-up, an order spans several: of those from hold before on is ready what was highest, and paid
 * for is also what is starting. In longer ones what there was is kept until the step's demand is seen. */
static int64_t provide(const ScalePlan *p, int e, int64_t needed, int64_t net, Followed *f)
{
    double step = (double)p->w.step_s, restart = (p->w.startup_s + p->w.drain_s) / step;
    int64_t before = f->last;
    if (p->hold > 0) {
        f->high = highest(p, e, f->high, p->hold + 1);
        f->last = highest(p, e, f->last, p->hold + p->lead);
        f->cost += (double)MAX(f->last, needed) + p->w.drain_s / step * (double)MAX(before - f->last, 0);
        return MAX(f->high, net);
    }
    int64_t n = MAX(p->rows[p->hold + 1][e], net), most = MAX(n, needed);
    f->last = p->spare > 0 ? needed : most; /* at the end of the step */
    f->cost += (double)most - p->spare * (double)(most - f->last) + restart * (double)MAX(most - before, 0) +
               p->until_seen * (double)MAX(before - most, 0);
    return MAX(n, before);
}

/* What the shadows saw in the last step, a step's mean. */
static double of_step(const ScalePlan *p, double ticks)
{
    return ticks / (double)p->per_step;
}

static void follow_one(ScalePlan *p, int e, double demand, int64_t needed, int64_t net, double *least)
{
    Followed *f = &p->f[e];
    f->cost *= p->forgets;
    double cost = f->cost, room = (double)provide(p, e, needed, net, f) * p->w.capacity;
    double late = demand > room ? p->reach * MIN(demand, demand - room + p->queued * room) : 0;
    double violation = late > 0 ? p->reach : 0;
    f->late = p->forgets * f->late + late;
    f->violation = p->forgets * f->violation + violation;
    *least = MIN(*least, late);
    if (e != p->choice)
        return;
    p->in_thought.cost += f->cost - cost;
    p->in_thought.violation += violation;
    p->in_fact.cost += of_step(p, p->own.cost);
    p->in_fact.violation += of_step(p, p->own.violation);
}

static void forget(Sums *s, double share)
{
    s->cost *= share;
    s->violation *= share;
}

static void follow(ScalePlan *p, double demand, int64_t net)
{
    double least = INFINITY;
    int64_t needed = replicas_for(p, demand);
    p->needed.cost =
        p->forgets * p->needed.cost + (double)needed +
        (p->w.startup_s + p->w.drain_s) / (double)p->w.step_s * (double)MAX(needed - p->needed.last, 0);
    p->needed.last = needed;
    forget(&p->in_fact, p->forgets);
    forget(&p->in_thought, p->forgets);
    look_up(p);
    for (int e = 0; e < REACTIVE; e++)
        follow_one(p, e, demand, needed, net, &least);
    p->unavoidable = p->forgets * p->unavoidable + least;
}

static void flush(ScalePlan *p, double demand)
{
    Followed *f = &p->f[REACTIVE];
    f->cost = p->forgets * f->cost + of_step(p, p->other.cost);
    f->late = p->forgets * f->late + of_step(p, p->other.late);
    f->violation = p->forgets * f->violation + of_step(p, p->other.violation);
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

/* A step says little about the next one where its change is as large as another's. */
static bool is_smooth(const ScalePlan *p)
{
    return p->seen >= SMOOTH_STEPS && p->bent < SMOOTH * p->moved;
}

static double day_of_reactive(const ScalePlan *p)
{
    return 86400.0 / (double)p->w.step_s * (double)p->per_step * p->f[REACTIVE].cost / p->steps;
}

/* In debt from the moment when more is spent than the reactive autoscaler would have, until a little is saved again. */
static void add_up(ScalePlan *p)
{
    p->in_debt = p->other.all - p->own.all < (p->in_debt ? REGAINED * p->other.all : 0);
}

static bool above(double a, double b)
{
    return a > b * (1 + 1e-9) + 1e-9;
}

/* Of the candidates that cost at most that the one with least violation time; of equal ones the dearer, which is safer.
 * REACTIVE: there is none. */
static int64_t calmest(const ScalePlan *p, double cost)
{
    int64_t best = REACTIVE;
    for (int64_t e = 0; e < REACTIVE; e++) {
        const Followed *f = &p->f[e], *b = &p->f[best];
        if (f->cost > cost || (best < REACTIVE && above(f->violation, b->violation)))
            continue;
        if (best == REACTIVE || above(b->violation, f->violation) || f->cost > b->cost)
            best = e;
    }
    return best;
}

static int64_t take(ScalePlan *p, int64_t choice, const char *why)
{
    p->why = why;
    return choice;
}

/* What may be spent: reactive's cost and what has been saved, less what candidates turned out dearer in fact than in thought. */
static double to_spend(const ScalePlan *p)
{
    double day = day_of_reactive(p), saved = (p->other.all - p->own.all) / (7 * day);
    double usual = of_step(p, day); /* a day, before anything is known */
    double dearer = (p->in_fact.cost + usual) / (p->in_thought.cost + usual);
    dearer = MAX(DEARER_LEAST, MIN(DEARER_MOST, dearer));
    return MIN(SPEND + MAX(saved, SPEND - 1), SPEND_MOST) * p->f[REACTIVE].cost / dearer;
}

static double longer_in_fact(const ScalePlan *p)
{
    double usual = CHECKED_STEPS * p->reach;
    return (p->in_fact.violation + usual) / (p->in_thought.violation + usual);
}

static int64_t choose(ScalePlan *p)
{
    const Followed *r = &p->f[REACTIVE];
    double budget = (1 - p->w.slo) * p->requests, event = p->reach; /* event: what one miss adds */
    double spend = to_spend(p);
    if (p->in_debt)
        return take(p, REACTIVE,
                    "more was spent than with it, so that what is too many is given back at once");
    int64_t near = calmest(p, MIN(spend, NEAR * p->needed.cost));
    if (near < REACTIVE && p->f[near].violation <= REACTIVE_SHARE * r->violation + 0.5 * event &&
        p->f[near].late - p->unavoidable <= LATE_SHARE * budget)
        return take(p, near, "the safest near what is needed");
    int64_t calm = calmest(p, spend);
    if (calm == REACTIVE || above(longer_in_fact(p) * p->f[calm].violation, r->violation + 0.5 * event))
        return take(p, REACTIVE, "no forecast does better at its cost");
    return take(p, calm, "the safest at no more cost");
}

/* ---- the steps ---- */

/* What each number of replicas leaves to chance; how many numbers there are. */
static int chances(const ScalePlan *p, const ScaleNearly *n, int64_t *replicas, double *beyond)
{
    double level[SCALE_ODDS_LEVELS], more[SCALE_ODDS_LEVELS];
    int m = 0;
    if (!scale_odds_ask(p->odds, n->middle, n->spread, level, more))
        return 0;
    for (int g = 0; g < SCALE_ODDS_LEVELS; g++) {
        int64_t r = replicas_for(p, level[g]);
        m += m > 0 && replicas[m - 1] == r ? 0 : 1;
        replicas[m - 1] = r;
        beyond[m - 1] = more[g];
    }
    return m;
}

/* For each worth of a violated step, in mean fleets: the replicas at which one more would cost more than it saves. */
static void weigh(const ScalePlan *p, const ScaleNearly *n, int64_t *ret)
{
    double beyond[SCALE_ODDS_LEVELS], fleet = MAX(p->needed.cost / MAX(p->steps, 1), 1);
    int64_t replicas[SCALE_ODDS_LEVELS];
    int m = chances(p, n, replicas, beyond);
    for (int i = 0; i < WORTHS; i++) {
        double least = INFINITY;
        ret[i] = replicas_for(p, n->middle);
        for (int g = 0; g < m; g++) {
            double cost = (double)replicas[g] + fleet * p->worth[i] * beyond[g];
            if (cost < least)
                ret[i] = replicas[g];
            least = MIN(least, cost);
        }
    }
}

static void plan_step(ScalePlan *p, double y, const ScaleNearly *n)
{
    int64_t at = (p->seen + p->lead) % p->n_need, *c = &p->candidates[at * CHOICES];
    for (int e = 0; e < FACTORS; e++)
        c[e] = replicas_for(p, n->middle + p->factor[e] * n->spread);
    for (int e = 0; e < SHARES; e++) {
        c[FACTORS + e] = replicas_for(p, y * (1 + p->share[e]));
        c[FACTORS + SHARES + e] = replicas_for(p, MAX(y, p->last) * (1 + p->share[e]));
    }
    weigh(p, n, c + FACTORS + 2 * SHARES);
    c[REACTIVE] = 0;
    p->middle[at] = n->middle;
    p->spread[at] = n->spread;
    p->need[at] = p->choice == REACTIVE ? 0 : c[p->choice];
    p->planned[at] = (double)p->need[at] * p->w.capacity;
}

static void remember_day(ScalePlan *p, double y)
{
    int64_t per_day = MAX(86400 / p->w.step_s, 1);
    if (p->seen > 0 && p->seen % per_day == 0) {
        p->day[(p->seen / per_day - 1) % DAYS] = p->today;
        p->today = p->highest_of_days = 0;
        for (int i = 0; i < DAYS; i++)
            p->highest_of_days = MAX(p->highest_of_days, p->day[i]);
    }
    p->today = MAX(p->today, y);
}

void scale_plan_see(ScalePlan *p, double y)
{
    remember_day(p, y);
    ScaleNearly n = scale_near_see(p->near, y);
    /* An order for the demand of `lead` steps before is ready now; within long steps it comes when they are under way. */
    int64_t net =
        p->lead > 1 && p->seen >= p->lead ? replicas_for(p, p->shown[(p->seen - p->lead) % p->n_need]) : 0;
    int64_t now = p->seen % p->n_need;
    if (p->first_ready >= 0 && p->seen >= p->first_ready)
        scale_odds_keep(p->odds, p->middle[now], p->spread[now], y);
    p->shown[now] = y;
    if (n.early && p->first_ready < 0) {
        p->first_ready = p->seen + p->lead;
        begin_following(p, &n);
    }
    if (p->first_ready >= 0 && p->seen >= p->first_ready) {
        follow(p, y, net);
        flush(p, y);
        add_up(p);
        p->ready = p->steps >= 2 && (is_smooth(p) || p->seen * p->w.step_s >= YOUNG_S);
        p->choice = p->ready ? choose(p) : REACTIVE;
    }
    p->own.cost = p->own.late = p->own.violation = 0;
    p->other.cost = p->other.late = p->other.violation = 0;
    plan_step(p, y, &n);
    p->moved = p->forgets * p->moved + (p->seen > 0 ? fabs(y - p->last) : 0);
    p->bent = p->forgets * p->bent + (p->seen > 1 ? fabs(y - 2 * p->last + p->before) : 0);
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
    double cost = (double)paid + p->drain_ticks * (double)MAX(s->paid - paid, 0);
    s->cost += cost;
    s->all += cost;
    s->paid = paid;
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

/* The demand at the end of the start-up, if it goes on rising as in the last step. */
static double carried_on(const ScalePlan *p, double seen)
{
    double rise = MAX(p->last - p->before, 0) * (double)p->lead;
    return seen + MIN(rise, RISE_MOST * seen);
}

/* What the forecast wants: the highest of the steps from the one seen last (less hold) to now + start-up. */
static void want_planned(ScalePlan *p, const ScaleView *v, ScaleDecision *d)
{
    int64_t from = MAX(v->seen_step - p->hold, 0);
    int64_t to = MIN((v->tick + p->startup_ticks) / p->per_step, p->seen - 1 + p->lead);
    d->cause = SCALE_CAUSE_FORECAST;
    for (int64_t k = from; k <= to; k++) {
        int64_t at = k % p->n_need;
        if (k == v->step && p->spare > 0 && v->seen_step == k &&
            v->t_s - (double)(k * p->w.step_s) > KEEP_S + p->w.metric_delay_s)
            p->need[at] = MIN(p->need[at], replicas_for(p, v->seen));
        if (p->need[at] > d->replicas || k == to)
            d->middle = p->middle[at];
        d->replicas = MAX(d->replicas, p->need[at]);
    }
}

static void at_least(ScaleDecision *d, int64_t replicas, ScaleCause cause)
{
    if (replicas <= d->replicas)
        return;
    d->replicas = replicas;
    d->cause = cause;
}

/* What is wanted for lack of a better forecast. */
static void want_cold(const ScalePlan *p, const ScaleView *v, ScaleDecision *d)
{
    int64_t at_target = replicas_for(p, MAX(v->seen, d->middle) / SCALE_HPA_TARGET);
    if (d->replicas > d->reactive)
        return;
    d->replicas = p->in_debt ? MAX(d->replicas, MIN(d->reactive, at_target)) : d->reactive;
    d->cause = SCALE_CAUSE_COLD;
}

/* The rise carried on, as far as what has been saved pays for more than the reactive autoscaler wants. */
static int64_t risen(const ScalePlan *p, const ScaleView *v, const ScaleDecision *d)
{
    double tick_s = (double)p->w.step_s / (double)p->per_step;
    double saved_s = MAX(p->other.all - p->own.all, 0) * tick_s; /* replica seconds */
    int64_t most = d->reactive + (int64_t)(saved_s / STAKE_S);
    return MIN(replicas_for(p, carried_on(p, v->seen)), most);
}

/* Above what was planned for: for ten minutes as the reactive autoscaler, its rise carried on, where enough has been saved or the
 * demand is above all of the days before; and on, while it is. Far above it: for an hour no fewer than that. */
static void want_surprised(ScalePlan *p, const ScaleView *v, ScaleDecision *d)
{
    double planned = p->planned[v->seen_step % p->n_need], step = (double)p->w.step_s;
    bool missed = p->ready && planned > 0 && v->seen > planned * (1 + 1e-9);
    bool saved = p->own.all < (1 - NET_SAVED) * p->other.all;
    bool unheard = v->seen > p->highest_of_days, goes_on = v->t_s < p->surprise_until;
    if ((missed && (saved || unheard)) || (goes_on && unheard))
        p->surprise_until = v->t_s + MAX(SURPRISE_S, 1.5 * step); /* over the next step too */
    if (missed && v->seen > SPIKE * planned)
        p->spike_until = v->t_s + SPIKE_S + step;
    if (v->t_s < p->spike_until)
        at_least(d, d->reactive, SCALE_CAUSE_SURPRISE);
    if (v->t_s < p->surprise_until)
        at_least(d, MAX(d->reactive, risen(p, v, d)), SCALE_CAUSE_SURPRISE);
}

ScaleDecision scale_plan_want(ScalePlan *p, const ScaleView *v)
{
    ScaleDecision d = {.now = v->seen, .factor = NAN, .why = p->why};
    bool cold = !p->ready || p->choice == REACTIVE;
    d.reactive = reactive_tick(p, v);
    shadow_tick(p, &p->own, v->ready, v->ready + v->starting, v->seen);
    d.saved = p->other.all > 0 ? 1 - p->own.all / p->other.all : 0;
    want_planned(p, v, &d);
    if (cold)
        want_cold(p, v, &d);
    at_least(&d, replicas_for(p, v->seen), SCALE_CAUSE_NOW);
    want_surprised(p, v, &d);
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
        buf_addf(out, "as the reactive autoscaler wants for a demand of %.4g; %s", d->now, d->why);
        break;
    case SCALE_CAUSE_FORECAST:
        buf_addf(out, "a demand of %.4g is expected within the start-up of %g s, and %.4g is provided for",
                 d->middle, w->startup_s, d->planned);
        if (!isnan(d->factor))
            buf_addf(out, " (%.2f usual errors above)", d->factor);
        buf_addf(out, ": %s, %.1f %% %s than the reactive autoscaler so far", d->why, 100 * fabs(d->saved),
                 d->saved < 0 ? "dearer" : "cheaper");
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

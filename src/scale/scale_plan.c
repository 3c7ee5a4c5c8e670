/* scale_plan.c - see scale_plan.h. */
#include "scale/scale_plan.h"

#include "base/mem.h"
#include "scale/scale_choice.h"

#include <math.h>

#define SURPRISE_S 600.0
#define RISE_MOST 0.5
#define NET_SAVED 0.01 /* saved so much, a rise is carried on */
#define STAKE_S 6000.0 /* for so long at most could what has been saved pay what is carried on */
#define SPIKE 1.5      /* times what was planned for: a spike */
#define SPIKE_S 3600.0 /* for so long the reactive autoscaler is the least */
#define SMOOTH 1.2     /* second differences by first ones: a random walk has 1.41, noise 1.73 */
#define SMOOTH_STEPS 6
#define DAYS 7 /* demand above all of them was never heard of */
#define YOUNG_S (2.0 * 86400)

struct ScalePlan {
    ScaleWorld w;
    int64_t lead, hold, kept; /* kept: steps in the rings */
    double forgets;
    ScaleNear *near;
    ScaleLedger *ledger;
    ScaleChoice *choices;
    int64_t *need;           /* ring by step: replicas */
    double *planned, *shown; /* the same ring: provided for, came */
    int64_t seen, choice, first_ready;
    double last, before, surprise_until, spike_until;
    double moved, bent; /* first and second differences */
    double day[DAYS], today, highest_of_days;
    bool ready;
    const char *why; /* of the choice */
};

const char *const SCALE_CAUSES[] = {"cold start", "forecast", "demand now", "surprise", "limit"};

ErrKind scale_plan_new(const ScaleWorld *world, int64_t phase_s, ScalePlan **ret, Err *reterr)
{
    ScaleWorld checked = *world;
    checked.n = 1;
    checked.demand = (const double[]){0};
    TRY(scale_world_check(&checked, reterr));
    CLEANUP(scale_plan_freep) ScalePlan *p = MEM_NEW(ScalePlan);
    p->w = *world;
    p->ledger = scale_ledger_new(world);
    const ScaleLedger *l = p->ledger;
    p->lead = MAX((l->startup_ticks + l->delay_ticks + l->per_step - 1) / l->per_step, 1);
    p->hold = (int64_t)((world->startup_s + world->drain_s) / (double)world->step_s);
    if (p->lead > SCALE_NEAR_LEAD_MAX)
        return err_set(reterr, ERR_LIMIT, "startup: more than %d steps of %lld s", SCALE_NEAR_LEAD_MAX,
                       (long long)world->step_s);
    p->kept = p->lead + p->hold + 2;
    p->need = mem_array((size_t)p->kept, sizeof *p->need);
    p->planned = mem_array((size_t)p->kept, sizeof *p->planned);
    p->shown = mem_array((size_t)p->kept, sizeof *p->shown);
    p->forgets = exp(-(double)world->step_s / SCALE_CHOICE_MEMORY_S);
    p->near = scale_near_new(world->step_s, p->lead, phase_s);
    scale_near_events(p->near, world->events, world->start_us);
    p->choices = scale_choice_new(world, l, p->lead, p->hold);
    p->choice = SCALE_CHOICE_REACTIVE;
    p->why = "there is no better forecast yet";
    p->first_ready = -1;
    p->highest_of_days = INFINITY;
    *ret = p;
    p = NULL;
    return ERR_NONE;
}

void scale_plan_free(ScalePlan *p)
{
    if (!p)
        return;
    scale_near_free(p->near);
    scale_choice_free(p->choices);
    scale_ledger_free(p->ledger);
    mem_free(p->need);
    mem_free(p->planned);
    mem_free(p->shown);
    mem_free(p);
}

/* ---- the steps ---- */

/* A step says little about the next one where its change is as large as another's. */
static bool is_smooth(const ScalePlan *p)
{
    return p->seen >= SMOOTH_STEPS && p->bent < SMOOTH * p->moved;
}

static void plan_step(ScalePlan *p, double y, const ScaleNearly *n)
{
    int64_t step = p->seen + p->lead, at = step % p->kept;
    scale_choice_offer(p->choices, step, y, p->last, n);
    p->need[at] = scale_choice_replicas(p->choices, step, p->choice);
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

static void follow(ScalePlan *p, double y)
{
    /* An order for the demand of `lead` steps before is ready now; within long steps it comes when they are under way. */
    bool ordered = p->lead > 1 && p->seen >= p->lead;
    int64_t net = ordered ? scale_world_replicas(&p->w, p->shown[(p->seen - p->lead) % p->kept]) : 0;
    scale_choice_follow(p->choices, p->seen, y, net, p->choice);
    scale_ledger_add_up(p->ledger);
    p->ready =
        scale_choice_steps(p->choices) >= 2 && (is_smooth(p) || (double)(p->seen * p->w.step_s) >= YOUNG_S);
    p->choice = p->ready ? scale_choice_make(p->choices, &p->why) : SCALE_CHOICE_REACTIVE;
}

void scale_plan_see(ScalePlan *p, double y)
{
    remember_day(p, y);
    ScaleNearly n = scale_near_see(p->near, y);
    if (n.early && p->first_ready < 0) {
        p->first_ready = p->seen + p->lead;
        scale_choice_begin(p->choices, &n);
    }
    if (p->first_ready >= 0 && p->seen >= p->first_ready)
        follow(p, y);
    p->shown[p->seen % p->kept] = y;
    scale_ledger_next_step(p->ledger);
    plan_step(p, y, &n);
    p->moved = p->forgets * p->moved + (p->seen > 0 ? fabs(y - p->last) : 0);
    p->bent = p->forgets * p->bent + (p->seen > 1 ? fabs(y - 2 * p->last + p->before) : 0);
    p->before = p->seen > 0 ? p->last : y;
    p->last = y;
    p->seen++;
}

/* ---- the ticks ---- */

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
    int64_t to = MIN((v->tick + p->ledger->startup_ticks) / p->ledger->per_step, p->seen - 1 + p->lead);
    d->cause = SCALE_CAUSE_FORECAST;
    for (int64_t k = from; k <= to; k++) {
        int64_t at = k % p->kept;
        if (k == v->step && scale_choice_gives_back(p->choices) && v->seen_step == k &&
            v->t_s - (double)(k * p->w.step_s) > SCALE_CHOICE_KEEP_S + p->w.metric_delay_s)
            p->need[at] = MIN(p->need[at], scale_world_replicas(&p->w, v->seen));
        if (p->need[at] > d->replicas || k == to)
            d->middle = scale_choice_middle(p->choices, k);
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
    int64_t at_target = scale_world_replicas(&p->w, MAX(v->seen, d->middle) / SCALE_HPA_TARGET);
    if (d->replicas > d->reactive)
        return;
    d->replicas = p->ledger->in_debt ? MAX(d->replicas, MIN(d->reactive, at_target)) : d->reactive;
    d->cause = SCALE_CAUSE_COLD;
}

/* The rise carried on, as far as what has been saved pays for more than the reactive autoscaler wants. */
static int64_t risen(const ScalePlan *p, const ScaleView *v, const ScaleDecision *d)
{
    double tick_s = (double)p->w.step_s / (double)p->ledger->per_step;
    double saved_s = MAX(scale_ledger_saved(p->ledger), 0) * tick_s; /* replica seconds */
    int64_t most = d->reactive + (int64_t)(saved_s / STAKE_S);
    return MIN(scale_world_replicas(&p->w, carried_on(p, v->seen)), most);
}

/* Above what was planned for: for ten minutes as the reactive autoscaler, its rise carried on, where enough has been saved or the
 * demand is above all of the days before; and on, while it is. Far above it: for an hour no fewer than that. */
static void want_surprised(ScalePlan *p, const ScaleView *v, ScaleDecision *d)
{
    double planned = p->planned[v->seen_step % p->kept], step = (double)p->w.step_s;
    bool missed = p->ready && planned > 0 && v->seen > planned * (1 + 1e-9);
    bool saved = scale_ledger_saved(p->ledger) > NET_SAVED * p->ledger->other.all;
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
    const ScaleLedger *l = p->ledger;
    bool cold = !p->ready || p->choice == SCALE_CHOICE_REACTIVE;
    d.reactive = scale_ledger_tick(p->ledger, v);
    d.saved = l->other.all > 0 ? scale_ledger_saved(l) / l->other.all : 0;
    want_planned(p, v, &d);
    if (cold)
        want_cold(p, v, &d);
    at_least(&d, scale_world_replicas(&p->w, v->seen), SCALE_CAUSE_NOW);
    want_surprised(p, v, &d);
    if (!cold)
        d.factor = scale_choice_factor(p->choices, p->choice);
    if (d.replicas <= p->w.min || d.replicas >= p->w.max) {
        d.replicas = MAX(p->w.min, MIN(p->w.max, d.replicas));
        d.cause = SCALE_CAUSE_LIMIT;
    }
    d.planned = (double)d.replicas * p->w.capacity;
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

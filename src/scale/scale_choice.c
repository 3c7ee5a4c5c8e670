/* scale_choice.c - see scale_choice.h. */
#include "scale/scale_choice.h"

#include "base/mem.h"
#include "scale/scale_odds.h"

#include <math.h>

#define FACTORS 64
#define SHARES 12
#define WORTHS 32
#define CANDIDATES (FACTORS + 2 * SHARES + WORTHS)
#define LATE_SHARE 0.85     /* of the promise's budget of late requests is planned with */
#define REACTIVE_SHARE 0.07 /* of what reactive violates */
#define NEAR 1.10           /* times what was needed: dearer only where that violates too much */
#define SPEND 0.99 /* of reactive's cost, and what has been saved is spent over a week, up to SPEND_MOST */
#define SPEND_MOST 1.02
#define DEARER_MOST 1.5 /* in fact than in thought */
#define DEARER_LEAST 0.9
#define CHECKED_STEPS 10 /* violated, in fact and in thought, that the two are alike is believed for */

/* A candidate followed in thought; all sums forget. */
typedef struct Followed {
    double cost, late, violation; /* replica steps, demand * steps, steps */
    int64_t last, high;           /* replicas of the step before, paid for and ready */
} Followed;

/* What those candidates that were taken cost and violated; forgets. */
typedef struct Sums {
    double cost, violation;
} Sums;

struct ScaleChoice {
    ScaleWorld w;
    const ScaleLedger *ledger;
    int64_t lead, hold, kept; /* kept: steps in the rings */
    ScaleNearly *forecast;    /* ring by step */
    int64_t *offered;         /* the same ring, of CANDIDATES */
    const int64_t **rows;     /* of that ring */
    ScaleOdds *odds;
    Followed f[CANDIDATES], reactive, needed; /* needed: with the demand of each step known */
    Sums in_fact, in_thought;
    double forgets, reach; /* reach: share of a step for which a shortage lasts */
    double spare;          /* share of a step for which what was too many is not paid, 0: short steps */
    double until_seen;     /* share of a step for which its demand is not known and replicas drain */
    double unavoidable;    /* late whatever had been chosen */
    double requests, steps;
    double factor[FACTORS], share[SHARES], worth[WORTHS];
};

ScaleChoice *scale_choice_new(const ScaleWorld *w, const ScaleLedger *l, int64_t lead, int64_t hold)
{
    double step = (double)w->step_s, late_s = SCALE_CHOICE_KEEP_S + w->metric_delay_s + w->startup_s;
    ScaleChoice *c = MEM_NEW(ScaleChoice);
    c->w = *w;
    c->ledger = l;
    c->lead = lead;
    c->hold = hold;
    c->kept = lead + hold + 2;
    c->forecast = mem_array((size_t)c->kept, sizeof *c->forecast);
    c->offered = mem_array((size_t)(c->kept * CANDIDATES), sizeof *c->offered);
    c->rows = mem_array((size_t)c->kept, sizeof *c->rows);
    c->forgets = exp(-step / SCALE_CHOICE_MEMORY_S);
    c->reach = MIN((double)(l->startup_ticks + l->delay_ticks + 1) / (double)l->per_step, 1);
    c->spare = late_s < 0.75 * step ? 1 - late_s / step : 0;
    c->until_seen = MIN((w->metric_delay_s + w->drain_s) / step, 1);
    c->odds = scale_odds_new(w->capacity, c->forgets);
    for (int i = 0; i < FACTORS; i++)
        c->factor[i] = -0.5 + 0.11 * i + 0.002 * i * i;
    for (int i = 0; i < SHARES; i++)
        c->share[i] = 0.02 * pow(1.45, i);
    for (int i = 0; i < WORTHS; i++)
        c->worth[i] = 0.7 * pow(1.265, i);
    return c;
}

void scale_choice_free(ScaleChoice *c)
{
    if (!c)
        return;
    scale_odds_free(c->odds);
    mem_free(c->forecast);
    mem_free(c->offered);
    mem_free(c->rows);
    mem_free(c);
}

static int64_t *row_of(const ScaleChoice *c, int64_t step)
{
    return &c->offered[(step + c->kept) % c->kept * CANDIDATES];
}

int64_t scale_choice_replicas(const ScaleChoice *c, int64_t step, int64_t candidate)
{
    return candidate == SCALE_CHOICE_REACTIVE ? 0 : row_of(c, step)[candidate];
}

double scale_choice_middle(const ScaleChoice *c, int64_t step)
{
    return c->forecast[step % c->kept].middle;
}

double scale_choice_factor(const ScaleChoice *c, int64_t candidate)
{
    return candidate >= 0 && candidate < FACTORS ? c->factor[candidate] : NAN;
}

bool scale_choice_gives_back(const ScaleChoice *c)
{
    return c->spare > 0;
}

double scale_choice_steps(const ScaleChoice *c)
{
    return c->steps;
}

/* ---- what is offered ---- */

/* What each number of replicas leaves to chance; how many numbers there are. */
static int chances(const ScaleChoice *c, const ScaleNearly *n, int64_t *replicas, double *beyond)
{
    double level[SCALE_ODDS_LEVELS], more[SCALE_ODDS_LEVELS];
    int m = 0;
    if (!scale_odds_ask(c->odds, n->middle, n->spread, level, more))
        return 0;
    for (int g = 0; g < SCALE_ODDS_LEVELS; g++) {
        int64_t r = scale_world_replicas(&c->w, level[g]);
        m += m > 0 && replicas[m - 1] == r ? 0 : 1;
        replicas[m - 1] = r;
        beyond[m - 1] = more[g];
    }
    return m;
}

/* For each worth of a violated step, in mean fleets: the replicas at which one more would cost more than it saves. */
static void weigh(const ScaleChoice *c, const ScaleNearly *n, int64_t *ret)
{
    double beyond[SCALE_ODDS_LEVELS], fleet = MAX(c->needed.cost / MAX(c->steps, 1), 1);
    int64_t replicas[SCALE_ODDS_LEVELS];
    int m = chances(c, n, replicas, beyond);
    for (int i = 0; i < WORTHS; i++) {
        double least = INFINITY;
        ret[i] = scale_world_replicas(&c->w, n->middle);
        for (int g = 0; g < m; g++) {
            double cost = (double)replicas[g] + fleet * c->worth[i] * beyond[g];
            if (cost < least)
                ret[i] = replicas[g];
            least = MIN(least, cost);
        }
    }
}

void scale_choice_offer(ScaleChoice *c, int64_t step, double now, double before, const ScaleNearly *n)
{
    int64_t *row = row_of(c, step);
    for (int e = 0; e < FACTORS; e++)
        row[e] = scale_world_replicas(&c->w, n->middle + c->factor[e] * n->spread);
    for (int e = 0; e < SHARES; e++) {
        row[FACTORS + e] = scale_world_replicas(&c->w, now * (1 + c->share[e]));
        row[FACTORS + SHARES + e] = scale_world_replicas(&c->w, MAX(now, before) * (1 + c->share[e]));
    }
    weigh(c, n, row + FACTORS + 2 * SHARES);
    c->forecast[step % c->kept] = *n;
}

/* ---- following in thought ---- */

/* Nothing was seen yet: errors as of a Laplace distribution, with the weight of a day. */
void scale_choice_begin(ScaleChoice *c, const ScaleNearly *n)
{
    double day = 86400.0 / (double)c->w.step_s;
    for (int e = 0; e < FACTORS; e++) {
        double beyond = 0.5 * exp(-MAX(c->factor[e], 0));
        c->f[e].violation = day * c->reach * beyond;
        c->f[e].late = day * c->reach * beyond * n->spread;
    }
}

/* The candidates of the steps that an order of now spans: rows[0] of the step before step - hold, up to step + lead - 1. */
static void look_up(ScaleChoice *c, int64_t step)
{
    for (int64_t i = 0; i <= c->hold + c->lead; i++)
        c->rows[i] = row_of(c, step - c->hold - 1 + i);
}

/* The highest of the last steps up to rows[to], after it was `before` one step earlier. */
static int64_t highest(const ScaleChoice *c, int e, int64_t before, int64_t to)
{
    int64_t most = 0;
    if (c->rows[0][e] < before)
        return MAX(before, c->rows[to][e]);
    for (int64_t i = 1; i <= to; i++)
        most = MAX(most, c->rows[i][e]);
    return most;
}

/* What a candidate has ready in the step that was just seen, and what it costs, with the replicas that the demand of now brings along.
 * Where steps are shorter than a start-up, an order spans several: of those from hold before on is ready what was highest, and paid
 * for is also what is starting. In longer ones what there was is kept until the step's demand is seen. */
static int64_t provide(const ScaleChoice *c, int e, int64_t needed, int64_t net, Followed *f)
{
    double step = (double)c->w.step_s, restart = (c->w.startup_s + c->w.drain_s) / step;
    int64_t before = f->last;
    if (c->hold > 0) {
        f->high = highest(c, e, f->high, c->hold + 1);
        f->last = highest(c, e, f->last, c->hold + c->lead);
        f->cost += (double)MAX(f->last, needed) + c->w.drain_s / step * (double)MAX(before - f->last, 0);
        return MAX(f->high, net);
    }
    int64_t n = MAX(c->rows[c->hold + 1][e], net), most = MAX(n, needed);
    f->last = c->spare > 0 ? needed : most; /* at the end of the step */
    f->cost += (double)most - c->spare * (double)(most - f->last) + restart * (double)MAX(most - before, 0) +
               c->until_seen * (double)MAX(before - most, 0);
    return MAX(n, before);
}

/* What the shadows saw in the last step, a step's mean. */
static double of_step(const ScaleChoice *c, double ticks)
{
    return ticks / (double)c->ledger->per_step;
}

static void follow_one(ScaleChoice *c, int e, double demand, int64_t needed, int64_t net, bool taken,
                       double *least)
{
    Followed *f = &c->f[e];
    f->cost *= c->forgets;
    double cost = f->cost, room = (double)provide(c, e, needed, net, f) * c->w.capacity;
    double late = demand > room ? c->reach * MIN(demand, demand - room + c->ledger->queued * room) : 0;
    double violation = late > 0 ? c->reach : 0;
    f->late = c->forgets * f->late + late;
    f->violation = c->forgets * f->violation + violation;
    *least = MIN(*least, late);
    if (!taken)
        return;
    c->in_thought.cost += f->cost - cost;
    c->in_thought.violation += violation;
    c->in_fact.cost += of_step(c, c->ledger->own.cost);
    c->in_fact.violation += of_step(c, c->ledger->own.violation);
}

static void forget(Sums *s, double share)
{
    s->cost *= share;
    s->violation *= share;
}

static void follow_all(ScaleChoice *c, double demand, int64_t net, int64_t taken)
{
    double least = INFINITY;
    int64_t needed = scale_world_replicas(&c->w, demand);
    double restart = (c->w.startup_s + c->w.drain_s) / (double)c->w.step_s;
    c->needed.cost =
        c->forgets * c->needed.cost + (double)needed + restart * (double)MAX(needed - c->needed.last, 0);
    c->needed.last = needed;
    forget(&c->in_fact, c->forgets);
    forget(&c->in_thought, c->forgets);
    for (int e = 0; e < CANDIDATES; e++)
        follow_one(c, e, demand, needed, net, e == taken, &least);
    c->unavoidable = c->forgets * c->unavoidable + least;
}

static void follow_reactive(ScaleChoice *c)
{
    const ScaleFleet *shadow = &c->ledger->other;
    Followed *f = &c->reactive;
    f->cost = c->forgets * f->cost + of_step(c, shadow->cost);
    f->late = c->forgets * f->late + of_step(c, shadow->late);
    f->violation = c->forgets * f->violation + of_step(c, shadow->violation);
}

void scale_choice_follow(ScaleChoice *c, int64_t step, double demand, int64_t net, int64_t taken)
{
    const ScaleNearly *n = &c->forecast[step % c->kept];
    scale_odds_keep(c->odds, n->middle, n->spread, demand);
    look_up(c, step);
    follow_all(c, demand, net, taken);
    follow_reactive(c);
    c->requests = c->forgets * c->requests + demand;
    c->steps = c->forgets * c->steps + 1;
}

/* ---- the choice ---- */

static bool above(double a, double b)
{
    return a > b * (1 + 1e-9) + 1e-9;
}

/* Of the candidates that cost at most that the one with least violation time; of equal ones the dearer, which is safer. NULL:
 * there is none. */
static const Followed *calmest(const ScaleChoice *c, double cost)
{
    const Followed *best = NULL;
    for (int e = 0; e < CANDIDATES; e++) {
        const Followed *f = &c->f[e];
        if (f->cost > cost || (best && above(f->violation, best->violation)))
            continue;
        if (!best || above(best->violation, f->violation) || f->cost > best->cost)
            best = f;
    }
    return best;
}

/* What reactive costs in a day, in replica ticks. */
static double day_of_reactive(const ScaleChoice *c)
{
    return 86400.0 / (double)c->w.step_s * (double)c->ledger->per_step * c->reactive.cost / c->steps;
}

/* What may be spent: reactive's cost and what has been saved, less what candidates turned out dearer in fact than in thought. */
static double to_spend(const ScaleChoice *c)
{
    double day = day_of_reactive(c), saved = scale_ledger_saved(c->ledger) / (7 * day);
    double usual = of_step(c, day); /* a day, before anything is known */
    double dearer = (c->in_fact.cost + usual) / (c->in_thought.cost + usual);
    dearer = MAX(DEARER_LEAST, MIN(DEARER_MOST, dearer));
    return MIN(SPEND + MAX(saved, SPEND - 1), SPEND_MOST) * c->reactive.cost / dearer;
}

static double longer_in_fact(const ScaleChoice *c)
{
    double usual = CHECKED_STEPS * c->reach;
    return (c->in_fact.violation + usual) / (c->in_thought.violation + usual);
}

int64_t scale_choice_make(const ScaleChoice *c, const char **why)
{
    const Followed *r = &c->reactive;
    double budget = (1 - c->w.slo) * c->requests, event = c->reach; /* event: what one miss adds */
    double spend = to_spend(c);
    *why = "more was spent than with it, so that what is too many is given back at once";
    if (c->ledger->in_debt)
        return SCALE_CHOICE_REACTIVE;
    const Followed *near = calmest(c, MIN(spend, NEAR * c->needed.cost));
    *why = "the safest near what is needed";
    if (near && near->violation <= REACTIVE_SHARE * r->violation + 0.5 * event &&
        near->late - c->unavoidable <= LATE_SHARE * budget)
        return near - c->f;
    const Followed *calm = calmest(c, spend);
    *why = "no forecast does better at its cost";
    if (!calm || above(longer_in_fact(c) * calm->violation, r->violation + 0.5 * event))
        return SCALE_CHOICE_REACTIVE;
    *why = "the safest at no more cost";
    return calm - c->f;
}

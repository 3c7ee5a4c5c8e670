/* coach_sim.c - see coach_sim.h. The agents and what happens to them come from one stream of chance that no choice moves, so
 * that the policies meet the same agents; choices and noise have streams of their own. */
#include "coach/coach_sim.h"

#include "base/mem.h"

#include <math.h>

#define NOISE_SD 0.15  /* of the true effects */
#define WEEKS 4        /* of a month, and until an outcome is known */
#define CHANGE_SD 0.32 /* of the change of an intervention's drivers in four weeks */
#define MARGIN_OFF 0.3 /* sd of the model's error */
#define MOVES 0.25     /* chance that a shortfall is another one four weeks later */
#define BEHIND 0.25
#define BEHIND_MEAN 0.35

static const double FACTOR[COACH_N_TIERS] = {2, 0.5, 1, 0.2};
static const double LEVEL[COACH_N_TIERS] = {-0.8, -0.6, 0, 0.6};
static const double SHARE[COACH_N_TIERS] = {0.2, 0.8 / 3, 0.8 / 3, 0.8 / 3};

/* What a decision's outcome will say when it is known. */
typedef struct Pending {
    int play; /* -1: nothing was done */
    double share, change;
    bool reached;
} Pending;

typedef struct SimAgent {
    CoachTier tier;
    double margin; /* the true one; the model's stands in standing */
    CoachStanding standing;
    CoachPast past;
    Pending pending[WEEKS]; /* by decision, in turn */
} SimAgent;

typedef struct World {
    const CoachSimConf *conf;
    CoachPolicy policy;
    StatsRng life, choice, noise;
    double (*effect)[COACH_N_TIERS]; /* of each play */
    double *by_tier;                 /* double[COACH_N_TIERS][n plays] */
    CoachBelief *beliefs;
    SimAgent *agents;
    CoachLogged *log;
    int64_t n_log;
    double judged_truth;
} World;

const char *coach_policy_name(CoachPolicy p)
{
    static const char *const NAMES[] = {
#define X(id, name, what) name,
        COACH_POLICIES(X)
#undef X
    };
    return NAMES[p];
}

static double sigmoid(double v)
{
    return 1.0 / (1.0 + exp(-v));
}

static CoachTier draw_tier(StatsRng *r)
{
    double u = stats_uniform(r);
    int t = 0;
    while (t < COACH_N_TIERS - 1 && u >= SHARE[t])
        u -= SHARE[t++];
    return (CoachTier)t;
}

/* The side of the median is the one that costs; a feature without a direction costs on either. */
static void draw_feature(StatsRng *r, CoachStanding *st, int f)
{
    double side = COACH_FEATURES[f].direction;
    if (side == 0)
        side = stats_uniform(r) < 0.5 ? -1 : 1;
    bool behind = stats_uniform(r) < BEHIND;
    double size = stats_exponential(r, BEHIND_MEAN);
    st->median[f] = 0;
    st->x[f] = (float)-side;
    st->behind[f] = behind ? size : 0;
}

static void draw_effects(World *w)
{
    const CoachPlaybook *book = w->conf->book;
    CLEANUP(mem_freep) int *deal = mem_array((size_t)book->n, sizeof *deal);
    for (int k = 0; k < book->n; k++)
        deal[k] = k;
    for (int k = book->n - 1; k > 0; k--) { /* Fisher, Yates */
        int64_t j = stats_below(&w->life, k + 1);
        int other = deal[j];
        deal[j] = deal[k];
        deal[k] = other;
    }
    for (int k = 0; k < book->n; k++)
        for (int t = 0; t < COACH_N_TIERS; t++) {
            w->effect[k][t] =
                book->plays[deal[k]].prior_effect * FACTOR[t] + NOISE_SD * stats_normal(&w->life);
            w->by_tier[t * book->n + k] = w->effect[k][t];
        }
}

static void draw_agents(World *w)
{
    for (int i = 0; i < w->conf->agents; i++) {
        SimAgent *a = &w->agents[i];
        *a = (SimAgent){.tier = draw_tier(&w->life)};
        a->margin = LEVEL[a->tier] + 0.7 * stats_normal(&w->life);
        a->standing.margin = a->margin + MARGIN_OFF * stats_normal(&w->life);
        a->past.lowest_tier = a->tier == COACH_TIER_LOW;
        for (int f = 0; f < COACH_N_FEATURES; f++)
            draw_feature(&w->life, &a->standing, f);
        for (int k = 0; k < COACH_PLAYS_MAX; k++)
            a->past.days_since[k] = INFINITY;
    }
}

static void pass_time(World *w, SimAgent *a)
{
    double moves = 1 - pow(1 - MOVES, (double)w->conf->every / WEEKS);
    for (int f = 0; f < COACH_N_FEATURES; f++)
        if (stats_uniform(&w->life) < moves)
            draw_feature(&w->life, &a->standing, f);
    for (int k = 0; k < w->conf->book->n; k++)
        a->past.days_since[k] += 7 * w->conf->every;
}

/* The position in open that is chosen; -1: none. */
static int choose(World *w, const SimAgent *a, const CoachOpen *open, int n_open, double *propensity)
{
    const CoachPlaybook *book = w->conf->book;
    CoachChoice best[COACH_CHOICES];
    int n = 0;
    if (n_open == 0)
        return -1;
    if (w->policy == COACH_POLICY_RANDOM)
        return (int)stats_below(&w->choice, n_open);
    if (w->policy == COACH_POLICY_THOMPSON)
        n = coach_learn_choose(book, w->beliefs, a->tier, open, n_open, a->standing.margin, &w->choice, best,
                               propensity);
    else
        n = coach_choose_best(book, open, n_open, a->standing.margin,
                              w->policy == COACH_POLICY_BEST ? w->by_tier + a->tier * book->n : NULL, best);
    for (int o = 0; o < n_open && n > 0; o++)
        if (open[o].play == best[0].play)
            return o;
    return -1;
}

static double true_delta(const World *w, const SimAgent *a, const CoachOpen *open)
{
    return open ? coach_choose_delta(open, w->effect[open->play][a->tier]) : 0;
}

static double expected(const World *w, const SimAgent *a, const CoachOpen *open)
{
    double delta = open ? coach_choose_delta(open, w->beliefs[open->play].mean[a->tier]) : 0;
    return sigmoid(a->standing.margin + delta);
}

/* What the priors would have chosen here, judged by what was chosen. */
static void write_log(World *w, int agent, const CoachOpen *open, int n_open, const CoachOpen *taken,
                      double propensity, bool reached)
{
    const SimAgent *a = &w->agents[agent];
    CoachChoice best[COACH_CHOICES];
    const CoachOpen *judged = NULL;
    int n = coach_choose_best(w->conf->book, open, n_open, a->standing.margin, NULL, best);
    for (int o = 0; o < n_open && n > 0; o++)
        if (open[o].play == best[0].play)
            judged = &open[o];
    w->log[w->n_log++] = (CoachLogged){.logged_p = propensity,
                                       .judged_p = judged == taken ? 1 : 0,
                                       .reward = reached ? 1 : 0,
                                       .expected = expected(w, a, taken),
                                       .judged_expected = expected(w, a, judged),
                                       .agent = agent};
    w->judged_truth += sigmoid(a->margin + true_delta(w, a, judged));
}

static void learn(World *w, const SimAgent *a, const Pending *p)
{
    if (p->play < 0)
        return;
    CoachBelief *b = &w->beliefs[p->play];
    if (w->conf->goal_only)
        coach_learn_goal(b, a->tier, p->share, a->standing.margin, p->reached);
    else
        coach_learn_change(b, a->tier, p->share, p->change, CHANGE_SD * CHANGE_SD);
}

/* One decision and what follows from it. Returns the true gain. */
static double decide(World *w, int agent, int slot)
{
    SimAgent *a = &w->agents[agent];
    CoachOpen open[COACH_PLAYS_MAX];
    double propensity = 1;
    int n_open = coach_choose_open(w->conf->book, &a->standing, &a->past, open, NULL);
    int at = choose(w, a, open, n_open, &propensity);
    const CoachOpen *taken = at < 0 ? NULL : &open[at];
    double delta = true_delta(w, a, taken);
    bool reached = stats_uniform(&w->noise) < sigmoid(a->margin + delta);
    a->pending[slot] = (Pending){.play = taken ? taken->play : -1,
                                 .share = taken ? taken->share : 0,
                                 .change = delta + CHANGE_SD * stats_normal(&w->noise),
                                 .reached = reached};
    if (w->policy == COACH_POLICY_THOMPSON && n_open > 0)
        write_log(w, agent, open, n_open, taken, propensity, reached);
    if (taken)
        a->past.days_since[taken->play] = 0;
    return sigmoid(a->margin + delta) - sigmoid(a->margin);
}

static void run_policy(World *w, CoachPolicy policy, double *value)
{
    const CoachSimConf *c = w->conf;
    w->policy = policy;
    stats_seed(&w->life, c->seed);
    stats_seed(&w->choice, c->seed + 0x9e3779b97f4a7c15u * (uint64_t)(policy + 1));
    stats_seed(&w->noise, ~c->seed);
    draw_effects(w);
    draw_agents(w);
    for (int k = 0; k < c->book->n; k++)
        w->beliefs[k] = coach_belief(c->book->plays[k].prior_effect);
    int in_month = WEEKS / c->every;
    for (int turn = 0; turn < c->months * in_month; turn++) {
        double sum = 0;
        for (int i = 0; i < c->agents; i++) {
            SimAgent *a = &w->agents[i];
            if (policy == COACH_POLICY_THOMPSON && turn >= in_month)
                learn(w, a, &a->pending[turn % in_month]);
            sum += decide(w, i, turn % in_month);
            pass_time(w, a);
        }
        value[turn / in_month] += sum / c->agents / in_month;
    }
}

static ErrKind check(const CoachSimConf *c, Err *reterr)
{
    if (c->agents < 2 || c->agents > COACH_SIM_AGENTS_MAX || c->months < 1 ||
        c->months > COACH_SIM_MONTHS_MAX)
        return err_set(reterr, ERR_INVALID, "%d agents and %d months: 2 to %d agents, 1 to %d months",
                       c->agents, c->months, COACH_SIM_AGENTS_MAX, COACH_SIM_MONTHS_MAX);
    if (c->every != 1 && c->every != 2 && c->every != WEEKS)
        return err_set(reterr, ERR_INVALID, "a decision every %d weeks: 1, 2 or %d", c->every, WEEKS);
    if (c->book->n < 1)
        return err_set(reterr, ERR_INVALID, "the playbook is empty");
    return ERR_NONE;
}

ErrKind coach_sim(const CoachSimConf *conf, CoachSim *ret, Err *reterr)
{
    TRY(check(conf, reterr));
    size_t n = (size_t)conf->book->n, decisions = (size_t)conf->agents * (size_t)conf->months * WEEKS;
    CLEANUP(mem_freep) double(*effect)[COACH_N_TIERS] = mem_array(n, sizeof *effect);
    CLEANUP(mem_freep) double *by_tier = mem_array(n * COACH_N_TIERS, sizeof *by_tier);
    CLEANUP(mem_freep) CoachBelief *beliefs = mem_array(n, sizeof *beliefs);
    CLEANUP(mem_freep) SimAgent *agents = mem_array((size_t)conf->agents, sizeof *agents);
    CLEANUP(mem_freep) CoachLogged *log = mem_array(decisions, sizeof *log);
    World w = {
        .conf = conf, .effect = effect, .by_tier = by_tier, .beliefs = beliefs, .agents = agents, .log = log};
    *ret = (CoachSim){.judged_truth = 0};
    for (int p = 0; p < COACH_N_POLICIES; p++)
        run_policy(&w, (CoachPolicy)p, ret->value[p]);
    TRY(coach_learn_value(w.log, w.n_log, conf->agents, &ret->judged, reterr));
    ret->judged_truth = w.judged_truth / (double)w.n_log;
    return ERR_NONE;
}

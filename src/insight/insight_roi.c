/* insight_roi.c - see insight_roi.h. */
#include "insight/insight_roi.h"

#include "base/mem.h"
#include "stats/stats.h"
#include "stats/stats_dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX (INT64_C(1) << 20) /* of draws kept: sums times draws; 16 MB */
#define DRAWS_MIN 2000

enum { AMOUNT, SHARE, REAL };

static const struct {
    const char *name, *what;
    int kind;
} ROLES[] = {
#define X(id, name, what, kind) {name, what, kind},
    INSIGHT_ROI_ROLES(X)
#undef X
};

const char *insight_roi_role_name(InsightRoiRole r)
{
    return ROLES[r].name;
}

const char *insight_roi_role_what(InsightRoiRole r)
{
    return ROLES[r].what;
}

/* ---- inputs ---- */

static ErrKind bad(const InsightRoiInput *in, Err *reterr, const char *why)
{
    if (in->line > 0)
        return err_set(reterr, ERR_INVALID, "line %lld, %s: %g (standard error %g): %s", (long long)in->line,
                       ROLES[in->role].name, in->mean, in->se, why);
    return err_set(reterr, ERR_INVALID, "%s: %g (standard error %g): %s", ROLES[in->role].name, in->mean,
                   in->se, why);
}

static ErrKind check_input(const InsightRoiInput *in, Err *reterr)
{
    if (!isfinite(in->mean) || !isfinite(in->se) || in->se < 0)
        return bad(in, reterr, "a number with a standard error from 0 is needed");
    if (ROLES[in->role].kind == REAL)
        return ERR_NONE;
    if (in->mean < 0)
        return bad(in, reterr, "it cannot be less than 0");
    if (in->mean == 0 && in->se > 0)
        return bad(in, reterr, "0 cannot be unsure, since nothing lies below it");
    if (ROLES[in->role].kind == SHARE) {
        if (in->mean > 1)
            return bad(in, reterr, "a share lies from 0 to 1");
        if (in->se > 0 && in->se * in->se >= in->mean * (1 - in->mean))
            return bad(in, reterr, "no share from 0 to 1 is so unsure");
    }
    return ERR_NONE;
}

static ErrKind check_plan(const InsightRoiPlan *p, Err *reterr)
{
    if (p->n_lines < 1 || p->n_groups < 1)
        return err_set(reterr, ERR_INVALID, "nothing to reckon: there is no line");
    if (p->n_lines > INSIGHT_ROI_LINES_MAX || p->n_groups > INSIGHT_ROI_GROUPS_MAX ||
        p->n_periods > INSIGHT_ROI_GROUPS_MAX)
        return err_set(reterr, ERR_LIMIT, "%d lines in %d groups, at most %d in %d", (int)p->n_lines,
                       (int)MAX(p->n_groups, p->n_periods), INSIGHT_ROI_LINES_MAX, INSIGHT_ROI_GROUPS_MAX);
    for (int32_t i = 0; i < p->n_inputs; i++)
        TRY(check_input(&p->input[i], reterr));
    for (int32_t i = 0; i < p->n_lines; i++)
        if (!(p->line[i].agents > 0 && p->line[i].months > 0 &&
              isfinite(p->line[i].agents * p->line[i].months)))
            return err_set(reterr, ERR_INVALID, "%s: %g agents over %g months: both must be more than 0",
                           p->group[p->line[i].group], p->line[i].agents, p->line[i].months);
    return ERR_NONE;
}

static double draw_one(const InsightRoiInput *in, StatsRng *r)
{
    if (in->se == 0)
        return in->mean;
    if (ROLES[in->role].kind == REAL) {
        double z = stats_normal(r);
        if (in->df > 0 && isfinite(in->df))
            z /= sqrt(stats_gamma(r, in->df / 2, 2 / in->df));
        return in->mean + in->se * z;
    }
    if (ROLES[in->role].kind == SHARE) {
        double size = in->mean * (1 - in->mean) / (in->se * in->se) - 1;
        double a = stats_gamma(r, in->mean * size, 1), b = stats_gamma(r, (1 - in->mean) * size, 1);
        return a + b > 0 ? a / (a + b) : in->mean;
    }
    double spread = log1p(in->se * in->se / (in->mean * in->mean));
    return exp(log(in->mean) - spread / 2 + sqrt(spread) * stats_normal(r));
}

/* ---- a line ---- */

typedef struct Money {
    double value, coach, agent, licence, fixed;
} Money;

static double cost_of(const Money *m)
{
    return m->coach + m->agent + m->licence + m->fixed;
}

static double input_of(const InsightRoiLine *l, InsightRoiRole role, const double *x)
{
    return l->input[role] >= 0 ? x[l->input[role]] : role == INSIGHT_ROI_SPLIT ? 1 : 0;
}

static Money money_of(const InsightRoiLine *l, const double *x)
{
    double scale = l->agents * l->months;
    return (Money){
        .value = input_of(l, INSIGHT_ROI_EFFECT, x) * input_of(l, INSIGHT_ROI_COMMISSION, x) *
                 input_of(l, INSIGHT_ROI_SPLIT, x) * scale,
        .coach = input_of(l, INSIGHT_ROI_COACH_HOURS, x) * input_of(l, INSIGHT_ROI_COACH_RATE, x) * scale,
        .agent = input_of(l, INSIGHT_ROI_AGENT_HOURS, x) * input_of(l, INSIGHT_ROI_AGENT_RATE, x) * scale,
        .licence = input_of(l, INSIGHT_ROI_LICENCE, x) * scale,
        .fixed = input_of(l, INSIGHT_ROI_FIXED, x),
    };
}

/* ---- sums: the total, then groups, then periods ---- */

typedef struct Sums {
    const InsightRoiPlan *p;
    int32_t n;
    int draws;
    double *value, *cost; /* [n][draws] */
} Sums;

static void add_to(Sums *s, int32_t at, int draw, const Money *m)
{
    s->value[(int64_t)at * s->draws + draw] += m->value;
    s->cost[(int64_t)at * s->draws + draw] += cost_of(m);
}

#define BLOCK 16 /* draws at a time: the sums of one line then lie together */

static void draw_all(Sums *s)
{
    const InsightRoiPlan *p = s->p;
    StatsRng rng;
    size_t width = (size_t)MAX(p->n_inputs, 1);
    CLEANUP(mem_freep) double *x = mem_array(BLOCK * width, sizeof *x);
    stats_seed(&rng, p->seed);
    for (int first = 0; first < s->draws; first += BLOCK) {
        int n = MIN(BLOCK, s->draws - first);
        for (int d = 0; d < n; d++)
            for (int32_t i = 0; i < p->n_inputs; i++)
                x[(size_t)d * width + (size_t)i] = draw_one(&p->input[i], &rng);
        for (int32_t i = 0; i < p->n_lines; i++)
            for (int d = 0; d < n; d++) {
                Money m = money_of(&p->line[i], x + (size_t)d * width);
                add_to(s, 0, first + d, &m);
                add_to(s, 1 + p->line[i].group, first + d, &m);
                if (p->n_periods)
                    add_to(s, 1 + p->n_groups + p->line[i].period, first + d, &m);
            }
    }
}

/* Reorders draws. p: two-sided, twice the share of draws on the other side of 0 than most. */
static StatsEstimate estimate_of(double at_means, double *draws, int n, double level)
{
    double mean = stats_mean(draws, n), square = 0, below = 0;
    for (int i = 0; i < n; i++) {
        square += (draws[i] - mean) * (draws[i] - mean);
        below += draws[i] < 0;
    }
    StatsEstimate e = {.estimate = at_means, .se = sqrt(square / (n - 1)), .df = INFINITY};
    e.p = MIN(1, 2 * MIN(below, n - below) / n);
    e.low = stats_quantile_once(draws, n, 0.5 - level / 2);
    e.high = stats_quantile_once(draws, n, 0.5 + level / 2);
    return e;
}

/* Which lines are of a sum. */
static bool belongs(const InsightRoiPlan *p, const InsightRoiLine *l, int32_t sum)
{
    if (sum == 0)
        return true;
    return sum <= p->n_groups ? l->group == sum - 1 : l->period == sum - 1 - p->n_groups;
}

/* Net of every sum: net[1 + n_groups + n_periods]. */
static void nets(const InsightRoiPlan *p, const double *x, double *net)
{
    memset(net, 0, (size_t)(1 + p->n_groups + p->n_periods) * sizeof *net);
    for (int32_t i = 0; i < p->n_lines; i++) {
        const InsightRoiLine *l = &p->line[i];
        Money m = money_of(l, x);
        double v = m.value - cost_of(&m);
        net[0] += v;
        net[1 + l->group] += v;
        if (p->n_periods)
            net[1 + p->n_groups + l->period] += v;
    }
}

static void at_means(const InsightRoiPlan *p, int32_t sum, const double *x, InsightRoiSum *r)
{
    double per_effect = 0, value = 0;
    for (int32_t i = 0; i < p->n_lines; i++) {
        const InsightRoiLine *l = &p->line[i];
        if (!belongs(p, l, sum))
            continue;
        Money m = money_of(l, x);
        r->agent_months += l->agents * l->months;
        r->coach_cost += m.coach;
        r->agent_cost += m.agent;
        r->licence_cost += m.licence;
        r->fixed_cost += m.fixed;
        value += m.value;
        per_effect += l->agents * l->months * input_of(l, INSIGHT_ROI_COMMISSION, x) *
                      input_of(l, INSIGHT_ROI_SPLIT, x);
    }
    double cost = r->coach_cost + r->agent_cost + r->licence_cost + r->fixed_cost;
    r->value.estimate = value;
    r->cost.estimate = cost;
    r->break_even_effect = per_effect > 0 ? cost / per_effect : NAN;
    r->break_even_licence = (value - cost + r->licence_cost) / r->agent_months;
}

static void fill_sum(Sums *s, int32_t sum, const char *name, const double *x, InsightRoiSum *r)
{
    double *value = s->value + (int64_t)sum * s->draws, *cost = s->cost + (int64_t)sum * s->draws;
    CLEANUP(mem_freep) double *net = mem_array((size_t)s->draws, sizeof *net);
    CLEANUP(mem_freep) double *ratio = mem_array((size_t)s->draws, sizeof *ratio);
    double level = s->p->level;
    r->name = name;
    at_means(s->p, sum, x, r);
    int64_t paid = 0;
    for (int d = 0; d < s->draws; d++) {
        net[d] = value[d] - cost[d];
        ratio[d] = cost[d] > 0 ? net[d] / cost[d] : NAN;
        paid += net[d] > 0;
    }
    double v = r->value.estimate, c = r->cost.estimate;
    r->pays_back = (double)paid / s->draws;
    r->value = estimate_of(v, value, s->draws, level);
    r->cost = estimate_of(c, cost, s->draws, level);
    r->net = estimate_of(v - c, net, s->draws, level);
    r->ratio = (StatsEstimate){NAN, NAN, NAN, NAN, NAN, NAN};
    if (c > 0)
        r->ratio = estimate_of((v - c) / c, ratio, s->draws, level);
}

/* ---- what moves the result ---- */

static double end_of(const InsightRoiInput *in, double level, int sign)
{
    double df = ROLES[in->role].kind == REAL && in->df > 0 ? in->df : INFINITY;
    double v = in->mean + sign * in->se * stats_t_quantile(0.5 + level / 2, df);
    if (ROLES[in->role].kind != REAL)
        v = MAX(v, 0);
    return ROLES[in->role].kind == SHARE ? MIN(v, 1) : v;
}

static int by_swing(const void *a, const void *b)
{
    const InsightRoiMove *x = a, *y = b;
    double u = fabs(x->net_high - x->net_low), v = fabs(y->net_high - y->net_low);
    return u != v ? (u < v) - (u > v) : (x->input > y->input) - (x->input < y->input);
}

/* Net is linear in each input, so that the delta method's terms are exact differences, and so are the moves. */
static void fill_moves(const InsightRoiPlan *p, double *x, InsightRoi *r)
{
    size_t n_sums = (size_t)(1 + p->n_groups + p->n_periods);
    CLEANUP(mem_freep) InsightRoiMove *all = mem_array((size_t)MAX(p->n_inputs, 1), sizeof *all);
    CLEANUP(mem_freep) double *room = mem_array(3 * n_sums, sizeof *room);
    double *base = room, *moved = base + n_sums, *variance = moved + n_sums;
    int32_t n = 0;
    nets(p, x, base);
    for (int32_t i = 0; i < p->n_inputs; i++) {
        const InsightRoiInput *in = &p->input[i];
        if (in->se == 0)
            continue;
        x[i] = in->mean + in->se;
        nets(p, x, moved);
        x[i] = in->mean;
        for (size_t k = 0; k < n_sums; k++)
            variance[k] += (moved[k] - base[k]) * (moved[k] - base[k]);
        double slope = (moved[0] - base[0]) / in->se;
        InsightRoiMove *m = &all[n++];
        *m = (InsightRoiMove){
            .input = i, .at_low = end_of(in, p->level, -1), .at_high = end_of(in, p->level, 1)};
        m->net_low = base[0] + slope * (m->at_low - in->mean);
        m->net_high = base[0] + slope * (m->at_high - in->mean);
        m->share = slope * slope * in->se * in->se;
    }
    for (int32_t i = 0; i < n; i++)
        all[i].share = variance[0] > 0 ? all[i].share / variance[0] : 0;
    r->total.net_se_delta = sqrt(variance[0]);
    for (int32_t g = 0; g < p->n_groups; g++)
        r->group[g].net_se_delta = sqrt(variance[1 + g]);
    for (int32_t g = 0; g < p->n_periods; g++)
        r->period[g].net_se_delta = sqrt(variance[1 + p->n_groups + g]);
    qsort(all, (size_t)n, sizeof *all, by_swing);
    r->n_moves = (int)MIN(n, INSIGHT_ROI_MOVES_MAX);
    memcpy(r->move, all, (size_t)r->n_moves * sizeof *all);
}

static void fill_grid(InsightRoi *r)
{
    static const double EFFECTS[INSIGHT_ROI_EFFECTS] = {0, 0.5, 0.75, 1, 1.25, 1.5};
    static const double COSTS[INSIGHT_ROI_COSTS] = {0.75, 1, 1.25, 1.5};
    memcpy(r->effect_times, EFFECTS, sizeof EFFECTS);
    memcpy(r->cost_times, COSTS, sizeof COSTS);
    for (int e = 0; e < INSIGHT_ROI_EFFECTS; e++)
        for (int c = 0; c < INSIGHT_ROI_COSTS; c++)
            r->grid[e][c] = EFFECTS[e] * r->total.value.estimate - COSTS[c] * r->total.cost.estimate;
}

/* ---- all ---- */

ErrKind insight_roi(const InsightRoiPlan *p, InsightRoi **ret, Err *reterr)
{
    *ret = NULL;
    TRY(check_plan(p, reterr));
    Sums s = {.p = p, .n = 1 + p->n_groups + p->n_periods};
    s.draws = (int)MAX(DRAWS_MIN, MIN(INSIGHT_ROI_DRAWS, CELLS_MAX / s.n));
    CLEANUP(insight_roi_freep) InsightRoi *r = MEM_NEW(InsightRoi);
    CLEANUP(mem_freep) double *room = mem_array(2 * (size_t)s.n * (size_t)s.draws, sizeof *room);
    CLEANUP(mem_freep) double *x = mem_array((size_t)MAX(p->n_inputs, 1), sizeof *x);
    s.value = room;
    s.cost = room + (int64_t)s.n * s.draws;
    r->draws = s.draws;
    r->group = mem_array((size_t)p->n_groups, sizeof *r->group);
    r->period = mem_array((size_t)MAX(p->n_periods, 1), sizeof *r->period);
    for (int32_t i = 0; i < p->n_inputs; i++)
        x[i] = p->input[i].mean;
    draw_all(&s);
    fill_sum(&s, 0, "all", x, &r->total);
    for (int32_t g = 0; g < p->n_groups; g++)
        fill_sum(&s, 1 + g, p->group[g], x, &r->group[g]);
    for (int32_t g = 0; g < p->n_periods; g++)
        fill_sum(&s, 1 + p->n_groups + g, p->period[g], x, &r->period[g]);
    fill_moves(p, x, r);
    fill_grid(r);
    *ret = r;
    r = NULL;
    return ERR_NONE;
}

void insight_roi_free(InsightRoi *r)
{
    if (!r)
        return;
    mem_free(r->group);
    mem_free(r->period);
    mem_free(r);
}

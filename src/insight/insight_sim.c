/* insight_sim.c - see insight_sim.h.
 *
 * One row an agent: y = closings in six months, a Poisson draw around what skills, leads and coaching give; covariates are
 * the closings of the half year before (also a draw), leads a month, minutes to the first answer, calls a day, months in the
 * job, the office, and two columns of noise. Who is coached depends on these covariates only, never on the skills behind
 * them, so that they suffice. Panels: y = commission in thousands a month = agent's level + season + form (an AR(1)) +
 * coach's form + effect + noise: levels differ between coached and others, trends do not; in the worlds with trends they grow
 * with the closings before, which the covariates hold. */
#include "insight/insight_sim.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TRUTH_AGENTS 200000
#define OFFICES 3
#define SEED_STEP UINT64_C(8) /* fixed, so that another world does not change the rows of the others */

enum { X_PRIOR, X_LEADS, X_RESPONSE, X_CALLS, X_TENURE, X_OFFICE_B, X_OFFICE_C, X_NOISE, X_NOISE_2, N_X };
static const char *const X_NAMES[N_X] = {"prior_closings", "leads",         "response_min",
                                         "calls",          "tenure_months", "office=B",
                                         "office=C",       "noise",         "noise_2"};
static const char *const X_COLUMNS[] = {"prior_closings", "leads",  "response_min", "calls",
                                        "tenure_months",  "office", "noise",        "noise_2"};
static const int X_COLUMN_OF[N_X] = {0, 1, 2, 3, 4, 5, 5, 6, 7};

static const struct {
    const char *name, *what;
    int months, coaches;
} WORLDS[] = {
#define X(id, name, months, coaches, what) {name, what, months, coaches},
    INSIGHT_WORLDS(X)
#undef X
};

const char *insight_world_name(InsightWorld w)
{
    return WORLDS[w].name;
}

const char *insight_world_what(InsightWorld w)
{
    return WORLDS[w].what;
}

bool insight_world_parse(const char *name, InsightWorld *ret)
{
    for (int w = 0; w < INSIGHT_N_WORLDS; w++)
        if (strcmp(WORLDS[w].name, name) == 0) {
            *ret = (InsightWorld)w;
            return true;
        }
    return false;
}

/* ---- agents ---- */

typedef struct Agent {
    double mean; /* closings in six months without coaching */
    double lift; /* of coaching, as a share of it */
    double x[N_X];
    double index; /* how strong the figures look, mean about 0, variance about 1 */
} Agent;

static double lift_of(double tenure)
{
    return tenure < 12 ? 0.30 : tenure < 48 ? 0.15 : 0.03;
}

static Agent draw_agent(StatsRng *r)
{
    Agent a = {0};
    double z[3], common = stats_normal(r);
    for (int k = 0; k < 3; k++)
        z[k] = sqrt(0.3) * common + sqrt(0.7) * stats_normal(r);
    double tenure = stats_uniform(r) < 0.25 ? 12 * stats_uniform(r) : 12 + stats_exponential(r, 48);
    double leads = 6.5 * exp(0.22 * stats_normal(r) - 0.0242);
    int64_t office = stats_below(r, OFFICES);
    a.mean = 4 * exp(0.3 * z[0] + 0.2 * z[1] + 0.15 * z[2] - 0.4 * exp(-tenure / 9)) * leads / 6.5;
    a.lift = lift_of(tenure);
    a.x[X_PRIOR] = (double)stats_poisson(r, a.mean);
    a.x[X_LEADS] = leads;
    a.x[X_RESPONSE] = exp(3.1 - 0.8 * z[1] + 0.4 * stats_normal(r));
    a.x[X_CALLS] = 2.3 * exp(0.4 * z[2] + 0.2 * stats_normal(r));
    a.x[X_TENURE] = tenure;
    a.x[X_OFFICE_B] = office == 1;
    a.x[X_OFFICE_C] = office == 2;
    a.x[X_NOISE] = stats_normal(r);
    a.x[X_NOISE_2] = stats_normal(r);
    a.index = 0.6 * (a.x[X_PRIOR] - 3.8) / 2.6 - 0.5 * (log(a.x[X_RESPONSE]) - 3.1) / 0.9 +
              0.4 * (a.x[X_CALLS] - 2.5) / 1.1 + (tenure < 12 ? -0.4 : 0.1);
    return a;
}

static double chance_to_be_coached(InsightWorld w, const Agent *a)
{
    double toward = w == INSIGHT_WORLD_PICKS_WEAK ? -0.9 : w == INSIGHT_WORLD_PICKS_STRONG ? 0.9 : 0;
    return 1 / (1 + exp(-(toward * a->index)));
}

/* ---- rows ---- */

static void set_ids(InsightIds *ids, int64_t n, int32_t n_ids, char prefix)
{
    ids->id = mem_array((size_t)n, sizeof *ids->id);
    ids->name = mem_array((size_t)n_ids, sizeof *ids->name);
    ids->n = n_ids;
    for (int32_t k = 0; k < n_ids; k++) {
        char name[16];
        snprintf(name, sizeof name, "%c%04d", prefix, k + 1);
        ids->name[k] = mem_strdup(name);
    }
}

static InsightData *new_data(int64_t n)
{
    InsightData *d = MEM_NEW(InsightData);
    d->n = n;
    d->y = mem_array((size_t)n, sizeof *d->y);
    d->t = mem_array((size_t)n, sizeof *d->t);
    d->treated_name = mem_strdup("1");
    d->control_name = mem_strdup("0");
    d->warnings = BUF(4096);
    d->pre = mem_array((size_t)n, sizeof *d->pre);
    return d;
}

static void set_covariates(InsightData *d)
{
    d->n_x = N_X;
    d->x = mem_array((size_t)d->n * N_X, sizeof *d->x);
    d->x_name = mem_array(N_X, sizeof *d->x_name);
    d->x_column = mem_array(N_X, sizeof *d->x_column);
    d->n_covariates = ARRAY_LEN(X_COLUMNS);
    d->covariate_name = mem_array(ARRAY_LEN(X_COLUMNS), sizeof *d->covariate_name);
    for (int c = 0; c < N_X; c++) {
        d->x_name[c] = mem_strdup(X_NAMES[c]);
        d->x_column[c] = X_COLUMN_OF[c];
    }
    for (size_t c = 0; c < ARRAY_LEN(X_COLUMNS); c++)
        d->covariate_name[c] = mem_strdup(X_COLUMNS[c]);
}

static const char *const TIERS[] = {"under a year", "one to four years", "longer"};

static int tier_of(double tenure)
{
    return tenure < 12 ? 0 : tenure < 48 ? 1 : 2;
}

static void set_tiers(InsightData *d)
{
    d->tier.id = mem_array((size_t)d->n, sizeof *d->tier.id);
    d->tier.name = mem_array(ARRAY_LEN(TIERS), sizeof *d->tier.name);
    d->tier.n = ARRAY_LEN(TIERS);
    for (size_t k = 0; k < ARRAY_LEN(TIERS); k++)
        d->tier.name[k] = mem_strdup(TIERS[k]);
    for (int64_t i = 0; i < d->n; i++)
        d->tier.id[i] = tier_of(d->x[i + (int64_t)X_TENURE * d->n]);
}

/* Which coaches, or agents of the randomised world, are drawn: exactly half of them. */
static void draw_half(StatsRng *r, bool *chosen, int n)
{
    for (int i = 0, left = n / 2; i < n; i++) {
        chosen[i] = stats_below(r, n - i) < left;
        left -= chosen[i];
    }
}

static InsightData *cross_section(InsightWorld w, int n, StatsRng *r)
{
    int coaches = WORLDS[w].coaches;
    InsightData *d = new_data(n);
    set_covariates(d);
    d->n_pre = 1;
    CLEANUP(mem_freep) bool *chosen = mem_array((size_t)n, sizeof *chosen);
    CLEANUP(mem_freep) double *form = mem_array((size_t)n, sizeof *form);
    draw_half(r, chosen, coaches ? coaches : n);
    for (int c = 0; c < coaches; c++)
        form[c] = 0.25 * stats_normal(r);
    if (coaches)
        set_ids(&d->cluster, n, coaches, 'C');
    for (int i = 0; i < n; i++) {
        Agent a = draw_agent(r);
        int coach = coaches ? i % coaches : i;
        bool drawn = w == INSIGHT_WORLD_RANDOMISED || coaches;
        d->t[i] = drawn ? chosen[coach] : stats_uniform(r) < chance_to_be_coached(w, &a);
        double mean = a.mean * (coaches ? exp(form[coach]) : 1) * (1 + d->t[i] * a.lift);
        d->y[i] = (double)stats_poisson(r, mean);
        d->pre[i] = a.x[X_PRIOR];
        if (coaches)
            d->cluster.id[i] = coach;
        for (int c = 0; c < N_X; c++)
            d->x[i + (int64_t)c * n] = a.x[c];
    }
    set_tiers(d);
    return d;
}

/* Chance of the first closing in a month: a hard market, so that it takes a while. */
static double first_closing_rate(const Agent *a)
{
    return a->mean / 24;
}

static InsightData *first_closing(int n, StatsRng *r)
{
    InsightData *d = new_data(n);
    set_covariates(d);
    d->event = mem_array((size_t)n, sizeof *d->event);
    CLEANUP(mem_freep) bool *chosen = mem_array((size_t)n, sizeof *chosen);
    draw_half(r, chosen, n);
    for (int i = 0; i < n; i++) {
        Agent a = draw_agent(r);
        d->t[i] = chosen[i];
        double closes = stats_exponential(r, 1) / (first_closing_rate(&a) * (1 + d->t[i] * a.lift));
        double watched = INSIGHT_SIM_HORIZON + 3 * stats_uniform(r);
        d->event[i] = closes <= watched;
        d->y[i] = fmin(closes, watched);
        for (int c = 0; c < N_X; c++)
            d->x[i + (int64_t)c * n] = a.x[c];
    }
    return d;
}

/* ---- panels ---- */

static const double STARTS[] = {8, 12, 16, INFINITY};

static bool has_trends(InsightWorld w)
{
    return w == INSIGHT_WORLD_TRENDS || w == INSIGHT_WORLD_STAGGERED_TRENDS;
}

/* Month of the first coaching, from 0; INFINITY: never. */
static double start_of(InsightWorld w, StatsRng *r, const Agent *a, int coach)
{
    bool staggered = w == INSIGHT_WORLD_STAGGERED || w == INSIGHT_WORLD_STAGGERED_30 ||
                     w == INSIGHT_WORLD_STAGGERED_TRENDS;
    if (WORLDS[w].coaches)
        return staggered ? STARTS[coach % 4] : coach % 2 ? 6 : INFINITY;
    double u = stats_uniform(r);
    if (!staggered)
        return u < 1 / (1 + exp(a->index)) ? 6 : INFINITY;
    double shift = 0.15 * tanh(a->index);
    return u < 0.25 - shift ? 8 : u < 0.5 - shift ? 12 : u < 0.75 - shift ? 16 : INFINITY;
}

/* Thousands a month, `since` months after the start: grows over some months, more for beginners, less for later starts. */
static double panel_effect(const Agent *a, double start, double since)
{
    double full = 1.2 + 6 * a->lift - 0.06 * (start - 8);
    return full * (1 - exp(-(since + 1) / 3));
}

/* An AR(1) of variance sd^2 over the months. */
static void draw_form(StatsRng *r, double keep, double sd, int months, double *out)
{
    out[0] = sd * stats_normal(r);
    for (int t = 1; t < months; t++)
        out[t] = keep * out[t - 1] + sd * sqrt(1 - keep * keep) * stats_normal(r);
}

#define MONTHS_MAX 24
static InsightData *panel(InsightWorld w, int n, StatsRng *r)
{
    int months = WORLDS[w].months, coaches = WORLDS[w].coaches;
    InsightData *d = new_data((int64_t)n * months);
    d->time = mem_array((size_t)d->n, sizeof *d->time);
    d->first_treated = mem_array((size_t)d->n, sizeof *d->first_treated);
    if (has_trends(w))
        set_covariates(d);
    set_ids(&d->unit, d->n, n, 'A');
    if (coaches)
        set_ids(&d->cluster, d->n, coaches, 'C');
    CLEANUP(mem_freep) double *shared = mem_array((size_t)MAX(coaches, 1) * MONTHS_MAX, sizeof *shared);
    CLEANUP(mem_freep) int *order = mem_array((size_t)MAX(coaches, 1), sizeof *order);
    for (int c = 0; c < coaches; c++)
        draw_form(r, 0.7, 0.8, months, shared + (size_t)c * MONTHS_MAX);
    for (int c = 0; c < coaches; c++) { /* a random coach gets each place in the rota of starts */
        int k = (int)stats_below(r, c + 1);
        order[c] = order[k];
        order[k] = c;
    }
    for (int i = 0; i < n; i++) {
        Agent a = draw_agent(r);
        int coach = coaches ? i % coaches : 0;
        double start = start_of(w, r, &a, coaches ? order[coach] : 0), form[MONTHS_MAX];
        draw_form(r, 0.6, 1.2, months, form);
        double trend = has_trends(w) ? 0.05 * (a.x[X_PRIOR] - 3.8) : 0;
        for (int t = 0; t < months; t++) {
            int64_t row = (int64_t)i * months + t;
            double season = 1.5 * cos(2 * M_PI * (t - 5) / 12);
            double effect = t >= start ? panel_effect(&a, start, t - start) : 0;
            double own = coaches ? shared[(size_t)coach * MONTHS_MAX + (size_t)t] : 0;
            d->y[row] = 6 + 1.5 * a.index + season + trend * t + form[t] + own + effect +
                        2 * (stats_exponential(r, 1) - 1);
            for (int c = 0; c < d->n_x; c++)
                d->x[row + (int64_t)c * d->n] = a.x[c];
            d->t[row] = t >= start;
            d->time[row] = t;
            d->first_treated[row] = start;
            d->unit.id[row] = i;
            if (coaches)
                d->cluster.id[row] = coach;
        }
    }
    return d;
}

#define COUNTS_START 6 /* month, from 0 */
#define COUNTS_FORM 0.3

static double coached_of_counts(const Agent *a)
{
    return 1 / (1 + exp(a->index));
}

static InsightData *closings(int n, StatsRng *r)
{
    int months = WORLDS[INSIGHT_WORLD_CLOSINGS].months;
    InsightData *d = new_data((int64_t)n * months);
    d->time = mem_array((size_t)d->n, sizeof *d->time);
    set_ids(&d->unit, d->n, n, 'A');
    for (int i = 0; i < n; i++) {
        Agent a = draw_agent(r);
        bool coached = stats_uniform(r) < coached_of_counts(&a);
        for (int t = 0; t < months; t++) {
            int64_t row = (int64_t)i * months + t;
            double season = exp(0.25 * cos(2 * M_PI * (t - 5) / 12));
            double form = exp(COUNTS_FORM * stats_normal(r) - COUNTS_FORM * COUNTS_FORM / 2);
            d->t[row] = coached && t >= COUNTS_START;
            d->y[row] = (double)stats_poisson(r, a.mean / 6 * season * form * (1 + d->t[row] * a.lift));
            d->time[row] = t;
            d->unit.id[row] = i;
        }
    }
    return d;
}

InsightData *insight_sim(InsightWorld w, int n_agents, uint64_t seed)
{
    StatsRng r;
    BUG_ON(n_agents < 60);
    stats_seed(&r, seed * SEED_STEP + (uint64_t)w);
    switch (w) {
    case INSIGHT_WORLD_CLOSINGS: return closings(n_agents, &r);
    case INSIGHT_WORLD_FIRST_CLOSING: return first_closing(n_agents, &r);
    default: return WORLDS[w].months ? panel(w, n_agents, &r) : cross_section(w, n_agents, &r);
    }
}

/* ---- truth ---- */

static InsightTruth cross_section_truth(InsightWorld w, StatsRng *r)
{
    double all = 0, coached = 0, weight = 0, beginners = 0, n_beginners = 0;
    bool coaches = WORLDS[w].coaches > 0;
    double shared = coaches ? exp(0.25 * 0.25 / 2) : 1; /* mean of exp(form) */
    for (int i = 0; i < TRUTH_AGENTS; i++) {
        Agent a = draw_agent(r);
        double effect = a.mean * shared * a.lift, p = chance_to_be_coached(w, &a);
        all += effect;
        coached += p * effect;
        weight += p;
        bool beginner = tier_of(a.x[X_TENURE]) == 0;
        beginners += beginner * effect;
        n_beginners += beginner;
    }
    return (InsightTruth){
        .ate = all / TRUTH_AGENTS, .att = coached / weight, .beginners = beginners / n_beginners};
}

/* All coached start together, and the months' factors are the same for all: what agents' own levels leave is the ratio of
 * the coached ones' sums. */
static double closings_truth(StatsRng *r)
{
    double with = 0, without = 0;
    for (int i = 0; i < TRUTH_AGENTS; i++) {
        Agent a = draw_agent(r);
        double p = coached_of_counts(&a);
        without += p * a.mean;
        with += p * a.mean * (1 + a.lift);
    }
    return log(with / without);
}

/* Mean of an exponential time, cut at the horizon. */
static double cut_mean(double rate)
{
    return (1 - exp(-rate * INSIGHT_SIM_HORIZON)) / rate;
}

static double first_closing_truth(StatsRng *r)
{
    double sum = 0;
    for (int i = 0; i < TRUTH_AGENTS; i++) {
        Agent a = draw_agent(r);
        double rate = first_closing_rate(&a);
        sum += cut_mean(rate * (1 + a.lift)) - cut_mean(rate);
    }
    return sum / TRUTH_AGENTS;
}

static InsightTruth one_truth(double effect)
{
    return (InsightTruth){.ate = effect, .att = effect, .beginners = NAN};
}

static InsightTruth panel_truth(InsightWorld w, StatsRng *r)
{
    double sum = 0, n = 0;
    int coaches = WORLDS[w].coaches;
    for (int i = 0; i < TRUTH_AGENTS; i++) {
        Agent a = draw_agent(r);
        double start = start_of(w, r, &a, coaches ? i % coaches : 0);
        for (int t = 0; t < WORLDS[w].months; t++)
            if (t >= start) {
                sum += panel_effect(&a, start, t - start);
                n++;
            }
    }
    return one_truth(sum / n);
}

InsightTruth insight_sim_truth(InsightWorld w)
{
    StatsRng r;
    stats_seed(&r, UINT64_C(0xC0FFEE) + (uint64_t)w);
    switch (w) {
    case INSIGHT_WORLD_CLOSINGS: return one_truth(closings_truth(&r));
    case INSIGHT_WORLD_FIRST_CLOSING: return one_truth(first_closing_truth(&r));
    default: return WORLDS[w].months ? panel_truth(w, &r) : cross_section_truth(w, &r);
    }
}

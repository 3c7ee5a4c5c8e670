/* coach_learn.c - beliefs, Thompson's draw, its propensity, and values from the log. The formulas stand in the header. */
#include "coach/coach_learn.h"

#include "base/mem.h"
#include "stats/stats_dist.h"

#include <math.h>

#define STEPS 96 /* of the integral, over +-REACH standard deviations */
#define REACH 6.0
#define LEAST 1e-6 /* what is left of 1 by the integral's error */

static double sigmoid(double v)
{
    return 1.0 / (1.0 + exp(-v));
}

const char *coach_tier_name(CoachTier t)
{
    static const char *const NAMES[] = {
#define X(id, name, what) name,
        COACH_TIERS(X)
#undef X
    };
    return NAMES[t];
}

const char *coach_tier_words(CoachTier t)
{
    static const char *const WORDS[] = {
#define X(id, name, what) what,
        COACH_TIERS(X)
#undef X
    };
    return WORDS[t];
}

bool coach_tier_parse(Str name, CoachTier *ret)
{
    for (int t = 0; t < COACH_N_TIERS; t++)
        if (str_eq_c(name, coach_tier_name((CoachTier)t))) {
            *ret = (CoachTier)t;
            return true;
        }
    return false;
}

CoachThirds coach_thirds(double *closings, int64_t n)
{
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(closings[i]))
            closings[known++] = closings[i];
    return (CoachThirds){stats_quantile(closings, known, 1.0 / 3.0),
                         stats_quantile(closings, known, 2.0 / 3.0)};
}

CoachTier coach_tier(double tenure_days, double closings, CoachThirds thirds)
{
    if (tenure_days < 365)
        return COACH_TIER_NEW;
    double c = isnan(closings) ? 0 : closings;
    if (c > thirds.upper)
        return COACH_TIER_TOP;
    return c <= thirds.lower && thirds.lower < thirds.upper ? COACH_TIER_LOW : COACH_TIER_MIDDLE;
}

/* ---- beliefs ------------------------------------------------------------------------------------------------------- */

CoachBelief coach_belief(double prior_effect)
{
    CoachBelief b = {.n = {0}};
    for (int i = 0; i < COACH_N_TIERS; i++) {
        b.mean[i] = prior_effect;
        for (int j = 0; j < COACH_N_TIERS; j++)
            b.cov[i][j] =
                COACH_LEARN_COMMON * COACH_LEARN_COMMON + (i == j ? COACH_LEARN_TIER * COACH_LEARN_TIER : 0);
    }
    return b;
}

double coach_belief_sd(const CoachBelief *b, CoachTier t)
{
    return sqrt(fmax(b->cov[t][t], 0));
}

/* Seeing h' e + noise of this variance, off its expectation by `off`. */
static void see(CoachBelief *b, const double *h, double off, double variance)
{
    double cov_h[COACH_N_TIERS] = {0}, total = variance;
    if (!(isfinite(off) && isfinite(variance) && variance > 0))
        return;
    for (int i = 0; i < COACH_N_TIERS; i++)
        for (int j = 0; j < COACH_N_TIERS; j++)
            cov_h[i] += b->cov[i][j] * h[j];
    for (int i = 0; i < COACH_N_TIERS; i++)
        total += h[i] * cov_h[i];
    for (int i = 0; i < COACH_N_TIERS; i++) {
        b->mean[i] += cov_h[i] / total * off;
        for (int j = 0; j < COACH_N_TIERS; j++)
            b->cov[i][j] -= cov_h[i] / total * cov_h[j];
        b->n[i] += h[i] > 0;
    }
}

static void see_tier(CoachBelief *b, CoachTier t, double z, double off, double variance)
{
    double h[COACH_N_TIERS] = {0};
    h[t] = z;
    if (z > 0 && isfinite(z))
        see(b, h, off, variance);
}

void coach_learn_change(CoachBelief *b, CoachTier t, double z, double change, double variance)
{
    see_tier(b, t, z, change - z * b->mean[t], variance);
}

void coach_learn_goal(CoachBelief *b, CoachTier t, double z, double margin, bool reached)
{
    double p = sigmoid(margin + z * b->mean[t]), weight = fmax(p * (1 - p), 1e-4);
    see_tier(b, t, z, ((reached ? 1 : 0) - p) / weight, 1 / weight);
}

void coach_learn_estimate(CoachBelief *b, CoachTier t, double estimate, double se)
{
    see_tier(b, t, 1, estimate - b->mean[t], se * se);
}

void coach_learn_study(CoachBelief *b, const double *h, double estimate, double se)
{
    double expected = 0;
    for (int i = 0; i < COACH_N_TIERS; i++) {
        if (!(h[i] >= 0 && isfinite(h[i])))
            return;
        expected += h[i] * b->mean[i];
    }
    see(b, h, estimate - expected, se * se);
}

/* ---- choice -------------------------------------------------------------------------------------------------------- */

void coach_learn_draw(const CoachBelief *beliefs, int n, CoachTier t, StatsRng *rng, double *effect)
{
    for (int k = 0; k < n; k++)
        effect[k] = beliefs[k].mean[t] + coach_belief_sd(&beliefs[k], t) * stats_normal(rng);
}

/* delta of an open intervention: normal, cut at most. */
typedef struct Delta {
    double mean, sd, most;
} Delta;

/* Chance that delta stays below x; or_equal: at x too, which matters at the cap alone. */
static double below(const Delta *d, double x, bool or_equal)
{
    if (x > d->most || (or_equal && x >= d->most))
        return 1;
    return stats_normal_cdf((x - d->mean) / d->sd);
}

/* Chance that all others are beaten by k with x: the earlier ones must be less, the later ones may be equal. */
static double all_below(const Delta *d, int n, int k, double x)
{
    double p = 1;
    for (int j = 0; j < n && p > 0; j++)
        if (j != k)
            p *= below(&d[j], x, j > k);
    return p;
}

/* Midpoint rule over the values that are above 0 and below the cap, then the mass at the cap. */
static double first(const Delta *d, int n, int k)
{
    double lo = fmax(d[k].mean - REACH * d[k].sd, 0), hi = fmin(d[k].mean + REACH * d[k].sd, d[k].most),
           p = 0;
    double step = (hi - lo) / STEPS;
    for (int s = 0; s < STEPS && step > 0; s++) {
        double x = lo + (s + 0.5) * step;
        p += step * stats_normal_density((x - d[k].mean) / d[k].sd) / d[k].sd * all_below(d, n, k, x);
    }
    if (isfinite(d[k].most) && d[k].most > 0)
        p += (1 - stats_normal_cdf((d[k].most - d[k].mean) / d[k].sd)) * all_below(d, n, k, d[k].most);
    return p;
}

void coach_learn_propensity(const CoachBelief *beliefs, CoachTier t, const CoachOpen *open, int n_open,
                            double *ret)
{
    Delta d[COACH_PLAYS_MAX];
    for (int o = 0; o < n_open; o++)
        d[o] = (Delta){.mean = beliefs[open[o].play].mean[t] * open[o].share,
                       .sd = fmax(coach_belief_sd(&beliefs[open[o].play], t) * open[o].share, 1e-9),
                       .most = open[o].most};
    double sum = 0, none = 1;
    for (int o = 0; o < n_open; o++) {
        ret[o] = first(d, n_open, o);
        sum += ret[o];
        none *= below(&d[o], 0, true);
    }
    /* One of them is first unless none helps, which is known exactly: the integrals' errors are taken out of their sum. */
    double to_one = sum > 0 ? (1 - none) / sum : 0;
    for (int o = 0; o < n_open; o++)
        ret[o] = (1 - COACH_LEARN_EXPLORE) * ret[o] * to_one + COACH_LEARN_EXPLORE / n_open;
}

/* The chosen one to the front; it may not have been among the best. */
static int put_first(CoachChoice ret[static COACH_CHOICES], int n, const CoachOpen *open)
{
    int at = 0;
    while (at < n && ret[at].play != open->play)
        at++;
    CoachChoice c = {.play = open->play, .n_drivers = open->n_drivers};
    for (int i = 0; i < open->n_drivers; i++)
        c.drivers[i] = open->drivers[i];
    if (at < n)
        c = ret[at];
    else
        n = MIN(n + 1, COACH_CHOICES);
    for (int i = MIN(at, n - 1); i > 0; i--)
        ret[i] = ret[i - 1];
    ret[0] = c;
    return n;
}

int coach_learn_choose(const CoachPlaybook *book, const CoachBelief *beliefs, CoachTier t,
                       const CoachOpen *open, int n_open, double margin, StatsRng *rng,
                       CoachChoice ret[static COACH_CHOICES], double *ret_propensity)
{
    double effect[COACH_PLAYS_MAX], p[COACH_PLAYS_MAX];
    *ret_propensity = NAN;
    if (n_open == 0)
        return 0;
    coach_learn_draw(beliefs, book->n, t, rng, effect);
    int n = coach_choose_best(book, open, n_open, margin, effect, ret);
    if (stats_uniform(rng) < COACH_LEARN_EXPLORE)
        n = put_first(ret, n, &open[stats_below(rng, n_open)]);
    coach_learn_propensity(beliefs, t, open, n_open, p);
    double none = 1;
    for (int o = 0; o < n_open; o++) {
        none -= p[o];
        if (n > 0 && open[o].play == ret[0].play)
            *ret_propensity = p[o];
    }
    if (n == 0)
        *ret_propensity = fmax(none, LEAST);
    for (int i = 0; i < n; i++) { /* what is shown is what is expected, not what was drawn */
        int o = 0;
        while (open[o].play != ret[i].play)
            o++;
        double delta = coach_choose_delta(&open[o], beliefs[ret[i].play].mean[t]);
        ret[i].score = sigmoid(margin + delta) - sigmoid(margin);
    }
    return n;
}

/* ---- the log ------------------------------------------------------------------------------------------------------- */

ErrKind coach_learn_value(const CoachLogged *log, int64_t n, int32_t n_agents, StatsEstimate *ret,
                          Err *reterr)
{
    if (n < 2 || n_agents < 2)
        return err_set(reterr, ERR_INVALID,
                       "the value of a choice needs decisions about two agents at least");
    CLEANUP(mem_freep) double *one = mem_array((size_t)n, sizeof *one);
    CLEANUP(mem_freep) double *v = mem_array((size_t)n, sizeof *v);
    CLEANUP(mem_freep) int32_t *id = mem_array((size_t)n, sizeof *id);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    for (int64_t i = 0; i < n; i++) {
        const CoachLogged *l = &log[i];
        if (!(l->logged_p > 0 && l->logged_p <= 1))
            return err_set(reterr, ERR_INVALID, "decision %lld: a propensity of %g", (long long)i + 1,
                           l->logged_p);
        one[i] = 1;
        id[i] = l->agent;
        v[i] = l->judged_expected + l->judged_p / l->logged_p * (l->reward - l->expected);
    }
    TRY(stats_ols(one, v, NULL, n, 1, &o, reterr));
    return stats_ols_of(o, (const double[]){1}, (StatsClusters){id, n_agents}, 0.95, ret, reterr);
}

ErrKind coach_learn_ratio(const CoachLogged *log, int64_t n, int32_t n_agents, StatsEstimate *ret,
                          Err *reterr)
{
    size_t rows = (size_t)MAX(n, 1);
    CLEANUP(mem_freep) double *one = mem_array(rows, sizeof *one);
    CLEANUP(mem_freep) double *r = mem_array(rows, sizeof *r);
    CLEANUP(mem_freep) double *weight = mem_array(rows, sizeof *weight);
    CLEANUP(mem_freep) int32_t *id = mem_array(rows, sizeof *id);
    CLEANUP(mem_freep) int32_t *number = mem_array((size_t)MAX(n_agents, 1), sizeof *number);
    CLEANUP(stats_ols_freep) StatsOls *o = NULL;
    int64_t used = 0;
    int32_t agents = 0;
    for (int64_t i = 0; i < n; i++) {
        const CoachLogged *l = &log[i];
        if (!(l->judged_p > 0 && l->logged_p > 0))
            continue;
        if (number[l->agent] == 0)
            number[l->agent] = ++agents;
        one[used] = 1;
        r[used] = l->reward;
        weight[used] = l->judged_p / l->logged_p;
        id[used++] = number[l->agent] - 1;
    }
    if (agents < 2)
        return err_set(reterr, ERR_INVALID, "the log holds what it would do for %d agents: two at least",
                       agents);
    TRY(stats_ols(one, r, weight, used, 1, &o, reterr));
    return stats_ols_of(o, (const double[]){1}, (StatsClusters){id, agents}, 0.95, ret, reterr);
}

double coach_learn_effective(const CoachLogged *log, int64_t n)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) {
        double w = log[i].judged_p / log[i].logged_p;
        sum += w;
        squares += w * w;
    }
    return squares > 0 ? sum * sum / squares : 0;
}
